"""One process writes the ledger's file, others read it meanwhile."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger, file, schema
from collector.errors import LedgerError
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
    refusal,
    side_files,
)
from tests.surroundings import environment


async def test_a_second_daemon_is_refused_until_the_first_is_gone(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    assert "another collector" in await refusal(ledger_path)
    await ledger.close()
    second = await SqliteLedger.open(ledger_path)
    await second.close()


async def test_readers_see_what_was_committed_while_the_daemon_writes(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    await ledger.record([record(1)])
    reader = await SqliteLedger.open(ledger_path, read_only=True)
    try:
        assert await reader.state(HERE) == await ledger.state(HERE)
        await ledger.record([record(2)])
        assert await reader.reading(HERE, T0 + timedelta(minutes=2)) == record(2).reading
        with pytest.raises(LedgerError, match="cannot be written"):
            await reader.record([record(3)])
    finally:
        await reader.close()
    await ledger.record([record(3)])


@pytest.mark.integration
async def test_another_process_reads_and_is_refused_to_write(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    await ledger.record([record(number) for number in range(5)])
    script = """
import asyncio, sys
from datetime import date
from pathlib import Path
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.errors import LedgerError
async def main():
    reader = await SqliteLedger.open(Path(sys.argv[1]), read_only=True)
    days = await reader.days(date(2026, 11, 1), date(2026, 11, 30))
    print(sum(day.pages["total"] for day in days))
    await reader.close()
    try:
        await SqliteLedger.open(Path(sys.argv[1]))
    except LedgerError:
        print("refused")
asyncio.run(main())
"""
    told = await asyncio.to_thread(
        subprocess.check_output,
        [sys.executable, "-c", script, str(ledger_path)],
        cwd=ROOT,
        env=environment(),
        text=True,
    )
    assert told.split() == ["15", "refused"]
    await ledger.record([record(6)])


async def test_who_holds_the_ledger_is_looked_up_and_never_tried(ledger_path: Path) -> None:
    assert file.has_writer(ledger_path) is False
    ledger = await SqliteLedger.open(ledger_path)
    assert file.has_writer(ledger_path) is True
    reader = await SqliteLedger.open(ledger_path, read_only=True)
    await ledger.close()
    assert file.has_writer(ledger_path) is False
    await reader.close()


async def test_reading_needs_a_ledger_of_this_version(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "there is none yet" in await refusal(ledger_path, read_only=True)
    assert not ledger_path.parent.exists()
    await (await SqliteLedger.open(ledger_path)).close()
    monkeypatch.setattr(file, "STEPS", (*schema.STEPS, "CREATE TABLE more (x INTEGER) STRICT;"))
    assert "older version" in await refusal(ledger_path, read_only=True)


async def test_a_reader_alone_leaves_no_trace(ledger_path: Path) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.close()
    before = contents(ledger_path)
    reader = await SqliteLedger.open(ledger_path, read_only=True)
    assert len(await reader.readings(HERE, LONG_AGO, FAR_OFF)) == 1
    await reader.close()
    assert contents(ledger_path) == before


async def test_a_reader_that_may_not_write_the_folder_makes_no_side_files(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.close()
    # Told so by the system's own answer: the tests may run as root, who may write everywhere.
    monkeypatch.setattr("os.access", lambda _, mode: mode == os.R_OK)
    reader = await SqliteLedger.open(ledger_path, read_only=True)
    assert len(await reader.readings(HERE, LONG_AGO, FAR_OFF)) == 1
    assert sorted(side_files(ledger_path)) == ["ledger.db", "ledger.db.lock"]
    await reader.close()


async def test_a_reader_beside_no_files_notices_that_a_writer_came(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.close()
    with raw(ledger_path) as shell:
        monkeypatch.setattr("os.access", lambda one, mode: mode != os.W_OK and Path(one).exists())
        reader = await SqliteLedger.open(ledger_path, read_only=True)
        assert len(await reader.readings(HERE, LONG_AGO, FAR_OFF)) == 1
        shell.execute("DELETE FROM cycles")
        with pytest.raises(LedgerError, match="type the command again"):
            await reader.readings(HERE, LONG_AGO, FAR_OFF)
        await reader.close()


async def test_waiting_for_the_disk_does_not_hold_up_the_loop(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    with raw(ledger_path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(ledger.record([record(1)]))
            for _ in range(5):
                await asyncio.sleep(0.01)
            assert not writing.done()
            shell.execute("ROLLBACK")
    assert await ledger.reading(HERE, T0 + timedelta(minutes=1)) is not None
    assert (await ledger._run(threading.current_thread)).name.startswith("ledger")


async def test_a_cancelled_call_leaves_the_ledger_usable(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    with raw(ledger_path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await ledger.record([record(1)])
        shell.execute("ROLLBACK")
    await ledger.record([record(1), record(2)])
    assert len(await ledger.readings(HERE, LONG_AGO, FAR_OFF)) == 2
    assert (await ledger.days(T0.date(), T0.date()))[0].pages == {TOTAL: 6}
