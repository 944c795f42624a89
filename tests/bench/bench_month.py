"""What is asked of months, on three years of 200 places: CPU and wall, start-up left out.

Each question is put to an empty office first, so that what it imports is there, then to the large
one. Run: python -m tests.bench.bench_month [command ...]
"""

import asyncio
import io
import sys
import tempfile
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Final

import click

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.cli.main import commands
from tests.bench.bench_fleet import configuration
from tests.bench.figures import Unit, figure, title
from tests.bench.three_years import PLACES, three_years

CLOSED: Final = "2026-10"
QUESTIONS: Final = (
    (("month", "--format", "csv"), 0.5),
    (("status",), 0.5),
    (("forecast",), 0.5),
    (("close", CLOSED), 0.5),
    (("report", CLOSED), 1.5),
)
"""What is asked, and how many seconds it may take."""


def _ask(question: tuple[str, ...], config: Path) -> tuple[float, float]:
    """Return the seconds of CPU and of the clock that `question` takes."""
    told = [*question, *(("--output", str(config.parent / "out")) if "report" in question else ())]
    cpu, began = time.process_time(), time.perf_counter()
    with redirect_stdout(io.StringIO()), suppress(SystemExit):
        commands.main([*told, "--config", str(config)], standalone_mode=False)
    return time.process_time() - cpu, time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        empty, full = Path(name, "empty"), Path(name, "full")
        empty.mkdir()
        small = configuration(empty, [20000])
        asyncio.run(_nothing(empty / "ledger.sqlite3"))
        large = three_years(full)
        title(f"Questions to three years of {PLACES} places, imports left out")
        for question, most in QUESTIONS:
            if not sys.argv[1:] or question[0] in sys.argv[1:]:
                with suppress(click.ClickException):
                    _ask(tuple(one for one in question if one != CLOSED), small)
                cpu, wall = _ask(question, large)
                figure(question[0], wall, Unit.WALL_S, goal=most)
                figure(f"{question[0]}, its CPU", cpu, Unit.CPU_S)


async def _nothing(path: Path) -> None:
    await (await SqliteLedger.open(path)).close()


if __name__ == "__main__":
    main()
