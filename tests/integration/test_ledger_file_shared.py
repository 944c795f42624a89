"""Polls and deliveries share the ledger: neither waits for all that the other has to do."""

import asyncio
import time
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from tests.integration.ledger_files import FAR_OFF, HERE, LONG_AGO, T0, record

pytestmark = pytest.mark.integration

QUESTIONS = 40


async def test_who_reads_beside_waits_for_no_poll(ledger: SqliteLedger) -> None:
    await ledger.record([record(1)])
    written, stop = 0, False

    async def keep_busy() -> None:
        nonlocal written
        while not stop:
            await ledger._run(lambda: time.sleep(0.01))
            written += 1

    beside = await ledger.reading_beside()
    async with asyncio.TaskGroup() as polls:
        for _ in range(20):
            polls.create_task(keep_busy())
        await asyncio.sleep(0)
        for _ in range(QUESTIONS):
            assert len(await beside.readings(HERE, LONG_AGO, FAR_OFF)) == 1
        # In one queue each question would wait for all twenty.
        assert written < 5 * QUESTIONS
        stop = True
    await beside.close()


async def test_it_sees_what_was_written_and_writes_the_one_way_in(
    ledger: SqliteLedger, ledger_path: Path
) -> None:
    beside = await ledger.reading_beside()
    await ledger.record([record(1)])
    assert (await beside.state(HERE)).seen_at == T0.replace(minute=1)
    entries = await beside.log_after(0, 99)
    await beside.acknowledge("influx", entries[-1].seq)
    await beside.set_note("x", "y")
    assert await ledger.cursor("influx") == await beside.cursor("influx") == entries[-1].seq
    assert await beside.note("x") == "y"
    await beside.close()
    await ledger.record([record(2)])
    assert ledger_path.with_name("ledger.db.mark").exists()
