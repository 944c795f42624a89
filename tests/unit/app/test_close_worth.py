"""Closing seals what a month was worth: what comes by itself takes no other factor than those."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from collector.app.close.auto_closing import AUTOMATIC, AutoClosing
from collector.app.close.close_month import RefusalKind, audit_statements
from collector.app.month.months import Months
from collector.app.month_report import month_report
from collector.app.office_context import ClosingRules, CurrentOffice, OfficeContext
from collector.domain.closing.seal import FaultKind, canonical, sealed
from collector.domain.closing.statement import ChangeKind, Sealed
from collector.domain.cost.factors import Contract, Factor, Factors, Price, PriceStep
from collector.domain.counting.findings import Code
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.office.headcount import ALWAYS, Headcount, Rank
from collector.domain.office.office_calendar import Period
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    GROUND,
    closed,
    closing,
    planned,
    refused,
    tokyo,
    two_copiers,
)
from tests.unit.app.office import SOUMU, ZEIMU, fleet, place
from tests.wording import english

LONG_AGO = date(2020, 4, 1)
NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 11, 30))
MONTHS = ["2026-09", "2026-10", "2026-11"]
DEC_4 = tokyo(12, 4)
PAGES = 19 * 50
"""Impressions of November: 20 and 30 on each working day."""


def charging(yen: int, more: Factors | None = None) -> OfficeContext:
    """Return the office where an impression costs so much, black or colour."""
    price = Price(LONG_AGO, "契約書", *[(PriceStep(None, Decimal(yen)),)] * 2)
    factors = replace(more or Factors(), contracts=(Contract("all", (price,)),))
    return replace(GROUND, factors=factors)


def peopled(context: OfficeContext, soumu: int, zeimu: int) -> OfficeContext:
    staff = {SOUMU: (Headcount(ALWAYS, soumu),), ZEIMU: (Headcount(ALWAYS, zeimu),)}
    return replace(context, fleet=replace(context.fleet, staff=staff))


async def november(ledger: FakeLedger, context: OfficeContext) -> DepartmentMonth:
    return (await Months(ledger, context, tokyo(12, 20)).came_to(NOVEMBER)).office


async def yen(ledger: FakeLedger, context: OfficeContext) -> int | None:
    found = (await november(ledger, context)).footprint.cost.rounded()
    return None if found is None else int(found)


async def shut(context: OfficeContext) -> FakeLedger:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, MONTHS, DEC_4, context)
    return ledger


async def test_a_price_that_is_edited_back_in_time_leaves_the_closed_month() -> None:
    ledger = await shut(charging(2))
    assert await yen(ledger, charging(2)) == 2 * PAGES
    assert await yen(ledger, charging(3)) == 2 * PAGES
    assert await yen(ledger, GROUND) == 2 * PAGES
    (report, again) = [
        await month_report(ledger, one, NOVEMBER, DEC_4, "1") for one in (charging(2), charging(3))
    ]
    assert report.otherwise == {}
    assert "1,900 yen → 2,850 yen" in english(again.otherwise[WHOLE_OFFICE])
    assert "copier-fleet close 2026-11" in english(again.otherwise[WHOLE_OFFICE])
    assert replace(again, otherwise={}) == report


async def test_what_was_not_known_at_the_closing_stays_unknown() -> None:
    ledger = await shut(GROUND)
    assert await yen(ledger, charging(3)) is None
    again = await month_report(ledger, charging(3), NOVEMBER, DEC_4, "1")
    assert again.office.burden.cost_yen is None
    assert "not known → 2,850 yen" in english(again.otherwise[WHOLE_OFFICE])


async def test_a_price_of_later_days_says_nothing_of_the_month() -> None:
    ledger = await shut(charging(2))
    (contract,) = charging(2).factors.contracts
    later = replace(
        contract.prices[0], start=date(2026, 12, 1), mono=(PriceStep(None, Decimal(9)),)
    )
    factors = Factors(contracts=(replace(contract, prices=(*contract.prices, later)),))
    raised = replace(GROUND, factors=factors)
    assert (await refused(ledger, "2026-11", DEC_4, raised)).kind is RefusalKind.NOTHING_NEW
    assert (await month_report(ledger, raised, NOVEMBER, DEC_4, "1")).otherwise == {}


async def test_a_person_takes_the_new_factors_with_their_reason() -> None:
    ledger = await shut(charging(2))
    (before,) = await ledger.statements("2026-11")
    plan = await planned(ledger, "2026-11", DEC_4, charging(3))
    await closing(ledger, DEC_4, charging(3)).remember(plan)
    one = await closing(ledger, DEC_4, charging(3)).apply(plan, "鈴木")
    assert (one.statement.revision, one.statement.closed_by) == (2, "鈴木")
    assert one.statement.adjustments == ()
    assert one.statement.worth is not None
    assert one.statement.worth.reasons == (
        "the factors file states others than at the closing (contract all 2020-04-01)",
    )
    assert await yen(ledger, charging(2)) == 3 * PAGES
    assert (await ledger.statements("2026-11"))[0] == before
    assert (await refused(ledger, "2026-11", DEC_4, charging(3))).kind is RefusalKind.NOTHING_NEW
    (told,) = [each for each in await ledger.findings() if each.code is Code.MONTH_ADJUSTED]
    assert "what it was worth was reckoned anew: the factors file" in english(told.message)
    assert (await audit_statements(ledger, charging(9), DEC_4)).is_good


async def test_a_plan_says_in_what_it_is_worth_another_sum() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, MONTHS[:2], DEC_4)
    first = await planned(ledger, "2026-11", DEC_4, peopled(charging(2), 4, 5))
    await closing(ledger, DEC_4).remember(first)
    again = await planned(ledger, "2026-11", DEC_4, peopled(charging(3), 4, 6))
    assert again.checksum != first.checksum
    said = {(one.kind, one.subject): (one.before, one.after) for one in again.changes}
    assert said[ChangeKind.COST, ""] == (2 * PAGES, 3 * PAGES)
    assert said[ChangeKind.PEOPLE, "zeimu"] == (5, 6)


async def test_what_comes_by_itself_takes_no_edited_factor() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    then = peopled(charging(2), 4, 5)
    await closed(ledger, MONTHS, DEC_4, then)
    rules = ClosingRules(grace_days=3, automatic=True)
    edited = replace(peopled(charging(3), 40, 5), closing=rules)
    clock = FakeClock(tokyo(12, 5))
    automatic = AutoClosing(ledger, CurrentOffice(edited), clock)
    assert list(await automatic.look()) == []
    before = await yen(ledger, edited)
    await two.read(tokyo(12, 8, 9), 100)
    clock.at = tokyo(12, 9)
    assert [one.code for one in await automatic.look()] == [Code.MONTH_ADJUSTED]
    latest = (await ledger.statements("2026-11"))[-1].statement
    assert (latest.revision, latest.closed_by) == (2, AUTOMATIC)
    assert latest.worth is not None
    assert latest.worth.reasons == ()
    assert latest.worth.factors.contracts == then.factors.contracts
    assert latest.worth.people(SOUMU) == 4
    now = await yen(ledger, edited)
    assert before is not None
    assert now is not None
    late = Months(ledger, charging(2), tokyo(12, 20))
    counted = (await late.counted(NOVEMBER)).pages[WHOLE_OFFICE]
    assert now == 2 * counted > before


async def test_the_rank_of_a_closed_month_is_by_the_heads_of_its_closing() -> None:
    then, edited = peopled(GROUND, 10, 40), peopled(GROUND, 1000, 1)
    ledger = await shut(then)
    for context in (then, edited, GROUND):
        month = await Months(ledger, context, DEC_4).came_to(NOVEMBER)
        ranks = {one.department.id: (one.people, one.rank) for one in month.departments}
        assert ranks == {SOUMU: (10, Rank(2, 2)), ZEIMU: (40, Rank(1, 2))}
    again = await month_report(ledger, edited, NOVEMBER, DEC_4, "1")
    assert "headcounts" in english(again.otherwise[WHOLE_OFFICE])
    plan = await planned(ledger, "2026-11", DEC_4, edited)
    await closing(ledger, DEC_4, edited).apply(plan, "鈴木")
    month = await Months(ledger, then, DEC_4).came_to(NOVEMBER)
    assert {one.department.id: one.people for one in month.departments} == {SOUMU: 1000, ZEIMU: 1}


async def test_a_statement_of_before_is_worth_what_the_factors_say_and_verifies() -> None:
    ledger = await shut(charging(2))
    previous = ""
    for number, one in enumerate(ledger._statements):
        old = sealed(replace(one.statement, worth=None, previous=previous))
        assert '"worth"' not in old.text
        ledger._statements[number], previous = old, old.seal
    ledger._findings.clear()
    assert await yen(ledger, charging(3)) == 3 * PAGES
    assert (await audit_statements(ledger, charging(3), DEC_4)).is_good
    assert (await refused(ledger, "2026-11", DEC_4, charging(3))).kind is RefusalKind.NOTHING_NEW
    assert (await month_report(ledger, charging(3), NOVEMBER, DEC_4, "1")).otherwise == {}
    moved = replace(
        charging(3), fleet=fleet(place("1f", (LONG_AGO, {"zeimu": 100})), *GROUND.fleet.places[1:])
    )
    (revision,) = await closed(ledger, ["2026-11"], DEC_4, moved)
    assert (revision.revision, revision.worth) == (2, None)
    assert await yen(ledger, charging(4)) == 4 * PAGES


async def test_a_changed_figure_of_what_it_was_worth_is_named() -> None:
    ledger = await shut(charging(2, Factors(seconds=(Factor(LONG_AGO, "実測", Decimal(4)),))))
    last = ledger._statements[-1]
    worth = last.statement.worth
    assert worth is not None
    line = worth.lines[0]
    dearer = replace(line.figures.cost, exact=(line.figures.cost.exact or 0) + 1)
    lines = (replace(line, figures=replace(line.figures, cost=dearer)), *worth.lines[1:])
    forged = replace(last.statement, worth=replace(worth, lines=lines))
    ledger._statements[-1] = Sealed(forged, canonical(forged), last.seal)
    (fault,) = (await audit_statements(ledger, GROUND, DEC_4)).faults
    assert (fault.kind, fault.period, fault.revision) == (FaultKind.SEAL, "2026-11", 1)
