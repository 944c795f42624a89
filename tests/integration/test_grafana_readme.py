"""Every command of grafana/README.md, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.grafana.shipped import ROOT, yaml_file
from tests.servers.influx import InfluxServer, influxd, query, request
from tests.surroundings import environment

pytestmark = pytest.mark.integration

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
READ_ONLY = ("grafana", "CHANGEME")
FLEET = """
[[department]]
id = "soumu"
name = "総務課"
[[place]]
id = "2f"
name = "2階 複写室"
address = "192.0.2.1"
"""


def block(part: str) -> str:
    """Return the one block of commands with `part` in it."""
    (found,) = (one for one in BLOCKS if part in one)
    return found


def run(
    commands: str, folder: Path, server: InfluxServer | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `commands` with the machine's folders below `folder`, and no service to restart."""
    for root in ("/etc/copier-fleet", "/etc/grafana", "/etc/default", "/var/lib/grafana"):
        commands = commands.replace(f" {root}", f" {folder}{root}")
    if server is not None:
        commands = commands.replace("http://localhost:8086", server.url)
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    stubs = {
        "systemctl": 'echo "$@" >> systemctl.calls',
        "influx": 'case "$1" in bucket) echo \'[{"id": "0a1b", "name": "copier_fleet"}]\';;\n'
        '*) printf "%s\\n" "$@" > influx.call;; esac; echo "$@" >> influx.calls',
    }
    for name, what in stubs.items():
        (tools / name).write_text(f"#!/bin/sh\n{what}\n")
        (tools / name).chmod(0o755)
    usual = environment()["PATH"]
    path = f"{tools}:{Path(sys.executable).parent}:{usual}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=environment({"PATH": path}),
        check=False,
        capture_output=True,
        text=True,
    )


def built(folder: Path) -> None:
    config = folder / "etc/copier-fleet"
    config.mkdir(parents=True)
    (config / "fleet.toml").write_text(FLEET)
    (config / "collector.toml").write_text('[influx]\nurl = "http://db.example.jp:8086"\n')
    made = run(block("dashboards build"), folder)
    assert made.returncode == 0, made.stderr


def test_every_block_is_run_here() -> None:
    parts = (
        *("dashboards build", "CREATE USER", "--write-bucket", "--read-bucket"),
        *("provisioning/*", "check --reader", "sed -i"),
    )

    assert sorted(BLOCKS) == sorted(map(block, parts))


def test_the_reader_of_influxdb_may_read_one_database_and_nothing_else(tmp_path: Path) -> None:
    with influxd(tmp_path, login=("admin", "ADMINPASSWORD")) as server:
        for database in ("copier_fleet", "salaries"):
            server.query(f'CREATE DATABASE "{database}"')
            line = b"collector,site=hall polled=1i"
            path = f"/write?db={database}&u=admin&p=ADMINPASSWORD"
            status, _ = request(server.url, "POST", path, line)
            assert status == 204

        ran = run(block("CREATE USER"), tmp_path, server)

        assert ran.returncode == 0, ran.stderr
        assert '"collector"' in ran.stdout
        mine = query(server.url, "copier_fleet", 'SELECT * FROM "collector"', login=READ_ONLY)
        assert [row["polled"] for row in mine] == [1]
        with pytest.raises(AssertionError):
            query(server.url, "salaries", 'SELECT * FROM "collector"', login=READ_ONLY)
        path = "/write?db=copier_fleet&u=grafana&p=CHANGEME"
        status, _ = request(server.url, "POST", path, b"x y=1")
        assert status == 403
        with pytest.raises(AssertionError):
            query(server.url, "copier_fleet", 'DROP MEASUREMENT "collector"', login=READ_ONLY)


@pytest.mark.parametrize("right", ["--read-bucket", "--write-bucket"])
def test_a_token_of_influxdb_2_has_one_right_on_one_bucket(tmp_path: Path, right: str) -> None:
    """As shell only: no InfluxDB 2.x is at hand."""
    ran = run(block(right), tmp_path)

    assert ran.returncode == 0, ran.stderr
    call = (tmp_path / "influx.call").read_text().splitlines()
    assert call[call.index(right) + 1] == "0a1b"
    rights = [one for one in call if one.startswith(("--read", "--write", "--all", "--operator"))]
    assert rights == [right]


def test_a_bucket_of_influxdb_2_keeps_all_months_that_charts_show(tmp_path: Path) -> None:
    assert run(block("--write-bucket"), tmp_path).returncode == 0
    org, bucket, *_ = (tmp_path / "influx.calls").read_text().splitlines()
    assert org == "org create --name ORG"
    assert bucket == "bucket create --org ORG --name copier_fleet --retention 0"


def test_the_reader_is_read_by_as_grafana_does(tmp_path: Path) -> None:
    with influxd(tmp_path, login=("admin", "ADMINPASSWORD")) as server:
        server.query("CREATE DATABASE copier_fleet")
        path = "/write?db=copier_fleet&u=admin&p=ADMINPASSWORD"
        assert request(server.url, "POST", path, b"collector,site=hall polled=1i")[0] == 204
        assert run(block("CREATE USER"), tmp_path, server).returncode == 0
        config = tmp_path / "etc/copier-fleet"
        config.mkdir(parents=True)
        (config / "fleet.toml").write_text(FLEET)
        login = 'username = "admin"\npassword = "ADMINPASSWORD"\n'
        section = f'[influx]\nurl = "{server.url}"\n{login}'
        ledger = f'[ledger]\npath = "{tmp_path}/ledger.sqlite3"\n'
        (config / "collector.toml").write_text(ledger + section)
        (tmp_path / "etc/default").mkdir()
        (tmp_path / "etc/default/grafana-server").write_text(
            "COPIER_FLEET_INFLUX_USER=grafana\nCOPIER_FLEET_INFLUX_PASSWORD=CHANGEME\n"
        )

        ran = run(block("check --reader"), tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert "利用者 grafana はデータベース copier_fleet を読めます" in ran.stdout


def test_the_files_come_to_where_grafana_looks(tmp_path: Path) -> None:
    built(tmp_path)
    (tmp_path / "etc/default").mkdir(parents=True)

    ran = run(block("provisioning/*"), tmp_path)

    assert ran.returncode == 0, ran.stderr
    there = tmp_path / "etc/grafana/provisioning"
    assert {path.name for path in there.iterdir()} == {"dashboards", "datasources"}
    assert not (there / "alerting").exists(), "nothing alerts yet"
    providers = yaml_file(there / "dashboards/copier-fleet.yaml")["providers"]
    for one in providers:
        pages = Path(f"{tmp_path}{one['options']['path']}")
        assert len([*pages.glob("*.json")]) == 6
    (source,) = yaml_file(there / "datasources/copier-fleet.yaml")["datasources"]
    said = (tmp_path / "etc/default/grafana-server").read_text()
    assert f"{source['user'].strip('$')}=grafana\n" in said
    assert f"{source['secureJsonData']['password'].strip('$')}=CHANGEME\n" in said
    assert (tmp_path / "systemctl.calls").read_text() == "restart grafana-server\n"


def test_rules_and_policy_are_installed_together(tmp_path: Path) -> None:
    built(tmp_path)

    ran = run(block("sed -i"), tmp_path)

    assert ran.returncode == 0, ran.stderr
    there = tmp_path / "etc/grafana/provisioning/alerting"
    assert {path.name for path in there.iterdir()} == {
        "copier-fleet.yaml",
        "notification-policy.yaml",
    }
    contacts = yaml_file(there / "notification-policy.yaml")["contactPoints"]
    addresses = [one["receivers"][0]["settings"]["addresses"] for one in contacts]
    assert addresses == ["YOUR-MANAGERS", "YOUR-IT-STAFF"]
