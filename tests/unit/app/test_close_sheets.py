"""Closing a month seals its sheets: later factors leave them, late readings adjust them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from collector.app.month.months import Months
from collector.app.month_report import month_report
from collector.cli.statement_table import to_dict
from collector.domain.closing.seal import faults, parsed, sealed
from collector.domain.closing.statement import ClosingPlan
from collector.domain.cost.factors import Factor, Factors
from collector.domain.cost.sheets import Paper, SheetQuality, SheetRule
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import DepartmentId
from collector.ports import Ledger
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    FIRST,
    GROUND,
    SECOND,
    Copier,
    closing,
    planned,
    tokyo,
)
from tests.unit.app.office import CANON

SOUMU, ZEIMU = DepartmentId("soumu"), DepartmentId("zeimu")
AFTER = tokyo(12, 10)
WORKING_DAYS = 19


class DuplexCopier(Copier):
    """A machine that prints three of four sides on sheets of two, and counts those sheets."""

    def says(self) -> Answer:
        one = super().says()
        return replace(one, meters={**one.meters, Meter("duplex_sheets"): self.total * 3 // 8})


def stating(percent: int) -> Factors:
    return Factors(duplex=(Factor(date(2020, 4, 1), "実測", Decimal(percent), None, Decimal(10)),))


async def office(ledger: Ledger, silent: bool = False) -> DuplexCopier:
    one, two = DuplexCopier(ledger, "1f"), Copier(ledger, "2f", CANON, 50_000)
    await one.works(date(2026, 11, 1), date(2026, 12, 1), 40)
    await two.works(date(2026, 11, 1), date(2026, 11, 20 if silent else 30), 100)
    return one


async def test_a_closed_month_seals_its_sheets_with_what_they_rest_on() -> None:
    ledger = FakeLedger()
    await office(ledger)
    plan = await planned(ledger, "2026-11", AFTER, estimate_now=True)
    await closing(ledger, AFTER).apply(plan, "佐藤")
    statement = plan.statement
    paper = statement.paper()
    assert paper[FIRST].rule is SheetRule.LESS_DUPLEX_SHEETS
    sides = WORKING_DAYS * 40
    assert paper[FIRST].shares[SOUMU] == Paper(*[sides - sides * 3 // 8] * 3)
    assert (paper[SECOND].rule, paper[SECOND].machines) == (SheetRule.LIKE_MACHINES, 1)
    assert sum(one.value for one in paper[SECOND].shares.values()) == round(1900 * (1 - 3 / 8))
    whole = statement.paper_of()
    assert whole is not None
    assert whole.paper is not None
    assert whole.quality is SheetQuality.ESTIMATED
    assert to_dict(statement)["sheets"]["used"] == whole.paper.value
    (chain,) = await ledger.statements("2026-11")
    assert faults([chain]) == ()
    assert parsed(chain.text).paper() == paper


async def test_another_factor_never_changes_the_sheets_of_a_closed_month() -> None:
    ledger = FakeLedger()
    await office(ledger)
    context = replace(GROUND, factors=stating(20))
    plan = await planned(ledger, "2026-11", AFTER, context, estimate_now=True)
    await closing(ledger, AFTER, context).apply(plan, "佐藤")
    period = context.office.period("2026-11")
    before = await Months(ledger, context, AFTER).came_to(period)
    other = replace(GROUND, factors=stating(80))
    after = await Months(ledger, other, AFTER).came_to(period)
    assert after.office.sheets == before.office.sheets
    assert before.office.sheets.sources == ("実測",)
    assert [one.sheets for one in after.departments] == [one.sheets for one in before.departments]
    report = await month_report(ledger, other, period, AFTER, "1")
    assert report.office.sheets == before.office.sheets
    refused = await closing(ledger, AFTER, other).plan("2026-11")
    assert not isinstance(refused, ClosingPlan), "a factor is no reason for a revision"


async def test_what_is_read_late_adjusts_the_sheets_too() -> None:
    ledger = FakeLedger()
    one = await office(ledger, silent=True)
    plan = await planned(ledger, "2026-11", AFTER, estimate_now=True)
    await closing(ledger, AFTER).apply(plan, "佐藤")
    two = Copier(ledger, "2f", CANON, 50_000 + 100 * 14)
    await two.read(tokyo(12, 11), 2100)
    await one.read(tokyo(12, 11))
    later = tokyo(12, 12)
    revision = await planned(ledger, "2026-11", later)
    await closing(ledger, later).apply(revision, "佐藤")
    statement = revision.statement
    lines = [each for each in statement.adjustments if each.place == SECOND]
    pages = sum(each.pages.get(TOTAL, 0) for each in lines)
    sheets = sum(each.sheets.value for each in lines)
    assert pages
    assert abs(sheets - pages * 5 / 8) <= 2
    whole = statement.paper_of()
    assert whole is not None
    assert whole.paper is not None
    now = statement.place_pages()[SECOND][TOTAL]
    assert abs(whole.paper.value - (WORKING_DAYS * 40 + now) * 5 / 8) <= 2
    month = await Months(ledger, GROUND, later).came_to(GROUND.office.period("2026-11"))
    assert month.office.sheets.paper is not None
    assert month.office.sheets.paper.value == whole.paper.value
    assert faults(await ledger.statements("2026-11")) == ()


async def test_an_old_statement_keeps_text_and_seal_and_its_sheets_are_as_known_now() -> None:
    ledger = FakeLedger()
    await office(ledger)
    plan = await planned(ledger, "2026-11", AFTER, estimate_now=True)
    places = tuple(replace(line, paper=None) for line in plan.statement.places)
    old = sealed(replace(plan.statement, places=places, closed_by="佐藤"))
    assert '"paper"' not in old.text
    await ledger.seal(old)
    (kept,) = await ledger.statements("2026-11")
    assert (kept.text, kept.seal, faults([kept])) == (old.text, old.seal, ())
    assert kept.statement.paper_of() is None
    month = await Months(ledger, GROUND, AFTER).came_to(GROUND.office.period("2026-11"))
    now = plan.statement.paper_of()
    assert now is not None
    assert month.office.sheets == now.wider(month.office.known.margin.less, 0)
    assert month.office.final


async def test_a_report_of_an_open_month_counts_the_sheets_of_guesses_too() -> None:
    ledger = FakeLedger()
    await office(ledger, silent=True)
    period = GROUND.office.period("2026-11")
    report = await month_report(ledger, GROUND, period, AFTER, "1")
    assert report.office.sheets.paper is not None
    assert abs(report.office.sheets.paper.value - report.office.pages * 5 / 8) <= 2
    parts = [one.figures.sheets for one in report.departments]
    assert sum(one.paper.value for one in parts if one.paper) == report.office.sheets.paper.value
