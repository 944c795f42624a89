"""The service looks at paper that was bought months ago, and tells once where it is odd."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.counting.entries import Entry, PaperPurchase, PaperSize, StockCount
from collector.domain.office.fleet_facts import Signature
from tests.servers.fixtures import InfluxDatabase
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon, meters_of, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

SIGNED = Signature("佐藤", "四半期の照合", datetime(2026, 9, 1, tzinfo=UTC))
ENTERED = (
    *(PaperPurchase(None, date(2025, n, 7), PaperSize.A4, 60_000, SIGNED) for n in (4, 5, 6)),
    *(
        StockCount(None, day, PaperSize.A4, 0, SIGNED)
        for day in (date(2025, 3, 31), date(2025, 6, 30))
    ),
)
FACTORS = '[[duplex]]\nfrom = 2024-04-01\nsource = "実測"\nduplex_percent = 50\nplus_minus = 10\n'


async def entered(ledger: Path, entries: Sequence[Entry]) -> None:
    opened = await SqliteLedger.open(ledger, beside=True)
    try:
        await opened.amend(entries, [])
    finally:
        await opened.close()


def told(config: Path) -> list[dict[str, Any]]:
    found = json.loads(command("findings", "--json", "--config", config).out)
    return [one for one in found if one["code"] == "paper_unexplained"]


def looked_at(config: Path) -> object:
    """Return what the service noted of its last look."""
    file = f"file:{config.with_name('ledger.sqlite3')}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as ledger:
        return ledger.execute("SELECT * FROM notes WHERE key = 'paper-looked'").fetchone()


def test_the_service_tells_once_of_paper_that_nobody_counted(tmp_path: Path) -> None:
    with copiers() as machines:
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(9000)))
        more = '\n[factors]\nfile = "factors.toml"\n'
        folder = tmp_path / "office"
        folder.mkdir()
        (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
        config = write_office(folder, [Spot("hall", port)], more)
        with daemon(config) as running:
            until(lambda: meters_of(status(config)["places"])["hall"], "a reading")
            assert running.terminate() == 0, running.text
        sheet = folder / "old.csv"
        rows = "".join(f"hall,2025-0{month},9000\n" for month in (4, 5, 6))
        sheet.write_text(f"設置場所,年月,使用枚数\n{rows}", encoding="utf-8")
        taken = command("history", "import", sheet, "--apply", "--why", "前年", "--config", config)
        assert taken.code == 0, taken.err
        asyncio.run(entered(folder / "ledger.sqlite3", ENTERED))

        with daemon(config) as running:
            (one,) = until(lambda: told(config), "a finding about paper")
            before = until(lambda: looked_at(config), "a note of the look")
            assert running.terminate() == 0, running.text
        assert one["evidence"]["period"] == "2025-Q1"
        assert one["evidence"]["unexplained"] == 3 * 60_000 - 3 * 9000 * 3 // 4
        settings = config.read_text(encoding="utf-8")
        config.write_text(f"{settings}\n[paper]\nunexplained_pct = 30\n", encoding="utf-8")
        with daemon(config):
            until(lambda: looked_at(config) != before, "another look, by another share")
        assert told(config) == [one]
    explained = command("explain", one["id"], "--config", config)
    assert "用紙購入と枚数の不一致" in explained.out


def quarters(database: InfluxDatabase) -> dict[str, tuple[object, object]]:
    """Return buyer -> what the running quarter's row says was bought, and whether that is known."""
    rows = database.query('SELECT * FROM "paper_quarter"')
    return {str(row["department"]): (row["bought"], row["bought_known"]) for row in rows}


def test_a_purchase_by_command_reaches_the_database_and_so_does_its_withdrawal(
    tmp_path: Path, influx_database: InfluxDatabase
) -> None:
    with copiers() as machines:
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(9000)))
        more = f'\n[influx]\nurl = "{influx_database.url}"\ndatabase = "{influx_database.name}"\n'
        config = write_office(tmp_path, [Spot("hall", port)], more)
        about = ("--day", f"{SystemClock().now():%Y-%m-%d}", "--size", "A4", "-d", "soumu")
        signed = ("--by", "佐藤", "--why", "納品")
        with daemon(config) as running:
            until(lambda: meters_of(status(config)["places"])["hall"], "a reading")
            until(lambda: influx_database.query('SELECT * FROM "copier"'), "rows")
            assert quarters(influx_database) == {}, "no paper was entered"
            bought = command("paper", "--config", config, "add", *about, "--sheets", 5000, *signed)
            assert bought.code == 0, bought.err
            wanted = {"whole_office": (5000, True), "soumu": (5000, True)}
            until(lambda: quarters(influx_database) == wanted, "the purchase")
            (entry,) = json.loads(command("entries", "--json", "--config", config).out)
            command("entries", "--config", config, "withdraw", entry["id"], *signed)
            gone = {"whole_office": (0, False), "soumu": (0, False)}
            until(lambda: quarters(influx_database) == gone, "taken back")
            assert running.terminate() == 0, running.text
