"""`doctor` and `status` beside the running daemon, and beside one that was killed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command, daemon, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

SINK = '\n[influx]\nurl = "http://127.0.0.1:9"\n'


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


def office(folder: Path, machines: Copiers, serial: str = "S1", more: str = "") -> Path:
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", serial, Printed(900)))
    return write_office(folder, [Spot("hall", port)], more)


def told(config: Path) -> tuple[Ended, dict[str, Any]]:
    """Return what `doctor` ended with, and its worst line on each thing that it looks at."""
    ended = command("doctor", "--json", "--config", config)
    worst: dict[str, Any] = {}
    for one in ended.json:
        at = worst.setdefault(one["check"], one)
        if ["ok", "notice", "problem"].index(one["verdict"]) > ["ok", "notice", "problem"].index(
            at["verdict"]
        ):
            worst[one["check"]] = one
    return ended, worst


def test_a_service_that_is_well_leaves_nothing_to_do(tmp_path: Path, machines: Copiers) -> None:
    config = office(tmp_path, machines)
    with daemon(config):
        until(lambda: status(config)["last_round"], "a round")
        ended, lines = told(config)

    assert ended.code == 0, ended.out
    assert lines.keys() == {
        *("configuration", "permissions", "disk", "clock", "names", "ledger", "service"),
        *("sinks", "machines", "questions", "closing"),
    }
    assert all(one["next"] is None for one in lines.values() if one["verdict"] == "ok")


def test_a_service_that_was_killed_is_known_at_once(tmp_path: Path, machines: Copiers) -> None:
    config = office(tmp_path, machines)
    with daemon(config) as running:
        until(lambda: status(config)["last_round"], "a round")
        assert status(config)["running"] is True
        running.kill()

        after = command("status", "--config", config)
        ended, lines = told(config)

    assert after.code == 1
    assert "サービスは動いていません（最後の巡回: " in after.err
    assert "起動: sudo systemctl start copier-fleet" in after.err
    assert status(config)["running"] is False
    assert ended.code == 1
    assert lines["service"]["next"] == "sudo systemctl start copier-fleet"
    assert lines["machines"]["verdict"] == "notice"


def test_machines_that_are_silent_or_weakly_known_are_named(
    tmp_path: Path, machines: Copiers
) -> None:
    config = office(tmp_path, machines, serial="")
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text("utf-8")
    gone = text[text.index("[[place]]") :].replace('"hall"', '"gone"').replace("127.0.0.1", "::1")
    fleet.write_text(text + gone, encoding="utf-8")
    with daemon(config):
        until(lambda: books.readings(config.with_name("ledger.sqlite3"), "hall"), "a reading")
        command_lines = [one for one in told(config)[0].json if one["check"] == "machines"]

    verdicts = {one["verdict"]: one for one in command_lines}
    assert "gone" in verdicts["problem"]["result"]
    assert verdicts["problem"]["next"] == f"copier-fleet poll gone --config {config}"
    assert "hall" in verdicts["notice"]["result"]


def test_what_is_wrong_around_it_is_told_with_the_line_to_type(tmp_path: Path) -> None:
    past = fill(tmp_path / "ledger.sqlite3", Stood("1f", "AAAA1111", 30_000))
    config = write_office(tmp_path, [Spot("1f", 9)], SINK)
    fleet = config.with_name("fleet.toml")
    named = fleet.read_text("utf-8").replace("127.0.0.1", "copier.invalid")
    fleet.write_text(named, encoding="utf-8")
    config.parent.chmod(0o777)

    ended, lines = told(config)

    assert ended.code == 1
    assert lines["names"]["next"] == "getent ahosts copier.invalid"
    assert lines["permissions"]["next"] == f"sudo chmod o-w {tmp_path}"
    assert lines["influx"]["verdict"] == "problem"
    assert lines["closing"]["next"].startswith(f"copier-fleet close {past.older.name} --config")
    assert lines["ledger"]["verdict"] == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_not_the_services_is_given_back(tmp_path: Path) -> None:
    ledger = tmp_path / "state" / "ledger.sqlite3"
    fill(ledger, Stood("1f", "AAAA1111", 30_000))
    config = write_office(tmp_path, [Spot("1f", 9)])
    stated = config.read_text("utf-8").replace('"ledger.sqlite3"', f'"{ledger}"')
    config.write_text(stated, encoding="utf-8")
    os.chown(ledger.parent, 61_001, 61_001)

    _, lines = told(config)

    assert lines["permissions"]["verdict"] == "problem"
    assert lines["permissions"]["next"] == f"sudo chown -R 61001:61001 {ledger.parent}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_typed_leaves_no_file_that_the_service_cannot_write(tmp_path: Path) -> None:
    ledger = tmp_path / "state" / "ledger.sqlite3"
    ledger.parent.mkdir()
    os.chown(ledger.parent, 61_001, 61_001)

    fill(ledger, Stood("1f", "AAAA1111", 30_000))

    assert {one.stat().st_uid for one in ledger.parent.iterdir()} == {61_001}
    assert {one.name for one in ledger.parent.iterdir()} >= {"ledger.sqlite3"}


def test_a_damaged_ledger_and_a_missing_one_are_told_as_such(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    fill(ledger, Stood("1f", "AAAA1111", 30_000))
    config = write_office(tmp_path, [Spot("1f", 9)])
    with closing(sqlite3.connect(ledger)) as shell:
        shell.execute("UPDATE days SET pages = '{\"total\": 1}'")
        shell.commit()

    damaged, lines = told(config)
    ledger.unlink()
    missing, without = told(config)

    assert damaged.code == missing.code == 1
    assert lines["ledger"]["verdict"] == "problem"
    assert "restore" in lines["ledger"]["result"]
    assert without["ledger"]["verdict"] == "ok"
    assert without["service"]["verdict"] == "problem"
