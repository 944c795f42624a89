"""One named task per place, a bound on how many poll at once, and the rounds they make."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Final

from collector.app.poll.poll_place import FAILURES_UNTIL_OFFLINE, FEWEST
from collector.domain.cadence import PollState, first_due, next_due, next_poll
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.ports import Clock, Cycle, PollTarget
from collector.runtime.plan import Poll, PollingPlan, PollResult, Roll
from collector.runtime.sweep import CLOCK_CHECK_S, comes_before, happens_within

# What one interval of polling did, and which machines are slow.


_NAMED: Final = 5


class RoundTally:
    """Counts the polls of a round. Seconds are the loop's own, never the wall clock's."""

    def __init__(self) -> None:
        """Begin with an empty round and nothing in flight."""
        self.finished = 0
        """Polls that came back since the start, whatever they said. Only grows."""
        self.waiting = 0
        """Polls that are due: in flight, or waiting for a slot."""
        self._polled = 0
        self._failed = 0
        self._lag_s = 0.0
        self._took_s: dict[PlaceId, float] = {}
        self._busy_s = 0.0
        self._in_flight = 0
        self._busy_since = 0.0
        self._slow_before: frozenset[PlaceId] = frozenset()

    def begin(self, due: float) -> None:
        """Note that a poll begins now that was due at loop time `due`."""
        now = asyncio.get_running_loop().time()
        self._lag_s = max(self._lag_s, now - due)
        if self._in_flight == 0:
            self._busy_since = now
        self._in_flight += 1

    def end(self, place: PlaceId, outcome: PollResult | None) -> None:
        """Note that a poll is over; `outcome` is None where it was given up."""
        self._in_flight -= 1
        if self._in_flight == 0:
            self._busy_s += asyncio.get_running_loop().time() - self._busy_since
        self._polled += 1
        if outcome is not None:
            self.finished += 1
        if outcome is not None and outcome.ok:
            self._took_s[place] = max(outcome.seconds, self._took_s.get(place, 0.0))
        else:
            self._failed += 1

    def close(self, at: datetime, slow_s: float) -> Cycle:
        """Return the round that ends at `at` and begin the next; name newly slow machines.

        `cycle_s` is how long at least one poll was in flight: the nearer to the interval, the
        less room is left. A machine that does not answer is failed, not slow.
        """
        if self._in_flight:
            now = asyncio.get_running_loop().time()
            self._busy_s += now - self._busy_since
            self._busy_since = now
        slow = {place: took_s for place, took_s in self._took_s.items() if took_s > slow_s}
        cycle = Cycle(
            at.replace(microsecond=0),
            polled=self._polled,
            failed=self._failed,
            slow=len(slow),
            cycle_s=round(self._busy_s, 3),
            lag_s=round(self._lag_s, 3),
        )
        self._name_slow(slow)
        self._polled = self._failed = 0
        self._lag_s = self._busy_s = 0.0
        self._took_s = {}
        return cycle

    def _name_slow(self, slow: dict[PlaceId, float]) -> None:
        """Log when the set of slow machines changes. One that was not read stays as it was."""
        unread = self._slow_before - self._took_s.keys()
        known, self._slow_before = self._slow_before, frozenset(slow) | unread
        if slow.keys() - known:
            worst = sorted(slow, key=lambda place: -slow[place])[:_NAMED]
            named = ", ".join(f"{place} {slow[place]:.1f} s" for place in worst)
            _LOG.warning("machines are slow to answer", extra={"slow": len(slow), "slowest": named})
        elif known and not self._slow_before:
            _LOG.info("no machine is slow to answer any more")


# The loop of one place: wait until it is due, poll, remember how it went.


Attempt = Callable[[PollTarget, float], Awaitable[PollResult | None]]
"""Polls a target that was due at this loop time; None where the poll was given up."""


class _PlaceCondition(Enum):
    """What is known of a place; each turn is one log line."""

    UNKNOWN = "unknown"
    ANSWERING = "answering"
    SILENT = "silent"
    REFUSING = "refusing"


class Silences:
    """Tells of places that fall silent: each once, and all that share a credential in one line.

    A line waits until every place with its credential was asked once: a wrong community then is
    one line in the journal and not one a place.
    """

    def __init__(self, targets: Callable[[], Iterable[PollTarget]]) -> None:
        """Begin with every place unknown; `targets` are all that are polled now."""
        self._targets = targets
        self._failing: dict[PlaceId, bool] = {}
        self._waiting: dict[PlaceId, dict[str, object]] = {}
        self._told: set[str] = set()

    def note(self, target: PollTarget, *, answered: bool) -> None:
        """Note how the last poll of `target` went."""
        self._failing[target.place] = not answered
        if answered:
            self._told.discard(target.credential)
            self._waiting.pop(target.place, None)
        self._say(target.credential)

    def tell(self, target: PollTarget, about: dict[str, object]) -> None:
        """Log that `target` is silent, as soon as it is known whether it is the only one."""
        self._waiting[target.place] = about
        self._say(target.credential)

    def _say(self, credential: str) -> None:
        alike = [one.place for one in self._targets() if one.credential == credential]
        are_many = len(alike) >= FEWEST
        if are_many and any(one not in self._failing for one in alike):
            return
        lines = [self._waiting.pop(one) for one in alike if one in self._waiting]
        if not (are_many and all(self._failing[one] for one in alike)):
            for about in lines:
                _LOG.warning("place is silent; it is asked less and less often", extra=about)
        elif lines and credential not in self._told:
            self._told.add(credential)
            line = sentence("poll.community_line", credential=credential)
            about = {"credential": credential, "places": len(alike), "line": line}
            _LOG.warning(
                "no place asked with this credential answers; over SNMP v1 and v2c a wrong "
                "community is silence: compare it with the machines', its version (some answer "
                "version 1 only), the network",
                extra=about | {"reason": lines[0].get("reason")},
            )


class Poller:
    """Polls one place until it is told to leave. One failing machine concerns only its poller."""

    def __init__(
        self,
        target: PollTarget,
        plan: Callable[[], PollingPlan],
        attempt: Attempt,
        clock: Clock,
        roll: Roll,
        silences: Silences,
    ) -> None:
        """Stand ready to poll `target`; `plan` is asked anew before every poll."""
        self._silences = silences
        self._target = target
        self._plan = plan
        self._attempt = attempt
        self._clock = clock
        self._roll = roll
        self._standing = PollState()
        self._state = _PlaceCondition.UNKNOWN
        self._polled_at: datetime | None = None
        self._planned_at: datetime | None = None
        self._due: datetime | None = None
        self._nudge = asyncio.Event()
        self._leaving = False

    @property
    def answering(self) -> bool:
        """Whether the place is known to answer; one lost poll does not change that."""
        return self._state is _PlaceCondition.ANSWERING

    def leave(self) -> None:
        """Let the poll in flight finish, then end."""
        self._leaving = True
        self._nudge.set()

    def replan(self) -> None:
        """Work out anew when this place is due: the pace or the office's months changed."""
        self._due = None
        self._nudge.set()

    def follow(self, target: PollTarget) -> None:
        """Stay, or come back from leaving; start afresh where `target` is another machine's."""
        self._leaving = False
        if target != self._target:
            self._target = target
            self._standing = PollState()
            self._state = _PlaceCondition.UNKNOWN
            self._polled_at = None
            self.replan()

    async def run(self) -> None:
        """Poll whenever due until told to leave. Raises only what is no device's failure."""
        while await self._is_due():
            target = self._target
            self._polled_at = self._clock.now()
            outcome = await self._attempt(target, self._due_on_loop())
            if target == self._target:
                self._note(outcome)
                self._due = None

    def _due_on_loop(self) -> float:
        late_s = 0.0
        if self._due is not None and self._polled_at is not None:
            late_s = (self._polled_at - self._due).total_seconds()
        return asyncio.get_running_loop().time() - max(0.0, late_s)

    async def _is_due(self) -> bool:
        """Return True once a poll is due, False when told to leave."""
        while not self._leaving:
            now = self._clock.now()
            if self._due is None or self._planned_at is None or now < self._planned_at:
                self._planned_at, self._due = now, self._next(now)
            left_s = (self._due - now).total_seconds()
            if left_s <= 0:
                return True
            await happens_within(self._nudge, min(left_s, CLOCK_CHECK_S))
            self._nudge.clear()
        return False

    def _next(self, now: datetime) -> datetime:
        plan = self._plan()
        rhythm = plan.pace.rhythm(self._target.place)
        if self._polled_at is None:
            return first_due(rhythm, now)
        polled_at = min(self._polled_at, now)
        return next_poll(rhythm, plan.office, self._standing, polled_at, now, self._roll())

    def _note(self, outcome: PollResult | None) -> None:
        before = self._standing
        self._silences.note(self._target, answered=outcome is not None and outcome.ok)
        if outcome is not None and outcome.ok:
            self._standing = PollState(heard_at=self._clock.now())
            self._turn(_PlaceCondition.ANSWERING, before, outcome)
            return
        refused = outcome is not None and outcome.refused
        self._standing = PollState(before.failures + 1, refused, before.heard_at)
        if self.answering and not refused and self._standing.failures < FAILURES_UNTIL_OFFLINE:
            return
        self._turn(_PlaceCondition.REFUSING if refused else _PlaceCondition.SILENT, before, outcome)

    def _turn(self, state: _PlaceCondition, before: PollState, outcome: PollResult | None) -> None:
        """Log a change of state, and only a change."""
        known, self._state = self._state, state
        if state is known:
            return
        fields: dict[str, object] = {"place": self._target.place, "address": self._target.address}
        if state is _PlaceCondition.ANSWERING:
            level = logging.DEBUG if known is _PlaceCondition.UNKNOWN else logging.INFO
            _LOG.log(level, "place answers", extra=fields | {"failed_polls": before.failures})
            return
        fields["reason"] = outcome.reason if outcome else sentence("poll.never_came_back")
        if state is _PlaceCondition.REFUSING:
            _LOG.error("place refuses this credential; it is asked seldom now", extra=fields)
        else:
            self._silences.tell(self._target, fields)


_LOG = logging.getLogger(__name__)


class Scheduler:
    """Polls every place of a plan, each in its own task, at most `concurrency` at a time."""

    def __init__(
        self,
        plan: PollingPlan,
        poll: Poll,
        clock: Clock,
        roll: Roll,
        after_poll: Callable[[], None],
    ) -> None:
        """Stand ready; `after_poll` is called after each answered poll: rows may be waiting."""
        self.plan = plan
        self.tally = RoundTally()
        self._silences = Silences(lambda: self.plan.targets)
        self._poll = poll
        self._clock = clock
        self._roll = roll
        self._after_poll = after_poll
        self._slots = asyncio.Semaphore(plan.pace.concurrency)
        self._pollers: dict[PlaceId, Poller] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    @property
    def answering(self) -> int:
        """How many places are known to answer."""
        return sum(poller.answering for poller in self._pollers.values())

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start a task in `group` for every place of the plan."""
        self._group = group
        for target in self.plan.targets:
            self._add(target)

    def apply(self, plan: PollingPlan) -> None:
        """Follow `plan` from now on. A place that it does not change notices nothing."""
        old, self.plan = self.plan, plan
        if plan.pace.concurrency != old.pace.concurrency:
            self._slots = asyncio.Semaphore(plan.pace.concurrency)
        wanted = plan.by_place
        for place, poller in self._pollers.items():
            if place not in wanted:
                poller.leave()
                continue
            poller.follow(wanted[place])
            if plan.pace != old.pace or plan.office != old.office:
                poller.replan()
        for place, target in wanted.items():
            if place not in self._pollers:
                self._add(target)

    async def leave(self, grace_s: float) -> None:
        """Let polls in flight finish within `grace_s`, then cancel them; all are over after."""
        for poller in self._pollers.values():
            poller.leave()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        if late:
            _LOG.warning("polls were cut off to stop in time", extra={"polls": len(late)})
            await asyncio.wait(late)

    async def rounds(self, stop: asyncio.Event, report: Callable[[Cycle], Awaitable[None]]) -> None:
        """Hand what was done to `report` once an interval, until `stop`."""
        first = True
        while True:
            pace = self.plan.pace
            due = next_due(0.0, pace.interval_s, self._clock.now())
            if await comes_before(stop, self._clock, due):
                return
            cycle = self.tally.close(self._clock.now(), pace.slow_s)
            level = logging.INFO if first and cycle.polled else logging.DEBUG
            _LOG.log(level, "round finished", extra=self._figures(cycle))
            first = first and not cycle.polled
            await report(cycle)

    def _figures(self, cycle: Cycle) -> dict[str, object]:
        return {
            "polled": cycle.polled,
            "failed": cycle.failed,
            "slow": cycle.slow,
            "cycle_s": cycle.cycle_s,
            "lag_s": cycle.lag_s,
            "answering": self.answering,
            "places": len(self.plan.targets),
        }

    def _add(self, target: PollTarget) -> None:
        if self._group is None:
            return
        poller = Poller(
            target, lambda: self.plan, self._attempt, self._clock, self._roll, self._silences
        )
        self._pollers[target.place] = poller
        task = self._group.create_task(
            self._run(target.place, poller), name=f"poll[{target.place}]"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, place: PlaceId, poller: Poller) -> None:
        await poller.run()
        del self._pollers[place]

    async def _attempt(self, target: PollTarget, due: float) -> PollResult | None:
        """Poll once a slot is free; None where the poll was given up at the limit."""
        outcome: PollResult | None = None
        self.tally.waiting += 1
        try:
            async with self._slots:
                self.tally.begin(due)
                try:
                    async with asyncio.timeout(self.plan.pace.poll_limit_s):
                        outcome = await self._poll(target)
                except TimeoutError:
                    outcome = None
                finally:
                    self.tally.end(target.place, outcome)
        finally:
            self.tally.waiting -= 1
        if outcome is not None and outcome.ok:
            self._after_poll()
        return outcome
