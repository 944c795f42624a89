"""One meter's case: everything that comes to its figures, and which of it is taken. Pure."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from collector.adapters.snmp.client.text import folded
from collector.adapters.snmp.profiles.formula import parsed
from collector.adapters.snmp.profiles.review import reasons_against
from collector.adapters.snmp.profiles.values import Confidence
from collector.calibration.counters import sum_among, with_added
from collector.calibration.fits import (
    RELATIONS,
    Class,
    FittingFormula,
    Round,
    SumOrigin,
    best_first,
    is_telling,
    may_count,
)
from collector.calibration.labels import Fitness, fitness
from collector.calibration.machine import Examined, present_fit, present_parts, stated_fits
from collector.calibration.search import CounterSearch, holds
from collector.domain.meters import Meter
from collector.domain.sentence import Sentence

# What came of the figures on a panel, meter by meter.


class State(StrEnum):
    """What came of one meter."""

    AGREES = "agrees"
    """It is read right by now."""
    FOUND = "found"
    """Something else comes to the figure."""
    TIED = "tied"
    """Several things do, and nothing tells them apart; one was taken."""
    SMALL = "small"
    """The figure is too small to prove anything, and nothing was taken."""
    NOTHING = "nothing"
    """Nothing comes to it."""


@dataclass(frozen=True, slots=True)
class Near:
    """Something that nearly comes to the figure: its formula and what it reads."""

    text: str
    reads: int


@dataclass(frozen=True, slots=True)
class MeterVerdict:
    """What the panel's figures say of one meter.

    `before` is what is read by now. `fit` is what was taken, `ties` what
    fits just as well, `others` how many further sums fit (at least, where `more`), `refused` what
    fits and may not stand for this meter, with the reason. `chance` is how many such sums one
    expects at such a figure by chance alone. `passed_over` counts older rounds that nothing fits.
    """

    meter: Meter
    figures: tuple[int, ...]
    state: State
    before: int | None = None
    fit: FittingFormula | None = None
    confidence: Confidence = Confidence.HIGH
    ties: tuple[FittingFormula, ...] = ()
    others: int = 0
    more: bool = False
    near: tuple[Near, ...] = ()
    refused: tuple[tuple[FittingFormula, Sentence], ...] = ()
    chance: float = 0.0
    passed_over: int = 0

    @property
    def figure(self) -> int:
        """The newest figure."""
        return self.figures[-1]

    @property
    def is_telling(self) -> bool:
        """Whether the figures can prove anything."""
        return is_telling(self.figures)

    @property
    def is_settled(self) -> bool:
        """Whether a further round would tell nothing new."""
        return self.state in {State.AGREES, State.FOUND} and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether it is proved, and not only the best of several."""
        return self.fit is not None and self.confidence is Confidence.HIGH and self.is_telling


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every meter's verdict. `counters` were looked at; `cut`: not all sums of a large table."""

    verdicts: Mapping[Meter, MeterVerdict]
    counters: int
    cut: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether a further round would tell nothing new of any meter."""
        return all(one.is_settled for one in self.verdicts.values())


NEAR: Final = 20
"""Somebody printed between the look at the panel and the answer: shown, never taken."""

_BY_CHANCE: Final = 0.05
_MOST_SHOWN: Final = 3
_MOST_TRIED: Final = 50


@dataclass(frozen=True, slots=True)
class Case:
    """A meter with the rounds that count: their places in `search.rounds`.

    `dropped` are formulas that were tried and are not taken; `passed_over` how many older
    rounds are left out because nothing fits them.
    """

    examined: Examined
    search: CounterSearch
    meter: Meter
    which: tuple[int, ...]
    dropped: frozenset[str] = frozenset()
    passed_over: int = 0

    @property
    def seen(self) -> tuple[tuple[Round, int], ...]:
        """The rounds with the figure of each."""
        rounds = (self.search.rounds[at] for at in self.which)
        return tuple((one, one.figures[self.meter]) for one in rounds)

    def verdict(self, shared: Callable[[FittingFormula], int]) -> MeterVerdict:
        """Return what the figures prove; `shared` says how many other meters stand with a fit."""
        present = present_fit(self.examined, self.meter)
        blank = MeterVerdict(
            self.meter,
            tuple(figure for _, figure in self.seen),
            State.NOTHING,
            before=sum_among(present_parts(self.examined, self.meter), self.seen[-1][0].values),
            passed_over=self.passed_over,
        )
        if not is_telling(blank.figures):
            return self._small(blank, present)
        hits = self.search.fits(self.meter, self.which)
        every = [*self._stated(present), *hits.fits]
        ordered = best_first((one for one in every if one.text not in self.dropped), shared)
        taken, refused = self._taken(ordered)
        if taken is None:
            return replace(blank, near=self._near(present), refused=refused)
        others = len(ordered) - len(refused) - 1
        known = replace(blank, refused=refused, more=hits.more, others=others)
        return self._judged(known, taken, ordered)

    def _stated(self, present: FittingFormula | None) -> Iterator[FittingFormula]:
        wanted = [(one.values, figure) for one, figure in self.seen]
        stated = stated_fits(self.examined, self.meter)
        for fit in (*([present] if present is not None else []), *stated):
            if holds(fit.parts, wanted):
                yield fit

    def _taken(
        self, fits: Iterable[FittingFormula]
    ) -> tuple[FittingFormula | None, tuple[tuple[FittingFormula, Sentence], ...]]:
        """Return the first that may stand for the meter, and those before it that may not."""
        refused: list[tuple[FittingFormula, Sentence]] = []
        for fit in fits:
            reason = None if fit.origin is SumOrigin.PRESENT else self._reason(fit)
            if reason is None:
                return fit, tuple(refused)
            refused.append((fit, reason))
            if len(refused) >= _MOST_TRIED:
                break
        return None, tuple(refused)

    def _reason(self, fit: FittingFormula) -> Sentence | None:
        told = with_added(self.examined.family, (counter for _, counter in fit.parts))
        return next(reasons_against(told, self.meter, parsed(fit.text)), None)

    def _judged(
        self, known: MeterVerdict, taken: FittingFormula, ordered: Sequence[FittingFormula]
    ) -> MeterVerdict:
        is_once = len({*known.figures}) == 1
        alone = self.passed_over and len(self.which) == 1
        unsure = Confidence.MEDIUM if alone else Confidence.HIGH
        if taken.origin is SumOrigin.PRESENT and is_once and self._was_unsure:
            unsure = Confidence.MEDIUM
        if taken.origin is not SumOrigin.FOUND:
            state = State.AGREES if taken.origin is SumOrigin.PRESENT else State.FOUND
            return replace(known, state=state, fit=taken, confidence=unsure)
        refused = {fit.text for fit, _ in known.refused}
        ties = tuple(
            one
            for one in ordered
            if one.grade == taken.grade and one.text not in refused and not _is_mirror(one, taken)
        )
        by_words = taken.judged is Class.SAID
        chance = 0.0 if by_words or not is_once else self.search.chance(self.meter, taken.terms)
        if ties or chance > _BY_CHANCE or (is_once and taken.judged > Class.METERS):
            unsure = Confidence.MEDIUM
        return replace(
            known,
            state=State.TIED if ties else State.FOUND,
            fit=taken,
            confidence=unsure,
            ties=ties,
            others=known.others - len(ties),
            chance=chance,
        )

    @property
    def _was_unsure(self) -> bool:
        """Whether an earlier comparison left open if the meter is read right by now."""
        earlier = self.examined.family is not self.examined.present
        planned = (one for one in self.examined.plan.meters if one.meter == self.meter)
        return earlier and any(one.confidence is not Confidence.HIGH for one in planned)

    def _small(self, blank: MeterVerdict, present: FittingFormula | None) -> MeterVerdict:
        """Say of a figure that proves nothing whether it goes with what is read by now."""
        wanted = [(one.values, figure) for one, figure in self.seen]
        fits = self.search.fits(self.meter, self.which).fits if blank.figure else ()
        if present is not None and holds(present.parts, wanted):
            others = max(0, len(fits) - 1)
            return replace(blank, state=State.AGREES, fit=present, others=others)
        return replace(blank, state=State.SMALL, others=len(fits))

    def _near(self, present: FittingFormula | None) -> tuple[Near, ...]:
        newest, figure = self.seen[-1]
        found: dict[str, tuple[int, int]] = {}
        stated = stated_fits(self.examined, self.meter)
        for fit in (*([present] if present is not None else []), *stated):
            value = sum_among(fit.parts, newest.values)
            if value is not None and 0 < abs(value - figure) <= NEAR:
                found.setdefault(fit.text, (0, value))
        for counter in self.search.counters:
            value = counter.value(newest.values)
            if value is None or not 0 < abs(value - figure) <= NEAR:
                continue
            words = fitness(self.meter, [(1, counter.meaning)])
            if may_count(self.meter, counter) and words is not Fitness.AGAINST:
                found.setdefault(counter.name, (1 + words, value))
        order = sorted(found.items(), key=lambda one: (one[1][0], abs(one[1][1] - figure), one[0]))
        return tuple(Near(text, value) for text, (_, value) in order[:_MOST_SHOWN])


def _is_mirror(one: FittingFormula, other: FittingFormula) -> bool:
    """Say whether both are the same rows, which some makers show in several tables."""
    labels = [[(sign, folded(c.label or "")) for sign, c in fit.parts] for fit in (one, other)]
    return one is other or (labels[0] == labels[1] and all(label for _, label in labels[0]))


# Decides, meter by meter, what the figures on the panel prove. Pure.
#
# What is preferred, in this order: how the machine is read by now; the profile's own formulas for
# the
# meter; counters whose labels say it; fewer terms; the same table as related meters. Whatever else
# fits just as well is named, and nothing that is only near is taken. A figure of an earlier round
# that fits nothing was mistyped, or somebody printed: it is passed over.


_Dropped = frozenset[tuple[Meter, str]]


def settle(
    examined: Examined,
    rounds: Sequence[Round],
    dropped: _Dropped = frozenset(),
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Verdicts:
    """Return what `rounds` prove; formulas in `dropped` were tried and are not taken.

    `tell` is told how far the search has come.
    """
    search = CounterSearch(examined.counters, rounds)
    meters = tuple(dict.fromkeys(meter for one in rounds for meter in one.figures))
    cases = {meter: _cases(examined, search, meter, dropped) for meter in meters}
    search.look([(meter, some[0].which) for meter, some in cases.items()], tell)
    first = {meter: _verdict(some, lambda _: 0) for meter, some in cases.items()}
    second = {meter: _verdict(some, _shared(meter, first)) for meter, some in cases.items()}
    found = {meter: _by_meters(one, rounds, second, dropped) for meter, one in second.items()}
    return Verdicts(found, search.readable, search.is_cut)


def _cases(
    examined: Examined, search: CounterSearch, meter: Meter, dropped: _Dropped
) -> list[Case]:
    """Return the meter's case with all rounds, then without one of the old ones, then without any.

    The newest round always counts.
    """
    which = tuple(at for at, one in enumerate(search.rounds) if meter in one.figures)
    texts = frozenset(text for one, text in dropped if one == meter)
    fewer = [tuple(at for at in which if at != old) for old in which[:-1]]
    return [
        Case(examined, search, meter, some, texts, passed_over=len(which) - len(some))
        for some in dict.fromkeys((which, *fewer, which[-1:]))
    ]


def _verdict(cases: Sequence[Case], shared: Callable[[FittingFormula], int]) -> MeterVerdict:
    whole = cases[0].verdict(shared)
    if whole.state is not State.NOTHING:
        return whole
    for case in cases[1:]:
        found = case.verdict(shared)
        if found.fit is not None and found.is_telling:
            return found
    return whole


def _shared(
    meter: Meter, verdicts: Mapping[Meter, MeterVerdict]
) -> Callable[[FittingFormula], int]:
    others = (one.fit for name, one in verdicts.items() if name != meter)
    tally = Tally(table for fit in others if fit is not None for table in fit.tables)
    return lambda fit: sum(tally[table] for table in fit.tables)


def _by_meters(
    verdict: MeterVerdict,
    rounds: Sequence[Round],
    every: Mapping[Meter, MeterVerdict],
    dropped: _Dropped,
) -> MeterVerdict:
    """Return `verdict`, or the meter worked out from others where that is likelier."""
    fit = verdict.fit
    if not verdict.is_telling or (fit is not None and fit.judged < Class.METERS):
        return verdict
    for parts in RELATIONS.get(verdict.meter, ()):
        text = " ".join(f"{'-' if sign < 0 else '+'} {one}" for sign, one in parts)
        text = text.removeprefix("+ ")
        if (verdict.meter, text) not in dropped and _follows(verdict, parts, rounds, every):
            return replace(
                verdict,
                state=State.FOUND,
                fit=FittingFormula(text, (), SumOrigin.FOUND, Class.METERS, parts),
                confidence=_least(every[one] for _, one in parts),
                ties=(),
                others=verdict.others + len(verdict.ties) + (fit is not None),
                near=(),
                chance=0.0,
            )
    return verdict


def _follows(
    verdict: MeterVerdict,
    parts: Sequence[tuple[int, Meter]],
    rounds: Sequence[Round],
    every: Mapping[Meter, MeterVerdict],
) -> bool:
    """Say whether the panel's figures add up so, of meters for which counters were found."""
    fits = [every[meter].fit if meter in every else None for _, meter in parts]
    if any(fit is None or fit.meters or fit.judged >= Class.METERS for fit in fits):
        return False
    for one in rounds:
        if verdict.meter not in one.figures:
            continue
        known = [(sign, one.figures.get(meter)) for sign, meter in parts]
        summands = [sign * value for sign, value in known if value is not None]
        if len(summands) != len(parts) or sum(summands) != one.figures[verdict.meter]:
            return False
    return True


def _least(verdicts: Iterable[MeterVerdict]) -> Confidence:
    known = {one.confidence for one in verdicts}
    return Confidence.MEDIUM if Confidence.MEDIUM in known else Confidence.HIGH
