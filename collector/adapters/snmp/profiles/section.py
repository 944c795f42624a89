"""Reads a profile file's tables key by key and keeps every problem, so that all are told at once.

`profile_keys` says which keys there are: an unknown one is reported with what it may have meant.
"""

import datetime as dt
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar, cast

from collector.adapters.snmp.client.session import Oid, arc_of, oid
from collector.adapters.snmp.profiles.keys import ProfileKey, ProfileKeys, ValueKind
from collector.adapters.snmp.profiles.problems import FileReport, near
from collector.adapters.snmp.profiles.values import Template
from collector.user_files.lines import FilePath
from collector.user_files.report import quoted

# Plain values of a profile file's table: texts, numbers, choices.


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
        keys: ProfileKeys | None,
        report: FileReport,
        path: FilePath = (),
    ) -> None:
        """Read `data`, which stands at `path`. Without `keys` any key may stand there."""
        self.data = data
        self.keys = keys
        self.report = report
        self.path = path
        if keys is not None:
            self._check(keys)

    def _check(self, keys: ProfileKeys) -> None:
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

    def at(self, key: str, place: int | None = None) -> FilePath:
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

    def known(self, key: str) -> ProfileKey | None:
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


_EITHER: Final = "[.0]"
_PART: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LAST_ROOT: Final = 2
_UNDER_A_ROOT: Final = 40
_MOST_ARCS: Final = 128
_LARGEST_ARC: Final = 2**32 - 1


def template(text: str) -> Template:
    """Return an OID whose `{part}` arcs are names; raises ValueError."""
    arcs: list[int | str] = []
    for arc in text.strip().removeprefix(".").split("."):
        named = _PART.fullmatch(arc)
        arcs.append(named[1] if named else arc_of(arc))
    return _sound(tuple(arcs))


def _sound(arcs: Template) -> Template:
    """Return `arcs` where they can be asked for (RFC 2578 section 3.5); raises ValueError."""
    first, second = (*arcs, None)[:2]
    if not isinstance(first, int) or not isinstance(second, int) or not _is_root(first, second):
        message = "no object identifier begins so"
        raise ValueError(message)
    numbers = [arc for arc in arcs if isinstance(arc, int)]
    if len(arcs) > _MOST_ARCS or max(numbers) > _LARGEST_ARC:
        message = "an object identifier has at most 128 arcs up to 4294967295"
        raise ValueError(message)
    return arcs


def _is_root(first: int, second: int) -> bool:
    return first == _LAST_ROOT or (first < _LAST_ROOT and second < _UNDER_A_ROOT)


class ProfileSection(SectionValues):
    """One table of a file, with object identifiers, patterns and the tables inside it."""

    def octets(self, key: str) -> tuple[bytes, ...]:
        """Return a list of octet strings written in hexadecimal; one string is a list of one."""
        found: list[bytes] = []
        for place, text in enumerate(self.texts(key)):
            try:
                found.append(bytes.fromhex(text))
            except ValueError:
                message = f"{quoted(text)} must be octets in hexadecimal such as 0115"
                self.problem(key, message, place)
        return tuple(one for one in found if one)

    def oid(self, key: str) -> Oid | None:
        """Return an object identifier, or None."""
        found = self.oids(key)
        return found[0] if found else None

    def oids(self, key: str) -> tuple[Oid, ...]:
        """Return a list of object identifiers; one string is a list of one."""
        found: list[Oid] = []
        for place, text in enumerate(self.texts(key)):
            try:
                found.append(cast("Oid", _sound(oid(text))))
            except ValueError:
                message = f"{quoted(text)} is no object identifier such as 1.3.6.1.4.1.367"
                self.problem(key, message, place)
        return tuple(found)

    def instances(self, key: str) -> tuple[Template, ...]:
        """Return a list of templates; one that ends in `[.0]` stands for two, with and without."""
        found: list[Template] = []
        for place, text in enumerate(self.texts(key)):
            try:
                one = template(text.removesuffix(_EITHER))
            except ValueError:
                self._no_template(key, text, place)
                continue
            found += ((*one, 0), one) if text.endswith(_EITHER) else (one,)
        return tuple(found)

    def template(self, key: str) -> Template | None:
        """Return one object identifier that may hold `{part}` arcs, or None."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return template(text)
        except ValueError:
            self._no_template(key, text)
            return None

    def _no_template(self, key: str, text: str, place: int | None = None) -> None:
        message = f"{quoted(text)} is no object identifier such as 1.3.6.1.{{printer}}"
        self.problem(key, message, place)

    def pattern(self, key: str) -> re.Pattern[str] | None:
        """Return a regular expression, or None."""
        text = self.text(key)
        if text is None:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # what Python may soon read otherwise
                return re.compile(text)
        except RecursionError:
            reason = "it is nested too deep"
        except (re.error, OverflowError, Warning) as exc:
            reason = str(exc)
        self.problem(key, f"{quoted(text)} is no regular expression: {reason}")
        return None

    def inside(
        self, key: str, value: Mapping[str, object], keys: ProfileKeys, place: int | None = None
    ) -> "ProfileSection":
        """Return `value`, found at `key` or as an element of it, as a section of the report."""
        return ProfileSection(value, keys, self.report, self.at(key, place))

    def section(self, key: str) -> "ProfileSection":
        """Return the table at `key`; where it is absent, one that holds and wants nothing."""
        known = self.known(key)
        value = self.typed(key, dict, "a table")
        keys = (
            known.inside if known and value is not None and known.kind is ValueKind.TABLE else None
        )
        return ProfileSection(value or {}, keys, self.report, self.at(key))

    def named(self, key: str) -> Iterator[tuple[str, "ProfileSection"]]:
        """Yield the tables inside the table at `key`, by name."""
        known = self.known(key)
        keys = known.inside if known and known.kind is ValueKind.NAMED else None
        outer = self.section(key)
        for name, value in outer.items().items():
            if known and known.names and not known.names.fullmatch(name):
                outer.problem(name, "must be called by small letters, digits and _ only")
            if isinstance(value, dict):
                yield name, ProfileSection(value, keys, self.report, outer.at(name))
            else:
                outer.problem(name, f"must be a table, not {quoted(value)}")

    def sections(self, key: str) -> Iterator["ProfileSection"]:
        """Yield the tables of the list at `key`."""
        known = self.known(key)
        keys = known.inside if known and known.kind is ValueKind.TABLES else None
        for place, value in enumerate(self.values(key)):
            if isinstance(value, dict):
                yield ProfileSection(value, keys, self.report, self.at(key, place))
            else:
                self.problem(key, f"must be a table, not {quoted(value)}", place)
