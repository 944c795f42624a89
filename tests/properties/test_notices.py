"""Laws of notices: each change told once to whom it concerns, none in quiet hours, none lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.app.notes import NOTICES
from collector.domain.notices import (
    LETTER_GAP,
    MOST_IN_A_LETTER,
    MOST_WAITING,
    Addressee,
    Book,
    Matter,
    Notice,
    QuietHours,
    Watched,
    failed,
    judged,
    put_off,
    ready,
    sent,
)
from collector.domain.office.office_calendar import Office
from collector.domain.sentence import Sentence, sentence

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"), frozenset({date(2026, 11, 3)}))
T0 = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
TOPICS = ("a", "b", "c")
MATTER = {"a": Matter.TARGETS, "b": Matter.MACHINES, "c": Matter.SINKS}
READERS = (
    Addressee("managers", frozenset({Matter.TARGETS})),
    Addressee("it", frozenset({Matter.MACHINES, Matter.SINKS})),
    Addressee("chief", frozenset(Matter), daily=True),
)


@dataclass(frozen=True)
class Step:
    """After `minutes`, what of each topic holds; who does not answer; whether it restarts."""

    minutes: int
    holds: tuple[bool | None, ...]
    away: frozenset[str]
    restarts: bool


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(1, 2000),
        st.tuples(*(st.sampled_from([True, False, None]) for _ in TOPICS)),
        st.frozensets(st.sampled_from([one.name for one in READERS])),
        st.booleans(),
    ),
    max_size=20,
)
CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))


@st.composite
def hours(draw: st.DrawFn) -> QuietHours:
    begins, ends = draw(CLOCK), draw(CLOCK)
    found = QuietHours(OFFICE, begins, ends, time(0), draw(st.booleans()))
    clocks = (time(hour, minute) for hour in range(24) for minute in (0, 30))
    loud = [one for one in clocks if not _is_within(found, one)]  # as the settings want it
    return QuietHours(OFFICE, begins, ends, draw(st.sampled_from(loud)), found.days_off)


def _is_within(quiet: QuietHours, clock: time) -> bool:
    if quiet.begins <= quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends


def watched(holds: Sequence[bool | None]) -> list[Watched]:
    return [
        Watched(topic, MATTER[topic], one, sentence(f"{topic} is {one}"))
        for topic, one in zip(TOPICS, holds, strict=True)
    ]


def restarted(book: Book) -> Book:
    """What a process that starts anew knows: what is written in the ledger's notes."""
    return NOTICES.read(NOTICES.written(book))


class Played:
    """A service in the small, with what each reader got and when."""

    def __init__(self, quiet: QuietHours) -> None:
        """Begin with nothing told, at T0."""
        self.quiet = quiet
        self.book = Book()
        self.now = T0
        self.got: dict[str, list[tuple[datetime, Notice]]] = {one.name: [] for one in READERS}
        self.changes: dict[str, Counter[str]] = {one.name: Counter() for one in READERS}
        self.held: dict[str, bool] = dict.fromkeys(TOPICS, False)

    def step(self, one: Step) -> None:
        self.now += timedelta(minutes=one.minutes)
        for topic, holds in zip(TOPICS, one.holds, strict=True):
            if holds is not None and holds != self.held[topic]:
                self.held[topic] = holds
                for reader in READERS:
                    if MATTER[topic] in reader.matters:
                        self.changes[reader.name][f"{topic} is {holds}"] += 1
        self.book = judged(self.book, watched(one.holds), READERS, self.quiet, self.now)
        if one.restarts:
            self.book = restarted(self.book)
        self.send(one.away)

    def send(self, away: frozenset[str] = frozenset()) -> None:
        self.book = put_off(self.book, self.quiet, self.now)
        for reader, notices in ready(self.book, self.quiet, self.now).items():
            if reader in away:
                self.book = failed(self.book, reader, self.now, timedelta(minutes=7))
            else:
                self.got[reader] += [(self.now, notice) for notice in notices]
                self.book = sent(self.book, reader, notices, self.now)

    def drain(self) -> None:
        """Let a fortnight pass in which everybody answers, from one time to send to the next."""
        end = self.now + timedelta(days=14)
        while self.now < end:
            desks = [one for one in self.book.desks.values() if one.waiting]
            times = [notice.due for one in desks for notice in one.waiting]
            times += [one.rests for one in desks if one.rests is not None]
            later = [one for one in times if one > self.now]
            self.now = min(later, default=end)
            self.send()


def played(steps: Sequence[Step], quiet: QuietHours) -> Played:
    found = Played(quiet)
    for one in steps:
        found.step(one)
    return found


@given(STEPS, hours())
def test_each_change_is_told_exactly_once_whenever_it_restarts(
    steps: list[Step], quiet: QuietHours
) -> None:
    office = played(steps, quiet)
    if not _is_always_quiet(quiet):
        office.drain()
        assert all(not one.waiting for one in office.book.desks.values())
    for reader in READERS:
        name = reader.name
        told = Counter(one.said.key for _, one in office.got[name])
        told += Counter(one.said.key for one in office.book.desk(name).waiting)
        assert told == office.changes[name]


def _is_always_quiet(quiet: QuietHours) -> bool:
    return all(_is_within(quiet, time(hour, minute)) for hour in range(24) for minute in (0, 30))


@given(STEPS, hours())
def test_nothing_is_sent_in_quiet_hours_and_what_waited_not_before_the_digest(
    steps: list[Step], quiet: QuietHours
) -> None:
    office = played(steps, quiet)
    office.drain()
    daily = {one.name for one in READERS if one.daily}
    for name, got in office.got.items():
        for at, notice in got:
            assert not quiet.is_on(at)
            if quiet.is_on(notice.at) or name in daily:
                assert at >= quiet.digest_after(notice.at)


@given(STEPS, hours())
def test_a_reader_gets_what_happened_in_its_order_and_letters_have_a_gap(
    steps: list[Step], quiet: QuietHours
) -> None:
    office = played(steps, quiet)
    office.drain()
    for got in office.got.values():
        of_topic = {topic: [one.at for _, one in got if one.topic == topic] for topic in TOPICS}
        assert all(times == sorted(times) for times in of_topic.values())
        letters = sorted({at for at, _ in got})
        pairs = pairwise(letters)
        assert all(later - at >= LETTER_GAP for at, later in pairs)


@given(hours(), st.integers(0, 40_000))
def test_a_digest_comes_after_and_is_not_quiet_where_anything_is_not(
    quiet: QuietHours, minutes: int
) -> None:
    at = T0 + timedelta(minutes=minutes)
    digest = quiet.digest_after(at)
    assert at < digest <= at + timedelta(days=368)
    clock = digest.astimezone(OFFICE.zone).time()
    assert clock == quiet.digest
    assert not quiet.is_on(digest) or _is_within(quiet, quiet.digest)


FACT = st.recursive(
    st.one_of(
        st.text(max_size=5),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.builds(Sentence, st.text(max_size=5), st.dictionaries(st.text(max_size=3), inner)),
    ),
    max_leaves=6,
)


@given(st.builds(Sentence, st.text(max_size=5), st.dictionaries(st.text(max_size=3), FACT)))
def test_a_notice_is_remembered_to_the_letter(said: Sentence) -> None:
    quiet = QuietHours(OFFICE, time(0), time(0), time(8))
    one = Watched("a", Matter.TARGETS, holds=True, said=said, advice=said)
    book = judged(Book(), [one], READERS, quiet, T0)
    book = failed(book, "chief", T0, timedelta(minutes=1))
    assert restarted(book) == book
    assert book.desk("managers").waiting[0].said == said


def test_of_too_many_the_oldest_are_counted_and_the_rest_comes_in_letters() -> None:
    quiet = QuietHours(OFFICE, time(0), time(0), time(8))
    many = [
        Watched(f"{number}", Matter.TARGETS, holds=True, said=sentence(f"{number}"))
        for number in range(MOST_WAITING + 3)
    ]
    book = judged(Book(), many, READERS, quiet, T0)
    assert (book.desk("managers").lost, len(book.desk("managers").waiting)) == (3, MOST_WAITING)
    assert book.desk("managers").waiting[0].topic == "3"
    letter = ready(book, quiet, T0)["managers"]
    assert len(letter) == MOST_IN_A_LETTER
    after = sent(book, "managers", letter, T0).desk("managers")
    assert (after.lost, len(after.waiting)) == (0, MOST_WAITING - MOST_IN_A_LETTER)


def test_a_clock_that_was_wrong_keeps_nobody_from_being_told() -> None:
    quiet = QuietHours(OFFICE, time(0), time(0), time(8))
    one = Watched("a", Matter.TARGETS, holds=True, said=sentence("a"))
    book = judged(Book(), [one], READERS, quiet, T0)
    book = failed(book, "managers", T0 + timedelta(days=900), timedelta(minutes=5))
    assert "managers" in ready(book, quiet, T0)
