"""From a sheet's figures to what each meter of a place counted in each month."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from collector.domain.meters import Meter
from collector.domain.old_sheets.cells import Remarks, Sheet
from collector.domain.old_sheets.headings import Role
from collector.domain.old_sheets.months import month_before
from collector.domain.old_sheets.rows import Observed
from collector.domain.reading import PlaceId

_EXCHANGED: Final = (
    "if the machine was exchanged or its counter began anew, add columns 前月指針 (opening reading)"
    " or 使用枚数 (pages used) for that month"
)

Roles = Mapping[Role, Mapping[str, Observed]]
"""What a meter's figures are, and by month."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Pages of one meter in one month; the readings where the sheet has them; where it stands."""

    pages: int
    source: Observed
    opening: int | None = None
    closing: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the meters of one place counted, by meter and month."""

    place: PlaceId
    meters: Mapping[Meter, Mapping[str, Counted]]


def counts_of(observed: Iterable[Observed], sheet: Sheet, remarks: Remarks) -> tuple[Counts, ...]:
    """Return what every place counted; refuses figures that stand twice or contradict."""
    by_place: dict[PlaceId, dict[Meter, dict[Role, dict[str, Observed]]]] = {}
    for one in _once(observed, sheet, remarks):
        meters = by_place.setdefault(one.place, {})
        roles = meters.setdefault(one.meter, defaultdict(dict))
        roles[one.role or Role.USED][one.month] = one
    return tuple(
        Counts(place, {meter: _counted(roles, sheet, remarks) for meter, roles in meters.items()})
        for place, meters in by_place.items()
    )


def _once(observed: Iterable[Observed], sheet: Sheet, remarks: Remarks) -> list[Observed]:
    """Return each figure once; two cells for one figure are refused, whatever they say."""
    first: dict[tuple[PlaceId, str, Meter, Role | None], Observed] = {}
    told: set[tuple[int, int]] = set()
    for one in observed:
        other = first.setdefault((one.place, one.month, one.meter, one.role), one)
        pair = (one.line, other.line)
        if other is not one and pair not in told:
            told.add(pair)
            message = (
                f"{one.month} of {one.place} stands here and in {sheet.spot(*_cell(other))};"
                " remove one, or write the sum where two machines stood"
            )
            remarks.refuse(one.line, one.column, message)
    return list(first.values())


def _cell(one: Observed) -> tuple[int, int]:
    return one.line, one.column


def _counted(roles: Roles, sheet: Sheet, remarks: Remarks) -> dict[str, Counted]:
    used, closings = roles.get(Role.USED, {}), roles.get(Role.CLOSING, {})
    found: dict[str, Counted] = {}
    for month in sorted({*used, *closings}):
        one = _of_month(month, roles, sheet, remarks)
        if one is not None:
            found[month] = one
    return found


def _of_month(month: str, roles: Roles, sheet: Sheet, remarks: Remarks) -> Counted | None:
    used, closing, stated = (roles.get(role, {}).get(month) for role in Role)
    before = roles.get(Role.CLOSING, {}).get(month_before(month))
    opening = before if stated is None else stated
    if closing is None:
        return None if used is None else Counted(used.value, used)
    if stated is not None and before is not None and stated.value != before.value:
        message = (
            f"{stated.value} is not the {before.value} in {sheet.spot(*_cell(before))} at the end"
            " of the month before; it was taken for another machine or counter"
        )
        remarks.tell(*_cell(stated), message)
    if opening is None:
        if used is None:
            _tell_no_opening(month, closing, roles, remarks)
            return None
        return Counted(used.value, used, None, closing.value)
    return _between(opening, closing, used, sheet, remarks, is_stated=stated is not None)


def _tell_no_opening(month: str, closing: Observed, roles: Roles, remarks: Remarks) -> None:
    if month == min(roles[Role.CLOSING]):
        message = f"{month}: a first reading only opens; no pages come of it"
        remarks.tell(closing.line, closing.column, message)
        return
    message = f"{month} was left out: no reading stands at the end of {month_before(month)}"
    remarks.tell(closing.line, closing.column, message)


def _between(
    opening: Observed,
    closing: Observed,
    used: Observed | None,
    sheet: Sheet,
    remarks: Remarks,
    *,
    is_stated: bool,
) -> Counted | None:
    grown = closing.value - opening.value
    where = sheet.spot(*_cell(opening))
    if grown < 0 and used is not None and not is_stated:
        message = (
            f"{closing.value} is below the {opening.value} in {where}: another machine or counter;"
            f" its {used.value} pages were taken as they stand"
        )
        remarks.tell(*_cell(closing), message)
        return Counted(used.value, used, None, closing.value)
    if grown < 0:
        message = f"{closing.value} is below the {opening.value} in {where}; {_EXCHANGED}"
        remarks.refuse(*_cell(closing), message)
        return None
    if used is not None and used.value != grown:
        message = (
            f"{used.value} is not the difference of {sheet.spot(*_cell(closing))} and {where},"
            f" which is {grown}; correct one of the three"
        )
        remarks.refuse(*_cell(used), message)
        return None
    return Counted(grown, used or closing, opening.value, closing.value)
