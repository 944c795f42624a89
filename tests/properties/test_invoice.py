"""Laws of an invoice's check: our own readings agree, a changed counter differs where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.sheets import read_csv
from collector.domain.cost.factors import Contract, Price, PriceStep, Rounding
from collector.domain.cost.invoice import (
    Agreement,
    CheckedLine,
    checked,
)
from collector.domain.cost.invoice_known import CounterRange, Own, RecordedCopies
from collector.domain.cost.invoice_sheet import (
    InvoiceOptions,
    Item,
    StatedLine,
    StatedSum,
    read_invoice,
    with_sums_apart,
)
from collector.domain.cost.yen import in_whole_yen, is_same, plain
from collector.domain.counting.identity import spelt
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet, SheetLine, Value
from collector.settings.fleet.csv_layout import decode

DAY, SINCE = date(2026, 11, 30), date(2026, 10, 31)
BEFORE, AFTER = (datetime(2026, 11, 29, 15, tzinfo=UTC), datetime(2026, 11, 30, 15, tzinfo=UTC))
HALL = PlaceId("hall")
WORDS = ("モノクロ", "フルカラー")
WIDE_DIGITS = str.maketrans("0123456789,", "０１２３４５６７８９，")


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter of a machine: what we read around both days, what the dealer read between."""

    serial: str
    word: str
    opening: CounterRange
    read_then: int
    closing: CounterRange
    read_now: int
    deducted: int

    @property
    def used(self) -> int:
        return self.read_now - self.read_then


@st.composite
def counters(draw: st.DrawFn) -> list[Counted]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        for word in WORDS:
            steps = [draw(st.integers(0, 5000)) for _ in range(5)]
            marks = [sum(steps[: at + 1]) for at in range(5)]
            # Before and after the first day, the dealer in between, and the same again.
            low, then, high, lower, now = marks
            higher = now + draw(st.integers(0, 400))
            opening = CounterRange(low, BEFORE, high, AFTER)
            closing = CounterRange(lower, BEFORE, higher, AFTER)
            deducted = draw(st.integers(0, now - then))
            serial = f"AB{number}CD77"
            found.append(Counted(serial, word, opening, then, closing, now, deducted))
    return found


prices = st.decimals(Decimal("0.01"), Decimal(60), places=2)
layouts = st.sampled_from(["a line a class", "classes side by side"])


def contract(mono: Decimal, color: Decimal) -> Contract:
    steps = (PriceStep(None, mono),), (PriceStep(None, color),)
    return Contract("c", (Price(date(2020, 4, 1), "契約書", *steps),))


def amount(one: Counted, under: Contract) -> Decimal:
    """What the dealer charges: yen below one are dropped."""
    (price,) = under.prices
    tariff = price.mono if one.word == WORDS[0] else price.color
    assert tariff is not None
    return (tariff[0].yen * (one.used - one.deducted)).to_integral_value(ROUND_FLOOR)


def cells(one: Counted, under: Contract) -> list[str]:
    (price,) = under.prices
    tariff = price.mono if one.word == WORDS[0] else price.color
    assert tariff is not None
    yen = f"{amount(one, under):,}"
    counts = [f"{one.read_then:,}", str(one.read_now).translate(WIDE_DIGITS), str(one.used)]
    return [*counts, str(one.deducted), plain(tariff[0].yen), f"{yen}円"]


HEADS = ["前回カウンター", "今回カウンター", "使用枚数", "控除", "単価", "金額"]


def as_text(counted: Sequence[Counted], under: Contract, layout: str) -> str:
    rows = [["カウンター確認表", "令和8年11月分"]]
    if layout == "a line a class":
        rows.append(["機械番号", "検針日", "前回検針日", "区分", *HEADS])
        for at, one in enumerate(counted):
            days = ["", "", ""] if at % 2 else [one.serial, "令和8年11月30日", "R8.10.31"]
            rows.append([*days, one.word, *cells(one, under)])
    else:
        groups = [word if at == 0 else "" for word in WORDS for at in range(len(HEADS))]
        rows.append(["", "", "", *groups])
        rows.append(["機械番号", "検針日", "前回検針日", *HEADS, *HEADS])
        for one, other in zip(counted[::2], counted[1::2], strict=True):
            both = [*cells(one, under), *cells(other, under)]
            rows.append([one.serial, "2026/11/30", "10/31", *both])
    total = sum(amount(one, under) for one in counted)
    rows.append(["小計", *[""] * 8, f"{total:,}"])
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)


def items_of(text: str) -> Sequence[Item]:
    sheet = read_csv(text.encode(), "請求.csv", decode)
    read = read_invoice(sheet, InvoiceOptions(DAY))
    assert read.flaws == (), read.flaws
    return read.items


def check(
    items: Sequence[Item], counted: Sequence[Counted], under: Contract
) -> Mapping[tuple[str, str], CheckedLine]:
    known = {(one.serial, one.word): one for one in counted}
    own = {}
    for number, one in enumerate(items):
        if isinstance(one, StatedLine):
            of = known[one.machine.serial, one.word]
            own[number] = Own(HALL, of.closing, of.opening, None, under, under.prices)
    found = checked(items, own, {})
    return {(one.machine.serial if one.machine else "", one.word): one for one in found}


@given(st.fractions(0, 10**6), st.sampled_from(Rounding))
def test_whole_yen_by_any_terms_are_the_same_amount(yen: Fraction, terms: Rounding) -> None:
    whole = Fraction(in_whole_yen(yen, terms))
    assert whole.denominator == 1
    assert is_same(whole, yen)
    assert is_same(whole, yen, terms)
    assert not is_same(whole + 1, yen, terms)
    down, half, up = (in_whole_yen(yen, one) for one in (Rounding.DOWN, None, Rounding.UP))
    assert down <= yen <= up < down + 2
    assert abs(Fraction(half) - yen) <= Fraction(1, 2)


@given(counters(), prices, prices, layouts)
def test_a_sheet_made_from_our_own_readings_agrees(
    counted: list[Counted], mono: Decimal, color: Decimal, layout: str
) -> None:
    under = contract(mono, color)
    items = items_of(as_text(counted, under, layout))
    stated = {(x.machine.serial, x.word): x for x in items if isinstance(x, StatedLine)}
    for one in counted:
        line = stated[one.serial, one.word]
        assert (line.opening, line.closing, line.used) == (one.read_then, one.read_now, one.used)
        assert (line.machine.day, line.machine.since) == (DAY, SINCE)
        assert line.amount == amount(one, under)
    found = check(items, counted, under)
    assert {one.agreement for one in found.values()} == {Agreement.AGREES}
    assert {one.sheets for one in found.values()} <= {0, None}
    assert {one.yen for one in found.values()} == {0}


@given(counters(), prices, prices, st.data())
def test_a_changed_counter_is_found_on_exactly_that_line(
    counted: list[Counted], mono: Decimal, color: Decimal, data: st.DataObject
) -> None:
    under = contract(mono, color)
    items = list(items_of(as_text(counted, under, "a line a class")))
    at = data.draw(st.sampled_from([n for n, x in enumerate(items) if isinstance(x, StatedLine)]))
    line = items[at]
    assert isinstance(line, StatedLine)
    own = next(x for x in counted if (x.serial, x.word) == (line.machine.serial, line.word))
    over = data.draw(st.integers(1, 10_000))
    high, low = own.closing.high, own.closing.low
    assert high is not None
    assert low is not None
    down = data.draw(st.booleans()) and low - over >= 0
    items[at] = replace(line, closing=low - over if down else high + over)
    found = check(items, counted, under)
    differing = [key for key, one in found.items() if one.agreement is Agreement.DIFFERS]
    assert differing == [(own.serial, own.word)]
    reasons = {one.key for one in found[own.serial, own.word].reasons}
    assert "invoice.closing_outside" in reasons
    said = next(x for x in found[own.serial, own.word].reasons if x.key.endswith("_outside"))
    assert (said.facts["low"], said.facts["high"], said.facts["off"]) == (low, high, over)


@given(counters(), prices, prices, st.integers(1, 5000), st.data())
def test_pages_charged_too_many_cost_just_what_they_cost(
    counted: list[Counted], mono: Decimal, color: Decimal, more: int, data: st.DataObject
) -> None:
    """The dealer's counter, usage and amount are all too high by as many."""
    under = contract(mono, color)
    one = data.draw(st.sampled_from(counted))
    low, high = one.closing.low, one.closing.high
    assert high is not None
    wrong = replace(one, read_now=high + more)
    billed = [wrong if x is one else x for x in counted]
    found = check(items_of(as_text(billed, under, "a line a class")), counted, under)
    line = found[one.serial, one.word]
    assert line.agreement is Agreement.DIFFERS
    assert one.opening.low is not None
    assert line.sheets == more, (low, high)
    tariff = under.prices[0].mono if one.word == WORDS[0] else under.prices[0].color
    assert tariff is not None
    right = Fraction(tariff[0].yen) * (high - one.read_then - one.deducted)
    assert line.yen is not None
    assert abs(Fraction(amount(wrong, under)) - right - Fraction(line.yen)) <= Fraction(1)


@given(st.integers(0, 100), st.integers(0, 100))
def test_fewer_test_copies_than_the_ledger_knows_differ(deducted: int, known: int) -> None:
    under = contract(Decimal("2.5"), Decimal(15))
    around = CounterRange(1000, BEFORE, 1000, AFTER)
    one = Counted("AB0CD77", WORDS[0], CounterRange(0, BEFORE, 0, AFTER), 0, around, 1000, deducted)
    items = [
        x for x in items_of(as_text([one], under, "a line a class")) if not isinstance(x, StatedSum)
    ]
    own = {0: Own(HALL, one.closing, one.opening, None, under, under.prices)}
    recorded = {spelt(one.serial): RecordedCopies(known, ("e1",))}
    found = [x for x in checked(items, own, recorded) if x.kind.value == "deduction"]
    if not deducted and not known:
        assert found == []
        return
    (said,) = found
    short = max(0, known - deducted)
    assert said.sheets == short
    assert said.agreement is (Agreement.DIFFERS if short else Agreement.AGREES)


CELLS = st.one_of(
    st.sampled_from(
        [
            *("機械番号", "区分", "前回", "今回", "使用枚数", "控除", "単価", "金額", "検針日"),
            *("モノクロ", "フルカラー", "2色", "合計", "小計", "消費税(10%)", "基本料金", "大"),
            *("AB12345", "11/30", "令和8年11月30日", "1,234", "▲5", "-", "￥2.5", "モノクロ今回"),
        ]
    ),
    st.none(),
    st.integers(-5, 10**7),
    st.floats(),
    st.text(max_size=8).map(lambda text: text.strip() or None),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=8), min_size=1, max_size=10))
def test_whatever_stands_in_a_sheet_is_read_or_refused(rows: list[list[Value]]) -> None:
    rows = [["機械番号", "区分", "今回", "検針日"], *rows]
    lines = tuple(SheetLine(at, tuple(row)) for at, row in enumerate(rows, start=1))
    read = read_invoice(Sheet("x.xlsx", "1", lines), InvoiceOptions(DAY))
    numbers = {line.number for line in lines} | {0}
    assert {one.line for one in (*read.flaws, *read.notes)} <= numbers
    items = with_sums_apart(read.items)
    charged = [one.amount for one in items if not isinstance(one, StatedSum)]
    assert len(charged) <= len(read.items)
    if read.flaws or not charged:
        return
    nobody = Own(HALL, CounterRange(0, BEFORE, 10**7, AFTER))
    for one in checked(items, dict.fromkeys(range(len(items)), nobody), {}):
        assert one.line in numbers
        assert (one.agreement is Agreement.AGREES) <= (one.yen in {None, 0})
