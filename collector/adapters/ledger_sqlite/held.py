"""The ledger's file while it is open for writing: still the very file that was opened, or lost.

A file that is removed, replaced or overwritten takes every later commit with it into nowhere, and
SQLite does not tell. Where that happens nothing more is written: what was counted so far is kept
beside, and what a person put in its place is left as it was put there.
"""

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite.file import IN_USE
from collector.errors import LedgerLost
from collector.texts import ENGLISH

_HEADER: Final = 100
_COOKIE: Final = slice(40, 44)
"""SQLite's schema cookie, big-endian, see its file format: `stamp` makes it grow. (The file change
counter stands still while one connection writes through a write-ahead file.)"""

_QUIET_S: Final = 0.5
"""So long nothing is written into a file that is whole."""

_LOOKS: Final = 240
"""Who writes into it for longer than two minutes is no `cp` of a ledger."""

_Identity = tuple[int, int]


def stamp(connection: sqlite3.Connection, held: "HeldFile | None" = None) -> None:
    """Make the file younger than every copy of it so far, and one that is copied alone be known.

    From now on the file by itself says that it is in use, and only what lies in its write-ahead
    file takes that back. Nothing goes into a `held` file that is lost by then: with our newest
    pages in it, what somebody put over it would pass for ours.
    """
    connection.execute(f"PRAGMA schema_version = {_cookie(connection) + 1:d}")
    connection.execute("INSERT OR REPLACE INTO notes VALUES (?, '')", (IN_USE,))
    if held is None or not held.is_lost(connection):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.execute("DELETE FROM notes WHERE key = ?", (IN_USE,))


def _cookie(connection: sqlite3.Connection) -> int:
    (cookie,) = connection.execute("PRAGMA schema_version").fetchone()
    return int(cookie)


def lost(path: Path, kept: Path | None) -> LedgerLost:
    """Return the error for the ledger at `path`; what was counted is whole in `kept`, if given."""
    if kept is None:
        return LedgerLost(ENGLISH("ledger.overwritten", path=str(path)))
    return LedgerLost(ENGLISH("ledger.lost", path=str(path), kept=str(kept)))


class HeldFile:
    """The file of one open ledger; `is_lost` looks, `keep` saves what can be saved."""

    def __init__(self, path: Path) -> None:
        """Hold the file at `path`, which is there, as SQLite's connection does."""
        self._path = path
        self._wal = Path(f"{path}-wal")
        # Closed after the connection only: to close any descriptor of a file ends SQLite's locks.
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._identity = _identity(path)
        self._wal_identity = _identity(self._wal)
        self._size, self._cookie = self._look()

    def is_lost(self, connection: sqlite3.Connection) -> bool:
        """Say whether another file, or none, or an older one stands where ours was."""
        if self._is_elsewhere() or _identity(self._wal) != self._wal_identity:
            return True
        size, cookie = self._look()
        if size < self._size or not self._cookie <= cookie <= _cookie(connection):
            return True
        self._size, self._cookie = size, cookie
        return False

    def keep(self, connection: sqlite3.Connection) -> Path | None:
        """Close `connection` for good and return where what was counted lies, if anywhere.

        Where ours was removed or replaced it is whole still; where it was overwritten it is gone,
        and closing must not mix ours into what stands there now.
        """
        kept: Path | None = None
        if self._is_elsewhere():
            kept = _copied(connection, _free(self._path))
            connection.close()
        else:
            put = Path(f"{self._path}.put-{os.getpid()}")
            _wait_until_written(self._path)
            shutil.copyfile(self._path, put)
            connection.close()
            put.replace(self._path)
        for name in ("-wal", "-shm"):
            # Beside another file they would be taken for its own.
            with suppress(OSError):
                Path(f"{self._path}{name}").unlink()
        return kept

    def close(self) -> None:
        """Let go of the file; the connection is closed already."""
        os.close(self._file)

    def _is_elsewhere(self) -> bool:
        return _identity(self._path) != self._identity

    def _look(self) -> tuple[int, int]:
        header = os.pread(self._file, _HEADER, 0)
        return os.fstat(self._file).st_size, int.from_bytes(header[_COOKIE], "big")


def _wait_until_written(path: Path) -> None:
    """Return once nobody writes into `path` any more: `cp` takes its time with a large file."""
    for _ in range(_LOOKS):
        before = path.stat()
        time.sleep(_QUIET_S)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _free(path: Path) -> Path:
    """Return a name beside `path` that nothing has."""
    names = (Path(f"{path}.lost-{number}") for number in count(1))
    return next(one for one in names if not one.exists())


def _copied(connection: sqlite3.Connection, beside: Path) -> Path | None:
    """Return `beside`, which holds all that `connection` sees; None where it cannot be written."""
    try:
        with closing(sqlite3.connect(beside)) as copy:
            connection.backup(copy)
    except sqlite3.Error:
        with suppress(OSError):
            beside.unlink()
        return None
    return beside
