"""When each place is polled and how many at once, and the rounds they make."""

import asyncio
import heapq
import itertools
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from collector.app.poll.poll_place import FAILURES_UNTIL_OFFLINE, FEWEST
from collector.domain.cadence import PollState, first_due, network_of, next_due, next_poll
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.ports import Clock, Cycle, PollTarget
from collector.runtime.plan import LedgerWait, NoLedgerWait, Poll, PollingPlan, PollResult, Roll
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

        `cycle_s` is how long at least one poll was in flight, `lag_s` how late the latest began:
        where that grows, no room is left. A machine that does not answer is failed, not slow.
        """
        if self._in_flight:
            now = asyncio.get_running_loop().time()
            self._busy_s += now - self._busy_since
            self._busy_since = now
        slow = {place: took_s for place, took_s in self._took_s.items() if took_s > slow_s}
        slowest = max(self._took_s, key=lambda place: self._took_s[place], default=None)
        cycle = Cycle(
            at.replace(microsecond=0),
            polled=self._polled,
            failed=self._failed,
            slow=len(slow),
            cycle_s=round(self._busy_s, 3),
            lag_s=round(self._lag_s, 3),
            slowest=slowest,
            slowest_s=None if slowest is None else round(self._took_s[slowest], 3),
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


# What is known of a place, and when it is due.


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

    def __init__(self, targets: Callable[[], Sequence[PollTarget]]) -> None:
        """Begin with every place unknown; `targets` are all that are polled now."""
        self._targets = targets
        self._failing: dict[str, dict[PlaceId, bool]] = {}
        self._waiting: dict[str, dict[PlaceId, dict[str, object]]] = {}
        self._told: set[str] = set()
        self._counted: tuple[Sequence[PollTarget], Counter[str]] = ((), Counter())

    def note(self, target: PollTarget, *, answered: bool) -> None:
        """Note how the last poll of `target` went."""
        self._failing.setdefault(target.credential, {})[target.place] = not answered
        if answered:
            self._told.discard(target.credential)
            self._waiting.get(target.credential, {}).pop(target.place, None)
        self._say(target.credential)

    def tell(self, target: PollTarget, about: dict[str, object]) -> None:
        """Log that `target` is silent, as soon as it is known whether it is the only one."""
        self._waiting.setdefault(target.credential, {})[target.place] = about
        self._say(target.credential)

    def _say(self, credential: str) -> None:
        waiting, failing = self._waiting.get(credential), self._failing.get(credential, {})
        if not waiting or len(failing) < self._places_of(credential):
            return  # nothing to say, as after nearly every poll, or too soon
        alike = [one.place for one in self._targets() if one.credential == credential]
        are_many = len(alike) >= FEWEST
        if are_many and any(one not in failing for one in alike):
            return
        lines = [waiting.pop(one) for one in alike if one in waiting]
        if not (are_many and all(failing[one] for one in alike)):
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

    def _places_of(self, credential: str) -> int:
        """Return how many places must have been asked; of a few, the one that is silent is told."""
        targets = self._targets()
        if self._counted[0] is not targets:
            self._counted = targets, Counter(one.credential for one in targets)
        places = self._counted[1][credential]
        return places if places >= FEWEST else 0


class Hope(Enum):
    """What is expected of a poll."""

    ANSWER = "answer"
    NOTHING_KNOWN = "unknown"
    SILENCE = "silence"


class Poller:
    """One place: whom to poll there, how its polls went, when the next one is due.

    It is `on_turn` while it waits for a slot or is being polled; nothing is `due` meanwhile.
    """

    def __init__(self, target: PollTarget, silences: Silences, *, was_silent: bool) -> None:
        """Know of `target` no more than whether it `was_silent` before the start."""
        self.target = target
        self.due: datetime | None = None
        self.due_on_loop = 0.0
        self.on_turn = False
        self.leaving = False
        self.network = network_of(target.address)
        self._silences = silences
        self._was_silent = was_silent
        self._standing = PollState()
        self._state = _PlaceCondition.UNKNOWN
        self._polled_at: datetime | None = None

    @property
    def answering(self) -> bool:
        """Whether the place is known to answer; one lost poll does not change that."""
        return self._state is _PlaceCondition.ANSWERING

    @property
    def hope(self) -> Hope:
        """Whether the next poll will be answered, as far as the last one tells."""
        if self._standing.failures or self._was_silent:
            return Hope.SILENCE
        return Hope.NOTHING_KNOWN if self._standing.heard_at is None else Hope.ANSWER

    def follow(self, target: PollTarget) -> bool:
        """Stay, or come back from leaving; say whether it begins afresh, as another machine's."""
        self.leaving = False
        if target == self.target:
            return False
        self.target, self.network = target, network_of(target.address)
        self._was_silent = False
        self._standing = PollState()
        self._state = _PlaceCondition.UNKNOWN
        self._polled_at = None
        return True

    def begin(self, now: datetime) -> PollTarget:
        """Note that it is polled `now`, and return whom to ask."""
        self._polled_at = now
        return self.target

    def next_due(self, plan: PollingPlan, now: datetime, roll: Roll) -> datetime:
        """Return when the place is due next."""
        rhythm = plan.rhythm(self.target.place)
        if self._polled_at is None:
            return first_due(rhythm, now)
        polled_at = min(self._polled_at, now)
        return next_poll(rhythm, plan.office, self._standing, polled_at, now, roll())

    def note(self, outcome: PollResult | None, now: datetime) -> None:
        """Remember how a poll went that is over `now`; None where it was given up."""
        if outcome is not None and outcome.unasked:
            return
        before, self._was_silent = self._standing, False
        self._silences.note(self.target, answered=outcome is not None and outcome.ok)
        if outcome is not None and outcome.ok:
            self._standing = PollState(heard_at=now, asleep=outcome.asleep)
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
        fields: dict[str, object] = {"place": self.target.place, "address": self.target.address}
        if state is _PlaceCondition.ANSWERING:
            level = logging.DEBUG if known is _PlaceCondition.UNKNOWN else logging.INFO
            _LOG.log(level, "place answers", extra=fields | {"failed_polls": before.failures})
            return
        fields["reason"] = outcome.reason if outcome else sentence("poll.never_came_back")
        if state is _PlaceCondition.REFUSING:
            _LOG.error("place refuses this credential; it is asked seldom now", extra=fields)
        else:
            self._silences.tell(self.target, fields)


class Slots:
    """Who waits to be polled and how many are polled now, at most as many as are allowed.

    One network after the other has its turn, so that a large one makes no small one wait; within
    a network it is who has waited longest.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: dict[str, deque[Poller]] = {}
        self.taken = 0

    def wait(self, poller: Poller) -> None:
        """Put `poller` behind those of its network."""
        self._waiting.setdefault(poller.network, deque()).append(poller)

    def next(self, most: int) -> Poller | None:
        """Take a slot for the next one; None where nobody waits or `most` are taken."""
        if not self._waiting or self.taken >= most:
            return None
        network = next(iter(self._waiting))
        line = self._waiting.pop(network)
        poller = line.popleft()
        if line:
            self._waiting[network] = line
        self.taken += 1
        return poller


_Entry = tuple[datetime, int, Poller]
"""When a place is due; the number tells apart who is due at the same time."""

_STALE: Final = 4
"""Entries a place in the timetable, beyond which those that were written anew are thrown out."""


def _is_valid(entry: _Entry) -> bool:
    due, _, poller = entry
    return poller.due == due and not poller.leaving


_LOG = logging.getLogger(__name__)


class Scheduler:
    """Polls every place of a plan when it is due.

    One timetable holds when; a task lives only as long as its poll. At most `concurrency` places
    that answer are polled at once, as many besides that were not asked yet, and as many that fell
    silent: silence is waited for where it holds up nobody.
    """

    def __init__(
        self,
        plan: PollingPlan,
        poll: Poll,
        clock: Clock,
        roll: Roll,
        after_poll: Callable[[], None],
        wait: LedgerWait | None = None,
    ) -> None:
        """Stand ready; `after_poll` is called after each answered poll: rows may be waiting.

        A poll that waits for the ledger by `wait` is not given up: what it read would be lost.
        """
        self.plan = plan
        self.tally = RoundTally()
        self._silences = Silences(lambda: self.plan.targets)
        self._poll = poll
        self._clock = clock
        self._roll = roll
        self._after_poll = after_poll
        self._slots = {hope: Slots() for hope in Hope}
        self._wait = wait or NoLedgerWait()
        self._pollers: dict[PlaceId, Poller] = {}
        self._timetable: list[_Entry] = []
        self._entries = itertools.count()
        self._looked_at: datetime | None = None
        self._wakes_at: datetime | None = None
        self._nudge = asyncio.Event()
        self._leaving = False
        self._was_short = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    @property
    def answering(self) -> int:
        """How many places are known to answer."""
        return sum(poller.answering for poller in self._pollers.values())

    def start(self, group: asyncio.TaskGroup) -> None:
        """Poll in tasks of `group` from now on, every place of the plan."""
        self._group = group
        for target in self.plan.targets:
            self._add(target)
        group.create_task(self._keep_time(), name="timetable")

    def apply(self, plan: PollingPlan) -> None:
        """Follow `plan` from now on. A place that it does not change notices nothing."""
        old, self.plan = self.plan, plan
        wanted = plan.by_place
        is_other = (plan.pace, plan.office, plan.hours) != (old.pace, old.office, old.hours)
        for place, poller in tuple(self._pollers.items()):
            if place not in wanted:
                self._remove(poller)
            elif poller.follow(wanted[place]) or is_other:
                self._replan(poller)
        for place, target in wanted.items():
            if place not in self._pollers:
                self._add(target)
        self._nudge.set()

    async def leave(self, grace_s: float) -> None:
        """Let polls in flight finish within `grace_s`, then cancel them; all are over after."""
        self._leaving = True
        self._nudge.set()
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
        was_silent = target.place in self.plan.silent
        poller = Poller(target, self._silences, was_silent=was_silent)
        self._pollers[target.place] = poller
        self._replan(poller)

    def _remove(self, poller: Poller) -> None:
        """Forget `poller`, or let its poll in flight finish before."""
        poller.leaving = True
        if not poller.on_turn:
            del self._pollers[poller.target.place]

    def _replan(self, poller: Poller) -> None:
        """Write down when `poller` is due, unless it is on its turn already."""
        if poller.on_turn:
            return
        poller.due = poller.next_due(self.plan, self._clock.now(), self._roll)
        heapq.heappush(self._timetable, (poller.due, next(self._entries), poller))
        if self._wakes_at is not None and poller.due < self._wakes_at:
            self._nudge.set()

    async def _keep_time(self) -> None:
        """Begin every poll when it is due, until told to leave.

        Clocks are set, and machines sleep: the wall clock is looked at again and again. One that
        was set back makes all plans wrong.
        """
        while not self._leaving:
            now = self._clock.now()
            if self._looked_at is not None and now < self._looked_at:
                for poller in self._pollers.values():
                    self._replan(poller)
            self._looked_at = now
            if len(self._timetable) > _STALE * (len(self._pollers) + 1):
                self._timetable = [one for one in self._timetable if _is_valid(one)]
                heapq.heapify(self._timetable)
            self._queue_due(now)
            self._fill_slots()
            left_s = CLOCK_CHECK_S
            if self._timetable:
                left_s = min(left_s, (self._timetable[0][0] - now).total_seconds())
            self._wakes_at = now + timedelta(seconds=left_s)
            await happens_within(self._nudge, left_s)
            self._nudge.clear()

    def _queue_due(self, now: datetime) -> None:
        """Put who is due in line for a slot; entries that were written anew since are dropped."""
        while self._timetable:
            due, _, poller = self._timetable[0]
            is_valid = _is_valid(self._timetable[0])
            if is_valid and due > now:
                return
            heapq.heappop(self._timetable)
            if not is_valid:
                continue
            late_s = (now - due).total_seconds()
            poller.due, poller.on_turn = None, True
            poller.due_on_loop = asyncio.get_running_loop().time() - late_s
            self.tally.waiting += 1
            self._slots[poller.hope].wait(poller)

    def _fill_slots(self) -> None:
        """Begin as many polls as there are slots, each in a task of its own."""
        if self._group is None or self._leaving:
            return
        most = self.plan.pace.concurrency
        for slots in self._slots.values():
            while (poller := slots.next(most)) is not None:
                task = self._group.create_task(
                    self._poll_once(poller, slots), name=f"poll[{poller.target.place}]"
                )
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _poll_once(self, poller: Poller, slots: Slots) -> None:
        """Poll, and plan the next poll; raises only what is no device's failure."""
        try:
            if not poller.leaving:
                target = poller.begin(self._clock.now())
                outcome = await self._attempt(target, poller.due_on_loop)
                if target == poller.target:
                    poller.note(outcome, self._clock.now())
        finally:
            self.tally.waiting -= 1
            slots.taken -= 1
            poller.on_turn = False
        if poller.leaving:
            self._pollers.pop(poller.target.place, None)
        else:
            self._replan(poller)
        self._fill_slots()

    async def _attempt(self, target: PollTarget, due: float) -> PollResult | None:
        """Poll; None where the poll was given up at the limit."""
        outcome: PollResult | None = None
        self.tally.begin(due)
        try:
            outcome = await self._polled(target)
        finally:
            self.tally.end(target.place, outcome)
        self._tell_shortage(outcome)
        if outcome is not None and outcome.ok:
            self._after_poll()
        return outcome

    def _tell_shortage(self, outcome: PollResult | None) -> None:
        """Log that this program could not ask, once until it can."""
        is_short = outcome is not None and outcome.unasked
        if outcome is not None and is_short and not self._was_short:
            _LOG.error("machines could not be asked", extra={"reason": outcome.reason})
        if outcome is not None:
            self._was_short = is_short

    async def _polled(self, target: PollTarget) -> PollResult | None:
        """Return how a poll went; None where it was given up at the limit."""
        poll = asyncio.ensure_future(self._poll(target))
        try:
            while not poll.done():
                await asyncio.wait({poll}, timeout=self.plan.pace.poll_limit_s)
                if not poll.done() and not self._wait.is_on:
                    return None
            return poll.result()
        except TimeoutError:
            return None
        finally:
            if not poll.done():
                poll.cancel()
                await asyncio.wait({poll})
            if not poll.cancelled():
                poll.exception()  # seen: asyncio must not report it as forgotten
