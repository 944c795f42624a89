"""Finds every sum and difference of a few numbers that comes to a wanted one. Pure.

Numbers are known from one or several rounds; a round each is packed into one integer, so that
what fits is what fits in every round. The search is exact, in a fixed order, and meets in the
middle: sums of four are found among the sums of two.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import Final

Sum = tuple[tuple[int, int], ...]
"""Sign and index of each summand: positive ones first, indexes growing."""

MOST_TERMS: Final = 4
MOST_PAIRED: Final = 600
"""More numbers than this are only added up two by two: they have too many sums of two to keep."""

_ROUND_BITS: Final = 48
"""A counter takes 32 bits; sums of four and their signs fit beside it."""


def packed(values: Iterable[int]) -> int:
    """Return the values of several rounds as one number that adds up as each of them does."""
    return sum(value << (_ROUND_BITS * at) for at, value in enumerate(values))


class Addends:
    """Numbers that may be added up. `values` are packed, and none of them is 0."""

    def __init__(self, values: Sequence[int]) -> None:
        """Hold `values`; nothing is worked out before it is asked for."""
        self._values = values

    @property
    def most_terms(self) -> int:
        """How many of them are added up at most."""
        return MOST_TERMS if len(self._values) <= MOST_PAIRED else 2

    def fits(self, wanted: int) -> Iterator[Sum]:
        """Yield every sum of two to four, and every one less one or two others, that is `wanted`.

        Each is yielded once, those of fewer terms first.
        """
        yield from self._twos(wanted)
        if self.most_terms > 2:  # noqa: PLR2004 - more than the twos above
            yield from self._threes(wanted)
            yield from self._fours(wanted)

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for at, value in enumerate(self._values):
            found.setdefault(value, []).append(at)
        return found

    @cached_property
    def _pairs(self) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for (i, one), (j, other) in combinations(enumerate(self._values), 2):
            found.setdefault(one + other, []).append((i, j))
        return found

    def _twos(self, wanted: int) -> Iterator[Sum]:
        for i, value in enumerate(self._values):
            for j in self._places.get(wanted - value, ()):
                if j > i:
                    yield (1, i), (1, j)
        for i, value in enumerate(self._values):
            for j in self._places.get(value - wanted, ()):
                if j != i:
                    yield (1, i), (-1, j)

    def _threes(self, wanted: int) -> Iterator[Sum]:
        for i, value in enumerate(self._values):
            for j, k in self._pairs.get(wanted - value, ()):
                if i < j:
                    yield (1, i), (1, j), (1, k)
        for i, value in enumerate(self._values):
            for j, k in self._pairs.get(value - wanted, ()):
                if i not in {j, k}:
                    yield (1, i), (-1, j), (-1, k)

    def _fours(self, wanted: int) -> Iterator[Sum]:
        seen: set[tuple[int, ...]] = set()
        for total, pairs in self._pairs.items():
            others = self._pairs.get(wanted - total)
            if others is None or total > wanted - total:
                continue
            for i, j in pairs:
                for k, m in others:
                    four = tuple(sorted((i, j, k, m)))
                    if len({*four}) == MOST_TERMS and four not in seen:
                        seen.add(four)
                        yield tuple((1, at) for at in four)


class Crowd:
    """How densely sums lie around a number: how many would hit it by chance alone.

    `values` are those of one round.
    """

    def __init__(self, values: Iterable[int]) -> None:
        """Hold `values` that are not 0."""
        self._values = sorted(values)

    @cached_property
    def _pairs(self) -> list[int]:
        if len(self._values) > MOST_PAIRED:
            return []
        return sorted(one + other for one, other in combinations(self._values, 2))

    def expected(self, wanted: int, terms: int) -> float:
        """Return how many sums of exactly `terms` terms one expects at `wanted` by chance.

        Measured: those within a twentieth of it, divided by how many numbers lie there.
        """
        width = max(50, wanted // 20)
        return self._near(wanted, width, terms) / (2 * width + 1)

    def _near(self, wanted: int, width: int, terms: int) -> float:
        values, pairs = self._values, self._pairs
        if terms == 1:
            return _between(values, wanted, width)
        if terms == 2:  # noqa: PLR2004 - a sum of two
            added = sum(_between(values, wanted - one, width) for one in values) / 2
            return added + sum(_between(values, one - wanted, width) for one in values)
        if terms == 3:  # noqa: PLR2004 - a sum of three
            added = sum(_between(pairs, wanted - one, width) for one in values) / 3
            return added + sum(_between(pairs, one - wanted, width) for one in values)
        return sum(_between(pairs, wanted - one, width) for one in pairs) / 6


def _between(numbers: Sequence[int], middle: int, width: int) -> int:
    return bisect_right(numbers, middle + width) - bisect_left(numbers, middle - width)
