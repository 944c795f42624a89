"""The pages that always show this month, in a folder for an intranet or a web server.

They are made beside everything else, in a thread with a connection of its own to the ledger, and
put in place one by one as whole files: no poll waits for them, nor for a share that hangs.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from collector import __version__
from collector.adapters.report.pages import is_page_of_ours, is_unfinished, office_pages
from collector.adapters.report.text_files import write_all
from collector.adapters.report.words import ReportWords
from collector.app.office_board import office_board
from collector.bootstrap.office import look_at, open_ledger
from collector.domain.sentence import Sentence
from collector.errors import CollectorError, ConfigError, LedgerError, cause, said
from collector.ports import Clock, Ledger
from collector.runtime.sweep import aside, happens_within
from collector.settings.load import Loaded
from collector.settings.model import Settings
from collector.user_files.report import refusal


def stamps_of(settings: Settings, language: str) -> Sequence[str]:
    """Return the titles of a report's stamp boxes."""
    stamps = settings.report.stamps
    return ReportWords(language, settings.office.zone).stamps() if stamps is None else stamps


async def pages_now(loaded: Loaded, now: datetime, language: str) -> Mapping[str, bytes]:
    """Return every page as the ledger has it `now`, by its file's name."""
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        board = await office_board(ledger, await look_at(ledger, loaded, now), now, __version__)
    finally:
        await ledger.close()
    return office_pages(board, language, stamps_of(loaded.settings, language))


_BEGIN: Final = 1000
"""So much of a file tells who made it."""
_FOR_EVERYBODY: Final = 0o644
"""A web server runs as somebody else, and what nobody may read need not be written."""
_LEFT_BEHIND: Final = timedelta(hours=1)
"""A file that is unfinished for so long belongs to nobody any more."""


def put_pages(folder: Path, pages: Mapping[str, bytes], now: datetime) -> list[Path]:
    """Leave `folder` with `pages`, each whole, and without those of departments that are gone.

    Raises ConfigError where it cannot be written. Whatever else lies there stays.
    """
    written = write_all(folder, pages, overwrite=True, mode=_FOR_EVERYBODY)
    try:
        for path in sorted(folder.iterdir()):
            if path.name not in pages and _is_over(path, now):
                path.unlink(missing_ok=True)
    except OSError as exc:
        raise refusal(exc.filename or folder, said("unwritable", reason=cause(exc))) from exc
    return written


def _is_over(path: Path, now: datetime) -> bool:
    """Say whether `path` is the page of a department that is gone, or what a kill left of one."""
    unfinished = is_unfinished(path.name)
    if not is_page_of_ours(path.name) or not path.is_file():
        return False
    with path.open("rb") as file:
        is_ours = is_page_of_ours(path.name, file.read(_BEGIN))
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return is_ours and (not unfinished or now - changed > _LEFT_BEHIND)


# Written once an hour, and soon after a person or a closing has changed something.


_LOG = logging.getLogger(__name__)
_LOOK_S: Final = 30.0
_EVERY: Final = timedelta(hours=1)
_LIMIT_S: Final = 600.0


Trouble = str | Sentence


class PageKeeper:
    """Keeps the pages of the folder that the configuration in force names, if it names one."""

    def __init__(self, loaded: Callable[[], Loaded], ledger: Ledger, clock: Clock) -> None:
        """Follow what `loaded` returns; `ledger` is asked whether something was changed."""
        self._loaded = loaded
        self._ledger = ledger
        self._clock = clock
        self._at: datetime | None = None
        self._of: Hashable = None
        self._working = False
        self._trouble: Trouble = ""

    async def __call__(self, stop: asyncio.Event) -> None:
        """Keep them until `stop`; whatever goes wrong is logged, and tried again."""
        while True:
            await self._look()
            if await happens_within(stop, _LOOK_S):
                return

    async def _look(self) -> None:
        loaded, now = self._loaded(), self._clock.now()
        folder = loaded.settings.pages.dir
        if folder is None or self._working:
            return  # a share that hangs is not asked by a second thread
        of = (id(loaded), await self._changed())
        is_fresh = self._at is not None and timedelta(0) <= now - self._at < _EVERY
        if is_fresh and of == self._of:
            return
        self._at, self._of = now, of
        self._tell(folder, await self._written(loaded, folder, now))

    async def _changed(self) -> tuple[int, ...]:
        """Return what changes as soon as somebody enters something or a month is closed."""
        with suppress(LedgerError):  # the pages rest on the same, and will say so
            return len(await self._ledger.entries()), len(await self._ledger.links())
        return ()

    async def _written(self, loaded: Loaded, folder: Path, now: datetime) -> Trouble:
        """Write them beside the event loop; return what went wrong, or nothing."""

        def work() -> None:
            try:
                language = loaded.settings.office.language
                put_pages(folder, asyncio.run(pages_now(loaded, now, language)), now)
            finally:
                self._working = False

        self._working = True
        try:
            await aside(work, _LIMIT_S)
        except ConfigError as error:
            return error.problems[0].said
        except TimeoutError:
            return Sentence("os.ETIMEDOUT")
        except CollectorError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a page is worth no daemon
            _LOG.exception("a mistake in the program kept the pages from being written")
            return f"{type(error).__name__}: {error}"
        return ""

    def _tell(self, folder: Path, trouble: Trouble) -> None:
        """Log when it turns bad, and when it is good again."""
        had, self._trouble = self._trouble, trouble
        if trouble and not had:
            fields = {"folder": str(folder), "reason": trouble}
            _LOG.error("the pages of this month cannot be written; counting goes on", extra=fields)
        elif had and not trouble:
            _LOG.info("the pages of this month are written again", extra={"folder": str(folder)})
