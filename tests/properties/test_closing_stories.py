"""Laws of closing over whole stories: machines fail, move, are replaced; people reorganise."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from collector.app.close.close_month import CloseMonth, Refusal, RefusalKind
from collector.domain.closing.accounts import added
from collector.domain.closing.boundary import PROVED, boundaries, part_within
from collector.domain.closing.seal import faults
from collector.domain.closing.statement import Cause, ClosingPlan, Statement
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from tests.unit.app.story import CHANGES, POLLS, Step, Story, place_ids, play, run, steps

KINDS = ("print", "print", "print", *POLLS, *CHANGES, "reorganise", "restart")
CLOSINGS = st.sampled_from(["last", 20, 30])


def closing_of(story: Story) -> CloseMonth:
    office = story.office
    return CloseMonth(office.ledger, office.current.context, office.clock.at)


async def close_all(story: Story) -> list[Statement]:
    """Close every month that is over, oldest first, and revise the closed ones; return the last."""
    closing = closing_of(story)
    names = {one.statement.period.name: None for one in await story.office.ledger.statements()}
    names |= {one.name: None for one in await closing.open_months()}
    found = []
    for name in names:
        plan = await closing.plan(name, estimate_now=True)
        if isinstance(plan, ClosingPlan):
            found.append((await closing.apply(plan, "佐藤")).statement)
        else:
            assert isinstance(plan, Refusal)
            assert plan.kind is RefusalKind.NOTHING_NEW
            assert plan.statement is not None
            found.append(plan.statement)
    return found


async def counted(story: Story, period: Period) -> Mapping[Meter, int]:
    return added(day.pages for day in await story.office.ledger.days(period.start, period.end))


async def holds(story: Story, statement: Statement) -> None:
    """Assert all that must hold of a statement just closed or revised."""
    by_department = added(statement.department_pages().values())
    by_place = added(statement.place_pages().values())
    truth = added([await counted(story, statement.period), *guessed(statement)])
    for meter in {*truth, *by_department, *by_place}:
        pages = truth.get(meter, 0)
        assert by_department.get(meter, 0) == by_place.get(meter, 0) == pages, meter
    for line in statement.places:
        for meter in PROVED:
            if line.spans and not statement.adjustments:
                await proves(story, statement, line.place, meter)


def guessed(statement: Statement) -> list[Mapping[Meter, int]]:
    """Return the pages that are a guess, and those that took it back."""
    made = [line.guess.pages for line in statement.places if line.guess is not None]
    return made + [one.pages for one in statement.adjustments if one.cause is Cause.GUESS]


async def proves(story: Story, statement: Statement, place: PlaceId, meter: Meter) -> None:
    """Assert that the split beside the spans is what lies over the two midnights, and no more."""
    line = statement.line(place)
    assert line is not None
    assert line.opening is not None
    assert line.closing is not None
    office = story.office.current.context.office
    period = statement.period
    start, end = boundaries(office, period)
    until = max(end, line.closing.at) + timedelta(days=40)
    usages = await story.office.ledger.usages(place, start - timedelta(days=40), until)
    expected = 0
    for usage in usages:
        if usage.meter == meter:
            whole = usage.pages if line.opening.at < usage.end <= line.closing.at else 0
            expected += part_within(usage, office, period) - whole
    assert line.split_of(meter) == expected


@given(steps(*KINDS), steps(*KINDS), CLOSINGS)
def test_statements_are_what_was_counted_and_guessed(
    before: list[Step], after: list[Step], closing: int | str
) -> None:
    async def story() -> None:
        one = await play([Step(20_000, "print", 0, 5), *before], closing)
        for statement in await close_all(one):
            await holds(one, statement)
        for step in after:
            await one.play(step)
        for statement in await close_all(one):
            await holds(one, statement)
        chain = await one.office.ledger.statements()
        assert faults(chain) == ()
        event(f"statements {len(chain)}")
        for sealed in chain:
            for adjustment in sealed.statement.adjustments:
                event(f"adjusted: {adjustment.cause.value}")
            for line in sealed.statement.places:
                event(f"guess {line.guess is not None}")
                event(f"spans {len(line.spans)}")
        again = await close_all(one)
        assert len(await one.office.ledger.statements()) == len(chain), "closing twice is once"
        assert [one.revision for one in again] == [
            max(s.statement.revision for s in chain if s.statement.period == a.period)
            for a in again
        ]

    run(story)


@given(steps(*KINDS), CLOSINGS)
def test_what_closes_a_month_opens_the_next(before: list[Step], closing: int | str) -> None:
    async def story() -> None:
        one = await play([Step(20_000, "print", 0, 5), *before, Step(50_000, "idle")], closing)
        closed = await close_all(one)
        for first, second in pairwise(closed):
            assert second.period.start.toordinal() == first.period.end.toordinal() + 1
            for place in place_ids():
                end, begin = first.line(place), second.line(place)
                if end is not None and begin is not None:
                    assert end.closing == begin.opening

    run(story)
