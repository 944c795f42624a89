"""What a broker retains while the daemon runs, after it stops, and after it is cut off."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.mosquitto import Broker, mosquitto
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
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
