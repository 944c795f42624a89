"""The running month is published at most every so often, unless a person acts.

Every poll that counts a page moves it, and to state it takes the pages of a year; nobody follows
it by the minute. Months that are over are published at once: a closing, an amendment or a roll-over
moves those, and seldom.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from collector.app.office_context import CurrentOffice, OfficeContext
from collector.ports import Clock, Counting, LogRef


class RestingMonths:
    """Knows for one sink when the running month was published, and what people had said by then."""

    def __init__(
        self, ledger: Counting, current: CurrentOffice, clock: Clock, rest: timedelta
    ) -> None:
        """Let the running month rest for `rest`; `ledger` tells what people enter."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._rest = rest
        self._at: datetime | None = None
        self._by: tuple[LogRef, OfficeContext, int] | None = None

    def hurry(self) -> None:
        """Let nothing rest from now on: the service stops."""
        self._rest = timedelta(0)

    async def of(self, refs: Collection[LogRef]) -> frozenset[LogRef]:
        """Return those of `refs` that may rest; call `published` once the others are."""
        running, now, at = self._running(), self._clock.now(), self._at
        if running not in refs or at is None or not timedelta(0) <= now - at < self._rest:
            return frozenset()
        return frozenset((running,)) if await self._stated(running) == self._by else frozenset()

    async def published(self, refs: Collection[LogRef]) -> None:
        """Note that `refs` are published as things stand."""
        running = self._running()
        if running in refs:
            self._at, self._by = self._clock.now(), await self._stated(running)

    def _running(self) -> LogRef:
        office = self._current.context.office
        return LogRef("month", office.period_of(office.local_day(self._clock.now())).name)

    async def _stated(self, month: LogRef) -> tuple[LogRef, OfficeContext, int]:
        """Return what people state beside what was counted: by the fleet file, and by entries."""
        return month, self._current.context, len(await self._ledger.entries())
