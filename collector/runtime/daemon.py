"""The daemon, read from top to bottom: start, ready, watch, reload, stop in order of safety."""

import asyncio
import errno
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.sentence import Sentence
from collector.errors import ConfigError, LedgerError
from collector.ports import Clock, Cycle
from collector.runtime.plan import (
    Aside,
    Beside,
    Graces,
    Hooks,
    LedgerWait,
    NoLedgerWait,
    Notify,
    Poll,
    PollingPlan,
    Roll,
)
from collector.runtime.scheduler import RoundTally, Scheduler
from collector.runtime.sweep import comes_before, happens_within
from collector.texts import ENGLISH

# Says when a new local day has begun.


AFTER_MIDNIGHT: Final = timedelta(seconds=5)
"""Clocks of the servers around may lag a little; by now it is the new day for them too."""


async def tell_days(
    office: Callable[[], Office],
    clock: Clock,
    stop: asyncio.Event,
    on_new_day: Callable[[date], Awaitable[None]],
) -> None:
    """Call `on_new_day` with today's local date now and after each local midnight, until `stop`.

    Never twice for one day, even where a clock is set back; days that were slept through are
    passed over, the caller looks at what is missing.
    """
    told: date | None = None
    while True:
        day = office().local_day(clock.now())
        if told is None or day > told:
            _LOG.info("day begins", extra={"day": day.isoformat()})
            await on_new_day(day)
            told = day
        due = office().midnight(day + ONE_DAY) + AFTER_MIDNIGHT
        if await comes_before(stop, clock, due):
            return


# Signals turned into calls inside the loop; the handlers decide, they never interrupt.


_ECHO_S: Final = 1.0
"""timeout(1) and some supervisors send one SIGTERM twice, to the process and to its group."""


class StopSignals:
    """First SIGTERM or SIGINT: stop in good order. A SIGTERM a while later: stop at once."""

    def __init__(self, stop: asyncio.Event, at_once: Callable[[], None]) -> None:
        """Set `stop` at the first signal; call `at_once` where that is not soon enough."""
        self._stop = stop
        self._at_once = at_once
        self._stopped_at: float | None = None

    def terminate(self) -> None:
        """Stop, or stop at once where stopping has already begun."""
        if not self._stop.is_set():
            self._begin("SIGTERM")
        elif not self._is_echo():
            _LOG.warning("stopping at once; rows not sent stay in the ledger")
            self._at_once()

    def interrupt(self) -> None:
        """Stop, or say what to do where stopping has already begun."""
        if self._stop.is_set():
            _LOG.warning("already stopping; to stop at once send SIGTERM (kill PID)")
            return
        self._begin("SIGINT")

    def _begin(self, signal_name: str) -> None:
        _LOG.info("stopping", extra={"signal": signal_name})
        self._stopped_at = asyncio.get_running_loop().time()
        self._stop.set()

    def _is_echo(self) -> bool:
        if self._stopped_at is None:
            return False
        return asyncio.get_running_loop().time() - self._stopped_at < _ECHO_S


@contextmanager
def handled(stops: StopSignals, hang_up: Callable[[], None]) -> Iterator[None]:
    """Serve SIGTERM, SIGINT and SIGHUP inside; the system's own ways hold again outside."""
    loop = asyncio.get_running_loop()
    handlers = {
        signal.SIGTERM: stops.terminate,
        signal.SIGINT: stops.interrupt,
        signal.SIGHUP: hang_up,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


@contextmanager
def closed_sockets_passed_over() -> Iterator[None]:
    """Say nothing, inside, of callbacks for a socket that was closed before their turn came.

    A library asks the event loop to watch a socket that meanwhile its peer has cut: whoever uses
    the connection hears of that by itself.
    """
    loop = asyncio.get_running_loop()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        is_closed = isinstance(error, OSError) and error.errno == errno.EBADF
        if not (is_closed and "handle" in context):
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(None)


# Tells the service manager that polling goes on, and only when it does.


async def keep_watch(
    notify: Notify,
    watchdog_s: float,
    tally: RoundTally,
    stop: asyncio.Event,
    wait: LedgerWait | None = None,
) -> None:
    """Send WATCHDOG=1 at half the time it is wanted, until `stop`, as long as polling goes on.

    Polling goes on where a poll came back since the last look, or none is due. Polls that were
    given up at their limit do not count: if nothing else happens any more, a restart is right.
    A wait for the ledger is no standstill: a restart would only lose what was read.
    """
    seen = tally.finished
    while not await happens_within(stop, watchdog_s / 2):
        is_held_up = wait is not None and wait.is_on
        if tally.finished != seen or tally.waiting == 0 or is_held_up:
            notify("WATCHDOG=1")
        seen = tally.finished


_LOG = logging.getLogger(__name__)

STOPPED_AT_ONCE: Final = 128 + signal.SIGTERM
"""Exit code after a second SIGTERM, as a shell would report it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the daemon works with. The ledger is open and stays open until `run` returns.

    `watchdog_s` is how often the service manager wants to hear, None where it does not. `say` puts
    into words what it is told. What is done `beside` is cut off when polling stops.
    """

    poll: Poll
    deliverers: Sequence[Aside]
    hooks: Hooks
    clock: Clock
    notify: Notify
    roll: Roll
    graces: Graces = field(default_factory=Graces)
    watchdog_s: float | None = None
    say: Callable[[Sentence], str] = ENGLISH.say
    wait: LedgerWait = field(default_factory=NoLedgerWait)
    beside: Sequence[Beside] = ()


class Daemon:
    """Polls a plan's places and serves the sinks until a signal says stop."""

    def __init__(self, plan: PollingPlan, parts: Parts) -> None:
        """Stand ready; nothing runs and nothing is sent before `run`."""
        self._parts = parts
        self._stop = asyncio.Event()
        self._hang_up = asyncio.Event()
        self._at_once = False
        self._said_stopping = False
        self._main: asyncio.Task[object] | None = None
        self._lost = ""
        # Sinks are woken at the end of a round, and look by themselves once a minute.
        self._scheduler = Scheduler(
            plan, parts.poll, parts.clock, parts.roll, lambda: None, parts.wait
        )

    def stop(self) -> None:
        """Stop in good order, as SIGTERM does."""
        self._stop.set()

    async def run(self) -> int:
        """Run until stopped and return the exit code: 0, or 143 after a second SIGTERM.

        Raises LedgerError, and any bug as itself; the process should then end with 70. Nothing
        is drained on that way: the ledger holds every row.
        """
        self._main = asyncio.current_task()
        stops = StopSignals(self._stop, self._leave_at_once)
        try:
            with handled(stops, self._hang_up.set), closed_sockets_passed_over():
                await self._serve()
            if self._lost:
                raise RuntimeError(self._lost)
        except asyncio.CancelledError:
            if not self._at_once or self._main is None:
                raise
            self._main.uncancel()
            return STOPPED_AT_ONCE
        except BaseExceptionGroup as group:
            raise _cause(group) from group
        finally:
            self._say_stopping()
        return 0

    async def _serve(self) -> None:
        """Sinks outside, places inside: what makes rows ends before what sends them."""
        async with asyncio.TaskGroup() as sinks:
            for sink in self._parts.deliverers:
                task = sinks.create_task(sink.run(), name=f"deliver[{sink.name}]")
                task.add_done_callback(self._see_off)
            await self._poll_until_stopped()
            for sink in self._parts.deliverers:
                sink.finish(self._parts.graces.drain_s)

    async def _poll_until_stopped(self) -> None:
        parts, scheduler = self._parts, self._scheduler
        async with asyncio.TaskGroup() as places:
            scheduler.start(places)
            places.create_task(scheduler.rounds(self._stop, self._end_round), name="rounds")
            places.create_task(
                tell_days(lambda: scheduler.plan.office, parts.clock, self._stop, self._new_day),
                name="days",
            )
            reloads = places.create_task(self._reload_on_hang_up(), name="reload")
            others = [places.create_task(one(self._stop), name="beside") for one in parts.beside]
            if parts.watchdog_s is not None:
                places.create_task(
                    keep_watch(
                        parts.notify, parts.watchdog_s, scheduler.tally, self._stop, parts.wait
                    ),
                    name="watchdog",
                )
            self._ready()
            await self._stop.wait()
            self._say_stopping()
            parts.wait.give_up()
            for task in (reloads, *others):
                task.cancel()
            await scheduler.leave(parts.graces.stop_s)

    def _see_off(self, task: asyncio.Task[None]) -> None:
        """Stop where `task` was cancelled and nobody meant it: its sink would be left out for ever.

        A group of tasks says nothing of one that is cancelled.
        """
        is_meant = self._stop.is_set() or self._main is None or self._main.cancelling()
        if task.cancelled() and not is_meant:
            self._lost = task.get_name()
            _LOG.critical(
                "the task of a sink ended by itself; the service ends, to be started anew",
                extra={"task": self._lost},
            )
            self._stop.set()

    def _ready(self) -> None:
        """Say so: the settings are good, the ledger is open, every place has its task."""
        places = len(self._scheduler.plan.targets)
        _LOG.info("collector is ready", extra={"places": places})
        self._parts.notify("READY=1", self._status("service.polling", places=places))

    def _status(self, key: str, **facts: int) -> str:
        """Return what `systemctl status` shows."""
        return f"STATUS={self._parts.say(Sentence(key, facts))}"

    def _say_stopping(self) -> None:
        if not self._said_stopping:
            self._parts.notify("STOPPING=1", self._status("service.finishing"))
        self._said_stopping = True

    async def _reload_on_hang_up(self) -> None:
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            microseconds = int(asyncio.get_running_loop().time() * 1_000_000)
            self._parts.notify("RELOADING=1", f"MONOTONIC_USEC={microseconds}")
            await self._reload()
            for sink in self._parts.deliverers:
                sink.retry()
            self._parts.notify("READY=1")

    async def _reload(self) -> None:
        """Follow the new configuration, or name everything wrong with it and keep the old."""
        try:
            plan = await self._parts.hooks.reload()
        except ConfigError as exc:
            for problem in exc.problems:
                fields = {"path": problem.path, "problem": problem.said}
                _LOG.error("new configuration has a problem", extra=fields)
            _LOG.error("new configuration refused; the old one stays in force")
            return
        before = self._scheduler.plan.by_place
        self._scheduler.apply(plan)
        after = plan.by_place
        changes = {
            "added": len(after.keys() - before.keys()),
            "removed": len(before.keys() - after.keys()),
            "changed": sum(after[one] != before[one] for one in after.keys() & before.keys()),
        }
        _LOG.info("new configuration in force", extra=changes)
        self._wake_sinks()

    async def _end_round(self, cycle: Cycle) -> None:
        places = len(self._scheduler.plan.targets)
        answering = self._scheduler.answering
        # Kept first: while the ledger waits for room, that is what the status says.
        await self._parts.hooks.end_of_cycle(cycle)
        self._parts.notify(self._status("service.answering", answering=answering, places=places))
        self._wake_sinks()

    async def _new_day(self, day: date) -> None:
        plan = await self._parts.hooks.on_new_day(day)
        if plan is not None and not self._stop.is_set():  # a place that is leaving must not return
            self._scheduler.apply(plan)
        self._wake_sinks()

    def _wake_sinks(self) -> None:
        for sink in self._parts.deliverers:
            sink.wake()

    def _leave_at_once(self) -> None:
        self._at_once = True
        if self._main is not None:
            self._main.cancel()


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what ended the daemon: a ledger's failure before anything else, else the first."""
    ledger = group.subgroup(LedgerError)
    found: BaseException = ledger if ledger is not None else group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
