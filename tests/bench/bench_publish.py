"""What publishing costs: a back-fill into a real influxd, and the rows of one round.

On three years of 200 places. CPU is this program's alone. Run: python -m tests.bench.bench_publish
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from collector.adapters.influx import InfluxTarget, WriteApi, open_influx
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice
from collector.app.publish.deliver import Deliver
from collector.app.publish.render import Renderer
from collector.bootstrap.office import look_at
from collector.ports import LogRef
from collector.settings.load import load
from tests.bench.figures import Unit, figure, title
from tests.bench.three_years import NOW, PLACES, three_years
from tests.fakes.clock import FakeClock
from tests.servers.influx import influxd
from tests.wording import ROW_WORDS

STEPS: Final = 50
"""Of 1000 readings each."""

BACK_FILL: Final = 50_000.0


@contextmanager
def _timed(what: str) -> Iterator[None]:
    cpu = time.process_time()
    yield
    figure(what, 1000 * (time.process_time() - cpu), Unit.CPU_MS)


async def _publish(config: Path, url: str) -> None:
    ledger = await SqliteLedger.open(config.with_name("ledger.sqlite3"))
    context = (await look_at(ledger, load(config, {}), NOW)).context
    current, clock = CurrentOffice(context), FakeClock(NOW)
    renderer = Renderer(ledger, current, clock, "bench", ROW_WORDS)
    sink = open_influx(InfluxTarget(url, version=WriteApi.V1))
    deliver = Deliver(ledger, sink, renderer, clock)
    await deliver()
    before, cpu, began = deliver.delivered, time.process_time(), time.perf_counter()
    for _ in range(STEPS):
        await deliver()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    points = deliver.delivered - before
    figure("back-fill into influxd, points", points / wall, Unit.EACH_S, goal=BACK_FILL)
    figure("a point of it", 1e6 * cpu / points, Unit.CPU_US)
    today = context.office.local_day(NOW)
    months = [LogRef("month", context.office.period_of(today).name)]
    days = [LogRef("office_day", today.isoformat())]
    places = [LogRef("day", f"{one.id}|{today}") for one in context.fleet.places]
    for what, refs in (
        ("the running month, after the start", months),
        ("the running month, in each round", months),
        ("the departments' day, in each round", days),
        (f"the day of each of {PLACES} places, each round", places),
    ):
        with _timed(what):
            await renderer.rows(refs)
    await sink.close()
    await ledger.close()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        config = three_years(Path(name, "office"))
        title(f"Publishing three years of {PLACES} places")
        with influxd(Path(name)) as server:
            asyncio.run(_publish(config, server.url))


if __name__ == "__main__":
    main()
