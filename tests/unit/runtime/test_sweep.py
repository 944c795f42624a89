"""An even pace, many things side by side, and a clean stop in the middle."""

import asyncio
from collections.abc import Iterator

import pytest

from collector.runtime.sweep import EvenTurns, sweep
from tests.unit.runtime.virtual_time import run


def test_turns_come_at_an_even_pace_and_never_in_a_burst() -> None:
    async def main() -> list[float]:
        loop, pace, times = (
            asyncio.get_running_loop(),
            EvenTurns(10, asyncio.Event()),
            list[float](),
        )
        for _ in range(5):
            assert await pace.turn()
            times.append(loop.time())
        await asyncio.sleep(60)
        for _ in range(5):
            assert await pace.turn()
            times.append(loop.time())
        return times

    times = run(main())
    assert times[4] == pytest.approx(0.4, abs=0.01)
    assert times[9] - times[5] == pytest.approx(0.4, abs=0.06)


def test_a_turn_may_be_worth_several() -> None:
    async def main() -> float:
        pace = EvenTurns(10, asyncio.Event())
        for _ in range(11):
            await pace.turn(2)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(2.0, abs=0.01)


def test_nobody_gets_a_turn_after_the_stop() -> None:
    async def main() -> tuple[bool, float]:
        stop = asyncio.Event()
        pace = EvenTurns(0.01, stop)
        await pace.turn()
        asyncio.get_running_loop().call_later(5, stop.set)
        return await pace.turn(), asyncio.get_running_loop().time()

    assert run(main()) == (False, 5.0)


def test_many_share_one_pace() -> None:
    async def main() -> float:
        pace = EvenTurns(100, asyncio.Event())
        async with asyncio.TaskGroup() as group:
            for _ in range(201):
                group.create_task(pace.turn())
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(2.0, abs=0.01)


def test_each_thing_is_worked_once_within_the_bound() -> None:
    async def main() -> tuple[list[int], int]:
        busy, most, done = 0, 0, list[int]()

        async def work(number: int) -> int | None:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(number % 3)
            busy -= 1
            return None if number == 7 else number

        await sweep(range(50), work, done.append, at_once=6, stop=asyncio.Event())
        return sorted(done), most

    done, most = run(main())
    assert done == [number for number in range(50) if number != 7]
    assert most == 6


def test_things_are_taken_only_when_they_are_needed() -> None:
    taken = 0

    async def main() -> None:
        def endless() -> Iterator[int]:
            nonlocal taken
            while True:
                taken += 1
                yield taken

        async def work(number: int) -> int:
            await asyncio.sleep(1)
            return number

        stop, done = asyncio.Event(), list[int]()
        asyncio.get_running_loop().call_later(3.5, stop.set)
        await sweep(endless(), work, done.append, at_once=2, stop=stop)
        assert sorted(done) == [1, 2, 3, 4, 5, 6]

    run(main())
    assert taken == 8


def test_a_bug_in_the_work_ends_everything() -> None:
    async def main() -> None:
        async def work(number: int) -> int:
            await asyncio.sleep(number)
            raise ZeroDivisionError

        await sweep(range(5), work, lambda _: None, at_once=5, stop=asyncio.Event())

    with pytest.raises(ExceptionGroup) as caught:
        run(main())
    assert caught.group_contains(ZeroDivisionError)
