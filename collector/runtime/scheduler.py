"""One named task per place, a bound on how many poll at once, and the rounds they make."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from collector.domain.cadence import next_due
from collector.domain.reading import PlaceId
from collector.ports import Clock, Cycle, PollTarget
from collector.runtime.plan import Plan, Poll, PollOutcome, Roll
from collector.runtime.poller import Poller, Silences
from collector.runtime.rounds import Tally
from collector.runtime.waiting import comes_before

_LOG = logging.getLogger(__name__)


class Scheduler:
    """Polls every place of a plan, each in its own task, at most `concurrency` at a time."""

    def __init__(
        self, plan: Plan, poll: Poll, clock: Clock, roll: Roll, after_poll: Callable[[], None]
    ) -> None:
        """Stand ready; `after_poll` is called after each answered poll: rows may be waiting."""
        self.plan = plan
        self.tally = Tally()
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

    def apply(self, plan: Plan) -> None:
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

    async def _attempt(self, target: PollTarget, due: float) -> PollOutcome | None:
        """Poll once a slot is free; None where the poll was given up at the limit."""
        outcome: PollOutcome | None = None
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
