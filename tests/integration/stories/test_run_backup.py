"""Copies of the ledger, made while the daemon runs and put back when something went wrong."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite.copies import kept_of
from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.moody import moody_influx
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


def office(folder: Path, machines: Copiers, more: str = "") -> tuple[Path, Path]:
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    config = write_office(folder, [Spot("hall", port)], more)
    return config, config.with_name("ledger.sqlite3")


def test_a_copy_is_made_while_it_runs_and_put_back_when_it_is_stopped(
    tmp_path: Path, machines: Copiers
) -> None:
    with moody_influx([]) as moody:
        config, ledger = office(tmp_path, machines, f'\n[influx]\nurl = "{moody.url}"\n')
        options, folder = ("--config", str(config)), tmp_path / "backups"
        with daemon(config) as running:
            machines.print("hall", 25)
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.print("hall", 10)
            until(lambda: books.printed(ledger, "hall") == 10, "counted")
            made = command("backup", folder, *options)
            copy = Path(made.out.strip())
            machines.print("hall", 7)
            until(lambda: books.printed(ledger, "hall") == 17, "counted on")
            before = ledger.stat().st_ino
            refused = command("restore", copy, *options)
            assert running.process.poll() is None
            assert (ledger.stat().st_ino, books.printed(ledger, "hall")) == (before, 17)
            assert running.terminate() == 0, running.text
        assert (made.code, refused.code) == (0, 70), made.err + refused.err
        assert "書き込み中です。先にそれを止めるか" in refused.err
        assert [one.name for one in folder.iterdir()] == [copy.name]
        assert books.is_sound(copy)
        assert books.printed(copy, "hall") == 10
        assert copy.stat().st_mode & 0o077 == 0

        restored = command("restore", copy, *options)
        assert restored.code == 0, restored.err
        assert books.printed(ledger, "hall") == 10
        assert books.printed(tmp_path / "ledger.sqlite3.before-1", "hall") == 17
        assert books.ask(ledger, "SELECT seq FROM cursors") == [(0,)]
        (told,) = [text for code, _, text in books.findings(ledger) if code == "ledger_restored"]
        assert str(copy) in told

        moody.lines.clear()
        with daemon(config) as running:
            until(lambda: books.printed(ledger, "hall") == 17, "what was lost is read again")
            until(lambda: any("total=10i" in line for line in moody.lines), "published again")
            assert running.terminate() == 0, running.text


def test_a_copy_without_its_wal_is_named_and_left_alone(tmp_path: Path, machines: Copiers) -> None:
    config, ledger = office(tmp_path, machines)
    options, copy = ("--config", str(config)), tmp_path / "copied.sqlite3"
    with daemon(config) as running:
        until(lambda: books.readings(ledger, "hall"), "the first reading")
        shutil.copy(ledger, copy)
        assert running.terminate() == 0, running.text
    whole = ledger.read_bytes()

    refused = command("restore", copy, *options)
    assert refused.code == 70
    assert "-wal" in refused.err
    assert ledger.read_bytes() == whole

    copy.replace(ledger)
    ledger_as_copied = ledger.read_bytes()
    for verb in ("run", "status", "month"):
        ended = command(verb, *options)
        assert ended.code == 70
        assert "-wal" in ended.err, verb
    assert "-wal" in command("check", *options).out
    assert ledger.read_bytes() == ledger_as_copied


def test_a_damaged_copy_is_not_put_back(tmp_path: Path, machines: Copiers) -> None:
    config, ledger = office(tmp_path, machines)
    with daemon(config) as running:
        until(lambda: books.readings(ledger, "hall"), "the first reading")
        copy = Path(command("backup", tmp_path / "b", "--config", config).out.strip())
        assert running.terminate() == 0, running.text
    with closing(sqlite3.connect(copy)) as shell:
        shell.execute("DROP TRIGGER readings_not_changed")
        shell.execute("UPDATE readings SET counts = '[1'")
        shell.commit()
    whole = ledger.read_bytes()

    ended = command("restore", copy, "--config", config)

    assert ended.code == 70
    assert "壊れています" in ended.err
    assert ledger.read_bytes() == whole


def test_which_copies_stay() -> None:
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    hourly = [now - timedelta(hours=number) for number in range(24 * 400)]

    kept = kept_of(hourly, now)

    assert {one for one in kept if now - one <= timedelta(days=2)} == set(hourly[:49])
    daily = [one for one in kept if timedelta(days=2) < now - one <= timedelta(days=30)]
    assert 28 <= len(daily) <= 30
    monthly = [one for one in kept if now - one > timedelta(days=30)]
    assert 12 <= len(monthly) <= 14
    assert kept_of([now - timedelta(days=900)], now), "the newest of all stays, however old"
