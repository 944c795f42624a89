"""What a ledger comes to, place by place: months with their range, days, findings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from collector.app.month.months import stretches_in
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollLedger, PollPlace
from collector.app.poll.trusted_clock import TrustedClock
from collector.domain.closing.accounts import added
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.findings import Finding
from collector.domain.counting.ranges import EXACT, Margins, margins, questions_in
from collector.domain.counting.reading import Answer
from collector.domain.counting.told import Told
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.errors import DeviceUnreachable
from collector.ports import BEGINNING, END, Counting, PollTarget


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
class LedgerTally:
    """What all places come to; `waiting` are the ids of the findings that wait for a person."""

    places: Mapping[PlaceId, PlaceTally]
    findings: Sequence[Finding] = ()
    waiting: frozenset[str] = frozenset()


async def tally(ledger: Counting, context: OfficeContext) -> LedgerTally:
    """Return what everything in `ledger` comes to by the calendar of `ground`."""
    heard = await ledger.heard_between(BEGINNING, END)
    days: dict[PlaceId, list[DayUsage]] = defaultdict(list)
    for day in await ledger.days(BEGINNING.date(), END.date()):
        days[day.place].append(day)
    findings = await ledger.findings()
    silent = {one.place for one in await ledger.states() if one.online is False}
    waiting = open_findings(findings, await ledger.entries(), silent)
    months = _Months(ledger, context, waiting)
    places = {
        place: PlaceTally(await months.of(place, days[place], heard.get(place, ())), days[place])
        for place in sorted({*heard, *days})
    }
    return LedgerTally(places, findings, frozenset(one.id for one in waiting))


class _Months:
    """Makes months of a place's days; what concerns all places of a month is looked up once."""

    def __init__(
        self, ledger: Counting, context: OfficeContext, waiting: Sequence[Finding]
    ) -> None:
        self._ledger = ledger
        self._context = context
        self._waiting = waiting
        self._open: dict[Period, tuple[Margins, Mapping[PlaceId, int]]] = {}

    async def of(
        self, place: PlaceId, days: Sequence[DayUsage], heard: Sequence[datetime]
    ) -> Mapping[str, MonthTally]:
        office = self._context.office
        touched = [*(one.day for one in days), *(office.local_day(at) for at in heard)]
        found: dict[str, MonthTally] = {}
        for period in office.periods(min(touched), max(touched)):
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
            context = self._context
            stretches = await stretches_in(self._ledger, context, period)
            asked: dict[PlaceId, int] = defaultdict(int)
            for one in questions_in(self._waiting, context.office, period):
                asked[one.place] += one.pages
            self._open[period] = margins(stretches, context.fleet, period), asked
        return self._open[period]


# Put readings that another program took through the rules of the daemon, in their order.


@dataclass(slots=True)
class _Replay:
    """A reader that says what the line says, and the clocks: one that it tells, one that counts."""

    line: Told
    silence: str

    async def read(self, target: PollTarget) -> Answer:
        """Answer as the line tells, or be silent."""
        if self.line.answer is None:
            raise DeviceUnreachable(target.place, self.silence)
        return self.line.answer

    async def close(self) -> None:
        """There is nothing to close."""

    def now(self) -> datetime:
        """Return the time by which the line was written down."""
        return self.line.at

    def monotonic(self) -> float:
        """Return seconds that go on where that time was wrong."""
        return self.line.came.timestamp()


async def poll_told(
    ledger: PollLedger,
    context: OfficeContext,
    told: Iterable[Told],
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Poll, on `ledger`, every place as `told` (at least one line) says; `tick` after each line.

    Whereabouts, silences, findings and clock are judged as the daemon judges them.
    """
    lines = iter(told)
    replay = _Replay(next(lines), context.say(sentence("no_answer")))
    clock = TrustedClock(replay, replay.monotonic)
    polls = PollPlace(replay, ledger, clock, CurrentOffice(context))
    await polls.remember()
    for line in chain([replay.line], lines):
        replay.line = line
        await polls(PollTarget(line.place, ""))
        await clock.look(ledger)
        tick()
