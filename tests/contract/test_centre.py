"""What every centre promises the sites that tell it facts, over real HTTP."""

import asyncio
import gzip
import io
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import aiohttp
import pytest

from collector.adapters.centre.client import CentreClient
from collector.adapters.centre.wire import MOST_LINES, MOST_OCTETS, PROTOCOL_HEADER, body_of
from collector.app.centre.agreement import (
    BatchTooLarge,
    CentreStanding,
    Contradiction,
    FactBatch,
    NotNext,
)
from collector.domain.report.comparison import Placing, ToldPlacing
from collector.errors import SinkRefused, SinkUnavailable
from tests.contract.centre_cases import CASES, CentreCase, Made, batch

pytestmark = pytest.mark.integration

HALL = "hall"


@pytest.fixture(scope="module", params=CASES)
def kind(request: pytest.FixtureRequest) -> Iterator[Made]:
    with CASES[request.param]() as made:
        yield made


@pytest.fixture
async def case(kind: Made) -> AsyncIterator[CentreCase]:
    async with kind() as made:
        await made.start()
        yield made
        await made.stop()


@pytest.fixture
async def hall(case: CentreCase) -> AsyncIterator[CentreClient]:
    client = await case.client(HALL)
    yield client
    await client.close()


async def test_a_site_that_was_never_heard_begins_at_nothing(hall: CentreClient) -> None:
    assert await hall.standing() == CentreStanding()


async def test_a_site_is_told_its_own_place_and_no_other(
    case: CentreCase, hall: CentreClient
) -> None:
    school = await case.client("school")
    mine = ToldPlacing("2026-10", Placing(3, 4, 9), 100, 300, 512.4, 498.0)
    last = ToldPlacing("2026-10", Placing(9, 9, 9), 1000, None, 0.0, 1.5)
    try:
        assert (await hall.standing()).placing is None
        await case.store.tell_placings({HALL: mine, "school": last})
        assert (await hall.standing()).placing == mine
        assert (await school.standing()).placing == last
        standing = await hall.take(batch(CentreStanding(), "a"))
        assert await hall.standing() == standing
        await case.store.tell_placings({"school": mine})
        assert (await hall.standing()).placing is None
    finally:
        await school.close()


async def test_a_place_in_words_of_a_later_release_stops_nothing(
    case: CentreCase, hall: CentreClient
) -> None:
    mine = ToldPlacing("2026-10", Placing(3, 4, 9), 100, 300, 512.4, 498.0)
    odd = replace(mine, month="third quarter")
    await case.store.tell_placings({HALL: odd})
    assert (await hall.standing()).placing is None
    assert (await hall.take(batch(CentreStanding(), "a"))).seq == 1


async def test_facts_handed_over_are_there_in_their_order(
    case: CentreCase, hall: CentreClient
) -> None:
    first = batch(CentreStanding(), "a", "b")
    standing = await hall.take(first)
    assert standing == CentreStanding(1, "one", 2, first.digest)
    await hall.take(batch(standing, "c"))
    assert await case.names(HALL) == ["a", "b", "c"]
    assert (await hall.standing()).seq == 3


async def test_sending_twice_equals_sending_once(case: CentreCase, hall: CentreClient) -> None:
    first = batch(CentreStanding(), "a", "b")
    standing = await hall.take(first)
    assert await hall.take(first) == standing, "the lost answer to it, once more"
    await hall.take(batch(standing, "c"))
    with pytest.raises(NotNext) as caught:
        await hall.take(first)
    assert caught.value.standing.seq == 3
    assert await case.names(HALL) == ["a", "b", "c"]


async def test_a_gap_and_an_overlap_change_nothing_and_tell_where_it_stands(
    case: CentreCase, hall: CentreClient
) -> None:
    standing = await hall.take(batch(CentreStanding(), "a", "b"))
    far = FactBatch(1, "one", 5, 6, "f" * 64, batch(standing, "x").lines)
    over = FactBatch(1, "one", 1, 4, standing.digest, batch(standing, "x").lines)
    for one in (far, over):
        with pytest.raises(NotNext) as caught:
            await hall.take(one)
        assert caught.value.standing == standing
    assert await case.names(HALL) == ["a", "b"]


async def test_a_long_change_comes_in_parts_that_end_where_they_begin(
    case: CentreCase, hall: CentreClient
) -> None:
    standing = await hall.take(batch(CentreStanding(), "a"))
    part = FactBatch(1, "one", 1, 1, standing.digest, batch(standing, "b").lines)
    standing = await hall.take(part)
    assert (standing.seq, standing.digest) == (1, part.digest)
    with pytest.raises(NotNext):
        await hall.take(batch(CentreStanding(1, "one", 1, "0" * 64), "b"))
    await hall.take(batch(standing, "c"))
    assert await case.names(HALL) == ["a", "b", "c"]


async def test_another_ledger_under_this_name_is_not_taken(
    case: CentreCase, hall: CentreClient
) -> None:
    standing = await hall.take(batch(CentreStanding(), "a"))
    with pytest.raises(NotNext):
        await hall.take(batch(standing, "b", ledger="two"))
    await hall.contradict(Contradiction.OTHER_LEDGER, "two")
    await hall.contradict(Contradiction.OTHER_LEDGER, "two")
    assert await case.names(HALL) == ["a"]


async def test_a_person_lets_a_site_begin_anew(case: CentreCase, hall: CentreClient) -> None:
    await hall.take(batch(CentreStanding(), "a"))
    await case.accept(HALL)
    standing = await hall.standing()
    assert standing == CentreStanding(2)
    with pytest.raises(NotNext):
        await hall.take(batch(CentreStanding(), "b", ledger="two"))
    await hall.take(batch(standing, "b", ledger="two"))
    assert await case.names(HALL) == ["b"]


async def test_an_outage_is_unavailable_and_then_over(case: CentreCase, hall: CentreClient) -> None:
    standing = await hall.take(batch(CentreStanding(), "a"))
    await case.stop()
    for _ in range(2):
        with pytest.raises(SinkUnavailable):
            await hall.take(batch(standing, "b"))
    with pytest.raises(SinkUnavailable):
        await hall.check()
    await case.start()
    await hall.take(batch(standing, "b"))
    assert await case.names(HALL) == ["a", "b"]


async def test_two_sites_never_meet(case: CentreCase, hall: CentreClient) -> None:
    school = await case.client("school")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(hall.take(batch(CentreStanding(), "a")))
            group.create_task(school.take(batch(CentreStanding(), "b", "c", ledger="two")))
        assert (await case.names(HALL), await case.names("school")) == (["a"], ["b", "c"])
    finally:
        await school.close()


async def test_the_same_batch_ten_times_at_once_is_there_once(
    case: CentreCase, hall: CentreClient
) -> None:
    first = batch(CentreStanding(), "a", "b")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(hall.take(first)) for _ in range(10)]
    assert {one.result().seq for one in tasks} == {2}
    assert await case.names(HALL) == ["a", "b"]


@pytest.mark.parametrize("token", ["wrong", ""])
async def test_an_unknown_token_is_refused_with_what_to_do(case: CentreCase, token: str) -> None:
    await case.token(HALL)
    stranger = await case.client(HALL, token)
    try:
        for ask in (stranger.standing, stranger.check):
            with pytest.raises(SinkRefused, match=r" - \w+") as caught:
                await ask()
            assert "centre__token" in str(caught.value)
    finally:
        await stranger.close()


async def test_the_token_of_another_site_opens_nothing(
    case: CentreCase, hall: CentreClient
) -> None:
    school = await case.client(HALL, await case.token("school"))
    try:
        with pytest.raises(SinkRefused, match="another site's"):
            await school.take(batch(CentreStanding(), "a"))
    finally:
        await school.close()
    assert await hall.standing() == CentreStanding()


async def test_check_names_who_answers(hall: CentreClient) -> None:
    assert "127.0.0.1" in await hall.check()


async def test_closing_twice_and_unused_is_fine(case: CentreCase) -> None:
    client = await case.client(HALL)
    await client.close()
    await client.close()


# What is no batch.


async def post(case: CentreCase, body: bytes, **headers: str) -> int:
    token = await case.token(HALL)
    named = {"Authorization": f"Bearer {token}", PROTOCOL_HEADER: "1", **headers}
    url = f"http://127.0.0.1:{case.port}/v1/sites/{HALL}/batches"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(body), headers=named) as answer,
    ):
        return answer.status


DEEP = b'{"Found":{"finding":' + b"[" * 100_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no gzip", 400),
        (gzip.compress(b""), 400),
        (gzip.compress(b"[" * 100_000), 400),
        (gzip.compress(b'{"protocol":1}\n'), 400),
        (gzip.compress(b"{}")[:-4], 400),
        (gzip.compress(b"\xff\xfe"), 400),
        (gzip.compress(b"x" * (MOST_OCTETS + 1)), 413),
        (gzip.compress(bytes(2**26), 1), 413),
        (gzip.compress(b"\n" * (MOST_LINES + 2)), 413),
        (gzip.compress(b'{"protocol":2}\n'), 426),
    ],
    ids=[
        "empty",
        "plain",
        "nothing",
        "deep",
        "head",
        "cut",
        "octets",
        "large",
        "bomb",
        "lines",
        "new",
    ],
)
async def test_what_is_no_batch_is_refused_and_nothing_is_kept(
    case: CentreCase, body: bytes, status: int
) -> None:
    assert await post(case, body) == status
    assert await case.names(HALL) == []


async def test_a_body_of_a_gigabyte_is_not_read_to_its_end(case: CentreCase) -> None:
    packer, sent = zlib.compressobj(0, wbits=zlib.MAX_WBITS | 16), 0

    async def gigabyte() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 2**30:
            sent += 2**20
            yield packer.compress(b"x" * 2**20) + packer.flush(zlib.Z_SYNC_FLUSH)

    headers = {"Authorization": f"Bearer {await case.token(HALL)}", PROTOCOL_HEADER: "1"}
    url = f"http://127.0.0.1:{case.port}/v1/sites/{HALL}/batches"
    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(url, data=gigabyte(), headers=headers) as answer:
                assert answer.status == 413
        except aiohttp.ClientConnectionError:
            pass  # it hung up while more was on its way
    assert sent < 2**27
    assert await case.names(HALL) == []


@pytest.mark.parametrize(
    "line",
    [DEEP.decode(), '{"Found":{}}', '{"Found":1}', '{"Nothing":{}}', "3", '{"Read":{"x":1}}', ""],
)
async def test_a_line_that_is_no_fact_costs_its_batch_and_nothing_else(
    case: CentreCase, hall: CentreClient, line: str
) -> None:
    good = batch(CentreStanding(), "a")
    bad = FactBatch(1, "one", 0, 2, "", (*good.lines, line))
    with pytest.raises(SinkRefused, match="does not understand"):
        await hall.take(bad)
    assert await hall.standing() == CentreStanding()
    await hall.take(good)
    assert await case.names(HALL) == ["a"]


async def test_a_changed_body_is_not_taken(case: CentreCase) -> None:
    text = gzip.decompress(body_of(batch(CentreStanding(), "a"))).replace(b'"a"', b'"b"')
    assert await post(case, gzip.compress(text)) == 400


async def test_an_older_protocol_is_told_which_is_wanted(case: CentreCase) -> None:
    assert await post(case, b"", **{PROTOCOL_HEADER: "0"}) == 426


async def test_more_at_once_than_it_can_are_asked_to_wait(case: CentreCase) -> None:
    case.ingest._at_once = 0
    client = await case.client(HALL)
    try:
        with pytest.raises(SinkUnavailable) as caught:
            await client.standing()
        assert caught.value.retry_after_s == 2
    finally:
        await client.close()
        case.ingest._at_once = case.at_once


async def test_a_body_that_something_on_the_way_refuses_is_told_apart(
    case: CentreCase, hall: CentreClient
) -> None:
    lines = tuple("x" * 4096 for _ in range(1100))
    with pytest.raises(BatchTooLarge):
        await hall.take(FactBatch(1, "one", 0, 9, "", lines))
    assert await case.names(HALL) == []
