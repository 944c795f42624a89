"""What a ledger comes to, place by place: months with their range, days, findings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from collector.domain.accounts import added
from collector.domain.days import stretches_of
from collector.domain.deciding import open_findings
from collector.domain.findings import Finding
from collector.domain.fleet import WHOLE_OFFICE, Fleet
from collector.domain.meters import TOTAL, Meter
from collector.domain.office import Office, Period
from collector.domain.questions import questions_in
from collector.domain.ranges import all_of, margins
from collector.domain.reading import PlaceId
from collector.domain.usage import DayUsage, Stretch
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
    stretches = stretches_of(await ledger.long_usages(_BEGINNING, _END), office)
    findings = await ledger.findings()
    silent = {one.place for one in await ledger.states() if one.online is False}
    waiting = open_findings(findings, await ledger.entries(), silent)
    places = {}
    for place in sorted({*heard, *days}):
        questions = [one for one in waiting if one.subject == place]
        open_ones = [one for one in stretches if one.place == place]
        months = _months(office, days[place], heard.get(place), open_ones, questions)
        places[place] = PlaceTally(months, tuple(days[place]))
    return Tally(places, findings, frozenset(one.id for one in waiting))


def _months(
    office: Office,
    days: Sequence[DayUsage],
    heard: tuple[datetime, datetime] | None,
    stretches: Sequence[Stretch],
    questions: Sequence[Finding],
) -> Mapping[str, MonthTally]:
    touched = [one.day for one in days]
    touched += [office.local_day(at) for at in heard or ()]
    found: dict[str, MonthTally] = {}
    for period in _periods(office, min(touched), max(touched)):
        own = [one for one in days if one.day in period]
        pages = added(one.pages for one in own)
        total = pages.get(TOTAL, 0)
        several = margins(stretches, Fleet(), period).values()
        margin = all_of(one[WHOLE_OFFICE] for one in several)
        found[period.name] = MonthTally(
            pages={TOTAL: 0, **pages},
            low=max(0, total - margin.less),
            high=total + margin.more,
            estimated=sum(one.estimated for one in own),
            in_question=sum(one.pages for one in questions_in(questions, office, period)),
        )
    return found


def _periods(office: Office, first: date, last: date) -> Iterator[Period]:
    period = office.period_of(first)
    while period.start <= last:
        yield period
        period = office.before(period, -1)
