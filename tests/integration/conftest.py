"""Real servers for integration tests, started when the first test asks for them, and a ledger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from tests.servers.fixtures import (
    broker,
    centre_database,
    certificates,
    influx_database,
    influx_server,
    postgres_server,
    secure_broker,
    victoria,
)

__all__ = [
    "broker",
    "centre_database",
    "certificates",
    "influx_database",
    "influx_server",
    "postgres_server",
    "secure_broker",
    "victoria",
]


@pytest.fixture
def ledger_path(tmp_path: Path) -> Path:
    """Where a ledger may be made; neither the file nor its folder is there yet."""
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
async def ledger(ledger_path: Path) -> AsyncIterator[SqliteLedger]:
    """An empty ledger at `ledger_path`, closed afterwards."""
    one = await SqliteLedger.open(ledger_path)
    yield one
    await one.close()
