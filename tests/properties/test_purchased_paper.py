"""Laws of purchased paper: the equation holds exactly, its ranges hold the truth, order is nothing.

A made-up office knows what lay in store and what it used; the program is told only some of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.purchased import (
    MonthPaper,
    PaperBalance,
    PaperEntry,
    PaperPeriod,
    Reconciliation,
    entries_of,
    paper_entries,
    paper_periods,
    reconciled,
)
from collector.domain.cost.sheets import Paper, PaperSum, SheetRule
from collector.domain.counting.entries import (
    NOWHERE,
    Entry,
    PaperPurchase,
    PaperSize,
    StockCount,
    Withdrawal,
)
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import ONE_DAY, Office

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"), year_begins=4)
CLOSED_ON_20 = Office("hall", ZoneInfo("Asia/Tokyo"), year_begins=4, closing_day=20)
YEAR, AFTER = 2025, date(2026, 8, 1)
AT = datetime(2026, 5, 1, tzinfo=UTC)
SOUMU = DepartmentId("soumu")
KEYS = [(of, size) for of in (None, SOUMU) for size in PaperSize]
SEEN_AS = {PaperSize.A3: [2], PaperSize.B4: [1, 2]}
"""As how many of A4 a machine may count a sheet; any other as one."""


def signed(number: int) -> Signature:
    return Signature("佐藤", "照合", AT + timedelta(seconds=number))


@dataclass(frozen=True)
class Truth:
    """What the office did, and what of it the program is told."""

    office: Office
    entries: list[Entry]
    counted: dict[str, MonthPaper]
    unexplained: dict[str, int]
    as_a4: dict[str, Fraction]


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    office = draw(st.sampled_from([OFFICE, CLOSED_ON_20]))
    *quarters, year = paper_periods(YEAR, office)
    entries: list[Entry] = []
    used: dict[tuple[object, PaperSize, str], int] = {}
    numbers = st.integers(0, 900)
    for of, size in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True)):
        room = draw(st.integers(1, 900))  # bought in the first month: so much a store may hold
        store = draw(st.integers(0, room))
        for number, quarter in enumerate(quarters):
            end = quarter.start - ONE_DAY
            if draw(st.booleans()):
                entries.append(StockCount(of, end, size, store, signed(len(entries))))
            bought = [room] if number == 0 else draw(st.lists(st.integers(1, room), max_size=1))
            for sheets in bought:
                day = draw(st.sampled_from(quarter.months[0].days))
                entries.append(PaperPurchase(of, day, size, sheets, signed(len(entries))))
            after = draw(st.integers(0, min(room, store + sum(bought))))
            used[of, size, quarter.name] = store + sum(bought) - after
            store = after
        if draw(st.booleans()):
            entries.append(StockCount(of, year.end, size, store, signed(len(entries))))
    counted: dict[str, MonthPaper] = {}
    left: dict[str, int] = {}
    as_a4: dict[str, Fraction] = {}
    for quarter in quarters:
        sheets, large, left[quarter.name], as_a4[quarter.name] = 0, 0, 0, Fraction(0)
        for (_, size, name), count in used.items():
            if name == quarter.name:
                printed = draw(st.integers(0, count))
                sheets += printed
                large += printed * draw(st.sampled_from(SEEN_AS.get(size, [1])))
                left[name] += count - printed
                as_a4[name] += size.in_a4 * (count - printed)
        less, more, off = draw(numbers), draw(numbers), draw(numbers)
        for number, month in enumerate(quarter.months):
            last = number == len(quarter.months) - 1
            found, a4 = (sheets, large) if last else (0, 0)
            excluded = draw(st.integers(0, found)) if found else 0
            paper = around(found, less, more, off)
            stated = PaperSum(paper, around(a4, less, more, off), rules={SheetRule.COUNTED: 1})
            counted[month.name] = MonthPaper(month.name, stated, found, excluded)
    left[year.name], as_a4[year.name] = sum(left.values()), sum(as_a4.values(), Fraction(0))
    return Truth(office, entries, counted, left, as_a4)


def around(truth: int, less: int, more: int, off: int) -> Paper:
    """Return a figure whose range holds the truth, though its middle may not be that."""
    low, high = max(0, truth - less), truth + more
    return Paper(min(high, low + off), low, high)


def found_in(truth: Truth, entries: list[Entry]) -> dict[str, Reconciliation]:
    held = paper_entries(entries)
    return {one.name: of_period(truth, one, held) for one in paper_periods(YEAR, truth.office)}


def of_period(truth: Truth, period: PaperPeriod, held: Sequence[PaperEntry]) -> Reconciliation:
    counted = [truth.counted[one.name] for one in period.months]
    return reconciled(WHOLE_OFFICE, period, held, counted, truth.office, AFTER)


@given(truths())
def test_the_equation_is_exact_and_its_range_holds_the_truth(truth: Truth) -> None:
    for name, one in found_in(truth, truth.entries).items():
        for balance in (one.sheets, one.a4):
            adds_up(balance)
        if one.sheets.unexplained is not None and one.a4.unexplained is not None:
            low, high = one.sheets.unexplained.low, one.sheets.unexplained.high
            assert low <= truth.unexplained[name] <= high
            assert one.a4.unexplained.low <= floor(truth.as_a4[name])
            assert ceil(truth.as_a4[name]) <= one.a4.unexplained.high


def adds_up(balance: PaperBalance) -> None:
    terms = (balance.bought, balance.stock_change, balance.counted, balance.excluded)
    for one in (*terms, balance.unexplained):
        assert one is None or one.low <= one.value <= one.high
    if None in terms:
        assert balance.unexplained is None
        return
    bought, change, counted, excluded = (one.value for one in terms if one is not None)
    assert balance.unexplained is not None
    assert bought - change == counted + excluded + balance.unexplained.value


@given(truths())
def test_the_quarters_make_up_the_year(truth: Truth) -> None:
    found = found_in(truth, truth.entries)
    year = found.pop(f"{YEAR}").sheets
    quarters = [one.sheets for one in found.values()]
    assert year.every is not None
    assert year.every.value == sum(one.every.value for one in quarters if one.every is not None)
    bought = [one.bought.value for one in quarters if one.bought is not None]
    assert (0 if year.bought is None else year.bought.value) == sum(bought)
    changes = [one.stock_change.value for one in quarters if one.stock_change is not None]
    if len(changes) == len(quarters) and not any(one.not_in_stock for one in found.values()):
        assert year.stock_change is not None
        assert year.stock_change.value == sum(changes)


@given(truths(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(truth: Truth, random: Random) -> None:
    mixed = [*truth.entries]
    random.shuffle(mixed)
    assert found_in(truth, mixed) == found_in(truth, truth.entries)


@given(truths(), st.data())
def test_taking_an_entry_back_brings_the_former_figures_back(
    truth: Truth, data: st.DataObject
) -> None:
    before = found_in(truth, truth.entries)
    of, size = data.draw(st.sampled_from(KEYS))
    day = data.draw(st.dates(date(2025, 1, 1), date(2026, 7, 1)))
    kind = data.draw(st.sampled_from([PaperPurchase, StockCount]))
    more = kind(of, day, size, data.draw(st.integers(1, 5000)), signed(500))
    back = Withdrawal(NOWHERE, more.id, signed(501))
    assert found_in(truth, [*truth.entries, more, back]) == before
    if isinstance(more, PaperPurchase) and before[f"{YEAR}"].sheets.bought is not None:
        with_it = found_in(truth, [*truth.entries, more])[f"{YEAR}"].sheets.bought
        was = before[f"{YEAR}"].sheets.bought
        inside = day in paper_periods(YEAR, truth.office)[-1]
        assert with_it is not None
        assert was is not None
        assert with_it.value - was.value == (more.sheets if inside else 0)


@given(truths())
def test_what_departments_buy_is_no_more_than_the_office_has(truth: Truth) -> None:
    held = paper_entries(truth.entries)
    own, fleet = entries_of(held, SOUMU, Fleet()), Fleet()
    rest = [one for one in held if one not in own]
    assert all(one.department == SOUMU for one in own)
    assert all(one.department is None for one in rest)
    assert entries_of(held, WHOLE_OFFICE, fleet) == held
