"""The pages' keeper: where their folder hangs, everything else goes on."""

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.bootstrap import pages
from collector.bootstrap.office import open_ledger
from collector.bootstrap.pages import PAGES, FolderKeeper, put_pages
from tests.fakes.clock import FakeClock
from tests.patience import PATIENCE_S
from tests.unit.settings.files import loaded

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
GENERATED = b'<meta name="generator" content="copier-fleet 1">'


class Share:
    """A folder that hangs until it is told to go on, and counts who waits for it."""

    def __init__(self) -> None:
        """Hang from the begin."""
        self.goes_on = threading.Event()
        self.began = threading.Event()
        self.asked = 0

    def put(self, folder: Path, found: Mapping[str, bytes], now: datetime) -> list[Path]:
        self.asked += 1
        self.began.set()
        assert self.goes_on.wait(PATIENCE_S)
        return put_pages(folder, found, now)


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> Iterator[Share]:
    one = Share()
    monkeypatch.setattr(pages, "put_pages", one.put)
    monkeypatch.setattr(pages, "_LOOK_S", 0.01)
    yield one
    one.goes_on.set()


async def test_a_folder_that_hangs_is_asked_by_one_thread_and_is_left_at_the_end(
    tmp_path: Path, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_LIMIT_S", 0.05)
    folder = tmp_path / "pages"
    given = loaded(tmp_path, f'[ledger]\npath = "ledger.sqlite3"\n[pages]\ndir = "{folder}"\n')
    clock, ledger = FakeClock(NOW), await open_ledger(given.settings)
    keeper, stop = FolderKeeper(PAGES, lambda: given, ledger, clock), asyncio.Event()
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        task = group.create_task(keeper(stop))
        assert await asyncio.to_thread(share.began.wait, PATIENCE_S)
        for _ in range(20):  # hours pass; the share still hangs
            clock.forward(hours=2)
            await asyncio.sleep(0.01)
        assert share.asked == 1
        assert not folder.exists()
        share.goes_on.set()
        for _ in range(500):
            clock.forward(hours=2)
            await asyncio.sleep(0.01)
            if share.asked > 1 and (folder / "index.html").exists():
                break
        assert share.asked > 1
        task.cancel()
    await ledger.close()


def test_only_what_is_gone_is_taken_away_and_everybody_may_read_the_rest(tmp_path: Path) -> None:
    (tmp_path / "department-gone.html").write_bytes(GENERATED)
    (tmp_path / "department-theirs.html").write_bytes(b"<p>")
    (tmp_path / ".index.html.1.part").write_bytes(GENERATED)
    (tmp_path / ".fleet.html.1.part").write_bytes(GENERATED)
    old = (NOW - timedelta(hours=3)).timestamp()
    os.utime(tmp_path / ".index.html.1.part", (old, old))
    os.utime(tmp_path / ".fleet.html.1.part", (NOW.timestamp(), NOW.timestamp()))
    before = os.umask(0o027)
    try:
        put_pages(tmp_path, {"index.html": GENERATED, "department-here.html": GENERATED}, NOW)
    finally:
        os.umask(before)
    found = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}
    assert found.keys() == {
        *("index.html", "department-here.html", "department-theirs.html", ".fleet.html.1.part")
    }
    assert found["index.html"] == found["department-here.html"] == 0o644
