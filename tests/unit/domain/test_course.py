"""Where a month is heading: what is left, the pace, and what would bring it back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.domain.month.course import Bearing, Course, course, fewer_a_day
from collector.domain.month.forecast import Forecast, Outlook, outlook
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.texts.figures import bring_back

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO, closed=frozenset({date(2026, 11, 3), date(2026, 11, 23)}))
NOVEMBER = OFFICE.period("2026-11")
"""19 working days; the 30th is a Monday."""


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOKYO).astimezone(UTC)


def steady(until: date, pages: int = 100) -> dict[date, int]:
    days = (date(2026, 9, 1) + ONE_DAY * n for n in range((until - date(2026, 9, 1)).days))
    return {day: pages for day in days if OFFICE.works_on(day)}


def heading(target: int, now: datetime, office: Office = OFFICE, pages: int = 100) -> Course:
    """Return the course of a department that prints `pages` on every working day."""
    period = office.period("2026-11")
    daily = steady(office.local_day(now), pages)
    ahead = outlook(daily, office, period, now)
    assert ahead is not None
    counted = sum(one for day, one in daily.items() if day in period)
    return course(target, counted, ahead, office, period, now)


def both(found: Course) -> tuple[str, str]:
    return bring_back(found, japanese=True), bring_back(found, japanese=False)


def test_on_course() -> None:
    found = heading(2000, at(11, 17))
    assert (found.bearing, found.left, found.cut, found.days) == (Bearing.WITHIN, 1000, None, ())
    assert both(found) == ("目標内の見込み", "on course")


def test_what_would_bring_it_back_is_told_per_working_day() -> None:
    """1000 printed by Tuesday the 17th; nine working days of 100 to come; 1300 allowed."""
    found = heading(1300, at(11, 17))
    assert (found.bearing, found.left, found.over) == (Bearing.CUT, 300, pytest.approx(600))
    assert found.cut == 67, "600 over nine working days, and a part of a page is a page"
    assert found.days == tuple(date(2026, 11, day) for day in (17, 18, 19, 20, 24, 25, 26, 27, 30))
    assert both(found) == (
        "30日まで1勤務日あたり67面減らす",
        "67 impressions fewer per working day until the 30th",
    )


def test_paces_are_pages_a_working_day() -> None:
    found = heading(1300, at(11, 17))
    assert (found.pace, found.allowed) == (pytest.approx(100), pytest.approx(300 / 9))
    first = heading(1300, at(11, 2))
    assert (first.pace, first.allowed) == (None, pytest.approx(1300 / 19))
    last = heading(1900, at(11, 30, 17))
    assert last.allowed is None


@pytest.mark.parametrize(("hour", "counts"), [(0, True), (8, True), (12, True), (14, False)])
def test_today_counts_while_half_of_it_is_to_come(hour: int, counts: bool) -> None:
    found = heading(1300, at(11, 17, hour))
    assert (date(2026, 11, 17) in found.days) is counts


def test_today_that_is_a_day_off_never_counts() -> None:
    found = heading(1500, at(11, 22))
    assert found.days == tuple(date(2026, 11, day) for day in (24, 25, 26, 27, 30))


def test_already_over_says_that_nothing_helps() -> None:
    found = heading(850, at(11, 17))
    assert (found.bearing, found.left, found.cut, found.allowed) == (Bearing.OVER, -150, None, 0)
    assert both(found) == (
        "目標をすでに150面超過。この月は目標内に戻せない",
        "150 impressions over the target already; nothing brings this month back",
    )


def test_only_the_last_pages_where_no_working_day_is_left_to_save_on() -> None:
    """Monday the 30th, two o'clock: what is still to come of today is more than what is left."""
    found = heading(1801, at(11, 30, 14))
    assert (found.bearing, found.left, found.cut) == (Bearing.LAST_PAGES, 1, None)
    assert both(found) == (
        "30日まであと1面以内に抑える",
        "no more than 1 impression in all until the 30th",
    )


@pytest.mark.parametrize(
    ("target", "bearing", "texts"),
    [
        (1900, Bearing.KEPT, ("目標達成（0面下回る）", "target kept, 0 impressions under it")),
        (1899, Bearing.MISSED, ("目標を1面超過", "target passed by 1 impression")),
    ],
)
def test_a_month_that_is_over(target: int, bearing: Bearing, texts: tuple[str, str]) -> None:
    found = heading(target, at(12, 3))
    assert found.bearing is bearing
    assert (found.cut, found.allowed, found.pace) == (None, None, pytest.approx(100))
    assert both(found) == texts


def test_close_where_only_the_upper_end_lies_above_the_target() -> None:
    ahead = Outlook(Forecast(990, 900, 1080), 0.0, {date(2026, 11, 30): 90.0})
    found = course(1000, 900, ahead, OFFICE, NOVEMBER, at(11, 29))
    assert found.bearing is Bearing.CLOSE
    assert both(found) == (
        "目標内の見込み。ただし最大80面超える恐れ",
        "on course, but may end up to 80 impressions over",
    )


def test_a_month_that_ends_in_another_month_names_it() -> None:
    twentieth = Office("t", TOKYO, OFFICE.closed, closing_day=20)
    found = heading(700, at(10, 30), twentieth)
    assert (found.until, found.bearing) == (date(2026, 11, 20), Bearing.CUT)
    japanese, english = both(found)
    assert japanese.startswith("11月20日まで1勤務日あたり")
    assert english.endswith("per working day until 20 November")
    assert both(heading(1100, at(11, 2), twentieth))[1].endswith("until the 20th")


def test_what_silent_copiers_printed_is_reckoned_with() -> None:
    """Expected pages of the unheard are no pages that anybody could still save."""
    ahead = Outlook(Forecast(1300, 1200, 1400), 0.0, {date(2026, 11, 30): 100.0})
    found = course(1250, 900, ahead, OFFICE, NOVEMBER, at(11, 29))
    assert (found.bearing, found.cut) == (Bearing.CUT, 50)
    hopeless = course(1150, 900, ahead, OFFICE, NOVEMBER, at(11, 29))
    assert (hopeless.bearing, hopeless.left) == (Bearing.LAST_PAGES, 250)


@pytest.mark.parametrize(
    ("days", "over", "fewer"),
    [
        ([100.0, 100.0], 1.0, 1),
        ([100.0, 100.0], 200.0, 100),
        ([100.0, 100.0], 200.1, None),
        ([10.0, 100.0], 60.0, 50),  # the short day gives only what it has
        ([0.4], 0.3, 1),
        ([], 0.0, 0),
        ([], 1.0, None),
    ],
)
def test_fewer_a_day(days: list[float], over: float, fewer: int | None) -> None:
    assert fewer_a_day(days, over) == fewer


@pytest.mark.parametrize(
    ("day", "ordinal"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (12, "12th"), (21, "21st"), (30, "30th")],
)
def test_ordinals(day: int, ordinal: str) -> None:
    found = Course(
        Bearing.CUT, 1, 1, 1.0, 1.0, date(2026, 12, day), date(2026, 12, 1), cut=1, days=()
    )
    assert bring_back(found, japanese=False).endswith(f"until the {ordinal}")
