"""How many people work in a department, and how departments rank by what each of them prints.

Only like is ranked with like: departments of one calendar (offices with offices, schools with
schools) that state how many they are, all of them by sheets or all by impressions.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

ALWAYS: Final = date.min
"""The day from which a headcount without a date holds."""


@dataclass(frozen=True, slots=True)
class Headcount:
    """From `start` on so many `people` work there, 1 or more, until the next headcount."""

    start: date
    people: int


def people_on(staff: Sequence[Headcount], day: date) -> int | None:
    """Return how many people there are on `day`; None before the first headcount."""
    held = [one.people for one in staff if one.start <= day]
    return held[-1] if held else None


@dataclass(frozen=True, slots=True)
class Rank:
    """The `place` among `of` departments alike, 1 where each prints least; equals share one."""

    place: int
    of: int


def ranked(
    heads: Iterable[tuple[str, Hashable, Fraction, Fraction | None]],
) -> Mapping[str, Rank]:
    """Return the rank of each department of which another one alike is there.

    Each is its id, what is the same of those alike (its calendar, its level), and its impressions
    and sheets a head; sheets decide where all of those alike know theirs.
    """
    alike: dict[Hashable, list[tuple[str, Fraction, Fraction | None]]] = defaultdict(list)
    for name, calendar, pages, sheets in heads:
        alike[calendar].append((name, pages, sheets))
    found: dict[str, Rank] = {}
    for group in alike.values():
        sheets_known = all(sheets is not None for _, _, sheets in group)
        amounts = {
            name: sheets if sheets_known and sheets is not None else pages
            for name, pages, sheets in group
        }
        for name, own in amounts.items():
            place = 1 + sum(other < own for other in amounts.values())
            if len(group) > 1:
                found[name] = Rank(place, len(group))
    return found
