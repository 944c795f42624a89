"""Laws of ranges: wherever the pages of a stretch were really printed, the truth lies inside."""

import itertools
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import EXACT, all_of, estimated_parts, margins
from collector.domain.counting.usage import Quality, Stretch, Usage, stretches_of
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import WHOLE_OFFICE, Assignment, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
DECEMBER = OFFICE.period("2026-12")
P = PlaceId("p")
A, B = DepartmentId("a"), DepartmentId("b")
BEGIN = date(2026, 11, 20)
SHARES = st.sampled_from([{A: 100}, {A: 60, B: 40}, {A: 1, B: 99}, {B: 100}])
SPANS = st.lists(
    st.tuples(st.dates(BEGIN, date(2027, 1, 12)), SHARES),
    min_size=1,
    max_size=3,
    unique_by=lambda pair: pair[0],
)


@st.composite
def silences(draw: st.DrawFn) -> tuple[Usage, dict[date, int]]:
    """Return a usage over some days and how many of its pages were really printed on each."""
    start = datetime(2026, 11, 20, draw(st.integers(0, 23)), tzinfo=OFFICE.zone)
    start += timedelta(days=draw(st.integers(0, 45)))
    end = start + timedelta(hours=draw(st.integers(2, 24 * 14)))
    pages = draw(st.integers(0, 700))
    low, high = draw(st.one_of(st.just((pages, pages)), _around(pages)))
    truth = draw(st.integers(low, high))
    days = list(OFFICE.days_between(start, end - timedelta(seconds=1)))
    cuts = sorted(
        draw(st.lists(st.integers(0, truth), min_size=len(days) - 1, max_size=len(days) - 1))
    )
    bounds = [0, *cuts, truth]
    known = (None, None) if low == high else (low, high)
    quality = Quality.MEASURED if low == high else Quality.ESTIMATED
    usage = Usage(P, DeviceKey("d"), TOTAL, 1, start, end, 9, 9 + pages, quality, *known)
    return usage, dict(zip(days, (b - a for a, b in itertools.pairwise(bounds)), strict=True))


def _around(pages: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(0, pages), st.integers(pages, pages + 400))


def a_fleet(spans: list[tuple[date, dict[DepartmentId, int]]]) -> Fleet:
    assignments = tuple(
        Assignment(day, shares) for day, shares in sorted(spans, key=lambda x: x[0])
    )
    return Fleet((), (Place(P, "p", "", assignments=assignments),))


@given(st.lists(silences(), max_size=4), SPANS)
def test_the_truth_lies_in_the_range_of_every_department_and_of_the_office(
    story: list[tuple[Usage, dict[date, int]]], spans: list[tuple[date, dict[DepartmentId, int]]]
) -> None:
    fleet = a_fleet(spans)
    (place,) = fleet.places
    stretches = stretches_of([usage for usage, _ in story], OFFICE)
    stated: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    true: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    whole = {usage.start: printed for usage, printed in story}
    for one in stretches:
        for parts, found in ((one.parts, stated), (whole[one.start], true)):
            for day, pages in parts.items():
                if day in DECEMBER:
                    found[WHOLE_OFFICE] += pages
                    for department, share in place.shares_on(day).items():
                        found[department] += Fraction(pages * share, 100)
    own = margins(stretches, fleet, DECEMBER).get(P, {})
    if len({usage.start for usage, _ in story}) < len(story):
        return  # two silences that begin at one instant are no story
    for department in (WHOLE_OFFICE, A, B):
        margin = own.get(department, EXACT)
        assert floor(stated[department]) - margin.less <= true[department]
        assert true[department] <= ceil(stated[department]) + margin.more


@given(silences())
def test_what_lies_within_the_month_with_known_pages_is_exact_and_no_estimate(
    story: tuple[Usage, dict[date, int]],
) -> None:
    usage, _ = story
    stretches = stretches_of([usage], OFFICE)
    fleet = a_fleet([(BEGIN, {A: 100})])
    margin = all_of(one[WHOLE_OFFICE] for one in margins(stretches, fleet, DECEMBER).values())
    inside = all(day in DECEMBER for one in stretches for day in one.parts)
    plain = usage.low is None
    if (inside and plain) or not stretches:
        assert not margin
        assert not estimated_parts(stretches, DECEMBER)
    elif any(day in DECEMBER for one in stretches for day in one.parts):
        (one,) = stretches
        assert bool(margin) == (one.high > one.low or (not inside and one.high > 0))


def test_a_split_part_of_0_is_as_open_as_one_of_5() -> None:
    """A silence over New Year: 600 pages, all given to January, though printed on the 29th."""
    start = datetime(2026, 12, 28, 18, tzinfo=OFFICE.zone)
    parts = {date(2026, 12, 29): 0, date(2027, 1, 4): 600}
    stretch = Stretch(P, start, start + timedelta(days=7), parts, 600, 600)
    fleet = a_fleet([(BEGIN, {A: 60, B: 40})])
    december = margins([stretch], fleet, DECEMBER)[P]
    assert (december[WHOLE_OFFICE].less, december[WHOLE_OFFICE].more) == (0, 600)
    assert (december[A].more, december[B].more) == (360, 240)
    january = margins([stretch], fleet, OFFICE.period("2027-01"))[P]
    assert (january[WHOLE_OFFICE].less, january[WHOLE_OFFICE].more) == (600, 0)
