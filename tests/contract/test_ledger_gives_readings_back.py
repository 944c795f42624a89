"""A ledger gives back what a place was heard to say."""

from dataclasses import replace
from datetime import UTC, date, timedelta, timezone

from collector.domain.counting.findings import Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import (
    Alert,
    Answer,
    Brought,
    DeviceStatus,
    Reading,
    Stay,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from collector.domain.counting.track import SaidMeters
from collector.ports import Ledger, PlaceState, Record
from tests.contract.ledger_cases import (
    CANON,
    HERE,
    MINUTE,
    RICOH,
    SCAN,
    SECOND,
    T0,
    THERE,
    TOTAL,
    Opened,
    answer,
    finding,
    full,
    reading,
    state,
)


async def test_a_place_never_heard_of_has_an_empty_state(ledger: Ledger) -> None:
    assert await ledger.state(HERE) == PlaceState(HERE)
    assert await ledger.states() == []
    assert await ledger.reading(HERE, T0) is None
    assert await ledger.readings(HERE, T0, T0) == []
    assert await ledger.usages(HERE, T0, T0 + MINUTE) == []
    assert await ledger.heard_between(T0, T0 + MINUTE) == {}
    assert await ledger.first_day() is None
    assert await ledger.days(date(2026, 1, 1), date(2026, 12, 31)) == []
    assert await ledger.findings() == []
    assert await ledger.log_after(0, 10) == []


async def test_what_is_recorded_is_given_back(ledger: Ledger) -> None:
    record = full(T0)
    await ledger.record([record])
    assert await ledger.state(HERE) == replace(record.state, last=record.reading)
    assert await ledger.reading(HERE, T0) == record.reading
    assert set(await ledger.usages(HERE, T0 - SECOND, T0)) == set(record.usages)
    assert await ledger.days(T0.date(), T0.date()) == list(record.days)
    assert await ledger.findings() == list(record.findings)
    assert [entry.ref for entry in await ledger.log_after(0, 9)] == list(record.log)


async def test_both_times_of_a_reading_under_a_doubtful_clock_are_kept(opened: Opened) -> None:
    doubtful = replace(reading(T0), wall=T0 + timedelta(days=365))
    await opened.ledger.record([replace(full(T0), reading=doubtful)])
    ledger = await opened.restart()
    assert await ledger.readings(HERE, T0, T0) == [doubtful]


async def test_where_a_machine_was_read_before_it_came_is_kept(opened: Opened) -> None:
    last = Brought(THERE, T0 - MINUTE, 77, {TOTAL: 90}, {TOTAL: "a+b"})
    arrived = replace(reading(T0), stay=Stay.ARRIVED, brought=last)
    await opened.ledger.record([replace(full(T0), reading=arrived)])
    ledger = await opened.restart()
    assert await ledger.readings(HERE, T0, T0) == [arrived]


async def test_states_come_by_id_and_the_last_reading_is_the_newest_by_time(ledger: Ledger) -> None:
    await ledger.record([full(T0 + MINUTE, 120), full(T0, 100), full(T0, 50, THERE)])
    states = await ledger.states()
    assert [one.place for one in states] == [THERE, HERE]
    assert states[1].last == reading(T0 + MINUTE, 120)
    assert states[1].seen_at == T0


async def test_a_poll_that_changed_nothing_only_moves_the_state(ledger: Ledger) -> None:
    await ledger.record([full(T0)])
    before = await ledger.log_after(0, 99)
    moved = replace(state(T0), seen_at=T0 + MINUTE)
    await ledger.record([Record(moved)])
    assert await ledger.state(HERE) == replace(moved, last=reading(T0))
    assert await ledger.readings(HERE, T0, T0 + MINUTE) == [reading(T0)]
    assert await ledger.log_after(0, 99) == before


async def test_readings_include_both_bounds_oldest_first(ledger: Ledger) -> None:
    times = [T0 + MINUTE * n for n in (3, 1, 2, 0)]
    await ledger.record([Record(state(at), reading(at, 100)) for at in times])
    await ledger.record([Record(state(T0, THERE), reading(T0, 1, THERE))])
    found = await ledger.readings(HERE, T0 + MINUTE, T0 + 2 * MINUTE)
    assert [one.at for one in found] == [T0 + MINUTE, T0 + 2 * MINUTE]
    half = timedelta(milliseconds=500)
    found = await ledger.readings(HERE, T0 + half, T0 + 2 * MINUTE - half)
    assert [one.at for one in found] == [T0 + MINUTE]


async def test_times_are_kept_in_whole_seconds_utc(ledger: Ledger) -> None:
    tokyo = timezone(timedelta(hours=9))
    at = (T0 + timedelta(milliseconds=999)).astimezone(tokyo)
    await ledger.record([full(at)])
    found = await ledger.reading(HERE, T0)
    assert found is not None
    assert found.at == T0
    assert found.at.tzinfo is UTC
    assert (await ledger.usages(HERE, T0 - SECOND, T0))[0].end == T0
    held = await ledger.state(HERE)
    assert held.seen_at == T0
    assert held.track is not None
    assert held.track.held == SaidMeters(T0, 3600, {SCAN: 3})


async def test_everything_a_machine_said_comes_back(ledger: Ledger) -> None:
    said = Answer(
        identity=RICOH,
        meters={TOTAL: 2**64 - 1, SCAN: 0},
        uptime_s=None,
        status=DeviceStatus.PRINTING,
        supplies=(
            Supply("black", "ブラック トナー", SupplyState.LEVEL, 30, 100),
            Supply("waste", "Waste Toner", SupplyState.SOME_REMAINING, kind=SupplyKind.WASTE),
            Supply("c", "シアン", SupplyState.EMPTY, None, 100, SupplyKind.TONER, "cyan"),
        ),
        errors=(Trouble.LOW_PAPER, Trouble.MAINTENANCE_OVERDUE),
        trays=(
            Tray("1.1", "手差し", SupplyState.LEVEL, 0, 100, None, TrayStatus.UNAVAILABLE),
            Tray("1.2", "トレイ2", SupplyState.UNKNOWN, media="普通紙"),
        ),
        profile="ricoh",
        wraps={TOTAL: 2**24},
        rated_ipm=30,
        nvram_step=10,
    )
    plain = Answer(DeviceIdentity(model="?"), {})
    alert = Alert("8.1.808", Severity.WARNING, "用紙なし")
    noticed = replace(plain, findings=(finding(T0),), alerts=(alert,))
    await ledger.record(
        [
            Record(PlaceState(HERE), Reading(HERE, T0, said)),
            Record(PlaceState(HERE), Reading(HERE, T0 + MINUTE, plain)),
            Record(PlaceState(HERE), Reading(HERE, T0 + 2 * MINUTE, noticed)),
        ]
    )
    found = await ledger.readings(HERE, T0, T0 + 2 * MINUTE)
    assert [one.answer for one in found] == [said, plain, plain]


async def test_supplies_come_with_every_reading_changed_or_not(opened: Opened) -> None:
    def toner(level: int) -> tuple[Supply, ...]:
        return (Supply("black", "Black", SupplyState.LEVEL, level, 100),)

    levels = [80, 80, 79, 80, 80, 80]
    for number, level in enumerate(levels):
        at = T0 + number * MINUTE
        said = answer(100 + number, supplies=toner(level))
        await opened.ledger.record([Record(state(at), Reading(HERE, at, said))])
        if number == 4:
            await opened.restart()
    found = await opened.ledger.readings(HERE, T0, T0 + 9 * MINUTE)
    assert [one.answer.supplies for one in found] == [toner(level) for level in levels]


async def test_trays_without_supplies_come_back_too(ledger: Ledger) -> None:
    tray = Tray("1.1", "トレイ1", SupplyState.LEVEL, 385, 550, "A4", TrayStatus.READY)
    said = replace(answer(100), trays=(tray,))
    await ledger.record([Record(state(T0), Reading(HERE, T0, said))])
    found = await ledger.reading(HERE, T0)
    assert found is not None
    assert (found.answer.supplies, found.answer.trays) == ((), (tray,))


async def test_two_machines_may_answer_for_a_place_in_one_second(ledger: Ledger) -> None:
    both = [reading(T0, 1, HERE, RICOH), reading(T0, 2, HERE, CANON)]
    await ledger.record([Record(state(T0), one) for one in both])
    assert len(await ledger.readings(HERE, T0, T0)) == 2
