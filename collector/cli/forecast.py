"""`copier-fleet forecast`: where the month will end, and how good such forecasts have been."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.month.months import BackTested, Ended, Months, back_test, ended_months
from collector.app.office_context import OfficeContext
from collector.cli.month import department_name, month_columns, named
from collector.cli.options import (
    MONTH,
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    month_argument,
    named_period,
    of_department,
    on_level,
    refuse_unknown,
)
from collector.cli.output import ABSENT, Exit, phrase, progress, result_tables
from collector.cli.paper_columns import in_unit
from collector.cli.words import CommandWords
from collector.domain.month.back_test import CHECKPOINTS, Score, scores
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId
from collector.domain.report.table import CellKind, Column, Table
from collector.ports import Ledger
from collector.texts.figures import bring_back, target_text

if TYPE_CHECKING:
    from collector.settings.load import Loaded

# How good past forecasts were.


_FIGURES: Mapping[str, Callable[[Score], float | None]] = {
    "judged_forecast": lambda score: score.error,
    "judged_by_hand": lambda score: score.error_by_hand,
    "judged_last_year": lambda score: score.error_last_year,
    "coverage": lambda score: score.coverage,
}


def _pooled() -> Department:
    """Return what the cases of all departments together are called, each counting alike."""
    ja, en = (CommandWords(language)("all_departments") for language in ("ja", "en"))
    return Department(DepartmentId("departments"), ja, en)


def back_test_table(judged: Sequence[BackTested]) -> Table[tuple[Department, Score]]:
    """Return a row for each checkpoint of each department: what programs read."""
    since, until = _span(judged)
    return Table(
        "scores",
        (
            Column("department", lambda row: row[0].id),
            Column("name", lambda row: row[0].name),
            Column("after_working_days", lambda row: row[1].after),
            Column("cases", lambda row: row[1].cases),
            Column("error", lambda row: round(row[1].error, 4)),
            Column("error_by_hand", lambda row: _rounded(row[1].error_by_hand)),
            Column("error_last_year", lambda row: _rounded(row[1].error_last_year)),
            Column("bias", lambda row: round(row[1].bias, 4)),
            Column("coverage", lambda row: round(row[1].coverage, 4)),
            Column("since", lambda _: since),
            Column("until", lambda _: until),
        ),
        [(one.department, score) for one in _with_all(judged) for score in scores(one.said)],
    )


_RuleLine = tuple[str, str, Mapping[int | None, Score]]
"""A department's name where it is its first line, a rule, its scores by working days gone."""


def rules_table(judged: Sequence[BackTested], words: CommandWords) -> Table[_RuleLine]:
    """Return the same for readers: a line a rule, a column a checkpoint, the last over all."""
    since, until = _span(judged)
    rows = [
        ("" if number else department_name(one.department, words), rule, found)
        for one in _with_all(judged)
        for found in [{score.after: score for score in scores(one.said)}]
        for number, rule in enumerate(_FIGURES)
    ]
    return Table(
        "rules",
        (
            Column("department", lambda row: row[0], words("department"), CellKind.TEXT),
            Column("judged", lambda row: words(row[1]), words("judged"), CellKind.TEXT),
            *(_checkpoint(days, words) for days in (*CHECKPOINTS, None)),
        ),
        rows,
        title=words("back_test_title", since=since, until=until),
        notes=(words("back_test_rule"),),
        spare=(f"after_{CHECKPOINTS[0]}", "after_None"),
    )


def _span(judged: Sequence[BackTested]) -> tuple[str, str]:
    months = sorted({said.month for one in judged for said in one.said})
    return (months[0], months[-1]) if months else (ABSENT, ABSENT)


def _checkpoint(days: int | None, words: CommandWords) -> Column[_RuleLine]:
    heading = words("all_days") if days is None else words("after_days", days=days)
    return Column(
        f"after_{days}",
        None,
        words("at_start") if days == 0 else heading,
        CellKind.CHANGE,
        shown=lambda one: _per_cent(one[2].get(days), _FIGURES[one[1]]),
    )


def _with_all(judged: Sequence[BackTested]) -> list[BackTested]:
    departments = [one for one in judged if one.department.id != WHOLE_OFFICE]
    office = [one for one in judged if one.department.id == WHOLE_OFFICE]
    together = tuple(said for one in departments for said in one.said)
    pooled = [BackTested(_pooled(), together)] if len(departments) > 1 else []
    return [*departments, *pooled, *office]


def _per_cent(score: Score | None, figure: Callable[[Score], float | None]) -> str | None:
    share = None if score is None else figure(score)
    return None if share is None else f"{share:.1%}"


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


# Where a month will end.


_KEYS = (
    *("month", "department", "name", "pages", "forecast", "forecast_low", "forecast_high"),
    *("target", "remaining", "pace", "allowed_pace", "bearing", "cut", "advice", "advice_en"),
    *("target_basis", "target_basis_en", "unread", "elapsed"),
)
_SHOWN = (
    *("department", "pages", "forecast", "range", "target", "pace", "allowed_pace", "advice"),
)


def forecast_table(
    months: Sequence[DepartmentMonth], office: DepartmentMonth | None, words: CommandWords
) -> Table[DepartmentMonth]:
    """Return where every one of `months` will end, and last the `office`."""
    known = {one.key: one for one in month_columns(words)}
    known["forecast"] = replace(
        known["forecast"], shown=lambda one: in_unit(one, _expected(one), words)
    )
    known["advice"] = replace(
        known["advice"],
        heading=words("advice"),
        kind=CellKind.TEXT,
        shown=lambda one: _advice(one, words),
    )
    span: Column[DepartmentMonth] = Column(
        "range", None, words("range"), shown=lambda one: in_unit(one, _range(one), words)
    )
    return Table(
        "forecast",
        (*(known[key] for key in _KEYS), span),
        [*months, *([office] if office is not None else [])],
        title=words("forecast_title", month=months[0].period.name if months else ""),
        shown=_SHOWN,
        spare=("allowed_pace", "pace", "pages"),
    )


def _expected(month: DepartmentMonth) -> str | None:
    return None if month.forecast is None else f"{month.forecast.expected:,.0f}"


def _range(month: DepartmentMonth) -> str | None:
    ends = month.forecast
    return None if ends is None else f"{ends.low:,.0f} - {ends.high:,.0f}"


def _advice(month: DepartmentMonth, words: CommandWords) -> str:
    if month.course is not None:
        return bring_back(month.course, japanese=words.is_japanese)
    return target_text(month.basis, japanese=words.is_japanese)


_MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOptions(ConfigOptions):
    """What the command line asks for."""

    month_name: str | None
    department: str | None
    level: int | None
    tests: bool
    since: str | None
    form: str

    def check(self) -> None:
        """Raise a usage error for options that do not go together."""
        if self.since is not None and not self.tests:
            raise click.UsageError(phrase("since_back_test"))
        if self.tests and self.month_name is not None:
            raise click.UsageError(phrase("back_test_month"))


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@on_level
@click.option("--back-test", "tests", is_flag=True, help="Replay past months and print the error.")
@click.option("--since", type=MONTH, metavar="MONTH", help="With --back-test: from this month on.")
@formatted
@configured
@into(ForecastOptions)
def forecast(options: ForecastOptions) -> int:
    """Show where MONTH will end (like 2026-11; default: the running month).

    Four in five months should end within the range. A department that is heading over its target
    is told what would bring it back. With --back-test every finished month in the ledger is
    forecast again as it would have been on each of its working days, and the mean error is printed
    beside those of two simple rules: pages so far, by working days so far, times those of the
    month; and the same month of last year.
    """
    options.check()
    loaded, department = options.load(), options.department
    words = CommandWords(loaded.settings.office.language)
    if options.tests:
        judged = asyncio.run(_judge(loaded, options.since, options.level))
        if department is not None:
            judged = of_department(judged, department)
        is_read = options.form == "table"
        result_tables(
            options.form, rules_table(judged, words) if is_read else back_test_table(judged)
        )
        return Exit.OK
    stated = asyncio.run(_state(loaded, options.month_name, options.level))
    months = named(stated.departments, department)
    office = stated.office if department is None else None
    result_tables(options.form, forecast_table(months, office, words))
    return Exit.OK


async def _state(loaded: "Loaded", month_name: str | None, level: int | None) -> OfficeMonth:
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        period = named_period(context.office, month_name, now)
        await refuse_unknown(ledger, context.office, period, now, ahead=_MONTHS_AHEAD)
        return await Months(ledger, context.on_level(level), now).came_to(period)


async def _judge(loaded: "Loaded", since: str | None, level: int | None) -> Sequence[BackTested]:
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        ended = await ended_months(ledger, context, now)
        first = _first(ended, since)
        return await _replayed(ledger, context.on_level(level), ended, first)


def _first(ended: Ended, since: str | None) -> str:
    """Return the first month to judge; raises BadParameter where there is none."""
    if not ended.whole:
        raise click.UsageError(phrase("no_whole_month"))
    known = phrase("from_to", first=ended.whole[0].name, last=ended.whole[-1].name)
    if since is not None and since > ended.whole[-1].name:
        message = phrase("no_month_since", since=since, known=known)
        raise click.BadParameter(message, param_hint="--since")
    return since or ended.whole[0].name


async def _replayed(
    ledger: Ledger, context: OfficeContext, ended: Ended, since: str
) -> Sequence[BackTested]:
    steps = len(ended.begun) + len(ended.whole) + len(context.fleet.departments) + 2
    with progress(phrase("replaying"), steps) as bar:
        return await back_test(ledger, context, ended, since, lambda: bar.advance(bar.task_ids[0]))
