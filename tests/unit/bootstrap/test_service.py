"""The service, put together: what it knows from before its start."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice
from collector.bootstrap.office import context_of
from collector.bootstrap.service import Publishing, assemble, plan_of
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.ports import LogRef, PlaceState, Record, StateChange
from tests.fakes.clock import FakeClock
from tests.fakes.sink import FakeSink
from tests.unit.settings.files import loaded

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


async def test_a_start_knows_who_was_silent_before(tmp_path: Path) -> None:
    given = loaded(tmp_path, '[ledger]\npath = "ledger.sqlite3"\n')
    async with AsyncExitStack() as stack:
        service = await assemble(given, stack)
        assert plan_of(given, service).silent == frozenset()
        for name, online in (("hall", False), ("annex", True)):
            place = PlaceId(name)
            change = StateChange(place, AT, online=online)
            await service.ledger.record_change(change, PlaceState(place, online=online))
    async with AsyncExitStack() as stack:
        service = await assemble(given, stack)
        assert plan_of(given, service).silent == {PlaceId("hall")}


@pytest.mark.parametrize(("name", "again"), [("influx", False), ("mqtt", True)])
async def test_only_where_the_section_says_so_the_day_of_a_place_rests(
    tmp_path: Path, name: str, again: bool
) -> None:
    """The figures of `tests/bench/bench_points.py` reckon with it."""
    given = loaded(tmp_path, '[influx]\nurl = "http://127.0.0.1:9"\nevery_s = 600\n')
    clock, sink, place = FakeClock(AT), FakeSink(name), PlaceId("hall")
    current = CurrentOffice(context_of(given, AT.date()))
    ledger = await SqliteLedger.in_memory()
    delivery = Publishing(ledger, current, clock, given).to(sink)

    async def counted(pages: int) -> int:
        now, day = clock.now(), DayUsage(place, AT.date(), {TOTAL: pages})
        refs = (LogRef("day", f"{place}|{AT.date()}"),)
        usage = Usage(place, DeviceKey("S1"), TOTAL, 1, now - timedelta(seconds=9), now, 0, pages)
        state = PlaceState(place, seen_at=now)
        await ledger.record([Record(state, usages=(usage,), days=(day,), log=refs)])
        before = len(sink.batches)
        while await delivery():
            pass
        return len(sink.batches) - before

    assert await counted(3) == 1
    clock.at += timedelta(seconds=599)
    assert bool(await counted(4)) is again
    clock.at += timedelta(seconds=2)
    assert await counted(5) == 1
