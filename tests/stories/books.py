"""What stands in a ledger's file, read by SQL and not by the program under test."""

import asyncio
import json
import sqlite3
import zlib
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from collector.adapters.ledger_sqlite import SqliteLedger
from tests.patience import PATIENCE_S


def ask(ledger: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query; none where there is no ledger yet."""
    if not ledger.exists():
        return []
    read_only = f"file:{ledger}?mode=ro"
    with closing(sqlite3.connect(read_only, uri=True, timeout=PATIENCE_S)) as connection:
        # As the shell of SQLite has it.
        connection.create_function(
            "sqlar_uncompress", 2, lambda body, _: zlib.decompress(body).decode()
        )
        return connection.execute(sql, values).fetchall()


def is_sound(ledger: Path) -> bool:
    """Tell whether SQLite finds nothing wrong with the file."""
    return ask(ledger, "PRAGMA integrity_check") == [("ok",)]


def readings(ledger: Path, place: str) -> list[dict[str, int]]:
    """Return the meters of every stored reading of `place`, oldest first."""
    rows = ask(ledger, "SELECT at, meters, counts FROM reading_list WHERE place = ?", place)
    found: dict[int, dict[str, int]] = {
        at: dict(zip(json.loads(meters), json.loads(counts), strict=True))
        for at, meters, counts in rows
    }
    packed = ask(ledger, "SELECT at, meter, count FROM packed_list WHERE place = ?", place)
    for at, meter, count in packed:
        found.setdefault(at, {})[meter] = count
    return [found[at] for at in sorted(found)]


def printed(ledger: Path, place: str, meter: str = "total") -> int:
    """Return the pages of all usages of one meter at `place`."""
    sql = "SELECT coalesce(sum(pages), 0) FROM usage_list WHERE place = ? AND meter = ?"
    rows = ask(ledger, sql, place, meter)
    return int(rows[0][0]) if rows else 0


def days(ledger: Path, meter: str = "total") -> Counter[tuple[str, str]]:
    """Return (day, place) -> pages of one meter from the day table."""
    sql = "SELECT d.day, n.name, d.pages FROM days d JOIN names n ON n.id = d.place"
    found: Counter[tuple[str, str]] = Counter()
    for day, place, pages in ask(ledger, sql):
        found[day, place] += json.loads(pages).get(meter, 0)
    return found


def findings(ledger: Path) -> list[tuple[str, str, str]]:
    """Return code, subject and message of every finding, oldest first."""
    return [
        (code, subject, message)
        for code, subject, message in ask(
            ledger, "SELECT code, subject, message FROM findings ORDER BY seq"
        )
    ]


def begin(ledger: Path) -> None:
    """Leave an empty ledger, as the service does at its first start."""

    async def make() -> None:
        await (await SqliteLedger.open(ledger)).close()

    asyncio.run(make())


def make_foreign(path: Path) -> None:
    """Leave a sound SQLite file at `path` that belongs to another program."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE contacts (name TEXT)")
        connection.commit()


def tracks(ledger: Path) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Return place -> meter -> (epoch, first, last) of what the ledger counts on from."""
    rows = ask(ledger, "SELECT n.name, s.track FROM place_states s JOIN names n ON n.id = s.place")
    return {
        place: {
            meter: (int(epoch), int(first), int(last))
            for meter, (epoch, first, last, *_) in json.loads(track)["meters"].items()
        }
        for place, track in rows
        if track is not None
    }
