"""Laws of a changed closing day and zone: periods gone by keep their bounds, and no day is lost."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.office.fleet_changes import changed_terms, office_under
from collector.domain.office.fleet_facts import OfficeTerms, Signature
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office, months_later

SIGNED = Signature("copier-fleet", "loaded", datetime(2026, 1, 1, tzinfo=UTC))
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland", "Pacific/Apia")
FIRST = date(2026, 1, 1)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range(420)]

closings = st.sampled_from([LAST_DAY, 10, 20, 30, 31]) | st.integers(1, 31)
offices = st.builds(
    lambda zone, closing: Office("t", ZoneInfo(zone), closing_day=closing),
    st.sampled_from(ZONES),
    closings,
)
changes = st.lists(
    st.tuples(st.dates(FIRST, date(2026, 11, 30)), offices), min_size=1, max_size=3
).map(lambda told: sorted(told, key=lambda pair: pair[0]))


def configured(first: Office, told: list[tuple[date, Office]]) -> list[tuple[date, Office]]:
    """Return the office that holds after each change, with the day of the change."""
    start = changed_terms(first, (), None, SIGNED)
    assert start is not None
    terms: tuple[OfficeTerms, ...] = (start,)
    found = [(date.min, office_under(first, terms))]
    for day, office in told:
        more = changed_terms(office, terms, day, SIGNED)
        if more is not None:
            terms = (*(one for one in terms if one.since < more.since), more)
        found.append((day, office_under(office, terms)))
    return found


@given(offices, changes)
def test_running_and_past_periods_keep_their_bounds_and_midnights(
    first: Office, told: list[tuple[date, Office]]
) -> None:
    held = configured(first, told)
    for (_, before), (day, after) in pairwise(held):
        running = before.period_of(day)
        assert after.period_of(day) == running
        for one in EVERY_DAY:
            if one <= running.end:
                assert after.period_of(one) == before.period_of(one)
                assert after.midnight(one) == before.midnight(one)
        assert after.midnight(running.end + ONE_DAY) == before.midnight(running.end + ONE_DAY)


@given(offices, changes)
def test_periods_follow_one_another_with_names_of_their_own(
    first: Office, told: list[tuple[date, Office]]
) -> None:
    office = configured(first, told)[-1][1]
    period = office.period_of(FIRST)
    while period.start < EVERY_DAY[-1]:
        following = office.period_of(period.end + ONE_DAY)
        assert following.start == period.end + ONE_DAY
        assert following.name == months_later(period.name, 1)
        assert office.before(following) == period
        assert office.period(following.name) == following
        assert all(office.period_of(day) == following for day in following.days)
        assert len(following.days) <= 61
        period = following


@given(offices, changes)
def test_every_instant_has_one_day_and_days_follow_one_another(
    first: Office, told: list[tuple[date, Office]]
) -> None:
    office = configured(first, told)[-1][1]
    for day in EVERY_DAY[:400]:
        begin, end = office.midnight(day), office.midnight(day + ONE_DAY)
        assume(begin < end)  # Samoa left 30 December 2011 out, and no day of these years
        assert office.local_day(begin) == day
        assert office.local_day(end - timedelta(seconds=1)) == day


def test_the_new_terms_hold_from_the_next_period_on() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    before = Office("t", tokyo)
    (_, _), (_, after) = configured(
        before, [(date(2026, 6, 12), Office("t", tokyo, closing_day=20))]
    )
    assert after.period("2026-06") == before.period("2026-06")
    assert (after.period("2026-07").start, after.period("2026-07").end) == (
        date(2026, 7, 1),
        date(2026, 7, 20),
    )
    longer = configured(
        Office("t", tokyo, closing_day=20), [(date(2026, 6, 12), Office("t", tokyo))]
    )[-1][1]
    assert longer.period("2026-06").end == date(2026, 6, 20)
    assert longer.period("2026-07").start == date(2026, 6, 21)
    assert longer.period("2026-07").end == date(2026, 7, 31)


def test_nothing_counted_yet_is_no_past() -> None:
    first, second = Office("t", ZoneInfo("Asia/Tokyo")), Office("t", ZoneInfo("Europe/Berlin"))
    start = changed_terms(first, (), None, SIGNED)
    assert start is not None
    again = changed_terms(second, (start,), None, SIGNED)
    assert again is not None
    assert again.since == ""
    assert changed_terms(second, (again,), date(2026, 6, 1), SIGNED) is None
