"""Waiting ends at the event, at the time, or when the clock turns out to have been wrong."""

import asyncio
from datetime import timedelta

from collector.runtime.sweep import CLOCK_CHECK_S, comes_before, happens_within
from tests.unit.runtime.virtual_time import START, LoopClock, run

HOUR = timedelta(hours=1)


def waited(set_after_s: float | None = None, shift: timedelta | None = None) -> tuple[bool, float]:
    """Wait an hour; set the event, or after ten seconds the clock. Return what came, and when."""

    async def main() -> tuple[bool, float]:
        loop, clock, event = asyncio.get_running_loop(), LoopClock(), asyncio.Event()
        if set_after_s is not None:
            loop.call_later(set_after_s, event.set)
        if shift is not None:
            loop.call_later(10, clock.shift, shift)
        return await comes_before(event, clock, START + HOUR), loop.time()

    return run(main())


def test_event_ends_the_wait() -> None:
    assert waited(set_after_s=90) == (True, 90)


def test_time_ends_the_wait() -> None:
    came, after_s = waited()

    assert not came
    assert 3600 <= after_s < 3600.1


def test_clock_set_forward_is_noticed() -> None:
    came, after_s = waited(shift=timedelta(hours=2))

    assert not came
    assert after_s <= CLOCK_CHECK_S


def test_clock_set_back_is_noticed() -> None:
    came, after_s = waited(shift=-timedelta(days=300))

    assert not came
    assert after_s <= CLOCK_CHECK_S


def test_event_set_before_needs_no_waiting() -> None:
    async def main() -> bool:
        event = asyncio.Event()
        event.set()
        return await happens_within(event, 0)

    assert run(main())
