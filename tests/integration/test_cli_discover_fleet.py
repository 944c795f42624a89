"""`copier-fleet discover` beside a fleet file and a ledger: who moved, who is new, and entries."""

import json
import re
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import OctetString
from collector.settings.fleet.csv import import_csv
from tests.patience import PATIENCE_S
from tests.stories.network import Network, network
from tests.stories.network_office import office
from tests.stories.program import PROGRAM, ROOT, Ended, command, daemon
from tests.stories.waiting import until
from tests.surroundings import environment

pytestmark = pytest.mark.integration

NET = "127.0.80"
SYS = (1, 3, 6, 1, 2, 1, 1)
CANON = SimulatedMachine("canon", "iR-ADV C3830", "3CE00923", Printed(print_mono=900))
RICOH = SimulatedMachine(
    "ricoh", "IM C3000", "3071RC01988", Printed(print_mono=400, print_color=20)
)
KYOCERA = SimulatedMachine("kyocera", "TASKalfa 5054ci", "RVP0Y11833", Printed(copy_mono=150))
SHARP = SimulatedMachine("sharp", "MX-3570N", "0503117500", Printed(print_mono=77))


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


def at(number: int) -> str:
    return f"{NET}.{number}"


def discover(net: Network, *args: str | Path) -> Ended:
    return command("discover", *args, "--port", str(net.port), "--community", "public")


def moved_office(net: Network, folder: Path) -> Path:
    """Read four machines at their places, then move, replace and add some; the ledger knows."""
    places = {"hall": at(10), "annex": at(11), "store": at(12), "attic": at(13)}
    for address, machine in zip(places.values(), (CANON, RICOH, KYOCERA, SHARP), strict=True):
        net.put(address, machine)
    config = office(folder, places, port=net.port)
    with daemon(config) as running:
        read = ("status", "--json", "--config", config)
        until(
            lambda: all(one["serial"] for one in command(*read).json["places"]),
            "every place was read",
        )
        running.terminate()
    net.move(at(10), at(20))  # moved to an address that no place has
    net.take(at(11))
    net.put(at(11), replace(CANON, serial="4FM01177"))  # replaced
    net.put(at(30), replace(RICOH, serial="3071RC09999"))  # nobody entered it
    net.put(at(31), KYOCERA)  # a second address of the one in the store: no news
    return config


def test_the_network_is_compared_with_fleet_file_and_ledger(net: Network, tmp_path: Path) -> None:
    config = moved_office(net, tmp_path / "office")
    before = {path.name: path.read_bytes() for path in config.parent.glob("*.toml")}
    output = tmp_path / "new.toml"
    ask = ("discover", f"{NET}.1-60", "--port", str(net.port), "--config", config)

    ended = command(*ask, "--json", "-o", output)
    table = command(*ask)
    alone = command(*ask, "--no-compare", "--json")

    assert ended.code == table.code == 1
    told = {(one["code"], one["subject"]) for one in ended.json["findings"]}
    assert told == {
        ("address_changed", "hall"),
        ("device_replaced", "annex"),
        ("device_unlisted", at(30)),
    }
    stand = {one["serial"]: one["place"] or one["home"] for one in ended.json["machines"]}
    assert stand == {
        CANON.serial: "hall",
        "4FM01177": "annex",
        KYOCERA.serial: "store",
        SHARP.serial: "attic",
        "3071RC09999": None,
    }
    assert re.search(rf"│ {at(20)} .*│ hall ", table.out)
    assert "device_replaced" in table.out
    assert (alone.code, alone.json["findings"]) == (0, [])
    text = output.read_text("utf-8")
    (place,) = tomllib.loads(text)["place"]
    assert (place["address"], place["port"]) == (at(30), net.port)
    assert f"# hall: Canon iR-ADV C3830, serial {CANON.serial}" in text
    assert {path.name: path.read_bytes() for path in config.parent.glob("*.toml")} == before


def test_two_places_that_changed_machines_and_one_entered_twice(
    net: Network, tmp_path: Path
) -> None:
    config = moved_office(net, tmp_path / "office")
    net.take(at(12))
    net.take(at(13))
    net.put(at(12), SHARP)
    net.put(at(13), KYOCERA)
    net.take(at(31))
    fleet = config.with_name("fleet.toml")
    more = f'[[place]]\nid = "double"\nname = "d"\naddress = "{at(40)}"\nport = {net.port}\n'
    fleet.write_text(fleet.read_text("utf-8") + more, "utf-8")
    net.put(at(40), KYOCERA)

    ended = command(
        *("discover", f"{NET}.1-60", "--json", "--port", str(net.port), "--config", config)
    )

    told = {(one["code"], one["subject"]) for one in ended.json["findings"]}
    assert {("device_moved", "store"), ("device_replaced", "store")} <= told
    assert any(code == "device_moved" and place in {"double", "attic"} for code, place in told)


def test_entries_for_review_are_read_back_and_never_overwritten(
    net: Network, tmp_path: Path
) -> None:
    for number, machine in ((10, CANON), (11, RICOH), (12, KYOCERA)):
        objects = machine.objects()
        objects[*SYS, 6, 0] = OctetString("2階 総務課".encode())
        net.put(at(number), objects)
    toml, csv = tmp_path / "new.toml", tmp_path / "new.csv"

    first = discover(net, f"{NET}.10-12", "-o", toml)
    second = discover(net, f"{NET}.10-12", "-o", csv)
    again = discover(net, f"{NET}.10-12", "-o", toml)
    other = discover(net, f"{NET}.10-12", "-o", tmp_path / "new.xls")

    assert (first.code, second.code) == (0, 0)
    ids = ["2階-総務課", "2階-総務課-2", "2階-総務課-3"]
    assert [one["id"] for one in tomllib.loads(toml.read_text("utf-8"))["place"]] == ids
    fleet = import_csv(csv.read_bytes())
    assert [one.id for one in fleet.places] == ids
    assert [one.address for one in fleet.places] == [at(10), at(11), at(12)]
    imported = command("fleet", "import", csv)
    assert imported.code == 0
    assert (again.code, again.out) == (78, "")
    assert "exists already and is not overwritten" in again.err
    assert other.code == 2
    assert "ends in .toml or .csv" in other.err


def test_watching_tells_every_change_once(net: Network, tmp_path: Path) -> None:
    net.put(at(10), CANON)
    config = office(tmp_path / "office", {"hall": at(10)}, port=net.port)
    out = tmp_path / "out"
    with out.open("wb") as stream:
        process = subprocess.Popen(
            [
                *(*PROGRAM, "discover", f"{NET}.8-31", "--watch", "--every", "1s", "--json"),
                *("--port", str(net.port), "--config", str(config)),
            ],
            cwd=ROOT,
            env=environment(),
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    try:
        rounds = net.agents[at(10)]
        until(lambda: rounds.requests > 0, "a first look")
        net.put(at(20), RICOH)
        until(lambda: RICOH.serial in out.read_text(), "the new machine is told")
        seen = rounds.requests
        until(lambda: rounds.requests > 3 * seen // 2, "some more looks")
        net.put(at(21), KYOCERA)
        until(lambda: KYOCERA.serial in out.read_text(), "the next new machine is told")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["code"], one["subject"]) for one in told] == [
        ("device_unlisted", at(20)),
        ("device_unlisted", at(21)),
    ]
