"""The counters are asked for at every poll in one request; what is slow takes turns beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.demo_agents import ber
from collector.adapters.snmp.session import Oid, Value
from collector.adapters.snmp.turns import FRAME, PATIENCE, Turns

COUNTERS = tuple((1, 3, 6, 1, 4, 1, 367, n, 0) for n in range(20))
LEVELS = tuple((1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9, 1, n) for n in range(1, 15))
LIMITS = st.none() | st.integers(1, 60)
NAMES = st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=16), max_size=40)


def answered(*names: Oid, value: Value = 7) -> dict[Oid, Value]:
    return dict.fromkeys(names, value)


def asked(
    turns: Turns, at_once: int | None = None, value: Value = 7
) -> tuple[tuple[Oid, ...], ...]:
    questions = turns.questions(at_once)
    turns.heard(questions, answered(*(name for one in questions for name in one), value=value))
    return questions


def test_everything_is_asked_the_first_time_and_wherever_it_fits() -> None:
    turns = Turns(COUNTERS, LEVELS)
    for _ in range(5):
        assert asked(turns) == (COUNTERS + LEVELS,)


def test_what_does_not_fit_takes_turns_and_nothing_is_left_out() -> None:
    turns = Turns(COUNTERS, LEVELS)
    asked(turns)
    seen: list[Oid] = []
    for _ in range(4):
        (question,) = asked(turns, at_once=25)
        assert question[:20] == COUNTERS
        assert len(question) == 25
        seen += question[20:]
    assert seen[:14] == list(LEVELS)
    assert seen[14:] == list(LEVELS[:6])


def test_long_texts_take_turns_by_their_size() -> None:
    """Forty octets for each name and value would be too much for a frame."""
    turns = Turns(COUNTERS, LEVELS)
    asked(turns, value=b"x" * 30)
    (question,) = asked(turns, value=b"x" * 30)
    assert 20 < len(question) < 34


@pytest.mark.parametrize("at_once", [7, 10, 20])
def test_an_agent_that_answers_few_names_is_asked_no_more_often_for_levels(at_once: int) -> None:
    turns = Turns(COUNTERS, LEVELS)
    asked(turns)
    requests = -(-len(COUNTERS) // at_once)
    extra = []
    for _ in range(2 * PATIENCE):
        first, *more = asked(turns, at_once)
        assert -(-len(first) // at_once) == requests
        extra += [(len(one), first == COUNTERS) for one in more]
    room = -len(COUNTERS) % at_once
    assert extra == ([] if room else [(min(at_once, len(LEVELS)), True)] * 2)


def test_what_was_heard_at_another_turn_is_given_until_it_is_asked_again() -> None:
    turns = Turns(COUNTERS[:1], LEVELS)
    asked(turns)
    question = turns.questions(4)
    found = turns.heard(question, answered(COUNTERS[0], LEVELS[0], value=9))
    assert found == {COUNTERS[0]: 9, LEVELS[0]: 9} | answered(*LEVELS[3:])
    assert {LEVELS[1], LEVELS[2]} == set(question[0]) - {COUNTERS[0], LEVELS[0]}


def test_a_counter_is_never_given_from_another_poll() -> None:
    turns = Turns(COUNTERS, LEVELS)
    asked(turns)
    assert turns.heard(turns.questions(None), {}) == {}


@given(
    NAMES, NAMES, LIMITS, st.integers(0, 2**64 - 1) | st.sampled_from([b"", b"x" * 99, b"x" * 2000])
)
def test_always_all_counters_and_every_level_in_time(
    always: list[list[int]], others: list[list[int]], at_once: int | None, value: Value
) -> None:
    counters = tuple(dict.fromkeys(map(tuple, always)))
    levels = {tuple(one) for one in others} - set(counters)
    turns = Turns(counters, [tuple(one) for one in others])
    asked(turns, value=value)
    seen: set[Oid] = set()
    for _ in range((PATIENCE + 1) * (len(levels) + 1)):
        first, *more = asked(turns, at_once, value)
        assert first[: len(counters)] == counters
        assert len(first) == len(set(first))
        seen |= {name for one in (first, *more) for name in one}
    assert seen == set(counters) | levels


@given(NAMES, st.lists(st.integers(-(2**31), 2**64 - 1) | st.binary(max_size=300), max_size=40))
def test_what_fits_a_frame_by_this_measure_fits_it_on_the_wire(
    others: list[list[int]], values: list[Value]
) -> None:
    names = tuple(dict.fromkeys((1, 3, *one) for one in others))
    answer = dict(zip(names, values, strict=False))
    turns = Turns((), names)
    turns.heard(turns.questions(None), answer)
    (question, *_) = turns.questions(None)
    rows = b"".join(ber.row(name, _encoded(answer.get(name))) for name in question)
    assert len(rows) <= FRAME


def _encoded(value: Value | None) -> bytes:
    if value is None:
        return ber.NO_SUCH_OBJECT
    return ber.integer(value) if isinstance(value, int) else ber.tlv(ber.OCTETS, bytes(value))
