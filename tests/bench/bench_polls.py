"""What a poll costs behind the network: judged, counted, in the ledger; CPU and bytes to disk.

The machines answer at once out of memory, so the figures are those of the rules and the ledger.
Run: python -m tests.bench.bench_polls [places]
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollPlace
from collector.app.poll.trusted_clock import TrustedClock
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, DeviceStatus, Supply, SupplyState
from collector.domain.meters import Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import PollTarget
from tests.bench.figures import Unit, figure, title
from tests.fakes.clock import FakeClock
from tests.fakes.device_reader import FakeDeviceReader

PLACES: Final = 200
ROUNDS: Final = 10
EVERY: Final = timedelta(minutes=5)
MONDAY: Final = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
"""09:00 in Tokyo."""

NAMES: Final = tuple(
    Meter(f"{service}{colour}")
    for service in ("total", "copy", "print", "fax", "scan")
    for colour in ("", "_mono", "_color", "_large")
)
"""Twenty meters."""

MOVED: Final = tuple(
    Meter(name) for name in ("total", "total_mono", "print", "print_mono", "total_large")
)


MOST_MS: Final = {"unchanged": 0.4, "changed": 1.2}
MOST_KB: Final = {"unchanged": None, "changed": 6.0}


def fleet(places: int) -> Fleet:
    """Return an office of 20 departments."""
    departments = tuple(Department(DepartmentId(f"d{n:02d}"), f"課{n}") for n in range(20))
    return Fleet(
        departments,
        tuple(
            Place(
                PlaceId(f"p{n:05d}"),
                f"place {n}",
                "192.0.2.1",
                assignments=(Assignment(date(2020, 4, 1), {departments[n % 20].id: 100}),),
            )
            for n in range(places)
        ),
    )


def answer(number: int, meters: int = len(NAMES)) -> Answer:
    """Return what machine `number` with so many `meters` says at first."""
    counts = {name: 100_000 + 7 * n for n, name in enumerate(NAMES[:meters])}
    supplies = tuple(
        Supply(key, f"{key} toner cartridge", SupplyState.LEVEL, 60, 100)
        for key in ("black", "cyan", "magenta", "yellow")
    )
    return Answer(
        DeviceIdentity("Ricoh", "IM C3000", f"3G{number:08}", None, "1.04"),
        counts,
        uptime_s=900_000,
        status=DeviceStatus.IDLE,
        supplies=supplies,
        profile="ricoh",
        rated_ipm=30,
        formulas={name: f"row[{name}]" for name in counts},
    )


class Bench:
    """All places of an office, polled side by side at the office's own pace."""

    def __init__(self, places: int, ledger: SqliteLedger, meters: int = len(NAMES)) -> None:
        """Stand ready."""
        self.clock = FakeClock(MONDAY)
        self.reader = FakeDeviceReader()
        self.seconds = 0.0
        current = CurrentOffice(
            OfficeContext(fleet(places), Office("hall", ZoneInfo("Asia/Tokyo")))
        )
        trusted = TrustedClock(self.clock, lambda: self.seconds)
        self.polls = PollPlace(self.reader, ledger, trusted, current)
        self.targets = [PollTarget(one.id, one.address) for one in current.context.fleet.places]
        for number, one in enumerate(self.targets):
            self.reader.says[one.place] = answer(number, meters)

    async def round(self, at_once: int) -> None:
        """Poll every place once, `at_once` at a time, spread over the interval."""
        step = EVERY / len(self.targets)
        for start in range(0, len(self.targets), at_once):
            some = self.targets[start : start + at_once]
            async with asyncio.TaskGroup() as group:
                for target in some:
                    group.create_task(self.polls(target))
            self.clock.at += step * len(some)
            self.seconds += (step * len(some)).total_seconds()

    def go_on(self, *, printed: bool) -> None:
        """Let five minutes of uptime pass, and pages where something was `printed`."""
        for place, says in self.reader.says.items():
            meters = says.meters
            if printed:
                meters = {**meters, **{name: meters[name] + 3 for name in MOVED if name in meters}}
            uptime_s = (says.uptime_s or 0) + int(EVERY.total_seconds())
            self.reader.says[place] = replace(says, meters=meters, uptime_s=uptime_s)


def written() -> int:
    """Return how many bytes this process has handed to files."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["wchar"])


async def measure(places: int, at_once: int) -> None:
    """Print what unchanged and changed polls cost, `at_once` at a time."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = await SqliteLedger.open(Path(folder) / "ledger.sqlite3")
        bench = Bench(places, ledger)
        await bench.round(at_once)
        for what, printed in (("unchanged", False), ("changed", True)):
            bytes_, cpu, began = written(), time.process_time(), time.perf_counter()
            for _ in range(ROUNDS):
                bench.go_on(printed=printed)
                await bench.round(at_once)
            polls = ROUNDS * places
            cpu, wall = time.process_time() - cpu, time.perf_counter() - began
            name = f"{what}, {places} places, {at_once} at once"
            figure(name, 1000 * cpu / polls, Unit.CPU_MS, goal=MOST_MS[what])
            figure(f"{name}: by the clock", 1000 * wall / polls, Unit.WALL_MS)
            kilobytes = (written() - bytes_) / polls / 1000
            figure(f"{name}: to disk", kilobytes, Unit.KB, goal=MOST_KB[what])
        await ledger.close()


def main() -> None:
    """Print the figures."""
    places = int(sys.argv[1]) if len(sys.argv) > 1 else PLACES
    title("A poll behind the network: rules and ledger, 20 meters, all durable on return")
    for at_once in (1, 32):
        asyncio.run(measure(places, at_once))


if __name__ == "__main__":
    main()
