"""Months gone by: sealed figures first, then old sheets; and a closed month as it is shown."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from collector.app.close.close_month import CloseMonth
from collector.app.enter.amend import Amend
from collector.app.month.months import FinishedMonths, Months
from collector.app.month_report import month_report
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.publish.render import Renderer
from collector.domain.closing.statement import ClosingPlan
from collector.domain.counting.entries import PastMonth
from collector.domain.meters import TOTAL
from collector.domain.month.course import Bearing
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets, TargetSource
from collector.ports import LogRef
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    FIRST,
    GROUND,
    SECOND,
    closed,
    tokyo,
    two_copiers,
)
from tests.unit.app.office import SOUMU, ZEIMU, fleet, place
from tests.wording import ROW_WORDS

DEC_4 = tokyo(12, 4)
SIGNED = Signature("鈴木", "前年の台帳", DEC_4)


async def put_in(ledger: FakeLedger, *entries: PastMonth) -> None:
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out(entries))


def sheet(name: PlaceId, month: str, total: int) -> PastMonth:
    return PastMonth(name, month, {TOTAL: total}, f"{month}!{name}", SIGNED)


async def settled(
    ledger: FakeLedger, context: OfficeContext, *months: str
) -> dict[str, dict[DepartmentId, int]]:
    """Return what those of `months` that are settled came to, by department."""
    found = await FinishedMonths(ledger).of(context, map(context.office.period, months))
    return {
        month: {name: pages for name, pages in one.pages.items() if name != WHOLE_OFFICE}
        for month, one in found.items()
        if one.is_settled
    }


async def test_an_open_month_without_sheets_is_not_settled() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    assert await settled(ledger, GROUND, "2026-10", "2025-10") == {}


async def test_a_closed_month_is_as_its_latest_revision_has_it() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, first = await closed(ledger, ["2026-09", "2026-10", "2026-11"], DEC_4)
    found = await settled(ledger, GROUND, "2026-11")
    assert sum(found["2026-11"].values()) == first.total
    await two.read(tokyo(12, 8), 100)
    assert await settled(ledger, GROUND, "2026-11") == found, "not before it is sealed"
    (second,) = await closed(ledger, ["2026-11"], tokyo(12, 8, 10))
    found = await settled(ledger, GROUND, "2026-11")
    assert sum(found["2026-11"].values()) == second.total != first.total


async def test_a_reorganisation_leaves_last_year_untouched() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, ["2026-09", "2026-10", "2026-11"], DEC_4)
    rewritten = replace(
        GROUND,
        fleet=fleet(place("1f", (date(2020, 4, 1), {"zeimu": 100})), A_FLEET.places[1]),
    )
    before = await settled(ledger, GROUND, "2026-11")
    assert await settled(ledger, rewritten, "2026-11") == before
    later = rewritten.office.period("2027-11")
    months = (await Months(ledger, rewritten, tokyo(11, 5, year=2027)).came_to(later)).departments
    assert {one.department.id: one.last_year for one in months} == {
        SOUMU: before["2026-11"][SOUMU],
        ZEIMU: before["2026-11"][ZEIMU],
    }


async def test_old_sheets_are_spread_to_who_answered_then() -> None:
    ledger = FakeLedger()
    await put_in(ledger, sheet(FIRST, "2025-11", 100), sheet(SECOND, "2025-11", 50))
    found = await settled(ledger, GROUND, "2025-11")
    assert found == {"2025-11": {SOUMU: 130, ZEIMU: 20}}
    await put_in(ledger, sheet(PlaceId("gone"), "2025-12", 9))
    assert await settled(ledger, GROUND, "2025-12") == {"2025-12": {"unassigned": 9}}, (
        "of the departments' own places no sheet says anything: that is not 0"
    )


async def test_what_was_counted_comes_before_an_old_sheet() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await put_in(ledger, sheet(FIRST, "2026-10", 7), sheet(PlaceId("3f"), "2026-10", 5))
    found = await settled(ledger, GROUND, "2026-10")
    october = 22
    assert sum(found["2026-10"].values()) == 50 * october + 5


async def test_last_year_comes_from_old_sheets_before_the_ledger_began() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await put_in(ledger, sheet(FIRST, "2025-11", 100))
    months = (
        await Months(ledger, GROUND, tokyo(11, 20)).came_to(GROUND.office.period("2026-11"))
    ).departments
    assert {one.department.id: one.last_year for one in months} == {SOUMU: 100, ZEIMU: None}, (
        "no sheet says what ZEIMU printed: that is not 0"
    )


async def test_a_closed_month_is_published_from_its_statement() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    clock = FakeClock(DEC_4)
    renderer = Renderer(ledger, CurrentOffice(GROUND), clock, "edge-1", ROW_WORDS)
    ref = [LogRef("month", "2026-11")]
    live = {row.tags.get("department", "office"): row.fields for row in await renderer.rows(ref)}
    assert (live[SOUMU]["final"], live[SOUMU]["revision"]) == (False, 0)
    *_, sealed = await closed(ledger, ["2026-09", "2026-10", "2026-11"], DEC_4)
    await two.read(tokyo(12, 5), 100)
    for revision in (1, 2):
        if revision > 1:
            (sealed,) = await closed(ledger, ["2026-11"], tokyo(12, 5, 10))
        rows = {
            row.tags.get("department", "office"): row.fields for row in await renderer.rows(ref)
        }
        pages = sealed.department_pages()
        for department in (SOUMU, ZEIMU):
            assert rows[department]["pages"] == pages[department][TOTAL]
            assert rows[department]["forecast"] == rows[department]["forecast_high"]
            assert rows[department]["final"] is True
            assert rows[department]["revision"] == revision
        assert (rows[ZEIMU]["places"], rows[ZEIMU]["places_read"]) == (1, revision - 1)
        assert rows["office"]["pages"] == sealed.total
        assert rows["office"]["places_read"] == revision
        assert rows["office"]["final"] is True
        assert rows[SOUMU]["target"] == 1000


async def test_a_department_that_the_statement_does_not_name_has_nothing_in_it() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    *_, sealed = await closed(ledger, ["2026-09", "2026-10"], DEC_4)
    gone = replace(GROUND, fleet=fleet(A_FLEET.places[0]))
    months = (await Months(ledger, gone, DEC_4).came_to(gone.office.period("2026-10"))).departments
    assert {one.department.id: one.pages for one in months} == {
        SOUMU: sealed.department_pages()[SOUMU][TOTAL],
        ZEIMU: sealed.department_pages()[ZEIMU][TOTAL],
    }


async def test_a_department_without_a_page_is_known_to_have_none() -> None:
    context = replace(
        GROUND, fleet=fleet(A_FLEET.places[0], place("2f", (date(2020, 4, 1), {"soumu": 100})))
    )
    ledger = FakeLedger()
    await two_copiers(ledger)
    (september,) = await closed(ledger, ["2026-09"], DEC_4, context)
    assert september.department_estimated() == {SOUMU: 0, ZEIMU: 0}
    found = await settled(ledger, context, "2026-09")
    assert found == {"2026-09": {SOUMU: september.total, ZEIMU: 0}}


LESS = TargetPlan("2026-10", Less(Base(), Decimal(10)))


async def test_a_target_under_last_year_rests_on_the_sealed_figure() -> None:
    """Ten per cent under last November, which is what was sealed, and not what is counted now."""
    context = replace(GROUND, fleet=replace(A_FLEET, targets={SOUMU: Targets(plans=(LESS,))}))
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, sealed = await closed(ledger, ["2026-09", "2026-10", "2026-11"], DEC_4, context)
    await two.read(tokyo(12, 8), 100)
    later = tokyo(11, 20, year=2027)
    stated = await Months(ledger, context, later).came_to(context.office.period("2027-11"))
    soumu = stated.departments[0]
    base = sealed.department_pages()[SOUMU][TOTAL]
    assert (soumu.basis.base, soumu.target) == (base, base * 9 // 10)
    assert stated.office.last_year == sealed.total


async def test_a_relative_target_is_sealed_as_the_figure_it_came_to() -> None:
    context = replace(GROUND, fleet=replace(A_FLEET, targets={SOUMU: Targets(plans=(LESS,))}))
    ledger = FakeLedger()
    await put_in(ledger, sheet(FIRST, "2025-10", 100))
    await two_copiers(ledger)
    _, october = await closed(ledger, ["2026-09", "2026-10"], DEC_4, context)
    assert [one.target for one in october.departments] == [90, None]
    raised = replace(GROUND, fleet=replace(A_FLEET, targets={SOUMU: Targets(default=7)}))
    stated = await Months(ledger, raised, DEC_4).came_to(raised.office.period("2026-10"))
    soumu = stated.departments[0]
    assert (soumu.target, soumu.basis.source) == (90, TargetSource.FIGURE)
    assert soumu.course is not None
    assert (soumu.course.bearing, soumu.course.target) == (Bearing.MISSED, 90)


async def test_what_is_remembered_of_past_months_is_read_anew_once_they_are_closed() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    past = FinishedMonths(ledger)
    period = GROUND.office.period("2027-11")
    before = (await past.before(GROUND, period)).past[WHOLE_OFFICE, "2026-11"]
    *_, sealed = await closed(ledger, ["2026-09", "2026-10", "2026-11"], DEC_4)
    past.forget([], ["2026-11"])
    assert (await past.before(GROUND, period)).past[WHOLE_OFFICE, "2026-11"] == sealed.total
    assert sealed.total > before, "a guess is in it"
    await two.read(tokyo(12, 8), 100)
    past.forget([date(2026, 11, 20)])
    assert (await past.before(GROUND, period)).past[WHOLE_OFFICE, "2026-11"] == sealed.total


async def test_the_past_is_known_from_old_sheets_before_anything_was_counted() -> None:
    ledger = FakeLedger()
    await put_in(ledger, sheet(FIRST, "2025-11", 100))
    recalled = await FinishedMonths(ledger).before(GROUND, GROUND.office.period("2026-11"))
    assert recalled.past == {
        (SOUMU, "2025-11"): 100,
        (WHOLE_OFFICE, "2025-11"): 100,
    }


async def test_everybody_who_asks_gets_the_same_answer() -> None:
    """What is stated, remembered, planned, sealed, and reported of one month is one figure."""
    ledger = FakeLedger()
    await two_copiers(ledger)
    await put_in(ledger, sheet(FIRST, "2026-10", 7), sheet(PlaceId("3f"), "2026-10", 5))
    await closed(ledger, ["2026-09"], DEC_4)
    october = GROUND.office.period("2026-10")
    whole = 50 * 22 + 5

    async def answers() -> set[int]:
        stated = await Months(ledger, GROUND, DEC_4).came_to(october)
        counted = await Months(ledger, GROUND, DEC_4).counted(october)
        finished = await FinishedMonths(ledger).of(GROUND, [october])
        report = await month_report(ledger, GROUND, october, DEC_4, "1.0")
        return {
            stated.office.pages,
            sum(one.pages for one in stated.departments),
            counted.pages[WHOLE_OFFICE],
            finished["2026-10"].pages[WHOLE_OFFICE],
            report.office.pages,
        }

    assert await answers() == {whole}
    plan = await CloseMonth(ledger, GROUND, DEC_4).plan("2026-10")
    assert isinstance(plan, ClosingPlan)
    assert plan.statement.total == whole
    (sealed,) = await closed(ledger, ["2026-10"], DEC_4)
    assert sealed.total == whole
    assert await answers() == {whole}
