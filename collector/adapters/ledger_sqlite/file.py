"""Opening the ledger's file: folder, lock, version; and its errors in plain words."""

import asyncio
import errno
import fcntl
import logging
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from collector.adapters.ledger_sqlite.schema import APPLICATION_ID, STEPS
from collector.domain.sentence import sentence
from collector.errors import LedgerError, LedgerForbidden, LedgerHeldUp, LedgerNone, cause
from collector.texts import ENGLISH
from collector.user_files.report import owner_of, user_name

_BUSY_MS: Final = 10_000
"""How long to wait for another process: only a backup or a shell ever holds the file."""

_WAL_BYTES: Final = 64 * 1024 * 1024
"""To what the write-ahead file shrinks again after a large batch."""

_CHECKPOINT_PAGES: Final = 4096
"""Pages of the write-ahead file (16 MB) after which they go into the ledger, each once: a page of a
place that prints all day is written there by the hour and not by the poll."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_WAL_FORM: Final = slice(18, 20)
"""Where the header says in which form the file is written: 2 with a write-ahead file."""

_FOLDER_MODE: Final = 0o700

_ADVICE: Final[Mapping[str, str]] = {
    "SQLITE_FULL": "sqlite.full",
    "SQLITE_CORRUPT": "sqlite.corrupt",
    "SQLITE_NOTADB": "sqlite.notadb",
    "SQLITE_CANTOPEN": "sqlite.cantopen",
    "SQLITE_READONLY": "sqlite.readonly",
    "SQLITE_PERM": "sqlite.readonly",
    "SQLITE_BUSY": "sqlite.busy",
    "SQLITE_LOCKED": "sqlite.busy",
    "SQLITE_IOERR": "sqlite.ioerr",
}
"""SQLite's primary result codes -> what happened and what to do."""

_TORN_JSON: Final = "malformed JSON"
"""What SQLite says, under no code of its own, of a text in a row that a bit has turned over in."""


_LOCKS: Final = Path("/proc/locks")
_FLOCK: Final = re.compile(r"FLOCK +ADVISORY +WRITE +\d+ ([0-9a-f]+:[0-9a-f]+):(\d+) ")
_SHUT: Final = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")

IN_USE: Final = "in-use"
"""A note that stands in the file by itself while the ledger is open, and not in all of it."""


class LedgerInUse(LedgerError):
    """Another process has the lock."""


def explain(error: sqlite3.Error, path: Path) -> str:
    """Return one sentence on what happened to the ledger at `path` and what to do about it."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    if str(error) == _TORN_JSON:
        name = "SQLITE_CORRUPT"
    primary = "_".join(name.split("_")[:2])
    advice = sentence(_ADVICE.get(primary, "sqlite.other"))
    # What is known is told in the reader's words, and by a name that can be looked up.
    why = name if primary in _ADVICE else str(error)
    return ENGLISH("ledger.trouble", path=str(path), advice=advice, why=why)


def trouble(error: sqlite3.Error, path: Path, *, opening: bool = False) -> LedgerError:
    """Return the error that says so, by whether it may pass."""
    kind = LedgerHeldUp if passes(error, opening=opening) else LedgerError
    return kind(explain(error, path))


def take_lock(path: Path) -> int:
    """Create the folder of `path` where missing and lock the ledger for this process.

    Returns a file descriptor; closing it, or the end of the process by any means, frees the
    lock. Readers do not need it. Raises LedgerError where another daemon has it, or where the
    folder cannot be written.
    """
    _refuse_forbidden(path, writing=True)
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        kind = LedgerHeldUp if error.errno in _NO_ROOM else LedgerError
        raise kind(ENGLISH("ledger.folder", path=str(path), why=cause(error))) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise LedgerInUse(ENGLISH("ledger.in_use", path=str(path), process=holder)) from error
    # The number only helps a person to find the process; a full disk must not stop us here.
    with suppress(OSError):
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def stands(path: Path) -> bool:
    """Say whether there is a ledger at `path`; raises LedgerForbidden where that is not ours."""
    _refuse_forbidden(path)
    return path.is_file()


def _refuse_forbidden(path: Path, *, writing: bool = False) -> None:
    """Raise LedgerForbidden where a ledger stands at `path` that this user may not open so."""
    try:
        is_there = path.is_file()
    except PermissionError as error:
        raise _forbidden("ledger.forbidden", path) from error
    if is_there and not os.access(path, os.R_OK):
        raise _forbidden("ledger.forbidden", path)
    if is_there and writing and not all(os.access(one, os.W_OK) for one in (path, path.parent)):
        raise _forbidden("ledger.not_ours", path)


def _forbidden(key: str, path: Path) -> LedgerForbidden:
    owner = owner_of(path)
    return LedgerForbidden(ENGLISH(key, path=str(path), owner=user_name(owner)), owner)


def has_writer(path: Path) -> bool | None:
    """Say whether a process holds the lock of the ledger at `path`; None where nobody can tell.

    The system is asked: to try the lock would, for that moment, keep a service from starting.
    """
    try:
        lock, told = Path(f"{path}.lock").stat(), _LOCKS.read_text("ascii")
    except FileNotFoundError as error:
        return None if error.filename == str(_LOCKS) else False
    except OSError:
        return None
    device = f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}"
    held = [one[1] for one in _FLOCK.finditer(told) if int(one[2]) == lock.st_ino]
    # Where files have no device of their own (btrfs) the two are called differently.
    return device in held or (bool(held) and not os.major(lock.st_dev))


def hand_over(path: Path) -> None:
    """Where root wrote: let all that belongs to the ledger at `path` be its folder's owner's.

    A command that root typed would else leave files that the service cannot write.
    """
    if os.geteuid() != 0:
        return
    for end in ("", "-wal", "-shm", ".lock", ".mark"):
        with suppress(OSError):
            owner = path.parent.stat()
            os.chown(f"{path}{end}", owner.st_uid, owner.st_gid)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Return a connection to the ledger at `path`, made or brought to this version.

    The caller holds the lock. Every commit is on disk when it returns. Raises LedgerError.
    """
    refuse_without_wal(path)
    with in_plain_words(path):
        connection = sqlite3.connect(path, isolation_level=None)
        with _closed_on_failure(connection):
            _check_version(connection, path)
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            _prepare_writing(connection)
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}").fetchone()
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}").fetchone()
            _keep_older(connection, path)
            _migrate(connection)
    return connection


def open_in_memory() -> sqlite3.Connection:
    """Return a connection to an empty ledger of this version that lies in memory only."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection)
    _migrate(connection)
    return connection


def open_beside(path: Path) -> sqlite3.Connection:
    """Return a connection that writes beside the daemon, each change in a short transaction.

    The daemon has the lock; SQLite lets one of the two write at a time. Raises LedgerError where
    there is no ledger at `path`, or one of another version: only the daemon makes or updates it.
    """
    _refuse_forbidden(path, writing=True)
    connection = _open_existing(path, "mode=rw")
    with in_plain_words(path), _closed_on_failure(connection):
        _prepare_writing(connection)
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write; it hinders no writer and needs no lock.

    Raises LedgerError where there is no ledger at `path`, or one of another version, and
    LedgerForbidden where only somebody else can read it.
    """
    _refuse_forbidden(path)
    refuse_without_wal(path)
    try:
        return _open_existing(path, "mode=ro&immutable=1" if is_at_rest(path) else "mode=ro")
    except LedgerError as error:
        # Left behind by a service that was cut off: whoever opens it first writes beside it.
        name = getattr(error.__cause__, "sqlite_errorname", None) or ""
        if name.startswith(_SHUT) and not os.access(path.parent, os.W_OK):
            raise _forbidden("ledger.left_open", path) from error
        raise


def is_at_rest(path: Path) -> bool:
    """Say whether nobody writes the ledger at `path` and this user can make no file beside it.

    None is needed then. Once a writer has come, what is read so may be older or torn.
    """
    return not any((os.access(path.parent, os.W_OK), os.access(f"{path}-wal", os.F_OK)))


def _open_existing(path: Path, mode: str) -> sqlite3.Connection:
    if not path.is_file():
        raise LedgerNone(ENGLISH("ledger.none_yet", path=str(path)))
    uri = f"{path.absolute().as_uri()}?{mode}"
    with in_plain_words(path):
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        with _closed_on_failure(connection):
            version = _check_version(connection, path)
            _prepare(connection)
            if path.stat().st_size == 0 and not version:
                raise LedgerError(ENGLISH("ledger.empty", path=str(path)))
            if version < len(STEPS):
                raise LedgerError(_older(path, version))
    return connection


def is_without_wal(path: Path) -> bool:
    """Say whether the file at `path` was copied while in use, without what lay beside it.

    Its newest readings, in a young ledger all of them, lie in the `-wal` that was left behind.
    """
    wal = Path(f"{path}-wal")
    if not path.is_file() or (wal.exists() and wal.stat().st_size):
        return False
    with path.open("rb") as file:
        is_in_wal_form = file.read(_WAL_FORM.stop)[_WAL_FORM] == b"\2\2"
    if not is_in_wal_form:
        return False
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with in_plain_words(path), closing(sqlite3.connect(uri, uri=True)) as alone:
        (tables,) = alone.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not tables:
            return True
        find = "SELECT count(*) FROM sqlite_schema WHERE name = 'notes'"
        if not alone.execute(find).fetchone()[0]:
            return False
        query = "SELECT 1 FROM notes WHERE key = ?"
        return alone.execute(query, (IN_USE,)).fetchone() is not None


def refuse_without_wal(path: Path) -> None:
    """Raise LedgerError, which says what to do, for a copy whose newest readings lie elsewhere."""
    if is_without_wal(path):
        raise LedgerError(ENGLISH("ledger.without_wal", path=str(path)))


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Raise LedgerError with one sentence for whatever SQLite raises while opening `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise trouble(error, path, opening=True) from error


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _older(path: Path, version: int) -> str:
    return ENGLISH("ledger.older", path=str(path), schema=version, own=len(STEPS))


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit all that is done inside, or nothing where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself rolls back on a full disk; the first error is the one to tell.
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}").fetchone()
    # A damaged row must be an error, never a plausible figure.
    connection.execute("PRAGMA cell_size_check = ON")


def _prepare_writing(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    _prepare(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if mark != APPLICATION_ID and (mark or version or tables):
        raise LedgerError(ENGLISH("ledger.of_another_program", path=str(path)))
    if version > len(STEPS):
        raise LedgerError(ENGLISH("ledger.newer", path=str(path), schema=version, own=len(STEPS)))
    return version


def _keep_older(connection: sqlite3.Connection, path: Path) -> None:
    """Leave a copy of a ledger of an older version beside it: an older program reads no newer one.

    One that is there already is of the same state: no program of that version wrote since.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    kept = Path(f"{path}.schema-{version}")
    if not 0 < version < len(STEPS) or kept.exists():
        return
    made = Path(f"{kept}.new")
    try:
        made.unlink(missing_ok=True)
        with closing(sqlite3.connect(made)) as copy:
            connection.backup(copy)
        made.chmod(path.stat().st_mode & 0o777)
        made.replace(kept)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    _LOG.info("the ledger is of an older version; it was copied before", extra={"copy": str(kept)})


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(STEPS[version:], start=version + 1):
        script = f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;"
        try:
            connection.executescript(script)
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise


# What the daemon does while its ledger cannot be written for a reason that may pass: it waits.
#
# A full disk, a quota, a lock that another program holds for minutes: what is to be written stays
# in memory, one change is tried again until it is done, and the rest follow in their order.


_LOG = logging.getLogger(__name__)

_PASSES: Final = frozenset(
    {
        "SQLITE_FULL",
        "SQLITE_BUSY",
        "SQLITE_LOCKED",
        "SQLITE_PROTOCOL",
        "SQLITE_NOMEM",
    }
)
_ONCE_OPEN: Final = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY"})
"""Rights that are wrong from the start are a mistake; those that went may come back."""
_DISK_PASSES: Final = frozenset(
    f"SQLITE_IOERR_{one}"
    for one in ("WRITE", "FSYNC", "TRUNCATE", "LOCK", "NOMEM", "SHMOPEN", "SHMSIZE", "SHMLOCK")
)
_PAUSE_S: Final = 5.0

T = TypeVar("T")


def passes(error: sqlite3.Error, *, opening: bool = False) -> bool:
    """Say whether `error` may pass without anybody touching the ledger itself."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    primary = "_".join(name.split("_")[:2])
    return name in _DISK_PASSES or primary in _PASSES or (primary in _ONCE_OPEN and not opening)


class LedgerPatience:
    """Waits out what holds a ledger up, until told to `give_up`."""

    def __init__(self, beat: Callable[[str], None] | None = None) -> None:
        """Call `beat` with the reason before each further try."""
        self._beat = beat
        self._turns = asyncio.Lock()
        self._given_up = asyncio.Event()
        self._is_on = False

    @property
    def is_on(self) -> bool:
        """Whether something waits for the ledger."""
        return self._is_on or self._turns.locked()

    def give_up(self) -> None:
        """Wait no more: what cannot be written now raises LedgerHeldUp."""
        self._given_up.set()

    async def until_done(self, attempt: Callable[[], Awaitable[T]], *, is_change: bool = True) -> T:
        """Return what `attempt` returns as soon as it is not held up; other errors are raised.

        A question may be answered where a change is held up.
        """
        if not (self._is_on and is_change):
            try:
                return await attempt()
            except LedgerHeldUp as error:
                self._hold(error)
        async with self._turns:  # one tries, in whose turn the others wait: each try may take long
            while not self._given_up.is_set():
                try:
                    answer = await attempt()
                except LedgerHeldUp as error:
                    self._hold(error)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._given_up.wait(), _PAUSE_S)
                else:
                    self._let_go()
                    return answer
        return await attempt()

    def _hold(self, error: LedgerHeldUp) -> None:
        if not self._is_on:
            fields = {"reason": str(error)}
            _LOG.error(
                "the ledger cannot be written at present; the readings are kept and written as"
                " soon as it can",
                extra=fields,
            )
        self._is_on = True
        if self._beat is not None:
            self._beat(str(error))

    def _let_go(self) -> None:
        if self._is_on:
            _LOG.info("the ledger is written again; nothing was lost")
        self._is_on = False
