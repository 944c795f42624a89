"""What is kept in a folder for people: the pages of this month, and the letters of closed ones.

Both are made beside everything else, in a thread with a connection of its own to the ledger, and
put in place one by one as whole files: no poll waits for them, nor for a share that hangs.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from collector import __version__
from collector.adapters.report.letter import letter_name, letters, seal_mark
from collector.adapters.report.pages import is_page_of_ours, is_unfinished, office_pages
from collector.adapters.report.text_files import write_all
from collector.adapters.report.words import ReportWords
from collector.app.close.close_month import CloseMonth
from collector.app.month_report import month_report
from collector.app.office_board import office_board
from collector.bootstrap.office import look_at, open_ledger
from collector.domain.closing.statement import Link
from collector.domain.notices import LetterTopic
from collector.domain.office.fleet import WHOLE_OFFICE
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
    _clear(folder, lambda path: path.name not in pages and _is_over(path, now))
    return written


def _clear(folder: Path, is_over: Callable[[Path], bool]) -> None:
    """Take away from `folder` what is over; raises ConfigError where that cannot be done."""
    try:
        for path in sorted(folder.iterdir()):
            if is_over(path):
                path.unlink(missing_ok=True)
    except OSError as exc:
        raise refusal(exc.filename or folder, said("unwritable", reason=cause(exc))) from exc


def _is_over(path: Path, now: datetime) -> bool:
    """Say whether `path` is the page of a department that is gone, or what a kill left of one."""
    unfinished = is_unfinished(path.name)
    if not is_page_of_ours(path.name) or not path.is_file():
        return False
    with path.open("rb") as file:
        is_ours = is_page_of_ours(path.name, file.read(_BEGIN))
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return is_ours and (not unfinished or now - changed > _LEFT_BEHIND)


# The letters of closed months: each is written once for every revision, and then left alone.


_MONTHS: Final = 12
"""Of so many months that were closed last there are letters."""


async def letters_due(loaded: Loaded, folder: Path, now: datetime) -> Mapping[str, bytes]:
    """Return the letters that `folder` lacks: of months closed last, in their newest revision.

    A month's is the office's last, so that whoever finds it finds all of them. Raises LedgerError
    where a statement was changed, OSError where the folder cannot be read.
    """
    language, found = loaded.settings.office.language, dict[str, bytes]()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        context = (await look_at(ledger, loaded, now)).context
        sealed: dict[str, Link] = {}
        for one in await CloseMonth(ledger, context, now).chain():
            sealed.pop(one.period.name, None)
            sealed[one.period.name] = one
        for link in list(sealed.values())[-_MONTHS:]:
            if not _is_there(folder / letter_name(link.period.name, WHOLE_OFFICE), link, language):
                report = await month_report(ledger, context, link.period, now, __version__)
                made = dict(letters(report, language))
                last = letter_name(link.period.name, WHOLE_OFFICE)
                found |= {name: made[name] for name in sorted(made, key=last.__eq__)}
    finally:
        await ledger.close()
    return found


def _is_there(letter: Path, link: Link, language: str) -> bool:
    with suppress(FileNotFoundError), letter.open("rb") as file:
        return seal_mark(link.seal, language).encode() in file.read(_BEGIN)
    return False


def put_letters(loaded: Loaded, folder: Path, now: datetime) -> list[Path]:
    """Leave `folder` with every letter that is due; raises ConfigError where it cannot be written.

    Whatever else lies there stays.
    """
    try:
        due = asyncio.run(letters_due(loaded, folder, now))
    except OSError as exc:
        raise refusal(exc.filename or folder, said("unwritable", reason=cause(exc))) from exc
    if not due:
        return []
    written = write_all(folder, due, overwrite=True, mode=_FOR_EVERYBODY)
    _clear(folder, lambda path: is_unfinished(path.name) and _is_over(path, now))
    return written


async def letter_files(
    loaded: Loaded, topics: Sequence[LetterTopic], now: datetime
) -> Mapping[str, bytes]:
    """Return the letters that these `topics` name, by the names of their files.

    None of a month that has a newer revision by now, whose letters are sent by themselves. Made
    beside everything else; raises LedgerError, and TimeoutError where it takes too long.
    """
    return await aside(lambda: asyncio.run(_letter_files(loaded, topics, now)), _LETTERS_S)


async def _letter_files(
    loaded: Loaded, topics: Sequence[LetterTopic], now: datetime
) -> Mapping[str, bytes]:
    language, found = loaded.settings.office.language, dict[str, bytes]()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        context = (await look_at(ledger, loaded, now)).context
        for month in dict.fromkeys(one.month for one in topics):
            links = await ledger.links(month)
            newest = links[-1].revision if links else 0
            wanted = [o.department for o in topics if (o.month, o.revision) == (month, newest)]
            if wanted:
                period = links[-1].period
                report = await month_report(ledger, context, period, now, __version__)
                there = {WHOLE_OFFICE, *(one.department.id for one in report.departments)}
                found |= letters(report, language, [one for one in wanted if one in there])
    finally:
        await ledger.close()
    return found


# Both are looked at once an hour, and soon after a person or a closing has changed something.


_LOG = logging.getLogger(__name__)
_LOOK_S: Final = 30.0
_EVERY: Final = timedelta(hours=1)
_LIMIT_S: Final = 600.0
_LETTERS_S: Final = 120.0


Trouble = str | Sentence


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """What is kept: where by these settings, how it is written, and how trouble is told.

    `told` gets the folder, and what went wrong; nothing went wrong any more where that is empty.
    """

    folder: Callable[[Settings], Path | None]
    put: Callable[[Loaded, Path, datetime], object]
    told: Callable[[Path, Trouble], None]


def _put_pages(loaded: Loaded, folder: Path, now: datetime) -> None:
    put_pages(folder, asyncio.run(pages_now(loaded, now, loaded.settings.office.language)), now)


def _tell_pages(folder: Path, trouble: Trouble) -> None:
    if trouble:
        fields = {"folder": str(folder), "reason": trouble}
        _LOG.error("the pages of this month cannot be written; counting goes on", extra=fields)
    else:
        _LOG.info("the pages of this month are written again", extra={"folder": str(folder)})


def _put_letters(loaded: Loaded, folder: Path, now: datetime) -> None:
    if written := put_letters(loaded, folder, now):
        fields = {"folder": str(folder), "files": len(written)}
        _LOG.info("monthly letters written", extra=fields)


def _tell_letters(folder: Path, trouble: Trouble) -> None:
    if trouble:
        fields = {"folder": str(folder), "reason": trouble}
        _LOG.error("the monthly letters cannot be written; counting goes on", extra=fields)
    else:
        _LOG.info("the monthly letters can be written again", extra={"folder": str(folder)})


PAGES: Final = KeptFolder(lambda settings: settings.pages.dir, _put_pages, _tell_pages)
LETTERS: Final = KeptFolder(lambda settings: settings.letters.dir, _put_letters, _tell_letters)


class FolderKeeper:
    """Keeps something in the folder that the configuration in force names, if it names one."""

    def __init__(
        self, kept: KeptFolder, loaded: Callable[[], Loaded], ledger: Ledger, clock: Clock
    ) -> None:
        """Follow what `loaded` returns; `ledger` is asked whether something was changed."""
        self._kept = kept
        self._loaded = loaded
        self._ledger = ledger
        self._clock = clock
        self._at: datetime | None = None
        self._of: Hashable = None
        self._working = False
        self._trouble: Trouble = ""

    async def __call__(self, stop: asyncio.Event) -> None:
        """Keep it until `stop`; whatever goes wrong is logged, and tried again."""
        while True:
            await self._look()
            if await happens_within(stop, _LOOK_S):
                return

    async def _look(self) -> None:
        loaded, now = self._loaded(), self._clock.now()
        folder = self._kept.folder(loaded.settings)
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
        with suppress(LedgerError):  # what is written rests on the same, and will say so
            return len(await self._ledger.entries()), len(await self._ledger.links())
        return ()

    async def _written(self, loaded: Loaded, folder: Path, now: datetime) -> Trouble:
        """Write it beside the event loop; return what went wrong, or nothing."""

        def work() -> None:
            try:
                self._kept.put(loaded, folder, now)
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
            _LOG.exception("a mistake in the program kept a folder from being written")
            return f"{type(error).__name__}: {error}"
        return ""

    def _tell(self, folder: Path, trouble: Trouble) -> None:
        """Tell when it turns bad, and when it is good again."""
        had, self._trouble = self._trouble, trouble
        if bool(trouble) != bool(had):
            self._kept.told(folder, trouble)
