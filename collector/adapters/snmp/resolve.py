"""Turns a profile and a machine into a plan: walks what is needed once.

A formula is chosen per meter and then kept for as long as the plan lives: the first alternative
whose cells are all there. Terms marked `?` are left out where the machine does not have them at
that moment; once planned, they must be answered like any other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import gather
from collector.adapters.snmp.naming import named, planned_serial
from collector.adapters.snmp.plan import Cell, Plan, PlannedMeter, PlannedText, Remark
from collector.adapters.snmp.profile_values import Confidence, Formula, MeterSet, Profiles
from collector.adapters.snmp.recognise import recognise
from collector.adapters.snmp.session import Oid, Session, Value
from collector.adapters.snmp.survey import Found, Missing, Survey, look
from collector.adapters.snmp.upkeep import plan_upkeep
from collector.domain.findings import Code
from collector.domain.meters import TOTAL, Meter

_ENGINE = Meter("engine_total")
_Resolved = dict[Meter, tuple[Formula, tuple[tuple[int, Found], ...]]]
"""A set of meters with the cells of each."""


async def resolve(
    session: Session, profiles: Profiles, keep: Mapping[Meter, str] | None = None
) -> Plan:
    """Return the plan for the machine behind `session`.

    With `keep` (meter -> formula of an earlier plan), those meters resolve by that formula or
    not at all: a machine that is still starting up must not change what its total stands for.
    Raises what the session raises. A machine that answers nothing of use gets a plan without
    meters.
    """
    facts = await gather(session)
    profile = await recognise(session, facts, profiles)
    survey = await look(session, profile, facts)
    choice = _Choice(survey, profiles.low_confidence, keep or {})
    choice.run()
    meters = tuple(choice.planned.values())
    upkeep = await plan_upkeep(session, facts)
    serial = planned_serial(survey)
    marks = _marks(survey, serial)
    asked: list[Oid] = [mib.SYS_OBJECT_ID, mib.SYS_DESCR, *marks, mib.SYS_UPTIME]
    asked += [*upkeep.state.oids, *_cells(meters)]
    return Plan(
        profile=profile.id,
        oids=tuple(dict.fromkeys(asked)),
        identity=named(survey, serial),
        meters=meters,
        serial=serial,
        mac=facts.mac[0] if facts.mac else None,
        state=upkeep.state,
        supplies=upkeep.supplies,
        trays=upkeep.trays,
        charsets=upkeep.charsets,
        checks=profile.checks,
        wraps=choice.wraps,
        rated_ipm=profile.rated_ipm,
        nvram_step=profile.nvram_step,
        remarks=tuple(choice.remarks.values()),
        marks=marks,
    )


def _marks(survey: Survey, serial: PlannedText | None) -> Mapping[Oid, Value]:
    marks: dict[Oid, Value] = {}
    object_id = (mib.SYS_OBJECT_ID,) if survey.facts.object_id else ()
    for oid in (*object_id, mib.SYS_DESCR, *((serial.oid,) if serial else ())):
        value = survey.values.get(oid)
        if value is not None:
            marks[oid] = value
    if survey.facts.mac is not None:
        oid, text = survey.facts.mac
        marks[oid] = bytes.fromhex(text.replace(":", ""))
    return marks


def _cells(meters: Iterable[PlannedMeter]) -> Iterator[Oid]:
    for planned in meters:
        for _, cell in planned.cells:
            yield cell.oid
            yield from cell.twins


@dataclass(slots=True)
class _Choice:
    """Chooses a formula for every meter of a profile."""

    survey: Survey
    low_confidence: bool
    keep: Mapping[Meter, str]
    planned: dict[Meter, PlannedMeter] = field(default_factory=dict)
    wraps: dict[Meter, int] = field(default_factory=dict)
    remarks: dict[str, Remark] = field(default_factory=dict)

    def run(self) -> None:
        """Fill `planned`, `wraps` and `remarks`."""
        profile = self.survey.profile
        for choice in profile.choices:
            self._choose(choice)
        for meter, alternatives in profile.meters.items():
            if meter not in self.planned:
                self._choose(tuple({meter: formula} for formula in alternatives))
        self._drop_same_engine()

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
            cells = self._cells_of(formula)
            if cells is None:
                return None
            resolved[meter] = (formula, cells)
        return resolved

    def _is_kept(self, one: MeterSet) -> bool:
        return all(self.keep.get(meter) == formula.text for meter, formula in one.items())

    def _take(self, meter: Meter, formula: Formula, found: tuple[tuple[int, Found], ...]) -> None:
        cells = tuple((sign, cell) for sign, one in found for cell in one.cells)
        self.planned[meter] = PlannedMeter(meter, formula.text, cells)
        stated = found[0][1].wrap if len(cells) == 1 else None
        wrap = formula.wrap or stated
        if wrap is not None:
            self.wraps[meter] = wrap

    def _cells_of(self, formula: Formula) -> tuple[tuple[int, Found], ...] | None:
        """Return the cells of every term, or None where the formula does not resolve."""
        if formula.confidence is Confidence.LOW and not self.low_confidence:
            return None
        if any(self.survey.find(term) is not Missing.ABSENT for term in formula.unless):
            return None
        parts: list[tuple[int, Found]] = []
        for term in formula.terms:
            found = self.survey.find(term)
            if isinstance(found, Found):
                parts.append((term.sign, found))
            elif found is Missing.AMBIGUOUS:
                self._remark(term.source, term.key)
                return None
            elif not term.optional:
                return None
        return tuple(parts) or None

    def _remark(self, source: str, key: str | None) -> None:
        name = f"{source}[{key}]" if key else source
        self.remarks[name] = Remark(
            Code.TABLE_AMBIGUOUS,
            f"several rows are called {name} and differ, so none of them is read; "
            "name the right one in a profile of your own",
            {"row": name},
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
    return tuple(cell for _, cell in planned.cells)
