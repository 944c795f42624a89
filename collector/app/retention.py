"""How long readings are kept in full, and which may go then: never one that anything rests on.

Of a closed month that is old enough stay its pages, usages, findings, entries and statements, and
of its readings those around its two midnights, those that a statement names, those of a finding,
and those on either side of an estimate or a silence. What goes can no longer be counted again, so
counting begins after it from then on, at a checkpoint of which nothing may be taken back.

What stays is laid together once its month is over, which changes nothing but the room it takes.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from collector.app.notes import COUNTED_SINCE, THINNED
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.statement import PlaceLine
from collector.domain.counting.usage import Quality, Usage
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Freed, Pack, Thin
from collector.domain.sentence import Unacceptable, sentence
from collector.ports import (
    BEGINNING,
    Clock,
    Counting,
    Notes,
    Packing,
    PublishLog,
    Statements,
    Thinning,
)

_AROUND: Final = timedelta(days=1)
"""Readings so near to a month's midnight stay: a statement may have to look at them again."""

_SILENCE: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_AT_ONCE: Final = 200
"""Readings that go in one step: some milliseconds of the ledger's time."""

_LOOKED_AT: Final = 20
"""Places that are looked at in one step, where nothing is left of them."""


class RetentionLedger(Counting, Statements, PublishLog, Notes, Thinning, Protocol):
    """What is thinned, and all that tells what must stay."""


@dataclass(frozen=True, slots=True)
class OldMonth:
    """A month that is older than readings are kept: what of it may go, once it is closed."""

    period: Period
    is_closed: bool
    parts: tuple[Thin, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthFreed:
    """How many rows of a table would go with one month, and about how many bytes they take."""

    month: str
    table: str
    rows: int
    bytes: int


async def old_months(
    ledger: RetentionLedger,
    context: OfficeContext,
    now: datetime,
    months: int,
    sinks: Collection[str],
) -> AsyncIterator[OldMonth]:
    """Yield every month that lies more than `months` whole ones back, oldest first.

    What one of `sinks` has yet to get stays until it has it.
    """
    closed = await _closed(ledger)
    for period in await old_periods(ledger, context, now, months):
        if period.name in closed:
            yield await _old_month(ledger, context, period, now, sinks)
        else:
            yield OldMonth(period, is_closed=False)


async def old_periods(
    ledger: Counting, context: OfficeContext, now: datetime, months: int
) -> Sequence[Period]:
    """Return the counted months that lie more than `months` whole ones back, oldest first."""
    office = context.office
    first = await ledger.first_day()
    kept = office.before(office.period_of(office.local_day(now)), months)
    if first is None or first >= kept.start:
        return ()
    return tuple(office.periods(first, kept.start - timedelta(days=1)))


async def _closed(ledger: Statements) -> frozenset[str]:
    return frozenset(one.period.name for one in await ledger.links())


async def _old_month(
    ledger: RetentionLedger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    sinks: Collection[str],
) -> OldMonth:
    published = min([await ledger.cursor(one) for one in sinks], default=None)
    parts = [one async for one in _parts(ledger, context, period, now, published)]
    return OldMonth(period, is_closed=True, parts=tuple(parts))


async def _parts(
    ledger: RetentionLedger,
    context: OfficeContext,
    period: Period,
    now: datetime,
    published: int | None,
) -> AsyncIterator[Thin]:
    start, end = boundaries(context.office, period)
    kept = await _kept(ledger, context, period, now)
    for place in sorted(kept):
        checkpoint = await ledger.checkpoint(place, end + _AROUND)
        if checkpoint is None or checkpoint.at <= start:
            continue
        until = min(end - _AROUND, checkpoint.at)
        times = frozenset(one for one in kept[place] if start <= one <= end)
        yield Thin(place, start + _AROUND, until, times, published, checkpoint.at)


async def _kept(
    ledger: RetentionLedger, context: OfficeContext, period: Period, now: datetime
) -> Mapping[PlaceId, Collection[datetime]]:
    """Return, of every place that was read in `period`, the times of readings that stay."""
    start, end = boundaries(context.office, period)
    heard = await ledger.heard_between(start, end)
    kept: dict[PlaceId, set[datetime]] = {place: {*times} for place, times in heard.items()}
    for since, until in (
        *((BEGINNING, start), (BEGINNING, end), (BEGINNING, now)),
        *((start, now), (end, now), (start + _SECOND, now), (end + _SECOND, now)),
    ):
        for place, times in (await ledger.heard_between(since, until)).items():
            if place in kept:
                kept[place].update(times)
    for place, at in [one async for one in _evidence(ledger, period, (start, end))]:
        if place in kept:
            kept[place].add(at.replace(microsecond=0))
    return kept


async def _evidence(
    ledger: RetentionLedger, period: Period, span: tuple[datetime, datetime]
) -> AsyncIterator[tuple[PlaceId, datetime]]:
    """Yield the times that a statement names, of findings, and around estimates and silences."""
    for sealed in await ledger.statements(period.name):
        for line in sealed.statement.places:
            for at in _named(line):
                yield line.place, at
    for finding in await ledger.findings(*span):
        if finding.at is not None:
            yield PlaceId(finding.subject), finding.at
    for usage in await ledger.long_usages(*span):
        if usage.low is not None or usage.quality is not Quality.MEASURED or _is_silence(usage):
            yield usage.place, usage.start
            yield usage.place, usage.end


def _is_silence(usage: Usage) -> bool:
    return usage.end - usage.start > _SILENCE


def _named(line: PlaceLine) -> Iterator[datetime]:
    for mark in (line.opening, line.closing):
        if mark is not None:
            yield mark.at
    if line.guess is not None and line.guess.since is not None:
        yield line.guess.since
    for span in line.spans:
        yield from (span.start, span.end)


async def dry_run(ledger: Thinning, months: Iterable[OldMonth]) -> Sequence[MonthFreed]:
    """Return what would go with `months`, by month and table; nothing is changed."""
    found: list[MonthFreed] = []
    for month in months:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for part in month.parts:
            for table, freed in (await ledger.thinnable(part)).items():
                sums[table][0] += freed.rows
                sums[table][1] += freed.bytes
        found += [
            MonthFreed(month.period.name, table, rows, octets)
            for table, (rows, octets) in sorted(sums.items())
            if rows
        ]
    return found


def all_of(found: Iterable[MonthFreed]) -> Freed:
    """Return the sum of `found`."""
    listed = list(found)
    return Freed(sum(one.rows for one in listed), sum(one.bytes for one in listed))


# Thinning in small steps.


class Thinner:
    """Thins old months a step at a time, looking anew each day what is old enough."""

    def __init__(
        self,
        ledger: RetentionLedger,
        current: CurrentOffice,
        clock: Clock,
        months: int | None,
        sinks: Collection[str],
    ) -> None:
        """Keep `months` whole months in full; None keeps everything."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._months = months
        self._sinks = sinks
        self._looked: date | None = None
        self._periods: list[Period] = []
        self._month: OldMonth | None = None
        self._parts: list[Thin] = []
        self.gone = 0
        """Readings that went since the start."""

    async def step(self) -> bool:
        """Let some hundred readings go, or look at one more month; False where today's are done."""
        if self._months is None:
            return False
        context, now = self._current.context, self._clock.now()
        day = context.office.local_day(now)
        if self._looked != day:
            self._looked, self._month, self._parts = day, None, []
            self._periods = await self._left(
                await old_periods(self._ledger, context, now, self._months)
            )
        elif self._parts:
            await self._thin_some()
        elif self._periods:
            period = self._periods.pop(0)
            self._month = await _old_month(self._ledger, context, period, now, self._sinks)
            self._parts = [*self._month.parts]
        else:
            return False
        return True

    async def _left(self, periods: Iterable[Period]) -> list[Period]:
        """Return those of `periods` that are closed and not yet done."""
        closed = await _closed(self._ledger)
        names = [one for one in periods if one.name in closed]
        return [one for one in names if await THINNED.about(one.name).get(self._ledger) is None]

    async def _thin_some(self) -> None:
        for _ in range(_LOOKED_AT):
            if gone := await thin(self._ledger, self._parts[0], _AT_ONCE):
                self.gone += gone
                return
            self._parts.pop(0)
            if not self._parts:
                await self._note_done()
                return

    async def _note_done(self) -> None:
        """Note that this month need not be looked at again, unless a sink has yet to get some."""
        parts = () if self._month is None else self._month.parts
        whole = [await self._ledger.thinnable(replace(one, published=None)) for one in parts]
        if self._month is not None and not any(one["readings"].rows for one in whole):
            await THINNED.about(self._month.period.name).put(self._ledger, self._looked or date.min)


async def thin(ledger: RetentionLedger, part: Thin, limit: int) -> int:
    """Let at most `limit` readings of `part` go and return how many went.

    First it is noted that counting begins after them.
    """
    note = COUNTED_SINCE.about(part.place)
    since = await note.get(ledger)
    if since is None or since < part.counted_since:
        if not (await ledger.thinnable(part))["readings"].rows:
            return 0
        await note.put(ledger, part.counted_since)
    return await ledger.thin(part, limit)


# Laying readings together that are over.

_SETTLED: Final = timedelta(days=10)
"""A month is over so long before its readings are laid together: by then it is mostly closed."""

_TOGETHER: Final = 1024
"""Readings in one step: a tenth of a second of the ledger's time."""


class PackingLedger(PublishLog, Packing, Protocol):
    """What lays readings together, and tells which were published."""


class Packer:
    """Lays readings of months that are over together, a step at a time, each day looking anew.

    No answer changes by it, and no step holds readings of two months: who asks for one month
    has to take none of another apart.
    """

    def __init__(
        self,
        ledger: PackingLedger,
        current: CurrentOffice,
        clock: Clock,
        sinks: Collection[str],
    ) -> None:
        """Leave in the log what one of `sinks` has yet to get."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._sinks = sinks
        self._looked: date | None = None
        self._before = BEGINNING
        self._left: dict[PlaceId, datetime] = {}
        self.packed = 0
        """Readings that were laid together since the start."""

    async def step(self) -> bool:
        """Lay some hundred readings of one place together; False where today's are done."""
        office, now = self._current.context.office, self._clock.now()
        if self._looked != office.local_day(now):
            self._looked = office.local_day(now)
            settled = office.period_of(office.local_day(now - _SETTLED))
            self._before = office.midnight(settled.start)
            self._left = dict(await self._ledger.packable(self._before))
        if not self._left:
            return False
        place, oldest = self._left.popitem()
        end = boundaries(office, office.period_of(office.local_day(oldest)))[1]
        published = min([await self._ledger.cursor(one) for one in self._sinks], default=None)
        what = Pack(place, min(end, self._before), published)
        packed = await self._ledger.pack(what, _TOGETHER)
        if packed == _TOGETHER:
            self._left[place] = oldest
        elif end < self._before:
            self._left[place] = end
        self.packed += packed
        return True


# What can no longer be counted again.


async def counted_since(ledger: Notes, place: PlaceId) -> datetime:
    """Return the time after which `place` can still be counted again."""
    return await COUNTED_SINCE.about(place).get(ledger) or BEGINNING


async def refuse_thinned(ledger: Notes, place: PlaceId, after: datetime) -> None:
    """Raise Unacceptable where readings of `place` after `after` are not kept in full any more."""
    since = await counted_since(ledger, place)
    if after < since:
        raise Unacceptable(sentence("retention.thinned", place=place, since=since))
