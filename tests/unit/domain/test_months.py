"""A department's month: pages, target, last year, and how much of it was really read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.month.finished import Past
from collector.domain.month.month import MonthFacts, history_start, stated_month
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO, closed=frozenset({date(2026, 11, 3), date(2026, 11, 23)}))
NOVEMBER = OFFICE.period("2026-11")
A, B = DepartmentId("a"), DepartmentId("b")
TOTAL = Meter("total")
LONG_AGO = date(2020, 4, 1)


def at(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TOKYO).astimezone(UTC)


NOON = at(11, 13)


def place(name: str, *spans: tuple[date, Mapping[str, int]]) -> Place:
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in spans
    )
    return Place(PlaceId(name), name, "", assignments=assignments)


def fleet(*places: Place, targets: Mapping[DepartmentId, Targets] | None = None) -> Fleet:
    return Fleet((Department(A, "総務課"), Department(B, "税務課")), places, targets or {})


PLAIN = fleet(place("p", (LONG_AGO, {"a": 100})), place("q", (LONG_AGO, {"b": 100})))


def usage(name: str, day: date, total: int, estimated: int = 0, **meters: int) -> DayUsage:
    pages = {TOTAL: total, **{Meter(one): count for one, count in meters.items()}}
    return DayUsage(PlaceId(name), day, pages, estimated)


def facts(
    days: Sequence[DayUsage] = (),
    *,
    now: datetime = NOON,
    heard: Mapping[str, datetime] | None = None,
    of: Fleet = PLAIN,
    past: Past | None = None,
    office: Office = OFFICE,
) -> MonthFacts:
    """Return what is known of November; `heard` is when each place was heard last."""
    times = {PlaceId(name): (time, time) for name, time in (heard or {}).items()}
    return MonthFacts(of, office, NOVEMBER, now, days, times, past or {})


def state(given: MonthFacts) -> dict[str, DepartmentMonth]:
    return {month.department.id: month for month in stated_month(given).departments}


def test_pages_and_meters_of_the_month_only() -> None:
    months = state(
        facts(
            [
                usage("p", date(2026, 10, 31), 1000, copy=900),
                usage("p", date(2026, 11, 1), 10, 4, copy=3),
                usage("p", date(2026, 11, 12), 20, copy=5, scan=2),
                usage("q", date(2026, 11, 12), 7),
            ]
        )
    )
    assert (months["a"].pages, months["a"].estimated) == (30, 4)
    assert dict(months["a"].meters) == {TOTAL: 30, Meter("copy"): 8, Meter("scan"): 2}
    assert (months["b"].pages, months["b"].period) == (7, NOVEMBER)


def test_every_department_has_its_month_in_the_order_of_the_file() -> None:
    months = stated_month(facts([usage("p", date(2026, 11, 2), 1)])).departments
    assert [(one.department.id, one.pages) for one in months] == [("a", 1), ("b", 0)]


def test_target_ratio_and_remaining() -> None:
    days = [usage("p", date(2026, 11, 2), 450)]
    targets = {A: Targets(default=9, months={"2026-11": 300}), B: Targets(months={"2026-10": 5})}
    months = state(facts(days, of=replace(PLAIN, targets=targets)))
    assert (months["a"].target, months["a"].ratio, months["a"].remaining) == (300, 1.5, -150)
    assert (months["b"].target, months["b"].ratio, months["b"].remaining) == (None, None, None)


@pytest.mark.parametrize(("pages", "ratio"), [(0, 0.0), (1, 1.0), (500, 1.0)])
def test_target_of_nothing_is_no_missing_target(pages: int, ratio: float) -> None:
    days = [usage("p", date(2026, 11, 2), pages)]
    month = state(facts(days, of=replace(PLAIN, targets={A: Targets(default=0)})))["a"]
    assert (month.target, month.ratio, month.remaining) == (0, ratio, -pages)


def test_last_year_is_the_same_month_where_that_is_known() -> None:
    assert state(facts())["a"].last_year is None
    known = state(facts(past={(A, "2025-11"): 77, (B, "2025-10"): 5}))
    assert (known["a"].last_year, known["b"].last_year) == (77, None)


def test_pages_nobody_answers_for_come_last_and_are_complete_too() -> None:
    homeless = fleet(place("p", (LONG_AGO, {"a": 100})), place("new"))
    months = stated_month(
        facts([usage("new", date(2026, 11, 4), 10)], of=homeless, heard={"new": at(11, 13)})
    ).departments
    last = months[-1]
    assert (last.department.id, last.pages) == ("unassigned", 10)
    assert (last.places, last.places_read) == (1, 1)


def test_nobody_is_not_shown_for_places_that_printed_nothing() -> None:
    homeless = fleet(place("p", (LONG_AGO, {"a": 100})), place("new"))
    old = [usage("new", date(2026, 10, 30), 10)]
    assert "unassigned" not in state(facts(old, of=homeless))


def test_department_stated_before_is_stated_again_without_pages() -> None:
    gone = Department(DepartmentId("gone"), "旧建設課")
    months = stated_month(
        facts([usage("p", date(2026, 11, 2), 9)]), [gone, PLAIN.departments[0]]
    ).departments
    assert [(one.department.id, one.pages) for one in months] == [("a", 9), ("b", 0), ("gone", 0)]
    assert months[-1].forecast is not None
    assert months[-1].forecast.expected == 0


# --- completeness: November 2026 begins on a Sunday; the 3rd and 23rd are holidays ---

READ_CASES = [
    ("heard today", at(11, 13), at(11, 13, 9), True),
    ("heard yesterday", at(11, 13), at(11, 12, 8), True),
    ("silent since the day before yesterday", at(11, 13), at(11, 11, 18), False),
    ("slept from Friday over the weekend", at(11, 16, 7), at(11, 13, 9), True),
    ("silent on Friday already", at(11, 16, 7), at(11, 12, 18), False),
    ("Sunday, silent since Friday noon", at(11, 15), at(11, 13), True),
    ("slept over a long weekend with a holiday", at(11, 24, 7), at(11, 20, 9), True),
    ("silent before the long weekend", at(11, 24, 7), at(11, 19, 18), False),
    ("month begins on a Sunday: heard on it", at(11, 2, 7), at(11, 1, 9), True),
    ("finished month, heard on its last working day", at(12, 20), at(11, 30, 8), True),
    ("finished month, heard only afterwards", at(12, 20), at(12, 15), True),
    ("finished month, silent since the working day before", at(12, 20), at(11, 27, 18), False),
]


@pytest.mark.parametrize(
    ("now", "heard", "is_read"),
    [case[1:] for case in READ_CASES],
    ids=[one[0] for one in READ_CASES],
)
def test_place_is_read_when_it_was_heard_late_enough(
    now: datetime, heard: datetime, is_read: bool
) -> None:
    month = state(facts(now=now, heard={"p": heard}))["a"]
    assert (month.places, month.places_read) == (1, int(is_read))
    assert month.missing == (() if is_read else ("p",))


def test_finished_month_that_ends_on_a_weekend_needs_its_last_working_day() -> None:
    """October 2026 ends on a Saturday."""
    given = replace(facts(now=at(11, 13)), period=OFFICE.period("2026-10"))
    friday, thursday = at(10, 30, 8), at(10, 29, 18)
    for heard, read in ((friday, 1), (thursday, 0)):
        times = {PlaceId("p"): (heard, heard)}
        assert state(replace(given, heard=times))["a"].places_read == read


def test_place_never_heard_is_missing_by_name() -> None:
    month = state(facts(heard={"q": at(11, 13)}))["a"]
    assert (month.places, month.places_read, month.missing) == (1, 0, ("p",))


def test_place_added_in_mid_month_counts_from_its_first_day() -> None:
    added = fleet(
        place("p", (LONG_AGO, {"a": 100})),
        place("new", (date(2026, 11, 16), {"a": 100})),
    )
    before = state(facts(of=added, now=at(11, 13), heard={"p": at(11, 13)}))["a"]
    assert (before.places, before.places_read) == (1, 1)
    after = state(facts(of=added, now=at(11, 17), heard={"p": at(11, 17), "new": at(11, 17)}))["a"]
    assert (after.places, after.places_read) == (2, 2)


@pytest.mark.parametrize(
    ("until", "heard", "places", "missing"),
    [
        (date(2026, 11, 10), at(11, 10, 9), 1, ()),
        (date(2026, 11, 10), at(11, 6, 9), 1, ("p",)),
        (date(2026, 10, 31), at(11, 1, 9), 0, ()),
        (date(2026, 12, 1), at(11, 10, 9), 1, ("p",)),
    ],
)
def test_place_that_ended_is_asked_for_up_to_its_last_day(
    until: date, heard: datetime, places: int, missing: tuple[str, ...]
) -> None:
    ended = fleet(replace(place("p", (LONG_AGO, {"a": 100})), until=until))
    month = state(facts(of=ended, now=at(11, 20), heard={"p": heard}))["a"]
    assert (month.places, month.missing) == (places, missing)


def test_nothing_is_guessed_after_a_places_last_day() -> None:
    """Silent since the 4th and gone on the 9th: three working days at 100 are open, no more."""
    days = [
        DayUsage(PlaceId("p"), date(2026, 10, 1) + ONE_DAY * n, {TOTAL: 100})
        for n in range(35)
        if OFFICE.works_on(date(2026, 10, 1) + ONE_DAY * n)
    ]
    ended = fleet(replace(place("p", (LONG_AGO, {"a": 100})), until=date(2026, 11, 9)))
    month = state(facts(days, of=ended, now=at(11, 27), heard={"p": at(11, 4, 9)}))["a"]
    assert month.unread is not None
    working = OFFICE.working_days(date(2026, 11, 5), date(2026, 11, 9))
    assert round(month.unread.expected) == 100 * working


def test_former_department_keeps_its_month_under_its_name() -> None:
    now = fleet(place("p", (LONG_AGO, {"old": 100}), (date(2026, 11, 10), {"a": 100})))
    old = Department(DepartmentId("old"), "広報課")
    months = state(facts([usage("p", date(2026, 11, 3), 8)], of=replace(now, former=(old,))))
    assert (months["old"].department, months["old"].pages) == (old, 8)
    later = fleet(place("p", (LONG_AGO, {"old": 100}), (date(2026, 10, 10), {"a": 100})))
    assert "old" not in state(facts(of=replace(later, former=(old,))))


def test_place_that_changes_hands_concerns_both_departments() -> None:
    moved = fleet(place("p", (LONG_AGO, {"a": 100}), (date(2026, 11, 10), {"a": 50, "b": 50})))
    months = state(facts(of=moved))
    assert (months["a"].missing, months["b"].missing) == (("p",), ("p",))
    gone = fleet(place("p", (LONG_AGO, {"a": 100}), (date(2026, 11, 1), {"b": 100})))
    assert state(facts(of=gone))["a"].places == 0


def test_history_reaches_back_over_whole_closing_months() -> None:
    assert history_start(OFFICE, NOVEMBER) == date(2026, 8, 1)
    twentieth = Office("t", TOKYO, closing_day=20)
    assert history_start(twentieth, twentieth.period("2026-11")) == date(2026, 7, 21)


def test_forecast_is_of_the_departments_own_days() -> None:
    days = [usage("p", date(2026, 11, day), 100) for day in (2, 4, 5, 6, 9, 10, 11, 12)]
    months = state(facts(days, now=at(11, 13, 8)))
    (a, b) = (months["a"].forecast, months["b"].forecast)
    assert a is not None
    assert b is not None
    assert a.expected == pytest.approx(100 * 19)  # 21 weekdays less two holidays
    assert b.expected == 0


def test_no_forecast_before_the_first_day_is_over() -> None:
    first = state(facts([usage("p", date(2026, 11, 13), 9)], now=at(11, 13)))
    assert (first["a"].forecast, first["b"].forecast) == (None, None)
    assert state(facts())["a"].forecast is None


def test_new_departments_first_pages_keep_the_forecast_there() -> None:
    """Others were counted yesterday, so a forecast of 0 was published: it must be replaced."""
    days = [usage("q", date(2026, 11, 12), 50), usage("p", date(2026, 11, 13), 9)]
    forecast = state(facts(days, now=at(11, 13)))["a"].forecast
    assert forecast is not None
    assert forecast.expected >= 9


def test_finished_month_is_its_own_forecast() -> None:
    days = [usage("p", date(2026, 11, 12), 50)]
    month = state(facts(days, now=at(12, 1, 1)))["a"]
    assert month.forecast is not None
    assert (month.forecast.expected, month.elapsed) == (50, 1.0)


def test_month_that_has_not_begun_is_empty() -> None:
    days = [usage("p", date(2026, 10, day), 100) for day in range(5, 10)]
    month = state(facts(days, now=at(10, 12) - timedelta(hours=4)))["a"]
    assert (month.pages, month.elapsed, month.places) == (0, 0.0, 0)
    assert month.forecast is not None
    assert month.forecast.expected == pytest.approx(1900)
