"""Laws of counting, for any run of readings: conservation above all."""

import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from collector.domain.counting.count import count
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import Quality, Usage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

T0 = datetime(2026, 3, 30, tzinfo=UTC)
PLACE = PlaceId("p")
METERS = (Meter("total"), Meter("copy"))
MACHINES = tuple(DeviceIdentity(model="M", serial=f"SERIAL{n}") for n in range(3))
RULES = Rules()
OFFICE = Office("s", ZoneInfo("Asia/Tokyo"))

values = st.one_of(
    st.integers(0, 50),
    st.integers(900, 1100),
    st.integers(999_900, 1_000_100),
    st.integers(0, 2**32),
)
anything = st.lists(
    st.tuples(
        st.integers(1, 5000),
        st.sampled_from(MACHINES),
        st.dictionaries(st.sampled_from(METERS), values),
        st.one_of(st.none(), st.integers(0, 10**7)),
        st.sampled_from([{}, {METERS[0]: 10**6}]),
        st.dictionaries(st.sampled_from(METERS), st.sampled_from(["a", "b"])),
    ),
    max_size=12,
)


def play(story: list) -> tuple[list[PlaceTrack], list[Usage], set[datetime]]:
    """Return the tracks, what is counted in the end, and when usages were taken back."""
    track, tracks, usages, at, back = None, [], [], T0, set()
    for minutes, machine, meters, uptime, wraps, *formulas in story:
        at += timedelta(minutes=minutes)
        answer = Answer(machine, meters, uptime_s=uptime, wraps=wraps)
        answer = replace(answer, formulas=formulas[0] if formulas else {})
        counted = count(track, Reading(PLACE, at, answer), RULES, OFFICE)
        track = counted.track
        tracks.append(track)
        back |= {at} if counted.taken_back else set()
        usages = [*counted.kept(usages), *counted.usages]
    return tracks, usages, back


def heard(machine: int, meters: dict, minutes: int = 1, formula: str = "") -> tuple:
    """Return a step of a story; `formula` is the one of the total."""
    formulas = {METERS[0]: formula} if formula else {}
    return minutes, MACHINES[machine], meters, None, {}, formulas


BACK_BY_ANOTHER_FORMULA = [
    heard(0, {}),
    heard(1, {METERS[0]: 900, METERS[1]: 0}, formula="b"),
    heard(0, {}, 89),
    heard(0, {}),
    heard(1, {METERS[0]: 0, METERS[1]: 0}, formula="a"),
    heard(1, {METERS[0]: 1}),
]
"""What two machines at one address may have missed, and the epoch that a new formula begins."""


@example(BACK_BY_ANOTHER_FORMULA)
@given(anything)
def test_usage_is_the_sum_over_epochs_of_last_minus_first(story: list) -> None:
    """Conservation: within one epoch usages join without gap or overlap, from first to last."""
    tracks, usages, _ = play(story)
    by_epoch = defaultdict(list)
    for usage in usages:
        assert usage.pages > 0 or usage.quality is Quality.ESTIMATED
        assert usage.start <= usage.end
        by_epoch[usage.meter, usage.epoch].append(usage)
    for chain in by_epoch.values():
        for before, after in itertools.pairwise(chain):
            assert before.last == after.first
            assert before.end <= after.start
    if tracks:
        for meter, state in tracks[-1].meters.items():
            counted = sum(one.pages for one in by_epoch[meter, state.epoch])
            assert counted == state.last - state.first


@given(anything)
def test_epochs_go_back_only_where_usages_are_taken_back(story: list) -> None:
    tracks, _, back = play(story)
    for before, after in itertools.pairwise(tracks):
        for meter, state in before.meters.items():
            if meter in after.meters and after.identity == before.identity:
                assert after.meters[meter].epoch >= state.epoch or after.at in back


@given(
    st.integers(0, 10**7),
    st.lists(st.tuples(st.integers(1, 600), st.integers(0, 100), st.booleans()), max_size=30),
)
def test_growing_machine_counts_exactly_what_it_printed(
    start: int, steps: list[tuple[int, int, bool]]
) -> None:
    """Whatever polls are lost, the pages between the first and last heard reading are counted.

    The machine prints at no more than three pages an hour, which is believed of any place.
    """
    story, meter, heard = [(1, MACHINES[0], {METERS[0]: start}, None, {})], start, start
    for minutes, printed, lost in steps:
        meter += min(printed, minutes // 20)
        if not lost:
            heard = meter
        story.append((minutes, MACHINES[0], {} if lost else {METERS[0]: meter}, None, {}))
    _, usages, _ = play(story)
    assert sum(one.pages for one in usages) == heard - start


@given(
    st.integers(1000, 10**6),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(0, 900),
)
def test_glitch_costs_nothing(start: int, before: int, after: int, wrong: int) -> None:
    """One wrong low value between two good ones leaves the sum as if it had not been read."""
    story = [
        (5, MACHINES[0], {METERS[0]: start}, 10**6, {}),
        (5, MACHINES[0], {METERS[0]: start + before}, 10**6 + 300, {}),
        (5, MACHINES[0], {METERS[0]: wrong}, 10**6 + 600, {}),
        (5, MACHINES[0], {METERS[0]: start + before + after}, 10**6 + 900, {}),
    ]
    _, usages, _ = play(story)
    assert sum(one.pages for one in usages) == before + after


@given(st.integers(10**4, 10**6), st.integers(0, 100), st.integers(0, 100))
def test_reset_counts_the_pages_since(start: int, first: int, second: int) -> None:
    story = [
        (5, MACHINES[0], {METERS[0]: start}, 10**6, {}),
        (5, MACHINES[0], {METERS[0]: first}, 100, {}),
        (5, MACHINES[0], {METERS[0]: first + second}, 400, {}),
    ]
    _, usages, _ = play(story)
    assert sum(one.pages for one in usages) == first + second


@given(anything)
def test_no_usage_joins_two_formulas(story: list) -> None:
    """Whatever else happens, a figure of one formula is never taken from one of another."""
    track, at = None, T0
    for minutes, machine, meters, uptime, wraps, formulas in story:
        at += timedelta(minutes=minutes)
        answer = Answer(machine, meters, uptime_s=uptime, wraps=wraps, formulas=formulas)
        before = track
        counted = count(track, Reading(PLACE, at, answer), RULES, OFFICE)
        track = counted.track
        for usage in counted.usages:
            assert before is not None
            if usage.quality is Quality.ESTIMATED or before.identity.key != machine.key:
                continue  # an estimate joins nothing; another machine has figures of its own
            was = before.meters[usage.meter].formula
            assert was in {None, formulas.get(usage.meter, was)}


@given(anything)
def test_counting_does_not_depend_on_who_counts(story: list) -> None:
    """Pure: the same story gives the same usages, and re-reading the last changes nothing."""
    assert play(story) == play(story)
