"""The daemon, read from top to bottom: start, ready, watch, reload, stop in order of safety."""

import asyncio
import logging
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from collector.errors import ConfigError, LedgerError
from collector.ports import Clock, Cycle
from collector.runtime.days import tell_days
from collector.runtime.deliverer import Deliverer
from collector.runtime.plan import Graces, Hooks, Notify, Plan, Poll, Roll
from collector.runtime.scheduler import Scheduler
from collector.runtime.signals import StopSignals, handled
from collector.runtime.watchdog import keep_watch

_LOG = logging.getLogger(__name__)

STOPPED_AT_ONCE: Final = 128 + signal.SIGTERM
"""Exit code after a second SIGTERM, as a shell would report it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the daemon works with. The ledger is open and stays open until `run` returns.

    `watchdog_s` is how often the service manager wants to hear, None where it does not.
    """

    poll: Poll
    deliverers: Sequence[Deliverer]
    hooks: Hooks
    clock: Clock
    notify: Notify
    roll: Roll
    graces: Graces = field(default_factory=Graces)
    watchdog_s: float | None = None


class Daemon:
    """Polls a plan's places and serves the sinks until a signal says stop."""

    def __init__(self, plan: Plan, parts: Parts) -> None:
        """Stand ready; nothing runs and nothing is sent before `run`."""
        self._parts = parts
        self._stop = asyncio.Event()
        self._hang_up = asyncio.Event()
        self._at_once = False
        self._said_stopping = False
        self._main: asyncio.Task[object] | None = None
        self._scheduler = Scheduler(plan, parts.poll, parts.clock, parts.roll, self._wake_sinks)

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
            with handled(stops, self._hang_up.set):
                await self._serve()
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
                sinks.create_task(sink.run(), name=f"deliver[{sink.name}]")
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
            if parts.watchdog_s is not None:
                places.create_task(
                    keep_watch(parts.notify, parts.watchdog_s, scheduler.tally, self._stop),
                    name="watchdog",
                )
            self._ready()
            await self._stop.wait()
            self._say_stopping()
            reloads.cancel()
            await scheduler.leave(parts.graces.stop_s)

    def _ready(self) -> None:
        """Say so: the settings are good, the ledger is open, every place has its task."""
        places = len(self._scheduler.plan.targets)
        _LOG.info("collector is ready", extra={"places": places})
        self._parts.notify("READY=1", f"STATUS=polling {places} places")

    def _say_stopping(self) -> None:
        if not self._said_stopping:
            self._parts.notify("STOPPING=1", "STATUS=letting polls and deliveries finish")
        self._said_stopping = True

    async def _reload_on_hang_up(self) -> None:
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            microseconds = int(asyncio.get_running_loop().time() * 1_000_000)
            self._parts.notify("RELOADING=1", f"MONOTONIC_USEC={microseconds}")
            await self._reload()
            self._parts.notify("READY=1")

    async def _reload(self) -> None:
        """Follow the new configuration, or name everything wrong with it and keep the old."""
        try:
            plan = await self._parts.hooks.reload()
        except ConfigError as exc:
            for problem in exc.problems:
                fields = {"path": problem.path, "problem": problem.message}
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
        self._parts.notify(f"STATUS={self._scheduler.answering} of {places} places answer")
        await self._parts.hooks.end_of_cycle(cycle)
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
