"""Places that said the same again: only times move, and never over what came meanwhile."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.errors import LedgerMoved
from collector.ports import Amendment, Heard, Ledger, Record
from tests.contract.ledger_cases import HERE, MINUTE, T0, THERE, Opened, everything, full, state


async def test_seen_at_and_track_move_on(opened: Opened) -> None:
    ledger = opened.ledger
    await ledger.record([full(T0), full(T0, 50, THERE)])
    known = await ledger.state(HERE)
    assert known.track is not None
    again = [Heard(HERE, T0 + n * MINUTE, 3600 + 60 * n, 0) for n in (1, 2)]
    for one in again:
        assert not await ledger.record_heard([one])
    track = known.track.heard_again(T0 + 2 * MINUTE, 3720)
    assert {one.last_at for one in track.meters.values()} == {T0 + 2 * MINUTE}
    moved = replace(known, seen_at=T0 + 2 * MINUTE, track=track)
    assert await ledger.state(HERE) == moved
    assert (await ledger.state(THERE)).seen_at == T0
    ledger = await opened.restart()
    assert [await ledger.state(HERE), *(await ledger.states())[1:]] == [moved, moved]


async def test_a_newer_state_is_not_moved_back(ledger: Ledger) -> None:
    await ledger.record([full(T0 + MINUTE)])
    known = await everything(ledger)
    assert not await ledger.record_heard([Heard(HERE, T0, 1, 0), Heard(HERE, T0 + MINUTE, 1, 0)])
    assert await everything(ledger) == known


async def test_what_is_recorded_next_stands_as_it_is(ledger: Ledger) -> None:
    """Its time may be an earlier one: a clock that was ahead has been put right."""
    await ledger.record([full(T0 + MINUTE)])
    await ledger.record_heard([Heard(HERE, T0 + 9 * MINUTE, 1, 0)])
    earlier = Record(state(T0 + 2 * MINUTE))
    await ledger.record([earlier])
    assert (await ledger.state(HERE)).seen_at == T0 + 2 * MINUTE


async def test_who_was_counted_anew_is_named_and_stays(ledger: Ledger) -> None:
    await ledger.record([full(T0), full(T0, 50, THERE)])
    await ledger.amend((), [Amendment(await ledger.state(HERE), None, None)])
    known = await ledger.state(HERE)
    heard = [Heard(one, T0 + MINUTE, 1, 0) for one in (HERE, THERE)]
    assert {*await ledger.record_heard([*heard, Heard(HERE, T0, 1, 7)])} == {HERE}
    assert await ledger.state(HERE) == known
    assert (await ledger.state(THERE)).seen_at == T0 + MINUTE


async def test_an_amendment_starts_from_when_a_place_was_heard_again(ledger: Ledger) -> None:
    await ledger.record([full(T0)])
    stale = await ledger.state(HERE)
    await ledger.record_heard([Heard(HERE, T0 + MINUTE, 1, 0)])
    with pytest.raises(LedgerMoved):
        await ledger.amend((), [Amendment(stale, None, stale.track)])
    fresh = await ledger.state(HERE)
    await ledger.amend((), [Amendment(fresh, None, fresh.track)])
    assert (await ledger.state(HERE)).seen_at == T0 + MINUTE


async def test_of_changes_made_together_one_that_fails_fails_alone(ledger: Ledger) -> None:
    await ledger.record([full(T0)])
    changes = [
        ledger.record([full(T0 + MINUTE)]),
        ledger.record([Record(replace(state(T0 + MINUTE), edition=9))]),
        ledger.record([full(T0, 50, THERE)]),
        ledger.set_note("a", "b"),
    ]
    failed: list[BaseException] = []

    async def make(change: object) -> None:
        try:
            await change  # type: ignore[misc]  # one of those above
        except LedgerMoved as error:
            failed.append(error)

    async with asyncio.TaskGroup() as group:
        for one in changes:
            group.create_task(make(one))
    assert len(failed) == 1
    assert (await ledger.state(HERE)).seen_at == T0 + MINUTE
    assert len(await ledger.days(T0.date(), T0.date())) == 2
    assert await ledger.note("a") == "b"


async def test_a_change_whose_caller_is_gone_is_there_whole_or_never_comes(ledger: Ledger) -> None:
    """What comes later knows nothing of it: it must not be made after that."""
    for number in range(30):
        at = T0 + number * timedelta(hours=1)
        task = asyncio.ensure_future(ledger.record([full(at)]))
        beside = asyncio.ensure_future(ledger.set_note("n", str(number)))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        task.cancel()
        await beside
        seen = await ledger.reading(HERE, at) is not None
        pages = sum(one.pages["total"] for one in await ledger.days(at.date(), at.date()))
        await ledger.set_note("n", "later")
        again = await ledger.reading(HERE, at) is not None
        assert again == seen
        assert pages == sum(one.pages["total"] for one in await ledger.days(at.date(), at.date()))
