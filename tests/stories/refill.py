"""An office whose database may lose what it had, for stories of refilling it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.influx import InfluxServer, QueryFailedError, influxd
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon
from tests.stories.waiting import until

DATABASE = "story"


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[InfluxServer]:
    folder = tmp_path / "influx"
    folder.mkdir()
    with influxd(folder) as running:
        yield running


def office(folder: Path, machines: Copiers, more: str) -> Path:
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    return write_office(folder / "office", [Spot("hall", port)], more)


def influx_section(server: InfluxServer) -> str:
    return f'\n[influx]\nurl = "{server.url}"\ndatabase = "{DATABASE}"\n'


def ask(server: InfluxServer, text: str) -> list[dict[str, object]]:
    """Return the rows of a query; none while there is no database."""
    try:
        return server.query(text, DATABASE)
    except QueryFailedError:
        return []


def totals(server: InfluxServer) -> set[object]:
    return {row["total"] for row in ask(server, "SELECT total FROM copier")}


def day_pages(server: InfluxServer) -> object:
    rows = ask(server, "SELECT sum(total) FROM copier_day")
    return rows[0]["sum"] if rows else None


def emptied(ledger: Path) -> list[str]:
    return [text for code, _, text in books.findings(ledger) if code == "sink_emptied"]


def mark_was_read(ledger: Path) -> bool:
    rows = books.ask(ledger, "SELECT text FROM notes WHERE key LIKE 'marked|%'")
    return bool(rows) and json.loads(rows[0][0])["was_read"]


def looked_for(running: RunningDaemon, ledger: Path) -> None:
    """Have it looked for the mark, until it was once read."""
    running.hang_up()
    until(lambda: mark_was_read(ledger), "the mark is read back")
