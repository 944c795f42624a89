"""The service, put together: what it knows from before its start."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from collector.bootstrap.service import assemble, plan_of
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, StateChange
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
