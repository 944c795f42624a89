"""Turns at an even pace, so that a network and a small machine hardly notice."""

import asyncio
from typing import Final

from collector.runtime.waiting import happens_within

_CATCH_UP_S: Final = 0.05
"""A turn missed by a little (a coarse clock) is made up for; a pause is not: no burst follows."""


class Pace:
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
