"""`check` and `demo` on an InfluxDB: by the collector's account, and by that of Grafana."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from collector.adapters.influx import InfluxTarget, open_influx
from collector.cli.output import Exit
from tests.fakes.rows import copier_row
from tests.servers.influx import influxd
from tests.servers.influx2 import Influx2, Token, influx2
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, process

pytestmark = pytest.mark.integration

OURS = frozenset({"copier_fleet"})
TOKENS = {
    "writes": Token(writes=OURS),
    "reads": Token(reads=OURS),
    "off": Token(reads=OURS, is_active=False),
}


@pytest.fixture
async def server() -> AsyncIterator[Influx2]:
    """An InfluxDB 2.x with an empty bucket."""
    async with influx2(Influx2(tokens=TOKENS, buckets={"copier_fleet": []})) as running:
        yield running


def configured(folder: Path, section: str) -> Path:
    return write_office(folder / "office", [Spot("hall", 9)], f"\n[influx]\n{section}", "en")


def by(user: str, password: str) -> Mapping[str, str]:
    return {"COPIER_FLEET_INFLUX_USER": user, "COPIER_FLEET_INFLUX_PASSWORD": password}


async def demo(server: Influx2, folder: Path) -> Ended:
    asked = ("--influx", server.url, "--influx-org", "hall", "--months", "1", "--lang", "en")
    token = {"COPIER_FLEET__INFLUX__TOKEN": "writes"}
    return await asyncio.to_thread(process, "demo", *asked, "--folder", folder, env=token)


async def check(config: Path, environ: Mapping[str, str]) -> Ended:
    return await asyncio.to_thread(process, "check", "--reader", "--config", config, env=environ)


async def test_the_demo_writes_to_an_organisation_and_its_reader_is_checked(
    server: Influx2, tmp_path: Path
) -> None:
    shown = await demo(server, tmp_path)
    assert shown.code == Exit.OK, shown.err
    secret = tmp_path / "secrets" / "influx__token"
    assert (secret.read_text("utf-8"), secret.stat().st_mode & 0o077) == ("writes", 0)
    assert "writes" not in (tmp_path / "collector.toml").read_text("utf-8")
    assert any(line.startswith("department_month,") for line in server.buckets["copier_fleet"])

    config = tmp_path / "collector.toml"
    read = await check(config, by("grafana", "reads"))
    assert "user grafana reads database copier_fleet" in " ".join(read.out.split())
    for blind in ("writes", "off"):
        found = await check(config, by("grafana", blind))
        told = " ".join(found.out.split())
        assert found.code == Exit.FINDINGS
        assert "it has no right to read" in told
        assert "influx bucket list --name copier_fleet" in told
        assert "influx auth create --org hall --read-bucket ID" in told
    unknown = await check(config, by("grafana", "nobody"))
    assert "check user and password of Grafana" in " ".join(unknown.out.split())


async def test_before_the_first_write_nothing_can_be_told(server: Influx2, tmp_path: Path) -> None:
    section = f'url = "{server.url}"\norg = "hall"\ntoken = "writes"\n'
    found = await check(configured(tmp_path, section), by("grafana", "reads"))
    assert found.code == Exit.OK, found.out
    assert "nothing was written yet" in " ".join(found.out.split())


async def test_without_its_name_the_reader_is_asked_for(server: Influx2, tmp_path: Path) -> None:
    section = f'url = "{server.url}"\norg = "hall"\ntoken = "writes"\n'
    found = await check(configured(tmp_path, section), {})
    assert found.code == Exit.FINDINGS
    told = " ".join(found.out.split())
    assert "COPIER_FLEET_INFLUX_USER" in told
    assert "/etc/default/grafana-server" in told


async def test_a_reader_of_1_x_without_a_grant_is_told_the_statement(tmp_path: Path) -> None:
    admin = ("admin", "secret")
    folder = tmp_path / "influxd"
    folder.mkdir()
    with influxd(folder, login=admin) as server:
        sink = open_influx(InfluxTarget(server.url, username=admin[0], password=admin[1]))
        await sink.send([copier_row("p1", 5)])
        await sink.close()
        server.query("CREATE USER grafana WITH PASSWORD 'pass'")
        section = f'url = "{server.url}"\nusername = "admin"\npassword = "secret"\n'
        config = configured(tmp_path, section)
        blind = await check(config, by("grafana", "pass"))
        assert blind.code == Exit.FINDINGS
        assert 'GRANT READ ON "copier_fleet" TO "grafana"' in " ".join(blind.out.split())
        wrong = await check(config, by("grafana", "other"))
        assert "check user and password of Grafana" in " ".join(wrong.out.split())
        server.query('GRANT READ ON "copier_fleet" TO "grafana"')
        assert "grafana reads database" in " ".join(
            (await check(config, by("grafana", "pass"))).out.split()
        )
