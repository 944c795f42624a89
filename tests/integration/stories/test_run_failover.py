"""A centre loses its PostgreSQL under load; what it acknowledged is at the standby."""

import asyncio
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.app.centre.agreement import CentreStanding
from collector.errors import StoreUnavailable
from tests.contract.centre_cases import batch, found
from tests.servers.postgres import PostgresServer, postgres, standby_of
from tests.sites.failover import Plan, failed_over
from tests.stories.waiting import until

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("silent", [False, True], ids=["killed", "silent"])
def test_what_was_acknowledged_is_at_the_standby(tmp_path: Path, silent: bool) -> None:
    done = failed_over(Plan(sites=2, seconds=4, silent=silent), tmp_path)
    assert done.is_right, done


async def test_a_standby_is_passed_over_and_alone_is_waited_for() -> None:
    with postgres(durable=True) as first, standby_of(first) as second:
        both = first.url().replace("127.0.0.1", f"127.0.0.1:{second.port},127.0.0.1")
        centre = await PostgresCentre.open(both, SiteIntake())
        await centre.add("hall")
        await centre.close()
        alone = PostgresCentre(second.url(), SiteIntake())
        with pytest.raises(StoreUnavailable):
            await alone.standing("hall")
        await alone.close()


async def test_nothing_is_answered_that_the_standby_lacks() -> None:
    """A COMMIT given up while the standby is away is seen at once: it must not be vouched for."""
    with postgres(durable=True) as first, standby_of(first) as second:
        centre = await PostgresCentre.open(first.url(), SiteIntake())
        await centre.add("hall")
        second.process.stop()
        one = batch(CentreStanding(), "a", ledger="hall")
        await _cut_off(first, one.last, one.digest)
        hurried = PostgresCentre(first.url(), SiteIntake())
        hurried.patience_s = 2.0
        with pytest.raises(StoreUnavailable):
            await hurried.standing("hall")
        with pytest.raises(StoreUnavailable):
            await hurried.take("hall", one, [found("a")])
        await hurried.close()
        second.process.start()
        assert (await centre.standing("hall")).seq == one.last
        await centre.close()


async def _cut_off(server: PostgresServer, seq: int, digest: str) -> None:
    """Move the standing of `hall` by a COMMIT that gives up waiting for the standby."""
    connection = await asyncpg.connect(server.url())
    move = "UPDATE centre.sites SET ledger = 'hall', seq = $1, digest = $2 WHERE name = 'hall'"
    waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    async with asyncio.TaskGroup() as group:
        group.create_task(connection.execute(move, seq, digest))
        count = partial(server.run, f"SELECT count(*) {waiting}")
        await asyncio.to_thread(until, lambda: count() == "1", "a COMMIT waits for the standby")
        await asyncio.to_thread(server.run, f"SELECT pg_cancel_backend(pid) {waiting}")
    await connection.close()
