"""Random stories of an office: machines print, fail, move, are replaced, and people reorganise."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import strategies as st

from collector.app.office_context import OfficeContext
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.reading import Answer
from collector.domain.office.fleet import Fleet, Targets
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim
from collector.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.unit.app.office import (
    A_FLEET,
    CANON,
    DEPARTMENTS,
    KYOCERA,
    LONG_AGO,
    RICOH,
    TOKYO,
    AnOffice,
    answer,
    fleet,
    place,
)

PLACES = ("1f", "2f", "3f")
MACHINES = (RICOH, CANON, KYOCERA)

FLEETS: tuple[Fleet, ...] = (
    A_FLEET,
    fleet(
        place("1f", (LONG_AGO, {"soumu": 100}), (date(2026, 11, 20), {"zeimu": 100})),
        place("2f", (LONG_AGO, {"soumu": 60, "zeimu": 40}), (date(2026, 12, 3), {"soumu": 100})),
        place("3f", (date(2026, 11, 27), {"zeimu": 33, "soumu": 67})),
    ),
    fleet(
        place("1f", (LONG_AGO, {"soumu": 34, "zeimu": 66})),
        place("2f", (LONG_AGO, {"zeimu": 100})),
        targets={"zeimu": Targets(default=50, months={"2026-12": 10})},
    ),
    Fleet(DEPARTMENTS[1:], (place("3f", (LONG_AGO, {"zeimu": 100})),)),
)
"""Fleet files that say something else about the past, too; in the last, a department is gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """After `minutes`, `what` happens; `where` is a place, `number` pages or a choice."""

    minutes: int
    what: str
    where: int = 0
    number: int = 0


POLLS = ("print", "idle", "silent", "refuse", "rubbish", "doubt", "reset")
CHANGES = ("replace", "swap", "same")


def steps(*kinds: str) -> st.SearchStrategy[list[Step]]:
    """Draw stories of `kinds`, mostly polls some minutes to a few days apart."""
    gaps = st.one_of(st.integers(1, 70), st.integers(1, 70), st.integers(1, 5000))
    step = st.builds(
        Step, gaps, st.sampled_from(kinds), st.integers(0, len(PLACES) - 1), st.integers(0, 40)
    )
    return st.lists(step, min_size=1, max_size=40)


@dataclass(slots=True)
class Machines:
    """What stands where, and where its meters are."""

    at: dict[str, int] = field(default_factory=lambda: {name: n for n, name in enumerate(PLACES)})
    totals: dict[int, int] = field(default_factory=lambda: {0: 1000, 1: 20_000, 2: 5})

    def says(self, name: str, step: Step) -> Answer | DeviceError:
        """Return what the machine at `name` says after `step`."""
        if step.what in {"silent", "refuse", "rubbish"}:
            kinds = {"silent": DeviceUnreachable, "refuse": DeviceRefused}
            return kinds.get(step.what, DeviceNonsense)(name, f"{step.what} {step.number}")
        number = self.at[name]
        if step.what == "print":
            self.totals[number] += step.number
        if step.what == "reset":
            self.totals[number] = step.number
        total = self.totals[number]
        says = answer(MACHINES[number], total, copy=total // 3, scan=7)
        if step.what == "doubt":
            finding = Finding(
                Code.CROSS_FOOT, Severity.WARNING, "", verbatim("total is not mono + color")
            )
            return replace(says, findings=(finding,))
        return says

    def change(self, step: Step) -> None:
        """Carry machines about."""
        name, other = PLACES[step.where], PLACES[(step.where + 1) % len(PLACES)]
        if step.what == "swap":
            self.at[name], self.at[other] = self.at[other], self.at[name]
        if step.what == "same":
            self.at[name] = self.at[other]
        if step.what == "replace":
            self.at[name] = step.number % len(MACHINES)


class Story:
    """Plays steps in an office, as the daemon would: each new day and new fleet file is told."""

    def __init__(self, closing: int | str = "last") -> None:
        """Begin on Monday 16 November 2026 with every machine heard once."""
        context = OfficeContext(A_FLEET, Office("hall", TOKYO, closing_day=closing))
        self.office = AnOffice(context)
        self.office.clock.forward(days=14)
        self.machines = Machines()
        self.day: date | None = None

    async def begin(self) -> None:
        """Start the service and hear every place once."""
        await self.office.refresh.fleet()
        await self._tell_day()
        for name in PLACES:
            await self.office.poll(name, self.machines.says(name, Step(0, "idle")))

    async def play(self, step: Step) -> None:
        """Let `step` happen."""
        office = self.office
        office.clock.forward(minutes=step.minutes)
        await self._tell_day()
        name = PLACES[step.where]
        if step.what in POLLS:
            await office.poll(name, self.machines.says(name, step))
        elif step.what in CHANGES:
            self.machines.change(step)
        elif step.what == "reorganise":
            office.reorganise(FLEETS[step.number % len(FLEETS)])
            await office.refresh.fleet()
        elif step.what == "restart":
            await self.restart()

    async def restart(self) -> None:
        """Stop the service and start it again."""
        self.office.restart()
        await self.office.polls.remember()
        await self.office.refresh.fleet()

    async def _tell_day(self) -> None:
        day = self.office.current.context.office.local_day(self.office.clock.at)
        if day != self.day:
            self.day = day
            await self.office.refresh.new_day(day)

    def is_in_doubt(self) -> bool:
        """Say whether a place failed once: that alone is not kept over a restart."""
        states = self.office.polls.states
        return any(states[name].online for name in self.office.polls._failures if name in states)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run one example of a property in a loop of its own."""
    asyncio.run(story())


async def play(steps_: Sequence[Step], closing: int | str = "last") -> Story:
    """Play a whole story and return how it ended."""
    story = Story(closing)
    await story.begin()
    for step in steps_:
        await story.play(step)
    return story


def place_ids() -> tuple[PlaceId, ...]:
    """Return the places of every story."""
    return tuple(PlaceId(name) for name in PLACES)
