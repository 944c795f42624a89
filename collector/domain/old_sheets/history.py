"""An old sheet read whole: its months, what refuses it, and what a person should know of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from collector.domain.meters import Meter
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Remarks, Sheet, SheetHint, SheetRemark
from collector.domain.old_sheets.months import Stated, year_in
from collector.domain.old_sheets.places import Places
from collector.domain.old_sheets.rows import Axis, Observed, TableReader
from collector.domain.old_sheets.tables import SheetTable, tables_of
from collector.domain.old_sheets.usage import SheetKind, SheetMonth, counts_of, months_of, settled
from collector.domain.sentence import Sentence, sentence

_NO_HEADINGS: Final = sentence("sheet.no_headings")
_NO_KIND: Final = sentence("sheet.no_kind")


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What the reader of a sheet says of it.

    `year` is the fiscal year of months without one; `called` are places by the names that the
    sheet has for them, None for rows to leave out; months before `since` or after `until` are
    left out.
    """

    kind: SheetKind | None = None
    year: int | None = None
    called: Mapping[str, PlaceId | None] = field(default_factory=dict)
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class SheetHistory:
    """What was read from a sheet; with `flaws` its months must not be used."""

    months: tuple[SheetMonth, ...] = ()
    flaws: tuple[SheetRemark, ...] = ()
    notes: tuple[SheetRemark, ...] = ()
    kind: SheetKind | None = None
    because: Sentence | None = None
    layouts: tuple[Axis, ...] = ()


def read_history(sheet: Sheet, fleet: Fleet, office: Office, options: SheetOptions) -> SheetHistory:
    """Return the months of places that `sheet` states.

    Every problem is among `flaws`, with its cell. Fiscal years begin as the office's do.
    """
    remarks = Remarks()
    places = Places(fleet, office, options.called)
    tables = [_dated(table, sheet, options) for table in tables_of(sheet, places)]
    if not tables:
        remarks.refuse(0, None, _NO_HEADINGS)
    axes: dict[Axis, None] = {}
    observed: list[Observed] = []
    for table in tables:
        axis, found = TableReader(table, places, office.year_begins, remarks).read()
        observed += found
        axes |= {} if axis is None else {axis: None}
    months, kind, because = _months(sheet, tables, observed, options, remarks)
    return SheetHistory(
        months=tuple(months),
        flaws=_ordered(remarks.flaws),
        notes=_ordered(remarks.notes),
        kind=kind,
        because=because,
        layouts=tuple(axes),
    )


def _dated(table: SheetTable, sheet: Sheet, options: SheetOptions) -> SheetTable:
    """Return `table` with the year it is about: as its reader says, else a title, else a name."""
    if options.year is not None:
        return replace(table, year=Stated(year=options.year, fiscal=True))
    if table.year is None:
        year = year_in(sheet.file.rpartition(".")[0])
        return replace(table, year=year if year is not None and year.fiscal else None)
    return table


def _months(
    sheet: Sheet,
    tables: Sequence[SheetTable],
    observed: Sequence[Observed],
    options: SheetOptions,
    remarks: Remarks,
) -> tuple[list[SheetMonth], SheetKind | None, Sentence | None]:
    if not observed:
        if tables and not remarks.flaws:
            remarks.refuse(0, None, sentence("sheet.no_figure"))
        return [], None, None
    titles = [title for table in tables for title in table.titles]
    found = settled(observed, options.kind, [*titles, sheet.name or ""])
    if found is None:
        remarks.refuse(0, None, _NO_KIND, SheetHint.KIND)
        return [], None, None
    named = {one.meter for one in observed} | _named(tables)
    months = [
        month
        for counts in counts_of(found.observed, sheet, remarks)
        for month in months_of(counts, named, sheet, remarks)
    ]
    return list(_within(months, options)), found.kind, found.because


def _named(tables: Sequence[SheetTable]) -> set[Meter]:
    return {c.heading.meter for table in tables for c in table.figures if c.heading is not None}


def _within(months: Sequence[SheetMonth], options: SheetOptions) -> Iterator[SheetMonth]:
    for one in months:
        if (options.since or "") <= one.month and (not options.until or one.month <= options.until):
            yield one


def _ordered(remarks: Sequence[SheetRemark]) -> tuple[SheetRemark, ...]:
    return tuple(sorted(remarks, key=lambda one: one.position))
