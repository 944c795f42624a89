"""The office's time: local days, closing months, working time, in any zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from tests.wording import unacceptable

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
TABLE = Office("t", TOKYO)


def on(closing: int | str) -> Office:
    return Office("t", TOKYO, closing_day=closing)


@pytest.mark.parametrize(
    ("closing", "day", "name", "start", "end"),
    [
        ("last", date(2026, 11, 1), "2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("last", date(2026, 12, 31), "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("last", date(2028, 2, 29), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("last", date(2027, 2, 28), "2027-02", date(2027, 2, 1), date(2027, 2, 28)),
        (20, date(2026, 11, 20), "2026-11", date(2026, 10, 21), date(2026, 11, 20)),
        (20, date(2026, 11, 21), "2026-12", date(2026, 11, 21), date(2026, 12, 20)),
        (20, date(2026, 12, 21), "2027-01", date(2026, 12, 21), date(2027, 1, 20)),
        (31, date(2027, 2, 28), "2027-02", date(2027, 2, 1), date(2027, 2, 28)),
        (31, date(2027, 3, 1), "2027-03", date(2027, 3, 1), date(2027, 3, 31)),
        (30, date(2027, 2, 28), "2027-02", date(2027, 1, 31), date(2027, 2, 28)),
        (30, date(2027, 3, 31), "2027-04", date(2027, 3, 31), date(2027, 4, 30)),
        (29, date(2028, 2, 29), "2028-02", date(2028, 1, 30), date(2028, 2, 29)),
        (29, date(2028, 3, 1), "2028-03", date(2028, 3, 1), date(2028, 3, 29)),
        (1, date(2026, 11, 1), "2026-11", date(2026, 10, 2), date(2026, 11, 1)),
        (1, date(2026, 12, 31), "2027-01", date(2026, 12, 2), date(2027, 1, 1)),
    ],
)
def test_period_of_a_day(closing: int | str, day: date, name: str, start: date, end: date) -> None:
    """Seen (PrintMaster): a monthly schedule on day 31 slides into the next month."""
    assert on(closing).period_of(day) == Period(name, start, end)


def test_period_by_name_and_what_is_no_name() -> None:
    assert on(20).period("2026-01") == Period("2026-01", date(2025, 12, 21), date(2026, 1, 20))
    for text in ("2026-13", "2026", "11-2026", "", "2026-11-01", "令和8年11月"):
        with unacceptable("write it like 2026-11"):
            TABLE.period(text)


def test_months_before() -> None:
    november = TABLE.period("2026-11")
    assert TABLE.before(november).name == "2026-10"
    assert TABLE.before(november, 11).name == "2025-12"
    assert TABLE.before(november, 12).name == "2025-11"
    assert TABLE.before(november, -2).name == "2027-01"
    leap = Office("t", TOKYO).period("2028-02")
    assert TABLE.before(leap, 12).end == date(2027, 2, 28)


@pytest.mark.parametrize("closing", ["last", 20, 30])
def test_months_between_two_days(closing: int | str) -> None:
    office = on(closing)
    first, last = date(2026, 11, 25), date(2027, 2, 3)
    names = [one.name for one in office.periods(first, last)]
    expected = dict.fromkeys(
        office.period_of(first + ONE_DAY * number).name for number in range((last - first).days + 1)
    )
    assert names == list(expected)
    assert [*office.periods(last, first)] == [], "nothing lies before its own end"


def test_period_knows_its_days() -> None:
    period = on(20).period("2026-03")
    assert len(period.days) == 28
    assert (period.days[0], period.days[-1]) == (date(2026, 2, 21), date(2026, 3, 20))
    assert date(2026, 3, 20) in period
    assert date(2026, 3, 21) not in period


def test_local_day_in_tokyo_begins_at_three_in_the_afternoon_of_utc() -> None:
    before = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)
    assert TABLE.local_day(before) == date(2026, 11, 30)
    assert TABLE.local_day(before + timedelta(seconds=1)) == date(2026, 12, 1)
    assert TABLE.midnight(date(2026, 12, 1)) == before + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Asia/Tokyo", date(2026, 3, 29), 24),
    ],
)
def test_length_of_a_day_over_a_change_of_the_clock(zone: str, day: date, hours: float) -> None:
    """Seen (Grafana): a day starts at 01:00. In Cairo midnight itself is skipped."""
    office = Office("t", ZoneInfo(zone))
    assert office.midnight(day + ONE_DAY) - office.midnight(day) == timedelta(hours=hours)
    assert office.local_day(office.midnight(day)) == day


def test_working_time_leaves_out_nights_weekends_and_holidays() -> None:
    office = Office("t", TOKYO, closed=frozenset({date(2026, 11, 3)}))
    monday = office.midnight(date(2026, 11, 2))
    assert office.working_seconds(monday, monday + timedelta(days=1)) == 8.75 * 3600
    assert office.working_seconds(monday, monday + timedelta(days=7)) == 4 * 8.75 * 3600
    noon = datetime(2026, 11, 2, 3, tzinfo=UTC)
    assert office.working_seconds(monday, noon) == 3.5 * 3600
    assert office.working_seconds(noon, noon) == 0
    saturday = office.midnight(date(2026, 11, 7))
    assert office.working_seconds(saturday, saturday + timedelta(days=2)) == 0
    assert office.working_days(date(2026, 11, 1), date(2026, 11, 30)) == 20
    assert office.working_days(date(2026, 11, 30), date(2026, 11, 1)) == 0


def test_working_time_over_a_change_of_the_clock_is_real_time() -> None:
    """A night shift on the night when clocks go forward is an hour shorter."""
    office = Office("t", BERLIN, weekend=frozenset(), opens=time(1), closes=time(6))
    start = office.midnight(date(2026, 3, 29))
    assert office.working_seconds(start, start + timedelta(hours=23)) == 4 * 3600
    autumn = office.midnight(date(2026, 10, 25))
    assert office.working_seconds(autumn, autumn + timedelta(hours=25)) == 6 * 3600


def test_weekend_is_what_the_office_says() -> None:
    office = Office("t", ZoneInfo("Africa/Cairo"), weekend=frozenset({4, 5}))
    assert not office.works_on(date(2026, 11, 6))
    assert office.works_on(date(2026, 11, 8))
