"""Take the months of an old sheet in: what is new, what differs, and what cannot be.

An old sheet's month stands beside what the ledger counts, never over it: a place's months end
before the ledger began to count there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from collector.app.office_context import OfficeContext
from collector.domain.counting.entries import Entry, ManualReading, PastMonth, in_force
from collector.domain.meters import TOTAL
from collector.domain.month.finished import sheet_months
from collector.domain.office.fleet import Place
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import SheetHint, SheetRemark
from collector.domain.old_sheets.usage import SheetMonth
from collector.domain.sentence import Sentence, sentence
from collector.ports import BEGINNING, Counting


class MonthNews(StrEnum):
    """What a month of a sheet is to the ledger."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class TakenMonth:
    """One month of a sheet; `before` is the entry in force that it replaces."""

    month: SheetMonth
    before: PastMonth | None = None

    @property
    def news(self) -> MonthNews:
        """Whether it is new, or says something else than what was entered before."""
        was, now = self.before, self.month
        if was is None:
            return MonthNews.NEW
        said = (was.pages, was.opening, was.closing)
        return (
            MonthNews.SAME if said == (now.pages, now.opening, now.closing) else MonthNews.CHANGED
        )

    def entry(self, signed: Signature) -> PastMonth:
        """Return what is entered for it."""
        one = self.month
        return PastMonth(
            place=one.place,
            period=one.month,
            pages=one.pages,
            source=one.source,
            signed=signed,
            opening=one.opening,
            closing=one.closing,
            replaces=None if self.before is None else self.before.id,
        )


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """What taking a sheet in comes to; with `refused` nothing may be entered."""

    taken: tuple[TakenMonth, ...]
    refused: tuple[SheetRemark, ...] = ()

    def entries(self, signed: Signature) -> tuple[PastMonth, ...]:
        """Return the entries for all that is new or differs; none for a sheet taken in before."""
        return tuple(one.entry(signed) for one in self.taken if one.news is not MonthNews.SAME)


async def plan_import(
    ledger: Counting, context: OfficeContext, months: Sequence[SheetMonth], now: datetime
) -> HistoryImport:
    """Return what taking `months` in would add and replace, and which of them cannot be."""
    entries = await ledger.entries()
    begun = await _begun(ledger, context, months, entries, now)
    return planned(context, months, entries, begun, now)


def planned(
    context: OfficeContext,
    months: Sequence[SheetMonth],
    entries: Iterable[Entry],
    begun: Mapping[PlaceId, date],
    now: datetime,
) -> HistoryImport:
    """Return the plan for `months` beside `entries`; `begun` is since when each place counts."""
    known = sheet_months(entries)
    today = context.office.local_day(now)
    refused: list[SheetRemark] = []
    for one in months:
        period = context.office.period(one.month)
        problem = _problem(one, period, begun.get(one.place), today) or _nobodys(
            context.fleet.place(one.place), period
        )
        if problem is not None:
            refused.append(SheetRemark(one.line, one.column, *problem))
    taken = (TakenMonth(one, known.get(one.month, {}).get(one.place)) for one in months)
    return HistoryImport(tuple(taken), tuple(refused))


def _problem(
    one: SheetMonth, period: Period, begun: date | None, today: date
) -> tuple[Sentence, SheetHint | None] | None:
    if period.end >= today:
        return sentence("history.not_over", month=period.name), None
    if begun is None or period.end < begun:
        return None
    if begun > period.start and begun in period:
        why = sentence(
            "history.counted_in_part",
            place=one.place,
            begun=begun,
            month=period.name,
            start=period.start,
        )
        return why, SheetHint.READING
    return sentence("history.counted", place=one.place, begun=begun, month=period.name), None


def _nobodys(place: Place | None, period: Period) -> tuple[Sentence, SheetHint | None] | None:
    """Ask for a date where nobody answers for `place` yet when `period` begins.

    Its pages would be nobody's, and the departments would seem to have printed 0.
    """
    if place is None or not place.assignments or place.assignments[0].start <= period.start:
        return None
    why = sentence(
        "history.nobodys",
        place=place.id,
        since=place.assignments[0].start,
        month=period.name,
        start=period.start,
    )
    return why, SheetHint.DATE


async def _begun(
    ledger: Counting,
    context: OfficeContext,
    months: Sequence[SheetMonth],
    entries: Iterable[Entry],
    now: datetime,
) -> Mapping[PlaceId, date]:
    """Return the first day on which the ledger knows anything of each place of `months`."""
    office = context.office
    heard = await ledger.heard_between(BEGINNING, now)
    days = [(place, office.local_day(first)) for place, (first, _) in heard.items()]
    by_hand = [one for one in in_force(entries) if isinstance(one, ManualReading)]
    days += [(one.place, office.local_day(one.at)) for one in by_hand]
    last = max((office.period(one.month).end for one in months), default=date.min)
    first = await ledger.first_day()
    if first is not None and first <= last:
        counted = await ledger.days(first, last)
        days += [(one.place, one.day) for one in counted if any(one.pages.values())]
    begun: dict[PlaceId, date] = {}
    for place, day in days:
        begun[place] = min(day, begun.get(place, day))
    return begun


def months_with(taken: Iterable[TakenMonth]) -> Mapping[str, tuple[int, int]]:
    """Return month -> (places, impressions) of all that a sheet says, in order."""
    found: dict[str, tuple[int, int]] = {}
    for one in sorted(taken, key=lambda each: each.month.month):
        places, pages = found.get(one.month.month, (0, 0))
        found[one.month.month] = (places + 1, pages + one.month.pages.get(TOTAL, 0))
    return found
