"""A dealer's invoice held against our readings and the contract: what agrees, what differs.

A counter that the dealer read on a day must lie between what the machine said before that day and
what it said after it. What differs is stated in impressions and in yen; what cannot be told is
no agreement, and says why. Sums are exact: integers, decimals and fractions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Final

from collector.domain.cost.billing import charge_of
from collector.domain.cost.factors import Rounding
from collector.domain.cost.invoice_known import (
    CounterRange,
    Known,
    Own,
    RecordedCopies,
    UnchargedMachine,
    contract_name,
    price_of,
    tariff_of,
)
from collector.domain.cost.invoice_sheet import (
    Item,
    StatedFee,
    StatedLine,
    StatedMachine,
    StatedSum,
    SumKind,
)
from collector.domain.cost.yen import in_whole_yen, in_yen, is_same, plain, rounded_otherwise
from collector.domain.counting.identity import spelt
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Fact, Sentence, sentence

TAX_PERCENT: Final = 10
"""Consumption tax in Japan since 2019-10-01, where the line of the tax states no rate."""


Facts = dict[str, Fact]


class Agreement(StrEnum):
    """What holding a line against our own figures came to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class LineKind(StrEnum):
    """What a line of an invoice charges or sums up."""

    COUNTER = "counter"
    FEE = "fee"
    MINIMUM = "minimum"
    DEDUCTION = "deduction"
    SUBTOTAL = "subtotal"
    TAX = "tax"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One line of an invoice and what became of it.

    `sheets` and `yen` are by how much the dealer states more than can be (less: negative), None
    where that cannot be told. `expected` is the amount by our figures and the contract.
    """

    line: int
    kind: LineKind
    word: str
    agreement: Agreement
    machine: StatedMachine | None = None
    place: PlaceId | None = None
    stated: StatedLine | None = None
    amount: Decimal | None = None
    sheets: int | None = None
    yen: Decimal | None = None
    expected: Decimal | None = None
    opening: CounterRange | None = None
    closing: CounterRange | None = None
    reasons: tuple[Sentence, ...] = ()


@dataclass(slots=True)
class _Verdicts:
    """What is found of one line, in the order of its columns."""

    differs: list[Sentence]
    unknown: list[Sentence]
    remarks: list[Sentence]

    @property
    def agreement(self) -> Agreement:
        if self.differs:
            return Agreement.DIFFERS
        return Agreement.UNKNOWN if self.unknown else Agreement.AGREES

    @property
    def reasons(self) -> tuple[Sentence, ...]:
        return (*self.differs, *self.unknown, *self.remarks)


def checked(
    items: Sequence[Item], own: Mapping[int, Own], recorded: Mapping[str, RecordedCopies]
) -> tuple[CheckedLine, ...]:
    """Return what every item comes to, in the order of the sheet.

    `own` is what we know of the item with that number in `items`; `recorded` are test copies by
    the serial, spelt alike.
    """
    found: list[CheckedLine] = []
    sums = _Sums(_tax_terms(own.values()))
    first: dict[tuple[str, str], int] = {}
    minimums: dict[PlaceId, list[StatedFee]] = defaultdict(list)
    for number, one in enumerate(items):
        if isinstance(one, StatedSum):
            found.append(sums.checked(one))
            continue
        sums.add(one.amount)
        serial = spelt(one.machine.serial)
        place = own[number].place
        if isinstance(one, StatedFee):
            if one.is_minimum:
                minimums[place].append(one)
            else:
                found.append(_fee(one, own[number]))
        elif (serial, one.meter or one.word) in first:
            found.append(_again(one, own[number], first[serial, one.meter or one.word]))
        else:
            first[serial, one.meter or one.word] = one.line
            found.append(_counter(one, own[number]))
        if all(of != serial for of in _serials(items[number + 1 :])):
            lines = [x for x in items if isinstance(x, StatedLine) and _is_of(x, serial)]
            known = recorded.get(serial, RecordedCopies())
            found += _deduction(lines, known, place)
        if all(of.place != place for at, of in own.items() if at > number):
            found += _minimum(minimums[place], [x for x in found if x.place == place], own[number])
    return tuple(found)


def _tax_terms(own: Iterable[Own]) -> Rounding | None:
    """Return how a tax is rounded where all contracts of the invoice say the same; else None."""
    terms = {price.round_tax for one in own for price in one.prices if price is not None}
    return next(iter(terms)) if len(terms) == 1 else None


def _serials(items: Sequence[Item]) -> Iterator[str]:
    return (spelt(one.machine.serial) for one in items if not isinstance(one, StatedSum))


def _is_of(one: StatedLine, serial: str) -> bool:
    return spelt(one.machine.serial) == serial


def _again(one: StatedLine, own: Own, first: int) -> CheckedLine:
    """Return that a class is charged a second time: all of it is too much."""
    pages = _stated_pages(one, _Verdicts([], [], []))
    return CheckedLine(
        *(one.line, LineKind.COUNTER, one.word, Agreement.DIFFERS, one.machine, own.place, one),
        amount=one.amount,
        sheets=pages,
        yen=one.amount,
        expected=Decimal(0),
        reasons=(sentence("invoice.twice", first=first),),
    )


# One class of one machine.


_Span = tuple[int, int]
"""From the least to the most that something may be."""


def _counter(one: StatedLine, own: Own) -> CheckedLine:
    found = _Verdicts([], [], [])
    closing = _held(one.closing, own.closing, "closing", found)
    opening = None if one.opening is None else _opening(one.opening, own, found)
    pages = _stated_pages(one, found)
    ours: _Span | None = None
    if opening is not None:
        low = closing[0] - opening[1] - one.deducted
        ours = max(0, low), max(0, closing[1] - opening[0] - one.deducted)
    elif closing != (one.closing, one.closing) and pages is not None:
        over = _beyond(one.closing, closing)
        ours = pages - over, pages - over
    yen, expected = _charged(one, own, pages, ours, found)
    told = found.agreement is not Agreement.UNKNOWN
    return CheckedLine(
        *(one.line, LineKind.COUNTER, one.word, found.agreement, one.machine, own.place, one),
        amount=one.amount,
        sheets=_beyond(pages, ours) if told and pages is not None and ours is not None else None,
        yen=yen if told else None,
        expected=expected,
        opening=own.opening if isinstance(own.opening, CounterRange) else None,
        closing=own.closing if isinstance(own.closing, CounterRange) else None,
        reasons=found.reasons,
    )


def _beyond(figure: int, span: _Span) -> int:
    """Return by how much `figure` is above `span`, negative where it is below; 0 within it."""
    low, high = span
    return figure - min(max(figure, low), high)


def _held(stated: int, known: Known, which: str, found: _Verdicts) -> _Span:
    """Return what the counter may have been: as stated where our readings allow or know nothing."""
    exactly = stated, stated
    if isinstance(known, Sentence):
        found.unknown.append(known)
        return exactly
    low, high = known.low, known.high
    if low is not None and high is not None and low > high:
        facts: Facts = {"low": low, "high": high, **_times(known)}
        found.unknown.append(sentence(f"invoice.{which}_reset", **facts))
        return exactly
    if (low is not None and stated < low) or (high is not None and stated > high):
        found.differs.append(_outside(stated, known, which))
        bounds = [one for one in (low, high) if one is not None]
        return min(bounds), max(bounds)
    if low is None and high is not None and stated < high:
        facts = {"first": high, "at": known.high_at or "", "pages": high - stated}
        found.unknown.append(sentence(f"invoice.{which}_before_first", **facts))
    elif high is None and stated > (known.latest or 0):
        facts = {"latest": known.latest or 0, "at": known.latest_at or ""}
        if known.left_at is not None:
            facts |= {"pages": stated - (known.latest or 0), "left_at": known.left_at}
        why = "not_read_since" if known.left_at is None else "left"
        found.unknown.append(sentence(f"invoice.{which}_{why}", **facts))
    return exactly


def _times(known: CounterRange) -> dict[str, datetime | str]:
    return {"low_at": known.low_at or "", "high_at": known.high_at or ""}


def _outside(stated: int, known: CounterRange, which: str) -> Sentence:
    off = (known.low or 0) - stated if stated < (known.low or 0) else stated - (known.high or 0)
    facts: Facts = {"stated": stated, "off": off}
    low: Facts = {"low": known.low or 0, "low_at": known.low_at or ""}
    high: Facts = {"high": known.high or 0, "high_at": known.high_at or ""}
    if known.low is None:
        return sentence(f"invoice.{which}_above_first", **facts, **high)
    if known.high is None:
        return sentence(f"invoice.{which}_below", **facts, **low)
    return sentence(f"invoice.{which}_outside", **facts, **low, **high)


def _opening(stated: int, own: Own, found: _Verdicts) -> _Span:
    """Return what the opening counter may have been.

    Where the dealer does not state its day, one that fits only some days off cannot be told.
    """
    known, near = own.opening, own.near
    if known is None:
        return stated, stated
    strict = _Verdicts([], [], [])
    span = _held(stated, known, "opening", strict)
    if strict.differs and isinstance(near, CounterRange):
        wider = _Verdicts([], [], [])
        _held(stated, near, "opening", wider)
        if wider.agreement is Agreement.AGREES:
            times = _times(near)
            found.unknown.append(sentence("invoice.opening_other_day", stated=stated, **times))
            return stated, stated
    found.differs += strict.differs
    found.unknown += strict.unknown
    return span


def _stated_pages(one: StatedLine, found: _Verdicts) -> int | None:
    """Return the impressions that the dealer charges: what was used less what was deducted.

    Used may be stated before or after the deduction; None where nothing states them.
    """
    gross = None if one.opening is None else one.closing - one.opening
    net = None if gross is None else gross - one.deducted
    if gross is not None and gross < 0:
        facts = {"opening": one.opening or 0, "closing": one.closing}
        found.differs.append(sentence("invoice.runs_backwards", **facts))
    pages = net
    if one.used is not None:
        if gross is not None and one.used not in {gross, net}:
            found.differs.append(sentence("invoice.used_wrong", stated=one.used, pages=gross))
            pages = one.used - one.deducted
        elif net is None:
            pages = one.used - one.deducted
    if one.billed is not None:
        if pages is not None and one.billed != pages:
            found.differs.append(sentence("invoice.billed_wrong", stated=one.billed, pages=pages))
        pages = one.billed
    return pages


# What it costs.


def _charged(
    one: StatedLine, own: Own, pages: int | None, ours: _Span | None, found: _Verdicts
) -> tuple[Decimal | None, Decimal | None]:
    """Return by how many yen the dealer charges more than the contract, and what it charges.

    `pages` are those that the dealer states, `ours` those that the counters allow.
    """
    if one.price is None and one.amount is None:
        return None, None
    tariff = tariff_of(one.meter, own)
    if isinstance(tariff, Sentence):
        found.unknown.append(tariff)
        return None, None
    if one.price is not None and all(one.price != step.yen for step in tariff):
        prices = tuple(plain(step.yen) for step in tariff)
        facts: Facts = {
            "stated": plain(one.price),
            "prices": prices,
            "contract": contract_name(own),
        }
        found.differs.append(sentence("invoice.price_wrong", **facts))
    if pages is None:
        if one.amount is not None:
            found.unknown.append(sentence("invoice.no_usage"))
        return None, None
    charge = charge_of(tariff, Fraction(0), Fraction(max(0, pages)))
    low, high = (
        charge_of(tariff, Fraction(0), Fraction(max(0, count))) for count in ours or (pages, pages)
    )
    price = price_of(own)
    terms = None if isinstance(price, Sentence) else price.round_lines
    amount = charge if one.amount is None else Fraction(one.amount)
    if one.amount is not None:
        may_be = {charge, low} if low == high else {charge}
        found.differs += _amount_wrong(one.amount, charge, may_be, pages, terms)
    nearest = min(max(amount, low), high)
    expected = in_whole_yen(nearest, terms)
    if one.amount is None or is_same(amount, nearest, terms):
        return Decimal(0), expected
    return in_whole_yen(amount - (nearest if terms is None else Fraction(expected))), expected


def _amount_wrong(
    stated: Decimal,
    charge: Fraction,
    may_be: Collection[Fraction],
    pages: int,
    terms: Rounding | None,
) -> Iterator[Sentence]:
    """Yield what is wrong with an amount: the charge, or only how it was rounded."""
    amount = Fraction(stated)
    if any(is_same(amount, one, terms) for one in may_be):
        return
    if any(is_same(amount, one) for one in may_be):
        yield rounded_otherwise(stated, charge, terms)
    else:
        facts: Facts = {"stated": plain(stated), "yen": in_yen(charge), "pages": pages}
        yield sentence("invoice.amount_wrong", **facts)


def _fee(one: StatedFee, own: Own) -> CheckedLine:
    found = _Verdicts([], [], [])
    yen = expected = None
    held = {price.basic_fee for price in own.prices if price is not None}
    if own.contract is None or None in own.prices or len(held) != 1:
        found.unknown.append(sentence("invoice.no_price", place=own.place))
    elif own.contract.pooled:
        found.unknown.append(sentence("invoice.fee_pooled", contract=own.contract.id))
    else:
        (expected,) = held
        yen = one.amount - expected
        if yen:
            facts = {"stated": plain(one.amount), "yen": plain(expected)}
            found.differs.append(
                sentence("invoice.fee_wrong", contract=contract_name(own), **facts)
            )
    return CheckedLine(
        *(one.line, LineKind.FEE, one.word, found.agreement, one.machine, own.place),
        amount=one.amount,
        yen=yen,
        expected=expected,
        reasons=found.reasons,
    )


def _minimum(
    stated: Sequence[StatedFee], lines: Sequence[CheckedLine], own: Own
) -> Iterator[CheckedLine]:
    """Yield what is charged because the counters of a place cost less than the contract's minimum.

    A line of its own, also where the dealer charges none; nothing where nothing is to be said.
    """
    counters = [one for one in lines if one.kind is LineKind.COUNTER]
    price, known = price_of(own), [one.expected for one in counters]
    is_pooled = own.contract is not None and own.contract.pooled
    if isinstance(price, Sentence) or is_pooled or not counters or None in known:
        yield from map(partial(_minimum_unknown, own, is_pooled=is_pooled), stated)
        return
    cost = sum((one for one in known if one is not None), Decimal(0))
    left = max(Decimal(0), price.minimum - cost)
    facts: Facts = {"minimum": plain(price.minimum), "cost": plain(cost), "yen": plain(left)}
    if not stated and left:
        yield CheckedLine(
            *(counters[-1].line, LineKind.MINIMUM, "", Agreement.DIFFERS),
            *(counters[-1].machine, own.place),
            yen=-left,
            expected=left,
            reasons=(sentence("invoice.minimum_missing", **facts),),
        )
    for one in stated:
        wrong = sentence("invoice.minimum_wrong", stated=plain(one.amount), **facts)
        differs = one.amount != left
        yield CheckedLine(
            *(one.line, LineKind.MINIMUM, one.word),
            *(Agreement.DIFFERS if differs else Agreement.AGREES, one.machine, own.place),
            amount=one.amount,
            yen=one.amount - left,
            expected=left,
            reasons=(wrong,) if differs else (),
        )
        left, facts = Decimal(0), {**facts, "yen": "0"}


def _minimum_unknown(own: Own, one: StatedFee, *, is_pooled: bool) -> CheckedLine:
    why = price_of(own)
    if is_pooled:
        why = sentence("invoice.minimum_pooled", contract=contract_name(own))
    elif not isinstance(why, Sentence):
        why = sentence("invoice.minimum_unknown")
    return CheckedLine(
        *(one.line, LineKind.MINIMUM, one.word, Agreement.UNKNOWN, one.machine, own.place),
        amount=one.amount,
        reasons=(why,),
    )


# Test copies, and sums.


def _deduction(
    lines: Sequence[StatedLine], recorded: RecordedCopies, place: PlaceId
) -> Iterator[CheckedLine]:
    """Yield how the deductions of a machine stand to the test copies that our ledger knows of.

    More than that is the dealer's word, and to the office's advantage.
    """
    stated = sum(one.deducted for one in lines)
    if not lines or not (stated or recorded.pages):
        return
    missing = recorded.pages - stated
    found = _Verdicts([], [], [])
    cost: Decimal | None = Decimal(0)
    if missing > 0:
        facts: Facts = {"stated": stated, "recorded": recorded.pages, "entries": recorded.entries}
        found.differs.append(sentence("invoice.deducted_less", **facts))
        cost = _at_one_price(lines, missing)
    elif missing < 0:
        facts = {"stated": stated, "recorded": recorded.pages}
        found.remarks.append(sentence("invoice.deducted_more", **facts))
    machine = lines[0].machine
    yield CheckedLine(
        *(lines[-1].line, LineKind.DEDUCTION, "", found.agreement, machine, place),
        sheets=max(0, missing),
        yen=cost,
        reasons=found.reasons,
    )


def _at_one_price(lines: Sequence[StatedLine], pages: int) -> Decimal | None:
    """Return what `pages` cost where every class of the machine has one price; else None."""
    prices = {one.price for one in lines}
    (price,) = prices if len(prices) == 1 else (None,)
    return None if price is None else in_whole_yen(Fraction(price) * pages)


_WRONG: Final[Mapping[SumKind, str]] = {
    SumKind.SUBTOTAL: "invoice.subtotal_wrong",
    SumKind.TAX: "invoice.tax_wrong",
    SumKind.TOTAL: "invoice.total_wrong",
}


class _Sums:
    """Adds up what the dealer states, and holds the lines of sums against that.

    A sum that is wrong makes no wrong one of the tax and total that follow from it.
    """

    def __init__(self, tax_terms: Rounding | None) -> None:
        self._tax_terms = tax_terms
        self._all = Fraction(0)
        self._since = Fraction(0)
        self._taxes: tuple[Fraction, ...] = (Fraction(0),)
        self._stated: Fraction | None = None

    def add(self, amount: Decimal | None) -> None:
        """Add the amount of one line."""
        self._all += Fraction(amount or 0)
        self._since += Fraction(amount or 0)

    def checked(self, one: StatedSum) -> CheckedLine:
        """Return how a line of sums stands to the lines above it."""
        stated, may_be = Fraction(one.amount), self._may_be(one)
        if one.kind is SumKind.TAX:
            self._taxes = (stated, may_be[0])
        elif one.kind is SumKind.SUBTOTAL:
            self._since, self._stated = Fraction(0), stated
        found = _Verdicts([], [], [])
        over = Decimal(0)
        terms = self._tax_terms if one.kind is SumKind.TAX else None
        if not any(is_same(stated, sum_, terms) for sum_ in may_be):
            over = in_whole_yen(stated - may_be[0])
            if any(is_same(stated, sum_) for sum_ in may_be):
                over = one.amount - in_whole_yen(may_be[0], terms)
                found.differs.append(rounded_otherwise(one.amount, may_be[0], terms))
            else:
                facts: Facts = {"stated": plain(one.amount), "yen": in_yen(may_be[0])}
                found.differs.append(sentence(_WRONG[one.kind], **facts))
        return CheckedLine(
            *(one.line, LineKind(one.kind.value), one.word, found.agreement),
            amount=one.amount,
            yen=over,
            expected=in_whole_yen(may_be[0], terms),
            reasons=found.reasons,
        )

    def _may_be(self, one: StatedSum) -> Sequence[Fraction]:
        """Return what a sum may be: of lines since the last one, of all, with or without tax."""
        bases = [self._all] if self._stated is None else [self._all, self._stated]
        if one.kind is SumKind.TAX:
            percent = TAX_PERCENT if one.percent is None else one.percent
            return [base * percent / 100 for base in bases]
        if one.kind is SumKind.TOTAL:
            return [*(base + tax for base in bases for tax in self._taxes), self._all]
        return [self._since, self._all]


# All of an invoice.


@dataclass(frozen=True, slots=True)
class InvoiceCheck:
    """What holding an invoice of the closing month `month` against our figures came to.

    `uncharged` are machines of the same contracts that it does not name.
    """

    file: str
    month: str
    lines: tuple[CheckedLine, ...]
    uncharged: tuple[UnchargedMachine, ...] = ()

    def count(self, agreement: Agreement) -> int:
        """Return how many lines came to that."""
        return sum(one.agreement is agreement for one in self.lines)

    @property
    def agreement(self) -> Agreement:
        """Whether every line agrees; one that differs weighs more than one that is not known."""
        for one in (Agreement.DIFFERS, Agreement.UNKNOWN):
            if self.count(one):
                return one
        return Agreement.AGREES

    @property
    def charged(self) -> Decimal:
        """What the lines charge before tax, as the dealer states it."""
        return sum((one.amount or Decimal(0) for one in self._charging), Decimal(0))

    @property
    def sheets(self) -> int:
        """Impressions that the dealer states too many, as far as that can be told."""
        return sum(one.sheets or 0 for one in self.lines)

    @property
    def yen(self) -> Decimal:
        """Yen that the dealer charges too much before tax, as far as that can be told."""
        return sum((one.yen or Decimal(0) for one in self._charging), Decimal(0))

    @property
    def _charging(self) -> tuple[CheckedLine, ...]:
        """The lines that charge something, sums apart."""
        charging = {LineKind.COUNTER, LineKind.FEE, LineKind.MINIMUM, LineKind.DEDUCTION}
        return tuple(one for one in self.lines if one.kind in charging)
