"""Laws of sheets of paper, for any machines, shares of departments and stated factors."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.factors import Factor, Factors
from collector.domain.cost.sheets import (
    DUPLEX_SHEETS,
    DUPLEX_SIDES,
    SHEETS,
    Paper,
    PrintedPages,
    SheetQuality,
    SheetRule,
    sheets_taken,
    sum_of_paper,
)
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.shares import PlaceId

DAY = date(2026, 11, 30)
A, B = DepartmentId("a"), DepartmentId("b")
ENOUGH = 100
LARGE = Meter("total_large")
PERCENT = st.integers(0, 100).map(Decimal)
STATED = st.none() | st.builds(
    lambda share, margin: Factor(date(2026, 4, 1), "s", share, None, margin),
    PERCENT,
    st.none() | PERCENT,
)


@st.composite
def machines(draw: st.DrawFn, name: str) -> tuple[PrintedPages, int]:
    """Draw what a machine printed and told, and the sheets that it truly took."""
    doubled, single = draw(st.integers(0, 400)), draw(st.integers(0, 800))
    sides, sheets = 2 * doubled + single, doubled + single
    large = draw(st.integers(0, sides))
    first = draw(st.integers(0, sides))
    told = draw(st.sets(st.sampled_from((SHEETS, DUPLEX_SHEETS, DUPLEX_SIDES, LARGE))))
    whole = {SHEETS: sheets, DUPLEX_SHEETS: doubled, DUPLEX_SIDES: 2 * doubled, LARGE: large}
    pages: dict[DepartmentId, dict[Meter, int]] = {A: {TOTAL: first}, B: {TOTAL: sides - first}}
    for meter in told:
        part = whole[meter] * first // sides if sides else 0
        pages[A][meter], pages[B][meter] = part, whole[meter] - part
    in_color = draw(st.booleans())
    printed = PrintedPages(PlaceId(name), pages, frozenset(told), in_color=in_color)
    return printed, sheets


OFFICES = st.tuples(*(machines(name) for name in "pqrs"))


def factors(duplex: Factor | None) -> Factors:
    return Factors(duplex=() if duplex is None else (duplex,))


@given(OFFICES, STATED)
def test_no_more_sheets_than_sides_and_no_fewer_than_half(
    office: tuple[tuple[PrintedPages, int], ...], stated: Factor | None
) -> None:
    taken = sheets_taken((one for one, _ in office), factors(stated), DAY)
    for printed, _ in office:
        if printed.place in taken:
            whole = sum(taken[printed.place].shares.values(), Paper())
            assert ceil(printed.total / 2) <= whole.value <= printed.total
            for department, part in taken[printed.place].shares.items():
                own = printed.pages[department]
                assert 0 <= part.low <= part.value <= part.high
                if SHEETS in printed.told:
                    assert part.value == own[SHEETS]
                else:
                    assert own[TOTAL] // 2 <= part.value <= own[TOTAL]


@given(OFFICES, STATED)
def test_what_a_machine_tells_is_the_truth_and_the_best_of_it_wins(
    office: tuple[tuple[PrintedPages, int], ...], stated: Factor | None
) -> None:
    taken = sheets_taken((one for one, _ in office), factors(stated), DAY)
    for printed, sheets in office:
        told = printed.told - {LARGE}
        if not told:
            if printed.place in taken:
                assert taken[printed.place].rule.quality is SheetQuality.ESTIMATED
            continue
        found = taken[printed.place]
        assert sum(found.shares.values(), Paper()) == Paper(sheets, sheets, sheets)
        best = SheetQuality.MEASURED if SHEETS in told else SheetQuality.DERIVED
        assert found.rule.quality is best


@given(OFFICES, STATED)
def test_a_stated_share_is_asked_before_like_machines(
    office: tuple[tuple[PrintedPages, int], ...], stated: Factor | None
) -> None:
    taken = sheets_taken((one for one, _ in office), factors(stated), DAY)
    for printed, _ in office:
        if not printed.told - {LARGE}:
            found = taken.get(printed.place)
            if stated is not None:
                assert found is not None
                assert found.rule is SheetRule.STATED_SHARE
            elif found is not None:
                assert found.rule is SheetRule.LIKE_MACHINES
                telling = [
                    one.in_color for one, _ in office if one.told - {LARGE} and one.total >= ENOUGH
                ]
                assert found.machines == (telling.count(printed.in_color) or len(telling))


@given(OFFICES, STATED)
def test_departments_add_up_to_the_office(
    office: tuple[tuple[PrintedPages, int], ...], stated: Factor | None
) -> None:
    taken = sheets_taken((one for one, _ in office), factors(stated), DAY)
    pages: Mapping[PlaceId, Mapping[DepartmentId, int]] = {
        one.place: {name: own[TOTAL] for name, own in one.pages.items()} for one, _ in office
    }
    a, b, both = (sum_of_paper(taken, pages, names) for names in ([A], [B], [A, B]))
    if both.paper is not None:
        assert a.paper is not None
        assert b.paper is not None
        assert a.paper + b.paper == both.paper
    for one in (a, b, both):
        assert (one.paper is None) == bool(one.gaps)
        assert one.duplex is None or 0 <= one.duplex.share <= 1
        if one.a4 is not None:
            assert one.paper is not None
            assert one.paper.value <= one.a4.value <= 2 * one.paper.value
            assert one.a4.low <= one.a4.value <= one.a4.high


@given(OFFICES)
def test_nothing_known_is_no_figure(office: tuple[tuple[PrintedPages, int], ...]) -> None:
    blind = [PrintedPages(one.place, {A: {TOTAL: one.total}}) for one, _ in office]
    assert not sheets_taken(blind, Factors(), DAY)
