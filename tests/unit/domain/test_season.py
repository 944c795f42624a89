"""The year's round and the habits of a department, as the forecast learns them."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from collector.domain.month.habits import MonthPart, learn, working_parts
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
    fiscal_months,
    fiscal_year,
    month_index,
    month_name,
    months_later,
    same_month,
)
from collector.domain.office.season import YearRound, spread

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")


def test_months_count_on_over_the_years() -> None:
    assert month_index("2026-01") == month_index("2025-12") + 1
    assert month_name(month_index("2026-11")) == "2026-11"
    assert months_later("2026-11", 2) == "2027-01"
    assert months_later("2026-01", -1) == "2025-12"


@pytest.mark.parametrize(
    ("month", "begins", "year"),
    [("2026-04", 4, 2026), ("2026-03", 4, 2025), ("2027-01", 4, 2026), ("2026-01", 1, 2026)],
)
def test_fiscal_years_are_named_by_their_first_month(month: str, begins: int, year: int) -> None:
    assert fiscal_year(month, begins) == year
    assert month in fiscal_months(year, begins)
    assert same_month(month, year - 3, begins) == months_later(month, -36)


def test_parts_of_a_month_are_counted_in_working_days() -> None:
    parts = list(working_parts(OFFICE, NOVEMBER).values())
    assert len(parts) == 21
    assert parts[:2] == [MonthPart.FIRST] * 2
    assert parts[2:5] == [MonthPart.EARLY] * 3
    assert parts[-5:] == [MonthPart.LATE] * 3 + [MonthPart.LAST] * 2
    assert set(parts[5:-5]) == {MonthPart.MIDDLE}


def days(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * n for n in range((last - first).days + 1)]


def test_weekdays_and_month_ends_are_learnt() -> None:
    """Mondays bring half as much again, the last two working days twice as much."""
    daily = {}
    for day in days(date(2025, 11, 1), date(2026, 10, 31)):
        part = working_parts(OFFICE, OFFICE.period_of(day)).get(day)
        if part is not None:
            twice = 2.0 if part is MonthPart.LAST else 1.0
            daily[day] = round(1000 * (1.5 if day.weekday() == 0 else 1.0) * twice)
    habits = learn(daily, OFFICE, NOVEMBER, date(2026, 11, 1))
    monday, tuesday = date(2026, 11, 16), date(2026, 11, 17)
    usual = habits.pattern.of(tuesday, MonthPart.MIDDLE)
    assert habits.pattern.of(monday, MonthPart.MIDDLE) / usual == pytest.approx(1.5, rel=0.02)
    assert habits.pattern.of(tuesday, MonthPart.LAST) / usual == pytest.approx(2.0, rel=0.03)
    assert habits.noise < 0.05


def test_chance_is_not_taken_for_a_habit() -> None:
    """One odd Friday in a single month."""
    daily = dict.fromkeys(
        (day for day in days(date(2026, 10, 1), date(2026, 10, 31)) if OFFICE.works_on(day)), 100
    )
    daily[date(2026, 10, 16)] = 1000
    habits = learn(daily, OFFICE, NOVEMBER, date(2026, 11, 1))
    assert habits.pattern.of(date(2026, 11, 13), MonthPart.MIDDLE) < 1.15
    assert habits.noise_days == len(daily) - 1


def test_days_of_the_month_itself_and_of_today_teach_nothing() -> None:
    daily = dict.fromkeys(days(date(2026, 9, 1), date(2026, 10, 12)), 100)
    habits = learn(daily, OFFICE, NOVEMBER, date(2026, 10, 13))
    more = daily | {date(2026, 10, 13): 9999, date(2026, 11, 2): 9999}
    assert learn(more, OFFICE, NOVEMBER, date(2026, 10, 13)) == habits
    assert habits.level == pytest.approx(100)


def test_months_known_from_sheets_alone_give_a_level() -> None:
    october = OFFICE.working_days(date(2026, 10, 1), date(2026, 10, 31))
    habits = learn({}, OFFICE, NOVEMBER, date(2026, 11, 1), {"2026-10": 100 * october})
    assert habits.level == pytest.approx(100)
    assert (habits.noise, habits.noise_days) == (0.0, 0)
    last_year = learn({}, OFFICE, NOVEMBER, date(2026, 11, 1), {"2025-11": 100 * 20})
    assert last_year.level == pytest.approx(100 * 20 / 20, rel=0.1)
    assert learn({}, OFFICE, NOVEMBER, date(2026, 11, 1)).level is None


def test_a_month_that_began_before_it_was_measured_is_no_last_year() -> None:
    """Counting began on 17 November 2025, in a very busy half of it; since then 100 a day."""
    daily = {
        day: 500 if day < date(2025, 12, 1) else 100
        for day in days(date(2025, 11, 17), date(2026, 10, 31))
        if OFFICE.works_on(day)
    }
    today = date(2026, 11, 1)
    assert learn(daily, OFFICE, NOVEMBER, today).level == pytest.approx(100)
    # Old sheets that state all of it, and the month before, say what the half cannot.
    sheets = learn(daily, OFFICE, NOVEMBER, today, {"2025-10": 100 * 23, "2025-11": 200 * 20})
    assert (sheets.level or 0) > 130


def test_months_that_are_not_usable_tell_of_their_days_and_of_no_season() -> None:
    busy = {
        day: 300 if day.month == 11 else 100
        for day in days(date(2025, 5, 1), date(2026, 10, 31))
        if OFFICE.works_on(day)
    }
    today, last_year = date(2026, 11, 1), "2025-11"
    known = learn(busy, OFFICE, NOVEMBER, today)
    assert (known.level or 0) > 150
    unknown = learn(busy, OFFICE, NOVEMBER, today, usable=lambda name: name != last_year)
    assert unknown.level == pytest.approx(100)
    assert unknown.noise_days == known.noise_days
    by_sheet = {last_year: 300 * 20, "2026-10": 100 * 22}
    told = learn({}, OFFICE, NOVEMBER, today, by_sheet, lambda name: name != last_year)
    assert told.level == pytest.approx(100)


def test_the_halves_of_last_years_month_are_its_shape_where_they_differ_by_more_than_chance() -> (
    None
):
    """Every year the second half of November is a holiday that no calendar states."""
    daily = {}
    for day in days(date(2025, 5, 1), date(2026, 10, 31)):
        if OFFICE.works_on(day):
            empty = day.month == 11 and day.day > 15
            daily[day] = (5 if empty else 100) + day.day % 7
    shares = learn(daily, OFFICE, NOVEMBER, date(2026, 11, 1)).shares(OFFICE, NOVEMBER)
    early = [share for day, share in shares.items() if day.day <= 12]
    late = [share for day, share in shares.items() if day.day >= 20]
    assert max(late) < 0.3 * min(early)
    steady = {day: 100 + day.day % 7 for day in daily}
    assert learn(steady, OFFICE, NOVEMBER, date(2026, 11, 1)).shape == ()


def levels(step: float) -> dict[int, float]:
    """Return two years in which every March stands `step` times above the other months."""
    first = month_index("2024-04")
    return {first + n: 100 * (step if (first + n) % 12 == 2 else 1.0) for n in range(23)}


def test_a_march_that_is_busy_every_year_is_expected_to_be_busy_again() -> None:
    march = month_index("2026-03")
    busy = YearRound.of(levels(2.0), noise=0.1)
    assert 0.5 < busy.trust <= 0.85
    assert 150 < (busy.expected(march) or 0) < 200
    assert YearRound.of(levels(1.0), noise=0.1).expected(march) == pytest.approx(100)


def test_steps_that_chance_alone_would_make_are_not_repeated() -> None:
    noisy = YearRound.of(levels(1.05), noise=0.6)
    assert noisy.trust == 0.0
    assert noisy.expected(month_index("2026-03")) == pytest.approx(100)


def test_months_that_strayed_make_the_next_one_less_certain() -> None:
    first = month_index("2026-04")
    calm = YearRound.of({first + n: 100.0 for n in range(6)}, noise=0.1)
    wild = YearRound.of({first + n: 100.0 * 1.6 ** (n % 2) for n in range(6)}, noise=0.1)
    month = month_index("2026-10")
    assert calm.stray(month) < 0.12 < wild.stray(month)
    empty = YearRound.of({}, noise=0.0)
    assert (empty.expected(month), empty.trust) == (None, 0.0)


@pytest.mark.parametrize(
    ("last_year", "working_days", "parts"),
    [
        ([100, 300], [20, 20], (25, 75)),
        ([None, None], [10, 30], (25, 75)),
        ([0, 0], [10, 30], (25, 75)),
        ([None, 300], [10, 30], (25, 75)),
        ([0, 300], [10, 30], (0, 100)),
        ([None, None], [0, 0], (50, 50)),
        ([None, 300], [10, 0], (91, 9)),
    ],
)
def test_spread(
    last_year: list[int | None], working_days: list[int], parts: tuple[int, int]
) -> None:
    assert spread(100, last_year, working_days) == parts
