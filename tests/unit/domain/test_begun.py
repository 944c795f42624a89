"""Since when a month is measured, and for which departments it is no whole one."""

from datetime import date
from zoneinfo import ZoneInfo

from collector.domain.counting.ranges import colours_since, is_part, measured_since, part_measured
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.fleet import (
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.texts.figures import colours_text

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")
A, B = DepartmentId("a"), DepartmentId("b")
LONG_AGO = date(2020, 4, 1)


def place(name: str, department: DepartmentId, start: date = LONG_AGO) -> Place:
    return Place(PlaceId(name), name, "", assignments=(Assignment(start, {department: 100}),))


P, Q = place("p", A), place("q", B)


def test_a_month_that_began_before_the_first_reading_says_since_when_it_is_known() -> None:
    begun = {P.id: date(2026, 11, 30)}
    assert measured_since([P, Q], begun, NOVEMBER, A) == date(2026, 11, 30)
    assert measured_since([P, Q], begun, NOVEMBER, WHOLE_OFFICE) == date(2026, 11, 30)
    assert measured_since([P, Q], begun, OFFICE.period("2026-12"), A) is None
    assert measured_since([P, Q], begun, NOVEMBER, B) is None, "never read: nothing is known"


def test_a_department_is_judged_by_its_own_places() -> None:
    begun = {P.id: date(2026, 11, 30), Q.id: date(2026, 9, 1)}
    fleet = Fleet((Department(A, "A"), Department(B, "B")), (P, Q))
    assert part_measured(fleet, begun, NOVEMBER) == {A}
    assert part_measured(fleet, begun, OFFICE.period("2026-08")) == {A, B, WHOLE_OFFICE}


def test_a_place_that_came_within_the_month_makes_it_no_part() -> None:
    new = place("p", A, date(2026, 11, 10))
    assert measured_since([new], {new.id: date(2026, 11, 10)}, NOVEMBER, A) is None
    assert measured_since([new], {new.id: date(2026, 11, 12)}, NOVEMBER, A) == date(2026, 11, 12)


def test_a_month_is_held_against_its_target_where_no_working_day_is_missing() -> None:
    sunday_before = date(2026, 11, 2)
    assert not is_part(sunday_before, NOVEMBER, OFFICE)
    assert is_part(date(2026, 11, 3), NOVEMBER, OFFICE)
    assert not is_part(None, NOVEMBER, OFFICE)


def counted(month: int, number: int, **pages: int) -> DayUsage:
    meters = {Meter(name): count for name, count in pages.items()}
    return DayUsage(PlaceId("2f"), date(2026, month, number), meters)


def test_colours_that_begin_within_the_month_say_since_when() -> None:
    """Seen: a colour split appears on the 17th, and the month shows it as the whole month's."""
    april = OFFICE.period("2026-04")
    before = [counted(4, 3, total=40), counted(4, 10, total=7), counted(4, 12)]
    after = [counted(4, 17, total=9, total_mono=6, total_color=3), counted(4, 20, total=5)]
    assert colours_since([*before, *after], april) == {"2f": date(2026, 4, 17)}
    assert colours_since(after, april) == {}, "plain days after it tell nothing"
    assert colours_since(before, april) == {}
    assert colours_since([counted(3, 30, total=9), *after], april) == {}


def test_since_when_colours_are_known_is_said_in_both_languages() -> None:
    since = {PlaceId("2f"): date(2026, 4, 17)}
    assert "4月17日から" in colours_text(since, japanese=True)
    assert "2f since 17 April" in colours_text(since, japanese=False)
