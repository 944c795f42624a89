"""What a ledger comes to, place by place: months with their range, days, findings."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from collector.app.enter.recount import AddedEvidence, RecountLedger, recount
from collector.app.enter.replay import Replayed
from collector.app.month.months import stretches_in
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollLedger, PollPlace
from collector.app.poll.trusted_clock import TrustedClock
from collector.domain.closing.accounts import added
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.entries import Entry, OldReadings, PastMonth, in_force
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import Sameness, compare
from collector.domain.counting.ranges import EXACT, Margins, margins, questions_in
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.told import OLD, Told
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence
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
    """Return what everything in `ledger` comes to by the calendar of `context`."""
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


# Take readings in that another program took: as evidence older than what the ledger holds.


@dataclass(frozen=True, slots=True)
class Misfit:
    """A reading that cannot be beside what the ledger holds: `key` of it, and why."""

    place: PlaceId
    at: datetime
    key: str
    why: Sentence


@dataclass(frozen=True, slots=True)
class ReadingsPlan:
    """What taking readings in comes to; with `misfits` nothing may be entered.

    `places` are those for which anything is new, `readings` how many lie in the ledger then that
    do not now.
    """

    places: tuple[Replayed, ...]
    misfits: tuple[Misfit, ...]
    readings: int


async def plan_readings(
    ledger: RecountLedger,
    tried: Counting,
    context: OfficeContext,
    source: str,
    signed: Signature,
) -> ReadingsPlan:
    """Return what taking in all readings of `tried`, a ledger of its own, would do to `ledger`.

    Readings that lie there and count already are passed over, so the same file adds nothing.
    """
    places: list[Replayed] = []
    misfits: list[Misfit] = []
    new = 0
    for state in await tried.states():
        told = await tried.readings(state.place, BEGINNING, END)
        brought = [replace(one, answer=replace(one.answer, profile=OLD)) for one in told]
        stored = await ledger.readings(state.place, BEGINNING, END)
        entries = await ledger.entries(state.place)
        beside = _Beside(context, stored, entries)
        misfits += (problem for one in brought for problem in beside.misfits(one))
        fresh = [one for one in brought if not beside.holds(one)]
        if not brought or misfits or not any(map(beside.is_news, brought)):
            continue
        first, last = brought[0].at, brought[-1].at
        entry = OldReadings(state.place, first, last, len(brought), source, signed)
        counted = await recount(
            ledger, context, state.place, first, [*entries, entry], AddedEvidence(readings=fresh)
        )
        places.append(Replayed(entry, counted))
        new += len(fresh)
    return ReadingsPlan(tuple(places), tuple(misfits), new)


class _Beside:
    """What the ledger holds of one place, and whether a reading fits to it."""

    def __init__(
        self, context: OfficeContext, stored: Sequence[Reading], entries: Sequence[Entry]
    ) -> None:
        holding = in_force(entries)
        self._office = context.office
        self._stored = stored
        self._times = [one.at for one in stored]
        self._own = [one for one in stored if one.answer.profile != OLD]
        self._spans = [(one.since, one.until) for one in holding if isinstance(one, OldReadings)]
        self._sheets = {one.period: one for one in holding if isinstance(one, PastMonth)}

    def holds(self, reading: Reading) -> bool:
        """Say whether just this reading lies in the ledger, whether it counts or not."""
        return self._same(reading) is not None

    def is_news(self, reading: Reading) -> bool:
        """Say whether it does not count yet."""
        return not self.holds(reading) or not any(a <= reading.at <= b for a, b in self._spans)

    def misfits(self, reading: Reading) -> Iterator[Misfit]:
        """Yield why `reading` cannot be."""
        for key, why in self._problems(reading):
            yield Misfit(reading.place, reading.at, key, why)

    def _same(self, reading: Reading) -> Reading | None:
        index = bisect_left(self._times, reading.at)
        there = self._stored[index] if index < len(self._stored) else None
        if there is None or there.at != reading.at:
            return None
        same = there.answer.identity.key == reading.answer.identity.key
        return there if same and there.answer.meters == reading.answer.meters else None

    def _problems(self, reading: Reading) -> Iterator[tuple[str, Sentence]]:
        month = self._office.period_of(self._office.local_day(reading.at)).name
        if (sheet := self._sheets.get(month)) is not None:
            yield "at", sentence("import.old_sheet", month=month, entry=sheet.id)
        if self._own and reading.at > self._own[-1].at:
            yield "at", sentence("import.later", at=self._own[-1].at)
            return
        if self.holds(reading):
            return
        index = bisect_left(self._times, reading.at)
        after = self._stored[index] if index < len(self._stored) else None
        if after is not None and after.at == reading.at:
            yield "at", sentence("import.same_second")
            return
        before = self._stored[index - 1] if index else None
        if before is not None and after is not None:
            yield from _between(before, reading, after)


def _between(before: Reading, reading: Reading, after: Reading) -> Iterator[tuple[str, Sentence]]:
    """Yield how `reading` contradicts two readings between which it would be counted."""
    for one in (before, after):
        if compare(one.answer.identity, reading.answer.identity) is Sameness.OTHER:
            device = str(one.answer.identity.key)
            yield "serial", sentence("import.other_machine", device=device, at=one.at)
            return
    was, will = before.answer.meters, after.answer.meters
    for name, value in reading.answer.meters.items():
        known: Mapping[str, int] = {"low": was.get(name, value), "high": will.get(name, value)}
        if known["low"] <= known["high"] and not known["low"] <= value <= known["high"]:
            yield f"meters.{name}", sentence("import.not_between", value=value, **known)
