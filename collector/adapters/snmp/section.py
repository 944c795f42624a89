"""Reads a profile file's tables key by key and keeps every problem, so that all are told at once.

`profile_keys` says which keys there are: an unknown one is reported with what it may have meant.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Final, cast

from collector.adapters.snmp.profile_key_kinds import Keys, Kind
from collector.adapters.snmp.profile_sources import Template
from collector.adapters.snmp.report import quoted
from collector.adapters.snmp.section_values import SectionValues
from collector.adapters.snmp.session import Oid, arc_of, oid

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


class Section(SectionValues):
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
        self, key: str, value: Mapping[str, object], keys: Keys, place: int | None = None
    ) -> "Section":
        """Return `value`, found at `key` or as an element of it, as a section of the report."""
        return Section(value, keys, self.report, self.at(key, place))

    def section(self, key: str) -> "Section":
        """Return the table at `key`; where it is absent, one that holds and wants nothing."""
        known = self.known(key)
        value = self.typed(key, dict, "a table")
        keys = known.inside if known and value is not None and known.kind is Kind.TABLE else None
        return Section(value or {}, keys, self.report, self.at(key))

    def named(self, key: str) -> Iterator[tuple[str, "Section"]]:
        """Yield the tables inside the table at `key`, by name."""
        known = self.known(key)
        keys = known.inside if known and known.kind is Kind.NAMED else None
        outer = self.section(key)
        for name, value in outer.items().items():
            if known and known.names and not known.names.fullmatch(name):
                outer.problem(name, "must be called by small letters, digits and _ only")
            if isinstance(value, dict):
                yield name, Section(value, keys, self.report, outer.at(name))
            else:
                outer.problem(name, f"must be a table, not {quoted(value)}")

    def sections(self, key: str) -> Iterator["Section"]:
        """Yield the tables of the list at `key`."""
        known = self.known(key)
        keys = known.inside if known and known.kind is Kind.TABLES else None
        for place, value in enumerate(self.values(key)):
            if isinstance(value, dict):
                yield Section(value, keys, self.report, self.at(key, place))
            else:
                self.problem(key, f"must be a table, not {quoted(value)}", place)
