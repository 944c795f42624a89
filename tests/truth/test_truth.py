"""The short form of `make truth`: every kind of accident once, with a fixed seed."""

import pytest

from tests.truth.accidents import KINDS
from tests.truth.score import Number, numbers

pytestmark = pytest.mark.integration

SEEDS = {kind: 9000 + number for number, kind in enumerate(KINDS)}
KNOWN_OUTSIDE = 2
"""Months that may lie outside a range that is meant to hold 95 in 100."""


@pytest.fixture(scope="module")
def months() -> list[Number]:
    """Return what came of every month of 32 small offices."""
    return [one for kind, seed in SEEDS.items() for one in numbers(seed, (kind,), brief=True)]


def test_no_number_is_silently_wrong(months: list[Number]) -> None:
    assert [one for one in months if one.silent_wrong] == []


def test_the_range_holds_the_truth(months: list[Number]) -> None:
    assert len([one for one in months if not one.inside]) <= KNOWN_OUTSIDE


def test_what_is_read_without_accident_is_true_to_the_page(months: list[Number]) -> None:
    quiet = [one for one in months if one.kind == "quiet" and not one.waits]
    assert quiet
    assert [one for one in quiet if one.truth != one.pages] == []
