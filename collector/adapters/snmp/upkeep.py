"""What a machine says beside its counters, and where: found once for each plan."""

from dataclasses import dataclass, field

from collector.adapters.snmp.charsets import Charsets, plan_charsets
from collector.adapters.snmp.facts import Facts
from collector.adapters.snmp.plan import PlannedState, PlannedSupply, PlannedTray
from collector.adapters.snmp.session import Session
from collector.adapters.snmp.status import plan_state
from collector.adapters.snmp.supplies import plan_supplies
from collector.adapters.snmp.trays import plan_trays
from collector.adapters.snmp.wellknown import ENTERPRISES
from collector.errors import DeviceNonsense, DeviceRefused


@dataclass(slots=True)
class Upkeep:
    """Where supplies, trays and states stand, and in which charset they are written."""

    state: PlannedState = field(default_factory=PlannedState)
    charsets: Charsets = field(default_factory=Charsets)
    supplies: tuple[PlannedSupply, ...] = ()
    trays: tuple[PlannedTray, ...] = ()


async def plan_upkeep(session: Session, facts: Facts) -> Upkeep:
    """Return what the machine has of it; a table that is refused or rubbish is left out.

    Raises DeviceUnreachable only: counters are worth reading without the rest.
    """
    found = Upkeep()
    number = facts.object_id
    maker = number[len(ENTERPRISES)] if number else None
    printer = facts.printer.index if facts.printer else None
    try:
        found.state = await plan_state(session, printer)
        found.charsets = await plan_charsets(session)
        found.supplies = await plan_supplies(session, found.charsets.texts, maker)
        found.trays = await plan_trays(session, found.charsets.texts)
    except (DeviceNonsense, DeviceRefused):
        return found
    return found
