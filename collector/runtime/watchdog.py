"""Tells the service manager that polling goes on, and only when it does."""

import asyncio

from collector.runtime.plan import Notify
from collector.runtime.rounds import Tally
from collector.runtime.waiting import happens_within


async def keep_watch(notify: Notify, watchdog_s: float, tally: Tally, stop: asyncio.Event) -> None:
    """Send WATCHDOG=1 at half the time it is wanted, until `stop`, as long as polling goes on.

    Polling goes on where a poll came back since the last look, or none is due. Polls that were
    given up at their limit do not count: if nothing else happens any more, a restart is right.
    """
    seen = tally.finished
    while not await happens_within(stop, watchdog_s / 2):
        if tally.finished != seen or tally.waiting == 0:
            notify("WATCHDOG=1")
        seen = tally.finished
