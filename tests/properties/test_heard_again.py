"""Laws of answers that say the same again: not judging them, or losing some, moves no page."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from collector.app.poll.place_states import PlaceStates
from collector.domain.counting.reading import Answer, DeviceStatus
from collector.domain.counting.usage import Quality
from collector.errors import DeviceError
from collector.ports import BEGINNING, END
from tests.fakes.clock import FakeClock
from tests.properties.test_publish import kept
from tests.unit.app.office import RICOH, T0, AnOffice, answer
from tests.unit.app.story import CHANGES, POLLS, Machines, Step, Story, run, steps

SLEEPY = 30


@dataclass(slots=True)
class Ticking(Machines):
    """Machines whose uptime goes on; now and then they are switched off and on."""

    clock: FakeClock | None = None
    started: datetime = T0

    def says(self, name: str, step: Step) -> Answer | DeviceError:
        assert self.clock is not None
        if step.what == "reset" or step.number % 4 == 1:
            self.started = self.clock.at
        says = Machines.says(self, name, step)
        if isinstance(says, DeviceError):
            return says
        awake = DeviceStatus.PRINTING if step.number % 2 else DeviceStatus.IDLE
        status = DeviceStatus.ASLEEP if step.number > SLEEPY else awake
        uptime_s = int((self.clock.at - self.started).total_seconds())
        return replace(says, uptime_s=uptime_s, status=status)


async def played(story: list[Step], **switch: Any) -> AnOffice:  # noqa: ANN401 - patches
    """Return the office after `story`, with all that was heard written down."""
    with patch.multiple(PlaceStates, **switch):
        told = Story()
        told.machines = Ticking(clock=told.office.clock)
        await told.begin()
        for step in story:
            await told.play(step)
        await told.office.polls.write_heard()
        return told.office


@given(steps(*["idle"] * 12, *POLLS, *CHANGES, "restart"))
def test_what_is_not_judged_leaves_the_ledger_as_if_it_had_been(story: list[Step]) -> None:
    async def both() -> None:
        quick = await played(story, __doc__=PlaceStates.__doc__)
        careful = await played(story, hear_again=lambda *_: False)
        assert kept(quick.ledger) == kept(careful.ledger)
        assert dict(quick.polls.states) == dict(careful.polls.states)

    run(both)


polls = st.lists(st.tuples(st.integers(1, 70), st.sampled_from([0, 0, 0, 40])), min_size=12)


@example(said=[(20, 0), (50, 0), (40, 40)], kills={3}, begin_s=510)
@given(polls, st.sets(st.integers(1, 20), min_size=1), st.integers(400, 599))
def test_killed_at_any_moment_every_page_is_counted_on_its_day(
    said: list[tuple[int, int]], kills: set[int], begin_s: int
) -> None:
    """What was heard within the last minute is not in the ledger then."""

    async def counted(cuts: set[int]) -> tuple[Counter[str], dict[object, object], int]:
        office = AnOffice(at=T0)
        office.clock.forward(hours=14, minutes=50, seconds=begin_s)  # just before midnight in Tokyo
        total, uptime_s = 1000, 10**6
        for number, (seconds, pages) in enumerate([(0, 0), *said, (1, 1)]):
            office.clock.forward(seconds=seconds)
            total, uptime_s = total + pages, uptime_s + seconds
            if number in cuts:
                office.restart()
                await office.polls.remember()
            await office.poll("1f", replace(answer(RICOH, total), uptime_s=uptime_s))
        states = await office.ledger.states()
        usages = await office.ledger.usages(states[0].place, BEGINNING, END)
        by_meter: Counter[str] = Counter()
        for one in usages:
            assert one.quality is Quality.MEASURED
            by_meter[one.meter] += one.pages
        days = await office.ledger.days(T0.date(), END.date())
        assert by_meter["total"] == total - 1000
        return by_meter, {one.day: one.pages for one in days}, len(await office.ledger.findings())

    async def tell() -> None:
        assert await counted(kills) == await counted(set())

    run(tell)
