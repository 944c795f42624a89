"""Looks for everything that comes to a figure in every round: counters, sums, differences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from collector.adapters.snmp.calibration.counters import Counter
from collector.adapters.snmp.calibration.fits import Fit, found_fit, is_apart, may_count
from collector.adapters.snmp.calibration.groups import groups
from collector.adapters.snmp.calibration.rounds import Round, figures_of
from collector.adapters.snmp.calibration.sums import Addends, Crowd, packed
from collector.adapters.snmp.session import Oid, Value
from collector.domain.meters import Meter

MOST_FITS: Final = 2_000
"""Of one meter in one group; beyond that they are counted as "at least" so many."""

_Rounds = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """What fits one meter; `more` says that there is more of it than was looked at."""

    fits: tuple[Fit, ...]
    more: bool = False


@dataclass(slots=True)
class Search:
    """Counters of one machine over `rounds`; what is worked out for one meter serves the next."""

    counters: Sequence[Counter]
    rounds: Sequence[Round]
    _values: dict[int, list[int | None]] = field(default_factory=dict)
    _groups: tuple[tuple[int, ...], ...] = ()
    _addends: dict[tuple[int, _Rounds], tuple[list[int], Addends]] = field(default_factory=dict)

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
        every = tuple(range(len(self.rounds)))
        made = (self._made(at, every)[1] for at in range(len(self._groups)))
        return any(one.most_terms == 2 for one in made)  # noqa: PLR2004 - sums of two

    def fits(self, meter: Meter) -> Hits:
        """Return every sum that comes to the figures of `meter` in each of its rounds."""
        which, wanted = self._wanted(meter)
        if not wanted:
            return Hits(())
        found = [found_fit(meter, [(1, self.counters[at])]) for at in self._single(which, wanted)]
        more = False
        for at in range(len(self._groups)):
            some = list(islice(self._sums(at, which, wanted), MOST_FITS + 1))
            more = more or len(some) > MOST_FITS
            found += (found_fit(meter, parts) for parts in some[:MOST_FITS])
        return Hits(tuple(fit for fit in found if self._is_allowed(meter, fit)), more)

    def chance(self, meter: Meter, terms: int) -> float:
        """Return how many sums of up to `terms` terms chance alone puts at the newest figure."""
        which, _ = self._wanted(meter)
        wanted, newest = self.rounds[which[-1]].figures[meter], self._values[which[-1]]
        found = Crowd(filter(None, newest)).expected(wanted, 1)
        for group in self._groups if terms > 1 else ():
            crowd = Crowd(filter(None, (newest[at] for at in group)))
            found += sum(crowd.expected(wanted, one) for one in range(2, terms + 1))
        return found

    def near(self, meter: Meter, within: int) -> Iterator[tuple[Counter, int]]:
        """Yield counters that miss the newest figure by at most `within`, with their numbers."""
        newest, figure = figures_of(meter, self.rounds)[-1]
        for counter in self.counters:
            value = counter.value(newest.values)
            if value is not None and 0 < abs(value - figure) <= within:
                yield counter, value

    def _wanted(self, meter: Meter) -> tuple[_Rounds, int]:
        which = tuple(at for at, one in enumerate(self.rounds) if meter in one.figures)
        return which, packed(self.rounds[at].figures[meter] for at in which)

    def _packed(self, which: _Rounds, counter: int) -> int | None:
        values = [self._values[at][counter] for at in which]
        known = [one for one in values if one is not None]
        return packed(known) if len(known) == len(values) else None

    def _single(self, which: _Rounds, wanted: int) -> Iterator[int]:
        for at in range(len(self.counters)):
            if self._packed(which, at) == wanted:
                yield at

    def _made(self, group: int, which: _Rounds) -> tuple[list[int], Addends]:
        key = (group, which)
        if key not in self._addends:
            pairs = [(at, self._packed(which, at)) for at in self._groups[group]]
            kept = [(at, value) for at, value in pairs if value]
            made = Addends([value for _, value in kept])
            self._addends[key] = [at for at, _ in kept], made
        return self._addends[key]

    def _sums(
        self, group: int, which: _Rounds, wanted: int
    ) -> Iterator[Sequence[tuple[int, Counter]]]:
        members, addends = self._made(group, which)
        for one in addends.fits(wanted):
            parts = [(sign, self.counters[members[at]]) for sign, at in one]
            if is_apart(parts):
                yield parts

    @staticmethod
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
