"""The SNMP client with machines that are off, slow, many, or come back."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial

import pytest

from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.demo import agent as ber
from collector.demo.agent import Behaviour, SimulatedAgent
from collector.demo.table import Counter32
from collector.errors import DeviceUnreachable
from tests.integration.snmp_agents import (
    METERS,
    TIMEOUT,
    VALUES,
    Scripted,
    asked,
    good_answer,
    scripted,
    table,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration


async def test_a_machine_that_once_answered_a_large_request_is_simply_off() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port) as session:
        await session.get(METERS)
        agent.behaviour = Behaviour(silent=True)
        agent.requests = 0
        with pytest.raises(DeviceUnreachable):
            await session.get(METERS)
        assert agent.requests == 2


@pytest.mark.parametrize(
    "behaviour", [Behaviour(silent=True), Behaviour(v1_only=True)], ids=["silent", "v1 only"]
)
async def test_no_answer_is_said_with_the_address_and_what_else_it_may_be(
    behaviour: Behaviour,
) -> None:
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        with pytest.raises(DeviceUnreachable) as caught:
            await session.get(METERS[:3])
    assert f"127.0.0.1:{agent.port}" in caught.value.message
    assert "wrong community looks the same" in caught.value.message
    assert "some machines answer version 1 only" in caught.value.message
    assert 'version = "1" in its [credentials.NAME] of collector.toml' in caught.value.message
    assert caught.value.place == "2f"


async def test_version_1_is_not_said_to_who_asks_in_it() -> None:
    async with (
        SimulatedAgent(table(), behaviour=Behaviour(silent=True)) as agent,
        asked(agent.port, CommunityCredential("1", "public")) as session,
    ):
        with pytest.raises(DeviceUnreachable) as caught:
            await session.get(METERS[:3])
    assert "wrong community looks the same" in caught.value.message
    assert "version 1 only" not in caught.value.message


async def test_a_wrong_community_is_silence_and_is_not_repeated_in_the_error() -> None:
    wrong = CommunityCredential("2c", "秘密の言葉")
    async with SimulatedAgent(table()) as agent, asked(agent.port, wrong) as session:
        with pytest.raises(DeviceUnreachable, match="wrong community") as caught:
            await session.get(METERS[:3])
        assert agent.requests == 0
    assert wrong.community not in str(caught.value)
    assert wrong.community not in repr(wrong)


async def test_a_closed_port_is_known_at_once() -> None:
    async with SimulatedAgent(table()) as agent:
        port = agent.port
    async with asked(port, timeout_s=2 * PATIENCE_S) as session, asyncio.timeout(PATIENCE_S):
        with pytest.raises(DeviceUnreachable, match="nothing listens"):
            await session.get(METERS[:3])


async def test_a_machine_that_comes_back_is_read_again() -> None:
    agent = SimulatedAgent(table())
    await agent.start()
    async with asked(agent.port) as session:
        await session.get(METERS[:1])
        await agent.close()
        with pytest.raises(DeviceUnreachable):
            await session.get(METERS[:1])
        await agent.start()
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}
        await agent.close()


async def test_an_unknown_host_name_is_unreachable() -> None:
    async with asked(161, address="copier.invalid") as session:
        with pytest.raises(DeviceUnreachable, match=r"copier\.invalid:161.*check the address"):
            await session.get(METERS[:1])


async def test_a_host_name_is_resolved() -> None:
    async with (
        SimulatedAgent(table()) as agent,
        asked(agent.port, address="localhost", timeout_s=2) as session,
    ):
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}


async def test_a_slow_machines_first_answer_counts_and_its_second_is_ignored() -> None:
    behaviour = Behaviour(delay_s=1.4 * TIMEOUT)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        for _ in range(3):
            assert await session.get(METERS[:2]) == {name: VALUES[name] for name in METERS[:2]}
        assert agent.requests == 6


async def test_an_answer_that_came_in_time_counts_however_busy_the_collector_is() -> None:
    def answer_and_block(request: ber.DecodedRequest) -> list[bytes]:
        _, asker = agent.askers.get_nowait()
        agent.transport.sendto(good_answer(request), asker)
        time.sleep(2 * TIMEOUT)  # the whole process stands still, as under heavy load
        return []

    async with scripted(answer_and_block) as (agent, port), asked(port, retries=0) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}


async def test_fifty_machines_are_read_side_by_side() -> None:
    """None of them answers before the last was asked."""
    held: list[tuple[Scripted, bytes, tuple[str, int]]] = []

    def hold(number: int, request: ber.DecodedRequest) -> list[bytes]:
        value = ber.integer(number, Counter32.tag)
        octets = ber.response(request, 0, 0, [ber.row(name, value) for name in request.names])
        held.append((agents[number], octets, agents[number].askers.get_nowait()[1]))
        if len(held) == len(agents):
            for agent, answer, asker in held:
                agent.transport.sendto(answer, asker)
        return []

    async with AsyncExitStack() as stack:
        agents, sessions = [], []
        for number in range(50):
            agent, port = await stack.enter_async_context(scripted(partial(hold, number)))
            agents.append(agent)
            once = asked(port, timeout_s=PATIENCE_S, retries=0)
            sessions.append(await stack.enter_async_context(once))
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            reads = [group.create_task(session.get(METERS[:20])) for session in sessions]
        assert [read.result()[METERS[0]] for read in reads] == list(range(50))


async def test_a_cancelled_request_leaves_the_session_usable() -> None:
    behaviour = Behaviour(delay_s=0.1)
    async with (
        SimulatedAgent(table(), behaviour=behaviour) as agent,
        asked(agent.port, timeout_s=2) as session,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await session.get(METERS[:1])
        assert await session.get(METERS[1:3]) == {name: VALUES[name] for name in METERS[1:3]}
