"""Start, ready, watch, reload and stop, with real signals and a service manager that listens."""

import asyncio
import errno
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from collector.domain.office.office_calendar import Office
from collector.errors import ConfigError, LedgerError, SinkUnavailable, Spot, said
from collector.runtime.daemon import (
    Daemon,
    Parts,
    closed_sockets_passed_over,
    keep_watch,
    tell_days,
)
from collector.runtime.deliverer import Deliverer, DeliveryPace
from collector.runtime.plan import Graces, NoLedgerWait, PollingPace, PollingPlan
from collector.runtime.scheduler import RoundTally
from collector.user_files.report import problem_at
from tests.unit.runtime.office_fakes import (
    SILENT,
    TOKYO,
    FakeFleet,
    FakeHooks,
    FakeManager,
    Outcome,
    plan,
)
from tests.unit.runtime.virtual_time import LoopClock, run

PID = os.getpid()


@dataclass
class Scene:
    """A daemon and everything around it."""

    what: PollingPlan = field(default_factory=lambda: plan(["a", "b"]))
    clock: LoopClock = field(default_factory=LoopClock)
    manager: FakeManager = field(default_factory=FakeManager)
    hooks: FakeHooks = field(default_factory=FakeHooks)
    script: Callable[[str, int], Outcome | BaseException] = lambda _place, _number: Outcome()
    sent: list[str] = field(default_factory=list)
    sink_down: bool = False
    watchdog_s: float | None = None

    def __post_init__(self) -> None:
        """Let the fleet follow the script."""
        self.fleet = FakeFleet(self.clock, self.script)

    async def deliver(self) -> bool:
        if self.sink_down:
            raise SinkUnavailable("no route to host")
        self.sent.append(f"{len(self.fleet.polls)} polls, {self.fleet.in_flight} in flight")
        return False

    async def backlog(self) -> int:
        return 0

    def daemon(self) -> Daemon:
        sink = Deliverer("influx", self.deliver, self.backlog, lambda: 1.0)
        parts = Parts(
            poll=self.fleet,
            deliverers=[sink],
            hooks=self.hooks.hooks(),
            clock=self.clock,
            notify=self.manager,
            roll=lambda: 0.0,
            graces=Graces(stop_s=10, drain_s=5),
            watchdog_s=self.watchdog_s,
        )
        return Daemon(self.what, parts)

    def play(self, story: Callable[[], Awaitable[None]]) -> int:
        """Run the daemon beside `story`; return its exit code."""

        async def main() -> int:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(self.daemon().run())
                await story()
                return await running

        return run(main())


async def kill(number: signal.Signals) -> None:
    """Send this process a real signal and let the loop see it."""
    os.kill(PID, number)
    for _ in range(3):
        await asyncio.sleep(0.01)


def tail(seconds: float) -> Callable[[], Coroutine[Any, Any, None]]:
    """Wait `seconds` and send SIGTERM."""

    async def story() -> None:
        await asyncio.sleep(seconds)
        await kill(signal.SIGTERM)

    return story


def test_ready_comes_before_any_printer_or_sink_has_answered() -> None:
    scene = Scene(script=lambda _place, _number: SILENT, sink_down=True)

    async def story() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert scene.manager.without_status() == ["READY=1"]
        assert scene.fleet.finished == 0
        await kill(signal.SIGTERM)

    assert scene.play(story) == 0
    assert scene.manager.without_status() == ["READY=1", "STOPPING=1"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_first_signal_finishes_polls_and_then_drains_the_sinks(number: signal.Signals) -> None:
    scene = Scene(script=lambda _place, _number: Outcome(seconds=8))

    async def story() -> None:
        await asyncio.sleep(20)
        assert scene.fleet.in_flight > 0
        await kill(number)

    assert scene.play(story) == 0
    assert scene.fleet.finished == len(scene.fleet.polls) == 2
    assert scene.sent[-1] == "2 polls, 0 in flight"


def test_stop_before_the_start_is_a_stop() -> None:
    scene = Scene(sink_down=True)

    async def main() -> tuple[int, float]:
        daemon = scene.daemon()
        daemon.stop()
        return await daemon.run(), asyncio.get_running_loop().time()

    assert run(main()) == (0, 0)
    assert scene.manager.without_status() == ["READY=1", "STOPPING=1"]


def test_stop_does_not_wait_for_dead_machine_nor_for_dead_sink() -> None:
    scene = Scene(script=lambda _place, _number: Outcome(seconds=55), sink_down=True)
    took: list[float] = []

    async def main() -> int:
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(scene.daemon().run())
            await asyncio.sleep(20)
            asked = loop.time()
            await kill(signal.SIGTERM)
            code = await running
            took.append(loop.time() - asked)
        return code

    assert run(main()) == 0
    assert 10 <= took[0] <= 15.1


def test_second_interrupt_says_what_to_do_and_second_term_stops_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "collector.runtime.daemon")
    scene = Scene(script=lambda _place, _number: Outcome(seconds=9))

    async def story() -> None:
        await asyncio.sleep(20)
        await kill(signal.SIGINT)
        await kill(signal.SIGINT)
        assert scene.fleet.in_flight > 0
        await asyncio.sleep(2)
        await kill(signal.SIGTERM)

    assert scene.play(story) == 143
    assert scene.fleet.in_flight == 0
    assert scene.fleet.finished < len(scene.fleet.polls)
    assert [record.message for record in caplog.records] == [
        "collector is ready",
        "day begins",
        "stopping",
        "already stopping; to stop at once send SIGTERM (kill PID)",
        "stopping at once; rows not sent stay in the ledger",
    ]


def test_one_sigterm_that_arrives_twice_is_one() -> None:
    """As timeout(1) sends it: to the process and, at the same moment, to its group."""
    scene = Scene(script=lambda _place, _number: Outcome(seconds=9))

    async def story() -> None:
        await asyncio.sleep(20)
        assert scene.fleet.in_flight > 0
        await kill(signal.SIGTERM)
        await kill(signal.SIGTERM)

    assert scene.play(story) == 0
    assert scene.fleet.finished == len(scene.fleet.polls)


def test_signals_are_the_systems_again_afterwards() -> None:
    async def main() -> list[bool]:
        daemon = Scene().daemon()
        daemon.stop()
        await daemon.run()
        loop = asyncio.get_running_loop()
        return [
            loop.remove_signal_handler(number)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        ]

    assert run(main()) == [False, False, False]


@pytest.mark.parametrize("failure", [LedgerError("disk full"), KeyError("bug")])
def test_ledger_failure_or_bug_comes_out_as_itself(failure: Exception) -> None:
    scene = Scene(script=lambda _place, _number: failure)

    async def main() -> int:
        return await scene.daemon().run()

    with pytest.raises(type(failure)) as caught:
        run(main())

    assert caught.value is failure
    assert scene.manager.without_status() == ["READY=1", "STOPPING=1"]


def test_a_sink_that_vanishes_ends_the_service() -> None:
    """Seen: its task was cancelled by nobody; the service went on without it, and said nothing."""
    scene = Scene()
    scene.deliver = vanishing

    async def main() -> int:
        return await scene.daemon().run()

    with pytest.raises(RuntimeError, match=r"deliver\[influx\]"):
        run(main())


async def vanishing() -> bool:
    raise asyncio.CancelledError


def test_a_socket_closed_before_its_turn_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    def gone(number: int) -> None:
        raise OSError(number, "said by a callback")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with closed_sockets_passed_over():
            loop.call_soon(gone, errno.EBADF)
            loop.call_soon(gone, errno.EPIPE)
            await asyncio.sleep(0)

    run(main())
    told = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert [record.exc_info[1].errno for record in told if record.exc_info] == [errno.EPIPE]


def test_cancelling_from_outside_is_no_orderly_stop() -> None:
    scene = Scene()

    async def main() -> None:
        async with asyncio.timeout(0.5):
            await scene.daemon().run()

    with pytest.raises(TimeoutError):
        run(main())


def test_hang_up_applies_a_good_file_without_disturbing_the_others() -> None:
    scene = Scene()
    scene.hooks.plans = [plan(["a", "c"])]

    async def story() -> None:
        await asyncio.sleep(3600)
        await kill(signal.SIGHUP)
        await asyncio.sleep(3600)
        await kill(signal.SIGTERM)

    alone = Scene(what=plan(["a"]))
    assert scene.play(story) == 0
    assert alone.play(tail(7200)) == 0

    told = scene.manager.without_status()
    assert told[:2] == ["READY=1", "RELOADING=1"]
    assert told[2] == "MONOTONIC_USEC=3600000000"
    assert told[3:] == ["READY=1", "STOPPING=1"]
    assert scene.fleet.of("a") == alone.fleet.of("a")
    assert len(scene.fleet.of("b")) == len(scene.fleet.of("c")) == 12


def test_hang_up_refuses_a_bad_file_and_names_every_problem(
    caplog: pytest.LogCaptureFixture,
) -> None:
    problems = [
        problem_at(Spot("collector.toml", key="influx.url"), said("url")),
        problem_at(Spot("fleet.toml", key="place.2.id"), said("id_taken", id="2f", other="1f")),
    ]
    scene = Scene()
    scene.hooks.plans = [ConfigError(problems)]

    async def story() -> None:
        await asyncio.sleep(3600)
        await kill(signal.SIGHUP)
        await asyncio.sleep(3600)
        await kill(signal.SIGTERM)

    assert scene.play(story) == 0

    assert len(scene.fleet.of("a")) == len(scene.fleet.of("b")) == 24
    assert scene.manager.without_status()[-2:] == ["READY=1", "STOPPING=1"]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [vars(record).get("path") for record in errors] == [
        "collector.toml: influx.url",
        "fleet.toml: place.2.id",
        None,
    ]
    assert errors[-1].message == "new configuration refused; the old one stays in force"


def test_rows_go_out_once_a_round_and_not_with_each_poll() -> None:
    scene = Scene(what=plan([f"p{number}" for number in range(20)]))

    async def story() -> None:
        began = len(scene.sent)
        await asyncio.sleep(PollingPace().interval_s + DeliveryPace().linger_s + 1)
        looks = PollingPace().interval_s / DeliveryPace().idle_s
        at_start_and_end = 2
        assert 1 <= len(scene.sent) - began <= looks + at_start_and_end
        assert scene.sent[-1].endswith(" polls, 0 in flight")
        assert int(scene.sent[-1].split()[0]) >= 20
        await kill(signal.SIGTERM)

    scene.play(story)


def test_a_place_that_ended_is_not_polled_from_the_next_day_on() -> None:
    scene = Scene()
    scene.hooks.of_day = {date(2026, 11, 24): plan(["a"])}

    assert scene.play(tail(2 * 86_400)) == 0

    midnight = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert scene.fleet.of("b")
    assert all(at < midnight + timedelta(minutes=1) for at in scene.fleet.of("b"))
    assert scene.fleet.of("a")[-1] > midnight + timedelta(hours=23)


def test_the_plan_of_a_day_brings_no_place_back_while_stopping() -> None:
    """Seen: stopped in its first moment, the service polled on until systemd killed it."""
    scene = Scene(script=lambda _place, _number: Outcome(seconds=0.001))
    scene.hooks.of_day = {date(2026, 11, 23): plan(["a", "b", "c"])}
    scene.hooks.day_takes_s = 1.0

    async def story() -> None:
        await asyncio.sleep(0.5)
        await kill(signal.SIGTERM)

    assert scene.play(story) == 0
    assert not scene.fleet.of("c")


def test_rounds_and_days_are_told() -> None:
    scene = Scene()

    assert scene.play(tail(3 * 86_400)) == 0

    assert scene.hooks.days == [date(2026, 11, 23 + n) for n in range(4)]
    assert len(scene.hooks.cycles) == 3 * 288
    assert sum(cycle.polled for cycle in scene.hooks.cycles) == pytest.approx(2 * 3 * 288, abs=2)
    assert "STATUS=2 of 2 places answer" in scene.manager.told


def test_watchdog_hears_of_a_fleet_that_is_polled_even_where_all_are_dead() -> None:
    scene = Scene(script=lambda _place, _number: Outcome(ok=False, seconds=20), watchdog_s=60)

    scene.play(tail(3601))

    assert scene.manager.told.count("WATCHDOG=1") >= 118


def test_watchdog_hears_nothing_when_no_poll_comes_back() -> None:
    """All slots are taken by polls that hang, and the rest wait for a slot."""
    manager, tally = FakeManager(), RoundTally()

    async def main() -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_watch(manager, 60, tally, stop))
            await asyncio.sleep(65)
            assert manager.told == ["WATCHDOG=1"] * 2
            tally.waiting = 5
            await asyncio.sleep(600)
            assert manager.told == ["WATCHDOG=1"] * 2
            tally.finished += 1
            await asyncio.sleep(60)
            assert manager.told == ["WATCHDOG=1"] * 3
            stop.set()

    run(main())


def test_watchdog_hears_of_a_wait_for_the_ledger() -> None:
    manager, tally, wait = FakeManager(), RoundTally(), NoLedgerWait()
    tally.waiting = 5

    async def main() -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_watch(manager, 60, tally, stop, wait))
            await asyncio.sleep(305)
            assert manager.told == []
            wait.is_on = True
            await asyncio.sleep(300)
            assert manager.told == ["WATCHDOG=1"] * 10
            stop.set()

    run(main())


def test_no_watchdog_where_none_is_wanted() -> None:
    scene = Scene()

    scene.play(tail(3600))

    assert "WATCHDOG=1" not in scene.manager.told


def test_day_is_told_once_even_where_the_clock_is_set_back() -> None:
    clock = LoopClock(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    told: list[tuple[date, datetime]] = []

    async def keep(day: date) -> None:
        told.append((day, clock.now()))

    def office() -> Office:
        return TOKYO

    async def main() -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(tell_days(office, clock, stop, keep))
            await asyncio.sleep(120)
            clock.shift(timedelta(minutes=-10))
            await asyncio.sleep(3600)
            stop.set()

    run(main())

    assert [day for day, _ in told] == [date(2026, 11, 30), date(2026, 12, 1)]
    assert told[1][1] == datetime(2026, 11, 30, 15, 0, 5, tzinfo=UTC)
