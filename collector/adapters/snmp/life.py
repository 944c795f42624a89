"""The Printer-MIB's life count: which marker row is the printer's own, and what it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import Facts
from collector.adapters.snmp.numbers import PLAIN
from collector.adapters.snmp.session import Oid, Session, Value


@dataclass(frozen=True, slots=True)
class Life:
    """The chosen prtMarkerLifeCount and its unit; `several` where no row could be chosen.

    `power_on` is where the pages since the machine was switched on stand, where it says so.
    """

    oid: Oid | None = None
    unit: int | None = None
    several: bool = False
    power_on: Oid | None = None

    def counts(self, *, sheets_are_impressions: bool) -> str | None:
        """Return "life" for printed sides, "sheets", "life_unstated", or None for no pages.

        The unit rule: 7 is impressions. A missing unit is taken for impressions: the column is
        mandatory, only cut-down agents and recordings drop it. 8 is sheets, unless the profile
        knows that the maker counts sides and names the unit wrongly (Ricoh, Brother). Feet,
        hours, characters and the like are no pages. Anything else (1 is other, 2 unknown) is a
        count whose unit is not known.
        """
        if self.unit in {None, mib.UNIT_IMPRESSIONS}:
            return "life"
        if self.unit == mib.UNIT_SHEETS:
            return "life" if sheets_are_impressions else "sheets"
        return None if self.unit in mib.UNITS_OF_OTHER_THINGS else "life_unstated"


async def find_life(session: Session, facts: Facts) -> Life:
    """Choose the marker row of the printer: its default marker, or the only one that counts.

    A second or third marker row is neither mono nor colour (RFC 3805 says no such thing), so
    several rows with different counts and no default are left alone.
    """
    printers = {one.index for one in facts.devices if one.type == mib.TYPE_PRINTER}
    markers = facts.markers
    own = {oid: value for oid, value in markers.items() if oid[-2] in printers} or markers
    rows = {oid: value for oid, value in own.items() if PLAIN.is_counter(value)}
    if not rows:
        return Life()
    chosen = await _default_marker(session, rows) or _only(rows)
    if chosen is None:
        return Life(several=True)
    unit, power_on = (*mib.MARKER_UNIT, *chosen[-2:]), (*mib.MARKER_POWER_ON, *chosen[-2:])
    said = await session.get((unit, power_on))
    answered = said.get(unit)
    return Life(
        chosen,
        answered if isinstance(answered, int) else None,
        power_on=power_on if power_on in said else None,
    )


async def _default_marker(session: Session, rows: Mapping[Oid, Value]) -> Oid | None:
    if len(rows) == 1:
        return next(iter(rows))
    defaults = await session.walk(mib.DEFAULT_MARKER)
    wanted = [
        (*mib.MARKER_LIFE, oid[-1], value)
        for oid, value in sorted(defaults.items())
        if isinstance(value, int)
    ]
    return next((one for one in wanted if one in rows), None)


def _only(rows: Mapping[Oid, Value]) -> Oid | None:
    return _same(oid for oid, value in rows.items() if value) or _same(rows)


def _same(oids: Iterable[Oid]) -> Oid | None:
    found = tuple(oids)
    return found[0] if len(found) == 1 else None
