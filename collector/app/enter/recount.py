"""A place counted anew from what the ledger holds: its usages, and the days that would change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from collector.app.office_context import OfficeContext
from collector.app.retention import refuse_thinned
from collector.domain.closing.accounts import added
from collector.domain.counting.entries import Entry, Rereading, in_force
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Reading, Stay
from collector.domain.counting.recounted import CountedAnew, Evidence, count_anew, evidence
from collector.domain.counting.told import counting
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage, day_usages, split_usage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import BEGINNING, END, Amendment, Counting, Notes, PlaceState, Reread

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DayChange:
    """One place's day as it is and as it would be; None where there is no row."""

    place: PlaceId
    day: date
    before: DayUsage | None
    after: DayUsage | None

    @property
    def lost(self) -> frozenset[Meter]:
        """The meters that the day has and would have no longer."""
        was = frozenset[Meter]() if self.before is None else frozenset(self.before.pages)
        return was if self.after is None else was - self.after.pages.keys()

    def difference(self, meter: Meter = TOTAL) -> int:
        """Return by how many pages of `meter` the day changes."""
        was = 0 if self.before is None else self.before.pages.get(meter, 0)
        will = 0 if self.after is None else self.after.pages.get(meter, 0)
        return will - was


@dataclass(frozen=True, slots=True)
class AddedEvidence:
    """Evidence that is to be stored and counted as well."""

    rereadings: Sequence[Reread] = ()
    readings: Sequence[Reading] = ()


NOTHING_ADDED: Final = AddedEvidence()


@dataclass(frozen=True, slots=True)
class Recount:
    """What counting a place again comes to; `amendment` is None where nothing changes."""

    amendment: Amendment | None
    days: tuple[DayChange, ...] = ()


class RecountLedger(Counting, Notes, Protocol):
    """What is counted again, and where it is noted since when it can be."""


async def recount(
    ledger: RecountLedger,
    context: OfficeContext,
    place: PlaceId,
    since: datetime,
    entries: Iterable[Entry],
    added: AddedEvidence = NOTHING_ADDED,
    *,
    every_day: bool = False,
) -> Recount:
    """Return what `place` comes to from `since` on by `entries`, and the days that change.

    Counting begins at the last checkpoint before `since`. Stored readings say what they say by the
    profile that they were read again with, before or by what is `added`. Days on which no usage
    changes are left as they are, even where the office's calendar has changed since, unless
    `every_day` from `since` on is to be split by today's. Raises Unacceptable where readings of
    then are not kept in full any more.
    """
    state, start = await ledger.state(place), await ledger.checkpoint(place, since - _SECOND)
    after = BEGINNING if start is None else start.at
    await refuse_thinned(ledger, place, after)
    seen, stored = await _evidence(ledger, state, after, in_force(entries), added)
    counted = count_anew(start, seen, context.rules, context.office)
    changed = {*await ledger.usages(place, after, END)} ^ {*counted.usages}
    days = _Days(ledger, context, place, after, counted)
    split = await (days.since(since, changed) if every_day else days.changed_by(changed))
    if not (changed or split or added.readings) and _judges_alike(counted.track, state.track):
        return Recount(None)
    amendment = Amendment(
        before=state,
        since=None if start is None else start.at,
        track=counted.track,
        usages=counted.usages,
        days=tuple(one.after or DayUsage(place, one.day) for one in split),
        findings=await _news(ledger, counted.findings, after),
        checkpoints=counted.checkpoints,
        rereadings=tuple(stored.rereadings),
        readings=tuple(stored.readings),
    )
    return Recount(amendment, split)


async def _news(
    ledger: Counting, findings: Iterable[Finding], after: datetime
) -> tuple[Finding, ...]:
    known = {one.id for one in await ledger.findings(since=after)}
    return tuple(one for one in findings if one.id not in known)


async def _evidence(
    ledger: Counting,
    state: PlaceState,
    after: datetime,
    holding: Sequence[Entry],
    added: AddedEvidence,
) -> tuple[Evidence, AddedEvidence]:
    """Return all that is known of the place of `state` since `after`, and what to store of it."""
    begin = after + _SECOND
    stored = [*await ledger.readings(state.place, begin, END), *added.readings]
    stored = sorted(counting(stored, holding), key=lambda one: one.at)
    again = [*await ledger.rereadings(state.place, begin, END), *added.rereadings]
    last, last_again = _last_poll(state, stored, again)
    seen = evidence(read_again([*stored, *last], [*again, *last_again], holding), holding)
    stored_with_it = AddedEvidence(
        rereadings=(*added.rereadings, *last_again), readings=(*added.readings, *last)
    )
    return seen, stored_with_it


async def stored_readings(
    ledger: Counting, place: PlaceId, since: datetime, until: datetime, entries: Iterable[Entry]
) -> Sequence[Reading]:
    """Return the stored readings, as a corrected profile reads them where one was put in.

    `entries` are those of `place`.
    """
    stored = await ledger.readings(place, since, until)
    holding = in_force(entries)
    if not any(isinstance(one, Rereading) for one in holding):
        return stored
    return read_again(stored, await ledger.rereadings(place, since, until), holding)


def read_again(
    stored: Iterable[Reading], again: Iterable[Reread], holding: Sequence[Entry]
) -> list[Reading]:
    """Return `stored` with the meaning that the last of the `holding` rereadings gives them."""
    rank = {one.id: number for number, one in enumerate(holding)}
    found: dict[tuple[datetime, str], tuple[int, Reading]] = {}
    for one in again:
        key = (one.reading.at, one.reading.answer.identity.key)
        if rank.get(one.entry, -1) > found.get(key, (-1, None))[0]:
            found[key] = (rank[one.entry], one.reading)
    keyed = ((one, (one.at, one.answer.identity.key)) for one in stored)
    return [found[key][1] if key in found else one for one, key in keyed]


def _last_poll(
    state: PlaceState, stored: Sequence[Reading], again: Iterable[Reread]
) -> tuple[list[Reading], list[Reread]]:
    """Return the last poll where it only confirmed the newest of `stored`, and as it is read again.

    It is stored with the books that rest on it. In them it may be what counts, or be held back, in
    the stead of the reading that it confirmed; and later polls may confirm it alone.
    """
    track = state.track
    said = [one for one in stored if one.stay is not Stay.TWICE]
    if track is None or not said or track.at != state.seen_at or track.at <= said[-1].at:
        return [], []

    def later(one: Reading) -> Reading:
        answer = replace(one.answer, uptime_s=track.uptime_s)
        return Reading(state.place, track.at, answer, one.stay)

    newest = said[-1].at, said[-1].answer.identity.key
    alike = (one for one in again if (one.reading.at, one.reading.answer.identity.key) == newest)
    return [later(said[-1])], [replace(one, reading=later(one.reading)) for one in alike]


def _judges_alike(one: PlaceTrack | None, other: PlaceTrack | None) -> bool:
    """Say whether the next reading is judged the same by both tracks, by all that they remember."""
    if one is None or other is None:
        return one is other
    same = one.identity.key == other.identity.key
    return same and replace(one, identity=other.identity) == other


class _Days:
    """The day rows of one place whose usages after `after` are now those of `counted`."""

    def __init__(
        self,
        ledger: Counting,
        context: OfficeContext,
        place: PlaceId,
        after: datetime,
        counted: CountedAnew,
    ) -> None:
        self._ledger = ledger
        self._context = context
        self._office = context.office
        self._place = place
        self._after = after
        self._counted = counted

    async def since(self, since: datetime, changed: Iterable[Usage]) -> tuple[DayChange, ...]:
        """Return every day from `since` on that differs, by today's calendar."""
        first = self._office.local_day(since)
        stored = await self._ledger.days(first, date.max, self._place)
        usages = [*changed, *(one for one in self._counted.usages if one.end > since)]
        return await self.changed_by(usages, {one.day for one in stored})

    async def changed_by(
        self, usages: Iterable[Usage], also: Iterable[date] = ()
    ) -> tuple[DayChange, ...]:
        """Return every day of `usages` or `also` that differs from what its usages come to.

        A usage may lie on several days, so the days touched are widened until every usage on one
        of them lies on them whole: their rows then add up to those usages exactly.
        """
        days = {day for usage in usages for day in self._days_of(usage)} | {*also}
        touching: list[Usage] = []
        while days:
            touching = [one for one in await self._since(min(days)) if self._days_of(one) & days]
            more = {day for usage in touching for day in self._days_of(usage)}
            if more <= days:
                break
            days |= more
        rows = self._rows(touching)
        if not days:
            return ()
        stored = await self._ledger.days(min(days), max(days), self._place)
        known = {one.day: one for one in stored}
        changes = (
            DayChange(self._place, day, known.get(day), rows.get(day)) for day in sorted(days)
        )
        return tuple(one for one in changes if one.before != one.after)

    async def _since(self, day: date) -> list[Usage]:
        """Return all usages that end after `day` began, those counted anew among them."""
        begin = self._office.midnight(day)
        kept = await self._ledger.usages(self._place, begin, self._after)
        return [*kept, *(one for one in self._counted.usages if one.end > begin)]

    def _days_of(self, usage: Usage) -> set[date]:
        return set(split_usage(usage, self._context.office_at(self._place, usage.end)))

    def _rows(self, usages: Iterable[Usage]) -> Mapping[date, DayUsage]:
        """Return the rows of `usages`, split as they were when they were counted."""
        by_office: dict[Office, list[Usage]] = defaultdict(list)
        for usage in usages:
            by_office[self._context.office_at(self._place, usage.end)].append(usage)
        rows: dict[date, DayUsage] = {}
        for office, ones in by_office.items():
            for row in day_usages(ones, office):
                rows[row.day] = row if row.day not in rows else _both(rows[row.day], row)
        return rows


def _both(one: DayUsage, other: DayUsage) -> DayUsage:
    """Return the sum of two rows of one day, which brought the place another calendar."""
    pages = added((one.pages, other.pages))
    return replace(one, pages=pages, estimated=one.estimated + other.estimated)
