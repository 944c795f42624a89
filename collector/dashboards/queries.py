"""The InfluxQL of panels: quoted names, a bounded time, Grafana's variables left in place.

Only what is drawn over time follows the page's time range (`SPAN`). Everything else has a bound of
its own: whatever range is chosen or dragged, it says the same.
"""

from collections.abc import Sequence
from typing import Final

SPAN: Final = "$timeFilter"
"""Grafana puts the page's time range here."""

LONG: Final = "time >= now() - 800d"
"""Longer than the 25 months that a page shows; which month is meant, the rows say."""

SITE: Final = '"site" =~ /^${site:regex}$/'
DEPARTMENT: Final = '"department" =~ /^${department:regex}$/'
WHOLE_OFFICES: Final = '"department" =~ /^whole_office$/'
OF_ITS_PARTS: Final = (
    f'({DEPARTMENT} OR "counted_in" =~ /\\|${{department:regex}}\\|/)'  # the tag: older rows
)
"""Of the department, or of one that was a part of it on that day."""
PLACE: Final = '"place" =~ /^${place:regex}$/'
MONTH: Final = '"month" =~ /^${month:regex}$/'
PERIOD: Final = '"period" =~ /^${month:regex}$/'
THIS_MACHINE: Final = '"serial" =~ /^${serial:regex}$/'
"""The machine that stands at the place now."""
COMPARED: Final = '"${compare:raw}" AS "compared"'
"""The same month of last year or the month before: a variable holds the field's name."""

# Who is in use has had a row within so long: rows of a copier come hourly, silent or not.
LATELY: Final = "6h"
A_MONTH: Final = "31d"


def since(span: str) -> str:
    """Return the condition that a row is not older than `span` ("6h")."""
    return f"time >= now() - {span}"


def alias(expression: str, name: str) -> str:
    """Return `expression AS "name"`."""
    return f'{_quoted(expression)} AS "{name}"'


def call(function: str, field: str, name: str | None = None) -> str:
    """Return `function("field")` under the field's own name, or under `name`."""
    return alias(f'{function}("{field}")', name or field)


def select(
    *columns: str,
    of: str,
    where: Sequence[str] = (),
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


def newest(
    first: str, *others: str, of: str, by: str, where: Sequence[str], then: Sequence[str] = ()
) -> str:
    """Return the newest row of each `by` (a tag): its tag, `first` and `others`, as one table.

    The tag is a column like others, so that none is lost to a comma in its value. `then` are
    conditions on the newest rows. `others` may be expressions of fields, with a name.
    """
    inside = select(call("last", first), *_fields(others), of=of, where=where, by=(by,))
    shown = [by, first, *(one for one in others if one != by)]
    return select(*shown, of=inside, where=then)


def _fields(columns: Sequence[str]) -> list[str]:
    return [one for one in columns if one.isidentifier()]


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isidentifier() else text
