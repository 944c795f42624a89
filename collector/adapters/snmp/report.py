"""What is wrong with one file of a user, told by file, line and key."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp.toml_lines import Path, line_of
from collector.errors import Problem


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped `name`, or nothing."""
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
    """What is wrong with one file; `lines` says where its keys stand in its `text`."""

    file: str
    text: str = ""
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def where(self, path: Path) -> str:
        """Return the file, the line and the key: `own.toml:12: tables.row.at[0].value`."""
        line = line_of(self.lines, path)
        place = self.file if line is None else f"{self.file}:{line}"
        return f"{place}: {shown(path)}" if path else place

    def where_written(self, words: str) -> str:
        """Return the file and the first line that holds `words`."""
        before, found, _ = self.text.partition(words)
        return f"{self.file}:{before.count(chr(10)) + 1}" if found else self.file
