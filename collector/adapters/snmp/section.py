"""Reads a TOML table key by key and keeps every problem, so that a file is reported at once."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from collector.adapters.snmp.profile_sources import Template
from collector.adapters.snmp.session import Oid, oid
from collector.errors import Problem

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
_EITHER = "[.0]"
_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def template(text: str) -> Template:
    """Return an OID whose `{part}` arcs are names; raises ValueError."""
    arcs: list[int | str] = []
    for arc in text.strip().lstrip(".").split("."):
        named = _PART.fullmatch(arc)
        arcs.append(named[1] if named else int(arc))
    return tuple(arcs)


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped `name`, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


class Section:
    """One table of a file, called `where` in messages. What is wrong reads as absent."""

    def __init__(self, data: Mapping[str, object], where: str, problems: list[Problem]) -> None:
        """Read from `data`, adding to `problems`."""
        self._data = data
        self._where = where
        self._problems = problems
        self._known: set[str] = set()

    def where(self, key: str = "") -> str:
        """Return the path of `key` for a message."""
        dot = "" if self._where.endswith((": ", ".toml")) else "."
        return f"{self._where}{dot}{key}" if key else self._where

    def problem(self, key: str, message: str) -> None:
        """Note that `key` is wrong."""
        self._problems.append(Problem(self.where(key), message))

    def has(self, key: str) -> bool:
        """Say whether `key` is written at all."""
        return key in self._data

    def _typed(self, key: str, kind: type[_T], called: str) -> _T | None:
        self._known.add(key)
        if key not in self._data:
            return None
        value = self._data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(key, f"must be {called}, not {value!r}")
            return None
        return value

    def text(self, key: str) -> str | None:
        """Return a string, or None."""
        return self._typed(key, str, "a string")

    def number(self, key: str) -> int | None:
        """Return a whole number of at least 0, or None."""
        value = self._typed(key, int, "a whole number")
        if value is not None and value < 0:
            self.problem(key, "must not be negative")
            return None
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; absent is false."""
        return bool(self._typed(key, bool, "true or false"))

    def needs(self, key: str) -> None:
        """Report `key` where it is not written."""
        if not self.has(key):
            self.problem(key, "is missing")

    def arcs(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers other than 0; one number is a list of one."""
        found: list[int] = []
        for value in self.values(key):
            if isinstance(value, int) and not isinstance(value, bool) and value != 0:
                found.append(value)
            else:
                self.problem(key, f"must hold whole numbers other than 0, not {value!r}")
        return tuple(found)

    def is_true(self, key: str) -> bool:
        """Say whether `key` is literally true; it may also be something else."""
        self._known.add(key)
        return self._data.get(key) is True

    def values(self, key: str) -> Sequence[object]:
        """Return a list; one value that is no list is a list of one, absent an empty one."""
        self._known.add(key)
        value = self._data.get(key)
        if value is None:
            return ()
        return value if isinstance(value, list) else (value,)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; one string is a list of one."""
        found: list[str] = []
        for value in self.values(key):
            if isinstance(value, str):
                found.append(value)
            else:
                self.problem(key, f"must hold strings, not {value!r}")
        return tuple(found)

    def oid(self, key: str) -> Oid | None:
        """Return an object identifier, or None."""
        found = self.oids(key)
        return found[0] if found else None

    def oids(self, key: str) -> tuple[Oid, ...]:
        """Return a list of object identifiers; one string is a list of one."""
        found: list[Oid] = []
        for text in self.texts(key):
            try:
                found.append(oid(text))
            except ValueError:
                self.problem(key, f"{text!r} is no object identifier such as 1.3.6.1.4.1.367")
        return tuple(found)

    def templates(self, key: str) -> tuple[Template, ...]:
        """Return a list of object identifiers that may hold `{part}` arcs."""
        found: list[Template] = []
        for text in self.texts(key):
            try:
                found.append(template(text))
            except ValueError:
                self.problem(key, f"{text!r} is no object identifier such as 1.3.6.1.{{printer}}")
        return tuple(found)

    def instances(self, key: str) -> tuple[Template, ...]:
        """Return a list of templates; one that ends in `[.0]` stands for two, with and without."""
        found: list[Template] = []
        for text in self.texts(key):
            try:
                one = template(text.removesuffix(_EITHER))
            except ValueError:
                self.problem(key, f"{text!r} is no object identifier such as 1.3.6.1.{{printer}}")
                continue
            found += ((*one, 0), one) if text.endswith(_EITHER) else (one,)
        return tuple(found)

    def octets(self, key: str) -> tuple[bytes, ...]:
        """Return a list of octet strings written in hexadecimal; one string is a list of one."""
        found: list[bytes] = []
        for text in self.texts(key):
            try:
                found.append(bytes.fromhex(text))
            except ValueError:
                self.problem(key, f"{text!r} must be octets in hexadecimal such as 0115")
        return tuple(one for one in found if one)

    def numbers(self, key: str) -> frozenset[int]:
        """Return a list of whole numbers of at least 0; one number is a list of one."""
        found: set[int] = set()
        for value in self.values(key):
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                found.add(value)
            else:
                self.problem(key, f"must hold whole numbers of at least 0, not {value!r}")
        return frozenset(found)

    def template(self, key: str) -> Template | None:
        """Return one object identifier that may hold `{part}` arcs, or None."""
        found = self.templates(key)
        return found[0] if found else None

    def pattern(self, key: str) -> re.Pattern[str] | None:
        """Return a regular expression, or None."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return re.compile(text)
        except re.error as exc:
            self.problem(key, f"{text!r} is no regular expression: {exc}")
            return None

    def choice(self, key: str, default: _E) -> _E:
        """Return one of the values of the enum that `default` belongs to."""
        return self.one_of(key, type(default)) or default

    def one_of(self, key: str, kind: type[_E]) -> _E | None:
        """Return one of the values of `kind`, or None."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return kind(text)
        except ValueError:
            allowed = [one.value for one in kind]
            hint = near(text, allowed)
            self.problem(key, f"must be one of {', '.join(allowed)}, not {text!r}{hint}")
            return None

    def inside(self, key: str, value: Mapping[str, object]) -> "Section":
        """Return `value`, found at `key`, as a section of the same report."""
        return Section(value, self.where(key), self._problems)

    def section(self, key: str) -> "Section":
        """Return the table at `key`; an empty one where it is absent."""
        value = self._typed(key, dict, "a table")
        return Section(value or {}, self.where(key), self._problems)

    def named(self, key: str) -> Iterator[tuple[str, "Section"]]:
        """Yield the tables inside the table at `key`, by name."""
        for name, value in (self._typed(key, dict, "a table") or {}).items():
            where = f"{self.where(key)}.{name}"
            if isinstance(value, dict):
                yield name, Section(value, where, self._problems)
            else:
                self._problems.append(Problem(where, f"must be a table, not {value!r}"))

    def sections(self, key: str) -> Iterator["Section"]:
        """Yield the tables of the list at `key`."""
        for place, value in enumerate(self.values(key)):
            where = f"{self.where(key)}[{place}]"
            if isinstance(value, dict):
                yield Section(value, where, self._problems)
            else:
                self._problems.append(Problem(where, f"must be a table, not {value!r}"))

    def items(self) -> Mapping[str, object]:
        """Return everything as it is; all keys then count as known."""
        self._known.update(self._data)
        return self._data

    def done(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._data:
            if key not in self._known:
                self.problem(key, f"unknown key{near(key, self._known)}")
