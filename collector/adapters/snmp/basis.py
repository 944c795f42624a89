"""What a meter stands for, as one text: the same text is the same counters, added up alike."""

from collections.abc import Iterable
from typing import Final

_STANDARD: Final = frozenset({"life", "sheets"})
"""Counters of the Printer-MIB: they are the same in every profile."""


def basis(profile: str, terms: Iterable[tuple[int, str, int]]) -> str:
    """Return `kyocera: copy + print` for terms of (sign, name, weight).

    How the profile writes the sum, in which order and what it would do without is left out: only
    what is added up counts.
    """
    parts = sorted(terms, key=lambda one: (one[1], one[0], one[2]))
    text = " ".join(f"{'-' if sign < 0 else '+'} {_weighed(name, by)}" for sign, name, by in parts)
    text = text.removeprefix("+ ")
    return text if all(name in _STANDARD for _, name, _ in parts) else f"{profile}: {text}"


def _weighed(name: str, weight: int) -> str:
    return name if weight == 1 else f"{name}/{weight}"
