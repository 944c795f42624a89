"""What departments printed in a month gone by, by who answered for the places then."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collector.domain.counting.entries import PastMonth
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.finished import finished_month, sheets_that_count
from collector.domain.office.fleet import (
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
A, B, C = (DepartmentId(one) for one in "abc")
NOVEMBER = OFFICE.period("2025-11")
SIGNED = Signature("鈴木", "前年の台帳", datetime(2026, 4, 1, tzinfo=UTC))


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


def entry(name: str, total: int) -> PastMonth:
    return PastMonth(PlaceId(name), "2025-11", {Meter("total"): total}, f"{name}!A1", SIGNED)


SHEET = {PlaceId("p"): entry("p", 70), PlaceId("q"): entry("q", 20)}


def test_an_old_sheet_counts_only_where_nothing_was_counted() -> None:
    days = [usage("p", date(2025, 11, 4), 77), usage("q", date(2025, 11, 12), 0)]
    assert sheets_that_count(SHEET, days) == {PlaceId("q"): SHEET[PlaceId("q")]}
    found = finished_month(days, FLEET, OFFICE, NOVEMBER, SHEET)
    assert found.is_settled
    assert found.pages[WHOLE_OFFICE] == 77 + 20
    assert found.daily[WHOLE_OFFICE] == {date(2025, 11, 4): 77, date(2025, 11, 12): 0}


def test_a_sheet_says_nothing_of_departments_whose_places_it_does_not_name() -> None:
    only_q = {PlaceId("q"): SHEET[PlaceId("q")]}
    found = finished_month([], FLEET, OFFICE, OFFICE.period("2025-11"), only_q)
    nobody = DepartmentId("unassigned")
    assert found.pages.keys() == {A, B, nobody, WHOLE_OFFICE}, "q had nobody until the 10th"
    assert sum(pages for name, pages in found.pages.items() if name != WHOLE_OFFICE) == 20
    only_p = {PlaceId("p"): SHEET[PlaceId("p")]}
    assert finished_month([], FLEET, OFFICE, NOVEMBER, only_p).pages == {B: 70, WHOLE_OFFICE: 70}
