"""Loading a fleet file: what it adds is recorded, what it says of days gone by waits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from collector.app.load_fleet import Loading, load, look
from collector.app.office_context import OfficeContext
from collector.domain.counting.findings import Code, Finding
from collector.domain.office.fleet import UNASSIGNED, Department, DepartmentId, Fleet
from collector.domain.office.fleet_facts import Ending, FleetFact, Signature
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets
from collector.domain.rows import Row
from collector.ports import LogRef
from tests.fakes.ledger import FakeLedger
from tests.unit.app.office import (
    CANON,
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

FIRST_YEAR = datetime(2025, 5, 30, 1, tzinfo=UTC)
PLAN = TargetPlan("2026-04", Less(Base(year=2025), Decimal(30)))
FLEET = fleet(
    place("1f", (LONG_AGO, {"soumu": 100})),
    place("2f", (LONG_AGO, {"soumu": 60, "zeimu": 40})),
    targets={"soumu": Targets(plans=(PLAN,))},
)
ONLY_1F = replace(FLEET, places=FLEET.places[:1])


async def loaded(office: AnOffice, new: Fleet) -> tuple[Loading, Sequence[Finding]]:
    """Return what loading `new` comes to; the office stands on it as after a reload."""
    context = replace(office.current.context, fleet=new)
    loading, findings = await load(office.ledger, context, office.clock.now())
    office.current.context = loading.context
    await office.refresh.fleet()
    return loading, findings


async def an_office_with_a_year() -> AnOffice:
    """Return an office that counted in June 2025 and again from June 2026 on."""
    office = AnOffice(OfficeContext(FLEET, OFFICE), at=FIRST_YEAR)
    await loaded(office, FLEET)
    total = 1000
    for day in (FIRST_YEAR, datetime(2026, 5, 29, 1, tzinfo=UTC)):
        office.clock.at = day
        for _ in range(25):
            total += 73
            await office.poll("1f", answer(RICOH, total))
            await office.poll("2f", answer(CANON, 9 * total))
            office.clock.forward(days=1)
    return office


async def stated(office: AnOffice) -> list[Row]:
    """Return every row of months, of the office's days and of 2f's days that the office has."""
    days = [date(2025, 6, 1) + timedelta(days=n) for n in range(20)]
    days += [date(2026, 6, 1) + timedelta(days=n) for n in range(15)]
    return await office.rows(
        *(LogRef("month", name) for name in ("2025-06", "2026-05", "2026-06")),
        *(LogRef("office_day", one.isoformat()) for one in days),
        *(LogRef("day", f"2f|{one.isoformat()}") for one in days),
    )


def of(rows: Sequence[Row], measurement: str) -> list[Row]:
    return [row for row in rows if row.measurement == measurement]


async def test_a_deleted_copier_leaves_every_row_of_the_past_as_it_was() -> None:
    """Seen: a base-year target fell from 6,565 to 1,669, and nothing told it."""
    office = await an_office_with_a_year()
    before = await stated(office)
    target = next(
        row.fields["target"]
        for row in of(before, "department_month")
        if row.tags["month"] == "2026-06" and row.tags["department"] == SOUMU
    )
    assert isinstance(target, int)
    assert target > 0
    await loaded(office, FLEET)
    seq = await office.last_seq()
    loading, findings = await loaded(office, ONLY_1F)
    assert [(one.code, one.subject) for one in findings] == [(Code.PLACE_VANISHED, "2f")]
    assert loading.differences == ()
    assert {(one.kind, one.key) for one in await office.log(seq) if one.kind != "event"} <= {
        ("month", "2026-06"),
        ("fact", "7"),
    }
    after = await stated(office)
    assert of(after, "copier_day") == of(before, "copier_day")
    assert of(after, "department_day") == of(before, "department_day")
    assert all(row.tags.get("department") != UNASSIGNED for row in after)
    figures = ("pages", "target", "last_year", "estimated")
    for was, now in zip(of(before, "department_month"), of(after, "department_month"), strict=True):
        assert was.tags == now.tags
        assert [was.fields.get(one) for one in figures] == [now.fields.get(one) for one in figures]


async def test_a_department_that_leaves_keeps_its_months_under_its_name() -> None:
    office = await an_office_with_a_year()
    before = of(await stated(office), "department_month")
    without = replace(
        FLEET,
        departments=(Department(SOUMU, "総務課", "General Affairs"),),
        places=(FLEET.places[0], place("2f", (date(2026, 6, 23), {"soumu": 100}))),
    )
    loading, findings = await loaded(office, without)
    assert (loading.differences, findings) == ((), ())
    after = of(await stated(office), "department_month")
    for month in ("2025-06", "2026-05", "2026-06"):
        was, now = (
            next(r for r in rows if r.tags["month"] == month and r.tags["department"] == ZEIMU)
            for rows in (before, after)
        )
        assert (now.fields["name"], now.fields["pages"]) == ("税務課", was.fields["pages"])


async def test_a_places_end_publishes_the_months_that_ask_it_no_more() -> None:
    office = await an_office_with_a_year()
    seq = await office.last_seq()
    ended = replace(
        FLEET,
        places=(
            FLEET.places[0],
            replace(FLEET.places[1], until=OFFICE.local_day(office.clock.now())),
        ),
    )
    loading, findings = await loaded(office, ended)
    assert (loading.differences, findings) == ((), ())
    assert {(one.kind, one.key) for one in await office.log(seq)} == {
        ("month", "2026-06"),
        ("fact", "7"),
    }


async def test_another_past_waits_and_is_told_once_until_it_is_corrected() -> None:
    office = await an_office_with_a_year()
    before = await stated(office)
    given = replace(FLEET, places=(FLEET.places[0], place("2f", (LONG_AGO, {"zeimu": 100}))))
    loading, findings = await loaded(office, given)
    assert [(one.code, one.subject) for one in findings] == [(Code.FLEET_DIFFERS, "2f")]
    today = OFFICE.local_day(office.clock.now())
    (difference,) = loading.differences
    assert (difference.first, difference.last) == (date(2025, 5, 30), today - timedelta(days=1))
    assert of(await stated(office), "copier_day") == of(before, "copier_day")
    office.clock.forward(days=3)
    _, findings = await loaded(office, given)
    assert findings == (), "told already"
    signed = Signature("佐藤", "移管", office.clock.now())
    context = replace(office.current.context, fleet=given)
    correction = await look(office.ledger, context, office.clock.now(), correcting=signed)
    await office.ledger.add_facts(correction.added, correction.recorded)
    loading, findings = await loaded(office, given)
    assert (loading.differences, findings) == ((), ())
    rows = of(await stated(office), "copier_day")
    assert all(r.tags["department"] == ZEIMU or not r.fields["total"] for r in rows)


async def test_an_older_ledgers_first_facts_are_what_it_published_last() -> None:
    """The file was changed while the program was brought up to date: the past stays."""
    office = AnOffice(OfficeContext(FLEET, OFFICE), at=FIRST_YEAR)
    await office.refresh.fleet()
    for total in (1000, 1500):
        await office.poll("2f", answer(CANON, total))
        office.clock.forward(days=1)
    assert await office.ledger.facts() == []
    loading, _ = await loaded(office, ONLY_1F)
    kept = loading.context.fleet.place(PlaceId("2f"))
    assert kept is not None
    assert kept.shares_on(date(2025, 5, 30)) == {SOUMU: 60, ZEIMU: 40}


async def test_without_a_past_the_files_facts_are_the_first() -> None:
    office = AnOffice(OfficeContext(FLEET, OFFICE), at=FIRST_YEAR)
    for total in (1000, 1500):
        await office.poll("2f", answer(CANON, total))
        office.clock.forward(days=1)
    loading, findings = await loaded(office, FLEET)
    assert findings == ()
    assert loading.context.fleet.place(PlaceId("2f")) == FLEET.places[1]


async def test_a_place_never_read_may_be_corrected_and_removed_freely() -> None:
    office = AnOffice(OfficeContext(FLEET, OFFICE), at=FIRST_YEAR)
    await loaded(office, FLEET)
    office.clock.forward(days=9)
    other = replace(FLEET, places=(FLEET.places[0], place("2f", (LONG_AGO, {"zeimu": 100}))))
    loading, findings = await loaded(office, other)
    assert (loading.differences, findings) == ((), ())
    assert loading.context.fleet.places[1].shares_on(LONG_AGO) == {ZEIMU: 100}
    loading, findings = await loaded(office, ONLY_1F)
    assert findings == ()
    assert [one.id for one in loading.context.fleet.places] == ["1f"]


async def test_what_another_process_recorded_meanwhile_is_heeded() -> None:
    office = await an_office_with_a_year()

    class Overtaken(FakeLedger):
        """Somebody else adds a fact just before the first attempt."""

        async def add_facts(self, facts: Sequence[FleetFact], known: int) -> None:
            office.ledger.__class__ = FakeLedger
            signed = Signature("森", "撤去", office.clock.now())
            await self.add_facts([Ending(PlaceId("2f"), date(2026, 6, 22), signed)], known)
            await self.add_facts(facts, known)

    renamed = replace(FLEET.places[1], name="2階 廊下", until=date(2026, 6, 22))
    office.ledger.__class__ = Overtaken
    loading, _ = await loaded(office, replace(FLEET, places=(FLEET.places[0], renamed)))
    endings = [one for one in await office.ledger.facts() if isinstance(one, Ending)]
    assert len(endings) == 1
    assert loading.context.fleet.places[1].name == "2階 廊下"


@pytest.mark.parametrize("closing", [20, "last"])
async def test_a_changed_closing_day_begins_with_the_next_month(closing: int | str) -> None:
    office = await an_office_with_a_year()
    other = Office("hall", TOKYO, closing_day=closing)
    context = replace(office.current.context, fleet=FLEET, office=other)
    loading, _ = await load(office.ledger, context, office.clock.now())
    now = loading.context.office
    assert now.period("2026-06") == OFFICE.period("2026-06")
    end = date(2026, 7, 20) if closing == 20 else date(2026, 7, 31)
    assert (now.period("2026-07").start, now.period("2026-07").end) == (date(2026, 7, 1), end)


def test_departments_of_the_file_are_not_former() -> None:
    named = Fleet(former=(Department(DepartmentId("old"), "旧課"),))
    assert named.department(DepartmentId("old")) is not None
    assert named.with_former(()) == ()
