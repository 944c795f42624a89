"""A dealer's sheet read as it comes, and what of it cannot be told by the contract."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from collector.adapters.sheets import read_csv
from collector.domain.cost.factors import Contract, Price, PriceStep, Rounding
from collector.domain.cost.invoice import (
    Agreement,
    CheckedLine,
    InvoiceCheck,
    LineKind,
    checked,
)
from collector.domain.cost.invoice_columns import DealerWords, InvoiceColumn, column_for
from collector.domain.cost.invoice_known import CounterRange, Own
from collector.domain.cost.invoice_sheet import (
    InvoiceOptions,
    InvoiceSheet,
    StatedFee,
    StatedLine,
    StatedSum,
    SumKind,
    read_invoice,
    with_sums_apart,
)
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import NoFigureError, money
from collector.domain.old_sheets.months import day_in
from collector.settings.fleet.csv_layout import decode

NEAR = date(2026, 11, 30)
AT = datetime(2026, 11, 30, tzinfo=UTC)
HALL = PlaceId("hall")


AS_KNOWN = DealerWords()


def reading(text: str, *, day: date | None = None, dealer: DealerWords = AS_KNOWN) -> InvoiceSheet:
    return read_invoice(
        read_csv(text.encode(), "x.csv", decode),
        InvoiceOptions(NEAR, dealer, day),
    )


def lines(
    text: str, *, day: date | None = None, dealer: DealerWords = AS_KNOWN
) -> list[StatedLine]:
    read = reading(text, day=day, dealer=dealer)
    assert read.flaws == (), read.flaws
    return [one for one in read.items if isinstance(one, StatedLine)]


def flaws(text: str) -> set[tuple[int, str]]:
    return {(one.line, one.message.key) for one in reading(text).flaws}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年11月30日", NEAR),
        ("令和元年12月1日", date(2019, 12, 1)),
        ("Ｒ８．１１．３０", NEAR),
        ("2026/11/30 17:05", NEAR),
        ("2026-11-30T17:05:00", NEAR),
        ("11月30日(月)", NEAR),
        ("1/4", date(2027, 1, 4)),
        ("20261130", NEAR),
        ("2/30", None),
        ("月末", None),
    ],
)
def test_days_are_read_as_dealers_write_them(text: str, day: date | None) -> None:
    assert day_in(text, NEAR) == day


@pytest.mark.parametrize(
    ("cell", "yen"),
    [
        ("￥1,234.5", "1234.5"),
        ("1,234円", "1234"),
        ("▲1,000", "-1000"),
        ("¥5,000-", "5000"),
        ("－", None),
        (1.2000000000000002, "1.2"),
    ],
)
def test_money_is_exact(cell: str | float, yen: str | None) -> None:
    assert money(cell) == (None if yen is None else Decimal(yen))


@pytest.mark.parametrize("cell", ["1,23", "別途", "1.2.3", float("nan"), float("inf")])
def test_what_is_no_money_is_refused(cell: str | float) -> None:
    with pytest.raises(NoFigureError):
        money(cell)


@pytest.mark.parametrize(
    "head",
    [
        "機番,前回カウンター(モノクロ),今回カウンター(モノクロ),検針日",
        "シリアル№,白黒前回指針,白黒今回指針,確認日",
        "Serial No,previous counter mono,current counter mono,Reading date",
        "製造番号,モノクロ前月検針値,モノクロ 当月検針値,カウンター確認日",
    ],
)
def test_headings_that_name_the_class(head: str) -> None:
    (one,) = lines(f"{head}\nAB12345,10,25,11/30\n")
    assert (one.machine.serial, one.opening, one.closing, one.meter) == (
        *("AB12345", 10, 25),
        Meter("total_mono"),
    )


def test_other_words_are_told_and_can_be_mapped() -> None:
    text = "機番,色,検針カウント,値引率,備考,検針日\nAB12345,スミ,25,3,-,11/30\n,無償,5,,,\n"
    assert flaws(text) == {(0, "invoice.no_headings")}
    columns = {"検針カウント": InvoiceColumn.CLOSING, "色": InvoiceColumn.CLASS}
    dealer = DealerWords({"スミ": Meter("total_mono"), "無償": None}, columns)
    (one,) = lines(text, dealer=dealer)
    assert (one.closing, one.meter) == (25, "total_mono")
    notes = {(note.line, note.column) for note in reading(text, dealer=dealer).notes}
    assert notes == {(1, 3), (3, None)}, "値引率 is not used, 無償 left out; 備考 is no news"
    assert column_for("今回指針") is column_for("closing") is InvoiceColumn.CLOSING
    assert column_for("料率") is None


def test_the_day_may_stand_in_a_title_or_be_given() -> None:
    table = "機番,区分,今回\nAB12345,合計,25\n"
    assert lines(f"カウンター確認表\n検針日：令和8年11月20日\n{table}")[0].machine.day.day == 20
    assert lines(f"検針日,2026/11/21\n{table}")[0].machine.day.day == 21
    assert lines(table, day=date(2026, 11, 22))[0].machine.day.day == 22
    assert flaws(table) == {(0, "invoice.no_day")}


def test_days_go_on_over_machines_and_their_names_do_not() -> None:
    head = "機種,機番,設置場所,区分,今回,検針日,前回検針日"
    first, second, third = lines(
        f"{head}\nIM C3000,AB12345,1階,モノクロ,5,11/20,10/20\n,,,カラー,6,,\n,CD12345,,合計,7,,\n"
    )
    assert first.machine == second.machine
    assert (first.machine.model, first.machine.place) == ("IM C3000", "1階")
    assert (third.machine.model, third.machine.place) == ("", "")
    assert (third.machine.day, third.machine.since) == (date(2026, 11, 20), date(2026, 10, 20))


def test_sizes_fees_and_sums_of_a_machine() -> None:
    read = reading(
        "機番,区分,前回,今回,単価,金額,検針日\n"
        "AB12345,大,10,20,5,50,11/30\n,小,100,200,2.5,250,\n,合計,110,220,,300,\n"
        ",基本料金,,,,1000,\n総合計,,,,,1300,\n"
    )
    assert read.flaws == ()
    items = with_sums_apart(read.items)
    assert [one.meter for one in items if isinstance(one, StatedLine)] == [
        *("total_large", "total_small", "total"),
    ]
    assert [one.amount for one in items if isinstance(one, StatedFee)] == [1000]
    sums = [(one.kind, one.amount) for one in items if isinstance(one, StatedSum)]
    assert sums == [(SumKind.SUBTOTAL, 300), (SumKind.TOTAL, 1300)]


def test_a_single_total_is_charged_for_itself() -> None:
    text = "機番,区分,前回,今回,金額,検針日\nAB12345,合計,110,220,300,11/30\n"
    (one,) = with_sums_apart(reading(text).items)
    assert isinstance(one, StatedLine)
    assert one.amount == 300


def test_deductions_in_several_columns_add_up() -> None:
    head = "機番,前回,今回,テストコピー,不良控除,検針日"
    (one,) = lines(f"{head}\nAB12345,10,50,▲3,4,11/30\n")
    assert one.deducted == 7


def test_what_cannot_be_meant_is_refused_with_its_line() -> None:
    found = flaws(
        "機番,区分,前回,今回,金額,検針日\nAB12345,スミ,1,2,3,11/30\n,モノクロ,1,,3,\n"
        ",カラー,▲1,x,y,\nCD12345,モノクロ,1,2,3,いつか\n"
    )
    assert found == {
        (2, "invoice.no_class"),
        (3, "invoice.no_closing"),
        (4, "cell.negative"),
        (4, "cell.no_whole_number"),
        (4, "cell.no_money"),
        (4, "invoice.no_closing"),
        (5, "invoice.not_a_day"),
    }
    assert flaws("部署,枚数\n総務課,5\n") == {(0, "invoice.no_headings")}
    assert flaws("機番,今回,検針日\n,5,11/30\n") == {(2, "invoice.no_serial")}


# What is told of a line.


KNOWN = CounterRange(100, AT, 100, AT)


def contract(price: Price, *, pooled: bool = False) -> Contract:
    return Contract("c", (price,), pooled=pooled)


PRICE = Price(date(2020, 4, 1), "契約書", (PriceStep(None, Decimal(2)),))
STEPS = replace(PRICE, mono=(PriceStep(50, Decimal(3)), PriceStep(None, Decimal(2))))


def one_line(
    text: str,
    under: Contract | None,
    *,
    prices: tuple[Price | None, ...] | None = None,
    opening: int = 0,
) -> CheckedLine:
    head = "機番,区分,前回,今回,使用枚数,単価,金額,検針日"
    items = reading(f"{head}\nAB12345,{text},11/30\n").items
    held = under.prices if under is not None and prices is None else prices or ()
    own = Own(HALL, KNOWN, CounterRange(opening, AT, opening, AT), None, under, held)
    return checked(items, {0: own}, {})[0]


def reasons(one: CheckedLine) -> list[str]:
    return [reason.key.removeprefix("invoice.") for reason in one.reasons]


@pytest.mark.parametrize(
    ("text", "under", "reason"),
    [
        ("モノクロ,0,100,100,2,200", None, "no_price"),
        ("カラー,0,100,100,2,200", contract(PRICE), "no_class_price"),
        ("モノクロ大,0,100,100,2,200", contract(STEPS), "steps"),
        ("モノクロ,0,100,100,2,200", contract(STEPS, pooled=True), "steps"),
        (
            "モノクロ,0,100,100,2,200",
            contract(replace(PRICE, large_weight=Decimal(2))),
            "large_weight",
        ),
    ],
)
def test_an_amount_that_cannot_be_told_says_why(
    text: str, under: Contract | None, reason: str
) -> None:
    one = one_line(text, under)
    assert (one.agreement, reasons(one)) == (Agreement.UNKNOWN, [reason])
    assert one.yen is None


def test_steps_and_weights_are_worked_out() -> None:
    assert one_line("モノクロ,0,100,100,3,250", contract(STEPS)).agreement is Agreement.AGREES
    wrong = one_line("モノクロ,0,100,100,2,200", contract(STEPS))
    assert (reasons(wrong), wrong.yen) == (["amount_wrong"], -50)
    heavy = contract(replace(PRICE, large_weight=Decimal(2)))
    assert one_line("大,0,100,100,4,400", heavy).agreement is Agreement.AGREES


@pytest.mark.parametrize(
    ("pages", "amount", "agrees"),
    [
        (3, "7.5", True),
        (3, "7", True),
        (3, "8", True),
        (3, "6", False),
        (3, "9", False),
        (3, "7.4", False),
        (4, "10", True),
        (4, "9", False),
        (4, "11", False),
    ],
)
def test_an_amount_may_be_rounded_to_whole_yen_either_way(
    pages: int, amount: str, agrees: bool
) -> None:
    half = contract(replace(PRICE, mono=(PriceStep(None, Decimal("2.5")),)))
    one = one_line(f"モノクロ,{100 - pages},100,{pages},2.5,{amount}", half, opening=100 - pages)
    assert one.agreement is (Agreement.AGREES if agrees else Agreement.DIFFERS), one.reasons


def test_prices_that_change_between_the_readings_tell_no_amount() -> None:
    newer = replace(PRICE, start=date(2026, 11, 10))
    one = one_line("モノクロ,0,100,100,2,200", contract(PRICE), prices=(newer, PRICE))
    assert reasons(one) == ["price_changed"]


def test_a_line_without_price_and_amount_is_a_counter_alone() -> None:
    assert one_line("モノクロ,0,100,100,,", None).agreement is Agreement.AGREES
    assert reasons(one_line("モノクロ,0,100,90,,", None)) == ["used_wrong"]
    right = one_line("モノクロ,0,100,90,2,200", contract(PRICE))
    assert (reasons(right), right.yen) == (["used_wrong"], 0), "the amount is that of the counters"


def test_a_counter_that_runs_backwards_differs() -> None:
    one = one_line("モノクロ,120,100,0,,", None)
    assert "runs_backwards" in reasons(one)


def test_a_class_that_is_charged_twice_is_too_much() -> None:
    text = "機番,区分,前回,今回,単価,金額,検針日\nAB12345,合計,0,100,2,200,11/30\n"
    items = reading(f"{text}ab-12345,合計,0,100,2,200,11/30\n").items
    under = contract(PRICE)
    own = Own(HALL, KNOWN, CounterRange(0, AT, 0, AT), None, under, under.prices)
    first, again = checked(items, {0: own, 1: own}, {})
    assert first.agreement is Agreement.AGREES
    assert (again.agreement, again.sheets, again.yen) == (Agreement.DIFFERS, 100, 200)
    assert reasons(again) == ["twice"]


def test_an_opening_on_some_other_day_cannot_be_told() -> None:
    text = "機番,前回,今回,検針日\nAB12345,40,100,11/30\n"
    near = CounterRange(0, AT, 50, AT)
    own = Own(HALL, KNOWN, CounterRange(0, AT, 0, AT), near)
    (one,) = checked(reading(text).items, {0: own}, {})
    assert (one.agreement, reasons(one)) == (Agreement.UNKNOWN, ["opening_other_day"])
    (other,) = checked(reading(text.replace("40", "60")).items, {0: own}, {})
    assert (other.agreement, reasons(other)) == (Agreement.DIFFERS, ["opening_outside"])


@pytest.mark.parametrize(
    ("closing", "known", "agreement", "reason"),
    [
        (100, CounterRange(90, AT, None, None, 100, AT), Agreement.AGREES, None),
        (101, CounterRange(90, AT, None, None, 100, AT), Agreement.UNKNOWN, "not_read_since"),
        (101, CounterRange(90, AT, None, None, 100, AT, AT), Agreement.UNKNOWN, "left"),
        (89, CounterRange(90, AT, None, None, 100, AT), Agreement.DIFFERS, "below"),
        (99, CounterRange(None, None, 100, AT), Agreement.UNKNOWN, "before_first"),
        (101, CounterRange(None, None, 100, AT), Agreement.DIFFERS, "above_first"),
        (50, CounterRange(900, AT, 10, AT), Agreement.UNKNOWN, "reset"),
    ],
)
def test_where_a_machine_was_not_read_on_both_sides(
    closing: int, known: CounterRange, agreement: Agreement, reason: str | None
) -> None:
    (one,) = checked(
        reading(f"機番,今回,検針日\nAB12345,{closing},11/30\n").items, {0: Own(HALL, known)}, {}
    )
    assert one.agreement is agreement
    assert reasons(one) == ([] if reason is None else [f"closing_{reason}"])


def test_a_fee_is_held_against_the_contract() -> None:
    text = "機番,区分,今回,金額,検針日\nAB12345,基本料金,,1000,11/30\n"
    price = replace(PRICE, basic_fee=Decimal(900))
    for under, held, agreement, yen in (
        (contract(price), (price,), Agreement.DIFFERS, 100),
        (contract(replace(price, basic_fee=Decimal(1000))), None, Agreement.AGREES, 0),
        (contract(price, pooled=True), (price,), Agreement.UNKNOWN, None),
    ):
        own = Own(HALL, KNOWN, None, None, under, held or under.prices)
        (one,) = checked(reading(text).items, {0: own}, {})
        assert (one.agreement, one.yen) == (agreement, yen)


@pytest.mark.parametrize(
    ("terms", "amount", "yen"),
    [
        (Rounding.DOWN, "7", 0),
        (Rounding.DOWN, "8", 1),
        (Rounding.HALF, "8", 0),
        (Rounding.HALF, "7", -1),
        (Rounding.UP, "8", 0),
        (Rounding.UP, "7", -1),
    ],
)
def test_an_amount_is_rounded_as_the_contract_says(terms: Rounding, amount: str, yen: int) -> None:
    half = replace(PRICE, mono=(PriceStep(None, Decimal("2.5")),), round_lines=terms)
    one = one_line(f"モノクロ,97,100,3,2.5,{amount}", contract(half), opening=97)
    assert (one.yen, reasons(one)) == (yen, ["rounded_otherwise"] if yen else [])
    wrong = one_line("モノクロ,97,100,3,2.5,70", contract(half), opening=97)
    assert reasons(wrong) == ["amount_wrong"]


@pytest.mark.parametrize(("terms", "tax", "yen"), [("down", 20, 0), ("down", 21, 1), ("up", 21, 0)])
def test_the_tax_is_rounded_as_the_contract_says(terms: str, tax: int, yen: int) -> None:
    price = replace(PRICE, mono=(PriceStep(None, Decimal("2.05")),), round_tax=Rounding(terms))
    head = "機番,区分,前回,今回,使用枚数,単価,金額,検針日"
    text = f"{head}\nAB12345,モノクロ,0,100,100,2.05,205,11/30\n消費税,,,,,,{tax},\n"
    opening = CounterRange(0, AT, 0, AT)
    own = Own(HALL, KNOWN, opening, None, contract(price), (price,))
    line, of_tax = checked(reading(text).items, {0: own}, {})
    assert line.agreement is Agreement.AGREES
    assert (of_tax.yen, reasons(of_tax)) == (yen, ["rounded_otherwise"] if yen else [])


MINIMUM = replace(PRICE, minimum=Decimal(500))
LEAST = "機番,区分,前回,今回,金額,検針日\nAB12345,モノクロ,0,100,200,11/30\n"


def least(more: str, price: Price = MINIMUM, *, pooled: bool = False) -> list[CheckedLine]:
    """Return what is said of the minimum where the counters of a place cost 200 yen."""
    opening = CounterRange(0, AT, 0, AT)
    own = Own(HALL, KNOWN, opening, None, contract(price, pooled=pooled), (price,))
    items = reading(LEAST + more).items
    found = checked(items, dict.fromkeys(range(len(items)), own), {})
    return [one for one in found if one.kind is LineKind.MINIMUM]


def test_what_the_minimum_adds_is_a_line_of_its_own() -> None:
    (right,) = least(",最低料金差額,,,300,\n")
    assert (right.agreement, right.yen, right.expected) == (Agreement.AGREES, 0, 300)
    (wrong,) = least(",最低保証,,,500,\n")
    assert (reasons(wrong), wrong.yen, wrong.line) == (["minimum_wrong"], 200, 3)
    (gone,) = least("")
    assert (reasons(gone), gone.yen, gone.amount) == (["minimum_missing"], -300, None)
    assert least("", PRICE) == []
    (none,) = least(",最低料金,,,300,\n", PRICE)
    assert (reasons(none), none.yen) == (["minimum_wrong"], 300)
    (pooled,) = least(",最低料金,,,300,\n", pooled=True)
    assert (reasons(pooled), pooled.yen) == (["minimum_pooled"], None)
    assert least("", pooled=True) == []


def test_a_minimum_goes_by_the_place_whatever_machines_stood_there() -> None:
    """Exchanged within the month: both machines' counters count, and the line may stand first."""
    text = (
        "機番,区分,前回,今回,金額,検針日\nAB12345,最低料金差額,,,100,11/30\n"
        "AB12345,モノクロ,0,100,200,11/15\nCD67890,モノクロ,0,100,200,11/30\n"
    )
    opening = CounterRange(0, AT, 0, AT)
    own = Own(HALL, KNOWN, opening, None, contract(MINIMUM), (MINIMUM,))
    found = checked(reading(text).items, dict.fromkeys(range(3), own), {})
    assert [(one.kind, one.yen) for one in found] == [
        (LineKind.COUNTER, 0),
        (LineKind.COUNTER, 0),
        (LineKind.MINIMUM, 0),
    ]


def test_a_check_says_the_worst_and_sums_up() -> None:
    lines = tuple(
        one_line(text, contract(PRICE))
        for text in ("モノクロ,0,100,100,2,200", "カラー,0,100,100,2,200", "合計,0,100,100,2,210")
    )
    assert InvoiceCheck("f", "2026-11", lines[:1]).agreement is Agreement.AGREES
    assert InvoiceCheck("f", "2026-11", lines[:2]).agreement is Agreement.UNKNOWN
    whole = InvoiceCheck("f", "2026-11", lines)
    assert (whole.agreement, whole.charged, whole.yen) == (Agreement.DIFFERS, 610, 10)
