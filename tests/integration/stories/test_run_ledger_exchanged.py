"""The ledger's file goes, or another takes its place, while the daemon has it open."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.moody import moody_influx
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


def office(folder: Path, machines: Copiers) -> tuple[Path, Path, Path]:
    """Return configuration, ledger and a backup of it from before some pages."""
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    config = write_office(folder, [Spot("hall", port)])
    ledger, backup = config.with_name("ledger.sqlite3"), folder / "backup.sqlite3"
    with daemon(config) as running:
        until(lambda: books.readings(ledger, "hall"), "the first reading")
        assert running.terminate() == 0, running.text
    shutil.copy(ledger, backup)
    return config, ledger, backup


def exchanged(
    config: Path, machines: Copiers, ledger: Path, exchange: Callable[[], object]
) -> RunningDaemon:
    """Run the daemon, let 25 pages be counted, then `exchange`; return it when it has ended."""
    with daemon(config) as running:
        machines.print("hall", 25)
        until(lambda: books.printed(ledger, "hall") == 25, "counted")
        exchange()
        assert running.ends() == 70, running.text
    assert "Traceback" not in running.text
    assert not ledger.with_name("ledger.sqlite3-wal").exists()
    return running


def kept(ledger: Path) -> list[Path]:
    return list(ledger.parent.glob("ledger.sqlite3.lost-*"))


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_what_was_counted_is_kept_beside(tmp_path: Path, machines: Copiers, how: str) -> None:
    config, ledger, backup = office(tmp_path, machines)
    before = backup.read_bytes()
    exchange = {"removed": ledger.unlink, "replaced": lambda: backup.replace(ledger)}[how]

    running = exchanged(config, machines, ledger, exchange)

    (copy,) = kept(ledger)
    assert str(copy) in running.text
    assert "書き込みを止めました" in running.text
    assert books.is_sound(copy)
    assert books.printed(copy, "hall") == 25
    if how == "removed":
        assert not ledger.exists()
    else:
        assert ledger.read_bytes() == before, "nothing was written into what was put there"

    copy.replace(ledger)
    machines.print("hall", 5)
    with daemon(config) as running:
        until(lambda: books.printed(ledger, "hall") == 30, "as if nothing had happened")
        assert running.terminate() == 0


def overwrite(ledger: Path, octets: bytes) -> None:
    """Write into the very file, as `cp` and `>` do; `cp` of a large one takes its time."""
    half = len(octets) // 2
    with ledger.open("r+b") as file:
        file.truncate()
        file.write(octets[:half])
        file.flush()
        time.sleep(0.2 if half else 0)
        file.write(octets[half:])


@pytest.mark.parametrize("octets", ["backup", "nothing"])
def test_what_is_put_over_it_is_left_as_it_is(
    tmp_path: Path, machines: Copiers, octets: str
) -> None:
    config, ledger, backup = office(tmp_path, machines)
    put = backup.read_bytes() if octets == "backup" else b""

    running = exchanged(config, machines, ledger, lambda: overwrite(ledger, put))

    assert ledger.read_bytes() == put
    assert kept(ledger) == []
    assert "上書きされたため、書き込みを止めました" in running.text
    told = command("status", "--config", config)
    assert (told.code, "ファイルが空です" in told.err) == (
        (70, True) if octets == "nothing" else (1, False)
    )
    assert octets == "nothing" or "サービスは動いていません" in told.err


def test_a_new_ledger_beside_an_old_cursor_is_said(tmp_path: Path, machines: Copiers) -> None:
    config, ledger, _ = office(tmp_path, machines)
    with moody_influx([]) as moody:
        config.write_text(config.read_text() + f'\n[influx]\nurl = "{moody.url}"\n')
        with daemon(config) as running:
            until(lambda: moody.lines, "something was published")
            assert running.terminate() == 0
        ledger.unlink()
        with daemon(config) as running:
            said = running.says("finding", code="ledger_restored")
            assert running.terminate() == 0

    assert said["level"] == "error"
    assert "the ledger is another one" in said["detail"]


def test_a_backup_and_a_command_beside_are_no_exchange(tmp_path: Path, machines: Copiers) -> None:
    config, ledger, backup = office(tmp_path, machines)
    with daemon(config) as running:
        machines.print("hall", 25)
        until(lambda: books.printed(ledger, "hall") == 25, "counted")
        with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(backup)) as to:
            source.backup(to)
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert command("status", "--config", config).code == 0
        machines.print("hall", 25)
        until(lambda: books.printed(ledger, "hall") == 50, "counted on")
        assert running.terminate() == 0, running.text
