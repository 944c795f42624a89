"""Plain values of a profile file's table: texts, numbers, choices."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from collector.adapters.snmp.profile_key_kinds import Key, Keys
from collector.adapters.snmp.report import Report, near, quoted
from collector.adapters.snmp.toml_lines import Path

LARGEST: Final = 2**32
"""No number of a profile needs to be larger: it is the modulus of the widest counter."""

_DATE: Final = "a date such as 2026-11-25"
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


def _is_unfit(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" and char not in "\n\r\t"


class SectionValues:
    """One table of a file, for its plain values. What is wrong reads as absent."""

    def __init__(
        self,
        data: Mapping[str, object],
        keys: Keys | None,
        report: Report,
        path: Path = (),
    ) -> None:
        """Read `data`, which stands at `path`. Without `keys` any key may stand there."""
        self.data = data
        self.keys = keys
        self.report = report
        self.path = path
        if keys is not None:
            self._check(keys)

    def _check(self, keys: Keys) -> None:
        for key in self.data:
            if key not in keys.names:
                hint = "" if self.report.is_full else near(key, keys.names)
                self.problem(key, f"unknown key{hint}")
        for one in keys.keys:
            if one.needed and one.name not in self.data:
                self.problem(one.name, f"is missing: {one.about.replace('`', '')}")
        stated = [name for name in keys.one_of if name in self.data]
        if keys.one_of and len(stated) != 1:
            self.problem("", f"needs exactly one of {', '.join(keys.one_of)}")
        if keys.any_of and not any(name in self.data for name in keys.any_of):
            self.problem("", f"needs at least one of {', '.join(keys.any_of)}")

    def where(self, key: str = "", place: int | None = None) -> str:
        """Return where `key`, or one element of it, stands in the file."""
        return self.report.where(self.at(key, place))

    def at(self, key: str, place: int | None = None) -> Path:
        """Return the path of `key`, or of one element where a list stands there."""
        path = self.path if key == "" else (*self.path, key)
        return path if place is None or not self.is_list(key) else (*path, place)

    def problem(self, key: str, message: str, place: int | None = None) -> None:
        """Note that `key`, or one element of it, is wrong."""
        where = "" if self.report.is_full else self.where(key, place)
        self.report.add(where, message)

    def has(self, key: str) -> bool:
        """Say whether `key` is written at all."""
        return self._value(key) is not None

    def is_list(self, key: str) -> bool:
        """Say whether a list stands at `key`."""
        return isinstance(self.data.get(key), list)

    def _value(self, key: str) -> object:
        self.known(key)
        return self.data.get(key)

    def known(self, key: str) -> Key | None:
        """Return what is known of `key`; a key outside the table of keys is a bug."""
        if self.keys is None:
            return None
        found = self.keys.names.get(key)
        if found is None:
            message = f"{key!r} is no key of {self.keys.title}"
            raise KeyError(message)
        return found

    def typed(self, key: str, kind: type[_T], called: str) -> _T | None:
        """Return the value at `key` where it is of `kind`; otherwise note that it is not."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(key, f"must be {called}, not {quoted(value)}")
            return None
        return value

    def text(self, key: str) -> str | None:
        """Return a string, or None."""
        value = self.typed(key, str, "a string")
        return value if value is None or self._is_fit(key, value) else None

    def _is_fit(self, key: str, value: str, place: int | None = None) -> bool:
        """Say whether `value` may be shown; otherwise note that it may not."""
        if value.isprintable() or not any(map(_is_unfit, value)):
            return True
        self.problem(key, f"must hold no control characters, as {quoted(value)} does", place)
        return False

    def number(self, key: str) -> int | None:
        """Return a whole number from 0 to 2^32, or None."""
        value = self.typed(key, int, "a whole number")
        if value is not None and not 0 <= value <= LARGEST:
            self.problem(key, "must not be negative" if value < 0 else f"must not exceed {LARGEST}")
            return None
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; absent is false."""
        return bool(self.typed(key, bool, "true or false"))

    def date(self, key: str) -> dt.date | None:
        """Return a date, or None."""
        value = self.typed(key, dt.date, _DATE)
        if isinstance(value, dt.datetime):
            self.problem(key, f"must be {_DATE}, without a time")
            return None
        return value

    def is_true(self, key: str) -> bool:
        """Say whether `key` is literally true; it may also be something else."""
        return self._value(key) is True

    def values(self, key: str) -> Sequence[object]:
        """Return a list; one value that is no list is a list of one, absent an empty one."""
        value = self._value(key)
        if value is None:
            return ()
        return value if isinstance(value, list) else (value,)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; one string is a list of one."""
        found: list[str] = []
        for place, value in enumerate(self.values(key)):
            if not isinstance(value, str):
                self.problem(key, f"must hold strings, not {quoted(value)}", place)
            elif self._is_fit(key, value, place):
                found.append(value)
        return tuple(found)

    def numbers(self, key: str) -> frozenset[int]:
        """Return a list of whole numbers from 0 to 2^32; one number is a list of one."""
        found: set[int] = set()
        for place, value in enumerate(self.values(key)):
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
                found.add(value)
            else:
                self.problem(
                    key, f"must hold whole numbers from 0 to {LARGEST}, not {quoted(value)}", place
                )
        return frozenset(found)

    def arcs(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers other than 0; one number is a list of one."""
        found: list[int] = []
        for place, value in enumerate(self.values(key)):
            if isinstance(value, int) and not isinstance(value, bool) and value != 0:
                found.append(value)
            else:
                self.problem(
                    key, f"must hold whole numbers other than 0, not {quoted(value)}", place
                )
        return tuple(found)

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
            self.problem(key, f"must be one of {', '.join(allowed)}, not {quoted(text)}{hint}")
            return None

    def items(self) -> Mapping[str, object]:
        """Return everything as it is."""
        return self.data
