"""The ledger's file survives full disks, failing writes and kill -9."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger, store
from collector.adapters.ledger_sqlite.held import HeldFile, stamp
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerError, LedgerLost
from collector.ports import Cycle
from tests.integration.ledger_files import (
    FAR_OFF,
    HERE,
    LONG_AGO,
    ROOT,
    T0,
    TOTAL,
    contents,
    raw,
    record,
)
from tests.patience import PATIENCE_S
from tests.surroundings import environment


async def test_a_full_disk_leaves_nothing_half_applied(ledger: SqliteLedger) -> None:
    await ledger.record([record(1)])
    before = (await ledger.states(), await ledger.log_after(0, 99), await ledger.findings())

    def limit(pages: int) -> None:
        assert ledger._connection is not None
        (now,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {now + pages}")

    await ledger._run(lambda: limit(3))
    batch = [record(n, PlaceId(f"new-{n % 7}"), "x" * 200) for n in range(2, 300)]
    with pytest.raises(LedgerError, match="the disk is full; free space"):
        await ledger.record(batch)
    after = (await ledger.states(), await ledger.log_after(0, 99), await ledger.findings())
    assert after == before
    assert len(await ledger.days(date(2026, 1, 1), date(2027, 1, 1))) == 1
    await ledger._run(lambda: limit(1_000_000))
    await ledger.record(batch)
    days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
    assert sum(day.pages[TOTAL] for day in days) == 3 * 299
    assert len(await ledger.findings()) == 299


_WRITE_UNTIL_STOPPED = """
import asyncio, resource, sys
from pathlib import Path
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.errors import LedgerError
from tests.integration.ledger_files import record
async def main():
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    number = 0
    try:
        while True:
            await ledger.record([record(number), record(number + 1)])
            number += 2
            print(number, flush=True)
    except LedgerError as error:
        print(error, flush=True)
asyncio.run(main())
"""


def writer(path: Path, *largest_file: str) -> subprocess.Popen[str]:
    """Start a process that writes two records at a time and prints how many are on disk.

    It may write no file larger than `largest_file` bytes, where given.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _WRITE_UNTIL_STOPPED, str(path), *largest_file],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


async def whole(path: Path, acknowledged: int) -> None:
    """Show that every acknowledged record is there, that none is there in part, and go on."""
    ledger = await SqliteLedger.open(path)
    try:
        readings = await ledger.readings(HERE, LONG_AGO, FAR_OFF)
        usages = await ledger.usages(HERE, LONG_AGO, FAR_OFF)
        days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
        count = len(readings)
        assert count >= acknowledged
        assert count % 2 == 0
        assert [one.at for one in readings] == [T0 + timedelta(minutes=n) for n in range(count)]
        assert len(usages) == len(await ledger.findings()) == count
        assert len(await ledger.log_after(0, count + 9)) == count
        assert sum(day.pages[TOTAL] for day in days) == sum(one.pages for one in usages)
        assert (await ledger.state(HERE)).last == readings[-1]
        await ledger.record([record(number) for number in range(count + 1)])
        days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
        assert sum(day.pages[TOTAL] for day in days) == 3 * (count + 1)
    finally:
        await ledger.close()


@pytest.mark.integration
@pytest.mark.parametrize("after", [1, 37, 120])
async def test_nothing_acknowledged_is_lost_by_kill_9(ledger_path: Path, after: int) -> None:
    process = writer(ledger_path)
    assert process.stdout is not None
    acknowledged = 0
    for _ in range(after):
        acknowledged = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    await whole(ledger_path, int(rest[-1]) if rest else acknowledged)


@pytest.mark.integration
async def test_a_disk_that_refuses_to_write_ends_in_one_sentence(ledger_path: Path) -> None:
    process = writer(ledger_path, "400000")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    *numbers, sentence = said.splitlines()
    assert "check its free space" in sentence or "the disk is full" in sentence
    assert str(ledger_path) in sentence
    await whole(ledger_path, int(numbers[-1]))


@pytest.mark.parametrize("of", ["backup", "nothing", "one that is used more"])
async def test_what_is_put_over_it_before_a_checkpoint_gets_nothing_of_ours(
    ledger: SqliteLedger, ledger_path: Path, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    await ledger.record([record(1)])
    await ledger.record_cycle(Cycle(T0, 1, 0, 0, 1.0, 0.0))
    backup = Path(shutil.copyfile(ledger_path, ledger_path.with_suffix(".backup")))
    await ledger.record_cycle(Cycle(T0 + timedelta(minutes=5), 1, 0, 0, 1.0, 0.0))
    if of == "one that is used more":
        with raw(backup) as shell:
            shell.execute("PRAGMA schema_version = 1000")
    put = b"" if of == "nothing" else contents(backup)

    def between(connection: sqlite3.Connection, held: HeldFile) -> None:
        with ledger_path.open("r+b") as file:
            file.truncate()
            file.write(put)
        stamp(connection, held)

    await ledger.record([record(n) for n in range(2, 50)])
    monkeypatch.setattr(store, "stamp", between)
    with pytest.raises(LedgerLost, match="overwritten"):
        await ledger.record_cycle(Cycle(T0 + timedelta(hours=1), 1, 0, 0, 1.0, 0.0))
    assert contents(ledger_path) == put
    with pytest.raises(LedgerLost):
        await ledger.record([record(50)])
