"""What every ledger must do, shown on the one in memory and on the SQLite file."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.domain.reading import (
    Answer,
    DeviceStatus,
    PlaceId,
    Reading,
    Supply,
    SupplyState,
)
from collector.domain.track import Doubt, Held, MeterTrack, PlaceTrack
from collector.domain.usage import DayUsage, Quality, Usage
from collector.errors import LedgerError
from collector.ports import Cycle, Ledger, LogRef, PlaceState, Record, StateChange
from tests.fakes.ledger import FakeLedger

T0 = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HERE, THERE = PlaceId("2f-general"), PlaceId("1f-tax")
TOTAL, SCAN = Meter("total"), Meter("scan")
RICOH = DeviceIdentity("Ricoh", "IM C3000", "3G12345678", None, "1.2", "1.3.6.1.4.1.367.1.1")
CANON = DeviceIdentity("Canon", "iR-ADV C3530", "QLA01234")


class Opened:
    """A ledger under test and the way to restart it."""

    def __init__(self, ledger: Ledger, again: Callable[[], Awaitable[Ledger]]) -> None:
        """Begin with `ledger`; `again` opens the same one anew."""
        self.ledger = ledger
        self._again = again

    async def restart(self) -> Ledger:
        await self.ledger.close()
        self.ledger = await self._again()
        return self.ledger


@pytest.fixture(params=["memory", "sqlite"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    if request.param == "memory":
        fake = FakeLedger()

        async def again() -> Ledger:
            return fake.reopen()
    else:
        path = tmp_path / "ledger" / "ledger.db"

        async def again() -> Ledger:
            return await SqliteLedger.open(path)

    one = Opened(await again(), again)
    yield one
    await one.ledger.close()


@pytest.fixture
def ledger(opened: Opened) -> Ledger:
    return opened.ledger


def answer(total: int, identity: DeviceIdentity = RICOH, **more: object) -> Answer:
    plain = Answer(identity, {TOTAL: total, SCAN: 7}, 3600, DeviceStatus.IDLE, profile="ricoh")
    return replace(plain, **more)  # type: ignore[arg-type]


def reading(
    at: datetime, total: int = 100, place: PlaceId = HERE, identity: DeviceIdentity = RICOH
) -> Reading:
    return Reading(place, at, answer(total, identity))


def state(at: datetime, place: PlaceId = HERE, total: int = 100) -> PlaceState:
    held = Held(3, at, Doubt.DROP)
    meters = {TOTAL: MeterTrack(1, 0, total, at), SCAN: MeterTrack(2, 5, 7, at, held, 6)}
    track = PlaceTrack(RICOH, at, 3600, meters, top_epoch=2)
    return PlaceState(place, track, None, at, at, online=True, changed_at=T0, reason="")


def usage(end: datetime, meter: Meter = TOTAL, epoch: int = 1, place: PlaceId = HERE) -> Usage:
    return Usage(place, RICOH.key, meter, epoch, end - 5 * MINUTE, end, 96, 100)


def finding(at: datetime | None, subject: str = HERE, code: Code = Code.METER_RESET) -> Finding:
    return Finding(
        code,
        Severity.WARNING,
        subject,
        "数え直しました。確認してください。",
        at,
        {"from": 9, "x": None},
    )


def full(at: datetime, total: int = 100, place: PlaceId = HERE) -> Record:
    """Return a record with something of everything."""
    day = at.date()
    one = reading(at, total, place)
    return Record(
        state=state(at, place, total),
        reading=one,
        usages=(usage(at, TOTAL, place=place), usage(at, SCAN, place=place)),
        days=(DayUsage(place, day, {TOTAL: 4, SCAN: 4}, 1),),
        findings=(finding(at, place),),
        log=(
            LogRef("reading", f"{place}|{int(at.timestamp())}"),
            LogRef("day", f"{place}|{day}"),
            LogRef("month", "2026-11"),
        ),
    )


async def everything(ledger: Ledger) -> object:
    """Return all that can be asked of a ledger."""
    early, late = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    places = [one.place for one in await ledger.states()]
    return (
        await ledger.states(),
        [await ledger.readings(place, early, late) for place in places],
        [await ledger.usages(place, early, late) for place in places],
        await ledger.days(date(2000, 1, 1), date(2100, 1, 1)),
        await ledger.findings(),
        await ledger.log_after(0, 10_000),
        (await ledger.size()).rows,
    )


# --- places and readings ---------------------------------------------------------------------


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
    assert held.track.meters[SCAN].held == Held(3, T0, Doubt.DROP)


async def test_everything_a_machine_said_comes_back(ledger: Ledger) -> None:
    said = Answer(
        identity=RICOH,
        meters={TOTAL: 2**64 - 1, SCAN: 0},
        uptime_s=None,
        status=DeviceStatus.PRINTING,
        supplies=(
            Supply("black", "ブラック トナー", SupplyState.LEVEL, 30, 100),
            Supply("waste", "Waste Toner", SupplyState.SOME_REMAINING),
        ),
        profile="ricoh",
        wraps={TOTAL: 2**24},
        rated_ipm=30,
        nvram_step=10,
    )
    plain = Answer(DeviceIdentity(model="?"), {})
    noticed = replace(plain, findings=(finding(T0),))
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


async def test_two_machines_may_answer_for_a_place_in_one_second(ledger: Ledger) -> None:
    both = [reading(T0, 1, HERE, RICOH), reading(T0, 2, HERE, CANON)]
    await ledger.record([Record(state(T0), one) for one in both])
    assert len(await ledger.readings(HERE, T0, T0)) == 2


# --- once is enough --------------------------------------------------------------------------


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
    cycle = Cycle(T0, 27, 1, 2, 12.5, 0.25)
    for _ in range(2):
        await ledger.record_change(change, state(T0))
        await ledger.record_cycle(cycle)
    assert [entry.seq for entry in await ledger.log_after(0, 9)] == [1, 2]


# --- days and usages -------------------------------------------------------------------------


async def test_increments_of_a_day_add_up(ledger: Ledger) -> None:
    parts: list[dict[Meter, int]] = [{TOTAL: 3}, {TOTAL: 4, SCAN: 1}, {SCAN: 0}]
    for number, pages in enumerate(parts):
        at = T0 + number * MINUTE
        day = DayUsage(HERE, T0.date(), pages, estimated=number)
        await ledger.record([Record(state(at), reading(at), days=(day,))])
    assert await ledger.days(T0.date(), T0.date()) == [
        DayUsage(HERE, T0.date(), {TOTAL: 7, SCAN: 1}, 3)
    ]


async def test_days_come_by_day_then_place_within_both_bounds(ledger: Ledger) -> None:
    for number in range(4):
        at = T0 + timedelta(days=number)
        await ledger.record([full(at, place=HERE), full(at, place=THERE)])
    found = await ledger.days(date(2026, 11, 3), date(2026, 11, 4))
    assert [(one.day.day, one.place) for one in found] == [
        (3, THERE),
        (3, HERE),
        (4, THERE),
        (4, HERE),
    ]
    only = await ledger.days(date(2026, 11, 3), date(2026, 11, 4), HERE)
    assert [(one.day.day, one.place) for one in only] == [(3, HERE), (4, HERE)]
    assert await ledger.first_day() == date(2026, 11, 2)


async def test_usages_exclude_since_and_include_until(ledger: Ledger) -> None:
    times = [T0 + n * MINUTE for n in range(4)]
    await ledger.record([Record(state(at), usages=(usage(at),)) for at in reversed(times)])
    found = await ledger.usages(HERE, times[0], times[2])
    assert [one.end for one in found] == times[1:3]
    assert found[0] == usage(times[1])


@pytest.mark.parametrize("quality", Quality)
async def test_a_usage_keeps_its_quality_and_large_figures(
    ledger: Ledger, quality: Quality
) -> None:
    one = replace(usage(T0), first=2**64, last=2**64 + 12, quality=quality)
    await ledger.record([Record(state(T0), usages=(one,))])
    assert await ledger.usages(HERE, T0 - SECOND, T0) == [one]


async def test_heard_between_gives_first_and_last_within_both_bounds(ledger: Ledger) -> None:
    times = [T0 + n * MINUTE for n in range(5)]
    await ledger.record([Record(state(at), reading(at)) for at in times])
    await ledger.record([Record(state(T0, THERE), reading(T0, 1, THERE))])
    assert await ledger.heard_between(times[1], times[3]) == {HERE: (times[1], times[3])}
    assert await ledger.heard_between(T0, T0) == {HERE: (T0, T0), THERE: (T0, T0)}
    assert await ledger.heard_between(T0 + SECOND, times[1] - SECOND) == {}


# --- findings, changes, rounds ---------------------------------------------------------------


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
        return Cycle(at, 27, 1, 2, 12.5, 0.25)

    old, edge, now = T0 - timedelta(days=90, seconds=1), T0 - timedelta(days=90), T0
    for at in (old, edge, now):
        await ledger.record_cycle(cycle(at))
    assert await ledger.cycle(old) is None
    assert await ledger.cycle(edge) == cycle(edge)
    assert await ledger.cycle(now) == cycle(now)
    keys = [entry.ref.key for entry in await ledger.log_after(0, 9)]
    assert keys == [str(int(edge.timestamp())), str(int(now.timestamp()))]


# --- the log and its cursors -----------------------------------------------------------------


async def test_the_newest_mention_replaces_the_older(ledger: Ledger) -> None:
    a, b = LogRef("day", "p|2026-11-02"), LogRef("month", "2026-11")
    await ledger.touch([a, b])
    first = await ledger.log_after(0, 9)
    assert [entry.ref for entry in first] == [a, b]
    await ledger.touch([a])
    second = await ledger.log_after(0, 9)
    assert [entry.ref for entry in second] == [b, a]
    assert second[1].seq > first[1].seq


async def test_a_sequence_number_is_never_used_again(opened: Opened) -> None:
    ref = LogRef("cycle", "1")
    seen = 0
    for _ in range(3):
        await opened.ledger.touch([ref])
        (entry,) = await opened.ledger.log_after(0, 9)
        assert entry.seq > seen
        seen = entry.seq
        await opened.restart()


async def test_refs_of_one_batch_stand_in_the_order_of_their_last_mention(ledger: Ledger) -> None:
    a, b, c = (LogRef("x", name) for name in "abc")
    await ledger.touch([a, b, a, c, b])
    assert [entry.ref for entry in await ledger.log_after(0, 9)] == [a, c, b]


@pytest.mark.parametrize(
    "key", ["p|17", "p|017", "p|2026-11-02", "2026-11", "17", "|17", "p|", "a|b|9", "", "1" * 40]
)
async def test_any_key_comes_back_as_it_was(ledger: Ledger, key: str) -> None:
    others = [LogRef("x", other) for other in ("p|18", "18", "q|17") if other != key]
    await ledger.touch([*others, LogRef("x", key)])
    entries = await ledger.log_after(0, 99)
    assert [entry.ref for entry in entries] == [*others, LogRef("x", key)]


async def test_the_log_is_read_in_pieces(ledger: Ledger) -> None:
    refs = [LogRef("x", str(number)) for number in range(10)]
    await ledger.touch(refs)
    seen, seq = [], 0
    while entries := await ledger.log_after(seq, 3):
        assert len(entries) <= 3
        seen += [entry.ref for entry in entries]
        seq = entries[-1].seq
    assert seen == refs
    assert await ledger.log_after(0, 0) == []


async def test_each_sink_has_its_own_cursor_and_backlog(opened: Opened) -> None:
    ledger = opened.ledger
    await ledger.touch([LogRef("x", str(number)) for number in range(5)])
    third = (await ledger.log_after(0, 3))[-1].seq
    assert (await ledger.cursor("influx"), await ledger.backlog("influx")) == (0, 5)
    await ledger.acknowledge("influx", third)
    assert (await ledger.cursor("influx"), await ledger.backlog("influx")) == (third, 2)
    assert (await ledger.cursor("mqtt"), await ledger.backlog("mqtt")) == (0, 5)
    ledger = await opened.restart()
    assert await ledger.cursor("influx") == third
    await ledger.touch([LogRef("x", "0")])
    assert await ledger.backlog("influx") == 3
    await ledger.acknowledge("influx", 0)
    assert await ledger.backlog("influx") == 5


# --- opening and closing ---------------------------------------------------------------------


async def test_a_restart_changes_nothing(opened: Opened) -> None:
    change = StateChange(HERE, T0, online=True)
    await opened.ledger.record([full(T0), full(T0 + MINUTE, 120), full(T0, 50, THERE)])
    await opened.ledger.record_change(change, state(T0))
    before = await everything(opened.ledger)
    ledger = await opened.restart()
    assert await everything(ledger) == before
    assert await ledger.change(HERE, T0) == change
    await ledger.record([full(T0)])
    assert await everything(ledger) == before


async def test_nothing_to_do_is_no_error(ledger: Ledger) -> None:
    await ledger.record([])
    await ledger.touch([])
    assert await ledger.log_after(0, 9) == []


async def test_size_counts_rows(ledger: Ledger) -> None:
    await ledger.record([full(T0)])
    rows = (await ledger.size()).rows
    assert (rows["readings"], rows["usages"], rows["findings"]) == (1, 2, 1)
    assert (rows["days"], rows["place_states"], rows["log"]) == (1, 1, 3)


async def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    await ledger.close()
    await ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        await ledger.state(HERE)
    with pytest.raises(LedgerError, match="closed"):
        await ledger.record([full(T0)])
