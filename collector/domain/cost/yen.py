"""Amounts in yen: exact until they are rounded, by a contract's terms or whichever way."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from collector.domain.cost.factors import Rounding
from collector.domain.sentence import Sentence, sentence

_HOW = {
    Rounding.DOWN: sentence("invoice.round_down"),
    Rounding.UP: sentence("invoice.round_up"),
    Rounding.HALF: sentence("invoice.round_half"),
}


def is_same(amount: Fraction, exact: Fraction, rounding: Rounding | None = None) -> bool:
    """Say whether `amount` is `exact` by these terms; without any, rounded in whichever way."""
    if rounding is not None:
        return amount == Fraction(in_whole_yen(exact, rounding))
    return amount == exact or (amount.denominator == 1 and abs(amount - exact) < 1)


def in_whole_yen(yen: Fraction, rounding: Rounding | None = None) -> Decimal:
    """Return whole yen; without terms a half goes away from zero. Less than 0 mirrors more."""
    size = abs(yen)
    match rounding:
        case Rounding.DOWN:
            whole = floor(size)
        case Rounding.UP:
            whole = ceil(size)
        case _:
            whole = floor(size + Fraction(1, 2))
    return Decimal(whole if yen >= 0 else -whole)


def in_yen(amount: Fraction) -> str:
    """Return an exact amount as a sentence says it: 1,234 or 1,234.5."""
    return plain(Decimal(amount.numerator) / Decimal(amount.denominator))


def plain(amount: Decimal) -> str:
    """Return an amount with its thousands parted and no zeros at its end."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded_otherwise(stated: Decimal, exact: Fraction, terms: Rounding | None) -> Sentence:
    """Return that an amount or a tax is rounded in another way than by the contract's `terms`."""
    return sentence(
        "invoice.rounded_otherwise",
        stated=plain(stated),
        exact=in_yen(exact),
        how=_HOW[terms or Rounding.HALF],
        yen=plain(in_whole_yen(exact, terms)),
    )
