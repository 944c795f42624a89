"""Places are polled on time, apart from one another, around midnight, and only a bug stops it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from collector.errors import LedgerError
from collector.ports import Cycle
from collector.runtime.plan import NoLedgerWait, PollingPace, PollingPlan
from collector.runtime.scheduler import RoundTally, Scheduler
from tests.unit.runtime.office_fakes import (
    REFUSED,
    SILENT,
    FakeFleet,
    Outcome,
    plan,
    target,
)
from tests.unit.runtime.virtual_time import START, LoopClock, run
from tests.wording import english

HOUR_S = 3600.0
CLOSING = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
Then = Callable[[Scheduler], Awaitable[None]]


def played(
    fleet: FakeFleet,
    what: PollingPlan,
    seconds: float = 0.0,
    then: Then | None = None,
    grace_s: float = 60,
) -> Scheduler:
    """Run a scheduler for `seconds`, then do `then`, then leave within `grace_s`."""

    async def play() -> Scheduler:
        scheduler = Scheduler(what, fleet, fleet.clock, lambda: 0.0, lambda: None)
        async with asyncio.TaskGroup() as group:
            scheduler.start(group)
            await asyncio.sleep(seconds)
            if then is not None:
                await then(scheduler)
            await scheduler.leave(grace_s)
        return scheduler

    return run(play())


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.INFO]


def test_every_place_is_polled_soon_and_then_once_an_interval() -> None:
    fleet = FakeFleet(LoopClock())

    played(fleet, plan(["a", "b", "c"]), HOUR_S)

    for place in ("a", "b", "c"):
        first, *grid = fleet.of(place)
        assert first - START < timedelta(seconds=20)
        assert len(grid) == 11
        assert {after - before for before, after in pairwise(grid)} == {timedelta(minutes=5)}


def test_no_more_than_the_allowed_number_poll_at_once() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=10))

    played(fleet, plan([f"p{n}" for n in range(60)], PollingPace(concurrency=4)), HOUR_S)

    assert fleet.most_in_flight == 4
    assert {len(fleet.of(f"p{n}")) for n in range(60)} <= {12, 13}


def test_dead_machine_delays_nobody() -> None:
    def script(place: str, _number: int) -> Outcome:
        return replace(SILENT, seconds=50) if place == "dead" else Outcome()

    fleet = FakeFleet(LoopClock(), script)
    alone = FakeFleet(LoopClock())
    played(fleet, plan(["dead", "a", "b"]), 4 * HOUR_S)
    played(alone, plan(["a", "b"]), 4 * HOUR_S)

    assert fleet.of("a") == alone.of("a")
    assert fleet.of("b") == alone.of("b")


def test_dead_machine_is_asked_less_and_less_often() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: SILENT)

    played(fleet, plan(["dead"]), 6 * HOUR_S)

    gaps = [round((b - a).total_seconds() / 300) for a, b in pairwise(fleet.of("dead"))]
    assert gaps[1:] == [2, 4, 8, 12, 12, 12, 12]


def test_refusing_machine_is_asked_seldom_at_once() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: REFUSED)

    played(fleet, plan(["a"]), 3 * HOUR_S)

    assert len(fleet.of("a")) in {3, 4}


def test_a_machine_that_sleeps_is_left_alone_from_closing_to_midnight_and_to_opening() -> None:
    def script(place: str, _number: int) -> Outcome:
        return Outcome(asleep=place == "asleep")

    clock = LoopClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))  # 18:00 of a Tuesday in Tokyo
    fleet, steady = FakeFleet(clock, script), FakeFleet(clock, script)
    both = ["asleep", "awake"]
    played(fleet, plan(both, PollingPace(rest_rounds=12)), 13.9 * HOUR_S)
    played(steady, plan(both), 13.9 * HOUR_S)

    assert len(fleet.of("asleep")) == 3, "when the service starts, and on both sides of midnight"
    assert len(fleet.of("awake")) in {16, 17}
    assert len(steady.of("asleep")) in {167, 168}


def test_a_place_follows_the_hours_of_its_calendar_as_soon_as_they_are_known() -> None:
    saturday = LoopClock(datetime(2026, 11, 28, 1, 0, tzinfo=UTC))
    fleet = FakeFleet(saturday, lambda _place, _number: Outcome(asleep=True))
    pace = PollingPace(rest_rounds=12)
    school = replace(plan(["a"]).office, weekend=frozenset({6}))

    async def change(scheduler: Scheduler) -> None:
        assert len(fleet.of("a")) == 1
        hours = {target("a").place: school}
        scheduler.apply(replace(scheduler.plan, hours=hours))
        await asyncio.sleep(HOUR_S)

    played(fleet, plan(["a"], pace), HOUR_S, change)

    assert len(fleet.of("a")) in {12, 13}


def test_dead_machine_is_asked_on_both_sides_of_a_closing_midnight() -> None:
    clock = LoopClock(CLOSING - timedelta(days=1))
    fleet = FakeFleet(clock, lambda _place, _number: SILENT)

    played(fleet, plan(["dead"], PollingPace(max_backoff_s=40_000)), 30 * HOUR_S)

    near = [
        (at - CLOSING).total_seconds() / 60
        for at in fleet.of("dead")
        if abs(at - CLOSING) < timedelta(minutes=40)
    ]
    assert len(near) == 4
    assert -6 <= near[0] <= -2
    assert 1 <= near[1] <= 5
    assert 10 <= near[2] <= 14
    assert 30 <= near[3] <= 34


def test_flapping_machine_is_one_line_a_turn_and_none_a_retry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Silent for five polls, back for two, lost once (no news), back, then refused for good."""
    caplog.set_level(logging.DEBUG)
    story = [SILENT] * 5 + [Outcome()] * 2 + [SILENT] + [Outcome()] + [REFUSED] * 9
    fleet = FakeFleet(LoopClock(), lambda _place, number: story[number])

    played(fleet, plan(["flap"]), 5 * HOUR_S)

    assert len(fleet.of("flap")) > 10
    told = [record for record in caplog.records if record.name == "collector.runtime.scheduler"]
    assert [(record.levelname, record.message) for record in told] == [
        ("WARNING", "place is silent; it is asked less and less often"),
        ("INFO", "place answers"),
        ("ERROR", "place refuses this credential; it is asked seldom now"),
    ]
    assert vars(told[0])["place"] == "flap"
    assert vars(told[0])["reason"] == "no answer within 3 s"
    assert vars(told[1])["failed_polls"] == 5


def test_place_that_falls_silent_is_told_after_the_second_lost_poll(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, number: Outcome() if number == 0 else SILENT)
    seen: list[tuple[int, int, int]] = []

    async def count(scheduler: Scheduler) -> None:
        for _ in range(12):
            await asyncio.sleep(60)
            seen.append((len(fleet.polls), scheduler.answering, len(lines(caplog))))

    played(fleet, plan(["a"]), 30, count)

    assert (2, 1, 0) in seen
    assert (3, 0, 1) in seen
    assert {(answering, told) for polls, answering, told in seen if polls == 2} == {(1, 0)}


def test_poll_that_never_comes_back_is_given_up_and_frees_its_slot() -> None:
    def script(place: str, _number: int) -> Outcome:
        return Outcome(seconds=10**9) if place == "hung" else Outcome()

    fleet = FakeFleet(LoopClock(), script)

    scheduler = played(fleet, plan(["hung", "a"], PollingPace(concurrency=1)), HOUR_S)

    late_s = [(b - a).total_seconds() - 300 for a, b in pairwise(fleet.of("a"))]
    assert len(late_s) == 11
    assert max(late_s) <= 60
    assert len(fleet.of("hung")) >= 4
    assert scheduler.tally.waiting == 0


def test_poll_that_waits_for_the_ledger_is_not_given_up(caplog: pytest.LogCaptureFixture) -> None:
    fleet, wait = (
        FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=1800)),
        NoLedgerWait(),
    )
    wait.is_on = True

    async def play() -> None:
        scheduler = Scheduler(plan(["a"]), fleet, fleet.clock, lambda: 0.0, lambda: None, wait)
        async with asyncio.TaskGroup() as group:
            scheduler.start(group)
            await asyncio.sleep(1900)
            assert (fleet.finished, scheduler.answering) == (1, 1)
            wait.is_on = False
            await asyncio.sleep(1900)
            assert fleet.finished == 1
            await scheduler.leave(60)

    run(play())
    assert "place is silent; it is asked less and less often" in lines(caplog)


@pytest.mark.parametrize("failure", [LedgerError("disk full"), ZeroDivisionError()])
def test_ledger_failure_or_bug_ends_everything(failure: Exception) -> None:
    def script(_place: str, number: int) -> Outcome | BaseException:
        return failure if number == 1 else Outcome()

    fleet = FakeFleet(LoopClock(), script)

    with pytest.raises(ExceptionGroup) as caught:
        played(fleet, plan(["a", "b"]), HOUR_S)

    assert caught.value.exceptions[0] is failure
    assert len(fleet.polls) <= 4


def test_leaving_lets_a_poll_in_flight_finish() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=30))

    played(fleet, plan(["a", "b", "c"]), 20, grace_s=40)

    assert len(fleet.polls) == fleet.finished == 3


def test_leaving_cuts_a_poll_off_after_the_grace(caplog: pytest.LogCaptureFixture) -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=30))

    played(fleet, plan(["a", "b", "c"]), 20, grace_s=1)

    assert fleet.in_flight == fleet.finished == 0
    assert vars(caplog.records[-1])["polls"] == 3


def test_new_plan_adds_removes_and_leaves_the_others_alone() -> None:
    fleet = FakeFleet(LoopClock())

    async def change(scheduler: Scheduler) -> None:
        scheduler.apply(plan(["stays", "new"]))
        await asyncio.sleep(HOUR_S)

    undisturbed = FakeFleet(LoopClock())
    played(fleet, plan(["stays", "goes"]), HOUR_S, change)
    played(undisturbed, plan(["stays"]), 2 * HOUR_S)

    half = START + timedelta(hours=1)
    assert fleet.of("stays") == undisturbed.of("stays")
    assert max(fleet.of("goes")) <= half
    assert timedelta(0) <= min(fleet.of("new")) - half <= timedelta(seconds=20)


def test_place_with_a_new_address_is_asked_there_soon_and_never_twice_at_once() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=30))
    moved = PollingPlan(plan([]).office, (target("a", "192.0.2.99"),))

    async def change(scheduler: Scheduler) -> None:
        assert fleet.in_flight == 1
        scheduler.apply(moved)
        await asyncio.sleep(60)

    played(fleet, plan(["a"]), 20, change)

    assert [poll.address for poll in fleet.polls] == ["192.0.2.1", "192.0.2.99"]
    assert fleet.most_in_flight == 1


def test_silence_at_the_old_address_is_not_held_against_the_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    story = [replace(SILENT, seconds=30), Outcome()]
    fleet = FakeFleet(LoopClock(), lambda _place, number: story[number])
    moved = PollingPlan(plan([]).office, (target("a", "192.0.2.99"),))

    async def change(scheduler: Scheduler) -> None:
        scheduler.apply(moved)
        await asyncio.sleep(60)
        assert scheduler.answering == 1

    played(fleet, plan(["a"]), 20, change)

    assert lines(caplog) == []


def test_place_removed_and_put_back_during_a_poll_goes_on() -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=30))

    async def change(scheduler: Scheduler) -> None:
        scheduler.apply(plan([]))
        await asyncio.sleep(1)
        scheduler.apply(plan(["a"]))
        await asyncio.sleep(HOUR_S)

    played(fleet, plan(["a"]), 20, change)

    assert len(fleet.of("a")) == 13
    assert fleet.most_in_flight == 1


def test_faster_pace_holds_at_once() -> None:
    fleet = FakeFleet(LoopClock())

    async def change(scheduler: Scheduler) -> None:
        scheduler.apply(plan(["a"], PollingPace(interval_s=60)))
        await asyncio.sleep(600)

    played(fleet, plan(["a"], PollingPace(interval_s=86_400)), 100, change)

    assert len(fleet.of("a")) == 11


def test_clock_set_forward_makes_polls_due_within_a_minute() -> None:
    clock = LoopClock()
    fleet = FakeFleet(clock)

    async def change(_scheduler: Scheduler) -> None:
        clock.shift(timedelta(days=1))
        await asyncio.sleep(61)

    played(fleet, plan(["a"], PollingPace(interval_s=43_200)), 100, change)

    assert len(fleet.of("a")) == 2


def test_clock_set_back_does_not_stop_polling() -> None:
    clock = LoopClock()
    fleet = FakeFleet(clock)

    async def change(_scheduler: Scheduler) -> None:
        clock.shift(timedelta(days=-30))
        await asyncio.sleep(HOUR_S)

    played(fleet, plan(["a"]), HOUR_S, change)

    assert len(fleet.of("a")) >= 23


def test_rounds_count_what_was_done_and_name_slow_machines_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    def script(place: str, number: int) -> Outcome:
        if place == "slow":
            return Outcome(seconds=8.0 if number < 4 else 0.5)
        return SILENT if place == "dead" else Outcome()

    fleet = FakeFleet(LoopClock(), script)
    cycles: list[Cycle] = []

    async def keep(cycle: Cycle) -> None:
        cycles.append(cycle)

    async def rounds(scheduler: Scheduler) -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(HOUR_S - 1, stop.set)
        await scheduler.rounds(stop, keep)

    played(fleet, plan(["slow", "dead", "a"]), 0, rounds)

    assert len(cycles) == 11
    assert (cycles[0].polled, cycles[0].failed, cycles[0].slow) == (3, 1, 1)
    assert 8.0 <= cycles[0].cycle_s <= 8.5
    assert (cycles[0].slowest, cycles[0].slowest_s) == ("slow", 8.0)
    assert cycles[-1].slowest in {"slow", "a"}, "who answered, never who did not"
    assert sum(cycle.failed for cycle in cycles) == len(fleet.of("dead"))
    assert [cycle.at for cycle in cycles[:2]] == [
        START + timedelta(minutes=5),
        START + timedelta(minutes=10),
    ]
    told = [record for record in caplog.records if record.funcName in vars(RoundTally)]
    assert [record.message for record in told] == [
        "machines are slow to answer",
        "no machine is slow to answer any more",
    ]
    assert vars(told[0])["slowest"] == "slow 8.0 s"


def test_lag_says_how_late_a_poll_began() -> None:
    def script(_place: str, number: int) -> Outcome:
        return Outcome(seconds=10 if number == 0 else 0.1)

    fleet = FakeFleet(LoopClock(), script)
    cycles: list[Cycle] = []

    async def keep(cycle: Cycle) -> None:
        cycles.append(cycle)

    async def rounds(scheduler: Scheduler) -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(700, stop.set)
        await scheduler.rounds(stop, keep)

    played(fleet, plan(["a", "b", "c", "d"], PollingPace(concurrency=1, spread_s=1)), 0, rounds)

    assert 29 <= cycles[0].lag_s <= 30
    assert cycles[0].cycle_s == pytest.approx(40, abs=0.1)
    assert cycles[1].lag_s <= 0.4
    assert cycles[1].cycle_s <= 0.5


def test_a_wrong_community_at_twelve_machines_is_no_dozen_of_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fleet = FakeFleet(LoopClock(), lambda _place, _number: SILENT)

    played(fleet, plan([f"p{n}" for n in range(12)]), 3 * HOUR_S)

    told = [record for record in caplog.records if record.name == "collector.runtime.scheduler"]
    assert [record.message[:48] for record in told] == [
        "no place asked with this credential answers; over"[:48]
    ]
    assert vars(told[0])["places"] == 12
    assert english(vars(told[0])["line"]) == "credentials.default.community in collector.toml"


def test_one_that_answers_clears_the_key_of_doubt(caplog: pytest.LogCaptureFixture) -> None:
    fleet = FakeFleet(LoopClock(), lambda place, _number: Outcome() if place == "p0" else SILENT)

    played(fleet, plan([f"p{n}" for n in range(5)]), 3 * HOUR_S)

    told = [record for record in caplog.records if record.name == "collector.runtime.scheduler"]
    silent = [vars(one)["place"] for one in told if one.message.startswith("place is silent")]
    assert sorted(silent) == ["p1", "p2", "p3", "p4"]


@pytest.mark.slow
def test_silent_machines_hold_no_slot_of_those_that_answer() -> None:
    """Forty dead ones, each waited for half a minute and asked at every interval."""

    def script(place: str, _number: int) -> Outcome:
        return replace(SILENT, seconds=30) if place.startswith("dead") else Outcome()

    fleet = FakeFleet(LoopClock(), script)
    dead, live = [f"dead{n}" for n in range(40)], [f"p{n}" for n in range(40)]
    pace = PollingPace(concurrency=4, spread_s=300, max_backoff_s=300)
    alone = FakeFleet(LoopClock())
    played(fleet, plan(dead + live, pace), 4 * HOUR_S)
    played(alone, plan(live, pace), 4 * HOUR_S)

    known = START + timedelta(hours=1)
    for place in live:
        late = [at for at in fleet.of(place) if at > known]
        assert len(late) == 36
        assert late == [at for at in alone.of(place) if at > known]
    assert fleet.most_in_flight <= 12


def test_what_was_silent_before_a_start_holds_up_no_first_poll() -> None:
    def script(place: str, _number: int) -> Outcome:
        return replace(SILENT, seconds=30) if place.startswith("dead") else Outcome()

    fleet = FakeFleet(LoopClock(), script)
    dead, live = [f"dead{n}" for n in range(40)], [f"p{n}" for n in range(40)]
    known = replace(plan(dead + live, PollingPace(concurrency=4)), silent=frozenset(dead))

    played(fleet, known, 120)

    assert all(fleet.of(place)[0] <= START + timedelta(seconds=21) for place in live)


def test_a_large_network_makes_no_small_one_wait() -> None:
    """Sixty places of one network are due before one of another, and there is one slot."""
    fleet = FakeFleet(LoopClock(), lambda _place, _number: Outcome(seconds=1))
    many = tuple(target(f"p{n}", f"192.0.2.{n + 1}") for n in range(60))
    few = (target("branch", "198.51.100.7"), target("school", "copier.school.example"))
    pace = PollingPace(concurrency=1, spread_s=0)

    played(fleet, PollingPlan(plan([]).office, (*many, *few), pace), 100)

    begun = [poll.place for poll in fleet.polls]
    assert {"branch", "school"} <= set(begun[:4])
    assert [one for one in begun if one.startswith("p")] == [f"p{n}" for n in range(60)]


def test_a_poll_that_we_could_not_make_is_held_against_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    short = Outcome(ok=False, unasked=True, reason="too many files")

    def script(_place: str, number: int) -> Outcome:
        return short if 2 <= number < 5 else Outcome()

    fleet = FakeFleet(LoopClock(), script)
    seen: list[int] = []

    async def count(scheduler: Scheduler) -> None:
        for _ in range(6):
            await asyncio.sleep(300)
            seen.append(scheduler.answering)

    played(fleet, plan(["a", "b"]), 30, count)

    assert seen == [2] * 6
    for place in ("a", "b"):
        assert {b - a for a, b in pairwise(fleet.of(place)[1:])} == {timedelta(minutes=5)}
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.message for record in told] == ["machines could not be asked"]
    assert vars(told[0])["reason"] == "too many files"


@pytest.mark.slow
def test_polls_are_spread_over_all_of_the_interval() -> None:
    fleet = FakeFleet(LoopClock())
    places = [f"p{n}" for n in range(600)]

    played(fleet, plan(places, PollingPace(spread_s=300)), 2 * HOUR_S)

    second_hour = START + timedelta(hours=1)
    at = [poll.at for poll in fleet.polls if poll.at > second_hour]
    for minute in range(60):
        begin = second_hour + timedelta(minutes=minute)
        assert 80 <= sum(begin < one <= begin + timedelta(minutes=1) for one in at) <= 160


@pytest.mark.slow
def test_ten_thousand_places_are_ten_thousand_entries_and_no_task() -> None:
    fleet = FakeFleet(LoopClock())
    places = [f"p{n}" for n in range(10_000)]

    async def count(_scheduler: Scheduler) -> None:
        assert len(asyncio.all_tasks()) < 40

    played(fleet, plan(places, PollingPace(spread_s=300)), 290, count)

    assert len(fleet.polls) > 9_000
