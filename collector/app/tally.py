"""What a ledger comes to, place by place: months with their range, days, findings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from collector.app.begun_and_open import BEGINNING, END, stretches_in
from collector.app.ground import Ground
from collector.domain.accounts import added
from collector.domain.deciding import open_findings
from collector.domain.findings import Finding
from collector.domain.fleet import WHOLE_OFFICE
from collector.domain.meters import TOTAL, Meter
from collector.domain.office import Office, Period
from collector.domain.questions import questions_in
from collector.domain.ranges import EXACT, Margins, margins
from collector.domain.reading import PlaceId
from collector.domain.usage import DayUsage
from collector.ports import Ledger


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


async def tally(ledger: Ledger, ground: Ground) -> Tally:
    """Return what everything in `ledger` comes to by the calendar of `ground`."""
    heard = await ledger.heard_between(BEGINNING, END)
    days: dict[PlaceId, list[DayUsage]] = defaultdict(list)
    for day in await ledger.days(date(1971, 1, 1), date(8999, 12, 31)):
        days[day.place].append(day)
    findings = await ledger.findings()
    silent = {one.place for one in await ledger.states() if one.online is False}
    waiting = open_findings(findings, await ledger.entries(), silent)
    months = _Months(ledger, ground, waiting)
    places = {
        place: PlaceTally(await months.of(place, days[place], heard.get(place, ())), days[place])
        for place in sorted({*heard, *days})
    }
    return Tally(places, findings, frozenset(one.id for one in waiting))


class _Months:
    """Makes months of a place's days; what concerns all places of a month is looked up once."""

    def __init__(self, ledger: Ledger, ground: Ground, waiting: Sequence[Finding]) -> None:
        self._ledger = ledger
        self._ground = ground
        self._waiting = waiting
        self._open: dict[Period, tuple[Margins, Mapping[PlaceId, int]]] = {}

    async def of(
        self, place: PlaceId, days: Sequence[DayUsage], heard: Sequence[datetime]
    ) -> Mapping[str, MonthTally]:
        office = self._ground.office
        touched = [*(one.day for one in days), *(office.local_day(at) for at in heard)]
        found: dict[str, MonthTally] = {}
        for period in _periods(office, min(touched), max(touched)):
            own = [one for one in days if one.day in period]
            pages = {TOTAL: 0, **added(one.pages for one in own)}
            off, questions = await self._what_is_open(period)
            margin = off.get(place, {}).get(WHOLE_OFFICE, EXACT)
            found[period.name] = MonthTally(
                pages,
                low=pages[TOTAL] - margin.less,
                high=pages[TOTAL] + margin.more,
                estimated=sum(one.estimated for one in own),
                in_question=questions.get(place, 0),
            )
        return found

    async def _what_is_open(self, period: Period) -> tuple[Margins, Mapping[PlaceId, int]]:
        if period not in self._open:
            ground = self._ground
            stretches = await stretches_in(self._ledger, ground, period)
            asked: dict[PlaceId, int] = defaultdict(int)
            for one in questions_in(self._waiting, ground.office, period):
                asked[one.place] += one.pages
            self._open[period] = margins(stretches, ground.fleet, period), asked
        return self._open[period]


def _periods(office: Office, first: date, last: date) -> Iterator[Period]:
    period = office.period_of(first)
    while period.start <= last:
        yield period
        period = office.before(period, -1)
