"""A ledger with finished months in it, as if the daemon had run since: ready to be closed."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import OfficeContext
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from tests.patience import PATIENCE_S
from tests.unit.app.closing_office import Copier

OFFICE = Office("story", ZoneInfo("Asia/Tokyo"))
GROUND = OfficeContext(Fleet(), OFFICE)
A_DAY = 20
"""Impressions that each copier prints on a working day."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A machine that stood at `place`; its total is `total` at the end.

    It fell silent `silent_days` before the last finished month ended.
    """

    place: str
    serial: str
    total: int
    silent_days: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """The last two finished months, the older one first."""

    older: Period
    newer: Period


def fill(ledger: Path, *machines: Stood) -> Past:
    """Write two months of office days up to yesterday into the ledger at `ledger`."""
    today = OFFICE.local_day(datetime.now(UTC))  # noqa: TID251 - the program under test has no other
    running = OFFICE.period_of(today)
    newer = OFFICE.before(running)
    older = OFFICE.before(newer)
    asyncio.run(_fill(ledger, machines, older.start, newer.end, today - ONE_DAY))
    return Past(older, newer)


async def _fill(
    path: Path, machines: tuple[Stood, ...], first: date, end: date, yesterday: date
) -> None:
    ledger = await SqliteLedger.open(path)
    try:
        for one in machines:
            last = end - timedelta(days=one.silent_days) if one.silent_days else yesterday
            days = OFFICE.working_days(first, last)
            identity = DeviceIdentity(serial=one.serial)
            copier = Copier(ledger, one.place, identity, one.total - A_DAY * days, GROUND)
            await copier.works(first, last, A_DAY)
    finally:
        await ledger.close()


def edit_statement(ledger: Path, month: str, old: str, new: str) -> None:
    """Change a sealed statement as somebody with a sqlite3 shell would: the guard is taken off."""
    with closing(sqlite3.connect(ledger, timeout=PATIENCE_S)) as connection:
        connection.execute("DROP TRIGGER statements_not_changed")
        changed = connection.execute(
            "UPDATE statements SET text = replace(text, ?, ?) WHERE period = ? AND revision = 1",
            (old, new, month),
        )
        assert changed.rowcount == 1
        connection.commit()
