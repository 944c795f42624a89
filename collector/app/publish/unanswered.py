"""What was sent and not answered may still arrive, behind what was sent after it.

A server that stalls, or a proxy before it, can store a write minutes after its sender gave it up.
Rows are idempotent, but those that are rewritten in place are the truth of their moment: a day that
comes late would stand there with fewer pages until somebody prints again. So what was left without
an answer is published once more when nothing of it can be on its way any longer.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from collector.ports import Clock, LogRef, PublishLog

_ON_ITS_WAY: Final = timedelta(minutes=2)
"""Servers give a write up after ten seconds, proxies after a minute."""

_REWRITTEN: Final = frozenset({"day", "office_day", "month", "paper"})
"""What others say of one moment stays as it is, however late it comes."""


class Unanswered:
    """Remembers what one sink was sent without an answer, until that was mentioned again."""

    def __init__(self, log: PublishLog, clock: Clock) -> None:
        """Begin with nothing on its way."""
        self._log = log
        self._clock = clock
        self._refs: dict[LogRef, None] = {}
        self._at: datetime | None = None

    def note(self, refs: Iterable[LogRef]) -> None:
        """Take note that rows of `refs` were sent, and that nobody knows what became of them."""
        found = dict.fromkeys(one for one in refs if one.kind in _REWRITTEN)
        if found:
            self._refs |= found
            self._at = self._clock.now()

    async def mention(self) -> bool:
        """Let those be published again, once none can arrive any more; say whether any are."""
        at = self._at
        if at is None or timedelta(0) <= self._clock.now() - at < _ON_ITS_WAY:
            return False
        await self._log.touch([*self._refs])
        self._refs.clear()
        self._at = None
        return True
