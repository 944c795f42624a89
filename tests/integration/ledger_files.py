"""Ledgers on disk: what stands in them, and ways around the ledger to look at the file."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim
from collector.errors import LedgerError
from collector.ports import LogRef, PlaceState, Record

ROOT = Path(__file__).resolve().parents[2]
T0 = datetime(2026, 11, 2, tzinfo=UTC)
LONG_AGO, FAR_OFF = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
HERE = PlaceId("2f-general")
TOTAL = Meter("total")
RICOH = DeviceIdentity(serial="3G12345678")


def record(number: int, place: PlaceId = HERE, note: str = "m") -> Record:
    """Return the record of poll `number`: one minute and three pages after the one before."""
    at = T0 + timedelta(minutes=number)
    total = 1000 + 3 * number
    return Record(
        state=PlaceState(place, seen_at=at, stored_at=at, online=True),
        reading=Reading(place, at, Answer(RICOH, {TOTAL: total})),
        usages=(
            Usage(place, RICOH.key, TOTAL, 1, at - timedelta(minutes=1), at, total - 3, total),
        ),
        days=(DayUsage(place, at.date(), {TOTAL: 3}),),
        findings=(Finding(Code.METER_RESET, Severity.INFO, place, verbatim(note), at),),
        log=(LogRef("reading", f"{place}|{int(at.timestamp())}"),),
    )


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as the sqlite3 shell would."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def contents(path: Path) -> bytes:
    return path.read_bytes()


def side_files(path: Path) -> list[str]:
    return [one.name for one in path.parent.iterdir()]


def place_file(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)


async def refusal(path: Path, *, read_only: bool = False) -> str:
    """Return the sentence with which opening is refused; the ledger can be opened by nobody."""
    with pytest.raises(LedgerError) as caught:
        await SqliteLedger.open(path, read_only=read_only)
    assert "\n" not in str(caught.value)
    return str(caught.value)
