"""The ledger's file keeps history as it was written, and shows it to the shell."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.closing.seal import sealed
from collector.ports import Amendment, Cycle, Reread
from tests.contract.ledger_papers import entry, statement_of
from tests.integration.ledger_files import HERE, T0, raw, record


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE readings SET counts = '[0]'",
        "DELETE FROM readings",
        "INSERT OR REPLACE INTO readings SELECT * FROM readings",
        "UPDATE usages SET pages = 0",
        "DELETE FROM usages",
        "REPLACE INTO usages SELECT * FROM usages",
        "UPDATE findings SET message = ''",
        "DELETE FROM findings",
        "REPLACE INTO findings SELECT seq, id, code, severity, subject,'', 0, '', '' FROM findings",
        "UPDATE names SET name = name || 'x'",
        "DELETE FROM names",
        "UPDATE devices SET about = '{}'",
        "UPDATE entries SET why = ''",
        "DELETE FROM entries",
        "UPDATE statements SET text = ''",
        "DELETE FROM statements",
        "DELETE FROM rereadings",
        "UPDATE meter_sets SET meters = '[\"scan\"]'",
        "REPLACE INTO meter_sets SELECT id, '[\"scan\"]' FROM meter_sets",
    ],
)
async def test_history_cannot_be_rewritten_by_sql(ledger_path: Path, change: str) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    state, read = await ledger.state(HERE), record(1).reading
    assert read is not None
    again = Amendment(state, T0 + timedelta(days=1), state.track, rereadings=(Reread("e", read),))
    await ledger.amend([entry()], [again])
    await ledger.seal(sealed(statement_of()))
    await ledger.close()
    with raw(ledger_path) as shell, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        shell.execute(change)
    with raw(ledger_path) as shell:
        assert shell.execute("SELECT counts, meters FROM reading_list").fetchall() == [
            ("[1003]", '["total"]')
        ]


async def test_the_file_can_be_read_with_the_shell(ledger_path: Path) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.record_cycle(Cycle(T0, 1, 0, 0, 1.0, 0.0))
    await ledger.close()
    with raw(ledger_path) as shell:
        usages = shell.execute("SELECT * FROM usage_list").fetchall()
        keys = shell.execute('SELECT kind, "key" FROM log_list ORDER BY seq').fetchall()
    device = "serial:3G12345678"
    times = ("2026-11-02 00:00:00", "2026-11-02 00:01:00")
    assert usages == [(HERE, device, "total", 1, *times, 1000, 3, "measured", None, None)]
    seconds = int(T0.timestamp())
    assert keys == [("reading", f"{HERE}|{seconds + 60}"), ("cycle", seconds)]
