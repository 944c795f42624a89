"""What a broker retains while the daemon runs, after it stops, and after it is cut off."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.adapters.clock import SystemClock
from collector.demo.machines import Printed, SimulatedMachine
from tests.fakes.home_assistant import Described
from tests.fakes.payloads import SCHEMAS, hold
from tests.servers.mosquitto import Broker, mosquitto
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

LOGIN = ("collector", "秘密の鍵")


@pytest.fixture
def locked_broker(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with mosquitto(folder, login=LOGIN) as running:
        yield running


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


def retained(broker: Broker) -> dict[str, str]:
    return asyncio.run(broker.retained("copier-fleet/story/#"))


def office(folder: Path, machines: Copiers, broker: Broker, password: str = LOGIN[1]) -> Path:
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    more = f'\n[mqtt]\nenabled = true\nport = {broker.port}\nusername = "{LOGIN[0]}"\n'
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "mqtt__password").write_text(password, encoding="utf-8")
    (secrets / "mqtt__password").chmod(0o600)
    return write_office(folder, [Spot("hall", port)], more)


def test_status_state_and_month_stand_at_the_broker(
    tmp_path: Path, machines: Copiers, locked_broker: Broker
) -> None:
    config = office(tmp_path, machines, locked_broker)
    ledger = config.with_name("ledger.sqlite3")
    secrets = ("--secrets", str(tmp_path / "secrets"))
    base = "copier-fleet/story"

    def stands(topic: str, **fields: object) -> bool:
        found = retained(locked_broker).get(f"{base}/{topic}")
        return found is not None and fields.items() <= json.loads(found).items()

    with daemon(config, *secrets) as running:
        until(lambda: stands("place/hall/state", total=900, online=True), "the first reading")
        assert retained(locked_broker)[f"{base}/status"] == "online"
        machines.print("hall", 25)
        until(lambda: stands("place/hall/state", total=925), "the new reading")
        until(lambda: stands("department/soumu/month", pages=25), "the month")
        assert stands("department/zeimu/month", pages=0)
        running.kill()
        until(lambda: retained(locked_broker)[f"{base}/status"] == "offline", "the last will")

    with daemon(config, *secrets) as running:
        until(lambda: retained(locked_broker)[f"{base}/status"] == "online", "online again")
        assert running.terminate() == 0, running.text
        assert LOGIN[1] not in running.text

    left = retained(locked_broker)
    assert left[f"{base}/status"] == "offline"
    assert json.loads(left[f"{base}/place/hall/state"])["total"] == 925
    assert books.printed(ledger, "hall") == 25


def test_a_wrong_password_is_told_once_and_stops_nothing(
    tmp_path: Path, machines: Copiers, locked_broker: Broker
) -> None:
    config = office(tmp_path, machines, locked_broker, password=LOGIN[1] + "x")
    secrets = ("--secrets", str(tmp_path / "secrets"))

    checked = command("check", "--config", config, *secrets)
    with daemon(config, *secrets) as running:
        refused = running.says("sink refuses rows", sink="mqtt")
        until(lambda: books.readings(config.with_name("ledger.sqlite3"), "hall"), "a reading")
        assert running.terminate() == 0, running.text

    assert checked.code == 1
    assert "password" in checked.out
    assert "password" in refused["reason"]
    assert len(running.lines("sink refuses rows")) == 1
    assert "not this one" not in running.text + checked.out + checked.err


@dataclass(frozen=True, slots=True)
class Home:
    """What Home Assistant knows of a broker."""

    broker: Broker

    def stands(self) -> dict[str, str]:
        """Return all that is retained."""
        return asyncio.run(self.broker.retained("#"))

    def entities(self) -> dict[str, Described]:
        """Return all entities by their ids."""
        found = (Described.of(*one) for one in self.stands().items() if "/config" in one[0])
        return {one.entity_id: one for one in found}

    def device(self, entity: str) -> object:
        """Return how the device of an entity is called."""
        return self.entities()[entity].told["device"]["name"]

    def state(self, entity: str) -> str:
        """Return the state of an entity."""
        one = self.entities().get(entity)
        return "missing" if one is None else one.state(self.stands())


COUNTED = "sensor.story_copier_hall_counted"
MONTH = "sensor.story_department_soumu_pages"
OF_HOME = "\n[mqtt]\nenabled = true\nhome_assistant = true\nport = {}\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with mosquitto(folder) as running:
        yield Home(running)


def two_copiers(machines: Copiers) -> list[Spot]:
    return [
        Spot(name, machines.add(name, SimulatedMachine("ricoh", "IM C4500", name, Printed(900))))
        for name in ("hall", "gikai")
    ]


def test_every_payload_is_documented_and_home_assistant_reads_it(
    tmp_path: Path, machines: Copiers, home: Home
) -> None:
    more = OF_HOME.format(home.broker.port)
    config = write_office(tmp_path / "office", two_copiers(machines), more)
    base = "copier-fleet/story"
    with daemon(config):
        until(lambda: home.state(COUNTED) == "0", "the first reading")
        machines.print("hall", 25)
        until(lambda: home.state(COUNTED) == "25", "counted pages")
        until(lambda: home.state(MONTH) == "25", "the month")
        assert home.state("sensor.story_copier_hall_toner_black") == "80.0"
        assert home.state("sensor.story_copier_hall_total") == "925"
        bought = command(
            *("paper", "--config", config, "add", "--day", f"{SystemClock().now():%Y-%m-%d}"),
            *("--size", "A4", "--sheets", "5000", "--why", "納品", "--by", "佐藤"),
        )
        assert bought.code == 0, bought.err
        for period in ("quarter", "year"):
            topic = f"{base}/office/paper-{period}"
            told = until(lambda topic=topic: home.stands().get(topic), "the paper")
            assert json.loads(told)["bought"] == 5000
        held = {hold(*one, base) for one in home.stands().items() if one[0].startswith(base)}
        assert held == {"status", *SCHEMAS} - {"question", "event"}

        machines.behave("hall", silent=True)
        until(lambda: home.state(COUNTED) == "unavailable", "the silence")
        assert home.state("binary_sensor.story_copier_hall_online") == "off"
        assert home.state(MONTH) == "25"
        machines.behave("hall", silent=False)
        until(lambda: home.state(COUNTED) == "25", "the copier again, with what it said before")


def test_home_assistant_follows_the_fleet_file_and_a_broker_that_lost_its_store(
    tmp_path: Path, machines: Copiers, home: Home
) -> None:
    more = OF_HOME.format(home.broker.port)
    spots = two_copiers(machines)
    config = write_office(tmp_path / "office", spots, more)
    file = config.with_name("fleet.toml")
    with daemon(config) as running:
        until(lambda: home.state("sensor.story_copier_gikai_counted") == "0", "both copiers")
        until(lambda: home.state(COUNTED) == "0", "both copiers")
        file.write_text(file.read_text("utf-8").replace("総務課", "総務企画課"), "utf-8")
        running.hang_up()
        until(lambda: home.device(MONTH) == "総務企画課", "the new name")

        write_fleet(config.parent, spots[:1])
        running.hang_up()
        until(lambda: not any("gikai" in one for one in home.stands()), "the place to be gone")
        assert home.state(COUNTED) == "0"
        machines.behave("hall", silent=True)
        until(lambda: home.state(COUNTED) == "unavailable", "the silence")
        running.terminate()
    home.broker.process.stop()
    home.broker.process.start()
    assert home.stands() == {}
    with daemon(config):
        until(lambda: home.state(COUNTED) == "unavailable", "all again, the silent copier too")
        until(lambda: home.state(MONTH) == "0", "its month")
        assert not any("gikai" in one for one in home.stands())
