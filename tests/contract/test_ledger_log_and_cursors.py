"""A ledger's log names each thing once, in order, and each sink has its own place in it."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim
from collector.ports import Ledger, LogRef
from tests.contract.ledger_cases import HERE, MINUTE, T0, THERE, TOTAL, Opened, full

DAY = date(2026, 11, 2)


async def test_the_newest_mention_replaces_the_older(ledger: Ledger) -> None:
    a, b = LogRef("day", "p|2026-11-02"), LogRef("month", "2026-11")
    await ledger.touch([a, b])
    first = await ledger.log_after(0, 9)
    assert [entry.ref for entry in first] == [a, b]
    await ledger.touch([a])
    second = await ledger.log_after(0, 9)
    assert [entry.ref for entry in second] == [b, a]
    assert second[1].seq > first[1].seq


async def test_what_is_mentioned_after_it_was_read_comes_again(opened: Opened) -> None:
    """However often it was mentioned before, and whether or not that was acknowledged."""
    ledger, day = opened.ledger, LogRef("day", "p|2026-11-02")
    for _ in range(3):
        await ledger.touch([day])
        await ledger.touch([day, LogRef("month", "2026-11")])
        entries = await ledger.log_after(0, 1)
        await ledger.touch([day])
        again = await ledger.log_after(entries[-1].seq, 9)
        assert day in [entry.ref for entry in again]
        await ledger.acknowledge("influx", again[-1].seq)
        assert await ledger.backlog("influx") == 0
        ledger = await opened.restart()


@pytest.mark.parametrize("kind", ["day", "office_day", "month", "reading"])
async def test_what_is_mentioned_while_the_log_is_read_comes_again_too(
    ledger: Ledger, kind: str
) -> None:
    """Whoever has read it may have rendered it: a later mention must stand behind what was read."""
    ref, after = LogRef(kind, "p|2026-11-02"), 0
    for _ in range(20):
        async with asyncio.TaskGroup() as at_once:
            reading = at_once.create_task(ledger.log_after(after, 9))
            at_once.create_task(ledger.touch([ref]))
        seen = reading.result()
        after = seen[-1].seq if seen else after
        await ledger.touch([ref])
        (again,) = await ledger.log_after(after, 9)
        assert again.ref == ref
        after = again.seq


@pytest.mark.parametrize("reads_beside", [False, True])
async def test_who_renders_what_was_read_ends_with_what_was_counted(
    ledger: Ledger, *, reads_beside: bool
) -> None:
    """Pages are counted all the while, and after the last ones somebody looks once more."""
    reader = ledger
    if reads_beside and isinstance(ledger, SqliteLedger):
        reader = await ledger.reading_beside()
    shown: dict[tuple[PlaceId, date], int] = {}
    after = 0

    async def look() -> None:
        nonlocal after
        while entries := await reader.log_after(after, 2):
            days = await reader.days(DAY, DAY)
            pages = {(one.place, one.day): one.pages[TOTAL] for one in days}
            named = {entry.ref.key for entry in entries}
            shown.update({key: n for key, n in pages.items() if f"{key[0]}|{key[1]}" in named})
            after = entries[-1].seq

    async def count(place: PlaceId, since: int) -> None:
        for number in range(since, since + 2):
            await ledger.record([full(T0 + number * MINUTE, 100 + number, place)])

    for since in range(0, 20, 2):
        async with asyncio.TaskGroup() as at_once:
            for one in (look(), count(HERE, since), count(THERE, since)):
                at_once.create_task(one)
        await look()
        counted = await ledger.days(DAY, DAY)
        assert shown == {(one.place, one.day): one.pages[TOTAL] for one in counted}
    if reader is not ledger:
        await reader.close()


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


async def test_a_cursor_that_was_moved_meanwhile_stays_where_it_was_moved_to(
    ledger: Ledger,
) -> None:
    await ledger.touch([LogRef("x", str(number)) for number in range(5)])
    await ledger.acknowledge("influx", 2, 0)
    await ledger.acknowledge("influx", 4, 3)
    assert await ledger.cursor("influx") == 2
    await ledger.acknowledge("influx", 1)
    await ledger.acknowledge("influx", 4, 2)
    assert await ledger.cursor("influx") == 1


NOON = datetime(2026, 11, 2, 3, tzinfo=UTC)
_AFTER = int(NOON.timestamp())
_OLD = (
    LogRef("reading", f"p|{_AFTER - 1}"),
    LogRef("state", f"p|{_AFTER - 1}"),
    LogRef("day", "p|2026-11-01"),
    LogRef("office_day", "2026-11-01"),
    LogRef("month", "2026-10"),
    LogRef("paper", "2026-09-30"),
    LogRef("cycle", str(_AFTER - 1)),
    LogRef("event", "gone"),
)
_NEW = (
    LogRef("reading", f"p|{_AFTER}"),
    LogRef("state", f"p|{_AFTER}"),
    LogRef("day", "p|2026-11-02"),
    LogRef("office_day", "2026-11-02"),
    LogRef("month", "2026-11"),
    LogRef("paper", "2026-12-31"),
    LogRef("cycle", str(_AFTER)),
)


@pytest.mark.parametrize("ref", _NEW, ids=lambda ref: ref.kind)
async def test_all_that_concerns_a_day_or_later_stands_behind_one_number(
    ledger: Ledger, ref: LogRef
) -> None:
    """However it was mentioned: a day of August counted anew stands among November's."""
    asked = NOON, date(2026, 11, 2), "2026-11"
    assert await ledger.log_before(*asked) == 0
    await ledger.touch(_OLD)
    newest = (await ledger.log_after(0, 99))[-1].seq
    assert await ledger.log_before(*asked) == newest
    await ledger.touch([ref, _OLD[0]])
    assert await ledger.log_before(*asked) == newest


async def test_so_does_what_was_found_since_then(ledger: Ledger) -> None:
    asked = NOON, date(2026, 11, 2), "2026-11"
    early, late = (
        Finding(
            Code.METER_RESET, Severity.INFO, "p", verbatim("reset"), NOON + timedelta(seconds=s)
        )
        for s in (-1, 0)
    )
    await ledger.record_findings([early])
    first = (await ledger.log_after(0, 9))[-1].seq
    assert await ledger.log_before(*asked) == first
    await ledger.record_findings([late])
    assert await ledger.log_before(*asked) == first


async def test_since_when_the_oldest_reading_waits(ledger: Ledger) -> None:
    assert await ledger.waiting_since("influx") is None
    refs = [LogRef("month", "2026-10"), LogRef("reading", "p|90"), LogRef("state", "p|70")]
    await ledger.touch(refs)
    assert await ledger.waiting_since("influx") == datetime.fromtimestamp(70, UTC)
    month, reading, _ = await ledger.log_after(0, 9)
    await ledger.acknowledge("influx", month.seq)
    assert await ledger.waiting_since("influx") == datetime.fromtimestamp(70, UTC)
    await ledger.touch([LogRef("reading", "p|50")])
    assert await ledger.waiting_since("influx") == datetime.fromtimestamp(50, UTC)
    await ledger.acknowledge("influx", reading.seq + 9)
    assert await ledger.waiting_since("influx") is None
