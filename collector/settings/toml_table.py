"""One table of a TOML file being read: every fault in it is told with its path."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from collector.settings.layers import Tree
from collector.settings.problems import ProblemReport, did_you_mean
from collector.settings.values import month_problem, tidy

Where = Callable[[str], str]
"""Key of an entry -> the path to show for it."""


class TomlTable:
    """One TOML table being read; remembers which keys were asked for, so others are unknown."""

    def __init__(self, tree: Mapping[str, object], where: Where, report: ProblemReport) -> None:
        """Read `tree`; `where` names its keys to people, `report` takes what is wrong."""
        self.where = where
        self._tree = tree
        self._report = report
        self._asked: set[str] = set()

    def stated(self) -> tuple[str, ...]:
        """Return every key that stands in the table."""
        return tuple(self._tree)

    def text(self, key: str, default: str | None = None, *, needed: bool = False) -> str | None:
        """Return a text; `default` where there is none, None where something else stands."""
        value = self._take(key)
        if isinstance(value, str):
            return tidy(value)
        if value is not None:
            self._report.problem(self.where(key), "must be text in quotes")
            return None
        if needed:
            self._report.problem(self.where(key), "is missing; add it")
        return default

    def whole(self, key: str, default: int | None) -> int | None:
        """Return a whole number, likewise."""
        value = self._take(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is None:
            return default
        self._report.problem(self.where(key), "must be a whole number without quotes")
        return None

    def yes(self, key: str, *, default: bool) -> bool | None:
        """Return true or false, likewise."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._report.problem(self.where(key), "must be true or false without quotes")
        return None

    def amount(self, key: str) -> Decimal | None:
        """Return a number as it is written, with or without decimals, or None."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            amount = Decimal(str(value))
            if amount.is_finite():
                return amount
        self._report.problem(self.where(key), "must be a number without quotes, like 2.5")
        return None

    def month(self, key: str, *, needed: bool = False) -> str | None:
        """Return the name of a closing month; the first day of one stands for it."""
        value = self._take(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            if value.day == 1:
                return f"{value:%Y-%m}"
            problem = f"{value} is within a month; whole months have targets, write it like 2026-04"
            self._report.problem(self.where(key), problem)
        elif isinstance(value, str):
            problem_found = month_problem(value.strip())
            if problem_found is None:
                return value.strip()
            self._report.problem(self.where(key), problem_found)
        elif value is not None:
            self._report.problem(self.where(key), 'must be a month in quotes, like "2026-04"')
        elif needed:
            self._report.problem(self.where(key), 'is missing; add it, like "2026-04"')
        return None

    def day(self, key: str, *, needed: bool = True) -> date | None:
        """Return a date; None where there is none, which is told where one is needed."""
        value = self._take(key)
        if value is None and not needed:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = value or None
        told = "is missing; add it, like" if value is None else "is no date; write it like"
        self._report.problem(self.where(key), f"{told} 2026-04-01")
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, None where there is no such key or something else stands."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(tidy(one) for one in value)
        self._report.problem(self.where(key), 'must be a list of texts like ["a", "b"]')
        return None

    def values(self, key: str) -> Sequence[object]:
        """Return whatever stands in a list; nothing where there is none."""
        value = self._take(key)
        if value is None or isinstance(value, list):
            return value or ()
        self._report.problem(self.where(key), "must be a list, in square brackets")
        return ()

    def value(self, key: str) -> object:
        """Return whatever stands there, for keys that may be of several types."""
        return self._take(key)

    def tables(self, key: str, name: str | None = None) -> list["TomlTable"]:
        """Return the tables of a list; `name` is how one of them is headed in the file."""
        value = self._take(key)
        if value is None:
            return []
        path = self.where(key)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            told = f"write every entry below its own line [[{name or key}]]"
            self._report.problem(path, told)
            return []
        return [
            TomlTable(one, _entry(path, number, one), self._report)
            for number, one in enumerate(value)
        ]

    def named_tables(self, key: str) -> dict[str, "TomlTable"]:
        """Return the tables below `key` by their names."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._report.problem(self.where(key), "write it as sections like [targets.soumu]")
            return {}
        found = {}
        for name, inner in value.items():
            path = f"{self.where(key)}.{name}"
            if isinstance(inner, dict):
                found[name] = TomlTable(inner, _below(path), self._report)
            else:
                self._report.problem(path, f"write it as a section [targets.{name}] with months")
        return found

    def finish(self) -> None:
        """Tell of every key that nobody asked for."""
        for key in self._tree:
            if key not in self._asked:
                hint = did_you_mean(key, self._asked)
                self._report.problem(self.where(key), f"is no known key; {hint}")

    def _take(self, key: str) -> object:
        self._asked.add(key)
        return self._tree.get(key)


def _entry(path: str, number: int, tree: Tree) -> Where:
    name = tree.get("id")
    label = (
        f' "{name}"'
        if isinstance(name, str)
        and path.endswith(("place", ": department", "contract", ": calendar"))
        else ""
    )
    return _below(f"{path}[{number}]{label}")


def _below(path: str) -> Where:
    return lambda key: f"{path}.{key}" if key else path
