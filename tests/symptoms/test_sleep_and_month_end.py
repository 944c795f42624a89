"""Sleeping machines and month ends as users of other programs met them, one test a symptom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.app.close.auto_closing import ClosingWatch
from collector.domain.cadence import PollState, Rhythm, next_poll
from collector.domain.counting.findings import Code
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import SupplyState
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable
from tests.unit.app.office import RICOH, T0, AnOffice, answer
from tests.unit.snmp import machines as made

TOTAL = Meter("total")
NOBODY = DeviceUnreachable("1f", "no answer")


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


async def test_an_unknown_level_is_a_word_and_no_percentage() -> None:
    """Seen: a sleeping printer shows toner at -2 % (Home Assistant 33892)."""
    found = await made.answer(
        made.named("A printer of nobody"),
        made.life(10),
        {f"{made.SUPPLY}.6.1.1": "Black", f"{made.SUPPLY}.9.1.1": -2, f"{made.SUPPLY}.8.1.1": -2},
    )
    (toner,) = found.supplies
    assert (toner.state, toner.level_pct, toner.remaining) == (SupplyState.UNKNOWN, None, None)


async def test_a_copier_that_wakes_is_counted_without_a_restart(office: AnOffice) -> None:
    """Seen: unavailable until the program is restarted (Home Assistant 64335)."""
    await office.poll("1f", answer(RICOH, 1000))
    for _ in range(30):
        office.clock.forward(minutes=20)
        await office.poll("1f", NOBODY)
    office.clock.forward(minutes=20)
    woken = await office.poll("1f", answer(RICOH, 1005))
    assert (woken.ok, woken.turned) == (True, True)
    assert await office.pages("1f") == 5


async def test_a_copier_switched_off_is_told_once_however_often_it_is_asked(
    office: AnOffice,
) -> None:
    """Seen: a line in the log every four seconds while it is off (ha-hpprinter 212)."""
    await office.poll("1f", answer(RICOH, 1000))
    outcomes = []
    for _ in range(500):
        office.clock.forward(seconds=10)
        outcomes.append(await office.poll("1f", NOBODY))
    assert sum(one.turned for one in outcomes) == 1
    office.clock.forward(hours=30)
    for _ in range(500):
        office.clock.forward(seconds=10)
        outcomes.append(await office.poll("1f", NOBODY))
    assert [code for one in outcomes for code in one.findings] == [
        *(await office.ledger.findings())
    ]
    assert await office.codes() == [Code.DEVICE_SILENT]


async def test_one_copier_that_is_off_is_no_alarm_about_the_others(office: AnOffice) -> None:
    """Seen: one printer offline makes everything critical (check_snmp_printer 31)."""
    for _ in range(3):
        office.clock.forward(hours=13)
        await office.poll("1f", NOBODY)
        await office.poll("2f", answer(RICOH, 1000))
    assert {one.subject for one in await office.ledger.findings()} == {"1f"}


async def test_a_machine_that_is_just_starting_up_invents_nothing(office: AnOffice) -> None:
    """Seen: polling coincides with a Brother that restarts (Home Assistant 52834)."""
    await office.poll("1f", answer(RICOH, 1000, copy=400))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1008, copy=404))
    assert (await office.pages("1f"), await office.pages("1f", "copy")) == (8, 4)
    assert await office.codes() == []


async def test_a_copier_not_read_at_the_closing_is_named_that_night(office: AnOffice) -> None:
    """Seen: meters past due, machines fallen off monitoring and nobody noticed (ID937, ID876)."""
    watch = ClosingWatch(office.ledger, office.current, office.clock)
    await office.poll("1f", answer(RICOH, 1000))
    await watch.look(office.polls.states)
    office.clock.at = T0 + timedelta(days=28, hours=16)
    await office.poll("2f", answer(RICOH, 1000))
    told = await watch.look(office.polls.states)
    assert {(one.code, one.subject) for one in told} == {(Code.CLOSING_READING_MISSING, "1f")}


async def test_pages_of_several_months_are_not_one_months_surprise(office: AnOffice) -> None:
    """Seen: a high bill because several months were reported at once (e-thostech, novatech)."""
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(days=75)
    await office.poll("1f", answer(RICOH, 3250))
    days = await office.ledger.days(date.min, date.max, PlaceId("1f"))
    months: dict[str, int] = {}
    for one in days:
        months[f"{one.day:%Y-%m}"] = months.get(f"{one.day:%Y-%m}", 0) + one.pages[TOTAL]
    assert sum(months.values()) == 2250
    assert all(400 < pages < 1000 for pages in months.values())
    assert sum(one.estimated for one in days) == 2250, "and it says that the split is an estimate"


def test_a_daily_poll_runs_every_day_however_long_it_takes(office: AnOffice) -> None:
    """Seen: the daily job runs every second day, its period compared to the minute (48)."""
    rhythm = Rhythm(interval_s=86_400.0, spread_s=0.0)
    context = office.current.context.office
    polled, polls = T0, []
    for number in range(60):
        now = polled + timedelta(seconds=17 + number)
        due = next_poll(rhythm, context, PollState(heard_at=polled), polled, now, 0.5)
        polls.append(due)
        polled = due
    regular = {one.date() for one in polls}
    first, last = min(regular), max(regular)
    assert regular >= {first + timedelta(days=n) for n in range((last - first).days)}


async def test_a_copier_that_was_not_asked_all_night_is_not_silent_all_night(
    office: AnOffice,
) -> None:
    """Seen: a sleeping copier alarms nightly, as it was not heard for ten minutes."""
    office.current.context = replace(
        office.current.context, silent_after=timedelta(hours=6), rules=Rules(rests=True)
    )
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(hours=15)  # it said that it sleeps, and was left alone
    for _ in range(3):
        await office.poll("1f", NOBODY)
        office.clock.forward(minutes=20)
    assert await office.codes() == []
    change = await office.ledger.change(PlaceId("1f"), office.clock.at - timedelta(minutes=40))
    assert change is not None
    assert 3600 <= change.silent_s <= 3600 + 20 * 60, "what it is told of: an hour before, no more"
    office.restart()
    await office.polls.remember()
    for _ in range(5):
        office.clock.forward(hours=1)
        await office.poll("1f", NOBODY)
    assert await office.codes() == [Code.DEVICE_SILENT], "six hours in which it was asked"


@pytest.mark.parametrize(("rests", "code"), [(True, Code.ABOVE_PACE), (False, Code.METER_SUSPECT)])
async def test_the_work_of_a_sunday_is_counted_though_nobody_asked_meanwhile(
    rests: bool, code: Code
) -> None:
    """An election: many pages between two midnights, of a copier that slept at the first one."""
    context = replace(AnOffice().current.context, rules=Rules(rests=rests))
    sunday = AnOffice(context, T0 + timedelta(days=5, hours=15, minutes=3))
    await sunday.poll("1f", answer(RICOH, 1000))
    sunday.clock.forward(hours=23, minutes=50)
    says = answer(RICOH, 3000)
    await sunday.poll("1f", replace(says, uptime_s=10**6 + 23 * 3600 + 50 * 60))
    assert await sunday.pages("1f") == (2000 if rests else 0)
    assert (await sunday.codes())[0] is code


@pytest.mark.parametrize(("uptime_s", "pages"), [(10**6 + 14 * 3600, 2000), (120, 0), (None, 0)])
async def test_where_it_may_have_been_off_a_night_is_a_silence_as_ever(
    uptime_s: int | None, pages: int
) -> None:
    context = replace(AnOffice().current.context, rules=Rules(rests=True))
    office = AnOffice(context, T0 + timedelta(hours=9))
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(hours=14)
    await office.poll("1f", replace(answer(RICOH, 3000), uptime_s=uptime_s))
    assert await office.pages("1f") == pages
