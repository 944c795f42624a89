"""One meter's case: everything that comes to its figures, and which of it is taken. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp.calibration.counters import Counter, with_added
from collector.adapters.snmp.calibration.examined import (
    Examined,
    present_fit,
    present_parts,
    stated_fits,
)
from collector.adapters.snmp.calibration.fits import Class, Fit, Origin, best_first, may_count
from collector.adapters.snmp.calibration.rounds import Round, is_telling
from collector.adapters.snmp.calibration.search import Search, holds
from collector.adapters.snmp.calibration.verdicts import Near, State, Verdict
from collector.adapters.snmp.calibration.words import Fitness, fitness
from collector.adapters.snmp.formula import parsed
from collector.adapters.snmp.profile_review import reasons_against
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_values import Formula
from collector.adapters.snmp.text import folded
from collector.domain.meters import Meter

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
    search: Search
    meter: Meter
    which: tuple[int, ...]
    dropped: frozenset[str] = frozenset()
    passed_over: int = 0

    @property
    def seen(self) -> tuple[tuple[Round, int], ...]:
        """The rounds with the figure of each."""
        rounds = (self.search.rounds[at] for at in self.which)
        return tuple((one, one.figures[self.meter]) for one in rounds)

    def verdict(self, shared: Callable[[Fit], int]) -> Verdict:
        """Return what the figures prove; `shared` says how many other meters stand with a fit."""
        present = present_fit(self.examined, self.meter)
        blank = Verdict(
            self.meter,
            tuple(figure for _, figure in self.seen),
            State.NOTHING,
            before=sum_of(present_parts(self.examined, self.meter), self.seen[-1][0]),
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

    def _stated(self, present: Fit | None) -> Iterator[Fit]:
        wanted = [(one.values, figure) for one, figure in self.seen]
        stated = stated_fits(self.examined, self.meter)
        for fit in (*([present] if present is not None else []), *stated):
            if holds(fit.parts, wanted):
                yield fit

    def _taken(self, fits: Iterable[Fit]) -> tuple[Fit | None, tuple[tuple[Fit, str], ...]]:
        """Return the first that may stand for the meter, and those before it that may not."""
        refused: list[tuple[Fit, str]] = []
        for fit in fits:
            reason = None if fit.origin is Origin.PRESENT else self._reason(fit)
            if reason is None:
                return fit, tuple(refused)
            refused.append((fit, reason))
            if len(refused) >= _MOST_TRIED:
                break
        return None, tuple(refused)

    def _reason(self, fit: Fit) -> str | None:
        told = with_added(self.examined.family, (counter for _, counter in fit.parts))
        said = parsed(fit.text)
        formula = Formula(fit.text, said.terms, said.given, said.unless, said.equal)
        return next(reasons_against(told, self.meter, formula), None)

    def _judged(self, known: Verdict, taken: Fit, ordered: Sequence[Fit]) -> Verdict:
        is_once = len({*known.figures}) == 1
        alone = self.passed_over and len(self.which) == 1
        unsure = Confidence.MEDIUM if alone else Confidence.HIGH
        if taken.origin is Origin.PRESENT and is_once and self._was_unsure:
            unsure = Confidence.MEDIUM
        if taken.origin is not Origin.FOUND:
            state = State.AGREES if taken.origin is Origin.PRESENT else State.FOUND
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

    def _small(self, blank: Verdict, present: Fit | None) -> Verdict:
        """Say of a figure that proves nothing whether it goes with what is read by now."""
        wanted = [(one.values, figure) for one, figure in self.seen]
        fits = self.search.fits(self.meter, self.which).fits if blank.figure else ()
        if present is not None and holds(present.parts, wanted):
            others = max(0, len(fits) - 1)
            return replace(blank, state=State.AGREES, fit=present, others=others)
        return replace(blank, state=State.SMALL, others=len(fits))

    def _near(self, present: Fit | None) -> tuple[Near, ...]:
        newest, figure = self.seen[-1]
        found: dict[str, tuple[int, int]] = {}
        stated = stated_fits(self.examined, self.meter)
        for fit in (*([present] if present is not None else []), *stated):
            value = sum_of(fit.parts, newest)
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


def sum_of(parts: Sequence[tuple[int, Counter]], newest: Round) -> int | None:
    """Return what a sum of counters reads in a round, or None where a part is missing."""
    values = [(sign, counter.value(newest.values)) for sign, counter in parts]
    known = [sign * value for sign, value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _is_mirror(one: Fit, other: Fit) -> bool:
    """Say whether both are the same rows, which some makers show in several tables."""
    labels = [[(sign, folded(c.label or "")) for sign, c in fit.parts] for fit in (one, other)]
    return one is other or (labels[0] == labels[1] and all(label for _, label in labels[0]))
