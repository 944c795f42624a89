"""Closing a month: what is planned, what is refused, what is sealed, and what comes after."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.app.amend import Amend
from collector.app.close_month import RefusalKind
from collector.app.count_reading import moved_here
from collector.domain.entries import ManualReading, PastMonth, Signature
from collector.domain.findings import Code
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.reading import PlaceId, Reading
from collector.domain.seal import canonical, seal_of
from collector.domain.statement import Cause, ChangeKind, Sealed
from collector.domain.usage import Quality
from collector.errors import LedgerError, LedgerMoved
from collector.ports import LogRef
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    FIRST,
    GROUND,
    OFFICE,
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
from tests.unit.app.office import KYOCERA, SOUMU, ZEIMU, fleet, place, whole_log

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
    with pytest.raises(ValueError, match="write it like 2026-11"):
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


async def test_a_silent_copier_is_waited_for_until_the_grace_time_is_over() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, BEFORE, DEC_1)
    refusal = await refused(ledger, "2026-11", DEC_1)
    assert (refusal.kind, refusal.names) == (RefusalKind.STILL_SILENT, (SECOND,))
    assert refusal.until == tokyo(12, 4, 0), "three working days: the 1st, 2nd and 3rd"
    early = await planned(ledger, "2026-11", DEC_1, estimate_now=True)
    late = await planned(ledger, "2026-11", tokyo(12, 4, 0))
    assert early.checksum == late.checksum


async def test_the_grace_time_counts_working_days_after_a_holiday_too() -> None:
    """A period that ends on a holiday: the grace time begins with the next working day."""
    ground = replace(GROUND, office=replace(OFFICE, closing_day=23))
    ledger = FakeLedger()
    copier = Copier(ledger, "1f", ground=ground)
    await copier.works(date(2026, 10, 20), date(2026, 11, 20))
    await closed(ledger, ["2026-10"], tokyo(11, 24), ground)
    refusal = await refused(ledger, "2026-11", tokyo(11, 24), ground)
    assert refusal.until == tokyo(11, 27, 0)


async def test_a_silent_copiers_pages_are_guessed_by_its_own_days_and_marked() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, BEFORE, DEC_1)
    plan = await planned(ledger, "2026-11", tokyo(12, 4))
    line = plan.statement.line(SECOND)
    assert line is not None
    assert line.guess is not None
    counted = 30 * 10
    guessed = 30 * 9  # nine working days from the 17th on, as steady as before
    assert line.pages[TOTAL] == counted
    assert (line.guess.pages[TOTAL], line.guess.low, line.guess.high) == (guessed, 270, 270)
    assert line.guess.pages[TOTAL_MONO] + line.guess.pages[TOTAL_COLOR] == guessed
    assert line.guess.since == tokyo(11, 16, 23, 57)
    assert (line.quality, line.read) == (Quality.ESTIMATED, False)
    assert plan.statement.total == 20 * WORKING_DAYS + counted + guessed
    assert plan.completeness.estimated == (SECOND,)
    assert plan.completeness.read == 1
    assert [one.estimated for one in plan.statement.departments] == [162, 108]


async def test_a_copier_never_heard_has_no_figure_and_counts_as_not_read() -> None:
    ground = replace(
        GROUND,
        fleet=fleet(*A_FLEET.places, place("3f", (date(2020, 4, 1), {"zeimu": 100}))),
    )
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1, ground)
    assert (await refused(ledger, "2026-11", DEC_1, ground)).names == ("3f",)
    plan = await planned(ledger, "2026-11", tokyo(12, 4), ground)
    line = plan.statement.line(PlaceId("3f"))
    assert line is not None
    assert (line.opening, line.closing, line.guess, dict(line.pages)) == (None, None, None, {})
    assert (plan.completeness.places, plan.completeness.read) == (3, 2)
    assert plan.completeness.estimated == ()


async def test_a_place_assigned_only_later_is_none_of_the_month() -> None:
    ground = replace(
        GROUND,
        fleet=fleet(*A_FLEET.places, place("3f", (date(2026, 12, 1), {"zeimu": 100}))),
    )
    ledger = FakeLedger()
    await two_copiers(ledger)
    plan = await planned(ledger, "2026-09", DEC_1, ground)
    assert [line.place for line in plan.statement.places] == [FIRST, SECOND]


async def test_a_machine_that_moved_away_is_not_guessed_where_it_stood() -> None:
    ledger = FakeLedger()
    one, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    finding_at = tokyo(11, 17, 10)
    await ledger.record_findings(
        [moved_here(Reading(FIRST, finding_at, two.says()), from_place=SECOND)]
    )
    assert one.place == FIRST
    await closed(ledger, BEFORE, DEC_1)
    plan = await planned(ledger, "2026-11", DEC_1)
    line = plan.statement.line(SECOND)
    assert line is not None
    assert (line.guess, line.read) == (None, True)


async def test_closing_twice_is_closing_once() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1)
    refusal = await refused(ledger, "2026-10", DEC_1)
    assert refusal.kind is RefusalKind.NOTHING_NEW
    assert refusal.statement is not None
    assert (refusal.statement.revision, refusal.statement.closed_by) == (1, "佐藤")
    assert len(await ledger.statements()) == 2


async def test_a_late_copier_is_corrected_by_an_adjustment() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, sealed = await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    await two.read(tokyo(12, 8, 9), 20 * 14)  # 9 working days in November, 5 in December
    plan = await planned(ledger, "2026-11", tokyo(12, 8, 10))
    statement = plan.statement
    assert (statement.places, statement.departments) == (sealed.places, sealed.departments)
    assert statement.revision == 2
    by_cause = {
        cause: [one.pages[TOTAL] for one in statement.adjustments if one.cause is cause]
        for cause in Cause
    }
    assert sum(by_cause[Cause.GUESS]) == -270
    days = await ledger.days(date(2026, 11, 17), date(2026, 11, 30), SECOND)
    measured = sum(day.pages[TOTAL] for day in days)
    assert measured > 0
    assert sum(by_cause[Cause.LATE]) == measured
    assert statement.total == sealed.total - 270 + measured
    assert plan.completeness.read == 2
    assert plan.completeness.estimated == ()
    assert "heard again" in statement.adjustments[0].reason
    assert statement.department_estimated()[ZEIMU] == sum(
        one.pages[TOTAL]
        for one in statement.adjustments
        if one.cause is Cause.LATE and one.department == ZEIMU
    )


async def test_a_guess_stands_while_the_copier_stays_silent() -> None:
    """Another machine in its place, or a later look, says nothing of what it had printed."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    assert (await refused(ledger, "2026-11", tokyo(12, 20))).kind is RefusalKind.NOTHING_NEW
    successor = Copier(ledger, "2f", KYOCERA, 7)
    await successor.works(date(2026, 12, 21), date(2026, 12, 22))
    assert (await refused(ledger, "2026-11", tokyo(12, 23))).kind is RefusalKind.NOTHING_NEW


async def test_a_copier_silent_for_long_is_no_longer_guessed() -> None:
    """Its month and the whole one after are; then nothing says that it still stands there."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 10, 13))
    await closed(ledger, ["2026-09"], DEC_1)
    (october,) = await closed(ledger, ["2026-10"], tokyo(12, 4))
    (november,) = await closed(ledger, ["2026-11"], tokyo(12, 4))
    guesses = [one.line(SECOND) for one in (october, november)]
    assert [one.guess.pages[TOTAL] for one in guesses if one and one.guess] == [
        30 * 14,
        30 * WORKING_DAYS,
    ]
    await Copier(ledger, "1f").read(tokyo(1, 8, year=2027))
    (december,) = await closed(ledger, ["2026-12"], tokyo(1, 8, year=2027))
    line = december.line(SECOND)
    assert line is not None
    assert (line.guess, line.read) == (None, False)


async def test_the_figure_off_the_panel_takes_the_place_of_a_guess() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, BEFORE, DEC_1)
    signed = Signature("鈴木", "電源が切れていた", DEC_1)
    panel = tokyo(11, 30, 17, 20)
    entry = ManualReading(SECOND, panel, {TOTAL: two.total + 250}, signed)
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out([entry]))
    plan = await planned(ledger, "2026-11", tokyo(12, 1, 13))
    line = plan.statement.line(SECOND)
    assert line is not None
    assert line.closing is not None
    assert (line.closing.at, line.closing.by_hand) == (panel, True)
    assert (line.quality, line.guess, line.read) == (Quality.EDITED, None, True)
    assert line.pages[TOTAL] == 300 + 250


async def test_a_panel_reading_after_the_closing_withdraws_the_guess_and_names_its_entry() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    signed = Signature("鈴木", "電源が切れていた", tokyo(12, 7))
    entry = ManualReading(SECOND, tokyo(11, 30, 17, 20), {TOTAL: two.total + 250}, signed)
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out([entry]))
    plan = await planned(ledger, "2026-11", tokyo(12, 7, 10))
    counted = [one for one in plan.statement.adjustments if one.cause is Cause.ENTRY]
    assert sum(one.pages[TOTAL] for one in counted) == 250
    assert {one.entry for one in counted} == {entry.id}
    assert "鈴木" in counted[0].reason
    assert plan.statement.total == 20 * WORKING_DAYS + 300 + 250
    assert plan.completeness.estimated == ()


async def test_a_redated_department_moves_pages_by_two_lines_and_leaves_the_rest() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    sealed = await closed(ledger, [*BEFORE, "2026-11"], DEC_1)
    moved = replace(
        GROUND,
        fleet=fleet(
            place("1f", (date(2020, 4, 1), {"soumu": 100}), (date(2026, 11, 16), {"zeimu": 100})),
            A_FLEET.places[1],
        ),
    )
    plan = await planned(ledger, "2026-11", DEC_1, moved)
    lines = [(one.department, one.pages[TOTAL]) for one in plan.statement.adjustments]
    after = 20 * 10  # ten working days from the 16th on
    assert lines == [(SOUMU, -after), (ZEIMU, after)]
    assert {one.cause for one in plan.statement.adjustments} == {Cause.MOVED}
    assert plan.statement.total == sealed[-1].total
    assert (await refused(ledger, "2026-10", DEC_1, moved)).kind is RefusalKind.NOTHING_NEW


async def test_a_place_that_left_the_fleet_file_keeps_who_answered() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, [*BEFORE, "2026-11"], DEC_1)
    without = replace(GROUND, fleet=fleet(A_FLEET.places[0]))
    for name in [*BEFORE, "2026-11"]:
        refusal = await refused(ledger, name, DEC_1, without)
        assert refusal.kind is RefusalKind.NOTHING_NEW


async def test_targets_are_sealed_as_they_were() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1)
    raised = replace(GROUND, fleet=replace(A_FLEET, targets={}))
    assert (await refused(ledger, "2026-10", DEC_1, raised)).kind is RefusalKind.NOTHING_NEW


async def test_the_chain_runs_through_all_months_and_the_events_tell_it() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    await two.read(tokyo(12, 8, 9), 100)
    await closed(ledger, ["2026-11"], tokyo(12, 8, 10))
    chain = await ledger.statements()
    assert [one.statement.previous for one in chain] == ["", *(one.seal for one in chain[:-1])]
    told = [one for one in await ledger.findings() if one.code.value.startswith("month_")]
    assert [(one.code, one.subject) for one in told] == [
        (Code.MONTH_CLOSED, "2026-09"),
        (Code.MONTH_CLOSED, "2026-10"),
        (Code.MONTH_CLOSED, "2026-11"),
        (Code.MONTH_ADJUSTED, "2026-11"),
    ]
    assert [one.evidence["seal"] for one in told] == [one.seal for one in chain]
    assert "1 of 2 copiers read, 1 estimated (±0)" in told[2].message


async def test_a_closed_month_is_published_again_and_so_are_later_years() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, ["2026-09"], DEC_1)
    before = len(await whole_log(ledger))
    far = tokyo(11, 20, year=2028)
    (october,) = await closed(ledger, ["2026-10"], far)
    assert october.closed_at == far
    log = (await whole_log(ledger))[before - 2 :]
    assert {LogRef("month", name) for name in ("2026-10", "2027-10", "2028-10")} <= {*log}


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


async def test_a_plan_that_was_overtaken_is_not_sealed() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    plan = await planned(ledger, "2026-09", DEC_1)
    await closed(ledger, ["2026-09"], DEC_1)
    with pytest.raises(LedgerMoved):
        await closing(ledger, DEC_1 + timedelta(hours=1)).apply(plan, "鈴木")


async def test_nothing_is_built_on_a_statement_that_was_changed() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1)
    first = ledger._statements[0]
    forged = replace(first.statement, closed_by="somebody else")
    ledger._statements[0] = Sealed(forged, canonical(forged), first.seal)
    with pytest.raises(LedgerError, match="2026-09 revision 1 is not as it was sealed"):
        await closing(ledger, DEC_1).plan("2026-11")
    text = canonical(forged)
    ledger._statements[0] = Sealed(forged, text, seal_of(text))
    with pytest.raises(LedgerError, match="2026-10 revision 1"):
        await closing(ledger, DEC_1).plan("2026-11")


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


async def test_a_poll_that_was_not_stored_closes_the_month_too() -> None:
    """It said the same as the one before, half an hour earlier; then the copier fell silent."""
    ledger = FakeLedger()
    copier = Copier(ledger, "1f")
    await copier.works(date(2026, 11, 2), date(2026, 11, 29))
    await copier.read(tokyo(11, 30, 23, 10), 20)
    await copier.read(tokyo(11, 30, 23, 50))
    assert len(await ledger.readings(FIRST, tokyo(11, 30, 23), DEC_1)) == 1
    await Copier(ledger, "2f").works(date(2026, 11, 2), date(2026, 12, 1))
    line = (await planned(ledger, "2026-11", DEC_1)).statement.line(FIRST)
    assert line is not None
    assert line.closing is not None
    assert (line.closing.at, line.read) == (tokyo(11, 30, 23, 50), True)


async def test_a_guess_never_wanders_with_the_calendar() -> None:
    """A day off that is entered after the closing changes no sealed figure."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    off = replace(OFFICE, closed=OFFICE.closed | {date(2026, 11, 20)})
    now = replace(GROUND, office=off)
    assert (await refused(ledger, "2026-11", tokyo(12, 4), now)).kind is RefusalKind.NOTHING_NEW


async def test_a_closing_day_that_is_changed_later_moves_no_sealed_page() -> None:
    """Shares run on over the month as it was closed, not as it would be closed now."""
    ground = replace(GROUND, office=replace(OFFICE, closing_day=20))
    ledger = FakeLedger()
    for name, pages in (("1f", 20), ("2f", 1)):
        copier = Copier(ledger, name, ground=ground)
        await copier.works(date(2026, 10, 21), date(2026, 12, 1), pages)
    (november,) = await closed(ledger, ["2026-11"], DEC_1, ground)
    assert november.period.start == date(2026, 10, 21)
    assert (await refused(ledger, "2026-11", DEC_1)).kind is RefusalKind.NOTHING_NEW
    (waiting,) = await closing(ledger, tokyo(1, 3, year=2027)).open_months()
    assert (waiting.start, waiting.end) == (date(2026, 11, 21), date(2026, 12, 31))


async def test_an_entry_made_before_the_closing_is_no_reason_for_what_came_after() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    signed = Signature("鈴木", "見回り", tokyo(11, 20))
    entry = ManualReading(SECOND, tokyo(11, 19, 12), {TOTAL: two.total + 60}, signed)
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out([entry]))
    *_, sealed = await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    line = sealed.line(SECOND)
    assert line is not None
    assert line.guess is not None
    assert line.guess.since == entry.at
    await two.read(tokyo(12, 8), 300)
    plan = await planned(ledger, "2026-11", tokyo(12, 8, 10))
    assert {one.cause for one in plan.statement.adjustments} == {Cause.GUESS, Cause.LATE}
