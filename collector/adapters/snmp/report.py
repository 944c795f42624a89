"""What is wrong with one file of a user, told by file, line and key."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp.toml_lines import Path, line_of, lines_of
from collector.errors import Problem

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
class Report:
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
class Spot:
    """A place in a file. Its line is looked for when it is shown: few ever are."""

    report: Report = field(repr=False)
    path: Path

    def __str__(self) -> str:
        """Return the file, the line and the key."""
        return self.report.where(self.path)
