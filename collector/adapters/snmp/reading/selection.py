"""The one interpreter of formulas: selects, for every meter of a profile, what it is made of.

A counter is there, is absent, or nothing tells (`CounterLookup`): a machine that was walked tells
everything, the record of an old answer only what was asked. What follows from it is the same: a
formula stands, does not, or cannot be told, and where it cannot be told the meter is `unknown`,
never absent and never made of another formula.

A formula is selected per meter and then kept for as long as the plan lives: the first alternative
whose counters are all there. Terms marked `?` are left out where the machine does not have them at
that moment; once planned, they must be answered like any other. What an earlier plan of the same
machine was made by is held on to (`Keep`): the same formula with no fewer counters and rows, or
the meter is absent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from collector.adapters.snmp.plan import (
    Cell,
    Held,
    PlanFinding,
    PlannedMeter,
    PlannedTerm,
    sum_of,
)
from collector.adapters.snmp.profiles.review import (
    LAST_RESORT,
    LEAST_FIRST,
    counted_of,
    family_of,
    weight_of,
)
from collector.adapters.snmp.profiles.values import (
    Alternatives,
    Confidence,
    Formula,
    FormulaTerm,
    MeterSet,
    Profile,
)
from collector.adapters.snmp.reading.rows import FoundCells, Missing
from collector.domain.counting.findings import Code
from collector.domain.meters import TOTAL, Meter
from collector.domain.sentence import sentence

_ENGINE: Final = Meter("engine_total")
_OTHER_UNITS: Final = frozenset(one.text for one in LAST_RESORT)
_Parts = tuple[tuple[FormulaTerm, FoundCells], ...]
_Resolved = dict[Meter, tuple[Formula, _Parts]]
"""A set of meters with the counters of each."""


class CounterLookup(Protocol):
    """What is known of the counters of one machine.

    `is_record`: what is looked up was read by a selection that was made earlier.
    """

    @property
    def is_record(self) -> bool:
        """Whether an earlier plan read it."""
        ...

    def find(self, term: FormulaTerm) -> FoundCells | Missing:
        """Return where `term` stands, or why there is no such counter."""
        ...

    def value(self, term: PlannedTerm) -> int | None:
        """Return what the counters of `term` come to, or None where they are no number."""
        ...

    def wrap(self, meter: Meter, term: FormulaTerm, found: FoundCells) -> int | None:
        """Return the modulus of `term`, which `meter` is made of alone; None for a sum of rows."""
        ...

    def is_same(self, one: PlannedMeter, other: PlannedMeter) -> bool:
        """Say whether both are the same counters."""
        ...


@dataclass(slots=True)
class Selection:
    """The selection for one machine; `run` fills everything below `keep`.

    `given` are the counters that selected formulas are there for and do not add up. They are asked
    too: a record must tell a later profile that the machine had them. `unknown` are meters of which
    nothing tells what they are made of.
    """

    profile: Profile
    counters: CounterLookup
    low_confidence: bool = False
    keep: Mapping[Meter, Held] = field(default_factory=dict)
    planned: dict[Meter, PlannedMeter] = field(default_factory=dict)
    unknown: set[Meter] = field(default_factory=set)
    wraps: dict[Meter, int] = field(default_factory=dict)
    given: list[Cell] = field(default_factory=list)
    remarks: dict[str, PlanFinding] = field(default_factory=dict)
    _families: dict[Meter, frozenset[str]] = field(default_factory=dict)
    _silent: set[Meter] = field(default_factory=set)
    """Meters that a record shows to be absent, though a plan may have been made for them: what
    their formula compares was equal then, or it was not, and is not now."""

    def run(self) -> None:
        """Select; afterwards everything is filled."""
        profile = self.profile
        for sets in profile.choices:
            self._select(sets)
        for meter, alternatives in profile.meters.items():
            if self._is_open(meter) and not self._is_kept_in(profile.derived, meter):
                self._select(_each(meter, alternatives))
        for meter, alternatives in profile.derived.items():
            if self._is_open(meter) and not self._is_kept_in(profile.meters, meter):
                self._derive(meter, alternatives)
        self._take_what_there_is()
        self._drop_same_engine()

    def _is_open(self, meter: Meter) -> bool:
        return meter not in self.planned and meter not in self.unknown

    def _take_what_there_is(self) -> None:
        """Count a machine without a total by its life count, whatever it counts.

        Not one that had a total before and may be starting up, nor where the profile wants none.
        """
        held = self.keep.get(TOTAL)
        is_unwanted = self.profile.meters.get(TOTAL) == ()
        if self._is_open(TOTAL) and not is_unwanted and (not held or held.text in _OTHER_UNITS):
            self._select(_each(TOTAL, LAST_RESORT))

    def _drop_same_engine(self) -> None:
        """Leave out the engine's life count where the total already is that count."""
        engine, total = self.planned.get(_ENGINE), self.planned.get(TOTAL)
        if engine is None or (total is not None and not self.counters.is_same(engine, total)):
            return
        del self.planned[_ENGINE]
        self.wraps.pop(_ENGINE, None)
        if TOTAL in self.unknown | self._silent:
            self.unknown.add(_ENGINE)

    # Meters that are made of counters.

    def _select(self, sets: tuple[MeterSet, ...]) -> None:
        """Take the first set that stands and can be read.

        Where none can be read, the first that stands at all is taken: its rubbish is then
        reported at every poll, and it counts again once the machine has come to its senses.
        """
        kept = tuple(
            one for one in sets if all(self._is_held(meter, how) for meter, how in one.items())
        )
        meters = {meter for one in sets for meter in one} - self.planned.keys()
        rubbish: _Resolved | None = None
        is_doubted = not self._silent.isdisjoint(meters)
        # All are looked at, also those behind the one that is taken: what is ambiguous is told.
        for found in [self._resolved(one) for one in kept or sets]:
            if found is Missing.UNEQUAL:
                is_doubted = True
            elif found is Missing.UNKNOWN or (is_doubted and isinstance(found, dict)):
                self.unknown |= meters
                return
            elif isinstance(found, dict) and _is_readable(found):
                self._take(found)
                if rubbish is not None:
                    self._remark_rubbish(rubbish)
                return
            elif isinstance(found, dict):
                rubbish = rubbish or found
        self._take(rubbish or {})
        self._silent |= meters if is_doubted else set()

    def _resolved(self, one: MeterSet) -> _Resolved | Missing:
        """Return the counters of every meter of a set; what one of them lacks, all of them do."""
        resolved: _Resolved = {}
        missing: set[Missing] = set()
        for meter, formula in one.items():
            parts = self.parts_of(formula)
            if isinstance(parts, Missing):
                missing.add(parts)
            elif self._is_no_less(meter, _held(formula, parts)):
                resolved[meter] = (formula, parts)
            else:
                missing.add(Missing.ABSENT)
        order = (Missing.ABSENT, Missing.UNKNOWN, Missing.UNEQUAL)
        why = next((one for one in order if one in missing), None)
        is_partly_silent = why is Missing.UNEQUAL and len(one) > 1
        return Missing.UNKNOWN if is_partly_silent else why or resolved

    def parts_of(self, formula: Formula) -> _Parts | Missing:
        """Return the counters of every term, or why the formula does not stand."""
        stands = self._stands(formula, self._is_there)
        parts: list[tuple[FormulaTerm, FoundCells]] = []
        for term in formula.terms if stands is not False else ():
            found = self.counters.find(term)
            if isinstance(found, FoundCells):
                parts.append((term, found))
            elif found is Missing.UNKNOWN:
                stands = None
            elif found is Missing.AMBIGUOUS:
                self._remark_ambiguous(term)
                return Missing.ABSENT
            elif not term.optional:
                return Missing.ABSENT
        if stands is not None and not parts:
            return Missing.ABSENT
        if self._is_equal(formula.equal) is False:
            return Missing.UNEQUAL if self.counters.is_record else Missing.ABSENT
        return Missing.UNKNOWN if stands is None else tuple(parts)

    def _stands(self, formula: Formula, holds: Callable[[FormulaTerm], bool | None]) -> bool | None:
        """Say whether all of `given` hold and none of `unless`; None where nothing tells."""
        if formula.confidence is Confidence.LOW and not self.low_confidence:
            return False
        barred = map(holds, formula.unless)
        wanted = map(holds, formula.given)
        return _every([*wanted, *(None if one is None else not one for one in barred)])

    def _is_there(self, term: FormulaTerm) -> bool | None:
        found = self.counters.find(term)
        return None if found is Missing.UNKNOWN else found is not Missing.ABSENT

    def _is_equal(self, terms: Sequence[FormulaTerm]) -> bool | None:
        planned = self._planned(terms)
        if any(self._is_there(one) is None for one in terms):
            return None
        return len(planned) == len(terms) and sum_of(planned, self.counters.value) == 0

    def _take(self, taken: _Resolved) -> None:
        for meter, (formula, parts) in taken.items():
            self.planned[meter] = PlannedMeter(
                meter,
                formula.text,
                tuple(self.planned_term(term, found) for term, found in parts),
                formula.confidence,
                formula.source,
                equal=self._planned(formula.equal),
            )
            self._ask_for(formula.given)
            families = (counted_of(term, self.profile).families for term in formula.terms)
            self._families[meter] = family_of(families) or frozenset()
            wrap = formula.wrap
            if wrap is None and len(parts) == 1:
                wrap = self.counters.wrap(meter, *parts[0])
            if wrap is not None:
                self.wraps[meter] = wrap

    def planned_term(self, term: FormulaTerm, found: FoundCells) -> PlannedTerm:
        """Return `term` with its cells, as a plan holds it."""
        home = self.profile.home_of(term.source, term.key)
        weight = weight_of(term, self.profile)
        return PlannedTerm(term.name, found.cells, term.sign, weight, home)

    def _planned(self, terms: Iterable[FormulaTerm]) -> tuple[PlannedTerm, ...]:
        found = ((term, self.counters.find(term)) for term in terms)
        return tuple(
            self.planned_term(term, one) for term, one in found if isinstance(one, FoundCells)
        )

    def _ask_for(self, terms: Iterable[FormulaTerm]) -> None:
        self.given += [cell for one in self._planned(terms) for cell in one.cells]

    # Meters that are worked out from other meters.

    def _derive(self, meter: Meter, alternatives: Alternatives) -> None:
        """Work `meter` out from planned meters whose counters belong together."""
        kept = tuple(one for one in alternatives if self._is_held(meter, one))
        is_doubted = meter in self._silent
        for formula in kept or alternatives:
            derived = self._derived(meter, formula)
            if derived is Missing.UNEQUAL:
                is_doubted = True
            elif derived is Missing.UNKNOWN or (is_doubted and isinstance(derived, PlannedMeter)):
                self.unknown.add(meter)
                return
            elif isinstance(derived, PlannedMeter) and self._is_no_less(meter, derived.held):
                self.planned[meter] = derived
                self._ask_for(one for one in formula.given if one.key is not None)
                return
        self._silent |= {meter} if is_doubted else set()

    def _derived(self, meter: Meter, formula: Formula) -> PlannedMeter | Missing:
        stands, is_silent = self._stands(formula, self._holds), False
        used: list[tuple[FormulaTerm, PlannedMeter]] = []
        for term in formula.terms if stands is not False else ():
            part = Meter(term.source)
            if part in self.planned:
                used.append((term, self.planned[part]))
            elif part in self.unknown or (part in self._silent and term.optional):
                stands = None
            elif part in self._silent:
                is_silent = True
            elif not term.optional:
                return Missing.ABSENT
        if stands is not True:
            return Missing.UNKNOWN if stands is None else Missing.ABSENT
        if is_silent:
            return Missing.UNEQUAL
        family = family_of(self._families[one.meter] for _, one in used)
        if len(used) <= 1 or family is None:
            return Missing.ABSENT
        self._families[meter] = family
        sure = (formula.confidence, *(one.confidence for _, one in used))
        return PlannedMeter(
            meter,
            formula.text,
            tuple(replace(one, sign=one.sign * t.sign) for t, part in used for one in part.terms),
            min(sure, key=LEAST_FIRST.index),
            formula.source,
            equal=tuple(one for _, part in used for one in part.equal),
        )

    def _holds(self, term: FormulaTerm) -> bool | None:
        """Say whether a condition of a derived formula holds: a counter, or a planned meter."""
        if term.key is not None:
            return self._is_there(term)
        meter = Meter(term.source)
        is_open = meter in self.unknown or meter in self._silent
        return True if meter in self.planned else None if is_open else False

    # What an earlier plan was made by.

    def _is_kept_in(self, formulas: Mapping[Meter, Alternatives], meter: Meter) -> bool:
        return any(self._is_held(meter, one) for one in formulas.get(meter, ()))

    def _is_held(self, meter: Meter, formula: Formula) -> bool:
        held = self.keep.get(meter)
        return held is not None and held.text == formula.text

    def _is_no_less(self, meter: Meter, now: Held) -> bool:
        """Say whether everything is there that the same formula had before."""
        held = self.keep.get(meter)
        if held is None or held.text != now.text:
            return True
        return held.terms <= now.terms and held.cells <= now.cells

    # What a person should know of it.

    def _remark_ambiguous(self, term: FormulaTerm) -> None:
        self.remarks[term.name] = PlanFinding(
            Code.TABLE_AMBIGUOUS,
            sentence("finding.table_ambiguous", row=term.name),
            {"row": term.name},
        )

    def _remark_rubbish(self, passed: _Resolved) -> None:
        for meter, (formula, _) in passed.items():
            self.remarks[formula.text] = PlanFinding(
                Code.DEVICE_NONSENSE,
                sentence("finding.device_nonsense.row", row=formula.text, meter=meter),
                {"row": formula.text},
            )


def _held(formula: Formula, parts: _Parts) -> Held:
    cells = sum(len(found.cells) for _, found in parts)
    return Held(formula.text, frozenset(term.name for term, _ in parts), cells)


def _each(meter: Meter, alternatives: Alternatives) -> tuple[MeterSet, ...]:
    return tuple({meter: formula} for formula in alternatives)


def _is_readable(resolved: _Resolved) -> bool:
    return all(one.readable for _, parts in resolved.values() for _, one in parts)


def _every(said: Iterable[bool | None]) -> bool | None:
    """Say whether all is true; what nothing tells matters only where nothing else is false."""
    found = {*said}
    return False if False in found else None if None in found else True
