"""The ledger cannot be written: the daemon ends with 70 and a sentence, and no page is lost."""

from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

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


def last_words(running: RunningDaemon) -> str:
    """Return what the daemon said at its end, which is no log line."""
    return [line for line in running.text.splitlines() if not line.startswith("{")][-1]


def test_a_disk_that_fills_up_loses_no_page(tmp_path: Path) -> None:
    with copiers() as machines:
        config, ledger, places = office(tmp_path / "office", machines)
        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "first readings")
            assert running.terminate() == 0, running.text
        first = {place: machines.total(place) for place in places}

        # No file may grow beyond what the ledger has now: the next rounds do not fit.
        limit = ledger.stat().st_size
        with daemon(config, under=("prlimit", f"--fsize={limit}")) as running:
            while running.process.poll() is None:
                for place in places:
                    machines.print(place, 7, 2)
                until(
                    lambda: (
                        read_all(machines, ledger, places) or running.process.poll() is not None
                    ),
                    "a round, or the end",
                )
            code = running.ends()
            words = last_words(running)

        assert code == 70, running.text
        assert words.startswith(f"error: ledger {ledger}: ")
        assert "disk" in words
        assert "free" in words
        assert "Traceback" not in running.text
        assert books.is_sound(ledger)

        with daemon(config) as running:
            until(lambda: read_all(machines, ledger, places), "every page is read")
            assert running.terminate() == 0, running.text
        grown = {place: machines.total(place) - first[place] for place in places}
        assert {place: books.printed(ledger, place) for place in places} == grown


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
