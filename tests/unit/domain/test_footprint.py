"""Yen, hours and CO2: only from stated factors, by day and place, rounded once at the end."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.factors import NO_FACTORS, Factor, Factors, factor_on
from collector.domain.cost.footprint import NO_FIGURE, Figure, footprints
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.texts.figures import gaps_text
from tests.unit.domain.test_charges import BOTH, A, B, P, Q, contract, day, price, used

SHEETS = Meter("sheets")
NEVER = date(2020, 4, 1)


def factor(value: str, start: date = NEVER, places: frozenset[str] | None = None) -> Factor:
    return Factor(start, "s", Decimal(value), places)  # type: ignore[arg-type] # ids as texts


def test_without_factors_there_is_no_figure() -> None:
    found = footprints(NO_FACTORS, used(day(P, 2, 100)), [A])
    assert found.of(A).cost == found.office.hours == NO_FIGURE
    only_time = footprints(Factors(seconds=(factor("4"),)), used(day(P, 2, 900)), [A])
    assert only_time.of(A).hours.exact == 1
    assert only_time.of(A).cost == NO_FIGURE


def test_the_office_is_the_exact_sum_of_its_departments() -> None:
    found = footprints(contract(price()), used(day(P, 2, 2, 1), day(Q, 3, 7)), [A, B])
    parts = [found.of(one).cost.exact or 0 for one in (A, B)]
    assert found.office.cost.exact == sum(parts) == Fraction("37.5")
    assert found.office.cost.rounded() == Decimal(38)


@pytest.mark.parametrize(
    ("exact", "digits", "shown"),
    [("0.5", 0, "1"), ("1.5", 0, "2"), ("2.49", 0, "2"), ("1/3", 2, "0.33"), ("0.125", 2, "0.13")],
)
def test_a_half_is_rounded_up(exact: str, digits: int, shown: str) -> None:
    assert Figure(Fraction(exact)).rounded(digits) == Decimal(shown)


def test_sheets_come_only_from_a_sheets_meter() -> None:
    factors = Factors(co2_g=(factor("4.5"),), paper_yen=(factor("0.6"),))
    counting = used(day(P, 2, 100, sheets=60), machine=BOTH | {SHEETS})
    found = footprints(factors, counting, [A]).of(A)
    assert (found.co2_g.exact, found.paper_cost.exact) == (270, 36)
    blind = footprints(factors, used(day(P, 2, 100)), [A]).of(A)
    assert (blind.co2_g.exact, blind.co2_g.gaps) == (None, (Gap(P, Lack.NO_SHEETS),))
    assert "枚数を数えない" in gaps_text(blind.co2_g.gaps, japanese=True)
    assert "does not count sheets" in gaps_text(blind.co2_g.gaps, japanese=False)


def test_a_factor_changes_within_the_month_by_day() -> None:
    factors = Factors(seconds=(factor("4"), factor("8", date(2026, 11, 16))))
    month = used(day(P, 13, 900), day(P, 16, 900))
    assert footprints(factors, month, [A]).of(A).hours.exact == 3


def test_a_day_before_the_first_factor_is_a_gap_for_its_department_only() -> None:
    factors = Factors(seconds=(factor("4", date(2026, 11, 3)),))
    found = footprints(factors, used(day(P, 2, 10), day(Q, 4, 100)), [A, B])
    assert found.of(A).hours.gaps == (Gap(P, Lack.NO_FACTOR),)
    assert found.of(B).hours.exact == Fraction(40 * 4, 3600)
    assert found.office.hours.exact is None


def test_a_places_own_factor_wins_over_the_common_one() -> None:
    common, own = factor("4"), factor("9", date(2026, 11, 10), frozenset({"p"}))
    days = (date(2026, 11, 9), date(2026, 11, 10))
    assert [factor_on((common, own), P, one) for one in days] == [common, own]
    assert factor_on((common, own), Q, days[1]) == common
    assert factor_on((own,), Q, days[1]) is None


def test_a_department_without_pages_has_nothing_and_not_no_figure() -> None:
    factors = Factors(seconds=(factor("4"),))
    found = footprints(factors, used(DayUsage(P, date(2026, 11, 2), {Meter("total"): 9})), [A, B])
    assert found.of(B).hours.exact == 0
