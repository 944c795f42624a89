"""Offices beside one another: only like with like, and nobody ahead by leaving something out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.footprint import Footprint
from collector.domain.cost.sheets import Paper, PaperSum
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet import EVERYBODY
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.report.comparison import (
    ComparedOffice,
    OfficeYear,
    Placing,
    ToldPlacing,
    office_year,
    placings,
    told_placings,
)

MONTHS = ("2026-04", "2026-05")
PLACES = (PlaceId("1f"), PlaceId("2f"))


def month(name: str, sheets: Paper | None, excluded: int = 0) -> DepartmentMonth:
    period = Period(name, date.fromisoformat(f"{name}-01"), date.fromisoformat(f"{name}-28"))
    return DepartmentMonth(
        EVERYBODY,
        period,
        1000,
        meters={EXCLUDED: excluded},
        estimated=10,
        asked=PLACES,
        footprint=Footprint(sheets=PaperSum(sheets)),
        people=50,
        final=True,
    )


def whole(low: int, high: int, people: int = 50) -> OfficeYear:
    paper = Paper((low + high) // 2, low, high)
    return OfficeYear(2, 2, 2, 9000, 0, 0, paper, paper, people, 5, 5)


def offices(*years: OfficeYear) -> list[ComparedOffice]:
    return [ComparedOffice(f"s{n}", one, OfficeYear(2)) for n, one in enumerate(years)]


def test_a_year_is_the_sum_of_its_months_with_and_without_what_is_excluded() -> None:
    found = office_year(
        MONTHS,
        {
            MONTHS[0]: month(MONTHS[0], Paper(600, 590, 620)),
            MONTHS[1]: month(MONTHS[1], Paper(500, 500, 500), excluded=100),
        },
    )
    assert (found.impressions, found.excluded, found.impressions_without) == (2000, 100, 1900)
    assert found.sheets == Paper(1100, 1090, 1120)
    assert found.sheets_without == Paper(1050, 990, 1070)
    assert found.a_head(found.impressions) == 40
    assert (found.months, found.whole, found.closed, found.estimated) == (2, 2, 2, 20)
    assert (found.places, found.read, found.people) == (2, 2, 50)


def test_nothing_is_stated_of_months_that_are_not_all_known() -> None:
    known = {MONTHS[0]: month(MONTHS[0], Paper(600, 590, 620))}
    assert office_year(MONTHS, known) == OfficeYear(2, 1, 1)
    assert office_year(MONTHS, {}) == OfficeYear(2)
    no_paper = {one: month(one, None) for one in MONTHS}
    found = office_year(MONTHS, no_paper)
    assert (found.impressions, found.sheets, found.sheets_without) == (2000, None, None)


def test_the_change_is_that_of_sheets_a_head_without_what_is_excluded() -> None:
    now, base = whole(900, 900, people=45), whole(1000, 1000, people=40)
    assert ComparedOffice("a", now, base).change == Fraction(20, 25) - 1
    assert ComparedOffice("a", now, OfficeYear(2)).change is None
    assert ComparedOffice("a", replace(now, people=None), base).change is None


def test_only_whole_years_of_offices_of_one_size_have_a_place() -> None:
    least, more = whole(100, 110), whole(200, 210)
    assert placings(offices(more, least)) == {"s0": Placing(2, 2, 2), "s1": Placing(1, 1, 2)}
    for lacking in (
        replace(least, closed=1),
        replace(least, read=4),
        replace(least, people=None),
        replace(least, sheets_without=None),
        replace(least, people=100),
    ):
        assert placings(offices(more, lacking)) == {}


def test_where_ranges_meet_the_place_is_left_open() -> None:
    found = placings(offices(whole(100, 200), whole(190, 300), whole(301, 400)))
    assert found == {"s0": Placing(1, 2, 3), "s1": Placing(1, 2, 3), "s2": Placing(3, 3, 3)}


def test_each_is_told_its_own_place_and_the_middle_of_three_or_more() -> None:
    three = offices(whole(100, 110), whole(200, 210), whole(300, 310))
    told = told_placings(three, "2026-05")
    assert told["s1"] == ToldPlacing("2026-05", Placing(2, 2, 3), 0, 100, 4.1, 4.1)
    assert (told["s0"].a_head, told["s0"].median) == (2.1, 4.1)
    assert told_placings(three[:2], "2026-05") == {}
    more = offices(*(whole(n, n, people=2000) for n in (2000, 4000, 6000)))
    assert told_placings(more, "2026-05")["s0"].people_from == 1000
    assert told_placings(more, "2026-05")["s0"].people_below is None


YEARS = st.builds(
    lambda low, more, people: whole(low, low + more, people),
    st.integers(0, 5000),
    st.integers(0, 500),
    st.sampled_from([40, 50, 99, 100, 500]),
)


@given(st.lists(YEARS, max_size=8), st.integers(0, 300), st.data())
def test_knowing_less_makes_no_place_more_certain_and_none_better_for_sure(
    years: Sequence[OfficeYear], less: int, data: st.DataObject
) -> None:
    if not years:
        return
    at = data.draw(st.integers(0, len(years) - 1))
    paper = years[at].sheets_without
    assert paper is not None
    wider = replace(years[at], sheets_without=paper.wider(less, less))
    before = placings(offices(*years))
    after = placings(offices(*years[:at], wider, *years[at + 1 :]))
    assert after.keys() == before.keys()
    for site, place in before.items():
        assert after[site].of == place.of
        assert after[site].first <= place.first <= place.last <= after[site].last


@given(st.lists(YEARS, max_size=8), st.data())
def test_leaving_a_month_open_costs_the_place(
    years: Sequence[OfficeYear], data: st.DataObject
) -> None:
    if not years:
        return
    at = data.draw(st.integers(0, len(years) - 1))
    left = [*years[:at], replace(years[at], closed=1), *years[at + 1 :]]
    assert f"s{at}" not in placings(offices(*left))


@given(st.lists(YEARS, max_size=8))
def test_what_is_told_is_of_oneself_or_of_three_at_least(years: Sequence[OfficeYear]) -> None:
    every = offices(*years)
    places, told = placings(every), told_placings(every, "2026-05")
    assert told.keys() == {site for site, one in places.items() if one.of >= 3}
    for one in every:
        if (mine := told.get(one.site)) is not None:
            assert mine.placing == places[one.site]
            assert mine.people_from <= (one.now.people or 0) < (mine.people_below or 10**9)
