"""A month is not closed over a question: it waits within the grace time, then names it."""

from dataclasses import replace
from datetime import datetime

from collector.app.close.auto_closing import AutoClosing, AwaitedMonths, awaiting
from collector.app.close.close_month import RefusalKind
from collector.app.month.months import Months
from collector.app.office_context import ClosingRules, CurrentOffice
from collector.domain.closing.seal import canonical, parsed
from collector.domain.counting.entries import Decision, Verdict
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.ranges import EXACT
from collector.domain.office.fleet_facts import Signature
from collector.domain.sentence import verbatim
from collector.texts.figures import known_text
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    FIRST,
    GROUND,
    SECOND,
    closed,
    planned,
    refused,
    tokyo,
    two_copiers,
)
from tests.wording import english

BEFORE = ["2026-09", "2026-10"]
NOVEMBER = GROUND.office.period("2026-11")
JUMP = Finding(
    Code.PAGES_IN_QUESTION,
    Severity.WARNING,
    SECOND,
    verbatim("the counter jumped by 10,000"),
    tokyo(11, 20, 9, 5),
    {
        "pages": 10_000,
        "from": tokyo(11, 19, 23, 57).isoformat(),
        "since": tokyo(11, 20).isoformat(),
        "reason": "jump",
    },
)


async def questioned() -> FakeLedger:
    ledger = FakeLedger()
    await two_copiers(ledger)
    await ledger.record_findings([JUMP])
    await closed(ledger, BEFORE, tokyo(12, 1, 12))
    return ledger


async def decide(ledger: FakeLedger, at: datetime) -> None:
    signed = Signature("佐藤", "a board was typed in", at)
    entry = Decision(JUMP.id, SECOND, tokyo(11, 20), Verdict.IGNORE, signed)
    await ledger.amend([entry], [])


async def test_a_question_is_waited_for_until_the_grace_time_is_over() -> None:
    ledger = await questioned()
    refusal = await refused(ledger, "2026-11", tokyo(12, 1, 13))
    assert (refusal.kind, refusal.names) == (RefusalKind.IN_QUESTION, ("2f 10,000",))
    assert refusal.until == tokyo(12, 4, 0)
    early = await planned(ledger, "2026-11", tokyo(12, 1, 13), estimate_now=True)
    late = await planned(ledger, "2026-11", tokyo(12, 4, 0))
    assert early.checksum == late.checksum
    assert late.completeness.in_question == 10_000
    assert (late.completeness.margin, late.completeness.estimated) == (EXACT, ())


async def test_an_answer_lets_the_month_be_closed_at_once() -> None:
    ledger = await questioned()
    await decide(ledger, tokyo(12, 1, 14))
    plan = await planned(ledger, "2026-11", tokyo(12, 1, 15))
    assert plan.completeness.in_question == 0
    assert "questions" not in canonical(plan.statement)


async def test_closed_by_itself_the_month_names_what_is_in_question() -> None:
    ledger = await questioned()
    mine = replace(GROUND, closing=ClosingRules(grace_days=3, automatic=True))
    clock = FakeClock(tokyo(12, 3, 23, 59))
    closing = AutoClosing(ledger, CurrentOffice(mine), clock)
    assert await closing.look() == ()
    clock.at = tokyo(12, 4, 0, 1)
    (told,) = await closing.look()
    assert told.code is Code.MONTH_CLOSED
    assert f"10,000 in question (findings {JUMP.id})" in english(told.message)
    sealed = (await ledger.statements("2026-11"))[-1]
    line = sealed.statement.line(SECOND)
    assert line is not None
    assert line.questions == {JUMP.id: 10_000}
    assert [one.in_question for one in sealed.statement.departments] == [6000, 4000]
    assert parsed(sealed.text) == sealed.statement


async def test_a_stated_month_shows_what_is_in_question_until_somebody_decides() -> None:
    ledger = await questioned()
    now = tokyo(12, 1, 13)
    stated = await Months(ledger, GROUND, now).came_to(NOVEMBER)
    assert stated.office.known.in_question == 10_000
    assert [one.known.in_question for one in stated.departments] == [6000, 4000]
    assert known_text(stated.office, japanese=True) == "2 台中 2 台検針、10,000 面が確認待ち"
    assert known_text(stated.office, japanese=False) == "2 of 2 read, 10,000 in question"
    await closed(ledger, ["2026-11"], tokyo(12, 4))
    still = (await Months(ledger, GROUND, tokyo(12, 5)).came_to(NOVEMBER)).office
    assert (still.final, still.known.in_question) == (True, 10_000)
    await decide(ledger, tokyo(12, 5))
    assert (
        await Months(ledger, GROUND, tokyo(12, 6)).came_to(NOVEMBER)
    ).office.known.in_question == 0


async def test_a_month_that_waits_is_told_when_it_is_over_and_when_nothing_is_waited_for() -> None:
    ledger = await questioned()
    one = await awaiting(ledger, GROUND, tokyo(12, 1, 13))
    assert one is not None
    assert (one.month, one.until, one.in_question) == ("2026-11", tokyo(12, 4, 0), 10_000)
    clock = FakeClock(tokyo(12, 1, 13))
    watch = AwaitedMonths(ledger, CurrentOffice(GROUND), clock)
    (told,) = await watch.look()
    assert (told.code, told.subject) == (Code.MONTH_AWAITS_CLOSING, "2026-11")
    assert "10,000 impressions are in question (2f)" in english(told.message)
    again = AwaitedMonths(ledger, CurrentOffice(GROUND), clock)
    for hours in (1, 24):
        clock.forward(hours=hours)
        assert await again.look() == (), "once, over restarts too"
    clock.at = tokyo(12, 4, 9)
    (late,) = await again.look()
    assert late.id != told.id
    await closed(ledger, ["2026-11"], tokyo(12, 4, 10))
    clock.forward(hours=48)
    assert await again.look() == ()
    assert await awaiting(ledger, GROUND, clock.now()) is None


async def test_a_plan_does_not_change_by_the_mere_time_of_a_reading() -> None:
    """Nobody prints on the first days of the new month; every poll confirms the same counter."""
    ledger = FakeLedger()
    one, two = await two_copiers(ledger, until=tokyo(11, 30).date())
    await closed(ledger, BEFORE, tokyo(12, 1))
    shown = []
    for minutes in (5, 65, 500):
        at = tokyo(12, 1, minutes // 60, minutes % 60)
        await one.read(at)
        await two.read(at)
        shown.append(await planned(ledger, "2026-11", at, estimate_now=True))
    assert len({plan.checksum for plan in shown}) == 1
    assert shown[0].statement.line(FIRST) is not None
