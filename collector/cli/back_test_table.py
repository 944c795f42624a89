"""How good past forecasts were, as table, CSV and JSON."""

from collections.abc import Sequence

from collector.app.back_test import BackTested
from collector.cli.month_csv import csv_text
from collector.cli.month_table import NONE, department_name
from collector.cli.output import result, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.back_test import CHECKPOINTS, Score, scores
from collector.domain.fleet import WHOLE_OFFICE, Department, DepartmentId

_POOLED = Department(DepartmentId("departments"), "部署平均", "All departments")
"""The cases of all departments together, each counting alike."""

_KEYS = (
    *("department", "name", "after_working_days", "cases", "error", "error_by_hand"),
    *("bias", "coverage", "since", "until"),
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
    checkpoints = [words("after", days=days) for days in CHECKPOINTS]
    result_table(
        [words("department"), *checkpoints, words("all_days"), words("coverage")],
        [_cells(department, found, words) for department, found in lines],
        title=words("back_test_title", since=since, until=until),
        numbers=range(1, len(CHECKPOINTS) + 3),
        spare=(4, 1),
    )
    say(words("back_test_rule"))


def _with_all(judged: Sequence[BackTested]) -> list[BackTested]:
    departments = [one for one in judged if one.department.id != WHOLE_OFFICE]
    office = [one for one in judged if one.department.id == WHOLE_OFFICE]
    together = tuple(said for one in departments for said in one.said)
    pooled = [BackTested(_POOLED, together)] if len(departments) > 1 else []
    return [*departments, *pooled, *office]


def _cells(department: Department, found: Sequence[Score], words: Words) -> tuple[str, ...]:
    by_days = {score.after: score for score in found}
    whole = by_days.get(None)
    return (
        department_name(department, words),
        *(_error(by_days.get(days)) for days in (*CHECKPOINTS, None)),
        NONE if whole is None else f"{whole.coverage:.0%}",
    )


def _error(score: Score | None) -> str:
    if score is None:
        return NONE
    by_hand = "" if score.error_by_hand is None else f" ({score.error_by_hand:.0%})"
    return f"{score.error:.1%}{by_hand}"


def _to_dict(department: Department, score: Score) -> dict[str, object]:
    by_hand = score.error_by_hand
    return {
        "department": department.id,
        "name": department.name,
        "after_working_days": score.after,
        "cases": score.cases,
        "error": round(score.error, 4),
        "error_by_hand": None if by_hand is None else round(by_hand, 4),
        "bias": round(score.bias, 4),
        "coverage": round(score.coverage, 4),
    }
