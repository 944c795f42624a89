"""PostgreSQL as the tests start it: it never runs as root, and comes back after a power cut."""

import asyncpg
import pytest

from tests.servers.postgres import PostgresServer, postgres

pytestmark = pytest.mark.integration


def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    one, other = postgres_server.new_database(), postgres_server.new_database()
    assert one != other
    assert postgres_server.run("SHOW server_version_num") >= "150000"


async def test_what_was_committed_is_there_after_a_power_cut() -> None:
    with postgres(durable=True) as server:
        url = server.new_database()
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (one INT)")
        await connection.execute("INSERT INTO kept VALUES (7)")
        server.kill()
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT one FROM kept")
        server.process.start()
        again = await asyncpg.connect(url)
        assert await again.fetchval("SELECT one FROM kept") == 7
        await again.close()
