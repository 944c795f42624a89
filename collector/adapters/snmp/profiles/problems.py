"""What is wrong with one file of a user, told by file, line and key."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.errors import Problem

# On which line of a TOML file each key stands: tomllib does not say.
#
# Only for text that tomllib has accepted: nothing is validated here a second time.


Path = tuple[str | int, ...]
"""Keys and places in lists, from the top: `("tables", "row", "at", 0, "value")`."""

_DEEPEST: Final = 16
"""Keys of a path that are told apart; what lies deeper stands where this does."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> Mapping[Path, int]:
    """Return the line, from 1, of every key and list element of `text`."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of `path`, or of the nearest thing around it that stands in the file."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counts: dict[Path, int] = {}
        self.lines: dict[Path, int] = {}

    def document(self) -> None:
        inside: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                inside = self._header()
            else:
                self._pair(inside)
            self._skip(_BLANK)

    def _header(self) -> Path:
        line = self._line
        is_list = self._text.startswith("[[", self._at)
        self._move(2 if is_list else 1)
        keys = self._keys("]")
        self._move(2 if is_list else 1)
        path: Path = ()
        for place, key in enumerate(keys):
            path = self._inside(path, key)
            is_last = place == len(keys) - 1
            if is_list and is_last:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                self.lines.setdefault(path, line)
                path = (*path, self._counts[path] - 1)
            if is_last:
                self.lines[path] = line
            else:
                self.lines.setdefault(path, line)
        return path

    def _pair(self, inside: Path) -> None:
        line = self._line
        keys = self._keys("=")
        self._move(1)
        path = inside
        for key in keys:
            path = self._inside(path, key)
            self.lines.setdefault(path, line)
        self._value(path)

    def _keys(self, end: str) -> list[str]:
        """Read a dotted key up to `end`."""
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            char = self._text[self._at]
            if char == end:
                return keys
            if char == ".":
                self._move(1)
            elif char in "\"'":
                keys.append(_unquoted(self._take(_STRINGS)))
            else:
                keys.append(self._take(_BARE))

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        char = self._text[self._at]
        if char in "\"'":
            self._take(_STRINGS)
        elif char == "[":
            self._list(path)
        elif char == "{":
            self._inline(path)
        else:
            self._take(_SCALAR)

    def _list(self, path: Path) -> None:
        self._move(1)
        place = 0
        while not self._ends("]"):
            below = self._inside(path, place)
            self.lines.setdefault(below, self._line)
            self._value(below)
            place += 1

    def _inside(self, path: Path, part: str | int) -> Path:
        return (*path, part) if len(path) < _DEEPEST else path

    def _inline(self, path: Path) -> None:
        self._move(1)
        while not self._ends("}"):
            self._pair(path)

    def _ends(self, end: str) -> bool:
        """Step over a comma and to the next element; say whether `end` came instead."""
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._move(1)
            self._skip(_BLANK)
        if self._text[self._at] == end:
            self._move(1)
            return True
        return False

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        taken = match[0] if match else self._text[self._at]
        self._move(len(taken))
        return taken

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        self._move(len(match[0]) if match else 0)

    def _move(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count


def _unquoted(key: str) -> str:
    return str(tomllib.loads(f"key = {key}")["key"])


MOST: Final = 100
"""Problems that are told of one file: one that is something else is wrong in every line."""

_LONGEST_QUOTE: Final = 60
_LONGEST_SENTENCE: Final = 400
_MOST_NAMES: Final = 500
"""Among more names than this no near one is sought: it would take longer than a person waits."""

_KEY: Final = re.compile(r"[\w-]{1,40}")


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped `name`, or nothing."""
    import difflib  # noqa: PLC0415 - only mistakes need it, and every start would wait for it

    names = list(known)
    if len(name) > _LONGEST_QUOTE or len(names) > _MOST_NAMES:
        return ""
    found = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def quoted(value: object) -> str:
    """Return `value` as a message names it: on one line, harmless to a terminal, not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "what stands there"  # a number of thousands of digits, lists in lists without end
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def shown(path: Path) -> str:
    """Return `path` as a message names it: `tables.row.at[0].value`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _KEY.fullmatch(part) else quoted(part)
            text += f".{key}" if text else key
    return text


@dataclass(slots=True)
class FileReport:
    """What is wrong with one file, which holds `text`: nothing, or what tomllib has accepted."""

    file: str
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    _lines: Mapping[Path, int] | None = None
    _untold: int = 0

    def add(self, where: str, message: str) -> None:
        """Note that what stands at `where` is wrong; of very many only the first are kept."""
        if len(self.problems) >= MOST:
            self._untold += 1
            return
        if len(message) > _LONGEST_SENTENCE:
            message = f"{message[:_LONGEST_SENTENCE]}…"
        self.problems.append(Problem(where, message))

    @property
    def is_full(self) -> bool:
        """Whether a further problem would not be told."""
        return len(self.problems) >= MOST

    def taken(self) -> list[Problem]:
        """Return the problems and forget them; the last one says how many more there were."""
        found, self.problems = self.problems, []
        if self._untold:
            found.append(Problem(self.file, f"and {self._untold:,} more problems"))
            self._untold = 0
        return found

    def where(self, path: Path) -> str:
        """Return the file, the line and the key: `own.toml:12: tables.row.at[0].value`."""
        if self._lines is None:
            self._lines = lines_of(self.text)
        line = line_of(self._lines, path)
        place = self.file if line is None else f"{self.file}:{line}"
        return f"{place}: {shown(path)}" if path else place

    def where_written(self, words: str) -> str:
        """Return the file and the first line that holds `words`."""
        before, found, _ = self.text.partition(words)
        return f"{self.file}:{before.count(chr(10)) + 1}" if found else self.file


@dataclass(frozen=True, slots=True)
class FileSpot:
    """A place in a file. Its line is looked for when it is shown: few ever are."""

    report: FileReport = field(repr=False)
    path: Path

    def __str__(self) -> str:
        """Return the file, the line and the key."""
        return self.report.where(self.path)
