"""A monthly report as two CSV files: departments and places, one line each, for other programs.

UTF-8 with a byte order mark, so that Excel opens Japanese as it is. Column names are the same in
every language and stay; each names its unit or stands in `unit`. An empty cell is absent.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from collector.adapters.report.department_tables import departments_table
from collector.adapters.report.place_tables import places_table
from collector.adapters.report.words import ReportWords
from collector.domain.office.fleet import DepartmentId
from collector.domain.report.month_report import MonthReport
from collector.domain.report.table import Table, csv_text
from collector.errors import ConfigError, Spot, cause, said
from collector.user_files.report import problem_at, refusal

_BOM: Final = "\ufeff"


def departments_csv(report: MonthReport) -> bytes:
    """Return a line for each department."""
    return _written(departments_table(report, _any_words(report)))


def places_csv(report: MonthReport) -> bytes:
    """Return a line for each place. Times carry their offset from UTC."""
    return _written(places_table(report, _any_words(report)))


def _any_words(report: MonthReport) -> ReportWords:
    """Return words for the headings that a CSV does not have."""
    return ReportWords("en", report.zone)


def _written(table: Table[Any]) -> bytes:
    return (_BOM + csv_text(table)).encode()


# What a file is called that is one department's.


_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def plain_name(department: DepartmentId) -> str:
    """Return `department` as a part of a file's name that every disk and share takes."""
    plain = _PLAIN.fullmatch(department) is not None
    return department if plain else hashlib.sha256(department.encode()).hexdigest()[:16]


# Several files at once: all of them complete, or none.


def write_all(
    folder: Path,
    contents: Mapping[str, bytes],
    *,
    overwrite: bool = False,
    mode: int | None = None,
) -> list[Path]:
    """Leave `folder` with these files, by name, and return their paths.

    Missing folders are made. Raises ConfigError, with nothing written, where one of them exists
    and `overwrite` is false, or where they cannot be written. They have `mode`, where one is given.
    """
    paths = [folder / name for name in contents]
    parts = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths]
    try:
        if taken := [path for path in paths if path.is_dir() or (path.exists() and not overwrite)]:
            raise ConfigError([problem_at(Spot(str(one)), said("folder_exists")) for one in taken])
        for within in {folder, *(path.parent for path in paths)}:
            within.mkdir(parents=True, exist_ok=True)
        for part, octets in zip(parts, contents.values(), strict=True):
            _write_durably(part, octets, mode)
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except OSError as exc:
        raise refusal(folder.absolute(), said("unwritable", reason=cause(exc))) from exc
    finally:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return paths


def _write_durably(path: Path, octets: bytes, mode: int | None) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
