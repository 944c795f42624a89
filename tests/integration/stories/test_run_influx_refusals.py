"""What the daemon makes of every kind of no from InfluxDB, on real servers where they say it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.influx import InfluxServer, influxd, request
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.moody import MoodyInflux, moody_influx
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

ADMIN = ("admin", "the admins own")
READER = ("reader", "may only read")


@dataclass(frozen=True, slots=True)
class Offices:
    """One daemon for each kind of no, all reading the same copier."""

    running: dict[str, RunningDaemon]
    configs: dict[str, Path]
    plain: InfluxServer
    moody: MoodyInflux


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    with ExitStack() as stack:

        def folder(name: str) -> Path:
            return tmp_path_factory.mktemp(name)

        machines = stack.enter_context(copiers())
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
        plain = stack.enter_context(influxd(folder("plain")))
        tight = stack.enter_context(influxd(folder("tight"), max_body_size=450))
        locked = stack.enter_context(influxd(folder("locked"), login=ADMIN))
        moody = stack.enter_context(moody_influx([500, 503, 500]))
        plain.query("CREATE DATABASE conflict")
        taken = b'copier,site=story,place=hall,department=soumu total="text"'
        assert request(plain.url, "POST", "/write?db=conflict", taken)[0] == 204
        locked.query("CREATE DATABASE copier_fleet")
        locked.query(f"CREATE USER {READER[0]} WITH PASSWORD '{READER[1]}'")
        wrong = f'username = "{ADMIN[0]}"\npassword = "not this one"'
        reader = f'username = "{READER[0]}"\npassword = "{READER[1]}"'
        sections = {
            "400": f'url = "{plain.url}"\ndatabase = "conflict"',
            "401": f'url = "{locked.url}"\n{wrong}',
            "403": f'url = "{locked.url}"\n{reader}',
            "404": f'url = "{plain.url}/no/such/path"',
            "413": f'url = "{tight.url}"\ndatabase = "tight"',
            "500": f'url = "{moody.url}"',
        }
        configs = {
            name: write_office(folder(name), [Spot("hall", port)], f"\n[influx]\n{text}\n")
            for name, text in sections.items()
        }
        running = {
            name: stack.enter_context(daemon(config, ready=False))
            for name, config in configs.items()
        }
        for one in running.values():
            one.is_ready()
        ledgers = [config.with_name("ledger.sqlite3") for config in configs.values()]
        until(lambda: all(books.readings(ledger, "hall") for ledger in ledgers), "first readings")
        machines.print("hall", 21)
        until(
            lambda: {books.printed(ledger, "hall") for ledger in ledgers} == {21},
            "counted all the same",
        )
        yield Offices(running, configs, plain, moody)
        for name, one in running.items():
            assert one.terminate() == 0, name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("401", "check the user and password"),
        ("403", "give this user or token the right to write there"),
        ("404", "check the address"),
    ],
)
def test_a_no_that_only_a_person_can_change(offices: Offices, name: str, words: str) -> None:
    refused = offices.running[name].says("sink refuses rows until a person acts; all are kept")
    checked = command("check", "--format", "json", "--config", offices.configs[name])

    assert refused["level"] == "error"
    assert f"answered {name}" in refused["reason"]
    assert words in refused["reason"]
    assert refused["rows_waiting"] > 0
    assert len(offices.running[name].lines("sink ")) == 1, "one line for the turn, none per try"
    assert checked.code == 1
    assert words in checked.out
    for secret in ("not this one", READER[1]):
        assert secret not in offices.running[name].text + checked.out


def test_a_single_bad_row_is_set_aside_and_the_rest_arrives(offices: Offices) -> None:
    ledger = offices.configs["400"].with_name("ledger.sqlite3")
    until(
        lambda: (
            offices.plain.query("SELECT sum(total) FROM copier_day", "conflict")
            and offices.plain.query("SELECT sum(total) FROM copier_day", "conflict")[0]["sum"] == 21
        ),
        "the day's pages",
    )
    told = until(
        lambda: [text for code, _, text in books.findings(ledger) if code == "row_rejected"],
        "a finding about the row",
    )
    assert "influx refused a row of copier: " in told[0]
    assert "type" in told[0]
    assert offices.running["400"].lines("sink ") == []
    aside = offices.running["400"].says("rows were refused for good and set aside")
    assert (aside["level"], aside["sink"]) == ("error", "influx")
    assert aside["rows"] >= 1


def test_rows_larger_than_the_server_takes_are_sent_in_halves(offices: Offices) -> None:
    log = offices.running["413"]
    config = offices.configs["413"]
    until(
        lambda: command("status", "--json", "--config", config).json["backlog"]["influx"] == 0,
        "nothing waits",
    )
    assert log.lines("sink ") == []


def test_a_server_in_trouble_gets_everything_later(offices: Offices) -> None:
    log, moody = offices.running["500"], offices.moody
    log.says("sink takes rows again", sink="influx")

    assert [line["level"] for line in log.lines("sink ")] == ["warning", "info"]
    assert "answered 500" in log.lines("sink is away")[0]["reason"]
    assert moody.answered[:3] == [500, 503, 500]
    assert set(moody.answered[3:]) == {204}
    until(lambda: any("total=21i" in line for line in moody.lines), "the pages")
