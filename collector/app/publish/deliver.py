"""Hand the ledger's log to one sink, from its cursor on: at least once, nothing lost."""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from collector.app.publish.present import Present
from collector.app.publish.refill import DeliveryLog, Marks, set_aside, without_old_news
from collector.app.publish.render import Renderer
from collector.app.publish.resting_months import RestingMonths
from collector.domain.rows import Row
from collector.errors import CollectorError, SinkError, SinkStumbled
from collector.ports import Board, Clock, LogEntry, LogRef, Rejected, Sink

T = TypeVar("T")

_SAID_LIMIT: Final = 300
_GROWTH: Final = 8
"""After each step that was not cut off the next may be larger by an eighth."""

_UNDER_WAY: Final = timedelta(minutes=2)
"""How long a server may still be about to store what it was sent and did not answer.

InfluxDB gives a write up after ten seconds, proxies wait a minute for a server.
"""
_MOVE: Final = frozenset({"day", "office_day", "month", "paper"})
"""Kinds of rows that are published again with other figures; the others say the same each time."""


class _Unanswered:
    """What was sent and not answered: the server may store it after what it was sent later.

    A database keeps of each point what reaches it last (InfluxDB: duplicate points), so an old
    figure may come back, and stay. What was under way is therefore published once more when it
    cannot be any longer. At the start that is what the program may have been sending as it ended.
    """

    def __init__(self, log: DeliveryLog, sink: Sink, clock: Clock, batch: int) -> None:
        """Know of nothing yet; at most `batch` log entries were under way at an end."""
        self._log = log
        self._sink = sink
        self._clock = clock
        self._batch = batch
        self._refs: dict[LogRef, None] | None = None
        if sink.announces:  # a broker drops what the connection before had not handed over
            self._refs = {}
        self._since = clock.now()

    def add(self, refs: Iterable[LogRef]) -> None:
        """Note that no answer came to `refs`, from now on."""
        if self._sink.announces:
            return
        self._since = self._clock.now()
        self._refs = (self._refs or {}) | {one: None for one in refs if one.kind in _MOVE}

    async def publish_again(self) -> None:
        """Append to the log what was not answered, once it is long enough ago."""
        if self._refs is None:
            cursor = await self._log.cursor(self._sink.name)
            known = await self._log.log_after(max(0, cursor - self._batch), 2 * self._batch)
            self.add(one.ref for one in known)
        passed = self._clock.now() - self._since
        if self._refs and not timedelta(0) <= passed < _UNDER_WAY:
            refs, self._refs = self._refs, {}
            await self._log.touch([*refs])


class Deliver:
    """Moves one sink's cursor. Call it until it returns False; each call is one bounded step."""

    def __init__(
        self,
        log: DeliveryLog,
        sink: Sink,
        renderer: Renderer,
        clock: Clock,
        batch: int = 1000,
        resting: RestingMonths | None = None,
        present: Present | None = None,
    ) -> None:
        """Hand over at most `batch` log entries a step; fewer where so many take too long.

        Months that are `resting` come later. A board is shown what is `present`, too.
        """
        self._log = log
        self._sink = sink
        self._renderer = renderer
        self._clock = clock
        self._batch = batch
        self._resting = resting
        self._present = present
        self._step = batch
        self._marks = Marks(log, sink, lambda: renderer.site, clock)
        self._unanswered = _Unanswered(log, sink, clock, batch)
        self.delivered = 0
        """Rows handed over since the start, without those set aside."""
        self.set_aside = 0
        """Rows that the server will never take, since the start."""
        self.passed = 0
        """Log entries dealt with since the start."""

    @property
    def name(self) -> str:
        """The sink's name, by which its cursor is kept."""
        return self._sink.name

    def hurry(self) -> None:
        """Let nothing come later from now on: the service stops."""
        if self._resting is not None:
            self._resting.hurry()

    def look_again(self) -> None:
        """Look whether the sink still holds what it was given, with the next step."""
        self._marks.look_again()

    async def backlog(self) -> int:
        """Return how many log entries are still to be dealt with."""
        return await self._log.backlog(self.name)

    async def __call__(self) -> bool:
        """Deliver the next step and say whether more is waiting.

        Raises SinkUnavailable or SinkRefused with the cursor unmoved: the same rows come again.
        """
        try:
            return await self._deliver(self._step)
        except CollectorError:
            raise
        except BaseException:  # cut off: so many would be cut off again, for ever
            self._step = max(1, self._step // 2)
            raise

    async def _deliver(self, step: int) -> bool:
        await self._show()
        await self._unanswered.publish_again()
        after = await self._log.cursor(self.name)
        entries = await self._log.log_after(after, step)
        if not entries:
            return False
        if await self._asked(self._marks.is_gone()):
            return True
        refs = {entry.ref: None for entry in entries}
        rest = frozenset() if self._resting is None else await self._resting.of(refs)
        if len(rest) == len(refs) < step:
            return False
        news = await without_old_news(self._log, self._sink, entries)
        rows = await self._rows([one.ref for one in news if one.ref not in rest])
        told = await self._hand_over(rows, entries)
        if rest:
            await self._log.touch([*rest])  # first: cut off here, it is only mentioned once more
        await self._log.acknowledge(self.name, entries[-1].seq, after)
        if self._resting is not None:
            await self._resting.published(refs.keys() - rest)
        self.passed += len(entries)
        self._step = min(self._batch, step + step // _GROWTH + 1)
        return told or (len(entries) == step and len(rest) < len(refs))

    async def _rows(self, refs: Sequence[LogRef]) -> list[Row]:
        rows = await self._renderer.rows(refs)
        return rows if self._present is None else [*rows, *await self._present.beside(refs)]

    async def _show(self) -> None:
        """Show a board everything, where that is due: before all that comes after it."""
        present, board = self._present, self._sink
        if present is not None and present.is_due and isinstance(board, Board):
            rejected = await self._asked(board.show(await present.showing()))
            await self._set_aside(rejected, ())
            present.taken()

    async def _hand_over(self, rows: Sequence[Row], entries: Sequence[LogEntry]) -> bool:
        """Send the `rows` of `entries`; True where that left findings to be delivered."""
        mark = await self._marks.row(entries[-1].seq) if rows else None
        try:
            sent = await self._asked(self._sink.send(rows if mark is None else [*rows, mark]))
        except BaseException:
            self._unanswered.add(one.ref for one in entries)
            raise
        rejected = [one for one in sent if one.row is not mark]
        if mark is not None and len(rejected) == len(sent):
            await self._marks.has(mark)
        if self._present is not None:
            self._present.taken()
        self.delivered += len(rows) - len(rejected)
        self.set_aside += len(rejected)
        return await self._set_aside(rejected, entries)

    async def _set_aside(self, rejected: Sequence[Rejected], entries: Sequence[LogEntry]) -> bool:
        at = self._clock.now().replace(microsecond=0)
        return await set_aside(self._log, self.name, rejected, entries, at)

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Ask the sink; whatever a server makes of it can only fail this delivery."""
        try:
            return await asking
        except CollectorError as error:
            if isinstance(error, SinkError):
                self._marks.look_again()
            raise
        except Exception as error:
            self._marks.look_again()
            raise SinkStumbled(f"{type(error).__name__}: {error}"[:_SAID_LIMIT]) from error
