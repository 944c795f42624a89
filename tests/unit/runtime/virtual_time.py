"""An event loop whose time is only counted, never waited: a night passes in milliseconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class _Skipping(selectors.DefaultSelector):
    """Where nothing is ready, the time until the next timer is skipped."""

    skipped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # only another thread or a signal can go on from here
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.skipped_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` begins at 0 and moves only by timers."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.skipped_s


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class LoopClock:
    """A wall clock that follows the loop from `start`; `shift` sets it as an operator would."""

    def __init__(self, start: datetime = START) -> None:
        """Show `start` when the loop begins."""
        self.start = start

    def now(self) -> datetime:
        return self.start + timedelta(seconds=asyncio.get_running_loop().time())

    def shift(self, by: timedelta) -> None:
        self.start += by
