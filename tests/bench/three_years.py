"""A ledger of three years and 200 places, sealed but for the last finished month, for the benches.

It is made once and kept in the machine's temporary folder: `python -m tests.bench.three_years`.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import CloseMonth, Refusal
from collector.bootstrap.office import load_into
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import MeterTrack, PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.ports import LogRef, PlaceState, Record
from collector.settings.load import load
from tests.bench.bench_fleet import PLACES, configuration
from tests.bench.figures import title

DAYS: Final = 3 * 365
LAST: Final = date(2026, 11, 26)
NOW: Final = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HOURS: Final = (1, 4, 8)
"""When each place is read on a day, UTC: 10:00, 13:00 and 17:00 in Tokyo."""

METERS: Final = tuple(
    Meter(name)
    for name in ("total", "total_mono", "total_color", "copy", "print", "fax", "scan", "sheets")
)


class _Copier:
    """One machine and its place, printing every working day."""

    def __init__(self, number: int) -> None:
        self.place = PlaceId(f"p{number:03d}")
        self.identity = DeviceIdentity(vendor="Ricoh", model="M", serial=f"S{number:06d}")
        self.dice = random.Random(number)
        self.counts = dict.fromkeys(METERS, 100_000)

    def day(self, day: date) -> Iterator[Record]:
        for number, hour in enumerate(HOURS):
            at = datetime(day.year, day.month, day.day, hour, self.dice.randrange(60), tzinfo=UTC)
            works = number and day.weekday() < 5
            yield self._record(at, day, self.dice.randrange(1, 120) if works else 0)

    def _record(self, at: datetime, day: date, pages: int) -> Record:
        color = pages // 4
        moved = dict(
            zip(
                METERS,
                (pages, pages - color, color, pages // 3, pages - pages // 3, 0, 2, pages // 2),
                strict=True,
            )
        )
        before = dict(self.counts)
        for meter in METERS if pages else ():
            self.counts[meter] += moved[meter]
        begin = at - timedelta(minutes=5)
        usages = tuple(
            Usage(self.place, self.identity.key, meter, 1, begin, at, before[meter], count)
            for meter, count in self.counts.items()
            if count > before[meter]
        )
        meters = {meter: MeterTrack(1, 0, count, at) for meter, count in self.counts.items()}
        pages_of = {one.meter: one.pages for one in usages}
        return Record(
            PlaceState(
                *(self.place, PlaceTrack(self.identity, at, 1, meters, 1), None, at, at),
                online=True,
                changed_at=at,
            ),
            Reading(self.place, at, Answer(self.identity, dict(self.counts), 1)),
            usages,
            (DayUsage(self.place, day, pages_of),) if pages_of else (),
            log=(LogRef("reading", f"{self.place}|{int(at.timestamp())}"),),
        )


async def _fill(folder: Path, before: int) -> None:
    loaded = load(configuration(folder, list(range(20000, 20000 + PLACES))), {})
    ledger = await SqliteLedger.open(folder / "ledger.sqlite3")
    copiers = [_Copier(number) for number in range(PLACES)]
    days = [LAST - timedelta(days=back) for back in range(before, -1, -1)]
    for start in range(0, len(days), 30):
        some = days[start : start + 30]
        await ledger.record([one for day in some for copier in copiers for one in copier.day(day)])
    loading, _ = await load_into(ledger, loaded, NOW)
    office = loading.context.office
    close = CloseMonth(ledger, loading.context, NOW)
    for period in [*office.periods(days[0], LAST)][:-2]:
        plan = await close.plan(period.name, estimate_now=True)
        assert not isinstance(plan, Refusal), plan
        await close.apply(plan, "bench")
    await ledger.close()


def three_years(into: Path, days: int = DAYS) -> Path:
    """Leave a copy of the office, or of its last `days`, in `into`; return its configuration."""
    kept = Path(tempfile.gettempdir()) / f"copier-fleet-bench-{PLACES}x{days}"
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        began = time.perf_counter()
        asyncio.run(_fill(kept, days))
        (kept / "done").touch()
        title(
            f"made a ledger of {days} days of {PLACES} places: {time.perf_counter() - began:.0f} s"
        )
    shutil.copytree(kept, into, dirs_exist_ok=True)
    return into / "collector.toml"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        three_years(Path(name))
