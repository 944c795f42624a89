"""One request asks for the counters at every poll; what is slow waits in a queue beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.reading.slow_poll import EVERY_S, FRAME, PATIENCE, SlowPollQueue
from collector.demo import agent as ber

COUNTERS = tuple((1, 3, 6, 1, 4, 1, 367, n, 0) for n in range(20))
LEVELS = tuple((1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9, 1, n) for n in range(1, 15))
LIMITS = st.none() | st.integers(1, 60)
NAMES = st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=16), max_size=40)
LATER = float(EVERY_S)


def answered(*names: Oid, value: Value = 7) -> dict[Oid, Value]:
    return dict.fromkeys(names, value)


def asked(
    queue: SlowPollQueue, at_once: int | None = None, value: Value = 7, now: float = LATER
) -> tuple[tuple[Oid, ...], tuple[Oid, ...]]:
    questions = queue.questions(at_once, now)
    for question in filter(None, questions):
        queue.heard(question, answered(*question, value=value))
    return questions


def test_everything_is_asked_the_first_time_and_then_every_quarter_of_an_hour() -> None:
    queue = SlowPollQueue(COUNTERS, LEVELS)
    assert asked(queue, now=0) == (COUNTERS + LEVELS, ())
    for now in (300, 600, EVERY_S - 1):
        assert asked(queue, now=now) == (COUNTERS, ())
    assert asked(queue, now=EVERY_S + 1) == (COUNTERS + LEVELS, ())
    assert asked(queue, now=EVERY_S + 301) == (COUNTERS, ())


def test_what_does_not_fit_waits_in_the_queue_and_nothing_is_left_out() -> None:
    queue = SlowPollQueue(COUNTERS, LEVELS)
    asked(queue, now=0)
    seen: list[Oid] = []
    for _ in range(3):
        question, apart = asked(queue, at_once=25)
        assert question[:20] == COUNTERS
        assert (len(question), apart) == (min(25, 20 + 14 - len(seen)), ())
        seen += question[20:]
    assert seen == list(LEVELS)
    assert asked(queue, at_once=25) == (COUNTERS, ())


def test_long_texts_wait_by_their_size() -> None:
    """Forty octets for each name and value would be too much for a frame."""
    queue = SlowPollQueue(COUNTERS, LEVELS)
    asked(queue, value=b"x" * 30, now=0)
    question, _ = asked(queue, value=b"x" * 30)
    assert 20 < len(question) < 34


@pytest.mark.parametrize("at_once", [7, 10, 20])
def test_an_agent_that_answers_few_names_is_asked_no_more_often_for_levels(at_once: int) -> None:
    queue = SlowPollQueue(COUNTERS, LEVELS)
    asked(queue, now=0)
    requests = -(-len(COUNTERS) // at_once)
    room = -len(COUNTERS) % at_once
    apart: list[int] = []
    for _ in range(2 * PATIENCE):
        first, second = asked(queue, at_once)
        assert -(-len(first) // at_once) == requests
        apart += [len(second)] if second else []
    left = len(LEVELS) - at_once
    expected = [min(at_once, len(LEVELS))] + ([left] if left > 0 else [])
    assert apart == ([] if room else expected)


def test_what_was_heard_at_another_poll_is_known_until_it_is_asked_again() -> None:
    queue = SlowPollQueue(COUNTERS[:1], LEVELS)
    asked(queue, now=0)
    question, _ = queue.questions(4, LATER)
    queue.heard(question, answered(COUNTERS[0], LEVELS[0], value=9))
    assert question == (COUNTERS[0], *LEVELS[:3])
    assert queue.known == {LEVELS[0]: 9} | answered(*LEVELS[3:])


def test_after_a_silence_only_counters_are_asked_for_until_it_is_due_again() -> None:
    queue = SlowPollQueue(COUNTERS, LEVELS)
    queue.questions(None, 0)
    queue.put_off()
    assert asked(queue, now=60) == (COUNTERS, ())
    assert asked(queue, now=EVERY_S + 61)[0] == COUNTERS + LEVELS


def test_a_machine_that_answers_only_its_counters_is_asked_for_the_rest_apart() -> None:
    queue = SlowPollQueue(COUNTERS, LEVELS)
    queue.questions(None, 0)
    queue.keep_apart(0)
    assert asked(queue, now=60) == (COUNTERS, ())
    first, second = asked(queue, now=EVERY_S)
    assert first == COUNTERS
    assert second == LEVELS


@given(NAMES, NAMES, LIMITS, st.sampled_from([0, 2**64 - 1, b"", b"x" * 99, b"x" * 2000]))
def test_always_all_counters_and_every_level_in_time(
    always: list[list[int]], others: list[list[int]], at_once: int | None, value: Value
) -> None:
    counters = tuple(dict.fromkeys(map(tuple, always)))
    levels = {tuple(one) for one in others} - set(counters)
    queue = SlowPollQueue(counters, [tuple(one) for one in others])
    asked(queue, value=value, now=0)
    seen: set[Oid] = set()
    for _ in range((PATIENCE + 1) * (len(levels) + 1)):
        first, second = asked(queue, at_once, value)
        assert first[: len(counters)] == counters
        assert len(first) == len(set(first))
        seen |= {*first, *second}
    assert seen == set(counters) | levels
    assert set(queue.known) == levels


@given(NAMES, st.lists(st.integers(-(2**31), 2**64 - 1) | st.binary(max_size=300), max_size=40))
def test_what_fits_a_frame_by_this_measure_fits_it_on_the_wire(
    others: list[list[int]], values: list[Value]
) -> None:
    names = tuple(dict.fromkeys((1, 3, *one) for one in others))
    answer = dict(zip(names, values, strict=False))
    queue = SlowPollQueue((), names)
    queue.heard(queue.questions(None, 0)[0], answer)
    question, _ = queue.questions(None, LATER)
    rows = b"".join(ber.row(name, _encoded(answer.get(name))) for name in question)
    assert len(rows) <= FRAME


def _encoded(value: Value | None) -> bytes:
    if value is None:
        return ber.NO_SUCH_OBJECT
    return ber.integer(value) if isinstance(value, int) else ber.tlv(ber.OCTETS, bytes(value))
