"""What something has saved: no day after it is learnt from, and chance is not sold as a saving.

Run as a program, it prints the table for the seeds it is given.
"""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.month.effect import (
    IMPRESSIONS,
    Between,
    EffectFigure,
    EffectKind,
    Ratio,
    TimeBefore,
    effect,
)
from collector.domain.office.office_calendar import ONE_DAY, Office, months_later
from tests.unit.domain.simulated_offices import FIRST, OFFICES

pytestmark = pytest.mark.slow

SEED = 20261130
DEPARTMENTS = 5
SINCE = ("2025-09", "2026-01", "2026-04", "2026-06")
HISTORY = (4, 8, 13, 18, 23)
"""Months that were counted before."""
AHEAD = (1, 3, 6)

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
JULY = date(2026, 7, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """An effect that was told, and what was truly saved."""

    told: EffectFigure
    truth: float

    @property
    def is_within(self) -> bool:
        return self.told.saved.low <= self.truth <= self.told.saved.high


SAVED = (0.0, 0.15, 0.33)


def cases(seed: int, departments: int = DEPARTMENTS) -> dict[float, list[Case]]:
    """Return by share saved the effects in departments that print as they do in life."""
    found: dict[float, list[Case]] = {saved: [] for saved in SAVED}
    for one in OFFICES:
        dice = random.Random(f"{seed} {one.name}")
        for _ in range(departments):
            printed = one.department(dice)
            for since, history in product(SINCE, HISTORY):
                first, begin = _first(months_later(since, -history)), _first(since)
                if first < FIRST:
                    continue
                known = {day: pages for day, pages in printed.items() if day >= first}
                before = TimeBefore(known, one.office, begin, {})
                for ahead, saved in product(AHEAD, SAVED):
                    until = one.office.period(months_later(since, ahead - 1)).end
                    pages = sum(count for day, count in known.items() if begin <= day <= until)
                    left = pages * (1 - saved)
                    told = effect(before, Between(left, left, left), until)
                    assert told is not None
                    found[saved].append(Case(told, pages - left))
    return found


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


@pytest.fixture(scope="module")
def judged() -> dict[float, list[Case]]:
    found = cases(SEED)
    print(table(found))  # noqa: T201 - shown on failure and with -s
    return found


def share_of(kind: EffectKind, found: Sequence[Case]) -> float:
    return fmean(one.told.kind is kind for one in found)


def test_where_nothing_was_done_a_saving_is_claimed_hardly_ever(
    judged: dict[float, list[Case]],
) -> None:
    """Of 100 ranges 5 may miss the truth: half of these would be savings."""
    found = judged[0.0]
    assert len(found) > 500
    assert share_of(EffectKind.SAVED, found) <= 0.035
    assert share_of(EffectKind.MORE, found) <= 0.035


def test_of_fifteen_per_cent_saved_the_truth_lies_in_the_range(
    judged: dict[float, list[Case]],
) -> None:
    found = judged[0.15]
    assert 0.93 <= fmean(one.is_within for one in found) <= 0.99
    assert share_of(EffectKind.MORE, found) <= 0.005
    assert share_of(EffectKind.SAVED, found) >= 0.12


def test_a_third_saved_is_seen_most_of_the_time_where_the_range_is_narrow(
    judged: dict[float, list[Case]],
) -> None:
    found = [one for one in judged[0.33] if one.told.tellable < 0.25]
    assert len(found) > 50
    assert share_of(EffectKind.SAVED, found) >= 0.8


def flat(days: int, pages: int, since: date = JULY) -> dict[date, int]:
    """Return so many days before `since`, alike but for a little that comes and goes."""
    found = (since - ONE_DAY * n for n in range(1, days + 1))
    return {day: pages + day.day % 5 for day in found if OFFICE.works_on(day)}


@settings(max_examples=25)
@given(st.dictionaries(st.dates(JULY, date(2026, 12, 31)), st.integers(0, 10**6)))
def test_nothing_later_is_learnt_from(later: dict[date, int]) -> None:
    known = flat(150, 100)
    until = date(2026, 9, 30)
    alone = TimeBefore(known, OFFICE, JULY, {})
    beside = TimeBefore(known | later, OFFICE, JULY, {})
    assert beside.expected(until) == alone.expected(until)
    assert beside.off_by(3) == alone.off_by(3)


@settings(max_examples=50)
@given(st.integers(80, 200), st.integers(1, 120), st.floats(0, 3))
def test_the_range_holds_what_was_saved(history: int, days: int, left: float) -> None:
    until = JULY + ONE_DAY * days
    before = TimeBefore(flat(history, 500), OFFICE, JULY, {})
    pages = left * before.expected(until)
    told = effect(before, Between(pages, pages * 0.99, pages * 1.01), until)
    if before.whole_months < 3:
        assert told is None
        return
    assert told is not None
    assert told.saved.low <= told.saved.value <= told.saved.high
    assert told.saved.value == pytest.approx(told.expected - pages)
    assert (told.kind is EffectKind.CHANCE) == (told.saved.low <= 0 <= told.saved.high)
    assert 0 < told.tellable < 1


def test_less_is_known_the_longer_the_doubt_about_what_was_counted() -> None:
    before = TimeBefore(flat(400, 100), OFFICE, JULY, {})
    until = date(2026, 9, 30)
    sure, unsure = Between(4000, 4000, 4000), Between(4000, 3000, 5000)
    told, doubted = effect(before, sure, until), effect(before, unsure, until)
    assert told is not None
    assert doubted is not None
    assert doubted.saved.low == told.saved.low - 1000
    assert doubted.saved.high == told.saved.high + 1000


def test_with_fewer_than_three_whole_months_nothing_is_said() -> None:
    little = TimeBefore(flat(89, 100), OFFICE, JULY, {})
    assert little.whole_months == 2, "the third one began before it was counted"
    assert effect(little, Between(5, 5, 5), date(2026, 7, 31)) is None
    enough = TimeBefore(flat(91, 100), OFFICE, JULY, {})
    assert enough.whole_months == 3
    assert effect(enough, Between(5, 5, 5), date(2026, 7, 31)) is not None


def test_months_of_old_sheets_count_as_known_and_tell_of_the_season() -> None:
    """Last August came to a third: this one will."""
    months = {months_later("2026-06", -back): 2000 for back in range(24)}
    months |= {"2025-08": 700, "2024-08": 700}
    until = date(2026, 8, 31)
    plain = TimeBefore(flat(91, 100), OFFICE, date(2026, 8, 1), {})
    told = TimeBefore(flat(91, 100, date(2026, 8, 1)), OFFICE, date(2026, 8, 1), months)
    assert told.grown_by > 0 == plain.grown_by
    assert told.expected(until) < 0.6 * 21 * 100
    assert told.off_by(1) < TimeBefore(flat(91, 100), OFFICE, JULY, {}).off_by(1)


def test_what_was_long_ago_alone_is_no_time_before() -> None:
    months = {months_later("2025-06", -back): 2000 for back in range(12)}
    assert TimeBefore({}, OFFICE, JULY, months).whole_months == 0


def test_a_department_that_printed_nothing_has_no_effect() -> None:
    nothing = dict.fromkeys(flat(200, 100), 0)
    assert effect(TimeBefore(nothing, OFFICE, JULY, {}), Between(0, 0, 0), JULY) is None


def test_how_long_to_wait_is_told_where_waiting_helps() -> None:
    """A difference that a month cannot show, half a year can; a tiny one nobody ever will."""
    before = TimeBefore(flat(700, 100), OFFICE, JULY, {})
    until = date(2026, 7, 31)
    expected = before.expected(until)
    size = (before.off_by(1) + before.off_by(12)) / 2

    def cut(by: float) -> EffectFigure:
        pages = expected * (1 - by)
        told = effect(before, Between(pages, pages, pages), until)
        assert told is not None
        return told

    soon, never, told = cut(size * 0.93), cut(0.01), cut(0.6)
    assert soon.kind is EffectKind.CHANCE
    assert soon.wait is not None
    assert 1 <= soon.wait <= 12
    assert (never.kind, never.wait) == (EffectKind.CHANCE, None)
    assert (told.kind, told.wait) == (EffectKind.SAVED, None)


def test_a_department_that_strays_more_than_others_is_less_sure() -> None:
    dice = random.Random(7)
    calm = flat(700, 1000)
    month = {f"{day:%Y-%m}": dice.uniform(0.4, 1.9) for day in sorted(calm)}
    wild = {day: round(pages * month[f"{day:%Y-%m}"]) for day, pages in calm.items()}
    off = [TimeBefore(daily, OFFICE, JULY, {}).off_by(3) for daily in (calm, wild)]
    assert off[1] > 1.5 * off[0]


def test_sheets_follow_the_impressions_by_what_each_took() -> None:
    before = TimeBefore(flat(400, 100), OFFICE, JULY, {})
    until = date(2026, 9, 30)
    ratio = Ratio.of([0.8, 0.82, 0.78, 0.8])
    pages, sheets = before.expected(until), 1000.0
    told = effect(before, Between(sheets, sheets, sheets), until, ratio)
    assert told is not None
    assert told.expected == pytest.approx(pages * 0.8)
    assert told.tellable > 1 - 1 / (1 + before.off_by(3)) - 0.2
    assert Ratio.of([0.5, 0.9, 0.6, 1.0]).off_by(3) > ratio.off_by(3) > 0
    assert IMPRESSIONS.off_by(1) == 0


def test_an_amount_at_an_uncertain_rate_keeps_both_ends_in_order() -> None:
    assert Between(10, -5, 20).times(2, 0.5, 2) == Between(20, -20, 80)
    assert Between(-10, -20, -5).times(1, 0.5, 2) == Between(-10, -40, -2.5)


def table(found: Mapping[float, Sequence[Case]]) -> str:
    """Return a line for each share saved."""
    return "\n".join(
        f"saved {saved:4.0%}: told less {share_of(EffectKind.SAVED, ones):5.1%}, "
        f"more {share_of(EffectKind.MORE, ones):5.1%}, "
        f"in range {fmean(one.is_within for one in ones):5.1%} ({len(ones)})"
        for saved, ones in found.items()
    )


if __name__ == "__main__":
    for given_seed in map(int, sys.argv[1:]):
        sys.stdout.write(f"seed {given_seed}\n{table(cases(given_seed))}\n")
