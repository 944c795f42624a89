"""What Grafana does between a query and the screen or an alert, as far as names and rows go."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.grafana.shipped import Json

Frame = list[dict[str, Any]]


def interpolate(
    text: str, *, until: datetime, span_s: int, interval: str, values: Mapping[str, str]
) -> str:
    """Return the query that Grafana would send: time range, interval and variables filled in.

    `values` holds what each variable becomes inside a pattern.
    """
    end = int(until.timestamp() * 1000)
    begin = end - int(timedelta(seconds=span_s).total_seconds() * 1000)
    text = text.replace("$timeFilter", f"time >= {begin}ms and time <= {end}ms")
    text = text.replace("$__interval", interval)
    for name, value in values.items():
        text = text.replace("${" + name + ":regex}", value)
    assert not re.search(r"\$[\w{]", text), f"not filled in: {text}"
    return text


def pattern(values: Sequence[str]) -> str:
    """Return what the format `regex` makes of a variable's chosen values."""
    escaped = [re.sub(r"[-/\\^$*+?.()|\[\]{}]", r"\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else "(" + "|".join(escaped) + ")"


def frame(rows: Iterable[Mapping[str, Any]]) -> Frame:
    """Return rows of a query as a table frame: time under Grafana's name, then tags and fields."""
    return [
        {("Time" if key == "time" else key): value for key, value in row.items()}
        for row in ({k: v for k, v in one.items() if k != "measurement"} for one in rows)
    ]


def columns(table: Frame) -> set[str]:
    return set().union(*table)


def empty_columns(table: Frame) -> set[str]:
    """Return columns without a single value: misspelled ones, or ones never written."""
    return {name for name in columns(table) if all(row.get(name) is None for row in table)}


def transform(table: Frame, steps: Iterable[Json]) -> Frame:
    """Return `table` after `steps`; raises KeyError for a column a step names and it lacks."""
    for step in steps:
        table = _TRANSFORMATIONS[step["id"]](table, step["options"])
    return table


def _need(table: Frame, *names: str) -> None:
    missing = set(names) - columns(table)
    if missing:
        raise KeyError(f"no column {sorted(missing)} among {sorted(columns(table))}")


def _organize(table: Frame, options: Json) -> Frame:
    dropped = {name for name, gone in options["excludeByName"].items() if gone}
    _need(table, *dropped, *options["indexByName"], *options["renameByName"])
    renamed = options["renameByName"]
    return [
        {renamed.get(name, name): value for name, value in row.items() if name not in dropped}
        for row in table
    ]


def _sort_by(table: Frame, options: Json) -> Frame:
    (by,) = options["sort"]
    _need(table, by["field"])
    return sorted(table, key=lambda row: row[by["field"]], reverse=by["desc"])


def _grouping_to_matrix(table: Frame, options: Json) -> Frame:
    column, row, value = (options[f"{one}Field"] for one in ("column", "row", "value"))
    _need(table, column, row, value)
    lines: dict[Any, dict[str, Any]] = {}
    for one in table:
        lines.setdefault(one[row], {f"{row}\\{column}": one[row]})[one[column]] = one[value]
    return list(lines.values())


_TRANSFORMATIONS = {
    "organize": _organize,
    "sortBy": _sort_by,
    "groupingToMatrix": _grouping_to_matrix,
}


def firing(rule: Json, rows: Frame) -> set[tuple[tuple[str, str], ...]]:
    """Return the labels of every alert that `rule` raises on the rows of its query.

    A: a series per set of tags. B: its last value that is a number. C: the threshold. Without any
    number the rule is in its no-data state, which fires under no labels if it says Alerting.
    """
    _, reduced, threshold = (step["model"] for step in rule["data"])
    assert (reduced["reducer"], reduced["settings"]) == ("last", {"mode": "dropNN"})
    last: dict[tuple[tuple[str, str], ...], float] = {}
    for row in rows:
        cells = {name: value for name, value in row.items() if name != "Time"}
        labels = tuple(sorted((k, v) for k, v in cells.items() if isinstance(v, str)))
        numbers = [v for v in cells.values() if isinstance(v, int | float)]
        assert len(numbers) <= 1, f"more than one value column: {cells}"
        if numbers:
            last[labels] = numbers[0]
    if not last:
        return {()} if rule["noDataState"] == "Alerting" else set()
    (condition,) = threshold["conditions"]
    (limit,) = condition["evaluator"]["params"]
    above = condition["evaluator"]["type"] == "gt"
    assert above or condition["evaluator"]["type"] == "lt"
    return {labels for labels, v in last.items() if (v > limit if above else v < limit)}
