"""Says when a new local day has begun."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Final

from collector.domain.office import ONE_DAY, Office
from collector.ports import Clock
from collector.runtime.waiting import comes_before

_LOG = logging.getLogger(__name__)

AFTER_MIDNIGHT: Final = timedelta(seconds=5)
"""Clocks of the servers around may lag a little; by now it is the new day for them too."""


async def tell_days(
    office: Callable[[], Office],
    clock: Clock,
    stop: asyncio.Event,
    on_new_day: Callable[[date], Awaitable[None]],
) -> None:
    """Call `on_new_day` with today's local date now and after each local midnight, until `stop`.

    Never twice for one day, even where a clock is set back; days that were slept through are
    passed over, the caller looks at what is missing.
    """
    told: date | None = None
    while True:
        day = office().local_day(clock.now())
        if told is None or day > told:
            _LOG.info("day begins", extra={"day": day.isoformat()})
            await on_new_day(day)
            told = day
        due = office().midnight(day + ONE_DAY) + AFTER_MIDNIGHT
        if await comes_before(stop, clock, due):
            return
