"""Beside the counters: asked now and then, at once where something changed, never in their way."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.condition.facts import gather
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.reading.resolve import plan_condition, resolve
from collector.adapters.snmp.reading.slow_poll import ALERTS_EVERY_S, EVERY_S, ask_condition
from collector.domain.counting.reading import Answer, DeviceStatus
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from collector.ports import PollTarget
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import PRINTER, SUPPLY, devices, life, named, values
from tests.unit.snmp.test_alerts import row

PLACE = PlaceId("hall")
LEVEL = oid(f"{SUPPLY}.9.1.1")
CAPACITY = oid(f"{SUPPLY}.8.1.1")
TRAY = oid("1.3.6.1.2.1.43.8.2.1.10.1.1")
ERRORS = oid("1.3.6.1.2.1.25.3.5.1.2.1")
PRINTER_STATUS = oid("1.3.6.1.2.1.25.3.5.1.1.1")
UPTIME = mib.SYS_UPTIME
SERIAL = oid("1.3.6.1.2.1.43.5.1.1.17.1")


class PartlyDeaf(FakeSession):
    """Answers for its counters, but raises `error` for whatever lies below `deaf`."""

    def __init__(self, said: Mapping[Oid, Value]) -> None:
        """Hear everything at first."""
        super().__init__(said)
        self.deaf: tuple[Oid, ...] = ()
        self.error: DeviceError = DeviceUnreachable(PLACE, "no answer")

    def _hear(self, names: Sequence[Oid]) -> None:
        if any(name[: len(root)] == root for name in names for root in self.deaf):
            raise self.error

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        self._hear(oids)
        return await super().get(oids)

    async def walk(
        self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
    ) -> Mapping[Oid, Value]:
        self._hear([root])
        return await super().walk(root, limit, known)


class Bench:
    """A reader on one made-up machine, with a hand on its clock."""

    def __init__(self) -> None:
        """Put a machine behind a reader that has not read it yet."""
        self.session = PartlyDeaf(
            values(
                named("ACME printer", "99999.1"),
                devices(i1=(PRINTER, "ACME 5", "")),
                life(100),
                {f"{SUPPLY}.6.1.1": "Black Toner", f"{SUPPLY}.5.1.1": 3, f"{SUPPLY}.8.1.1": 100},
                {f"{SUPPLY}.9.1.1": 80, "1.3.6.1.2.1.43.8.2.1.10.1.1": 250},
                {"1.3.6.1.2.1.25.3.2.1.5.1": 2, "1.3.6.1.2.1.25.3.5.1.1.1": 3},
                {"1.3.6.1.2.1.25.3.5.1.2.1": b"\0", "1.3.6.1.2.1.43.5.1.1.17.1": "ACME0001"},
                row(1, 5, 11, 1, 1104, "low"),
            )
        )
        self.now = 0.0
        self.reader = SnmpDeviceReader(lambda _: self.session, load_profiles(), lambda: self.now)

    async def poll(self, seconds: float = 60.0) -> Answer:
        self.now += seconds
        self.session.values[UPTIME] += int(seconds * 100)
        self.session.gets.clear()
        self.session.walks.clear()
        return await self.reader.read(PollTarget(PLACE, "192.0.2.1"))

    @property
    def requests(self) -> int:
        return len(self.session.gets) + len(self.session.walks)


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.poll()
    return made


def told(answer: Answer) -> list[str] | None:
    return None if answer.alerts is None else [one.text for one in answer.alerts]


async def test_an_ordinary_poll_repeats_what_was_said_aside(bench: Bench) -> None:
    bench.session.values[LEVEL] = 70
    for _ in range(5):
        answer = await bench.poll()
        assert bench.requests == 1
        assert LEVEL not in bench.session.gets[0]
        assert [one.remaining for one in answer.supplies] == [80]
        assert [one.remaining for one in answer.trays] == [250]
        assert told(answer) == ["low"]


async def test_after_a_quarter_of_an_hour_it_is_asked_again(bench: Bench) -> None:
    bench.session.values |= {LEVEL: 70, CAPACITY: 140, TRAY: -3}
    answer = await bench.poll(EVERY_S)
    assert [one.level_pct for one in answer.supplies] == [50.0]
    assert [one.state.value for one in answer.trays] == ["some_remaining"]
    assert bench.requests == 1, "with the counters, where it fits"


async def test_every_hour_the_alerts_are_looked_into_though_nothing_changed(bench: Bench) -> None:
    bench.session.values |= values(row(2, 3, 13, 1, 8, "jam"))
    assert told(await bench.poll(ALERTS_EVERY_S - 1)) == ["low"]
    assert told(await bench.poll(2)) == ["jam", "low"]
    assert bench.session.walks == [mib.ALERT_SEVERITY]


async def test_a_machine_that_states_no_condition_is_looked_into_more_often() -> None:
    bench = Bench()
    del bench.session.values[ERRORS]
    await bench.poll()
    bench.session.values |= values(row(2, 3, 13, 1, 8, "jam"))
    assert told(await bench.poll(EVERY_S - 1)) == ["low"]
    assert told(await bench.poll(2)) == ["jam", "low"]


async def test_a_change_of_condition_is_looked_into_at_once(bench: Bench) -> None:
    bench.session.values |= {ERRORS: b"\x04"} | values(row(2, 3, 13, 1, 8, "jam"))
    assert told(await bench.poll()) == ["jam", "low"]
    assert told(await bench.poll()) == ["jam", "low"]
    assert bench.requests == 1
    bench.session.values[PRINTER_STATUS] = 1
    assert (await bench.poll()).status is DeviceStatus.STOPPED
    assert bench.requests > 1


async def test_printing_now_and_then_is_no_change_of_condition(bench: Bench) -> None:
    for status in (4, 3, 5, 4, 3):
        bench.session.values[PRINTER_STATUS] = status
        await bench.poll()
        assert bench.requests == 1


@pytest.mark.parametrize(
    "error",
    [
        DeviceUnreachable(PLACE, "no answer"),
        DeviceRefused(PLACE, "no access"),
        DeviceNonsense(PLACE, "goes round in circles"),
    ],
)
async def test_a_failure_aside_never_costs_the_counters(bench: Bench, error: DeviceError) -> None:
    bench.session.deaf, bench.session.error = (mib.SUPPLY_LEVEL, mib.ALERT_SEVERITY), error
    answer = await bench.poll(EVERY_S)
    assert answer.meters[TOTAL] == 100
    assert [one.remaining for one in answer.supplies] == [80]
    assert told(answer) == ["low"]
    assert bench.requests == 1
    await bench.poll()
    assert bench.requests == 1, "asked again only when it is due"


async def test_a_machine_that_answers_counters_and_levels_only_apart(bench: Bench) -> None:
    bench.session.deaf = (mib.SUPPLY_LEVEL,)
    assert (await bench.poll(EVERY_S)).meters[TOTAL] == 100
    bench.session.deaf = ()
    bench.session.values[LEVEL] = 60
    answer = await bench.poll(EVERY_S)
    assert [one.remaining for one in answer.supplies] == [60]
    counters, levels = bench.session.gets
    assert LEVEL in levels
    assert LEVEL not in counters


async def test_alerts_that_were_never_read_are_not_known() -> None:
    bench = Bench()
    bench.session.deaf = (mib.ALERT_SEVERITY,)
    answer = await bench.poll()
    assert answer.alerts is None
    assert [one.remaining for one in answer.supplies] == [80]


@pytest.mark.parametrize("root", [mib.SUPPLY_LEVEL, mib.TRAY_LEVEL, mib.LOCALE_CHARSET])
async def test_a_table_of_rubbish_leaves_the_counters_alone(root: Oid) -> None:
    bench = Bench()
    bench.session.deaf = (root,)
    bench.session.error = DeviceNonsense(PLACE, "goes round in circles")
    assert (await bench.poll()).meters[TOTAL] == 100


async def test_another_machine_does_not_inherit_supplies_or_alerts(bench: Bench) -> None:
    bench.session.values[SERIAL] = b"ACME0002"
    bench.session.deaf = (mib.ALERT_SEVERITY, mib.SUPPLY_NAME)
    bench.session.error = DeviceRefused(PLACE, "no access")
    answer = await bench.poll()
    assert answer.identity.serial == "ACME0002"
    assert (answer.supplies, answer.alerts) == ((), None)


class Slow(FakeSession):
    """Answers for everything but what lies below `slow`: there nothing ever comes."""

    slow: tuple[Oid, ...] = ()

    async def walk(
        self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
    ) -> Mapping[Oid, Value]:
        if any(root[: len(one)] == one for one in self.slow):
            await asyncio.Event().wait()
        return await super().walk(root, limit, known)


async def test_a_machine_that_takes_for_ever_holds_nothing_up() -> None:
    session = Slow(Bench().session.values)
    session.slow = (mib.SUPPLY_NAME,)
    condition_plan = await plan_condition(session, await gather(session), limit_s=0.01)
    assert condition_plan.state.printer == PRINTER_STATUS, "what it told before is kept"
    assert (condition_plan.supplies, condition_plan.trays) == ((), ())
    session.slow = (mib.ALERT_SEVERITY,)
    plan = await resolve(session, load_profiles())
    condition = await ask_condition(session, plan, limit_s=0.01)
    assert condition.values[LEVEL] == 80
    assert condition.alerts is None
