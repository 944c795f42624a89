"""Batches: every row is delivered or named, whatever the server refuses."""

import math

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.influx.answers import NotTaken, Stored
from collector.adapters.influx.line_protocol import deliver, render
from collector.domain.rows import Row
from tests.fakes.rows import NOON, copier_row


class PickyServer:
    """Takes a request only if it is small enough and holds no line it dislikes."""

    def __init__(self, bad: set[bytes], limit: int, *, partial: bool = False) -> None:
        """Take `limit` lines at most; with `partial` keep the good ones of a refused request."""
        self.bad = bad
        self.limit = limit
        self.partial = partial
        self.stored: list[bytes] = []
        self.requests = 0

    async def post(self, body: bytes) -> Stored | NotTaken:
        self.requests += 1
        lines = body.split(b"\n")
        if len(lines) > self.limit:
            return NotTaken("too large")
        bad = [line for line in lines if line in self.bad]
        if not bad or self.partial:
            self.stored += [line for line in lines if line not in self.bad]
        return NotTaken(f"bad line dropped={len(bad)}", len(bad)) if bad else Stored()


def rows(count: int) -> list[Row]:
    return [copier_row(f"p{number}", number) for number in range(count)]


@given(
    count=st.integers(0, 40),
    bad=st.sets(st.integers(0, 39)),
    limit=st.integers(1, 50),
    batch=st.integers(1, 50),
    partial=st.booleans(),
)
async def test_every_row_is_stored_or_named(
    count: int, bad: set[int], limit: int, batch: int, partial: bool
) -> None:
    given_rows = rows(count)
    culprits = {render(row) for number, row in enumerate(given_rows) if number in bad}
    server = PickyServer(culprits, limit, partial=partial)
    rejected = await deliver(given_rows, server.post, batch)
    assert {render(one.row) for one in rejected} == culprits
    assert len(rejected) == len(culprits)
    assert set(server.stored) == {render(row) for row in given_rows} - culprits
    if not partial:
        assert server.stored == [
            line for row in given_rows if (line := render(row)) not in culprits
        ]


async def test_one_culprit_among_many_is_found_by_halving() -> None:
    many = rows(1024)
    server = PickyServer({render(many[700])}, 5000)
    rejected = await deliver(many, server.post, 5000)
    assert [one.row for one in rejected] == [many[700]]
    assert server.requests == 21


async def test_a_batch_that_is_dropped_whole_is_not_sent_line_by_line() -> None:
    many = rows(1000)
    server = PickyServer({render(row) for row in many}, 5000, partial=True)
    rejected = await deliver(many, server.post, 5000)
    assert [one.row for one in rejected] == many
    assert server.requests == 1


async def test_an_unwritable_row_is_named_and_the_rest_sent() -> None:
    supply = {"site": "s", "place": "p", "supply": "k"}
    broken = Row("copier_supply", supply, {"level_pct": math.nan}, NOON)
    server = PickyServer(set(), 5000)
    rejected = await deliver([copier_row("p", 1), broken], server.post, 5000)
    assert [(one.row, one.reason) for one in rejected] == [
        (broken, "copier_supply.level_pct: nan is no number")
    ]
    assert server.stored == [render(copier_row("p", 1))]


async def test_nothing_is_asked_for_no_rows() -> None:
    server = PickyServer(set(), 5000)
    assert await deliver([], server.post, 5000) == []
    assert server.requests == 0
