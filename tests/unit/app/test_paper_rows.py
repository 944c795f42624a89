"""Rows of paper by quarter: what the reconciliation says, published when it changes, taken back."""

from datetime import date, timedelta

from collector.app.month.purchased import reconciled_periods
from collector.app.notes import PUBLISHED_PAPER
from collector.app.office_context import CurrentOffice
from collector.app.publish.refresh import Refresh
from collector.app.publish.render import Renderer
from collector.domain.cost.purchased import paper_periods
from collector.domain.counting.entries import Withdrawal
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.rows import Row
from collector.ports import LogRef
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.office import SOUMU
from tests.unit.app.test_purchases import (
    IN_NOVEMBER,
    LATER,
    Q1,
    SIGNED,
    bought,
    counted,
    enter,
    quarter,
    stock,
)
from tests.wording import ROW_WORDS

ENDS = Q1.end.isoformat()


async def rows(ledger: FakeLedger, of: str = "paper_quarter", *ends: str) -> dict[str, Row]:
    """Return the rows of the quarter, by buyer, as a service that was just started makes them."""
    current = CurrentOffice(IN_NOVEMBER)
    renderer = Renderer(ledger, current, FakeClock(LATER), "edge-1", ROW_WORDS)
    made = await renderer.rows([LogRef("paper", one) for one in ends or (ENDS,)])
    assert {one.measurement for one in made} <= {"paper_quarter", "paper_year"}
    assert {one.at for one in made} <= {IN_NOVEMBER.office.midnight(Q1.start)}
    return {one.tags["department"]: one for one in made if one.measurement == of}


async def papers(ledger: FakeLedger, since: int = 0) -> list[str]:
    return [one.ref.key for one in await ledger.log_after(since, 10**6) if one.ref.kind == "paper"]


async def test_where_no_paper_was_entered_nothing_is_published() -> None:
    ledger = await counted()
    assert await rows(ledger) == {}
    await Refresh(ledger, CurrentOffice(IN_NOVEMBER), FakeClock(LATER)).new_day(date(2027, 2, 15))
    assert await papers(ledger) == []


async def test_a_row_says_what_the_reconciliation_says() -> None:
    ledger = await counted()
    await enter(
        ledger,
        *(bought(10_000), bought(2000, of=SOUMU)),
        *(stock(500, date(2026, 10, 30)), stock(700, date(2027, 1, 29))),
    )
    found, made = await quarter(ledger), await rows(ledger)
    assert made.keys() == found.keys() == {WHOLE_OFFICE, SOUMU}
    for of, row in made.items():
        sheets = found[of].sheets
        assert sheets.unexplained is not None
        assert sheets.counted is not None
        fields = row.fields
        assert (fields["bought"], fields["counted"]) == (
            12_000 if of == WHOLE_OFFICE else 2000,
            sheets.counted.value,
        )
        told = (fields["unexplained"], fields["unexplained_low"], fields["unexplained_high"])
        assert told == (sheets.unexplained.value, sheets.unexplained.low, sheets.unexplained.high)
        assert fields["bought_known"] is fields["unexplained_known"] is fields["over"] is True
    office = made[WHOLE_OFFICE].fields
    assert (office["title"], office["title_en"]) == ("2026年度 第1四半期", "Q1 of 2026")
    assert (office["name"], made[SOUMU].fields["name"]) == ("全庁", "総務課")


async def test_a_figure_that_is_not_known_is_absent() -> None:
    ledger = FakeLedger()
    await enter(ledger, bought(10_000))
    (row,) = (await rows(ledger)).values()
    assert row.fields["bought"] == 10_000
    assert not {"counted", "unexplained", "unexplained_share"} & row.fields.keys()
    assert (row.fields["counted_known"], row.fields["unexplained_known"]) == (False, False)


async def test_what_is_taken_back_leaves_no_old_figure() -> None:
    ledger = await counted()
    entry = bought(2000, of=SOUMU)
    await enter(ledger, bought(10_000), entry)
    before = await rows(ledger)
    seq = (await ledger.log_after(0, 10**6))[-1].seq
    await enter(ledger, Withdrawal(entry.place, entry.id, SIGNED))
    assert ENDS in await papers(ledger, seq)
    after = await rows(ledger)
    assert after.keys() == before.keys()
    assert after[WHOLE_OFFICE].fields["bought"] == 10_000
    gone = after[SOUMU].fields
    assert gone.keys() == before[SOUMU].fields.keys()
    assert {value for value in gone.values() if not isinstance(value, str)} == {0}
    assert f"{SOUMU}|bought" in (await PUBLISHED_PAPER.about(ENDS).get(ledger) or ())


async def test_a_purchase_is_published_up_to_the_day_of_its_entry_and_each_day_after() -> None:
    ledger = await counted()
    await enter(ledger, bought(10_000))
    assert await papers(ledger) == [ENDS, "2027-04-30"], "what lay in store bears on the next one"
    seq = (await ledger.log_after(0, 10**6))[-1].seq
    clock = FakeClock(LATER + timedelta(days=1))
    await Refresh(ledger, CurrentOffice(IN_NOVEMBER), clock).new_day(date(2027, 2, 16))
    assert await papers(ledger, seq) == [ENDS, "2027-04-30"]


async def test_the_fiscal_year_stands_beside_its_quarters() -> None:
    ledger = await counted()
    await enter(ledger, bought(10_000), bought(2000, of=SOUMU), stock(500, date(2026, 10, 30)))
    made = await rows(ledger, "paper_year")
    now, year = LATER, paper_periods(2026, IN_NOVEMBER.office)[-1]
    found = {one.of: one for one in await reconciled_periods(ledger, IN_NOVEMBER, [year], now)}
    assert made.keys() == found.keys() == {WHOLE_OFFICE, SOUMU}
    for of, row in made.items():
        sheets = found[of].sheets
        assert (row.fields["year"], row.fields["title"]) == (year.name, "2026年度")
        assert row.fields["bought"] == (12_000 if of == WHOLE_OFFICE else 2000)
        assert row.fields["over"] is False
        assert sheets.stock_change is not None
        assert row.fields["stock_change_high"] == sheets.stock_change.high
        assert row.fields["counted_known"] is (sheets.counted is not None)
        assert "quarter" not in row.fields


async def test_what_is_taken_back_is_gone_from_the_year_as_well() -> None:
    ledger = await counted()
    entry = bought(2000, of=SOUMU)
    await enter(ledger, bought(10_000), entry)
    before = await rows(ledger, "paper_year")
    await enter(ledger, Withdrawal(entry.place, entry.id, SIGNED))
    after = await rows(ledger, "paper_year")
    assert after.keys() == before.keys()
    assert after[WHOLE_OFFICE].fields["bought"] == 10_000
    gone = after[SOUMU].fields
    assert gone.keys() == before[SOUMU].fields.keys()
    assert {value for value in gone.values() if not isinstance(value, str)} == {0}
