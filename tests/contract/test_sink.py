"""What every sink promises, on the fake and on each real server."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from collector.adapters.clock import SystemClock
from collector.bootstrap.sinks import PACKAGES
from collector.domain.rows import Row
from collector.errors import SinkRefused, SinkUnavailable
from collector.ports import Sink
from tests.contract.sink_cases import CASES, SinkCase, Stored
from tests.fakes.rows import month_row
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration

_sites = itertools.count(1)


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SinkCase]:
    """One kind of sink with its server running."""
    with CASES[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture
def site() -> str:
    """A site that no other test uses."""
    return f"site_{next(_sites)}"


@pytest.fixture
async def sink(case: SinkCase, site: str) -> AsyncIterator[Sink]:
    """The sink of this site, closed afterwards."""
    opened = case.open(site)
    yield opened
    await opened.close()


def months(site: str, pages: int = 100) -> list[Row]:
    """Return a month of each of three departments."""
    return [
        month_row(name, pages + number, site=site)
        for number, name in enumerate(("総務課", "zeimu", "kikaku"))
    ]


def expected(rows: list[Row]) -> Stored:
    """Return what must be stored after `rows` in this order."""
    return {
        row.tags["department"]: (int(row.at.timestamp()), float(row.fields["pages"]))
        for row in rows
    }


def test_every_registered_sink_is_held_to_this() -> None:
    # The centre takes facts and no rows: test_centre.py holds it to the same.
    assert {*PACKAGES, "fake"} - {"centre"} == {name.partition("-")[0] for name in CASES}


async def test_rows_handed_over_are_there(case: SinkCase, sink: Sink, site: str) -> None:
    rows = months(site)
    assert list(await sink.send(rows)) == []
    assert await case.stored(site) == expected(rows)


async def test_sending_twice_equals_sending_once(case: SinkCase, sink: Sink, site: str) -> None:
    rows = months(site)
    for _ in range(2):
        assert list(await sink.send(rows)) == []
    assert await case.stored(site) == expected(rows)


async def test_a_later_truth_about_the_same_point_replaces_it(
    case: SinkCase, sink: Sink, site: str
) -> None:
    await sink.send(months(site, 100))
    await sink.send(months(site, 200))
    stored = await case.stored(site)
    if case.replaces:
        assert stored == expected(months(site, 200))
    else:
        assert stored.keys() == expected(months(site, 200)).keys()


async def test_no_rows_are_no_matter(sink: Sink) -> None:
    assert list(await sink.send([])) == []


async def test_an_outage_is_unavailable_and_then_over(
    case: SinkCase, sink: Sink, site: str
) -> None:
    first, later = months(site, 100), [month_row("kenchiku", 7, site=site)]
    await sink.send(first)
    case.stop()
    try:
        for _ in range(2):
            with pytest.raises(SinkUnavailable):
                await sink.send(later)
        with pytest.raises(SinkUnavailable):
            await sink.check()
        assert _cancellations() == 0, "whoever asked may go on"
    finally:
        case.start()
    assert list(await sink.send(later)) == []
    assert (await case.stored(site)).items() >= expected(later).items()


def _cancellations() -> int:
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()


async def test_a_server_that_is_down_at_the_start(case: SinkCase, sink: Sink, site: str) -> None:
    case.stop()
    try:
        with pytest.raises(SinkUnavailable):
            await sink.send(months(site))
    finally:
        case.start()
    assert list(await sink.send(months(site))) == []
    assert await case.stored(site) == expected(months(site))


async def test_a_refusal_says_in_one_sentence_what_to_do(case: SinkCase, site: str) -> None:
    refused = case.open_refused(site)
    try:
        with pytest.raises(SinkRefused, match=r" - \w+") as caught:
            await refused.send(months(site))
        with pytest.raises(SinkRefused):
            await refused.check()
    finally:
        await refused.close()
    assert "\n" not in str(caught.value)


async def test_check_names_who_answers(sink: Sink) -> None:
    assert len(await sink.check()) > 10


async def test_closing_twice_and_unused_is_fine(case: SinkCase, site: str) -> None:
    sink = case.open(site)
    await sink.close()
    await sink.close()


async def test_closing_leaves_no_task_behind(case: SinkCase, site: str) -> None:
    before = asyncio.all_tasks()
    sink = case.open(site)
    await sink.send(months(site))
    await sink.close()
    assert asyncio.all_tasks() == before


async def test_two_sends_at_once(case: SinkCase, sink: Sink, site: str) -> None:
    one, other = months(site), [month_row("kenchiku", 7, site=site)]
    async with asyncio.TaskGroup() as group:
        group.create_task(sink.send(one))
        group.create_task(sink.send(other))
    assert await case.stored(site) == expected(one) | expected(other)


def mark(site: str, published: int, seconds: int = 0) -> Row:
    at = SystemClock().now() - timedelta(seconds=seconds)
    return Row("collector_mark", {"site": site}, {"published": published}, at)


async def seen(sink: Sink, site: str, published: int) -> bool:
    """Wait until the mark of `site` is read: some servers take a moment."""
    async with asyncio.timeout(PATIENCE_S):
        while await sink.marked(site) != published:  # noqa: ASYNC110 - the server's
            await asyncio.sleep(0.2)
    return True


async def test_a_mark_is_found_again_and_only_that_of_its_site(
    case: SinkCase, sink: Sink, site: str
) -> None:
    assert await sink.marked(site) == 0
    assert list(await sink.send([*months(site), mark(site, 17, 5)])) == []
    assert await seen(sink, site, 17)
    await sink.send([mark(site, 41)])
    assert await seen(sink, site, 41)
    assert await case.stored(site) == expected(months(site))
    other = case.open(f"{site}_'\"\\\\")
    try:
        assert await other.marked(f"{site}_'\"\\\\") == 0
    finally:
        await other.close()


async def test_a_mark_of_a_server_that_is_down_is_not_missing(
    case: SinkCase, sink: Sink, site: str
) -> None:
    await sink.send([*months(site), mark(site, 9)])
    case.stop()
    try:
        with pytest.raises(SinkUnavailable):
            await sink.marked(site)
    finally:
        case.start()
    assert await seen(sink, site, 9)
