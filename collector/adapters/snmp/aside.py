"""What is looked into beside the counters: alerts, and everything else when something changed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from collector.adapters.snmp.alerts import read_alerts
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Session, Value
from collector.adapters.snmp.status import signals
from collector.adapters.snmp.turns import EVERY_S, Turns
from collector.errors import DeviceError

ALERTS_EVERY_S: Final = 3600
"""How often the alert table is looked into although the machine's condition did not change. One
that has alerts and does not state its condition at all is looked into every EVERY_S."""

LIMIT_S: Final = 10.0
"""A poll whose counters are read is not held up for longer than this."""


@dataclass(frozen=True, slots=True)
class Aside:
    """The newest answers; `alerts` is None where the alert table was never read."""

    values: Mapping[Oid, Value] = field(default_factory=dict)
    alerts: Mapping[Oid, Value] | None = None


class Occasional:
    """Keeps one machine's alerts, and looks beside the counters where a poll gives reason to.

    That is: a new plan, a change of what the machine says of its own condition at every poll,
    and the lapse of time. What changes slowly comes with the counters (`Turns`); after a change
    it is asked for at once.
    """

    def __init__(self) -> None:
        """Begin without an answer."""
        self._alerts: Mapping[Oid, Value] | None = None
        self._plan: Plan | None = None
        self._asked_at = 0.0
        self._signals: tuple[Value | None, ...] = ()

    async def read(
        self,
        session: Session,
        plan: Plan,
        varbinds: Mapping[Oid, Value],
        turns: Turns,
        now: float,
    ) -> Aside:
        """Return what is known at `now` (seconds), asking where it is due.

        `varbinds` are the answers to `plan.oids`. A machine that does not answer this question
        has been read all the same: what it said last is kept, and it is asked again when due.
        """
        seen = signals(plan, varbinds)
        is_new, has_changed = plan is not self._plan, seen != self._signals
        blind = plan.state.errors is None and bool(self._alerts)
        every_s = EVERY_S if blind else ALERTS_EVERY_S
        if is_new or has_changed or now - self._asked_at >= every_s:
            if self._plan is None or plan.identity.key != self._plan.identity.key:
                self._alerts = None
            self._plan, self._signals, self._asked_at = plan, seen, now
            known = Aside(turns.known, self._alerts)
            wanted = plan if has_changed and not is_new else None  # a new plan was asked whole
            found = await _ask(session, wanted, known, LIMIT_S)
            if found.values is not known.values:
                turns.refreshed(found.values, now)
            self._alerts = found.alerts
        return Aside(turns.known, self._alerts)


async def ask_aside(
    session: Session, plan: Plan, before: Aside | None = None, limit_s: float = LIMIT_S
) -> Aside:
    """Return what the machine answers within `limit_s`; what it does not is as `before`."""
    return await _ask(session, plan, before or Aside(), limit_s)


async def _ask(session: Session, plan: Plan | None, found: Aside, limit_s: float) -> Aside:
    """Return `found` with the alerts as they are now, and with the rest of `plan` if given."""
    with suppress(DeviceError, TimeoutError):
        async with asyncio.timeout(limit_s):
            if plan is not None and plan.extra:
                found = replace(found, values=await session.get(plan.extra))
            found = replace(found, alerts=await read_alerts(session))
    return found
