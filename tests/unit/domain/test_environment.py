"""The sheet of the environmental plan: like with like, and nothing made of what is not known."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.footprint import Figure, Footprint
from collector.domain.cost.sheets import Paper, PaperSum, SheetRule
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.meters import TOTAL
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import EVERYBODY, WHOLE_OFFICE, Department, DepartmentId, Fleet
from collector.domain.office.office_calendar import Period, fiscal_months
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Fixed, Less, TargetPlan, Targets
from collector.domain.report.environment import (
    EnvironmentLine,
    PlanMonths,
    base_year_of,
    environment_lines,
    spans_of,
)

A = Department(DepartmentId("a"), "総務課")
YEAR, BASE = fiscal_months(2026), fiscal_months(2019)


def footprint(pages: int, *, known: bool = True) -> Footprint:
    """Return sheets and CO2 of `pages`: three sheets of four sides, 5 g each."""
    sheets = pages * 3 // 4
    paper = Paper(sheets, pages // 2, pages)
    gap = (Gap(PlaceId("p"), Lack.NO_SHEETS),)
    if not known:
        return Footprint(co2_g=Figure(None, gap), sheets=PaperSum(gaps=gap))
    figure = Figure(Fraction(5 * sheets))
    return Footprint(co2_g=figure, sheets=PaperSum(paper, rules={SheetRule.COUNTED: 1}))


def month(
    name: str, pages: int, people: int | None = 10, *, known: bool = True, excluded: int = 0
) -> OfficeMonth:
    """Return a month in which the one department printed all `pages`, some of them `excluded`."""
    period = Period(name, date.fromisoformat(f"{name}-01"), date.fromisoformat(f"{name}-28"))

    def stated(one: Department) -> DepartmentMonth:
        print_ = footprint(pages, known=known)
        meters = {TOTAL: pages, EXCLUDED: excluded}
        return DepartmentMonth(
            *(one, period, pages, meters), footprint=print_, people=people, final=True, level=2
        )

    return OfficeMonth(stated(EVERYBODY), (stated(A),))


def lines(known: PlanMonths, count: int = 12) -> list[EnvironmentLine]:
    """Return the office's lines of the first `count` months of the year."""
    found = environment_lines(YEAR[:count], 2019, 4, known)
    return [one for one in found if one.department.id == WHOLE_OFFICE]


counts = st.lists(st.integers(0, 9999), min_size=24, max_size=24)


@given(counts, st.integers(1, 12))
def test_quarters_add_up_to_the_year_and_are_held_against_the_same_months(
    pages: list[int], count: int
) -> None:
    whole = {name: month(name, one) for name, one in zip((*BASE, *YEAR), pages, strict=True)}
    *quarters, year = lines(PlanMonths(whole), count)
    assert len(quarters) == count // 3
    assert year.now.impressions == sum(pages[12 : 12 + count])
    assert year.base.impressions == sum(pages[:count])
    if count % 3 == 0:
        assert sum(one.now.impressions or 0 for one in quarters) == year.now.impressions
        assert sum(one.now.co2_g or 0 for one in quarters) == year.now.co2_g
    change = year.change(lambda one: one.impressions)
    base = sum(pages[:count])
    if base:
        assert change == Fraction(sum(pages[12 : 12 + count]), base) - 1
    else:
        assert change is None
    assert year.reasons == ()
    assert year.now.is_final


@given(counts, st.lists(st.floats(0, 1), min_size=24, max_size=24), st.integers(1, 12))
def test_both_totals_stand_beside_one_another(
    pages: list[int], shares: list[float], count: int
) -> None:
    """What is excluded is in the one and not in the other, in sheets within its range."""
    excluded = [int(one * share) for one, share in zip(pages, shares, strict=True)]
    names = (*BASE, *YEAR)
    whole = {
        name: month(name, one, excluded=gone)
        for name, one, gone in zip(names, pages, excluded, strict=True)
    }
    for one in lines(PlanMonths(whole), count):
        base = [BASE[YEAR.index(name)] for name in one.span.months]
        for amounts, own in ((one.now, one.span.months), (one.base, base)):
            gone = sum(excluded[names.index(name)] for name in own)
            every, without = amounts.sheets, amounts.sheets_without
            assert amounts.excluded == gone
            assert amounts.impressions_without == (amounts.impressions or 0) - gone
            assert every is not None
            assert without is not None
            assert without.low <= without.value <= without.high <= every.high
            assert every.value - gone <= without.value <= every.value
            assert (without == every) == (gone == 0)


def test_without_sheets_there_are_none_without_what_is_excluded() -> None:
    whole = {name: month(name, 100, known=False, excluded=40) for name in (*BASE, *YEAR)}
    first, *_ = lines(PlanMonths(whole))
    assert (first.now.impressions_without, first.now.sheets_without) == (180, None)
    whole = {BASE[0]: month(BASE[0], 100), YEAR[0]: month(YEAR[0], 100)}
    first, *_ = lines(PlanMonths(whole))
    assert (first.now.impressions_without, first.now.excluded) == (None, None)


@given(counts, st.sets(st.integers(0, 23), max_size=6), st.sets(st.integers(0, 22), max_size=3))
def test_one_month_that_is_not_known_leaves_its_spans_absent_with_a_reason(
    pages: list[int], unknown: set[int], partly: set[int]
) -> None:
    """The last month is always known: it says which departments there are."""
    names = (*BASE, *YEAR)
    absent = {names[one] for one in unknown - {23}}
    part = frozenset(names[one] for one in partly)
    whole = {
        name: month(name, one)
        for name, one in zip(names, pages, strict=True)
        if name not in absent | part
    }
    for one in lines(PlanMonths(whole, part - absent)):
        base = [BASE[YEAR.index(name)] for name in one.span.months]
        for amounts, own in ((one.now, one.span.months), (one.base, base)):
            is_known = not {*own} & (absent | part)
            assert (amounts.impressions is not None) == is_known
            assert bool(amounts.reasons) == (not is_known)
        if one.base.impressions is None or one.now.impressions is None:
            assert one.change(lambda of: of.impressions) is None


def test_sheets_co2_and_people_that_are_not_known_are_absent_each_with_its_reason() -> None:
    whole = {name: month(name, 100) for name in (*BASE, *YEAR)}
    whole[YEAR[1]] = month(YEAR[1], 100, known=False)
    whole[YEAR[2]] = month(YEAR[2], 100, people=None)
    first, second, *_ = lines(PlanMonths(whole))
    assert first.now.impressions == 300
    assert (first.now.sheets, first.now.co2_g, first.now.sheets_a_head) == (None, None, None)
    keys = [one.key for one in first.now.reasons]
    assert keys == ["paper.unknown", "environment.no_co2", "environment.no_people"]
    assert second.now.sheets_a_head == Fraction(225, 10)
    assert second.now.co2_kg == Fraction(225 * 5, 1000)


def test_a_department_that_was_not_there_in_the_base_year_has_no_base() -> None:
    whole = {name: month(name, 100) for name in (*BASE, *YEAR)}
    whole[BASE[0]] = OfficeMonth(whole[BASE[0]].office, ())
    found = environment_lines(YEAR, 2019, 4, PlanMonths(whole))
    own = [one for one in found if one.department == A]
    assert [one.base.impressions for one in own] == [None, 300, 300, 300, None]
    assert [one.key for one in own[0].base.reasons] == ["environment.not_there"]
    office = [one for one in found if one.department.id == WHOLE_OFFICE]
    assert all(one.base.impressions for one in office)


def test_where_the_last_month_is_not_known_the_office_still_says_why() -> None:
    found = environment_lines(YEAR[:3], 2019, 4, PlanMonths({}, frozenset({YEAR[2]})))
    assert [one.department for one in found] == [EVERYBODY, EVERYBODY]
    assert [one.key for one in found[0].now.reasons] == [
        "environment.months_unknown",
        "environment.months_partly",
    ]


def test_spans_are_whole_quarters_and_what_there_is_of_the_year() -> None:
    assert [(one.quarter, len(one.months)) for one in spans_of(YEAR[:7])] == [
        (1, 3),
        (2, 3),
        (None, 7),
    ]


def test_the_base_year_is_the_one_of_the_targets() -> None:
    def fleet(*years: int | None) -> Fleet:
        plans = (TargetPlan("2026-04", Less(Base(year=one), Decimal(10))) for one in years)
        ids = (WHOLE_OFFICE, *(DepartmentId(f"d{n}") for n in range(9)))
        return Fleet(
            targets={name: Targets(plans=(one,)) for name, one in zip(ids, plans, strict=False)}
        )

    assert base_year_of(fleet(2019)) == 2019
    assert base_year_of(fleet(2019, 2013)) == 2019
    assert base_year_of(fleet(None, 2013, 2013)) == 2013
    assert base_year_of(fleet(None, 2013, 2014)) is None
    fixed = Targets(plans=(TargetPlan("2026-04", Fixed(5)),))
    assert base_year_of(Fleet(targets={WHOLE_OFFICE: fixed})) is None
