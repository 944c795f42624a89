"""Facts of the fleet: kept in the order recorded, all or none, and never over another's."""

from datetime import date, timedelta

import pytest

from collector.domain.counting.usage import DayUsage
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.fleet_facts import (
    Answering,
    DepartmentName,
    Ending,
    FleetFact,
    OfficeTerms,
    PartOf,
    PlaceName,
)
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerMoved
from collector.ports import Ledger, PlaceState, Record
from tests.contract.ledger_cases import HERE, T0, THERE, TOTAL, Opened, usage
from tests.contract.ledger_papers import TAX, WHO

APRIL = date(2026, 4, 1)
EVERY_KIND: tuple[FleetFact, ...] = (
    DepartmentName(Department(TAX, "税務課", "Tax"), WHO),
    DepartmentName(Department(TAX, "収税課"), WHO),
    PlaceName(HERE, "2階 窓口", WHO),
    Answering(HERE, APRIL, {TAX: 100}, WHO),
    Ending(HERE, date(2026, 5, 31), WHO),
    Ending(HERE, None, WHO),
    OfficeTerms("", "last", "Asia/Tokyo", WHO),
    PartOf(DepartmentId("kakari"), date.min, DepartmentId("ka"), WHO),
    PartOf(DepartmentId("kakari"), date(2027, 4, 1), None, WHO),
    OfficeTerms("2026-12", 20, "Asia/Tokyo", WHO),
)


async def test_facts_come_back_in_the_order_recorded(opened: Opened) -> None:
    assert await opened.ledger.facts() == []
    await opened.ledger.add_facts(EVERY_KIND[:3], 0)
    await opened.ledger.add_facts(EVERY_KIND[3:], 3)
    ledger = await opened.restart()
    assert await ledger.facts() == list(EVERY_KIND)
    assert (await ledger.size()).rows["fleet_facts"] == len(EVERY_KIND)


async def test_the_same_fact_may_be_recorded_again(ledger: Ledger) -> None:
    await ledger.add_facts(EVERY_KIND[4:6], 0)
    await ledger.add_facts(EVERY_KIND[4:5], 2)
    assert await ledger.facts() == [EVERY_KIND[4], EVERY_KIND[5], EVERY_KIND[4]]


@pytest.mark.parametrize("known", [0, 1, 3])
async def test_whoever_knows_another_number_of_facts_looks_again(
    ledger: Ledger, known: int
) -> None:
    await ledger.add_facts(EVERY_KIND[:2], 0)
    with pytest.raises(LedgerMoved):
        await ledger.add_facts(EVERY_KIND[2:], known)
    assert await ledger.facts() == list(EVERY_KIND[:2])


async def test_first_and_last_day_of_each_place(ledger: Ledger) -> None:
    assert await ledger.counted_days() == {}
    for number, (place, day) in enumerate(
        [(HERE, APRIL), (HERE, APRIL + timedelta(days=40)), (THERE, APRIL + timedelta(days=3))]
    ):
        one = usage(place=PlaceId(place), end=T0 + timedelta(hours=number))
        state = PlaceState(PlaceId(place))
        day_usage = DayUsage(PlaceId(place), day, {TOTAL: 7})
        await ledger.record([Record(state=state, usages=(one,), days=(day_usage,))])
    assert await ledger.counted_days() == {
        HERE: (APRIL, APRIL + timedelta(days=40)),
        THERE: (APRIL + timedelta(days=3), APRIL + timedelta(days=3)),
    }
