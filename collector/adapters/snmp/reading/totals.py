"""What a person should know of the figure by which a machine is counted."""

from collections.abc import Iterator, Mapping
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.condition.facts import Facts, text_of
from collector.adapters.snmp.plan import ReadingPlan
from collector.adapters.snmp.profiles.values import Confidence, ModelFact, Profile
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.meters import BASES, METERS, TOTAL, Meter, Unit
from collector.domain.sentence import Sentence, sentence, verbatim

_TICKS: Final = 100
_LAST_TICK: Final = 2**32 - 1
"""TimeTicks begin again at 0 after 497 days."""

_ENGINE: Final = Meter("engine_total")
_DAY_S: Final = 86_400
_FACTORY_TEST: Final = 100
"""Sides that an engine may have printed before anybody's pages were counted."""

_IN_USE_S: Final = 7 * _DAY_S
"""A machine that was on for so long has printed something, if it prints at all."""


def uptime_s(varbinds: Mapping[Oid, Value]) -> int | None:
    """Return how many seconds the agent says it has been running."""
    value = varbinds.get(mib.SYS_UPTIME)
    return value // _TICKS if isinstance(value, int) and 0 <= value <= _LAST_TICK else None


def idle_total(
    plan: ReadingPlan, meters: Mapping[Meter, int], varbinds: Mapping[Oid, Value], place: str
) -> Finding | None:
    """Return that the machine does not seem to count, where its total is 0 and it is in use.

    Its 0 is then no figure (EPSON BX525WD: 0 after 45 days; fusioninventory-agent #491). In use
    is what was on for a week, or counts pages elsewhere; not a new machine whose engine was
    tested.
    """
    if meters.get(TOTAL) != 0:
        return None
    up = uptime_s(varbinds) or 0
    since = varbinds.get(plan.power_on) if plan.power_on is not None else None
    engine = meters.get(_ENGINE, 0)
    others = [one for one, value in meters.items() if value > 0 and _counts_jobs(one)]
    others += [_ENGINE] if engine > _FACTORY_TEST else []
    if isinstance(since, int) and since > 0:
        why = sentence("total.since_switched_on", pages=since)
    elif others:
        why = sentence("total.other_meter", meter=others[0], value=meters[others[0]])
    elif up >= _IN_USE_S and engine == 0:
        why = sentence("total.running", days=up // _DAY_S)
    else:
        return None
    return Finding(
        Code.TOTAL_MISSING,
        Severity.ERROR,
        place,
        sentence("finding.total_missing.zero", machine=_machine(plan), why=why),
        evidence={"profile": plan.profile, "total": 0},
    )


def _counts_jobs(meter: Meter) -> bool:
    return meter != _ENGINE and METERS[meter] is Unit.IMPRESSIONS


def no_total(plan: ReadingPlan, place: str) -> Finding:
    """Return that there is nothing to count the machine by, and what it counts instead."""
    said = (
        sentence("total.of_other_things", things=sentence(f"unit_of_life_count.{plan.unit}"))
        if plan.unit in mib.UNITS_OF_OTHER_THINGS
        else sentence("total.allow_snmp")
    )
    return Finding(
        Code.TOTAL_MISSING,
        Severity.ERROR,
        place,
        sentence(
            "finding.total_missing", machine=_machine(plan), profile=plan.profile, advice=said
        ),
        evidence={"profile": plan.profile},
    )


def odd_unit(plan: ReadingPlan, total: int, place: str) -> Finding | None:
    """Return that the total counts something else than printed sides, if so."""
    unit = BASES.get(plan.formulas.get(TOTAL, ""))
    if unit is None:
        return None
    said = (
        sentence("unit.sheets_of_paper")
        if unit is Unit.SHEETS
        else sentence("unit.unnamed", number=str(plan.unit))
    )
    return Finding(
        Code.TOTAL_UNIT,
        Severity.INFO,
        place,
        sentence("finding.total_unit", machine=_machine(plan), total=total, unit=said),
        evidence={"profile": plan.profile, "unit": unit.value},
    )


def _machine(plan: ReadingPlan) -> Sentence:
    name = " ".join(filter(None, (plan.identity.vendor, plan.identity.model)))
    return verbatim(name) if name else sentence("machine.this")


# What a profile knows of one model: its rated speed, and where its counters begin again at 0.


_SPEEDS = range(1, 1000)
"""Impressions a minute that a machine can be rated at; anything else in a name is no speed."""


def rated_ipm(
    profile: Profile, model: str | None, facts: Facts | None = None, *, low_confidence: bool = False
) -> int | None:
    """Return the rated speed in impressions a minute, None where it is not known.

    The profile's own figure for all its machines first, then the machine's own words, then what
    the name of the model says.
    """
    if profile.rated_ipm is not None:
        return profile.rated_ipm
    speeds = (_speed(one, model, facts) for one in _by_words_first(profile, low_confidence))
    return next((one for one in speeds if one is not None), None)


def wrap_of(
    profile: Profile, model: str | None, facts: Facts | None = None, *, low_confidence: bool = False
) -> int | None:
    """Return the modulus of this model's counters where the profile knows of one for it."""
    for one in _by_words_first(profile, low_confidence):
        if one.wrap is not None and _found(one, model, facts) is not None:
            return one.wrap
    return None


def _by_words_first(profile: Profile, low_confidence: bool) -> Iterator[ModelFact]:  # noqa: FBT001 # as handed on
    read = [one for one in profile.models if low_confidence or one.confidence != Confidence.LOW]
    yield from (one for one in read if one.words is not None)
    yield from (one for one in read if one.model is not None)


def _speed(fact: ModelFact, model: str | None, facts: Facts | None) -> int | None:
    found = _found(fact, model, facts)
    if found is None:
        return None
    digits = fact.ipm if fact.ipm is not None else found
    return int(digits) if str(digits).isdecimal() and int(digits) in _SPEEDS else None


def _found(fact: ModelFact, model: str | None, facts: Facts | None) -> str | None:
    """Return what stands in the pattern's group, empty without one; None where it is not found."""
    pattern = fact.words if fact.words is not None else fact.model
    texts = _words(facts) if fact.words is not None else (model,)
    for text in texts:
        match = pattern.search(text) if pattern is not None and text is not None else None
        if match is not None:
            return (match[1] or "") if match.re.groups else ""
    return None


def _words(facts: Facts | None) -> Iterator[str | None]:
    if facts is None:
        return
    device_id, printer = facts.device_id, facts.printer
    yield facts.descr
    yield printer.descr if printer is not None else None
    yield device_id[1] if device_id is not None else None
    yield text_of(facts.base.get(mib.PRINTER_NAME))
