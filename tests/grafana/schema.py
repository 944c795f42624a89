"""Holds a query against the one table of what is published."""

from collections.abc import Iterator, Mapping

from collector.domain.rows import SCHEMA, FieldType
from tests.grafana.influxql import Column, Comparison, Select

NUMBERS = frozenset({FieldType.INTEGER, FieldType.FLOAT})
_NUMERIC_FUNCTIONS = frozenset({"sum", "max", "min", "mean", "bottom"})

Readable = Mapping[str, FieldType | None]
"""What a SELECT can read: name -> field type, None for a tag."""


def readable(select: Select) -> Readable:
    """Return what `select` can read from its measurement or from the query inside it."""
    if select.inner is None:
        measurement = SCHEMA[select.measurement or ""]
        return dict.fromkeys(measurement.tags) | dict(measurement.fields)
    below = readable(select.inner)
    outputs = {one.name: kind_of(one, below) for one in select.inner.columns}
    return outputs | dict.fromkeys(select.inner.by)


def kind_of(column: Column, below: Readable) -> FieldType | None:
    """Return the type of a column of the answer."""
    if "count" in column.functions:
        return FieldType.INTEGER
    return FieldType.FLOAT if len(column.reads) > 1 else below[column.reads[0]]


def problems(select: Select) -> Iterator[str]:
    """Yield everything in `select` that the published schema does not hold."""
    if select.inner is not None:
        inside = list(problems(select.inner))
        yield from inside
        if inside:
            return
    elif select.measurement not in SCHEMA:
        yield f"measurement {select.measurement}"
        return
    below = readable(select)
    for column in select.columns:
        yield from _column_problems(column, below)
    wrong = [name for name in select.by if below.get(name, FieldType.STRING) is not None]
    if wrong:
        yield f"GROUP BY {wrong}, not tags"
    for comparison in select.where:
        yield from _comparison_problems(comparison, below)
    if all(below.get(name) is None for one in select.columns for name in one.reads):
        yield "only tags are selected"


def _column_problems(column: Column, below: Readable) -> Iterator[str]:
    unknown = [name for name in column.reads if name not in below]
    if unknown:
        yield f"columns {unknown}"
        return
    kinds = {below[name] for name in column.reads}
    if column.functions and None in kinds:
        yield f"{column.functions} of the tag {column.reads[0]}"
    elif _NUMERIC_FUNCTIONS & set(column.functions) and not kinds <= NUMBERS:
        yield f"{column.functions} of {column.reads[0]}, which is no number"


def _comparison_problems(one: Comparison, below: Readable) -> Iterator[str]:
    if one.name not in below:
        yield f"condition on {one.name}"
    elif below[one.name] is None:
        if one.sign != "=~" or one.value.kind != "regex":
            yield f"the tag {one.name} is compared by {one.sign} {one.value.text}"
    elif below[one.name] in NUMBERS and one.value.kind != "number":
        yield f"the number {one.name} is compared with {one.value.text}"
