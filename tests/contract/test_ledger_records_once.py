"""A ledger that is told a thing twice keeps it once."""

from dataclasses import replace
from datetime import date

import pytest

from collector.domain.counting.findings import Code
from collector.domain.counting.usage import DayUsage
from collector.domain.office.shares import PlaceId
from collector.ports import Cycle, Ledger, LogRef, PlaceState, Record, StateChange
from tests.contract.ledger_cases import (
    HERE,
    MINUTE,
    SCAN,
    SECOND,
    T0,
    THERE,
    TOTAL,
    everything,
    finding,
    full,
    reading,
    state,
    usage,
)


async def test_recording_twice_changes_nothing(ledger: Ledger) -> None:
    records = [full(T0), full(T0 + MINUTE, 120), full(T0, 50, THERE)]
    await ledger.record(records)
    once = await everything(ledger)
    await ledger.record(records)
    await ledger.record(records[:1])
    assert await everything(ledger) == once


async def test_a_repetition_within_one_batch_changes_nothing(ledger: Ledger) -> None:
    await ledger.record([full(T0), full(T0 + MINUTE), full(T0)])
    assert (await ledger.state(HERE)).seen_at == T0 + MINUTE
    assert (await ledger.days(T0.date(), T0.date()))[0].pages == {TOTAL: 8, SCAN: 8}


async def test_a_usage_alone_marks_its_record_as_there(ledger: Ledger) -> None:
    record = replace(full(T0), reading=None)
    await ledger.record([record])
    once = await everything(ledger)
    await ledger.record([record])
    overlapping = replace(full(T0), reading=None, usages=record.usages[1:])
    await ledger.record([overlapping])
    assert await everything(ledger) == once


async def test_usages_differ_by_meter_epoch_end_and_place(ledger: Ledger) -> None:
    different = [
        usage(T0),
        usage(T0, SCAN),
        usage(T0, epoch=2),
        usage(T0 + SECOND),
        usage(T0, place=THERE),
    ]
    for number, one in enumerate(different):
        day = DayUsage(HERE, date(2026, 11, 1 + number), {TOTAL: one.pages})
        await ledger.record([Record(PlaceState(one.place), usages=(one,), days=(day,))])
    assert len(await ledger.usages(HERE, T0 - MINUTE, T0 + MINUTE)) == 4
    assert len(await ledger.usages(THERE, T0 - MINUTE, T0 + MINUTE)) == 1
    assert len(await ledger.days(date(2026, 11, 1), date(2026, 11, 9))) == 5


async def test_days_without_a_source_are_refused_and_nothing_is_kept(ledger: Ledger) -> None:
    bad = Record(state(T0, THERE), days=(DayUsage(THERE, T0.date(), {TOTAL: 1}),))
    with pytest.raises(ValueError, match=THERE):
        await ledger.record([full(T0), bad])
    assert await ledger.states() == []
    assert await ledger.readings(HERE, T0, T0) == []
    await ledger.record([full(T0)])
    assert await ledger.reading(HERE, T0) == reading(T0)


async def test_a_finding_is_kept_once_and_logged_once(ledger: Ledger) -> None:
    silent = finding(T0, code=Code.DEVICE_SILENT)
    ref = LogRef("event", silent.id)
    record = Record(state(T0), findings=(silent,), log=(ref,))
    await ledger.record([record, record])
    once = await ledger.log_after(0, 9)
    assert [entry.ref for entry in once] == [ref]
    await ledger.record([record])
    assert await ledger.log_after(0, 9) == once
    assert await ledger.findings() == [silent]


async def test_a_change_and_a_cycle_are_kept_once(ledger: Ledger) -> None:
    change = StateChange(HERE, T0, online=False, silent_s=60, reason="no answer")
    cycle = Cycle(T0, 27, 1, 2, 12.5, 0.25, 400, PlaceId("2f"), 6.5)
    for _ in range(2):
        await ledger.record_change(change, state(T0))
        await ledger.record_cycle(cycle)
    assert [entry.seq for entry in await ledger.log_after(0, 9)] == [1, 2]
