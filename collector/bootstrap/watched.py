"""The service as a monitoring program sees it: what is counted of it, what is asked of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from collector import __version__
from collector.adapters.monitoring import (
    ClosingStanding,
    Monitor,
    ServiceHealth,
    ServiceStanding,
    SinkFigures,
    listen,
)
from collector.app.centre.deliver import DeliverFacts
from collector.app.close.auto_closing import awaiting, unheard
from collector.app.office_context import CurrentOffice
from collector.app.poll.poll_place import PollOutcome
from collector.app.publish.deliver import Deliver
from collector.errors import cause
from collector.ports import Clock, Ledger, PlaceState, PollTarget
from collector.settings.model import Settings
from collector.texts import Texts

_LOG = logging.getLogger(__name__)

_CLOSING_RESTS: Final = timedelta(minutes=5)
"""To find out what closing waits for reads every statement; a scraper asks four times a minute."""


class WatchedService:
    """Counts what the service does and answers who asks."""

    def __init__(
        self,
        ledger: Ledger,
        current: CurrentOffice,
        clock: Clock,
        deliveries: Sequence[Deliver | DeliverFacts],
        settings: Settings,
    ) -> None:
        """Begin to count; `ledger` is asked, by a connection of its own."""
        clock_s = asyncio.get_running_loop().time
        office = settings.office
        self.monitor = Monitor(office.site, __version__, Texts(office.language), clock_s)
        self._clock_s = clock_s
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._deliveries = deliveries
        self._path = settings.ledger.path
        self._caught_up = {one.name: clock_s() for one in deliveries}
        self._closing: tuple[datetime, ClosingStanding] | None = None

    def polling(
        self, poll: Callable[[PollTarget], Awaitable[PollOutcome]]
    ) -> Callable[[PollTarget], Awaitable[PollOutcome]]:
        """Return `poll` whose outcomes are counted."""

        async def counted(target: PollTarget) -> PollOutcome:
            try:
                outcome = await poll(target)
            except asyncio.CancelledError:
                self.monitor.gave_up()
                raise
            self.monitor.polled(outcome)
            return outcome

        return counted

    def delivering(
        self, name: str, deliver: Callable[[], Awaitable[bool]]
    ) -> Callable[[], Awaitable[bool]]:
        """Return `deliver` of the sink called `name`; when it has caught up is remembered."""

        async def remembered() -> bool:
            more = await deliver()
            if not more:
                self._caught_up[name] = self._clock_s()
            return more

        return remembered

    async def look(self) -> ServiceStanding:
        """Return how things stand; raises LedgerError where the ledger cannot be asked."""
        context, now = self._current.context, self._clock.now()
        today = context.office.local_day(now)
        states = {one.place: one for one in await self._ledger.states()}
        standing = [one.id for one in context.fleet.places if one.stands_on(today)]
        return ServiceStanding(
            places=len(standing),
            answering=sum(_answers(states.get(one)) for one in standing),
            ledger_bytes=self._bytes(),
            sinks={one.name: await self._sink(one) for one in self._deliveries},
            closing=await self._closings(now),
        )

    def _bytes(self) -> int | None:
        """Return how large the ledger is on disk, with what waits beside it."""
        found = [Path(f"{self._path}{end}") for end in ("", "-wal")]
        try:
            return sum(one.stat().st_size for one in found if one.exists())
        except OSError:
            return None

    async def _sink(self, one: Deliver | DeliverFacts) -> SinkFigures:
        backlog = await one.backlog()
        lag_s = self._clock_s() - self._caught_up[one.name] if backlog else 0.0
        return SinkFigures(backlog, lag_s, one.delivered, one.set_aside)

    async def _closings(self, now: datetime) -> ClosingStanding:
        """Return what closing waits for, worked out every now and then."""
        if self._closing is None or abs(now - self._closing[0]) > _CLOSING_RESTS:
            self._closing = now, await self._of_closing(now)
        return self._closing[1]

    async def _of_closing(self, now: datetime) -> ClosingStanding:
        context = self._current.context
        one = await awaiting(self._ledger, context, now)
        if one is None:
            return ClosingStanding()
        states = {state.place: state for state in await self._ledger.states()}
        missing = len(unheard(context, states, context.office.period(one.month)))
        ready = now >= one.until or not (missing or one.in_question)
        return ClosingStanding(one.behind + 1, missing, one.in_question, one.until, ready)


def _answers(state: PlaceState | None) -> bool:
    return state is not None and state.online is True


async def answer_monitoring(
    address: tuple[str, int],
    watched: WatchedService,
    health: Callable[[], ServiceHealth],
    stack: AsyncExitStack,
) -> None:
    """Answer at `address`, host and port, until `stack` is closed; polls go on in any case."""
    host, port = address
    try:
        close = await listen(host, port, watched.monitor, watched.look, health)
    except OSError as error:
        fields = {"host": host, "port": port, "reason": cause(error)}
        _LOG.error(
            "nothing can ask how the service is: the address of [monitoring] cannot be used; the"
            " service itself goes on",
            extra=fields,
        )
        return
    stack.push_async_callback(close)
    _LOG.info("monitoring is answered", extra={"host": host, "port": port})
