"""Laws of departments as a tree: every level is the places below it, each page once, by the day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.departments import (
    PlaceShare,
    in_groups,
    in_pieces,
    pieces_in,
    place_shares,
    shared_totals,
    totals_in_groups,
)
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.month.month import MonthFacts, stated_month
from collector.domain.office.fleet import (
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")
IDS = tuple(DepartmentId(one) for one in "abcdefg")
DAYS = st.dates(NOVEMBER.start - timedelta(days=40), NOVEMBER.end)
INSIDE = st.sampled_from(NOVEMBER.days)
NOW = datetime(2026, 12, 5, tzinfo=UTC)
LEVELS = st.integers(1, 5)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Return a tree in which a department is, if anything, a part of one with a smaller id."""
    under: dict[DepartmentId, tuple[Under, ...]] = {}
    for number, one in enumerate(IDS):
        above = st.none() | st.sampled_from(IDS[:number]) if number else st.none()
        starts = sorted(draw(st.sets(DAYS | st.just(date.min), max_size=3)))
        if starts:
            under[one] = tuple(Under(day, draw(above)) for day in starts)
    return Tree(under)


@st.composite
def places(draw: st.DrawFn, name: str) -> Place:
    starts = sorted(draw(st.sets(DAYS, max_size=3)))
    spans = []
    for day in starts:
        who = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
        first = 100 - 30 * (len(who) - 1)
        shares = {one: 30 if number else first for number, one in enumerate(who)}
        spans.append(Assignment(day, shares))
    return Place(PlaceId(name), name, "192.0.2.1", assignments=tuple(spans))


@st.composite
def offices(draw: st.DrawFn) -> tuple[Fleet, list[DayUsage]]:
    """Return a fleet in a tree and what its places printed in November."""
    named = tuple(draw(places(one)) for one in "pqr")
    fleet = Fleet(tuple(Department(one, one) for one in IDS), named, tree=draw(trees()))
    days = []
    for place in (*(one.id for one in named), PlaceId("of nobody")):
        for day in sorted(draw(st.sets(INSIDE, max_size=4))):
            mono, color = draw(st.integers(0, 99)), draw(st.integers(0, 99))
            pages = {TOTAL: mono + color, TOTAL_MONO: mono, TOTAL_COLOR: color}
            days.append(DayUsage(place, day, pages, draw(st.integers(0, mono))))
    return fleet, days


Sums = Counter[tuple[DepartmentId, date, Meter]]


def sums(shares: Iterable[PlaceShare]) -> Sums:
    found: Sums = Counter()
    for one in shares:
        for meter, pages in one.pages.items():
            found[one.department, one.day, meter] += pages
        found[one.department, one.day, Meter("estimated")] += one.estimated
    return +found


def whole_office(found: Sums) -> Counter[tuple[date, Meter]]:
    every: Counter[tuple[date, Meter]] = Counter()
    for (_, day, meter), pages in found.items():
        every[day, meter] += pages
    return every


@given(offices())
def test_on_every_day_a_department_is_its_places_and_its_parts(
    office: tuple[Fleet, list[DayUsage]],
) -> None:
    fleet, days = office
    own = place_shares(days, fleet, OFFICE)
    alone, grouped = sums(own), sums(in_groups(own, fleet))
    for department in IDS:
        for day in NOVEMBER.days:
            parts = fleet.tree.parts_of(department, day)
            for meter in (TOTAL, TOTAL_MONO, TOTAL_COLOR, Meter("estimated")):
                below = sum(grouped[one, day, meter] for one in parts)
                assert grouped[department, day, meter] == alone[department, day, meter] + below


@given(offices(), LEVELS)
def test_on_every_level_each_page_counts_once(
    office: tuple[Fleet, list[DayUsage]], level: int
) -> None:
    fleet, days = office
    own = place_shares(days, fleet, OFFICE)
    on_level = sums(in_groups(own, replace(fleet, level=level)))
    assert whole_office(on_level) == whole_office(sums(own))
    grouped, alone = sums(in_groups(own, fleet)), sums(own)
    for (department, day, meter), pages in on_level.items():
        stands = fleet.tree.level(department, day)
        assert stands <= level
        expected = grouped if stands == level else alone
        assert pages == expected[department, day, meter]


@given(offices(), st.none() | LEVELS)
def test_pieces_lose_no_page_and_make_every_group(
    office: tuple[Fleet, list[DayUsage]], level: int | None
) -> None:
    fleet, days = office
    fleet = replace(fleet, level=level)
    own = place_shares(days, fleet, OFFICE)
    pieces, grouped = sums(in_pieces(own, fleet)), sums(in_groups(own, fleet))
    assert whole_office(pieces) == whole_office(sums(own))
    made = pieces_in(fleet, NOVEMBER, {one.department for one in own})
    for group in {department for department, _, _ in grouped}:
        for meter in (TOTAL, TOTAL_COLOR):
            theirs = sum(
                n for (one, _, m), n in pieces.items() if one in made[group] and m == meter
            )
            assert theirs == sum(
                n for (one, _, m), n in grouped.items() if one == group and m == meter
            )


@given(offices(), st.none() | LEVELS, st.randoms(use_true_random=False))
def test_the_order_of_departments_places_and_days_is_nothing(
    office: tuple[Fleet, list[DayUsage]], level: int | None, random: Random
) -> None:
    fleet, days = office
    fleet = replace(fleet, level=level)
    other = replace(
        fleet,
        departments=tuple(random.sample(fleet.departments, len(fleet.departments))),
        places=tuple(random.sample(fleet.places, len(fleet.places))),
        tree=Tree(dict(random.sample(list(fleet.tree.under.items()), len(fleet.tree.under)))),
    )
    shuffled = random.sample(days, len(days))
    one = sums(in_groups(place_shares(days, fleet, OFFICE), fleet))
    assert one == sums(in_groups(place_shares(shuffled, other, OFFICE), other))


@given(offices(), INSIDE, st.sampled_from(IDS[2:]))
def test_a_reorganisation_within_the_month_splits_it_by_the_day(
    office: tuple[Fleet, list[DayUsage]], moves: date, department: DepartmentId
) -> None:
    fleet, days = office
    old, new = IDS[0], IDS[1]
    tree = Tree({department: (Under(date.min, old), Under(moves, new))})
    fleet = replace(fleet, tree=tree)
    own = place_shares(days, fleet, OFFICE)
    alone, grouped = sums(own), sums(in_groups(own, fleet))
    for day in NOVEMBER.days:
        with_it, without = (old, new) if day < moves else (new, old)
        moved = alone[department, day, TOTAL]
        assert grouped[with_it, day, TOTAL] == alone[with_it, day, TOTAL] + moved
        assert grouped[without, day, TOTAL] == alone[without, day, TOTAL]


@given(offices(), st.none() | LEVELS)
def test_totals_alone_are_grouped_like_all_meters(
    office: tuple[Fleet, list[DayUsage]], level: int | None
) -> None:
    fleet, days = office
    fleet = replace(fleet, level=level)
    totals = totals_in_groups(shared_totals(days, fleet, OFFICE, NOVEMBER), fleet)
    grouped = sums(in_groups(place_shares(days, fleet, OFFICE), fleet))
    expected = {(day, one): n for (one, day, meter), n in grouped.items() if meter == TOTAL}
    assert {key: n for key, n in totals.items() if n} == expected


@given(offices(), INSIDE)
def test_who_answers_for_a_place_in_groups_is_who_answers_and_all_above(
    office: tuple[Fleet, list[DayUsage]], day: date
) -> None:
    fleet, _ = office
    for place, whole in zip(fleet.places, fleet.in_groups.places, strict=True):
        expected: Counter[DepartmentId] = Counter()
        for department, share in place.shares_on(day).items():
            for one in fleet.groups_of(department, day):
                expected[one] += share
        assert whole.shares_on(day) == expected
    for place in fleet.in_pieces.places:
        assert sum(place.shares_on(day).values()) == 100


@given(trees(), DAYS)
def test_departments_stand_behind_what_they_are_parts_of(tree: Tree, day: date) -> None:
    every = tuple(Department(one, one) for one in reversed(IDS))
    found = [one.id for one in tree.ordered(every, day)]
    assert sorted(found) == sorted(IDS)
    for number, one in enumerate(found):
        parent = tree.parent_of(one, day)
        if parent is not None:
            between = found[found.index(parent) + 1 : number]
            assert all(parent in tree.line(other, day) for other in between)
    assert tree.in_circle(day) == ()


@given(st.lists(st.sampled_from(IDS), min_size=1, max_size=5, unique=True))
def test_a_circle_is_seen(circle: list[DepartmentId]) -> None:
    following = [*circle[1:], circle[0]]
    tree = Tree(
        {one: (Under(date.min, above),) for one, above in zip(circle, following, strict=True)}
        | {DepartmentId("z"): (Under(date.min, circle[0]),)}
    )
    assert tree.in_circle(NOVEMBER.start) == tuple(sorted(circle))


@given(offices(), st.none() | LEVELS)
def test_a_stated_month_is_the_sum_of_its_days_on_every_level(
    office: tuple[Fleet, list[DayUsage]], level: int | None
) -> None:
    fleet, days = office
    fleet = replace(fleet, level=level)
    month = stated_month(MonthFacts(fleet, OFFICE, NOVEMBER, NOW, days, {}))
    printed = sum(one.pages[TOTAL] for one in days)
    assert month.office.pages == printed
    shares = place_shares(days, fleet, OFFICE)
    grouped = sums(in_groups(shares, fleet))
    for one in month.departments:
        name = one.department.id
        own = sum(share.pages[TOTAL] for share in shares if share.department == name)
        counted = sum(grouped[name, day, TOTAL] for day in NOVEMBER.days)
        assert (one.pages, one.own) == (counted, own)
    assert sum(one.own if level is None else one.pages for one in month.departments) == printed


@given(offices(), DAYS, DAYS)
def test_a_fleet_that_is_held_is_on_every_day_as_on_that_one(
    office: tuple[Fleet, list[DayUsage]], day: date, other: date
) -> None:
    fleet, days = office
    held = fleet.held(day)
    assert held.held(other) == held
    for place in fleet.places:
        known = held.place(place.id)
        assert known is not None
        begun = [one for one in place.assignments if one.start <= day]
        if begun or not place.assignments:
            assert known.shares_on(other) == place.shares_on(day)
            for one in (*IDS, WHOLE_OFFICE):
                assert held.share_of(one, place.id, other) == fleet.share_of(one, place.id, day)
        else:
            assert known.shares_on(other) == place.assignments[0].shares, "as it was at first"
    for one in IDS:
        assert held.tree.line(one, other) == fleet.tree.line(one, day)
    own = sums(place_shares(days, held, OFFICE))
    assert whole_office(own) == whole_office(sums(place_shares(days, fleet, OFFICE)))
