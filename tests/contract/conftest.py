"""Every ledger there is: the one in memory and the SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.ports import Ledger
from tests.contract.ledger_cases import Opened
from tests.fakes.ledger import FakeLedger


@pytest.fixture(params=["memory", "sqlite"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    if request.param == "memory":
        fake = FakeLedger()

        async def again() -> Ledger:
            return fake.reopen()
    else:
        path = tmp_path / "ledger" / "ledger.db"

        async def again() -> Ledger:
            return await SqliteLedger.open(path)

    one = Opened(await again(), again)
    yield one
    await one.ledger.close()


@pytest.fixture
def ledger(opened: Opened) -> Ledger:
    return opened.ledger
