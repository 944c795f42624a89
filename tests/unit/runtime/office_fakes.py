"""Fake machines, sinks and a service manager for the daemon's tests."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import Clock, Cycle, PollTarget
from collector.runtime.plan import Hooks, PollingPace, PollingPlan

TOKYO = Office("town-hall", ZoneInfo("Asia/Tokyo"))


@dataclass(frozen=True)
class Outcome:
    ok: bool = True
    refused: bool = False
    unasked: bool = False
    asleep: bool = False
    seconds: float = 0.1
    reason: str = ""


SILENT = Outcome(ok=False, seconds=0.1, reason="no answer within 3 s")
REFUSED = Outcome(ok=False, refused=True, reason="unknown user name")


@dataclass
class Poll:
    place: str
    address: str
    at: datetime


@dataclass
class FakeFleet:
    """Answers polls. `script` gives an outcome by place and number of the poll (from 0)."""

    clock: Clock
    script: Callable[[str, int], Outcome | BaseException] = lambda _place, _number: Outcome()
    polls: list[Poll] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    async def __call__(self, target: PollTarget) -> Outcome:
        number = self.times[target.place]
        self.times[target.place] += 1
        self.polls.append(Poll(target.place, target.address, self.clock.now()))
        outcome = self.script(target.place, number)
        if isinstance(outcome, BaseException):
            raise outcome
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(outcome.seconds)
            self.finished += 1
        finally:
            self.in_flight -= 1
        return outcome

    def of(self, place: str) -> list[datetime]:
        return [poll.at for poll in self.polls if poll.place == place]


@dataclass
class FakeManager:
    """What systemd was told, in order."""

    told: list[str] = field(default_factory=list)

    def __call__(self, *assignments: str) -> None:
        self.told.extend(assignments)

    def without_status(self) -> list[str]:
        return [one for one in self.told if not one.startswith("STATUS=")]


@dataclass
class FakeHooks:
    """Remembers rounds and days; `plans` are handed out by reload, `of_day` on their days."""

    cycles: list[Cycle] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    plans: list[PollingPlan | Exception] = field(default_factory=list)
    of_day: dict[date, PollingPlan] = field(default_factory=dict)
    day_takes_s: float = 0.0

    async def end_of_cycle(self, cycle: Cycle) -> None:
        self.cycles.append(cycle)

    async def on_new_day(self, day: date) -> PollingPlan | None:
        await asyncio.sleep(self.day_takes_s)
        self.days.append(day)
        return self.of_day.get(day)

    async def reload(self) -> PollingPlan:
        plan = self.plans.pop(0)
        if isinstance(plan, Exception):
            raise plan
        return plan

    def hooks(self) -> Hooks:
        return Hooks(self.end_of_cycle, self.on_new_day, self.reload)


def target(place: str, address: str = "192.0.2.1") -> PollTarget:
    return PollTarget(PlaceId(place), address)


def plan(
    places: Sequence[str], pace: PollingPace | None = None, office: Office = TOKYO
) -> PollingPlan:
    return PollingPlan(office, tuple(target(place) for place in places), pace or PollingPace())
