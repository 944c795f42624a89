"""An office as it goes by: people print, accidents happen, a collector asks; the truth is kept."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.truth.machines import Machine
from tests.truth.people import DAY, Habit, Job, day_of, month_of, stamp, works

Line = dict[str, Any]
Lie = Callable[[Line, int], Line | None]
Act = Callable[[], None]
MORNING, EVENING = 8 * 3600, 20 * 3600
HOUR = 3600


@dataclass(slots=True)
class Spot:
    """One place. `night_off`: its machine is switched off when nobody works.

    `down`: broken or unplugged, it neither prints nor answers; not `reachable`: it only prints.
    `lie` changes what it answers; None from it is no answer. `truth` is by month, since `counted`;
    `known` is as much of it as had been printed when it answered last.
    """

    name: str
    machine: Machine | None
    habit: Habit
    kind: str = "quiet"
    night_off: bool = False
    reachable: bool = True
    down: bool = False
    lie: Lie | None = None
    counted: bool = False
    truth: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)
    story: list[str] = field(default_factory=list)

    def powered(self, at: int) -> bool:
        """Say whether its machine is on at `at`."""
        if self.down or self.machine is None:
            return False
        if not self.night_off:
            return True
        day = day_of(at)
        return works(day) and MORNING <= at - stamp(day) < EVENING

    def print(self, job: Job) -> None:
        """Print `job`, if there is something to print it on."""
        if self.machine is None or not self.powered(job.at):
            return
        self.machine.print(job.mono, job.color)
        if self.counted:
            self.truth[month_of(job.at)] += job.mono + job.color

    def answer(self, at: int) -> Line | None:
        """Return what is answered at its address; None where nothing is."""
        if self.machine is None or not self.reachable or not self.powered(at):
            return None
        if self.night_off:
            self.machine.booted = max(self.machine.booted, stamp(day_of(at), MORNING))
        said = self.machine.answer(at)
        return said if self.lie is None else self.lie(said, at)


@dataclass(slots=True)
class Town:
    """All places of one office from `first` to `last`, asked every `interval` seconds.

    `bounded`: also just before and after each month's end, as the daemon does.
    """

    dice: random.Random
    first: date
    last: date
    interval: int
    bounded: bool
    spots: dict[str, Spot] = field(default_factory=dict)
    acts: list[tuple[int, Act]] = field(default_factory=list)
    clock_ahead: int = 0

    @property
    def begin(self) -> int:
        return stamp(self.first)

    @property
    def end(self) -> int:
        return stamp(self.last + timedelta(days=1)) + 90

    def at(self, when: float, act: Act) -> None:
        """Let `act` happen at `when`."""
        self.acts.append((int(when), act))

    def note(self, spot: Spot, begin: float, end: float, what: str) -> None:
        """Remember that something happens to `spot` from `begin` to `end`."""
        local = f"{datetime.fromtimestamp(begin, UTC) + timedelta(hours=9):%m-%d %H:%M}"
        spot.story.append(f"{local} {what}")
        day, last = day_of(int(begin)), day_of(int(min(end, self.end)))
        while day <= last:
            spot.touched.add(f"{day:%Y-%m}")
            day += timedelta(days=1)

    def some_time(self, *, after_days: float = 5, before_days: float = 4) -> int:
        """Return a moment of the story, mostly within working hours."""
        low, high = self.begin + after_days * DAY, self.end - before_days * DAY
        for _ in range(50):
            at = int(self.dice.uniform(low, max(low + DAY, high)))
            second = at - stamp(day_of(at))
            if works(day_of(at)) and 9 * HOUR < second < 17 * HOUR:
                return at
        return at

    def some_night(self, *, after_days: float = 5) -> int:
        """Return the evening of a working day, when the last ones have gone home."""
        day = day_of(self.some_time(after_days=after_days))
        return stamp(day, 22 * HOUR)

    def polls(self) -> list[int]:
        """Return when the office is asked."""
        phase = self.dice.randrange(min(self.interval, HOUR))
        times = set(range(self.begin + phase, self.end, self.interval))
        if self.bounded:
            day = self.first
            while day <= self.last:
                day += timedelta(days=1)
                if day.day == 1:
                    times |= {stamp(day) - 60, stamp(day) + 60}
        return sorted(times)

    def lines(self) -> Iterator[Line]:
        """Let everything happen in its order, and yield what the collector writes down."""
        events = iter(self._events())
        event = next(events, None)
        for poll in self.polls():
            while event is not None and event[0] <= poll:
                event[2]()
                event = next(events, None)
            for number, spot in enumerate(self.spots.values()):
                yield self._line(spot, poll, number)

    def _events(self) -> list[tuple[int, int, Act]]:
        jobs = [
            (job.at, 1, _printing(spot, job))
            for spot in self.spots.values()
            for job in spot.habit.jobs(self.dice, self.first, self.last)
        ]
        acts = [(at, 0, act) for at, act in self.acts]
        return sorted([*jobs, *acts], key=lambda one: one[:2])

    def _line(self, spot: Spot, poll: int, number: int) -> Line:
        said = spot.answer(poll)
        at = datetime.fromtimestamp(poll + self.clock_ahead, UTC) + timedelta(seconds=number)
        where: Line = {"at": at.isoformat(), "place": spot.name}
        if said is None:
            return {**where, "silent": True}
        spot.counted = True
        spot.known = spot.truth.copy()
        return {**where, **said}


def _printing(spot: Spot, job: Job) -> Act:
    return lambda: spot.print(job)


def jobs_of(spot: Spot, jobs: Iterable[Job]) -> Iterator[tuple[int, Act]]:
    """Yield more jobs of `spot` as acts."""
    for job in jobs:
        yield job.at, _printing(spot, job)
