"""Chooses, for every meter of a profile, the formula that one machine can be read by.

A formula is chosen per meter and then kept for as long as the plan lives: the first alternative
whose cells are all there. Terms marked `?` are left out where the machine does not have them at
that moment; once planned, they must be answered like any other. What an earlier plan of the same
machine was made by is held on to (`Keep`): the same formula with no fewer counters and rows, or
the meter is absent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from collector.adapters.snmp.numbers import Unreadable
from collector.adapters.snmp.plan import Cell, Held, PlannedMeter, PlannedTerm, Remark
from collector.adapters.snmp.profile_review import (
    LAST_RESORT,
    LEAST_FIRST,
    counted_of,
    family_of,
)
from collector.adapters.snmp.profile_sources import Confidence
from collector.adapters.snmp.profile_values import Alternatives, Formula, MeterSet, Term
from collector.adapters.snmp.rows import Found, Missing
from collector.adapters.snmp.sums import total_of
from collector.adapters.snmp.survey import Survey
from collector.domain.findings import Code
from collector.domain.meters import TOTAL, Meter

_ENGINE = Meter("engine_total")
_Parts = tuple[tuple[Term, Found], ...]
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
    remarks: dict[str, Remark] = field(default_factory=dict)
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

    def _planned(self, terms: Iterable[Term]) -> tuple[PlannedTerm, ...]:
        found = ((term, self.survey.find(term)) for term in terms)
        return tuple(
            self.survey.planned(term, one) for term, one in found if isinstance(one, Found)
        )

    def _ask_for(self, terms: Iterable[Term]) -> None:
        needed = (self.survey.find(term) for term in terms)
        self.given += [cell for one in needed if isinstance(one, Found) for cell in one.cells]

    def cells_of(self, formula: Formula) -> _Parts | None:
        """Return the cells of every term, or None where the formula does not resolve."""
        if self._is_unsure(formula):
            return None
        if any(map(self._has, formula.unless)) or not all(map(self._has, formula.given)):
            return None
        parts: list[tuple[Term, Found]] = []
        for term in formula.terms:
            found = self.survey.find(term)
            if isinstance(found, Found):
                parts.append((term, found))
            elif found is Missing.AMBIGUOUS:
                self._remark(term)
                return None
            elif not term.optional:
                return None
        return tuple(parts) if parts and self._come_to_nothing(formula.equal) else None

    def _come_to_nothing(self, terms: Iterable[Term]) -> bool:
        planned = self._planned(terms)
        return total_of((one.sign, self._value(one), one.weight) for one in planned) == 0

    def _value(self, term: PlannedTerm) -> int | None:
        try:
            found = [one.form.read(self.survey.values.get(one.oid)) for one in term.cells]
        except Unreadable:
            return None
        known = [value for value in found if value is not None]
        return sum(known) if len(known) == len(found) else None

    def _has(self, term: Term) -> bool:
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

    def _holds(self, term: Term) -> bool:
        """Say whether a condition of a derived formula holds: a counter, or a planned meter."""
        return self._has(term) if term.key is not None else Meter(term.source) in self.planned

    def _derived(self, meter: Meter, formula: Formula) -> PlannedMeter | None:
        if any(map(self._holds, formula.unless)) or not all(map(self._holds, formula.given)):
            return None
        used: list[tuple[Term, PlannedMeter]] = []
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

    def _remark(self, term: Term) -> None:
        self.remarks[term.name] = Remark(
            Code.TABLE_AMBIGUOUS,
            f"several rows are called {term.name} and differ, so none of them is read; "
            "name the right one in a profile of your own",
            {"row": term.name},
        )

    def _remark_rubbish(self, passed: _Resolved) -> None:
        for meter, (formula, _) in passed.items():
            self.remarks[formula.text] = Remark(
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
