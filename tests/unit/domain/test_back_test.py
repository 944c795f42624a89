"""Past forecasts replayed: nothing later is known, and the scores are what they say."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from collector.domain.month.back_test import PastForecast, replay, scores
from collector.domain.month.forecast import Forecast, forecast
from collector.domain.office.office_calendar import ONE_DAY, Office

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")


def daily(last: date) -> dict[date, int]:
    days = (date(2026, 8, 1) + ONE_DAY * n for n in range((last - date(2026, 8, 1)).days + 1))
    return {day: 100 + day.day + 7 * day.weekday() for day in days if OFFICE.works_on(day)}


def test_each_working_day_is_forecast_from_what_was_known_that_morning() -> None:
    known = daily(date(2026, 12, 24))
    said = list(replay(known, OFFICE, NOVEMBER, {}))
    assert [one.after for one in said] == list(range(21))
    for one, morning in zip(said, filter(OFFICE.works_on, NOVEMBER.days), strict=True):
        before = {day: pages for day, pages in known.items() if day < morning}
        again = forecast(before, OFFICE, NOVEMBER, OFFICE.midnight(morning))
        assert again is not None
        assert one.forecast.expected == pytest.approx(again.expected)
        assert (one.forecast.low, one.forecast.high) == pytest.approx((again.low, again.high))
    assert {one.truth for one in said} == {sum(v for d, v in known.items() if d in NOVEMBER)}


def test_pages_that_came_later_change_nothing_that_was_said() -> None:
    known = daily(date(2026, 12, 24))
    said = [one.forecast for one in replay(known, OFFICE, NOVEMBER, {})]
    changed = known | {date(2026, 11, 30): 99_999, date(2026, 12, 1): 99_999}
    assert [one.forecast for one in replay(changed, OFFICE, NOVEMBER, {})] == said


def test_the_rule_of_three_needs_a_working_day() -> None:
    """Sunday the 1st is no working day; Monday is the first of 21."""
    said = list(replay(daily(date(2026, 11, 30)), OFFICE, NOVEMBER, {}))
    assert said[0].by_hand is None
    assert said[1].by_hand == pytest.approx((100 + 2) * 21)


def test_a_month_without_pages_or_anything_before_it_says_nothing() -> None:
    assert list(replay({date(2026, 10, 1): 5}, OFFICE, NOVEMBER, {})) == []
    alone = {day: pages for day, pages in daily(date(2026, 11, 30)).items() if day in NOVEMBER}
    assert [one.after for one in replay(alone, OFFICE, NOVEMBER, {})] == list(range(1, 21))


def test_last_year_is_the_same_month_unless_it_began_before_it_was_measured() -> None:
    known, months = daily(date(2026, 11, 30)), {"2025-11": 4321, "2025-10": 1}
    assert {one.last_year for one in replay(known, OFFICE, NOVEMBER, months)} == {4321}
    assert {one.last_year for one in replay(known, OFFICE, NOVEMBER, {"2025-10": 1})} == {None}
    begun = replay(known, OFFICE, NOVEMBER, months, lambda name: name != "2025-11")
    assert {one.last_year for one in begun} == {None}


def test_scores_are_means_over_months() -> None:
    one = PastForecast("2026-10", 5, Forecast(110, 90, 120), 150.0, 100, 80)
    other = PastForecast("2026-11", 5, Forecast(90, 85, 95), None, 100)
    late = replace(one, after=7, forecast=Forecast(100, 100, 100))
    at_five, of_all = scores([one, other, late])
    assert (at_five.after, at_five.cases, at_five.coverage) == (5, 2, 0.5)
    assert at_five.error == pytest.approx(0.1)
    assert at_five.bias == pytest.approx(0.0)
    assert at_five.error_by_hand == pytest.approx(0.5)
    assert at_five.error_last_year == pytest.approx(0.2)
    assert (of_all.after, of_all.cases) == (None, 3)
    assert of_all.coverage == pytest.approx(2 / 3)
    assert scores([]) == ()
