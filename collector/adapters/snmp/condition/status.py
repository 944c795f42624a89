"""What a machine is doing and what hinders it, as RFC 2790 and RFC 3805 let it say.

RFC 3805 section 2.2.13.2 gives the combinations: standby is hrDeviceStatus running with
hrPrinterStatus other; other with down waits for a person. Several makers answer idle while they
sleep and say so only in an alert or on the console.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.condition.alerts import is_sleep, says_asleep
from collector.adapters.snmp.plan import PlannedState, ReadingPlan
from collector.domain.counting.reading import Alert, DeviceStatus, Trouble

_OTHER: Final = 1
_AT_WORK: Final[Mapping[int, DeviceStatus]] = {
    4: DeviceStatus.PRINTING,
    5: DeviceStatus.WARMUP,
}
_IDLE: Final = 3
_RUNNING: Final = 2
_DOWN: Final = 5
_TROUBLES: Final = tuple(Trouble)
"""Bit 0 is the most significant one of the first octet."""

_STOPPING: Final = frozenset(
    {
        Trouble.NO_PAPER,
        Trouble.NO_TONER,
        Trouble.DOOR_OPEN,
        Trouble.JAMMED,
        Trouble.OFFLINE,
        Trouble.OUTPUT_FULL,
        Trouble.MARKER_SUPPLY_MISSING,
    }
)
_OCTETS: Final = 2
_CONSOLE_LINES: Final = 4


async def plan_state(session: Session, printer: int | None) -> PlannedState:
    """Return where the machine says what it is doing; `printer` is its hrDeviceIndex if known.

    hrPrinterTable has a row for each printer and for nothing else, so a machine without
    hrDeviceTable is found in it too.
    """
    found = await session.walk(mib.PRINTER_ENTRY, 64)
    indexes = sorted({name[-1] for name in found})
    if not indexes:
        return PlannedState()
    index = printer if printer in indexes else indexes[0]
    device = (*mib.DEVICE_STATUS, index)
    lines = await session.walk(mib.CONSOLE_TEXT, _CONSOLE_LINES)
    return PlannedState(
        printer=_there((*mib.PRINTER_STATUS, index), found),
        errors=_there((*mib.PRINTER_ERRORS, index), found),
        device=_there(device, await session.get((device,))),
        console=tuple(lines),
    )


def _there(name: Oid, found: Mapping[Oid, Value]) -> Oid | None:
    return name if name in found else None


def troubles(value: Value | None) -> tuple[Trouble, ...]:
    """Return the conditions in hrPrinterDetectedErrorState: one octet, two, or none at all."""
    if not isinstance(value, bytes):
        return ()
    bits = [octet >> (7 - bit) & 1 for octet in value[:_OCTETS] for bit in range(8)]
    return tuple(trouble for trouble, bit in zip(_TROUBLES, bits, strict=False) if bit)


def signals(plan: ReadingPlan, varbinds: Mapping[Oid, Value]) -> tuple[Value | None, ...]:
    """Return what changes when the alerts do: conditions, and whether the printer works at all.

    Printing, warming up and waiting are one here; a copier changes between them all day.
    """
    state = plan.state
    printer = _asked(state.printer, varbinds)
    works = printer in _AT_WORK or printer == _IDLE
    return _asked(state.errors, varbinds), _asked(state.device, varbinds), works


def state_of(
    plan: ReadingPlan, varbinds: Mapping[Oid, Value], alerts: Sequence[Alert]
) -> tuple[DeviceStatus, tuple[Trouble, ...]]:
    """Return what the machine is doing and what hinders it.

    A machine that sleeps is not offline, whatever its bits say.
    """
    found = troubles(_asked(plan.state.errors, varbinds))
    status = _status(plan, varbinds, alerts, found)
    if status is DeviceStatus.ASLEEP:
        found = tuple(one for one in found if one is not Trouble.OFFLINE)
    return status, found


def _status(
    plan: ReadingPlan,
    varbinds: Mapping[Oid, Value],
    alerts: Sequence[Alert],
    found: Sequence[Trouble],
) -> DeviceStatus:
    printer = _asked(plan.state.printer, varbinds)
    device = _asked(plan.state.device, varbinds)
    if isinstance(printer, int) and printer in _AT_WORK:
        return _AT_WORK[printer]
    if any(map(says_asleep, alerts)) or _console_sleeps(plan, varbinds):
        return DeviceStatus.ASLEEP
    if printer == _IDLE:
        return DeviceStatus.IDLE
    stopping = _STOPPING.intersection(found)
    if printer == _OTHER and device == _RUNNING and not stopping - {Trouble.OFFLINE}:
        return DeviceStatus.ASLEEP
    if device == _DOWN or (printer == _OTHER and stopping):
        return DeviceStatus.STOPPED
    return DeviceStatus.OTHER if printer == _OTHER else DeviceStatus.UNKNOWN


def _console_sleeps(plan: ReadingPlan, varbinds: Mapping[Oid, Value]) -> bool:
    lines = (varbinds.get(name) for name in plan.state.console)
    texts = (
        clean(line, charset=plan.charsets.console) for line in lines if isinstance(line, bytes)
    )
    return any(is_sleep(text) for text in texts if text)


def _asked(where: Oid | None, varbinds: Mapping[Oid, Value]) -> Value | None:
    return None if where is None else varbinds.get(where)
