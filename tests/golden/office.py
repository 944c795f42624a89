"""One made-up office whose every figure is fixed: what it publishes and seals, as texts.

`python -m tests.golden FOLDER` writes all of it into a folder, and what the commands print of it,
so that two versions of the program can be held against each other with `diff -r`.
"""

import asyncio
import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from collector.adapters.influx.line_protocol import render
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import CloseMonth, Refusal
from collector.app.office_context import CurrentOffice
from collector.app.publish.refresh import Refresh
from collector.app.publish.render import Renderer
from collector.bootstrap.office import load_into
from collector.demo.demo import DemoOffice, DemoPast
from collector.demo.town import SPOTS, load_configuration, write_configuration
from collector.domain.rows import Row
from collector.ports import Ledger
from tests.fakes.clock import FakeClock
from tests.wording import ROW_WORDS

NOW = datetime(2026, 10, 6, 3, 0, tzinfo=UTC)
FIRST = datetime(2026, 8, 1, tzinfo=UTC).date()
MONTHS = ("2026-08", "2026-09")
SEED = 2026
DIGESTS = "digests.json"


async def fill(folder: Path) -> tuple[list[Row], dict[str, str]]:
    """Leave the office's ledger and configuration in `folder`; its rows, and its sealed texts."""
    ports = {spot.place: 16100 + number for number, spot in enumerate(SPOTS)}
    config = write_configuration(folder, ports, language="ja")
    loaded = load_configuration(config)
    clock = FakeClock(NOW)
    async with AsyncExitStack() as stack:
        ledger = await SqliteLedger.open(folder / "ledger.sqlite3")
        stack.push_async_callback(ledger.close)
        loading, _ = await load_into(ledger, loaded, NOW)
        history = DemoPast(DemoOffice(SEED), ledger, loading.context, NOW)
        await history.fill(FIRST, lambda: None)
        close = CloseMonth(ledger, loading.context, NOW)
        texts = {month: await _close(close, month) for month in MONTHS}
        current = CurrentOffice(loading.context)
        await Refresh(ledger, current, clock).new_day(NOW.date())
        return await _rows(ledger, Renderer(ledger, current, clock, "golden", ROW_WORDS)), texts


def written(folder: Path) -> Path:
    """Leave the office in `folder`, and beside it the texts that are held against the golden ones.

    Whichever process asks first makes it, and the others wait: nobody may change it.
    """
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / DIGESTS).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            rows, texts = asyncio.run(fill(folder))
            for month, text in texts.items():
                (folder / statement_of(month)).write_text(text)
            (folder / DIGESTS).write_text(digests(rows))
    return folder


def statement_of(month: str) -> str:
    """Return the name of the file that has the sealed text of `month`."""
    return f"statement-{month}.txt"


async def _close(close: CloseMonth, month: str) -> str:
    plan = await close.plan(month, estimate_now=True)
    assert not isinstance(plan, Refusal)
    return (await close.apply(plan, "tester")).text


async def _rows(ledger: Ledger, renderer: Renderer) -> list[Row]:
    found: list[Row] = []
    after = 0
    while entries := await ledger.log_after(after, 1000):
        found += await renderer.rows([entry.ref for entry in entries])
        after = entries[-1].seq
    return found


def lines(rows: Iterable[Row]) -> str:
    """Return `rows` as line protocol, in order."""
    return "".join(render(row).decode() + "\n" for row in rows)


def digests(rows: Iterable[Row]) -> str:
    """Return how many rows of each measurement there are, and the digest of their lines."""
    by_measurement: dict[str, list[Row]] = {}
    for row in rows:
        by_measurement.setdefault(row.measurement, []).append(row)
    found = {
        name: {"rows": len(some), "sha256": hashlib.sha256(lines(some).encode()).hexdigest()}
        for name, some in sorted(by_measurement.items())
    }
    return json.dumps(found, indent=2) + "\n"
