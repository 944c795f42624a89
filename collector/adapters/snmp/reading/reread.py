"""Reads a recorded answer again by a later profile. Pure.

What was recorded is `Answer.raw`: counters by the names they have in the profile. A name that is
not there was not asked, or gave no number that time; `Answer.lacks` tells those that the machine
did not have. Whatever cannot be told from the record stays as it was recorded.
"""

from dataclasses import dataclass, replace

from collector.adapters.snmp.plan import PlannedMeter, PlannedTerm
from collector.adapters.snmp.profiles.review import BUILT_IN, counted_of, weight_of
from collector.adapters.snmp.profiles.values import CounterTable, FormulaTerm, Profile
from collector.adapters.snmp.reading.rows import FoundCells, Missing
from collector.adapters.snmp.reading.selection import Selection
from collector.adapters.snmp.reading.totals import rated_ipm, wrap_of
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter


def reread(
    answer: Answer, profile: Profile, *, low_confidence: bool = False
) -> tuple[Answer, frozenset[Meter]]:
    """Return `answer` with its meters worked out anew by `profile`, and the meters that were not.

    Formulas are selected as for a live machine, by what the record has. A meter whose counters
    were not recorded keeps its recorded value, or stays absent, and is among the second value. A
    recorded meter that `profile` does not state is dropped. Wraps, rated speed and NVRAM step
    are the profile's; a wrap or a speed that the machine itself stated is kept, as is a total of
    0 that was left out. Identity, supplies, state and findings stay. Without any record all
    meters stay.
    """
    if not answer.raw:
        return answer, frozenset(answer.meters)
    record = RecordedCounters(answer, profile, low_confidence)
    selection = Selection(profile, record, low_confidence)
    selection.run()
    kept = selection.unknown
    meters = {
        meter: value
        for meter, one in selection.planned.items()
        if (value := one.value(record.value)) is not None
    }
    meters |= {one: answer.meters[one] for one in kept if one in answer.meters}
    if meters.get(TOTAL) == 0 and TOTAL not in answer.meters:
        del meters[TOTAL]  # it was left out when it was read: the machine does not count
    texts = {one: answer.formulas[one] for one in kept if one in answer.formulas}
    texts |= {meter: one.basis_in(profile.id) for meter, one in selection.planned.items()}
    wraps = {one: answer.wraps[one] for one in kept if one in answer.wraps} | selection.wraps
    speed = rated_ipm(profile, answer.identity.model, low_confidence=low_confidence)
    again = replace(
        answer,
        meters=meters,
        profile=profile.id,
        wraps={one: wrap for one, wrap in wraps.items() if meters.get(one, 0) < wrap},
        rated_ipm=answer.rated_ipm if speed is None else speed,
        nvram_step=profile.nvram_step,
        formulas={meter: texts[meter] for meter in meters if meter in texts},
    )
    return again, frozenset(kept)


@dataclass(frozen=True, slots=True)
class RecordedCounters:
    """The counters of a recorded answer, as `profile` calls them."""

    answer: Answer
    profile: Profile
    low_confidence: bool = False

    @property
    def is_record(self) -> bool:
        """Whether an earlier plan read it: yes."""
        return True

    def find(self, term: FormulaTerm) -> FoundCells | Missing:
        """Return that `term` was read, that the machine lacks it, or that nothing tells."""
        raw, names = self.answer.raw, self._names(term)
        if any(one in raw for one in names):
            return FoundCells(())
        # The life count is one, in one unit: where it was read, the machine has none in another.
        is_other_life = term.name in self._lives and not self._lives.isdisjoint(raw)
        is_absent = is_other_life or self.answer.lacks.issuperset(names)
        return Missing.ABSENT if is_absent else Missing.UNKNOWN

    def value(self, term: PlannedTerm) -> int | None:
        """Return what was recorded of `term`."""
        raw = self.answer.raw
        return next((raw[one] for one in self._names(term) if one in raw), None)

    def _names(self, term: FormulaTerm | PlannedTerm) -> tuple[str, ...]:
        """Return by what names `term` may have been recorded.

        A profile that knows that the life count is in sides, whatever the machine calls them, may
        be the correction of one that did not.
        """
        if not self.profile.sheets_are_impressions or "sheets" not in self._lives:
            return (term.name,)
        return {"life": ("life", "sheets"), "sheets": ()}.get(term.name, (term.name,))

    @property
    def _lives(self) -> frozenset[str]:
        """The life count's names; a profile may call a counter of its own `sheets`."""
        return frozenset(BUILT_IN.keys() - self.profile.sources.keys())

    def wrap(self, meter: Meter, term: FormulaTerm, found: FoundCells) -> int | None:  # noqa: ARG002 - a record has no cells
        """Return the modulus of the counter `term`; None for a sum of rows.

        What the machine may have stated itself, the model's, the counter's, the profile's.
        """
        source, recorded = self.profile.sources.get(term.source), self.answer.wraps.get(meter)
        if isinstance(source, CounterTable):
            row = source.rows.get(term.key or "")
            if recorded is None and (row is None or row.summed):
                return None
            if recorded is not None and any(one.maximum for one in source.candidates):
                return recorded
        model = self.answer.identity.model
        of_model = wrap_of(self.profile, model, low_confidence=self.low_confidence)
        wrap = of_model or counted_of(term, self.profile).wrap or self.profile.wrap
        return wrap // weight_of(term, self.profile) if wrap is not None else None

    def is_same(self, one: PlannedMeter, other: PlannedMeter) -> bool:
        """Say whether both are the same counters; two that show one figure may be.

        They are taken for one where `one` was left out when the answer was recorded.
        """
        if one.terms == other.terms:
            return True
        figure, is_left_out = one.value(self.value), one.meter not in self.answer.meters
        return is_left_out and figure is not None and figure == other.value(self.value)
