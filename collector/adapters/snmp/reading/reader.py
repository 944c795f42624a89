"""Reads machines: one session and one plan per place, one GET per ordinary poll."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import LearningSession, Manners, Oid, Session, Value
from collector.adapters.snmp.plan import ReadingPlan
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.memory import DeviceMemories, DeviceMemory, Memory
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.reading.slow_poll import LIMIT_S, Condition, SlowPoll, SlowPollQueue
from collector.adapters.snmp.reading.totals import uptime_s
from collector.domain.counting.identity import DeviceIdentity, merged
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceError
from collector.ports import Clock, PollTarget

# Asks what a plan wants to know.


async def ask(
    session: Session, plan: ReadingPlan, names: Sequence[Oid] | None = None
) -> Mapping[Oid, Value]:
    """Return the answers to `names` (None: to `plan.oids`): one GET.

    Before it comes one step into each table that the machine brings up to date only when it is
    walked (`ReadingPlan.refresh`; Samsung). Raises what the session raises.
    """
    for column in plan.refresh:
        await session.walk(column, limit=1)
    return await session.get(plan.oids if names is None else names)


PLAN_LASTS_S: Final = 24 * 3600
"""A plan is made anew after this, in case rows moved without a restart."""

RETRY_S: Final = 900
"""A plan whose counters are not all answered is made anew after this, then after twice as long,
and so on up to PLAN_LASTS_S."""

SETTLED_S: Final = 600
"""A machine up for less may not show all of its counters yet."""

_TICKS: Final = 100
_INTRODUCTIONS: Final = 3
"""Plans made in a row at most: as the machine known here, as another one, with new firmware."""


@dataclass(slots=True)
class _DeviceSession:
    """What is kept of one place. `plan` is None until the machine was met.

    `counted_at` is when a total was last read; `is_noted` that `device_memory` is written down as
    it stands here, `taught` what it was last made from; `is_read` that a read is in flight.
    `decoded` is the newest answer and what it was read from but for the uptime. `is_new` says that
    the plan was made while an unknown machine was starting up: nothing of it is held on to.
    """

    target: PollTarget
    session: LearningSession
    counted_at: float
    plan: ReadingPlan | None = None
    decoded: tuple[ReadingPlan, Mapping[Oid, Value], Condition, Answer] | None = None
    queue: SlowPollQueue = field(default_factory=lambda: SlowPollQueue((), ()))
    device_memory: DeviceMemory = field(default_factory=DeviceMemory)
    resolved_at: float = 0.0
    wanting: int = 0
    uptime: int | None = None
    is_new: bool = False
    is_noted: bool = False
    is_read: bool = False
    taught: tuple[ReadingPlan, DeviceIdentity, Manners, bool] | None = None
    slow_poll: SlowPoll = field(default_factory=SlowPoll)


class SnmpDeviceReader:
    """Implements `DeviceReader`. Safe to use for many places at once, one caller for each place.

    Every poll verifies who answers. Another machine, other firmware or a restart makes a new
    plan. By which profile and formulas a machine is read is remembered for as long as it answers
    them, over restarts of the machine and of this process: a machine that is starting up does not
    change what its total stands for. One whose total stays away for a day is then read by
    whatever formula it does answer, which the counting rules see (`Answer.formulas`).
    """

    def __init__(
        self,
        open_session: Callable[[PollTarget], LearningSession],
        profiles: Profiles,
        monotonic: Callable[[], float] | None = None,
        *,
        memory: Memory | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open sessions by `open_session`; `monotonic` gives seconds (default: the loop's).

        What is learnt of machines is kept in `memory`, dated by `clock`; without a memory it
        lasts as long as this reader.
        """
        self._open_session = open_session
        self._profiles = profiles
        self._monotonic = monotonic
        self._clock = clock
        self._memories = DeviceMemories(memory)
        self._devices: dict[PlaceId, _DeviceSession] = {}

    async def read(self, target: PollTarget) -> Answer:
        """Return what the machine says now; raises as the port says."""
        device = await self._device(target)
        device.is_read = True
        try:
            return await self._read(device)
        finally:
            device.is_read = False
            if self._devices.get(target.place) is not device:
                await device.session.close()

    async def _read(self, device: _DeviceSession) -> Answer:
        target = device.target
        plan = device.plan or await self._meet(device, await self._memories.of_place(target.place))
        varbinds = await self._ask(device, plan)
        if self._is_stale(device, plan, varbinds):
            plan = await self._meet_again(device, plan, varbinds)
            varbinds = await self._ask(device, plan)
        device.uptime = _ticks(varbinds)
        device.is_new = not device.device_memory.meters and _is_starting(varbinds)
        condition = await device.slow_poll.read(
            device.session, plan, varbinds, device.queue, self._now()
        )
        answer = _decoded(device, plan, varbinds, condition)
        if TOTAL in answer.meters:
            device.counted_at = self._now()
        await self._remember(device, plan, answer)
        return answer

    async def close(self) -> None:
        """Close every session, one that is read from as soon as that is over."""
        devices, self._devices = tuple(self._devices.values()), {}
        for device in devices:
            if not device.is_read:
                await device.session.close()

    async def _device(self, target: PollTarget) -> _DeviceSession:
        device = self._devices.get(target.place)
        if device is not None and device.target == target:
            return device
        if device is not None:
            await device.session.close()
        device = _DeviceSession(target, self._open_session(target), counted_at=self._now())
        self._devices[target.place] = device
        return device

    async def _ask(self, device: _DeviceSession, plan: ReadingPlan) -> Mapping[Oid, Value]:
        """Return the answers to `plan.oids`; what else is asked at this poll is kept.

        What changes slowly must not cost the counters: where a request with both is not answered,
        the counters are asked for alone.
        """
        queue, session = device.queue, device.session
        both, apart = queue.questions(session.manners.at_once, self._now())
        try:
            varbinds = await ask(session, plan, both)
        except DeviceError:
            if len(both) == len(plan.oids):
                raise
            queue.put_off()
            both, apart = plan.oids, ()
            varbinds = await ask(session, plan, both)
            queue.keep_apart(self._now())
        queue.heard(both, varbinds)
        if apart:
            with suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(LIMIT_S):
                    queue.heard(apart, await session.get(apart))
        return varbinds

    def _is_stale(
        self, device: _DeviceSession, plan: ReadingPlan, varbinds: Mapping[Oid, Value]
    ) -> bool:
        if not plan.fits(varbinds) or _restarted(device, varbinds):
            return True
        if device.is_new and not _is_starting(varbinds):
            return True
        lasts = PLAN_LASTS_S
        if not _is_whole(plan, varbinds):
            lasts = min(lasts, RETRY_S * 2**device.wanting)
        return self._now() - device.resolved_at > lasts

    async def _meet_again(
        self, device: _DeviceSession, plan: ReadingPlan, seen: Mapping[Oid, Value]
    ) -> ReadingPlan:
        """Make the plan anew, holding on to what the same machine was read by so far.

        What it refused is asked for again. Where its total has stayed away for a day, nothing
        that was learnt of it seems to hold.
        """
        if not plan.same_machine(seen):
            device.wanting = 0
            return await self._meet(device, DeviceMemory())
        is_wanting = plan.fits(seen) and not _restarted(device, seen) and not _is_whole(plan, seen)
        device.wanting = device.wanting + 1 if is_wanting else 0
        known = replace(
            device.device_memory, manners=replace(device.session.manners, refused=frozenset())
        )
        if self._now() - device.counted_at > PLAN_LASTS_S:
            known = replace(known, profile=None, meters={}, manners=Manners())
        return await self._meet(device, known)

    async def _meet(self, device: _DeviceSession, known: DeviceMemory) -> ReadingPlan:
        """Make a plan for whoever answers, taken for the machine `known` until it shows another."""
        for _ in range(_INTRODUCTIONS):
            device.session.adopt(known.manners_at(self._today()))
            plan = (await resolve(device.session, self._profiles, known.keep)).shared()
            before, known = known, await self._actual(device, known, plan)
            if known is before:
                break
        device.plan, device.device_memory, device.resolved_at = plan, known, self._now()
        device.queue, device.is_noted = SlowPollQueue(plan.oids, plan.extra), False
        return plan

    async def _actual(
        self, device: _DeviceSession, known: DeviceMemory, plan: ReadingPlan
    ) -> DeviceMemory:
        """Return what is known of the machine that `plan` was made for; `known` where it is that.

        Formulas outlive new firmware, manners do not.
        """
        if known.is_blank or not known.is_of(plan):
            found = await self._memories.of_machine(device.target.place, plan.identity)
            return known if known.is_blank and found.is_blank else found
        return known.updated(plan) if known.is_outdated_by(plan) else known

    async def _remember(self, device: _DeviceSession, plan: ReadingPlan, answer: Answer) -> None:
        """Keep what this answer taught, if anything."""
        before = device.device_memory
        taught = (plan, answer.identity, device.session.manners, device.is_new)
        if device.is_noted and taught == device.taught:
            return
        device.taught = taught
        known = before.after(plan, merged(before.identity, answer.identity), device.session.manners)
        if not device.is_new:
            known = replace(known, profile=plan.profile, meters={**before.meters, **plan.held})
        if known == before and device.is_noted:
            return
        device.device_memory = known.dated(before, self._today())
        await self._memories.keep(device.target.place, device.device_memory)
        device.is_noted = True

    def _now(self) -> float:
        return self._monotonic() if self._monotonic else asyncio.get_running_loop().time()

    def _today(self) -> datetime | None:
        return self._clock.now() if self._clock else None


def _decoded(
    device: _DeviceSession, plan: ReadingPlan, varbinds: Mapping[Oid, Value], condition: Condition
) -> Answer:
    """Return what the machine says. Most say most of the time what they said before, but later."""
    timeless = dict(varbinds)
    if mib.SYS_UPTIME in timeless:
        timeless[mib.SYS_UPTIME] = 0
    # A count of 0 means another thing the longer the machine has been on.
    idle = device.decoded is not None and device.decoded[3].meters.get(TOTAL, 0) == 0
    if (
        device.decoded is not None
        and not idle
        and device.decoded[:3] == (plan, timeless, condition)
    ):
        return replace(device.decoded[3], uptime_s=uptime_s(varbinds))
    answer = decode(plan, varbinds, device.target.place, condition)
    # What is asked seldom is kept up to date in place.
    device.decoded = plan, timeless, replace(condition, values=dict(condition.values)), answer
    return answer


def _ticks(varbinds: Mapping[Oid, Value]) -> int | None:
    value = varbinds.get(mib.SYS_UPTIME)
    return value if isinstance(value, int) else None


def _restarted(device: _DeviceSession, varbinds: Mapping[Oid, Value]) -> bool:
    before, now = device.uptime, _ticks(varbinds)
    return before is not None and now is not None and now < before


def _is_starting(varbinds: Mapping[Oid, Value]) -> bool:
    ticks = _ticks(varbinds)
    return ticks is not None and ticks < SETTLED_S * _TICKS


def _is_whole(plan: ReadingPlan, varbinds: Mapping[Oid, Value]) -> bool:
    """Say whether there is a total and every counter was answered."""
    counts = any(planned.meter == TOTAL for planned in plan.meters)
    return counts and plan.answered(varbinds)
