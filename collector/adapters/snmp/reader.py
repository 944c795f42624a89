"""Reads machines: one session and one plan per place, one GET per ordinary poll."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.aside import LIMIT_S, Aside, Occasional
from collector.adapters.snmp.ask import ask
from collector.adapters.snmp.decode import decode, uptime_in
from collector.adapters.snmp.dossier import Dossier
from collector.adapters.snmp.dossiers import Dossiers, Memory
from collector.adapters.snmp.plan import Plan
from collector.adapters.snmp.profile_values import Profiles
from collector.adapters.snmp.resolve import resolve
from collector.adapters.snmp.session import LearningSession, Manners, Oid, Value
from collector.adapters.snmp.turns import Turns
from collector.domain.identity import DeviceIdentity, merged
from collector.domain.meters import TOTAL
from collector.domain.reading import Answer, PlaceId
from collector.errors import DeviceError
from collector.ports import Clock, PollTarget

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
class _Desk:
    """What is kept of one place. `plan` is None until the machine was met.

    `counted_at` is when a total was last read; `is_noted` that the dossier is in the memory as it
    stands here, `taught` what it was last made from. `decoded` is the newest answer and what it
    was read from, the uptime aside. `is_new` says that the plan was made while an
    unknown machine was starting up: nothing of it is held on to.
    """

    target: PollTarget
    session: LearningSession
    counted_at: float
    plan: Plan | None = None
    decoded: tuple[Plan, Mapping[Oid, Value], Aside, Answer] | None = None
    turns: Turns = field(default_factory=lambda: Turns((), ()))
    dossier: Dossier = field(default_factory=Dossier)
    resolved_at: float = 0.0
    wanting: int = 0
    uptime: int | None = None
    is_new: bool = False
    is_noted: bool = False
    taught: tuple[Plan, DeviceIdentity, Manners, bool] | None = None
    occasional: Occasional = field(default_factory=Occasional)


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
        self._dossiers = Dossiers(memory)
        self._desks: dict[PlaceId, _Desk] = {}

    async def read(self, target: PollTarget) -> Answer:
        """Return what the machine says now; raises as the port says."""
        desk = await self._desk(target)
        plan = desk.plan or await self._meet(desk, await self._dossiers.of_place(target.place))
        varbinds = await self._ask(desk, plan)
        if self._is_stale(desk, plan, varbinds):
            plan = await self._meet_again(desk, plan, varbinds)
            varbinds = await self._ask(desk, plan)
        desk.uptime = _ticks(varbinds)
        desk.is_new = not desk.dossier.meters and _is_starting(varbinds)
        aside = await desk.occasional.read(desk.session, plan, varbinds, desk.turns, self._now())
        answer = _decoded(desk, plan, varbinds, aside)
        if TOTAL in answer.meters:
            desk.counted_at = self._now()
        await self._remember(desk, plan, answer)
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

    async def _ask(self, desk: _Desk, plan: Plan) -> Mapping[Oid, Value]:
        """Return the answers to `plan.oids`; what else is asked at this turn is kept.

        What changes slowly must not cost the counters: where a request with both is not answered,
        the counters are asked for alone.
        """
        turns, session = desk.turns, desk.session
        both, apart = turns.questions(session.manners.at_once, self._now())
        try:
            varbinds = await ask(session, plan, both)
        except DeviceError:
            if len(both) == len(plan.oids):
                raise
            turns.put_off()
            both, apart = plan.oids, ()
            varbinds = await ask(session, plan, both)
            turns.keep_apart(self._now())
        turns.heard(both, varbinds)
        if apart:
            with suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(LIMIT_S):
                    turns.heard(apart, await session.get(apart))
        return varbinds

    def _is_stale(self, desk: _Desk, plan: Plan, varbinds: Mapping[Oid, Value]) -> bool:
        if not plan.fits(varbinds) or _restarted(desk, varbinds):
            return True
        if desk.is_new and not _is_starting(varbinds):
            return True
        lasts = PLAN_LASTS_S
        if not _is_whole(plan, varbinds):
            lasts = min(lasts, RETRY_S * 2**desk.wanting)
        return self._now() - desk.resolved_at > lasts

    async def _meet_again(self, desk: _Desk, plan: Plan, seen: Mapping[Oid, Value]) -> Plan:
        """Make the plan anew, holding on to what the same machine was read by so far.

        What it refused is asked for again. Where its total has stayed away for a day, nothing
        that was learnt of it seems to hold.
        """
        if not plan.same_machine(seen):
            desk.wanting = 0
            return await self._meet(desk, Dossier())
        is_wanting = plan.fits(seen) and not _restarted(desk, seen) and not _is_whole(plan, seen)
        desk.wanting = desk.wanting + 1 if is_wanting else 0
        known = replace(desk.dossier, manners=replace(desk.session.manners, refused=frozenset()))
        if self._now() - desk.counted_at > PLAN_LASTS_S:
            known = replace(known, profile=None, meters={}, manners=Manners())
        return await self._meet(desk, known)

    async def _meet(self, desk: _Desk, known: Dossier) -> Plan:
        """Make a plan for whoever answers, taken for the machine `known` until it shows another."""
        for _ in range(_INTRODUCTIONS):
            desk.session.adopt(known.manners_at(self._today()))
            plan = await resolve(desk.session, self._profiles, known.keep)
            before, known = known, await self._actual(desk, known, plan)
            if known is before:
                break
        desk.plan, desk.dossier, desk.resolved_at = plan, known, self._now()
        desk.turns, desk.is_noted = Turns(plan.oids, plan.extra), False
        return plan

    async def _actual(self, desk: _Desk, known: Dossier, plan: Plan) -> Dossier:
        """Return what is known of the machine that `plan` was made for; `known` where it is that.

        Formulas outlive new firmware, manners do not.
        """
        if known.is_blank or not known.is_of(plan):
            found = await self._dossiers.of_machine(desk.target.place, plan.identity)
            return known if known.is_blank and found.is_blank else found
        return known.updated(plan) if known.is_outdated_by(plan) else known

    async def _remember(self, desk: _Desk, plan: Plan, answer: Answer) -> None:
        """Keep what this answer taught, if anything."""
        before = desk.dossier
        taught = (plan, answer.identity, desk.session.manners, desk.is_new)
        if desk.is_noted and taught == desk.taught:
            return
        desk.taught = taught
        known = before.after(plan, merged(before.identity, answer.identity), desk.session.manners)
        if not desk.is_new:
            known = replace(known, profile=plan.profile, meters={**before.meters, **plan.held})
        if known == before and desk.is_noted:
            return
        desk.dossier = known.dated(before, self._today())
        await self._dossiers.keep(desk.target.place, desk.dossier)
        desk.is_noted = True

    def _now(self) -> float:
        return self._monotonic() if self._monotonic else asyncio.get_running_loop().time()

    def _today(self) -> datetime | None:
        return self._clock.now() if self._clock else None


def _decoded(desk: _Desk, plan: Plan, varbinds: Mapping[Oid, Value], aside: Aside) -> Answer:
    """Return what the machine says. Most say most of the time what they said before, but later."""
    timeless = dict(varbinds)
    if mib.SYS_UPTIME in timeless:
        timeless[mib.SYS_UPTIME] = 0
    if desk.decoded is not None and desk.decoded[:3] == (plan, timeless, aside):
        return replace(desk.decoded[3], uptime_s=uptime_in(varbinds))
    answer = decode(plan, varbinds, desk.target.place, aside)
    # What takes turns is kept up to date in place.
    desk.decoded = plan, timeless, replace(aside, values=dict(aside.values)), answer
    return answer


def _ticks(varbinds: Mapping[Oid, Value]) -> int | None:
    value = varbinds.get(mib.SYS_UPTIME)
    return value if isinstance(value, int) else None


def _restarted(desk: _Desk, varbinds: Mapping[Oid, Value]) -> bool:
    before, now = desk.uptime, _ticks(varbinds)
    return before is not None and now is not None and now < before


def _is_starting(varbinds: Mapping[Oid, Value]) -> bool:
    ticks = _ticks(varbinds)
    return ticks is not None and ticks < SETTLED_S * _TICKS


def _is_whole(plan: Plan, varbinds: Mapping[Oid, Value]) -> bool:
    """Say whether there is a total and every counter was answered."""
    counts = any(planned.meter == TOTAL for planned in plan.meters)
    return counts and plan.answered(varbinds)
