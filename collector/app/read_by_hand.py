"""Take a reading off the panel in: checked against the readings before and after it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from collector.app.ground import Ground
from collector.domain.books import from_the_panel
from collector.domain.entries import ManualReading, in_force
from collector.domain.identity import Sameness, compare
from collector.domain.meters import Meter
from collector.domain.reading import PlaceId, Reading, Stay
from collector.ports import Ledger

_BEGINNING: Final = datetime(1971, 1, 1, tzinfo=UTC)
_END: Final = datetime(9000, 1, 1, tzinfo=UTC)


async def problems_of(ledger: Ledger, ground: Ground, entry: ManualReading) -> tuple[str, ...]:
    """Return why `entry` cannot be, a sentence each: none where it fits what was read around it.

    A value may not be below the one read before nor above the one read after, and not more than
    the machine can have printed in between.
    """
    readings = await _around(ledger, entry.place, entry)
    at = [one for one in readings if one.at == entry.at]
    if at:
        return ("there is a reading of that very second already; give another time",)
    before = [one for one in readings if one.at < entry.at]
    after = [one for one in readings if one.at > entry.at]
    problems: list[str] = []
    for meter, value in entry.meters.items():
        low, high = _last(before, meter), _first(after, before, meter)
        problems += _misfits(ground, entry, meter, value, (low, high))
    return tuple(problems)


async def _around(ledger: Ledger, place: PlaceId, entry: ManualReading) -> Sequence[Reading]:
    entered = in_force(await ledger.entries(place))
    by_hand = (
        from_the_panel(one)
        for one in entered
        if isinstance(one, ManualReading) and one.id != entry.replaces
    )
    stored = await ledger.readings(place, _BEGINNING, _END)
    counted = (one for one in stored if one.stay is not Stay.TWICE)
    return sorted([*counted, *by_hand], key=lambda one: one.at)


def _last(before: Sequence[Reading], meter: Meter) -> Reading | None:
    return next((one for one in reversed(before) if meter in one.answer.meters), None)


def _first(after: Iterable[Reading], before: Sequence[Reading], meter: Meter) -> Reading | None:
    """Return the next reading of `meter`, unless another machine or a reset came in between."""
    found = next((one for one in after if meter in one.answer.meters), None)
    known = _last(before, meter)
    if found is None or known is None:
        return found
    other = compare(known.answer.identity, found.answer.identity) is Sameness.OTHER
    fell = found.answer.meters[meter] < known.answer.meters[meter]
    return None if other or fell else found


def _misfits(
    ground: Ground,
    entry: ManualReading,
    meter: Meter,
    value: int,
    around: tuple[Reading | None, Reading | None],
) -> Iterable[str]:
    before, after = around
    zone = ground.office.zone
    if before is not None:
        read, then = before.answer.meters[meter], f"{before.at.astimezone(zone):%Y-%m-%d %H:%M}"
        if value < read:
            yield f"{meter}: {value} is below the {read} read on {then}"
        most = ground.rules.allowance(before.answer.rated_ipm, entry.at - before.at)
        if value - read > most:
            yield (
                f"{meter}: {value} is {value - read} more than on {then}, which is more than a"
                " copier prints in that time"
            )
    if after is not None and value > (read := after.answer.meters[meter]):
        then = f"{after.at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield f"{meter}: {value} is above the {read} read on {then}"
