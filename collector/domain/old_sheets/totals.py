"""The total of each month of a place: as the sheet says it, or as the sum of its parts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.old_sheets.cells import Remarks, Sheet
from collector.domain.old_sheets.usage import Counted, Counts
from collector.domain.reading import PlaceId

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
            counted = {TOTAL: Counted(total, first.source), **counted}
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


def _check(counted: Mapping[Meter, Counted], sheet: Sheet, remarks: Remarks) -> None:
    total = counted[TOTAL]
    colours = [counted[one].pages for one in (TOTAL_MONO, TOTAL_COLOR) if one in counted]
    if sum(colours) > total.pages:
        where = counted.get(TOTAL_COLOR) or counted[TOTAL_MONO]
        message = (
            f"モノクロ and カラー come to {sum(colours)} pages, more than the total {total.pages}"
            f" in {sheet.spot(total.source.line, total.source.column)}; correct one of them"
        )
        remarks.refuse(where.source.line, where.source.column, message)


def _tell_no_total(
    counts: Counts, month: str, parts: Sequence[Meter], first: Counted, remarks: Remarks
) -> None:
    """Refuse meters that are no total together; tell of a month in which a part is blank."""
    where = (first.source.line, first.source.column)
    if TOTAL in counts.meters or parts:
        missing = [one for one in parts if month not in counts.meters.get(one, {})] or [TOTAL]
        message = (
            f"{month} of {counts.place} was left out: {' and '.join(missing)} is not known there"
        )
        remarks.tell(*where, message)
        return
    known = ", ".join(sorted(counts.meters))
    message = f"{known} alone is not the total of {counts.place}; add a column 合計 (total)"
    remarks.refuse(counts_line(counts), None, message)


def counts_line(counts: Counts) -> int:
    """Return the first line that speaks of the place."""
    return min(one.source.line for of in counts.meters.values() for one in of.values())


def _month(
    place: PlaceId, month: str, counted: Mapping[Meter, Counted], first: Counted, sheet: Sheet
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
