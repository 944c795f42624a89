"""How long readings are kept in full, and which may go then: never one that anything rests on.

Of a closed month that is old enough stay its pages, usages, findings, entries and statements, and
of its readings those around its two midnights, those that a statement names, those of a finding,
and those on either side of an estimate or a silence. What goes can no longer be counted again, so
counting begins after it from then on, at a checkpoint of which nothing may be taken back.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from collector.app.notes import COUNTED_SINCE
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.statement import PlaceLine
from collector.domain.counting.usage import Quality, Usage
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Unacceptable, sentence
from collector.ports import (
    BEGINNING,
    Clock,
    Counting,
    Freed,
    Notes,
    PublishLog,
    Statements,
    Thin,
    Thinning,
)

_AROUND: Final = timedelta(days=1)
"""Readings so near to a month's midnight stay: a statement may have to look at them again."""

_SILENCE: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_AT_ONCE: Final = 200
"""Readings that go in one step: some milliseconds of the ledger's time."""


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
    office = context.office
    first = await ledger.first_day()
    running = office.period_of(office.local_day(now))
    kept = office.before(running, months)
    if first is None or first >= kept.start:
        return
    closed = {one.period.name for one in await ledger.links()}
    published = min([await ledger.cursor(one) for one in sinks], default=None)
    for period in office.periods(first, kept.start - timedelta(days=1)):
        if period.name not in closed:
            yield OldMonth(period, is_closed=False)
            continue
        parts = [one async for one in _parts(ledger, context, period, now, published)]
        yield OldMonth(period, is_closed=True, parts=tuple(parts))


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
        self._looked: object = None
        self._waiting: list[Thin] = []

    async def step(self) -> int:
        """Let at most some hundred readings go and return how many went."""
        if self._months is None:
            return 0
        now, context = self._clock.now(), self._current.context
        day = context.office.local_day(now)
        if self._looked != day:
            self._looked = day
            months = old_months(self._ledger, context, now, self._months, self._sinks)
            self._waiting = [part async for one in months for part in one.parts]
        while self._waiting:
            if gone := await thin(self._ledger, self._waiting[0], _AT_ONCE):
                return gone
            self._waiting.pop(0)
        return 0


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


# What can no longer be counted again.


async def counted_since(ledger: Notes, place: PlaceId) -> datetime:
    """Return the time after which `place` can still be counted again."""
    return await COUNTED_SINCE.about(place).get(ledger) or BEGINNING


async def refuse_thinned(ledger: Notes, place: PlaceId, after: datetime) -> None:
    """Raise Unacceptable where readings of `place` after `after` are not kept in full any more."""
    since = await counted_since(ledger, place)
    if after < since:
        raise Unacceptable(sentence("retention.thinned", place=place, since=since))
