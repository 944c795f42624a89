"""Looks for everything that comes to a figure in every round: counters, sums, differences. Pure."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, islice
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value
from collector.calibration.counters import Counter, sum_among
from collector.calibration.fits import FittingFormula, Round, found_fit, is_apart, may_count
from collector.domain.meters import Meter

# Which counters may be added up: those of one stated family, one table, or one line of a table.
#
# Counters of different families show the same pages twice, so a sum never mixes them; one whose
# family is stated is never added to one whose family is not. Pure.


_LINES: Final = (1, 2, 3)
"""A line: all arcs but one agree. The one that varies is the last, or one of the two before."""

_SHORTEST: Final = len(mib.ENTERPRISES) + 1


def groups(counters: Sequence[Counter]) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more counters, by their places in `counters`, each group once."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for at, counter in enumerate(counters):
        for key in _keys(counter):
            found[key].append(at)
    every = tuple(dict.fromkeys(tuple(one) for one in found.values() if len(one) > 1))
    sets = [frozenset(one) for one in every]
    holding: dict[int, list[frozenset[int]]] = defaultdict(list)
    for members in sets:
        for at in members:
            holding[at].append(members)
    return tuple(
        one
        for one, members in zip(every, sets, strict=True)
        if not any(members < other for other in holding[one[0]])
    )


def _keys(counter: Counter) -> Iterator[Hashable]:
    if counter.known.families:
        yield from (("family", one) for one in sorted(counter.known.families))
        return
    yield ("table", counter.table)
    if len(counter.cells) != 1 or counter.cells[0].tag is not None:
        return
    oid = counter.cells[0].oid
    for back in _LINES:
        if len(oid) - back > _SHORTEST:
            yield ("line", back, oid[: len(oid) - back], oid[len(oid) - back + 1 :])


# Finds every sum and difference of a few numbers that comes to a wanted one. Pure.
#
# Numbers are known from one or several rounds; a round each is packed into one integer, so that
# what fits is what fits in every round. The search is exact, in a fixed order, and meets in the
# middle: sums of four are found among the sums of two.


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


MOST_FITS: Final = 2_000
"""Of one meter in one group; beyond that they are counted as "at least" so many."""

Rounds = tuple[int, ...]
"""Rounds by their places."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What fits one meter; `more` says that there is more of it than was looked at."""

    fits: tuple[FittingFormula, ...]
    more: bool = False


@dataclass(slots=True)
class CounterSearch:
    """Counters of one machine over `rounds`."""

    counters: Sequence[Counter]
    rounds: Sequence[Round]
    _values: dict[int, list[int | None]] = field(default_factory=dict)
    _groups: tuple[tuple[int, ...], ...] = ()
    _hits: dict[tuple[Meter, Rounds], Hits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read every counter in every round."""
        self._values = {
            at: [counter.value(one.values) for counter in self.counters]
            for at, one in enumerate(self.rounds)
        }
        self._groups = groups(self.counters)

    @property
    def readable(self) -> int:
        """How many counters gave a number in every round."""
        columns = zip(*self._values.values(), strict=True)
        return sum(all(one is not None for one in column) for column in columns)

    @property
    def is_cut(self) -> bool:
        """Whether a group is so large that only sums of two were looked for in it."""
        return any(len(self._kept(one, (0,))) > MOST_PAIRED for one in self._groups)

    def fits(self, meter: Meter, which: Rounds) -> Hits:
        """Return every sum that comes to the figures of `meter` in each of the rounds `which`."""
        if (meter, which) not in self._hits:
            self.look([(meter, which)])
        return self._hits[meter, which]

    def look(
        self,
        wanted: Iterable[tuple[Meter, Rounds]],
        tell: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        """Look for several meters at once, group by group; `tell` hears how far it is.

        What is worked out of a group serves every meter and is then forgotten: the sums of two of
        a large table take tens of megabytes.
        """
        cases = [_Wanted(meter, which, self._figure(meter, which)) for meter, which in wanted]
        open_ones = [one for one in cases if one.figure]
        for one in open_ones:
            one.found += [[(1, self.counters[at])] for at in self._single(one)]
        for done, group in enumerate(self._groups, start=1):
            made: dict[Rounds, _Members] = {}
            for one in open_ones:
                members = made.get(one.which) or _Members(self._kept(group, one.which))
                made[one.which] = members
                self._search(one, members)
            tell(done, len(self._groups))
        for one in cases:
            fits = (found_fit(one.meter, parts) for parts in one.found)
            allowed = tuple(fit for fit in fits if _is_allowed(one.meter, fit))
            self._hits[one.meter, one.which] = Hits(allowed, one.more)

    def _search(self, one: "_Wanted", members: "_Members") -> None:
        some = list(islice(members.addends.fits(one.figure), MOST_FITS + 1))
        one.more = one.more or len(some) > MOST_FITS
        for found in some[:MOST_FITS]:
            parts = [(sign, self.counters[members.places[at]]) for sign, at in found]
            if is_apart(parts):
                one.found.append(parts)

    def _figure(self, meter: Meter, which: Rounds) -> int:
        return packed(self.rounds[at].figures[meter] for at in which)

    def _packed(self, which: Rounds, counter: int) -> int | None:
        values = [self._values[at][counter] for at in which]
        known = [one for one in values if one is not None]
        return packed(known) if len(known) == len(values) else None

    def _single(self, one: "_Wanted") -> Iterator[int]:
        for at in range(len(self.counters)):
            if self._packed(one.which, at) == one.figure:
                yield at

    def _kept(self, group: Sequence[int], which: Rounds) -> list[tuple[int, int]]:
        """Return the members of `group` that count something, with their packed numbers."""
        pairs = ((at, self._packed(which, at)) for at in group)
        return [(at, value) for at, value in pairs if value]

    def chance(self, meter: Meter, terms: int) -> float:
        """Return how many sums of up to `terms` terms chance alone puts at the newest figure."""
        newest = max(at for at, one in enumerate(self.rounds) if meter in one.figures)
        wanted, values = self.rounds[newest].figures[meter], self._values[newest]
        found = Crowd(filter(None, values)).expected(wanted, 1)
        for group in self._groups if terms > 1 else ():
            crowd = Crowd(filter(None, (values[at] for at in group)))
            found += sum(crowd.expected(wanted, one) for one in range(2, terms + 1))
        return found


@dataclass(slots=True)
class _Wanted:
    """One meter in some rounds: its packed figure, and what was found so far."""

    meter: Meter
    which: Rounds
    figure: int
    found: list[list[tuple[int, Counter]]] = field(default_factory=list)
    more: bool = False


class _Members:
    """The members of a group by their places among the counters, ready to be added up."""

    def __init__(self, kept: Sequence[tuple[int, int]]) -> None:
        """Hold place and packed number of each."""
        self.places = [at for at, _ in kept]
        self.addends = Addends([value for _, value in kept])


def _is_allowed(meter: Meter, fit: FittingFormula) -> bool:
    units = {counter.known.unit for _, counter in fit.parts} - {None}
    return len(units) <= 1 and all(may_count(meter, counter) for _, counter in fit.parts)


def holds(
    parts: Sequence[tuple[int, Counter]], wanted: Sequence[tuple[Mapping[Oid, Value], int]]
) -> bool:
    """Say whether a sum of counters comes to each figure among the answers of its round."""
    return all(sum_among(parts, values) == figure for values, figure in wanted)
