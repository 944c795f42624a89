"""Consumables from prtMarkerSuppliesTable (RFC 3805)."""

from collections.abc import Mapping

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.plan import PlannedSupply
from collector.adapters.snmp.session import Oid, Session, Value, dotted
from collector.adapters.snmp.text import clean
from collector.domain.reading import Supply, SupplyState

MOST = 48
"""No more supplies than this are followed; a copier has about fifteen."""

_STATES: Mapping[int, SupplyState] = {
    -1: SupplyState.UNLIMITED,
    -2: SupplyState.UNKNOWN,
    -3: SupplyState.SOME_REMAINING,
}


async def plan_supplies(session: Session) -> tuple[PlannedSupply, ...]:
    """Return the supplies of the machine, keyed by their index (`1.3`), in its order."""
    levels = await session.walk(mib.SUPPLY_LEVEL)
    if not levels:
        return ()
    names = await session.walk(mib.SUPPLY_NAME)
    capacities = await session.walk(mib.SUPPLY_CAPACITY)
    planned: list[PlannedSupply] = []
    for oid in list(levels)[:MOST]:
        index = oid[len(mib.SUPPLY_LEVEL) :]
        name = names.get((*mib.SUPPLY_NAME, *index))
        capacity = capacities.get((*mib.SUPPLY_CAPACITY, *index))
        key = dotted(index)
        planned.append(PlannedSupply(key, _name(name) or key, oid, _amount(capacity)))
    return tuple(planned)


def _name(value: Value | None) -> str | None:
    return clean(value) if isinstance(value, bytes) else None


def _amount(value: Value | None) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def supply(planned: PlannedSupply, varbinds: Mapping[Oid, Value]) -> Supply | None:
    """Return the supply as answered, or None where its level was not.

    Negative levels are words, not amounts; one that RFC 3805 does not know is UNKNOWN.
    """
    level = varbinds.get(planned.level)
    if not isinstance(level, int):
        return None
    if level < 0:
        state = _STATES.get(level, SupplyState.UNKNOWN)
        return Supply(planned.key, planned.name, state, None, planned.capacity)
    return Supply(planned.key, planned.name, SupplyState.LEVEL, level, planned.capacity)
