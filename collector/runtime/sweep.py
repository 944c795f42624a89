"""Works through many things side by side, with a bound, and stops cleanly in the middle."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, TypeVar

from collector.runtime.waiting import happens_within

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
