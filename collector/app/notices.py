"""What people are told of their own accord: looked for in the ledger, kept in its notes, sent.

The same is looked for now and, by `rehearse`, on each day gone by: as the ledger knew it then.
"""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

from collector.app.close.auto_closing import awaiting
from collector.app.month.months import FinishedMonths, Months, open_questions
from collector.app.month_report import month_report
from collector.app.notes import CLOCK_IN_DOUBT, FIRST_ASKED, NOTICES
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.cadence import full_jitter
from collector.domain.counting.entries import Decision, Entry, Withdrawal
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.notices import (
    LETTER_GAP,
    Addressee,
    Book,
    LetterTopic,
    Matter,
    Notice,
    QuietHours,
    Watched,
    failed,
    judged,
    of_closing,
    of_findings,
    of_ledger,
    of_machine,
    of_months,
    of_question,
    of_sink,
    put_off,
    ready,
    sent,
)
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId, Place
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.report.letter import MonthlyLetter, as_text, monthly_letter
from collector.domain.sentence import sentence, verbatim
from collector.errors import LedgerError, LetterNotTaken
from collector.ports import Clock, Ledger

_LATELY: Final = timedelta(days=7)
"""What befell the ledger before is no news."""

# The ledger as it was.


class LedgerAsOf:
    """What a ledger knew at `at`, as far as it can still tell; its questions are the ledger's.

    The day of `at` counts whole: days are not kept by the hour. Old sheets are known from the
    beginning on, whenever they were entered.
    """

    def __init__(self, ledger: Ledger, at: datetime, office: Office) -> None:
        """Ask `ledger` as of `at`, which may be moved on."""
        self._ledger = ledger
        self._office = office
        self.at = at
        self._sealed: Mapping[str, datetime] | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, D105 - what time does not change
        return getattr(self._ledger, name)

    async def days(
        self, first: date, last: date, place: PlaceId | None = None
    ) -> Sequence[DayUsage]:
        """Return the days that had begun."""
        return await self._ledger.days(first, self._until(last), place)

    async def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        """Return the days that had begun."""
        return await self._ledger.day_totals(first, self._until(last))

    async def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return those that had ended."""
        found = await self._ledger.long_usages(since, min(until, self.at))
        return [one for one in found if one.end <= self.at]

    async def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return who had been heard."""
        if since > self.at:
            return {}
        return await self._ledger.heard_between(since, min(until, self.at))

    async def findings(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Finding]:
        """Return what had been found."""
        return await self._ledger.findings(since, self.at if until is None else min(until, self.at))

    async def entries(self, place: PlaceId | None = None) -> Sequence[Entry]:
        """Return what had been decided by then, and all else that was ever entered."""
        return [
            one
            for one in await self._ledger.entries(place)
            if one.signed.at <= self.at or not isinstance(one, Decision | Withdrawal)
        ]

    async def statements(self, period: str | None = None) -> Sequence[Any]:
        """Return what had been sealed."""
        found = await self._ledger.statements(period)
        return [one for one in found if one.statement.closed_at <= self.at]

    async def links(self, period: str | None = None) -> Sequence[Any]:
        """Return the chain as far as it had been sealed."""
        if self._sealed is None:
            every = await self._ledger.statements()
            self._sealed = {one.seal: one.statement.closed_at for one in every}
        sealed = self._sealed
        return [one for one in await self._ledger.links(period) if sealed[one.seal] <= self.at]

    def _until(self, last: date) -> date:
        return min(last, self._office.local_day(self.at))


# What is watched, of one moment.


@dataclass(frozen=True, slots=True)
class SinkHealth:
    """How a sink is: bad since then, so many rows waiting, and whether it was handed anything."""

    name: str
    bad_since: datetime | None
    rows: int
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Outlooks:
    """States months for whoever watches them, and remembers those that are over."""

    ledger: Ledger
    context: OfficeContext
    finished: FinishedMonths
    post: "Post"

    async def of(self, now: datetime) -> list[Watched]:
        """Return what is watched of the running month, and of the one before until it is closed."""
        office = self.context.office
        running = office.period_of(office.local_day(now))
        before = office.before(running)
        found: list[Watched] = []
        for period in (before, running):
            if period == before and not await self._is_open(period):
                continue
            stated = await Months(self.ledger, self.context, now, self.finished).came_to(period)
            is_running = period == running
            found += of_months(stated, self.post.named, self.post.near, is_running=is_running)
            found += await self._questions(period)
        return found

    async def _is_open(self, period: Period) -> bool:
        first = await self.ledger.first_day()
        return (
            first is not None and first <= period.end and not await self.ledger.links(period.name)
        )

    async def _questions(self, period: Period) -> list[Watched]:
        names = {one.id: one.name for one in self.context.fleet.places}
        asked = await open_questions(self.ledger, self.context.office, period)
        return [of_question(one, names.get(one.place, one.place)) for one in asked]


async def _of_closings(ledger: Ledger, context: OfficeContext, now: datetime) -> list[Watched]:
    one = await awaiting(ledger, context, now)
    if one is None:
        return []
    return [*of_closing(one.month, one.until, now, automatic=one.automatic)]


async def _of_findings(ledger: Ledger, now: datetime) -> list[Watched]:
    return [*of_findings(await ledger.findings(now - _LATELY, now))]


@dataclass(frozen=True, slots=True)
class _Letters:
    """The monthly letters that somebody wants, of months that were sealed lately."""

    ledger: Ledger
    context: OfficeContext
    post: "Post"

    async def of(self, now: datetime, told: Collection[str]) -> list[Watched]:
        """Return what is watched of them; one that was `told`, or is old, is not made again."""
        wanted = sorted(
            frozenset[DepartmentId]().union(*(one.letters for one in self.post.readers))
        )
        newest = {one.period.name: one for one in await self.ledger.links()} if wanted else {}
        found: list[Watched] = []
        for link in list(newest.values())[-_LETTERS_BACK:]:
            about = (LetterTopic(link.period.name, link.revision, one) for one in wanted)
            topics = {str(one): one.department for one in about}
            if topics.keys() <= {*told} or not await self._is_news(link.period, now):
                found += [Watched(one, Matter.CLOSING, holds=True) for one in topics]
            else:
                found += await self._made(link.period, link.revision, topics, now)
        return found

    async def _is_news(self, period: Period, now: datetime) -> bool:
        sealed = (await self.ledger.statements(period.name))[-1].statement
        return now - sealed.closed_at <= _LATELY

    async def _made(
        self, period: Period, revision: int, topics: Mapping[str, DepartmentId], now: datetime
    ) -> list[Watched]:
        """Return the letters of `period`, silent ones of departments that were not there.

        None of a month whose statement was changed: that is told by itself.
        """
        try:
            report = await month_report(self.ledger, self.context, period, now, "")
        except LedgerError:
            return []
        there = {WHOLE_OFFICE, *(one.department.id for one in report.departments)}
        return [
            _of_letter(monthly_letter(report, one, self.post.named), topic, revision)
            if one in there
            else Watched(topic, Matter.CLOSING, holds=True)
            for topic, one in topics.items()
        ]


def _of_letter(letter: MonthlyLetter, topic: str, revision: int) -> Watched:
    """Return what is watched of a monthly letter: that its month was closed as `revision`."""
    said = sentence("notice.letter", title=letter.title, revision=revision)
    whose = letter.department
    return Watched(
        topic, Matter.CLOSING, holds=True, said=said, advice=as_text(letter), letter_of=whose
    )


_LETTERS_BACK: Final = 12
"""Months whose letters are watched: a revision of an older one is not sent."""


def _standing(context: OfficeContext, now: datetime) -> list[Place]:
    today = context.office.local_day(now)
    return [one for one in context.fleet.places if one.stands_on(today)]


async def _of_machines(ledger: Ledger, context: OfficeContext, now: datetime) -> list[Watched]:
    """Return what is watched of machines that are there now; of one never asked, nothing."""
    states = {one.place: one for one in await ledger.states()}
    found = []
    for place in _standing(context, now):
        state = states.get(place.id)
        heard = None if state is None else state.seen_at
        since = heard or await FIRST_ASKED.about(place.id).get(ledger)
        if since is not None:
            limit = context.silent_after
            found.append(of_machine(place.id, place.name, heard, since, now, limit))
    return found


async def _of_machines_then(
    ledger: LedgerAsOf, context: OfficeContext, now: datetime
) -> list[Watched]:
    """Return what was watched of machines by their stored readings."""
    known = await ledger.heard_between(_BEGINNING, now)
    return [
        of_machine(place.id, place.name, last, last, now, context.silent_after)
        for place in _standing(context, now)
        if place.id in known
        for last in (known[place.id][1],)
    ]


_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

# The notices of a running service.


@dataclass(frozen=True, slots=True)
class Post:
    """Who is told of what, when, and from which share of a target on; departments by which name."""

    readers: tuple[Addressee, ...]
    hours: Callable[[Office], QuietHours]
    near: float
    gap: timedelta = LETTER_GAP
    named: Callable[[Department], str] = lambda one: one.name


Send = Callable[[str, Sequence[Notice], int], Awaitable[None]]
"""Sends to the reader of that name these notices, and says how many were lost.

Raises LetterNotTaken.
"""

_TOLD_AFTER: Final = 3
"""Failures in a row after which a receiver is a finding: one is a network's hiccup."""

_BASE_S: Final = 60.0
_MAX_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Outside:
    """What a service knows of itself: the ledger held up since then, and how its sinks are."""

    held_up: Callable[[], datetime | None]
    sinks: Callable[[], Awaitable[Sequence[SinkHealth]]]
    roll: Callable[[], float]


class Notices:
    """Looks what changed and writes to whoever is to know; the ledger notes both."""

    def __init__(
        self, ledger: Ledger, current: CurrentOffice, clock: Clock, post: Post, outside: Outside
    ) -> None:
        """Watch what `ledger` and the service's `outside` tell, for the readers of `post`."""
        self._ledger = ledger
        self._current = current
        self._clock = clock
        self._post = post
        self._outside = outside
        self._book: Book | None = None
        self._noted: Book | None = None
        self._finished: tuple[object, FinishedMonths] | None = None

    async def look(self) -> None:
        """Judge everything that is watched; what changed waits for its readers.

        While the ledger is held up only that is judged, and kept in mind: nothing can be noted.
        While the clock is in doubt nothing is judged.
        """
        if await CLOCK_IN_DOUBT.get(self._ledger):
            return
        now = self._clock.now()
        book = await self._known()
        held_up = self._outside.held_up()
        watched = [_unsure(one) for one in book.told]
        if held_up is None:
            watched = await self._watched(now, book.told)
        watched.append(of_ledger(held_up, now))
        await self._keep(judged(book, watched, self._post.readers, self._hours, now))

    async def deliver(self, send: Send) -> tuple[Finding, ...]:
        """Write what is due by `send`, one reader after the other; return what was found by it.

        A reader who cannot be reached costs the others nothing, and is one finding.
        """
        now = self._clock.now()
        book = put_off(await self._known(), self._hours, now)
        found: list[Finding] = []
        for reader, notices in ready(book, self._hours, now).items():
            desk = book.desk(reader)
            try:
                await send(reader, notices, desk.lost)
            except LetterNotTaken as error:
                failures = desk.failures + 1
                rest_s = full_jitter(failures, _BASE_S, _MAX_S, self._outside.roll())
                book = failed(book, reader, now, timedelta(seconds=max(_BASE_S, rest_s)))
                if failures == _TOLD_AFTER:
                    found.append(_unreached(reader, str(error), now))
            else:
                book = sent(book, reader, notices, now, self._post.gap)
            await self._keep(book)
        if found:
            await self._ledger.record_findings(found)
        await self._keep(book)
        return tuple(found)

    async def note(self) -> None:
        """Note what could not be noted before, if it can be now."""
        await self._keep(await self._known())

    @property
    def _hours(self) -> QuietHours:
        return self._post.hours(self._current.context.office)

    async def _known(self) -> Book:
        if self._book is None:
            self._book = self._noted = await NOTICES.get(self._ledger) or Book()
        return self._book

    async def _keep(self, book: Book) -> None:
        """Note `book` where it is another; while the ledger is held up it is only kept in mind."""
        self._book = book
        if book != self._noted and self._outside.held_up() is None:
            await NOTICES.put(self._ledger, book)
            self._noted = book

    async def _watched(self, now: datetime, told: Collection[str]) -> list[Watched]:
        ledger, context = self._ledger, self._current.context
        months = Outlooks(ledger, context, await self._remembered(now), self._post)
        found = await months.of(now)
        found += await _of_closings(ledger, context, now)
        found += await _of_machines(ledger, context, now)
        found += await _of_findings(ledger, now)
        found += await _Letters(ledger, context, self._post).of(now, told)
        for one in await self._outside.sinks():
            found.append(
                of_sink(one.name, one.bad_since, now, rows=one.rows, is_proven=one.is_proven)
            )
        return found

    async def _remembered(self, now: datetime) -> FinishedMonths:
        """Return the finished months, read anew each day and whenever somebody said something."""
        context = self._current.context
        said = (len(await self._ledger.entries()), len(await self._ledger.links()))
        state = (context.office.local_day(now), *said)
        if self._finished is None or self._finished[0] != state:
            self._finished = (state, FinishedMonths(self._ledger))
        return self._finished[1]


def _unsure(topic: str) -> Watched:
    return Watched(topic, Matter.LEDGER, None)


def _unreached(reader: str, reason: str, now: datetime) -> Finding:
    text = sentence("finding.receiver_silent", receiver=reader, reason=verbatim(reason))
    at = now.replace(microsecond=0)
    return Finding(Code.RECEIVER_SILENT, Severity.WARNING, reader, text, at)


# What would have been sent.


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One notice as it would have been sent at `at` to `reader`."""

    at: datetime
    reader: str
    notice: Notice


async def rehearse(
    ledger: Ledger,
    context: OfficeContext,
    post: Post,
    span: tuple[date, datetime],
    advance: Callable[[], None] = lambda: None,
) -> AsyncIterator[Rehearsed]:
    """Yield what would have been sent from the first day of `span` on until its end.

    Each day is judged once, as the ledger knew it when the office closed; what waited for the
    digest was sent with it. How sinks and the ledger's disk were is not kept, so not rehearsed.
    """
    first, until = span
    hours, office = post.hours(context.office), context.office
    past = LedgerAsOf(ledger, until, office)
    known = cast("Ledger", past)
    months = Outlooks(known, context, FinishedMonths(known), post)
    book = Book()
    for number in range((office.local_day(until) - first).days + 1):
        day = first + ONE_DAY * number
        for at, is_judged in _moments(hours, day, until):
            past.at = at
            if is_judged:
                watched = await months.of(at)
                watched += await _of_closings(known, context, at)
                watched += await _of_machines_then(past, context, at)
                watched += await _of_findings(known, at)
                watched += await _Letters(known, context, post).of(at, book.told)
                book = judged(book, watched, post.readers, hours, at)
            book = put_off(book, hours, at)
            while letters := ready(book, hours, at):
                for reader, notices in letters.items():
                    for notice in notices:
                        yield Rehearsed(at, reader, notice)
                    book = _without_rest(sent(book, reader, notices, at), reader)
        advance()


def _without_rest(book: Book, reader: str) -> Book:
    return book.with_desk(reader, replace(book.desk(reader), rests=None))


def _moments(hours: QuietHours, day: date, until: datetime) -> list[tuple[datetime, bool]]:
    """Return when something happens on `day`: the digest, and the office's closing, judged."""
    office = hours.office
    closes = datetime.combine(day, office.closes, tzinfo=office.zone_on(day)).astimezone(UTC)
    digest = hours.digest_on(day)
    moments = sorted([(digest, False), (min(closes, until), True)])
    return [one for one in moments if one[0] <= until]
