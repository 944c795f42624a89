"""Closing months partition time, for any zone and closing day, also where the day is changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.closing.boundary import boundaries, periods_of_ledger
from collector.domain.closing.draw_up import grace_ends
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office

ZONES = st.sampled_from(
    ["Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo"]
)
CLOSINGS = st.one_of(st.just(LAST_DAY), st.integers(1, 31))
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@given(ZONES, CLOSINGS, DAYS, st.integers(1, 900))
def test_months_follow_one_another_without_gap_or_overlap(
    zone: str, closing: int | str, first: date, span: int
) -> None:
    office = Office("t", ZoneInfo(zone), closing_day=closing)
    found = list(periods_of_ledger([], office, first, first + ONE_DAY * span))
    assert first in found[0]
    assert first + ONE_DAY * span in found[-1]
    for one, two in pairwise(found):
        assert two.start == one.end + ONE_DAY
        assert two.name > one.name
        assert boundaries(office, one)[1] == boundaries(office, two)[0]


@given(ZONES, CLOSINGS, st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)))  # noqa: DTZ001 - made aware below
def test_every_instant_lies_in_exactly_one_month(
    zone: str, closing: int | str, naive: datetime
) -> None:
    office = Office("t", ZoneInfo(zone), closing_day=closing)
    at = naive.replace(tzinfo=UTC)
    day = office.local_day(at)
    months = list(periods_of_ledger([], office, day - 40 * ONE_DAY, day + 40 * ONE_DAY))
    inside = [
        one for one in months if boundaries(office, one)[0] <= at < boundaries(office, one)[1]
    ]
    assert [one.name for one in inside] == [office.period_of(day).name]


@given(st.lists(st.tuples(CLOSINGS, st.integers(1, 4)), min_size=1, max_size=5), DAYS)
def test_a_changed_closing_day_leaves_no_day_out(
    years: list[tuple[int | str, int]], first: date
) -> None:
    """Each closing day is in force for some months, which are closed under it."""
    closed = []
    for closing, months in years:
        office = Office("t", ZoneInfo("Asia/Tokyo"), closing_day=closing)
        far = first + timedelta(days=2000)
        walk = list(periods_of_ledger(closed, office, first, far))
        assert walk[: len(closed)] == closed, "what is closed stays as it was closed"
        closed = walk[: len(closed) + months]
    assert first in closed[0]
    for one, two in pairwise(closed):
        assert two.start == one.end + ONE_DAY
        assert two.name > one.name


@given(ZONES, CLOSINGS, DAYS, st.integers(0, 20), st.frozensets(DAYS, max_size=20))
def test_grace_holds_just_so_many_working_days(
    zone: str, closing: int | str, day: date, grace: int, off: frozenset[date]
) -> None:
    office = Office("t", ZoneInfo(zone), off, closing_day=closing)
    period = office.period_of(day)
    until = office.local_day(grace_ends(office, period, grace))
    assert office.working_days(period.end + ONE_DAY, until - ONE_DAY) == grace
    assert grace == 0 or office.works_on(until - ONE_DAY)
