"""Put what people enter in force: every usage, day and month that it concerns follows.

`work_out` only looks and returns what would change; `carry_out` does just that. Between the two
the daemon may have read a machine: then it is worked out anew from what holds now, and carried
out if the same pages come of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from collector.app.count_reading import day_refs
from collector.app.enter.exclude import too_large_now
from collector.app.enter.recount import DayChange, Recount, recount
from collector.app.month.months import sheet_names
from collector.app.notes import note_lost
from collector.app.office_context import OfficeContext
from collector.app.retention import counted_since
from collector.domain.cost.purchased import paper_entries, quarter_keys
from collector.domain.counting.entries import (
    Decision,
    Entry,
    Exclusion,
    ManualReading,
    OldReadings,
    PaperPurchase,
    PastMonth,
    Rereading,
    Retiming,
    StockCount,
    Withdrawal,
    in_force,
)
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import Sameness, compare
from collector.domain.counting.ranges import months_asked
from collector.domain.counting.reading import Reading, Stay
from collector.domain.counting.recounted import from_the_panel
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.finished import stale_months
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Fact, Sentence, sentence
from collector.errors import LedgerMoved
from collector.ports import BEGINNING, END, Amendment, Counting, LogRef, Notes


@dataclass(frozen=True, slots=True)
class Amended:
    """What `entries` would change. `months` are the closing months of the changed days."""

    entries: tuple[Entry, ...]
    amendments: tuple[Amendment, ...] = ()
    days: tuple[DayChange, ...] = ()
    months: tuple[str, ...] = ()
    log: tuple[LogRef, ...] = ()

    def month_changes(self, context: OfficeContext) -> Mapping[tuple[PlaceId, str], int]:
        """Return by how many impressions each place's closing months change, without zeros."""
        found: dict[tuple[PlaceId, str], int] = {}
        for one in self.days:
            key = (one.place, context.office.period_of(one.day).name)
            found[key] = found.get(key, 0) + one.difference()
        return {key: pages for key, pages in sorted(found.items()) if pages}


class AmendLedger(Counting, Notes, Protocol):
    """What is counted anew, and where it is noted which figures that takes from published days."""


async def write_down(
    ledger: AmendLedger, outcome: Amended, context: OfficeContext, at: datetime
) -> tuple[Finding, ...]:
    """Write `outcome` down; raises LedgerMoved where it was worked out of what holds no longer.

    What days lose by it is noted first: a 0 too many is harmless, an old figure is not. Returns the
    exclusions that are larger now than what is counted, as findings of `at`.
    """
    lost = {(one.place, one.day): one.lost for one in outcome.days if one.lost}
    if lost:
        await note_lost(ledger, lost)
    await ledger.amend(outcome.entries, outcome.amendments, outcome.log)
    months = {context.office.period_of(one.day).name for one in outcome.days}
    findings = await too_large_now(ledger, context, months, at)
    if findings:
        await ledger.record_findings(findings)
    return findings


class Amend:
    """Works out and carries out what entries change at the places they are about."""

    def __init__(self, ledger: AmendLedger, context: OfficeContext) -> None:
        """Work on `ledger` by the rules, calendar and fleet of `context`."""
        self._ledger = ledger
        self._context = context

    async def work_out(self, entries: Sequence[Entry]) -> Amended:
        """Return what `entries` would change; nothing is written.

        Months of old sheets change no reading's usage: only the months that state them follow.
        """
        places = sorted({one.place for one in entries})
        recounts = [await self._of_place(place, entries) for place in places]
        amendments = tuple(one.amendment for one in recounts if one.amendment is not None)
        days = tuple(change for one in recounts for change in one.days)
        signed = [one.signed.at for one in entries]
        published = await self._published(entries, days, signed)
        return Amended(tuple(entries), amendments, days, *published)

    async def carry_out(self, outcome: Amended) -> Amended:
        """Write `outcome` down and return it; what another process wrote meanwhile is heeded.

        Exclusions that are larger now than what is counted become findings.

        Raises LedgerMoved where that changed what comes of the entries: look at it again.
        """
        while True:
            try:
                last = max((one.signed.at for one in outcome.entries), default=BEGINNING)
                await write_down(self._ledger, outcome, self._context, last)
            except LedgerMoved:
                again = await self.work_out(outcome.entries)
                if again.days != outcome.days:
                    raise
                outcome = again
            else:
                return outcome

    async def take_back(self, place: PlaceId, since: datetime, at: datetime) -> tuple[Finding, ...]:
        """Count `place` anew, because the reading of `at` unmade usages after `since`.

        Returns what is found by it. What another process wrote meanwhile is heeded.
        """
        since = max(since, await counted_since(self._ledger, place) + timedelta(seconds=1))
        while True:
            known = await self._ledger.entries(place)
            counted = await recount(self._ledger, self._context, place, since, known)
            if counted.amendment is None:
                return ()
            months, log = await self._published((), counted.days, (at,))
            with suppress(LedgerMoved):
                outcome = Amended((), (counted.amendment,), counted.days, months, log)
                told = await write_down(self._ledger, outcome, self._context, at)
                return (*counted.amendment.findings, *told)

    async def _of_place(self, place: PlaceId, entries: Sequence[Entry]) -> Recount:
        own = [one for one in entries if one.place == place]
        known = await self._ledger.entries(place)
        since = _first_concerned(own, known)
        if since is None:
            return Recount(None)
        return await recount(self._ledger, self._context, place, since, [*known, *own])

    async def _published(
        self, entries: Sequence[Entry], days: Sequence[DayChange], until: Iterable[datetime]
    ) -> tuple[tuple[str, ...], tuple[LogRef, ...]]:
        office = self._context.office
        touched = [DayUsage(one.place, one.day) for one in days]
        names = {office.period_of(one.day).name for one in days}
        names |= {one.period for one in entries if isinstance(one, PastMonth)}
        names |= await self._excluding(entries)
        decided = [
            await self._ledger.finding(e.finding) for e in entries if isinstance(e, Decision)
        ]
        names |= {*months_asked([one for one in decided if one is not None], office)}
        known = await self._months(until)
        stale = stale_months(names, self._context.fleet, known, office)
        months = [LogRef("month", name) for name in sorted(stale)]
        paper = await self._paper(entries, stale)
        refs = dict.fromkeys([*day_refs(touched, office), *months, *paper])
        return tuple(sorted(names)), tuple(refs)

    async def _paper(self, entries: Sequence[Entry], months: Iterable[str]) -> list[LogRef]:
        """Return the quarters whose paper is another by `entries`, or by changed `months`.

        What came in and what lay in store bears on all quarters behind it.
        """
        office, held = self._context.office, await self._ledger.entries()
        replaced = {one.replaces for one in entries if one.replaces is not None}
        before = [one for one in held if one.id in replaced]
        stated = (PaperPurchase, StockCount)
        days = [one.day for one in (*entries, *before) if isinstance(one, stated)]
        spans = []
        if days:
            until = office.local_day(max(one.signed.at for one in entries))
            spans.append((min(days), max(until, *days)))
        if paper_entries(held):
            spans += [(one.start, one.end) for one in map(office.period, months)]
        keys = (key for span in spans for key in quarter_keys(*span, office))
        return [LogRef("paper", key) for key in dict.fromkeys(keys)]

    async def _excluding(self, entries: Sequence[Entry]) -> set[str]:
        """Return the months of which `entries` exclude pages, or take such an entry back."""
        replaced = {one.replaces for one in entries if one.replaces is not None}
        before = [one for one in await self._ledger.entries() if one.id in replaced]
        found = [one for one in (*entries, *before) if isinstance(one, Exclusion)]
        return {self._context.office.period_of(one.first).name for one in found}

    async def _months(self, until: Iterable[datetime]) -> frozenset[str]:
        """Return every month that is stated: of old sheets, and from the first day until now."""
        office = self._context.office
        first = await self._ledger.first_day()
        last = max((office.local_day(one) for one in until), default=first)
        names = set(await sheet_names(self._ledger))
        if last is not None:
            names |= {one.name for one in office.periods(min(last, first or last), last)}
        return frozenset(names)


def _first_concerned(own: Iterable[Entry], known: Iterable[Entry]) -> datetime | None:
    """Return the first instant whose counting `own` may change, or None where they change none.

    An entry that replaces another concerns that one's time as well.
    """
    by_id = {one.id: one for one in known}
    concerned: list[Entry] = [one for one in own if not isinstance(one, Withdrawal)]
    concerned += [by_id[one.replaces] for one in own if one.replaces in by_id]
    times = [_time_of(one) for one in concerned]
    return min((one for one in times if one is not None), default=None)


def _time_of(entry: Entry) -> datetime | None:
    match entry:
        case OldReadings() | Decision() | Rereading():
            return entry.since
        case Retiming():
            return entry.since + timedelta(seconds=min(0, entry.seconds))
        case ManualReading():
            return entry.at
        case PastMonth() | Exclusion() | PaperPurchase() | StockCount() | Withdrawal():
            return None


# Take a reading off the panel in: checked against the readings before and after it.


async def problems_of(
    ledger: Counting, context: OfficeContext, entry: ManualReading
) -> tuple[Sentence, ...]:
    """Return why `entry` cannot be: nothing where it fits what was read around it.

    A value may not be below the one read before nor above the one read after, and not more than
    the machine can have printed in between.
    """
    readings = await _around(ledger, entry.place, entry)
    at = [one for one in readings if one.at == entry.at]
    if at:
        return (sentence("reading.same_second"),)
    before = [one for one in readings if one.at < entry.at]
    after = [one for one in readings if one.at > entry.at]
    problems: list[Sentence] = []
    for meter, value in entry.meters.items():
        low, high = _last(before, meter), _first(after, before, meter)
        problems += _misfits(context, entry, meter, value, (low, high))
    return tuple(problems)


async def _around(ledger: Counting, place: PlaceId, entry: ManualReading) -> Sequence[Reading]:
    entered = in_force(await ledger.entries(place))
    by_hand = (
        from_the_panel(one)
        for one in entered
        if isinstance(one, ManualReading) and one.id != entry.replaces
    )
    stored = await ledger.readings(place, BEGINNING, END)
    counted = (one for one in stored if one.stay is not Stay.TWICE)
    return sorted([*counted, *by_hand], key=lambda one: one.at)


def _last(before: Sequence[Reading], meter: Meter) -> Reading | None:
    return next((one for one in reversed(before) if meter in one.answer.meters), None)


def _first(after: Iterable[Reading], before: Sequence[Reading], meter: Meter) -> Reading | None:
    """Return the next reading of `meter`, unless another machine or a reset came in between."""
    found = next((one for one in after if meter in one.answer.meters), None)
    known = _last(before, meter)
    if found is None or known is None:
        return found
    other = compare(known.answer.identity, found.answer.identity) is Sameness.OTHER
    fell = found.answer.meters[meter] < known.answer.meters[meter]
    return None if other or fell else found


def _misfits(
    context: OfficeContext,
    entry: ManualReading,
    meter: Meter,
    value: int,
    around: tuple[Reading | None, Reading | None],
) -> Iterable[Sentence]:
    before, after = around
    if before is not None:
        read = before.answer.meters[meter]
        about: dict[str, Fact] = {"meter": meter, "value": value, "at": before.at}
        if value < read:
            yield Sentence("reading.below", {**about, "read": read})
        most = context.rules.allowance(before.answer.rated_ipm, entry.at - before.at)
        if value - read > most:
            yield Sentence("reading.too_many", {**about, "more": value - read})
    if after is not None and value > (read := after.answer.meters[meter]):
        yield sentence("reading.above", meter=meter, value=value, read=read, at=after.at)
