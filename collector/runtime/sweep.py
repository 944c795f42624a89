"""Works through many things side by side, with a bound, and stops cleanly in the middle."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from datetime import datetime
from typing import Final, TypeVar

from collector.ports import Clock

# Waiting that can always be interrupted: there is no bare sleep in this program.


CLOCK_CHECK_S: Final = 60.0
"""A long wait looks at the wall clock this often: clocks are set, and machines sleep."""


async def happens_within(event: asyncio.Event, seconds: float) -> bool:
    """Return True as soon as `event` is set, False when `seconds` have passed without."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True


async def comes_before(event: asyncio.Event, clock: Clock, due: datetime) -> bool:
    """Return True as soon as `event` is set, False once the wall clock shows `due`.

    A clock that is set back ends the wait too: `due` was worked out from a time that was wrong.
    """
    began = clock.now()
    while began <= (now := clock.now()) < due:
        left_s = (due - now).total_seconds()
        if await happens_within(event, min(left_s, CLOCK_CHECK_S)):
            return True
    return event.is_set()


Thing = TypeVar("Thing")
Result = TypeVar("Result")


async def sweep(
    things: Iterable[Thing],
    work: Callable[[Thing], Awaitable[Result | None]],
    done: Callable[[Result], None],
    *,
    at_once: int,
    stop: asyncio.Event,
) -> None:
    """Give each of `things` to `work`, at most `at_once` at a time, and each result to `done`.

    `things` are taken one by one, so they may be many. When `stop` is set, work in flight is
    cancelled; what is done stays done. A None is no result.
    """
    rest = iter(things)
    async with asyncio.TaskGroup() as group:
        workers = [
            group.create_task(_work(rest, work, done, stop), name=f"sweep[{number}]")
            for number in range(at_once)
        ]
        watch = group.create_task(_cancel(stop, workers), name="sweep[stop]")
        await asyncio.wait(workers)
        watch.cancel()


async def _work(
    rest: Iterator[Thing],
    work: Callable[[Thing], Awaitable[Result | None]],
    done: Callable[[Result], None],
    stop: asyncio.Event,
) -> None:
    for thing in rest:
        if stop.is_set():
            return
        result = await work(thing)
        if result is not None:
            done(result)


async def _cancel(stop: asyncio.Event, workers: list[asyncio.Task[None]]) -> None:
    await stop.wait()
    for worker in workers:
        worker.cancel()


# Turns at an even pace, so that a network and a small machine hardly notice.


_CATCH_UP_S: Final = 0.05
"""A turn missed by a little (a coarse clock) is made up for; a pause is not: no burst follows."""


class EvenTurns:
    """Gives turns, at most `rate` a second."""

    def __init__(self, rate: float, stop: asyncio.Event) -> None:
        """Begin now; no turn is given any more once `stop` is set."""
        self._step = 1.0 / rate
        self._stop = stop
        self._next = 0.0

    async def turn(self, count: int = 1) -> bool:
        """Wait for a turn that is worth `count`; return False where everything is to stop."""
        now = asyncio.get_running_loop().time()
        due = max(self._next, now - _CATCH_UP_S)
        self._next = due + count * self._step
        if due <= now:
            return not self._stop.is_set()
        return not await happens_within(self._stop, due - now)


# Work that may take long, or for ever, done beside the event loop.


async def aside(work: Callable[[], Result], limit_s: float) -> Result:
    """Return what `work` returns, or raise what it raises; polls go on meanwhile.

    Raises TimeoutError after `limit_s`. What hangs is left behind and hinders nobody, not even the
    end of the process: a file on a server that does not answer cannot be given up otherwise.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()
    context = copy_context()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # of what `work` returned

    def run() -> None:
        result, raised = None, None
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            raised = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=run, name="aside", daemon=True).start()
    async with asyncio.timeout(limit_s):
        return await done
