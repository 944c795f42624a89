"""How good past forecasts were, as table, CSV and JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from collector.app.back_test import BackTested
from collector.cli.month_csv import csv_text
from collector.cli.month_table import NONE, department_name
from collector.cli.output import result, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.back_test import CHECKPOINTS, Score, scores
from collector.domain.fleet import WHOLE_OFFICE, Department, DepartmentId

_POOLED = Department(DepartmentId("departments"), "部署平均", "All departments")
"""The cases of all departments together, each counting alike."""

_FIGURES: Mapping[str, Callable[[Score], float | None]] = {
    "judged_forecast": lambda score: score.error,
    "judged_by_hand": lambda score: score.error_by_hand,
    "judged_last_year": lambda score: score.error_last_year,
    "coverage": lambda score: score.coverage,
}
_KEYS = (
    *("department", "name", "after_working_days", "cases", "error", "error_by_hand"),
    *("error_last_year", "bias", "coverage", "since", "until"),
)


def show(judged: Sequence[BackTested], form: str, words: Words) -> None:
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
        result(csv_text(_KEYS, rows))
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
    department: Department, found: Sequence[Score], words: Words
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
