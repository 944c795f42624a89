"""What the reader remembers of a machine over a restart of the service, and what it must not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Manners, oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import (
    PLAN_LASTS_S,
    RETRY_S,
    SETTLED_S,
    SnmpDeviceReader,
)
from collector.bootstrap.machines import NotedMemory
from collector.domain.counting.reading import Answer
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerError
from collector.ports import PollTarget
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.memory import FakeMemory
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import (
    KYOCERA,
    PRINTER,
    RICOH_ROW,
    P,
    Said,
    devices,
    life,
    named,
    values,
)

HALL, LIBRARY = PlaceId("2f-hall"), PlaceId("library")
SERVICE = oid(KYOCERA + "43.10.1.1.12.1.1")
SERIAL = oid(KYOCERA + "43.5.1.1.28.1")
FIRMWARE = oid(KYOCERA + "43.5.4.1.5.1.1")
DEVICE = tuple((*column, 1) for column in (mib.DEVICE_TYPE, mib.DEVICE_DESCR, mib.DEVICE_ID))
MAC = "1.3.6.1.2.1.2.2.1.6.1"
PRINTED, COPIED = (oid(f"{KYOCERA}42.3.1.1.1.1.{part}") for part in (1, 2))
BILLED, OWN_COUNT = "kyocera: service_count", "life"


def kyocera(serial: str = "RH28Y00001", *more: Said) -> FakeSession:
    return FakeSession(
        values(
            named("KYOCERA Document Solutions Printing System", "1347.41"),
            devices(i1=(PRINTER, "TASKalfa 3554ci", P + "1347.43.1.2.1")),
            life(1050),
            {
                KYOCERA + "43.10.1.1.12.1.1": 1000,
                KYOCERA + "43.5.1.1.28.1": serial,
                KYOCERA + "43.5.4.1.5.1.1": "2XC_1000.001",
                MAC: bytes.fromhex("00170d000001"),
            },
            *more,
        )
    )


class Service:
    """A service that may be restarted: readers come and go, the memory stays."""

    def __init__(self, machine: FakeSession) -> None:
        """Put `machine` at every place."""
        self.machine = machine
        self.memory = FakeMemory()
        self.clock = FakeClock(datetime(2026, 11, 2, tzinfo=UTC))
        self.now = 0.0
        self.reader = self._reader()

    def _reader(self) -> SnmpDeviceReader:
        return SnmpDeviceReader(
            lambda _: self.machine,
            load_profiles(),
            lambda: self.now,
            memory=self.memory,
            clock=self.clock,
        )

    def restart(self) -> None:
        self.reader = self._reader()
        self.machine.manners = Manners()

    async def poll(self, minutes: float = 5, place: PlaceId = HALL) -> Answer:
        self.now += minutes * 60
        self.clock.at += timedelta(minutes=minutes)
        self.machine.values[mib.SYS_UPTIME] += int(minutes * 6000)
        self.machine.walks.clear()
        return await self.reader.read(PollTarget(place, "192.0.2.1"))

    def boot(self) -> None:
        self.machine.values[mib.SYS_UPTIME] = 0

    def device_memory(self, key: str = "machine|serial:RH28Y00001") -> dict[str, object]:
        found: dict[str, object] = json.loads(self.memory.notes[key])
        return found


@pytest.fixture
def service() -> Service:
    return Service(kyocera())


async def test_a_machine_starting_up_while_the_service_starts_keeps_its_total(
    service: Service,
) -> None:
    """Otherwise the life count, which runs ahead, would be taken for pages printed."""
    assert (await service.poll()).meters["total"] == 1000
    service.boot()
    del service.machine.values[SERVICE]
    service.restart()
    assert "total" not in (await service.poll(0.1)).meters
    service.machine.values[SERVICE] = 1001
    answer = await service.poll(RETRY_S / 60 + 1)
    assert (answer.meters["total"], answer.formulas["total"]) == (1001, BILLED)


@pytest.mark.parametrize("restarts", [True, False])
async def test_a_machine_that_does_not_say_what_it_is_yet_is_read_as_before(
    service: Service, *, restarts: bool
) -> None:
    await service.poll()
    service.boot()
    for name in (SERVICE, SERIAL, FIRMWARE, mib.SYS_DESCR, mib.SYS_OBJECT_ID, *DEVICE):
        del service.machine.values[name]
    if restarts:
        service.restart()
    answer = await service.poll(0.1)
    assert (answer.profile, "total" in answer.meters) == ("kyocera", False)


async def test_a_sum_of_rows_is_absent_while_rows_are_missing() -> None:
    """A machine without a billing total: fewer rows are no smaller total."""
    service = Service(kyocera("RH28Y00001"))
    del service.machine.values[SERVICE]
    service.machine.values |= {PRINTED: 700, COPIED: 300}
    assert (await service.poll()).meters["total"] == 1000
    service.boot()
    del service.machine.values[COPIED]
    service.restart()
    assert "total" not in (await service.poll(0.1)).meters
    service.machine.values[COPIED] = 301
    assert (await service.poll(RETRY_S / 60 + 1)).meters["total"] == 1001


async def test_an_optional_counter_that_was_there_must_be_there_again() -> None:
    rows = {
        f"{RICOH_ROW}.2.{n}": code for n, code in enumerate((10, 201, 203, 202, 401, 403), start=1)
    }
    counts = {f"{RICOH_ROW}.9.{n}": 100 * n for n in range(1, 7)}
    machine = FakeSession(values(named("RICOH MP C3003 1.0 / x", "367.1.1"), rows, counts))
    service = Service(machine)
    before = await service.poll()
    assert before.meters["copy_color"] == 300 + 400
    service.boot()
    for column in (2, 9):
        del machine.values[oid(f"{RICOH_ROW}.{column}.4")]
    service.restart()
    after = await service.poll(0.1)
    assert "copy_color" not in after.meters
    assert after.meters["total"] == 100


async def test_rows_that_moved_are_found_again(service: Service) -> None:
    """What is remembered of a table is its row's name, never where the row stood."""
    first = {f"{RICOH_ROW}.2.1": 10, f"{RICOH_ROW}.9.1": 500}
    service.machine = FakeSession(values(named("RICOH MP C3003 1.0 / x", "367.1.1"), first))
    assert (await service.poll()).meters["total"] == 500
    for column, value in ((2, 10), (9, 502)):
        del service.machine.values[oid(f"{RICOH_ROW}.{column}.1")]
        service.machine.values[oid(f"{RICOH_ROW}.{column}.4")] = value
    service.restart()
    assert (await service.poll()).meters["total"] == 502
    assert not any(RICOH_ROW in text for text in service.memory.notes.values())


async def test_a_total_that_stays_away_for_a_day_is_read_otherwise_and_says_so(
    service: Service,
) -> None:
    assert (await service.poll()).formulas["total"] == BILLED
    del service.machine.values[SERVICE]
    service.restart()
    assert "total" not in (await service.poll()).meters
    answer = await service.poll(PLAN_LASTS_S / 60 + 1)
    assert (answer.meters["total"], answer.formulas["total"]) == (1050, OWN_COUNT)
    service.machine.values[SERVICE] = 1003
    service.restart()
    later = await service.poll()
    assert (later.meters["total"], later.formulas["total"]) == (1050, OWN_COUNT)


async def test_a_new_machine_that_is_starting_up_teaches_nothing_yet(service: Service) -> None:
    service.boot()
    del service.machine.values[SERVICE]
    assert (await service.poll(0.1)).formulas["total"] == OWN_COUNT
    assert service.device_memory()["meters"] == {}
    service.machine.values[SERVICE] = 1000
    answer = await service.poll(SETTLED_S / 60)
    assert (answer.meters["total"], answer.formulas["total"]) == (1000, BILLED)
    assert "total" in dict(service.device_memory()["meters"])  # type: ignore[call-overload] # JSON


async def test_a_machine_that_moved_is_known_at_its_new_place(service: Service) -> None:
    await service.poll()
    del service.machine.values[SERVICE]
    service.boot()
    assert "total" not in (await service.poll(0.1, LIBRARY)).meters


@pytest.mark.parametrize("restarts", [True, False])
async def test_another_machine_is_read_by_its_own_lights(
    service: Service, *, restarts: bool
) -> None:
    await service.poll()
    if restarts:
        service.restart()
    service.machine.values[SERIAL] = b"ZZ99900002"
    del service.machine.values[SERVICE]
    answer = await service.poll()
    assert (answer.identity.serial, answer.meters["total"]) == ("ZZ99900002", 1050)
    assert answer.formulas["total"] == OWN_COUNT


async def test_a_machine_that_comes_back_is_read_as_before(service: Service) -> None:
    await service.poll()
    old = dict(service.machine.values)
    service.machine.values[SERIAL] = b"ZZ99900002"
    await service.poll()
    service.machine.values = old
    del service.machine.values[SERVICE]
    service.restart()
    assert "total" not in (await service.poll()).meters


async def test_machines_known_by_their_model_only_do_not_share_what_is_known() -> None:
    service = Service(kyocera("0000000000"))
    del service.machine.values[oid(MAC)]
    await service.poll(5, HALL)
    del service.machine.values[SERVICE]
    assert (await service.poll(5, LIBRARY)).meters["total"] == 1050
    service.restart()
    assert "total" not in (await service.poll(5, HALL)).meters


async def test_manners_are_remembered_over_a_restart(service: Service) -> None:
    learnt = Manners(at_once=9, rows=8, refused=frozenset({mib.IEEE_1284[0]}))
    await service.poll()
    service.machine.manners = learnt
    await service.poll()
    service.restart()
    await service.poll()
    assert service.machine.manners == learnt
    assert service.device_memory()["at_once"] == 9


@pytest.mark.parametrize(
    ("name", "value"),
    [(FIRMWARE, b"2XC_2000.001"), (mib.SYS_DESCR, b"KYOCERA Printing System 2")],
    ids=["firmware", "sysDescr"],
)
async def test_new_firmware_drops_manners_and_keeps_formulas(
    service: Service, name: tuple[int, ...], value: bytes
) -> None:
    await service.poll()
    service.machine.manners = Manners(at_once=9, refused=frozenset({SERVICE}))
    await service.poll()
    learnt = service.device_memory()["learnt"]
    service.restart()
    service.machine.values[name] = value
    answer = await service.poll()
    assert service.machine.manners == Manners()
    assert (answer.meters["total"], answer.formulas["total"]) == (1000, BILLED)
    assert service.device_memory()["learnt"] != learnt


async def test_new_firmware_is_noticed_by_a_service_that_runs_on(service: Service) -> None:
    await service.poll()
    service.machine.manners = Manners(at_once=9)
    service.machine.values[FIRMWARE] = b"2XC_2000.001"
    service.boot()
    answer = await service.poll(0.1)
    assert service.machine.manners == Manners()
    assert answer.identity.firmware == "2XC_2000.001"


async def test_what_was_refused_is_asked_for_again_with_the_next_plan(service: Service) -> None:
    await service.poll()
    service.machine.manners = Manners(at_once=9, refused=frozenset({SERVICE}))
    assert "total" not in (await service.poll()).meters
    assert (await service.poll(RETRY_S / 60 + 1)).meters["total"] == 1000
    assert service.machine.manners == Manners(at_once=9)


async def test_what_was_refused_is_not_believed_for_longer_than_a_day(service: Service) -> None:
    await service.poll()
    service.machine.manners = Manners(refused=frozenset({SERVICE}))
    await service.poll()
    service.restart()
    assert "total" not in (await service.poll(60)).meters
    service.restart()
    assert (await service.poll(25 * 60)).meters["total"] == 1000


async def test_nothing_is_written_where_nothing_is_learnt(service: Service) -> None:
    await service.poll()
    written = service.memory.writes
    for _ in range(20):
        service.machine.values[SERVICE] += 3
        await service.poll(20)
    service.restart()
    await service.poll()
    assert service.memory.writes == written == 2


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "identity": 7}']
)
async def test_a_dossier_that_cannot_be_read_is_learnt_again(service: Service, text: str) -> None:
    await service.poll()
    good = dict(service.memory.notes)
    service.memory.notes["machine|serial:RH28Y00001"] = text
    service.restart()
    assert (await service.poll()).meters["total"] == 1000
    assert (
        json.loads(service.memory.notes["machine|serial:RH28Y00001"])["meters"]
        == (json.loads(good["machine|serial:RH28Y00001"])["meters"])
    )


async def test_a_broken_ledger_is_no_fault_of_the_machine() -> None:
    ledger = FakeLedger()
    ledger.broken = "the disk is full"
    reader = SnmpDeviceReader(
        lambda _: kyocera(), load_profiles(), lambda: 0.0, memory=NotedMemory(ledger)
    )
    with pytest.raises(LedgerError, match="full"):
        await reader.read(PollTarget(HALL, "192.0.2.1"))
