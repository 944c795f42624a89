"""Counting again from the stored evidence comes to what was counted live, in any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.app.count_reading import record_reading
from collector.app.office_context import OfficeContext
from collector.domain.counting.count import count
from collector.domain.counting.entries import Decision, ManualReading, Retiming, Verdict
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Reading, Stay
from collector.domain.counting.recounted import CountedAnew, Evidence, count_anew, evidence
from collector.domain.counting.usage import Quality, Usage
from collector.domain.meters import Meter
from collector.domain.office.fleet import Fleet
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Record

T0 = datetime(2026, 3, 30, tzinfo=UTC)
PLACE = PlaceId("p")
TOTAL, COPY = Meter("total"), Meter("copy")
MACHINES = tuple(DeviceIdentity(model="M", serial=f"SERIAL{n}") for n in range(2))
OFFICE = Office("s", ZoneInfo("Asia/Tokyo"))
GROUND = OfficeContext(Fleet(), OFFICE)
RULES = Rules()
WHO = Signature("a", "b", T0)

VALUES = st.one_of(
    st.integers(0, 5),
    st.integers(0, 50),
    st.integers(900, 1100),
    st.integers(999_900, 1_000_100),
)
POLLS = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 10), st.integers(1, 70), st.integers(1, 5000)),
        st.sampled_from((*(MACHINES[0],) * 5, MACHINES[1])),
        st.one_of(
            st.just(None),  # the same again
            st.integers(0, 60),  # some pages more
            st.dictionaries(st.sampled_from((TOTAL, COPY)), VALUES),
        ),
        st.one_of(st.none(), st.just(0), st.integers(0, 10**6)),
        st.sampled_from((*(Stay.HERE,) * 6, Stay.ARRIVED, Stay.TWICE)),
        st.sampled_from([{}, {TOTAL: 10**6}]),
    ),
    max_size=25,
)
Polls = list[tuple[int, DeviceIdentity, object, int | None, Stay, dict[Meter, int]]]


def readings_of(polls: Polls) -> list[Reading]:
    """Return the answers of machines that mostly print on or stand still."""
    at, up, meters = T0, 10**6, {TOTAL: 1000, COPY: 900}
    found: list[Reading] = []
    for minutes, machine, what, uptime, stay, wraps in polls:
        at += timedelta(minutes=minutes)
        up = up + minutes * 60 if uptime is None else uptime
        if isinstance(what, int):
            meters = {meter: value + what for meter, value in meters.items()}
        elif isinstance(what, dict):
            meters = {**meters, **what} if what else {}
        answer = Answer(machine, dict(meters), uptime_s=up, wraps=wraps)
        found.append(Reading(PLACE, at, answer, stay))
    return found


Live = tuple[PlaceState, list[Record], list[Usage], list[Finding]]


def live(readings: list[Reading]) -> Live:
    """Return what the daemon would have written, poll by poll, and what is counted and found."""
    state, records, usages, findings = PlaceState(PLACE), [], [], []
    for reading in readings:
        if reading.stay is Stay.TWICE and state.track is None:
            continue
        record = record_reading(state, reading, GROUND)
        usages += record.usages
        findings += record.findings
        if record.recount_since is not None:
            counted = count(state.track, reading, RULES, OFFICE)
            usages = [*counted.kept(usages), *counted.usages]
            findings += counted.findings
            record = replace(record, state=replace(record.state, track=counted.track))
        state = record.state
        records.append(record)
    return state, records, usages, findings


def stored(records: list[Record]) -> list[Reading]:
    return [one.reading for one in records if one.reading is not None]


@given(POLLS)
def test_counting_again_comes_to_what_was_counted_live(polls: Polls) -> None:
    state, records, usages, findings = live(readings_of(polls))
    found = count_anew(None, Evidence(tuple(stored(records))), RULES, OFFICE)
    assert list(found.usages) == usages
    assert list(found.findings) == findings
    if state.track is not None and found.track is not None:
        # Polls after the newest stored reading are proved by the next one only.
        later = {name: one.last_at for name, one in state.track.meters.items()}
        again = {
            name: replace(one, last_at=later[name]) for name, one in found.track.meters.items()
        }
        assert again == state.track.meters


@given(POLLS)
def test_counting_from_a_checkpoint_is_counting_from_the_beginning(polls: Polls) -> None:
    _, records, _, _ = live(readings_of(polls))
    seen = Evidence(tuple(stored(records)))
    whole = count_anew(None, seen, RULES, OFFICE)
    kept = [one.checkpoint for one in records if one.checkpoint is not None]
    assert len(kept) == len(whole.checkpoints)
    for start in (*kept, *whole.checkpoints):
        rest = count_anew(start, seen, RULES, OFFICE)
        assert rest.track == whole.track
        assert rest.usages == tuple(one for one in whole.usages if one.end > start.at)


@given(POLLS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(polls: Polls, random: object) -> None:
    _, records, _, _ = live(readings_of(polls))
    in_time = stored(records)
    shuffled = list(in_time)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a Random
    before = count_anew(None, Evidence(tuple(in_time)), RULES, OFFICE)
    assert count_anew(None, Evidence(tuple(shuffled)), RULES, OFFICE) == before


ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(list(Verdict)) | st.integers(0, 200),
    ),
    max_size=4,
)


def with_entries(polls: Polls, entries: list[tuple[int, Verdict | int]]) -> CountedAnew:
    """Return what is counted with decisions on readings and readings by hand between them."""
    _, records, _, _ = live(readings_of(polls))
    kept = stored(records)
    said = []
    for number, what in entries:
        if not kept:
            break
        near = kept[number % len(kept)]
        if isinstance(what, Verdict):
            said.append(Decision(f"f{number}", PLACE, near.at, what, WHO))
        else:
            total = near.answer.meters.get(TOTAL, 0) + what
            at = near.at + timedelta(seconds=30)
            said.append(ManualReading(PLACE, at, {TOTAL: total}, WHO))
    return count_anew(None, evidence(kept, said), RULES, OFFICE)


@given(POLLS, ENTRIES)
def test_pages_are_conserved_whatever_people_say(
    polls: Polls, entries: list[tuple[int, Verdict | int]]
) -> None:
    """Within one epoch of one meter, usages join without gap or overlap, and none is negative."""
    spans: dict[tuple[Meter, int], list[tuple[int, int]]] = {}
    for usage in with_entries(polls, entries).usages:
        assert usage.pages > 0 or usage.quality is Quality.ESTIMATED
        assert usage.start <= usage.end
        spans.setdefault((usage.meter, usage.epoch), []).append((usage.first, usage.last))
    for span in spans.values():
        assert all(before[1] == after[0] for before, after in pairwise(span))


@given(POLLS, ENTRIES)
def test_what_was_read_by_hand_is_marked_edited(
    polls: Polls, entries: list[tuple[int, Verdict | int]]
) -> None:
    by_hand = any(not isinstance(what, Verdict) for _, what in entries)
    edited = [one for one in with_entries(polls, entries).usages if one.quality is Quality.EDITED]
    assert by_hand or not edited
    assert all(one.meter == TOTAL for one in edited)


@given(POLLS, st.integers(0, 24), st.integers(0, 24), st.sampled_from((86_400, 400 * 86_400)))
def test_readings_put_right_count_as_if_the_clock_had_been_right(
    polls: Polls, first: int, more: int, ahead: int
) -> None:
    readings = readings_of(polls)
    wrong = readings[first : first + more]
    shifted = [replace(one, at=one.at + timedelta(seconds=ahead)) for one in wrong]
    entries = [Retiming(PLACE, shifted[0].at, shifted[-1].at, -ahead, WHO)] if wrong else []
    under_both = [*readings[:first], *shifted, *readings[first + more :]]
    right = [one for one in readings if not _is_among(one, shifted)]
    found = count_anew(None, evidence(under_both, entries), RULES, OFFICE)
    if len(right) == len(readings):
        assert found == count_anew(None, evidence(readings, []), RULES, OFFICE)


@given(POLLS, st.integers(0, 24), st.integers(1, 24), st.integers(1, 400_000))
def test_readings_put_right_by_their_times_leave_all_others_where_they_are(
    polls: Polls, first: int, more: int, ahead: int
) -> None:
    readings = readings_of(polls)
    assume(readings)
    first %= len(readings)
    wrong = readings[first : first + more]
    shifted = [replace(one, at=one.at + timedelta(seconds=ahead)) for one in wrong]
    others = [*readings[:first], *readings[first + more :]]
    times = frozenset(one.at for one in shifted)
    assume(times.isdisjoint(one.at for one in others))
    entry = Retiming(PLACE, min(times), max(times), -ahead, WHO, times=times)
    found = count_anew(None, evidence([*others, *shifted], [entry]), RULES, OFFICE)
    assert found == count_anew(None, evidence(readings, []), RULES, OFFICE)


def _is_among(reading: Reading, shifted: list[Reading]) -> bool:
    return bool(shifted) and shifted[0].at <= reading.at <= shifted[-1].at
