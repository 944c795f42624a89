"""Looks for everything that comes to a figure in every round: counters, sums, differences. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from collector.adapters.snmp.calibration.counters import Counter
from collector.adapters.snmp.calibration.fits import Fit, found_fit, is_apart, may_count
from collector.adapters.snmp.calibration.groups import groups
from collector.adapters.snmp.calibration.rounds import Round
from collector.adapters.snmp.calibration.sums import MOST_PAIRED, Addends, Crowd, packed
from collector.adapters.snmp.session import Oid, Value
from collector.domain.meters import Meter

MOST_FITS: Final = 2_000
"""Of one meter in one group; beyond that they are counted as "at least" so many."""

Rounds = tuple[int, ...]
"""Rounds by their places."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What fits one meter; `more` says that there is more of it than was looked at."""

    fits: tuple[Fit, ...]
    more: bool = False


@dataclass(slots=True)
class Search:
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


def _is_allowed(meter: Meter, fit: Fit) -> bool:
    units = {counter.known.unit for _, counter in fit.parts} - {None}
    return len(units) <= 1 and all(may_count(meter, counter) for _, counter in fit.parts)


def holds(
    parts: Sequence[tuple[int, Counter]], wanted: Sequence[tuple[Mapping[Oid, Value], int]]
) -> bool:
    """Say whether a sum of counters comes to each figure among the answers of its round."""
    for values, figure in wanted:
        found = [(sign, counter.value(values)) for sign, counter in parts]
        known = [sign * value for sign, value in found if value is not None]
        if len(known) != len(found) or not known or sum(known) != figure:
            return False
    return True
