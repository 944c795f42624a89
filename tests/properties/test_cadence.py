"""Laws of the cadence: on the grid, always ahead, and no closing midnight without its polls."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cadence import (
    PollState,
    Rhythm,
    backoff,
    closing_midnight_after,
    first_due,
    network_of,
    next_due,
    next_poll,
    share_of,
)
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office

QUARTER = timedelta(minutes=15)
ZONES = [
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Pacific/Apia",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Chatham",
]
instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - Hypothesis wants naive bounds
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)
shares = st.floats(0, 1, exclude_max=True)
intervals = st.integers(10, 86_400)
offices = st.builds(
    lambda zone, closing: Office("site", ZoneInfo(zone), closing_day=closing),
    st.sampled_from(ZONES),
    st.one_of(st.just(LAST_DAY), st.integers(1, 31)),
)


@given(instants, shares, intervals)
def test_next_due_is_ahead_by_at_most_one_interval(now: datetime, share: float, step: int) -> None:
    due = next_due(share * step, step, now)

    assert now < due <= now + timedelta(seconds=step)


@given(instants, shares, intervals, st.floats(0, 3600), st.integers(1, 100_000))
def test_the_first_poll_comes_soon_and_the_first_polls_of_many_are_no_burst(
    now: datetime, share: float, step: int, spread: float, places: int
) -> None:
    wait_s = (first_due(Rhythm(step, step, spread, share, places), now) - now).total_seconds()

    assert 0 <= wait_s <= min(spread, step, max(20, places / 10)) + 1e-6
    assert wait_s >= share * min(spread, step, places / 10) - 1e-6


@given(st.ip_addresses(), st.integers(0, 255))
def test_neighbours_are_of_one_network_and_others_are_not(
    address: IPv4Address | IPv6Address, host: int
) -> None:
    neighbour = type(address)(int(address) // 256 * 256 + host)
    elsewhere = type(address)(int(address) ^ 1 << (9 if address.version == 4 else 70))

    assert network_of(str(address)) == network_of(str(neighbour))
    assert network_of(str(address)) != network_of(str(elsewhere))


def test_host_names_are_of_the_network_of_their_domain() -> None:
    assert network_of("copier.school.example") == network_of("fax.school.example")
    assert network_of("copier.school.example") != network_of("copier.hall.example")


@given(instants, shares, intervals, st.integers(0, 10**12))
def test_grid_does_not_depend_on_when_it_is_asked(
    now: datetime, share: float, step: int, later_us: int
) -> None:
    due = next_due(share * step, step, now)
    again = next_due(share * step, step, now + timedelta(microseconds=later_us))

    assert (again - due) % timedelta(seconds=step) == timedelta(0)
    assert again >= due


@given(instants, shares, intervals, st.lists(st.floats(0, 0.99), min_size=2, max_size=40))
def test_polls_that_take_time_never_drift(
    now: datetime, share: float, step: int, took: list[float]
) -> None:
    dues = [next_due(share * step, step, now)]
    for part in took:
        dues.append(next_due(share * step, step, dues[-1] + timedelta(seconds=part * step)))

    assert {after - before for before, after in pairwise(dues)} == {timedelta(seconds=step)}


@given(st.text())
def test_share_is_a_share(name: str) -> None:
    assert 0 <= share_of(name) < 1
    assert share_of(name) == share_of(name)


@given(st.integers(1, 5000), st.floats(1, 86_400), st.floats(0, 200_000), st.floats(0, 1))
def test_backoff_grows_within_its_bounds(
    failures: int, interval_s: float, max_s: float, jitter: float
) -> None:
    wait_s = backoff(failures, interval_s, max_s, jitter)

    assert interval_s <= wait_s <= max(interval_s, max_s)
    assert wait_s <= backoff(failures + 1, interval_s, max_s, jitter)


@given(instants, offices)
def test_closing_midnight_is_the_first_instant_of_a_period(at: datetime, office: Office) -> None:
    midnight = closing_midnight_after(office, at)

    assert midnight > at
    period = office.period_of(office.local_day(midnight))
    assert office.midnight(period.start) == midnight
    before = office.local_day(midnight - timedelta(microseconds=1))
    assert office.period_of(before) == office.before(period)


@st.composite
def standings(draw: st.DrawFn, now: datetime) -> PollState:
    failures = draw(st.integers(0, 30))
    heard = draw(st.one_of(st.none(), st.integers(0, 10**6)))
    heard_at = None if heard is None else now - timedelta(seconds=heard)
    return PollState(failures, refused=failures > 0 and draw(st.booleans()), heard_at=heard_at)


@given(st.data(), offices, shares, st.integers(60, 86_400), st.floats(0, 100), st.floats(0, 1))
def test_every_closing_midnight_is_polled_on_both_sides(
    data: st.DataObject, office: Office, share: float, step: int, took_s: float, roll: float
) -> None:
    """However long it has been silent, whatever the zone does that night."""
    midnight = closing_midnight_after(office, data.draw(instants))
    rhythm = Rhythm(step, 100_000, 20, share)
    standing = data.draw(standings(midnight - ONE_DAY))
    began = [midnight - timedelta(minutes=data.draw(st.integers(30, 720)))]
    while began[-1] < midnight + QUARTER:
        over = began[-1] + timedelta(seconds=took_s)
        due = next_poll(rhythm, office, standing, began[-1], over, roll)
        assert due > began[-1]
        began.append(max(due, over))

    assert any(midnight - QUARTER <= one < midnight for one in began)
    assert any(midnight < one <= midnight + QUARTER for one in began)


@given(instants, offices, shares, intervals, st.integers(0, 30), st.floats(0, 1))
def test_poll_is_never_put_off_beyond_the_longest_back_off(
    now: datetime, office: Office, share: float, step: int, failures: int, jitter: float
) -> None:
    rhythm = Rhythm(step, 7200, 20, share)

    due = next_poll(rhythm, office, PollState(failures), now, now, jitter)

    assert now < due <= now + timedelta(seconds=max(step, 7200))
