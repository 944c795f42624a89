"""Target plans and calendars in one cell of a spreadsheet: the same terms as in the fleet file.

`{from = "2026-04", less_percent = 10, base_year = 2025}, {from = "2027-04", year_budget = 120000}`
`{id = "school", term = [{from = "04-08", until = "07-20"}]}, {id = "shift", weekend = []}`
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import tomlkit

from collector.domain.calendars import Calendar
from collector.domain.targets import TargetPlan
from collector.settings.cells import plain
from collector.settings.draft_calendars import (
    TERM,
    DraftCalendar,
    calendar_values,
    read_calendar,
    term_values,
)
from collector.settings.draft_targets import DraftPlan, read_plan
from collector.settings.fleet_toml import plan_values
from collector.settings.problems import Report
from collector.settings.toml_table import Table, Where

PLAN_RULE: Final = 'write it as in the fleet file: {from = "2026-04", pages = 11000}'
CALENDAR_RULE: Final = 'write it as in the fleet file: {id = "shift", weekend = []}'
_TYPED_QUOTES: Final = str.maketrans("“”„‟", '""""')


def read_plans_cell(department: str, text: str, path: str, report: Report) -> Iterator[DraftPlan]:
    """Yield the plans in a cell; full-width signs and the quotes of word processors are taken."""
    for where, one in _tables(text, path, report, "target plan", PLAN_RULE):
        yield read_plan(department, Table(one, _below(where), report), report)


def read_calendars_cell(text: str, path: str, report: Report) -> Iterator[DraftCalendar]:
    """Yield the calendars in a cell, likewise."""
    for where, one in _tables(text, path, report, "calendar", CALENDAR_RULE):
        yield read_calendar(Table(one, _below(where), report), report)


def _tables(
    text: str, path: str, report: Report, kind: str, rule: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    found = _list_of(text)
    found = _list_of(plain(text).translate(_TYPED_QUOTES)) if found is None else found
    if found is None:
        report.problem(path, f"cannot be read as {kind}s; {rule}")
        return
    for number, one in enumerate(found):
        where = path if len(found) == 1 else f"{path}[{number}]"
        if isinstance(one, dict):
            yield where, one
        else:
            report.problem(where, f"is no {kind}; {rule}")


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


def _below(path: str) -> Where:
    return lambda key: f"{path}: {key}" if key else path
