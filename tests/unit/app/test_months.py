"""Finished months: read once, remembered, and read anew when their days changed."""

from dataclasses import replace
from datetime import UTC, date, datetime

from collector.app.month.months import HABIT_MONTHS, FinishedMonths, Months, months_before
from collector.app.office_context import OfficeContext
from collector.domain.counting.usage import DayUsage
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.office.office_calendar import fiscal_months
from collector.domain.office.targets import Base, Budget, Less, TargetPlan, Targets
from collector.ports import LogRef
from tests.unit.app.office import A_FLEET, OFFICE, RICOH, SOUMU, ZEIMU, AnOffice, answer

NOVEMBER = OFFICE.period("2026-11")


async def an_old_office() -> AnOffice:
    """Return an office that printed 10 impressions on the first day of every month of a year."""
    office = AnOffice(at=datetime(2025, 9, 1, 1, tzinfo=UTC))
    for number in range(15):
        year, month = divmod(2025 * 12 + 8 + number, 12)
        office.clock.at = datetime(year, month + 1, 1, 1, tzinfo=UTC)
        await office.poll("1f", answer(RICOH, 1000 + 10 * number))
        office.clock.forward(minutes=5)
        await office.poll("1f", answer(RICOH, 1010 + 10 * number))
    return office


def counting(office: AnOffice) -> list[date]:
    """Note the first day of everything that is read from the day table from now on."""
    asked: list[date] = []
    days = office.ledger.days

    async def noted(first: date, last: date, place: str | None = None) -> list[DayUsage]:
        asked.append(first)
        return await days(first, last, place)

    office.ledger.days = noted
    return asked


async def test_months_before_are_known_by_department_and_of_the_office() -> None:
    office = await an_old_office()
    found = await FinishedMonths(office.ledger).before(office.current.context, NOVEMBER)
    assert found.past[SOUMU, "2026-10"] == found.past[WHOLE_OFFICE, "2026-10"] == 10
    assert found.past[ZEIMU, "2026-10"] == 0, "it has a share of a place that printed nothing"
    assert "2026-11" not in {month for _, month in found.past}
    assert (SOUMU, "2025-08") not in found.past
    assert max(found.earlier[SOUMU]) == date(2026, 7, 1), "the rest comes with the month's own days"


async def test_the_month_in_which_counting_began_is_no_whole_month() -> None:
    office = AnOffice(at=datetime(2026, 6, 10, 1, tzinfo=UTC))
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1100))
    found = await FinishedMonths(office.ledger).before(office.current.context, NOVEMBER)
    assert "2026-06" not in {month for _, month in found.past}
    assert found.past[SOUMU, "2026-07"] == 0
    assert found.earlier[SOUMU] == {date(2026, 6, 10): 100}, "its days still teach habits"


async def test_an_empty_ledger_knows_nothing() -> None:
    office = AnOffice()
    found = await FinishedMonths(office.ledger).before(office.current.context, NOVEMBER)
    assert (found.past, found.earlier) == ({}, {})


async def test_what_was_read_is_remembered_until_its_days_change() -> None:
    office = await an_old_office()
    past, context = FinishedMonths(office.ledger), office.current.context
    asked = counting(office)
    await past.before(context, NOVEMBER)
    assert len(asked) == 14
    asked.clear()
    await past.before(context, NOVEMBER)
    assert asked == []
    past.forget([date(2026, 10, 31), date(2026, 10, 1), date(2024, 1, 1)])
    await past.before(context, NOVEMBER)
    assert asked == [date(2026, 10, 1)]


async def test_another_fleet_reads_everything_anew() -> None:
    office = await an_old_office()
    past, context = FinishedMonths(office.ledger), office.current.context
    await past.before(context, NOVEMBER)
    asked = counting(office)
    await past.before(OfficeContext(replace(A_FLEET), OFFICE), NOVEMBER)
    assert len(asked) == 14


async def test_a_late_reading_moves_what_the_renderer_remembers() -> None:
    office = AnOffice(at=datetime(2026, 10, 1, 1, tzinfo=UTC))
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.at = datetime(2026, 11, 2, 1, tzinfo=UTC)
    (soumu, _) = await office.months("2026-11")
    assert soumu.fields["year_since"] == "2026-11", "October has no day yet"
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1210))  # a month's pages, split over October, too
    rows = await office.rows(*await office.log())
    (soumu,) = [
        row.fields
        for row in rows
        if row.tags.get("department") == "soumu" and row.tags.get("month") == "2026-11"
    ]
    (october,) = [
        row.fields["pages"]
        for row in rows
        if row.tags.get("department") == "soumu" and row.tags.get("month") == "2026-10"
    ]
    assert october > 150
    assert soumu["year_pages"] == 210
    assert LogRef("office_day", "2026-10-15") in await office.log()


def test_what_a_month_may_look_back_at() -> None:
    plain = months_before(A_FLEET, OFFICE, NOVEMBER)
    assert len(plain) == HABIT_MONTHS
    base = Targets(plans=(TargetPlan("2026-04", Less(Base(year=2016), 10)),))
    budget = Targets(plans=(TargetPlan("2026-04", Budget(9)),))
    fleet = replace(A_FLEET, targets={SOUMU: base, ZEIMU: budget})
    found = months_before(fleet, OFFICE, NOVEMBER)
    assert found == plain | {*fiscal_months(2016), *fiscal_months(2025)}


async def test_a_place_heard_without_its_total_is_not_read() -> None:
    """Its pages since the last total are known to nobody."""
    office = AnOffice(at=datetime(2026, 11, 2, 1, tzinfo=UTC))
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1010))
    office.clock.at = datetime(2026, 11, 20, 1, tzinfo=UTC)
    await office.poll("1f", answer(RICOH, copy=5))
    assert "1f" in await _missing(office)
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1010))
    assert "1f" not in await _missing(office)


async def _missing(office: AnOffice) -> tuple[str, ...]:
    months = Months(office.ledger, office.current.context, office.clock.now())
    stated = await months.came_to(NOVEMBER)
    (soumu,) = [one for one in stated.departments if one.department.id == SOUMU]
    return soumu.missing
