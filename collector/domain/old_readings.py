"""Readings that are old: which may go, and which are laid together."""

from dataclasses import dataclass
from datetime import datetime

from collector.domain.office.shares import PlaceId


@dataclass(frozen=True, slots=True)
class Thin:
    """Readings of `place` with since < at < before that are not kept in full any longer.

    Those at `kept` stay, and those whose place in the log is behind `published` (None: none are).
    `counted_since` is the time after which the place can be counted again without them.
    """

    place: PlaceId
    since: datetime
    before: datetime
    kept: frozenset[datetime]
    published: int | None
    counted_since: datetime


@dataclass(frozen=True, slots=True)
class Freed:
    """Rows of a table, and about how many bytes they take."""

    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Pack:
    """Readings of `place` with at < before, which are seldom asked for any more.

    Their places in the log are laid together with them up to `published` (None: all are).
    """

    place: PlaceId
    before: datetime
    published: int | None = None
