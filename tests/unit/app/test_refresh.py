"""A new day and a new fleet file: exactly what they make stale is published again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.app.office_context import OfficeContext
from collector.domain.office.fleet import WHOLE_OFFICE, Department, Fleet, Targets, Tree, Under
from collector.domain.office.office_calendar import Office
from collector.ports import LogRef
from tests.unit.app.office import (
    A_FLEET,
    CANON,
    DEPARTMENTS,
    LONG_AGO,
    OFFICE,
    RICOH,
    SOUMU,
    TOKYO,
    ZEIMU,
    AnOffice,
    answer,
    fleet,
    place,
)

OCT_30 = datetime(2026, 10, 30, 1, tzinfo=UTC)


async def an_office_with_a_past() -> AnOffice:
    """Return an office that counted from Friday 30 October to Monday 2 November, told so far."""
    office = AnOffice(at=OCT_30)
    await office.refresh.fleet()
    for number in range(4):
        await office.poll("1f", answer(RICOH, 1000 + 2 * number))
        await office.poll("2f", answer(CANON, 500 + 2 * number))
        office.clock.forward(minutes=5)
        await office.poll("1f", answer(RICOH, 1001 + 2 * number))
        await office.poll("2f", answer(CANON, 501 + 2 * number))
        office.clock.forward(days=1, minutes=-5)
    office.clock.forward(days=-1)
    return office


async def touched(office: AnOffice, since: int) -> set[tuple[str, str]]:
    return {(ref.kind, ref.key) for ref in await office.log(since)}


async def after_fleet(office: AnOffice, new: Fleet) -> tuple[int, set[tuple[str, str]]]:
    """Return what a restart with `new` publishes again, and the count it reports."""
    seq = await office.last_seq()
    office.reorganise(new)
    office.restart()
    told = await office.refresh.fleet()
    return told, await touched(office, seq)


async def test_first_start_states_the_running_month() -> None:
    office = AnOffice()
    assert await office.refresh.fleet() == 1
    assert await office.log() == [LogRef("month", "2026-11")]


async def test_unchanged_fleet_touches_nothing_also_after_a_restart() -> None:
    office = await an_office_with_a_past()
    assert await after_fleet(office, replace(A_FLEET)) == (0, set())


async def test_order_and_address_of_places_decide_no_figure() -> None:
    office = await an_office_with_a_past()
    first, second = A_FLEET.places
    moved = replace(A_FLEET, places=(second, replace(first, address="192.0.2.77")))
    assert await after_fleet(office, moved) == (0, set())


async def test_backdated_assignment_touches_its_days_and_their_months() -> None:
    office = await an_office_with_a_past()
    spans = ((LONG_AGO, {"soumu": 100}), (date(2026, 10, 31), {"zeimu": 100}))
    told, refs = await after_fleet(
        office, replace(A_FLEET, places=(place("1f", *spans), A_FLEET.places[1]))
    )
    assert refs == {
        ("day", "1f|2026-10-31"),
        ("day", "1f|2026-11-01"),
        ("day", "1f|2026-11-02"),
        ("office_day", "2026-10-31"),
        ("office_day", "2026-11-01"),
        ("office_day", "2026-11-02"),
        ("month", "2026-10"),
        ("month", "2026-11"),
    }
    assert told == len(refs)


async def test_a_part_of_another_touches_the_days_of_its_own_copiers() -> None:
    office = await an_office_with_a_past()
    tree = Tree({ZEIMU: (Under(date(2026, 11, 1), SOUMU),)})
    _, refs = await after_fleet(office, replace(A_FLEET, tree=tree))
    days = ("2026-11-01", "2026-11-02")
    assert {ref for ref in refs if ref[0] != "month"} == {
        *(("day", f"2f|{day}") for day in days),
        *(("office_day", day) for day in days),
    }


async def test_assignment_from_tomorrow_on_touches_only_the_running_month() -> None:
    """Seen (design): a re-organisation on 1 April must not rewrite last year."""
    office = await an_office_with_a_past()
    spans = ((LONG_AGO, {"soumu": 100}), (date(2026, 11, 3), {"zeimu": 100}))
    _, refs = await after_fleet(
        office, replace(A_FLEET, places=(place("1f", *spans), A_FLEET.places[1]))
    )
    assert refs == {("month", "2026-11")}


async def test_change_in_mid_month_touches_the_rest_of_that_month() -> None:
    """Whole pages are shared out over a month: after a change, later days may round otherwise."""
    office = await an_office_with_a_past()
    office.clock.forward(days=40)
    shares = {"soumu": 60, "zeimu": 40}
    spans = (
        (LONG_AGO, shares),
        (date(2026, 11, 10), {"zeimu": 100}),
        (date(2026, 11, 12), shares),
    )
    _, refs = await after_fleet(
        office, replace(A_FLEET, places=(A_FLEET.places[0], place("2f", *spans)))
    )
    days = [f"2026-11-{day:02d}" for day in range(10, 31)]
    assert refs == {
        *(("day", f"2f|{day}") for day in days),
        *(("office_day", day) for day in days),
        ("month", "2026-11"),
        ("month", "2026-12"),
    }


async def test_moved_pages_are_moved_in_next_years_comparison_too() -> None:
    office = AnOffice(at=datetime(2025, 9, 1, 1, tzinfo=UTC))
    await office.refresh.fleet()
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1100))
    office.clock.at = datetime(2026, 12, 5, tzinfo=UTC)
    spans = (
        (LONG_AGO, {"soumu": 100}),
        (date(2025, 9, 1), {"zeimu": 100}),
        (date(2025, 9, 3), {"soumu": 100}),
    )
    _, refs = await after_fleet(
        office, replace(A_FLEET, places=(place("1f", *spans), A_FLEET.places[1]))
    )
    months = {key for kind, key in refs if kind == "month"}
    rest_of_the_year = {"2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"}
    assert months == {"2025-09", "2026-09", "2026-12"} | rest_of_the_year


async def test_removed_place_gives_its_days_back() -> None:
    office = await an_office_with_a_past()
    _, refs = await after_fleet(office, replace(A_FLEET, places=A_FLEET.places[:1]))
    assert {key for kind, key in refs if kind == "day"} == {
        f"2f|{day}" for day in ("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02")
    }


@pytest.mark.parametrize(
    ("targets", "months"),
    [
        ({SOUMU: Targets(default=900)}, {"2026-10", "2026-11"}),
        ({SOUMU: Targets(default=1000, months={"2026-10": 5})}, {"2026-10", "2026-11"}),
        ({SOUMU: Targets(default=1000, months={"2026-11": 5})}, {"2026-11"}),
        ({SOUMU: Targets(default=1000), ZEIMU: Targets(months={"2027-01": 5})}, {"2026-11"}),
        ({}, {"2026-10", "2026-11"}),
    ],
)
async def test_changed_targets_touch_their_months(targets: dict, months: set[str]) -> None:
    office = await an_office_with_a_past()
    _, refs = await after_fleet(office, replace(A_FLEET, targets=targets))
    changed = replace(A_FLEET, targets=targets)
    begins = {"2026-10": "2026-10-30", "2026-11": "2026-11-01"}
    days = {
        ("office_day", day)
        for month, day in begins.items()
        for one in (SOUMU, ZEIMU, WHOLE_OFFICE)
        if A_FLEET.targets_of(one).of(month) != changed.targets_of(one).of(month)
    }
    assert refs == {("month", month) for month in months} | days


async def test_another_order_is_another_number_before_every_name() -> None:
    office = await an_office_with_a_past()
    fleet = office.current.context.fleet
    turned = replace(fleet, departments=tuple(reversed(fleet.departments)))
    _, refs = await after_fleet(office, turned)
    assert {key for kind, key in refs if kind == "month"} == {"2026-10", "2026-11"}
    assert not any(kind == "day" for kind, _ in refs)


async def test_changed_name_touches_every_month() -> None:
    office = await an_office_with_a_past()
    renamed = (Department(SOUMU, "総務部", "General Affairs"), DEPARTMENTS[1])
    _, refs = await after_fleet(office, replace(A_FLEET, departments=renamed))
    assert refs == {("month", "2026-10"), ("month", "2026-11")}


async def test_change_is_told_once() -> None:
    office = await an_office_with_a_past()
    changed = replace(A_FLEET, targets={})
    assert (await after_fleet(office, changed))[0] == 4, "two months, and the days of both"
    assert await after_fleet(office, changed) == (0, set())


async def test_what_was_noted_is_read_back_whole() -> None:
    """Shares, odd ids and English names survive the note: going back and forth ends at nothing."""
    office = AnOffice()
    odd = fleet(
        place("3F/議場 | 前", (LONG_AGO, {"soumu": 33, "zeimu": 67})),
        targets={"zeimu": Targets(default=0, months={"2026-11": 7})},
    )
    await after_fleet(office, odd)
    assert (await after_fleet(office, A_FLEET))[0] == 1
    assert (await after_fleet(office, odd))[0] == 1
    assert (await after_fleet(office, odd))[0] == 0


async def new_day(office: AnOffice, day: date) -> set[tuple[str, str]]:
    seq = await office.last_seq()
    await office.refresh.new_day(day)
    return await touched(office, seq)


async def test_new_day_touches_itself_and_the_one_before() -> None:
    assert await new_day(AnOffice(), date(2026, 11, 5)) == {
        ("office_day", "2026-11-04"),
        ("office_day", "2026-11-05"),
        ("month", "2026-11"),
    }


@pytest.mark.parametrize(
    ("closing", "day", "months"),
    [
        ("last", date(2026, 12, 1), {"2026-11", "2026-12"}),
        ("last", date(2026, 11, 21), {"2026-11"}),
        ("last", date(2028, 3, 1), {"2028-02", "2028-03"}),
        (20, date(2026, 11, 21), {"2026-11", "2026-12"}),
        (20, date(2026, 12, 1), {"2026-12"}),
        (20, date(2026, 12, 21), {"2026-12", "2027-01"}),
        (31, date(2027, 3, 1), {"2027-02", "2027-03"}),
    ],
)
async def test_new_day_at_a_roll_over_touches_both_months(
    closing: int | str, day: date, months: set[str]
) -> None:
    office = AnOffice(OfficeContext(A_FLEET, Office("hall", TOKYO, closing_day=closing)))
    refs = await new_day(office, day)
    assert {key for kind, key in refs if kind == "month"} == months
    assert len(refs) == len(months) + 2


async def test_every_department_has_a_row_of_the_new_month_at_once() -> None:
    office = AnOffice(at=OFFICE.midnight(date(2026, 12, 1)) + timedelta(seconds=5))
    await office.refresh.new_day(date(2026, 12, 1))
    rows = await office.rows(*await office.log())
    months = {
        (row.tags["department"], row.tags["month"]): row.fields["pages"]
        for row in rows
        if row.measurement == "department_month"
    }
    assert months == {(one, month): 0 for one in (SOUMU, ZEIMU) for month in ("2026-11", "2026-12")}


async def test_days_without_the_service_are_made_up_for() -> None:
    """Down from Friday over the month's end: every day gets its rows, and so does October."""
    office = AnOffice()
    await office.refresh.new_day(date(2026, 10, 30))
    office.restart()
    refs = await new_day(office, date(2026, 11, 2))
    assert refs == {
        *(("office_day", f"2026-10-{day}") for day in (30, 31)),
        *(("office_day", f"2026-11-0{day}") for day in (1, 2)),
        ("month", "2026-10"),
        ("month", "2026-11"),
    }
    office.restart()
    assert len(await new_day(office, date(2026, 11, 2))) == 3


@pytest.mark.parametrize("noted", [date(1970, 1, 1), date(2099, 1, 1)])
async def test_wrong_clock_does_not_publish_a_century(noted: date) -> None:
    office = AnOffice()
    await office.refresh.new_day(noted)
    refs = await new_day(office, date(2026, 11, 5))
    assert {("office_day", "2026-11-04"), ("office_day", "2026-11-05")} <= refs
    assert len(refs) < 450


async def test_a_finished_month_without_a_page_is_stated_anew_where_its_places_moved() -> None:
    """It was stated since the copiers were first heard, though nobody printed."""
    office = AnOffice(at=OCT_30)
    await office.refresh.fleet()
    await office.poll("1f", answer(RICOH, 1000))
    office.clock.forward(days=5)
    moved = place("1f", (LONG_AGO, {"soumu": 100}), (date(2026, 10, 31), {"zeimu": 100}))
    _, refs = await after_fleet(office, fleet(moved, A_FLEET.places[1], targets=A_FLEET.targets))
    assert {key for kind, key in refs if kind == "month"} == {"2026-10", "2026-11"}
