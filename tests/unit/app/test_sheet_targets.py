"""Targets in sheets and in colour: ratio, forecast, advice, base and closing follow the unit."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from collector.app import notes
from collector.app.month.months import Months
from collector.app.month_report import month_report
from collector.app.office_context import OfficeContext
from collector.domain.closing.seal import faults, parsed
from collector.domain.month.course import Standing
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.headcount import ALWAYS, Headcount, Rank
from collector.domain.office.targets import (
    Base,
    Less,
    Measure,
    TargetPlan,
    Targets,
    TargetSource,
)
from collector.domain.report.month_report import TargetVerdict
from collector.texts.figures import bring_back, target_text
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, Copier, closed, tokyo
from tests.unit.app.office import CANON, fleet, place
from tests.unit.app.test_close_sheets import DuplexCopier, stating

SOUMU, ZEIMU = DepartmentId("soumu"), DepartmentId("zeimu")
LONG_AGO = date(2020, 4, 1)
PLACES = (place("1f", (LONG_AGO, {"soumu": 100})), place("2f", (LONG_AGO, {"zeimu": 100})))
MID = tokyo(11, 17, 8)
AFTER = tokyo(12, 10)


def aiming(**targets: Targets) -> OfficeContext:
    return replace(GROUND, fleet=fleet(*PLACES, targets=targets))


def sheets(default: int | None = None, *plans: TargetPlan) -> Targets:
    return Targets(default, plans=plans, measure=Measure.SHEETS)


async def printing(ledger: FakeLedger, until: date, *, duplex: bool = True) -> None:
    """Print 40 sides a day at 1f, 3 of 4 on sheets of two, and 100 at 2f, where nothing tells."""
    kind = DuplexCopier if duplex else Copier
    one, two = kind(ledger, "1f"), Copier(ledger, "2f", CANON, 50_000)
    await one.works(date(2026, 10, 1), until, 40)
    await two.works(date(2026, 10, 1), until, 100)


async def month(
    ledger: FakeLedger, context: OfficeContext, at: datetime, name: str = "2026-11"
) -> dict[DepartmentId, DepartmentMonth]:
    stated = await Months(ledger, context, at).came_to(context.office.period(name))
    return {one.department.id: one for one in (stated.office, *stated.departments)}


async def test_a_running_month_is_held_against_its_target_in_sheets() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    soumu = (await month(ledger, aiming(soumu=sheets(350)), MID))[SOUMU]
    assert soumu.pages == 400
    assert (soumu.used, soumu.measure) == (250, Measure.SHEETS)
    assert (soumu.ratio, soumu.remaining) == (250 / 350, 100)
    assert soumu.forecast is not None
    assert abs(soumu.forecast.expected - 19 * 25) < 15, "a month of 19 days of 25 sheets"
    assert soumu.course is not None
    assert soumu.course.cut is not None
    assert (
        bring_back(soumu.course, japanese=True)
        == f"30日まで1勤務日あたり{soumu.course.cut}枚減らす"
    )
    assert "sheets fewer" in bring_back(soumu.course, japanese=False)
    assert soumu.course.pace == 25


async def test_a_month_stands_to_its_target_by_sheets_and_is_not_drawn_beside_impressions() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    over = (await month(ledger, aiming(soumu=sheets(249)), MID))[SOUMU]
    assert (over.standing, over.target_in_impressions) == (Standing.OVER, None)
    ahead = (await month(ledger, aiming(soumu=sheets(350)), MID))[SOUMU]
    assert ahead.pages > 350
    assert (ahead.standing, ahead.expected_share) == (
        *(Standing.WILL_BE_OVER, ahead.forecast.expected / 350 if ahead.forecast else None),
    )
    plain = (await month(ledger, aiming(soumu=Targets(900)), MID))[SOUMU]
    assert (plain.standing, plain.target_in_impressions) == (Standing.ON_COURSE, 900)


async def test_the_same_office_with_a_target_in_impressions_is_as_it_was() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    plain = (await month(ledger, aiming(soumu=Targets(350)), MID))[SOUMU]
    assert (plain.used, plain.ratio, plain.remaining) == (400, 400 / 350, -50)
    other = (await month(ledger, aiming(soumu=Targets(350), zeimu=sheets(9)), MID))[SOUMU]
    assert replace(other, year=None) == replace(plain, year=None)


async def test_less_than_a_base_month_is_less_of_its_sheets() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    plan = TargetPlan("2026-11", Less(Base(year=None), Decimal(20)))
    context = aiming(soumu=sheets(None, plan))
    unknown = (await month(ledger, context, MID))[SOUMU]
    assert (unknown.target, unknown.basis.source) == (None, TargetSource.BASE_UNKNOWN)
    stated = TargetPlan("2026-11", Less(Base(pages=500), Decimal(20)))
    soumu = (await month(ledger, aiming(soumu=sheets(None, stated)), MID))[SOUMU]
    assert soumu.target == 400
    text = target_text(soumu.basis, japanese=True)
    assert "500枚" in text
    assert text.endswith("（枚数の目標）")


async def test_last_years_sheets_are_a_base_counted_or_sealed() -> None:
    ledger = FakeLedger()
    one = DuplexCopier(ledger, "1f")
    await one.works(date(2025, 11, 1), date(2025, 11, 30), 60)
    await one.works(date(2026, 11, 1), date(2026, 11, 16), 40)
    plan = TargetPlan("2026-04", Less(Base(), Decimal(50)))
    context = aiming(soumu=sheets(None, plan))
    counted = (await month(ledger, context, MID))[SOUMU]
    days = GROUND.office.working_days(date(2025, 11, 1), date(2025, 11, 30))
    base = days * 60 - days * 60 * 3 // 8
    assert (counted.basis.base, counted.target) == (base, base // 2)
    await closed(ledger, ["2025-11"], tokyo(12, 10, year=2025), context)
    sealed = (await month(ledger, context, MID))[SOUMU]
    assert sealed.basis == counted.basis


async def test_where_sheets_are_not_known_there_is_no_target_and_a_reason() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16), duplex=False)
    soumu = (await month(ledger, aiming(soumu=sheets(350)), MID))[SOUMU]
    assert (soumu.target, soumu.ratio, soumu.course) == (None, None, None)
    assert soumu.basis.source is TargetSource.SHEETS_UNKNOWN
    assert "枚数" in target_text(soumu.basis, japanese=True)
    known = replace(aiming(soumu=sheets(350)), factors=stating(50))
    assert (await month(ledger, known, MID))[SOUMU].used == 300


async def test_a_target_for_colour_counts_colour() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    colour = Targets(120, measure=Measure.COLOR)
    soumu = (await month(ledger, aiming(soumu=colour), MID))[SOUMU]
    assert (soumu.used, soumu.remaining) == (100, 20)
    assert soumu.forecast is not None
    assert abs(soumu.forecast.expected - 190) < 10
    assert soumu.course is not None
    assert "カラー" in bring_back(soumu.course, japanese=True)


async def test_the_offices_target_is_the_sum_only_of_one_unit() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    alike = (await month(ledger, aiming(soumu=sheets(350), zeimu=sheets(800)), MID))[WHOLE_OFFICE]
    assert (alike.target, alike.measure, alike.basis.source) == (
        *(1150, Measure.SHEETS, TargetSource.SUM),
    )
    assert alike.used == alike.sheets.paper.value if alike.sheets.paper else False
    mixed = (await month(ledger, aiming(soumu=sheets(350), zeimu=Targets(800)), MID))[WHOLE_OFFICE]
    assert (mixed.target, mixed.basis.source) == (None, TargetSource.UNITS_DIFFER)
    own = aiming(soumu=Targets(1), zeimu=Targets(1), whole_office=sheets(900))
    assert (await month(ledger, own, MID))[WHOLE_OFFICE].ratio is not None


async def test_closing_seals_the_target_with_its_unit() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 12, 1))
    context = aiming(soumu=sheets(350), zeimu=Targets(5000))
    (_, statement) = await closed(ledger, ["2026-10", "2026-11"], AFTER, context)
    lines = {one.department: one for one in statement.departments}
    assert (lines[SOUMU].target, lines[SOUMU].measure) == (350, Measure.SHEETS)
    assert (lines[ZEIMU].target, lines[ZEIMU].measure) == (5000, Measure.IMPRESSIONS)
    chain = [*await ledger.statements("2026-10"), *await ledger.statements("2026-11")]
    assert faults(chain) == ()
    assert parsed(chain[-1].text) == chain[-1].statement
    assert chain[-1].text.count('"target_in":"sheets"') == 1
    other = aiming(soumu=Targets(10), zeimu=Targets(5000))
    soumu = (await month(ledger, other, AFTER))[SOUMU]
    assert (soumu.target, soumu.measure, soumu.used) == (350, Measure.SHEETS, 475)
    assert soumu.course is not None
    assert bring_back(soumu.course, japanese=True) == "目標を125枚超過"


async def test_a_report_compares_sheets_with_a_target_in_sheets() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 12, 1))
    context = aiming(soumu=sheets(350))
    report = await month_report(ledger, context, GROUND.office.period("2026-11"), AFTER, "1")
    figures = next(one.figures for one in report.departments if one.department.id == SOUMU)
    assert (figures.used, figures.left, figures.ratio) == (475, -125, 475 / 350)
    assert figures.verdict is TargetVerdict.OVER
    assert report.months[-1].targets == {}, "sheets are not drawn beside impressions"


async def test_the_year_so_far_is_in_the_unit_of_its_targets() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 11, 16))
    soumu = (await month(ledger, aiming(soumu=sheets(350)), MID))[SOUMU]
    assert soumu.year is not None
    october = GROUND.office.working_days(date(2026, 10, 1), date(2026, 10, 31)) * 25
    assert (soumu.year.since, soumu.year.pages, soumu.year.target) == (
        *("2026-10", october + 250, 700),
    )


def test_the_unit_is_noted_with_the_fleet_that_was_published() -> None:
    known = aiming(soumu=sheets(350), zeimu=Targets(9)).fleet
    note = notes.PUBLISHED_FLEET
    assert note.read(note.written(known)).targets == known.targets
    assert '"in"' not in note.written(aiming(soumu=Targets(9)).fleet)


async def test_departments_alike_are_ranked_by_what_each_head_took() -> None:
    ledger = FakeLedger()
    await printing(ledger, date(2026, 12, 1))
    people = {SOUMU: (Headcount(ALWAYS, 19),), ZEIMU: (Headcount(date(2026, 11, 30), 190),)}
    context = aiming()
    context = replace(context, fleet=replace(context.fleet, staff=people))
    months = await month(ledger, context, AFTER)
    assert (months[SOUMU].sheets_a_head, months[ZEIMU].pages_a_head) == (25, 10)
    assert (months[ZEIMU].rank, months[SOUMU].rank) == (Rank(1, 2), Rank(2, 2))
    assert (months[WHOLE_OFFICE].people, months[WHOLE_OFFICE].rank) == (209, None)
    october = await month(ledger, context, AFTER, "2026-10")
    assert (october[ZEIMU].people, october[SOUMU].rank) == (None, None)
    await closed(ledger, ["2026-10", "2026-11"], AFTER, context)
    assert (await month(ledger, context, AFTER))[ZEIMU].rank == Rank(1, 2)
    report = await month_report(ledger, context, GROUND.office.period("2026-11"), AFTER, "1")
    figures = {one.department.id: one.figures for one in report.departments}
    assert (figures[SOUMU].sheets_a_head, figures[SOUMU].rank) == (25, Rank(2, 2))
