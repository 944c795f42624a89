"""A sink in memory that keeps every promise of the port, with failures on request."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from collector.domain.rows import Row, Value
from collector.errors import SinkError, SinkUnavailable
from collector.ports import Rejected, Showing

PointKey = tuple[str, tuple[tuple[str, str], ...], datetime]


class FakeSink:
    """Keeps points as a time-series database does: same measurement, tags and time is one point.

    `failures` are raised by the next calls of `send` or `check`, one each. `is_up = False` makes
    every call raise SinkUnavailable. `refuses` says why a row is never taken,
    `sends_back` likewise with all that a server says of it. `batches` is every
    sequence that was accepted, in order, without marks, which `marks` holds by site. Without
    `may_read` they cannot be looked for. What comes while it `dawdles` is not answered, and
    stored when it `lands`.
    """

    def __init__(self, name: str = "fake") -> None:
        """Begin empty and willing."""
        self.name = name
        self.announces = False
        self.marks: dict[str, int] = {}
        self.may_read = True
        self.points: dict[PointKey, dict[str, Value]] = {}
        self.batches: list[tuple[Row, ...]] = []
        self.failures: deque[SinkError] = deque()
        self.is_up = True
        self.is_closed = False
        self.dawdles = False
        self.under_way: deque[Sequence[Row]] = deque()
        self.refuses: Callable[[Row], str | None] = _takes_all
        self.sends_back: Callable[[Row], Rejected | None] = _sends_nothing_back

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Keep `rows`, except what `refuses` names; raise the next scripted failure instead."""
        if not rows:
            return ()
        self._fail_if_told()
        if self.dawdles:
            self.under_way.append(rows)
            raise SinkUnavailable(f"fake sink {self.name} gave no answer")
        return self._stored(rows)

    def lands(self) -> None:
        """Store what was not answered, as a server does that was slow, and be prompt again."""
        self.dawdles = False
        while self.under_way:
            self._stored(self.under_way.popleft())

    def _stored(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        rejected: list[Rejected] = []
        for row in rows:
            reason = self.refuses(row)
            if (back := self.sends_back(row)) is not None:
                rejected.append(back)
            elif row.measurement == "collector_mark":
                published = int(row.fields["published"])
                self.marks[row.tags["site"]] = max(published, self.marks.get(row.tags["site"], 0))
            elif reason is None:
                self.points.setdefault(_key(row), {}).update(row.fields)
            else:
                rejected.append(Rejected(row, reason))
        kept = tuple(row for row in rows if row.measurement != "collector_mark")
        if kept:
            self.batches.append(kept)
        return rejected

    async def marked(self, site: str) -> int | None:
        """Return the mark of `site`, or raise the next scripted failure."""
        self._fail_if_told()
        return self.marks.get(site, 0) if self.may_read else None

    def empty(self) -> None:
        """Lose everything, as a database that was dropped and made anew."""
        self.points.clear()
        self.marks.clear()

    async def check(self) -> str:
        """Answer, or raise the next scripted failure."""
        self._fail_if_told()
        return f"fake sink {self.name} with {len(self.points)} points"

    async def close(self) -> None:
        """Be closed; closing twice is fine."""
        self.is_closed = True

    def _fail_if_told(self) -> None:
        if self.failures:
            raise self.failures.popleft()
        if not self.is_up:
            raise SinkUnavailable(f"fake sink {self.name} is down")


class FakeBoard(FakeSink):
    """A fake that shows what stands now; `shown` is everything it was ever shown, in order."""

    def __init__(self, name: str = "board") -> None:
        """Begin with nothing shown."""
        super().__init__(name)
        self.shown: list[Showing] = []

    async def show(self, showing: Showing) -> Sequence[Rejected]:
        """Show that alone; raise the next scripted failure instead."""
        self._fail_if_told()
        self.points.clear()
        self.shown.append(showing)
        return await self.send(showing.rows)


def _key(row: Row) -> PointKey:
    return (row.measurement, tuple(sorted(row.tags.items())), row.at)


def _takes_all(row: Row) -> str | None:
    del row
    return None


def _sends_nothing_back(row: Row) -> Rejected | None:
    del row
    return None
