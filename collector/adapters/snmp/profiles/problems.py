"""What is wrong with one file of a user, told by file, line and key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.domain.spelling import nearest
from collector.errors import Problem
from collector.user_files.lines import FilePath, line_of, lines_of
from collector.user_files.report import MOST, shown

_LONGEST_SENTENCE: Final = 400


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped `name`, or nothing."""
    found = nearest(name, known)
    return f"; did you mean {found!r}?" if found else ""


@dataclass(slots=True)
class FileReport:
    """What is wrong with one file, which holds `text`: nothing, or what tomllib has accepted."""

    file: str
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    _lines: Mapping[FilePath, int] | None = None
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

    def where(self, path: FilePath) -> str:
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
    path: FilePath

    def __str__(self) -> str:
        """Return the file, the line and the key."""
        return self.report.where(self.path)
