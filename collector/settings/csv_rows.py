"""Gathers the rows of a spreadsheet into a draft of the fleet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from collector.domain.fleet import WHOLE, WHOLE_OFFICE
from collector.settings.cells import parse_date, parse_whole, plain, unguard
from collector.settings.csv_headings import Column, Layout
from collector.settings.csv_plans import read_calendars_cell, read_plans_cell
from collector.settings.csv_text import Line
from collector.settings.draft import (
    Draft,
    DraftDepartment,
    DraftPlace,
    DraftShare,
)
from collector.settings.draft_calendars import DraftCalendar
from collector.settings.draft_targets import DraftPlan, DraftTarget
from collector.settings.labels import tidy
from collector.settings.problems import Report
from collector.settings.toml_table import Where

Parsed = TypeVar("Parsed")

_OF_PLACE: Final = (
    *(Column.PLACE_NAME, Column.ADDRESS, Column.PORT, Column.CREDENTIAL),
    *(Column.UNTIL, Column.WAS, Column.PLACE_CALENDAR),
)
_OF_DEPARTMENT: Final = (
    *(Column.DEPARTMENT_NAME, Column.DEPARTMENT_NAME_EN, Column.PLAN),
    Column.DEPARTMENT_CALENDAR,
)
_KEYS: Final = {
    "address": Column.ADDRESS,
    "port": Column.PORT,
    "credential": Column.CREDENTIAL,
    "share": Column.SHARE,
    "until": Column.UNTIL,
    "was": Column.WAS,
}


@dataclass(frozen=True, slots=True)
class _Fact:
    """A cell that was stated, and where."""

    text: str
    path: str


@dataclass(slots=True)
class _Entry:
    """What all rows of one place or department say; the first to state a cell decides it."""

    line: int
    facts: dict[Column, _Fact] = field(default_factory=dict)
    shares: list[DraftShare] = field(default_factory=list)


class Rows:
    """Takes rows one by one; `draft` returns what they state together."""

    def __init__(self, layout: Layout, name: str, report: Report) -> None:
        """Read rows laid out as `layout`; `name` is the file's name in problems."""
        self._layout = layout
        self._name = name
        self._report = report
        self._places: dict[str, _Entry] = {}
        self._departments: dict[str, _Entry] = {}
        self._targets: dict[tuple[str, str | None], DraftTarget] = {}
        self._calendars: list[DraftCalendar] = []

    def add(self, line: Line) -> None:
        """Take in one row; tell every cell of it that cannot be meant."""
        width = len(self._layout.written)
        if any(cell.strip() for cell in line.cells[width:]):
            self._report.problem(
                self._path(line.number), f"has more cells than the {width} headings; remove them"
            )
        headless = [
            cell
            for heading, cell in zip(self._layout.written, line.cells, strict=False)
            if not heading and cell.strip()
        ]
        if headless:
            self._report.problem(
                self._path(line.number), "has a cell below an empty heading; name the column"
            )
        place = self._cell(line, Column.PLACE)
        department = self._cell(line, Column.DEPARTMENT)
        self._gather(line, place, self._places, Column.PLACE, _OF_PLACE)
        self._gather(line, department, self._departments, Column.DEPARTMENT, _OF_DEPARTMENT)
        self._add_share(line, place, department)
        self._add_targets(line, department)
        if text := self._cell(line, Column.CALENDARS):
            path = self._where(line.number, Column.CALENDARS)
            self._calendars += read_calendars_cell(text, path, self._report)

    def draft(self) -> Draft:
        """Return everything the rows state; credentials are left unchecked."""
        departments = {
            name: entry for name, entry in self._departments.items() if name != WHOLE_OFFICE
        }
        return Draft(
            departments=tuple(self._department(*item) for item in departments.items()),
            places=tuple(self._place(*item) for item in self._places.items()),
            targets=tuple(self._targets.values()),
            plans=tuple(self._plans()),
            calendars=tuple(self._calendars),
        )

    def _plans(self) -> Iterator[DraftPlan]:
        for name, entry in self._departments.items():
            if fact := entry.facts.get(Column.PLAN):
                yield from read_plans_cell(name, fact.text, fact.path, self._report)

    def _path(self, line: int, heading: str = "") -> str:
        return f"{self._name}: line {line}" + (f", column {heading}" if heading else "")

    def _where(self, line: int, column: Column) -> str:
        known = column in self._layout.columns
        return self._path(line, self._layout.heading(column) if known else "")

    def _cell(self, line: Line, column: Column) -> str:
        return self._at(line, self._layout.columns.get(column))

    def _at(self, line: Line, index: int | None) -> str:
        if index is None or index >= len(line.cells):
            return ""
        return tidy(unguard(tidy(line.cells[index])))

    def _gather(
        self,
        line: Line,
        name: str,
        entries: dict[str, _Entry],
        column: Column,
        details: tuple[Column, ...],
    ) -> None:
        stated = [one for one in details if self._cell(line, one)]
        if not name:
            if stated:
                self._report.problem(
                    self._where(line.number, column), "is empty; fill in the id or clear the row"
                )
            return
        entry = entries.setdefault(name, _Entry(line.number))
        for one in stated:
            fact = _Fact(self._cell(line, one), self._where(line.number, one))
            first = entry.facts.setdefault(one, fact)
            if first.text != fact.text:
                self._report.problem(
                    fact.path,
                    f"{fact.text!r} contradicts {first.text!r} on {first.path}; make both alike",
                )

    def _add_share(self, line: Line, place: str, department: str) -> None:
        start, share = self._cell(line, Column.START), self._cell(line, Column.SHARE)
        if not (place and department):
            for column, text in ((Column.START, start), (Column.SHARE, share)):
                if text:
                    self._report.problem(
                        self._where(line.number, column),
                        "belongs to a place and a department; fill in both ids or clear this cell",
                    )
            return
        if not start:
            self._report.problem(
                self._where(line.number, Column.START),
                f"from when does {department} answer for {place}? write a date like 2026-04-01",
            )
        self._places[place].shares.append(
            DraftShare(
                where=self._wheres(line.number, Column.DEPARTMENT, Column.DEPARTMENT),
                department=department,
                start=self._parsed(line, Column.START, parse_date),
                share=self._parsed(line, Column.SHARE, parse_whole) if share else WHOLE,
            )
        )

    def _add_targets(self, line: Line, department: str) -> None:
        months = list[tuple[str | None, int | None]](self._layout.months.items())
        for month, index in [(None, self._layout.columns.get(Column.TARGET)), *months]:
            text = self._at(line, index)
            if index is None or not text:
                continue
            path = self._path(line.number, self._layout.written[index])
            if not department:
                self._report.problem(path, "belongs to a department; fill in its id")
                continue
            try:
                pages = parse_whole(text)
            except ValueError as exc:
                self._report.problem(path, str(exc))
                continue
            self._keep_target(DraftTarget(_always(path), department, month, pages))

    def _keep_target(self, target: DraftTarget) -> None:
        first = self._targets.setdefault((target.department, target.month), target)
        if first.pages != target.pages:
            self._report.problem(
                target.where(""),
                f"{target.pages} contradicts {first.pages} on {first.where('')}; make both alike",
            )

    def _parsed(self, line: Line, column: Column, parse: Callable[[str], Parsed]) -> Parsed | None:
        text = self._cell(line, column)
        try:
            return parse(text) if text else None
        except ValueError as exc:
            self._report.problem(self._where(line.number, column), str(exc))
            return None

    def _wheres(self, line: int, of_id: Column, of_name: Column) -> Where:
        of_place = of_id is Column.PLACE
        columns = _KEYS | {
            "id": of_id,
            "name": of_name,
            "name_en": Column.DEPARTMENT_NAME_EN,
            "calendar": Column.PLACE_CALENDAR if of_place else Column.DEPARTMENT_CALENDAR,
        }
        return lambda key: self._where(line, columns.get(key, of_id))

    def _department(self, name: str, entry: _Entry) -> DraftDepartment:
        where = self._wheres(entry.line, Column.DEPARTMENT, Column.DEPARTMENT_NAME)
        return DraftDepartment(
            where,
            name,
            self._needed(entry, Column.DEPARTMENT_NAME),
            self._text(entry, Column.DEPARTMENT_NAME_EN),
            self._text(entry, Column.DEPARTMENT_CALENDAR),
        )

    def _place(self, name: str, entry: _Entry) -> DraftPlace:
        address = self._needed(entry, Column.ADDRESS)
        credential, was = entry.facts.get(Column.CREDENTIAL), entry.facts.get(Column.WAS)
        return DraftPlace(
            where=self._wheres(entry.line, Column.PLACE, Column.PLACE_NAME),
            id=name,
            name=self._needed(entry, Column.PLACE_NAME),
            address=address and plain(address),
            port=self._port(entry),
            credential=credential.text if credential else "default",
            shares=tuple(entry.shares),
            until=self._until(entry),
            was=was.text if was else None,
            calendar=self._text(entry, Column.PLACE_CALENDAR),
        )

    def _text(self, entry: _Entry, column: Column) -> str | None:
        fact = entry.facts.get(column)
        return None if fact is None else fact.text

    def _port(self, entry: _Entry) -> int | None:
        fact = entry.facts.get(Column.PORT)
        try:
            return parse_whole(fact.text) if fact else 161
        except ValueError as exc:
            self._report.problem(fact.path if fact else self._name, str(exc))
            return None

    def _until(self, entry: _Entry) -> date | None:
        fact = entry.facts.get(Column.UNTIL)
        try:
            return parse_date(fact.text) if fact else None
        except ValueError as exc:
            self._report.problem(fact.path if fact else self._name, str(exc))
            return None

    def _needed(self, entry: _Entry, column: Column) -> str | None:
        fact = entry.facts.get(column)
        if fact is None:
            self._report.problem(self._where(entry.line, column), "is empty; fill it in")
        return fact.text if fact else None


def _always(path: str) -> Where:
    return lambda _: path
