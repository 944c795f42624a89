"""Laws of the office's time, in any zone of the world and with any closing day.

Clocks were set back over midnight in a few zones until 2010 (Newfoundland, Labrador): a date came
twice there. No ledger reaches back to that; everything since is here.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office

NO_ZONES = {"Factory", "localtime", "posixrules"}
NAMES = sorted(one for one in available_timezones() if one not in NO_ZONES)
KNOWN = ("Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")
zones = (st.sampled_from(KNOWN) | st.sampled_from(NAMES)).map(ZoneInfo)
closings = st.sampled_from([LAST_DAY, 20, 28, 29, 30, 31]) | st.integers(1, 31)
days = st.dates(date(2011, 1, 1), date(2037, 12, 31))
instants = st.datetimes(datetime(2011, 1, 1), datetime(2037, 12, 31)).map(  # noqa: DTZ001 - made aware
    lambda naive: naive.replace(tzinfo=UTC)
)
hours = st.tuples(st.times(), st.times()).filter(lambda both: both[0] < both[1])
offices = st.builds(
    lambda zone, closing, both, off, weekend: Office(
        "t", zone, off, weekend, both[0], both[1], closing
    ),
    zones,
    closings,
    hours,
    st.frozensets(days, max_size=3),
    st.frozensets(st.integers(0, 6), max_size=6),
)
APIA, SAO_PAULO = (Office("t", ZoneInfo(one)) for one in ("Pacific/Apia", "America/Sao_Paulo"))


@given(offices, days)
@example(APIA, date(2011, 12, 29))
@example(APIA, date(2011, 12, 30))
@example(SAO_PAULO, date(2018, 11, 4))
@example(SAO_PAULO, date(2018, 2, 17))
def test_every_day_has_a_midnight_and_they_follow_one_another(office: Office, day: date) -> None:
    begins, ends = office.midnight(day), office.midnight(day + ONE_DAY)
    assert begins <= ends
    if begins < ends:
        assert office.local_day(begins) == day
        assert office.local_day(ends - timedelta(microseconds=1)) == day
    else:
        assert office.local_day(begins) == day + ONE_DAY, "only a day that never was has no time"
    assert office.local_day(begins - timedelta(microseconds=1)) < day


@given(offices, instants)
@example(APIA, datetime(2011, 12, 30, 10, tzinfo=UTC))
@example(SAO_PAULO, datetime(2018, 2, 18, 2, 30, tzinfo=UTC))
def test_every_instant_lies_in_its_day_and_in_no_other(office: Office, at: datetime) -> None:
    day = office.local_day(at)
    assert office.midnight(day) <= at < office.midnight(day + ONE_DAY)


def test_a_day_that_never_was_is_no_time_at_all() -> None:
    """Samoa went to bed on 29 December 2011 and woke up on the 31st."""
    skipped = date(2011, 12, 30)
    assert APIA.midnight(skipped) == APIA.midnight(skipped + ONE_DAY)
    assert APIA.period("2011-12").days[-2:] == (skipped, skipped + ONE_DAY)
    month = APIA.midnight(date(2012, 1, 1)) - APIA.midnight(date(2011, 12, 1))
    assert month == timedelta(days=30)
    start, end = APIA.midnight(date(2011, 12, 29)), APIA.midnight(date(2012, 1, 1))
    assert APIA.working_seconds(start, end) == 8.75 * 3600, "Thursday and Saturday; no Friday"


@given(offices, st.lists(instants, min_size=3, max_size=3), st.integers(0, 10 * 86_400))
def test_working_time_of_parts_adds_up_to_the_whole(
    office: Office, drawn: list[datetime], span: int
) -> None:
    first = min(drawn)
    middle, last = first + timedelta(seconds=span // 3), first + timedelta(seconds=span)
    parts = office.working_seconds(first, middle) + office.working_seconds(middle, last)
    whole = office.working_seconds(first, last)
    assert parts == pytest.approx(whole, abs=1e-6)
    assert 0 <= whole <= span
    assert office.working_seconds(first, first) == 0


@given(zones, days)
def test_working_time_of_a_day_is_what_the_clock_on_the_wall_says(
    zone: ZoneInfo, day: date
) -> None:
    """Where no clock is changed within working time, that is its length."""
    office = Office("t", zone, weekend=frozenset(), opens=time(8, 30), closes=time(17, 15))
    opens, closes = (datetime.combine(day, at, zone) for at in (office.opens, office.closes))
    expected = (closes.astimezone(UTC) - opens.astimezone(UTC)).total_seconds()
    start, end = office.midnight(day), office.midnight(day + ONE_DAY)
    if start < end:
        assert office.working_seconds(start, end - timedelta(microseconds=1)) == expected


@given(offices, days, st.integers(1, 30))
def test_closing_months_are_a_partition_of_days_and_of_time(
    office: Office, day: date, count: int
) -> None:
    periods = [office.before(office.period_of(day), -number) for number in range(count)]
    assert day in periods[0]
    for one, other in pairwise(periods):
        assert other.start == one.end + ONE_DAY
        assert other.name > one.name
        assert office.midnight(one.start) < office.midnight(other.start)
    listed = [each for one in periods for each in one.days]
    assert len(set(listed)) == len(listed) == (periods[-1].end - periods[0].start).days + 1
    assert all(office.period_of(each) == one for one in periods for each in one.days)


@given(closings, st.integers(2000, 2100))
def test_twelve_closing_months_from_april_are_a_fiscal_year(closing: int | str, year: int) -> None:
    office = Office("t", ZoneInfo("Asia/Tokyo"), closing_day=closing)
    april = office.period(f"{year}-04")
    months = [office.before(april, -number) for number in range(12)]
    assert [one.name for one in months] == [
        f"{year + (n > 12)}-{(n - 1) % 12 + 1:02d}" for n in range(4, 16)
    ]
    assert sum(len(one.days) for one in months) in {365, 366}
    assert office.before(months[-1], -1) == office.period(f"{year + 1}-04")


@given(st.integers(2000, 2100))
def test_february_with_closing_day_30_ends_on_its_last_day(year: int) -> None:
    office = Office("t", ZoneInfo("Asia/Tokyo"), closing_day=30)
    january, february, march = (office.period(f"{year}-{n:02d}") for n in (1, 2, 3))
    assert january.end == date(year, 1, 30)
    assert february.start == date(year, 1, 31)
    assert february.end == date(year, 3, 1) - ONE_DAY
    assert (march.start, march.end) == (date(year, 3, 1), date(year, 3, 30))
