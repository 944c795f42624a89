"""Waiting that can always be interrupted: there is no bare sleep in this program."""

import asyncio
from datetime import datetime
from typing import Final

from collector.ports import Clock

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
