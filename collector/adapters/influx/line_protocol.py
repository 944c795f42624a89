"""Line protocol: one row to one line of bytes, the same for every server. Pure.

What cannot be said in line protocol is refused here (`UnwritableRow`), because servers differ in
what they make of it: InfluxDB 1.x drops points or swallows the next line, VictoriaMetrics stores
zeros. Sources: the 1.6 and 2.7 parsers (package `models`) and the 3.x line protocol crate.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from collector.adapters.influx.answers import NotTaken, Stored
from collector.domain.rows import Row, Value
from collector.ports import Rejected

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_LAST_SECOND: Final = 9_223_372_036  # nanoseconds in 64 bits: the years 1677 to 2262
_INT64: Final = 2**63

_REMEMBERED: Final = 8192
"""Names that are kept as they are written: places and departments come again with every row."""

_CONTROL: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_TAG: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_STRING: Final = str.maketrans(_CONTROL | {"\\": r"\\", '"': r"\""})
_CONTROL_TO_SPACE: Final = str.maketrans(_CONTROL)


class UnwritableRow(ValueError):
    """This row has no line; the text says which part of it and why."""


@lru_cache(maxsize=_REMEMBERED)
def clean_tag(value: str) -> str:
    r"""Return the tag value that a server will hold for `value`.

    Control characters (a line end would end the line) become spaces, and spaces at both ends go.
    A backslash becomes a full-width one: at the end of a value it would swallow the comma after
    it, and before a special character servers disagree on what it means.
    """
    return value.translate(_CONTROL_TO_SPACE).strip().replace("\\", "＼")


def clean_text(value: str) -> str:
    """Return the string field that a server will hold for `value`: control characters as spaces."""
    return value.translate(_CONTROL_TO_SPACE)


def render(row: Row) -> bytes:
    """Return `row` as one line without its line end, time in whole seconds.

    An empty tag is left out: for InfluxDB a missing tag and an empty one are the same, and the
    written form `tag=` is an error. A lone surrogate becomes a question mark.
    Raises UnwritableRow for a number that is none (NaN, infinity), an integer beyond 64 bits, and
    a time without zone or outside the years that servers keep.
    """
    fields = []
    for name, value in sorted(row.fields.items()):
        if type(value) is int and -_INT64 <= value < _INT64:  # nearly all are
            fields.append(f"{name}={value}i")
        else:
            fields.append(f"{name}={_field(row, name, value)}")
    tags = _tags(tuple(row.tags.items()))
    line = f"{row.measurement}{tags} {','.join(fields)} {_seconds(row)}"
    return line.encode("utf-8", "replace")


@lru_cache(maxsize=_REMEMBERED)
def _tags(tags: tuple[tuple[str, str], ...]) -> str:
    written = (
        f",{name}={text}"
        for name, value in sorted(tags)
        if (text := clean_tag(value).translate(_TAG))
    )
    return "".join(written)


def _field(row: Row, name: str, value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            if not -_INT64 <= value < _INT64:
                raise UnwritableRow(f"{row.measurement}.{name}: {value} needs more than 64 bits")
            return f"{value}i"
        case float():
            if not math.isfinite(value):
                raise UnwritableRow(f"{row.measurement}.{name}: {value} is no number")
            return repr(value)
        case str():
            return f'"{value.translate(_STRING)}"'


def _seconds(row: Row) -> int:
    if row.at.utcoffset() is None:
        raise UnwritableRow(f"{row.measurement}: time {row.at.isoformat()} has no zone")
    seconds = (row.at - _EPOCH) // _SECOND
    if abs(seconds) > _LAST_SECOND:
        raise UnwritableRow(f"{row.measurement}: time {row.at.isoformat()} is out of range")
    return seconds


# Rows to requests and back: render, send in batches, find the lines that a server refuses.


Post = Callable[[bytes], Awaitable[Stored | NotTaken]]
"""Sends lines, joined by line ends, and says what became of them; raises SinkError."""


@dataclass(frozen=True, slots=True)
class _SentLine:
    row: Row
    text: bytes


async def deliver(rows: Sequence[Row], post: Post, batch_rows: int) -> list[Rejected]:
    """Hand `rows` over by `post`, `batch_rows` at a time, and return those that no one will take.

    A batch that is refused is halved and sent again until the culprits stand alone: points are
    idempotent, so what was stored of it before does not matter.
    """
    rejected: list[Rejected] = []
    for start in range(0, len(rows), batch_rows):
        lines = _rendered(rows[start : start + batch_rows], rejected)
        if lines:
            rejected += await _deliver(lines, post)
    return rejected


def _rendered(rows: Sequence[Row], rejected: list[Rejected]) -> list[_SentLine]:
    """Return the lines of `rows`; rows that have none are added to `rejected`."""
    lines: list[_SentLine] = []
    for row in rows:
        try:
            lines.append(_SentLine(row, render(row)))
        except UnwritableRow as error:
            rejected.append(Rejected(row, str(error)))
    return lines


async def _deliver(lines: Sequence[_SentLine], post: Post) -> list[Rejected]:
    outcome = await post(b"\n".join(line.text for line in lines))
    match outcome:
        case Stored():
            return []
        case NotTaken(reason, dropped, less) if len(lines) == 1 or dropped == len(lines):
            # All of them dropped: halving could only find the same reason line by line.
            return [Rejected(line.row, reason, less) for line in lines]
        case NotTaken():
            middle = len(lines) // 2
            first = await _deliver(lines[:middle], post)
            return first + await _deliver(lines[middle:], post)
