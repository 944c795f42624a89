"""Agents that mean no good cost the SNMP client a bounded time and memory, and get one sentence."""

import asyncio
import contextlib
import time
import tracemalloc
from collections.abc import Callable
from itertools import count

import pytest

from collector.adapters.snmp.client import walk as trek
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.demo import agent as ber
from collector.errors import DeviceError, DeviceNonsense
from tests.integration.snmp_agents import METERS, ROOT, V1, V2C, asked, good_answer, scripted
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration

LONG = b"\x1b]0;owned\x07" + b"x" * 60_000
HUGE = ber.tlv(ber.OCTETS, LONG)


def endless(value: bytes, *, step: int = 1) -> Callable[[ber.DecodedRequest], list[bytes]]:
    """Return an agent that has a next row for every name, below it, for ever."""
    numbers = count(1)

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        if request.kind == ber.GET:
            return [ber.response(request, 0, 0, [ber.row(one, value) for one in request.names])]
        rows = [ber.row((*ROOT, next(numbers)), value) for _ in range(step)]
        return [ber.response(request, 0, 0, rows)]

    return answer


@pytest.mark.parametrize("credential", [V1, V2C], ids=["v1", "v2c"])
async def test_a_subtree_without_end_is_walked_as_far_as_asked(
    credential: CommunityCredential,
) -> None:
    async with (
        scripted(endless(ber.integer(1))) as (_, port),
        asked(port, credential) as session,
    ):
        assert len(await session.walk(ROOT, limit=500)) == 500


async def test_a_subtree_of_long_strings_without_end_is_given_up() -> None:
    async with scripted(endless(HUGE)) as (_, port), asked(port, timeout_s=5) as session:
        tracemalloc.start()
        with pytest.raises(
            DeviceNonsense, match=r"comes to no end below 1\.3\.6\.1\.2\.1\.43\.10;"
        ):
            await session.walk(ROOT)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * trek.LARGEST


async def test_a_walk_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trek, "LONGEST_S", 0.3)
    answers = endless(ber.integer(1))

    def slowly(request: ber.DecodedRequest) -> list[bytes]:
        time.sleep(0.02)
        return answers(request)

    async with scripted(slowly) as (_, port), asked(port, V1) as session:
        with pytest.raises(DeviceNonsense, match="comes to no end"):
            await session.walk(ROOT)


@pytest.mark.parametrize(
    ("ring", "kept"),
    [
        (METERS[:1], METERS[:1]),
        ([METERS[3], METERS[2]], [METERS[3], METERS[2]]),
        ([METERS[1], METERS[1]], [METERS[1]]),
        ([METERS[5], ROOT], [METERS[5]]),
    ],
    ids=["itself", "backwards", "twice", "parent"],
)
@pytest.mark.parametrize("credential", [V1, V2C], ids=["v1", "v2c"])
async def test_a_walk_in_circles_ends_and_keeps_what_it_read(
    credential: CommunityCredential, ring: list[tuple[int, ...]], kept: list[tuple[int, ...]]
) -> None:
    turn = count()

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        name = ring[next(turn) % len(ring)]
        return [ber.response(request, 0, 0, [ber.row(name, ber.integer(1))])]

    async with scripted(answer) as (_, port), asked(port, credential) as session:
        assert list(await session.walk(ROOT)) == list(kept)
    assert next(turn) < 50


async def test_a_step_back_out_of_the_subtree_is_its_end() -> None:
    turn = count()

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        name = METERS[5] if next(turn) == 0 else ROOT[:-2]
        return [ber.response(request, 0, 0, [ber.row(name, ber.integer(1))])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.walk(ROOT) == {METERS[5]: 1}


async def test_more_rows_than_were_asked_for_are_not_taken() -> None:
    async with scripted(endless(ber.integer(1), step=900)) as (_, port), asked(port) as session:
        assert len(await session.walk(ROOT, limit=10)) == 10


async def test_a_string_of_64_kb_is_cut_and_the_rest_of_the_answer_counts() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        values = [HUGE, *[ber.integer(7)] * (len(request.names) - 1)]
        rows = [ber.row(name, value) for name, value in zip(request.names, values, strict=True)]
        return [ber.response(request, 0, 0, rows)]

    async with scripted(answer) as (_, port), asked(port) as session:
        found = await session.get(METERS[:3])
    assert found == {METERS[0]: LONG[:8192], METERS[1]: 7, METERS[2]: 7}


def _flood(_: ber.DecodedRequest) -> list[bytes]:
    return [b"\x30\x82\xff"] * 200


def _parts(request: ber.DecodedRequest) -> list[bytes]:
    rows = [ber.row((1, 3), ber.NULL)] * 7000
    return [ber.response(request, 0, 0, rows)]


def _nested(_: ber.DecodedRequest) -> list[bytes]:
    deep = b""
    for _ in range(2000):
        deep = ber.tlv(ber.SEQUENCE, deep)
    return [deep, b"\x30\x80" * 30_000]


def _replays(request: ber.DecodedRequest) -> list[bytes]:
    other = ber.DecodedRequest(1, b"public", ber.GET, request.request_id ^ 1, 0, 0, request.names)
    return [ber.response(other, 0, 0, [ber.row(METERS[0], ber.integer(7))])] * 500


def _bare(request: ber.DecodedRequest) -> list[bytes]:
    return [ber.response(request, 0, 0, [])]


def _too_big(request: ber.DecodedRequest) -> list[bytes]:
    return [ber.response(request, 1, 0, [])]


def _far_index(request: ber.DecodedRequest) -> list[bytes]:
    return [ber.response(request, 5, 2**31 - 1, [])]


def _strange_error(request: ber.DecodedRequest) -> list[bytes]:
    return [ber.response(request, 77, -3, [])]


@pytest.mark.parametrize(
    "agent",
    [_flood, _parts, _nested, _replays, _bare, _too_big, _far_index, _strange_error],
    ids=lambda one: one.__name__.strip("_"),
)
async def test_every_other_mischief_is_nonsense_in_one_sentence(
    agent: Callable[[ber.DecodedRequest], list[bytes]],
) -> None:
    async with scripted(agent) as (_, port), asked(port) as session, asyncio.timeout(PATIENCE_S):
        for act in (lambda one: one.get(METERS), lambda one: one.walk(ROOT)):
            with pytest.raises(DeviceNonsense) as caught:
                await act(session)
            assert len(caught.value.message) < 250
            assert "\n" not in caught.value.message
            assert f"127.0.0.1:{port}" in caught.value.message


async def test_a_hostile_agent_does_not_hold_up_the_others() -> None:
    """While one agent floods the collector, the loop keeps turning as with an honest one."""
    longest = {}
    for agent in (_honest, _parts):
        async with scripted(agent) as (_, port), asked(port, timeout_s=0.2) as session:
            longest[agent] = max(await _work_between_turns(session))
    assert longest[_parts] < 50 * longest[_honest]


def _honest(request: ber.DecodedRequest) -> list[bytes]:
    return [good_answer(request)]


async def _work_between_turns(session: PysnmpSession) -> list[float]:
    """Return how much this thread worked from one turn of the loop to the next, in seconds."""
    work: list[float] = []

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            work.append(time.thread_time() - before)

    ticking = asyncio.ensure_future(tick())
    with contextlib.suppress(DeviceError):
        await session.get(METERS[:8])
    ticking.cancel()
    return work
