"""The service, put together: what it knows from before its start."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.auto_closing import AutoClosing, ClosingWatch
from collector.app.office_context import CurrentOffice
from collector.bootstrap.office import context_of
from collector.bootstrap.service import Publishing, _Configured, _hooks, assemble, plan_of
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.ports import Cycle, LogRef, PlaceState, Record, StateChange
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


TWO_PLACES = "".join(
    f"""
[[place]]
id = "{name}"
name = "{name}"
address = "192.0.2.{number}"

[[place.department]]
id = "soumu"
from = 2026-04-01
"""
    for number, name in enumerate(("1f", "2f"), start=1)
)


async def test_months_are_not_looked_after_before_everybody_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is off at night would close with guesses for copiers that answer soon after."""
    looked: list[str] = []

    def spied(kind: type[ClosingWatch | AutoClosing]) -> None:
        async def look(*_: object) -> list[Finding]:
            looked.append(kind.__name__)
            return []

        monkeypatch.setattr(kind, "look", look)

    for kind in (ClosingWatch, AutoClosing):
        spied(kind)
    fleet = '[[department]]\nid = "soumu"\nname = "総務課"\n' + TWO_PLACES
    given = loaded(tmp_path, '[ledger]\npath = "ledger.sqlite3"\n', fleet)
    async with AsyncExitStack() as stack:
        service = await assemble(given, stack, FakeClock(AT))
        hooks = _hooks(service, _Configured(service, given, lambda: given), None)
        for number in (1, 2, 3):
            looked.clear()
            at = AT + timedelta(minutes=number)
            await hooks.end_of_cycle(Cycle(at, 1, 1, 0, 1.0, 0.0))
            assert sorted(looked) == ([] if number == 1 else ["AutoClosing", "ClosingWatch"])
