"""What the loops are told to do, and what they need from the use cases."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from collector.domain.cadence import Rest, Rhythm, share_of
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import Cycle, PollTarget


class PollResult(Protocol):
    """How one poll went. A device's failure is an outcome; only a ledger or a bug raises."""

    @property
    def ok(self) -> bool:
        """Say whether the machine answered."""
        ...

    @property
    def refused(self) -> bool:
        """Say whether it answered that this credential may not read it."""
        ...

    @property
    def unasked(self) -> bool:
        """Say whether this program could not even ask, which is nothing about the machine."""
        ...

    @property
    def asleep(self) -> bool:
        """Say whether the machine answered that it sleeps."""
        ...

    @property
    def seconds(self) -> float:
        """Return how long the poll took."""
        ...

    @property
    def reason(self) -> str:
        """Return one sentence on why it failed; empty when it did not."""
        ...


Poll = Callable[[PollTarget], Awaitable[PollResult]]
Deliver = Callable[[], Awaitable[bool]]
"""Hands the next rows to a sink; True where more is waiting.

Raises SinkUnavailable, SinkRefused or LedgerError.
"""

Backlog = Callable[[], Awaitable[int]]
"""Counts the rows a sink has yet to get."""

Beside = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Does something of its own until the event, and may be cut off at any time."""

Roll = Callable[[], float]
"""A die: a number from 0 to 1, another each time."""


class Notify(Protocol):
    """Tells the service manager; silent where there is none."""

    def __call__(self, *assignments: str) -> None:
        """Send `assignments` (`READY=1`, `STATUS=...`) as one message."""
        ...


class Aside(Protocol):
    """Something that is done beside the polls until the service stops: a sink served, notices."""

    name: str

    def wake(self) -> None:
        """Say that the ledger may have news."""
        ...

    def retry(self) -> None:
        """Try at once: a person says that something changed."""
        ...

    def finish(self, drain_s: float) -> None:
        """Make `run` do what is left and return, `drain_s` from now at the latest."""
        ...

    async def run(self) -> None:
        """Go on until told to finish. Raises LedgerError only."""
        ...


class LedgerWait(Protocol):
    """Whether the ledger is held up, so that what was read waits to be written."""

    @property
    def is_on(self) -> bool:
        """Say whether something waits at present."""
        ...

    def give_up(self) -> None:
        """Wait no more: what waits fails."""
        ...


class NoLedgerWait:
    """A ledger that is never waited for."""

    is_on = False

    def give_up(self) -> None:
        """Nothing waits."""


@dataclass(frozen=True, slots=True)
class PollingPace:
    """How hard the fleet is polled.

    `spread_s`: the polls of one round begin within this time, not all at once.
    `concurrency`: so many places that answer are polled at once; so many that were not asked yet,
    and so many that fell silent, besides.
    `slow_s`: an answer that took longer is called slow. `poll_limit_s`: a poll that takes longer
    is given up, so that a lost reply in a library holds no slot for ever; keep it below half of
    WatchdogSec. `rest_rounds`: out of working time a place is polled once in so many intervals;
    None where day and night are alike.
    """

    interval_s: float = 300.0
    max_backoff_s: float = 3600.0
    spread_s: float = 20.0
    concurrency: int = 32
    slow_s: float = 5.0
    poll_limit_s: float = 60.0
    rest_rounds: int | None = None

    def rhythm(self, place: PlaceId, places: int, hours: Office) -> Rhythm:
        """Return the rhythm of `place`, one of so many, at this pace; it keeps these hours."""
        share = share_of(place)
        rest = None if self.rest_rounds is None else Rest(self.rest_rounds, hours)
        return Rhythm(self.interval_s, self.max_backoff_s, self.spread_s, share, places, rest)


@dataclass(frozen=True, slots=True)
class PollingPlan:
    """Whom to poll, how hard, and in whose months. No two targets are of one place.

    `silent` are places that did not answer when they were last asked, before the start perhaps.
    `hours` is the office as places with a calendar of their own know it.
    """

    office: Office
    targets: tuple[PollTarget, ...]
    pace: PollingPace = field(default_factory=PollingPace)
    silent: frozenset[PlaceId] = frozenset()
    hours: Mapping[PlaceId, Office] = field(default_factory=dict)

    def rhythm(self, place: PlaceId) -> Rhythm:
        """Return when `place` is polled."""
        return self.pace.rhythm(place, len(self.targets), self.hours.get(place, self.office))

    @property
    def by_place(self) -> Mapping[PlaceId, PollTarget]:
        """The targets by their place."""
        return {target.place: target for target in self.targets}


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the daemon calls at its own times.

    `end_of_cycle` once an interval; `on_new_day` with the local date once at start and shortly
    after each local midnight: it returns the plan of that day, or None where that did not change;
    `reload` on SIGHUP: it returns the new plan, or raises ConfigError
    and has then changed nothing.
    """

    end_of_cycle: Callable[[Cycle], Awaitable[None]]
    on_new_day: Callable[[date], Awaitable[PollingPlan | None]]
    reload: Callable[[], Awaitable[PollingPlan]]


@dataclass(frozen=True, slots=True)
class Graces:
    """How long leaving may take; TimeoutStopSec of the unit is larger than their sum.

    `stop_s`: polls in flight may finish. `drain_s`: sinks may get what they lack.
    """

    stop_s: float = 10.0
    drain_s: float = 10.0
