"""The little language in which profiles write sums.

`row[copy] + row[fax]? - scans`, where `?` marks what a machine may lack, and optionally
`if row[x]` or `unless row[x]`, in this order: the sum then stands only for machines that have
that counter, or have it not. Several are joined by `+`: all of them, or none of them. After
`if` two sums may be compared: `small if row[all] = row[a4]` stands only as long as they are equal.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from collector.adapters.snmp.profiles.values import Formula, FormulaTerm
from collector.user_files.report import RefusedValue, quoted

_TERM: Final = re.compile(
    r"\s*(?P<sign>[+-])?\s*(?P<source>[a-z][a-z0-9_]*)"
    r"(?:\[(?P<key>[A-Za-z0-9_.*]+)\])?(?P<optional>\?)?\s*"
)


def parsed(text: str) -> Formula:
    """Return what `text` says; raises RefusedValue that says what is wrong where."""
    rest, unless, excluded = text.partition(" unless ")
    wanted, given, needed = rest.partition(" if ")
    one, equals, other = needed.partition(" = ")
    left = _terms(one) if given else ()
    right = _terms(other) if equals else ()
    return Formula(
        text,
        _terms(wanted),
        (*left, *right),
        _terms(excluded) if unless else (),
        (*left, *(replace(term, sign=-term.sign) for term in right)) if equals else (),
    )


def _terms(text: str) -> tuple[FormulaTerm, ...]:
    terms: list[FormulaTerm] = []
    at = 0
    while at < len(text) or not terms:
        match = _TERM.match(text, at)
        if match is None or (bool(terms) and match["sign"] is None):
            raise RefusedValue("no_sum", text=quoted(text), rest=quoted(text[at:].strip()))
        sign = -1 if match["sign"] == "-" else 1
        terms.append(FormulaTerm(match["source"], match["key"], sign, bool(match["optional"])))
        at = match.end()
    return tuple(terms)


# Adds counters up as a formula says; what does not come out whole is absent, never rounded.


_LIMIT: Final = 2**32
"""A meter beyond what its counters can hold is no count of pages."""


def total_of(terms: Iterable[tuple[int, int | None, int]]) -> int | None:
    """Return the sum of (sign, value, weight), each value divided by its weight.

    None where a value is absent or no whole multiple of its weight, or the sum is no count.
    """
    total = 0
    for sign, value, weight in terms:
        if value is None or value % weight:
            return None
        total += sign * (value // weight)
    return total if 0 <= total < _LIMIT else None


# What a meter stands for, as one text: the same text is the same counters, added up alike.


_STANDARD: Final = frozenset({"life", "sheets", "life_unstated"})
"""Counters of the Printer-MIB: they are the same in every profile."""


def basis(profile: str, terms: Iterable[tuple[int, str, int, str]]) -> str:
    """Return `kyocera: copy + print` for terms of (sign, name, weight, home).

    How the profile writes the sum, in which order and what it would do without is left out: only
    what is added up counts. `home` is the profile that describes the counter: one that includes
    it, for a single model or proved on a panel, reads the same counters under the same names.
    """
    parts = sorted(terms, key=lambda one: (one[1], one[0], one[2]))
    text = " ".join(f"{'-' if one[0] < 0 else '+'} {_weighed(one[1], one[2])}" for one in parts)
    text = text.removeprefix("+ ")
    homes = {home for _, name, _, home in parts if name not in _STANDARD}
    if not homes:
        return text
    return f"{homes.pop() if len(homes) == 1 else profile}: {text}"


def _weighed(name: str, weight: int) -> str:
    return name if weight == 1 else f"{name}/{weight}"
