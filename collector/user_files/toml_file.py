"""A TOML file as a person wrote it: read within bounds, and where each key of it stands."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.domain.sentence import Sentence, verbatim
from collector.errors import Spot, cause, said
from collector.user_files.lines import FilePath, line_of, lines_of
from collector.user_files.report import ProblemReport, Where, below, quoted, shown

_LARGEST: Final = 256 * 1024
"""Octets of a bounded file; the largest shipped profile has 12,000."""

_LARGEST_OF_ALL: Final = 8 * 2**20
"""Octets of any file; a fleet of 10,000 places has 2 MB."""

_LONGEST_LINE: Final = 2_000
"""Characters: the time that tomllib takes for a dotted key grows with the square of its length."""

_ENTRY: Final = 2
"""Length of the path of an entry in a list of the file, which is shown with its id."""


@dataclass(slots=True)
class TomlFile:
    """What stands in the file called `name`, which tomllib has accepted."""

    name: str
    text: str = ""
    tree: Mapping[str, object] = field(default_factory=dict)
    _lines: Mapping[FilePath, int] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, name: str, text: str) -> "TomlFile":
        """Return the file with `text`; raises tomllib.TOMLDecodeError."""
        return cls(name, text, tomllib.loads(text))

    def spot(self, path: FilePath = ()) -> Spot:
        """Return the file, the line and the key: `fleet.toml:12: place[0] "2f".address`."""
        if self._lines is None:
            self._lines = lines_of(self.text)
        path = self._stated(path)
        entry, key = self._entry(path), shown(path)
        if entry:
            rest = shown(path[_ENTRY:])
            key = f"{shown(path[:_ENTRY])} {entry}" + ("." + rest if rest else "")
        return Spot(self.name, line_of(self._lines, path), key)

    def below(self, *path: str | int) -> Where:
        """Return where the keys of the table at `path` stand."""
        return below(self.spot, path)

    def written(self, words: str) -> Spot:
        """Return the first line that holds `words`."""
        before, found, _ = self.text.partition(words)
        return Spot(self.name, before.count("\n") + 1 if found else None)

    def _stated(self, path: FilePath) -> FilePath:
        """Leave out of `path` what the file does not say: one value may stand for a list of one."""
        value: object = self.tree
        kept: list[str | int] = []
        for part in path:
            if isinstance(part, int):
                if not isinstance(value, list):
                    continue
                value = value[part] if part < len(value) else None
            elif isinstance(value, dict):
                value = value.get(part)
            elif value is not None:
                break
            kept.append(part)
        return tuple(kept)

    def _entry(self, path: FilePath) -> str:
        """Return the id of the entry that `path` lies in, in quotes; "" where it has none."""
        if len(path) < _ENTRY or not isinstance(path[0], str) or not isinstance(path[1], int):
            return ""
        entries = self.tree.get(path[0])
        entry = entries[path[1]] if isinstance(entries, list) else None
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            return ""
        return f'"{name}"' if name.isprintable() else quoted(name)


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place in a file. Its line is looked for when it is shown: few ever are."""

    file: TomlFile = field(repr=False)
    path: FilePath

    @property
    def spot(self) -> Spot:
        """The file, the line and the key."""
        return self.file.spot(self.path)

    def __str__(self) -> str:
        """Return the same as text."""
        return str(self.spot)


def read_toml(
    path: Path,
    report: ProblemReport,
    missing: Sentence | None = None,
    *,
    name: str | None = None,
    is_bounded: bool = False,
) -> TomlFile | None:
    """Return the file, called `name` in problems, or None after a problem told in `report`.

    A byte order mark, as some Windows editors write, is no problem. `missing` says what to do
    where there is no such file. A bounded file is a small one, of short lines.
    """
    called = Spot(path.name if name is None else name)
    raw = _octets(path, called, report, missing, is_bounded=is_bounded)
    if raw is None:
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        report.problem(called, said("not_utf8"))
        return None
    if is_bounded:
        for number, line in enumerate(text.split("\n"), start=1):
            if len(line) > _LONGEST_LINE:
                told = said("line_too_long", most=_LONGEST_LINE)
                report.problem(Spot(called.file, number), told)
                return None
    return _parsed(called.file, text, report)


def _octets(
    path: Path, called: Spot, report: ProblemReport, missing: Sentence | None, *, is_bounded: bool
) -> bytes | None:
    largest = _LARGEST if is_bounded else _LARGEST_OF_ALL
    try:
        if is_bounded and path.exists() and not path.is_file():
            report.problem(called, said("no_plain_file"))
            return None
        with path.open("rb") as stream:
            raw = stream.read(largest + 1)
    except FileNotFoundError as exc:
        told = missing or said("check_permissions")
        code = "no_file" if missing else "unreadable"
        report.problem(
            called,
            said(code, path=str(path), reason=said("in_brackets", why=cause(exc)), advice=told),
        )
        return None
    except PermissionError as exc:
        report.forbidden(called, unreadable(path, exc), path)
        return None
    except OSError as exc:
        report.problem(called, unreadable(path, exc))
        return None
    if len(raw) > largest:
        report.problem(
            called, said("too_large" if is_bounded else "file_too_large", kilobytes=largest // 1024)
        )
        return None
    return raw


def unreadable(path: Path, error: OSError) -> Sentence:
    """Return the sentence for a file or folder that is there and cannot be read."""
    reason = said("in_brackets", why=cause(error))
    return said("unreadable", path=str(path), reason=reason, advice=said("check_permissions"))


def _parsed(name: str, text: str, report: ProblemReport) -> TomlFile | None:
    try:
        return TomlFile.of(name, text)
    except tomllib.TOMLDecodeError as exc:
        report.problem(*_syntax(name, text, str(exc)))
    except RecursionError:
        report.problem(Spot(name), said("too_deep"))
    except ValueError:
        report.problem(Spot(name), said("number_too_long"))
    return None


def _syntax(name: str, text: str, message: str) -> tuple[Spot, Sentence]:
    """Return what tomllib says, at its line: "Invalid value (at line 3, column 7)"."""
    what, _, where = message.partition(" (at ")
    what = what[:1].lower() + what[1:]
    line, _, column = where.removesuffix(")").partition(", column ")
    if column:
        spot = Spot(name, int(line.removeprefix("line ")))
        return spot, said("no_toml", what=verbatim(what), column=int(column))
    return Spot(name, text.rstrip("\n").count("\n") + 1), said(
        "no_toml_at_end", what=verbatim(what)
    )
