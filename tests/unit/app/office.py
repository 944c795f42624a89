"""A small office around the use cases: fakes at every port, real use cases and real domain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollOutcome, PollPlace
from collector.app.publish.deliver import Deliver
from collector.app.publish.refresh import Refresh
from collector.app.publish.render import Renderer
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import Meter
from collector.domain.office.fleet import (
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Targets,
)
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row
from collector.errors import DeviceError
from collector.ports import Ledger, LogRef, PollTarget
from tests.fakes.clock import FakeClock
from tests.fakes.device_reader import FakeDeviceReader
from tests.fakes.ledger import FakeLedger
from tests.fakes.sink import FakeSink
from tests.wording import ROW_WORDS

TOKYO = ZoneInfo("Asia/Tokyo")
T0 = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
"""Monday 09:00 in Tokyo."""

RICOH = DeviceIdentity(vendor="Ricoh", model="IM C3000", serial="3081R900123")
CANON = DeviceIdentity(vendor="Canon", model="iR-ADV C5840", serial="2XK04711")
KYOCERA = DeviceIdentity(vendor="Kyocera", model="TASKalfa 4054ci", serial="RVP1234567")

SOUMU, ZEIMU = DepartmentId("soumu"), DepartmentId("zeimu")
DEPARTMENTS = (Department(SOUMU, "総務課", "General Affairs"), Department(ZEIMU, "税務課"))
LONG_AGO = date(2020, 4, 1)


def place(name: str, *spans: tuple[date, Mapping[str, int]]) -> Place:
    """Return a place with `spans` of who answers for it."""
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in spans
    )
    return Place(PlaceId(name), f"{name}のコピー機", "192.0.2.1", assignments=assignments)


def fleet(*places: Place, targets: Mapping[str, Targets] | None = None) -> Fleet:
    """Return an office of two departments with `places`."""
    named = {DepartmentId(one): target for one, target in (targets or {}).items()}
    return Fleet(DEPARTMENTS, places, named)


A_FLEET = fleet(
    place("1f", (LONG_AGO, {"soumu": 100})),
    place("2f", (LONG_AGO, {"soumu": 60, "zeimu": 40})),
    targets={"soumu": Targets(default=1000)},
)
OFFICE = Office("hall", TOKYO)


def answer(identity: DeviceIdentity, total: int | None = None, **meters: int) -> Answer:
    """Return what a machine with these meters answers."""
    values = {Meter(name): value for name, value in meters.items()}
    if total is not None:
        values[Meter("total")] = total
    return Answer(identity, values, uptime_s=10**6, rated_ipm=40)


class AnOffice:
    """Everything a test needs; `restart` forgets all that is not in the ledger."""

    def __init__(self, context: OfficeContext | None = None, at: datetime = T0) -> None:
        """Open at `at` with an empty ledger."""
        self.clock = FakeClock(at)
        self.ledger = FakeLedger()
        self.reader = FakeDeviceReader()
        self.sink = FakeSink()
        self.current = CurrentOffice(context or OfficeContext(A_FLEET, OFFICE))
        self.restart()

    def restart(self) -> None:
        """Build the use cases anew, knowing nothing."""
        self.polls = PollPlace(self.reader, self.ledger, self.clock, self.current)
        self.renderer = Renderer(self.ledger, self.current, self.clock, "edge-1", ROW_WORDS)
        self.deliver = Deliver(self.ledger, self.sink, self.renderer, self.clock, batch=7)
        self.refresh = Refresh(self.ledger, self.current, self.clock)

    def reorganise(self, new: Fleet) -> None:
        """Put another fleet file in place; nothing is told yet."""
        self.current.context = replace(self.current.context, fleet=new)

    async def poll(self, name: str, says: Answer | DeviceError | None = None) -> PollOutcome:
        """Poll one place now, which says `says` from now on (None: as before)."""
        if says is not None:
            self.reader.says[PlaceId(name)] = says
        return await self.polls(PollTarget(PlaceId(name), "192.0.2.1"))

    async def silent(self, name: str) -> PollOutcome:
        """Poll one place now, which does not answer any more."""
        self.reader.says.pop(PlaceId(name), None)
        return await self.poll(name)

    async def log(self, since: int = 0) -> list[LogRef]:
        """Return the log's references after `since`, in order."""
        return [entry.ref for entry in await self.ledger.log_after(since, 10**6)]

    async def last_seq(self) -> int:
        """Return the sequence number of the newest log entry."""
        entries = await self.ledger.log_after(0, 10**6)
        return entries[-1].seq if entries else 0

    async def codes(self) -> list[Code]:
        """Return the codes of all findings in the ledger, in order of time."""
        return [finding.code for finding in await self.ledger.findings()]

    async def pages(self, name: str | None = None, meter: str = "total") -> int:
        """Return what was counted in all days, at one place or all."""
        days = await self.ledger.days(date.min, date.max, PlaceId(name) if name else None)
        return sum(day.pages.get(Meter(meter), 0) for day in days)

    async def deliver_all(self) -> None:
        """Hand over until nothing is left."""
        while await self.deliver():
            pass

    async def rows(self, *refs: LogRef) -> list[Row]:
        """Render `refs`."""
        return await self.renderer.rows(refs)

    async def months(self, name: str) -> list[Row]:
        """Render the month called `name` of every department; not that of the whole office."""
        rows = await self.rows(LogRef("month", name))
        return [row for row in rows if row.measurement == "department_month"]


async def whole_log(ledger: Ledger) -> list[LogRef]:
    """Return every reference in the log of `ledger`."""
    return [entry.ref for entry in await ledger.log_after(0, 10**6)]
