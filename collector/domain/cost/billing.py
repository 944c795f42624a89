"""Which impressions a contract bills: mono or colour, A3 once or twice; and what that lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from collector.domain.cost.factors import Price, Tariff
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.shares import PlaceId

MONO_LARGE = Meter("total_mono_large")
COLOR_LARGE = Meter("total_color_large")

_TOLERANCE = 2
"""Each meter is split over midnights on its own: at either end of a span, mono and colour together
may be a page off the total."""


class Lack(StrEnum):
    """Why a figure cannot be worked out."""

    NO_FACTOR = "no_factor"
    """No price or factor covers the place on some day on which it printed."""
    NO_COLOUR_SPLIT = "no_colour_split"
    """The machine does not tell mono from colour, and they cost differently."""
    NO_COLOUR_PRICE = "no_colour_price"
    """Colour was printed, and the contract has no price for it."""
    NO_LARGE = "no_large"
    """A3 is billed differently, and the machine does not count it apart."""
    NO_SHEETS = "no_sheets"
    """The machine does not count sheets, and impressions are none."""


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A place that keeps a figure from being known, and why."""

    place: PlaceId
    lack: Lack


@dataclass(frozen=True, slots=True)
class Billed:
    """Impressions as a contract bills them."""

    mono: Fraction
    color: Fraction


@dataclass(frozen=True, slots=True)
class Usages:
    """Pages of one place in some days, and the meters its machine has.

    A meter that the machine has and that did not move is 0; one it does not have is unknown.
    """

    pages: Mapping[Meter, int]
    machine: frozenset[Meter] = frozenset()

    def of(self, meter: Meter) -> int | None:
        """Return the pages of `meter`, None where it is not counted."""
        return self.pages.get(meter, 0 if meter in self.machine else None)

    @property
    def total(self) -> int:
        """Impressions; where the total itself is not counted, mono and colour."""
        total = self.of(TOTAL)
        return (self.of(TOTAL_MONO) or 0) + (self.of(TOTAL_COLOR) or 0) if total is None else total


def billed(price: Price, usages: Usages) -> Billed | Lack:
    """Return what `price` bills for `usages`, or why that cannot be said."""
    color = _color(price, usages)
    if isinstance(color, Lack):
        return color
    color = min(color, usages.total)
    mono = usages.total - color
    extra = Fraction(price.large_weight) - 1
    if extra == 0 or usages.total == 0:
        return Billed(Fraction(mono), Fraction(color))
    mono_large, color_large = usages.of(MONO_LARGE), usages.of(COLOR_LARGE)
    if color == 0 and color_large is None:
        color_large = 0
    if mono == 0 and mono_large is None:
        mono_large = 0
    if mono_large is None or color_large is None:
        return Lack.NO_LARGE
    return Billed(mono + extra * mono_large, color + extra * color_large)


def _color(price: Price, usages: Usages) -> int | Lack:
    """Return the colour impressions; the total less these are mono."""
    total, mono, color = usages.total, usages.of(TOTAL_MONO), usages.of(TOTAL_COLOR)
    if price.color is None:
        return Lack.NO_COLOUR_PRICE if color else 0
    if price.color == price.mono and len(price.mono) == 1:
        return color or 0
    if color is None:
        if mono is None:
            return Lack.NO_COLOUR_SPLIT if total else 0
        return 0 if abs(total - mono) <= _TOLERANCE else Lack.NO_COLOUR_SPLIT
    if mono is not None and abs(total - mono - color) > _TOLERANCE:
        return Lack.NO_COLOUR_SPLIT
    return color


def charge_of(tariff: Tariff, first: Fraction, last: Fraction) -> Fraction:
    """Return what the impressions after number `first` up to number `last` of a month cost."""
    total, begin = Fraction(0), Fraction(0)
    for step in tariff:
        end = last if step.up_to is None else min(last, Fraction(step.up_to))
        total += max(Fraction(0), end - max(first, begin)) * Fraction(step.yen)
        begin = max(begin, end)
    return total
