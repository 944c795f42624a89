"""How punctual polls are where many are dead or slow: python -m tests.bench.bench_schedule.

Time is counted and not waited for, so a half hour takes seconds. The machines are made up: a dead
one is waited for 12 s, a slow one takes 5 s, any other 0.2 s. The scheduler is the real one, and
CPU time is that of planning and beginning polls alone. `--rest` prints only how many polls it saves
to let machines rest out of working time.
"""

import asyncio
import logging
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from collector.runtime.plan import PollingPace
from collector.runtime.scheduler import Scheduler
from tests.bench.figures import Unit, figure, title
from tests.unit.runtime.office_fakes import SILENT, FakeFleet, Outcome, plan
from tests.unit.runtime.virtual_time import START, LoopClock, run

DEAD_S, SLOW_S, LIVE_S = 12.0, 5.0, 0.2
CASES: Final = ((1_000, 100, 50, 60.0, 600.0), (10_000, 1_000, 500, 300.0, 1_800.0))

PLACES: Final = 10
DOZES_M: Final = 45
"""Minutes after the last work until a machine sleeps."""
MONDAY: Final = datetime(2026, 11, 8, 15, 0, tzinfo=UTC)
"""Midnight in Tokyo."""


class Punctual(FakeFleet):
    """Counts how late the polls of live machines begin, from the second round on."""

    def __init__(self, dead: int, slow: int, interval_s: float) -> None:
        """The first `dead` places are dead, the next `slow` ones slow."""
        super().__init__(LoopClock(), self.says)
        self.dead, self.slow = dead, slow
        self.since = START + timedelta(seconds=2 * interval_s)
        self.began: dict[str, list[float]] = {}

    def says(self, place: str, _number: int) -> Outcome:
        """Return what the machine at `place` does."""
        number = int(place[1:])
        if number < self.dead:
            return Outcome(ok=False, seconds=DEAD_S, reason=SILENT.reason)
        return Outcome(seconds=SLOW_S if number < self.dead + self.slow else LIVE_S)

    async def __call__(self, target: object) -> Outcome:
        """Answer, and note when it began."""
        place = target.place  # type: ignore[attr-defined] # a PollTarget
        if self.clock.now() >= self.since:
            self.began.setdefault(place, []).append(asyncio.get_running_loop().time())
        outcome = self.says(place, 0)
        self.finished += 1
        await asyncio.sleep(outcome.seconds)
        return outcome


def lateness(fleet: Punctual, interval_s: float) -> tuple[list[float], int]:
    """Return how late polls of live machines began, sorted, and the rounds that were missed."""
    late: list[float] = []
    missed = 0
    for place, began in fleet.began.items():
        if int(place[1:]) < fleet.dead:
            continue
        phases = [at % interval_s for at in began]
        earliest = min(phases)  # the grid; nothing begins before its time
        late += [phase - earliest for phase in phases]
        missed += sum(after - before > 1.5 * interval_s for before, after in pairwise(began))
    return sorted(late), missed


def measure(places: int, dead: int, slow: int, interval_s: float, seconds: float) -> None:
    """Print the figures of one office."""
    fleet = Punctual(dead, slow, interval_s)
    pace = PollingPace(interval_s=interval_s, spread_s=interval_s, max_backoff_s=3600)
    office = plan([f"p{number}" for number in range(places)], pace)

    async def play() -> None:
        scheduler = Scheduler(office, fleet, fleet.clock, lambda: 0.5, lambda: None)
        async with asyncio.TaskGroup() as group:
            scheduler.start(group)
            await asyncio.sleep(seconds)
            await scheduler.leave(60)

    before, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    run(play())
    cpu = time.process_time() - cpu
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    late, missed = lateness(fleet, interval_s)
    title(f"{places:,} places, {dead:,} dead, {slow} slow, each {interval_s:.0f} s")
    figure("live ones begin late, half of them", late[len(late) // 2], Unit.WALL_S)
    figure("live ones begin late, 99 of 100", late[len(late) * 99 // 100], Unit.WALL_S, goal=1)
    figure("rounds missed", missed, Unit.COUNT, goal=0)
    figure(f"a poll of {places:,} planned", 1e6 * cpu / fleet.finished, Unit.CPU_US)
    figure(f"memory for {places:,}", grown, Unit.MB)


def polls_a_day(rest_rounds: int | None) -> float:
    """Return how often a day a machine is asked in a week that sleeps while nobody works."""
    office = plan([f"p{number}" for number in range(PLACES)], PollingPace(rest_rounds=rest_rounds))
    clock = LoopClock(MONDAY)

    def says(_place: str, _number: int) -> Outcome:
        hour = clock.now() - timedelta(minutes=DOZES_M)
        works = office.office.working_seconds(hour, clock.now()) > 0
        return Outcome(seconds=LIVE_S, asleep=not works)

    fleet = FakeFleet(clock, says)

    async def play() -> None:
        scheduler = Scheduler(office, fleet, clock, lambda: 0.5, lambda: None)
        async with asyncio.TaskGroup() as group:
            scheduler.start(group)
            await asyncio.sleep(7 * 86_400)
            await scheduler.leave(60)

    run(play())
    return fleet.finished / PLACES / 7


def rest() -> None:
    """Print what it saves to let machines rest out of working time."""
    title(f"polls a day of a place, mean of a week of {PLACES}, each 300 s")
    steady, resting = polls_a_day(None), polls_a_day(12)
    figure('cadence = "steady"', steady, Unit.COUNT)
    figure('cadence = "office"', resting, Unit.COUNT)
    figure("of them left", resting / steady, Unit.TIMES)


def main() -> None:
    """Print a line for each case; with --rest only what rest saves."""
    logging.disable()
    rest()
    for case in () if "--rest" in sys.argv else CASES:
        measure(*case)


if __name__ == "__main__":
    main()
