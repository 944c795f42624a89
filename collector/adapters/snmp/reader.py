"""Reads machines: one session and one plan per place, one GET per ordinary poll."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.aside import Occasional
from collector.adapters.snmp.decode import decode
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.profile_values import Profiles
from collector.adapters.snmp.resolve import resolve
from collector.adapters.snmp.session import Oid, Session, Value
from collector.domain.meters import TOTAL, Meter
from collector.domain.reading import Answer, PlaceId
from collector.ports import PollTarget

PLAN_LASTS_S: Final = 24 * 3600
"""A plan is made anew after this, in case rows moved without a restart."""

RETRY_S: Final = 900
"""A plan whose counters are not all answered is made anew at most this often."""


@dataclass(slots=True)
class _Desk:
    """What is kept of one place. `formulas` are those its machine was ever read by."""

    target: PollTarget
    session: Session
    plan: Plan | None = None
    resolved_at: float = 0.0
    counted_at: float = 0.0
    uptime: int | None = None
    formulas: dict[Meter, str] = field(default_factory=dict)
    occasional: Occasional = field(default_factory=Occasional)


class SnmpDeviceReader:
    """Implements `DeviceReader`. Safe to use for many places at once, one caller for each place.

    Every poll verifies who answers. Another machine, other firmware or a restart makes a new
    plan; over a restart each meter keeps its formula, so that a machine which is still starting
    up does not change what its total stands for. A machine whose total stays away for a day is
    then read by whatever formula it does answer.
    """

    def __init__(
        self,
        open_session: Callable[[PollTarget], Session],
        profiles: Profiles,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        """Open sessions by `open_session`; `monotonic` gives seconds (default: the loop's)."""
        self._open_session = open_session
        self._profiles = profiles
        self._monotonic = monotonic
        self._desks: dict[PlaceId, _Desk] = {}

    async def read(self, target: PollTarget) -> Answer:
        """Return what the machine says now; raises as the port says."""
        desk = await self._desk(target)
        plan = desk.plan or await self._resolve(desk)
        varbinds = await desk.session.get(plan.oids)
        if self._is_stale(desk, plan, varbinds):
            plan = await self._resolve(desk, varbinds)
            varbinds = await desk.session.get(plan.oids)
        desk.uptime = _ticks(varbinds)
        aside = await desk.occasional.read(desk.session, plan, varbinds, self._now())
        answer = decode(plan, varbinds, target.place, aside)
        if TOTAL in answer.meters:
            desk.counted_at = self._now()
        return answer

    async def close(self) -> None:
        """Close every session."""
        desks, self._desks = tuple(self._desks.values()), {}
        for desk in desks:
            await desk.session.close()

    async def _desk(self, target: PollTarget) -> _Desk:
        desk = self._desks.get(target.place)
        if desk is not None and desk.target == target:
            return desk
        if desk is not None:
            await desk.session.close()
        desk = _Desk(target, self._open_session(target), counted_at=self._now())
        self._desks[target.place] = desk
        return desk

    def _is_stale(self, desk: _Desk, plan: Plan, varbinds: Mapping[Oid, Value]) -> bool:
        if not plan.fits(varbinds):
            return True
        before, now = desk.uptime, _ticks(varbinds)
        if before is not None and now is not None and now < before:
            return True
        age = self._now() - desk.resolved_at
        counts = any(planned.meter == TOTAL for planned in plan.meters)
        whole = counts and plan.answered(varbinds)
        return age > (PLAN_LASTS_S if whole else RETRY_S)

    async def _resolve(self, desk: _Desk, seen: Mapping[Oid, Value] | None = None) -> Plan:
        """Make the plan anew, by the same formulas where the same machine still answers."""
        same = desk.plan is not None and seen is not None and desk.plan.same_machine(seen)
        if not same or self._now() - desk.counted_at > PLAN_LASTS_S:
            desk.formulas.clear()
        plan = await resolve(desk.session, self._profiles, desk.formulas)
        desk.formulas |= plan.formulas
        desk.plan, desk.resolved_at = plan, self._now()
        return plan

    def _now(self) -> float:
        return self._monotonic() if self._monotonic else asyncio.get_running_loop().time()


def _ticks(varbinds: Mapping[Oid, Value]) -> int | None:
    value = varbinds.get(mib.SYS_UPTIME)
    return value if isinstance(value, int) else None
