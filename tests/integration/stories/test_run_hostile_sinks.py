"""What servers send to the daemon, meant badly or not: it can only fail a delivery."""

import asyncio
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.servers.mosquitto import Broker
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.moody import Nonsense, moody_influx
from tests.stories.office import Spot, write_office
from tests.stories.program import daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

DEEP = b'{"message":' * 50_000


def retain(broker: Broker, topic: str, payload: bytes) -> None:
    async def put() -> None:
        async with broker.client() as somebody:
            await somebody.publish(topic, payload, qos=1, retain=True)

    asyncio.run(put())


def test_a_server_that_says_a_year_is_tried_when_a_person_says_so(tmp_path: Path) -> None:
    with (
        copiers() as machines,
        moody_influx([503], Nonsense(b"", {"Retry-After": "9" * 9})) as moody,
    ):
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
        more = f'\n[influx]\nurl = "{moody.url}"\n'
        with daemon(write_office(tmp_path, [Spot("hall", port)], more)) as running:
            running.says("sink is away", sink="influx")
            assert moody.lines == []
            running.hang_up()
            until(lambda: any("total=900i" in line for line in moody.lines), "at once")
            assert running.terminate() == 0, running.text


def test_nonsense_of_database_and_broker_costs_deliveries_only(
    tmp_path: Path, broker: Broker
) -> None:
    retain(broker, "copier-fleet/story/place/hall/state", DEEP)
    nonsense = Nonsense(DEEP, {"Retry-After": "-" + "9" * 400})
    with copiers() as machines, moody_influx([503, 400, 502], nonsense) as moody:
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
        more = f'\n[mqtt]\nenabled = true\nport = {broker.port}\n\n[influx]\nurl = "{moody.url}"\n'
        config = write_office(tmp_path, [Spot("hall", port)], more)
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            running.says("sink is away", sink="influx")
            machines.print("hall", 25)
            until(lambda: books.printed(ledger, "hall") == 25, "counted")
            until(
                lambda: (
                    "925"
                    in asyncio.run(broker.retained("copier-fleet/story/place/hall/state")).get(
                        "copier-fleet/story/place/hall/state", ""
                    )
                ),
                "the state at the broker",
            )
            assert running.terminate() == 0, running.text
        assert "Traceback" not in running.text
