"""Whatever rows are laid together come apart again to the letter, and a changed bit is found."""

import json
import zlib
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.ledger_sqlite.packed import (
    Row,
    Segment,
    laid_together,
)
from collector.encoding.columns import NOT_UNDERSTOOD

PLACE = 7
METERS = {1: ("total", "scan"), 2: ("total",), 3: (), 4: ("total", "scan", "copy")}
TERMS = {11: ("life",), 12: ()}
NUMBERS = {"total": 21, "scan": 22}
"""`copy` was never numbered: nothing of it was counted."""

BIG = st.integers(0, 2**70)
SOME = st.integers(0, 9) | st.integers(0, 4000)


def sets(number: int | None) -> Sequence[str]:
    return () if number is None else {**METERS, **TERMS}[number]


def text(counts: Sequence[int]) -> str:
    return json.dumps(counts, separators=(",", ":"))


@st.composite
def readings(draw: st.DrawFn) -> list[Row]:
    """Return the readings of one place in order, mostly of one machine that goes on counting."""
    at, total, rows = draw(st.integers(0, 2**33)), draw(SOME | BIG), []
    for _ in range(draw(st.integers(1, 12))):
        at += draw(st.integers(0, 5000))
        total += draw(SOME)
        meters = draw(st.sampled_from((1, 1, 1, 2, 3, 4)))
        counts = [draw(st.just(total) | SOME | BIG) for _ in METERS[meters]]
        terms = draw(st.none() | st.sampled_from(sorted(TERMS)))
        raw = None if terms is None else text([draw(BIG) for _ in TERMS[terms]])
        confirmed = draw(st.none() | st.integers(0, at))
        device = draw(st.sampled_from((31, 31, 31, 32)))
        rows.append(
            (
                *(PLACE, at, device, draw(st.integers(1, 2)), meters, text(counts)),
                *(draw(st.none() | SOME | BIG), draw(st.sampled_from(("idle", "idle low_toner")))),
                *(draw(st.none() | st.integers(1, 3)), draw(st.integers(0, 2)), confirmed),
                None if confirmed is None else draw(st.none() | SOME),
                *(terms, raw, draw(st.none() | SOME), draw(st.none() | st.just("{}"))),
            )
        )
    return sorted({row[1:3]: row for row in rows}.values(), key=lambda row: row[1:3])


@st.composite
def usages(draw: st.DrawFn, rows: Sequence[Row]) -> list[Row]:
    """Return usages, most of which are differences of `rows`."""
    found = {}
    for before, row in pairwise(rows):
        counts = dict(zip(sets(row[4]), json.loads(row[5]), strict=True))
        first = dict(zip(sets(before[4]), json.loads(before[5]), strict=True))
        for name in counts.keys() & first.keys() & NUMBERS.keys():
            start = before[1] if row[10] is None else row[10]
            pages = counts[name] - first[name] + draw(st.sampled_from((0, 0, 0, 1)))
            opened = first[name] if first[name] < 2**63 else str(first[name])
            key = (PLACE, row[1], row[2], NUMBERS[name], draw(st.sampled_from((1, 1, 1, 2))))
            rest = draw(st.sampled_from(((0, None, None), (0, None, None), (1, 2, 9))))
            if draw(st.booleans()):
                found[key] = (*key, row[1] - start, opened, pages, *rest)
    return list(found.values())


@given(st.data())
def test_what_is_laid_together_comes_apart_to_the_letter(data: st.DataObject) -> None:
    rows = data.draw(readings())
    used = data.draw(usages(rows))
    times = [row[1] for row in rows]
    log = data.draw(st.dictionaries(st.sampled_from(times), st.integers(1, 2**40)))

    body = laid_together(rows, used, log, sets, NUMBERS)
    found = Segment(json.loads(body), PLACE, times[0], sets, NUMBERS)

    assert found.readings == rows
    assert set(found.usages) <= set(used)
    assert len(set(found.usages)) == len(found.usages)
    since, until = sorted(data.draw(st.tuples(*[st.sampled_from(times)] * 2)))
    assert found.between(since, until) == [row for row in rows if since <= row[1] <= until]
    assert sorted(found.log) == sorted((seq, at) for at, seq in log.items())


def test_plain_usages_of_a_working_day_all_go() -> None:
    """Where they did not, nothing would be wrong and the ledger six times as large."""
    rows, used = [], []
    for number in range(50):
        at, total = 300 * number, 1000 + 3 * number
        confirmed = at - 60 if number % 2 else None
        row = (PLACE, at, 31, 1, 1, text([total, 5]), at, "idle", 1, 0, confirmed, None)
        rows.append((*row, None, None, None, None))
        if number:
            lasted = 60 if number % 2 else 300
            used.append((PLACE, at, 31, 21, 2, lasted, total - 3, 3, 0, None, None))
    body = laid_together(rows, used, {}, sets, NUMBERS)
    assert Segment(json.loads(body), PLACE, 0, sets, NUMBERS).usages == used
    assert len(zlib.compress(body.encode())) < 10 * len(rows)


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"at":[0],"which":[0]}'])
def test_what_is_no_body_is_one_of_the_known_errors(body: str) -> None:
    with pytest.raises(NOT_UNDERSTOOD):
        Segment(json.loads(body), PLACE, 0, sets, NUMBERS)


@pytest.mark.parametrize("column", ["which", "uptime", "ago", "then", "seq"])
def test_a_column_that_is_shorter_is_refused(column: str) -> None:
    row = (PLACE, 9, 31, 1, 1, "[1,2]", 5, "idle", 1, 0, None, None, None, None, None, None)
    body = json.loads(laid_together([row], (), {}, sets, NUMBERS))
    body[column].pop()
    with pytest.raises(ValueError, match="lengths"):
        Segment(body, PLACE, 9, sets, NUMBERS)
