"""The short form of `python -m tests.answers`: what is read fast is read right."""

import random
from typing import Final

import pytest

from tests.answers.__main__ import judged
from tests.answers.made import KINDS, Kind, talk

ANSWERS: Final = 3_000


def test_every_answer_is_read_alike_or_left_to_the_careful_codec() -> None:
    found = [judged(seed) for seed in range(ANSWERS)]
    assert [seed for seed, one in enumerate(found) if one[2] == "WRONG"] == []
    for kind in KINDS:
        for is_true, verdict in ((True, "read"), (False, "read"), (False, "left")):
            assert found.count((kind, is_true, verdict)) > ANSWERS // 100  # type: ignore[arg-type] # literals


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_asked_in_the_octets_of_the_library(kind: Kind) -> None:
    dice = random.Random(7)
    for _ in range(50):
        one = talk(dice, kind)
        assert one.asked == one.asked_by_library
