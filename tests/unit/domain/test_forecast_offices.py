"""Forecasts replayed over years of simulated offices that have seasons, month ends and holidays."""

import random
from collections.abc import Iterator
from datetime import date
from math import exp
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.holiday_calendar import public_holidays
from collector.domain.month.back_test import PastForecast, Score, replay, scores
from collector.domain.month.habits import MonthPart, working_parts
from collector.domain.office.office_calendar import ONE_DAY, Office

pytestmark = pytest.mark.slow

NEW_YEAR = {date(year, *day) for year in range(2024, 2027) for day in ((12, 29), (12, 30), (1, 2))}
OFFICE = Office(
    "t", ZoneInfo("Asia/Tokyo"), closed=public_holidays("JP", None, 2024, 2026) | NEW_YEAR
)
BUSY = {MonthPart.FIRST: 1.2, MonthPart.LATE: 1.15, MonthPart.LAST: 1.5}
JUDGED = [OFFICE.period(f"2026-{month:02d}") for month in range(1, 12)]


def department(dice: random.Random) -> dict[date, int]:
    """Return two and a half years of a department with habits of its own, and chance on top.

    Every month has a level that comes back each year but for some 7 %, weekdays differ, months
    end busily, the day after a holiday makes up for it, and a few pages come on days off.
    """
    level, chance = dice.uniform(80, 900), dice.uniform(0.15, 0.45)
    weekday = [dice.uniform(0.8, 1.25) for _ in range(7)]
    season = [exp(dice.gauss(0, 0.2)) for _ in range(13)]
    own: dict[str, float] = {}
    mood, daily, day = 0.0, {}, date(2024, 5, 1)
    while day <= date(2026, 11, 30):
        mood = 0.5 * mood + dice.gauss(0, 0.08)
        period = OFFICE.period_of(day)
        part = working_parts(OFFICE, period).get(day)
        month = own.setdefault(period.name, season[day.month] * exp(dice.gauss(0, 0.07)))
        pages = level * 0.02 * dice.random()
        if part is not None:
            after = 1.2 if (day - ONE_DAY) in OFFICE.closed else 1.0
            pages = level * weekday[day.weekday()] * BUSY.get(part, 1.0) * after * month
            pages *= (1 + mood) * dice.lognormvariate(0, chance)
        daily[day] = int(pages)
        day += ONE_DAY
    return daily


def replayed(seed: int, departments: int, since: date) -> Iterator[PastForecast]:
    dice = random.Random(seed)
    for _ in range(departments):
        daily = {day: pages for day, pages in department(dice).items() if day >= since}
        for period in JUDGED:
            if period.start > since:
                yield from replay(daily, OFFICE, period, {})


@pytest.fixture(scope="module")
def years() -> list[PastForecast]:
    return list(replayed(20261124, 8, date(2024, 5, 1)))


def by_days(said: list[PastForecast]) -> dict[int | None, Score]:
    return {one.after: one for one in scores(said)}


def by_days_of_the_month(said: list[PastForecast], after: int) -> Iterator[float]:
    """Yield the errors of the rule of three as people know it, by days and not by working days."""
    for one in said:
        if one.after == after and one.by_hand is not None:
            period = OFFICE.period(one.month)
            mornings = working_parts(OFFICE, period)
            so_far = one.by_hand * after / len(mornings)
            gone = (list(mornings)[after] - period.start).days
            yield so_far / gone * len(period.days) / one.truth - 1


@pytest.mark.parametrize(("after", "at_most"), [(5, 0.11), (10, 0.07), (15, 0.05)])
def test_it_beats_the_rule_of_three_by_far(
    years: list[PastForecast], after: int, at_most: float
) -> None:
    """By working days: a stricter rule than one by days of the month."""
    score = by_days(years)[after]
    print(f"after {after}: {score.error:.1%}, by hand {score.error_by_hand:.1%}")  # noqa: T201 - shown on failure and with -s
    assert score.error_by_hand is not None
    assert score.error < 0.8 * score.error_by_hand
    assert score.error < 0.65 * fmean(abs(one) for one in by_days_of_the_month(years, after))
    assert score.error < at_most


def test_four_months_in_five_end_within_the_range(years: list[PastForecast]) -> None:
    found = by_days(years)
    shown = {after: f"{one.coverage:.0%}" for after, one in found.items()}
    print(f"within the range, by working days gone: {shown}")  # noqa: T201 - likewise
    assert 0.75 <= found[None].coverage <= 0.90
    assert all(0.68 <= one.coverage <= 0.95 for one in found.values())


def test_it_leans_to_no_side(years: list[PastForecast]) -> None:
    assert abs(by_days(years)[None].bias) < 0.02


def test_a_year_of_history_helps_most_before_the_month_has_days_of_its_own() -> None:
    """The same months, with three months before them known, and with a year and a half."""
    with_year = [one for one in replayed(7, 8, date(2024, 5, 1)) if one.after == 0]
    dice = random.Random(7)
    without: list[PastForecast] = []
    for _ in range(8):
        daily = department(dice)
        for period in JUDGED:
            first = OFFICE.before(period, 3).start
            near = {day: pages for day, pages in daily.items() if day >= first}
            without += [one for one in replay(near, OFFICE, period, {}) if one.after == 0]
    errors = [fmean(abs(one.error) for one in said) for said in (with_year, without)]
    print(f"first day: {errors[0]:.1%} with a year known, {errors[1]:.1%} without")  # noqa: T201 - likewise
    assert errors[0] < 0.75 * errors[1]
