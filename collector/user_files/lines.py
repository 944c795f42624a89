"""On which line of a TOML file each key stands: tomllib does not say.

Only for text that tomllib has accepted: nothing is validated here a second time.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Final

FilePath = tuple[str | int, ...]
"""Keys and places in lists, from the top: `("tables", "row", "at", 0, "value")`."""

_DEEPEST: Final = 16
"""Keys of a path that are told apart; what lies deeper stands where this does."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> Mapping[FilePath, int]:
    """Return the line, from 1, of every key and list element of `text`."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


def line_of(lines: Mapping[FilePath, int], path: FilePath) -> int | None:
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
        self._counts: dict[FilePath, int] = {}
        self.lines: dict[FilePath, int] = {}

    def document(self) -> None:
        inside: FilePath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                inside = self._header()
            else:
                self._pair(inside)
            self._skip(_BLANK)

    def _header(self) -> FilePath:
        line = self._line
        is_list = self._text.startswith("[[", self._at)
        self._move(2 if is_list else 1)
        keys = self._keys("]")
        self._move(2 if is_list else 1)
        path: FilePath = ()
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

    def _pair(self, inside: FilePath) -> None:
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

    def _value(self, path: FilePath) -> None:
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

    def _list(self, path: FilePath) -> None:
        self._move(1)
        place = 0
        while not self._ends("]"):
            below = self._inside(path, place)
            self.lines.setdefault(below, self._line)
            self._value(below)
            place += 1

    def _inside(self, path: FilePath, part: str | int) -> FilePath:
        return (*path, part) if len(path) < _DEEPEST else path

    def _inline(self, path: FilePath) -> None:
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
