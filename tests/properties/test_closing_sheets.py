"""Laws of sheets in statements: sealed as drawn up, moved by adjustments, old texts as before."""

from datetime import date
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.closing.accounts import with_paper
from collector.domain.closing.adjustments import next_revision
from collector.domain.closing.draw_up import ClosingFacts, draw_up
from collector.domain.closing.seal import canonical, faults, parsed
from collector.domain.closing.statement import Statement
from collector.domain.cost.factors import Factor, Factors
from collector.domain.cost.sheets import NO_SHEETS, PaperFacts
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import ONE_DAY
from collector.domain.office.shares import PlaceId
from tests.properties.test_closing import (
    AT,
    KNOWN,
    OFFICE,
    PERIOD,
    Known,
    accounts,
    chained,
    drawn_up,
)

PERCENTS = st.integers(0, 100)


def with_sheets(known: Known, percent: int) -> ClosingFacts:
    """Return the facts of a closing where so many of 100 sides are on sheets of two."""
    share = Factor(date(2020, 4, 1), "s", Decimal(percent), None, Decimal(5))
    large = Factor(date(2020, 4, 1), "s", Decimal(10))
    days = [
        DayUsage(PlaceId(name), PERIOD.start + ONE_DAY * number, pages)
        for (name, number), pages in known[1].items()
    ]
    factors = Factors(duplex=(share,), large=(large,))
    own = with_paper(accounts(known), days, PaperFacts(factors), PERIOD)
    return ClosingFacts(OFFICE, known[0], PERIOD, own)


@given(KNOWN, PERCENTS)
def test_what_is_sealed_is_read_back_and_adds_up(known: Known, percent: int) -> None:
    statement = draw_up(with_sheets(known, percent), AT)
    assert parsed(canonical(statement)) == statement
    assert faults(chained([statement])) == ()
    for line in statement.places:
        assert line.paper is not None
        assert line.paper.shares.keys() == line.shares.keys()
        sides = sum(pages.get(TOTAL, 0) for pages in line.shares.values())
        if all(TOTAL in pages for pages in line.shares.values()):
            sheets = sum(line.paper.shares.values(), NO_SHEETS)
            assert (sides + 1) // 2 <= sheets.value <= sides


@given(KNOWN)
def test_a_statement_that_knows_of_no_sheets_has_the_text_it_always_had(known: Known) -> None:
    text = canonical(drawn_up(known))
    assert '"paper"' not in text
    assert '"sheets"' not in text
    assert parsed(text) == drawn_up(known)


@given(KNOWN, KNOWN, PERCENTS, PERCENTS)
def test_a_revision_brings_the_sheets_of_every_changed_department_to_what_they_are(
    known: Known, later: Known, percent: int, then: int
) -> None:
    before = draw_up(with_sheets(known, percent), AT)
    facts = with_sheets(later, then)
    after = next_revision(before, facts.accounts, {}, later[0], AT)
    assume(after is not None)
    assert isinstance(after, Statement)
    present = {one.place.id: one.paper for one in facts.accounts}
    changed = {(one.place, one.department) for one in after.adjustments}
    was = before.paper()
    for place, paper in after.paper().items():
        now = present[place]
        for department, sheets in paper.shares.items():
            if (place, department) in changed and now is not None:
                assert sheets == now.shares.get(department, NO_SHEETS)
            else:
                assert sheets == was[place].shares.get(department, NO_SHEETS)
    assert parsed(canonical(after)) == after
    assert faults(chained([before, after])) == ()


@given(KNOWN, PERCENTS, PERCENTS)
def test_another_stated_share_alone_changes_nothing_sealed(
    known: Known, percent: int, then: int
) -> None:
    before = draw_up(with_sheets(known, percent), AT)
    assert next_revision(before, with_sheets(known, then).accounts, {}, known[0], AT) is None
