"""What one interval of polling did, and which machines are slow."""

import asyncio
import logging
from datetime import datetime
from typing import Final

from collector.domain.office.shares import PlaceId
from collector.ports import Cycle
from collector.runtime.plan import PollResult

_LOG = logging.getLogger(__name__)
_NAMED: Final = 5


class RoundTally:
    """Counts the polls of a round. Seconds are the loop's own, never the wall clock's."""

    def __init__(self) -> None:
        """Begin with an empty round and nothing in flight."""
        self.finished = 0
        """Polls that came back since the start, whatever they said. Only grows."""
        self.waiting = 0
        """Polls that are due: in flight, or waiting for a slot."""
        self._polled = 0
        self._failed = 0
        self._lag_s = 0.0
        self._took_s: dict[PlaceId, float] = {}
        self._busy_s = 0.0
        self._in_flight = 0
        self._busy_since = 0.0
        self._slow_before: frozenset[PlaceId] = frozenset()

    def begin(self, due: float) -> None:
        """Note that a poll begins now that was due at loop time `due`."""
        now = asyncio.get_running_loop().time()
        self._lag_s = max(self._lag_s, now - due)
        if self._in_flight == 0:
            self._busy_since = now
        self._in_flight += 1

    def end(self, place: PlaceId, outcome: PollResult | None) -> None:
        """Note that a poll is over; `outcome` is None where it was given up."""
        self._in_flight -= 1
        if self._in_flight == 0:
            self._busy_s += asyncio.get_running_loop().time() - self._busy_since
        self._polled += 1
        if outcome is not None:
            self.finished += 1
        if outcome is not None and outcome.ok:
            self._took_s[place] = max(outcome.seconds, self._took_s.get(place, 0.0))
        else:
            self._failed += 1

    def close(self, at: datetime, slow_s: float) -> Cycle:
        """Return the round that ends at `at` and begin the next; name newly slow machines.

        `cycle_s` is how long at least one poll was in flight: the nearer to the interval, the
        less room is left. A machine that does not answer is failed, not slow.
        """
        if self._in_flight:
            now = asyncio.get_running_loop().time()
            self._busy_s += now - self._busy_since
            self._busy_since = now
        slow = {place: took_s for place, took_s in self._took_s.items() if took_s > slow_s}
        cycle = Cycle(
            at.replace(microsecond=0),
            polled=self._polled,
            failed=self._failed,
            slow=len(slow),
            cycle_s=round(self._busy_s, 3),
            lag_s=round(self._lag_s, 3),
        )
        self._name_slow(slow)
        self._polled = self._failed = 0
        self._lag_s = self._busy_s = 0.0
        self._took_s = {}
        return cycle

    def _name_slow(self, slow: dict[PlaceId, float]) -> None:
        """Log when the set of slow machines changes. One that was not read stays as it was."""
        unread = self._slow_before - self._took_s.keys()
        known, self._slow_before = self._slow_before, frozenset(slow) | unread
        if slow.keys() - known:
            worst = sorted(slow, key=lambda place: -slow[place])[:_NAMED]
            named = ", ".join(f"{place} {slow[place]:.1f} s" for place in worst)
            _LOG.warning("machines are slow to answer", extra={"slow": len(slow), "slowest": named})
        elif known and not self._slow_before:
            _LOG.info("no machine is slow to answer any more")
