"""What is asked beside the counters: supplies, trays, alerts. Now and then, not at every poll."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from collector.adapters.snmp.alerts import read_alerts
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.session import Oid, Session, Value
from collector.adapters.snmp.status import signals
from collector.errors import DeviceError

EVERY_S: Final = 900
"""Levels move slowly and alerts wait for people: four times an hour is soon enough."""

LIMIT_S: Final = 10.0
"""A poll whose counters are read is not held up for longer than this."""


@dataclass(frozen=True, slots=True)
class Aside:
    """The newest answers; `alerts` is None where the alert table was never read."""

    values: Mapping[Oid, Value] = field(default_factory=dict)
    alerts: Mapping[Oid, Value] | None = None


class Occasional:
    """Keeps one machine's `Aside` and asks anew when it is due.

    It is due after EVERY_S, with a new plan, and as soon as what the machine says at every poll
    of its own condition has changed.
    """

    def __init__(self) -> None:
        """Begin without an answer."""
        self._aside = Aside()
        self._plan: Plan | None = None
        self._asked_at = 0.0
        self._signals: tuple[Value | None, ...] = ()

    async def read(
        self, session: Session, plan: Plan, varbinds: Mapping[Oid, Value], now: float
    ) -> Aside:
        """Return what is known at `now` (seconds), asking where it is due.

        `varbinds` are the answers to `plan.oids`. A machine that does not answer this question
        has been read all the same: what it said last is kept, and it is asked again when due.
        """
        seen = signals(plan, varbinds)
        if plan is self._plan and seen == self._signals and now - self._asked_at < EVERY_S:
            return self._aside
        if self._plan is None or plan.identity.key != self._plan.identity.key:
            self._aside = Aside()
        self._plan, self._signals, self._asked_at = plan, seen, now
        self._aside = await ask_aside(session, plan, self._aside)
        return self._aside


async def ask_aside(
    session: Session, plan: Plan, before: Aside | None = None, limit_s: float = LIMIT_S
) -> Aside:
    """Return what the machine answers within `limit_s`; what it does not is as `before`."""
    found = before or Aside()
    with suppress(DeviceError, TimeoutError):
        async with asyncio.timeout(limit_s):
            if plan.extra:
                found = replace(found, values=await session.get(plan.extra))
            found = replace(found, alerts=await read_alerts(session))
    return found
