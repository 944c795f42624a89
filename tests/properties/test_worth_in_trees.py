"""Laws of a sealed month's worth on a tree: each group and level is what its open month was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.closing.worth import to_worth, worth_content
from collector.domain.cost.factors import Contract, Factor, Factors, Price, PriceStep
from collector.domain.cost.sheets import NO_PAPER
from collector.domain.counting.usage import DayUsage
from collector.domain.month.month import MonthFacts, stated_month, worth_of
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from tests.properties.test_tree import LEVELS, NOVEMBER, NOW, OFFICE, offices

LONG_AGO = date(2020, 4, 1)
P = frozenset({PlaceId("p")})
MONO, COLOR = ((PriceStep(None, Decimal(yen)),) for yen in ("1.3", "9"))
PRICE = Price(LONG_AGO, "s", MONO, COLOR, Decimal(1000), Decimal(3000))
FACTOR = Factor(LONG_AGO, "s", Decimal("0.7"))
ONLY_P = replace(FACTOR, places=P)
SINGLE, POOLED = Contract("p", (PRICE,), P), Contract("all", (PRICE,), pooled=True)
FACTORS = st.builds(
    Factors,
    contracts=st.sampled_from(
        [(), *((Contract("all", (PRICE,), *c),) for c in [(P,), (None, True)])]
    ),
    seconds=st.sampled_from([(), (FACTOR,), (ONLY_P,)]),
    co2_g=st.sampled_from([(), (FACTOR,)]),
    paper_yen=st.sampled_from([(), (FACTOR,)]),
    duplex=st.sampled_from([(), (ONLY_P,), (FACTOR,)]),
)


def facts(fleet: Fleet, days: Sequence[DayUsage], factors: Factors) -> MonthFacts:
    return MonthFacts(fleet, OFFICE, NOVEMBER, NOW, days, {}, factors=factors)


@given(offices(), FACTORS, st.none() | LEVELS)
def test_every_department_on_every_level_is_worth_what_its_open_month_was(
    office: tuple[Fleet, list[DayUsage]], factors: Factors, level: int | None
) -> None:
    fleet, days = office
    worth = worth_of(facts(fleet, days, factors), ())
    assert to_worth(worth_content(worth)) == worth
    month = stated_month(facts(replace(fleet, level=level), days, factors))
    for one in (month.office, *month.departments):
        live = replace(one.footprint, sheets=NO_PAPER)
        found = worth.of(one.department.id, level)
        assert found == live
