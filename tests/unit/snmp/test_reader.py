"""The reader: one GET per ordinary poll, identity checked each time, sessions closed."""

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Session, oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import PLAN_LASTS_S, RETRY_S, SnmpDeviceReader
from collector.adapters.snmp.reading.slow_poll import EVERY_S
from collector.domain.counting.reading import DeviceStatus
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceNonsense, DeviceUnreachable
from collector.ports import PollTarget
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import KYOCERA, LIFE, PRINTER, P, devices, life, named, values

PLACE = PlaceId("2f-hall")
TARGET = PollTarget(PLACE, "192.0.2.1")
UPTIME = oid("1.3.6.1.2.1.1.3.0")
SERVICE = oid(KYOCERA + "43.10.1.1.12.1.1")
SERIAL = oid(KYOCERA + "43.5.1.1.28.1")


class Bench:
    """A reader on one made-up Kyocera, with a hand on its clock."""

    def __init__(self) -> None:
        """Put a machine behind a reader that has not read it yet."""
        self.session = FakeSession(
            values(
                named("KYOCERA Document Solutions Printing System", "1347.41"),
                devices(i1=(PRINTER, "TASKalfa 3554ci", P + "1347.43.1.2.1")),
                life(1050),
                {
                    KYOCERA + "43.10.1.1.12.1.1": 1000,
                    KYOCERA + "43.5.1.1.28.1": "RH28Y00001",
                    "1.3.6.1.2.1.25.3.5.1.1.1": 4,
                    "1.3.6.1.2.1.2.2.1.3.1": 6,
                    "1.3.6.1.2.1.2.2.1.6.1": bytes.fromhex("00170d000001"),
                },
            )
        )
        self.now = 0.0
        self.opened: list[PollTarget] = []
        self.reader = SnmpDeviceReader(self._open, load_profiles(), lambda: self.now)

    def _open(self, target: PollTarget) -> Session:
        self.opened.append(target)
        return self.session

    async def poll(self, minutes: float = 5) -> dict[str, int]:
        self.now += minutes * 60
        self.session.values[UPTIME] += int(minutes * 6000)
        self.session.gets.clear()
        self.session.walks.clear()
        answer = await self.reader.read(TARGET)
        return {str(name): value for name, value in answer.meters.items()}


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_ordinary_poll_is_one_get_of_everything(bench: Bench) -> None:
    assert await bench.poll() == {"total": 1000, "engine_total": 1050}
    bench.session.values[SERVICE] = 1007
    for _ in range(5):
        assert await bench.poll(EVERY_S / 60 / 6) == {"total": 1007, "engine_total": 1050}
        assert len(bench.session.gets) == 1
        assert not bench.session.walks
    asked = bench.session.gets[0]
    assert {SERIAL, SERVICE, UPTIME, oid("1.3.6.1.2.1.1.1.0")} <= set(asked)
    assert len(bench.opened) == 1


async def test_answer_says_who_it_was(bench: Bench) -> None:
    answer = await bench.reader.read(TARGET)
    assert answer.identity.serial == "RH28Y00001"
    assert answer.identity.mac == "00:17:0d:00:00:01"
    assert answer.status is DeviceStatus.PRINTING
    assert answer.uptime_s == 3600


async def test_another_machine_gets_its_own_plan(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[SERIAL] = b"ZZ99900002"
    del bench.session.values[SERVICE]
    assert await bench.poll() == {"total": 1050}
    assert (await bench.reader.read(TARGET)).identity.serial == "ZZ99900002"


async def test_after_a_restart_rows_are_looked_up_again(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[UPTIME] = 0
    await bench.poll(0.1)
    assert bench.session.walks
    await bench.poll()
    assert not bench.session.walks


async def test_a_machine_starting_up_does_not_change_what_its_total_is(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[UPTIME] = 0
    del bench.session.values[SERVICE]
    assert "total" not in await bench.poll(0.1)
    bench.session.values[SERVICE] = 1001
    assert (await bench.poll(RETRY_S / 60 + 1))["total"] == 1001


async def test_an_empty_serial_while_starting_up_is_no_other_machine(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[UPTIME] = 0
    bench.session.values[SERIAL] = b""
    del bench.session.values[SERVICE]
    assert "total" not in await bench.poll(0.1)


async def test_new_firmware_does_not_change_what_the_total_is(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[oid("1.3.6.1.2.1.1.1.0")] = b"KYOCERA Printing System 2"
    del bench.session.values[SERVICE]
    assert "total" not in await bench.poll()


async def test_a_total_that_stays_away_for_a_day_is_read_otherwise(bench: Bench) -> None:
    await bench.poll()
    del bench.session.values[SERVICE]
    assert "total" not in await bench.poll(RETRY_S / 60 + 1)
    assert await bench.poll(PLAN_LASTS_S / 60 + 1) == {"total": 1050}


async def test_plan_is_made_anew_once_a_day(bench: Bench) -> None:
    await bench.poll()
    await bench.poll(PLAN_LASTS_S / 60 - 10)
    assert bench.session.walks == [mib.ALERT_SEVERITY]
    await bench.poll(11)
    assert mib.MARKER_LIFE in bench.session.walks


async def test_a_meter_that_vanished_is_absent_and_looked_for_only_now_and_then(
    bench: Bench,
) -> None:
    await bench.poll()
    bench.session.values[SERVICE] = -2
    assert await bench.poll() == {"engine_total": 1050}
    assert len(bench.session.gets) == 1


async def test_rubbish_is_one_clear_sentence_and_no_number(bench: Bench) -> None:
    await bench.poll()
    bench.session.values[SERVICE] = b"<html>"
    bench.session.values[oid(LIFE + ".1.1")] = b"busy"
    with pytest.raises(DeviceNonsense) as caught:
        await bench.poll()
    assert caught.value.place == PLACE
    assert "no numbers" in caught.value.message


async def test_an_agent_that_is_no_printer() -> None:
    reader = SnmpDeviceReader(lambda _: FakeSession({}), load_profiles(), lambda: 0.0)
    with pytest.raises(DeviceNonsense, match="is this address a printer"):
        await reader.read(TARGET)


async def test_a_silent_machine_keeps_its_plan(bench: Bench) -> None:
    await bench.poll()
    bench.session.failure = DeviceUnreachable(PLACE, "no answer")
    with pytest.raises(DeviceUnreachable):
        await bench.poll()
    bench.session.failure = None
    await bench.poll()
    assert len(bench.session.gets) == 1


async def test_a_new_address_opens_a_new_session_and_closes_the_old(bench: Bench) -> None:
    await bench.poll()
    old = bench.session
    bench.session = Bench().session
    await bench.reader.read(PollTarget(PLACE, "192.0.2.2"))
    assert old.is_closed
    assert [one.address for one in bench.opened] == ["192.0.2.1", "192.0.2.2"]
    await bench.reader.close()
    assert bench.session.is_closed
