"""Paper trays from prtInputTable (RFC 3805)."""

from collections.abc import Mapping
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value, dotted
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.condition.supplies import level_state, signed
from collector.adapters.snmp.plan import PlannedTray
from collector.domain.counting.reading import SupplyState, Tray, TrayStatus

MOST: Final = 16
"""No more trays than this are followed; a copier has up to eight."""

# PrtSubUnitStatusTC: the availability in the low bits, and what hinders the sub-unit added to it.
_BUSY_OR_READY: Final = frozenset({0, 2, 4, 6})
_ON_REQUEST: Final = 1
_BROKEN: Final = 3
_NON_CRITICAL: Final = 8
_CRITICAL: Final = 16
_OFFLINE: Final = 32
_LARGEST: Final = 127


async def plan_trays(session: Session, charset: str | None = None) -> tuple[PlannedTray, ...]:
    """Return the trays of the machine, keyed by their index (`1.2`), in its order."""
    levels = await session.walk(mib.TRAY_LEVEL)
    if not levels:
        return ()
    names = await session.walk(mib.TRAY_NAME)
    descrs = await session.walk(mib.TRAY_DESCR)
    known = {
        column: await session.walk(column)
        for column in (mib.TRAY_CAPACITY, mib.TRAY_STATUS, mib.TRAY_MEDIA)
    }
    trays: list[PlannedTray] = []
    for level in list(levels)[:MOST]:
        index = level[len(mib.TRAY_LEVEL) :]

        def cell(column: Oid, index: Oid = index) -> Oid | None:
            place = (*column, *index)
            return place if place in known[column] else None

        said = (
            _text(names.get((*mib.TRAY_NAME, *index)), charset),
            _text(descrs.get((*mib.TRAY_DESCR, *index)), charset),
        )
        name = next(filter(None, said), None) or f"tray {index[-1]}"
        cells = (cell(one) for one in (mib.TRAY_CAPACITY, mib.TRAY_STATUS, mib.TRAY_MEDIA))
        trays.append(PlannedTray(dotted(index), name, level, *cells))
    return tuple(trays)


def tray(
    planned: PlannedTray, varbinds: Mapping[Oid, Value], charset: str | None = None
) -> Tray | None:
    """Return the tray as answered, or None where its level was not."""
    level = signed(varbinds.get(planned.level))
    if level is None:
        return None
    state = level_state(level)
    capacity = signed(_asked(planned.capacity, varbinds))
    status = signed(_asked(planned.status, varbinds))
    return Tray(
        key=planned.key,
        name=planned.name,
        state=state,
        remaining=level if state is SupplyState.LEVEL else None,
        capacity=capacity if capacity is not None and capacity > 0 else None,
        media=_text(_asked(planned.media, varbinds), charset),
        status=TrayStatus.UNKNOWN if status is None else tray_status(status),
    )


def tray_status(code: int) -> TrayStatus:
    """Return prtInputStatus as a word; a number outside PrtSubUnitStatusTC is UNKNOWN."""
    if not 0 <= code <= _LARGEST:
        return TrayStatus.UNKNOWN
    available = code % _NON_CRITICAL
    if available == _BROKEN or code & (_CRITICAL | _OFFLINE):
        return TrayStatus.UNAVAILABLE
    if code & _NON_CRITICAL:
        return TrayStatus.WARNING
    if available in _BUSY_OR_READY or available == _ON_REQUEST:
        return TrayStatus.READY
    return TrayStatus.UNKNOWN


def _asked(where: Oid | None, varbinds: Mapping[Oid, Value]) -> Value | None:
    return None if where is None else varbinds.get(where)


def _text(value: Value | None, charset: str | None) -> str | None:
    return clean(value, charset=charset) if isinstance(value, bytes) else None
