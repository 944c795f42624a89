"""Sheets of paper: what each rule comes to, whose word counts, and what the range says."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.factors import Factor, Factors
from collector.domain.cost.footprint import footprints
from collector.domain.cost.sheets import (
    DUPLEX_SHEETS,
    SHEETS,
    Paper,
    PaperSum,
    PrintedPages,
    SheetQuality,
    SheetRule,
    sheets_taken,
    told_meters,
)
from collector.domain.meters import TOTAL, Meter, Unit
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from tests.unit.domain.test_charges import FLEET, A, B, P, Q, day, place, used

DAY = date(2026, 11, 30)
LARGE = Meter("total_large")
NO_FACTORS = Factors()
APART = Fleet(FLEET.departments, (place(P, {A: 100}), place(Q, {B: 100})))


def printed(
    name: str, sides: int, *, told: frozenset[Meter] | None = None, **pages: int
) -> PrintedPages:
    meters = {TOTAL: sides} | {Meter(key): count for key, count in pages.items()}
    known = frozenset(meters) if told is None else told
    return PrintedPages(PlaceId(name), {A: meters}, known)


def stated(
    percent: int, margin: int | None = None, places: frozenset[PlaceId] | None = None
) -> Factors:
    off = None if margin is None else Decimal(margin)
    return Factors(duplex=(Factor(date(2026, 4, 1), "実測", Decimal(percent), places, off),))


def of(
    one: PrintedPages, factors: Factors = NO_FACTORS, *others: PrintedPages
) -> tuple[Paper, SheetRule]:
    found = sheets_taken([one, *others], factors, DAY)[one.place]
    return found.shares[A], found.rule


@pytest.mark.parametrize(
    ("pages", "sheets", "rule"),
    [
        ({"sheets": 72725, "duplex_sheets": 95}, 72725, SheetRule.COUNTED),
        ({"duplex_sheets": 95}, 72725, SheetRule.LESS_DUPLEX_SHEETS),
        ({"duplex_impressions": 190}, 72725, SheetRule.LESS_DUPLEX_SIDES),
    ],
)
def test_the_recorded_hp_m551_by_each_of_its_counters(
    pages: dict[str, int], sheets: int, rule: SheetRule
) -> None:
    assert of(printed("hp", 72820, **pages)) == (Paper(sheets, sheets, sheets), rule)


def test_a_counter_of_sheets_that_cannot_be_is_not_believed() -> None:
    assert of(printed("p", 1000, sheets=1200, duplex_sheets=300))[1] is SheetRule.LESS_DUPLEX_SHEETS
    assert of(printed("p", 1000, sheets=400, duplex_impressions=600))[0].value == 700
    assert of(printed("p", 1000, sheets=1001)) == (Paper(1000, 1000, 1000), SheetRule.COUNTED)
    assert not sheets_taken([printed("p", 1000, sheets=1200, duplex_sheets=600)], NO_FACTORS, DAY)


def test_a_total_in_sheets_is_a_number_of_sheets_and_tells_no_duplex_share() -> None:
    one = PrintedPages(P, {A: {TOTAL: 70}, B: {TOTAL: 30}}, unit=Unit.SHEETS)
    taken = sheets_taken([one], NO_FACTORS, DAY)[P]
    assert (taken.shares[A].value, taken.shares[B].value) == (70, 30)
    assert (taken.rule.quality, taken.duplex) == (SheetQuality.MEASURED, {})


def test_a_total_of_no_named_unit_is_only_believed_by_name() -> None:
    one = PrintedPages(P, {A: {TOTAL: 100}}, unit=Unit.UNSTATED)
    telling = printed("q", 500, duplex_sheets=100)
    assert P not in sheets_taken([one, telling], stated(50), DAY)
    assert P in sheets_taken([one, telling], stated(50, places=frozenset({P})), DAY)


def test_a_stated_share_has_its_source_and_its_range() -> None:
    found = sheets_taken([printed("p", 1000, told=frozenset())], stated(40, 10), DAY)[P]
    assert found.shares[A] == Paper(800, 750, 850)
    assert (found.source, found.rule) == ("実測", SheetRule.STATED_SHARE)
    anything = sheets_taken([printed("p", 1001, told=frozenset())], stated(40), DAY)[P]
    assert anything.shares[A] == Paper(801, 501, 1001)
    assert not sheets_taken([printed("p", 9)], stated(40), date(2026, 3, 31))


def test_like_machines_are_those_that_tell_colour_alike() -> None:
    mono = [printed(f"m{n}", 1000, duplex_sheets=sheets) for n, sheets in enumerate((100, 200))]
    color = PrintedPages(
        Q, {A: {TOTAL: 1000, DUPLEX_SHEETS: 400}}, frozenset({DUPLEX_SHEETS}), in_color=True
    )
    blind = printed("p", 1000, told=frozenset())
    paper, rule = of(blind, NO_FACTORS, *mono, color)
    assert (paper.value, rule) == (850, SheetRule.LIKE_MACHINES)
    in_color = PrintedPages(P, {A: {TOTAL: 1000}}, in_color=True)
    assert of(in_color, NO_FACTORS, *mono, color)[0] == Paper(600, 500, 1000)
    assert of(in_color, NO_FACTORS, *mono)[0].value == 850
    few = printed("few", 99, duplex_sheets=10)
    assert P not in sheets_taken([blind, few], NO_FACTORS, DAY)


def test_estimates_of_a_quarter_lie_within_five_per_cent_and_within_their_range() -> None:
    draw = random.Random(12)
    truth = told = low = high = 0
    for _ in range(3):
        known, blind = [], []
        for number in range(40):
            sides = draw.randrange(1500, 6000)
            doubled = int(sides * draw.gauss(0.45, 0.08)) // 2
            if number % 4 == 0:
                known.append(printed(f"k{number}", sides, duplex_sheets=doubled))
            else:
                blind.append((printed(f"b{number}", sides, told=frozenset()), sides - doubled))
        taken = sheets_taken([*known, *(one for one, _ in blind)], NO_FACTORS, DAY)
        for one, sheets in blind:
            paper = taken[one.place].shares[A]
            truth, told = truth + sheets, told + paper.value
            low, high = low + paper.low, high + paper.high
    assert abs(told - truth) <= truth * 0.05
    assert low <= truth <= high


def test_a_larger_sheet_is_two_of_a4() -> None:
    (simplex,) = sheets_taken(
        [printed("p", 100, sheets=100, total_large=30)], NO_FACTORS, DAY
    ).values()
    assert simplex.a4 == {A: Paper(130, 130, 130)}
    (duplex,) = sheets_taken(
        [printed("p", 100, sheets=60, total_large=30)], NO_FACTORS, DAY
    ).values()
    assert duplex.a4 == {A: Paper(78, 75, 90)}
    (small,) = sheets_taken([printed("p", 9, sheets=9, total_small=7)], NO_FACTORS, DAY).values()
    assert small.a4 == {A: Paper(11, 11, 11)}
    large = Factors(large=(Factor(date(2026, 4, 1), "s", Decimal(10), None, Decimal(5)),))
    (share,) = sheets_taken([printed("p", 100, sheets=60)], large, DAY).values()
    assert share.a4 == {A: Paper(66, 63, 69)}
    (unknown,) = sheets_taken([printed("p", 100, sheets=60)], NO_FACTORS, DAY).values()
    assert unknown.a4 is None


def days(*pages: dict[str, int]) -> dict[date, dict[Meter, int]]:
    first = date(2026, 11, 2)
    return {
        first + timedelta(days=n): {Meter(key): count for key, count in one.items()}
        for n, one in enumerate(pages)
    }


def test_a_counter_of_sheets_tells_only_where_it_moved_on_every_printing_day() -> None:
    whole = days({"total": 50, "sheets": 30}, {"total": 2}, {"total": 40, "sheets": 40})
    assert SHEETS in told_meters(whole, frozenset())
    late = days({"total": 50}, {"total": 40, "sheets": 30})
    assert SHEETS not in told_meters(late, frozenset({SHEETS}))


def test_a_duplex_counter_that_came_with_another_machine_tells_nothing_of_the_month() -> None:
    with_it, without = {"total": 90, "duplex_sheets": 20}, {"total": 90}
    assert DUPLEX_SHEETS in told_meters(days(without, *[with_it] * 18), frozenset())
    assert DUPLEX_SHEETS not in told_meters(days(*[without] * 9, *[with_it] * 9), frozenset())
    assert DUPLEX_SHEETS not in told_meters(days(*[with_it] * 9, *[without] * 9), frozenset())
    assert DUPLEX_SHEETS in told_meters(days(*[without, without, with_it] * 6), frozenset())
    assert DUPLEX_SHEETS not in told_meters(days(without), frozenset())
    assert DUPLEX_SHEETS in told_meters(days(without), frozenset({DUPLEX_SHEETS}))


def test_a_department_without_a_figure_for_one_place_names_it() -> None:
    month = used(day(P, 2, 99, sheets=60), day(Q, 2, 50), fleet=APART)
    found = footprints(NO_FACTORS, month, [A, B])
    assert found.of(A).sheets.paper == Paper(60, 60, 60)
    assert found.of(A).sheets.quality is SheetQuality.MEASURED
    assert found.of(B).sheets == PaperSum(gaps=(Gap(Q, Lack.NO_SHEETS),))
    assert (found.office.sheets.paper, found.office.sheets.quality) == (None, None)


def test_the_worst_part_is_the_quality_of_the_sum() -> None:
    month = used(day(P, 2, 1000, duplex_sheets=100), day(Q, 2, 500), fleet=APART)
    found = footprints(NO_FACTORS, month, [A, B])
    assert found.office.sheets.quality is SheetQuality.ESTIMATED
    assert found.office.sheets.duplex is not None
    assert found.office.sheets.duplex.share == Fraction(1, 5)
    assert found.of(A).sheets.quality is SheetQuality.DERIVED
    assert dict(found.office.sheets.rules) == {
        SheetRule.LESS_DUPLEX_SHEETS: 1,
        SheetRule.LIKE_MACHINES: 1,
    }


def test_paper_is_paid_for_estimated_sheets_too_by_the_factor_of_each_day() -> None:
    paper = (Factor(date(2026, 4, 1), "s", Decimal(1)), Factor(date(2026, 11, 3), "s", Decimal(3)))
    factors = Factors(paper_yen=paper, duplex=stated(50).duplex)
    found = footprints(factors, used(day(P, 2, 100), day(P, 3, 100)), [A])
    assert found.of(A).sheets.paper == Paper(150, 100, 200)
    assert found.of(A).paper_cost.exact == 75 * 1 + 75 * 3


def test_duplex_sides_leave_an_odd_one_on_a_sheet_of_its_own() -> None:
    assert of(printed("p", 11, duplex_impressions=5))[0].value == 9
