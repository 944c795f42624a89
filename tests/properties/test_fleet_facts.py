"""Laws of the fleet's facts: they only ever add, and no counted day changes by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
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
FIRST, LAST = date(2026, 1, 1), date(2026, 4, 10)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SHARES = ({"a": 100}, {"b": 100}, {"a": 60, "b": 40}, {"b": 1, "c": 99})
PLACES = ("p", "q", "r")

dates = st.dates(FIRST, LAST)


@st.composite
def places(draw: st.DrawFn, name: str) -> Place:
    starts = sorted(draw(st.sets(dates, max_size=4)))
    spans = tuple(
        Assignment(day, {DepartmentId(k): v for k, v in draw(st.sampled_from(SHARES)).items()})
        for day in starts
    )
    ends = st.none() | st.dates(max([FIRST, *starts[:1]]), LAST)
    title = draw(st.sampled_from(["窓口", "廊下"]))
    return Place(PlaceId(name), title, f"192.0.2.{len(name)}", assignments=spans, until=draw(ends))


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    names = draw(st.sets(st.sampled_from(PLACES)))
    ids = draw(st.sets(st.sampled_from("abc")))
    return Fleet(
        tuple(Department(DepartmentId(one), draw(st.sampled_from(["課", "係"]))) for one in ids),
        tuple(draw(places(one)) for one in sorted(names)),
    )


@st.composite
def counted_by(draw: st.DrawFn, today: date) -> dict[PlaceId, CountedDays]:
    found = {}
    for name in draw(st.sets(st.sampled_from(PLACES))):
        first = draw(st.dates(FIRST, today))
        found[PlaceId(name)] = CountedDays(first, draw(st.dates(first, today)))
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]]:
    """Return fleet files as they were loaded one after another, each with what was counted then."""
    days = sorted(draw(st.lists(dates, min_size=2, max_size=4)))
    return [(draw(fleets()), draw(counted_by(day)), day) for day in days]


def load_all(
    history: Sequence[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> list[FleetFact]:
    facts: list[FleetFact] = []
    for file, counted, today in history:
        facts += Changes(known_from(facts), file, counted, today).additions(SIGNED)
    return facts


def shares(known: KnownFleet, place: str, day: date) -> Mapping[DepartmentId, int]:
    return known.place(PlaceId(place)).shares_on(day)


def states(place: Place, day: date) -> bool:
    """Say whether a file with `place` says who answers on `day`, and not only later."""
    return not place.assignments or place.assignments[0].start <= day


@given(histories())
def test_loading_a_file_changes_no_counted_day_before_today(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> None:
    *earlier, (file, counted, today) = history
    facts = load_all(earlier)
    before = known_from(facts)
    after = known_from([*facts, *Changes(before, file, counted, today).additions(SIGNED)])
    for place, span in counted.items():
        if before.is_empty:
            continue
        for day in EVERY_DAY:
            if span.first <= day < today:
                assert shares(after, place, day) == shares(before, place, day)
        until = after.until.get(place)
        if until != before.until.get(place) and until is not None:
            assert until >= span.last, "it ends on no day on which it was still counted"


@given(histories())
def test_from_today_on_everything_is_as_the_file_says(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> None:
    file, counted, today = history[-1]
    known = known_from(load_all(history))
    for place in file.places:
        assert known.names[place.id] == place.name
        for day in EVERY_DAY:
            if place.id not in counted or (day >= today and states(place, day)):
                assert shares(known, place.id, day) == place.shares_on(day)
        if place.until is None or place.until >= today:
            assert known.until.get(place.id) == place.until
    listed = {place.id for place in file.places}
    for gone in known.names.keys() - listed:
        assert known.until[gone] <= today, "nothing that left the file is polled tomorrow"


@given(histories())
def test_the_same_file_again_adds_nothing(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> None:
    facts = load_all(history)
    file, counted, today = history[-1]
    changes = Changes(known_from(facts), file, counted, today)
    assert changes.additions(SIGNED) == ()
    later = Changes(known_from(facts), file, counted, today + timedelta(days=40))
    assert later.additions(SIGNED) == ()


@given(histories())
def test_what_is_told_as_different_is_exactly_what_a_correction_changes(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> None:
    facts = load_all(history)
    file, counted, today = history[-1]
    changes = Changes(known_from(facts), file, counted, today)
    after = known_from([*facts, *changes.corrections(SIGNED)])
    told = {
        (one.place, day)
        for one in changes.differences()
        for day in EVERY_DAY
        if one.until is None and one.first <= day <= one.last
    }
    for place in file.places:
        assert after.until.get(place.id) == place.until
        for day in EVERY_DAY:
            changed = shares(after, place.id, day) != shares(changes.known, place.id, day)
            assert changed == ((place.id, day) in told)
            if place.assignments and states(place, day):
                assert shares(after, place.id, day) == place.shares_on(day)
    corrected = Changes(after, file, counted, today)
    assert corrected.differences() == ()
    assert corrected.additions(SIGNED) == ()


@given(histories(), st.data())
def test_lines_about_the_past_may_be_taken_out_of_the_file(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]], data: st.DataObject
) -> None:
    """A department that is no more cannot stay in the file, nor its lines; nothing changes."""
    facts = load_all(history)
    file, _, today = history[-1]
    counted = {place.id: CountedDays(FIRST, today) for place in file.places}
    facts += Changes(known_from(facts), file, counted, today).corrections(SIGNED)
    known = known_from(facts)
    trimmed = []
    for place in file.places:
        begun = [one for one in place.assignments if one.start <= today]
        left_out = data.draw(st.integers(0, max(0, len(begun) - 1)))
        trimmed.append(replace(place, assignments=place.assignments[left_out:]))
    shorter = Changes(known, replace(file, places=tuple(trimmed)), counted, today)
    assert shorter.differences() == ()
    assert shorter.additions(SIGNED) == ()


@given(histories())
def test_a_place_and_a_department_that_leave_the_file_keep_their_past(
    history: list[tuple[Fleet, Mapping[PlaceId, CountedDays], date]],
) -> None:
    facts = load_all(history)
    everything = {PlaceId(one) for one in PLACES}
    file = Fleet()
    before = known_fleet(known_from(facts), history[-1][0], everything)
    today = history[-1][2]
    counted = {one: CountedDays(FIRST, today) for one in everything}
    left = [*facts, *Changes(known_from(facts), file, counted, today).additions(SIGNED)]
    after = known_fleet(known_from(left), file, everything)
    for place in before.places:
        kept = after.place(place.id)
        assert kept is not None
        assert (kept.name, kept.assignments) == (place.name, place.assignments)
        assert not kept.stands_on(today + timedelta(days=1))
    for department in (*before.departments, *before.former):
        assert after.department(department.id) == department
        assert department in after.former
