"""A month's row: targets, advice, year and money, and nothing that keeps an old figure."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from collector.app.office_context import OfficeContext
from collector.domain.cost.factors import NO_FACTORS, Contract, Factor, Factors, Price, PriceStep
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId, Tree, Under
from collector.domain.office.headcount import ALWAYS, Headcount
from collector.domain.office.targets import Base, Less, Measure, TargetPlan, Targets
from collector.domain.rows import SCHEMA, Row
from collector.ports import LogRef
from tests.unit.app.office import (
    A_FLEET,
    CANON,
    LONG_AGO,
    OFFICE,
    RICOH,
    SOUMU,
    T0,
    ZEIMU,
    AnOffice,
    answer,
)

FACTORS = Factors(
    contracts=(
        Contract(
            "c",
            (Price(LONG_AGO, "s", (PriceStep(None, Decimal(2)),), (PriceStep(None, Decimal(9)),)),),
        ),
    ),
    seconds=(Factor(LONG_AGO, "s", Decimal(36)),),
)


@pytest.fixture
def office() -> AnOffice:
    return AnOffice(OfficeContext(A_FLEET, OFFICE, factors=FACTORS))


async def print_pages(office: AnOffice, first: int, last: int, color: int | None = 0) -> None:
    colours = {} if color is None else {"total_color": 500}
    await office.poll("1f", answer(RICOH, first, **colours))
    office.clock.forward(minutes=5)
    colours = {} if color is None else {"total_color": 500 + color}
    await office.poll("1f", answer(RICOH, last, **colours))


async def month(office: AnOffice, name: str = "2026-11") -> dict[str, Row]:
    """Return the rows of a month by department, the whole office's under the empty name."""
    rows = await office.rows(LogRef("month", name))
    return {row.tags.get("department", ""): row for row in rows}


async def test_the_whole_office_has_a_measurement_of_its_own(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    rows = await month(office)
    whole = rows[""]
    assert (whole.measurement, whole.tags) == ("office_month", {"site": "hall", "month": "2026-11"})
    assert (whole.fields["pages"], whole.fields["name"]) == (40, "全庁")
    assert whole.fields["name_en"] == "Whole office"
    counted = {"departments", "departments_over", "departments_will_be_over"}
    counted |= {"departments_on_course"}
    assert SCHEMA["office_month"].fields.keys() - SCHEMA["department_month"].fields == counted
    assert {whole.fields[name] for name in counted - {"departments"}} == {0}
    assert whole.fields["departments"] == 2
    assert (whole.fields["title"], whole.fields["title_en"]) == ("2026年11月", "2026-11")
    assert whole.fields["choice"] == "2026-11\u20632026年11月"
    assert whole.at == rows["soumu"].at


async def test_a_month_heading_over_its_target_says_what_to_do(office: AnOffice) -> None:
    office.reorganise(replace(A_FLEET, targets={SOUMU: Targets(1000)}))
    for day in range(5):
        await print_pages(office, 1000 + 100 * day, 1100 + 100 * day)
        office.clock.forward(hours=23, minutes=55)
    soumu = (await month(office))["soumu"].fields
    assert (soumu["has_target"], soumu["remaining"]) == (True, 500)
    assert soumu["cut"] > 60
    assert soumu["advice"] == f"30日まで1勤務日あたり{soumu['cut']}面減らす"
    assert soumu["advice_en"].endswith("fewer per working day until the 30th")
    assert (soumu["basis"], soumu["basis_en"]) == ("定めた値", "as stated")
    assert 90 < soumu["pace"] < 110
    assert soumu["allowed_pace"] < 40


async def test_without_a_target_the_reason_is_told(office: AnOffice) -> None:
    less = Targets(plans=(TargetPlan("2026-04", Less(Base(year=2025), Decimal(10))),))
    office.reorganise(replace(A_FLEET, targets={SOUMU: less}))
    await print_pages(office, 1000, 1040)
    rows = await month(office)
    assert (rows["soumu"].fields["has_target"], rows["soumu"].fields["target"]) == (False, 0)
    assert "2025-11" in str(rows["soumu"].fields["basis"])
    assert rows["zeimu"].fields["basis_en"] == "no target is set"
    assert (rows["zeimu"].fields["advice"], rows["zeimu"].fields["cut"]) == ("", 0)
    assert (rows["zeimu"].fields["year_since"], rows["zeimu"].fields["year_target"]) == ("", 0)


async def test_a_target_taken_away_leaves_no_old_advice(office: AnOffice) -> None:
    office.reorganise(replace(A_FLEET, targets={SOUMU: Targets(10)}))
    await print_pages(office, 1000, 1040)
    office.clock.forward(days=1)
    before = (await month(office))["soumu"].fields
    assert before["advice_en"] == (
        "30 impressions over the target already; nothing brings this month back"
    )
    office.reorganise(replace(A_FLEET, targets={}))
    after = (await month(office))["soumu"].fields
    assert {after[one] for one in ("advice", "advice_en", "year_since")} == {""}
    assert {after[one] for one in ("pace", "allowed_pace", "cut", "year_pages")} == {0}
    assert set(before) <= set(after)


async def test_money_and_hours_are_there_once_known(office: AnOffice) -> None:
    await print_pages(office, 1000, 1100, color=10)
    rows = await month(office)
    assert (rows["soumu"].fields["cost"], rows["soumu"].fields["hours"]) == (270.0, 1.0)
    assert (rows["zeimu"].fields["cost"], rows[""].fields["cost"]) == (0.0, 270.0)
    assert rows[""].fields["cost_known"] is True
    assert "co2_g" not in rows[""].fields
    assert rows[""].fields["co2_g_known"] is False


async def test_a_sum_that_is_known_no_more_is_taken_back(office: AnOffice) -> None:
    """A machine without colour meters replaces one with them: half a sum would be a lie."""
    await print_pages(office, 1000, 1100)
    assert (await month(office))["soumu"].fields["cost"] == 200.0
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(CANON, 5000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(CANON, 5050))
    for _ in range(2):
        rows = await month(office)
        assert (rows["soumu"].fields["cost"], rows["soumu"].fields["cost_known"]) == (0.0, False)
        assert rows[""].fields["cost"] == 0.0
        assert rows["zeimu"].fields["cost"] == 0.0
        office.restart()


async def test_without_factors_no_money_was_ever_published(office: AnOffice) -> None:
    office.current.context = replace(office.current.context, factors=NO_FACTORS)
    await print_pages(office, 1000, 1100)
    for row in (await month(office)).values():
        assert not {"cost", "paper_cost", "hours", "co2_g"} & set(row.fields)


async def test_the_year_is_added_up_over_months(office: AnOffice) -> None:
    office.clock.at = datetime(2026, 9, 30, 16, tzinfo=T0.tzinfo)
    await print_pages(office, 1000, 1040)
    office.clock.at = T0
    await print_pages(office, 1040, 1050)
    soumu = (await month(office))["soumu"].fields
    assert (soumu["year_since"], soumu["year_pages"]) == ("2026-10", 50)
    assert (soumu["year_target"], soumu["year_remaining"]) == (2000, 1950)


# --- what must be published again ---


async def after(office: AnOffice, **changes: object) -> set[str]:
    """Return the months that are published again after `changes` of the context."""
    seq = await office.last_seq()
    office.current.context = replace(office.current.context, **changes)  # type: ignore[arg-type] # fields of one test each
    office.restart()
    await office.refresh.fleet()
    return {ref.key for ref in await office.log(seq) if ref.kind == "month"}


async def counted_since(office: AnOffice, day: date) -> None:
    office.clock.at = OFFICE.midnight(day) + timedelta(hours=9)
    await print_pages(office, 1000, 1040)
    office.clock.at = T0
    await office.refresh.fleet()


async def test_a_plan_from_a_month_on_touches_no_month_before_it(office: AnOffice) -> None:
    await counted_since(office, date(2026, 6, 1))
    plan = TargetPlan("2026-10", Less(Base(), Decimal("2.5")))
    planned = replace(A_FLEET, targets={SOUMU: Targets(1000, plans=(plan,))})
    assert await after(office, fleet=planned) == {"2026-10", "2026-11"}
    assert await after(office, fleet=planned) == set(), "the plan survives the note"
    other = replace(planned, targets={SOUMU: Targets(1000), ZEIMU: Targets(5)})
    assert await after(office, fleet=other) == {f"2026-{month:02d}" for month in range(6, 12)}


async def test_one_months_target_touches_the_rest_of_its_year(office: AnOffice) -> None:
    """The year so far follows from it."""
    await counted_since(office, date(2026, 2, 1))
    changed = replace(A_FLEET, targets={SOUMU: Targets(1000, {"2026-03": 5})})
    assert await after(office, fleet=changed) == {"2026-03", "2026-11"}
    changed = replace(A_FLEET, targets={SOUMU: Targets(1000, {"2026-03": 5, "2026-08": 5})})
    assert await after(office, fleet=changed) == {f"2026-{one:02d}" for one in range(8, 12)}


async def test_moved_pages_touch_the_months_measured_from_them(office: AnOffice) -> None:
    await counted_since(office, date(2025, 9, 1))
    plan = TargetPlan("2026-04", Less(Base(year=2025), Decimal(10)))
    planned = replace(A_FLEET, targets={SOUMU: Targets(plans=(plan,))})
    await after(office, fleet=planned)
    first, second = planned.places
    (span,) = first.assignments
    moved = replace(
        first,
        assignments=(
            span,
            replace(span, start=date(2025, 9, 10), shares={ZEIMU: 100}),
            replace(span, start=date(2025, 9, 11)),
        ),
    )
    touched = await after(office, fleet=replace(planned, places=(moved, second)))
    rest_of_2025 = {"2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"}
    assert touched == rest_of_2025 | {"2026-09", "2026-10", "2026-11"}


async def test_factors_touch_the_months_since_they_differ(office: AnOffice) -> None:
    await counted_since(office, date(2026, 6, 1))
    later = Factor(date(2026, 9, 15), "t", Decimal(5))
    more = replace(FACTORS, seconds=(*FACTORS.seconds, later))
    assert await after(office, factors=more) == {"2026-09", "2026-10", "2026-11"}
    assert await after(office, factors=more) == set()
    assert await after(office, factors=NO_FACTORS) == {f"2026-{one:02d}" for one in range(6, 12)}


# --- sheets of paper ---


async def printed_on_both(office: AnOffice, **meters: tuple[int, int]) -> dict[str, Row]:
    for place, identity, sides in (("1f", RICOH, 600), ("2f", CANON, 100)):
        own = meters if place == "1f" else {}
        await office.poll(place, answer(identity, 1000, **{k: a for k, (a, _) in own.items()}))
        office.clock.forward(minutes=5)
        after = {key: before + more for key, (before, more) in own.items()}
        await office.poll(place, answer(identity, 1000 + sides, **after))
    return await month(office)


PAPER = ("sheets_used", "sheets_low", "sheets_high", "sheets_quality", "a4_known")


async def test_sheets_are_derived_where_told_and_estimated_beside(office: AnOffice) -> None:
    rows = await printed_on_both(office, duplex_sheets=(70, 240))
    one, whole = rows["soumu"].fields, rows[""].fields
    assert [one[key] for key in PAPER] == [360 + 36, 360 + 30, 360 + 60, "estimated", False]
    assert (one["duplex_share"], one["sheets_basis"]) == (
        0.8,
        "枚数の根拠: 面数 − 両面枚数 1 台、同種の機器の両面率 1 台（推定）",
    )
    other = rows["zeimu"].fields
    assert [other[key] for key in PAPER] == [24, 20, 40, "estimated", False]
    assert "duplex_share" not in other
    assert other["sheets_basis_en"] == (
        "sheets from 1 by the duplex share of machines of the same kind (estimated)"
    )
    assert [whole[key] for key in PAPER] == [420, 410, 460, "estimated", False]
    assert whole["sheets"] == 0, "what the machines' own counters of sheets say"


async def test_where_nothing_tells_sheets_there_is_no_figure_and_a_reason(office: AnOffice) -> None:
    rows = await printed_on_both(office)
    fields = rows["soumu"].fields
    assert (fields["sheets_known"], fields["sheets_quality"]) == (False, "")
    assert "sheets_used" not in fields
    assert fields["sheets_basis"].startswith("枚数不明: 1f、2f（")


async def test_sheets_that_are_no_longer_known_are_taken_back(office: AnOffice) -> None:
    share = (Factor(LONG_AGO, "実測", Decimal(50), None, Decimal(10)),)
    office.current.context = replace(office.current.context, factors=Factors(duplex=share))
    fields = (await printed_on_both(office))["soumu"].fields
    assert [fields[key] for key in PAPER] == [495, 462, 528, "estimated", False]
    assert fields["sheets_basis"].endswith("定めた両面率 2 台（推定。出典: 実測）")
    assert await after(office, factors=NO_FACTORS) == {"2026-11"}
    fields = (await month(office))["soumu"].fields
    assert (fields["sheets_known"], fields["sheets_used"], fields["sheets_high"]) == (False, 0, 0)


async def test_a_target_in_sheets_is_published_with_its_unit(office: AnOffice) -> None:
    await printed_on_both(office, duplex_sheets=(70, 240))
    in_sheets = replace(A_FLEET, targets={SOUMU: Targets(400, measure=Measure.SHEETS)})
    await office.refresh.fleet()
    assert await after(office, fleet=replace(A_FLEET, targets={SOUMU: Targets(400)})) == {"2026-11"}
    assert await after(office, fleet=in_sheets) == {"2026-11"}, "only the unit is another"
    fields = (await month(office))["soumu"].fields
    assert (fields["target_unit"], fields["target_used"]) == ("sheets", 396)
    assert (fields["ratio"], fields["remaining"], fields["pages"]) == (0.99, 4, 660)
    assert fields["basis"] == "定めた値（枚数の目標）"


async def test_what_each_head_printed_is_published_where_heads_are_stated(office: AnOffice) -> None:
    staff = {SOUMU: (Headcount(ALWAYS, 33),), ZEIMU: (Headcount(date(2026, 11, 30), 4),)}
    rows = await printed_on_both(office, duplex_sheets=(70, 240))
    before = rows["soumu"].fields
    assert (before["people_known"], "people" in before) == (False, False)
    await office.refresh.fleet()
    assert await after(office, fleet=replace(A_FLEET, staff=staff)) == {"2026-11"}
    rows = await month(office)
    soumu, zeimu, whole = (rows[key].fields for key in ("soumu", "zeimu", ""))
    assert (soumu["people"], soumu["pages_per_head"], soumu["sheets_per_head"]) == (33, 20.0, 12.0)
    assert (zeimu["pages_per_head"], zeimu["sheets_per_head"]) == (10.0, 6.0)
    assert "rank" not in soumu, "part of a month is not ranked"
    assert (whole["people"], whole["pages_per_head"]) == (37, 700 / 37)
    assert await after(office, fleet=A_FLEET) == {"2026-11"}
    fields = (await month(office))["soumu"].fields
    assert (fields["people_known"], fields["people"], fields["sheets_per_head"]) == (False, 0, 0.0)


async def test_rows_of_a_tree_say_its_sums_once_and_what_they_are_made_of(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    plain = await month(office)
    assert "level" not in plain["soumu"].fields, "without a tree a row is as it always was"
    bu = DepartmentId("bu")
    tree = Tree({SOUMU: (Under(ALWAYS, bu),), ZEIMU: (Under(ALWAYS, bu),)})
    departments = (Department(bu, "総務部"), *A_FLEET.departments)
    aiming = {bu: Targets(100), WHOLE_OFFICE: Targets(100)}
    within = replace(A_FLEET, departments=departments, tree=tree, targets=aiming)
    office.reorganise(within)
    rows = await month(office)
    assert rows["bu"].fields["pages"] == rows[""].fields["pages"] == 40
    assert (rows["bu"].fields["level"], rows["bu"].fields["parent"]) == (1, "")
    assert (rows["soumu"].fields["level"], rows["soumu"].fields["parent"]) == (2, "bu")
    assert (rows["bu"].fields["target"], rows["bu"].fields["remaining"]) == (100, 60)
    assert sum(int(rows[one].fields["own_pages"]) for one in ("bu", "soumu", "zeimu")) == 40
    days = await office.rows(LogRef("office_day", f"{OFFICE.local_day(office.clock.now())}"))
    own = {row.tags.get("department", ""): row.fields for row in days}
    assert (own["bu"]["total"], own["bu"]["so_far"]) == (0, 40)
    assert sum(int(own[one]["total"]) for one in ("bu", "soumu", "zeimu")) == own[""]["total"]
    office.reorganise(A_FLEET)
    gone = await month(office)
    assert (gone["soumu"].fields["level"], gone["soumu"].fields["parent"]) == (0, "")
