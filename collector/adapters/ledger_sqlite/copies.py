"""Copies of the ledger: made while it is written, verified, thinned; and put back in its place."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from collector.adapters.ledger_sqlite.examine import refuse_damaged
from collector.adapters.ledger_sqlite.file import (
    explain,
    open_for_reading,
    take_lock,
)
from collector.errors import LedgerError, cause, said
from collector.texts import ENGLISH
from collector.user_files.report import refusal

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"ledger-(\d{8}T\d{6}Z)\.sqlite3")
_OPEN: Final = 0o600
_BESIDE: Final = ("-wal", "-shm")

_EVERY: Final = timedelta(days=2)
_DAILY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished copy: where it lies, how large it is, and which older ones had to go."""

    path: Path
    bytes: int
    thinned: tuple[Path, ...]


def back_up(ledger: Path, folder: Path, now: datetime) -> Backup:
    """Leave a verified copy of `ledger` as of now in `folder`; the service may be running.

    Of older copies there all stay for two days, one a day for thirty, then one a month. Raises
    LedgerError, and ConfigError where `folder` cannot be written; then no copy is left half-made.
    """
    final = folder / f"ledger-{now.astimezone(UTC):{_STAMP}}.sqlite3"
    making = final.with_suffix(".making")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        making.unlink(missing_ok=True)
        _copy(ledger, making)
        refuse_damaged(making)
        making.replace(final)
        _sync(folder)
    except OSError as error:
        raise refusal(folder.absolute(), said("unwritable", reason=cause(error))) from error
    finally:
        for one in (making, *(Path(f"{making}{name}") for name in _BESIDE)):
            with suppress(OSError):
                one.unlink(missing_ok=True)
    return Backup(final, final.stat().st_size, tuple(_thinned(folder, now)))


def put_back(file: Path, ledger: Path) -> Path | None:
    """Put the copy `file` in the place of `ledger` and return where the old one is kept, if any.

    Nothing is changed where the service runs, or where the copy is damaged or not whole. What
    lies beside the copy (`-wal`) belongs to it. Raises LedgerError.
    """
    lock = take_lock(ledger)
    try:
        refuse_damaged(file)
        new = Path(f"{ledger}.new")
        new.unlink(missing_ok=True)
        _copy(file, new)
        _like(new, ledger if ledger.exists() else ledger.parent)
        kept = _set_aside(ledger) if ledger.exists() else None
        new.replace(ledger)
        _sync(ledger.parent)
    except OSError as error:
        told = ENGLISH("ledger.folder", path=str(ledger), why=cause(error))
        raise LedgerError(told) from error
    finally:
        os.close(lock)
    return kept


def _copy(source: Path, into: Path) -> None:
    """Copy what `source` holds at one moment, its write-ahead file included, onto the disk.

    Without the room that rows left behind, as one file with nothing beside it: it can be copied on
    by any means.
    """
    os.close(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OPEN))
    try:
        with closing(open_for_reading(source)) as reader:
            reader.execute("VACUUM INTO ?", (str(into),))
        with closing(sqlite3.connect(into)) as copy:
            # One more than in `source` now, which tells by it which of the two is younger.
            (cookie,) = copy.execute("PRAGMA schema_version").fetchone()
            copy.execute(f"PRAGMA schema_version = {cookie - 1:d}")
    except sqlite3.Error as error:
        raise LedgerError(explain(error, into)) from error
    _sync(into)


def _like(path: Path, other: Path) -> None:
    """Give `path` the owner of `other`: root restores, and the service must be able to write."""
    owner = other.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _set_aside(ledger: Path) -> Path:
    """Rename `ledger` with all that belongs to it and return its new name."""
    names = (Path(f"{ledger}.before-{number}") for number in count(1))
    kept = next(one for one in names if not one.exists())
    for name in ("", *_BESIDE):
        with suppress(FileNotFoundError):
            Path(f"{ledger}{name}").rename(f"{kept}{name}")
    return kept


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _thinned(folder: Path, now: datetime) -> Iterator[Path]:
    """Remove the copies that are not kept any more and yield them."""
    known = {
        datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC): one
        for one in folder.iterdir()
        if (found := _NAME.fullmatch(one.name))
    }
    kept = kept_of(sorted(known), now)
    for at in sorted(known.keys() - kept):
        with suppress(OSError):
            known[at].unlink()
            yield known[at]


def kept_of(times: Sequence[datetime], now: datetime) -> set[datetime]:
    """Return which copies of `times` are kept: the newest of each span, the newest of all."""
    newest: dict[object, datetime] = {}
    for at in sorted(times):
        age = now - at
        span: object = at
        if age > _DAILY:
            span = (at.year, at.month)
        elif age > _EVERY:
            span = at.date()
        newest[span] = at
    return {*newest.values(), *sorted(times)[-1:]}
