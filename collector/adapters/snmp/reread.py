"""Reads a recorded answer again by a later profile. Pure.

What was recorded is `Answer.raw`: counters by the names they have in the profile. A name that is
not there was not asked, or gave no number that time; `Answer.lacks` tells those that the machine
did not have. Whatever cannot be told from the record stays as it was recorded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from collector.adapters.snmp.basis import basis
from collector.adapters.snmp.models import rated_ipm, wrap_of
from collector.adapters.snmp.profile_review import LAST_RESORT, counted_of, family_of
from collector.adapters.snmp.profile_sources import Confidence, Size, Table
from collector.adapters.snmp.profile_values import (
    Alternatives,
    Formula,
    MeterSet,
    Profile,
    Term,
)
from collector.adapters.snmp.sums import total_of
from collector.domain.meters import TOTAL, Meter
from collector.domain.reading import Answer

_ENGINE = Meter("engine_total")


class _Not(Enum):
    """Why a formula has no counters."""

    THERE = "the machine does not have them"
    KNOWN = "the record does not tell"


@dataclass(frozen=True, slots=True)
class _Read:
    """A formula that the record answers: its counters with sign, value and weight."""

    formula: Formula
    terms: tuple[Term, ...]
    summands: tuple[tuple[int, int, int], ...]
    family: frozenset[str]


def reread(
    answer: Answer, profile: Profile, *, low_confidence: bool = False
) -> tuple[Answer, frozenset[Meter]]:
    """Return `answer` with its meters worked out anew by `profile`, and the meters that were not.

    Formulas are chosen as for a live machine, by what the record has. A meter whose counters were
    not recorded keeps its recorded value, or stays absent, and is among the second value. A
    recorded meter that `profile` does not state is dropped. Wraps, rated speed and NVRAM step
    are the profile's; a wrap or a speed that the machine itself stated is kept, as is a total of
    0 that was left out. Identity, supplies, state and findings stay. Without any record all
    meters stay.
    """
    if not answer.raw:
        return answer, frozenset(answer.meters)
    reader = _Reader(answer, profile, low_confidence=low_confidence)
    reader.run()
    meters = {
        meter: value
        for meter, one in reader.read.items()
        if (value := total_of(one.summands)) is not None
    }
    meters |= {one: answer.meters[one] for one in reader.unknown if one in answer.meters}
    if meters.get(TOTAL) == 0 and TOTAL not in answer.meters:
        del meters[TOTAL]  # it was left out when it was read: the machine does not count
    _drop_same_engine(meters, reader.read, answer)
    speed = rated_ipm(profile, answer.identity.model, low_confidence=low_confidence)
    again = replace(
        answer,
        meters=meters,
        profile=profile.id,
        wraps=_wraps(answer, profile, reader),
        rated_ipm=answer.rated_ipm if speed is None else speed,
        nvram_step=profile.nvram_step,
        formulas=_formulas(answer, profile, reader, meters),
    )
    return again, frozenset(reader.unknown)


def _formulas(
    answer: Answer, profile: Profile, reader: "_Reader", meters: Iterable[Meter]
) -> Mapping[Meter, str]:
    """Return what each of `meters` is made of now; those not read again as they were."""
    found = {one: answer.formulas[one] for one in reader.unknown if one in answer.formulas}
    for meter, read in reader.read.items():
        pairs = zip(read.terms, read.summands, strict=True)
        found[meter] = basis(
            profile.id,
            (
                (sign, term.name, weight, profile.home_of(term.source, term.key))
                for term, (sign, _, weight) in pairs
            ),
        )
    return {meter: found[meter] for meter in meters if meter in found}


@dataclass(slots=True)
class _Reader:
    answer: Answer
    profile: Profile
    low_confidence: bool = False
    read: dict[Meter, _Read] = field(default_factory=dict)
    unknown: set[Meter] = field(default_factory=set)

    def run(self) -> None:
        for choice in self.profile.choices:
            self._choose(choice)
        for meter, alternatives in self.profile.meters.items():
            if meter not in self.read and meter not in self.unknown:
                self._choose(tuple({meter: formula} for formula in alternatives))
        for meter, alternatives in self.profile.derived.items():
            if meter not in self.read and meter not in self.unknown:
                self._derive(meter, alternatives)
        other = any(term.name in self.answer.raw for one in LAST_RESORT for term in one.terms)
        is_unwanted = self.profile.meters.get(TOTAL) == ()
        if TOTAL not in {*self.read, *self.unknown} and other and not is_unwanted:
            self._choose(tuple({TOTAL: formula} for formula in LAST_RESORT))

    def _choose(self, sets: tuple[MeterSet, ...]) -> None:
        for one in sets:
            found = {meter: self._formula(formula) for meter, formula in one.items()}
            if _Not.THERE in found.values():
                continue
            if _Not.KNOWN in found.values():
                self.unknown |= {meter for other in sets for meter in other} - set(self.read)
                return
            self.read |= {meter: how for meter, how in found.items() if isinstance(how, _Read)}
            return

    def _formula(self, formula: Formula) -> _Read | _Not:
        raw, lacks = self.answer.raw, self.answer.lacks
        if self._is_unsure(formula) or any(one.name in raw for one in formula.unless):
            return _Not.THERE
        if any(one.name in lacks for one in formula.given):
            return _Not.THERE
        wanted = [one for one in formula.terms if one.name not in lacks]
        if any(one not in wanted and not one.optional for one in formula.terms) or not wanted:
            return _Not.THERE
        silent = [one for one in formula.unless if one.name not in lacks]
        if silent or any(one.name not in raw for one in (*wanted, *formula.given)):
            return _Not.KNOWN
        if total_of(map(self._summand, formula.equal)) != 0:
            return _Not.THERE
        families = (counted_of(one, self.profile).families for one in wanted)
        family = family_of(families) or frozenset()
        return _Read(formula, tuple(wanted), tuple(map(self._summand, wanted)), family)

    def _summand(self, term: Term) -> tuple[int, int, int]:
        known = counted_of(term, self.profile)
        weight = (known.weight or 1) if known.size is Size.LARGE else 1
        return term.sign, self.answer.raw[term.name], weight

    def _is_unsure(self, formula: Formula) -> bool:
        return formula.confidence is Confidence.LOW and not self.low_confidence

    def _derive(self, meter: Meter, alternatives: Alternatives) -> None:
        for formula in alternatives:
            found = self._derived(formula)
            if found is _Not.KNOWN:
                self.unknown.add(meter)
            elif isinstance(found, _Read):
                self.read[meter] = found
            if found is not _Not.THERE:
                return

    def _has(self, term: Term) -> bool:
        """Say whether a condition of a derived formula holds: a counter, or a meter read."""
        return term.name in self.answer.raw if term.key else Meter(term.source) in self.read

    def _derived(self, formula: Formula) -> _Read | _Not:
        conditions = (*formula.given, *formula.unless)
        named = [Meter(one.source) for one in conditions if one.key is None]
        if self._is_unsure(formula) or any(map(self._has, formula.unless)):
            return _Not.THERE
        parts = [(one, Meter(one.source)) for one in formula.terms]
        if any(one in self.unknown for one in (*named, *(meter for _, meter in parts))):
            return _Not.KNOWN
        told = {*self.answer.raw, *self.answer.lacks}
        if any(one.key and one.name not in told for one in conditions):
            return _Not.KNOWN
        if not all(map(self._has, formula.given)) or any(
            meter not in self.read and not one.optional for one, meter in parts
        ):
            return _Not.THERE
        used = [(one, self.read[meter]) for one, meter in parts if meter in self.read]
        family = family_of(part.family for _, part in used)
        if len(used) <= 1 or family is None:
            return _Not.THERE
        summands = tuple(
            (one.sign * sign, value, weight)
            for one, part in used
            for sign, value, weight in part.summands
        )
        terms = tuple(term for _, part in used for term in part.terms)
        return _Read(formula, terms, summands, family)


def _drop_same_engine(
    meters: dict[Meter, int], read: Mapping[Meter, _Read], answer: Answer
) -> None:
    """Leave out the engine's life count where the total already is that count."""
    if _ENGINE not in meters:
        return
    both = TOTAL in read and _ENGINE in read
    same_counter = both and _names(read[TOTAL].terms) == _names(read[_ENGINE].terms)
    uncounted = TOTAL not in meters and TOTAL not in read
    same_figure = meters.get(TOTAL) == meters[_ENGINE] and _ENGINE not in answer.meters
    if uncounted or same_figure or same_counter:
        del meters[_ENGINE]


def _names(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(one.name for one in terms)


def _wraps(answer: Answer, profile: Profile, reader: _Reader) -> Mapping[Meter, int]:
    found = {one: answer.wraps[one] for one in reader.unknown if one in answer.wraps}
    for meter, read in reader.read.items():
        wrap = read.formula.wrap or _wrap(answer, profile, meter, read)
        if wrap is not None:
            found[meter] = wrap
    return found


def _wrap(answer: Answer, profile: Profile, meter: Meter, read: _Read) -> int | None:
    if len(read.terms) != 1:
        return None
    term = read.terms[0]
    source = profile.sources.get(term.source)
    is_sum, is_stated = False, False
    if isinstance(source, Table):
        row = source.rows.get(term.key or "")
        is_sum = row is None or row.summed
        is_stated = any(one.maximum for one in source.candidates)
    of_model = wrap_of(profile, answer.identity.model)
    known = of_model or counted_of(term, profile).wrap
    weight = read.summands[0][2]
    stated = answer.wraps.get(meter) if is_stated else None
    if is_sum and meter not in answer.wraps:
        return None
    if known is None and stated is not None:
        return stated
    wrap = known or profile.wrap
    return wrap // weight if wrap is not None else None
