"""What a meter stands for, as one text: the same text is the same counters, added up alike."""

from collections.abc import Iterable
from typing import Final

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
