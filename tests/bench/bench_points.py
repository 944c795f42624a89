"""How many points a working day comes to, by measurement, for 12 and for 200 copiers.

"Before" is each reading with its supplies, and days and months with each round that moved them;
"now" is what InfluxDB gets by default. Copiers print at the pace of the hour, every poll goes
through the rules and the ledger. Run: python -m tests.bench.bench_points
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.adapters.snmp.client.session import LearningSession
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollPlace
from collector.app.publish.deliver import Deliver
from collector.app.publish.refresh import Refresh
from collector.app.publish.render import Renderer
from collector.app.publish.resting_months import RestingMonths
from collector.demo.demo import TableSession
from collector.demo.table import MibTable
from collector.demo.town import SPOTS, DemoPlace, fleet_of, printed_between
from collector.domain.counting.reading import Reading
from collector.domain.office.fleet import Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row
from collector.ports import Cycle, PollTarget, Rejected
from collector.settings.sinks import InfluxSettings
from tests.bench.figures import Unit, figure, title
from tests.fakes.clock import FakeClock
from tests.wording import ROW_WORDS

OFFICE: Final = Office("bench", ZoneInfo("Asia/Tokyo"))
DAY: Final = date(2026, 11, 25)
EVERY: Final = timedelta(seconds=InfluxSettings().every_s)
ROUND: Final = timedelta(minutes=5)
A_TONER: Final = 200
"""Impressions for one per cent of toner."""


class Counted:
    """A sink that takes everything and counts it by measurement."""

    announces = False

    def __init__(self, name: str) -> None:
        """Begin with nothing."""
        self.name = name
        self.points: Counter[str] = Counter()

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        self.points.update(row.measurement for row in rows)
        return ()

    async def marked(self, site: str) -> int | None:
        del site

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        pass


class Before(Renderer):
    """Publishes supplies with each reading."""

    def _is_stock_news(self, reading: Reading) -> bool:  # noqa: ARG002 - each one is
        return True


class Town:
    """So many of the demo's copiers, each read from its own table."""

    def __init__(self, copiers: int) -> None:
        """Set them up."""
        spots = [
            replace(
                SPOTS[n % len(SPOTS)],
                place=PlaceId(f"p{n:03d}"),
                machine=replace(SPOTS[n % len(SPOTS)].machine, serial=f"SN{n:05d}"),
            )
            for n in range(copiers)
        ]
        self.spots: Mapping[PlaceId, DemoPlace] = {one.place: one for one in spots}
        self.machines = {one.place: replace(one.machine, uptime_s=900_000) for one in spots}
        self.tables = {key: MibTable(one.objects()) for key, one in self.machines.items()}
        self.dice = Random(1)

    def session(self, target: PollTarget) -> LearningSession:
        return TableSession(self.tables[target.place])

    def fleet(self) -> Fleet:
        plain = fleet_of({one.place: 161 for one in SPOTS})
        places = {one.id: one for one in plain.places}
        every = tuple(
            Place(
                key, key, "127.0.0.1", assignments=places[SPOTS[n % len(SPOTS)].place].assignments
            )
            for n, key in enumerate(self.spots)
        )
        return replace(plain, places=every)

    def print(self, since: datetime, until: datetime) -> None:
        for key, spot in self.spots.items():
            done = printed_between(spot, since, until, OFFICE, self.dice)
            machine = self.machines[key].after(done)
            passed = int((until - since).total_seconds())
            left = 80 - machine.printed.total // A_TONER % 70
            toner = (left, *machine.toner[1:])
            machine = replace(machine, uptime_s=machine.uptime_s + passed, toner=toner)
            self.machines[key] = machine
            machine.fill(self.tables[key])


async def _day(copiers: int) -> tuple[Counter[str], Counter[str]]:
    """Return the points of one working day, before and now."""
    begin = OFFICE.midnight(DAY).astimezone(UTC)
    clock = FakeClock(begin - timedelta(hours=10))
    town, ledger = Town(copiers), await SqliteLedger.in_memory()
    context = OfficeContext(town.fleet(), OFFICE)
    current, reader = CurrentOffice(context), SnmpDeviceReader(town.session, load_profiles(None))
    polls, sinks = PollPlace(reader, ledger, clock, current), (Counted("before"), Counted("now"))
    before = Before(ledger, current, clock, "bench", ROW_WORDS)
    now = Renderer(ledger, current, clock, "bench", ROW_WORDS, EVERY)
    deliveries = (
        Deliver(ledger, sinks[0], before, clock),
        Deliver(
            *(ledger, sinks[1], now, clock),
            resting=RestingMonths(ledger, current, clock, EVERY, places=True),
        ),
    )
    refresh, told = Refresh(ledger, current, clock), None
    await refresh.fleet()
    while clock.now() < begin + timedelta(days=1):
        if clock.now() == begin:
            for one in sinks:
                one.points.clear()
        if told != (told := OFFICE.local_day(clock.now())):
            await refresh.new_day(told)
        for key in town.spots:
            await polls(PollTarget(key, "127.0.0.1"))
        await ledger.record_cycle(Cycle(clock.now(), copiers, 0, 0, 1.0, 0.0))
        for deliver in deliveries:
            while await deliver():
                pass
        since = clock.now()
        town.print(since, clock.forward(seconds=ROUND.total_seconds()))
    await ledger.close()
    return sinks[0].points, sinks[1].points


def main() -> None:
    """Print the figures."""
    for copiers in (12, 200):
        before, now = asyncio.run(_day(copiers))
        title(f"Points of a working day with {copiers} copiers")
        for name in sorted(before, key=lambda one: -before[one]):
            figure(f"{name} (before: {before[name]:,})", now[name], Unit.COUNT)
        was, there = before.total(), now.total()
        figure(f"all of them (before: {was:,})", there, Unit.COUNT)
        figure("now of before", there / was, Unit.TIMES, goal=0.1)


if __name__ == "__main__":
    main()
