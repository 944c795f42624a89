"""Machines that give no answer to go by: one clear sentence each, and no page from them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.impostor import Impostor
from tests.stories.office import Spot, credentials, write_office
from tests.stories.program import command, daemon, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

NOBODY = "nobody"
SENTENCES = {
    "locked": "community",
    "rubbish": "no SNMP",
    "impostor": "was asked but 127.0.0.2 answered",
    "silent": "no answer",
    NOBODY: "nothing listens",
}
"""Place -> words that its sentence must hold."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


@pytest.fixture(scope="module")
def config(machines: Copiers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def machine(name: str) -> SimulatedMachine:
        return SimulatedMachine("ricoh", "IM C4500", f"SN{name}", Printed(500))

    ports = {
        "good": machines.add("good", machine("good")),
        "locked": machines.add("locked", machine("locked"), "another-secret"),
        "rubbish": machines.add("rubbish", machine("rubbish")),
        "impostor": machines.add("impostor", machine("impostor"), kind=Impostor),
        "silent": machines.add("silent", machine("silent")),
        NOBODY: 9,
    }
    machines.behave("rubbish", rubbish=True)
    machines.behave("silent", silent=True)
    spots = [
        Spot(place, port, "office" if place == "locked" else "default")
        for place, port in ports.items()
    ]
    keys = {"office": {"version": "2c", "community": "not-this-one"}}
    return write_office(tmp_path_factory.mktemp("office"), spots, credentials(keys), "en")


@pytest.mark.parametrize("place", SENTENCES)
def test_poll_says_what_is_wrong_and_what_to_do(config: Path, place: str) -> None:
    polled = command("poll", place, "--config", config)

    assert (polled.code, polled.out) == (1, "")
    assert polled.err.startswith(f"error: {place}: ")
    assert polled.err.count("\n") == 1
    assert SENTENCES[place] in polled.err
    assert "not-this-one" not in polled.err


def test_check_reads_every_place_and_names_the_bad_ones(config: Path) -> None:
    checked = command("check", "--poll", "--config", config)

    assert checked.code == 1
    rows = {
        cells[0].strip(): (cells[1].strip(), cells[2].strip())
        for line in checked.out.splitlines()
        if line.startswith("│") and len(cells := line.strip("│").split("│")) == 3
    }
    assert rows["good"] == ("ok", "IM C4500, total 500")
    for place, words in SENTENCES.items():
        assert rows[place][0] == "!!", place
        assert words in rows[place][1], place


def test_the_daemon_counts_the_good_one_and_nothing_else(config: Path, machines: Copiers) -> None:
    ledger = config.with_name("ledger.sqlite3")
    with daemon(config) as running:
        for place in SENTENCES:
            running.says("place is silent", place=place)
        until(lambda: books.readings(ledger, "good"), "the good machine's reading")
        machines.print("good", 11)
        until(lambda: books.printed(ledger, "good") == 11, "its pages")
        seen = status(config)
        shown = command("status", "--config", config)
        assert running.terminate() == 0, running.text

    for place in SENTENCES:
        assert books.readings(ledger, place) == [], place
        assert len(running.lines("place is silent", place=place)) == 1, "one line, not one a try"
    assert shown.code == 1, "a silent place is something to look after"
    by_place = {one["place"]: one for one in seen["places"]}
    assert (by_place["good"]["online"], by_place["good"]["meters"]["total"]) == (True, 511)
    for place, words in SENTENCES.items():
        one = by_place[place]
        assert (one["online"], one["meters"], one["serial"]) == (False, {}, None)
        assert words in one["reason"]
    nonsense = {subject for code, subject, _ in books.findings(ledger) if "nonsense" in code}
    assert nonsense == {"rubbish"}
