"""How long `month` takes on a year of 200 places. Run: python -m tests.bench.bench_month."""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Record
from tests.bench.bench_fleet import PLACES, configuration, say
from tests.surroundings import environment

DAYS: Final = 400
METERS: Final = tuple(
    Meter(name)
    for name in ("total", "total_mono", "total_color", "copy", "print", "fax", "scan", "sheets")
)


async def _fill(path: Path, last: date) -> None:
    """Give every place pages on every day; one reading a day carries them."""
    dice = random.Random(7)
    ledger = await SqliteLedger.open(path)
    for number in range(PLACES):
        place = PlaceId(f"p{number:03d}")
        identity = DeviceIdentity(model="M", serial=f"S{number:06d}")
        records = []
        for back in range(DAYS, 0, -1):
            day = last - timedelta(days=back)
            at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
            pages = {meter: dice.randrange(400) for meter in METERS}
            reading = Reading(place, at, Answer(identity, pages))
            state = PlaceState(place, seen_at=at, stored_at=at, online=True)
            records.append(Record(state, reading, days=(DayUsage(place, day, pages),)))
        await ledger.record(records)
    await ledger.close()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = configuration(folder, list(range(20000, 20000 + PLACES)))
        today = datetime.fromtimestamp(time.time(), UTC).date()  # noqa: TID251 - a bench has a clock
        asyncio.run(_fill(folder / "ledger.sqlite3", today))
        command = [sys.executable, "-m", "collector", "month", "--format", "csv", "--config"]
        began = time.perf_counter()
        lines = subprocess.run(
            [*command, str(config)], env=environment(), check=True, capture_output=True, text=True
        ).stdout.splitlines()
        seconds = time.perf_counter() - began
        say(
            f"`month` on {DAYS} days of {PLACES} places: {seconds:.2f} s, "
            f"{len(lines) - 1} departments, last year included"
        )


if __name__ == "__main__":
    main()
