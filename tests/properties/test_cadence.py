"""Laws of the cadence: on the grid, always ahead, and no closing midnight without its polls.

And of rest: fewer polls, none for nothing, and every month as without it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from collector.app.office_context import OfficeContext
from collector.domain.cadence import (
    AROUND_CLOSING,
    AROUND_WORK,
    PollState,
    Rest,
    Rhythm,
    backoff,
    closing_midnight_after,
    first_due,
    network_of,
    next_due,
    next_poll,
    next_round,
    rests,
    share_of,
)
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import DeviceStatus
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office
from collector.ports import END
from tests.unit.app.office import A_FLEET, OFFICE, RICOH, T0, AnOffice, answer
from tests.unit.app.story import run

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


# Rest: nobody works there.


@st.composite
def working_times(draw: st.DrawFn, office: Office) -> Office:
    """Draw the office as a place knows it: other hours, other days off, shifts over midnight."""
    opens, closes = draw(st.tuples(st.times(), st.times()).filter(lambda two: two[0] != two[1]))
    weekend = draw(st.frozensets(st.integers(0, 6)))
    return replace(office, opens=opens, closes=closes, weekend=weekend)


def polls_of(
    rhythm: Rhythm, office: Office, standing: PollState, since: datetime, until: datetime
) -> list[datetime]:
    """Return every poll of a place that is always found like `standing`."""
    found = [since]
    while found[-1] < until:
        now = found[-1]
        heard_at = now if not standing.failures else standing.heard_at
        found.append(next_poll(rhythm, office, replace(standing, heard_at=heard_at), now, now, 0.5))
    return found


conditions = st.sampled_from([PollState(), PollState(asleep=True), PollState(failures=7)])
roundses = st.integers(2, 288)
DAYS = timedelta(days=4)


@given(st.data(), instants, offices, shares, st.integers(300, 86_400), roundses, conditions)
def test_no_poll_is_later_than_the_longest_interval_and_no_midnight_is_without(
    data: st.DataObject,
    since: datetime,
    office: Office,
    share: float,
    step: int,
    rounds: int,
    standing: PollState,
) -> None:
    hours = data.draw(working_times(office))
    rhythm = Rhythm(step, max(step, 3600), step, share, rest=Rest(rounds, hours))

    found = polls_of(rhythm, office, standing, since, since + DAYS)

    longest = max(rhythm.resting.interval_s, 3600) + step
    is_short = step <= 2 * AROUND_CLOSING.total_seconds() and not standing.asleep
    for before, after in pairwise(found):
        waited_s = (after - before).total_seconds()
        assert 0 < waited_s <= 26 * 3600, "clocks may be set back for the night"
        assert not is_short or waited_s <= longest
    first, last = office.local_day(since) + ONE_DAY, office.local_day(found[-1])
    for number in range((last - first).days):
        midnight = office.midnight(first + number * ONE_DAY)
        assert any(timedelta(0) < midnight - one <= timedelta(minutes=6) for one in found)
        assert any(timedelta(0) < one - midnight <= timedelta(minutes=5) for one in found)


@given(st.data(), instants, offices, shares, st.sampled_from([300, 720, 900]), roundses, conditions)
def test_when_work_begins_and_ends_a_place_is_polled_as_without_rest(
    data: st.DataObject,
    since: datetime,
    office: Office,
    share: float,
    step: int,
    rounds: int,
    standing: PollState,
) -> None:
    hours = data.draw(working_times(office))
    rhythm = Rhythm(step, 3600, step, share, rest=Rest(rounds, hours))

    found = polls_of(rhythm, office, standing, since, since + DAYS)

    one_step = timedelta(seconds=step)
    for opens, closes in hours.working_spans(since + ONE_DAY, since + DAYS - ONE_DAY):
        begins, ends = opens - AROUND_WORK, closes + AROUND_WORK
        if not since < begins < ends < since + DAYS:
            continue
        assert any(begins <= one <= begins + one_step for one in found)
        if not standing.failures:
            assert any(ends - one_step <= one <= ends for one in found)


@given(st.data(), instants, offices, shares, st.sampled_from([300, 720, 900]), roundses)
def test_who_sleeps_is_not_woken_but_beside_a_midnight(
    data: st.DataObject, since: datetime, office: Office, share: float, step: int, rounds: int
) -> None:
    hours = data.draw(working_times(office))
    rhythm = Rhythm(step, 3600, step, share, rest=Rest(rounds, hours))

    asleep = polls_of(rhythm, office, PollState(asleep=True), since, since + DAYS)[1:]
    awake = polls_of(rhythm, office, PollState(), since, since + DAYS)[1:]

    assert {one for one in asleep if one < since + DAYS} <= set(awake)
    for one in asleep:
        if rests(rhythm, office, one):
            day = office.local_day(one + timedelta(minutes=10))
            assert abs(one - office.midnight(day)) <= timedelta(minutes=6)


@given(st.data(), instants, offices, shares, st.sampled_from([300, 720, 900]), roundses)
def test_the_next_round_is_when_the_first_place_that_is_awake_is_polled(
    data: st.DataObject, now: datetime, office: Office, share: float, step: int, rounds: int
) -> None:
    rhythm = Rhythm(step, 3600, step, share, rest=Rest(rounds, data.draw(working_times(office))))
    first = next_poll(
        replace(rhythm, share=0.0), office, PollState(heard_at=now), now, now, jitter=0.0
    )
    assert next_round(rhythm, office, now) == first > now


FRIDAY_NIGHT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
"""17:00 in Tokyo; Monday, the 30th, is the last day of the month."""

MINUTES = 4 * 24 * 60
DOZES = timedelta(minutes=45)

jobs = st.lists(
    st.tuples(st.integers(1, MINUTES - 120), st.integers(1, 60)),
    max_size=14,
    unique_by=lambda x: x[0],
)
beside_midnight = st.tuples(st.integers(3 * 1440 + 400, 3 * 1440 + 440), st.integers(1, 60))


async def counted(
    rhythm: Rhythm, printed: Sequence[tuple[int, int]]
) -> tuple[Counter[str], Counter[object], int]:
    """Return pages by month and by day, and how many polls it took."""
    rules = Rules(rests=rhythm.rest is not None)
    office = AnOffice(OfficeContext(A_FLEET, OFFICE, rules=rules), FRIDAY_NIGHT)
    end = FRIDAY_NIGHT + timedelta(minutes=MINUTES)
    number, now = 0, FRIDAY_NIGHT
    while now < end:
        past = [
            (FRIDAY_NIGHT + timedelta(minutes=minute), pages)
            for minute, pages in printed
            if FRIDAY_NIGHT + timedelta(minutes=minute) <= now
        ]
        used_at = max((at for at, _ in past), default=FRIDAY_NIGHT)
        asleep = now - used_at > DOZES
        says = replace(
            answer(RICOH, 1000 + sum(pages for _, pages in past)),
            uptime_s=10**6 + int((now - FRIDAY_NIGHT).total_seconds()),
            status=DeviceStatus.ASLEEP if asleep else DeviceStatus.IDLE,
        )
        office.clock.at = now
        outcome = await office.poll("1f", says)
        number += 1
        standing = PollState(heard_at=now, asleep=outcome.asleep)
        now = next_poll(rhythm, OFFICE, standing, now, now, 0.5)
    months: Counter[str] = Counter()
    days: Counter[object] = Counter()
    for one in await office.ledger.days(T0.date(), END.date()):
        months[OFFICE.period_of(one.day).name] += one.pages.get(TOTAL, 0)
        days[one.day] += one.pages.get(TOTAL, 0)
    return +months, +days, number


@example(printed=[(3 * 1440 + 415, 20), (3 * 1440 + 423, 7)], closing=[], share=0.5, step=600)
@given(jobs, st.lists(beside_midnight, max_size=3), shares, st.sampled_from([300, 600, 900, 3600]))
def test_each_month_comes_to_the_same_with_and_without_rest(
    printed: list[tuple[int, int]], closing: list[tuple[int, int]], share: float, step: int
) -> None:
    """Who sleeps prints nothing; each day is true, but for what was printed at its midnight."""
    work = [*printed, *closing]
    steady = Rhythm(step, 3600, step, share)

    async def both() -> None:
        as_ever = await counted(steady, work)
        resting = await counted(replace(steady, rest=Rest(12, OFFICE)), work)
        assert resting[0] == as_ever[0]
        assert sum(as_ever[0].values()) == sum(pages for _, pages in work)
        minutes = [(minute + 17 * 60) % 1440 for minute, _ in work]
        if all(7 <= one <= 1440 - 7 for one in minutes):
            true: Counter[object] = Counter()
            for minute, pages in work:
                true[OFFICE.local_day(FRIDAY_NIGHT + timedelta(minutes=minute))] += pages
            assert resting[1] == true
        assert resting[2] < as_ever[2] or step == 3600

    run(both)
