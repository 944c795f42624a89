"""Closing a month: what is planned, what is proved, what is refused."""

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.app.close.close_month import RefusalKind
from collector.app.enter.amend import Amend
from collector.app.notes import CLOCK_IN_DOUBT
from collector.domain.closing.statement import ChangeKind
from collector.domain.counting.entries import PastMonth
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.work_calendars import Calendar
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    FIRST,
    GROUND,
    SECOND,
    Copier,
    closed,
    closing,
    planned,
    refused,
    tokyo,
    totals,
    two_copiers,
)
from tests.unit.app.office import CANON, KYOCERA, SOUMU, ZEIMU
from tests.wording import unacceptable

DEC_1 = tokyo(12, 1, 12)
BEFORE = ["2026-09", "2026-10"]
WORKING_DAYS = 19
"""Of November 2026, two holidays left out."""


async def test_a_plan_proves_every_figure() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1)
    plan = await planned(ledger, "2026-11", DEC_1)
    statement = plan.statement
    line = statement.line(FIRST)
    assert line is not None
    assert line.opening is not None
    assert line.closing is not None
    assert line.opening.at == tokyo(11, 1, 0) - timedelta(minutes=3)
    assert line.closing.at == tokyo(12, 1, 0) - timedelta(minutes=3)
    pages = 20 * WORKING_DAYS
    assert line.pages[TOTAL] == pages
    assert line.closing.meters[TOTAL] - line.opening.meters[TOTAL] == pages
    assert [span.pages for span in line.spans if span.meter == TOTAL] == [pages]
    assert line.split_of(TOTAL) == line.split_of(TOTAL_MONO) == line.split_of(TOTAL_COLOR) == 0
    assert (line.quality, line.estimated, line.read) == (Quality.MEASURED, 0, True)
    both = 30 * WORKING_DAYS
    assert totals(statement.department_pages()) == {
        SOUMU: pages + both * 6 // 10,
        ZEIMU: both * 4 // 10,
    }
    assert statement.total == pages + both
    assert [(one.target, one.places, one.places_read) for one in statement.departments] == [
        (1000, 2, 2),
        (None, 1, 1),
    ]
    assert (plan.completeness.places, plan.completeness.read) == (2, 2)


async def test_what_closes_october_opens_november() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    _, october, november = await closed(ledger, [*BEFORE, "2026-11"], DEC_1)
    for line in october.places:
        after = november.line(line.place)
        assert after is not None
        assert line.closing == after.opening


async def test_months_are_closed_in_order() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    refusal = await refused(ledger, "2026-11", DEC_1)
    assert (refusal.kind, refusal.names) == (RefusalKind.EARLIER_OPEN, ("2026-09", "2026-10"))
    plan = await planned(ledger, "2026-11", DEC_1, after=BEFORE)
    assert plan.statement.revision == 1
    await closed(ledger, ["2026-09"], DEC_1)
    assert (await refused(ledger, "2026-11", DEC_1)).names == ("2026-10",)


async def test_a_month_that_is_not_over_is_refused() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    at_eleven = tokyo(11, 30, 23)
    refusal = await refused(ledger, "2026-11", at_eleven)
    assert (refusal.kind, refusal.day) == (RefusalKind.NOT_OVER, date(2026, 11, 30))
    assert (await refused(ledger, "2027-03", DEC_1)).kind is RefusalKind.NOT_OVER
    with unacceptable("write it like 2026-11"):
        await closing(ledger, DEC_1).plan("2026-13")


async def test_a_month_before_the_ledger_is_refused_unless_old_sheets_tell_of_it() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    refusal = await refused(ledger, "2026-08", DEC_1)
    assert (refusal.kind, refusal.day) == (RefusalKind.BEFORE_LEDGER, date(2026, 9, 15))
    signed = Signature("鈴木", "前年の台帳", DEC_1)
    meters = {TOTAL: 400, TOTAL_COLOR: 100}
    entry = PastMonth(
        SECOND, "2026-08", meters, "R8.xlsx: 8月!C7", signed, {TOTAL: 9_000}, {TOTAL: 9_400}
    )
    await Amend(ledger, GROUND).carry_out(await Amend(ledger, GROUND).work_out([entry]))
    statement = (await planned(ledger, "2026-08", DEC_1)).statement
    line = statement.line(SECOND)
    assert line is not None
    assert (line.quality, dict(line.pages)) == (Quality.EDITED, meters)
    assert line.opening is not None
    assert line.opening.by_hand
    assert totals(statement.department_pages()) == {SOUMU: 240, ZEIMU: 160}
    assert statement.total == 400


async def test_an_empty_ledger_has_nothing_to_close() -> None:
    assert (await refused(FakeLedger(), "2026-10", DEC_1)).kind is RefusalKind.EMPTY
    assert await closing(FakeLedger(), DEC_1).open_months() == ()


async def test_a_plan_tells_how_it_differs_from_the_one_shown_before() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, BEFORE, DEC_1)
    first = await planned(ledger, "2026-11", DEC_1, estimate_now=True)
    assert first.changes == ()
    await closing(ledger, DEC_1).remember(first)
    again = await planned(ledger, "2026-11", DEC_1, estimate_now=True)
    assert (again.changes, again.checksum) == ((), first.checksum)
    await two.read(tokyo(12, 1, 13), 250)
    heard = await planned(ledger, "2026-11", tokyo(12, 1, 14))
    kinds = {(one.kind, one.subject) for one in heard.changes}
    assert (ChangeKind.READ, SECOND) in kinds
    assert (ChangeKind.PLACE, SECOND) in kinds
    assert (ChangeKind.DEPARTMENT, ZEIMU) in kinds
    assert not any(one.subject == FIRST for one in heard.changes)
    assert heard.checksum != first.checksum


async def test_who_seals_and_when_do_not_change_the_plans_checksum() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    one = await planned(ledger, "2026-09", DEC_1)
    two = await planned(ledger, "2026-09", DEC_1 + timedelta(days=3))
    assert one.checksum == two.checksum


async def test_a_replaced_machine_is_proved_epoch_by_epoch() -> None:
    ledger = FakeLedger()
    one = Copier(ledger, "1f")
    await one.works(date(2026, 10, 20), date(2026, 11, 10))
    new = Copier(ledger, "1f", KYOCERA, 40)
    await new.works(date(2026, 11, 11), date(2026, 12, 1), 10)
    two = Copier(ledger, "2f")
    await two.works(date(2026, 10, 20), date(2026, 12, 1))
    await closed(ledger, ["2026-10"], DEC_1)
    line = (await planned(ledger, "2026-11", DEC_1)).statement.line(FIRST)
    assert line is not None
    spans = [(span.device, span.pages) for span in line.spans if span.meter == TOTAL]
    days_before, days_after = 6, 13
    assert spans == [(one.identity.key, 20 * days_before), (KYOCERA.key, 10 * days_after)]
    assert line.pages[Meter("total")] == 20 * days_before + 10 * days_after
    assert len(line.breaks) == 1
    assert KYOCERA.key in line.breaks[0]


@pytest.mark.parametrize("hours", [2, 30])
async def test_pages_over_the_closing_are_split_and_the_formula_says_so(hours: int) -> None:
    """Nobody was read near midnight: the split part lies on either side, marked as an estimate."""
    ledger = FakeLedger()
    copier = Copier(ledger, "1f")
    await copier.works(date(2026, 10, 26), date(2026, 11, 29))
    await copier.read(tokyo(11, 30, 16))
    await copier.read(tokyo(11, 30, 16) + timedelta(hours=hours + 15), 50)
    await Copier(ledger, "2f").works(date(2026, 10, 26), date(2026, 12, 1))
    await closed(ledger, ["2026-10"], tokyo(12, 8))
    line = (await planned(ledger, "2026-11", tokyo(12, 8))).statement.line(FIRST)
    assert line is not None
    assert line.opening is not None
    assert line.closing is not None
    part = line.pages[TOTAL] - 20 * (WORKING_DAYS - 1)
    assert 0 < part < 50
    assert line.estimated == part
    assert line.quality is Quality.ESTIMATED
    difference = line.closing.meters[TOTAL] - line.opening.meters[TOTAL]
    assert difference + line.split_of(TOTAL) == line.pages[TOTAL]
    assert abs(line.split_of(TOTAL)) in {part, 50 - part}


async def test_a_value_that_is_held_back_is_named_beside_the_plan() -> None:
    ledger = FakeLedger()
    one, _ = await two_copiers(ledger)
    assert await closing(ledger, DEC_1).held_back() == ()
    one.total = 5
    await one.read(tokyo(12, 2, 10))
    assert await closing(ledger, tokyo(12, 2, 11)).held_back() == (FIRST,)


@pytest.mark.parametrize(
    ("zone", "closing_day", "month"),
    [
        ("Europe/Berlin", 25, "2026-10"),  # that night has 25 hours
        ("Europe/Berlin", 29, "2026-03"),  # 23 hours
        ("Africa/Cairo", 23, "2026-04"),  # the midnight after it is skipped
        ("Asia/Tokyo", 30, "2027-02"),  # ends on the 28th
    ],
)
async def test_a_month_that_closes_when_the_clock_changes(
    zone: str, closing_day: int, month: str
) -> None:
    office = Office("hall", ZoneInfo(zone), closing_day=closing_day)
    context = replace(GROUND, office=office)
    period = office.period(month)
    before = office.before(period)
    ledger = FakeLedger()
    for name in ("1f", "2f"):
        copier = Copier(ledger, name, context=context)
        await copier.works(before.end - 3 * ONE_DAY, period.end + 2 * ONE_DAY)
    at = office.midnight(period.end + 6 * ONE_DAY)
    await closed(ledger, [before.name], at, context)
    line = (await planned(ledger, month, at, context)).statement.line(FIRST)
    assert line is not None
    assert line.opening is not None
    assert line.closing is not None
    for mark, day in ((line.opening, period.start), (line.closing, period.end + ONE_DAY)):
        assert abs(mark.at - office.midnight(day)) == timedelta(minutes=3)
    pages = 20 * office.working_days(period.start, period.end)
    assert line.pages[TOTAL] == pages
    assert line.closing.meters[TOTAL] - line.opening.meters[TOTAL] == pages
    assert (line.estimated, line.split_of(TOTAL)) == (0, 0)


async def test_nothing_is_closed_while_the_clock_is_in_doubt() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await CLOCK_IN_DOUBT.put(ledger, "the clock says 2027")
    assert (await refused(ledger, "2026-09", DEC_1)).kind is RefusalKind.CLOCK_IN_DOUBT
    await CLOCK_IN_DOUBT.put(ledger, "")
    await planned(ledger, "2026-09", DEC_1)


async def test_a_fire_stations_pages_over_the_closing_are_split_by_its_own_hours() -> None:
    """Friday noon to Tuesday noon, over Sunday midnight: round the clock, and on a holiday."""
    shift = Calendar("shift", frozenset(), time(0), time(0), holidays=False)
    office = replace(GROUND.office, kept={"shift": shift.kept_by(GROUND.office, 2026, 2026)})
    first, second = GROUND.fleet.places
    kept = replace(first, calendar="shift")
    fleet = replace(GROUND.fleet, places=(kept, second), calendars=(shift,))
    context = replace(GROUND, fleet=fleet, office=office)
    ledger = FakeLedger()
    one = Copier(ledger, "1f", context=context)
    await one.works(date(2026, 9, 15), date(2026, 10, 29), 20)
    await one.read(tokyo(10, 30, 12))
    await one.read(tokyo(11, 3, 12), 96)
    await one.works(date(2026, 11, 4), date(2026, 12, 1), 20)
    await Copier(ledger, "2f", CANON).works(date(2026, 9, 15), date(2026, 12, 1))
    await closed(ledger, BEFORE, DEC_1, context)
    line = (await planned(ledger, "2026-11", DEC_1, context)).statement.line(FIRST)
    assert line is not None
    assert line.pages[TOTAL] == 60 + 20 * (WORKING_DAYS - 1)  # 60 of 96 hours are November's
    assert line.estimated == 60
    assert [span.meter for span in line.spans] == [TOTAL, TOTAL_MONO, TOTAL_COLOR]
    assert line.split_of(TOTAL) != 0
