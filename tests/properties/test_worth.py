"""Laws of what a closed month was worth: no edit of factors or headcounts moves a sealed figure."""

import asyncio
import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.app.close.close_month import CloseMonth, RefusalKind, audit_statements
from collector.app.month.months import Months
from collector.app.month_report import month_report
from collector.app.office_context import OfficeContext
from collector.domain.closing.seal import canonical, parsed
from collector.domain.closing.statement import ClosingPlan, Statement
from collector.domain.closing.worth import sealable
from collector.domain.cost.factors import Career, Contract, Factor, Factors, Price, PriceStep
from collector.domain.cost.sheets import NO_PAPER
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.headcount import Headcount
from collector.domain.office.office_calendar import Period
from collector.domain.report.month_report import MonthReport
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import FIRST, GROUND, closed, tokyo, two_copiers

NAME = "2026-09"
MONTH = Period(NAME, date(2026, 9, 1), date(2026, 9, 30))
AT = tokyo(10, 5)
LATER = tokyo(11, 20)

AMOUNTS = st.decimals(0, 9, places=2)
STARTS = st.sampled_from([date(2020, 4, 1), date(2026, 9, 20), date(2026, 10, 1)])
SOURCES = st.sampled_from(["契約書 第3号", "実測"])
PLACES = st.none() | st.just(frozenset({FIRST}))
TARIFFS = st.lists(AMOUNTS, min_size=1, max_size=2).map(
    lambda yen: (*(PriceStep(100, one) for one in yen[1:]), PriceStep(None, yen[0]))
)
PRICES = st.builds(
    Price, STARTS, SOURCES, TARIFFS, st.none() | TARIFFS, AMOUNTS, AMOUNTS, st.just(Decimal(1))
)


def few(factor: st.SearchStrategy[Factor]) -> st.SearchStrategy[tuple[Factor, ...]]:
    return st.lists(factor, max_size=2, unique_by=lambda one: (one.start, one.places)).map(
        lambda own: tuple(sorted(own, key=lambda one: one.start))
    )


FACTOR = st.builds(Factor, STARTS, SOURCES, AMOUNTS, PLACES)
PERCENT = st.builds(Factor, STARTS, SOURCES, st.integers(0, 100).map(Decimal), PLACES)
FACTORS = st.builds(
    Factors,
    contracts=st.lists(
        st.builds(
            Contract,
            SOURCES,
            PRICES.map(lambda one: (one,)),
            PLACES,
            st.booleans(),
        ),
        max_size=1,
    ).map(tuple),
    seconds=few(FACTOR),
    co2_g=few(FACTOR),
    paper_yen=few(FACTOR),
    duplex=few(PERCENT),
    large=few(PERCENT),
    careers=st.lists(
        st.builds(Career, STARTS, SOURCES, st.just(Decimal(1860)), st.just(Decimal(38))), max_size=1
    ).map(tuple),
)
HEADS = st.dictionaries(
    st.sampled_from(["soumu", "zeimu"]).map(DepartmentId),
    st.integers(1, 40).map(lambda people: (Headcount(date.min, people),)),
)
CONTEXTS = st.builds(
    lambda factors, staff: replace(
        GROUND, factors=factors, fleet=replace(GROUND.fleet, staff=staff)
    ),
    FACTORS,
    HEADS,
)


_READ: list[FakeLedger] = []


async def read() -> FakeLedger:
    """Return a ledger with the readings of two copiers, of which nothing is closed."""
    if not _READ:
        _READ.append(FakeLedger())
        await two_copiers(_READ[0], until=date(2026, 10, 4))
    return copy.deepcopy(_READ[0])


async def sealed_by(context: OfficeContext) -> tuple[FakeLedger, Statement]:
    ledger = await read()
    (statement,) = await closed(ledger, [NAME], AT, context)
    return ledger, statement


async def stated(ledger: FakeLedger, context: OfficeContext) -> Sequence[DepartmentMonth]:
    month = await Months(ledger, context, LATER).came_to(MONTH)
    return (month.office, *month.departments)


async def reported(ledger: FakeLedger, context: OfficeContext) -> MonthReport:
    return await month_report(ledger, context, MONTH, LATER, "test")


def figures(months: Sequence[DepartmentMonth]) -> list[object]:
    return [
        (
            one.department.id,
            replace(one.footprint, sheets=NO_PAPER),
            one.people,
            one.rank,
        )
        for one in months
    ]


@settings(deadline=None, max_examples=12)
@given(CONTEXTS)
def test_what_is_sealed_is_what_the_open_month_was_worth_and_is_read_back(
    then: OfficeContext,
) -> None:
    async def law() -> None:
        before = figures(await stated(await read(), then))
        ledger, statement = await sealed_by(then)
        assert figures(await stated(ledger, then)) == before
        assert statement.worth is not None
        assert statement.worth.factors == sealable(then.factors)
        assert parsed(canonical(statement)) == statement
        assert (await reported(ledger, then)).otherwise == {}

    asyncio.run(law())


@settings(deadline=None, max_examples=12)
@given(CONTEXTS, CONTEXTS)
def test_no_edit_of_factors_or_headcounts_moves_a_figure_of_a_closed_month(
    then: OfficeContext, now: OfficeContext
) -> None:
    async def law() -> None:
        ledger, _ = await sealed_by(then)
        assert await stated(ledger, now) == await stated(ledger, then)
        first, again = await reported(ledger, then), await reported(ledger, now)
        assert replace(again, otherwise={}) == first
        plan = await CloseMonth(ledger, now, LATER).plan(NAME)
        if isinstance(plan, ClosingPlan):
            assert WHOLE_OFFICE in again.otherwise
        else:
            assert plan.kind is RefusalKind.NOTHING_NEW
            assert again.otherwise == {}
        assert (await audit_statements(ledger, now, LATER)).is_good

    asyncio.run(law())


@settings(deadline=None, max_examples=12)
@given(CONTEXTS, CONTEXTS)
def test_a_revision_shows_what_is_stated_today_and_keeps_the_text_before(
    then: OfficeContext, now: OfficeContext
) -> None:
    async def law() -> None:
        ledger, _ = await sealed_by(then)
        (before,) = await ledger.statements(NAME)
        plan = await CloseMonth(ledger, now, LATER).plan(NAME)
        if not isinstance(plan, ClosingPlan):
            return
        one = await CloseMonth(ledger, now, LATER).apply(plan, "佐藤")
        kept = replace(
            now.factors, duplex=then.factors.duplex, large=then.factors.large, kwh_week=()
        )
        _, fresh = await sealed_by(replace(now, factors=kept))
        assert one.statement.worth is not None
        assert fresh.worth == replace(one.statement.worth, reasons=())
        assert one.statement.worth.reasons
        assert one.statement.department_pages() == before.statement.department_pages()
        assert one.statement.paper() == before.statement.paper()
        assert (await ledger.statements(NAME))[0] == before
        assert (await reported(ledger, now)).otherwise == {}
        assert (await audit_statements(ledger, now, LATER)).is_good

    asyncio.run(law())
