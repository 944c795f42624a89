"""Where a month stands, by days too: what a chief asks first."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.month.course import Standing, course, days_to_come, reached
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.month.forecast import Forecast, Outlook
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import Office, Period
from collector.domain.report.labels import choice, mark, numbered

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"))
NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 11, 30))
MONDAY_MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)


def month(pages: int, target: int | None, expected: float | None) -> DepartmentMonth:
    forecast = None if expected is None else Forecast(expected, expected, expected)
    heading = None
    if target is not None and forecast is not None:
        ahead = {date(2026, 11, 24): max(0.0, (expected or 0) - pages)}
        outlook = Outlook(forecast, 0.0, ahead)
        heading = course(target, pages, outlook, OFFICE, NOVEMBER, MONDAY_MORNING)
    department = Department(DepartmentId("soumu"), "総務課")
    return DepartmentMonth(
        department, NOVEMBER, pages, target=target, forecast=forecast, course=heading
    )


@pytest.mark.parametrize(
    ("pages", "target", "expected", "standing", "urgency"),
    [
        (501, 500, 900.0, Standing.OVER, 3),
        (501, 500, None, Standing.OVER, 3),
        (500, 500, 501.0, Standing.WILL_BE_OVER, 2),
        (400, 500, 500.0, Standing.ON_COURSE, 1),
        (0, 500, None, Standing.UNKNOWN, 0),
        (900, None, 1200.0, Standing.NO_TARGET, 0),
        (1, 0, 2.0, Standing.OVER, 3),
    ],
)
def test_a_month_is_over_will_be_or_is_on_course(
    pages: int, target: int | None, expected: float | None, standing: Standing, urgency: int
) -> None:
    told = month(pages, target, expected)

    assert (told.standing, told.standing.urgency) == (standing, urgency)


def test_what_is_expected_over_the_target() -> None:
    assert month(100, 400, 500.0).expected_share == 1.25
    assert month(100, None, 500.0).expected_share is None
    assert month(100, 400, None).expected_share is None
    assert month(100, 0, 500.0).expected_share == 1.0


def test_a_finished_month_is_kept_or_missed() -> None:
    december = datetime(2026, 12, 5, tzinfo=UTC)
    for pages, standing in ((500, Standing.ON_COURSE), (501, Standing.OVER)):
        ended = Outlook(Forecast(pages, pages, pages))
        assert course(500, pages, ended, OFFICE, NOVEMBER, december).standing is standing
    assert days_to_come(OFFICE, NOVEMBER, december) == 0


def test_today_is_a_day_to_come_until_half_of_it_is_gone() -> None:
    evening = datetime(2026, 11, 23, 7, tzinfo=UTC)

    assert days_to_come(OFFICE, NOVEMBER, MONDAY_MORNING) == 6
    assert days_to_come(OFFICE, NOVEMBER, evening) == 5


PAGES = st.dictionaries(st.sampled_from(NOVEMBER.days), st.integers(0, 10_000))


@given(PAGES, st.integers(0, 10**6), PAGES)
def test_the_course_ends_at_the_months_own_sums(
    daily: dict[date, int], target: int, before: dict[date, int]
) -> None:
    october = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
    last = {date(2026, 10, day.day): pages for day, pages in before.items()}
    last[date(2026, 10, 31)] = 7
    course = reached(daily, target, OFFICE, NOVEMBER, (october, last))

    assert [one.day for one in course] == [*NOVEMBER.days]
    for one in ("pages", "allowed", "last_year"):
        line = [getattr(day, one) for day in course]
        assert line == sorted(line)
    assert course[-1].pages == sum(daily.values())
    assert course[-1].allowed == target
    assert course[-1].last_year == sum(last.values()), "the 31st is in, though November has none"


def test_without_last_year_or_target_there_is_no_line() -> None:
    (first, *_) = reached({}, None, OFFICE, NOVEMBER, None)

    assert (first.pages, first.allowed, first.last_year) == (0, 0, None)


def test_names_stand_behind_their_numbers() -> None:
    assert [mark(number) for number in (1, 20, 21, 35, 36, 50, 51)] == [*"①⑳㉑㉟㊱㊿", "(51)"]
    assert numbered(3, "総務課") == "③ 総務課"
    assert numbered(None, "(割当なし)") == "(割当なし)"
    assert choice("a b", "① x").split("\u2063") == ["a b", "① x"]
