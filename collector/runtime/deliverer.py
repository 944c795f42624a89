"""The loop of one sink: hand over what the ledger holds, wait, back off, never lose a row."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from collector.domain.cadence import full_jitter
from collector.domain.sentence import Sentence, sentence
from collector.errors import SinkError, SinkRefused, SinkStumbled, SinkUnavailable
from collector.runtime.plan import Backlog, Deliver, Roll
from collector.runtime.sweep import happens_within
from collector.texts import ENGLISH

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryPace:
    """How eagerly a sink is served.

    `linger_s` lets rows gather after the first; `idle_s` is how often to look without being
    woken; `base_s` and `max_s` bound the back-off from a sink that is away, `refused_s` is the
    wait after a refusal that only a person can end; `limit_s` bounds one hand-over. A server may
    ask to be left alone for `asked_s` at most: one that says a year has made a mistake.
    """

    linger_s: float = 2.0
    idle_s: float = 60.0
    base_s: float = 2.0
    max_s: float = 120.0
    refused_s: float = 300.0
    limit_s: float = 120.0
    asked_s: float = 900.0


class _SinkState(Enum):
    """What is known of a sink; each turn is one log line."""

    GOOD = "good"
    AWAY = "away"
    STUMBLING = "stumbling"
    REFUSING = "refusing"


class Deliverer:
    """Serves one sink until told to stop, then drains it within a bound."""

    def __init__(
        self,
        name: str,
        deliver: Deliver,
        backlog: Backlog,
        roll: Roll,
        pace: DeliveryPace | None = None,
        hurry: Callable[[], None] = lambda: None,
        look_again: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve the sink called `name` through `deliver`; `backlog` says what is left.

        `hurry` is called before the last hand-over: nothing is to be kept for later then;
        `look_again` where a person says that something changed at the sink.
        """
        self.name = name
        self._deliver = deliver
        self._backlog = backlog
        self._roll = roll
        self._pace = pace or DeliveryPace()
        self._hurry = hurry
        self._look_again = look_again
        self._state = _SinkState.GOOD
        self._failures = 0
        self._woken = asyncio.Event()
        self._rested = asyncio.Event()
        self._finishing = asyncio.Event()
        self._deadline: float | None = None
        self._bound: asyncio.Timeout | None = None

    @property
    def is_good(self) -> bool:
        """Whether the last hand-over worked; True before the first."""
        return self._state is _SinkState.GOOD

    def wake(self) -> None:
        """Say that the ledger has new rows. A sink in back-off still gets its rest."""
        self._woken.set()

    def retry(self) -> None:
        """Try at once, also a sink that is left alone: a person says that something changed."""
        self._look_again()
        self._woken.set()
        self._rested.set()

    def finish(self, drain_s: float) -> None:
        """Make `run` hand over what is left and return, `drain_s` from now at the latest."""
        self._hurry()
        self._finishing.set()
        self._woken.set()
        self._rested.set()
        self._deadline = asyncio.get_running_loop().time() + drain_s
        if self._bound is not None:
            self._bound.reschedule(self._deadline)

    async def run(self) -> None:
        """Serve until told to finish, then hand over what is left.

        Raises LedgerError, and nothing that the sink does.
        """
        try:
            async with asyncio.timeout_at(self._deadline) as self._bound:
                await self._serve()
                await self._drain()
        except TimeoutError:
            await self._leave_undrained(sentence("sink.no_time_left"))
        finally:
            self._bound = None

    async def _serve(self) -> None:
        while not self._finishing.is_set():
            pause_s = await self._round()
            if pause_s is None:
                await happens_within(self._woken, self._pace.idle_s)
                pause_s = self._pace.linger_s
            await happens_within(self._rested, pause_s)

    async def _round(self) -> float | None:
        """Hand over until nothing waits; return how long to leave a bad sink alone, or None."""
        self._woken.clear()
        self._rested.clear()
        try:
            while not self._finishing.is_set() and await self._hand_over():
                pass
        except SinkRefused as exc:
            await self._turn_bad(_SinkState.REFUSING, exc)
            return self._pace.refused_s
        except SinkUnavailable as exc:
            is_ours = isinstance(exc, SinkStumbled)
            await self._turn_bad(_SinkState.STUMBLING if is_ours else _SinkState.AWAY, exc)
            return self._pause_s(exc)
        return None

    def _pause_s(self, exc: SinkUnavailable) -> float:
        self._failures += 1
        pause_s = full_jitter(self._failures, self._pace.base_s, self._pace.max_s, self._roll())
        return max(pause_s, min(exc.retry_after_s or 0.0, self._pace.asked_s))

    async def _hand_over(self) -> bool:
        """Deliver once, within the limit; True where more is waiting."""
        waiting = 0 if self.is_good else await self._backlog()
        try:
            async with asyncio.timeout(self._pace.limit_s):
                more = await self._deliver()
        except TimeoutError as exc:
            seconds = f"{self._pace.limit_s:g}"
            raise SinkUnavailable(ENGLISH("sink.nothing_came_back", seconds=seconds)) from exc
        if not self.is_good:
            self._state = _SinkState.GOOD
            _LOG.info("sink takes rows again", extra={"sink": self.name, "rows_waited": waiting})
        self._failures = 0
        return more

    async def _turn_bad(self, state: _SinkState, exc: SinkError) -> None:
        """Log a change of state, and only a change."""
        known, self._state = self._state, state
        if state is known:
            return
        fields = {"sink": self.name, "reason": str(exc), "rows_waiting": await self._backlog()}
        if state is _SinkState.REFUSING:
            _LOG.error("sink refuses rows until a person acts; all are kept", extra=fields)
        elif state is _SinkState.STUMBLING:
            _LOG.error(
                "the program cannot deal with what the sink's server sent; rows are kept and sent"
                " later. Please report the lines below",
                extra=fields,
                exc_info=exc.__cause__,
            )
        else:
            _LOG.warning("sink is away; rows are kept and sent later", extra=fields)

    async def _drain(self) -> None:
        """Try once more to hand over everything, however the sink was before."""
        try:
            while await self._hand_over():
                pass
        except SinkError as exc:
            await self._leave_undrained(str(exc))

    async def _leave_undrained(self, reason: str | Sentence) -> None:
        fields = {"sink": self.name, "reason": reason, "rows_waiting": await self._backlog()}
        _LOG.warning("sink could not be drained; the rows stay in the ledger", extra=fields)
