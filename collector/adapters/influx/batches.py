"""Rows to requests and back: render, send in batches, find the lines that a server refuses."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from collector.adapters.influx.answers import NotTaken, Stored
from collector.adapters.influx.line import UnwritableRow, render
from collector.domain.rows import Row
from collector.ports import Rejected

Post = Callable[[bytes], Awaitable[Stored | NotTaken]]
"""Sends lines, joined by line ends, and says what became of them; raises SinkError."""


@dataclass(frozen=True, slots=True)
class _Line:
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


def _rendered(rows: Sequence[Row], rejected: list[Rejected]) -> list[_Line]:
    """Return the lines of `rows`; rows that have none are added to `rejected`."""
    lines: list[_Line] = []
    for row in rows:
        try:
            lines.append(_Line(row, render(row)))
        except UnwritableRow as error:
            rejected.append(Rejected(row, str(error)))
    return lines


async def _deliver(lines: Sequence[_Line], post: Post) -> list[Rejected]:
    outcome = await post(b"\n".join(line.text for line in lines))
    match outcome:
        case Stored():
            return []
        case NotTaken(reason, dropped) if len(lines) == 1 or dropped == len(lines):
            # All of them dropped: halving could only find the same reason line by line.
            return [Rejected(line.row, reason) for line in lines]
        case NotTaken():
            middle = len(lines) // 2
            first = await _deliver(lines[:middle], post)
            return first + await _deliver(lines[middle:], post)
