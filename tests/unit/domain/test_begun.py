"""Since when a month is measured, and for which departments it is no whole one."""

from datetime import date
from zoneinfo import ZoneInfo

from collector.domain.begun import is_part, measured_since, part_measured
from collector.domain.fleet import WHOLE_OFFICE, Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office import Office
from collector.domain.reading import PlaceId

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
