"""Makes the plan of a machine by a profile: walks what is needed once."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.charsets import Charsets, plan_charsets
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.condition.facts import Facts, gather
from collector.adapters.snmp.condition.status import plan_state
from collector.adapters.snmp.condition.supplies import plan_supplies
from collector.adapters.snmp.condition.trays import plan_trays
from collector.adapters.snmp.plan import (
    Keep,
    PlanFinding,
    PlannedMeter,
    PlannedState,
    PlannedSupply,
    PlannedTerm,
    PlannedText,
    PlannedTray,
    ReadingPlan,
)
from collector.adapters.snmp.profiles.review import LAST_RESORT, formulas_of
from collector.adapters.snmp.profiles.values import CounterTable, FormulaTerm, Profile, Profiles
from collector.adapters.snmp.reading.naming import named, planned_serial
from collector.adapters.snmp.reading.recognise import fitting
from collector.adapters.snmp.reading.rows import FoundCells, Missing
from collector.adapters.snmp.reading.selection import Selection
from collector.adapters.snmp.reading.survey import Survey, look
from collector.adapters.snmp.reading.totals import rated_ipm, wrap_of
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.sentence import Fact, sentence, verbatim
from collector.errors import DeviceNonsense, DeviceRefused


async def resolve(session: Session, profiles: Profiles, keep: Keep | None = None) -> ReadingPlan:
    """Return the plan for the machine behind `session`.

    With `keep` (of an earlier plan), those meters resolve by the same formula or not at all: a
    machine that is still starting up must not change what its total stands for.
    Raises what the session raises. A machine that answers nothing of use gets a plan without
    meters.
    """
    facts = await gather(session)
    profile, *rivals = await _fitting(session, facts, profiles, keep or Keep())
    survey = await look(session, profile, facts)
    serial = planned_serial(survey)
    identity = named(survey, serial)
    about = (profile, identity.model, facts)
    survey.model_wrap = wrap_of(*about, low_confidence=profiles.low_confidence)
    selection = Selection(profile, survey, profiles.low_confidence, keep.meters if keep else {})
    selection.run()
    condition = await plan_condition(session, facts)
    plan = _counters(survey, selection, serial, condition.state)
    remarks = (
        *_ambiguous(profile, rivals),
        *_unproved(profile, identity),
        *selection.remarks.values(),
        *_unreadable(condition),
    )
    return replace(
        plan,
        identity=identity,
        mac=facts.mac[0] if facts.mac else None,
        supplies=condition.supplies,
        trays=condition.trays,
        charsets=condition.charsets,
        rated_ipm=rated_ipm(*about, low_confidence=profiles.low_confidence),
        remarks=remarks,
    )


def _counters(
    survey: Survey, selection: Selection, serial: PlannedText | None, state: PlannedState
) -> ReadingPlan:
    """Return the plan as far as it is about what every poll asks."""
    profile, meters = survey.profile, tuple(selection.planned.values())
    marks = _marks(survey, serial)
    asked: list[Oid] = [mib.SYS_OBJECT_ID, mib.SYS_DESCR, *marks, mib.SYS_UPTIME, *state.oids]
    asked += [*_cells(meters), *(cell.oid for cell in selection.given)]
    power_on = survey.life.power_on if survey.values.get(survey.life.oid or ()) == 0 else None
    asked += [power_on] if power_on is not None else []
    spare, lacks = _others(survey, selection, frozenset(asked))
    return ReadingPlan(
        profile=profile.id,
        oids=tuple(dict.fromkeys(asked)),
        identity=DeviceIdentity(),
        meters=meters,
        serial=serial,
        state=state,
        checks=profile.checks,
        wraps=selection.wraps,
        nvram_step=profile.nvram_step,
        marks=marks,
        spare=spare,
        lacks=lacks,
        refresh=_refreshed(survey, meters),
        power_on=power_on,
        unit=survey.life.unit,
    )


async def _fitting(
    session: Session, facts: Facts, profiles: Profiles, keep: Keep
) -> tuple[Profile, ...]:
    """Return what fits the machine best, or what fitted before where it now says less of itself.

    A machine that is starting up may not name itself yet; and firmware by which nothing
    recognises it any more makes it no other machine.
    """
    found = await fitting(session, facts, profiles)
    before = profiles.by_id.get(keep.profile or "")
    says_less = any(oid not in facts.base for oid in keep.said)
    if before is not None and (says_less or found[0] is profiles.generic):
        return (before,)
    return found


def _ambiguous(profile: Profile, rivals: Iterable[Profile]) -> Iterator[PlanFinding]:
    names = [profile.id, *(one.id for one in rivals)]
    if len(names) > 1:
        yield PlanFinding(
            Code.PROFILE_AMBIGUOUS,
            sentence(
                "finding.profile_ambiguous",
                names=_joined(names),
                profile=profile.id,
            ),
            {"profiles": ", ".join(sorted(names))},
        )


def _joined(names: Sequence[str]) -> Fact:
    first, *more = names
    return sentence("list.and", first=first, others=_joined(more)) if more else first


def _unproved(profile: Profile, identity: DeviceIdentity) -> Iterator[PlanFinding]:
    """Tell of other firmware than that on which the profile was compared with a panel."""
    proved = profile.proved
    if proved is None or proved.firmware in {None, identity.firmware}:
        return
    if proved.model in {None, identity.model}:
        yield PlanFinding(
            Code.PROFILE_UNPROVED,
            sentence(
                "finding.profile_unproved",
                profile=profile.id,
                proved=proved.firmware or "",
                firmware=identity.firmware or sentence("firmware.unknown"),
            ),
            {"profile": profile.id, "firmware": identity.firmware},
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
        for cell in planned.cells:
            yield cell.oid
            yield from cell.twins


def _others(
    survey: Survey, selection: Selection, asked: frozenset[Oid]
) -> tuple[tuple[PlannedTerm, ...], frozenset[str]]:
    """Return what no meter needs but is asked anyway, and the names the machine does not have."""
    planned = {term.name for meter in selection.planned.values() for term in meter.terms}
    spare: dict[str, PlannedTerm] = {}
    lacks: set[str] = set()
    for term in _terms_of(survey.profile):
        found = survey.find(term)
        if found is Missing.ABSENT:
            lacks.add(term.name)
        elif isinstance(found, FoundCells) and found.readable and term.name not in planned:
            cells = {oid for cell in found.cells for oid in (cell.oid, *cell.twins)}
            if cells <= asked:
                spare[term.name] = selection.planned_term(term, found)
    return tuple(spare.values()), frozenset(lacks)


def _terms_of(profile: Profile) -> Iterator[FormulaTerm]:
    """Yield every counter that a selection by `profile` looks for.

    Derived formulas add up meters, but may look for a counter.
    """
    for formula in (*(one for _, one in formulas_of(profile)), *LAST_RESORT):
        yield from (*formula.terms, *formula.given, *formula.unless)
    for formula in (one for alternatives in profile.derived.values() for one in alternatives):
        yield from (one for one in (*formula.given, *formula.unless) if one.key is not None)


def _refreshed(survey: Survey, meters: Iterable[PlannedMeter]) -> tuple[Oid, ...]:
    """Return the value columns that must be walked into before their rows are read."""
    read = set(_cells(meters))
    bases: list[Oid] = []
    for source in survey.profile.sources.values():
        if isinstance(source, CounterTable) and source.refresh:
            filled = (survey.filled(one.value) for one in source.candidates)
            bases += [base for base in filled if base is not None]
    return tuple(
        base for base in dict.fromkeys(bases) if any(oid[: len(base)] == base for oid in read)
    )


# What a machine says beside its counters, and where: found once for each plan.


CONDITION_LIMIT_S: Final = 15.0
"""A slow SNMPv1 agent gives a row at a time; a poll must end while there is time for its counters.
"""


@dataclass(slots=True)
class ConditionPlan:
    """Where supplies, trays and states stand, and in which charset they are written.

    `nonsense` is what the agent did where it was rubbish, as one sentence.
    """

    state: PlannedState = field(default_factory=PlannedState)
    charsets: Charsets = field(default_factory=Charsets)
    supplies: tuple[PlannedSupply, ...] = ()
    trays: tuple[PlannedTray, ...] = ()
    nonsense: str | None = None


async def plan_condition(
    session: Session, facts: Facts, limit_s: float = CONDITION_LIMIT_S
) -> ConditionPlan:
    """Return what the machine has of it, as far as it tells within `limit_s`.

    From a table on that is refused, is rubbish or takes too long, the rest is left out: counters
    are worth reading without it. Raises DeviceUnreachable only.
    """
    found = ConditionPlan()
    try:
        async with asyncio.timeout(limit_s):
            await _fill(found, session, facts)
    except DeviceNonsense as exc:
        found.nonsense = exc.message
    except (DeviceRefused, TimeoutError):
        pass
    return found


async def _fill(found: ConditionPlan, session: Session, facts: Facts) -> None:
    number = facts.object_id
    found.state = await plan_state(session, facts.printer.index if facts.printer else None)
    found.charsets = await plan_charsets(session)
    texts, maker = found.charsets.texts, number[len(mib.ENTERPRISES)] if number else None
    found.supplies = await plan_supplies(session, texts, maker)
    found.trays = await plan_trays(session, texts)


def _unreadable(condition: ConditionPlan) -> Iterator[PlanFinding]:
    if condition.nonsense is not None:
        why = verbatim(condition.nonsense)
        said = sentence("finding.device_nonsense.supplies", why=why)
        yield PlanFinding(Code.DEVICE_NONSENSE, said, {"part": "supplies"})
