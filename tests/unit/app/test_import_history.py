"""Months of old sheets beside what the ledger counts: taken in once, replaced, never twice."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from collector.app.enter.amend import Amend
from collector.app.enter.import_history import HistoryImport, MonthNews, plan_import
from collector.app.month.months import Months, sheet_names
from collector.domain.counting.entries import ManualReading, PastMonth, Withdrawal, in_force
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets
from collector.domain.old_sheets.cells import SheetHint
from collector.domain.old_sheets.usage import SheetMonth
from collector.domain.rows import Row
from collector.ports import LogRef
from tests.unit.app.office import A_FLEET, LONG_AGO, RICOH, AnOffice, answer, fleet, place
from tests.wording import english

COLOR = Meter("total_color")


def month(where: str, name: str, total: int, line: int = 1, **more: int) -> SheetMonth:
    pages = {TOTAL: total} | {Meter(meter): count for meter, count in more.items()}
    return SheetMonth(PlaceId(where), name, pages, f"old.csv: line {line}", line, 2)


async def plan(office: AnOffice, *months: SheetMonth) -> HistoryImport:
    return await plan_import(office.ledger, office.current.context, months, office.clock.now())


async def take_in(office: AnOffice, *months: SheetMonth) -> HistoryImport:
    found = await plan(office, *months)
    assert found.refused == ()
    amend = Amend(office.ledger, office.current.context)
    signed = Signature("sato", "old sheet", office.clock.now())
    await amend.carry_out(await amend.work_out(found.entries(signed)))
    office.clock.forward(minutes=1)
    return found


async def stated(office: AnOffice, name: str) -> dict[str, DepartmentMonth]:
    context = office.current.context
    period = context.office.period(name)
    found = (await Months(office.ledger, context, office.clock.now()).came_to(period)).departments
    return {one.department.id: one for one in found}


async def entered(office: AnOffice) -> list[PastMonth]:
    return [one for one in in_force(await office.ledger.entries()) if isinstance(one, PastMonth)]


async def test_the_same_sheet_again_adds_nothing() -> None:
    office = AnOffice()
    months = (month("1f", "2025-04", 10), month("2f", "2025-04", 20))
    first = await take_in(office, *months)
    assert [one.news for one in first.taken] == [MonthNews.NEW, MonthNews.NEW]
    again = await take_in(office, *months)
    assert [one.news for one in again.taken] == [MonthNews.SAME, MonthNews.SAME]
    assert len(await office.ledger.entries()) == 2


async def test_a_corrected_sheet_replaces_only_what_differs() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-04", 10), month("1f", "2025-05", 20))
    await take_in(office, month("1f", "2025-04", 10), month("1f", "2025-05", 25))
    assert {one.period: one.pages[TOTAL] for one in await entered(office)} == {
        "2025-04": 10,
        "2025-05": 25,
    }
    assert len(await entered(office)) == 2, "the one that was replaced does not hold"
    assert len(await office.ledger.entries()) == 3
    await take_in(office, month("1f", "2025-05", 25, total_color=5))
    assert {one.period: one.pages for one in await entered(office)}["2025-05"] == {
        TOTAL: 25,
        COLOR: 5,
    }


async def test_what_was_taken_back_is_new_again() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-04", 10))
    (entry,) = await entered(office)
    amend = Amend(office.ledger, office.current.context)
    signed = Signature("sato", "wrong file", office.clock.now())
    back = Withdrawal(entry.place, entry.id, signed)
    await amend.carry_out(await amend.work_out([back]))
    office.clock.forward(minutes=1)
    assert await entered(office) == []
    again = await take_in(office, month("1f", "2025-04", 10))
    assert [one.news for one in again.taken] == [MonthNews.NEW]
    assert len(await entered(office)) == 1


async def test_months_that_the_ledger_counts_itself_are_refused() -> None:
    office = AnOffice()
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(days=70)
    found = await plan(
        office,
        month("1f", "2026-10", 1),
        month("1f", "2026-11", 2, line=2),
        month("1f", "2026-12", 3, line=3),
        month("2f", "2026-12", 4, line=4),
        month("2f", "2027-01", 5, line=5),
    )
    told = {one.line: english(one.message) for one in found.refused}
    assert set(told) == {2, 3, 5}
    assert "counts 1f from 2026-11-02 on, in the middle of 2026-11" in told[2]
    assert "counts 1f from 2026-11-02 on; leave 2026-12 out" in told[3]
    assert "2027-01 is not over yet" in told[5]
    assert [one.hint for one in found.refused] == [SheetHint.READING, None, None]


async def test_a_reading_by_hand_before_the_first_poll_refuses_its_month() -> None:
    """A reading of the month's first midnight leaves the month before free."""
    for day, refused in ((date(2026, 11, 1), False), (date(2026, 10, 31), True)):
        office = AnOffice()
        await office.poll("1f", answer(RICOH, 1000))
        office.clock.forward(hours=1)
        at = office.current.context.office.midnight(day)
        entry = ManualReading(
            PlaceId("1f"), at, {TOTAL: 900}, Signature("sato", "panel", office.clock.now())
        )
        amend = Amend(office.ledger, office.current.context)
        await amend.carry_out(await amend.work_out([entry]))
        assert await office.pages("1f") == 100
        assert bool((await plan(office, month("1f", "2026-10", 1))).refused) is refused


async def test_history_is_last_year_from_the_first_day_and_a_month_of_its_own() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-11", 100, total_color=30), month("2f", "2025-11", 50))
    assert await sheet_names(office.ledger) == {"2025-11"}
    running = await stated(office, "2026-11")
    assert running["soumu"].last_year == 100 + 30
    assert running["zeimu"].last_year == 20
    then = await stated(office, "2025-11")
    assert (then["soumu"].pages, then["zeimu"].pages) == (130, 20)
    assert then["soumu"].meters == {TOTAL: 130, COLOR: 30}
    assert then["soumu"].missing == ()
    assert then["soumu"].asked == ("1f", "2f")
    assert (await stated(office, "2026-10"))["soumu"].last_year is None


async def test_a_place_that_the_ledger_counted_is_not_counted_by_the_sheet_too() -> None:
    office = AnOffice()
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(hours=1)
    await office.poll("1f", answer(RICOH, 1007))
    office.clock.forward(days=400)
    entries = [
        PastMonth(
            PlaceId(one), "2026-11", {TOTAL: 500}, "x", Signature("a", "b", office.clock.now())
        )
        for one in ("1f", "2f")
    ]
    amend = Amend(office.ledger, office.current.context)
    await amend.carry_out(await amend.work_out(entries))
    november = await stated(office, "2026-11")
    assert sum(one.pages for one in november.values()) == 7 + 500
    later = await stated(office, "2027-11")
    assert sum(one.last_year or 0 for one in later.values()) == 7 + 500


async def test_a_place_that_left_the_fleet_file_keeps_its_history() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-11", 100))
    office.reorganise(fleet(place("2f", (LONG_AGO, {"zeimu": 100}))))
    assert (await stated(office, "2025-11"))["unassigned"].pages == 100
    assert (await stated(office, "2025-11"))["unassigned"].asked == ("1f",)


def figures(rows: list[Row]) -> dict[tuple[str, str], dict[str, object]]:
    return {
        (row.tags["department"], row.tags["month"]): dict(row.fields)
        for row in rows
        if row.measurement == "department_month"
    }


async def test_months_of_history_are_published_and_so_are_those_a_year_later() -> None:
    office = AnOffice()
    await office.poll("1f", answer(RICOH, 1000))
    await office.deliver_all()
    before = await office.last_seq()
    await take_in(office, month("1f", "2025-11", 100), month("2f", "2025-12", 50))
    months = {ref.key for ref in await office.log(before) if ref.kind == "month"}
    assert months == {"2025-11", "2025-12", "2026-11"}, "2026-12 is yet to come"
    rows = figures(await office.rows(LogRef("month", "2025-11"), LogRef("month", "2026-11")))
    assert rows["soumu", "2025-11"]["pages"] == 100
    assert rows["zeimu", "2025-11"]["pages"] == 0
    assert rows["soumu", "2025-11"]["target"] == 1000
    assert rows["soumu", "2026-11"]["last_year"] == 100


async def test_another_fleet_file_moves_months_of_history() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-11", 100), month("1f", "2025-12", 100))
    await office.refresh.fleet()
    before = await office.last_seq()
    split = place("1f", (LONG_AGO, {"soumu": 100}), (date(2025, 12, 1), {"zeimu": 100}))
    office.reorganise(fleet(split, A_FLEET.places[1], targets={"soumu": Targets(default=1000)}))
    await office.refresh.fleet()
    months = {ref.key for ref in await office.log(before) if ref.kind == "month"}
    assert months == {"2025-12", "2026-11"}
    rows = figures(await office.rows(LogRef("month", "2025-12")))
    assert (rows["soumu", "2025-12"]["pages"], rows["zeimu", "2025-12"]["pages"]) == (0, 100)


async def test_targets_and_the_year_so_far_rest_on_history_and_are_published_anew() -> None:
    less = TargetPlan("2026-04", Less(Base(), Decimal(10)))
    office = AnOffice()
    office.reorganise(fleet(*A_FLEET.places, targets={"soumu": Targets(plans=(less,))}))
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(hours=1)
    await office.poll("1f", answer(RICOH, 1030))
    office.clock.forward(days=40)
    before = await office.last_seq()
    await take_in(
        office,
        *(month("1f", name, 100) for name in ("2025-09", "2025-10")),
        month("1f", "2025-11", 200),
        *(month("1f", name, pages) for name, pages in (("2026-09", 70), ("2026-10", 80))),
    )
    months = {ref.key for ref in await office.log(before) if ref.kind == "month"}
    assert months == {
        *("2025-09", "2025-10", "2025-11", "2026-09", "2026-10", "2026-11", "2026-12")
    }
    november = (await stated(office, "2026-11"))["soumu"]
    assert (november.pages, november.last_year, november.target) == (30, 200, 180)
    assert november.year is not None
    assert november.year.pages == 70 + 80 + 30


async def test_a_month_of_history_is_its_own_forecast_and_costs_nothing_that_nobody_knows() -> None:
    office = AnOffice()
    await take_in(office, month("1f", "2025-10", 100), month("1f", "2025-11", 120))
    november = (await stated(office, "2025-11"))["soumu"]
    assert november.pages == 120
    assert november.forecast is None or november.forecast.expected == 120


async def test_a_place_that_no_sheet_states_is_missing_in_a_month_of_history() -> None:
    """It was heard since, but of that month nobody knows anything."""
    office = AnOffice()
    await take_in(office, month("1f", "2025-11", 100))
    await office.poll("2f", answer(RICOH, 1000))
    november = await stated(office, "2025-11")
    assert november["soumu"].missing == ("2f",)
    assert (november["zeimu"].places, november["zeimu"].places_read) == (1, 0)


@pytest.mark.parametrize("closing", [20, "last"])
async def test_a_closing_month_is_over_with_its_last_day(closing: int | str) -> None:
    office = AnOffice(at=datetime(2026, 11, 20, 3, tzinfo=UTC))
    context = office.current.context
    office.current.context = type(context)(
        context.fleet, type(context.office)("hall", context.office.zone, closing_day=closing)
    )
    assert (await plan(office, month("1f", "2026-11", 1))).refused
    office.clock.forward(days=1)
    over = not (await plan(office, month("1f", "2026-11", 1))).refused
    assert over is (closing == 20)


async def test_months_before_anybody_answers_for_a_place_ask_for_a_date() -> None:
    """Their pages would be nobody's, and the department would seem to have printed 0."""
    office = AnOffice()
    new = place("1f", (date(2026, 4, 1), {"soumu": 100}))
    office.reorganise(fleet(new, A_FLEET.places[1]))
    found = await plan(
        office, month("1f", "2026-03", 10, line=3), month("1f", "2026-04", 20, line=4)
    )
    (asked,) = found.refused
    assert (asked.line, asked.hint) == (3, SheetHint.DATE)
    assert "from 2026-04-01 on" in english(asked.message)
    assert "2026-03 begins on 2026-03-01" in english(asked.message)
