"""The short form of `python -m tests.answers`: what is read fast is read right."""

import random
from collections import Counter
from typing import Final

import pytest

from tests.answers.__main__ import judged
from tests.answers.made import KINDS, Kind, questions, talk

QUESTIONS: Final = 300


def test_every_answer_is_read_alike_or_left_to_the_careful_codec() -> None:
    found = [judged(seed) for seed in range(QUESTIONS)]
    assert [seed for seed, (_, verdicts) in enumerate(found) if "WRONG" in verdicts] == []
    assert {verdicts[0] for _, verdicts in found} == {"read"}
    for kind in KINDS:
        damaged = Counter(one for of, verdicts in found if of == kind for one in verdicts[1:])
        assert damaged["read"] > QUESTIONS // 10
        assert damaged["left"] > QUESTIONS


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_asked_in_the_octets_of_the_library(kind: Kind) -> None:
    dice = random.Random(7)
    for _ in range(50):
        one = talk(dice, kind)
        assert one.asked == one.asked_by_library


def test_what_a_walk_asks_is_asked_in_the_octets_of_the_library() -> None:
    dice = random.Random(8)
    for _ in range(50):
        for ours, library in questions(dice):
            assert ours == library
