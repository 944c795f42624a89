"""Paper entered and held against what was counted: never twice, told once, gone when taken back."""

from dataclasses import replace
from datetime import date, datetime

from collector.app.enter.amend import Amend
from collector.app.enter.purchase import PaperNews, PaperPlan, TakenPaper, planned_paper
from collector.app.month.purchased import PaperWatch, reconciled_year
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.cost.purchased import (
    PaperBalance,
    PaperEntry,
    Reconciliation,
    Unexplained,
    holds_at,
    paper_periods,
)
from collector.domain.cost.sheets import Paper, SheetQuality
from collector.domain.counting.entries import (
    Entry,
    Exclusion,
    Ground,
    PaperPurchase,
    PaperSize,
    StockCount,
    Withdrawal,
)
from collector.domain.counting.findings import Code, Finding
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.fleet_facts import Signature
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import FIRST, GROUND, OFFICE, Copier, tokyo
from tests.unit.app.office import CANON, SOUMU
from tests.unit.app.test_close_sheets import DuplexCopier, stating
from tests.wording import english

IN_NOVEMBER = replace(
    GROUND, office=replace(OFFICE, year_begins=11), factors=stating(50), unexplained_pct=20
)
"""Its first quarter is November to January."""
LATER = tokyo(2, 15, year=2027)
SIGNED = Signature("佐藤", "照合", tokyo(2, 10, year=2027))
Q1 = paper_periods(2026, IN_NOVEMBER.office)[0]
SIDES = {"1f": 40, "2f": 100}


def bought(
    sheets: int,
    day: date = date(2026, 11, 4),
    of: DepartmentId | None = None,
    size: PaperSize = PaperSize.A4,
    source: str = "",
    slip: str = "",
) -> PaperPurchase:
    return PaperPurchase(of, day, size, sheets, SIGNED, "中央文具", slip, source)


def stock(sheets: int, day: date, size: PaperSize = PaperSize.A4) -> StockCount:
    return StockCount(None, day, size, sheets, SIGNED)


async def counted() -> FakeLedger:
    """Return a ledger of November to January; every second side of 2f is by the stated share."""
    ledger = FakeLedger()
    one, two = DuplexCopier(ledger, "1f"), Copier(ledger, "2f", CANON, 50_000)
    await one.works(date(2026, 11, 1), date(2027, 2, 1), SIDES["1f"])
    await two.works(date(2026, 11, 1), date(2027, 2, 1), SIDES["2f"])
    return ledger


async def enter(ledger: FakeLedger, *entries: Entry) -> None:
    amend = Amend(ledger, IN_NOVEMBER)
    await amend.carry_out(await amend.work_out(entries))


async def quarter(
    ledger: FakeLedger, context: OfficeContext = IN_NOVEMBER, at: datetime = LATER
) -> dict[DepartmentId, Reconciliation]:
    found = await reconciled_year(ledger, context, 2026, at)
    return {one.of: one for one in found if one.period.name == "2026-Q1"}


async def test_the_quarter_of_an_office_and_of_a_department_adds_up() -> None:
    ledger = await counted()
    days = OFFICE.working_days(Q1.start, Q1.end)
    await enter(
        ledger,
        *(bought(10_000), bought(2000, of=SOUMU), bought(1000, size=PaperSize.A3)),
        *(stock(500, date(2026, 10, 30)), stock(700, date(2027, 2, 1))),
    )
    found = await quarter(ledger)
    assert list(found) == [WHOLE_OFFICE, SOUMU]
    office = found[WHOLE_OFFICE]
    assert (office.quality, office.uncounted, office.over) == (SheetQuality.ESTIMATED, (), True)
    assert office.sheets.bought == Paper(13_000, 13_000, 13_000)
    # A4 of the office was counted; of what is left the most of one month, up or down, is open.
    assert office.sheets.stock_change == Paper(200, 200 - 3000, 200 + 3000)
    assert office.not_in_stock == (date(2026, 10, 31), date(2027, 1, 31))
    sides = days * SIDES["1f"], days * SIDES["2f"]
    # 3 of 8 sides of 1f are sheets printed on both; half of the sides of 2f are on such.
    every = office.sheets.every
    assert every is not None
    assert abs(every.value - (sides[0] * 5 / 8 + sides[1] * 3 / 4)) <= 3
    assert office.sheets.excluded == Paper(0, 0, 0)
    unexplained = office.sheets.unexplained
    assert unexplained is not None
    assert unexplained.value == 13_000 - 200 - every.value
    assert (unexplained.low, unexplained.high) == (
        13_000 - 3200 - every.high,
        13_000 + 2800 - every.low,
    )
    assert office.a4.bought == Paper(14_000, 14_000, 14_000)
    assert office.a4.every is None, "no machine tells sizes, and nobody states a share"
    assert office.finding(20) is Unexplained.LARGE
    soumu = found[SOUMU].sheets
    assert soumu.bought == Paper(2000, 2000, 2000)
    assert soumu.every is not None
    assert 0 < soumu.every.value < every.value


async def test_excluded_sheets_stand_in_a_term_of_their_own() -> None:
    ledger = await counted()
    await enter(ledger, bought(13_000))
    before = (await quarter(ledger))[WHOLE_OFFICE].sheets
    november = (date(2026, 11, 1), date(2026, 11, 30))
    out = Exclusion(FIRST, None, *november, 100, Ground.ELECTION, "記録", SIGNED)
    await enter(ledger, out)
    after = (await quarter(ledger))[WHOLE_OFFICE].sheets
    assert after.every == before.every
    assert after.unexplained == before.unexplained
    assert after.counted is not None
    assert after.excluded is not None
    assert before.counted is not None
    assert 50 <= after.excluded.value <= 100
    assert (after.excluded.low, after.excluded.high) == (50, 100)
    assert after.counted.value + after.excluded.value == before.counted.value


async def test_what_was_not_counted_or_entered_is_not_known() -> None:
    ledger = await counted()
    assert await quarter(ledger) == {}
    await enter(ledger, bought(900, date(2027, 2, 3)))
    one = (await quarter(ledger))[WHOLE_OFFICE]
    assert (one.sheets.bought, one.sheets.stock_change, one.sheets.unexplained) == (None,) * 3
    assert one.sheets.every is not None
    assert one.finding(1) is None
    year = (await reconciled_year(ledger, IN_NOVEMBER, 2026, LATER))[-1]
    assert (year.period.name, year.over, year.without) == ("2026", False, ("2026-Q1",))
    unshared = replace(IN_NOVEMBER, factors=stating(50), office=replace(OFFICE, year_begins=9))
    early = await reconciled_year(ledger, unshared, 2026, LATER)
    assert early[0].uncounted == ("2026-09", "2026-10")
    assert early[0].sheets.every is None


async def test_an_entry_taken_back_brings_the_former_figures_back() -> None:
    ledger = await counted()
    await enter(ledger, bought(13_000))
    before = await quarter(ledger)
    more = bought(500, of=SOUMU)
    await enter(ledger, more)
    assert await quarter(ledger) != before
    await enter(ledger, Withdrawal(more.place, more.id, SIGNED))
    assert await quarter(ledger) == before


def test_a_stock_is_that_of_an_end_where_no_working_day_lies_between() -> None:
    friday, sunday, monday = date(2026, 5, 29), date(2026, 5, 31), date(2026, 6, 1)
    assert holds_at(sunday, sunday, OFFICE)
    assert holds_at(friday, sunday, OFFICE)
    assert holds_at(monday, sunday, OFFICE), "before anything is taken"
    assert not holds_at(date(2026, 5, 28), sunday, OFFICE)
    assert not holds_at(date(2026, 6, 2), sunday, OFFICE)


def test_a_finding_needs_the_whole_range() -> None:
    def found(unexplained: tuple[int, int], used: int = 1000) -> Unexplained | None:
        low, high = unexplained
        every = Paper(used - (low + high) // 2, used - high, used - low)
        sheets = replace(EXAMPLE.sheets, bought=Paper(used, used, used), every=every)
        return replace(EXAMPLE, sheets=sheets).finding(20)

    assert found((201, 400)) is Unexplained.LARGE
    assert found((200, 400)) is None
    assert found((-400, -1)) is Unexplained.NEGATIVE
    assert found((-400, 0)) is None
    assert replace(EXAMPLE, over=False).finding(1) is None


NOTHING = Paper(0, 0, 0)
BALANCE = PaperBalance(Paper(1000, 1000, 1000), NOTHING, Paper(500, 500, 500), NOTHING)
EXAMPLE = Reconciliation(WHOLE_OFFICE, Q1, BALANCE, BALANCE)


# What a list comes to.


def plan(
    entries: list[Entry],
    *stated: PaperEntry,
    file: str | None = "台帳.csv",
    replacing: bool = False,
) -> PaperPlan:
    lines = [TakenPaper(one, PaperNews.NEW, line) for line, one in enumerate(stated, start=2)]
    today = date(2027, 2, 10)
    return planned_paper(lines, entries, OFFICE, today, file, replacing=replacing)


def news(found: PaperPlan) -> list[PaperNews]:
    return [one.news for one in found.taken]


def told(found: PaperPlan) -> list[tuple[int, str]]:
    return [(one.line, one.message.key) for one in found.refused]


def test_the_same_list_again_adds_nothing_whatever_it_is_called() -> None:
    first = [bought(500, source=f"台帳.csv: line {n}") for n in (2, 3)]
    whole = plan([], *first, stock(80, date(2027, 1, 31)))
    assert news(whole) == [PaperNews.NEW] * 3
    held = [*whole.entries(SIGNED)]
    assert len({one.id for one in held}) == 3
    copied = [replace(one, source=one.source.replace("台帳", "写し")) for one in first]
    again = plan(held, *copied, stock(80, date(2027, 1, 31)), file="写し.csv")
    assert news(again) == [PaperNews.SAME] * 3
    assert again.entries(SIGNED) == ()
    third = plan(held, *copied, bought(500), file="写し.csv")
    assert news(third) == [PaperNews.SAME, PaperNews.SAME, PaperNews.NEW]
    assert news(plan(held, bought(500, slip="13"), file=None)) == [PaperNews.NEW]


def test_a_stock_counted_anew_replaces_the_one_before() -> None:
    before = stock(80, date(2027, 1, 31))
    found = plan([before], stock(90, date(2027, 1, 31)))
    assert news(found) == [PaperNews.CHANGED]
    (entry,) = found.entries(SIGNED)
    assert entry.replaces == before.id
    twice = plan([], stock(90, date(2027, 1, 31)), stock(90, date(2027, 1, 31)))
    assert told(twice) == [(3, "paper.stock_twice")]


def test_what_a_file_says_no_longer_is_refused_or_taken_back() -> None:
    held: list[Entry] = [
        bought(500, source="台帳.csv: line 2"),
        bought(700, source="台帳.csv: line 3"),
        bought(900, date(2026, 12, 4), source="台帳.csv: line 4"),
        bought(300, source="別.csv: line 2"),
    ]
    now = (bought(500, source="台帳.csv: line 2"), bought(770, source="台帳.csv: line 3"))
    refused = plan(held, *now)
    assert told(refused) == [(0, "paper.no_longer")]
    assert refused.refused[0].message.facts["id"] == held[1].id
    found = plan(held, *now, replacing=True)
    assert news(found) == [PaperNews.SAME, PaperNews.NEW, PaperNews.GONE]
    entered, back = found.entries(SIGNED)
    assert (entered, back.replaces) == (now[1], held[1].id), "December is another month's list"


def test_paper_that_is_yet_to_come_is_refused() -> None:
    assert told(plan([], bought(5, date(2027, 2, 11)))) == [(2, "paper.yet_to_come")]


# What the daemon tells, once.


async def looked(ledger: FakeLedger, at: datetime) -> tuple[Finding, ...]:
    return await PaperWatch(ledger, CurrentOffice(IN_NOVEMBER), FakeClock(at)).look()


async def test_what_is_odd_is_told_once_after_people_had_time_to_enter_it() -> None:
    ledger = await counted()
    await enter(ledger, *bought_monthly(10_000, 2, 10))
    assert await looked(ledger, tokyo(2, 10, 12, year=2027)) == (), "on the day of the entry"
    assert await looked(ledger, tokyo(3, 2, year=2027)) == (), "within the time of grace"
    (one,) = await looked(ledger, tokyo(3, 3, year=2027))
    assert (one.code, one.subject) == (Code.PAPER_UNEXPLAINED, WHOLE_OFFICE)
    assert one.evidence["period"] == "2026-Q1"
    assert one.evidence["why"] == "large"
    assert one.evidence["bought"] == 30_000
    assert "printers that nobody counts" in english(one.message)
    assert await looked(ledger, tokyo(3, 4, year=2027)) == ()
    await enter(ledger, *instead(bought_monthly(10_000, 2, 10), bought_monthly(9000, 3, 4)))
    assert await looked(ledger, tokyo(3, 5, year=2027)) == (), "the same thing of the same period"
    await enter(ledger, *instead(bought_monthly(9000, 3, 4), bought_monthly(300, 3, 5)))
    (negative,) = await looked(ledger, tokyo(3, 6, year=2027))
    assert negative.evidence["why"] == "negative"
    assert "more were counted than bought" in english(negative.message)


def bought_monthly(sheets: int, month: int, day: int) -> list[PaperPurchase]:
    """Return so much bought each month, entered on that day."""
    days = (date(2026, 11, 4), date(2026, 12, 4), date(2027, 1, 6))
    return [replace(bought(sheets, one), signed=signed(month, day)) for one in days]


def instead(before: list[PaperPurchase], now: list[PaperPurchase]) -> list[Entry]:
    return [*(Withdrawal(one.place, one.id, now[0].signed) for one in before), *now]


def signed(month: int, day: int) -> Signature:
    return Signature("佐藤", "訂正", tokyo(month, day, year=2027))
