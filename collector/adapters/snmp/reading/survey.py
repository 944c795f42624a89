"""Looks a machine's counters up once, so that formulas can be turned into exact OIDs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.condition.facts import Facts
from collector.adapters.snmp.plan import Cell, PlannedMeter, PlannedTerm, added_up
from collector.adapters.snmp.profiles.numbers import PLAIN, Form, Unreadable, tagged_counters
from collector.adapters.snmp.profiles.review import counted_of, weight_of
from collector.adapters.snmp.profiles.values import (
    CounterTable,
    FormulaTerm,
    Profile,
    RecordSource,
    Scalar,
    Template,
)
from collector.adapters.snmp.reading.rows import (
    CounterRow,
    FoundCells,
    Missing,
    RowReader,
    every,
    pick,
)
from collector.domain.meters import Meter

# The Printer-MIB's life count: which marker row is the printer's own, and what it counts.


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


@dataclass(slots=True)
class Survey:
    """What one machine answers for one profile. Look-ups are pure once it is loaded."""

    profile: Profile
    facts: Facts
    values: dict[Oid, Value] = field(default_factory=dict)
    tables: dict[str, list[tuple[CounterRow, ...]]] = field(default_factory=dict)
    life: Life = field(default_factory=Life)
    model_wrap: int | None = None
    _found: dict[tuple[str, str | None], FoundCells | Missing] = field(default_factory=dict)

    def filled(self, template: Template) -> Oid | None:
        """Return `template` with this machine's part indexes, or None."""
        return self.facts.filled(template, self.profile.parts)

    def find(self, term: FormulaTerm) -> FoundCells | Missing:
        """Return the cells of `term`. What is there but unreadable has a cell all the same."""
        key = (term.source, term.key)
        if key not in self._found:
            self._found[key] = self._find(term)
        return self._found[key]

    def _find(self, term: FormulaTerm) -> FoundCells | Missing:
        source = self.profile.sources.get(term.source)
        if isinstance(source, Scalar):
            return self._scalar(source)
        if isinstance(source, RecordSource):
            return self._record(source, int(term.key or "0", 16))
        if isinstance(source, CounterTable):
            return self._table(term.source, source, term.key or "*")
        return self._life(term.source)

    @property
    def is_record(self) -> bool:
        """Whether an earlier plan read it: no, plans are made of it."""
        return False

    def value(self, term: PlannedTerm) -> int | None:
        """Return what the cells of `term` come to now, or None where they are no number."""
        return added_up(term.cells, self.values)

    def wrap(self, meter: Meter, term: FormulaTerm, found: FoundCells) -> int | None:  # noqa: ARG002 - the record needs it
        """Return the modulus of the counter `term`; None for a sum of rows.

        The machine's own word, the model's, the counter's, the profile's.
        """
        if len(found.cells) != 1:
            return None
        known = counted_of(term, self.profile)
        wrap = found.wrap or self.model_wrap or known.wrap or self.profile.wrap
        return wrap // weight_of(term, self.profile) if wrap is not None else None

    def is_same(self, one: PlannedMeter, other: PlannedMeter) -> bool:
        """Say whether both are read at the same places."""
        first, second = ([replace(t, name="", home="") for t in p.terms] for p in (one, other))
        return first == second

    def _scalar(self, source: Scalar) -> FoundCells | Missing:
        for template in source.oids:
            oid = self.filled(template)
            value = self.values.get(oid) if oid is not None else None
            if oid is not None and source.form.is_counter(value):
                return FoundCells(
                    (Cell(oid, source.form),), readable=source.form.is_readable(value)
                )
        return Missing.ABSENT

    def _record(self, source: RecordSource, tag: int) -> FoundCells | Missing:
        oid = self.filled(source.oid)
        if oid is None:
            return Missing.ABSENT
        try:
            counters = tagged_counters(self.values.get(oid))
        except Unreadable:
            return FoundCells((Cell(oid, source.form, tag),), readable=False)
        absent = source.form.read(counters.get(tag)) is None
        return Missing.ABSENT if absent else FoundCells((Cell(oid, source.form, tag),))

    def _table(self, name: str, table: CounterTable, key: str) -> FoundCells | Missing:
        missing = Missing.ABSENT
        for rows in self.tables.get(name, ()):
            found = every(rows, table) if key == "*" else pick(rows, table, table.rows[key])
            if isinstance(found, FoundCells):
                return found
            if found is Missing.AMBIGUOUS:
                missing = found
        return missing

    def _life(self, name: str) -> FoundCells | Missing:
        life = self.life
        if life.several:
            return Missing.AMBIGUOUS
        counted = life.counts(sheets_are_impressions=self.profile.sheets_are_impressions)
        if life.oid is None or counted != name:
            return Missing.ABSENT
        form = Form(sentinels=self.profile.sentinels)
        value = self.facts.markers.get(life.oid)
        if not form.is_counter(value):
            return Missing.ABSENT
        return FoundCells((Cell(life.oid, form),), readable=form.is_readable(value))


async def look(session: Session, profile: Profile, facts: Facts) -> Survey:
    """Ask for everything the formulas of `profile` may need."""
    survey = Survey(profile, facts)
    wanted: list[Oid] = []
    rows = RowReader(session, facts, profile.parts)
    for name, source in profile.sources.items():
        if isinstance(source, CounterTable):
            survey.tables[name] = await rows.places(source)
        else:
            templates = source.oids if isinstance(source, Scalar) else (source.oid,)
            wanted += [oid for oid in map(survey.filled, templates) if oid is not None]
    wanted += identity_oids(survey)
    survey.values |= facts.base
    if wanted:
        survey.values |= await session.get(tuple(dict.fromkeys(wanted)))
    survey.life = await find_life(session, facts)
    places = (place for one in survey.tables.values() for place in one)
    survey.values |= {row.oid: row.value for place in places for row in place}
    survey.values |= facts.markers
    return survey


def identity_oids(survey: Survey) -> list[Oid]:
    """Return where the machine may say its serial, model and firmware."""
    rules, printer = survey.profile.identity, survey.facts.printer
    texts = (*rules.serial, *rules.model, *rules.firmware)
    filled = (survey.filled(text.oid) for text in texts if text.oid is not None)
    descr = [(*mib.DEVICE_DESCR, printer.index)] if printer is not None and printer.descr else []
    return [*(oid for oid in filled if oid is not None), *descr]
