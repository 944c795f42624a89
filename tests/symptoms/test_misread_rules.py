"""Counting rules that people misread, one test a rule ("Seen" says where)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from collector.domain.cost.charges import Used, charges
from collector.domain.cost.factors import Contract, Factors, Price, PriceStep
from collector.domain.counting.departments import place_shares
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import METERS, Meter, Unit
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from tests.unit.app.office import RICOH, TOKYO, AnOffice, answer
from tests.unit.snmp import machines as made

HERE, SOUMU = PlaceId("1f"), DepartmentId("soumu")
OFFICE = Office("hall", TOKYO)
FLEET = Fleet(
    (Department(SOUMU, "総務課"),),
    (Place(HERE, "1F", "", assignments=(Assignment(date(2020, 4, 1), {SOUMU: 100}),)),),
)


def billed(contract: Price, **meters: int) -> Decimal:
    """Return what one November with these pages costs, in yen."""
    pages = {Meter(name): count for name, count in meters.items()}
    shares = place_shares([DayUsage(HERE, date(2026, 11, 2), pages)], FLEET, OFFICE)
    known = frozenset(
        map(
            Meter,
            ("total", "total_mono", "total_color", "total_large", "total_mono_large", *meters),
        )
    )
    used = Used(FLEET, OFFICE.period("2026-11"), shares, {HERE: known})
    tally = charges(Factors(contracts=(Contract("c", (contract,)),)), used)
    total = sum(tally.sums.values())
    return Decimal(total.numerator) / Decimal(total.denominator) if total else Decimal(0)


def price(**more: object) -> Price:
    plain = Price(date(2020, 4, 1), "contract of 2020", (PriceStep(None, Decimal(2)),))
    return replace(plain, **more)  # type: ignore[arg-type] # keywords of one test each


@pytest.mark.parametrize("meter", ["total", "copy", "print", "fax", "duplex_impressions"])
def test_a_printed_side_is_one_impression(meter: str) -> None:
    """Seen: contracts count sides, a duplex sheet is two (emeao.jp, zimu-ya.com)."""
    assert METERS[Meter(meter)] is Unit.IMPRESSIONS


def test_sheets_are_kept_apart_from_impressions() -> None:
    """Seen: duplex halves the paper and not the counter bill."""
    assert METERS[Meter("sheets")] is METERS[Meter("duplex_sheets")] is Unit.SHEETS
    assert METERS[Meter("duplex")] is Unit.UNSTATED


async def test_duplex_pages_are_counted_by_side() -> None:
    office = AnOffice()
    await office.poll("1f", answer(RICOH, 1000, duplex_sheets=100))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1020, duplex_sheets=110))
    assert (await office.pages("1f"), await office.pages("1f", "duplex_sheets")) == (20, 10)


def test_a3_counts_once_and_is_billed_twice_only_where_the_contract_says_so() -> None:
    """Seen: A3 is sometimes double (momotaro.biz)."""
    pages = {"total": 100, "total_mono": 100, "total_mono_large": 30}
    assert billed(price(), **pages) == 200
    assert billed(price(large_weight=Decimal(2)), **pages) == 260


async def test_a_printed_fax_is_a_page_and_a_scan_is_none() -> None:
    """Seen: received faxes are billed where printed, scans never (copyki-gmen.com)."""
    row = made.RICOH_ROW
    found = await made.answer(
        made.named("RICOH IM C3000 1.05 / RICOH Network Printer", "367.1.1"),
        {
            f"{row}.{column}.{number}": value
            for number, (code, count) in enumerate(
                ((10, 160), (200, 100), (300, 10), (400, 50), (873, 7), (874, 900)), start=1
            )
            for column, value in ((2, code), (9, count))
        },
    )
    assert found.meters[Meter("total")] == 160
    assert found.meters[Meter("fax")] == 10
    assert found.meters[Meter("scan")] == 907
    assert METERS[Meter("scan")] is Unit.SCANS


def test_a_month_without_a_page_costs_the_minimum() -> None:
    """Seen: the minimum monthly charge falls due even at 0 copies (big-up.co.jp)."""
    agreed = price(minimum=Decimal(3000))
    assert billed(agreed, total=0, total_mono=0) == 3000
    assert billed(agreed, total=1600, total_mono=1600) == 3200


async def test_pages_by_paper_size_are_read_and_billed() -> None:
    """Seen: printing outsourced and charged by paper size; "not possible" (glpi-agent 913)."""
    found = await made.answer(
        made.named("Canon iR-ADV C3530 /P", "1602.4.7"),
        {
            f"{made.CANON}1.3.1.4.{code}": count
            for code, count in ((101, 160), (103, 10), (104, 150), (112, 10), (113, 150))
        },
    )
    sizes = {name: found.meters[Meter(name)] for name in ("total_large", "total_small")}
    assert sizes == {"total_large": 10, "total_small": 150}
    pages = {
        name: found.meters[Meter(name)] for name in ("total", "total_mono", "total_mono_large")
    }
    assert billed(price(large_weight=Decimal(2)), **pages) == 2 * (160 + 10)
