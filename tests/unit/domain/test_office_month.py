"""A month of the whole office, and what targets, year and factors add to a department's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from collector.domain.cost.factors import Contract, Factor, Factors, Price, PriceStep
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.course import Bearing
from collector.domain.month.department_month import OfficeMonth
from collector.domain.month.finished import Past
from collector.domain.month.month import MonthFacts, stated_month
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets, TargetSource
from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay
from tests.unit.domain.test_months import (
    LONG_AGO,
    NOVEMBER,
    OFFICE,
    PLAIN,
    A,
    B,
    at,
    facts,
    fleet,
    place,
    state,
    usage,
)

TEN = Decimal(10)
WORKED = (2, 4, 5, 6, 9, 10, 11, 12)
"""Working days of November before the 13th."""


def with_targets(targets: Mapping[DepartmentId, Targets], **more: object) -> MonthFacts:
    days = [usage("p", date(2026, 11, day), 100) for day in WORKED]
    days += [usage("q", date(2026, 11, day), 10) for day in WORKED]
    return replace(
        facts(days, now=at(11, 13, 7), heard={"p": at(11, 13, 6), "q": at(11, 13, 6)}),
        fleet=replace(PLAIN, targets=targets),
        **more,  # type: ignore[arg-type] # fields of one test each
    )


def whole(given: MonthFacts) -> OfficeMonth:
    return stated_month(given)


def test_the_office_is_all_departments_together() -> None:
    days = [usage("p", date(2026, 11, 2), 450, 5, copy=3), usage("q", date(2026, 11, 2), 50)]
    stated = whole(facts(days, heard={"p": at(11, 13)}))
    office = stated.office
    assert (office.department.id, office.pages, office.estimated) == (WHOLE_OFFICE, 500, 5)
    assert office.meters == {Meter("total"): 500, Meter("copy"): 3}
    assert (office.asked, office.missing) == (("p", "q"), ("q",))
    assert [one.department.id for one in stated.departments] == ["a", "b"]


def test_a_place_in_shares_is_asked_once() -> None:
    shared = fleet(place("p", (LONG_AGO, {"a": 60, "b": 40})))
    stated = whole(facts([usage("p", date(2026, 11, 2), 10)], of=shared))
    assert stated.office.places == 1
    assert [one.places for one in stated.departments] == [1, 1]


def test_the_offices_target_is_its_own_or_the_sum_of_all() -> None:
    summed = whole(with_targets({A: Targets(1000), B: Targets(100)})).office
    assert (summed.target, summed.basis.source) == (1100, TargetSource.SUM)
    assert (summed.remaining, summed.ratio) == (1100 - 880, 0.8)
    own = whole(with_targets({A: Targets(1000), WHOLE_OFFICE: Targets(900)})).office
    assert (own.target, own.basis.source) == (900, TargetSource.FIGURE)
    part = whole(with_targets({A: Targets(1000)})).office
    assert (part.target, part.basis.source, part.course) == (None, TargetSource.PART_MISSING, None)
    assert whole(with_targets({})).office.basis.source is TargetSource.NOT_SET


def test_a_department_heading_over_its_target_is_told_what_brings_it_back() -> None:
    """800 of 1500 printed, 11 working days of 100 to come, today among them."""
    month = state(with_targets({A: Targets(1500)}))["a"]
    assert month.course is not None
    assert (month.course.bearing, month.course.left) == (Bearing.CUT, 700)
    assert month.course.cut == 37  # 400 over, 11 days
    assert month.course.pace == pytest.approx(100)
    assert state(with_targets({}))["a"].course is None


def test_a_school_s_advice_counts_its_own_working_days() -> None:
    """It closes on the 16th and after the 20th: 5 of 11 days are left to it."""
    term = CalendarTerm(YearDay(4, 1, 2026), YearDay(11, 20, 2026))
    school = Calendar("school", closed_days=(YearDay(11, 16),), terms=(term,))
    given = with_targets({A: Targets(1200), B: Targets(90)})
    kept = replace(given.office, kept={"school": school.kept_by(given.office, 2025, 2027)})
    department = replace(given.fleet.departments[0], calendar="school")
    school_fleet = replace(
        given.fleet, departments=(department, *given.fleet.departments[1:]), calendars=(school,)
    )
    stated = stated_month(replace(given, office=kept, fleet=school_fleet))
    own, other = stated.departments
    assert own.course is not None
    assert other.course is not None
    assert own.course.days == tuple(date(2026, 11, day) for day in (13, 17, 18, 19, 20))
    assert len(other.course.days) == 11
    assert (own.course.bearing, own.course.cut) == (Bearing.CUT, 20)  # 100 over, 5 days
    assert own.course.pace == pytest.approx(100)
    assert own.elapsed == pytest.approx(8 / 13)
    assert other.elapsed == pytest.approx(8 / 19)
    assert own.forecast is not None
    assert other.forecast is not None
    assert own.forecast.expected == pytest.approx(1300)
    assert other.forecast.expected == pytest.approx(190)


def test_without_the_base_there_is_no_target_but_a_reason() -> None:
    less = Targets(plans=(TargetPlan("2026-04", Less(Base(year=2025), TEN)),))
    months = state(with_targets({A: less, B: less}, past={(A, "2025-11"): 1000}))
    assert (months["a"].target, months["a"].basis.source) == (900, TargetSource.LESS)
    assert (months["b"].target, months["b"].remaining, months["b"].ratio) == (None, None, None)
    assert (months["b"].basis.source, months["b"].basis.base_month) == (
        TargetSource.BASE_UNKNOWN,
        "2025-11",
    )


def test_the_years_sums_are_the_departments_own() -> None:
    past: Past = {(A, f"2026-{month:02d}"): 900 for month in range(4, 11)}
    months = state(with_targets({A: Targets(1000), B: Targets(100)}, past=past))
    year = months["a"].year
    assert year is not None
    assert (year.since, year.pages, year.target) == ("2026-04", 7 * 900 + 800, 8000)
    assert months["b"].year is not None
    assert (months["b"].year.since, months["b"].year.pages) == ("2026-11", 80)


def test_the_whole_offices_year_is_that_of_the_sums() -> None:
    past: Past = {(WHOLE_OFFICE, f"2026-{month:02d}"): 1000 for month in range(4, 11)}
    year = whole(with_targets({A: Targets(1000), B: Targets(100)}, past=past)).office.year
    assert year is not None
    assert (year.pages, year.target, year.is_whole) == (7 * 1000 + 880, 8 * 1100, True)


def test_habits_come_from_earlier_days() -> None:
    """Only the days before know that Mondays bring three times as much."""
    earlier = {
        A: {
            day: 300 if day.weekday() == 0 else 100
            for day in _working_days(date(2026, 4, 1), date(2026, 10, 31))
        }
    }
    bare = state(with_targets({}))["a"].forecast
    known = state(with_targets({}, earlier=earlier))["a"].forecast
    assert bare is not None
    assert known is not None
    assert known.expected > bare.expected + 100


def test_a_silent_copier_is_reckoned_with_in_the_forecast() -> None:
    """Heard last on the evening of the 6th; every working day brought 100 until then."""
    until_6th = [day for day in WORKED if day <= 6]
    october = _working_days(date(2026, 10, 1), date(2026, 10, 31))
    days = [usage("p", day, 100) for day in october]
    days += [usage("p", date(2026, 11, day), 100) for day in until_6th]
    silent = facts(days, now=at(11, 13, 7), heard={"p": at(11, 6, 20)})
    month = state(silent)["a"]
    assert month.missing == ("p",)
    assert month.forecast is not None
    assert month.forecast.expected == pytest.approx(1900)
    assert month.forecast.low >= 400
    heard = state(replace(silent, heard={PlaceId("p"): (at(11, 13, 6), at(11, 13, 6))}))["a"]
    assert heard.forecast is not None
    assert heard.forecast.expected < 1400, "then it really printed nothing since the 6th"


def test_money_and_hours_only_from_factors() -> None:
    step = (PriceStep(None, Decimal(2)),)
    factors = Factors(
        contracts=(Contract("c", (Price(LONG_AGO, "s", step),)),),
        seconds=(Factor(LONG_AGO, "s", Decimal(9)),),
    )
    given = with_targets({}, factors=factors)
    stated = whole(given)
    assert [one.footprint.cost.rounded() for one in stated.departments] == [1600, 160]
    assert stated.office.footprint.cost.rounded() == 1760
    assert stated.office.footprint.hours.rounded(1) == Decimal("2.2")
    assert stated.office.footprint.co2_g.rounded() is None
    assert whole(replace(given, factors=Factors())).office.footprint.cost.exact is None


def test_the_machines_meters_decide_what_a_meter_at_rest_means() -> None:
    step, dear = (PriceStep(None, Decimal(2)),), (PriceStep(None, Decimal(20)),)
    factors = Factors(contracts=(Contract("c", (Price(LONG_AGO, "s", step, dear),)),))
    days = [DayUsage(PlaceId("p"), date(2026, 11, 2), {Meter("total"): 9})]
    base = replace(facts(days), factors=factors)
    assert whole(base).office.footprint.cost.exact is None
    both = frozenset({Meter("total"), Meter("total_color")})
    known = replace(base, machines={PlaceId("p"): both})
    assert whole(known).office.footprint.cost.exact == 18


def _working_days(first: date, last: date) -> list[date]:
    span = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [day for day in span if OFFICE.works_on(day)]


def test_november_is_what_these_tests_think_it_is() -> None:
    assert OFFICE.working_days(NOVEMBER.start, NOVEMBER.end) == 19
    assert isinstance(at(11, 13), datetime)
