"""Laws of splitting: over days, departments and shares no page is lost, and none is half."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.counting.departments import department_days, place_shares, shared_totals
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import (
    CLOSE_ENOUGH,
    DayUsage,
    Usage,
    day_usages,
    is_estimate,
    split_usage,
)
from collector.domain.meters import Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office
from collector.domain.office.shares import PlaceId, RunningShares, apportion, apportion_together

ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo")
TOTAL = Meter("total")

offices = st.builds(
    lambda zone, closing: Office("t", ZoneInfo(zone), closing_day=closing),
    st.sampled_from(ZONES),
    st.one_of(st.just(LAST_DAY), st.integers(1, 31)),
)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of a strategy that adds the zone
gaps = st.one_of(st.integers(1, 4000), st.integers(1, 60 * 24 * 40)).map(
    lambda minutes: timedelta(minutes=minutes)
)


def usage(start: datetime, gap: timedelta, pages: int) -> Usage:
    return Usage(
        PlaceId("p"), DeviceKey("serial:X"), TOTAL, 1, start, start + gap, 100, 100 + pages
    )


@given(offices, instants, gaps, st.integers(1, 10_000))
def test_days_of_a_usage_add_up_and_lie_within_it(
    office: Office, start: datetime, gap: timedelta, pages: int
) -> None:
    one = usage(start, gap, pages)
    parts = split_usage(one, office)
    assert sum(parts.values()) == pages
    assert all(part >= 0 for part in parts.values())
    assert min(parts) >= office.local_day(one.start)
    assert max(parts) <= office.local_day(one.end)


@given(offices, instants, gaps, st.integers(1, 10_000))
def test_only_a_long_gap_over_a_boundary_is_an_estimate(
    office: Office, start: datetime, gap: timedelta, pages: int
) -> None:
    one = usage(start, gap, pages)
    parts = split_usage(one, office)
    (*_,) = days = day_usages([one], office)
    guessed = sum(day.estimated for day in days)
    if len(parts) > 1 and gap > CLOSE_ENOUGH:
        assert guessed == pages
    else:
        assert guessed == 0
        assert not is_estimate(one, len(parts))


@given(
    st.integers(0, 10**6), st.dictionaries(st.text(max_size=3), st.integers(0, 1000), min_size=1)
)
def test_largest_remainder_is_whole_complete_and_fair(pages: int, weights: dict[str, int]) -> None:
    assume(sum(weights.values()) > 0)
    parts = apportion(pages, weights)
    assert sum(parts.values()) == pages
    whole = sum(weights.values())
    for key, part in parts.items():
        assert abs(part - Fraction(pages * weights[key], whole)) < 1


def family(copied: tuple[int, int], printed: tuple[int, int]) -> dict[Meter, int]:
    """Return the meters of a machine that tells copies from prints, and black from colour."""
    (copy_mono, copy_color), (print_mono, print_color) = copied, printed
    pages = {
        "total": copy_mono + copy_color + print_mono + print_color,
        "total_mono": copy_mono + print_mono,
        "total_color": copy_color + print_color,
        "copy": copy_mono + copy_color,
        "print": print_mono + print_color,
        "copy_mono": copy_mono,
        "copy_color": copy_color,
    }
    return {Meter(name): count for name, count in pages.items()}


counts = st.tuples(st.integers(0, 9), st.integers(0, 9))
families = st.builds(family, counts, counts)


def adds_up(pages: Mapping[Meter, int]) -> bool:
    """Say whether the parts of each sum in `pages` are that sum."""
    sums = {"total": ("total_mono", "total_color"), "copy": ("copy_mono", "copy_color")}
    both = pages.get(Meter("copy"), 0) + pages.get(Meter("print"), 0)
    return both == pages.get(TOTAL, 0) and all(
        pages.get(Meter(whole), 0) == sum(pages.get(Meter(part), 0) for part in parts)
        for whole, parts in sums.items()
    )


@given(families, st.dictionaries(st.text(max_size=3), st.integers(0, 1000), min_size=1, max_size=5))
def test_what_adds_up_does_so_in_every_share(
    pages: dict[Meter, int], weights: dict[str, int]
) -> None:
    assume(sum(weights.values()) > 0)
    parts = apportion_together(pages, weights)
    for meter, count in pages.items():
        assert sum(parts[meter].values()) == count
        assert all(part >= 0 for part in parts[meter].values())
    for key in weights:
        assert adds_up({meter: part[key] for meter, part in parts.items()})


@given(offices, instants, gaps, families)
def test_what_adds_up_does_so_on_every_day(
    office: Office, start: datetime, gap: timedelta, pages: dict[Meter, int]
) -> None:
    usages = [replace(usage(start, gap, n), meter=meter) for meter, n in pages.items()]
    days = day_usages(usages, office)
    for meter, count in pages.items():
        assert sum(day.pages.get(meter, 0) for day in days) == count
    assert all(adds_up(day.pages) for day in days)


@given(
    st.lists(families, min_size=1, max_size=31),
    st.sampled_from([{"a": 60, "b": 40}, {"a": 34, "b": 33, "c": 33}, {"a": 1, "b": 99}]),
)
def test_what_adds_up_does_so_in_every_department(
    stream: list[dict[Meter, int]], weights: dict[str, int]
) -> None:
    """Seen: mono and colour of a shared copier were a page more or less than its total."""
    shares = {DepartmentId(one): share for one, share in weights.items()}
    place = Place(
        PlaceId("p"), "p", "192.0.2.1", assignments=(Assignment(date(2026, 1, 1), shares),)
    )
    days = [
        DayUsage(PlaceId("p"), date(2026, 5, 1) + ONE_DAY * number, pages)
        for number, pages in enumerate(stream)
    ]
    office = Office("t", ZoneInfo("Asia/Tokyo"))
    found = place_shares(days, Fleet(tuple(DEPARTMENTS), (place,)), office)
    assert all(adds_up(one.pages) for one in found)
    for meter in stream[0]:
        whole = sum(pages[meter] for pages in stream)
        for department, share in shares.items():
            own = sum(one.pages[meter] for one in found if one.department == department)
            assert abs(own - Fraction(whole * share, 100)) < 2 * len(weights)
        assert sum(one.pages[meter] for one in found) == whole


@given(st.lists(st.tuples(families, st.booleans()), min_size=1, max_size=31))
def test_a_total_is_shared_out_alike_whatever_else_was_counted(
    stream: list[tuple[dict[Meter, int], bool]],
) -> None:
    """Months gone by look at totals alone; some machines state none."""
    shares = {DepartmentId("a"): 60, DepartmentId("b"): 40}
    spans = (Assignment(date(2026, 1, 1), shares),)
    fleet = Fleet(tuple(DEPARTMENTS), (Place(PlaceId("p"), "p", "192.0.2.1", assignments=spans),))
    days = [
        DayUsage(
            PlaceId("p"),
            date(2026, 5, 1) + ONE_DAY * number,
            pages if has_total else {one: n for one, n in pages.items() if one != TOTAL},
        )
        for number, (pages, has_total) in enumerate(stream)
    ]
    alone = [replace(day, pages={TOTAL: day.pages.get(TOTAL, 0)}) for day in days]

    def totals(of: list[DayUsage]) -> list[tuple[str, date, int]]:
        shared = place_shares(of, fleet, Office("t", ZoneInfo("Asia/Tokyo")))
        return [(one.department, one.day, one.pages.get(TOTAL, 0)) for one in shared]

    assert totals(alone) == totals(days)


@given(
    st.lists(st.integers(0, 30), max_size=60),
    st.sampled_from([{"a": 60, "b": 40}, {"a": 34, "b": 33, "c": 33}, {"a": 1, "b": 99}]),
)
def test_running_shares_follow_the_exact_share_day_by_day(
    stream: list[int], weights: dict[str, int]
) -> None:
    shares = RunningShares(weights)
    given_so_far = dict.fromkeys(weights, 0)
    total = 0
    for pages in stream:
        parts = shares.split(pages)
        assert sum(parts.values()) == pages
        assert all(part >= 0 for part in parts.values())
        total += pages
        for key, part in parts.items():
            given_so_far[key] += part
            assert abs(given_so_far[key] - Fraction(total * weights[key], 100)) < len(weights)


DEPARTMENTS = [Department(DepartmentId(one), one) for one in ("a", "b", "c")]
assignments = st.lists(
    st.tuples(
        st.dates(date(2026, 3, 20), date(2026, 5, 10)),
        st.sampled_from([{"a": 100}, {"a": 60, "b": 40}, {"a": 20, "b": 30, "c": 50}, {"c": 100}]),
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
)
day_lists = st.dictionaries(
    st.tuples(st.sampled_from(["p", "q"]), st.dates(date(2026, 3, 1), date(2026, 5, 31))),
    st.integers(0, 50),
    max_size=60,
)


@given(assignments, day_lists, offices, st.integers(0, 90), st.booleans())
def test_totals_alone_are_shared_as_they_are_among_all_meters(
    starts: list, pages: dict, office: Office, more: int, whole: bool
) -> None:
    assume(pages)
    spans = tuple(
        Assignment(start, {DepartmentId(k): v for k, v in shares.items()})
        for start, shares in sorted(starts, key=lambda pair: pair[0])
        if not whole or len(shares) == 1
    )
    places = tuple(
        Place(PlaceId(name), name, "192.0.2.1", assignments=spans[n:])
        for n, name in enumerate("pq")
    )
    fleet = Fleet(tuple(DEPARTMENTS), places)
    first = min(day for _, day in pages)
    period = office.period_of(first + ONE_DAY * more)
    known = {
        (place, day): {TOTAL: n, Meter("total_mono"): n // 3, Meter("total_color"): n - n // 3}
        if n % 5
        else {Meter("scan"): n}
        for (place, day), n in pages.items()
        if day in period
    }
    days = [DayUsage(PlaceId(place), day, of) for (place, day), of in known.items()]
    alone = [DayUsage(one.place, one.day, {TOTAL: one.pages.get(TOTAL, 0)}) for one in days]
    every = department_days(place_shares(days, fleet, office, period))
    said = {(one.day, one.department): one.pages.get(TOTAL, 0) for one in every}
    assert [*shared_totals(alone, fleet, office, period).items()] == [*said.items()]
    assert [*shared_totals(days, fleet, office, period).items()] == [*said.items()]


@given(assignments, day_lists, offices)
def test_departments_together_have_every_page_of_every_day(
    starts: list, pages: dict, office: Office
) -> None:
    spans = tuple(
        Assignment(start, {DepartmentId(k): v for k, v in shares.items()})
        for start, shares in sorted(starts, key=lambda pair: pair[0])
    )
    fleet = Fleet(tuple(DEPARTMENTS), (Place(PlaceId("p"), "p", "192.0.2.1", assignments=spans),))
    days = [DayUsage(PlaceId(p), day, {TOTAL: n}, n // 2) for (p, day), n in pages.items()]
    shares = place_shares(days, fleet, office)
    for (place, day), n in pages.items():
        own = [one for one in shares if one.place == place and one.day == day]
        assert sum(one.pages[TOTAL] for one in own) == n
        assert sum(one.estimated for one in own) == n // 2
    totals = department_days(shares)
    assert sum(one.pages[TOTAL] for one in totals) == sum(pages.values())


@given(assignments, day_lists, offices)
def test_reorganisation_leaves_earlier_days_untouched(
    starts: list, pages: dict, office: Office
) -> None:
    """A new assignment from some day on changes no share of a day before it."""
    day_of_change = date(2026, 4, 1)
    old = tuple(
        Assignment(start, {DepartmentId(k): v for k, v in shares.items()})
        for start, shares in sorted(starts, key=lambda pair: pair[0])
        if start < day_of_change
    )
    new = (*old, Assignment(day_of_change, {DepartmentId("c"): 100}))
    days = [DayUsage(PlaceId("p"), day, {TOTAL: n}) for (_, day), n in pages.items()]

    def before(spans: tuple[Assignment, ...]) -> list:
        fleet = Fleet(
            tuple(DEPARTMENTS), (Place(PlaceId("p"), "p", "192.0.2.1", assignments=spans),)
        )
        return [s for s in place_shares(days, fleet, office) if s.day < day_of_change]

    assert before(old) == before(new)


@given(offices, st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_every_day_is_in_exactly_one_period_and_periods_join(office: Office, day: date) -> None:
    period = office.period_of(day)
    assert day in period
    assert office.period(period.name) == period
    assert office.period_of(period.start - ONE_DAY).end == period.start - ONE_DAY
    assert office.before(period, 0) == period
    assert office.before(office.period_of(period.end + ONE_DAY)) == period


@given(offices, st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_midnight_begins_the_day(office: Office, day: date) -> None:
    start = office.midnight(day)
    assert office.local_day(start) == day
    assert office.local_day(start - timedelta(seconds=1)) < day
