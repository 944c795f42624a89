"""What is told of its own accord: each change of a state once, and nothing in quiet hours.

Whoever looks at the office says what is watched and whether it holds (`Watched`). The book keeps
what was told and what waits to be sent; it is all that has to be remembered over a restart.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol

from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.ranges import PagesInQuestion
from collector.domain.month.course import TELLS_FROM, Bearing, Standing
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.targets import TargetSource
from collector.domain.report.sentences import amount_of, heading
from collector.domain.sentence import Sentence, sentence


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is sent: one line that says what it is about, and all of it.

    `files` are HTML by name, for those who take any: what is in them the body says as well.
    """

    title: str
    body: str
    files: Mapping[str, bytes] = field(default_factory=dict)


class Receiver(Protocol):
    """Somebody who is written to. At least once; what is written twice was sent twice."""

    name: str

    def takes_files(self) -> bool:
        """Say whether files that come with a letter reach them: by mail they do."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand over `letter`, which may take long: call it beside the polls.

        Raises LetterNotTaken with one sentence on why, in which no secret stands.
        """
        ...


class Matter(StrEnum):
    """What a notice is about: by this it finds its readers."""

    TARGETS = "targets"
    CLOSING = "closing"
    QUESTIONS = "questions"
    MACHINES = "machines"
    LEDGER = "ledger"
    SINKS = "sinks"


@dataclass(frozen=True, slots=True)
class Watched:
    """One thing that is watched, as it is now; `topic` names it for good.

    `holds` is None where that cannot be told at present: what was told of it stays. `said` and
    `advice` are what a person is told once it holds, and once it holds no more; no `said`: nothing.
    One that is the monthly letter of a department is for those alone who want that one's.
    """

    topic: str
    matter: Matter
    holds: bool | None
    said: Sentence | None = None
    advice: Sentence | None = None
    letter_of: DepartmentId | None = None


@dataclass(frozen=True, slots=True)
class LetterTopic:
    """Which monthly letter a notice is about: of a month, as sealed in `revision`."""

    month: str
    revision: int
    department: DepartmentId

    def __str__(self) -> str:
        """The topic of its notice."""
        return f"{_LETTER}|{self.month}|{self.revision}|{self.department}"

    @classmethod
    def of(cls, topic: str) -> "LetterTopic | None":
        """Return what a notice's `topic` names; None where it is about something else."""
        kind, _, rest = topic.partition("|")
        if kind != _LETTER:
            return None
        month, revision, department = rest.split("|", 2)
        return cls(month, int(revision), DepartmentId(department))


_LETTER: Final = "letter"


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of one state, told to one reader: not before `due`."""

    topic: str
    at: datetime
    due: datetime
    said: Sentence
    advice: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is told of these matters: at once, or once a day only.

    They are sent the monthly `letters` of these departments (or of `WHOLE_OFFICE`) as well.
    """

    name: str
    matters: frozenset[Matter]
    daily: bool = False
    letters: frozenset[DepartmentId] = frozenset()

    def wants(self, one: Watched) -> bool:
        """Say whether they are told of it."""
        return (
            one.matter in self.matters if one.letter_of is None else one.letter_of in self.letters
        )


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is written to, and when the digest of what waited is sent.

    Quiet is from `begins` to `ends` of every day (over midnight too; never, where both are the
    same), and, with `days_off`, all of each day on which the office does not work.
    """

    office: Office
    begins: time
    ends: time
    digest: time
    days_off: bool = True

    def is_on(self, at: datetime) -> bool:
        """Say whether it is quiet at the instant `at`."""
        day = self.office.local_day(at)
        clock = at.astimezone(self.office.zone_on(day)).time()
        if self.days_off and not self.office.works_on(day):
            return True
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def digest_after(self, at: datetime) -> datetime:
        """Return the next time after `at` at which the digest is sent; never a quiet one.

        Of an office that has not worked for a year it is the next day's.
        """
        first = self.office.local_day(at)
        days = (first + ONE_DAY * number for number in range(_A_YEAR))
        loud = (one for one in map(self.digest_on, days) if one > at and not self.is_on(one))
        return next(loud, self.digest_on(first + ONE_DAY))

    def digest_on(self, day: date) -> datetime:
        """Return the instant of the digest on `day`, quiet or not."""
        return datetime.combine(day, self.digest, tzinfo=self.office.zone_on(day)).astimezone(UTC)


_A_YEAR: Final = 367
LETTER_GAP: Final = timedelta(minutes=15)
"""A reader usually gets one letter in this time at most: what comes together is told together."""

MOST_IN_A_LETTER: Final = 50
"""Notices in one letter; more come with the next."""

MOST_WAITING: Final = 2000
"""Notices that wait for a reader who cannot be reached; of more the oldest are only counted."""

_LONGEST_REST: Final = timedelta(hours=2)
"""A longer one was worked out by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for one reader. `rests` until then nothing is sent; `failures` in a row.

    `lost` notices were too many to be kept.
    """

    waiting: tuple[Notice, ...] = ()
    rests: datetime | None = None
    failures: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """What was told (topic -> since when it holds) and what waits, by the reader's name."""

    told: Mapping[str, datetime] = field(default_factory=dict)
    desks: Mapping[str, Desk] = field(default_factory=dict)

    def desk(self, reader: str) -> Desk:
        """Return what waits for `reader`."""
        return self.desks.get(reader, Desk())

    def with_desk(self, reader: str, desk: Desk) -> "Book":
        """Return it with another desk of `reader`."""
        return replace(self, desks={**self.desks, reader: desk})


def judged(
    book: Book,
    watched: Iterable[Watched],
    readers: Iterable[Addressee],
    hours: QuietHours,
    now: datetime,
) -> Book:
    """Return the book once everything `watched` was looked at: each change waits for its readers.

    What is not watched any more is forgotten without a word; readers who left are forgotten too.
    """
    told: dict[str, datetime] = {}
    news: list[Watched] = []
    for one in {one.topic: one for one in watched}.values():
        since = book.told.get(one.topic)
        if one.holds or (one.holds is None and since is not None):
            told[one.topic] = since or now
        if one.holds is not None and one.holds != (since is not None) and one.said is not None:
            news.append(one)
    desks = {one.name: _told_to(one, book.desk(one.name), news, hours, now) for one in readers}
    return Book(told, desks)


def _told_to(
    reader: Addressee, desk: Desk, news: Sequence[Watched], hours: QuietHours, now: datetime
) -> Desk:
    waits = reader.daily or hours.is_on(now)
    own = [one for one in news if reader.wants(one)]
    if not own:
        return desk
    soonest = hours.digest_after(now) if waits else now
    due = {one.topic: one.due for one in desk.waiting}  # what is told of one thing keeps its order
    more = (
        Notice(one.topic, now, max(soonest, due.get(one.topic, now)), one.said, one.advice)
        for one in own
        if one.said is not None
    )
    kept = (*desk.waiting, *more)
    over = max(0, len(kept) - MOST_WAITING)
    return replace(desk, waiting=kept[over:], lost=desk.lost + over)


def put_off(book: Book, hours: QuietHours, now: datetime) -> Book:
    """Return the book with what could not be sent in time due at the next digest, if it is quiet.

    Outside quiet hours it is the book itself.
    """
    if not hours.is_on(now):
        return book
    later = hours.digest_after(now)
    desks = {
        name: replace(
            desk,
            waiting=tuple(
                replace(one, due=later) if one.due <= now else one for one in desk.waiting
            ),
        )
        for name, desk in book.desks.items()
    }
    return book if desks == book.desks else replace(book, desks=desks)


def ready(book: Book, hours: QuietHours, now: datetime) -> Mapping[str, tuple[Notice, ...]]:
    """Return what is to be sent now, by its reader; nothing while it is quiet."""
    if hours.is_on(now):
        return {}
    found = {
        name: tuple(one for one in desk.waiting if one.due <= now)[:MOST_IN_A_LETTER]
        for name, desk in book.desks.items()
        if not _is_resting(desk, now)
    }
    return {name: notices for name, notices in found.items() if notices}


def _is_resting(desk: Desk, now: datetime) -> bool:
    return desk.rests is not None and now < desk.rests <= now + _LONGEST_REST


def sent(
    book: Book,
    reader: str,
    notices: Collection[Notice],
    now: datetime,
    gap: timedelta = LETTER_GAP,
) -> Book:
    """Return the book once `reader` got `notices`; the next letter comes after `gap`."""
    waiting = tuple(one for one in book.desk(reader).waiting if one not in notices)
    return book.with_desk(reader, Desk(waiting, now + gap))


def failed(book: Book, reader: str, now: datetime, rest: timedelta) -> Book:
    """Return the book once a letter did not reach `reader`: it waits, and is left alone."""
    desk = book.desk(reader)
    rests = now + min(rest, _LONGEST_REST)
    return book.with_desk(reader, replace(desk, rests=rests, failures=desk.failures + 1))


# What is watched of a month, a machine, the ledger and the sinks.


_MARGIN: Final = 0.02
"""A share that falls back by less may rise again with the next reading: nothing is taken back."""

_ALL: Final = 1.0
_PER_CENT: Final = 100


def of_months(
    stated: OfficeMonth, named: Callable[[Department], str], near: float, *, is_running: bool
) -> Iterator[Watched]:
    """Yield what is watched of a month of every department, and of the whole office.

    Where the target of the whole office is that of the only department it is told once.
    """
    tops = [one for one in stated.departments if one.parent is None and one.target is not None]
    is_told = stated.office.basis.source is TargetSource.SUM and len(tops) == 1
    for month in stated.departments if is_told else (*stated.departments, stated.office):
        yield from of_month(month, named(month.department), near, is_running=is_running)


def of_month(
    month: DepartmentMonth, name: str, near: float, *, is_running: bool
) -> Iterator[Watched]:
    """Yield what is watched of a month of the department called `name`: its target near or passed.

    The forecast is told from a fifth of the working time on, and what is near only while the month
    runs. Over is what was counted to be: what silent copiers may have printed passes no target. A
    department over its target is not told of the rest. Where the standing hangs in the
    balance nothing is told or taken back; without a target nothing is watched.
    """
    if month.target is None or month.ratio is None:
        return
    about = f"{month.period.name}|{month.department.id}"
    is_over = _is_past(month.ratio, _ALL, exactly=(month.remaining or 0) < 0)
    yield Watched(
        f"over|{about}", Matter.TARGETS, is_over, *_over(month, name, holds=bool(is_over))
    )
    if not is_running:
        return
    is_near = None if is_over else _is_past(month.ratio, near, exactly=month.ratio >= near)
    yield Watched(
        f"near|{about}", Matter.TARGETS, is_near, *_near(month, name, holds=bool(is_near))
    )
    ahead = None if is_over else _will_be_over(month)
    yield Watched(f"ahead|{about}", Matter.TARGETS, ahead, *_ahead(month, name, holds=bool(ahead)))


def _is_past(share: float, limit: float, *, exactly: bool) -> bool | None:
    """Say whether `share` is past `limit`; None where it fell back by next to nothing."""
    if exactly:
        return True
    return None if share > limit - _MARGIN else False


def _will_be_over(month: DepartmentMonth) -> bool | None:
    if month.elapsed < TELLS_FROM or month.course is None:
        return None
    if month.course.bearing is Bearing.CLOSE:
        return None
    return month.standing is Standing.WILL_BE_OVER


_Text = tuple[Sentence | None, Sentence | None]
_NOTHING: Final[_Text] = (None, None)


def _over(month: DepartmentMonth, name: str, *, holds: bool) -> _Text:
    if not holds or month.remaining is None:
        return _NOTHING
    beyond = amount_of(-month.remaining, month.measure)
    return _of("notice.over", month, name, beyond=beyond), sentence("notice.over.advice")


def _near(month: DepartmentMonth, name: str, *, holds: bool) -> _Text:
    if not holds or month.remaining is None:
        return _NOTHING
    left = amount_of(month.remaining, month.measure)
    said = _of("notice.near", month, name, left=left)
    if not month.days_left:
        return said, sentence("notice.near.last_day", left=left)
    return said, sentence("notice.near.advice", days=month.days_left, left=left)


def _ahead(month: DepartmentMonth, name: str, *, holds: bool) -> _Text:
    if not holds or month.forecast is None or month.course is None:
        return _NOTHING
    expected = amount_of(month.forecast.expected, month.measure)
    expected_share = round(_PER_CENT * (month.expected_share or 0.0))
    said = _of("notice.ahead", month, name, expected=expected, expected_share=expected_share)
    return said, sentence("notice.ahead.advice", how=heading(month.course))


def _of(key: str, month: DepartmentMonth, name: str, **facts: Sentence | int) -> Sentence:
    return sentence(
        key,
        department=name,
        month=month.period.name,
        target=amount_of(month.target or 0, month.measure),
        used=amount_of(month.used or 0, month.measure),
        share=round(_PER_CENT * (month.ratio or 0.0)),
        **facts,
    )


def of_closing(month: str, until: datetime, now: datetime, *, automatic: bool) -> Iterator[Watched]:
    """Yield what is watched of a month that is over and not closed: that a person is waited for.

    Where it closes by itself only that it did not, a day after it should have.
    """
    late = now >= (until + ONE_DAY if automatic else until)
    advice = sentence("notice.closing.advice", month=month)
    if not automatic:
        said = sentence("notice.closing", month=month, until=until)
        yield Watched(f"closing|{month}", Matter.CLOSING, holds=True, said=said, advice=advice)
    said = sentence("notice.closing.late", month=month, until=until)
    yield Watched(f"closing-late|{month}", Matter.CLOSING, late, said if late else None, advice)


def of_question(one: PagesInQuestion, place: str) -> Watched:
    """Return what is watched of pages in question at the place of that name."""
    said = sentence("notice.question", place=place, pages=one.pages, first=one.first, last=one.last)
    advice = sentence("notice.question.advice", finding=one.finding)
    topic = f"question|{one.finding}"
    return Watched(topic, Matter.QUESTIONS, holds=True, said=said, advice=advice)


def of_machine(
    place: str, name: str, heard: datetime | None, since: datetime, now: datetime, limit: timedelta
) -> Watched:
    """Return what is watched of the machine at `place`: that it is silent for `limit`.

    It was `heard` last then, and is silent `since`; of one that never answered these differ.
    """
    is_silent = now - since >= limit
    if not is_silent:
        said = sentence("notice.heard", place=name, at=heard or since)
        return Watched(f"silent|{place}", Matter.MACHINES, holds=False, said=said)
    hours = int((now - since).total_seconds() // 3600)
    last = sentence("heard.never") if heard is None else sentence("heard.last", at=heard)
    said = sentence("notice.silent", place=name, hours=hours, heard=last)
    advice = sentence("notice.silent.advice")
    return Watched(f"silent|{place}", Matter.MACHINES, holds=True, said=said, advice=advice)


def of_findings(findings: Iterable[Finding]) -> Iterator[Watched]:
    """Yield what is watched of `findings`: ledgers exchanged, statements changed on disk.

    Rows that a server will never take are told together, however many they are.
    """
    rejected = 0
    for one in findings:
        if one.code is Code.LEDGER_RESTORED:
            yield Watched(f"ledger|{one.id}", Matter.LEDGER, holds=True, said=one.message)
        elif one.code is Code.STATEMENT_BROKEN:
            topic = f"broken|{one.subject}|{one.evidence.get('revision')}"
            yield Watched(topic, Matter.LEDGER, holds=True, said=one.message)
        rejected += one.code is Code.ROW_REJECTED
    if rejected:
        said = sentence("notice.rejected", rows=rejected)
        advice = sentence("notice.rejected.advice")
        yield Watched("rejected", Matter.SINKS, holds=True, said=said, advice=advice)


TROUBLE_AFTER: Final = timedelta(minutes=15)
"""A ledger or a sink that is back by then is nobody's trouble."""


def of_ledger(held_up: datetime | None, now: datetime) -> Watched:
    """Return what is watched of the ledger: that it cannot be written since `held_up`."""
    if held_up is None:
        return Watched("held-up", Matter.LEDGER, holds=False, said=sentence("notice.written"))
    holds = True if now - held_up >= TROUBLE_AFTER else None
    said = sentence("notice.held_up", at=held_up)
    return Watched("held-up", Matter.LEDGER, holds, said, sentence("notice.held_up.advice"))


def of_sink(
    sink: str, bad_since: datetime | None, now: datetime, *, rows: int, is_proven: bool
) -> Watched:
    """Return what is watched of a sink: that it takes nothing since `bad_since`, so `rows` wait.

    One that was not handed anything since the start `is_proven` neither good nor bad.
    """
    topic = f"sink|{sink}"
    if bad_since is None:
        said = sentence("notice.sink_good", sink=sink)
        return Watched(topic, Matter.SINKS, False if is_proven else None, said)
    holds = True if now - bad_since >= TROUBLE_AFTER else None
    said = sentence("notice.sink_bad", sink=sink, at=bad_since, rows=rows)
    return Watched(topic, Matter.SINKS, holds, said, sentence("notice.sink_bad.advice"))
