"""A ledger keeps findings, notes, changes of state and rounds."""

from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.office.shares import PlaceId
from collector.ports import Cycle, Ledger, LogRef, PlaceState, Record, StateChange
from tests.contract.ledger_cases import HERE, MINUTE, SECOND, T0, THERE, Opened, finding, state


async def test_findings_are_found_by_id_and_time(ledger: Ledger) -> None:
    exact = T0 + timedelta(microseconds=123456)
    ones = [finding(at) for at in (T0 + 2 * MINUTE, exact, None, T0)]
    await ledger.record([Record(state(T0), findings=tuple(ones))])
    for one in ones:
        assert await ledger.finding(one.id) == one
    assert await ledger.finding("nonesuch") is None
    assert await ledger.findings() == [ones[2], ones[3], ones[1], ones[0]]
    assert await ledger.findings(since=exact) == [ones[1], ones[0]]
    assert await ledger.findings(until=exact) == [ones[3], ones[1]]
    assert await ledger.findings(T0, T0) == [ones[3]]
    assert {one.id for one in await ledger.findings()} == {one.id for one in ones}


async def test_findings_without_a_reading_are_logged_once_as_events(ledger: Ledger) -> None:
    first, second = finding(T0), finding(T0 + MINUTE)
    await ledger.record_findings([first])
    await ledger.record_findings([second, first, second])
    assert await ledger.findings() == [first, second]
    refs = [entry.ref for entry in await ledger.log_after(0, 9)]
    assert refs == [LogRef("event", first.id), LogRef("event", second.id)]
    assert await ledger.states() == []


async def test_a_note_is_replaced_by_the_next(opened: Opened) -> None:
    assert await opened.ledger.note("departments-of|p") is None
    await opened.ledger.set_note("departments-of|p", "総務課")
    await opened.ledger.set_note("departments-of|p", "総務課\n税務課")
    await opened.ledger.set_note("other", "")
    ledger = await opened.restart()
    assert await ledger.note("departments-of|p") == "総務課\n税務課"
    assert await ledger.note("other") == ""


async def test_a_change_of_state_is_kept_with_its_log_row(ledger: Ledger) -> None:
    change = StateChange(HERE, T0, online=False, silent_s=900, reason="no answer in time")
    left = replace(state(T0), online=False, changed_at=T0, reason="no answer in time")
    await ledger.record_change(change, left)
    assert await ledger.change(HERE, T0) == change
    assert await ledger.change(HERE, T0 + SECOND) is None
    assert await ledger.change(THERE, T0) is None
    assert await ledger.state(HERE) == left
    key = f"{HERE}|{int(T0.timestamp())}"
    assert [entry.ref for entry in await ledger.log_after(0, 9)] == [LogRef("state", key)]


async def test_online_is_unknown_false_or_true(ledger: Ledger) -> None:
    for online in (None, False, True):
        await ledger.record([Record(PlaceState(HERE, online=online))])
        assert (await ledger.state(HERE)).online is online


async def test_rounds_are_kept_for_90_days(ledger: Ledger) -> None:
    def cycle(at: datetime) -> Cycle:
        return Cycle(at, 27, 1, 2, 12.5, 0.25, 400, PlaceId("2f"), 6.5)

    old, edge, now = T0 - timedelta(days=90, seconds=1), T0 - timedelta(days=90), T0
    for at in (old, edge, now):
        await ledger.record_cycle(cycle(at))
    assert await ledger.cycle(old) is None
    assert await ledger.cycle(edge) == cycle(edge)
    assert await ledger.cycle(now) == cycle(now)
    assert await ledger.cycle() == cycle(now), "the newest"
    keys = [entry.ref.key for entry in await ledger.log_after(0, 9)]
    assert keys == [str(int(edge.timestamp())), str(int(now.timestamp()))]
