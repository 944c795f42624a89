"""A ledger adds up days and finds usages by time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.domain.counting.usage import DayUsage, Quality
from collector.domain.meters import Meter
from collector.ports import Ledger, Record
from tests.contract.ledger_cases import (
    HERE,
    MINUTE,
    SCAN,
    SECOND,
    T0,
    THERE,
    TOTAL,
    full,
    reading,
    state,
    usage,
)


async def test_increments_of_a_day_add_up(ledger: Ledger) -> None:
    parts: list[dict[Meter, int]] = [{TOTAL: 3}, {TOTAL: 4, SCAN: 1}, {SCAN: 0}]
    for number, pages in enumerate(parts):
        at = T0 + number * MINUTE
        day = DayUsage(HERE, T0.date(), pages, estimated=number)
        await ledger.record([Record(state(at), reading(at), days=(day,))])
    assert await ledger.days(T0.date(), T0.date()) == [
        DayUsage(HERE, T0.date(), {TOTAL: 7, SCAN: 1}, 3)
    ]


async def test_days_come_by_day_then_place_within_both_bounds(ledger: Ledger) -> None:
    for number in range(4):
        at = T0 + timedelta(days=number)
        await ledger.record([full(at, place=HERE), full(at, place=THERE)])
    found = await ledger.days(date(2026, 11, 3), date(2026, 11, 4))
    assert [(one.day.day, one.place) for one in found] == [
        (3, THERE),
        (3, HERE),
        (4, THERE),
        (4, HERE),
    ]
    only = await ledger.days(date(2026, 11, 3), date(2026, 11, 4), HERE)
    assert [(one.day.day, one.place) for one in only] == [(3, HERE), (4, HERE)]
    assert await ledger.first_day() == date(2026, 11, 2)


async def test_usages_exclude_since_and_include_until(ledger: Ledger) -> None:
    times = [T0 + n * MINUTE for n in range(4)]
    await ledger.record([Record(state(at), usages=(usage(at),)) for at in reversed(times)])
    found = await ledger.usages(HERE, times[0], times[2])
    assert [one.end for one in found] == times[1:3]
    assert found[0] == usage(times[1])


@pytest.mark.parametrize("quality", Quality)
async def test_a_usage_keeps_its_quality_and_large_figures(
    ledger: Ledger, quality: Quality
) -> None:
    one = replace(usage(T0), first=2**64, last=2**64 + 12, quality=quality)
    await ledger.record([Record(state(T0), usages=(one,))])
    assert await ledger.usages(HERE, T0 - SECOND, T0) == [one]


async def test_heard_between_gives_first_and_last_within_both_bounds(ledger: Ledger) -> None:
    times = [T0 + n * MINUTE for n in range(5)]
    await ledger.record([Record(state(at), reading(at)) for at in times])
    await ledger.record([Record(state(T0, THERE), reading(T0, 1, THERE))])
    assert await ledger.heard_between(times[1], times[3]) == {HERE: (times[1], times[3])}
    assert await ledger.heard_between(T0, T0) == {HERE: (T0, T0), THERE: (T0, T0)}
    assert await ledger.heard_between(T0 + SECOND, times[1] - SECOND) == {}


async def test_long_and_estimated_usages_of_every_place_are_found_where_they_overlap(
    ledger: Ledger,
) -> None:
    day = timedelta(days=1)
    long = replace(usage(T0 + 2 * day), start=T0)
    there = replace(usage(T0 + 3 * day, place=THERE), start=T0 + 2 * day, epoch=2)
    guessed = replace(
        usage(T0 + 2 * day, place=THERE), quality=Quality.ESTIMATED, low=0, high=2**40
    )
    short, scanned = usage(T0 + day), replace(usage(T0 + 2 * day, SCAN), start=T0)
    for one in (long, there, guessed, short, scanned):
        await ledger.record([Record(state(one.end, one.place), usages=(one,))])
    assert await ledger.long_usages(T0, T0 + 3 * day) == [guessed, long, there]
    assert await ledger.long_usages(T0 + 2 * day, T0 + 3 * day) == [there], "ends as it begins"
    assert await ledger.long_usages(T0 - day, T0) == []
    assert await ledger.long_usages(T0, T0 + SECOND) == [long]


async def test_a_usage_keeps_the_range_of_its_pages(ledger: Ledger) -> None:
    one = replace(usage(T0), quality=Quality.ESTIMATED, low=1, high=250)
    await ledger.record([Record(state(T0), usages=(one,))])
    assert await ledger.usages(HERE, T0 - SECOND, T0) == [one]


async def test_totals_of_days_are_those_of_their_rows(ledger: Ledger) -> None:
    later = T0 + timedelta(days=1)
    only_scans = replace(full(later), days=(DayUsage(HERE, later.date(), {SCAN: 4}),))
    outside = full(T0 + timedelta(days=2))
    await ledger.record([full(T0), only_scans, full(T0, 50, THERE), outside])
    first, last = T0.date(), later.date()
    totals = [
        DayUsage(one.place, one.day, {TOTAL: one.pages.get(TOTAL, 0)})
        for one in await ledger.days(first, last)
    ]
    found = await ledger.day_totals(first, last)
    assert sorted(found, key=lambda one: (one.day, one.place)) == totals
    assert [one.day for one in found] == [one.day for one in totals]
    assert [one.pages[TOTAL] for one in totals] == [4, 4, 0]
