"""From a sheet's figures to what each meter of a place counted in each month."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Remarks, Sheet
from collector.domain.old_sheets.headings import Role
from collector.domain.old_sheets.months import month_before
from collector.domain.old_sheets.rows import Observed
from collector.domain.sentence import Fact, Sentence, sentence
from collector.domain.spelling import fold

Roles = Mapping[Role, Mapping[str, Observed]]
"""What a meter's figures are, and by month."""


@dataclass(frozen=True, slots=True)
class SheetPages:
    """Pages of one meter in one month; the readings where the sheet has them; where it stands."""

    pages: int
    source: Observed
    opening: int | None = None
    closing: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the meters of one place counted, by meter and month."""

    place: PlaceId
    meters: Mapping[Meter, Mapping[str, SheetPages]]


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
            message = sentence(
                "sheet.stands_twice",
                month=one.month,
                place=one.place,
                where=sheet.fact(*_cell(other)),
            )
            remarks.refuse(one.line, one.column, message)
    return list(first.values())


def _cell(one: Observed) -> tuple[int, int]:
    return one.line, one.column


def _counted(roles: Roles, sheet: Sheet, remarks: Remarks) -> dict[str, SheetPages]:
    used, closings = roles.get(Role.USED, {}), roles.get(Role.CLOSING, {})
    found: dict[str, SheetPages] = {}
    for month in sorted({*used, *closings}):
        one = _of_month(month, roles, sheet, remarks)
        if one is not None:
            found[month] = one
    return found


def _of_month(month: str, roles: Roles, sheet: Sheet, remarks: Remarks) -> SheetPages | None:
    used, closing, stated = (roles.get(role, {}).get(month) for role in Role)
    before = roles.get(Role.CLOSING, {}).get(month_before(month))
    opening = before if stated is None else stated
    if closing is None:
        return None if used is None else SheetPages(used.value, used)
    if stated is not None and before is not None and stated.value != before.value:
        message = sentence(
            "sheet.another_opening",
            value=stated.value,
            before=before.value,
            where=sheet.fact(*_cell(before)),
        )
        remarks.tell(*_cell(stated), message)
    if opening is None:
        if used is None:
            _tell_no_opening(month, closing, roles, remarks)
            return None
        return SheetPages(used.value, used, None, closing.value)
    return _between(opening, closing, used, sheet, remarks, is_stated=stated is not None)


def _tell_no_opening(month: str, closing: Observed, roles: Roles, remarks: Remarks) -> None:
    if month == min(roles[Role.CLOSING]):
        message = sentence("sheet.only_opens", month=month)
        remarks.tell(closing.line, closing.column, message)
        return
    message = sentence("sheet.no_opening", month=month, before=month_before(month))
    remarks.tell(closing.line, closing.column, message)


def _between(
    opening: Observed,
    closing: Observed,
    used: Observed | None,
    sheet: Sheet,
    remarks: Remarks,
    *,
    is_stated: bool,
) -> SheetPages | None:
    grown = closing.value - opening.value
    where = sheet.fact(*_cell(opening))
    if grown < 0 and used is not None and not is_stated:
        message = sentence(
            "sheet.below_but_used",
            value=closing.value,
            before=opening.value,
            where=where,
            pages=used.value,
        )
        remarks.tell(*_cell(closing), message)
        return SheetPages(used.value, used, None, closing.value)
    if grown < 0:
        below: dict[str, Fact] = {"value": closing.value, "before": opening.value}
        message = Sentence("sheet.below", {**below, "where": where})
        remarks.refuse(*_cell(closing), message)
        return None
    if used is not None and used.value != grown:
        message = sentence(
            "sheet.no_difference",
            value=used.value,
            one=sheet.fact(*_cell(closing)),
            other=where,
            difference=grown,
        )
        remarks.refuse(*_cell(used), message)
        return None
    return SheetPages(grown, used or closing, opening.value, closing.value)


# The total of each month of a place: as the sheet says it, or as the sum of its parts.


_SERVICES = ("copy", "print", "fax", "other")


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """What a sheet says that `place` counted in the closing month called `month`, by meter.

    `opening` and `closing` are meters where it has readings. `source` says where it stands.
    """

    place: PlaceId
    month: str
    pages: Mapping[Meter, int]
    source: str
    line: int
    column: int
    opening: Mapping[Meter, int] = field(default_factory=dict)
    closing: Mapping[Meter, int] = field(default_factory=dict)


def months_of(
    counts: Counts, named: Collection[Meter], sheet: Sheet, remarks: Remarks
) -> Iterator[SheetMonth]:
    """Yield the months of one place of which the total is known.

    `named` are the meters that the sheet has: one of them that is blank in every month is one that
    the machine does not have, one that is blank in one month is not known there.
    """
    parts = _parts(counts.meters.keys(), named)
    for month in sorted({month for months in counts.meters.values() for month in months}):
        counted = {meter: of[month] for meter, of in counts.meters.items() if month in of}
        first = counted.get(TOTAL) or min(
            counted.values(), key=lambda one: (one.source.line, one.source.column)
        )
        if TOTAL in counted:
            _check(counted, sheet, remarks)
        elif parts and all(part in counted for part in parts):
            total = sum(counted[part].pages for part in parts)
            counted = {TOTAL: SheetPages(total, first.source), **counted}
        else:
            _tell_no_total(counts, month, parts, first, remarks)
            continue
        yield _month(counts.place, month, counted, first, sheet)


def _parts(meters: Collection[Meter], named: Collection[Meter]) -> Sequence[Meter]:
    """Return those of a machine's `meters` that add up to its total; none where none do."""
    own = {*meters}
    if {TOTAL_MONO, TOTAL_COLOR} <= {*named} and own & {TOTAL_MONO, TOTAL_COLOR}:
        return sorted(own & {TOTAL_MONO, TOTAL_COLOR})
    found: list[Meter] = []
    services = set[str]()
    for service in _SERVICES:
        whole = Meter(service)
        colours = {Meter(f"{service}_mono"), Meter(f"{service}_color")}
        if whole in named or colours <= {*named}:
            services.add(service)
        found += [whole] if whole in own else sorted(own & colours if colours <= {*named} else ())
    return found if {"copy", "print"} <= services else ()


def _check(counted: Mapping[Meter, SheetPages], sheet: Sheet, remarks: Remarks) -> None:
    total = counted[TOTAL]
    colours = [counted[one].pages for one in (TOTAL_MONO, TOTAL_COLOR) if one in counted]
    if sum(colours) > total.pages:
        where = counted.get(TOTAL_COLOR) or counted[TOTAL_MONO]
        message = sentence(
            "sheet.colours_above_total",
            pages=sum(colours),
            total=total.pages,
            where=sheet.fact(total.source.line, total.source.column),
        )
        remarks.refuse(where.source.line, where.source.column, message)


def _tell_no_total(
    counts: Counts, month: str, parts: Sequence[Meter], first: SheetPages, remarks: Remarks
) -> None:
    """Refuse meters that are no total together; tell of a month in which a part is blank."""
    where = (first.source.line, first.source.column)
    if TOTAL in counts.meters or parts:
        missing = [one for one in parts if month not in counts.meters.get(one, {})] or [TOTAL]
        names: Fact = missing[0]
        for one in missing[1:]:
            names = sentence("list.and", first=names, others=one)
        message = sentence("sheet.part_missing", month=month, place=counts.place, meters=names)
        remarks.tell(*where, message)
        return
    known = tuple(sorted(counts.meters))
    message = sentence("sheet.no_total", meters=known, place=counts.place)
    remarks.refuse(counts_line(counts), None, message)


def counts_line(counts: Counts) -> int:
    """Return the first line that speaks of the place."""
    return min(one.source.line for of in counts.meters.values() for one in of.values())


def _month(
    place: PlaceId, month: str, counted: Mapping[Meter, SheetPages], first: SheetPages, sheet: Sheet
) -> SheetMonth:
    line, column = first.source.line, first.source.column
    return SheetMonth(
        place=place,
        month=month,
        pages={meter: one.pages for meter, one in sorted(counted.items())},
        source=sheet.where(line, column),
        line=line,
        column=column,
        opening={m: one.opening for m, one in counted.items() if one.opening is not None},
        closing={m: one.closing for m, one in counted.items() if one.closing is not None},
    )


# Whether a sheet's figures are readings of the meters or the pages of each month.
#
# Headings that say it decide. Without them the figures do: readings only grow, and over half a
# year
# no office prints more in every month than in the one before. Where that does not tell, a title
# may;
# and else a person must.


_MONTHS_TO_GROW: Final = 6
_STEPS: Final = 5
_FEW_FALLS: Final = 0.1
_MANY_FALLS: Final = 0.25

_TOTALS_WORDS: Final = ("使用枚数", "利用枚数", "印刷枚数", "使用量", "使用面数", "usage", "used")
_READING_WORDS: Final = ("指針", "検針値", "カウンター値", "カウンタ値", "reading")


class SheetKind(StrEnum):
    """What an old sheet holds."""

    READINGS = "readings"
    TOTALS = "totals"


@dataclass(frozen=True, slots=True)
class SettledKind:
    """What a sheet holds, by what that is known, and its figures, each with its role."""

    kind: SheetKind
    because: Sentence
    observed: tuple[Observed, ...]


def settled(
    observed: Sequence[Observed], stated: SheetKind | None, titles: Iterable[str]
) -> SettledKind | None:
    """Return what `observed` are; None where neither headings nor figures nor titles tell.

    What a person `stated` wins, unless the sheet has readings as well as pages and says which are
    which.
    """
    said = {one.role for one in observed if one.role is not None}
    if stated is not None:
        return SettledKind(
            stated, sentence("kind.as_you_said"), tuple(_as_stated(observed, said, stated))
        )
    if said:
        kind = SheetKind.READINGS if said & {Role.CLOSING, Role.OPENING} else SheetKind.TOTALS
        return SettledKind(kind, sentence("kind.headings"), tuple(_filled(observed, Role.USED)))
    figures, title = _by_figures(observed), _by_titles(titles)
    if figures is not None and title not in {None, figures}:
        return None
    kind_found = figures or title
    if kind_found is None:
        return None
    because = sentence("kind.title")
    if figures is not None:
        readings = figures is SheetKind.READINGS
        because = sentence("kind.grow" if readings else "kind.rise_and_fall")
    return SettledKind(kind_found, because, tuple(_filled(observed, _role(kind_found))))


def _role(kind: SheetKind) -> Role:
    return Role.CLOSING if kind is SheetKind.READINGS else Role.USED


def _filled(observed: Iterable[Observed], role: Role) -> Iterator[Observed]:
    for one in observed:
        yield replace(one, role=role) if one.role is None else one


def _as_stated(
    observed: Iterable[Observed], said: set[Role], stated: SheetKind
) -> Iterator[Observed]:
    of_one_sort = len(said) <= 1 and Role.OPENING not in said
    for one in observed:
        yield replace(one, role=_role(stated)) if of_one_sort or one.role is None else one


def _by_titles(titles: Iterable[str]) -> SheetKind | None:
    folded = [fold(title) for title in titles]
    totals = any(word in title for title in folded for word in _TOTALS_WORDS)
    readings = any(word in title for title in folded for word in _READING_WORDS)
    if totals == readings:
        return None
    return SheetKind.TOTALS if totals else SheetKind.READINGS


def _by_figures(observed: Iterable[Observed]) -> SheetKind | None:
    series: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for one in observed:
        series[one.place, one.meter][one.month] = one.value
    rises = 0
    falls: dict[str, int] = defaultdict(int)
    for values in series.values():
        for (_, before), (month, after) in pairwise(sorted(values.items())):
            rises += after > before
            if after < before:
                falls[month] += 1
    fallen = sum(falls.values())
    steps = rises + fallen
    months = {month for values in series.values() for month in values}
    if len(months) >= _MONTHS_TO_GROW and steps >= _STEPS and fallen <= _FEW_FALLS * steps:
        return SheetKind.READINGS
    if len(falls) > 1 and fallen >= _MANY_FALLS * steps:
        return SheetKind.TOTALS
    return None
