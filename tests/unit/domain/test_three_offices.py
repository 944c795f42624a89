"""A town hall, a school and a fire station: forecasts beat both simple rules in each of them.

Run as a program, it prints the table for the seeds it is given.
"""

import random
import sys
from collections.abc import Iterator, Sequence

import pytest

from collector.domain.month.back_test import PastForecast, Score, replay, scores
from tests.unit.domain.simulated_offices import OFFICES, SimulatedOffice

pytestmark = pytest.mark.slow

SEED = 20261129
DEPARTMENTS = 12
JUDGED = range(1, 12)
"""Months of 2026, each with almost two years before it."""

DAYS = (5, 10, 15)


def said_of(
    one: SimulatedOffice, seed: int, departments: int = DEPARTMENTS
) -> Iterator[PastForecast]:
    """Yield what would have been said of the last months after 5, 10 and 15 working days."""
    dice = random.Random(f"{seed} {one.name}")
    for _ in range(departments):
        daily = one.department(dice)
        for number in JUDGED:
            period = one.office.period(f"2026-{number:02d}")
            before = one.office.before(period, 12)
            months = {before.name: sum(daily[day] for day in before.days)}
            yield from (
                said for said in replay(daily, one.office, period, months) if said.after in DAYS
            )


@pytest.fixture(scope="module", params=OFFICES, ids=lambda one: one.name)
def judged(request: pytest.FixtureRequest) -> dict[int | None, Score]:
    found = {one.after: one for one in scores(said_of(request.param, SEED))}
    print(table(request.param.name, found))  # noqa: T201 - shown on failure and with -s
    return found


@pytest.mark.parametrize("after", DAYS)
def test_the_mean_error_is_below_both_simple_rules(
    judged: dict[int | None, Score], after: int
) -> None:
    score = judged[after]
    assert score.cases > 90
    assert score.error_by_hand is not None
    assert score.error_last_year is not None
    assert score.error < score.error_by_hand
    assert score.error < score.error_last_year


def test_four_months_in_five_end_within_the_range(judged: dict[int | None, Score]) -> None:
    assert 0.75 <= judged[None].coverage <= 0.90
    assert abs(judged[None].bias) < 0.03


def table(name: str, found: dict[int | None, Score]) -> str:
    """Return a line for each of the working days gone."""
    return "\n".join(
        f"{name:13} {after or 'all':>3}: {one.error:6.1%}, by days {one.error_by_hand or 0:6.1%}, "
        f"last year {one.error_last_year or 0:6.1%}, in range {one.coverage:4.0%}, "
        f"leaning {one.bias:+.1%} ({one.cases})"
        for after, one in found.items()
    )


def _print(seeds: Sequence[str]) -> None:
    for seed in map(int, seeds):
        for one in OFFICES:
            found = {score.after: score for score in scores(said_of(one, seed))}
            sys.stdout.write(f"seed {seed}\n{table(one.name, found)}\n")


if __name__ == "__main__":
    _print(sys.argv[1:])
