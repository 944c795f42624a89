"""The grid, the back-off and the closing polls by example; laws are in tests/properties."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.cadence import (
    PollState,
    Rest,
    Rhythm,
    backoff,
    closing_midnight_after,
    first_due,
    full_jitter,
    next_closing_poll,
    next_due,
    next_poll,
    share_of,
)
from collector.domain.office.office_calendar import Office

TOKYO = Office("town-hall", ZoneInfo("Asia/Tokyo"))
NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CLOSING = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
"""Midnight in Tokyo at which November 2026 ends."""


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_polls_come_at_the_same_second_of_every_interval() -> None:
    first = next_due(7.5, 300, NOON)

    assert first == NOON + timedelta(seconds=7.5)
    assert next_due(7.5, 300, first) == first + minutes(5)


def test_late_poll_does_not_shift_the_next_one() -> None:
    assert next_due(7.5, 300, NOON + timedelta(seconds=299)) == NOON + timedelta(seconds=307.5)


def test_round_of_200_places_is_spread_over_its_whole_width() -> None:
    dues = sorted(
        next_due(Rhythm(share=share_of(f"place-{n}")).phase_s, 300, NOON) for n in range(200)
    )

    assert dues[-1] - dues[0] > timedelta(seconds=18)
    crowded = max(sum(a <= due < a + timedelta(seconds=1) for due in dues) for a in dues)
    assert crowded < 32


def test_place_is_first_polled_within_the_spread() -> None:
    assert first_due(Rhythm(spread_s=20, share=0.5), NOON) == NOON + timedelta(seconds=10)
    assert first_due(Rhythm(interval_s=2, spread_s=20, share=0.5), NOON) == NOON + timedelta(
        seconds=1
    )


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(1, 300), (2, 600), (3, 1200), (4, 2400), (5, 3600), (500, 3600)]
)
def test_silent_device_is_left_alone_longer_and_longer(failures: int, wait_s: float) -> None:
    assert backoff(failures, 300, 3600, 0.0) == wait_s


def test_cap_below_the_interval_does_not_hurry() -> None:
    assert backoff(3, 300, 60, 1.0) == 300


def test_sink_waits_anywhere_under_a_growing_ceiling() -> None:
    assert [full_jitter(n, 2, 120, 1.0) for n in (1, 2, 3, 9)] == [2, 4, 8, 120]
    assert full_jitter(3, 2, 120, 0.25) == 2


def test_each_closing_midnight_has_its_polls() -> None:
    due = CLOSING - minutes(60)
    found = []
    for _ in range(4):
        due = next_closing_poll(TOKYO, 0.0, due, heard_at=None)
        found.append(due - CLOSING)

    assert found == [minutes(-2), minutes(1), minutes(10), minutes(30)]


def test_ladder_ends_with_the_first_reading_of_the_new_month() -> None:
    after = CLOSING + minutes(3)
    heard = next_closing_poll(TOKYO, 0.0, after, heard_at=CLOSING + minutes(1))
    unheard = next_closing_poll(TOKYO, 0.0, after, heard_at=CLOSING - minutes(2))

    assert unheard == CLOSING + minutes(10)
    assert heard == datetime(2026, 12, 31, 14, 58, tzinfo=UTC)


def test_closing_polls_of_500_places_do_not_come_at_once() -> None:
    dues = [
        next_closing_poll(TOKYO, share_of(f"p{n}"), CLOSING - minutes(60), heard_at=None)
        for n in range(500)
    ]

    assert max(sum(a <= due < a + timedelta(seconds=1) for due in dues) for a in dues) <= 12


def test_a_month_that_ends_on_the_20th_is_closed_then() -> None:
    office = Office("town-hall", ZoneInfo("Asia/Tokyo"), closing_day=20)

    assert closing_midnight_after(office, NOON) == datetime(2026, 12, 20, 15, 0, tzinfo=UTC)


def test_clock_set_back_across_midnight_closes_a_month_once() -> None:
    """In Newfoundland, until 2011, clocks went from 00:01 back to 23:01 of the day before."""
    office = Office("st-johns", ZoneInfo("America/St_Johns"), closing_day=6)
    closing = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    in_the_hour_again = closing + minutes(30)

    assert office.local_day(in_the_hour_again).day == 6
    assert closing_midnight_after(office, closing - minutes(1)) == closing
    assert closing_midnight_after(office, in_the_hour_again).month == 12
    assert next_closing_poll(office, 0.0, closing + minutes(31), None).month == 12


def test_backed_off_device_is_still_asked_around_closing() -> None:
    rhythm = Rhythm(interval_s=300, max_backoff_s=36_000)
    dead = PollState(failures=9, heard_at=NOON - timedelta(days=3))
    polled_at = CLOSING - minutes(20)

    assert next_poll(rhythm, TOKYO, dead, polled_at, polled_at, 0.0) == CLOSING - minutes(2)


def test_refused_device_is_at_once_asked_seldom() -> None:
    rhythm = Rhythm(interval_s=300, max_backoff_s=3600)
    refused = PollState(failures=1, refused=True)

    due = next_poll(rhythm, TOKYO, refused, NOON, NOON + timedelta(seconds=1), 0.0)

    assert due == NOON + timedelta(hours=1)


def test_poll_that_outlasts_a_closing_poll_does_not_swallow_it() -> None:
    """A machine asked just before midnight that answers after its next poll was due."""
    begun, over = CLOSING - timedelta(seconds=10), CLOSING + minutes(2)

    due = next_poll(Rhythm(share=0.0), TOKYO, PollState(), begun, over, 0.0)

    assert due == CLOSING + minutes(1)


def test_slow_device_skips_grid_points_it_has_missed() -> None:
    due = next_poll(Rhythm(interval_s=60), TOKYO, PollState(), NOON, NOON + minutes(2.5), 0.0)

    assert due == NOON + minutes(3)


RESTING = Rhythm(spread_s=0, rest=Rest(12, TOKYO))
FRIDAY = datetime(2026, 11, 27, 8, 40, tzinfo=UTC)
"""17:40 in Tokyo, within half an hour of closing; the 30th is a Monday."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of November 2026 in Tokyo."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO.zone).astimezone(UTC)


def polls_until(until: datetime, standing: PollState, now: datetime = FRIDAY) -> list[datetime]:
    """Return the polls after `now`, of a machine that always answers the same."""
    found = [now]
    while found[-1] < until:
        now = found[-1]
        found.append(next_poll(RESTING, TOKYO, standing, now, now, 0.0))
    return found[1:-1]


def test_in_the_evening_a_machine_is_asked_once_an_hour() -> None:
    found = polls_until(at(27, 21, 30), PollState(heard_at=FRIDAY))

    assert found == [at(27, 17, 45), at(27, 18), at(27, 19), at(27, 20), at(27, 21)]


def test_a_machine_that_sleeps_is_left_alone_over_the_weekend_but_for_its_midnights() -> None:
    found = polls_until(at(30, 8, 12), PollState(heard_at=FRIDAY, asleep=True))

    midnights = [at(day, 0) + minutes(count) for day in (28, 29, 30) for count in (-2, 1)]
    assert found == [at(27, 17, 45), *midnights, at(30, 8), at(30, 8, 5), at(30, 8, 10)]


def test_around_a_closing_midnight_nothing_rests() -> None:
    rested = polls_until(CLOSING + minutes(20), PollState(heard_at=NOON, asleep=True), at(30, 20))

    assert rested == [CLOSING + minutes(count) for count in (-15, -10, -5, -2, 0, 1, 5, 10, 15)]


def test_a_school_rests_by_its_own_calendar() -> None:
    school = Office("school", TOKYO.zone, weekend=frozenset({0}))
    saturday = at(28, 10)
    there = Rhythm(spread_s=0, rest=Rest(12, school))

    assert next_poll(there, TOKYO, PollState(), saturday, saturday, 0.0) == at(28, 10, 5)
    assert next_poll(RESTING, TOKYO, PollState(), saturday, saturday, 0.0) == at(28, 11)


def test_a_machine_that_was_off_at_night_is_asked_when_work_begins() -> None:
    silent = PollState(failures=9, heard_at=FRIDAY)
    before = at(30, 7, 50)

    assert next_poll(RESTING, TOKYO, silent, before, before, 0.0) == at(30, 8)
