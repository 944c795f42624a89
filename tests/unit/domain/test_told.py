"""Lines of a readings file: what one says, and in which order they came."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.told import Lines, OutOfOrder, Refused, Told, in_order, strangers
from collector.domain.meters import METERS
from collector.domain.office.shares import PlaceId

T0 = datetime(2026, 6, 1, tzinfo=UTC)


def said(minutes: float, *, uptime: int | None = None, place: str = "p") -> dict[str, Any]:
    at = (T0 + timedelta(minutes=minutes)).isoformat()
    line: dict[str, Any] = {"at": at, "place": place, "meters": {"total": 5}}
    return line if uptime is None else {**line, "uptime_s": uptime}


def told(lines: Iterable[dict[str, Any]]) -> list[Told]:
    understand = Lines()
    return [understand.told(number, line) for number, line in enumerate(lines, start=1)]


@given(st.dictionaries(st.sampled_from(sorted(METERS)), st.integers(0, 2**63 - 1), min_size=1))
def test_every_meter_comes_back_as_it_was_written(meters: dict[str, int]) -> None:
    answer = Lines().told(1, {**said(0), "meters": meters}).answer
    assert answer is not None
    assert answer.meters == meters


@given(
    st.sampled_from(["at", "place", "serial", "mac", "model", "uptime_s", "meters", "wraps"]),
    st.one_of(st.booleans(), st.floats(), st.lists(st.integers(), max_size=2), st.integers(-9, -1)),
)
def test_what_is_of_another_kind_is_refused_by_its_key(key: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        Lines().told(1, {**said(0), key: value})
    assert refused.value.key.startswith(key)


def test_marks_that_identify_nothing_are_none() -> None:
    one = Lines().told(1, {**said(0), "serial": "0000000000", "mac": "00-00-00-00-00-00"})
    assert one.answer is not None
    assert (one.answer.identity.serial, one.answer.identity.mac) == (None, None)
    two = Lines().told(1, {**said(0), "serial": " ab 123 ", "mac": "001B.2C3D.4E5F"})
    assert two.answer is not None
    assert (two.answer.identity.serial, two.answer.identity.mac) == ("AB123", "00:1b:2c:3d:4e:5f")


def test_machines_that_say_the_same_are_kept_once() -> None:
    first, second = told([{**said(n), "serial": "AB123"} for n in range(2)])
    assert first.answer is not None
    assert second.answer is not None
    assert first.answer.identity is second.answer.identity


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.randoms())
def test_places_may_follow_one_another_or_be_mixed(gaps: list[int], dice: Any) -> None:  # noqa: ANN401 - JSON
    times = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    lines = [said(at, place=place) for place in ("p", "q") for at in times]
    mixed = sorted(lines, key=lambda one: (one["at"], dice.random()))
    for order in (lines, mixed):
        found = in_order(told(order))
        assert all(a.came <= b.came for a, b in pairwise(found))
        assert all(one.came == one.at for one in found)


@given(
    st.integers(4, 20),
    st.integers(1, 3),
    st.sampled_from([timedelta(days=1), timedelta(days=365), timedelta(days=-20)]),
)
def test_a_clock_that_was_wrong_moves_no_line_from_its_place(
    before: int, wrong: int, off: timedelta
) -> None:
    count = 2 * before + wrong
    lines = told(said(60 * n, uptime=1000 + 3600 * n) for n in range(count))
    span = range(before, before + wrong)
    moved = [
        Told(one.line, one.place, one.at + off, one.at + off, one.answer)
        if one.line - 1 in span
        else one
        for one in lines
    ]
    found = in_order(moved)
    assert [one.line for one in found] == [one.line for one in lines]
    assert all(a.came < b.came for a, b in pairwise(found))
    assert [one.line - 1 for one in found if one.came != one.at] == list(span)


@pytest.mark.parametrize(
    "lines",
    [
        [said(60), said(0)],
        [said(60, uptime=500), said(0, uptime=400)],
        [said(60, uptime=500), said(0)],
        [said(0, uptime=500), said(0, uptime=600)],
        [said(0), {"at": T0.isoformat(), "place": "p", "silent": True}],
    ],
)
def test_a_step_back_that_no_longer_uptime_explains_is_refused(lines: list[dict[str, Any]]) -> None:
    with pytest.raises(OutOfOrder) as refused:
        in_order(told(lines))
    assert (refused.value.line, refused.value.key) == (2, "at")


def test_every_strange_place_is_named_once() -> None:
    lines = told(said(n, place=place) for n, place in enumerate("pqrq"))
    assert [one.line for one in strangers(lines, [PlaceId("p")])] == [2, 3]
