"""The office that use cases work from: fleet, calendar, ledger."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, overload

from collector.adapters.holiday_calendar import public_holidays
from collector.app.load_fleet import Loading, load, look
from collector.app.office_context import ClosingRules, OfficeContext
from collector.domain.cadence import Rest, Rhythm, next_round
from collector.domain.counting.findings import Finding
from collector.domain.counting.judging import Rules
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.work_calendars import kept_calendars
from collector.domain.sentence import Sentence, sentence
from collector.errors import LedgerError
from collector.ports import Ledger, PollTarget
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.adapters.ledger_sqlite import SqliteLedger
    from collector.settings.load import Loaded
    from collector.settings.model import Settings

_YEARS_BACK: Final = 12
_YEARS_AHEAD: Final = 3
"""Years around today whose holidays the office knows: the past is looked at, too."""


OPENED: Final[set["Path"]] = set()
"""The ledgers that this command opened: where it fails in a way that nobody thought of, one of them
may be damaged."""


async def refuse_damaged(paths: "Iterable[Path]") -> None:
    """Raise LedgerError, which says how to restore, where one of these ledgers is damaged."""
    import asyncio

    from collector.adapters.ledger_sqlite.examine import refuse_damaged as refuse

    for path in paths:
        await asyncio.to_thread(refuse, path)


def office_of(settings: "Settings", fleet: Fleet, today: date) -> Office:
    """Return the office with its own and its country's days off around `today`.

    It keeps the calendars of `fleet` beside its own.
    """
    office = settings.office
    first, last = today.year - _YEARS_BACK, today.year + _YEARS_AHEAD
    holidays = public_holidays(office.country, office.subdivision, first, last)
    own = office.office(office.closed_dates(first, last) | holidays)
    return replace(own, kept=kept_calendars(own, fleet.calendars, first, last))


def context_of(loaded: "Loaded", today: date) -> OfficeContext:
    """Return what the configuration alone says; what holds is known with the ledger: `look_at`."""
    polling, closing = loaded.settings.polling, loaded.settings.closing
    return OfficeContext(
        fleet=loaded.fleet,
        office=office_of(loaded.settings, loaded.fleet, today),
        rules=Rules(rests=polling.rounds_at_rest is not None),
        heartbeat=timedelta(seconds=polling.heartbeat_s),
        silent_after=timedelta(hours=polling.silent_after_h),
        closing=ClosingRules(closing.grace_days, closing.automatic),
        factors=loaded.factors,
        say=ENGLISH.say,
        unexplained_pct=loaded.settings.paper.unexplained_pct,
    )


def rhythm_of(settings: "Settings", office: Office) -> Rhythm:
    """Return the rhythm of a round: that of its first place, which keeps the office's hours."""
    polling = settings.polling
    rounds = polling.rounds_at_rest
    rest = None if rounds is None else Rest(rounds, office)
    return Rhythm(polling.interval_s, polling.backoff_max_s, rest=rest)


def cadence_text(rhythm: Rhythm, office: Office, now: datetime) -> Sentence:
    """Return how often machines are asked, and when the next round begins."""
    due = next_round(rhythm, office, now)
    if rhythm.rest is None:
        return sentence("cadence.steady", interval=rhythm.interval_s, at=due)
    rest_s = rhythm.resting.interval_s
    return sentence("cadence.office", interval=rhythm.interval_s, rest=rest_s, at=due)


async def look_at(ledger: Ledger, loaded: "Loaded", now: datetime) -> Loading:
    """Return what use cases stand on by configuration and ledger; nothing is written."""
    return await look(ledger, context_of(loaded, now.date()), now)


async def load_into(
    ledger: Ledger, loaded: "Loaded", now: datetime
) -> tuple[Loading, tuple[Finding, ...]]:
    """Return the same, with what the fleet file adds recorded, and what is news of it."""
    return await load(ledger, context_of(loaded, now.date()), now)


def targets_of(fleet: Fleet, today: date | None = None) -> tuple[PollTarget, ...]:
    """Return whom to poll, one for each place; those that stand `today`, where that is given."""
    return tuple(
        PollTarget(place.id, place.address, place.port, place.credential)
        for place in fleet.places
        if not place.vanished and (today is None or place.stands_on(today))
    )


@overload
async def open_ledger(settings: "Settings", *, beside: bool = False) -> "SqliteLedger": ...


@overload
async def open_ledger(settings: "Settings", *, read_only: bool, beside: bool = False) -> Ledger: ...


async def open_ledger(
    settings: "Settings", *, read_only: bool = False, beside: bool = False
) -> Ledger:
    """Return the open ledger; raises LedgerError with one sentence where it cannot be used.

    `beside`: to amend, also while the daemon runs. Where a database of many sites is named, the
    site's ledger there can be read, and nothing else.
    """
    database = settings.ledger.database
    if database is not None:
        url = database.get_secret_value()
        return await _at_centre(url, settings.office.site, read_only=read_only)
    from collector.adapters.ledger_sqlite import SqliteLedger

    OPENED.add(settings.ledger.path)
    return await SqliteLedger.open(settings.ledger.path, read_only=read_only, beside=beside)


async def _at_centre(database: str, site: str, *, read_only: bool) -> Ledger:
    from collector.adapters.ledger_postgres import PostgresLedger

    if not read_only:
        raise LedgerError(ENGLISH("ledger.at_centre", site=site))
    return await PostgresLedger.open(database, site)


def has_ledger(settings: "Settings") -> bool:
    """Say whether there is a ledger yet; where this user may not know, to open it says so."""
    if settings.ledger.database is not None:
        return True
    try:
        return settings.ledger.path.exists()
    except PermissionError:
        return True


def is_served(settings: "Settings") -> bool | None:
    """Say whether a service has the ledger; None where that cannot be told, as at a centre."""
    if settings.ledger.database is not None:
        return None
    from collector.adapters.ledger_sqlite.file import has_writer

    return has_writer(settings.ledger.path)


def secrets_of(settings: "Settings") -> tuple[str, ...]:
    """Return every secret in plain text, for the log to strike out; `public` hides nothing."""
    from collector.settings.credentials import PUBLIC

    return tuple(one for one in settings.secrets() if one != PUBLIC)
