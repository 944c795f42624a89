"""What became of the paper that was bought, fiscal year by fiscal year; told once where it is odd.

`domain/cost/purchased.py` has the rule. Here is what the ledger knows of its months, read for it.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from collector.app.month.months import FinishedMonths, Months
from collector.app.notes import CLOCK_IN_DOUBT, PAPER_LOOKED
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.cost.purchased import (
    MonthPaper,
    PaperEntry,
    PaperPeriod,
    Reconciliation,
    Unexplained,
    buyers,
    entries_of,
    paper_entries,
    paper_periods,
    quarter_keys,
    reconciled,
    years_of,
)
from collector.domain.cost.sheets import NO_PAPER, NO_SHEETS
from collector.domain.counting.entries import Withdrawal
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.ranges import is_part
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.sentence import Fact, Sentence, sentence
from collector.ports import Clock, Counting, Ledger, LogRef

GRACE: Final = timedelta(days=30)
"""So long after a period's end people may still enter what was bought in it."""


async def reconciled_year(
    ledger: Ledger, context: OfficeContext, year: int, now: datetime
) -> tuple[Reconciliation, ...]:
    """Return each quarter of the fiscal `year` that has begun, and the year, as known at `now`.

    As `reconciled_periods` does.
    """
    return await reconciled_periods(ledger, context, paper_periods(year, context.office), now)


async def reconciled_periods(
    ledger: Ledger,
    context: OfficeContext,
    wanted: Iterable[PaperPeriod],
    now: datetime,
    finished: FinishedMonths | None = None,
) -> tuple[Reconciliation, ...]:
    """Return those of the `wanted` periods that have begun, as known at `now`.

    First of the whole office, then of every department for which paper was bought. None where no
    purchase and no stock was ever entered.
    """
    office, today = context.office, context.office.local_day(now)
    entries = paper_entries(await ledger.entries())
    periods = [one for one in wanted if one.start <= today]
    if not entries or not periods:
        return ()
    stated = Months(ledger, context, now, finished)
    begun = {one.name: one for period in periods for one in period.months if one.start <= today}
    months = {name: await stated.came_to(one) for name, one in begun.items()}
    owners = (WHOLE_OFFICE, *buyers(entries))
    own = {one: entries_of(entries, one, context.fleet) for one in owners}
    return tuple(
        reconciled(
            owner,
            period,
            own[owner],
            _counted(owner, period, months, office),
            office,
            today,
        )
        for owner in owners
        for period in periods
    )


def _counted(
    owner: DepartmentId, period: PaperPeriod, months: Mapping[str, OfficeMonth], office: Office
) -> list[MonthPaper]:
    """Return the months of `period` that have begun, as they are counted of `owner`."""
    found = []
    for month in period.months:
        stated = months.get(month.name)
        if stated is not None:
            every = (stated.office, *stated.departments)
            own = next((one for one in every if one.department.id == owner), None)
            if own is None or not _is_counted(own, office):
                found.append(MonthPaper(month.name, NO_PAPER))
            else:
                found.append(MonthPaper(month.name, own.sheets, own.pages, own.excluded))
    return found


def _is_counted(month: DepartmentMonth, office: Office) -> bool:
    """Say whether the pages of all of `month` are known: from its begin, and of any copier."""
    if is_part(month.since, month.period, office):
        return False
    return month.places_read > 0 or month.pages > 0


async def paper_refs(
    ledger: Counting, office: Office, first: date, last: date
) -> tuple[LogRef, ...]:
    """Return what to publish of paper from `first` to `last`: nothing where none was entered."""
    if not paper_entries(await ledger.entries()):
        return ()
    return tuple(LogRef("paper", key) for key in quarter_keys(first, last, office))


# Told once, when people have had time to enter what they bought.


class PaperWatch:
    """Looks where paper was entered, over restarts too: the ledger notes what was looked at."""

    def __init__(self, ledger: Ledger, current: CurrentOffice, clock: Clock) -> None:
        """Watch the paper of the office of `current`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._looked: date | None = None

    async def look(self) -> tuple[Finding, ...]:
        """Record and return what is odd about periods that are over, each once; once a day.

        Nothing is looked at on a day on which paper was entered: more may follow.
        """
        context, now = self._current.context, self._clock.now()
        today = context.office.local_day(now)
        if today == self._looked or await CLOCK_IN_DOUBT.get(self._ledger):
            return ()
        self._looked = today
        entries = await self._ledger.entries()
        paper = paper_entries(entries)
        latest = max(
            (one.signed.at for one in entries if isinstance(one, PaperEntry | Withdrawal)),
            default=now,
        )
        if not paper or context.office.local_day(latest) == today:
            return ()
        years = years_of(paper, context.office)
        due = [one.name for one in _periods(years, context.office) if one.end + GRACE < today]
        seen = _digest([*due, *(one.id for one in paper), str(context.unexplained_pct)])
        if await PAPER_LOOKED.get(self._ledger) == seen:
            return ()
        found = await self._odd({*due}, now)
        await self._ledger.record_findings(found)
        await PAPER_LOOKED.put(self._ledger, seen)
        return found

    async def _odd(self, due: Collection[str], now: datetime) -> tuple[Finding, ...]:
        context, told = self._current.context, await _told(self._ledger)
        found = []
        for year in sorted({int(name.partition("-")[0]) for name in due}):
            for one in await reconciled_year(self._ledger, context, year, now):
                why = one.finding(context.unexplained_pct)
                if why is not None and one.period.name in due:
                    finding = paper_finding(one, why, context, now)
                    if _topic(finding) not in told:
                        found.append(finding)
        return tuple(found)


def _periods(years: Iterable[int], office: Office) -> Iterator[PaperPeriod]:
    for year in years:
        yield from paper_periods(year, office)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_Topic = tuple[str, object, object]


def _topic(finding: Finding) -> _Topic:
    return finding.subject, finding.evidence.get("period"), finding.evidence.get("why")


async def _told(ledger: Ledger) -> frozenset[_Topic]:
    findings = await ledger.findings()
    return frozenset(_topic(one) for one in findings if one.code is Code.PAPER_UNEXPLAINED)


def paper_finding(
    one: Reconciliation, why: Unexplained, context: OfficeContext, at: datetime
) -> Finding:
    """Return what is odd about the paper of a period, as it was seen `at` that time."""
    sheets, department = one.sheets, context.fleet.department(one.of)
    terms = {
        "bought": sheets.bought,
        "stock_change": sheets.stock_change,
        "counted": sheets.counted,
        "excluded": sheets.excluded,
        "unexplained": sheets.unexplained,
    }
    figures = {name: term.value for name, term in terms.items() if term is not None}
    unexplained = sheets.unexplained or NO_SHEETS
    limits = {
        "low": unexplained.low,
        "high": unexplained.high,
        "limit_pct": context.unexplained_pct,
    }
    of: Fact = sentence("paper.whole_office") if department is None else department.name
    about: dict[str, Fact] = {"of": of, "period": one.period.name, **figures, **limits}
    text = Sentence("finding.paper_unexplained", about)
    if why is Unexplained.NEGATIVE:
        about["missing"] = -unexplained.value
        text = Sentence("finding.paper_unexplained.negative", about)
    return Finding(
        Code.PAPER_UNEXPLAINED,
        Severity.WARNING,
        one.of,
        text,
        at.replace(microsecond=0),
        {"period": one.period.name, "why": why.value, **figures, **limits},
    )
