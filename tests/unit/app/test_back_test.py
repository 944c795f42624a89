"""Replaying a ledger: which months, which departments, and what was known then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.app.month.months import back_test, ended_months
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Record
from tests.unit.app.office import OFFICE, RICOH, AnOffice

NOW = datetime(2026, 11, 25, tzinfo=UTC)


async def counted(first: date, last: date) -> AnOffice:
    """Return an office whose two places printed 100 and 10 on every working day."""
    office = AnOffice(at=NOW)
    day, records = first, list[Record]()
    while day <= last:
        at = OFFICE.midnight(day) + timedelta(hours=12)
        for name, pages in (("1f", 100), ("2f", 10)):
            if OFFICE.works_on(day):
                place = PlaceId(name)
                reading = Reading(place, at, Answer(RICOH, {Meter("total"): 1}))
                state = PlaceState(place, seen_at=at, stored_at=at, online=True)
                usage = DayUsage(place, day, {Meter("total"): pages})
                records.append(Record(state, reading, days=(usage,)))
        day += timedelta(days=1)
    await office.ledger.record(records)
    return office


async def test_every_department_and_the_office_at_last() -> None:
    office = await counted(date(2026, 7, 1), date(2026, 11, 24))
    context = office.current.context
    ended = await ended_months(office.ledger, context, NOW)
    steps: list[int] = []
    judged = await back_test(office.ledger, context, ended, "2026-09", lambda: steps.append(1))
    assert [one.department.id for one in judged] == ["soumu", "zeimu", "whole_office"]
    assert len(steps) == 4 + 4
    for one in judged:
        assert {said.month for said in one.said} == {"2026-09", "2026-10"}
        assert max(abs(said.error) for said in one.said) < 0.01
    whole = [said.truth for said in judged[-1].said if said.month == "2026-10"]
    assert set(whole) == {110 * OFFICE.working_days(date(2026, 10, 1), date(2026, 10, 31))}


@pytest.mark.parametrize(
    ("first", "whole", "begun"),
    [
        (date(2026, 9, 1), ["2026-09", "2026-10"], []),
        (date(2026, 8, 17), ["2026-09", "2026-10"], ["2026-08"]),
        (date(2026, 10, 2), [], ["2026-10"]),
        (date(2026, 11, 2), [], []),
    ],
)
async def test_only_whole_months_that_are_over_are_judged(
    first: date, whole: list[str], begun: list[str]
) -> None:
    office = await counted(first, date(2026, 11, 24))
    ended = await ended_months(office.ledger, office.current.context, NOW)
    assert [one.name for one in ended.whole] == whole
    assert [one.name for one in ended.begun] == begun


async def test_the_month_in_which_counting_began_is_learnt_from() -> None:
    office = await counted(date(2026, 8, 17), date(2026, 11, 24))
    context = office.current.context
    ended = await ended_months(office.ledger, context, NOW)
    judged = await back_test(office.ledger, context, ended, "2026-09")
    september = [said for said in judged[0].said if said.month == "2026-09"]
    assert september[0].after == 0
    assert september[0].error == pytest.approx(0, abs=0.01)


async def test_an_empty_ledger_has_nothing_to_judge() -> None:
    office = AnOffice(at=NOW)
    ended = await ended_months(office.ledger, office.current.context, NOW)
    assert (ended.whole, ended.begun) == ((), ())
