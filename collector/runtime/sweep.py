"""Works through many things side by side, with a bound, and stops cleanly in the middle."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

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
