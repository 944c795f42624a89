"""Adds counters up as a formula says; what does not come out whole is absent, never rounded."""

from collections.abc import Iterable
from typing import Final

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
