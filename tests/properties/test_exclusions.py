"""Laws of excluded pages: taken from what was counted, each page once, and never more than that."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.departments import in_groups, place_shares
from collector.domain.counting.entries import Exclusion, Ground
from collector.domain.counting.exclusions import EXCLUDED, excluding, left_of, with_excluded_apart
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL
from collector.domain.month.month import MonthFacts, stated_month
from collector.domain.office.fleet import DepartmentId, Fleet
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from tests.properties.test_tree import IDS, NOVEMBER, NOW, OFFICE, offices, sums

AT = datetime(2026, 12, 1, tzinfo=UTC)


@st.composite
def exclusions(draw: st.DrawFn) -> list[Exclusion]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        days = sorted(draw(st.lists(st.sampled_from(NOVEMBER.days), min_size=2, max_size=2)))
        department = draw(st.none() | st.sampled_from(IDS))
        place = draw(st.sampled_from("pqr")) if department is None else ""
        signed = Signature("佐藤", "選挙", replace_second(number))
        pages, ground = draw(st.integers(1, 300)), draw(st.sampled_from(Ground))
        found.append(
            Exclusion(PlaceId(place), department, days[0], days[1], pages, ground, "記録", signed)
        )
    return found


def replace_second(number: int) -> datetime:
    return AT.replace(second=number)


Office = tuple[Fleet, list[DayUsage]]


def counted_in(days: list[DayUsage], one: Exclusion, fleet: Fleet) -> int:
    shares = place_shares(days, fleet, OFFICE)
    return sum(
        share.pages[TOTAL]
        for share in shares
        if one.first <= share.day <= one.last
        and (
            share.place == one.place
            if one.department is None
            else one.department in fleet.tree.line(share.department, share.day)
        )
    )


@given(offices(), exclusions())
def test_no_more_is_taken_than_was_counted_and_none_twice(
    office: Office, declared: list[Exclusion]
) -> None:
    fleet, days = office
    shares = place_shares(days, fleet, OFFICE)
    found = excluding(shares, declared, fleet)
    pages: Counter[tuple[PlaceId, DepartmentId, date]] = Counter()
    for share in shares:
        pages[share.place, share.department, share.day] += share.pages[TOTAL]
    assert all(0 < count <= pages[key] for key, count in found.of.items())
    assert sum(found.of.values()) == sum(one.pages for one in found.taken)
    for one in found.taken:
        assert 0 <= one.pages <= one.exclusion.pages
        assert one.missing == one.exclusion.pages - one.pages
        assert one.pages <= counted_in(days, one.exclusion, fleet)
    if declared:
        first = found.taken[0]
        assert first.pages == min(declared[0].pages, counted_in(days, declared[0], fleet))


@given(offices(), exclusions(), st.none() | st.integers(1, 4))
def test_with_and_without_stand_on_every_level_and_the_total_stays(
    office: Office, declared: list[Exclusion], level: int | None
) -> None:
    fleet, days = office
    fleet = replace(fleet, level=level)
    plain = stated_month(MonthFacts(fleet, OFFICE, NOVEMBER, NOW, days, {}))
    month = stated_month(MonthFacts(fleet, OFFICE, NOVEMBER, NOW, days, {}, exclusions=declared))
    taken = sum(
        one.pages for one in excluding(place_shares(days, fleet, OFFICE), declared, fleet).taken
    )
    assert month.office.excluded == taken
    assert month.office.pages == plain.office.pages
    grouped = sums(
        in_groups(
            with_excluded_apart(place_shares(days, fleet, OFFICE), declared, fleet, OFFICE), fleet
        )
    )
    for one, before in zip(month.departments, plain.departments, strict=True):
        assert (one.pages, one.own) == (before.pages, before.own)
        assert 0 <= one.excluded <= one.pages
        assert one.excluded == sum(
            n
            for (name, _, meter), n in grouped.items()
            if name == one.department.id and meter == EXCLUDED
        )
    if level is not None:
        assert sum(one.excluded for one in month.departments) == taken


@given(offices(), exclusions(), st.randoms(use_true_random=False))
def test_the_order_of_the_days_is_nothing(
    office: Office, declared: list[Exclusion], random: Random
) -> None:
    fleet, days = office
    shares = list(place_shares(days, fleet, OFFICE))
    shuffled = random.sample(shares, len(shares))
    assert excluding(shares, declared, fleet) == excluding(shuffled, declared, fleet)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.data())
def test_of_sheets_the_same_share_is_left(amount: int, pages: int, data: st.DataObject) -> None:
    excluded = data.draw(st.integers(0, pages))
    left = left_of(amount, pages, excluded)
    assert 0 <= left <= amount
    assert left_of(pages, pages, excluded) == pages - excluded
    assert left_of(amount, pages, 0) == amount
