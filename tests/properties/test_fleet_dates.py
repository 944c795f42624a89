"""Laws of effective dates: the past stays, and no page is lost where a place changes hands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.departments import DepartmentDay, department_days, place_shares
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import LAST_DAY, Office
from collector.domain.office.shares import PlaceId

COPY = Meter("copy")
APRIL = date(2026, 4, 1)
DEPARTMENTS = tuple(Department(DepartmentId(one), one) for one in "abc")
SHARES = ({"a": 100}, {"a": 60, "b": 40}, {"a": 1, "b": 99}, {"a": 34, "b": 33, "c": 33})
zones = ("Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")

offices = st.builds(
    lambda zone, closing: Office("t", ZoneInfo(zone), closing_day=closing),
    st.sampled_from(zones),
    st.sampled_from([LAST_DAY, 20, 30, 31]) | st.integers(1, 31),
)
dates = st.dates(date(2025, 12, 1), date(2026, 6, 30))
spans = st.dictionaries(dates, st.sampled_from(SHARES), max_size=4)
usages = st.dictionaries(
    st.tuples(st.sampled_from(["p", "q", "gone"]), dates), st.integers(0, 300), max_size=80
).map(
    lambda told: [
        DayUsage(PlaceId(place), day, {TOTAL: pages, COPY: pages // 3}, pages // 7)
        for (place, day), pages in told.items()
    ]
)


def assignments(spans_: Mapping[date, Mapping[str, int]]) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in sorted(spans_.items(), key=lambda pair: pair[0])
    )


def fleet(*places: Mapping[date, Mapping[str, int]]) -> Fleet:
    named = zip("pq", places, strict=False)
    return Fleet(
        DEPARTMENTS,
        tuple(Place(PlaceId(n), n, "", assignments=assignments(one)) for n, one in named),
    )


def days_of(days: Sequence[DayUsage], fleet_: Fleet, office: Office) -> list[DepartmentDay]:
    return list(department_days(place_shares(days, fleet_, office)))


@given(usages, spans, spans, spans, offices)
def test_a_reorganisation_on_1_april_leaves_every_earlier_day_of_departments_untouched(
    days: list[DayUsage],
    one: Mapping[date, Mapping[str, int]],
    other: Mapping[date, Mapping[str, int]],
    later: Mapping[date, Mapping[str, int]],
    office: Office,
) -> None:
    """Whatever answers from then on, also within a closing month that began in March."""
    before = fleet(one, other)
    moved = {start: shares for start, shares in later.items() if start > APRIL}
    after = fleet(
        *(
            {start: shares for start, shares in old.items() if start < APRIL}
            | {APRIL: {"c": 100}}
            | moved
            for old in (one, other)
        )
    )
    was, now = (
        [day for day in days_of(days, each, office) if day.day < APRIL] for each in (before, after)
    )
    assert was == now


@given(usages, spans, spans, offices)
def test_no_page_is_lost_whoever_answers_from_whichever_day(
    days: list[DayUsage],
    one: Mapping[date, Mapping[str, int]],
    other: Mapping[date, Mapping[str, int]],
    office: Office,
) -> None:
    shared = days_of(days, fleet(one, other), office)
    for day in {each.day for each in days}:
        for meter in (TOTAL, COPY):
            told = sum(each.pages[meter] for each in days if each.day == day)
            assert sum(each.pages[meter] for each in shared if each.day == day) == told
        told = sum(each.estimated for each in days if each.day == day)
        assert sum(each.estimated for each in shared if each.day == day) == told
    assert all(count >= 0 for each in shared for count in each.pages.values())


@given(st.lists(st.integers(0, 40), min_size=61, max_size=61), st.integers(0, 60), offices)
def test_a_split_in_mid_month_and_60_to_40_is_exact_to_the_page(
    stream: list[int], change: int, office: Office
) -> None:
    """Each stretch of one closing month under one assignment is shared out on its own."""
    first = date(2026, 4, 1)
    days = [
        DayUsage(PlaceId("p"), date.fromordinal(first.toordinal() + n), {TOTAL: pages})
        for n, pages in enumerate(stream)
    ]
    moved = days[change].day
    spans_ = {date(2025, 1, 1): {"c": 100}, moved: {"a": 60, "b": 40}}
    whole: dict[str, int] = defaultdict(int)
    of_a: dict[str, int] = defaultdict(int)
    for share in place_shares(days, fleet(spans_), office):
        pages = share.pages[TOTAL]
        if share.day < moved:
            assert share.department == "c"
            continue
        month = office.period_of(share.day).name
        whole[month] += pages
        of_a[month] += pages if share.department == "a" else 0
    assert sum(whole.values()) == sum(stream[change:])
    for month, pages in whole.items():
        assert abs(of_a[month] - Fraction(60 * pages, 100)) <= 1


@given(usages, spans, spans, offices)
def test_saying_again_who_answers_changes_nothing(
    days: list[DayUsage],
    one: Mapping[date, Mapping[str, int]],
    other: Mapping[date, Mapping[str, int]],
    office: Office,
) -> None:
    """Two assignments in a row with the same shares are one."""
    plain = fleet(one, other)
    doubled = replace(
        plain,
        places=tuple(
            replace(
                place,
                assignments=tuple(
                    again
                    for each in place.assignments
                    for again in (each, Assignment(each.start, each.shares))
                ),
            )
            for place in plain.places
        ),
    )
    assert days_of(days, plain, office) == days_of(days, doubled, office)
