"""Excluded pages: with and without in months and statements, and never more than was counted."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from collector.adapters.report.department_tables import brief, departments_table
from collector.adapters.report.sentences import headline
from collector.adapters.report.words import ReportWords
from collector.app.close.close_month import CloseMonth
from collector.app.enter.amend import Amend
from collector.app.enter.exclude import Unfit, misfits, taken_in_months
from collector.app.month.months import Months
from collector.app.month_report import month_report
from collector.app.office_context import OfficeContext
from collector.domain.closing.seal import canonical, faults, parsed
from collector.domain.closing.statement import Cause, ClosingPlan
from collector.domain.counting.entries import Exclusion, Ground, Retiming, Withdrawal
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.findings import Code
from collector.domain.month.month import DepartmentMonth
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Tree, Under
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.headcount import ALWAYS
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets
from collector.ports import LogRef
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import Copier, tokyo
from tests.unit.app.test_tree_months import (
    BU,
    KIKAKU,
    SOUMU,
    TOGETHER,
    ZEIMU,
    printed,
    stated,
    within,
)

AT = tokyo(12, 10)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
PAGES = {SOUMU: 1900, ZEIMU: 760, BU: 133}


def excluded(
    of: str, pages: int, days: tuple[date, date] = NOVEMBER, at: datetime = AT
) -> Exclusion:
    """Return an exclusion of a place, or of a department where that is its id."""
    is_department = of in {BU, SOUMU, ZEIMU, KIKAKU}
    return Exclusion(
        PlaceId("" if is_department else of),
        DepartmentId(of) if is_department else None,
        *days,
        pages,
        Ground.ELECTION,
        "選管 印刷記録 3号",
        Signature("佐藤", "知事選", at),
    )


async def enter(
    ledger: FakeLedger, context: OfficeContext, *entries: Exclusion | Withdrawal
) -> None:
    amend = Amend(ledger, context)
    await amend.carry_out(await amend.work_out(entries))


async def test_both_totals_stand_and_the_target_is_held_against_the_one_without() -> None:
    ledger, context = await printed(), within(TOGETHER, {SOUMU: Targets(1500), BU: Targets(2500)})
    await enter(ledger, context, excluded("1f", 500))
    months = await stated(ledger, context)
    soumu = months[SOUMU]
    assert (soumu.pages, soumu.excluded, soumu.without) == (1900, 500, 1400)
    assert (soumu.used, soumu.remaining, soumu.ratio) == (1400, 100, 1400 / 1500)
    assert soumu.forecast is not None
    assert (months[BU].pages, months[BU].without) == (2793, 2293)
    assert months[WHOLE_OFFICE].excluded == 500
    assert months[ZEIMU].excluded == 0
    gross = within(TOGETHER, {SOUMU: Targets(1500, with_excluded=True)})
    counted = (await stated(ledger, gross))[SOUMU]
    assert (counted.pages, counted.without, counted.used) == (1900, 1400, 1900)
    assert counted.remaining == -400


async def test_what_a_department_declares_is_of_its_parts_as_well() -> None:
    ledger, context = await printed(), within(TOGETHER)
    await enter(ledger, context, excluded(BU, 2793))
    months = await stated(ledger, context)
    assert {one: months[one].without for one in (BU, SOUMU, ZEIMU)} == {BU: 0, SOUMU: 0, ZEIMU: 0}
    assert months[WHOLE_OFFICE].without == 0
    on_two = await stated(ledger, context, 2)
    assert sum(on_two[one].excluded for one in (BU, SOUMU, ZEIMU)) == 2793


async def test_what_does_not_fit_is_refused_with_its_reason() -> None:
    ledger, context = await printed(), within(TOGETHER)
    whole = 40 * 19
    first, second = excluded("1f", whole - 10), excluded("1f", 11)
    found = await misfits(ledger, context, [first, second], AT)
    assert [(one.number, one.why, one.counted) for one in found] == [(1, Unfit.TOO_LARGE, 10)]
    assert await misfits(ledger, context, [first, excluded("1f", 10)], AT) == ()
    twice = await misfits(ledger, context, [first, first], AT)
    assert [one.why for one in twice] == [Unfit.TWICE]
    two = excluded("1f", 1, (date(2026, 10, 31), date(2026, 11, 1)))
    later = excluded("1f", 1, (date(2027, 1, 4), date(2027, 1, 4)))
    nobody = excluded("9f", 1)
    found = await misfits(ledger, context, [two, later, nobody], AT)
    assert [one.why for one in found] == [*(Unfit.TWO_MONTHS, Unfit.YET_TO_COME, Unfit.TOO_LARGE)]
    holiday = excluded("1f", 1, (date(2026, 11, 3), date(2026, 11, 3)))
    (none,) = await misfits(ledger, context, [holiday], AT)
    assert (none.why, none.counted) == (Unfit.TOO_LARGE, 0)
    await enter(ledger, context, first)
    (again,) = await misfits(ledger, context, [excluded("1f", whole - 10, at=tokyo(12, 11))], AT)
    assert again.why is Unfit.TWICE


async def test_an_entry_publishes_its_month_and_is_taken_back_by_another() -> None:
    ledger, context = await printed(), within(TOGETHER)
    one = excluded("1f", 500)
    amend = Amend(ledger, context)
    outcome = await amend.work_out([one])
    assert outcome.days == ()
    assert LogRef("month", "2026-11") in outcome.log
    await amend.carry_out(outcome)
    back = Withdrawal(one.place, one.id, Signature("佐藤", "誤り", tokyo(12, 11)))
    outcome = await amend.work_out([back])
    assert LogRef("month", "2026-11") in outcome.log
    await amend.carry_out(outcome)
    assert (await stated(ledger, context))[SOUMU].excluded == 0
    assert [entry.id for entry in await ledger.entries()] == [one.id, back.id]


async def closed(ledger: FakeLedger, context: OfficeContext, *names: str, day: int = 10) -> None:
    closing = CloseMonth(ledger, context, tokyo(12, day))
    for name in names:
        plan = await closing.plan(name, estimate_now=True)
        assert isinstance(plan, ClosingPlan), plan
        await closing.apply(plan, "佐藤")


async def test_a_sealed_month_takes_a_late_exclusion_as_an_adjustment_and_gives_it_back() -> None:
    ledger, context = await printed(), within(TOGETHER, {SOUMU: Targets(1500)})
    await closed(ledger, context, "2026-10", "2026-11")
    late = excluded("2f", 100, at=tokyo(12, 11))
    await enter(ledger, context, late)
    before = (await stated(ledger, context))[SOUMU]
    assert (before.excluded, before.revision) == (0, 1), "sealed: nothing changes by itself"
    await closed(ledger, context, "2026-11", day=12)
    statement = (await ledger.statements("2026-11"))[-1].statement
    assert {(one.place, one.department, one.pages[EXCLUDED]) for one in statement.adjustments} == {
        ("2f", SOUMU, 60),
        ("2f", ZEIMU, 40),
    }
    assert {one.cause for one in statement.adjustments} == {Cause.ENTRY}
    assert all("選管 印刷記録 3号" in one.reason for one in statement.adjustments)
    assert (statement.total, statement.excluded) == (2793, 100)
    assert faults(await ledger.statements()) == ()
    soumu = (await stated(ledger, context))[SOUMU]
    assert (soumu.pages, soumu.without, soumu.used, soumu.revision) == (1900, 1840, 1840, 2)
    back = Withdrawal(late.place, late.id, Signature("佐藤", "誤り", tokyo(12, 13)))
    await enter(ledger, context, back)
    await closed(ledger, context, "2026-11", day=14)
    last = (await ledger.statements("2026-11"))[-1].statement
    assert (last.revision, last.excluded, last.total) == (3, 0, 2793)


async def test_an_exclusion_before_the_closing_is_sealed_with_its_target() -> None:
    aims = {SOUMU: Targets(1500, with_excluded=True), ZEIMU: Targets(700)}
    ledger, context = await printed(), within(TOGETHER, aims)
    await enter(ledger, context, excluded(SOUMU, 300), excluded("2f", 50, at=tokyo(12, 9)))
    open_months = await stated(ledger, context)
    await closed(ledger, context, "2026-10", "2026-11")
    statement = (await ledger.statements("2026-11"))[-1].statement
    assert (statement.revision, statement.excluded) == (1, 350)
    assert parsed(canonical(statement)) == statement
    sealed = await stated(ledger, within(TOGETHER, {SOUMU: Targets(1), ZEIMU: Targets(1)}))
    for one in (SOUMU, ZEIMU, BU, WHOLE_OFFICE):
        assert (sealed[one].excluded, sealed[one].without, sealed[one].used) == (
            *(open_months[one].excluded, open_months[one].without, open_months[one].used),
        )
    assert sealed[SOUMU].basis.with_excluded
    same = await CloseMonth(ledger, context, tokyo(12, 12)).plan("2026-11")
    assert not isinstance(same, ClosingPlan)


async def test_less_than_last_year_is_less_of_what_was_not_excluded_then() -> None:
    plan = TargetPlan("2026-12", Less(Base(), Decimal(10)))
    for gross, base in ((False, 1400), (True, 1900)):
        aims = {SOUMU: Targets(plans=(plan,), with_excluded=gross)}
        ledger, context = await printed(), within(TOGETHER, aims)
        await enter(ledger, context, excluded("1f", 500))
        for _ in ("open", "sealed"):
            later = await stated(ledger, context, at=tokyo(11, 20, year=2027), name="2027-11")
            assert later[SOUMU].basis.base == base
            assert later[SOUMU].last_year == 1900, "all that was printed"
            await closed(ledger, context, *(("2026-10", "2026-11") if _ == "open" else ()))


async def test_a_recount_that_leaves_less_is_a_finding_and_nothing_is_negative() -> None:
    context = within(TOGETHER)
    ledger = FakeLedger()
    copier = Copier(ledger, "1f")
    await copier.works(date(2026, 11, 2), date(2026, 11, 16), 40)
    last_day = (date(2026, 11, 16), date(2026, 11, 16))
    one = excluded("1f", 40, last_day, tokyo(11, 18))
    assert await misfits(ledger, context, [one], tokyo(11, 18)) == ()
    await enter(ledger, context, one)
    signed = Signature("佐藤", "時計が1日遅れ", tokyo(11, 19))
    shift = Retiming(PlaceId("1f"), tokyo(11, 16, 1), tokyo(11, 17, 0), 86_400, signed)
    amend = Amend(ledger, context)
    outcome = await amend.carry_out(await amend.work_out([shift]))
    assert outcome.days, "the pages are of the 17th now"
    (told,) = [f for f in await ledger.findings() if f.code is Code.EXCLUSION_TOO_LARGE]
    assert (told.subject, told.evidence["pages"]) == ("1f", 40)
    assert told.evidence["counted"] != 40
    (month,) = (await taken_in_months(ledger, context, await ledger.entries())).values()
    assert month.taken[0].missing == 40 - month.taken[0].pages > 0
    soumu = (await stated(ledger, context, at=tokyo(11, 20)))[SOUMU]
    assert 0 <= soumu.excluded == month.taken[0].pages <= soumu.pages
    await amend.carry_out(await amend.work_out([excluded("1f", 1, at=tokyo(11, 20))]))
    again = [f for f in await ledger.findings() if f.code is Code.EXCLUSION_TOO_LARGE]
    assert len(again) == 1


async def test_a_department_that_answers_no_longer_leaves_nothing_to_exclude() -> None:
    ledger, context = await printed(), within(TOGETHER)
    await enter(ledger, context, excluded(BU, 2000))
    elsewhere = within(Tree({SOUMU: (Under(ALWAYS, KIKAKU),), ZEIMU: (Under(ALWAYS, KIKAKU),)}))
    months = await stated(ledger, elsewhere)
    assert (months[BU].pages, months[BU].excluded, months[BU].without) == (133, 133, 0)
    assert months[KIKAKU].excluded == 0


async def test_months_without_exclusions_are_as_they_were() -> None:
    ledger, context = await printed(), within(TOGETHER, {SOUMU: Targets(1500)})
    plain = await stated(ledger, context)
    gross = {SOUMU: Targets(1500, with_excluded=True)}
    found: dict[DepartmentId, DepartmentMonth] = dict(await stated(ledger, within(TOGETHER, gross)))
    basis = replace(found[SOUMU].basis, with_excluded=False)
    assert replace(found[SOUMU], basis=basis, year=None) == replace(plain[SOUMU], year=None)
    office = await Months(ledger, context, AT).came_to(context.office.period("2026-11"))
    assert EXCLUDED not in office.office.meters


async def test_the_report_tells_both_totals_first_and_adds_no_part_twice() -> None:
    ledger, context = await printed(), within(TOGETHER, {BU: Targets(2500), KIKAKU: Targets(10)})
    await enter(ledger, context, excluded("1f", 500))
    await closed(ledger, context, "2026-10", "2026-11")
    report = await month_report(ledger, context, context.office.period("2026-11"), AT, "1.0")
    assert (report.office.pages, report.office.excluded, report.office.without) == (2793, 500, 2293)
    words = ReportWords("ja", report.zone)
    assert "うち除外 500 面、除外後 2,293 面（目標は除外後と比較）。" in headline(report, words)
    assert "Without 500 excluded ones that is 2,293" in headline(
        report, ReportWords("en", report.zone)
    )
    table = brief(departments_table(report, words), report, words)
    assert [one.heading for one in table.drawn()][:4] == ["部署", "面数", "除外", "除外後"]
    bu = next(one for one in report.departments if one.department.id == BU)
    assert (bu.figures.pages, bu.own, bu.level) == (2793, 133, 1)
    assert bu.figures.left == 2500 - 2293
    assert report.others(report.months[-1]) == 0
    elsewhere = within(Tree({BU: (Under(ALWAYS, KIKAKU),)}), {KIKAKU: Targets(1)})
    later = await month_report(ledger, elsewhere, context.office.period("2026-12"), AT, "1.0")
    november = next(one for one in later.months if one.month == "2026-11")
    assert (november.target, november.targets[BU]) == (2510, 2500), "as they were sealed"
