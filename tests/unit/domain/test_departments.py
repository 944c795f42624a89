"""Who answers for which page: effective dates, shares in whole pages, and nobody."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from collector.domain.counting.departments import DepartmentDay, department_days, place_shares
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
TOTAL, COPY = Meter("total"), Meter("copy")


def fleet(*spans: tuple[date, Mapping[str, int]]) -> Fleet:
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in spans
    )
    departments = tuple(Department(DepartmentId(one), one) for one in "abc")
    return Fleet(departments, (Place(PlaceId("p"), "p", "", assignments=assignments),))


def days(first: date, *totals: int, place: str = "p") -> list[DayUsage]:
    return [
        DayUsage(PlaceId(place), first + timedelta(days=number), {TOTAL: total})
        for number, total in enumerate(totals)
    ]


def sums(usages: list[DayUsage], fleet_: Fleet, office: Office = OFFICE) -> dict[str, int]:
    counter: Counter[str] = Counter()
    for share in place_shares(usages, fleet_, office):
        counter[share.department] += share.pages[TOTAL]
    return dict(counter)


def test_assignment_holds_from_its_day_on_until_the_next() -> None:
    spans = fleet((date(2026, 4, 1), {"a": 100}), (date(2026, 4, 3), {"b": 100}))
    usages = days(date(2026, 3, 31), 1, 10, 100, 1000, 10_000)
    assert sums(usages, spans) == {"unassigned": 1, "a": 110, "b": 11_000}


def test_reorganisation_in_mid_month_splits_the_month_at_that_day() -> None:
    """Seen (nobody has it): a place that changes hands, or is shared, in the middle of a month."""
    spans = fleet((date(2026, 4, 1), {"a": 100}), (date(2026, 4, 16), {"a": 60, "b": 40}))
    usages = days(date(2026, 4, 1), *[10] * 30)
    assert sums(usages, spans) == {"a": 150 + 90, "b": 60}


def test_one_page_a_day_reaches_the_smaller_share_too() -> None:
    spans = fleet((date(2026, 1, 1), {"a": 60, "b": 40}))
    assert sums(days(date(2026, 4, 1), *[1] * 30), spans) == {"a": 18, "b": 12}
    thirds = fleet((date(2026, 1, 1), {"a": 34, "b": 33, "c": 33}))
    assert sums(days(date(2026, 4, 1), *[1] * 30), thirds) == {"a": 10, "b": 10, "c": 10}


def test_rounding_begins_anew_with_each_closing_month() -> None:
    spans = fleet((date(2026, 1, 1), {"a": 50, "b": 50}))
    office = Office("t", ZoneInfo("Asia/Tokyo"), closing_day=20)
    usages = days(date(2026, 4, 20), 1, 1)
    assert sums(usages, spans, office) == {"a": 2, "b": 0}
    assert sums(usages, spans) == {"a": 1, "b": 1}


def test_order_in_which_shares_are_written_decides_nothing() -> None:
    start, later = date(2026, 4, 1), date(2026, 4, 3)
    plain = fleet((start, {"a": 60, "b": 40}))
    twice = fleet((start, {"a": 60, "b": 40}), (later, {"b": 40, "a": 60}))
    usages = days(start, 1, 2, 1, 3, 1)
    assert place_shares(usages, plain, OFFICE) == place_shares(usages, twice, OFFICE)


def test_each_meter_and_the_estimate_are_shared_out_on_their_own() -> None:
    spans = fleet((date(2026, 1, 1), {"a": 75, "b": 25}))
    (one, two) = place_shares(
        [DayUsage(PlaceId("p"), date(2026, 4, 1), {TOTAL: 8, COPY: 4}, 4)], spans, OFFICE
    )
    assert (one.department, dict(one.pages), one.estimated) == ("a", {TOTAL: 6, COPY: 3}, 3)
    assert (two.department, dict(two.pages), two.estimated) == ("b", {TOTAL: 2, COPY: 1}, 1)


def test_place_outside_the_fleet_file_answers_to_nobody() -> None:
    assert sums(days(date(2026, 4, 1), 5, place="gone"), fleet()) == {"unassigned": 5}


def test_departments_add_up_their_places() -> None:
    both = Fleet(
        (Department(DepartmentId("a"), "a"),),
        tuple(
            Place(
                PlaceId(name),
                name,
                "",
                assignments=(Assignment(date(2026, 1, 1), {DepartmentId("a"): 100}),),
            )
            for name in ("p", "q")
        ),
    )
    first = date(2026, 4, 1)
    usages = [
        DayUsage(PlaceId("p"), first, {TOTAL: 5}, 2),
        DayUsage(PlaceId("q"), first, {TOTAL: 6, COPY: 1}, 3),
    ]
    totals = department_days(place_shares(usages, both, OFFICE))
    assert totals == (DepartmentDay(DepartmentId("a"), first, {TOTAL: 11, COPY: 1}, 5),)


def test_main_department_is_the_larger_share_then_the_first_by_id() -> None:
    (place,) = fleet(
        (date(2026, 4, 1), {"b": 50, "a": 50}), (date(2026, 5, 1), {"a": 40, "b": 60})
    ).places
    assert place.main_department_on(date(2026, 3, 1)) == "unassigned"
    assert place.main_department_on(date(2026, 4, 1)) == "a"
    assert place.main_department_on(date(2026, 5, 1)) == "b"
