"""A centre's database is dumped and restored by PostgreSQL's own programs, and sites go on."""

import subprocess
from pathlib import Path

import pytest

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.app.centre.agreement import CentreStanding
from collector.demo.postgres import program
from tests.contract.centre_cases import batch, found
from tests.servers.postgres import postgres
from tests.surroundings import environment

pytestmark = pytest.mark.integration


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment(), check=False, capture_output=True, text=True)


async def test_a_dump_by_the_superuser_comes_back_whole_and_its_owner_can_make_none(
    tmp_path: Path,
) -> None:
    with postgres() as server:
        server.run("CREATE ROLE owner LOGIN")
        for name in ("lost", "again"):
            server.run(f'CREATE DATABASE "{name}" OWNER owner')
        centre = await PostgresCentre.open(server.url("lost", "owner"), SiteIntake())
        token = await centre.add("hall")
        one = batch(CentreStanding(), "a", ledger="hall")
        stands = await centre.take("hall", one, [found("a")])
        await centre.close()

        # Rows are confined to one site (confine.sql): a dump that lacks some is refused, not made.
        dump = str(tmp_path / "centre.dump")
        told = run(program("pg_dump"), "-Fc", "-f", dump, server.url("lost", "owner"))
        assert told.returncode == 1
        assert "row-level security" in told.stderr
        told = run(program("pg_dump"), "-Fc", "-f", dump, server.url("lost"))
        assert told.returncode == 0, told.stderr
        server.run('DROP DATABASE "lost"')
        told = run(program("pg_restore"), "-d", server.url("again"), dump)
        assert told.returncode == 0, told.stderr

        centre = await PostgresCentre.open(server.url("again", "owner"), SiteIntake())
        assert (await centre.who(token)).site == "hall"
        assert await centre.standing("hall") == stands
        more = batch(stands, "b", ledger="hall")
        assert (await centre.take("hall", more, [found("b")])).seq == more.last
        await centre.close()
        assert server.run("SELECT subject FROM ledger.findings ORDER BY 1", "again") == "a\nb"
