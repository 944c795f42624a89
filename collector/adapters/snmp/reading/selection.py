"""Chooses, for every meter of a profile, the formula that one machine can be read by.

A formula is chosen per meter and then kept for as long as the plan lives: the first alternative
whose cells are all there. Terms marked `?` are left out where the machine does not have them at
that moment; once planned, they must be answered like any other. What an earlier plan of the same
machine was made by is held on to (`Keep`): the same formula with no fewer counters and rows, or
the meter is absent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from collector.adapters.snmp.plan import Cell, Held, PlanFinding, PlannedMeter, PlannedTerm
from collector.adapters.snmp.profiles.formula import basis, total_of
from collector.adapters.snmp.profiles.numbers import Unreadable
from collector.adapters.snmp.profiles.review import LAST_RESORT, LEAST_FIRST, counted_of, family_of
from collector.adapters.snmp.profiles.values import (
    Alternatives,
    Confidence,
    CounterTable,
    Formula,
    FormulaTerm,
    MeterSet,
    Profile,
    Size,
)
from collector.adapters.snmp.reading.rows import FoundCells, Missing
from collector.adapters.snmp.reading.survey import Survey
from collector.adapters.snmp.reading.totals import rated_ipm, wrap_of
from collector.domain.counting.findings import Code
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter

_ENGINE = Meter("engine_total")
_Parts = tuple[tuple[FormulaTerm, FoundCells], ...]
_Resolved = dict[Meter, tuple[Formula, _Parts]]
"""A set of meters with the cells of each."""


@dataclass(slots=True)
class Choice:
    """The choice for one machine; `run` fills `planned`, `wraps`, `given` and `remarks`.

    `given` are the counters that chosen formulas are there for and do not add up. They are asked
    too: a record must tell a later profile that the machine had them.
    """

    survey: Survey
    low_confidence: bool
    keep: Mapping[Meter, Held]
    planned: dict[Meter, PlannedMeter] = field(default_factory=dict)
    wraps: dict[Meter, int] = field(default_factory=dict)
    given: list[Cell] = field(default_factory=list)
    remarks: dict[str, PlanFinding] = field(default_factory=dict)
    _families: dict[Meter, frozenset[str]] = field(default_factory=dict)

    def run(self) -> None:
        """Choose; afterwards everything is filled."""
        profile = self.survey.profile
        for choice in profile.choices:
            self._choose(choice)
        for meter, alternatives in profile.meters.items():
            if meter not in self.planned and not self._is_kept_in(profile.derived, meter):
                self._choose(tuple({meter: formula} for formula in alternatives))
        for meter, alternatives in profile.derived.items():
            if meter not in self.planned and not self._is_kept_in(profile.meters, meter):
                self._derive(meter, alternatives)
        self._take_what_there_is()
        self._drop_same_engine()

    def _take_what_there_is(self) -> None:
        """Count a machine without a total by its life count, whatever it counts.

        Not one that had a total before and may be starting up, nor where the profile wants none.
        """
        profile, held = self.survey.profile, self.keep.get(TOTAL)
        others = {one.text for one in LAST_RESORT}
        is_unwanted = profile.meters.get(TOTAL) == ()
        if TOTAL in self.planned or is_unwanted or (held and held.text not in others):
            return
        self._choose(tuple({TOTAL: formula} for formula in LAST_RESORT))

    def _choose(self, sets: tuple[MeterSet, ...]) -> None:
        """Take the first set that resolves and can be read.

        Where none can be read, the first that is there at all is taken: its rubbish is then
        reported at every poll, and it counts again once the machine has come to its senses.
        """
        kept = tuple(one for one in sets if self._is_kept(one))
        resolved = [cells for one in kept or sets if (cells := self._cells_of_set(one))]
        if not resolved:
            return
        taken = next((one for one in resolved if _is_readable(one)), resolved[0])
        if taken is not resolved[0]:
            self._remark_rubbish(resolved[0])
        for meter, (formula, found) in taken.items():
            self._take(meter, formula, found)

    def _cells_of_set(self, one: MeterSet) -> _Resolved | None:
        resolved: _Resolved = {}
        for meter, formula in one.items():
            cells = self.cells_of(formula)
            if cells is None or not self._is_whole(meter, formula, cells):
                return None
            resolved[meter] = (formula, cells)
        return resolved

    def _is_kept(self, one: MeterSet) -> bool:
        return all(self._is_held(meter, formula) for meter, formula in one.items())

    def _is_kept_in(self, formulas: Mapping[Meter, Alternatives], meter: Meter) -> bool:
        return any(self._is_held(meter, one) for one in formulas.get(meter, ()))

    def _is_held(self, meter: Meter, formula: Formula) -> bool:
        held = self.keep.get(meter)
        return held is not None and held.text == formula.text

    def _is_whole(self, meter: Meter, formula: Formula, parts: _Parts) -> bool:
        """Say whether everything is there that the same formula had before."""
        held = self.keep.get(meter)
        if held is None or held.text != formula.text:
            return True
        cells = sum(len(found.cells) for _, found in parts)
        return held.terms <= {term.name for term, _ in parts} and held.cells <= cells

    def _take(self, meter: Meter, formula: Formula, found: _Parts) -> None:
        terms = tuple(self.survey.planned(term, one) for term, one in found)
        self.planned[meter] = PlannedMeter(
            meter,
            formula.text,
            terms,
            formula.confidence,
            formula.source,
            equal=self._planned(formula.equal),
        )
        self._ask_for(formula.given)
        profile = self.survey.profile
        families = (counted_of(term, profile).families for term in formula.terms)
        self._families[meter] = family_of(families) or frozenset()
        wrap = formula.wrap
        if wrap is None and not self.planned[meter].derived:
            wrap = self.survey.wrap(*found[0])
        if wrap is not None:
            self.wraps[meter] = wrap

    def _planned(self, terms: Iterable[FormulaTerm]) -> tuple[PlannedTerm, ...]:
        found = ((term, self.survey.find(term)) for term in terms)
        return tuple(
            self.survey.planned(term, one) for term, one in found if isinstance(one, FoundCells)
        )

    def _ask_for(self, terms: Iterable[FormulaTerm]) -> None:
        needed = (self.survey.find(term) for term in terms)
        self.given += [cell for one in needed if isinstance(one, FoundCells) for cell in one.cells]

    def cells_of(self, formula: Formula) -> _Parts | None:
        """Return the cells of every term, or None where the formula does not resolve."""
        if self._is_unsure(formula):
            return None
        if any(map(self._has, formula.unless)) or not all(map(self._has, formula.given)):
            return None
        parts: list[tuple[FormulaTerm, FoundCells]] = []
        for term in formula.terms:
            found = self.survey.find(term)
            if isinstance(found, FoundCells):
                parts.append((term, found))
            elif found is Missing.AMBIGUOUS:
                self._remark(term)
                return None
            elif not term.optional:
                return None
        return tuple(parts) if parts and self._come_to_nothing(formula.equal) else None

    def _come_to_nothing(self, terms: Iterable[FormulaTerm]) -> bool:
        planned = self._planned(terms)
        return total_of((one.sign, self._value(one), one.weight) for one in planned) == 0

    def _value(self, term: PlannedTerm) -> int | None:
        try:
            found = [one.form.read(self.survey.values.get(one.oid)) for one in term.cells]
        except Unreadable:
            return None
        known = [value for value in found if value is not None]
        return sum(known) if len(known) == len(found) else None

    def _has(self, term: FormulaTerm) -> bool:
        return self.survey.find(term) is not Missing.ABSENT

    def _is_unsure(self, formula: Formula) -> bool:
        return formula.confidence is Confidence.LOW and not self.low_confidence

    def _derive(self, meter: Meter, alternatives: Alternatives) -> None:
        """Work `meter` out from planned meters whose counters belong together."""
        kept = tuple(one for one in alternatives if self._is_held(meter, one))
        for formula in kept or alternatives:
            derived = None if self._is_unsure(formula) else self._derived(meter, formula)
            if derived is not None and self._was_no_more(derived):
                self.planned[meter] = derived
                self._ask_for(one for one in formula.given if one.key is not None)
                return

    def _was_no_more(self, derived: PlannedMeter) -> bool:
        held = self.keep.get(derived.meter)
        if held is None or held.text != derived.text:
            return True
        return held.terms <= derived.held.terms and held.cells <= derived.held.cells

    def _holds(self, term: FormulaTerm) -> bool:
        """Say whether a condition of a derived formula holds: a counter, or a planned meter."""
        return self._has(term) if term.key is not None else Meter(term.source) in self.planned

    def _derived(self, meter: Meter, formula: Formula) -> PlannedMeter | None:
        if any(map(self._holds, formula.unless)) or not all(map(self._holds, formula.given)):
            return None
        used: list[tuple[FormulaTerm, PlannedMeter]] = []
        for term in formula.terms:
            planned = self.planned.get(Meter(term.source))
            if planned is not None:
                used.append((term, planned))
            elif not term.optional:
                return None
        family = family_of(self._families[one.meter] for _, one in used)
        if len(used) <= 1 or family is None:
            return None
        self._families[meter] = family
        terms = tuple(_signed(part, term.sign) for term, one in used for part in one.terms)
        least = min(
            (formula.confidence, *(one.confidence for _, one in used)), key=LEAST_FIRST.index
        )
        equal = tuple(term for _, one in used for term in one.equal)
        return PlannedMeter(meter, formula.text, terms, least, formula.source, equal)

    def _remark(self, term: FormulaTerm) -> None:
        self.remarks[term.name] = PlanFinding(
            Code.TABLE_AMBIGUOUS,
            f"several rows are called {term.name} and differ, so none of them is read; "
            "name the right one in a profile of your own",
            {"row": term.name},
        )

    def _remark_rubbish(self, passed: _Resolved) -> None:
        for meter, (formula, _) in passed.items():
            self.remarks[formula.text] = PlanFinding(
                Code.DEVICE_NONSENSE,
                f"{formula.text} is answered but is no counter, so {meter} is read otherwise; "
                "report the machine's model and firmware",
                {"row": formula.text},
            )

    def _drop_same_engine(self) -> None:
        """Leave out the engine's life count where the total already is that count."""
        engine, total = self.planned.get(_ENGINE), self.planned.get(TOTAL)
        if engine is not None and (total is None or _oids(total) == _oids(engine)):
            del self.planned[_ENGINE]
            self.wraps.pop(_ENGINE, None)


def _is_readable(resolved: _Resolved) -> bool:
    return all(one.readable for _, found in resolved.values() for _, one in found)


def _oids(planned: PlannedMeter) -> tuple[Cell, ...]:
    return tuple(planned.cells)


def _signed(term: PlannedTerm, sign: int) -> PlannedTerm:
    return replace(term, sign=term.sign * sign)


# Reads a recorded answer again by a later profile. Pure.
#
# What was recorded is `Answer.raw`: counters by the names they have in the profile. A name that is
# not there was not asked, or gave no number that time; `Answer.lacks` tells those that the machine
# did not have. Whatever cannot be told from the record stays as it was recorded.


class _Not(Enum):
    """Why a formula has no counters."""

    THERE = "the machine does not have them"
    KNOWN = "the record does not tell"


@dataclass(frozen=True, slots=True)
class _Read:
    """A formula that the record answers: its counters with sign, value and weight."""

    formula: Formula
    terms: tuple[FormulaTerm, ...]
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
    reader = _RecordReader(answer, profile, low_confidence=low_confidence)
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
    answer: Answer, profile: Profile, reader: "_RecordReader", meters: Iterable[Meter]
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
class _RecordReader:
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

    def _summand(self, term: FormulaTerm) -> tuple[int, int, int]:
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

    def _has(self, term: FormulaTerm) -> bool:
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


def _names(terms: Iterable[FormulaTerm]) -> tuple[str, ...]:
    return tuple(one.name for one in terms)


def _wraps(answer: Answer, profile: Profile, reader: _RecordReader) -> Mapping[Meter, int]:
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
    if isinstance(source, CounterTable):
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
