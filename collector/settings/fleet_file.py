"""Reads the fleet file: departments, places with who answers for them, targets."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

from collector.domain.fleet import WHOLE, Fleet
from collector.settings.draft import (
    Draft,
    DraftDepartment,
    DraftPlace,
    DraftShare,
    DraftTarget,
    Where,
)
from collector.settings.labels import tidy
from collector.settings.layers import Tree, read_toml
from collector.settings.problems import Report, did_you_mean

SNMP_PORT: Final = 161
_MISSING: Final = "copy the example from config/, or make it with: copier-fleet fleet import"


def read_fleet(path: Path, credentials: Collection[str] | None, report: Report) -> Fleet | None:
    """Return the fleet in the TOML file `path`, or None after telling every problem.

    `credentials` are the names that places may use; None leaves them unchecked. Places for
    which nobody answers are told as warnings.
    """
    before = len(report.problems)
    tree = read_toml(path, report, _MISSING)
    if len(report.problems) > before:
        return None
    return parse_fleet(tree, path.name, credentials, report)


def parse_fleet(
    tree: Mapping[str, object], file: str, credentials: Collection[str] | None, report: Report
) -> Fleet | None:
    """Return the fleet stated by a TOML tree, or None after telling every problem."""
    before = len(report.problems)
    root = _Table(tree, lambda key: f"{file}: {key}" if key else file, report)
    draft = Draft(
        departments=tuple(_department(one) for one in root.tables("department")),
        places=tuple(_place(one) for one in root.tables("place")),
        targets=tuple(_targets(root)),
        credentials=credentials,
    )
    root.finish()
    fleet = draft.fleet(report, f"{file}: place")
    if len(report.problems) > before or fleet is None:
        return None
    for number, place in enumerate(fleet.places):
        if not place.assignments:
            report.warning(
                f'{file}: place[{number}] "{place.id}"',
                "has no department; its pages are shown as unassigned",
            )
    return fleet


def _department(table: "_Table") -> DraftDepartment:
    department = DraftDepartment(
        where=table.where,
        id=table.text("id", needed=True),
        name=table.text("name", needed=True),
        name_en=table.text("name_en"),
    )
    table.finish()
    return department


def _place(table: "_Table") -> DraftPlace:
    place = DraftPlace(
        where=table.where,
        id=table.text("id", needed=True),
        name=table.text("name", needed=True),
        address=table.text("address", needed=True),
        port=table.whole("port", SNMP_PORT),
        credential=table.text("credential", default="default"),
        shares=tuple(_share(one) for one in table.tables("department")),
    )
    table.finish()
    return place


def _share(table: "_Table") -> DraftShare:
    share = DraftShare(
        where=table.where,
        department=table.text("id", needed=True),
        start=table.day("from"),
        share=table.whole("share", WHOLE),
    )
    table.finish()
    return share


def _targets(root: "_Table") -> list[DraftTarget]:
    found = []
    for department, table in root.named_tables("targets").items():
        for month in table.stated():
            pages = table.whole(month, None)
            if pages is not None:
                name = None if month == "default" else month
                found.append(DraftTarget(table.where, tidy(department), name, pages))
    return found


class _Table:
    """One TOML table being read; remembers which keys were asked for, so others are unknown."""

    def __init__(self, tree: Mapping[str, object], where: Where, report: Report) -> None:
        self.where = where
        self._tree = tree
        self._report = report
        self._asked: set[str] = set()

    def stated(self) -> tuple[str, ...]:
        return tuple(self._tree)

    def text(self, key: str, default: str | None = None, *, needed: bool = False) -> str | None:
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
        value = self._take(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is None:
            return default
        self._report.problem(self.where(key), "must be a whole number without quotes")
        return None

    def day(self, key: str) -> date | None:
        value = self._take(key)
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

    def tables(self, key: str) -> list["_Table"]:
        value = self._take(key)
        if value is None:
            return []
        path = self.where(key)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            name = "place.department" if ".department" in f".{key}" and "place[" in path else key
            self._report.problem(path, f"write every entry below its own line [[{name}]]")
            return []
        return [
            _Table(one, _entry(path, number, one), self._report) for number, one in enumerate(value)
        ]

    def named_tables(self, key: str) -> dict[str, "_Table"]:
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
                found[name] = _Table(inner, _below(path), self._report)
            else:
                self._report.problem(path, f"write it as a section [targets.{name}] with months")
        return found

    def finish(self) -> None:
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
        f' "{name}"' if isinstance(name, str) and path.endswith(("place", ": department")) else ""
    )
    return _below(f"{path}[{number}]{label}")


def _below(path: str) -> Where:
    return lambda key: f"{path}.{key}" if key else path
