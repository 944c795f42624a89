"""Laws of what is known of the tree: a new fleet file moves no counted day before today."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import Department, DepartmentId, Fleet, Place, Tree, Under
from collector.domain.office.fleet_changes import Changes, CountedDays
from collector.domain.office.fleet_facts import (
    FleetFact,
    KnownFleet,
    Signature,
    known_fleet,
    known_from,
)
from collector.domain.office.shares import PlaceId

SIGNED = Signature("copier-fleet", "loaded", datetime(2026, 6, 15, tzinfo=UTC))
FIRST, LAST = date(2026, 1, 1), date(2026, 2, 20)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
IDS = tuple(DepartmentId(one) for one in "abcd")
COPIER = Place(PlaceId("p"), "廊下", "192.0.2.1")
History = Sequence[tuple[Fleet, Mapping[PlaceId, CountedDays], date]]

dates = st.dates(FIRST, LAST)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    under: dict[DepartmentId, tuple[Under, ...]] = {}
    for number, one in enumerate(IDS):
        above = st.none() | st.sampled_from(IDS[:number]) if number else st.none()
        starts = sorted(draw(st.sets(dates | st.just(date.min), max_size=3)))
        if starts:
            under[one] = tuple(Under(day, draw(above)) for day in starts)
    return Fleet(tuple(Department(one, one) for one in IDS), (COPIER,), tree=Tree(under))


@st.composite
def histories(draw: st.DrawFn) -> History:
    found = []
    for today in sorted(draw(st.lists(dates, min_size=2, max_size=4))):
        counted = {}
        if draw(st.booleans()):
            first = draw(st.dates(FIRST, today))
            counted[COPIER.id] = CountedDays(first, draw(st.dates(first, today)))
        found.append((draw(fleets()), counted, today))
    return found


def load_all(history: History) -> list[FleetFact]:
    facts: list[FleetFact] = []
    for file, counted, today in history:
        facts += Changes(known_from(facts), file, counted, today).additions(SIGNED)
    return facts


def parents(known: KnownFleet | Fleet, day: date) -> dict[DepartmentId, DepartmentId | None]:
    return {one: known.tree.parent_of(one, day) for one in IDS}


def states(file: Fleet, department: DepartmentId, day: date) -> bool:
    """Say whether `file` says of what `department` is a part on `day`, and not only later."""
    stated = file.tree.under.get(department, ())
    return not stated or stated[0].start <= day


@given(histories())
def test_loading_a_file_changes_no_counted_day_before_today(history: History) -> None:
    *earlier, (file, counted, today) = history
    facts = load_all(earlier)
    before = known_from(facts)
    after = known_from([*facts, *Changes(before, file, counted, today).additions(SIGNED)])
    for span in counted.values():
        for day in EVERY_DAY:
            if span.first <= day < today and not before.is_empty:
                assert parents(after, day) == parents(before, day)


@given(histories())
def test_from_today_on_the_tree_is_as_the_file_says(history: History) -> None:
    file, _, today = history[-1]
    known = known_from(load_all(history))
    for department in IDS:
        for day in EVERY_DAY:
            if day >= today and states(file, department, day):
                stated = file.tree.parent_of(department, day)
                assert known.tree.parent_of(department, day) == stated
    held = known_fleet(known, file, ())
    assert held.tree == known.tree


@given(histories())
def test_the_same_file_again_adds_nothing(history: History) -> None:
    facts = load_all(history)
    file, counted, today = history[-1]
    for later in (today, today + timedelta(days=40)):
        assert Changes(known_from(facts), file, counted, later).additions(SIGNED) == ()


@given(histories())
def test_what_is_told_as_different_is_exactly_what_a_correction_changes(history: History) -> None:
    facts = load_all(history)
    file, _, today = history[-1]
    counted = {COPIER.id: CountedDays(FIRST, today)}
    changes = Changes(known_from(facts), file, counted, today)
    after = known_from([*facts, *changes.corrections(SIGNED)])
    told = {
        (one.department, day)
        for one in changes.differences()
        for day in EVERY_DAY
        if one.first <= day <= one.last
    }
    for day in EVERY_DAY:
        if day < today:
            now, then = parents(changes.known, day), parents(after, day)
            assert {one for one in IDS if now[one] != then[one]} == {
                one for one, moved in told if moved == day
            }
    corrected = Changes(after, file, counted, today)
    assert corrected.differences() == ()
    assert corrected.additions(SIGNED) == ()
