"""What is wrong with one file of a user, told by file, line and key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp.toml_lines import Path, line_of, lines_of
from collector.errors import Problem


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped `name`, or nothing."""
    import difflib  # noqa: PLC0415 - only mistakes need it, and every start would wait for it

    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def shown(path: Path) -> str:
    """Return `path` as a message names it: `tables.row.at[0].value`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


@dataclass(slots=True)
class Report:
    """What is wrong with one file, which holds `text`: nothing, or what tomllib has accepted."""

    file: str
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    _lines: Mapping[Path, int] | None = None

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
