"""The ledger and the office as it is known, for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from collector.app.ground import Ground
from collector.app.load_fleet import Loading
from collector.bootstrap.office import load_into, look_at, open_ledger
from collector.cli.output import say
from collector.cli.words import Words
from collector.ports import Ledger
from collector.settings.load import Loaded


@asynccontextmanager
async def at_office(
    loaded: Loaded, now: datetime, *, beside: bool = False, record: bool = False
) -> AsyncIterator[tuple[Ledger, Ground]]:
    """Give the open ledger and what holds by it and the configuration; it is closed at the end.

    `beside` opens it to amend. With `record` what the fleet file adds is recorded as well. Raises
    LedgerError.
    """
    ledger = await open_ledger(loaded.settings, read_only=not beside, beside=beside)
    try:
        yield ledger, await known_ground(ledger, loaded, now, record=record)
    finally:
        await ledger.close()


async def known_ground(
    ledger: Ledger, loaded: Loaded, now: datetime, *, record: bool = False
) -> Ground:
    """Return what holds, and say where the fleet file speaks otherwise of days gone by."""
    words = Words(loaded.settings.office.language)
    if not record:
        loading = await look_at(ledger, loaded, now)
    else:
        loading, findings = await load_into(ledger, loaded, now)
        for one in findings:
            say(f"{one.code.value} at {one.subject}: {one.message}")
    _tell_waiting(loading, words)
    return loading.ground


def _tell_waiting(loading: Loading, words: Words) -> None:
    places = dict.fromkeys(one.place for one in loading.differences)
    if places:
        say(words("past_waits", places=", ".join(places)))
