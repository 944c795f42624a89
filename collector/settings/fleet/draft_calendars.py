"""Calendars as a file states them, and every check that makes them Calendars."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field

from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay
from collector.errors import said
from collector.settings.values import (
    WEEKDAYS,
    CalendarDay,
    DaysOff,
    ShiftHours,
    Text,
    WorkingHours,
    YesNo,
    id_problem,
)
from collector.user_files.lines import FilePath
from collector.user_files.report import PathWhere, ProblemReport, Where, below, hint
from collector.user_files.tables import FileTable, WhenMissing, tell

TERM: Final = "term"


@dataclass(frozen=True, slots=True)
class DraftTerm:
    """A term as stated; None where nothing usable stands (told already)."""

    where: Where
    start: YearDay | None
    end: YearDay | None

    @property
    def term(self) -> CalendarTerm | None:
        """The term, None where it has no two ends of one kind."""
        if self.start is None or self.end is None:
            return None
        return CalendarTerm(self.start, self.end) if self._of_one_kind else None

    @property
    def _of_one_kind(self) -> bool:
        ends = (self.start, self.end)
        return len({one.year is None for one in ends if one is not None}) == 1


@dataclass(frozen=True, slots=True)
class DraftCalendar:
    """A calendar as stated; its days and hours are checked already."""

    where: Where
    id: str | None
    weekend: frozenset[int] | None
    hours: WorkingHours | None
    holidays: bool
    closed_days: tuple[YearDay, ...]
    terms: tuple[DraftTerm, ...]


class TermTable(FileTable):
    """A term: dates of one year, or days of every year."""

    start: Annotated[CalendarDay | None, WhenMissing("missing_term_day")] = Field(alias="from")
    until: Annotated[CalendarDay | None, WhenMissing("missing_term_day")]


class CalendarTable(FileTable):
    """A calendar."""

    id: Text | None
    weekend: DaysOff | None = None
    working_hours: ShiftHours | None = None
    holidays: YesNo | None = True
    closed_days: tuple[CalendarDay | None, ...] | None = ()
    term: tuple[TermTable, ...] | None = ()


def read_calendar(
    tree: Mapping[str, object], where: PathWhere, report: ProblemReport
) -> DraftCalendar:
    """Return the calendar that `tree` states; what cannot be meant is told."""
    table = CalendarTable.model_validate(tree)
    tell(table, where, report)
    return draft_calendar(table, where)


def draft_calendar(table: CalendarTable, where: PathWhere, path: FilePath = ()) -> DraftCalendar:
    """Return what `table`, which stands at `path`, states; its faults are told elsewhere."""
    return DraftCalendar(
        where=below(where, path),
        id=table.id,
        weekend=table.weekend,
        hours=table.working_hours,
        holidays=table.holidays is not False,
        closed_days=tuple(one for one in table.closed_days or () if one is not None),
        terms=tuple(
            DraftTerm(below(where, (*path, TERM, number)), one.start, one.until)
            for number, one in enumerate(table.term or ())
        ),
    )


def check_calendars(
    drafts: Iterable[DraftCalendar], year_begins: int | None, report: ProblemReport
) -> None:
    """Tell every fault; `year_begins` is None where the fiscal year is not known."""
    for one in drafts:
        if one.id is not None and (problem := id_problem(one.id)):
            report.problem(one.where("id"), problem)
        dated: list[tuple[date, date, DraftTerm]] = []
        yearly: list[tuple[date, date, DraftTerm]] = []
        for draft in one.terms:
            kept = yearly if draft.term is not None and draft.term.is_yearly else dated
            kept += _checked(draft, year_begins, report)
        _check_overlaps(dated, report)
        _check_overlaps(yearly, report)


def _checked(
    draft: DraftTerm, year_begins: int | None, report: ProblemReport
) -> Iterator[tuple[date, date, DraftTerm]]:
    """Yield a term with its first and last day, in any one fiscal year, where it has both."""
    term = draft.term
    if term is None:
        if draft.start is not None and draft.end is not None:
            told = said("term_kinds", end=draft.end, start=draft.start)
            report.problem(draft.where("until"), told)
    elif not term.is_yearly or year_begins is not None:
        first, last = term.within(_ANY_YEAR, year_begins or 1)
        if last < first:
            told = said("term_order", end=term.end, start=term.start)
            report.problem(draft.where("until"), told)
        else:
            yield first, last, draft


_ANY_YEAR: Final = 2023
"""Whose end, from March on, is in a leap year: every month and day is a date in it."""


def _check_overlaps(terms: list[tuple[date, date, DraftTerm]], report: ProblemReport) -> None:
    terms.sort(key=lambda one: one[:2])
    for (_, last, one), (first, _, two) in pairwise(terms):
        if first <= last:
            told = said("terms_overlap", day=two.start, start=one.start, end=one.end)
            report.problem(two.where("from"), told)


def check_calendar_name(
    where: Where, name: str | None, known: frozenset[str], report: ProblemReport
) -> None:
    """Tell where a place or a department names a calendar that there is not."""
    if name is not None and name not in known:
        told = said("no_calendar", name=repr(name), hint=hint(name, known))
        report.problem(where("calendar"), told)


def calendars_of(drafts: Iterable[DraftCalendar]) -> tuple[Calendar, ...]:
    """Return the checked drafts as calendars."""
    return tuple(
        Calendar(
            id=one.id or "",
            weekend=one.weekend,
            opens=None if one.hours is None else one.hours.opens,
            closes=None if one.hours is None else one.hours.closes,
            holidays=one.holidays,
            closed_days=one.closed_days,
            terms=tuple(draft.term for draft in one.terms if draft.term is not None),
        )
        for one in drafts
    )


def calendar_values(calendar: Calendar) -> dict[str, object]:
    """Return `calendar` as values of TOML, terms aside."""
    found: dict[str, object] = {"id": calendar.id}
    if calendar.weekend is not None:
        found["weekend"] = [WEEKDAYS[day] for day in sorted(calendar.weekend)]
    if calendar.opens is not None and calendar.closes is not None:
        found["working_hours"] = str(WorkingHours(calendar.opens, calendar.closes))
    if not calendar.holidays:
        found["holidays"] = False
    if calendar.closed_days:
        found["closed_days"] = [str(day) for day in calendar.closed_days]
    return found


def term_values(term: CalendarTerm) -> dict[str, str | date]:
    """Return `term` as values of TOML."""
    return {"from": _end(term.start), "until": _end(term.end)}


def _end(day: YearDay) -> str | date:
    return str(day) if day.year is None else date(day.year, day.month, day.day)
