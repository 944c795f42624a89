"""Calendars of schools and shifts: which days they work, and who keeps which."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import Usage, split_usage
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay, kept_calendars

TOKYO = ZoneInfo("Asia/Tokyo")
CULTURE_DAY, SPORTS_DAY = date(2026, 11, 3), date(2026, 10, 12)
OFFICE = Office("t", TOKYO, closed=frozenset({CULTURE_DAY, SPORTS_DAY, date(2026, 12, 31)}))
FIRST_YEAR, LAST_YEAR = 2024, 2028


def day(text: str) -> YearDay:
    year, month, number = (int(one) for one in text.split("-"))
    return YearDay(month, number, year or None)


def kept(calendar: Calendar, office: Office = OFFICE) -> Office:
    return calendar.kept_by(office, FIRST_YEAR, LAST_YEAR)


def term(start: str, end: str) -> CalendarTerm:
    return CalendarTerm(day(start), day(end))


SCHOOL = Calendar(
    "school",
    closed_days=(YearDay(11, 20), YearDay(10, 5, 2026)),
    terms=(
        term("0-04-08", "0-07-20"),
        term("0-09-01", "0-12-24"),
        term("0-01-08", "0-03-24"),
        term("2026-04-08", "2026-07-17"),
        term("2026-08-27", "2026-12-23"),
        term("2027-01-07", "2027-03-24"),
    ),
)


@pytest.mark.parametrize(
    ("on", "works"),
    [
        (date(2026, 7, 17), True),  # the last day of the term as that year has it
        (date(2026, 7, 20), False),  # of other years only
        (date(2026, 8, 27), True),
        (date(2026, 8, 26), False),
        (date(2025, 8, 27), False),  # no term of its own: as every year
        (date(2025, 7, 18), True),
        (date(2027, 7, 20), True),
        (date(2027, 1, 7), True),  # of the fiscal year 2026
        (date(2028, 1, 7), False),
        (date(2026, 11, 20), False),  # its own day off, every year
        (date(2025, 11, 20), False),
        (date(2026, 10, 5), False),  # this year only
        (date(2027, 10, 5), True),
        (CULTURE_DAY, False),
        (date(2026, 11, 14), False),  # a Saturday
        (date(2026, 11, 16), True),
    ],
)
def test_a_school_works_on_weekdays_of_its_terms(on: date, works: bool) -> None:
    assert kept(SCHOOL).works_on(on) is works


def test_only_weekdays_out_of_term_are_breaks() -> None:
    school = kept(SCHOOL)
    assert date(2026, 8, 3) in school.breaks
    assert date(2026, 8, 1) not in school.breaks  # a Saturday anyway
    assert date(2026, 12, 31) not in school.breaks  # a day off of the whole office
    assert not any(school.works_on(one) for one in school.breaks)


def test_a_fiscal_year_without_any_term_works_every_weekday() -> None:
    dated = kept(Calendar("school", terms=SCHOOL.terms[3:]))
    assert dated.works_on(date(2025, 8, 4))
    assert not dated.works_on(date(2026, 8, 4))
    assert dated.works_on(date(2027, 8, 4))


def test_a_term_over_the_turn_of_the_year_and_one_on_29_february() -> None:
    winter = kept(Calendar("ski", terms=(term("0-12-01", "0-02-29"),)))
    assert winter.works_on(date(2025, 12, 1))
    assert winter.works_on(date(2026, 2, 27))
    assert not winter.works_on(date(2026, 3, 2))
    assert winter.works_on(date(2028, 2, 29))
    assert not winter.works_on(date(2026, 11, 30))


def test_shifts_work_every_day_round_the_clock() -> None:
    shift = kept(Calendar("shift", frozenset(), time(0), time(0), holidays=False))
    month = OFFICE.period("2026-11")
    assert all(shift.works_on(one) for one in month.days)
    noon = datetime(2026, 11, 3, 3, tzinfo=UTC)
    assert shift.working_seconds(noon, noon + ONE_DAY * 2) == pytest.approx(2 * 86400)


def test_a_night_shift_ends_on_the_next_morning() -> None:
    night = kept(Calendar("night", opens=time(22), closes=time(6)))
    friday = night.midnight(date(2026, 11, 6))
    hours = [
        night.working_seconds(friday + ONE_DAY * n, friday + ONE_DAY * (n + 1)) / 3600
        for n in range(4)
    ]
    assert hours == [8, 6, 0, 2]  # Friday's shift goes on into Saturday; Monday's begins at 22:00


def test_an_office_keeps_its_zone_its_months_and_everything_not_stated() -> None:
    office = Office("t", TOKYO, closing_day=20, year_begins=1, closed=OFFICE.closed)
    same = kept(Calendar("plain"), office)
    assert same == office
    school = kept(SCHOOL, office)
    assert school.period("2026-11") == office.period("2026-11")
    assert (school.opens, school.weekend) == (office.opens, office.weekend)


A, B = DepartmentId("school"), DepartmentId("hall")
FLEET = Fleet(
    departments=(Department(A, "学校", calendar="school"), Department(B, "庁舎")),
    places=(
        Place(
            PlaceId("moved"),
            "",
            "",
            assignments=(
                Assignment(date(2026, 1, 1), {B: 100}),
                Assignment(date(2026, 9, 1), {A: 100}),
            ),
        ),
        Place(
            PlaceId("night"),
            "",
            "",
            assignments=(Assignment(date(2026, 1, 1), {A: 60, B: 40}),),
            calendar="shift",
        ),
        Place(PlaceId("nobody"), "", ""),
    ),
    calendars=(SCHOOL, Calendar("shift", frozenset(), time(0), time(0), holidays=False)),
)


def standing() -> Office:
    calendars = kept_calendars(OFFICE, FLEET.calendars, FIRST_YEAR, LAST_YEAR)
    return Office("t", TOKYO, closed=OFFICE.closed, kept=calendars)


def test_a_place_keeps_its_own_calendar_else_its_department_s_of_that_day() -> None:
    office = standing()
    school, shift = office.kept["school"], office.kept["shift"]
    spring, autumn = date(2026, 5, 1), date(2026, 10, 1)
    assert FLEET.office_at(PlaceId("moved"), office, spring) is office
    assert FLEET.office_at(PlaceId("moved"), office, autumn) is school
    assert FLEET.office_at(PlaceId("night"), office, spring) is shift
    assert FLEET.office_at(PlaceId("nobody"), office, spring) is office
    assert FLEET.office_at(PlaceId("ghost"), office, spring) is office


def test_a_department_keeps_its_own_calendar_else_the_one_of_all_its_places() -> None:
    office = standing()
    assert FLEET.office_of(A, office, date(2026, 10, 1)) is office.kept["school"]
    assert FLEET.office_of(B, office, date(2026, 5, 1)) is office  # one place of two has one
    assert FLEET.office_of(B, office, date(2026, 10, 1)) is office.kept["shift"]
    assert FLEET.office_of(DepartmentId("whole_office"), office, date(2026, 10, 1)) is office


def test_usage_is_split_by_the_working_time_of_its_place() -> None:
    """From Friday noon to Monday noon: a town hall rests in between, a fire station does not."""
    office = standing()
    start, end = datetime(2026, 11, 6, 3, tzinfo=UTC), datetime(2026, 11, 9, 3, tzinfo=UTC)
    usage = Usage(PlaceId("x"), DeviceKey("x"), TOTAL, 1, start, end, 0, 720)
    hall, shift = split_usage(usage, office), split_usage(usage, office.kept["shift"])
    assert [hall[date(2026, 11, n)] for n in (7, 8)] == [0, 0]
    assert [shift[date(2026, 11, n)] for n in (6, 7, 8, 9)] == [120, 240, 240, 120]
