"""All machines share one socket a family, and none takes what another one says."""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.sockets import Sockets
from collector.demo import agent as ber
from collector.demo.agent import SimulatedAgent
from collector.errors import DeviceNotAsked, DeviceUnreachable
from tests.integration.snmp_agents import (
    METERS,
    TIMEOUT,
    V2C,
    VALUES,
    Scripted,
    good_answer,
    scripted,
    table,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration
SOME = METERS[:3]
THEIRS = {name: VALUES[name] for name in SOME}


@asynccontextmanager
async def sharing(
    sockets: Sockets, port: int, host: str = "127.0.0.1", *, timeout_s: float = TIMEOUT
) -> AsyncIterator[PysnmpSession]:
    session = PysnmpSession(host, port, V2C, timeout_s=timeout_s, retries=0, place="2f")
    try:
        yield session.over(sockets)
    finally:
        await session.close()


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_many_machines_need_one_descriptor_and_give_it_back(host: str) -> None:
    sockets = Sockets()
    async with AsyncExitStack() as stack:
        ip = "127.0.0.1" if host == "localhost" else host
        agents = [
            await stack.enter_async_context(SimulatedAgent(table(), host=ip)) for _ in range(30)
        ]
        before = descriptors()
        async with AsyncExitStack() as open_sessions:
            for agent in agents:
                one = sharing(sockets, agent.port, host, timeout_s=PATIENCE_S)
                session = await open_sessions.enter_async_context(one)
                assert await session.get(SOME) == THEIRS
            assert descriptors() == before + 1
        assert descriptors() == before


async def test_a_machine_that_fell_silent_keeps_no_descriptor() -> None:
    before = descriptors()
    sockets = Sockets()
    async with scripted(lambda _: []) as (_, port), sharing(sockets, port) as session:
        with pytest.raises(DeviceUnreachable):
            await session.get(SOME)
        assert descriptors() == before + 1  # the scripted machine's own


async def test_two_questions_to_one_address_get_each_their_own_answer() -> None:
    """The agent answers the second question first."""
    held: list[bytes] = []

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        held.insert(0, good_answer(request))
        return held if len(held) == 2 else []

    sockets = Sockets()
    async with (
        scripted(answer) as (_, port),
        sharing(sockets, port, timeout_s=PATIENCE_S) as one,
        sharing(sockets, port, timeout_s=PATIENCE_S) as other,
        asyncio.TaskGroup() as group,
    ):
        first = group.create_task(one.get(METERS[:1]))
        second = group.create_task(other.get(METERS[1:2]))
    assert first.result() == {METERS[0]: VALUES[METERS[0]]}
    assert second.result() == {METERS[1]: VALUES[METERS[1]]}


async def test_a_late_answer_is_no_rubbish_to_who_asks_the_same_address_now() -> None:
    """It came too late for the one, and is none to the other: that one hears silence."""
    late: list[bytes] = []

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        late.append(good_answer(request))
        return late[:1] if len(late) == 2 else []

    sockets = Sockets()
    async with (
        SimulatedAgent(table()) as agent,
        sharing(sockets, agent.port, timeout_s=PATIENCE_S) as holding_it_open,
        scripted(answer) as (_, port),
        sharing(sockets, port) as one,
        sharing(sockets, port) as other,
    ):
        assert await holding_it_open.get(SOME) == THEIRS
        for session in (one, other):
            with pytest.raises(DeviceUnreachable, match="wrong community"):
                await session.get(SOME)


async def test_an_answer_that_comes_twice_counts_once() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        return [good_answer(request)] * 3

    sockets = Sockets()
    async with (
        scripted(answer) as (_, port),
        sharing(sockets, port, timeout_s=PATIENCE_S) as session,
    ):
        for _ in range(5):
            assert await session.get(SOME) == THEIRS


async def test_what_another_machine_says_in_time_and_with_the_number_does_not_count() -> None:
    """Both machines are waited for; one answers the other's question."""
    sockets = Sockets()
    async with scripted(lambda _: []) as (mute, port), scripted(lambda _: []) as (rogue, other):

        async def answer_for(asked: Scripted, sender: Scripted) -> None:
            data, asker = await asked.askers.get()
            sender.transport.sendto(good_answer(ber.parse(data)), asker)

        async with (
            sharing(sockets, port, timeout_s=2 * TIMEOUT) as session,
            sharing(sockets, other, timeout_s=2 * TIMEOUT) as decoy,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(answer_for(mute, rogue))
            reads = [group.create_task(_outcome(one)) for one in (session, decoy)]
    assert [read.result() for read in reads] == ["unreachable", "unreachable"]


async def _outcome(session: PysnmpSession) -> str:
    try:
        await session.get(SOME)
    except DeviceUnreachable:
        return "unreachable"
    return "read"


async def test_a_closed_port_is_told_of_the_machine_that_has_it() -> None:
    sockets = Sockets()
    async with SimulatedAgent(table()) as gone:
        port = gone.port
    async with (
        SimulatedAgent(table()) as agent,
        sharing(sockets, port, timeout_s=2 * PATIENCE_S) as closed,
        sharing(sockets, agent.port, timeout_s=2 * PATIENCE_S) as session,
        asyncio.timeout(PATIENCE_S),
    ):
        for _ in range(20):
            async with asyncio.TaskGroup() as group:
                refused = group.create_task(_outcome(closed))
                read = group.create_task(session.get(SOME))
            assert refused.result() == "unreachable"
            assert read.result() == THEIRS


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.open("/dev/null", os.O_RDONLY)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_too_many_open_files_is_our_own_fault_and_passes() -> None:
    async with SimulatedAgent(table()) as agent, sharing(Sockets(), agent.port) as session:
        with no_descriptor_left():
            with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with pytest.raises(DeviceNotAsked) as caught:
                await session.get(SOME)
        assert "LimitNOFILE" in caught.value.message
        assert "address" not in caught.value.message
        assert await session.get(SOME) == THEIRS


async def test_a_subnet_is_sent_no_more_packets_a_second_than_are_allowed() -> None:
    """Ten questions at once: each waits its turn, and the last one for nine."""
    sockets = Sockets(subnet_packets_per_s=50)
    loop, came = asyncio.get_running_loop(), []

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        came.append(loop.time())
        return [good_answer(request)]

    async with scripted(answer) as (_, port), AsyncExitStack() as stack:
        asked = [
            await stack.enter_async_context(sharing(sockets, port, timeout_s=PATIENCE_S))
            for _ in range(10)
        ]
        async with asyncio.TaskGroup() as group:
            for session in asked:
                group.create_task(session.get(SOME))
    assert came[-1] - came[0] >= 9 / 50 - 0.01
