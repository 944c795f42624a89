"""Targets: figures, per cents under a base year, paths, budgets; and when there is none."""

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from collector.domain.office.office_calendar import Office, fiscal_months, months_later
from collector.domain.office.targets import (
    NOT_SET,
    Base,
    Budget,
    Fixed,
    Less,
    Path,
    Target,
    TargetPlan,
    Targets,
    TargetSource,
    months_behind,
    plan_of,
    sum_of,
    target_of,
    terms_of,
)
from collector.texts.figures import target_text

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
TEN = Decimal(10)
LAST_YEAR = {month: 1000 + 10 * n for n, month in enumerate(fiscal_months(2025))}


def plan(start: str, rule: Fixed | Less | Path | Budget, until: str | None = None) -> Targets:
    return Targets(plans=(TargetPlan(start, rule, until),))


def pages(
    targets: Targets, month: str, past: Mapping[str, int] | None = None, office: Office = OFFICE
) -> int | None:
    return target_of(targets, month, past or {}, office).pages


def test_a_months_own_figure_wins_over_plan_and_plan_over_default() -> None:
    stated = Targets(500, {"2026-07": 1}, (TargetPlan("2026-06", Fixed(300), "2026-08"),))
    months = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
    assert [pages(stated, month) for month in months] == [500, 300, 1, 300, 500]
    assert target_of(Targets(), "2026-06", {}, OFFICE) == NOT_SET


def test_a_plan_never_changes_a_month_before_it() -> None:
    first = TargetPlan("2026-04", Fixed(300))
    later = TargetPlan("2026-10", Fixed(100))
    before = Targets(plans=(first,))
    after = Targets(plans=(first, later))
    months = [months_later("2026-04", number) for number in range(12)]
    assert [pages(before, one) for one in months[:6]] == [pages(after, one) for one in months[:6]]
    assert [pages(after, one) for one in months[6:]] == [100] * 6


@pytest.mark.parametrize(
    ("year", "month", "base_month"),
    [
        (2025, "2026-04", "2025-04"),
        (2025, "2027-03", "2026-03"),  # fiscal years: March 2027 belongs to 2026
        (2016, "2022-01", "2017-01"),
        (None, "2027-01", "2026-01"),
    ],
)
def test_less_is_measured_from_the_same_month_of_the_base_year(
    year: int | None, month: str, base_month: str
) -> None:
    found = target_of(
        plan("2020-04", Less(Base(year=year), TEN)), month, {base_month: 12345}, OFFICE
    )
    assert found == Target(
        11110, TargetSource.LESS, base_month, 12345, TEN
    )  # 11110.5, rounded down
    assert target_text(found, japanese=True) == f"{base_month}の12,345面から10%減"
    assert target_text(found, japanese=False) == f"10% under the 12,345 impressions of {base_month}"


def test_a_calendar_office_has_calendar_base_years() -> None:
    office = Office("t", ZoneInfo("Europe/Berlin"), year_begins=1)
    stated = plan("2026-01", Less(Base(year=2025), TEN))
    assert pages(stated, "2026-03", {"2025-03": 100, "2026-03": 7}, office) == 90


def test_steps_by_fiscal_year_as_in_tokyo() -> None:
    base = Base(year=2016)
    steps = (("2020-04", 30), ("2021-04", 50), ("2022-04", 70))
    stated = Targets(plans=tuple(TargetPlan(one, Less(base, Decimal(less))) for one, less in steps))
    past = dict.fromkeys(fiscal_months(2016), 1000)
    months = ("2020-03", "2020-04", "2021-03", "2021-04", "2022-03", "2022-04", "2030-01")
    assert [pages(stated, one, past) for one in months] == [None, 700, 700, 500, 500, 300, 300]


def test_without_the_base_month_there_is_no_target_and_a_reason() -> None:
    rules = (Less(Base(year=2025), TEN), Path(Base(year=2025), "2029-03", TEN))
    for rule in rules:
        found = target_of(plan("2026-04", rule), "2026-11", {"2025-10": 5}, OFFICE)
        assert (found.pages, found.source, found.base_month) == (
            None,
            TargetSource.BASE_UNKNOWN,
            "2025-11",
        )
        assert "2025-11" in target_text(found, japanese=True)
        assert "2025-11" in target_text(found, japanese=False)
    nothing = target_of(
        plan("2026-04", Less(Base(year=2025), TEN)), "2026-11", {"2025-11": 0}, OFFICE
    )
    assert nothing.pages == 0, "a base month without pages is known"


def test_a_path_goes_down_by_equal_steps_and_stays_at_its_goal() -> None:
    stated = plan("2026-04", Path(Base(pages=1200), "2026-07", percent=Decimal(50)))
    months = [months_later("2026-04", number) for number in range(6)]
    assert [pages(stated, month) for month in months] == [1050, 900, 750, 600, 600, 600]
    goals = {target_of(stated, month, {}, OFFICE).goal for month in months}
    assert goals == {600}, "where it leads is said in every month"
    assert target_of(stated, "2026-05", {}, OFFICE).goal_month == "2026-07"
    to_pages = plan("2026-04", Path(Base(pages=1000), "2026-06", pages=700))
    assert [pages(to_pages, month) for month in months[:4]] == [900, 800, 700, 700]
    text = target_text(target_of(stated, "2026-05", {}, OFFICE), japanese=False)
    assert text == "25% under the base of 1,200 impressions"


def test_a_path_from_a_base_year_keeps_the_year_s_shape() -> None:
    stated = plan("2026-04", Path(Base(year=2025), "2027-03", percent=Decimal(24)))
    assert pages(stated, "2026-04", {"2025-04": 1000}) == 980
    assert pages(stated, "2027-03", {"2026-03": 2000}) == 1520
    assert pages(stated, "2027-04", {"2025-04": 1000}) == 760


def test_a_budget_is_spread_as_last_years_pages_were() -> None:
    stated = plan("2026-04", Budget(100_000))
    months = fiscal_months(2026)
    found = [pages(stated, month, LAST_YEAR) or 0 for month in months]
    whole = sum(LAST_YEAR.values())
    assert sum(found) == 100_000
    for month, part in zip(months, found, strict=True):
        assert abs(part - 100_000 * LAST_YEAR[months_later(month, -12)] / whole) < 1
    text = target_text(target_of(stated, "2026-11", LAST_YEAR, OFFICE), japanese=True)
    assert text == "年間予算100,000面の月割り"


def test_a_budget_goes_by_working_days_where_last_year_is_not_known() -> None:
    stated = plan("2026-04", Budget(261_000))
    found = [pages(stated, month) or 0 for month in fiscal_months(2026)]
    days = [
        OFFICE.working_days(period.start, period.end)
        for period in map(OFFICE.period, fiscal_months(2026))
    ]
    assert sum(days) == 261
    assert found == [1000 * one for one in days]


def test_months_of_last_year_that_are_not_known_go_by_their_working_days() -> None:
    """Counting began in October: half a year is known."""
    known = dict.fromkeys(fiscal_months(2025)[6:], 2100)
    stated = plan("2026-04", Budget(120_000))
    found = {month: pages(stated, month, known) or 0 for month in fiscal_months(2026)}
    assert sum(found.values()) == 120_000
    assert len({found[month] for month in fiscal_months(2026)[6:]}) <= 2
    assert found["2026-04"] > found["2026-05"], "22 working days against 21"


def test_a_years_new_budget_leaves_the_months_gone_as_they_were() -> None:
    stated = Targets(
        plans=(TargetPlan("2026-04", Budget(120_000)), TargetPlan("2026-10", Budget(100_000)))
    )
    old = plan("2026-04", Budget(120_000))
    months = fiscal_months(2026)
    found = [pages(stated, month, LAST_YEAR) or 0 for month in months]
    assert found[:6] == [pages(old, month, LAST_YEAR) for month in months[:6]]
    assert sum(found) == 100_000
    assert sum(pages(stated, month, {}) or 0 for month in fiscal_months(2027)) == 100_000


def test_a_budget_within_a_year_needs_targets_before_it() -> None:
    found = target_of(plan("2026-10", Budget(100)), "2026-11", LAST_YEAR, OFFICE)
    assert (found.pages, found.source) == (None, TargetSource.YEAR_UNKNOWN)
    with_default = Targets(5, plans=(TargetPlan("2026-10", Budget(100)),))
    assert sum(pages(with_default, month) or 0 for month in fiscal_months(2026)) == 100


def test_a_new_budget_that_is_used_up_already_is_nothing() -> None:
    stated = Targets(100, plans=(TargetPlan("2026-10", Budget(500)),))
    assert [pages(stated, month) for month in fiscal_months(2026)[6:]] == [0] * 6


def test_one_months_own_figure_changes_no_other_month_of_the_budget() -> None:
    stated = Targets(None, {"2027-03": 9}, (TargetPlan("2026-04", Budget(120_000)),))
    plain = plan("2026-04", Budget(120_000))
    for month in fiscal_months(2026)[:11]:
        assert pages(stated, month, LAST_YEAR) == pages(plain, month, LAST_YEAR)


@pytest.mark.parametrize(
    ("stated", "months"),
    [
        (Targets(5), set()),
        (plan("2026-04", Fixed(5)), set()),
        (plan("2026-04", Less(Base(pages=5), TEN)), set()),
        (plan("2026-04", Less(Base(year=2020), TEN)), {"2020-11"}),
        (plan("2026-04", Path(Base(), "2027-01", TEN)), {"2025-11"}),
        (plan("2026-04", Budget(5)), set(fiscal_months(2025))),
        (
            Targets(
                plans=(
                    TargetPlan("2026-04", Less(Base(year=2020), TEN)),
                    TargetPlan("2026-06", Budget(5)),
                )
            ),
            {*fiscal_months(2025), "2020-04", "2020-05"},
        ),
    ],
)
def test_what_is_looked_up_is_told_beforehand(stated: Targets, months: set[str]) -> None:
    assert months_behind(stated, "2026-11", OFFICE) == months


def test_departments_add_up_only_where_all_have_a_target() -> None:
    two = [Target(5, TargetSource.FIGURE), Target(7, TargetSource.LESS)]
    assert sum_of(two) == Target(12, TargetSource.SUM)
    assert sum_of([*two, NOT_SET]).source is TargetSource.PART_MISSING
    assert sum_of([NOT_SET]) == sum_of([]) == NOT_SET


@pytest.mark.parametrize(
    "rule",
    [
        Fixed(5),
        Less(Base(year=2025), Decimal("7.5")),
        Less(Base(), Decimal(0)),
        Path(Base(pages=100), "2029-03", percent=TEN),
        Path(Base(year=2016), "2029-03", pages=0),
        Budget(7),
    ],
)
def test_a_plan_survives_its_terms(rule: Fixed | Less | Path | Budget) -> None:
    one = TargetPlan("2026-04", rule, "2027-03")
    assert plan_of(terms_of(one)) == one
