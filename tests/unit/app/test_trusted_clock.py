"""The time to file readings under: no leap is followed on the wall clock's word alone."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.app.notes import CLOCK_IN_DOUBT
from collector.app.poll.trusted_clock import TrustedClock
from collector.domain.counting.findings import Code
from collector.domain.counting.times import UptimeMark
from collector.domain.office.shares import PlaceId
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger

T0 = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
P1, P2 = PlaceId("1f"), PlaceId("2f")
UP = 9_000_000
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Machine:
    """A computer whose wall clock can be set, before printers that count their own seconds."""

    def __init__(self) -> None:
        """Start at T0."""
        self.wall = FakeClock(T0)
        self.seconds = 500.0
        self.since = 0
        self.start()

    def start(self) -> None:
        """Start the program anew."""
        self.clock = TrustedClock(self.wall, lambda: self.seconds)

    def passes(self, span: timedelta, *, suspended: bool = False) -> None:
        """Let time pass; a suspended computer's monotonic clock stands still meanwhile."""
        self.wall.at += span
        self.seconds += 0 if suspended else span.total_seconds()
        self.since += int(span.total_seconds())

    def polls(self, *places: PlaceId, known: UptimeMark | None = None) -> None:
        """Hear `places`, whose own clocks have run all the time."""
        for place in places or (P1, P2):
            self.clock.hear(place, UP + self.since, known)

    @property
    def truth(self) -> datetime:
        """What a right clock shows."""
        return T0 + timedelta(seconds=self.since)


def test_a_right_clock_is_followed() -> None:
    machine = Machine()
    for _ in range(50):
        machine.passes(HOUR)
        machine.wall.at += timedelta(seconds=20)  # slewed, second by second
        assert machine.clock.now() == machine.wall.at
    assert machine.clock.wall_in_doubt() is None
    assert not machine.clock.is_in_doubt


def test_a_leap_that_nobody_speaks_for_is_not_followed_and_ends_when_it_is_undone() -> None:
    machine = Machine()
    machine.polls()
    machine.passes(HOUR)
    machine.wall.at += 365 * DAY
    for _ in range(8):
        machine.passes(HOUR)
        machine.polls()
        assert machine.clock.now() == machine.truth
        assert machine.clock.wall_in_doubt() == machine.wall.at
        assert machine.clock.is_in_doubt
    machine.wall.at -= 365 * DAY
    assert machine.clock.now() == machine.truth
    assert not machine.clock.is_in_doubt


def test_a_computer_that_was_suspended_believes_its_printers() -> None:
    machine = Machine()
    machine.polls()
    machine.passes(9 * HOUR, suspended=True)
    assert machine.clock.now() == machine.truth - 9 * HOUR
    machine.polls(P1)
    assert machine.clock.now() == machine.truth
    assert not machine.clock.is_in_doubt


def test_a_leap_that_no_printer_can_judge_is_followed_after_a_day() -> None:
    machine = Machine()
    machine.wall.at += 3 * DAY
    assert machine.clock.now() == machine.truth
    machine.passes(23 * HOUR)
    assert machine.clock.now() == machine.truth
    machine.passes(2 * HOUR)
    assert machine.clock.now() == machine.wall.at


@pytest.mark.parametrize("seconds", [-540, -90, 90, 540])
def test_a_leap_too_small_for_printers_to_judge_is_followed_after_a_day(seconds: int) -> None:
    machine = Machine()
    machine.polls()
    machine.passes(HOUR)
    machine.wall.at += timedelta(seconds=seconds)  # a service that sets the clock right at last
    assert machine.clock.now() == machine.truth
    for _ in range(23):
        machine.passes(HOUR)
        machine.polls()
        assert machine.clock.now() == machine.truth
        assert machine.clock.is_in_doubt
    machine.passes(2 * HOUR)
    machine.polls()
    assert machine.clock.now() == machine.wall.at
    assert not machine.clock.is_in_doubt


def test_a_leap_that_printers_speak_against_is_never_followed() -> None:
    machine = Machine()
    machine.polls()
    machine.passes(HOUR)
    machine.wall.at += HOUR
    for _ in range(24 * 5):
        machine.passes(HOUR)
        machine.polls()
    assert machine.clock.now() == machine.truth
    assert machine.clock.is_in_doubt


def test_a_program_that_starts_under_a_wrong_clock_believes_two_printers() -> None:
    machine = Machine()
    before = UptimeMark(T0, UP)
    machine.passes(HOUR)
    machine.wall.at += 365 * DAY
    machine.start()
    machine.clock.resume_after(T0)
    assert machine.clock.is_in_doubt, "a year without a reading wants a witness"
    machine.polls(P1, known=before)
    assert machine.clock.is_in_doubt, "one printer's clock may stand still while it sleeps"
    machine.polls(P2, known=before)
    assert machine.clock.now() == machine.truth
    assert machine.clock.is_in_doubt


def test_a_long_pause_is_believed_once_a_printer_vouches_for_it() -> None:
    machine = Machine()
    before = UptimeMark(T0, UP)
    machine.passes(10 * DAY)
    machine.start()
    machine.clock.resume_after(T0)
    assert machine.clock.is_in_doubt
    machine.polls(P1, known=before)
    assert not machine.clock.is_in_doubt


def test_a_clock_behind_the_ledger_goes_on_from_the_ledger() -> None:
    machine = Machine()
    machine.wall.at -= 2000 * DAY
    machine.start()
    machine.clock.resume_after(T0)
    machine.passes(HOUR)
    assert machine.clock.now() == T0 + HOUR
    assert machine.clock.is_in_doubt


def test_printers_that_were_switched_on_again_say_nothing() -> None:
    machine = Machine()
    machine.polls()
    machine.passes(HOUR)
    machine.wall.at += 5 * DAY
    machine.clock.hear(P1, 60, None)
    machine.clock.hear(P2, 60, None)
    assert machine.clock.now() == machine.truth


async def test_a_doubt_is_told_once_and_so_is_its_end() -> None:
    machine, ledger = Machine(), FakeLedger()
    assert await machine.clock.look(ledger) == ()
    machine.polls()
    machine.wall.at += DAY
    (told,) = await machine.clock.look(ledger)
    assert (told.code, told.evidence["difference_s"]) == (Code.CLOCK_IN_DOUBT, 86_400)
    assert await CLOCK_IN_DOUBT.get(ledger)
    machine.passes(HOUR)
    assert await machine.clock.look(ledger) == ()
    machine.wall.at -= DAY
    (told,) = await machine.clock.look(ledger)
    assert told.code is Code.CLOCK_TRUSTED
    assert await CLOCK_IN_DOUBT.get(ledger) == ""
    assert [one.code for one in await ledger.findings()] == [
        Code.CLOCK_IN_DOUBT,
        Code.CLOCK_TRUSTED,
    ]
