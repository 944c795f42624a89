"""What a ledger comes to, place by place: months with their range, days, findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from collector.domain.accounts import added
from collector.domain.deciding import concerns_since, open_findings
from collector.domain.findings import Code, Finding
from collector.domain.meters import TOTAL, Meter
from collector.domain.office import Office, Period
from collector.domain.reading import PlaceId
from collector.domain.usage import DayUsage
from collector.ports import Ledger

_BEGINNING: Final = datetime(1971, 1, 1, tzinfo=UTC)
_END: Final = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MonthTally:
    """One place's closing month: its pages by meter, and the range of `total`.

    `estimated` of them are estimates; `in_question` are beside them, until a person decides.
    """

    pages: Mapping[Meter, int]
    low: int
    high: int
    estimated: int = 0
    in_question: int = 0


@dataclass(frozen=True, slots=True)
class PlaceTally:
    """What one place comes to; `months` by name, each from its first reading to its last."""

    months: Mapping[str, MonthTally]
    days: Sequence[DayUsage] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What all places come to; `waiting` are the ids of the findings that wait for a person."""

    places: Mapping[PlaceId, PlaceTally]
    findings: Sequence[Finding] = ()
    waiting: frozenset[str] = frozenset()


async def tally(ledger: Ledger, office: Office) -> Tally:
    """Return what everything in `ledger` comes to by the calendar of `office`."""
    heard = await ledger.heard_between(_BEGINNING, _END)
    days: dict[PlaceId, list[DayUsage]] = defaultdict(list)
    for day in await ledger.days(date(1971, 1, 1), date(8999, 12, 31)):
        days[day.place].append(day)
    findings = await ledger.findings()
    silent = {one.place for one in await ledger.states() if one.online is False}
    waiting = open_findings(findings, await ledger.entries(), silent)
    places = {}
    for place in sorted({*heard, *days}):
        questions = [one for one in waiting if one.subject == place]
        months = _months(office, days[place], heard.get(place), questions)
        places[place] = PlaceTally(months, tuple(days[place]))
    return Tally(places, findings, frozenset(one.id for one in waiting))


def _months(
    office: Office,
    days: Sequence[DayUsage],
    heard: tuple[datetime, datetime] | None,
    questions: Sequence[Finding],
) -> Mapping[str, MonthTally]:
    touched = [one.day for one in days]
    touched += [office.local_day(at) for at in heard or ()]
    found: dict[str, MonthTally] = {}
    for period in _periods(office, min(touched), max(touched)):
        own = [one for one in days if one.day in period]
        pages = added(one.pages for one in own)
        total = pages.get(TOTAL, 0)
        found[period.name] = MonthTally(
            pages={TOTAL: 0, **pages},
            low=total,
            high=total,
            estimated=sum(one.estimated for one in own),
            in_question=sum(_in_question(questions, period, office)),
        )
    return found


def _periods(office: Office, first: date, last: date) -> Iterator[Period]:
    period = office.period_of(first)
    while period.start <= last:
        yield period
        period = office.before(period, -1)


def _in_question(questions: Iterable[Finding], period: Period, office: Office) -> Iterator[int]:
    """Yield the pages of those of `questions` whose time touches `period`."""
    for one in questions:
        pages = one.evidence.get("pages")
        if one.code is not Code.PAGES_IN_QUESTION or one.at is None or not isinstance(pages, int):
            continue
        since = one.evidence.get("from")
        begin = datetime.fromisoformat(since) if isinstance(since, str) else concerns_since(one)
        first, last = office.local_day(begin or one.at), office.local_day(one.at)
        if first <= period.end and period.start <= last:
            yield pages
