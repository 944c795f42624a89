"""Which machine a line of an invoice means, and what our readings say of its days."""

from datetime import date, datetime

import pytest

from collector.adapters.sheets import read_csv
from collector.app.invoice import RefusedInvoice, check_invoice, counter_of, month_earlier
from collector.domain.cost.invoice import Agreement, CheckedLine
from collector.domain.cost.invoice_known import CounterRange
from collector.domain.cost.invoice_sheet import InvoiceOptions, read_invoice
from collector.domain.meters import Meter
from collector.settings.fleet.csv_layout import decode
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, OFFICE, Copier, tokyo
from tests.unit.app.office import CANON, KYOCERA, RICOH

NOVEMBER = OFFICE.period("2026-11")
HEAD = "機械番号,区分,前回,今回,検針日\n"
NOW = tokyo(12, 5)


async def checking(
    ledger: FakeLedger, *rows: str, now: datetime = NOW
) -> tuple[CheckedLine, ...] | RefusedInvoice:
    text = HEAD + "".join(f"{row}\n" for row in rows)
    read = read_invoice(read_csv(text.encode(), "x.csv", decode), InvoiceOptions(NOVEMBER.end))
    assert read.flaws == (), read.flaws
    done = await check_invoice(ledger, GROUND, read, NOVEMBER, now)
    return done if isinstance(done, RefusedInvoice) else done.lines


async def only(ledger: FakeLedger, row: str, now: datetime = NOW) -> CheckedLine:
    found = await checking(ledger, row, now=now)
    assert not isinstance(found, RefusedInvoice), found.flaws
    (one,) = found
    return one


def reasons(one: CheckedLine) -> list[str]:
    return [reason.key.removeprefix("invoice.") for reason in one.reasons]


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 30), date(2026, 10, 31)),
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2026, 3, 30), date(2026, 2, 28)),
        (date(2026, 1, 20), date(2025, 12, 20)),
        (date(2026, 2, 28), date(2026, 1, 31)),
    ],
)
def test_the_reading_before_was_on_the_same_day_of_the_month(day: date, before: date) -> None:
    assert month_earlier(day) == before


def test_a_counter_is_worked_out_from_the_others() -> None:
    said = {Meter("total"): 10, Meter("total_color"): 3, Meter("copy"): 4}
    assert counter_of(said, Meter("total_mono")) == 7
    assert counter_of({Meter("total_mono"): 7, Meter("total_color"): 3}, Meter("total")) == 10
    assert counter_of(said, Meter("print")) is None, "other services may count as well"
    assert counter_of(said, Meter("total_large")) is None


async def test_the_days_around_a_reading_bound_the_counter() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 12, 4), 20)
    # 1000 at first, 20 at noon of each working day: 1080 before 30 October, 1100 after it.
    one = await only(ledger, "3081r-900123,合計,1100,1480,2026-11-30")
    assert isinstance(one.closing, CounterRange)
    assert isinstance(one.opening, CounterRange)
    assert (one.opening.low, one.opening.high) == (1100, 1100), "31 October is a Saturday"
    assert (one.closing.low, one.closing.high) == (1460, 1480)
    assert one.closing.low_at == tokyo(11, 29, 23, 57)
    assert one.closing.high_at == tokyo(12, 1, 0, 3)
    assert one.agreement is Agreement.AGREES
    for closing, off in ((1481, 1), (1459, -1)):
        wrong = await only(ledger, f"3081R900123,合計,1100,{closing},2026-11-30")
        assert (wrong.agreement, wrong.sheets) == (Agreement.DIFFERS, off)


async def test_a_machine_that_was_silent_before_the_day_is_looked_for_further_back() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 11, 24), 20)
    back = Copier(ledger, "1f", RICOH, 1400)
    await back.read(tokyo(11, 30, 11), 40)
    await back.works(date(2026, 12, 1), date(2026, 12, 3), 20)
    one = await only(ledger, "3081R900123,合計,1100,1405,11/30")
    assert isinstance(one.closing, CounterRange)
    assert (one.closing.low, one.closing.high) == (1400, 1440)
    assert one.closing.low_at == tokyo(11, 24, 23, 57)
    assert one.agreement is Agreement.AGREES


async def test_a_machine_that_moved_is_followed_to_its_new_place() -> None:
    ledger = FakeLedger()
    moved = Copier(ledger, "1f")
    await moved.works(date(2026, 10, 26), date(2026, 11, 12), 20)
    there = Copier(ledger, "2f", RICOH, moved.total)
    await there.works(date(2026, 11, 13), date(2026, 12, 2), 20)
    await Copier(ledger, "1f", KYOCERA, 7000).works(date(2026, 11, 13), date(2026, 12, 2), 20)
    one = await only(ledger, f"{RICOH.serial},モノクロ,825,1110,2026-11-30")
    assert (one.place, one.agreement) == ("2f", Agreement.AGREES), one.reasons
    other = await only(ledger, f"{KYOCERA.serial},合計,7000,7220,2026-11-30")
    assert (other.place, other.agreement) == ("1f", Agreement.AGREES), other.reasons


async def test_a_machine_that_left_in_a_silence_may_have_printed_on() -> None:
    ledger = FakeLedger()
    old = Copier(ledger, "1f", CANON, 50_000)
    await old.works(date(2026, 9, 15), date(2026, 11, 10), 200)
    await Copier(ledger, "1f", KYOCERA, 7000).works(date(2026, 11, 13), date(2026, 12, 2), 20)
    last = old.total
    one = await only(ledger, f"{CANON.serial},合計,{last - 200 * 6},{last + 50},2026-11-30")
    assert isinstance(one.closing, CounterRange)
    assert one.closing.low == last
    assert one.closing.high is not None
    assert one.closing.high > last + 50
    assert "closing_outside" not in reasons(one)
    far = await only(ledger, f"{CANON.serial},合計,{last - 200 * 6},{last + 9000},2026-11-30")
    assert "closing_outside" in reasons(far)


async def test_a_machine_read_today_has_no_reading_after_the_day() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 11, 29), 20)
    today = Copier(ledger, "1f", RICOH, 1460)
    await today.read(tokyo(11, 30, 9))
    await today.read(tokyo(11, 30, 14), 20)
    now = tokyo(11, 30, 16)
    assert (await only(ledger, "3081R900123,合計,1100,1475,11/30", now)).agreement is (
        Agreement.AGREES
    )
    later = await only(ledger, "3081R900123,合計,1100,1490,11/30", now)
    assert (later.agreement, reasons(later)) == (Agreement.UNKNOWN, ["closing_not_read_since"])
    less = await only(ledger, "3081R900123,合計,1100,1459,11/30", now)
    assert (less.agreement, reasons(less)) == (Agreement.DIFFERS, ["closing_below"])


async def test_a_meter_that_the_machine_does_not_count_is_told() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 12, 2), 20)
    large = await only(ledger, "3081R900123,大,1,5,11/30")
    assert (large.agreement, set(reasons(large))) == (Agreement.UNKNOWN, {"no_meter"})
    assert large.sheets is None


async def test_days_and_serials_that_cannot_be_are_told_together() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 12, 2), 20)
    found = await checking(
        ledger,
        *("3081R900123,合計,1,5,2026-09-30", "3081R900123,合計,1,5,2026-12-14"),
        *("3081R900132,合計,1,5,2026-11-30", "NOSUCH77,合計,1,5,2026-11-30"),
        *("3081R900123,合計,1,5,1991-01-01", "3081R900123,合計,1,5,2026-11-30"),
    )
    assert isinstance(found, RefusedInvoice)
    assert [(one.line, one.message.key) for one in found.flaws] == [
        (2, "invoice.other_month"),
        (3, "invoice.day_to_come"),
        (6, "invoice.other_month"),
        (4, "invoice.no_machine"),
        (5, "invoice.no_machine"),
    ]
