"""How lists and legends tell many of a kind apart: a name behind its number in the fleet.

The number is told apart where colours no longer are, and by who sees none; dashboards give one
number one colour wherever it stands.
"""

from typing import Final

_CIRCLED: Final = (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))
"""The characters ① to ㊿, in the order of their numbers."""


def mark(number: int) -> str:
    """Return `number`, from 1 on, as the one character there is for it, or else in brackets."""
    return chr(_CIRCLED[number - 1]) if number <= len(_CIRCLED) else f"({number})"


def numbered(number: int | None, name: str) -> str:
    """Return `name` behind its number; as it is where it has none."""
    return name if number is None else f"{mark(number)} {name}"


SEPARATOR: Final = "\u2063"
"""Unicode's invisible separator: in no name, and no control character that a server would drop."""


def choice(one: str, shown: str) -> str:
    """Return what a selector offers: the id it stands for, a separator, and what a person reads."""
    return f"{one}{SEPARATOR}{shown}"
