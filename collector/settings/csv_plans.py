"""Target plans in one cell of a spreadsheet: the same terms as in the fleet file.

`{from = "2026-04", less_percent = 10, base_year = 2025}, {from = "2027-04", year_budget = 120000}`
"""

import tomllib
from collections.abc import Iterator, Sequence
from typing import Final

import tomlkit

from collector.domain.targets import TargetPlan
from collector.settings.cells import plain
from collector.settings.draft_targets import DraftPlan, read_plan
from collector.settings.fleet_toml import plan_values
from collector.settings.problems import Report
from collector.settings.toml_table import Table, Where

PLAN_RULE: Final = 'write it as in the fleet file: {from = "2026-04", pages = 11000}'
_TYPED_QUOTES: Final = str.maketrans("“”„‟", '""""')


def read_plans_cell(department: str, text: str, path: str, report: Report) -> Iterator[DraftPlan]:
    """Yield the plans in a cell; full-width signs and the quotes of word processors are taken."""
    try:
        plans = tomllib.loads(f"plans = [{plain(text).translate(_TYPED_QUOTES)}]")["plans"]
    except tomllib.TOMLDecodeError:
        report.problem(path, f"cannot be read as target plans; {PLAN_RULE}")
        return
    for number, one in enumerate(plans):
        where = path if len(plans) == 1 else f"{path}[{number}]"
        if isinstance(one, dict):
            yield read_plan(department, Table(one, _below(where), report), report)
        else:
            report.problem(where, f"is no target plan; {PLAN_RULE}")


def write_plans_cell(plans: Sequence[TargetPlan]) -> str:
    """Return `plans` as the text of one cell."""
    written = []
    for plan in plans:
        table = tomlkit.inline_table()
        table.update(plan_values(plan))
        written.append(table.as_string())
    return ", ".join(written)


def _below(path: str) -> Where:
    return lambda key: f"{path}: {key}" if key else path
