"""Copiers silent at a closing: waited for, guessed, corrected when they are heard again."""

from dataclasses import replace
from datetime import date

from collector.app.close.close_month import RefusalKind
from collector.app.count_reading import moved_here, record_reading
from collector.app.enter.amend import Amend
from collector.domain.closing.statement import Cause
from collector.domain.counting.entries import ManualReading
from collector.domain.counting.ranges import Margin
from collector.domain.counting.reading import Reading
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    FIRST,
    GROUND,
    OFFICE,
    SECOND,
    Copier,
    closed,
    planned,
    refused,
    tokyo,
    two_copiers,
)
from tests.unit.app.office import CANON, KYOCERA, SOUMU, ZEIMU, answer, fleet, place

DEC_1 = tokyo(12, 1, 12)
BEFORE = ["2026-09", "2026-10"]
WORKING_DAYS = 19
"""Of November 2026, two holidays left out."""


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
    context = replace(GROUND, office=replace(OFFICE, closing_day=23))
    ledger = FakeLedger()
    copier = Copier(ledger, "1f", context=context)
    await copier.works(date(2026, 10, 20), date(2026, 11, 20))
    await closed(ledger, ["2026-10"], tokyo(11, 24), context)
    refusal = await refused(ledger, "2026-11", tokyo(11, 24), context)
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
    context = replace(
        GROUND,
        fleet=fleet(*A_FLEET.places, place("3f", (date(2020, 4, 1), {"zeimu": 100}))),
    )
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1, context)
    assert (await refused(ledger, "2026-11", DEC_1, context)).names == ("3f",)
    plan = await planned(ledger, "2026-11", tokyo(12, 4), context)
    line = plan.statement.line(PlaceId("3f"))
    assert line is not None
    assert (line.opening, line.closing, line.guess, dict(line.pages)) == (None, None, None, {})
    assert (plan.completeness.places, plan.completeness.read) == (3, 2)
    assert plan.completeness.estimated == ()


async def test_a_place_assigned_only_later_is_none_of_the_month() -> None:
    context = replace(
        GROUND,
        fleet=fleet(*A_FLEET.places, place("3f", (date(2026, 12, 1), {"zeimu": 100}))),
    )
    ledger = FakeLedger()
    await two_copiers(ledger)
    plan = await planned(ledger, "2026-09", DEC_1, context)
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
    assert plan.completeness.estimated == (SECOND,), "split over the closing: not known exactly"
    assert plan.completeness.margin == Margin(measured, 20 * 14 - measured)
    assert "heard again" in statement.adjustments[0].reason
    assert statement.department_estimated()[ZEIMU] == sum(
        one.pages[TOTAL]
        for one in statement.adjustments
        if one.cause is Cause.LATE and one.department == ZEIMU
    )


async def test_a_copier_heard_in_the_second_of_the_closing_is_late_all_the_same() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 8))
    await two.read(tokyo(12, 8), 20 * 14)
    plan = await planned(ledger, "2026-11", tokyo(12, 8, 10))
    assert {one.cause for one in plan.statement.adjustments} == {Cause.GUESS, Cause.LATE}


async def test_a_guess_stands_until_the_total_itself_is_heard() -> None:
    """Heard without its total, a copier tells nothing of what it had printed."""
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, sealed = await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    bare = Reading(SECOND, tokyo(12, 7, 9), answer(CANON, copy=5))
    await ledger.record([record_reading(await ledger.state(SECOND), bare, GROUND)])
    assert (await refused(ledger, "2026-11", tokyo(12, 7))).kind is RefusalKind.NOTHING_NEW
    await two.read(tokyo(12, 8, 9), 20 * 14)
    plan = await planned(ledger, "2026-11", tokyo(12, 8, 10))
    late = sum(one.pages[TOTAL] for one in plan.statement.adjustments if one.cause is Cause.LATE)
    assert late > 0
    assert plan.statement.total == sealed.total - 270 + late


async def test_a_copier_that_kept_its_total_to_itself_is_silent() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    bare = Reading(SECOND, tokyo(11, 30, 23), answer(CANON, copy=5))
    await ledger.record([record_reading(await ledger.state(SECOND), bare, GROUND)])
    await closed(ledger, BEFORE, DEC_1)
    assert (await refused(ledger, "2026-11", DEC_1)).names == (SECOND,)
    plan = await planned(ledger, "2026-11", tokyo(12, 4))
    assert (plan.completeness.read, plan.completeness.estimated) == (1, (SECOND,))


async def test_a_guess_stands_while_the_copier_stays_silent() -> None:
    """A later look says nothing of what it had printed."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    assert (await refused(ledger, "2026-11", tokyo(12, 20))).kind is RefusalKind.NOTHING_NEW


async def test_a_silence_that_ends_in_another_machine_is_estimated_in_the_guess_s_stead() -> None:
    """Nobody will ever know what the old one printed: the place's pace tells, and says so."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, sealed = await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    successor = Copier(ledger, "2f", KYOCERA, 7)
    await successor.works(date(2026, 12, 21), date(2026, 12, 22))
    plan = await planned(ledger, "2026-11", tokyo(12, 23))
    silent = await ledger.days(date(2026, 11, 17), date(2026, 11, 30), SECOND)
    estimate = sum(one.pages[TOTAL] for one in silent)
    assert estimate == sum(one.estimated for one in silent)
    assert abs(estimate - 270) <= 30
    assert plan.statement.total == sealed.total - 270 + estimate


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


async def test_a_copier_that_was_taken_out_of_the_fleet_file_is_not_guessed() -> None:
    """It is silent because nobody asks it any more: its figure ends with its last reading."""
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    without = replace(GROUND, fleet=fleet(A_FLEET.places[0]))
    await closed(ledger, BEFORE, DEC_1, without)
    statement = (await planned(ledger, "2026-11", DEC_1, without)).statement
    line = statement.line(SECOND)
    assert line is not None
    assert (line.pages[TOTAL], line.guess, line.read) == (300, None, True)
    assert line.shares == {"unassigned": line.pages}


async def test_taking_a_copier_out_of_the_fleet_file_later_leaves_its_guess() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    *_, sealed = await closed(ledger, [*BEFORE, "2026-11"], tokyo(12, 4))
    without = replace(GROUND, fleet=fleet(A_FLEET.places[0]))
    refusal = await refused(ledger, "2026-11", tokyo(12, 20), without)
    assert refusal.kind is RefusalKind.NOTHING_NEW
    await two.read(tokyo(12, 21), 200)
    plan = await planned(ledger, "2026-11", tokyo(12, 22), without)
    assert {one.department for one in plan.statement.adjustments} == {SOUMU, ZEIMU}
    assert (
        sum(one.pages[TOTAL] for one in plan.statement.adjustments if one.cause is Cause.GUESS)
        == -sealed.line(SECOND).guess.pages[TOTAL]
    )
