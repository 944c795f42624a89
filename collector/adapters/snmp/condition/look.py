"""What a machine says beside its counters, and where: found once for each plan."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp.client.charsets import Charsets, plan_charsets
from collector.adapters.snmp.client.mib import ENTERPRISES
from collector.adapters.snmp.client.session import Session
from collector.adapters.snmp.condition.facts import Facts
from collector.adapters.snmp.condition.status import plan_state
from collector.adapters.snmp.condition.supplies import plan_supplies
from collector.adapters.snmp.condition.trays import plan_trays
from collector.adapters.snmp.plan import PlannedState, PlannedSupply, PlannedTray
from collector.errors import DeviceNonsense, DeviceRefused

LIMIT_S: Final = 15.0
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


async def plan_condition(session: Session, facts: Facts, limit_s: float = LIMIT_S) -> ConditionPlan:
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
    texts, maker = found.charsets.texts, number[len(ENTERPRISES)] if number else None
    found.supplies = await plan_supplies(session, texts, maker)
    found.trays = await plan_trays(session, texts)
