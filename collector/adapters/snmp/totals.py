"""What a person should know of the figure by which a machine is counted."""

from collections.abc import Mapping
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Value
from collector.domain.findings import Code, Finding, Severity
from collector.domain.meters import BASES, METERS, TOTAL, Meter, Unit

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
    plan: Plan, meters: Mapping[Meter, int], varbinds: Mapping[Oid, Value], place: str
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
        why = f"it says that it printed {since} since it was switched on"
    elif others:
        why = f"its {others[0]} is {meters[others[0]]}"
    elif up >= _IN_USE_S and engine == 0:
        why = f"it has been running for {up // _DAY_S} days"
    else:
        return None
    return Finding(
        Code.TOTAL_MISSING,
        Severity.ERROR,
        place,
        f"{_machine(plan)} answers 0 as its total although {why}: it does not seem to count its "
        "pages, so its 0 is left out; compare its panel, and enter readings by hand "
        "(copier-fleet read)",
        evidence={"profile": plan.profile, "total": 0},
    )


def _counts_jobs(meter: Meter) -> bool:
    return meter != _ENGINE and METERS[meter] is Unit.IMPRESSIONS


def no_total(plan: Plan, place: str) -> Finding:
    """Return that there is nothing to count the machine by, and what it counts instead."""
    other = mib.UNITS_OF_OTHER_THINGS.get(plan.unit or 0)
    said = (
        f"its life count is in {other}, which are no pages; enter readings by hand "
        "(copier-fleet read), or add a profile for it"
        if other is not None
        else "allow SNMP to read its counters, or add a profile for it"
    )
    return Finding(
        Code.TOTAL_MISSING,
        Severity.ERROR,
        place,
        f"{_machine(plan)} states no total that its pages can be counted by (profile "
        f"{plan.profile}); {said}",
        evidence={"profile": plan.profile},
    )


def odd_unit(plan: Plan, total: int, place: str) -> Finding | None:
    """Return that the total counts something else than printed sides, if so."""
    unit = BASES.get(plan.formulas.get(TOTAL, ""))
    if unit is None:
        return None
    said = (
        "sheets of paper, not printed sides; a sheet printed on both sides is 1"
        if unit is Unit.SHEETS
        else f"a unit that it does not name (prtMarkerCounterUnit {plan.unit}); compare it with "
        "the machine's panel"
    )
    return Finding(
        Code.TOTAL_UNIT,
        Severity.INFO,
        place,
        f"{_machine(plan)} states no printed sides and is counted by its life count of {total} in "
        f"{said}",
        evidence={"profile": plan.profile, "unit": unit.value},
    )


def _machine(plan: Plan) -> str:
    return " ".join(filter(None, (plan.identity.vendor, plan.identity.model))) or "this machine"
