"""The little language in which profiles write sums.

`row[copy] + row[fax]? - scans`, where `?` marks what a machine may lack, and optionally
`if row[x]` or `unless row[x]`, in this order: the sum then stands only for machines that have
that counter, or have it not. Several are joined by `+`: all of them, or none of them. After
`if` two sums may be compared: `small if row[all] = row[a4]` stands only as long as they are equal.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.snmp.profile_values import Term
from collector.adapters.snmp.report import quoted

_TERM: Final = re.compile(
    r"\s*(?P<sign>[+-])?\s*(?P<source>[a-z][a-z0-9_]*)"
    r"(?:\[(?P<key>[A-Za-z0-9_.*]+)\])?(?P<optional>\?)?\s*"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """The terms of a sum, those a machine must have besides, and those it must not have.

    `equal` are terms that must come to 0 together: one side less the other. They are in `given`.
    """

    terms: tuple[Term, ...] = ()
    given: tuple[Term, ...] = ()
    unless: tuple[Term, ...] = ()
    equal: tuple[Term, ...] = ()


def parsed(text: str) -> Sum:
    """Return what `text` says; raises ValueError that says what is wrong where."""
    rest, unless, excluded = text.partition(" unless ")
    wanted, given, needed = rest.partition(" if ")
    one, equals, other = needed.partition(" = ")
    left = _terms(one) if given else ()
    right = _terms(other) if equals else ()
    return Sum(
        _terms(wanted),
        (*left, *right),
        _terms(excluded) if unless else (),
        (*left, *(replace(term, sign=-term.sign) for term in right)) if equals else (),
    )


def _terms(text: str) -> tuple[Term, ...]:
    terms: list[Term] = []
    at = 0
    while at < len(text) or not terms:
        match = _TERM.match(text, at)
        if match is None or (bool(terms) and match["sign"] is None):
            rest = quoted(text[at:].strip())
            message = f"{quoted(text)} is no sum of counters: cannot read {rest}"
            raise ValueError(message)
        sign = -1 if match["sign"] == "-" else 1
        terms.append(Term(match["source"], match["key"], sign, bool(match["optional"])))
        at = match.end()
    return tuple(terms)
