"""Calendars as a file states them, and every check that makes them Calendars."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final, TypeVar

from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay
from collector.settings.problems import ProblemReport, did_you_mean
from collector.settings.toml_table import TomlTable, Where
from collector.settings.values import (
    WEEKDAYS,
    WorkingHours,
    closed_day,
    id_problem,
    shift_hours,
    weekdays,
)

TERM: Final = "term"
_DAYS_OF_A_WEEK: Final = 7
_T = TypeVar("_T")


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


def read_calendar(table: TomlTable, report: ProblemReport) -> DraftCalendar:
    """Return the calendar that `table` states; what cannot be meant is told."""

    def parsed(key: str, value: object, parse: Callable[[object], _T]) -> _T | None:
        try:
            return None if value is None else parse(value)
        except ValueError as exc:
            report.problem(table.where(key), str(exc))
            return None

    closed = (parsed("closed_days", one, _day) for one in table.values("closed_days"))
    holidays = table.yes("holidays", default=True)
    draft = DraftCalendar(
        where=table.where,
        id=table.text("id", needed=True),
        weekend=parsed("weekend", table.value("weekend"), weekdays),
        hours=parsed("working_hours", table.value("working_hours"), shift_hours),
        holidays=holidays is not False,
        closed_days=tuple(one for one in closed if one is not None),
        terms=tuple(_term(one, report) for one in table.tables(TERM, f"calendar.{TERM}")),
    )
    table.finish()
    return draft


def _term(table: TomlTable, report: ProblemReport) -> DraftTerm:
    ends: list[YearDay | None] = []
    for key in ("from", "until"):
        value, end = table.value(key), None
        try:
            end = None if value is None else _day(value)
        except ValueError as exc:
            report.problem(table.where(key), str(exc))
        if value is None:
            report.problem(table.where(key), "is missing; add it, like 2026-04-08 or 04-08")
        ends.append(end)
    table.finish()
    return DraftTerm(table.where, *ends)


def _day(value: object) -> YearDay:
    if isinstance(value, datetime):
        raise ValueError(f"{value} is no day; write it without a time")  # noqa: TRY004 - as in values.py
    return closed_day(value.isoformat() if isinstance(value, date) else value)


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
            told = f"{draft.end} and from = {draft.start} are of two kinds; write a year in both"
            report.problem(draft.where("until"), f"{told}, or in neither")
    elif not term.is_yearly or year_begins is not None:
        first, last = term.within(_ANY_YEAR, year_begins or 1)
        if last < first:
            told = f"the term ends ({term.end}) before it begins ({term.start}); correct one of the"
            report.problem(draft.where("until"), f"{told} two, or make two terms of it")
        else:
            yield first, last, draft


_ANY_YEAR: Final = 2023
"""Whose end, from March on, is in a leap year: every month and day is a date in it."""


def _check_overlaps(terms: list[tuple[date, date, DraftTerm]], report: ProblemReport) -> None:
    terms.sort(key=lambda one: one[:2])
    for (_, last, one), (first, _, two) in pairwise(terms):
        if first <= last:
            told = f"{two.start} lies in the term from {one.start} until {one.end}"
            report.problem(two.where("from"), f"terms overlap: {told}; end that one before")


def check_calendar_name(
    where: Where, name: str | None, known: frozenset[str], report: ProblemReport
) -> None:
    """Tell where a place or a department names a calendar that there is not."""
    if name is not None and name not in known:
        hint = did_you_mean(name, known)
        report.problem(where("calendar"), f"there is no calendar {name!r}; {hint}")


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
