"""Months of departments in a tree: sums and targets on every level, sealed with the tree."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from collector.app.close.close_month import CloseMonth
from collector.app.month.months import Months
from collector.app.office_context import OfficeContext
from collector.app.publish.screen_fields import count_fields
from collector.domain.closing.seal import canonical, faults, parsed
from collector.domain.closing.statement import ClosingPlan
from collector.domain.meters import TOTAL, TOTAL_COLOR
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet import (
    UNASSIGNED,
    WHOLE_OFFICE,
    Department,
    DepartmentId,
    Fleet,
    Tree,
    Under,
)
from collector.domain.office.headcount import ALWAYS, Headcount, Rank
from collector.domain.office.targets import Base, Less, TargetPlan, Targets, TargetSource
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, Copier, tokyo
from tests.unit.app.office import CANON, DEPARTMENTS, fleet, place
from tests.unit.app.test_close_sheets import DuplexCopier

BU, SOUMU, ZEIMU, KIKAKU = map(DepartmentId, ("bu", "soumu", "zeimu", "kikaku"))
LONG_AGO = date(2020, 4, 1)
MOVES = date(2026, 11, 16)
AFTER = tokyo(12, 10)
TOPS = (Department(BU, "総務部"), Department(KIKAKU, "企画部"))
FLAT_FLEET = replace(
    fleet(
        place("1f", (LONG_AGO, {"soumu": 100})),
        place("2f", (LONG_AGO, {"soumu": 60, "zeimu": 40})),
        place("3f", (LONG_AGO, {"bu": 100})),
    ),
    departments=(*DEPARTMENTS, *TOPS),
)
TOGETHER = Tree({SOUMU: (Under(ALWAYS, BU),), ZEIMU: (Under(ALWAYS, BU),)})
PARTED = Tree({SOUMU: (Under(ALWAYS, BU),), ZEIMU: (Under(ALWAYS, BU), Under(MOVES, KIKAKU))})
DAILY = {"1f": 40, "2f": 100, "3f": 7}
WORKING_DAYS = 19
BEFORE_MOVE = 9
"""Working days of November before the 16th."""


def within(tree: Tree, targets: Mapping[DepartmentId, Targets] | None = None) -> OfficeContext:
    return replace(GROUND, fleet=replace(FLAT_FLEET, tree=tree, targets=targets or {}))


async def printed(until: date = date(2026, 12, 1), since: date = date(2026, 10, 1)) -> FakeLedger:
    ledger = FakeLedger()
    for number, (name, pages) in enumerate(DAILY.items()):
        kind = DuplexCopier if name == "1f" else Copier
        copier = kind(ledger, name, replace(CANON, serial=f"TREE{number}"), 1000 * number)
        await copier.works(since, until, pages)
    return ledger


Stated = Mapping[DepartmentId, DepartmentMonth]


async def stated(
    ledger: FakeLedger,
    context: OfficeContext,
    level: int | None = None,
    at: datetime = AFTER,
    name: str = "2026-11",
) -> Stated:
    seen = replace(context, fleet=replace(context.fleet, level=level))
    found = await Months(ledger, seen, at).came_to(context.office.period(name))
    return {one.department.id: one for one in (found.office, *found.departments)}


def pages(months: Stated) -> dict[DepartmentId, int]:
    return {one: month.pages for one, month in months.items()}


async def test_a_department_is_its_places_and_its_parts_and_the_office_counts_none_twice() -> None:
    months = await stated(await printed(), within(TOGETHER))
    assert list(months) == [WHOLE_OFFICE, BU, SOUMU, ZEIMU, KIKAKU]
    whole = {BU: 147, SOUMU: 100, ZEIMU: 40, KIKAKU: 0, WHOLE_OFFICE: 147}
    assert pages(months) == {one: n * WORKING_DAYS for one, n in whole.items()}
    bu = months[BU]
    assert (bu.own, bu.level, bu.parent) == (7 * WORKING_DAYS, 1, None)
    assert (months[ZEIMU].level, months[ZEIMU].parent) == (2, BU)
    assert sum(one.own for key, one in months.items() if key != WHOLE_OFFICE) == bu.pages
    assert bu.asked == ("1f", "2f", "3f")
    assert dict(bu.meters) == dict(months[WHOLE_OFFICE].meters)
    assert bu.sheets.paper == months[WHOLE_OFFICE].sheets.paper


async def test_on_a_level_every_page_counts_once() -> None:
    ledger, context = await printed(), within(TOGETHER)
    top = await stated(ledger, context, 1)
    assert pages(top) == {
        WHOLE_OFFICE: 147 * WORKING_DAYS,
        BU: 147 * WORKING_DAYS,
        KIKAKU: 0,
    }
    below = await stated(ledger, context, 2)
    assert pages(below) == {
        WHOLE_OFFICE: 147 * WORKING_DAYS,
        BU: 7 * WORKING_DAYS,
        SOUMU: 100 * WORKING_DAYS,
        ZEIMU: 40 * WORKING_DAYS,
        KIKAKU: 0,
    }
    assert pages(await stated(ledger, context, 7)) == pages(below)


async def test_targets_stand_on_every_level() -> None:
    ledger = await printed()
    own = await stated(ledger, within(TOGETHER, {BU: Targets(3000), KIKAKU: Targets(10)}))
    assert (own[BU].target, own[BU].remaining) == (3000, 3000 - 147 * WORKING_DAYS)
    office = own[WHOLE_OFFICE]
    assert (office.target, office.basis.source) == (3010, TargetSource.SUM)
    parts = {SOUMU: Targets(2000), ZEIMU: Targets(800), KIKAKU: Targets(10)}
    summed = await stated(ledger, within(TOGETHER, parts))
    assert summed[BU].basis.source is TargetSource.PART_MISSING, "its own places have no target"
    alone = replace(within(TOGETHER, parts), fleet=_without_3f(within(TOGETHER, parts).fleet))
    both = await stated(ledger, alone)
    assert (both[BU].target, both[BU].basis.source) == (2800, TargetSource.SUM)
    assert both[WHOLE_OFFICE].target == 2810
    on_two = await stated(ledger, within(TOGETHER, {BU: Targets(3000)}), 2)
    assert on_two[BU].target is None, "its target counts its parts as well"


def _without_3f(of: Fleet) -> Fleet:
    return replace(of, places=tuple(one for one in of.places if one.id != "3f"))


async def test_a_reorganisation_in_mid_month_splits_it_by_the_day() -> None:
    ledger, context = await printed(), within(PARTED)
    months = await stated(ledger, context)
    later = WORKING_DAYS - BEFORE_MOVE
    assert months[BU].pages == 107 * WORKING_DAYS + 40 * BEFORE_MOVE
    assert months[KIKAKU].pages == 40 * later
    assert (months[ZEIMU].pages, months[ZEIMU].parent) == (40 * WORKING_DAYS, KIKAKU)
    on_one = await stated(ledger, context, 1)
    assert on_one[BU].pages + on_one[KIKAKU].pages == months[WHOLE_OFFICE].pages
    color = [months[one].meters[TOTAL_COLOR] for one in (BU, KIKAKU, WHOLE_OFFICE)]
    assert color[0] + color[1] == color[2]


async def test_people_and_last_months_of_a_department_are_those_of_its_parts() -> None:
    ledger, context = await printed(), within(TOGETHER)
    staff = {SOUMU: (Headcount(ALWAYS, 6),), ZEIMU: (Headcount(ALWAYS, 4),)}
    seen = replace(context, fleet=replace(context.fleet, staff=staff))
    months = await stated(ledger, seen)
    assert months[BU].people == 10
    assert months[SOUMU].rank == Rank(2, 2)
    assert months[BU].rank is None, "no other department of its level has people"
    october = [months[one].last_month or 0 for one in (SOUMU, ZEIMU)]
    assert months[BU].last_month == sum(october) * 147 // 140


async def sealed(ledger: FakeLedger, context: OfficeContext, at: datetime = AFTER) -> ClosingPlan:
    closing = CloseMonth(ledger, context, at)
    for name in ("2026-10", "2026-11"):
        plan = await closing.plan(name, estimate_now=True)
        assert isinstance(plan, ClosingPlan), plan
        await closing.apply(plan, "佐藤")
    return plan


async def test_a_sealed_month_keeps_its_sums_whatever_the_tree_is_later() -> None:
    for tree in (TOGETHER, PARTED):
        ledger, context = await printed(), within(tree, {BU: Targets(3000)})
        before = {level: await stated(ledger, context, level) for level in (None, 1, 2)}
        plan = await sealed(ledger, context)
        assert parsed(canonical(plan.statement)) == plan.statement
        assert faults(await ledger.statements()) == ()
        elsewhere = Tree({ZEIMU: (Under(ALWAYS, KIKAKU),), BU: (Under(ALWAYS, KIKAKU),)})
        for now in (tree, elsewhere, Tree()):
            for level, open_months in before.items():
                after = await stated(ledger, within(now, {BU: Targets(1)}), level)
                assert pages(after) == pages(open_months)
                assert after[BU].target == open_months[BU].target
                assert after[ZEIMU].parent == open_months[ZEIMU].parent if level != 1 else True


async def test_another_tree_of_a_sealed_month_is_a_revision() -> None:
    ledger = await printed()
    await sealed(ledger, within(TOGETHER))
    closing = CloseMonth(ledger, within(PARTED), tokyo(12, 12))
    plan = await closing.plan("2026-11")
    assert isinstance(plan, ClosingPlan)
    assert (plan.statement.revision, plan.statement.adjustments) == (2, ())
    await closing.apply(plan, "佐藤")
    months = await stated(ledger, within(Tree()))
    assert months[KIKAKU].pages == 40 * (WORKING_DAYS - BEFORE_MOVE)
    assert months[BU].pages + months[KIKAKU].pages == months[WHOLE_OFFICE].pages
    assert faults(await ledger.statements()) == ()
    same = await CloseMonth(ledger, within(PARTED), tokyo(12, 13)).plan("2026-11")
    assert not isinstance(same, ClosingPlan)


async def test_late_pages_of_a_department_that_moved_stay_within_its_parts() -> None:
    ledger = await printed(until=date(2026, 11, 30))
    late = Copier(ledger, "9f", replace(CANON, serial="LATE"), 5000)
    context = within(PARTED)
    nine = place("9f", (LONG_AGO, {"zeimu": 100}))
    fleet_of = replace(context.fleet, places=(*context.fleet.places, nine))
    context = replace(context, fleet=fleet_of)
    await late.works(date(2026, 10, 1), date(2026, 11, 20), 10)
    await sealed(ledger, context)
    await late.read(tokyo(12, 11), 37)
    plan = await CloseMonth(ledger, context, tokyo(12, 12)).plan("2026-11")
    assert isinstance(plan, ClosingPlan)
    assert plan.statement.revision == 2
    grouped = plan.statement.grouped()
    own = plan.statement.department_pages()[ZEIMU][TOTAL]
    parts = [grouped[one][ZEIMU][TOTAL] for one in (BU, KIKAKU)]
    assert sum(parts) == own
    assert min(parts) > 0


async def test_what_is_known_of_last_year_is_of_the_department_with_its_parts() -> None:
    ledger, context = await printed(), within(TOGETHER)
    await sealed(ledger, context)
    next_year = await stated(ledger, context, at=tokyo(11, 20, year=2027), name="2027-11")
    assert next_year[BU].last_year == 147 * WORKING_DAYS
    assert next_year[WHOLE_OFFICE].last_year == 147 * WORKING_DAYS
    on_two = await stated(ledger, context, 2, tokyo(11, 20, year=2027), "2027-11")
    assert on_two[BU].last_year == 7 * WORKING_DAYS


async def test_less_than_last_year_is_less_of_all_parts() -> None:
    plan = TargetPlan("2026-12", Less(Base(), Decimal(10)))
    ledger, context = await printed(), within(TOGETHER, {BU: Targets(plans=(plan,))})
    months = await stated(ledger, context, at=tokyo(11, 20, year=2027), name="2027-11")
    assert months[BU].basis.base == 147 * WORKING_DAYS
    assert months[BU].target == 147 * WORKING_DAYS * 9 // 10


async def test_a_department_under_one_that_left_the_file_is_a_part_of_the_office() -> None:
    ledger = await printed()
    context = within(TOGETHER, {SOUMU: Targets(2000), ZEIMU: Targets(800)})
    former = tuple(one for one in context.fleet.departments if one.id == BU)
    present = tuple(one for one in context.fleet.departments if one.id in {SOUMU, ZEIMU})
    left = replace(_without_3f(context.fleet), departments=present, former=former)
    months = await stated(ledger, replace(context, fleet=left))
    assert (months[BU].pages, months[BU].level) == (140 * WORKING_DAYS, 1)
    assert months[WHOLE_OFFICE].target == 2800


async def test_screens_count_a_department_once_where_its_parts_say_its_target() -> None:
    ledger = await printed()
    aims = {SOUMU: Targets(10), ZEIMU: Targets(800), KIKAKU: Targets(5)}
    fleet_of = _without_3f(within(TOGETHER, aims).fleet)
    context = replace(within(TOGETHER, aims), fleet=fleet_of)
    month = await Months(ledger, context, AFTER).came_to(context.office.period("2026-11"))
    assert month.departments[0].basis.source is TargetSource.SUM
    counted = count_fields(month)
    assert [one.department.id for one in month.departments] == [
        BU,
        SOUMU,
        ZEIMU,
        KIKAKU,
        UNASSIGNED,
    ]
    assert (counted["departments"], counted["departments_over"]) == (4, 1)


async def test_sealed_sheets_of_a_department_with_a_part_that_moved_stay_known() -> None:
    ledger, context = await printed(), within(PARTED)
    before = await stated(ledger, context)
    await sealed(ledger, context)
    for now in (PARTED, Tree()):
        after = await stated(ledger, within(now))
        tops = [after[one].sheets.paper for one in (BU, KIKAKU)]
        office = after[WHOLE_OFFICE].sheets.paper
        assert office is not None
        assert abs(sum(one.value for one in tops if one is not None) - office.value) <= 1
        for one in (BU, KIKAKU, SOUMU, ZEIMU):
            then, paper = before[one].sheets.paper, after[one].sheets.paper
            assert then is not None
            assert paper is not None
            assert paper.low <= then.value <= paper.high
            assert abs(paper.value - then.value) <= 1
