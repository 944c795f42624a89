"""Every ledger there is: in memory, the SQLite file, a site of a PostgreSQL database."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.ports import Ledger
from tests.contract.ledger_cases import Opened
from tests.fakes.ledger import FakeLedger
from tests.servers.fixtures import centre_database, postgres_server

__all__ = ["centre_database", "postgres_server"]

_SITES = itertools.count(1)
_POSTGRES = pytest.param("postgres", marks=pytest.mark.integration)


@pytest.fixture(params=["memory", "sqlite", _POSTGRES])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Awaitable[Ledger]]:
    """How the ledger of this test is opened, and opened again."""
    if request.param == "memory":
        fake = FakeLedger()

        async def opening() -> Ledger:
            return fake.reopen()
    elif request.param == "sqlite":
        path = tmp_path / "ledger" / "ledger.db"

        async def opening() -> Ledger:
            return await SqliteLedger.open(path)
    else:
        url: str = request.getfixturevalue("centre_database")
        site = f"site-{next(_SITES)}"

        async def opening() -> Ledger:
            return await PostgresLedger.open(url, site, made=True)

    return opening


@pytest.fixture
async def opened(again: Callable[[], Awaitable[Ledger]]) -> AsyncIterator[Opened]:
    one = Opened(await again(), again)
    yield one
    await one.ledger.close()


@pytest.fixture
def ledger(opened: Opened) -> Ledger:
    return opened.ledger
