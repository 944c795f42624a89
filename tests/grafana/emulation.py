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

    `values` holds what each variable becomes inside a pattern. The server's `now()` is the
    instant `until`, too: what is asked stands still.
    """
    end = int(until.timestamp() * 1000)
    begin = end - int(timedelta(seconds=span_s).total_seconds() * 1000)
    text = text.replace("$timeFilter", f"time >= {begin}ms and time <= {end}ms")
    text = text.replace("now()", f"{end}ms")
    text = text.replace("$__interval", interval)
    for name, value in values.items():
        text = text.replace("${" + name + ":regex}", value)
        text = text.replace("${" + name + ":raw}", value)
    assert not re.search(r"\$[\w{]", text), f"not filled in: {text}"
    return text


def pattern(values: Sequence[str]) -> str:
    """Return what the format `regex` makes of a variable's chosen values."""
    escaped = [re.sub(r"[-/\\^$*+?.()|\[\]{}]", r"\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else "(" + "|".join(escaped) + ")"


def offered(variable: Json, answers: Iterable[str]) -> dict[str, str]:
    """Return value -> text of what a variable offers, in its order."""
    found: dict[str, str] = {}
    for one in answers:
        value = text = one
        if variable["regex"]:
            named = variable["regex"].strip("/").replace("(?<", "(?P<")
            matched = re.search(named, one)
            if matched is None:
                continue
            value, text = matched["value"], matched["text"]
        found.setdefault(value, text)
    if variable["sort"] == 1:
        found = dict(sorted(found.items(), key=lambda pair: pair[1]))
    return found


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


def transform(tables: Sequence[Frame], steps: Iterable[Json]) -> Frame:
    """Return the one table that `steps` make of the answers to a panel's queries.

    Raises KeyError for a column that a step names and no table has.
    """
    frames = list(tables)
    for step in steps:
        frames = _TRANSFORMATIONS[step["id"]](frames, step["options"])
    (one,) = frames
    return one


def _need(frames: Sequence[Frame], *names: str) -> None:
    there = set().union(*map(columns, frames)) if frames else set()
    missing = set(names) - there
    if missing and any(frames):
        raise KeyError(f"no column {sorted(missing)} among {sorted(there)}")


def _organize(frames: list[Frame], options: Json) -> list[Frame]:
    """Drop, order and rename columns; those that `indexByName` does not name come last."""
    dropped = {name for name, gone in options["excludeByName"].items() if gone}
    index = options["indexByName"]
    _need(frames, *dropped, *index, *options["renameByName"])
    renamed = options["renameByName"]
    return [
        [
            {
                renamed.get(name, name): row[name]
                for name in sorted(row, key=lambda one: index.get(one, len(index)))
                if name not in dropped
            }
            for row in table
        ]
        for table in frames
    ]


def _sort_by(frames: list[Frame], options: Json) -> list[Frame]:
    (by,) = options["sort"]
    _need(frames, by["field"])

    def key(row: Mapping[str, Any]) -> tuple[bool, Any]:  # what has no value stands first
        value = row[by["field"]]
        return (value is not None, 0 if value is None else value)

    return [sorted(table, key=key, reverse=by["desc"]) for table in frames]


def _merge(frames: list[Frame], _options: Json) -> list[Frame]:
    """Join rows by the columns that all frames have; one row joins every one that it fits."""
    keys = set.intersection(*map(columns, frames)) if all(frames) else set()
    if not keys:
        return [[row for one in frames for row in one]]
    names = list(dict.fromkeys(name for one in frames for row in one for name in row))
    merged: Frame = []
    for one in frames:
        for row in one:
            fitting = [
                old
                for old in merged
                if all(old[key] == row[key] for key in keys)
                and all(old.get(name) in (None, value) for name, value in row.items())
            ]
            for old in fitting:
                old.update(row)
            if not fitting:
                merged.append(dict.fromkeys(names) | row)
    return [merged]


def _filter_by_value(frames: list[Frame], options: Json) -> list[Frame]:
    assert (options["type"], options["match"]) == ("exclude", "any")
    rules = [(one["fieldName"], one["config"]) for one in options["filters"]]
    _need(frames, *(name for name, _ in rules))
    return [
        [row for row in one if not any(_fits(row[name], config) for name, config in rules)]
        for one in frames
    ]


def _fits(value: float | None, config: Json) -> bool:
    if config["id"] == "isNull":
        return value is None
    assert config["id"] == "greater"
    return value is not None and bool(value > config["options"]["value"])


def _grouping_to_matrix(frames: list[Frame], options: Json) -> list[Frame]:
    assert len(frames) == 1, "Grafana leaves several frames as they are"
    column, row, value = (options[f"{one}Field"] for one in ("column", "row", "value"))
    _need(frames, column, row, value)
    names = list(dict.fromkeys(str(one[column]) for one in frames[0]))
    lines: dict[Any, dict[str, Any]] = {}
    for one in frames[0]:
        empty = {f"{row}\\{column}": one[row]} | dict.fromkeys(names)
        lines.setdefault(one[row], empty)[str(one[column])] = one[value]
    return [list(lines.values())]


def _config_from_data(frames: list[Frame], options: Json) -> list[Frame]:
    """Show one column by the texts that the frame of query B maps its values to."""
    assert (options["configRefId"], options["applyTo"]["id"]) == ("B", "byName")
    shown, texts = frames
    name = options["applyTo"]["options"]
    handlers = {one["handlerKey"]: one["fieldName"] for one in options["mappings"]}
    value, text = handlers["mappings.value"], handlers["mappings.text"]
    _need([texts], value, text)
    _need([shown], name)
    known = {row[value]: row[text] for row in texts}
    return [[row | {name: known.get(row[name], row[name])} for row in shown]]


_TRANSFORMATIONS = {
    "organize": _organize,
    "sortBy": _sort_by,
    "merge": _merge,
    "filterByValue": _filter_by_value,
    "groupingToMatrix": _grouping_to_matrix,
    "configFromData": _config_from_data,
}
