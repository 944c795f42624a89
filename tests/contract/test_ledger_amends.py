"""Places counted anew: whole or not at all, never over what somebody else wrote meanwhile."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.domain.counting.entries import (
    NOWHERE,
    Exclusion,
    Ground,
    PaperPurchase,
    PaperSize,
    Rereading,
    Retiming,
    StockCount,
    Withdrawal,
    in_force,
)
from collector.domain.counting.usage import DayUsage
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerMoved
from collector.ports import Amendment, Ledger, LogRef, PlaceState, Reread, StateChange
from tests.contract.ledger_cases import (
    HERE,
    MINUTE,
    T0,
    THERE,
    TOTAL,
    Opened,
    everything,
    finding,
    full,
    state,
    usage,
)
from tests.contract.ledger_papers import decision, entry

LATE = T0 + timedelta(days=1)


async def three_records(ledger: Ledger) -> PlaceState:
    await ledger.record([full(T0 + n * MINUTE, 100 + n) for n in range(3)])
    await ledger.record([full(T0, place=THERE)])
    return await ledger.state(HERE)


def amendment(before: PlaceState) -> Amendment:
    track = state(T0, total=777).track
    return Amendment(
        before=before,
        since=T0,
        track=track,
        usages=(usage(T0 + 2 * MINUTE, epoch=5),),
        days=(DayUsage(HERE, T0.date(), {TOTAL: 9}, 2), DayUsage(HERE, date(2026, 11, 3))),
        findings=(finding(LATE),),
        checkpoints=() if track is None else (replace(track, at=LATE),),
    )


async def test_only_what_ends_after_since_is_written_anew(opened: Opened) -> None:
    before = await three_records(opened.ledger)
    one = amendment(before)
    await opened.ledger.amend([entry()], [one], [LogRef("month", "2026-10")])
    ledger = await opened.restart()
    after = await ledger.state(HERE)
    assert (after.track, after.edition) == (one.track, before.edition + 1)
    assert (after.seen_at, after.last) == (before.seen_at, before.last)
    kept = await ledger.usages(HERE, T0 - MINUTE, LATE)
    assert [(each.end, each.epoch) for each in kept] == [
        (T0, 1),
        (T0, 1),
        (T0 + 2 * MINUTE, 5),
    ]
    assert await ledger.days(T0.date(), LATE.date(), HERE) == [one.days[0]]
    assert len(await ledger.days(T0.date(), T0.date(), THERE)) == 1
    assert await ledger.entries() == [entry()]
    assert finding(LATE) in await ledger.findings()
    kinds = [each.ref.kind for each in await ledger.log_after(0, 100)]
    assert sorted(kinds[-4:]) == ["entry", "event", "month", "recount"]


async def test_a_day_without_pages_is_taken_away(ledger: Ledger) -> None:
    before = await three_records(ledger)
    gone = Amendment(before, None, before.track, days=(DayUsage(HERE, T0.date()),))
    await ledger.amend([], [gone])
    assert await ledger.days(T0.date(), T0.date(), HERE) == []
    assert await ledger.usages(HERE, T0 - 9 * MINUTE, LATE) == []


async def test_checkpoints_are_found_by_time_and_amended(ledger: Ledger) -> None:
    first, second = state(T0).track, state(LATE, total=500).track
    assert first is not None
    assert second is not None
    await ledger.record([replace(full(T0), checkpoint=first)])
    await ledger.record([replace(full(LATE), checkpoint=second)])
    assert await ledger.checkpoint(HERE, T0 - MINUTE) is None
    assert await ledger.checkpoint(HERE, LATE - MINUTE) == first
    assert await ledger.checkpoint(HERE, LATE) == second
    assert await ledger.checkpoint(THERE, LATE) is None
    before = await ledger.state(HERE)
    await ledger.amend([], [Amendment(before, T0, before.track)])
    assert await ledger.checkpoint(HERE, LATE) == first


async def test_an_amendment_of_an_older_state_changes_nothing(ledger: Ledger) -> None:
    before = await three_records(ledger)
    await ledger.record([full(T0 + 5 * MINUTE, 120)])
    known = await everything(ledger)
    with pytest.raises(LedgerMoved):
        await ledger.amend([entry()], [amendment(before)], [LogRef("month", "2026-10")])
    assert await everything(ledger) == known
    assert await ledger.entries() == []


async def test_one_stale_amendment_holds_back_all(ledger: Ledger) -> None:
    here = await three_records(ledger)
    there = await ledger.state(THERE)
    stale = replace(there, reason="long ago")
    known = await everything(ledger)
    with pytest.raises(LedgerMoved):
        await ledger.amend([], [amendment(here), Amendment(stale, None, None)])
    assert await everything(ledger) == known


async def test_a_record_from_before_an_amendment_is_refused(ledger: Ledger) -> None:
    before = await three_records(ledger)
    await ledger.amend([], [amendment(before)])
    known = await everything(ledger)
    later = T0 + 7 * MINUTE
    with pytest.raises(LedgerMoved):
        await ledger.record([full(later, 130)])
    change = StateChange(HERE, later, online=False)
    with pytest.raises(LedgerMoved):
        await ledger.record_change(change, replace(before, online=False))
    assert await everything(ledger) == known
    now = await ledger.state(HERE)
    record = full(later, 130)
    await ledger.record([replace(record, state=replace(record.state, edition=now.edition))])
    assert (await ledger.state(HERE)).stored_at == later


async def test_entries_come_in_the_order_they_were_entered_and_once(opened: Opened) -> None:
    written = [entry(5), decision(), entry(2, replaces="x")]
    await opened.ledger.amend(written, [])
    await opened.ledger.amend(written[:1], [])
    ledger = await opened.restart()
    assert await ledger.entries() == [decision(), entry(2, replaces="x"), entry(5)]
    assert await ledger.entries(THERE) == [decision()]


async def test_times_put_right_come_back_as_they_were_entered(opened: Opened) -> None:
    old = Retiming(HERE, T0, LATE, -86_400, entry().signed)
    right = replace(old, times=frozenset({T0, LATE}))
    await opened.ledger.amend([old, right], [])
    ledger = await opened.restart()
    assert await ledger.entries(HERE) == [old, right]
    assert right.is_about(T0)
    assert not right.is_about(T0 + MINUTE)
    assert old.is_about(T0 + MINUTE)


async def test_exclusions_come_back_of_a_place_and_of_a_department(opened: Opened) -> None:
    days, signed = (date(2026, 11, 1), date(2026, 11, 30)), entry().signed
    said = (500, Ground.CITIZENS, "領収書 11月分")
    place = Exclusion(HERE, None, *days, *said, signed)
    nowhere = PlaceId("")
    department = Exclusion(nowhere, DepartmentId("tax"), *days, *said, signed, place.id)
    back = Withdrawal(nowhere, department.id, entry(1).signed)
    await opened.ledger.amend([place, department, back], [])
    ledger = await opened.restart()
    assert set(await ledger.entries()) == {place, department, back}
    assert await ledger.entries(HERE) == [place]
    assert set(await ledger.entries(nowhere)) == {department, back}


async def test_purchased_paper_and_its_stock_come_back_of_a_department_and_of_the_office(
    opened: Opened,
) -> None:
    day, signed = date(2026, 11, 5), entry().signed
    said = (day, PaperSize.B4, 2500, signed)
    purchase = PaperPurchase(DepartmentId("tax"), *said, "中央文具", "R8-17", "台帳.xlsx: 7")
    bare = PaperPurchase(None, *said)
    stock = StockCount(None, day, PaperSize.A3, 0, signed, "台帳.xlsx: 8")
    anew = StockCount(None, day, PaperSize.A3, 40, entry(1).signed, replaces=stock.id)
    back = Withdrawal(NOWHERE, purchase.id, entry(2).signed)
    await opened.ledger.amend([purchase, bare, stock, anew, back], [])
    ledger = await opened.restart()
    assert set(await ledger.entries()) == {purchase, bare, stock, anew, back}
    assert set(in_force(await ledger.entries())) == {bare, anew}


async def test_what_a_corrected_profile_reads_lies_beside_the_reading(opened: Opened) -> None:
    before = await three_records(opened.ledger)
    old = await opened.ledger.reading(HERE, T0)
    assert old is not None
    entry_ = Rereading(HERE, T0, "ricoh-2", entry().signed)
    new = replace(old, answer=replace(old.answer, meters={TOTAL: 5}, wraps={TOTAL: 9}, supplies=()))
    again = Reread(entry_.id, new)
    amended = Amendment(before, T0, before.track, rereadings=(again,))
    await opened.ledger.amend([entry_], [amended])
    ledger = await opened.restart()
    assert await ledger.rereadings(HERE, T0, LATE) == [again]
    assert await ledger.rereadings(HERE, T0 + MINUTE, LATE) == []
    assert await ledger.rereadings(THERE, T0, LATE) == []
    assert await ledger.reading(HERE, T0) == old
    assert await ledger.entries(HERE) == [entry_]


async def test_a_place_never_heard_can_be_amended(ledger: Ledger) -> None:
    empty = PlaceState(HERE)
    track = state(T0).track
    await ledger.amend([entry()], [Amendment(empty, None, track, usages=(usage(T0),))])
    after = await ledger.state(HERE)
    assert (after.track, after.edition, after.seen_at) == (track, 1, None)
