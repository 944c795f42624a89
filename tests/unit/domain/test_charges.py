"""What counter contracts charge: steps, fees, minimum, A3, changes within the month, shares."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from collector.domain.cost.billing import Gap, Lack, charge_of
from collector.domain.cost.charges import ChargeSums, Used, charges
from collector.domain.cost.factors import Contract, Factors, Price, PriceStep, Tariff
from collector.domain.counting.departments import place_shares
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")
A, B = DepartmentId("a"), DepartmentId("b")
P, Q = PlaceId("p"), PlaceId("q")
LONG_AGO = date(2020, 4, 1)
BOTH = frozenset(map(Meter, ("total", "total_mono", "total_color")))


def flat(yen: str) -> Tariff:
    return (PriceStep(None, Decimal(yen)),)


def price(mono: str = "2.5", color: str | None = "15", **more: object) -> Price:
    tariff = None if color is None else flat(color)
    return Price(**{"start": LONG_AGO, "source": "s", "mono": flat(mono), "color": tariff} | more)  # type: ignore[arg-type] # keywords of one test each


def contract(*prices: Price, name: str = "c", **more: object) -> Factors:
    return Factors(contracts=(Contract(name, prices, **more),))  # type: ignore[arg-type] # likewise


def place(name: PlaceId, shares: Mapping[DepartmentId, int]) -> Place:
    return Place(name, name, "", assignments=(Assignment(LONG_AGO, shares),))


FLEET = Fleet(
    (Department(A, "a"), Department(B, "b")), (place(P, {A: 100}), place(Q, {A: 60, B: 40}))
)


def day(name: PlaceId, number: int, mono: int, color: int = 0, **meters: int) -> DayUsage:
    pages = {"total": mono + color, "total_mono": mono, "total_color": color} | meters
    stated = {Meter(one): count for one, count in pages.items() if count}
    return DayUsage(name, date(2026, 11, number), stated)


def used(*days: DayUsage, fleet: Fleet = FLEET, machine: frozenset[Meter] = BOTH) -> Used:
    shares = place_shares(days, fleet, OFFICE)
    return Used(fleet, NOVEMBER, shares, dict.fromkeys((P, Q), machine))


def yen(tally: ChargeSums) -> dict[str, Fraction]:
    return {one: amount for one, amount in tally.sums.items() if amount}


def test_flat_prices_by_colour() -> None:
    found = charges(contract(price()), used(day(P, 2, 100, 10), day(P, 3, 1)))
    assert yen(found) == {A: Fraction("2.5") * 101 + 150}
    assert not any(found.gaps.values())


def test_departments_pay_for_their_own_pages_and_nothing_is_lost() -> None:
    found = charges(contract(price()), used(day(Q, 2, 100, 10)))
    assert yen(found) == {A: 60 * Fraction("2.5") + 6 * 15, B: 40 * Fraction("2.5") + 4 * 15}


@pytest.mark.parametrize(
    ("pages", "cost"), [(0, 0), (2999, 7197.6), (3000, 7200), (3001, 7202), (10_000, 21_200)]
)
def test_steps_price_each_impression_by_its_number_in_the_month(pages: int, cost: float) -> None:
    steps = (PriceStep(3000, Decimal("2.4")), PriceStep(None, Decimal("2.0")))
    found = charge_of(steps, Fraction(0), Fraction(pages))
    assert found == Fraction(str(cost))
    assert charge_of(steps, Fraction(0), Fraction(1000)) + charge_of(
        steps, Fraction(1000), Fraction(max(1000, pages))
    ) == charge_of(steps, Fraction(0), Fraction(max(1000, pages)))


def test_steps_go_by_machine_or_by_the_whole_contract() -> None:
    steps = (PriceStep(100, Decimal(3)), PriceStep(None, Decimal(1)))
    stated = Price(LONG_AGO, "s", steps)
    days = (day(P, 2, 100), day(Q, 2, 100))
    apart = charges(contract(stated), used(*days))
    together = charges(contract(stated, pooled=True), used(*days))
    assert sum(apart.sums.values()) == 600
    assert sum(together.sums.values()) == 400
    assert together.sums[A] == 400 * Fraction(160, 200)


def test_a_change_of_price_within_the_month_goes_by_day() -> None:
    later = price("3", "20", start=date(2026, 11, 16))
    days = (day(P, 13, 100, 10), day(P, 16, 100, 10))
    found = charges(contract(price(), later), used(*days))
    assert yen(found) == {A: 250 + 150 + 300 + 200}


def test_steps_are_counted_through_a_change_of_price() -> None:
    before = Price(LONG_AGO, "s", (PriceStep(100, Decimal(3)), PriceStep(None, Decimal(2))))
    after = Price(
        date(2026, 11, 16), "t", (PriceStep(100, Decimal(4)), PriceStep(None, Decimal(1)))
    )
    found = charges(contract(before, after), used(day(P, 2, 80), day(P, 20, 50)))
    assert yen(found) == {A: 80 * 3 + 20 * 4 + 30 * 1}


def test_fee_and_minimum() -> None:
    stated = price(basic_fee=Decimal(1000), minimum=Decimal(3000))
    only_p = Fleet(FLEET.departments, FLEET.places[:1])
    little = charges(contract(stated), used(day(P, 2, 100), fleet=only_p))
    much = charges(contract(stated), used(day(P, 2, 2000), fleet=only_p))
    assert (yen(little), yen(much)) == ({A: 4000}, {A: 6000})


def test_a_machine_that_printed_nothing_still_costs_its_fee() -> None:
    stated = price(basic_fee=Decimal(1000))
    found = charges(contract(stated), used())
    assert yen(found) == {A: 1000 + 600, B: 400}
    pooled = charges(contract(stated, pooled=True), used())
    assert sum(pooled.sums.values()) == 1000


def test_fees_begin_with_the_contract_and_with_the_place() -> None:
    only_p = Fleet(FLEET.departments, FLEET.places[:1])
    from_16th = price(start=date(2026, 11, 16), basic_fee=Decimal(1000))
    assert yen(charges(contract(from_16th), used(fleet=only_p))) == {A: 500}
    new = Place(P, "p", "", assignments=(Assignment(date(2026, 11, 21), {A: 100}),))
    fee = price(basic_fee=Decimal(900))
    assert yen(charges(contract(fee), used(fleet=Fleet(FLEET.departments, (new,))))) == {A: 300}


def test_fees_end_with_the_place() -> None:
    gone, ended = (
        replace(FLEET.places[0], until=day) for day in (date(2026, 10, 31), date(2026, 11, 10))
    )
    fee = contract(price(basic_fee=Decimal(900)))
    assert yen(charges(fee, used(fleet=Fleet(FLEET.departments, (gone,))))) == {}
    assert yen(charges(fee, used(fleet=Fleet(FLEET.departments, (ended,))))) == {A: 300}


def test_a3_that_is_billed_twice() -> None:
    machine = BOTH | set(map(Meter, ("total_mono_large", "total_color_large")))
    large = day(P, 2, 100, 10, total_mono_large=20, total_color_large=4)
    twice = contract(price(large_weight=Decimal(2)))
    assert yen(charges(twice, used(large, machine=machine))) == {A: 120 * Fraction("2.5") + 14 * 15}
    none_large = used(day(P, 2, 100), machine=machine)
    assert yen(charges(twice, none_large)) == {A: 250}, "a meter that did not move is 0"


LACKS = [
    (used(day(P, 2, 5, 5), machine=BOTH), price(large_weight=Decimal(2)), Lack.NO_LARGE),
    (used(day(P, 2, 5, 5)), price(color=None), Lack.NO_COLOUR_PRICE),
    (
        used(
            DayUsage(P, date(2026, 11, 2), {Meter("total"): 9}), machine=frozenset({Meter("total")})
        ),
        price(),
        Lack.NO_COLOUR_SPLIT,
    ),
    (used(day(P, 2, 100, 10, total=150)), price(), Lack.NO_COLOUR_SPLIT),
    (used(day(P, 2, 5)), price(start=date(2026, 11, 3)), Lack.NO_FACTOR),
]


@pytest.mark.parametrize(("month", "stated", "lack"), LACKS, ids=[str(one[2]) for one in LACKS])
def test_what_is_not_known_is_no_sum(month: Used, stated: Price, lack: Lack) -> None:
    found = charges(contract(stated), month)
    assert found.gaps[A] == {Gap(P, lack)}
    assert A not in yen(found)


def test_a_gap_in_one_bill_leaves_the_other_department_alone() -> None:
    only_total = DayUsage(P, date(2026, 11, 2), {Meter("total"): 9})
    month = Used(
        FLEET,
        NOVEMBER,
        place_shares((only_total, day(Q, 2, 100)), FLEET, OFFICE),
        {Q: BOTH},
    )
    found = charges(contract(price()), month)
    assert set(found.gaps) == {A}
    assert found.sums[B] == 100
    pooled = charges(contract(price(), pooled=True), month)
    assert set(pooled.gaps) == {A, B}, "their steps hang together"


def test_without_colour_the_split_is_not_needed() -> None:
    total = DayUsage(P, date(2026, 11, 2), {Meter("total"): 9})
    month = used(total, machine=frozenset({Meter("total")}))
    assert yen(charges(contract(price("2", None)), month)) == {A: 18}
    assert yen(charges(contract(price("2", "2")), month)) == {A: 18}


@pytest.mark.parametrize("meters", [{"total_mono": 100}, {"total_color": 0, "total_mono": 100}])
def test_mono_only_days_need_no_colour_meter(meters: dict[str, int]) -> None:
    pages = {Meter(one): count for one, count in ({"total": 100} | meters).items()}
    month = used(DayUsage(P, date(2026, 11, 2), pages), machine=frozenset())
    assert yen(charges(contract(price()), month)) == {A: 250}


def test_a_page_lost_at_midnight_between_the_meters_is_no_gap() -> None:
    found = charges(contract(price()), used(day(P, 2, 100, 10, total=111)))
    assert yen(found) == {A: 101 * Fraction("2.5") + 150}


def test_contracts_cover_their_places_and_the_one_without_covers_the_rest() -> None:
    mine = Contract("mine", (price("1"),), frozenset({P}))
    rest = Contract("rest", (price("2"),))
    month = used(day(P, 2, 10), day(Q, 2, 10))
    found = charges(Factors(contracts=(rest, mine)), month)
    assert yen(found) == {A: 10 + 6 * 2, B: 8}
    alone = charges(Factors(contracts=(mine,)), month)
    assert alone.gaps[B] == {Gap(Q, Lack.NO_FACTOR)}


def test_days_outside_the_month_are_not_charged() -> None:
    other = DayUsage(P, date(2026, 10, 31), {Meter("total"): 9, Meter("total_mono"): 9})
    assert yen(charges(contract(price()), used(other, day(P, 2, 4)))) == {A: 10}
