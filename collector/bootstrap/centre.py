"""The centre, put together: what `copier-fleet centre` starts and looks at."""

import asyncio
import logging
import os
import signal
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Final, TypeVar
from urllib.parse import urlsplit

from collector import __version__
from collector.adapters.centre.ingest import Ingest, serve_sites
from collector.adapters.centre.postgres import Imported, PostgresCentre
from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.adapters.monitoring import CentreMonitor, SiteFigures, answer
from collector.adapters.systemd import SystemdNotifier
from collector.domain.privacy.disguises import striking_out
from collector.domain.report.sealed_totals import SiteTotals
from collector.errors import LedgerError, LedgerNone, StoreUnavailable, cause, said
from collector.settings.centre_file import CentreFile
from collector.texts import ENGLISH, Texts
from collector.user_files.report import refusal

_LOG = logging.getLogger(__name__)

_AGAIN_S: Final = 2.0
Answer = TypeVar("Answer")


async def asked(file: CentreFile, what: Callable[[PostgresCentre], Awaitable[Answer]]) -> Answer:
    """Return what the centre that `file` describes answers; raises LedgerError."""
    try:
        centre = await PostgresCentre.open(file.database, SiteIntake(), connections=2)
        try:
            return await what(centre)
        finally:
            await centre.close()
    except StoreUnavailable as error:
        why = striking_out(secrets_of(file))(str(error))
        raise LedgerError(ENGLISH("centre.database", why=why)) from error


async def import_totals(
    file: CentreFile, told: Sequence[SiteTotals], *, anew: bool = False
) -> Sequence[Imported]:
    """Keep the totals of files, or nothing where one contradicts what is here of its site.

    What that is may have come in files, or from the site itself. With `anew` what came in files
    gives way. Raises LedgerError.
    """

    async def take(centre: PostgresCentre) -> Sequence[Imported]:
        for one in told:
            seals = await _told_seals(file.database, one.site)
            against = next(
                (new for seal, new in zip(seals, one.statements, strict=False) if seal != new.seal),
                None,
            )
            if against is not None:
                return [Imported(one, 0, against)]
        return await centre.import_totals(told, anew=anew)

    return await asked(file, take)


async def imported(file: CentreFile) -> Sequence[SiteTotals]:
    """Return what came in files, by site; raises LedgerError."""
    return await asked(file, lambda centre: centre.imported())


async def _told_seals(database: str, site: str) -> Sequence[str]:
    """Return the seals that `site` itself told, in order; none where it never did."""
    try:
        ledger = await PostgresLedger.open(database, site)
    except LedgerNone:
        return ()
    try:
        return [one.seal for one in await ledger.links()]
    finally:
        await ledger.close()


def secrets_of(file: CentreFile) -> tuple[str, ...]:
    """Return what must not be seen: the database's password."""
    return tuple(filter(None, [urlsplit(file.database).password]))


async def serve_centre(file: CentreFile) -> int:
    """Take in what sites tell until SIGTERM or SIGINT; return the exit code.

    A database that is away is waited for: sites are asked to come again, and lose nothing. Raises
    ConfigError where the address or the certificate cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    notify = SystemdNotifier.from_environment(os.environ)
    async with AsyncExitStack() as stack:
        centre = PostgresCentre(file.database, SiteIntake(), file.connections)
        stack.push_async_callback(centre.close)
        ingest = Ingest(centre, file.at_once)
        try:
            close = await serve_sites(file.host, file.port, ingest.routes(), _secure(file))
            stack.push_async_callback(close)
            await _answer_monitoring(file, centre, ingest, stack)
        except OSError as error:
            told = said("centre_address", reason=cause(error))
            raise refusal("centre.toml", told, key="centre.listen") from error
        async with asyncio.TaskGroup() as group:
            making = group.create_task(_make_tables(centre))
            notify("READY=1")
            _LOG.info("sites are answered", extra={"host": file.host, "port": file.port})
            await stop.wait()
            making.cancel()
        notify("STOPPING=1")
    return 0


async def _make_tables(centre: PostgresCentre) -> None:
    """Make the tables as soon as the database lets anybody."""
    told = False
    while True:
        try:
            await centre.migrate()
        except StoreUnavailable as error:
            if not told:
                _LOG.warning("the centre's database takes nothing", extra={"reason": str(error)})
            told = True
            await asyncio.sleep(_AGAIN_S)
        else:
            return


def _secure(file: CentreFile) -> ssl.SSLContext | None:
    if file.cert_file is None or file.key_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(file.cert_file, file.key_file)
    except OSError as error:  # a file that is no certificate is an SSLError, which is one too
        told = said("centre_certificate", reason=str(error))
        raise refusal("centre.toml", told, key="centre.cert_file") from error
    return context


async def _answer_monitoring(
    file: CentreFile, centre: PostgresCentre, ingest: Ingest, stack: AsyncExitStack
) -> None:
    if file.monitoring is None:
        return
    monitor = CentreMonitor(__version__, Texts(file.language), lambda: asdict(ingest.counts))

    async def look() -> None:
        try:
            sites = await centre.sites()
        except StoreUnavailable:
            sites = ()
        monitor.sites = {
            one.name: SiteFigures(one.facts, one.heard_at, bool(one.contradictions))
            for one in sites
        }

    async def health() -> Mapping[str, object]:
        try:
            await centre.who("")
        except StoreUnavailable as error:
            return {"healthy": False, "database": str(error)}
        return {"healthy": True, "database": ""}

    host, port = file.monitoring
    stack.push_async_callback(await answer(host, port, monitor.registry, look, health))
