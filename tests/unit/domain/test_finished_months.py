"""What departments printed in a month gone by, by who answered for the places then."""

from datetime import date
from zoneinfo import ZoneInfo

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.finished import finished_month
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

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
A, B, C = (DepartmentId(one) for one in "abc")
NOVEMBER = OFFICE.period("2025-11")


def place(name: str, *spans: tuple[date, dict[DepartmentId, int]]) -> Place:
    return Place(PlaceId(name), name, "", assignments=tuple(Assignment(*one) for one in spans))


def usage(name: str, day: date, total: int) -> DayUsage:
    return DayUsage(PlaceId(name), day, {Meter("total"): total})


FLEET = Fleet(
    tuple(Department(one, one) for one in (A, B, C)),
    (
        place("p", (date(2020, 4, 1), {B: 100}), (date(2026, 4, 1), {A: 100})),
        place("q", (date(2025, 11, 10), {A: 60, B: 40})),
    ),
)


def test_pages_are_those_of_who_answered_then() -> None:
    """A re-organisation in April must not move last November's pages."""
    found = finished_month([usage("p", date(2025, 11, 4), 77)], FLEET, OFFICE, NOVEMBER)
    assert found.pages == {B: 77, A: 0, WHOLE_OFFICE: 77}
    assert found.daily == {
        B: {date(2025, 11, 4): 77},
        WHOLE_OFFICE: {date(2025, 11, 4): 77},
    }


def test_a_department_that_was_not_there_is_absent_and_not_zero() -> None:
    october = finished_month([], FLEET, OFFICE, OFFICE.period("2025-10"))
    assert october.pages == {B: 0, WHOLE_OFFICE: 0}
    assert C not in finished_month([], FLEET, OFFICE, NOVEMBER).pages


def test_shares_and_places_without_anybody_add_up_to_the_office() -> None:
    days = [usage("q", date(2025, 11, 12), 10), usage("gone", date(2025, 11, 12), 5)]
    found = finished_month(days, FLEET, OFFICE, NOVEMBER)
    assert (found.pages[A], found.pages[B], found.pages[DepartmentId("unassigned")]) == (6, 4, 5)
    assert found.pages[WHOLE_OFFICE] == 15


def test_days_outside_the_month_are_left_aside() -> None:
    found = finished_month([usage("p", date(2025, 12, 1), 9)], FLEET, OFFICE, NOVEMBER)
    assert found.pages[WHOLE_OFFICE] == 0
