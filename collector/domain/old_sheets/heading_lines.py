"""Which lines of a sheet are headings.

Headings may take several lines (a year or a month over its meters), and may come again further
down, one table a year. Whatever stands above them is a title.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from collector.domain.old_sheets.cells import Line, Value
from collector.domain.old_sheets.figures import is_number
from collector.domain.old_sheets.headings import Heading, Label, heading_in
from collector.domain.old_sheets.months import month_in
from collector.domain.old_sheets.places import Places

_AXES: Final = frozenset(Label) - {Label.OTHER}
_MOST: Final = 3
"""Lines that belong to a heading, above or below the one that is sure."""


def heading_of(value: Value) -> Heading | None:
    """Return what a cell says as a heading; a date is its month, a number is none."""
    if isinstance(value, str):
        return None if is_number(value) else heading_in(value)
    if value is None or isinstance(value, int | float):
        return None
    month = month_in(value)
    return None if month is None else Heading(month=month)


def heading_lines(lines: Sequence[Line], places: Places) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of each group of lines that are headings."""
    position = 0
    free = 0
    while position < len(lines):
        below = lines[position + 1 : position + 1 + _MOST]
        if not _is_head(lines[position], below, places, again=free > 0):
            position += 1
            continue
        first, last = _above(lines, position, free), _below(lines, position)
        yield first, last
        free = position = last + 1


def _is_head(line: Line, below: Sequence[Line], places: Places, *, again: bool) -> bool:
    """Say whether `line` is a heading for sure; where there were some, only by surer signs."""
    if any(is_number(value) for value in line.values):
        return False
    found = [heading_of(value) for value in line.values]
    said = [one for one in found if one is not None and not one.is_empty]
    named = {v for v in line.values if isinstance(v, str) and places.knows(v)}
    months = len({one.month for one in said if one.has_month})
    labels = [one.label for one in said if one.label in _AXES]
    if labels and len(said) > 1 and not (named and months):
        return True
    if Label.MONTH in labels:
        return _lists_months(found, below) and sum(v is not None for v in line.values) > 1
    if months > 1 and not named:
        return True
    return not again and not months and len(named) > 1 and _begins_with_month(below)


def _lists_months(found: Sequence[Heading | None], below: Sequence[Line]) -> bool:
    column = next(n for n, one in enumerate(found) if one and one.label is Label.MONTH)
    return any(month_in(line.at(column)) is not None for line in below)


def _begins_with_month(below: Sequence[Line]) -> bool:
    firsts = (next((v for v in line.values if v is not None), None) for line in below)
    return any(month_in(first) is not None and not is_number(first) for first in firsts)


def _above(lines: Sequence[Line], head: int, free: int) -> int:
    """Return the first of the lines above `head` that group its columns, not below `free`.

    A group begins at the first column that is no label; a title stands further left.
    """
    inner = _first_inner(lines[head])
    first = head
    while first > free and head - first < _MOST:
        line = lines[first - 1]
        if not (_is_part(line) and line.at(inner) is not None):
            break
        first -= 1
    return first


def _first_inner(head: Line) -> int:
    """Return the first column whose heading is no label."""
    for index, value in enumerate(head.values):
        one = heading_of(value)
        if one is not None and one.label is None and not one.is_empty:
            return index
    return len(head.values)


def _below(lines: Sequence[Line], head: int) -> int:
    """Return the last of the lines below `head` that say more of its columns.

    The labels of the columns may stand in any one of them.
    """
    last = head
    months = _labelled(lines[head], {Label.MONTH})
    has_labels = bool(_labelled(lines[head], _AXES))
    while last + 1 < len(lines) and last - head < _MOST:
        line = lines[last + 1]
        labels = _labelled(line, _AXES)
        is_part = _is_part(line) and not any(line.at(column) is not None for column in months)
        is_label_line = not has_labels and labels and not any(map(is_number, line.values))
        if not is_part and not is_label_line:
            break
        has_labels = has_labels or bool(labels)
        last += 1
    return last


def _labelled(line: Line, labels: Collection[Label]) -> list[int]:
    """Return the columns of `line` whose heading is one of `labels`."""
    found = ((n, heading_of(value)) for n, value in enumerate(line.values))
    return [n for n, one in found if one is not None and one.label in labels]


def _is_part(line: Line) -> bool:
    """Say whether every cell of `line` is a part of a heading: a year, a month or a meter."""
    found = [heading_of(value) for value in line.values if value is not None]
    return all(one is not None and one.label is None for one in found) and any(
        one is not None and not one.is_empty for one in found
    )
