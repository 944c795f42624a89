"""Gathers the rows of a spreadsheet into a draft of the fleet."""

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

import tomlkit

from collector.domain.office.fleet import WHOLE, WHOLE_OFFICE, Under
from collector.domain.office.headcount import ALWAYS, Headcount
from collector.domain.office.targets import Measure, TargetPlan, Targets
from collector.domain.office.work_calendars import Calendar
from collector.domain.old_sheets.months import month_named
from collector.errors import Spot, said
from collector.settings.fleet.csv_layout import CsvColumn, CsvLine, Layout
from collector.settings.fleet.draft import (
    DraftDepartment,
    DraftHeadcount,
    DraftPlace,
    DraftShare,
    DraftUnder,
    FleetDraft,
)
from collector.settings.fleet.draft_calendars import (
    TERM,
    DraftCalendar,
    calendar_values,
    read_calendar,
    term_values,
)
from collector.settings.fleet.draft_targets import (
    DraftMeasure,
    DraftPlan,
    DraftTarget,
    measure_terms,
    read_plan,
)
from collector.settings.fleet.toml import ParentTable, StaffTable
from collector.settings.fleet.write import headcount_values, parent_values, plan_values
from collector.settings.values import Language, tidy
from collector.user_files.lines import FilePath
from collector.user_files.report import PathWhere, ProblemReport, RefusedValue, Where, below, shown
from collector.user_files.tables import tell

# Target plans and calendars in one cell of a spreadsheet: the same terms as in the fleet file.
#
# `{from = "2026-04", less_percent = 10, base_year = 2025}, {from = "2027-04", year_budget =
# 120000}`
# `{id = "school", term = [{from = "04-08", until = "07-20"}]}, {id = "shift", weekend = []}`


_TYPED_QUOTES: Final = str.maketrans("“”„‟", '""""')


def read_plans_cell(
    department: str, text: str, cell: Spot, report: ProblemReport
) -> Iterator[DraftPlan]:
    """Yield the plans in a cell; full-width signs and the quotes of word processors are taken."""
    for where, one in _tables(text, cell, report, ("no_plans_cell", "no_plan")):
        yield read_plan(department, one, where, report)


def read_calendars_cell(text: str, cell: Spot, report: ProblemReport) -> Iterator[DraftCalendar]:
    """Yield the calendars in a cell, likewise."""
    for where, one in _tables(text, cell, report, ("no_calendars_cell", "no_calendar_cell")):
        yield read_calendar(one, where, report)


def _tables(
    text: str, cell: Spot, report: ProblemReport, codes: tuple[str, str]
) -> Iterator[tuple[PathWhere, Mapping[str, object]]]:
    found = _list_of(text)
    found = _list_of(plain(text).translate(_TYPED_QUOTES)) if found is None else found
    if found is None:
        report.problem(cell, said(codes[0]))
        return
    for number, one in enumerate(found):
        where = _below(cell, () if len(found) == 1 else (number,))
        if isinstance(one, dict):
            yield where, one
        else:
            report.problem(where(()), said(codes[1]))


def _list_of(text: str) -> Sequence[object] | None:
    try:
        return tuple(tomllib.loads(f"found = [{text}]")["found"])
    except tomllib.TOMLDecodeError:
        return None


def write_plans_cell(plans: Sequence[TargetPlan]) -> str:
    """Return `plans` as the text of one cell."""
    written = []
    for plan in plans:
        table = tomlkit.inline_table()
        table.update(plan_values(plan))
        written.append(table.as_string())
    return ", ".join(written)


_UNIT_CELLS: Final[Mapping[Measure, tuple[str, ...]]] = {
    Measure.IMPRESSIONS: ("面", "impressions"),
    Measure.COLOR: ("カラー面", "color impressions", "カラー"),
    Measure.SHEETS: ("枚", "sheets"),
}


_WITH_EXCLUDED: Final = ("(除外分を含む)", " with excluded")


def read_unit_cell(text: str) -> tuple[str, str | None, bool]:
    """Return the unit of a target, what of it, and whether excluded pages count.

    The first two are as the fleet file has them; else as they stand.
    """
    told = plain(text)
    ending = next((one for one in _WITH_EXCLUDED if told.casefold().endswith(one)), "")
    unit = told[: len(told) - len(ending)] if ending else text
    return *_unit(unit), bool(ending)


def _unit(text: str) -> tuple[str, str | None]:
    for measure, words in _UNIT_CELLS.items():
        if plain(text).strip().casefold() in words:
            terms = measure_terms(measure)
            return terms.get("unit", "impressions"), terms.get("of")
    return text, None


def write_unit_cell(targets: Targets, language: Language) -> str:
    """Return what `targets` count as the text of one cell, empty where nobody need state it."""
    if targets.measure is Measure.IMPRESSIONS and not targets.with_excluded:
        return ""
    number = 0 if language is Language.JA else 1
    ending = _WITH_EXCLUDED[number] if targets.with_excluded else ""
    return _UNIT_CELLS[targets.measure][number] + ending


def read_staff_cell(text: str, cell: Spot, report: ProblemReport) -> Iterator[DraftHeadcount]:
    """Yield headcounts: a number that always holds, or numbers with their dates."""
    plain_text = plain(text).translate(_TYPED_QUOTES)
    if plain_text.isdecimal():
        yield DraftHeadcount(_always(cell), ALWAYS, int(plain_text))
        return
    for where, one in _tables(plain_text, cell, report, ("no_staff_cell", "no_staff_cell")):
        table = StaffTable.model_validate(one)
        tell(table, where, report)
        if table.start is not None:
            yield DraftHeadcount(below(where, ()), table.start, table.people)


def write_staff_cell(staff: Sequence[Headcount]) -> str:
    """Return headcounts as the text of one cell."""
    if len(staff) == 1 and staff[0].start == ALWAYS:
        return str(staff[0].people)
    written = []
    for head in staff:
        table = tomlkit.inline_table()
        table.update(headcount_values(head))
        written.append(table.as_string())
    return ", ".join(written)


def read_parents_cell(text: str, cell: Spot, report: ProblemReport) -> Iterator[DraftUnder]:
    """Yield what a department is a part of: an id (or name) that always holds, or dated ones."""
    if "{" not in plain(text):
        yield DraftUnder(_always(cell), ALWAYS, tidy(text))
        return
    codes = ("no_parents_cell", "no_parents_cell")
    for where, one in _tables(text, cell, report, codes):
        table = ParentTable.model_validate(one)
        tell(table, where, report)
        if table.start is not None:
            yield DraftUnder(below(where, ()), table.start, table.id)


def write_parents_cell(under: Sequence[Under]) -> str:
    """Return what a department is a part of as the text of one cell."""
    if len(under) == 1 and under[0].start == ALWAYS and under[0].parent is not None:
        return under[0].parent
    written = []
    for part in under:
        table = tomlkit.inline_table()
        table.update(parent_values(part))
        written.append(table.as_string())
    return ", ".join(written)


def write_calendars_cell(calendar: Calendar) -> str:
    """Return `calendar` as the text of one cell."""
    table = tomlkit.inline_table()
    table.update(calendar_values(calendar))
    terms = tomlkit.array()
    for term in calendar.terms:
        values = tomlkit.inline_table()
        values.update(term_values(term))
        terms.append(values)
    if calendar.terms:
        table.append(TERM, terms)
    return table.as_string()


def _below(cell: Spot, path: FilePath) -> PathWhere:
    return lambda inner: replace(cell, key=shown((*path, *inner)))


# What stands in one cell of a spreadsheet: digits, dates and texts as offices write them.


_FORMULA: Final = frozenset("=+-@\t\r＝＋－＠")
_GUARD: Final = "'"
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_WESTERN: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_ERA: Final = re.compile(
    r"(令和|平成|[RrHh])\.?([0-9]{1,2}|元)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
)
_YEAR_ZERO: Final = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
"""Western year before the era's first. Years are counted on past an era's end (平成32年 = 2020)."""


def plain(text: str) -> str:
    """Return `text` with full-width digits and signs as ASCII (NFKC), without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; `unguard` gives it back."""
    return _GUARD + text if _needs_guard(text) else text


def unguard(text: str) -> str:
    """Return what `guard` was given; other texts are left as they are."""
    return text[1:] if text.startswith(_GUARD) and _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    """Say whether `text` begins with a formula sign, after any number of guards."""
    return text.lstrip(_GUARD)[:1] in _FORMULA and text.lstrip(_GUARD) != ""


def parse_whole(text: str) -> int:
    """Return the whole number in a cell: 12000, 12,000, １２０００, 60%. Raises RefusedValue."""
    digits = plain(text).removesuffix("%").strip()
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,15}", digits):
        raise RefusedValue("cell_whole", text=repr(text))
    return int(digits)


def parse_date(text: str) -> date:
    """Return the date in a cell, western or of the eras 令和 and 平成; of a month its first day.

    Raises RefusedValue.
    """
    written = plain(text).replace(" ", "")
    try:
        if match := _WESTERN.fullmatch(written):
            year, month, day = (int(part) for part in match.groups())
            return date(year, month, day)
        if match := _ERA.fullmatch(written):
            era, count, *rest = match.groups()
            year = _YEAR_ZERO[era.upper()] + (1 if count == "元" else int(count))
            return date(year, int(rest[0]), int(rest[1]))
    except ValueError as exc:
        raise RefusedValue("cell_no_day", text=repr(text)) from exc
    named = month_named(written.rstrip("~〜-"))
    if named is not None:
        return date.fromisoformat(f"{named}-01")
    raise RefusedValue("cell_date", text=repr(text))


def parse_last_day(text: str) -> date:
    """Return the same of the last day of something: of a month its last one."""
    found = parse_date(text)
    if month_named(plain(text).replace(" ", "")) is None:
        return found
    return found.replace(day=monthrange(found.year, found.month)[1])


Parsed = TypeVar("Parsed")

_OF_PLACE: Final = (
    *(CsvColumn.PLACE_NAME, CsvColumn.ADDRESS, CsvColumn.PORT, CsvColumn.CREDENTIAL),
    *(CsvColumn.UNTIL, CsvColumn.WAS, CsvColumn.PLACE_CALENDAR),
)
_OF_DEPARTMENT: Final = (
    *(CsvColumn.DEPARTMENT_NAME, CsvColumn.DEPARTMENT_NAME_EN, CsvColumn.PLAN),
    *(CsvColumn.DEPARTMENT_CALENDAR, CsvColumn.TARGET_UNIT, CsvColumn.STAFF),
    *(CsvColumn.PARENT, CsvColumn.DEPARTMENT_UNTIL),
)
_KEYS: Final = {
    "address": CsvColumn.ADDRESS,
    "port": CsvColumn.PORT,
    "credential": CsvColumn.CREDENTIAL,
    "share": CsvColumn.SHARE,
    "until": CsvColumn.UNTIL,
    "was": CsvColumn.WAS,
}


@dataclass(frozen=True, slots=True)
class _Fact:
    """A cell that was stated, and where."""

    text: str
    cell: Spot


@dataclass(slots=True)
class _Entry:
    """What all rows of one place or department say; the first to state a cell decides it."""

    line: int
    facts: dict[CsvColumn, _Fact] = field(default_factory=dict)
    shares: list[DraftShare] = field(default_factory=list)


class Rows:
    """Takes rows one by one; `draft` returns what they state together."""

    def __init__(self, layout: Layout, name: str, report: ProblemReport) -> None:
        """Read rows laid out as `layout`; `name` is the file's name in problems."""
        self._layout = layout
        self._name = name
        self._report = report
        self._places: dict[str, _Entry] = {}
        self._departments: dict[str, _Entry] = {}
        self._targets: dict[tuple[str, str | None], DraftTarget] = {}
        self._calendars: list[DraftCalendar] = []

    def add(self, line: CsvLine) -> None:
        """Take in one row; tell every cell of it that cannot be meant."""
        width = len(self._layout.written)
        if any(cell.strip() for cell in line.cells[width:]):
            self._report.problem(self._spot(line.number), said("more_cells", width=width))
        headless = [
            cell
            for heading, cell in zip(self._layout.written, line.cells, strict=False)
            if not heading and cell.strip()
        ]
        if headless:
            self._report.problem(self._spot(line.number), said("headless_cell"))
        place = self._cell(line, CsvColumn.PLACE)
        department = self._cell(line, CsvColumn.DEPARTMENT)
        self._gather(line, place, self._places, CsvColumn.PLACE, _OF_PLACE)
        self._gather(line, department, self._departments, CsvColumn.DEPARTMENT, _OF_DEPARTMENT)
        self._add_share(line, place, department)
        self._add_targets(line, department)
        if text := self._cell(line, CsvColumn.CALENDARS):
            cell = self._where(line.number, CsvColumn.CALENDARS)
            self._calendars += read_calendars_cell(text, cell, self._report)

    def draft(self) -> FleetDraft:
        """Return everything the rows state; credentials are left unchecked."""
        departments = {
            name: entry for name, entry in self._departments.items() if name != WHOLE_OFFICE
        }
        return FleetDraft(
            departments=tuple(self._department(*item) for item in departments.items()),
            places=tuple(self._place(*item) for item in self._places.items()),
            targets=tuple(self._targets.values()),
            plans=tuple(self._plans()),
            measures=tuple(self._measures()),
            calendars=tuple(self._calendars),
        )

    def _plans(self) -> Iterator[DraftPlan]:
        for name, entry in self._departments.items():
            if fact := entry.facts.get(CsvColumn.PLAN):
                yield from read_plans_cell(name, fact.text, fact.cell, self._report)

    def _measures(self) -> Iterator[DraftMeasure]:
        for name, entry in self._departments.items():
            if fact := entry.facts.get(CsvColumn.TARGET_UNIT):
                unit, part, counts = read_unit_cell(fact.text)
                yield DraftMeasure(_always(fact.cell), name, unit, part, with_excluded=counts)

    def _spot(self, line: int, heading: str = "") -> Spot:
        return Spot(self._name, line, column=heading)

    def _where(self, line: int, column: CsvColumn) -> Spot:
        known = column in self._layout.columns
        return self._spot(line, self._layout.heading(column) if known else "")

    def _cell(self, line: CsvLine, column: CsvColumn) -> str:
        return self._at(line, self._layout.columns.get(column))

    def _at(self, line: CsvLine, index: int | None) -> str:
        if index is None or index >= len(line.cells):
            return ""
        return tidy(unguard(tidy(line.cells[index])))

    def _gather(
        self,
        line: CsvLine,
        name: str,
        entries: dict[str, _Entry],
        column: CsvColumn,
        details: tuple[CsvColumn, ...],
    ) -> None:
        stated = [one for one in details if self._cell(line, one)]
        if not name:
            if stated:
                self._report.problem(self._where(line.number, column), said("id_cell_empty"))
            return
        entry = entries.setdefault(name, _Entry(line.number))
        for one in stated:
            fact = _Fact(self._cell(line, one), self._where(line.number, one))
            first = entry.facts.setdefault(one, fact)
            if first.text != fact.text:
                self._differ(fact.cell, repr(fact.text), repr(first.text), first.cell)

    def _add_share(self, line: CsvLine, place: str, department: str) -> None:
        start, share = self._cell(line, CsvColumn.START), self._cell(line, CsvColumn.SHARE)
        if not (place and department):
            for column, text in ((CsvColumn.START, start), (CsvColumn.SHARE, share)):
                if text:
                    cell = self._where(line.number, column)
                    self._report.problem(cell, said("needs_both_ids"))
            return
        if not start:
            told = said("missing_start", department=department, place=place)
            self._report.problem(self._where(line.number, CsvColumn.START), told)
        self._places[place].shares.append(
            DraftShare(
                where=self._wheres(line.number, CsvColumn.DEPARTMENT, CsvColumn.DEPARTMENT),
                department=department,
                start=self._parsed(line, CsvColumn.START, parse_date),
                share=self._parsed(line, CsvColumn.SHARE, parse_whole) if share else WHOLE,
            )
        )

    def _add_targets(self, line: CsvLine, department: str) -> None:
        months = list[tuple[str | None, int | None]](self._layout.months.items())
        for month, index in [(None, self._layout.columns.get(CsvColumn.TARGET)), *months]:
            text = self._at(line, index)
            if index is None or not text:
                continue
            cell = self._spot(line.number, self._layout.written[index])
            if not department:
                self._report.problem(cell, said("needs_department"))
                continue
            pages = self._read(text, cell, parse_whole)
            if pages is not None:
                self._keep_target(DraftTarget(_always(cell), department, month, pages))

    def _keep_target(self, target: DraftTarget) -> None:
        first = self._targets.setdefault((target.department, target.month), target)
        if first.pages != target.pages:
            self._differ(target.where(""), target.pages, first.pages, first.where(""))

    def _differ(self, cell: Spot, value: object, first: object, other: Spot) -> None:
        self._report.problem(cell, said("cells_differ", value=value, first=first, other=other))

    def _parsed(
        self, line: CsvLine, column: CsvColumn, parse: Callable[[str], Parsed]
    ) -> Parsed | None:
        text = self._cell(line, column)
        return self._read(text, self._where(line.number, column), parse) if text else None

    def _read(self, text: str, cell: Spot, parse: Callable[[str], Parsed]) -> Parsed | None:
        try:
            return parse(text)
        except RefusedValue as exc:
            self._report.problem(cell, exc.sentence)
            return None

    def _wheres(self, line: int, of_id: CsvColumn, of_name: CsvColumn) -> Where:
        of_place = of_id is CsvColumn.PLACE
        columns = _KEYS | {
            "id": of_id,
            "name": of_name,
            "name_en": CsvColumn.DEPARTMENT_NAME_EN,
            "calendar": CsvColumn.PLACE_CALENDAR if of_place else CsvColumn.DEPARTMENT_CALENDAR,
        }
        return lambda key: self._where(line, columns.get(key, of_id))

    def _department(self, name: str, entry: _Entry) -> DraftDepartment:
        where = self._wheres(entry.line, CsvColumn.DEPARTMENT, CsvColumn.DEPARTMENT_NAME)
        return DraftDepartment(
            where,
            name,
            self._needed(entry, CsvColumn.DEPARTMENT_NAME),
            self._text(entry, CsvColumn.DEPARTMENT_NAME_EN),
            self._text(entry, CsvColumn.DEPARTMENT_CALENDAR),
            self._staff(entry),
            self._under(entry),
            self._day(entry, CsvColumn.DEPARTMENT_UNTIL),
        )

    def _under(self, entry: _Entry) -> tuple[DraftUnder, ...]:
        """Return what a department is a part of; a name stands for the one department so called."""
        fact = entry.facts.get(CsvColumn.PARENT)
        if fact is None:
            return ()
        named: dict[str, list[str]] = defaultdict(list)
        for key, other in self._departments.items():
            if (title := other.facts.get(CsvColumn.DEPARTMENT_NAME)) is not None:
                named[title.text].append(key)
        meant = {
            name: keys[0]
            for name, keys in named.items()
            if len(keys) == 1 and name not in self._departments
        }
        return tuple(
            replace(one, parent=meant.get(one.parent or "", one.parent))
            for one in read_parents_cell(fact.text, fact.cell, self._report)
        )

    def _staff(self, entry: _Entry) -> tuple[DraftHeadcount, ...]:
        fact = entry.facts.get(CsvColumn.STAFF)
        return () if fact is None else tuple(read_staff_cell(fact.text, fact.cell, self._report))

    def _place(self, name: str, entry: _Entry) -> DraftPlace:
        address = self._needed(entry, CsvColumn.ADDRESS)
        credential, was = entry.facts.get(CsvColumn.CREDENTIAL), entry.facts.get(CsvColumn.WAS)
        return DraftPlace(
            where=self._wheres(entry.line, CsvColumn.PLACE, CsvColumn.PLACE_NAME),
            id=name,
            name=self._needed(entry, CsvColumn.PLACE_NAME),
            address=address and plain(address),
            port=self._port(entry),
            credential=credential.text if credential else "default",
            shares=tuple(entry.shares),
            until=self._day(entry, CsvColumn.UNTIL),
            was=was.text if was else None,
            calendar=self._text(entry, CsvColumn.PLACE_CALENDAR),
        )

    def _text(self, entry: _Entry, column: CsvColumn) -> str | None:
        fact = entry.facts.get(column)
        return None if fact is None else fact.text

    def _port(self, entry: _Entry) -> int | None:
        fact = entry.facts.get(CsvColumn.PORT)
        return self._read(fact.text, fact.cell, parse_whole) if fact else 161

    def _day(self, entry: _Entry, column: CsvColumn) -> date | None:
        fact = entry.facts.get(column)
        return self._read(fact.text, fact.cell, parse_last_day) if fact else None

    def _needed(self, entry: _Entry, column: CsvColumn) -> str | None:
        fact = entry.facts.get(column)
        if fact is None:
            self._report.problem(self._where(entry.line, column), said("cell_empty"))
        return fact.text if fact else None


def _always(cell: Spot) -> Where:
    return lambda _: cell
