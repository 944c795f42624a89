"""In the centre's database a site reaches its own rows alone, whatever the program does."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.intake import SiteIntake, apply
from collector.app.centre.agreement import CentreStanding
from tests.contract.centre_cases import batch, found
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.integration


@pytest.fixture
async def database(postgres_server: PostgresServer) -> str:
    """Give an empty database of a user who is no superuser: those are held by nothing."""
    url = await asyncio.to_thread(postgres_server.new_database)
    name = url.rpartition("/")[2]
    for statement in (
        f"CREATE ROLE plain_{name} LOGIN",
        f"ALTER DATABASE {name} OWNER TO plain_{name}",
    ):
        await asyncio.to_thread(postgres_server.run, statement)
    return postgres_server.url(name, f"plain_{name}")


@pytest.fixture
async def centre(database: str) -> AsyncIterator[PostgresCentre]:
    one = await PostgresCentre.open(database, SiteIntake())
    for site, name in (("hall", "a"), ("school", "b")):
        await one.add(site)
        await one.take(site, batch(CentreStanding(), name), [found(name)])
    yield one
    await one.close()


async def subjects(database: str, site: str) -> list[str]:
    ledger = await PostgresLedger.open(database, site)
    try:
        return [one.subject for one in await ledger.findings()]
    finally:
        await ledger.close()


@pytest.mark.usefixtures("centre")
async def test_each_site_has_what_it_told_and_who_speaks_for_none_sees_all(database: str) -> None:
    assert await subjects(database, "hall") == ["a"]
    assert await subjects(database, "school") == ["b"]


@pytest.mark.usefixtures("centre")
async def test_who_speaks_for_one_site_reads_and_writes_nothing_of_another(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        number = await connection.fetchval("SELECT site FROM ledger.sites WHERE name = 'school'")
        async with connection.transaction():
            await connection.execute("SELECT set_config('copier_fleet.site', 'hall', true)")
            assert await connection.fetchval("SELECT count(*) FROM ledger.findings") == 1
            assert await connection.fetchval("SELECT count(*) FROM ledger.sites") == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(
                        "INSERT INTO ledger.cursors (site, sink, seq) VALUES ($1, 'x', 1)", number
                    )
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await apply(connection, "school", [found("c")])
        assert await connection.fetchval("SELECT count(*) FROM ledger.findings") == 2
    finally:
        await connection.close()


async def test_a_second_start_makes_nothing_twice(database: str, centre: PostgresCentre) -> None:
    await centre.migrate()
    again = await PostgresCentre.open(database, SiteIntake())
    await again.close()
    standing = await centre.standing("hall")
    assert (await centre.take("hall", batch(standing, "c"), [found("c")])).seq == 2
    assert await subjects(database, "hall") == ["a", "c"]


async def test_as_many_processes_as_wanted_take_a_batch_once(
    database: str, centre: PostgresCentre
) -> None:
    """Each has its own connections; which of them is asked is the balancer's choice."""
    other = await PostgresCentre.open(database, SiteIntake())
    try:
        standing = await centre.standing("hall")
        for round_ in range(5):
            one = batch(standing, f"x{round_}")
            facts = [found(f"x{round_}")]
            async with asyncio.TaskGroup() as group:
                answers = [
                    group.create_task(store.take("hall", one, facts))
                    for store in (centre, other, centre, other)
                ]
            (standing,) = {answer.result() for answer in answers}
        assert standing.seq == 6
    finally:
        await other.close()
    (hall, _) = await centre.sites()
    assert hall.facts == 6, "each fact was counted in once"


async def test_every_table_of_a_site_is_confined(database: str, centre: PostgresCentre) -> None:
    del centre
    connection = await asyncpg.connect(database)
    try:
        open_ones = await connection.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site'"
            " WHERE n.nspname = 'ledger' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
    finally:
        await connection.close()
    assert open_ones == []


async def test_a_person_lets_a_site_begin_anew_and_the_rest_stays(
    database: str, centre: PostgresCentre
) -> None:
    assert await centre.accept("hall") == 2
    await centre.take("hall", batch(await centre.standing("hall"), "c", ledger="two"), [found("c")])
    assert await subjects(database, "hall") == ["c"]
    assert await subjects(database, "hall#1") == ["a"]
    assert await centre.accept("nobody") is None
    assert await centre.revoke("nobody") is None
    (hall, school) = await centre.sites()
    assert (hall.generation, hall.facts, school.generation) == (2, 1, 1)
