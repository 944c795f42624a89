"""Whole pages in shares: none lost, none invented, none negative."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from math import lcm
from typing import Generic, NewType, TypeVar

from collector.domain.meters import METERS, TOTAL, Meter, families_in

PlaceId = NewType("PlaceId", str)


Key = TypeVar("Key", bound=Hashable)


def apportion(pages: int, weights: Mapping[Key, int | float | Fraction]) -> dict[Key, int]:
    """Return `pages` split by `weights` in whole pages, by the method of the largest remainder.

    The parts add up to `pages` exactly; each is within one page of its exact share; equal
    remainders go to the key that comes first in `weights`. Weights are not negative and not all
    0, `pages` is not negative; otherwise ValueError.
    """
    if len(weights) == 1 and pages >= 0:
        ((only, weight),) = weights.items()  # mostly: a usage within one day
        if weight > 0:
            return {only: pages}
    exact = _whole_numbers(weights)
    total = sum(exact.values())
    if pages < 0 or total <= 0 or min(exact.values()) < 0:
        message = f"cannot split {pages} pages by {dict(weights)!r}"
        raise ValueError(message)
    shares = {key: divmod(weight * pages, total) for key, weight in exact.items()}
    parts = {key: whole for key, (whole, _) in shares.items()}
    if left := pages - sum(parts.values()):
        by_remainder = sorted(shares, key=lambda key: -shares[key][1])
        for key in by_remainder[:left]:
            parts[key] += 1
    return parts


def _whole_numbers(weights: Mapping[Key, int | float | Fraction]) -> Mapping[Key, int]:
    """Return `weights` in whole numbers of the same proportions: exact, and quicker than parts."""
    ratios = [weight.as_integer_ratio() for weight in weights.values()]
    common = lcm(*[below for _, below in ratios])
    return {
        key: above * (common // below) for key, (above, below) in zip(weights, ratios, strict=True)
    }


def apportion_together(
    pages: Mapping[Meter, int], weights: Mapping[Key, int | float | Fraction]
) -> dict[Meter, dict[Key, int]]:
    """Return each meter's pages split by `weights` in whole pages, none lost.

    Meters that add up to another one (`meters.families_in`) do so in every part as well: copies of
    black and of colour are no page more or less than all copies of a department or a day.
    """
    parts: dict[Meter, dict[Key, int]] = {}
    for whole, members in families_in(pages):
        if whole not in parts:
            parts[whole] = apportion(pages[whole], weights)
        left = parts[whole]
        for member in members:
            parts[member] = apportion(pages[member], left) if any(left.values()) else dict(left)
            left = {key: left[key] - parts[member][key] for key in left}
    alone = {meter: count for meter, count in pages.items() if meter not in parts}
    return parts | {meter: apportion(count, weights) for meter, count in alone.items()}


def by_mix(total: int, mix: Mapping[Meter, int]) -> dict[Meter, int]:
    """Return `total` impressions by meter in the proportions of `mix`, in whole pages.

    Families of meters that add up to the total in `mix` do so in the result as well.
    """
    known = mix[TOTAL]
    found = {meter: round(Fraction(total * pages, known)) for meter, pages in mix.items()}
    found[TOTAL] = total
    for whole, parts in families_in(mix):
        if mix[whole]:
            found |= apportion(found[whole], {part: mix[part] for part in parts})
    return {meter: found[meter] for meter in METERS if found.get(meter)} | {TOTAL: total}


class RunningShares(Generic[Key]):
    """Splits a stream of page counts so that every running total stays near its exact share.

    Splitting each day on its own would give a department with 40 % of one page a day nothing
    for ever; here each day's pages go where the running totals lag most.
    """

    # A lag stands in pages times the sum of all weights: whole numbers, in the same proportions.

    def __init__(self, weights: Mapping[Key, int]) -> None:
        """Begin at nothing given to anybody."""
        self._weights: Mapping[Key, int] = dict(weights)
        self._given: dict[Key, int] = dict.fromkeys(weights, 0)
        self._total = 0

    def split(self, pages: int) -> dict[Key, int]:
        """Return the next `pages` in whole parts that add up to it; no part is negative."""
        if len(self._weights) == 1 or pages == 0:
            return dict.fromkeys(self._weights, pages)
        self._total += pages
        whole = sum(self._weights.values())
        lag = {
            key: max(0, weight * self._total - self._given[key] * whole)
            for key, weight in self._weights.items()
        }
        if not any(lag.values()):
            return dict.fromkeys(self._weights, 0)
        parts = apportion(pages, lag)
        self._give(parts)
        return parts

    def split_of(self, pages: int, whole: Mapping[Key, int]) -> dict[Key, int]:
        """Return the next `pages`, which are among `whole`: no part is more than its share of that.

        What remains of `whole` can be split in the same way for the other parts of it.
        """
        self._total += pages
        left, parts = dict(whole), dict.fromkeys(whole, 0)
        weight = sum(self._weights.values())
        while missing := pages - sum(parts.values()):
            lag = {
                key: max(
                    0, self._weights[key] * self._total - (self._given[key] + parts[key]) * weight
                )
                for key in left
                if left[key]
            }
            room = {key: left[key] for key in lag}
            for key, part in apportion(missing, lag if any(lag.values()) else room).items():
                taken = min(part, left[key])
                parts[key] += taken
                left[key] -= taken
        self._give(parts)
        return parts

    def _give(self, parts: Mapping[Key, int]) -> None:
        for key, part in parts.items():
            self._given[key] += part
