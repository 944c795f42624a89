"""Reader, counting rules and ledger together: a total never changes its meaning in silence."""

from datetime import UTC, datetime, timedelta

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import PLAN_LASTS_S, SnmpDeviceReader
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollPlace
from collector.bootstrap.machines import NotedMemory
from collector.domain.counting.findings import Code
from collector.domain.meters import TOTAL
from collector.ports import PollTarget
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.office import A_FLEET, OFFICE
from tests.unit.snmp.test_reader_memory import HALL, SERVICE, kyocera

START = datetime(2026, 11, 2, tzinfo=UTC)


class Books:
    """A service on one copier, with its ledger."""

    def __init__(self) -> None:
        """Start with an empty ledger."""
        self.machine = kyocera()
        self.ledger = FakeLedger()
        self.clock = FakeClock(START)
        self.start()

    def start(self) -> None:
        """Start the service, or start it anew."""
        standing = CurrentOffice(OfficeContext(A_FLEET, OFFICE))
        reader = SnmpDeviceReader(
            lambda _: self.machine,
            load_profiles(),
            self._seconds,
            memory=NotedMemory(self.ledger),
            clock=self.clock,
        )
        self.polls = PollPlace(reader, self.ledger, self.clock, standing)

    def _seconds(self) -> float:
        return (self.clock.at - START).total_seconds()

    async def poll(self, minutes: float = 5) -> None:
        self.clock.forward(minutes=minutes)
        self.machine.values[mib.SYS_UPTIME] += int(minutes * 6000)
        assert (await self.polls(PollTarget(HALL, "192.0.2.1"))).ok

    async def pages(self) -> int:
        found = await self.ledger.usages(HALL, START, self.clock.at)
        return sum(one.pages for one in found if one.meter == TOTAL)

    async def codes(self) -> list[Code]:
        return [one.code for one in await self.ledger.findings()]


async def test_a_service_restarted_while_the_copier_boots_counts_on() -> None:
    books = Books()
    await books.poll()
    books.machine.values[SERVICE] = 1004
    await books.poll()
    books.machine.values[mib.SYS_UPTIME] = 0
    del books.machine.values[SERVICE]
    books.start()
    await books.polls.remember()
    await books.poll(1)
    books.machine.values[SERVICE] = 1007
    await books.poll(20)
    await books.poll()
    assert await books.pages() == 7
    assert await books.codes() == [Code.TOTAL_MISSING]


async def test_a_total_read_otherwise_is_told_and_begins_a_new_epoch() -> None:
    books = Books()
    await books.poll()
    books.machine.values[SERVICE] = 1004
    await books.poll()
    del books.machine.values[SERVICE]
    await books.poll()
    await books.poll(PLAN_LASTS_S / 60 + 1)
    books.machine.values[(*mib.MARKER_LIFE, 1, 1)] = 1053
    await books.poll()
    assert await books.pages() == 4 + 3
    assert await books.codes() == [Code.TOTAL_MISSING, Code.METER_REDEFINED]
    (told,) = [one for one in await books.ledger.findings() if one.code is Code.METER_REDEFINED]
    assert told.evidence["total"] == "1004 by kyocera: service_count -> 1050 by life"
    assert timedelta(days=1) < (told.at or START) - START < timedelta(days=2)
