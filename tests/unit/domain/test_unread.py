"""What silent copiers have probably printed: beside the total, never in it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.forecast import Forecast, together, unread_pages
from collector.domain.month.month import MonthFacts, stated_month
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO)
A, B = DepartmentId("a"), DepartmentId("b")
P = PlaceId("p")
OCTOBER = [date(2026, 10, 1) + ONE_DAY * n for n in range(31)]


def steady(pages: int, days: list[date]) -> dict[date, int]:
    return {day: pages for day in days if OFFICE.works_on(day)}


def test_a_steady_copier_is_expected_to_go_on_steadily() -> None:
    daily = steady(100, OCTOBER)
    guess = unread_pages(daily, OFFICE, date(2026, 11, 2), date(2026, 11, 6))
    assert guess is not None
    assert guess.forecast == Forecast(500, 500, 500)
    assert set(guess.days.values()) == {100}


def test_an_unsteady_one_has_a_range_that_grows_with_the_gap() -> None:
    daily = {day: 50 + 100 * (n % 2) for n, day in enumerate(steady(1, OCTOBER))}
    short = unread_pages(daily, OFFICE, date(2026, 11, 2), date(2026, 11, 2))
    long = unread_pages(daily, OFFICE, date(2026, 11, 2), date(2026, 11, 13))
    assert short is not None
    assert long is not None
    assert 0 < short.spread < long.spread
    assert short.forecast.low >= 0


def test_weekends_bring_what_they_brought() -> None:
    daily = steady(100, OCTOBER)
    guess = unread_pages(daily, OFFICE, date(2026, 11, 7), date(2026, 11, 8))
    assert guess is not None
    assert guess.forecast.expected == 0


def test_nothing_is_guessed_of_a_copier_without_a_past() -> None:
    first = date(2026, 11, 2)
    assert unread_pages({}, OFFICE, first, first) is None
    assert unread_pages({first: 5}, OFFICE, first, first) is None
    assert together({}, {}) is None


@pytest.mark.parametrize(("share", "expected"), [({A: 100}, 400), ({A: 60, B: 40}, 240)])
def test_a_departments_month_names_its_share_of_what_is_missing(
    share: dict[DepartmentId, int], expected: int
) -> None:
    """Heard last on Tuesday the 10th; on Tuesday the 17th four working days are missing."""
    place = Place(P, "p", "192.0.2.1", assignments=(Assignment(date(2020, 4, 1), share),))
    fleet = Fleet((Department(A, "a"), Department(B, "b")), (place,))
    days = [*OCTOBER, *(date(2026, 11, 1) + ONE_DAY * n for n in range(10))]
    usages = [DayUsage(P, day, {Meter("total"): n}) for day, n in steady(100, days).items()]
    heard = datetime(2026, 11, 10, 9, tzinfo=TOKYO).astimezone(UTC)
    facts = MonthFacts(
        fleet=fleet,
        office=OFFICE,
        period=OFFICE.period("2026-11"),
        now=datetime(2026, 11, 17, 9, tzinfo=TOKYO).astimezone(UTC),
        days=usages,
        heard={P: (heard - timedelta(days=9), heard)},
    )
    month, *_ = stated_month(facts).departments
    assert month.missing == (P,)
    assert month.unread is not None
    assert month.unread.expected == expected
    assert month.pages == sum(
        one.pages[Meter("total")] for one in usages if one.day.month == 11
    ) * (share[A] / 100)

    read = replace(facts, heard={P: (heard, facts.now)})
    assert stated_month(read).departments[0].unread is None
