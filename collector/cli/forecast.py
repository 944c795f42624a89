"""`copier-fleet forecast`: where the month will end, and how good such forecasts have been."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.month.back_test import BackTested, Ended, back_test, ended_months
from collector.app.month.months import Months
from collector.app.office_context import OfficeContext
from collector.cli.month import NONE, count, csv_text, department_name, named, paces, to_dict
from collector.cli.options import (
    at_office,
    configured,
    format_option,
    loaded_from,
    month_argument,
    named_period,
    refuse_no_month,
    refuse_unknown,
)
from collector.cli.output import Exit, progress, result, result_json, result_table, say
from collector.cli.words import CommandWords
from collector.domain.month.back_test import CHECKPOINTS, Score, scores
from collector.domain.month.month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId
from collector.domain.report.sentences import bring_back, target_text
from collector.ports import Ledger
from collector.settings.load import Loaded
from collector.settings.values import month_problem

# How good past forecasts were, as table, CSV and JSON.


_POOLED = Department(DepartmentId("departments"), "部署平均", "All departments")
"""The cases of all departments together, each counting alike."""

_FIGURES: Mapping[str, Callable[[Score], float | None]] = {
    "judged_forecast": lambda score: score.error,
    "judged_by_hand": lambda score: score.error_by_hand,
    "judged_last_year": lambda score: score.error_last_year,
    "coverage": lambda score: score.coverage,
}
_BACK_TEST_KEYS = (
    *("department", "name", "after_working_days", "cases", "error", "error_by_hand"),
    *("error_last_year", "bias", "coverage", "since", "until"),
)


def show_back_test(judged: Sequence[BackTested], form: str, words: CommandWords) -> None:
    """Print the scores of `judged`, and of all departments together before the whole office."""
    lines = [(one.department, scores(one.said)) for one in _with_all(judged)]
    months = sorted({said.month for one in judged for said in one.said})
    since, until = (months[0], months[-1]) if months else (NONE, NONE)
    rows = [
        _to_dict(department, score) | {"since": since, "until": until}
        for department, found in lines
        for score in found
    ]
    if form == "csv":
        result(csv_text(_BACK_TEST_KEYS, rows))
        return
    if form == "json":
        result_json(rows)
        return
    starts = [
        words("at_start") if days == 0 else words("after_days", days=days) for days in CHECKPOINTS
    ]
    result_table(
        [words("department"), words("judged"), *starts, words("all_days")],
        [row for department, found in lines for row in _rows(department, found, words)],
        title=words("back_test_title", since=since, until=until),
        numbers=range(2, len(CHECKPOINTS) + 3),
        spare=(2, len(CHECKPOINTS) + 2),
    )
    say(words("back_test_rule"))


def _with_all(judged: Sequence[BackTested]) -> list[BackTested]:
    departments = [one for one in judged if one.department.id != WHOLE_OFFICE]
    office = [one for one in judged if one.department.id == WHOLE_OFFICE]
    together = tuple(said for one in departments for said in one.said)
    pooled = [BackTested(_POOLED, together)] if len(departments) > 1 else []
    return [*departments, *pooled, *office]


def _rows(
    department: Department, found: Sequence[Score], words: CommandWords
) -> Iterator[tuple[str, ...]]:
    """Yield a department's lines: its errors, those of the simple rules, and months in range."""
    by_days = {score.after: score for score in found}
    in_order = [by_days.get(days) for days in (*CHECKPOINTS, None)]
    for number, (key, figure) in enumerate(_FIGURES.items()):
        cells = [_per_cent(None if score is None else figure(score)) for score in in_order]
        yield (department_name(department, words) if number == 0 else "", words(key), *cells)


def _per_cent(share: float | None) -> str:
    return NONE if share is None else f"{share:.1%}"


def _to_dict(department: Department, score: Score) -> dict[str, object]:
    by_hand, last_year = score.error_by_hand, score.error_last_year
    return {
        "department": department.id,
        "name": department.name,
        "after_working_days": score.after,
        "cases": score.cases,
        "error": round(score.error, 4),
        "error_by_hand": None if by_hand is None else round(by_hand, 4),
        "error_last_year": None if last_year is None else round(last_year, 4),
        "bias": round(score.bias, 4),
        "coverage": round(score.coverage, 4),
    }


# Where a month will end, as table, CSV and JSON.


_HEADINGS = ("department", "pages", "forecast", "range", "target", "pace", "allowed", "advice")
_NUMBERS = (1, 2, 3, 4, 5, 6)
_SPARE = (6, 5, 1)
_KEYS = (
    *("month", "department", "name", "pages", "forecast", "forecast_low", "forecast_high"),
    *("target", "remaining", "pace", "allowed_pace", "bearing", "cut", "advice", "advice_en"),
    *("target_basis", "target_basis_en", "unread", "elapsed"),
)


def show(
    months: Sequence[DepartmentMonth],
    office: DepartmentMonth | None,
    form: str,
    words: CommandWords,
) -> None:
    """Print the forecast of every one of `months`, and that of the `office` last."""
    everybody = [*months, *([office] if office is not None else [])]
    if form == "csv":
        result(csv_text(_KEYS, [to_dict(one) for one in everybody]))
        return
    if form == "json":
        result_json([{key: to_dict(one)[key] for key in _KEYS} for one in everybody])
        return
    name = months[0].period.name if months else ""
    result_table(
        [words(one) for one in _HEADINGS],
        [_cells(one, words) for one in everybody],
        title=words("forecast_title", month=name),
        numbers=_NUMBERS,
        spare=_SPARE,
    )


def _cells(month: DepartmentMonth, words: CommandWords) -> tuple[str, ...]:
    ends, heading = month.forecast, month.course
    advice = target_text(month.basis, japanese=words.is_japanese)
    if heading is not None:
        advice = bring_back(heading, japanese=words.is_japanese)
    return (
        department_name(month.department, words),
        f"{month.pages:,}",
        NONE if ends is None else f"{ends.expected:,.0f}",
        NONE if ends is None else f"{ends.low:,.0f} - {ends.high:,.0f}",
        count(month.target),
        *paces(heading),
        advice,
    )


_MONTHS_AHEAD = 12


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option("--back-test", "tests", is_flag=True, help="Replay past months and print the error.")
@click.option("--since", metavar="MONTH", help="With --back-test: from this month on.")
@format_option
@configured
def forecast(
    month_name: str | None,
    department: str | None,
    since: str | None,
    form: str,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    tests: bool,
) -> int:
    """Show where MONTH will end (like 2026-11; default: the running month).

    Four in five months should end within the range. A department that is heading over its target
    is told what would bring it back. With --back-test every finished month in the ledger is
    forecast again as it would have been on each of its working days, and the mean error is printed
    beside those of two simple rules: pages so far, by working days so far, times those of the
    month; and the same month of last year.
    """
    if since is not None and (problem := month_problem(since)):
        raise click.BadParameter(problem, param_hint="--since")
    if since is not None and not tests:
        raise click.UsageError("--since belongs to --back-test; give both or none")
    if tests and month_name is not None:
        raise click.UsageError("--back-test takes no MONTH; give --since MONTH instead")
    loaded = loaded_from(config, secrets)
    words = CommandWords(loaded.settings.office.language)
    if tests:
        judged = asyncio.run(_judge(loaded, since))
        if department is not None:
            judged = _of_department(judged, department, loaded)
        show_back_test(judged, form, words)
        return Exit.OK
    stated = asyncio.run(_state(loaded, month_name))
    months = named(stated.departments, department, loaded.fleet)
    office = stated.office if department is None else None
    show(months, office, form, words)
    return Exit.OK


async def _state(loaded: Loaded, month_name: str | None) -> OfficeMonth:
    now = SystemClock().now()
    refuse_no_month(loaded.settings.office.office(frozenset()), month_name)
    async with at_office(loaded, now) as (ledger, context):
        period = named_period(context.office, month_name, now)
        await refuse_unknown(ledger, context.office, period, now, ahead=_MONTHS_AHEAD)
        return await Months(ledger, context, now).came_to(period)


async def _judge(loaded: Loaded, since: str | None) -> Sequence[BackTested]:
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        ended = await ended_months(ledger, context, now)
        first = _first(ended, since)
        return await _replayed(ledger, context, ended, first)


def _first(ended: Ended, since: str | None) -> str:
    """Return the first month to judge; raises BadParameter where there is none."""
    if not ended.whole:
        raise click.UsageError("the ledger holds no whole month that is over; try again later")
    known = f"{ended.whole[0].name} to {ended.whole[-1].name}"
    if since is not None and since > ended.whole[-1].name:
        message = f"no month since {since} is over; the ledger holds {known}"
        raise click.BadParameter(message, param_hint="--since")
    return since or ended.whole[0].name


async def _replayed(
    ledger: Ledger, context: OfficeContext, ended: Ended, since: str
) -> Sequence[BackTested]:
    steps = len(ended.begun) + len(ended.whole) + len(context.fleet.departments) + 2
    with progress("replaying", steps) as bar:
        return await back_test(ledger, context, ended, since, lambda: bar.advance(TaskID(0)))


def _of_department(
    judged: Sequence[BackTested], department: str, loaded: Loaded
) -> Sequence[BackTested]:
    names = {department, department.casefold()}
    found = [
        one
        for one in judged
        if {one.department.id, one.department.name, one.department.name_en or ""} & names
    ]
    if not found:
        known = ", ".join(one.id for one in loaded.fleet.departments)
        raise click.BadParameter(f"no department {department!r}; known are: {known}")
    return found
