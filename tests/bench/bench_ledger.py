"""How big the ledger grows and how fast it is: `python -m tests.bench.bench_ledger`.

The office is made up but plausible: 60 changes a working day between 08:30 and 17:15 local time,
a heartbeat each hour, 12 meters of which five or six move, toner that sinks slowly.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.retention import Packer
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, DeviceStatus, Reading, Supply, SupplyState
from collector.domain.counting.track import MeterTrack, PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import Meter
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import LogRef, PlaceState, Record
from tests.bench.figures import Unit, figure, title
from tests.fakes.clock import FakeClock
from tests.unit.app.office import TOKYO

YEAR: Final = 365
FIRST: Final = date(2025, 4, 1)
OPENS: Final = timedelta(hours=-1, minutes=30)
"""08:30 in Tokyo, from midnight UTC."""

WORKS_S: Final = int(timedelta(hours=8, minutes=45).total_seconds())
CHANGES: Final = 60
METERS: Final = tuple(
    Meter(name)
    for name in (
        *("total", "total_mono", "total_color", "copy", "copy_mono", "copy_color"),
        *("print", "print_mono", "print_color", "fax", "scan", "duplex_sheets"),
    )
)
MOVES: Final = (
    ("total", "total_mono", "copy", "copy_mono", "duplex_sheets"),
    ("total", "total_mono", "print", "print_mono", "duplex_sheets"),
    ("total", "total_color", "print", "print_color"),
    ("scan",),
)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the inside took."""
    began = time.perf_counter()
    yield
    figure(what, 1000 * (time.perf_counter() - began), Unit.WALL_MS)


class Copier:
    """One made-up machine and its place."""

    def __init__(self, number: int) -> None:
        """Begin with some years behind it."""
        self.place = PlaceId(f"place-{number:03}")
        self.identity = DeviceIdentity("Ricoh", "IM C3000", f"3G{number:08}", None, "1.04")
        self.random = random.Random(number)
        self.counts = {meter: self.random.randrange(10_000, 900_000) for meter in METERS}
        self.pages = 0
        self.last = datetime.combine(FIRST, datetime.min.time(), UTC) - timedelta(hours=1)

    def record(self, at: datetime, moved: dict[Meter, int]) -> Record:
        """Return the record of a poll at `at` that found `moved`."""
        before = {meter: self.counts[meter] for meter in moved}
        for meter, pages in moved.items():
            self.counts[meter] += pages
        self.pages += moved.get(Meter("total"), 0)
        reading = Reading(self.place, at, self._answer(at))
        track = PlaceTrack(
            self.identity,
            at,
            reading.answer.uptime_s,
            {meter: MeterTrack(1, 0, value, at) for meter, value in self.counts.items()},
        )
        usages = tuple(
            Usage(self.place, self.identity.key, meter, 1, self.last, at, before[meter], value)
            for meter, value in self.counts.items()
            if meter in moved
        )
        self.last = at
        day = (at + timedelta(hours=9)).date()
        return Record(
            state=PlaceState(self.place, track, None, at, at, online=True, changed_at=at),
            reading=reading,
            usages=usages,
            days=(DayUsage(self.place, day, moved),) if moved else (),
            log=(
                LogRef("reading", f"{self.place}|{int(at.timestamp())}"),
                LogRef("day", f"{self.place}|{day}"),
                LogRef("office_day", f"{day}"),
                LogRef("month", f"{day:%Y-%m}"),
            ),
        )

    def year(self) -> Iterator[Record]:
        """Yield a year of records, oldest first."""
        for number in range(YEAR):
            midnight = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), UTC)
            changes = set()
            if midnight.weekday() < 5:
                seconds = self.random.sample(range(WORKS_S), CHANGES)
                changes = {midnight + OPENS + timedelta(seconds=one) for one in seconds}
            beats = {midnight + timedelta(hours=hour - 9, seconds=7) for hour in range(24)}
            for at in sorted(changes | beats):
                yield self.record(at, self._job() if at in changes else {})

    def _job(self) -> dict[Meter, int]:
        moved = self.random.choices(MOVES, weights=(3, 5, 2, 2))[0]
        pages = self.random.randrange(1, 40)
        return {Meter(name): pages for name in moved}

    def _answer(self, at: datetime) -> Answer:
        left = 100 - self.pages // 200 % 100
        supplies = tuple(
            Supply(key, f"{key} toner cartridge", SupplyState.LEVEL, left, 100)
            for key in ("black", "cyan", "magenta", "yellow")
        )
        return Answer(
            identity=self.identity,
            meters=dict(self.counts),
            uptime_s=int(at.timestamp()) % 5_000_000,
            status=DeviceStatus.IDLE,
            supplies=supplies,
            profile="ricoh",
        )


async def growth(folder: Path) -> None:
    """Print the bytes a place adds in a year, and the pace of a bulk insert."""
    places = 2
    path = folder / "growth.db"
    records = [one for number in range(places) for one in Copier(number).year()]
    records.sort(key=lambda one: (one.state.seen_at, one.state.place))
    await (await SqliteLedger.open(path)).close()
    empty = _without_room(path)
    ledger = await SqliteLedger.open(path)
    title(f"A year of {places} places: {len(records):,} readings")
    began = time.perf_counter()
    for start in range(0, len(records), 5000):
        await ledger.record(records[start : start + 5000])
    took = time.perf_counter() - began
    figure("records in batches of 5000", len(records) / took, Unit.EACH_S)
    await ledger.close()
    bytes_ = path.stat().st_size - empty
    figure("a place and year, as rows", bytes_ / places / 1e6, Unit.MB)
    with closing(sqlite3.connect(path)) as shell:
        for name, size, rows in shell.execute(
            "SELECT name, sum(pgsize), sum(ncell) FROM dbstat GROUP BY name"
            " HAVING sum(pgsize) > 50000 ORDER BY 2 DESC"
        ):
            figure(f"  of it {name} ({size / rows:.0f} bytes a row)", size / places / 1e6, Unit.MB)
    await laid_together(path, places, empty, bytes_)
    await one_by_one(path)


async def laid_together(path: Path, places: int, empty: int, as_rows: int) -> None:
    """Print what the same year takes laid together, and what that costs."""
    ledger = await SqliteLedger.open(path)
    current = CurrentOffice(OfficeContext(Fleet((), ()), Office("bench", TOKYO)))
    years_later = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=2 * YEAR)
    packer = Packer(ledger, current, FakeClock(years_later), ())
    steps, cpu, began = [0.0], time.process_time(), time.perf_counter()
    while await packer.step():
        steps.append(time.perf_counter() - began)
        began = time.perf_counter()
    cpu = time.process_time() - cpu
    await ledger.close()
    left = _without_room(path) - empty
    title("The same laid together")
    figure("a place and year", left / places / 1e6, Unit.MB, goal=0.25)
    figure("of what it takes as rows", left / as_rows, Unit.TIMES)
    figure("to lay a reading together", 1e6 * cpu / packer.packed, Unit.CPU_US)
    figure("the longest step", 1000 * max(steps), Unit.WALL_MS)


def _without_room(path: Path) -> int:
    """Return the octets of the file once no page of it is empty."""
    with closing(sqlite3.connect(path)) as shell:
        shell.execute("VACUUM")
    return path.stat().st_size


async def one_by_one(path: Path) -> None:
    """Print what a single poll costs, with its commit on disk."""
    copier, polls = Copier(999), 500
    ledger = await SqliteLedger.open(path)
    start = datetime(2026, 4, 1, tzinfo=UTC)
    records = [copier.record(start + timedelta(minutes=n), copier._job()) for n in range(polls)]
    began = time.perf_counter()
    for one in records:
        await ledger.record([one])
    figure("one record, one commit", 1000 * (time.perf_counter() - began) / polls, Unit.WALL_MS)
    await ledger.close()


async def questions(folder: Path) -> None:
    """Print how long the questions take that stand behind `month`, `status` and the sinks."""
    places, days = 200, 366
    copiers = [Copier(number) for number in range(places)]
    ledger = await SqliteLedger.open(folder / "questions.db")
    title(f"A ledger of {places} places and {days} days of 8 meters")
    records: list[Record] = []
    for number in range(days):
        noon = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), UTC)
        moved = dict.fromkeys(METERS[:8], 3 + number % 50)
        records += [one.record(noon + timedelta(hours=3), moved) for one in copiers]
    await ledger.record(records)
    end = FIRST + timedelta(days=days - 1)
    with timed("days() of the year, all places"):
        found = await ledger.days(FIRST, end)
    assert len(found) == places * days
    with timed("days() of the year, one place"):
        await ledger.days(FIRST, end, copiers[7].place)
    with timed("days() of one month, all places"):
        await ledger.days(end - timedelta(days=30), end)
    with timed("states()"):
        assert len(await ledger.states()) == places
    with timed("heard_between() of the year"):
        await ledger.heard_between(
            datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        )
    with timed("backlog() of a sink that never got anything"):
        await ledger.backlog("influx")
    with timed("log_after() of 5000"):
        await ledger.log_after(50_000, 5000)
    with timed("size()"):
        await ledger.size()
    await ledger.close()
    with timed("open and state() of one place"):
        ledger = await SqliteLedger.open(folder / "questions.db")
        await ledger.state(copiers[7].place)
    await ledger.close()


async def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        await growth(Path(folder))
        await questions(Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
