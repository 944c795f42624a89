"""Writes the InfluxQL of panels: quoted names, a bounded time, Grafana's macros left in place."""

from collections.abc import Sequence
from typing import Final

SPAN: Final = "$timeFilter"
"""Grafana puts the panel's time range here; every query is bounded by it."""
CHOSEN_DEPARTMENTS: Final = '"department" =~ /^${department:regex}$/'
CHOSEN_PLACES: Final = '"place" =~ /^${place:regex}$/'
CHOSEN_MONTH: Final = '"month" =~ /^${month:regex}$/'


def alias(expression: str, name: str) -> str:
    """Return `expression AS "name"`."""
    return f'{_quoted(expression)} AS "{name}"'


def call(function: str, field: str, name: str | None = None) -> str:
    """Return `function("field")` under the field's own name, or under `name`."""
    return alias(f'{function}("{field}")', name or field)


def select(
    *columns: str,
    of: str,
    where: Sequence[str] = (SPAN,),
    by: Sequence[str] = (),
    then: str = "",
) -> str:
    """Return a SELECT of `columns` from the measurement or the query `of`.

    Bare names in `columns` and `by` are quoted; anything else stands as it is.
    """
    parts = ["SELECT", ", ".join(map(_quoted, columns))]
    parts += ["FROM", f"({of})" if of.startswith("SELECT ") else f'"{of}"']
    if where:
        parts += ["WHERE", " AND ".join(where)]
    if by:
        parts += ["GROUP BY", ", ".join(map(_quoted, by))]
    return " ".join([*parts, then] if then else parts)


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isidentifier() else text
