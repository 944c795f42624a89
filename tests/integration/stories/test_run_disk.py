"""The ledger cannot be written: the daemon waits and says so, and no page is lost."""

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.manager import ServiceManager, manager
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

__all__ = ["manager"]

MACHINES = 6


def office(folder: Path, machines: Copiers) -> tuple[Path, Path, list[str]]:
    """Return configuration, ledger and places of an office whose copiers answer."""
    spots = [
        Spot(
            f"p{n}",
            machines.add(f"p{n}", SimulatedMachine("canon", "C5840", f"SN{n}", Printed(900))),
        )
        for n in range(MACHINES)
    ]
    config = write_office(folder, spots, language="en")
    return config, config.with_name("ledger.sqlite3"), [spot.place for spot in spots]


def read_all(machines: Copiers, ledger: Path, places: list[str]) -> bool:
    """Tell whether the ledger holds what every machine shows now."""
    stored = {place: books.readings(ledger, place) for place in places}
    return all(
        stored[place] and stored[place][-1]["total"] == machines.total(place) for place in places
    )


def lift_limit(running: RunningDaemon) -> None:
    """Let files of the daemon grow again, as somebody who frees a disk does."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, unlimited)


def status(manager: ServiceManager) -> str:
    return next((one for one in reversed(manager.told) if one.startswith("STATUS=")), "")


def test_a_disk_that_fills_up_is_waited_for_and_loses_no_page(
    tmp_path: Path, manager: ServiceManager
) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            assert running.terminate() == 0, running.text
        first = {place: machines.total(place) for place in places}

        # No file may grow beyond what the ledger has now: the next rounds do not fit.
        limit = f"--fsize={ledger.stat().st_size}:unlimited"
        watched = {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "2000000"}
        with daemon(config, env=watched, under=("prlimit", limit)) as running:
            while not running.lines("the ledger cannot be written at present"):
                for place in places:
                    machines.print(place, 7, 2)
                until(
                    lambda: (
                        read_all(machines, ledger, places)
                        or running.lines("the ledger cannot be written at present")
                    ),
                    "a round, or a wait",
                )
            (told,) = running.lines("the ledger cannot be written at present")
            assert f"ledger {ledger}: " in told["reason"]
            assert "disk" in told["reason"]
            assert "free" in told["reason"]
            heard = manager.told.count("WATCHDOG=1")
            manager.hears("WATCHDOG=1", heard + 5)
            assert "disk" in status(manager)
            assert books.is_sound(ledger)

            lift_limit(running)
            running.says("the ledger is written again; nothing was lost")
            until(lambda: read_all(machines, ledger, places), "every page is read")
            assert running.terminate() == 0, running.text
        assert not running.lines("place is silent")
        assert "Traceback" not in running.text
        assert {code for code, *_ in books.findings(ledger)} == {"weak_identity"}
        grown = {place: machines.total(place) - first[place] for place in places}
        assert {place: books.printed(ledger, place) for place in places} == grown


def test_a_lock_that_is_held_long_is_waited_for(tmp_path: Path, manager: ServiceManager) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        watched = {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "2000000"}
        with daemon(config, env=watched) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            first = {place: machines.total(place) for place in places}
            with closing(sqlite3.connect(ledger, isolation_level=None)) as shell:
                shell.execute("BEGIN IMMEDIATE")
                for place in places:
                    machines.print(place, 7, 2)
                told = running.says("the ledger cannot be written at present")
                assert "another program holds it" in told["reason"]
                heard = manager.told.count("WATCHDOG=1")
                manager.hears("WATCHDOG=1", heard + 15)
                shell.execute("ROLLBACK")
            running.says("the ledger is written again; nothing was lost")
            until(lambda: read_all(machines, ledger, places), "every page is read")
            assert running.terminate() == 0, running.text
        assert not running.lines("place is silent")
        grown = {place: machines.total(place) - first[place] for place in places}
        assert {place: books.printed(ledger, place) for place in places} == grown


def test_stopping_does_not_wait_for_a_lock(tmp_path: Path) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            with closing(sqlite3.connect(ledger, isolation_level=None)) as shell:
                shell.execute("BEGIN IMMEDIATE")
                running.says("the ledger cannot be written at present")
                assert running.terminate() == 70
                shell.execute("ROLLBACK")
            assert "another program holds it" in running.text.splitlines()[-1]
        assert "Traceback" not in running.text
        assert books.is_sound(ledger)


def test_a_lock_at_the_start_is_waited_for(tmp_path: Path, manager: ServiceManager) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            assert running.terminate() == 0, running.text
        with closing(sqlite3.connect(ledger, isolation_level=None)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            told = {"NOTIFY_SOCKET": str(manager.path)}
            with daemon(config, env=told, ready=False) as running:
                running.says("the ledger cannot be written at present")
                until(lambda: any(one.startswith("EXTEND_TIMEOUT") for one in manager.told), "time")
                shell.execute("ROLLBACK")
                running.is_ready()
                assert running.terminate() == 0, running.text


def test_a_ledger_in_use_is_left_alone(tmp_path: Path) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            second = command("run", "--config", config)
            read_only = [command(verb, "--config", config) for verb in ("status", "month", "check")]
            assert running.process.poll() is None
            pid = running.process.pid
            assert running.terminate() == 0, running.text

    assert (second.code, second.out) == (70, "")
    assert f"another collector (process {pid}) is writing it; stop that one first" in second.err
    assert "Traceback" not in second.err
    assert [one.code for one in read_only] == [0, 0, 0], [one.err for one in read_only]


@pytest.mark.parametrize("verb", ["run", "status", "month"])
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("plain-file/ledger.sqlite3", "ledger"),
        ("junk.sqlite3", "no ledger"),
        ("other.sqlite3", "ledger"),
    ],
)
def test_a_ledger_that_cannot_be_used(tmp_path: Path, verb: str, place: str, words: str) -> None:
    config = write_office(tmp_path, [Spot("hall", 9)], language="en")
    (tmp_path / "plain-file").write_text("a file where a folder should be")
    (tmp_path / "junk.sqlite3").write_bytes(b"no database at all" * 100)
    books.make_foreign(tmp_path / "other.sqlite3")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    ended = command(
        verb, "--config", config, env={"COPIER_FLEET__LEDGER__PATH": str(tmp_path / place)}
    )

    assert (ended.code, ended.out) == (70, "")
    assert ended.err.startswith(f"error: ledger {tmp_path / place}: ")
    assert words in ended.err
    assert "Traceback" not in ended.err
    for path, octets in before.items():
        assert path.read_bytes() == octets, path
