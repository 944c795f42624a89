"""Whole pages in shares: none lost, none invented, none negative."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


def apportion(pages: int, weights: Mapping[Key, int | float | Fraction]) -> dict[Key, int]:
    """Return `pages` split by `weights` in whole pages, by the method of the largest remainder.

    The parts add up to `pages` exactly; each is within one page of its exact share; equal
    remainders go to the key that comes first in `weights`. Weights are not negative and not all
    0, `pages` is not negative; otherwise ValueError.
    """
    total = sum(Fraction(weight) for weight in weights.values())
    if pages < 0 or total <= 0 or any(weight < 0 for weight in weights.values()):
        message = f"cannot split {pages} pages by {dict(weights)!r}"
        raise ValueError(message)
    exact = {key: Fraction(weight) * pages / total for key, weight in weights.items()}
    parts = {key: int(share) for key, share in exact.items()}
    left = pages - sum(parts.values())
    by_remainder = sorted(weights, key=lambda key: parts[key] - exact[key])
    for key in by_remainder[:left]:
        parts[key] += 1
    return parts


class RunningShares(Generic[Key]):
    """Splits a stream of page counts so that every running total stays near its exact share.

    Splitting each day on its own would give a department with 40 % of one page a day nothing
    for ever; here each day's pages go where the running totals lag most.
    """

    def __init__(self, weights: Mapping[Key, int]) -> None:
        """Begin at nothing given to anybody."""
        self._weights: Mapping[Key, int] = dict(weights)
        self._given: dict[Key, int] = dict.fromkeys(weights, 0)
        self._total = 0

    def split(self, pages: int) -> dict[Key, int]:
        """Return the next `pages` in whole parts that add up to it; no part is negative."""
        if len(self._weights) == 1:
            return dict.fromkeys(self._weights, pages)
        self._total += pages
        whole = sum(self._weights.values())
        lag = {
            key: max(Fraction(0), Fraction(weight * self._total, whole) - self._given[key])
            for key, weight in self._weights.items()
        }
        if pages == 0 or not any(lag.values()):
            return dict.fromkeys(self._weights, 0)
        parts = apportion(pages, lag)
        for key, part in parts.items():
            self._given[key] += part
        return parts
