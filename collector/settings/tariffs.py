"""What an impression costs, as people write it: one price, or steps of a month's impressions."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from collector.domain.factors import Step, Tariff
from collector.settings.problems import Report
from collector.settings.toml_table import Table

_RULE: Final = (
    "write the yen of one impression like 2.5, or steps like "
    "[{ up_to = 3000, yen = 2.5 }, { yen = 2.0 }]"
)


def read_tariff(table: Table, key: str, report: Report, *, needed: bool = False) -> Tariff | None:
    """Return the tariff under `key`, or None where there is none or it was refused."""
    value = table.value(key)
    where = table.where(key)
    if value is None:
        if needed:
            report.problem(where, f"is missing; {_RULE}")
        return None
    if isinstance(value, list):
        return _steps(table, key, report)
    yen = table.amount(key) if isinstance(value, (int, float)) else None
    if yen is None or yen < 0:
        report.problem(where, f"is no price; {_RULE}")
        return None
    return (Step(None, yen),)


def _steps(table: Table, key: str, report: Report) -> Tariff | None:
    before = len(report.problems)
    steps = [_step(one, report) for one in table.tables(key)]
    if len(report.problems) == before:
        _check_order([up_to for up_to, _ in steps], table.where(key), report)
    if len(report.problems) > before:
        return None
    return tuple(Step(up_to, yen) for up_to, yen in steps)


def _step(table: Table, report: Report) -> tuple[int | None, Decimal]:
    up_to, yen = table.whole("up_to", None), table.amount("yen")
    if yen is None and "yen" not in table.stated():
        report.problem(table.where("yen"), "is missing; add what one impression of this step costs")
    elif yen is not None and yen < 0:
        report.problem(table.where("yen"), f"{yen} is less than nothing; correct it")
    table.finish()
    return up_to, yen or Decimal(0)


def _check_order(ends: Sequence[int | None], path: str, report: Report) -> None:
    """Tell where steps overlap, leave a gap or do not end."""
    if not ends:
        report.problem(path, f"has no step; {_RULE}")
        return
    bounds = [0, *(one for one in ends[:-1] if one is not None)]
    if ends[-1] is not None:
        report.problem(path, f"ends at {ends[-1]} impressions; leave up_to off in the last step")
    elif len(bounds) < len(ends):
        report.problem(path, "goes on after a step without up_to; only the last has none")
    elif any(later <= former for former, later in pairwise(bounds)):
        report.problem(path, "has steps that overlap; let every up_to be more than the one before")
