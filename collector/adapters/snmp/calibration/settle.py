"""Decides, meter by meter, what the figures on the panel prove. Pure.

What is preferred, in this order: how the machine is read by now; the profile's own formulas for the
meter; counters whose labels say it; fewer terms; the same table as related meters. Whatever else
fits just as well is named, and nothing that is only near is taken.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp.calibration.counters import Counter, with_added
from collector.adapters.snmp.calibration.examined import (
    Examined,
    present_fit,
    present_parts,
    stated_fits,
)
from collector.adapters.snmp.calibration.fits import (
    RELATIONS,
    Class,
    Fit,
    Origin,
    best_first,
    may_count,
)
from collector.adapters.snmp.calibration.rounds import Round, figures_of, is_telling
from collector.adapters.snmp.calibration.search import Search, holds
from collector.adapters.snmp.calibration.verdicts import Near, Settled, State, Verdict
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


def settle(
    examined: Examined, rounds: Sequence[Round], passed: frozenset[tuple[Meter, str]] = frozenset()
) -> Settled:
    """Return what `rounds` prove; formulas in `passed` were tried and are not taken."""
    judge = _Judge(examined, rounds, Search(examined.counters, rounds), passed)
    meters = tuple(dict.fromkeys(meter for one in rounds for meter in one.figures))
    first = {meter: judge.verdict(meter) for meter in meters}
    shared = Tally(
        table for one in first.values() if one.fit is not None for table in one.fit.tables
    )
    second = {meter: judge.verdict(meter, shared) for meter in meters}
    found = {meter: judge.by_meters(one, second) for meter, one in second.items()}
    return Settled(found, judge.search.readable, judge.search.is_cut)


@dataclass(slots=True)
class _Judge:
    examined: Examined
    rounds: Sequence[Round]
    search: Search
    passed: frozenset[tuple[Meter, str]]

    def verdict(self, meter: Meter, shared: Mapping[str, int] | None = None) -> Verdict:
        """Return what counters say of `meter`; `shared` counts other meters by table."""
        seen = figures_of(meter, self.rounds)
        figures = tuple(figure for _, figure in seen)
        present = present_fit(self.examined, meter)
        newest = seen[-1][0]
        before = _sum(present_parts(self.examined, meter), newest)
        by = present.text if present is not None else None
        blank = Verdict(meter, figures, State.NOTHING, before, by)
        if not is_telling(figures):
            return self._small(blank, present)
        hits = self.search.fits(meter)
        every = [*self._stated(meter, present), *hits.fits]
        ordered = best_first(
            (one for one in every if (meter, one.text) not in self.passed),
            lambda fit: sum((shared or {}).get(table, 0) for table in fit.tables),
        )
        taken, refused = self._taken(meter, ordered)
        if taken is None:
            return replace(blank, near=self._near(meter, present), refused=refused)
        others = len(ordered) - len(refused) - 1
        return self._judged(replace(blank, refused=refused, more=hits.more), taken, ordered, others)

    def by_meters(self, verdict: Verdict, every: Mapping[Meter, Verdict]) -> Verdict:
        """Return `verdict`, or the meter worked out from others where that is likelier."""
        if verdict.state is State.AGREES or not verdict.is_telling:
            return verdict
        if verdict.fit is not None and verdict.fit.judged < Class.METERS:
            return verdict
        for parts in RELATIONS.get(verdict.meter, ()):
            text = " ".join(f"{'-' if sign < 0 else '+'} {one}" for sign, one in parts)
            text = text.removeprefix("+ ")
            if (verdict.meter, text) not in self.passed and self._follows(verdict, parts, every):
                fit = Fit(text, (), Origin.FOUND, Class.METERS, parts)
                return replace(
                    verdict,
                    state=State.FOUND,
                    fit=fit,
                    confidence=_least(every[one] for _, one in parts),
                    ties=(),
                    others=verdict.others + (verdict.fit is not None),
                    near=(),
                    chance=0.0,
                )
        return verdict

    def _follows(
        self,
        verdict: Verdict,
        parts: Sequence[tuple[int, Meter]],
        every: Mapping[Meter, Verdict],
    ) -> bool:
        """Say whether the panel's figures add up so, of meters for which counters were found."""
        for _, meter in parts:
            other = every.get(meter)
            if other is None or other.fit is None or other.fit.judged >= Class.METERS:
                return False
        for one, figure in figures_of(verdict.meter, self.rounds):
            known = [(sign, one.figures.get(meter)) for sign, meter in parts]
            summands = [sign * value for sign, value in known if value is not None]
            if len(summands) != len(parts) or sum(summands) != figure:
                return False
        return True

    def _stated(self, meter: Meter, present: Fit | None) -> Iterator[Fit]:
        wanted = [(one.values, figure) for one, figure in figures_of(meter, self.rounds)]
        if present is not None and holds(present.parts, wanted):
            yield present
        for fit in stated_fits(self.examined, meter):
            if holds(fit.parts, wanted):
                yield fit

    def _taken(
        self, meter: Meter, fits: Iterable[Fit]
    ) -> tuple[Fit | None, tuple[tuple[Fit, str], ...]]:
        """Return the first that may stand for `meter`, and those before it that may not."""
        refused: list[tuple[Fit, str]] = []
        for fit in fits:
            reason = None if fit.origin is Origin.PRESENT else self._reason(meter, fit)
            if reason is None:
                return fit, tuple(refused)
            refused.append((fit, reason))
            if len(refused) >= _MOST_TRIED:
                break
        return None, tuple(refused)

    def _reason(self, meter: Meter, fit: Fit) -> str | None:
        told = with_added(self.examined.family, (counter for _, counter in fit.parts))
        terms, given, unless = parsed(fit.text)
        formula = Formula(fit.text, terms, given, unless)
        return next(reasons_against(told, meter, formula), None)

    def _judged(self, blank: Verdict, taken: Fit, ordered: Sequence[Fit], others: int) -> Verdict:
        if taken.origin is not Origin.FOUND:
            state = State.AGREES if taken.origin is Origin.PRESENT else State.FOUND
            return replace(blank, state=state, fit=taken, others=others)
        refused = {fit.text for fit, _ in blank.refused}
        ties = tuple(
            one
            for one in ordered
            if one.grade == taken.grade and one.text not in refused and not _is_mirror(one, taken)
        )
        is_once = len({*blank.figures}) == 1
        by_words = taken.judged is Class.SAID
        chance = 0.0 if by_words or not is_once else self.search.chance(blank.meter, taken.terms)
        unsure = ties or chance > _BY_CHANCE or (is_once and taken.judged > Class.METERS)
        return replace(
            blank,
            state=State.TIED if ties else State.FOUND,
            fit=taken,
            confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
            ties=ties,
            others=others - len(ties),
            chance=chance,
        )

    def _small(self, blank: Verdict, present: Fit | None) -> Verdict:
        """Say of a figure that proves nothing whether it goes with what is read by now."""
        wanted = [(one.values, figure) for one, figure in figures_of(blank.meter, self.rounds)]
        others = len(self.search.fits(blank.meter).fits) if blank.figure else 0
        if present is not None and holds(present.parts, wanted):
            return replace(blank, state=State.AGREES, fit=present, others=max(0, others - 1))
        return replace(blank, state=State.SMALL, others=others)

    def _near(self, meter: Meter, present: Fit | None) -> tuple[Near, ...]:
        newest, figure = figures_of(meter, self.rounds)[-1]
        found: dict[str, tuple[int, int]] = {}
        stated = [present] if present is not None else []
        for fit in (*stated, *stated_fits(self.examined, meter)):
            value = _sum(fit.parts, newest)
            if value is not None and 0 < abs(value - figure) <= NEAR:
                found.setdefault(fit.text, (0, value))
        for counter, value in self.search.near(meter, NEAR):
            words = fitness(meter, [(1, counter.meaning)])
            if may_count(meter, counter) and words is not Fitness.AGAINST:
                found.setdefault(counter.name, (1 + words, value))
        order = sorted(found.items(), key=lambda one: (one[1][0], abs(one[1][1] - figure), one[0]))
        return tuple(Near(text, value) for text, (_, value) in order[:_MOST_SHOWN])


def _sum(parts: Sequence[tuple[int, Counter]], newest: Round) -> int | None:
    values = [(sign, counter.value(newest.values)) for sign, counter in parts]
    known = [sign * value for sign, value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _is_mirror(one: Fit, other: Fit) -> bool:
    """Say whether both are the same rows, which some makers show in several tables."""
    labels = [[(sign, folded(c.label or "")) for sign, c in fit.parts] for fit in (one, other)]
    return one is other or (labels[0] == labels[1] and all(label for _, label in labels[0]))


def _least(verdicts: Iterable[Verdict]) -> Confidence:
    known = {one.confidence for one in verdicts}
    return Confidence.MEDIUM if Confidence.MEDIUM in known else Confidence.HIGH
