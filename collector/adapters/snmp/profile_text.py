"""The text of one profile file: read within bounds, and parsed."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collector.adapters.snmp.report import Report

_LARGEST: Final = 256 * 1024
"""Octets of a file; the largest shipped one has 12,000."""

_LONGEST_LINE: Final = 2_000
"""Characters: the time that tomllib takes for a dotted key grows with the square of its length."""


def parsed_file(path: Path, report: Report) -> Mapping[str, object] | None:
    """Return what stands in the file, whose text `report` holds then; None after a problem."""
    text = _text(path, report)
    if text is None:
        return None
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE:
            message = f"is longer than {_LONGEST_LINE:,} characters; break this line"
            report.add(f"{report.file}:{number}", message)
            return None
    data = _parsed(text, report)
    if data is not None:
        report.text = text
    return data


def _text(path: Path, report: Report) -> str | None:
    try:
        if path.exists() and not path.is_file():
            message = "is no file; name a file, or a folder of them"
            report.add(report.file, message)
            return None
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as exc:
        report.add(report.file, f"cannot be read ({exc.strerror}); check it and its permissions")
        return None
    if len(raw) > _LARGEST:
        message = f"is larger than {_LARGEST // 1024} KB; no profile is, so this is another file"
        report.add(report.file, message)
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        report.add(report.file, "is not UTF-8; save it again with the encoding UTF-8")
        return None


def _parsed(text: str, report: Report) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        report.add(*_syntax(report.file, str(exc)))
    except RecursionError:
        report.add(report.file, "is no profile: its lists or tables are nested too deep")
    except ValueError:
        report.add(report.file, "is no profile: it holds a number of thousands of digits")
    return None


def _syntax(name: str, message: str) -> tuple[str, str]:
    """Return what tomllib says, at its line: "Invalid value (at line 3, column 7)"."""
    what, _, where = message.partition(" (at ")
    line, _, column = where.removesuffix(")").partition(", column ")
    line = line.removeprefix("line ") if column else ""
    place = f"{name}:{line}" if line else f"{name}: end of file"
    found = f" (column {column})" if column else ""
    return place, f"is no TOML: {what[:1].lower()}{what[1:]}{found}; correct this line"
