"""Whether a sheet's figures are readings of the meters or the pages of each month.

Headings that say it decide. Without them the figures do: readings only grow, and over half a year
no office prints more in every month than in the one before. Where that does not tell, a title may;
and else a person must.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from collector.domain.old_sheets.cells import fold
from collector.domain.old_sheets.headings import Role
from collector.domain.old_sheets.rows import Observed
from collector.domain.sentence import Sentence, sentence

_MONTHS_TO_GROW: Final = 6
_STEPS: Final = 5
_FEW_FALLS: Final = 0.1
_MANY_FALLS: Final = 0.25

_TOTALS_WORDS: Final = ("使用枚数", "利用枚数", "印刷枚数", "使用量", "使用面数", "usage", "used")
_READING_WORDS: Final = ("指針", "検針値", "カウンター値", "カウンタ値", "reading")


class SheetKind(StrEnum):
    """What an old sheet holds."""

    READINGS = "readings"
    TOTALS = "totals"


@dataclass(frozen=True, slots=True)
class SettledKind:
    """What a sheet holds, by what that is known, and its figures, each with its role."""

    kind: SheetKind
    because: Sentence
    observed: tuple[Observed, ...]


def settled(
    observed: Sequence[Observed], options: SheetKind | None, titles: Iterable[str]
) -> SettledKind | None:
    """Return what `observed` are; None where neither headings nor figures nor titles tell.

    A `wish` wins, unless the sheet has readings as well as pages and says which are which.
    """
    said = {one.role for one in observed if one.role is not None}
    if options is not None:
        return SettledKind(
            options, sentence("kind.as_you_said"), tuple(_options_of(observed, said, options))
        )
    if said:
        kind = SheetKind.READINGS if said & {Role.CLOSING, Role.OPENING} else SheetKind.TOTALS
        return SettledKind(kind, sentence("kind.headings"), tuple(_filled(observed, Role.USED)))
    figures, title = _by_figures(observed), _by_titles(titles)
    if figures is not None and title not in {None, figures}:
        return None
    kind_found = figures or title
    if kind_found is None:
        return None
    because = sentence("kind.title")
    if figures is not None:
        readings = figures is SheetKind.READINGS
        because = sentence("kind.grow" if readings else "kind.rise_and_fall")
    return SettledKind(kind_found, because, tuple(_filled(observed, _role(kind_found))))


def _role(kind: SheetKind) -> Role:
    return Role.CLOSING if kind is SheetKind.READINGS else Role.USED


def _filled(observed: Iterable[Observed], role: Role) -> Iterator[Observed]:
    for one in observed:
        yield replace(one, role=role) if one.role is None else one


def _options_of(
    observed: Iterable[Observed], said: set[Role], options: SheetKind
) -> Iterator[Observed]:
    of_one_sort = len(said) <= 1 and Role.OPENING not in said
    for one in observed:
        yield replace(one, role=_role(options)) if of_one_sort or one.role is None else one


def _by_titles(titles: Iterable[str]) -> SheetKind | None:
    folded = [fold(title) for title in titles]
    totals = any(word in title for title in folded for word in _TOTALS_WORDS)
    readings = any(word in title for title in folded for word in _READING_WORDS)
    if totals == readings:
        return None
    return SheetKind.TOTALS if totals else SheetKind.READINGS


def _by_figures(observed: Iterable[Observed]) -> SheetKind | None:
    series: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for one in observed:
        series[one.place, one.meter][one.month] = one.value
    rises = 0
    falls: dict[str, int] = defaultdict(int)
    for values in series.values():
        for (_, before), (month, after) in pairwise(sorted(values.items())):
            rises += after > before
            if after < before:
                falls[month] += 1
    fallen = sum(falls.values())
    steps = rises + fallen
    months = {month for values in series.values() for month in values}
    if len(months) >= _MONTHS_TO_GROW and steps >= _STEPS and fallen <= _FEW_FALLS * steps:
        return SheetKind.READINGS
    if len(falls) > 1 and fallen >= _MANY_FALLS * steps:
        return SheetKind.TOTALS
    return None
