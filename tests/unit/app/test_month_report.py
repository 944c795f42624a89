"""A monthly report from a ledger: closed, corrected, over but open, running, with a past."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from collector.app.enter.amend import Amend
from collector.app.month_report import month_report
from collector.app.office_context import OfficeContext
from collector.domain.closing.statement import Cause, Sealed
from collector.domain.cost.factors import Contract, Factor, Factors, Price, PriceStep
from collector.domain.counting.entries import ManualReading, PastMonth
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets
from collector.domain.report.month_report import (
    HowKnown,
    MonthReport,
    PlaceFigures,
    Stage,
    TargetVerdict,
)
from collector.errors import LedgerError
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    FIRST,
    GROUND,
    OFFICE,
    SECOND,
    Copier,
    closed,
    tokyo,
    two_copiers,
)
from tests.unit.app.office import CANON, RICOH, SOUMU, ZEIMU

DEC_4 = tokyo(12, 4)
BEFORE = ["2026-09", "2026-10"]
WORKING_DAYS = 19
"""Of November 2026, two holidays left out."""


async def report(
    ledger: FakeLedger, month: str, at: object, context: OfficeContext = GROUND
) -> MonthReport:
    made = await month_report(ledger, context, context.office.period(month), at, "1.0")  # type: ignore[arg-type] - an instant
    adds_up(made)
    return made


def adds_up(made: MonthReport) -> None:
    """Places and departments both come to the office, meter by meter; the last point is it."""
    total = made.office.pages
    assert total == sum(one.figures.pages for one in made.departments)
    assert total == sum(one.pages for one in made.places)
    assert total == made.office.meters.get(TOTAL, 0)
    for one in made.places:
        assert one.pages == sum(one.shares.values()) == one.meters.get(TOTAL, 0)
    assert len(made.months) == 13
    assert (made.months[-1].month, made.months[-1].pages) == (made.period.name, total)


def place(made: MonthReport, name: PlaceId) -> PlaceFigures:
    return next(one for one in made.places if one.place == name)


async def test_a_closed_month_is_told_from_its_statement() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    sealed = (await closed(ledger, [*BEFORE, "2026-11"], DEC_4))[-1]
    made = await report(ledger, "2026-11", DEC_4)

    assert (made.stage, made.is_provisional) == (Stage.CLOSED, False)
    assert made.closure is not None
    assert (made.closure.revision, made.closure.by, made.closure.at) == (1, "佐藤", DEC_4)
    assert made.closure.seal == (await ledger.statements("2026-11"))[-1].seal
    assert made.closure.previous == (await ledger.statements("2026-10"))[-1].seal
    assert made.office.pages == sealed.total == 50 * WORKING_DAYS
    assert (made.completeness.places, made.completeness.read) == (2, 2)
    first = place(made, FIRST)
    assert first.opening is not None
    assert first.closing is not None
    assert (first.opening.off_s, first.closing.off_s) == (-180, -180), "the nearest ones"
    assert (first.opening.model, first.opening.device) == (RICOH.model, RICOH.key)
    assert first.closing.value is not None
    assert first.closing.value - (first.opening.value or 0) == first.pages == 20 * WORKING_DAYS
    assert (first.known, first.guess, first.adjusted) == (HowKnown.MEASURED, None, 0)
    assert place(made, SECOND).shares == {SOUMU: 342, ZEIMU: 228}


async def test_departments_against_target_by_the_statement() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, [*BEFORE, "2026-11"], DEC_4)
    without = replace(GROUND, fleet=replace(A_FLEET, targets={SOUMU: Targets(default=5)}))
    for context in (GROUND, without):
        soumu, zeimu = (await report(ledger, "2026-11", DEC_4, context)).departments
        assert (soumu.figures.pages, soumu.figures.target) == (380 + 342, 1000), "as sealed"
        assert (soumu.figures.left, soumu.figures.verdict) == (278, TargetVerdict.WITHIN)
        assert (soumu.figures.places, soumu.figures.places_read) == (2, 2)
        assert (zeimu.figures.pages, zeimu.figures.target, zeimu.figures.verdict) == (
            228,
            None,
            None,
        )
        assert soumu.figures.expected is None


async def test_the_targets_of_closed_months_are_those_that_were_sealed() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_4)
    anew = {SOUMU: Targets(default=5), ZEIMU: Targets(default=7)}
    context = replace(GROUND, fleet=replace(A_FLEET, targets=anew))
    *_, october, november = (await report(ledger, "2026-11", DEC_4, context)).months
    assert october.targets == {SOUMU: 1000}
    assert november.targets == {SOUMU: 5, ZEIMU: 7}


async def test_a_guess_and_what_took_its_place_later() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    await closed(ledger, [*BEFORE, "2026-11"], DEC_4)
    silent = place(made := await report(ledger, "2026-11", DEC_4), SECOND)
    assert silent.guess is not None
    assert (silent.counted, silent.guess.pages, silent.guess.low) == (300, 270, 270)
    assert (silent.known, made.completeness.estimated) == (HowKnown.ESTIMATED, (SECOND,))
    assert silent.closing is not None
    assert silent.closing.off_s == -(14 * 86400 + 180), "when it was heard last"
    assert made.office.estimated == 270
    assert (made.departments[1].figures.places_read, made.office.places_read) == (0, 1)

    await two.read(tokyo(12, 8), 100)
    later = tokyo(12, 8, 10)
    await closed(ledger, ["2026-11"], later)
    made = await report(ledger, "2026-11", later)
    heard = place(made, SECOND)
    assert made.closure is not None
    assert (made.closure.revision, heard.guess) == (2, None)
    assert heard.pages == heard.counted + heard.adjusted
    assert {one.cause for one in made.adjustments} == {Cause.GUESS, Cause.LATE}
    assert {one.revision for one in made.adjustments} == {2}
    assert sum(one.pages for one in made.adjustments) == heard.adjusted - 270
    assert made.completeness.estimated == (SECOND,), "split over the closing by estimate"
    assert made.completeness.margin == heard.margin
    assert heard.margin.less in range(heard.adjusted, heard.adjusted + 2), "rounded up by share"
    assert heard.margin.more in range(100 - heard.adjusted, 102 - heard.adjusted)
    assert made.departments[1].figures.places_read == 1


async def test_a_month_that_is_over_and_open_is_provisional_and_estimated() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 17))
    made = await report(ledger, "2026-11", DEC_4)
    assert (made.stage, made.closure, made.is_provisional) == (Stage.OPEN, None, True)
    assert made.office.pages == 20 * WORKING_DAYS + 300 + 270
    assert made.office.whole
    assert made.office.expected is None
    assert place(made, SECOND).known is HowKnown.ESTIMATED
    assert made.completeness.read == 1
    assert [one.figures.places_read for one in made.departments] == [1, 0]


async def test_a_running_month_is_what_is_counted_so_far() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, until=date(2026, 11, 17))
    noon = tokyo(11, 18, 8)
    made = await report(ledger, "2026-11", noon)
    assert (made.stage, made.office.whole) == (Stage.RUNNING, False)
    assert made.office.pages == 50 * 11
    assert made.office.expected is not None
    assert made.office.expected.expected > 800
    first = place(made, FIRST)
    assert first.closing is not None
    assert (first.closing.at, first.closing.off_s) == (tokyo(11, 17, 23, 57), None)
    assert first.opening is not None
    assert (first.opening.off_s, first.guess, first.known) == (-180, None, HowKnown.MEASURED)
    assert (first.closing.value or 0) - (first.opening.value or 0) == first.pages
    assert (made.office.change, made.office.places_read) == (None, 2)
    assert made.completeness.estimated == ()


async def test_a_place_that_is_silent_in_a_running_month_is_not_read() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger, silent_from=date(2026, 11, 5), until=date(2026, 11, 17))
    made = await report(ledger, "2026-11", tokyo(11, 18, 8))
    silent = place(made, SECOND)
    assert (silent.known, silent.guess, silent.pages) == (HowKnown.UNREAD, None, 60)
    assert (made.completeness.read, made.office.places_read) == (1, 1)
    assert [one.figures.places_read for one in made.departments] == [1, 0]


async def test_a_reading_by_hand_marks_its_place() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    signed = Signature("鈴木", "パネルで確認", tokyo(12, 2))
    entry = ManualReading(SECOND, tokyo(12, 1, 0, 5), {TOTAL: two.total + 250}, signed)
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out([entry]))
    by_hand = place(await report(ledger, "2026-11", DEC_4), SECOND)
    assert by_hand.known is HowKnown.EDITED
    assert by_hand.closing is not None
    assert (by_hand.closing.by_hand, by_hand.closing.value) == (True, two.total + 250)
    assert by_hand.closing.off_s == 300


async def test_a_counter_that_began_anew_is_told() -> None:
    ledger = FakeLedger()
    one = Copier(ledger, "1f")
    await one.works(date(2026, 9, 15), date(2026, 11, 10))
    before = one.total
    other = Copier(ledger, "1f", CANON, 7000)
    await other.works(date(2026, 11, 11), date(2026, 12, 1))
    for month, at in (("2026-11", DEC_4), ("2026-11", tokyo(11, 30, 12))):
        (told,) = place(await report(ledger, month, at), FIRST).breaks
        assert (told.last, told.first, told.device) == (before, 7000, CANON.key)


async def test_the_months_before_with_sheets_statements_and_the_month_counting_began() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    signed = Signature("鈴木", "前年の台帳", DEC_4)
    sheets = [
        PastMonth(name, month, {TOTAL: pages}, "2025.xlsx", signed)
        for month, pages in (("2025-11", 700), ("2025-10", 600), ("2024-11", 10))
        for name in (FIRST, SECOND)
    ]
    amend = Amend(ledger, GROUND)
    await amend.carry_out(await amend.work_out(sheets))
    await closed(ledger, BEFORE, DEC_4)
    made = await report(ledger, "2026-11", DEC_4)
    by_month = {one.month: one for one in made.months}
    assert next(iter(by_month)) == "2025-11"
    year_ago = by_month["2025-11"]
    assert (year_ago.stage, year_ago.pages, year_ago.last_year) == (Stage.SHEET, 1400, 20)
    assert year_ago.departments == {SOUMU: 1120, ZEIMU: 280}
    assert (by_month["2026-05"].stage, by_month["2026-05"].pages) == (None, None)
    october = by_month["2026-10"]
    assert (october.stage, october.pages, october.last_year) == (Stage.CLOSED, 50 * 22, 1200)
    assert october.targets == {SOUMU: 1000}
    assert made.office.last_year == 1400
    assert made.office.change == made.office.pages - 1400
    assert made.departments[0].figures.last_year == 1120
    assert (made.fiscal_year, made.year_begins) == (2026, "2026-04")
    assert next(line.point.month for line in made.year()) == "2026-04"


async def test_the_month_in_which_counting_began_is_shown_as_a_part() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    made = await report(ledger, "2026-11", DEC_4)
    september, october = made.months[-3], made.months[-2]
    assert (september.month, september.stage) == ("2026-09", Stage.PARTIAL)
    assert september.pages == sum(september.departments.values())
    assert (october.stage, october.pages) == (Stage.OPEN, 50 * 22)
    part = await report(ledger, "2026-09", DEC_4)
    assert not part.office.whole


async def test_money_and_time_only_where_factors_are_stated() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    start = date(2020, 4, 1)
    price = Price(start, "契約", (PriceStep(None, Decimal(2)),), (PriceStep(None, Decimal(10)),))
    factors = Factors((Contract("all", (price,)),), (Factor(start, "実測", Decimal(36)),))
    plain = await report(ledger, "2026-11", DEC_4)
    costly = await report(ledger, "2026-11", DEC_4, replace(GROUND, factors=factors))
    assert plain.office.burden.cost_yen is None
    assert plain.office.burden.hours is None
    meters = costly.office.meters
    assert costly.office.burden.cost_yen == 2 * meters[TOTAL_MONO] + 10 * meters[TOTAL_COLOR]
    assert costly.office.burden.hours == Decimal("9.5")
    assert costly.office.burden.co2_g is None


async def test_a_statement_that_was_changed_is_not_told_from() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_4)
    true = ledger._statements[-1]
    forged = true.text.replace('"soumu"', '"zeimu"')
    ledger._statements[-1] = Sealed(true.statement, forged, true.seal)
    with pytest.raises(LedgerError, match="not as it was sealed"):
        await report(ledger, "2026-10", DEC_4)


async def test_a_month_that_ends_on_the_twentieth() -> None:
    context = replace(GROUND, office=replace(OFFICE, closing_day=20))
    ledger = FakeLedger()
    copier = Copier(ledger, "1f", context=context)
    await copier.works(date(2026, 9, 15), date(2026, 11, 25))
    made = await report(ledger, "2026-11", tokyo(11, 25), context)
    assert (made.period.start, made.period.end) == (date(2026, 10, 21), date(2026, 11, 20))
    assert made.stage is Stage.OPEN
    assert made.office.pages == 20 * context.office.working_days(made.period.start, made.period.end)
    first = place(made, FIRST)
    assert first.closing is not None
    assert tokyo(11, 21, 0) - first.closing.at == timedelta(minutes=3)
