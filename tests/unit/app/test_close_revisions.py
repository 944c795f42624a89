"""What comes after a closing: adjustments, the chain, and what changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.app.close.close_month import RefusalKind
from collector.app.enter.amend import Amend
from collector.domain.closing.seal import canonical, seal_of
from collector.domain.closing.statement import Cause, Sealed
from collector.domain.counting.entries import ManualReading
from collector.domain.counting.findings import Code
from collector.domain.meters import TOTAL
from collector.domain.office.fleet_facts import Signature
from collector.errors import LedgerError, LedgerMoved
from collector.ports import LogRef
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    GROUND,
    OFFICE,
    SECOND,
    Copier,
    closed,
    closing,
    planned,
    refused,
    tokyo,
    two_copiers,
)
from tests.unit.app.office import SOUMU, ZEIMU, fleet, place, whole_log
from tests.wording import english

DEC_1 = tokyo(12, 1, 12)
BEFORE = ["2026-09", "2026-10"]
WORKING_DAYS = 19
"""Of November 2026, two holidays left out."""


async def test_closing_twice_is_closing_once() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await closed(ledger, BEFORE, DEC_1)
    refusal = await refused(ledger, "2026-10", DEC_1)
    assert refusal.kind is RefusalKind.NOTHING_NEW
    assert refusal.statement is not None
    assert (refusal.statement.revision, refusal.statement.closed_by) == (1, "佐藤")
    assert len(await ledger.statements()) == 2


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
    assert "1 of 2 copiers read, 1 estimated (±0)" in english(told[2].message)


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


async def test_a_closing_day_that_is_changed_later_moves_no_sealed_page() -> None:
    """Shares run on over the month as it was closed, not as it would be closed now."""
    context = replace(GROUND, office=replace(OFFICE, closing_day=20))
    ledger = FakeLedger()
    for name, pages in (("1f", 20), ("2f", 1)):
        copier = Copier(ledger, name, context=context)
        await copier.works(date(2026, 10, 21), date(2026, 12, 1), pages)
    (november,) = await closed(ledger, ["2026-11"], DEC_1, context)
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
