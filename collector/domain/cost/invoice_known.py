"""What we know ourselves of a machine that a dealer charges: counters, contract and prices."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from collector.domain.cost.factors import Contract, Price, PriceStep, Tariff
from collector.domain.cost.yen import plain
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence


@dataclass(frozen=True, slots=True)
class CounterRange:
    """Where a counter of ours stood on a day: from `low` before the day up to `high` after it.

    `low` is None where the machine was not read before; then `high` is its first reading. `high`
    is None where it has not been read since; `latest` is the last it said by the end of that day,
    and at `left_at` another machine stood in its place.
    """

    low: int | None
    low_at: datetime | None
    high: int | None
    high_at: datetime | None
    latest: int | None = None
    latest_at: datetime | None = None
    left_at: datetime | None = None


Known = CounterRange | Sentence
"""Where a counter stood, or why that cannot be told."""


@dataclass(frozen=True, slots=True)
class Own:
    """What we know ourselves about the machine that a line is about.

    It stood at `place` on the day of reading. `opening` is None where the dealer states none;
    `near` is a wider range around the day before, where the dealer does not state that day.
    `contract` is the one of the place, `prices` those that held from one reading to the other.
    """

    place: PlaceId
    closing: Known
    opening: Known | None = None
    near: Known | None = None
    contract: Contract | None = None
    prices: tuple[Price | None, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedCopies:
    """Test copies of a machine that our ledger knows of: exclusions for maintenance, by ids."""

    pages: int = 0
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnchargedMachine:
    """A machine that was read at `place` in the month and that no line of an invoice is about.

    `pages` are the impressions that were counted of it in that month; None where its total is not
    known. `last` is the last day on which it was read there.
    """

    serial: str
    place: PlaceId
    model: str
    pages: int | None
    last: date


def tariff_of(meter: Meter | None, own: Own) -> Tariff | Sentence:
    """Return what an impression of `meter` costs by the contract, or why that cannot be told."""
    price = price_of(own)
    if isinstance(price, Sentence):
        return price
    contract = contract_name(own)
    tariff = None if meter is None else _colour_tariff(meter, price)
    if meter is None or tariff is None:
        return sentence("invoice.no_class_price", contract=contract, meter=meter or "?")
    is_pooled = own.contract is not None and own.contract.pooled
    if len(tariff) > 1 and (is_pooled or meter not in _WHOLE_MONTH):
        return sentence("invoice.steps", contract=contract)
    weight = price.large_weight
    if weight != 1 and not meter.endswith(("_large", "_small")):
        return sentence("invoice.large_weight", contract=contract, weight=plain(weight))
    times = weight if meter.endswith("_large") else Decimal(1)
    return tuple(PriceStep(step.up_to, step.yen * times) for step in tariff)


def price_of(own: Own) -> Price | Sentence:
    """Return the one price that holds from one reading to the other, or why there is none."""
    if len(own.prices) > 1 and None not in own.prices:
        return sentence("invoice.price_changed", contract=contract_name(own))
    price = own.prices[0] if len(own.prices) == 1 else None
    return sentence("invoice.no_price", place=own.place) if price is None else price


_WHOLE_MONTH: Final = frozenset({Meter("total"), Meter("total_mono"), Meter("total_color")})
"""Meters that count all that the steps of a price count."""


def _colour_tariff(meter: Meter, price: Price) -> Tariff | None:
    parts = meter.split("_")
    if "mono" in parts:
        return price.mono
    if "color" in parts:
        return price.color
    return price.mono if price.color is None or price.color == price.mono else None


def contract_name(own: Own) -> str:
    """Return the contract's id as sentences say it."""
    return "" if own.contract is None else own.contract.id
