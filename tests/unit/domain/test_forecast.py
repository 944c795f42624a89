"""Where a month will end: by example, and against a thousand simulated office months."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.month.forecast import Forecast, Unheard, elapsed_share, forecast, outlook
from collector.domain.office.office_calendar import ONE_DAY, Office, Period

TOKYO = ZoneInfo("Asia/Tokyo")
HOLIDAYS = frozenset(
    date(year, month, day)
    for year in (2024, 2025, 2026)
    for month, day in (
        *((1, 1), (1, 2), (1, 3), (1, 12), (2, 11), (2, 23), (3, 20), (4, 29), (5, 3), (5, 4)),
        *((5, 5), (5, 6), (7, 20), (8, 11), (9, 15), (9, 21), (9, 23), (10, 12), (11, 3)),
        *((11, 23), (12, 29), (12, 30), (12, 31)),
    )
)
OFFICE = Office("t", TOKYO, closed=HOLIDAYS)
NOVEMBER = OFFICE.period("2026-11")


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOKYO).astimezone(UTC)


def working_days(first: date, last: date, pages: int) -> dict[date, int]:
    days = (first + ONE_DAY * n for n in range((last - first).days + 1))
    return {day: pages for day in days if OFFICE.works_on(day)}


def test_finished_period_is_its_own_forecast() -> None:
    daily = working_days(date(2026, 11, 1), date(2026, 12, 4), 10)
    assert forecast(daily, OFFICE, NOVEMBER, at(12, 5)) == Forecast(190.0, 190.0, 190.0)
    midnight = OFFICE.midnight(date(2026, 12, 1))
    assert forecast(daily, OFFICE, NOVEMBER, midnight) == Forecast(190.0, 190.0, 190.0)


def test_no_day_to_go_by_is_no_forecast() -> None:
    assert forecast({}, OFFICE, NOVEMBER, at(11, 13)) is None
    assert forecast({date(2026, 11, 13): 500}, OFFICE, NOVEMBER, at(11, 13)) is None


def test_first_day_of_the_month_goes_by_the_month_before() -> None:
    daily = working_days(date(2026, 9, 1), date(2026, 10, 31), 100)
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 1, 0))
    assert found is not None
    assert found.expected == pytest.approx(1900)


def test_even_days_are_forecast_exactly_and_without_a_range() -> None:
    daily = working_days(date(2026, 10, 1), date(2026, 11, 12), 100)
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 13, 0))
    assert found is not None
    assert found.expected == pytest.approx(1900)
    assert found.low == pytest.approx(found.high)


def test_last_day_is_still_to_come_until_it_is_over() -> None:
    daily = working_days(date(2026, 10, 1), date(2026, 11, 27), 100)
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 30, 0))
    assert found is not None
    assert found.expected == pytest.approx(1900)


def test_range_of_wild_days_begins_at_what_was_counted() -> None:
    daily = {date(2026, 11, 2): 0, date(2026, 11, 4): 0, date(2026, 11, 5): 1000}
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 6, 0))
    assert found is not None
    assert found.low == 1000
    assert found.high > 10_000


def test_holidays_and_weekends_ahead_are_no_working_days() -> None:
    """Golden Week: 18 working days of May 2026 are left out of 31 days, not 31."""
    may = OFFICE.period("2026-05")
    daily = working_days(date(2026, 4, 1), date(2026, 4, 30), 100)
    found = forecast(daily, OFFICE, may, at(5, 1, 0))
    assert found is not None
    assert found.expected == pytest.approx(1800)


def test_days_off_go_on_as_they_have_been() -> None:
    """A library or a town hall's night desk prints on Sundays too."""
    days = (date(2026, 10, 1) + ONE_DAY * n for n in range(31))
    daily = {day: 100 if OFFICE.works_on(day) else 10 for day in days}
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 1, 0))
    assert found is not None
    assert found.expected == pytest.approx(19 * 100 + 11 * 10)


def test_rest_of_today_is_what_a_usual_day_still_lacks() -> None:
    daily = working_days(date(2026, 10, 1), date(2026, 11, 12), 100)
    usual = 100 * 19
    for hour, printed, expected in ((0, 0, usual), (23, 60, usual - 40), (23, 100, usual)):
        found = forecast(daily | {date(2026, 11, 13): printed}, OFFICE, NOVEMBER, at(11, 13, hour))
        assert found is not None
        assert found.expected == pytest.approx(expected)
    busy = forecast(daily | {date(2026, 11, 13): 300}, OFFICE, NOVEMBER, at(11, 13, 10))
    assert busy is not None
    assert busy.expected == pytest.approx(usual + 200)


def test_a_new_habit_wins_over_the_look_back_within_the_month() -> None:
    daily = working_days(date(2026, 9, 1), date(2026, 10, 31), 200)
    daily |= working_days(date(2026, 11, 1), date(2026, 11, 20), 100)
    found = forecast(daily, OFFICE, NOVEMBER, at(11, 21))
    assert found is not None
    assert 1900 < found.expected < 2100
    assert found.low <= 1900


def test_month_ahead_takes_nothing_of_today() -> None:
    """Asked in October, November is nineteen working days; today is none of them."""
    daily = working_days(date(2026, 9, 1), date(2026, 10, 11), 100)
    found = forecast(daily, OFFICE, NOVEMBER, at(10, 13, 8))
    assert found is not None
    assert found.expected == pytest.approx(1900)


@given(day=st.integers(1, 31), hour=st.integers(0, 23))
def test_a_month_that_runs_is_no_whole_month_before_the_one_ahead(day: int, hour: int) -> None:
    """What it has so far was taken for all of it: on its first day the next month halved."""
    daily = working_days(date(2026, 7, 1), date(2026, 10, day), 100)
    sums = {f"2026-{m:02}": sum(n for d, n in daily.items() if d.month == m) for m in range(7, 11)}
    found = forecast(daily, OFFICE, NOVEMBER, at(10, day, hour), sums)
    assert found is not None
    assert found.expected == pytest.approx(1900)
    over = {name: pages for name, pages in sums.items() if name != "2026-10"}
    assert found == forecast(daily, OFFICE, NOVEMBER, at(10, day, hour), over)


def test_what_silent_copiers_printed_is_part_of_what_is_expected() -> None:
    """Half the pages are unheard since Monday the 9th: they were printed all the same."""
    daily = working_days(date(2026, 10, 1), date(2026, 11, 8), 100)
    daily |= working_days(date(2026, 11, 9), date(2026, 11, 12), 50)
    unheard = Unheard(dict.fromkeys((date(2026, 11, day) for day in (9, 10, 11, 12)), 50.0), 30.0)
    blind = outlook(daily, OFFICE, NOVEMBER, at(11, 13, 0))
    found = outlook(daily, OFFICE, NOVEMBER, at(11, 13, 0), unheard=unheard)
    assert found is not None
    assert blind is not None
    assert found.forecast.expected == pytest.approx(1900)
    assert found.forecast.high - found.forecast.expected >= 30
    assert blind.forecast.expected < 1500
    assert found.forecast.low >= sum(pages for day, pages in daily.items() if day in NOVEMBER)


def test_a_finished_month_still_lacks_what_is_unheard() -> None:
    daily = working_days(date(2026, 11, 1), date(2026, 11, 30), 10)
    unheard = Unheard({date(2026, 11, 30): 40.0}, 15.0)
    found = outlook(daily, OFFICE, NOVEMBER, at(12, 5), unheard=unheard)
    assert found is not None
    assert found.forecast == Forecast(230.0, 215.0, 245.0)


def test_an_outlook_adds_up() -> None:
    daily = working_days(date(2026, 10, 1), date(2026, 11, 13), 100)
    found = outlook(daily, OFFICE, NOVEMBER, at(11, 16, 8))
    assert found is not None
    counted = sum(pages for day, pages in daily.items() if day in NOVEMBER)
    assert counted + found.today_left + sum(found.ahead.values()) == found.forecast.expected
    assert min(found.ahead) == date(2026, 11, 17)
    assert max(found.ahead) == date(2026, 11, 30)


def test_months_of_old_sheets_make_a_forecast_on_the_first_day() -> None:
    """Nothing was counted yet; last year's and last month's sheets were entered."""
    sheets = {"2025-11": 2000, "2026-09": 1900, "2026-10": 2200}
    found = forecast({}, OFFICE, NOVEMBER, at(11, 2, 8), sheets)
    assert found is not None
    assert 1700 < found.expected < 2200
    assert found.low < found.expected < found.high


# --- elapsed working time ---


def test_elapsed_is_working_time_not_time() -> None:
    assert elapsed_share(OFFICE, NOVEMBER, at(10, 20)) == 0.0
    assert elapsed_share(OFFICE, NOVEMBER, OFFICE.midnight(NOVEMBER.start)) == 0.0
    assert elapsed_share(OFFICE, NOVEMBER, at(11, 2, 23)) == pytest.approx(1 / 19)
    assert elapsed_share(OFFICE, NOVEMBER, at(11, 4, 6)) == pytest.approx(1 / 19)
    assert elapsed_share(OFFICE, NOVEMBER, at(11, 30, 20)) == pytest.approx(1.0)
    assert elapsed_share(OFFICE, NOVEMBER, at(12, 1, 0)) == 1.0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])
def test_elapsed_only_grows_over_a_change_of_the_clock(zone: str) -> None:
    office = Office("t", ZoneInfo(zone), weekend=frozenset(), opens=time(0, 30), closes=time(23))
    for name in ("2026-03", "2026-04", "2026-10", "2026-11"):
        period = office.period(name)
        start = office.midnight(period.start)
        end = office.midnight(period.end + ONE_DAY)
        hours = int((end - start) / timedelta(hours=1))
        shares = [
            elapsed_share(office, period, start + timedelta(hours=n)) for n in range(hours + 1)
        ]
        assert shares == sorted(shares)
        assert (shares[0], elapsed_share(office, period, end)) == (0.0, 1.0)
        assert all(0.0 <= share <= 1.0 for share in shares)


def test_month_without_working_days_is_over_at_its_end_and_not_before() -> None:
    closed = Office("t", TOKYO, closed=frozenset(NOVEMBER.days))
    assert elapsed_share(closed, NOVEMBER, at(11, 15)) == 0.0
    assert elapsed_share(closed, NOVEMBER, OFFICE.midnight(date(2026, 12, 1))) == 1.0
    found = forecast({date(2026, 10, 30): 50}, closed, NOVEMBER, at(11, 15))
    assert found is not None
    assert found.expected == 0.0


# --- a thousand months of simulated offices ---


@dataclass(frozen=True, slots=True)
class Judged:
    """One forecast of a simulated month beside what came."""

    working_day: int
    so_far: int
    found: Forecast
    naive: float
    truth: int


def simulated(dice: random.Random, first: date, last: date) -> dict[date, int]:
    """Return days of one department: a weekday's habit, busy weeks, and a few pages on days off."""
    level = dice.uniform(80, 900)
    spread = dice.uniform(0.15, 0.45)
    weekday = [dice.uniform(0.8, 1.25) for _ in range(7)]
    mood, daily, day = 0.0, {}, first
    while day <= last:
        mood = 0.5 * mood + dice.gauss(0, 0.08)
        if OFFICE.works_on(day):
            pages = level * weekday[day.weekday()] * (1 + mood) * dice.lognormvariate(0, spread)
        else:
            pages = level * 0.02 * dice.random()
        daily[day] = int(pages)
        day += ONE_DAY
    return daily


def judged_months(seed: int, departments: int) -> Iterator[Judged]:
    dice = random.Random(seed)
    for _ in range(departments):
        daily = simulated(dice, date(2025, 1, 1), date(2026, 12, 31))
        for month in range(3, 12):
            period = OFFICE.period(f"2026-{month:02d}")
            truth = sum(daily[day] for day in period.days)
            for today in period.days[1:-2:4]:
                yield judge(daily, period, today, truth)


def judge(daily: dict[date, int], period: Period, today: date, truth: int) -> Judged:
    """Forecast at the midnight that begins `today`, as a manager would see it in the morning."""
    known = {day: pages for day, pages in daily.items() if day < today}
    found = forecast(known, OFFICE, period, OFFICE.midnight(today))
    assert found is not None
    so_far = sum(pages for day, pages in known.items() if day in period)
    days_so_far = (today - period.start).days
    naive = so_far / days_so_far * len(period.days)
    return Judged(OFFICE.working_days(period.start, today), so_far, found, naive, truth)


@pytest.fixture(scope="module")
def months() -> list[Judged]:
    return list(judged_months(seed=20261123, departments=16))


def test_four_months_in_five_end_within_the_range(months: list[Judged]) -> None:
    assert len(months) > 1000
    inside = [one.found.low <= one.truth <= one.found.high for one in months]
    coverage = fmean(inside)
    early = fmean(ok for ok, one in zip(inside, months, strict=True) if one.working_day <= 5)
    late = fmean(ok for ok, one in zip(inside, months, strict=True) if one.working_day > 14)
    print(f"inside: {coverage:.1%}, first week {early:.1%}, last week {late:.1%}")  # noqa: T201 - shown on failure and with -s
    assert 0.72 <= coverage <= 0.92
    assert early >= 0.65
    assert late >= 0.65


@pytest.mark.parametrize(("after", "at_most"), [(0, 0.055), (5, 0.045), (10, 0.037)])
def test_working_days_beat_the_rule_of_three(
    months: list[Judged], after: int, at_most: float
) -> None:
    """Pages so far / days so far x days of the month is what everybody does by hand."""
    months = [one for one in months if one.working_day > after]
    own = fmean(abs(one.found.expected - one.truth) / one.truth for one in months)
    by_hand = fmean(abs(one.naive - one.truth) / one.truth for one in months)
    print(f"mean absolute error after {after} working days: {own:.1%}, by hand {by_hand:.1%}")  # noqa: T201 - shown on failure and with -s
    assert own < 0.75 * by_hand
    assert own < at_most


def test_forecast_leans_to_no_side(months: list[Judged]) -> None:
    assert abs(fmean((one.found.expected - one.truth) / one.truth for one in months)) < 0.02


def test_range_is_around_the_forecast_and_never_below_the_pages_so_far(
    months: list[Judged],
) -> None:
    for one in months:
        assert one.so_far <= one.found.low <= one.found.expected <= one.found.high


def test_range_narrows_as_the_month_goes_on(months: list[Judged]) -> None:
    def width(of: list[Judged]) -> float:
        return fmean((one.found.high - one.found.low) / one.truth for one in of)

    first = [one for one in months if one.working_day <= 5]
    middle = [one for one in months if 5 < one.working_day <= 14]
    last = [one for one in months if one.working_day > 14]
    assert width(first) > width(middle) > 1.5 * width(last)
