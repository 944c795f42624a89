"""What a page costs in money, time and environment: dated factors, each with its source.

Money and factors are exact decimals. A factor holds from its date until the next one of the same
kind; before its first date there is none, and then no figure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, Protocol, TypeVar

from collector.domain.office.shares import PlaceId


@dataclass(frozen=True, slots=True)
class PriceStep:
    """Impressions of a month up to and with number `up_to` (None: all further) cost `yen` each."""

    up_to: int | None
    yen: Decimal


Tariff = tuple[PriceStep, ...]
"""Steps in order of `up_to`, the last one without: each impression has the price of its step."""


class Rounding(StrEnum):
    """What becomes of a part of a yen: 切り捨て, 切り上げ, 四捨五入."""

    DOWN = "down"
    UP = "up"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Price:
    """What a counter contract charges from `start` on, before tax as the contract states it.

    A month is charged `basic_fee`, and on top the counters at `mono` and `color`, or `minimum`
    where that is more. With `large_weight` 2 an A3 impression counts as two. Without `color`
    the contract is for machines without colour. `round_lines` and `round_tax` say how each amount
    of an invoice, and its tax, are rounded to whole yen; None where the contract states nothing.
    """

    start: date
    source: str
    mono: Tariff
    color: Tariff | None = None
    basic_fee: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    large_weight: Decimal = Decimal(1)
    round_lines: Rounding | None = None
    round_tax: Rounding | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """One counter contract. Without `places` it covers every place that no other names.

    Steps, basic fee and minimum go by each place; by all its places together when `pooled`.
    `prices` are in order of `start`.
    """

    id: str
    prices: tuple[Price, ...]
    places: frozenset[PlaceId] | None = None
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Factor:
    """`value` holds from `start` on, at `places` or (None) wherever no other names the place.

    It may be off by `margin` either way; None where nobody stated that.
    """

    start: date
    source: str
    value: Decimal
    places: frozenset[PlaceId] | None = None
    margin: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Career:
    """A working life from `start` on: so many `years` of `hours_a_year`, each more than 0."""

    start: date
    source: str
    hours_a_year: Decimal
    years: Decimal

    def years_of_work(self, hours_a_month: Decimal) -> Fraction:
        """Return what so many hours come to, month after month for a career: in years of work."""
        return (
            Fraction(hours_a_month) * _MONTHS * Fraction(self.years) / Fraction(self.hours_a_year)
        )


_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Factors:
    """Every factor there is, each kind in order of `start`.

    `seconds` at the copier per impression; `co2_g` and `paper_yen` per sheet of paper. `duplex` is
    how many of 100 printed sides are on sheets printed on both, `large` how many of 100 sheets are
    A3 or larger: for machines that do not tell. `careers` say what a working life is. `kwh_week` is
    what a copier takes in a week, on the whole (the TEC value of its catalogue).
    """

    contracts: tuple[Contract, ...] = ()
    seconds: tuple[Factor, ...] = ()
    co2_g: tuple[Factor, ...] = ()
    paper_yen: tuple[Factor, ...] = ()
    duplex: tuple[Factor, ...] = ()
    large: tuple[Factor, ...] = ()
    careers: tuple[Career, ...] = ()
    kwh_week: tuple[Factor, ...] = ()

    @property
    def by_pages(self) -> "Factors":
        """The same without basic fees and minimums: what only pages make a contract charge."""
        contracts = (
            replace(
                one,
                prices=tuple(
                    replace(price, basic_fee=Decimal(0), minimum=Decimal(0)) for price in one.prices
                ),
            )
            for one in self.contracts
        )
        return replace(self, contracts=tuple(contracts))

    def contract_of(self, place: PlaceId) -> Contract | None:
        """Return the contract that covers `place`, or None."""
        default = None
        for one in self.contracts:
            if one.places is None:
                default = one
            elif place in one.places:
                return one
        return default


NO_FACTORS = Factors()


class Dated(Protocol):
    """Anything that holds from a date on."""

    @property
    def start(self) -> date:
        """The first day on which it holds."""
        ...


DatedThing = TypeVar("DatedThing", bound=Dated)


def in_force(things: Sequence[DatedThing], day: date) -> DatedThing | None:
    """Return the one of `things` (in order of `start`) that holds on `day`, or None."""
    held = None
    for one in things:
        if one.start > day:
            break
        held = one
    return held


def factor_on(factors: Iterable[Factor], place: PlaceId, day: date) -> Factor | None:
    """Return the factor for `place` on `day`: its own where there is one, else that for all."""
    factors = list(factors)
    own = [one for one in factors if one.places is not None and place in one.places]
    common = [one for one in factors if one.places is None]
    return in_force(own, day) or in_force(common, day)
