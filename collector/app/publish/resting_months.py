"""The running month, and today of departments and places, are published at most every so often.

Every poll that counts a page moves them, and to state a month takes the pages of a year; nobody
follows it by the minute. Where a person acts they are published at once. Days and months that are
over are so in any case: a closing, an amendment or a roll-over moves those, and seldom.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from collector.app.office_context import CurrentOffice, OfficeContext
from collector.ports import Clock, Counting, LogRef


class RestingMonths:
    """Knows for one sink when the running month was published, and what people had said by then."""

    def __init__(
        self,
        ledger: Counting,
        current: CurrentOffice,
        clock: Clock,
        rest: timedelta,
        *,
        places: bool = False,
    ) -> None:
        """Let the running month rest for `rest`; `ledger` tells what people enter.

        With `places` the running day of each place rests as well.
        """
        self._places = places
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._rest = rest
        self._at: datetime | None = None
        self._by: tuple[frozenset[LogRef], OfficeContext, int] | None = None

    def hurry(self) -> None:
        """Let nothing rest from now on: the service stops."""
        self._rest = timedelta(0)

    async def of(self, refs: Collection[LogRef]) -> frozenset[LogRef]:
        """Return those of `refs` that may rest; call `published` once the others are."""
        running, now, at = self._running(), self._clock.now(), self._at
        waiting = self._moving(refs, running)
        if not waiting or at is None or not timedelta(0) <= now - at < self._rest:
            return frozenset()
        return waiting if await self._stated(running) == self._by else frozenset()

    async def published(self, refs: Collection[LogRef]) -> None:
        """Note that `refs` are published as things stand."""
        running = self._running()
        if self._moving(refs, running):
            self._at, self._by = self._clock.now(), await self._stated(running)

    def _running(self) -> frozenset[LogRef]:
        office = self._current.context.office
        today = office.local_day(self._clock.now())
        month, day = office.period_of(today).name, today.isoformat()
        return frozenset((LogRef("month", month), LogRef("office_day", day)))

    async def _stated(
        self, running: frozenset[LogRef]
    ) -> tuple[frozenset[LogRef], OfficeContext, int]:
        """Return what people state beside what was counted: by the fleet file, and by entries."""
        return running, self._current.context, len(await self._ledger.entries())

    def _moving(self, refs: Collection[LogRef], running: frozenset[LogRef]) -> frozenset[LogRef]:
        """Return those of `refs` that are `running`."""
        if not self._places:
            return running.intersection(refs)
        today = {one.key for one in running if one.kind == "office_day"}
        days = (one for one in refs if one.kind == "day")
        own = frozenset(one for one in days if one.key.rpartition("|")[2] in today)
        return own | running.intersection(refs)
