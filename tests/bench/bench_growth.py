"""How cost grows with meters, places and history. Run: python -m tests.bench.bench_growth.

What of a row grows along with its first column will one day be the limit; `README.md` beside this
file says which comes first.
"""

import asyncio
import io
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.cli.main import commands
from tests.bench.bench_polls import Bench, written
from tests.bench.figures import Unit, figure, title
from tests.bench.three_years import PLACES, three_years

METERS: Final = (5, 10, 20)
OFFICES: Final = (200, 2_000, 10_000)
YEARS: Final = (1, 2, 3)
ROUNDS: Final = 5
AT_ONCE: Final = 32


async def _polls(places: int, meters: int) -> Mapping[str, tuple[float, float]]:
    """Return the ms of CPU and kB to disk of a poll where nothing, and where pages were printed."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        ledger = await SqliteLedger.open(Path(folder) / "ledger.sqlite3")
        bench = Bench(places, ledger, meters)
        await bench.round(AT_ONCE)
        for what in ("unchanged", "changed"):
            cpu, octets = time.process_time(), written()
            for _ in range(ROUNDS):
                bench.go_on(printed=what == "changed")
                await bench.round(AT_ONCE)
            polls = ROUNDS * places
            cpu = 1000 * (time.process_time() - cpu) / polls
            found[what] = (cpu, (written() - octets) / polls / 1000)
        await ledger.close()
    return found


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _month(config: Path) -> float:
    cpu = time.process_time()
    with redirect_stdout(io.StringIO()), suppress(SystemExit):
        commands.main(["month", "--format", "csv", "--config", str(config)], standalone_mode=False)
    return time.process_time() - cpu


def main() -> None:
    """Print a line for each size."""
    title("Meters of a machine: a changed poll behind the network")
    for meters in METERS:
        cpu, octets = asyncio.run(_polls(200, meters))["changed"]
        figure(f"{meters} meters", cpu, Unit.CPU_MS)
        figure(f"{meters} meters: to disk", octets, Unit.KB)
    title("Places of an office: a poll behind the network, and the memory of all of them")
    for places in OFFICES:
        before = _peak_mb()
        for what, (cpu, _) in asyncio.run(_polls(places, 20)).items():
            figure(f"{places:,} places: {what}", cpu, Unit.CPU_MS)
        figure(f"{places:,} places: memory above the last", _peak_mb() - before, Unit.MB)
    title(f"Years of {PLACES} places in the ledger")
    with tempfile.TemporaryDirectory() as folder:
        for years in YEARS:
            config = three_years(Path(folder, str(years)), 365 * years)
            _month(config)
            figure(f"month, {years} years", _month(config), Unit.CPU_S)
            size = config.with_name("ledger.sqlite3").stat().st_size / 1e6
            figure(f"ledger, {years} years", size, Unit.MB)


if __name__ == "__main__":
    sys.exit(main())
