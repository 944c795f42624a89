"""The SNMP client takes no wrong answer for a right one."""

import asyncio

import pytest

from collector.demo import agent as ber
from collector.demo.agent import Behaviour, SimulatedAgent
from collector.errors import DeviceNonsense, DeviceUnreachable
from tests.integration.snmp_agents import (
    METERS,
    ROOT,
    UNKNOWN,
    VALUES,
    Scripted,
    asked,
    good_answer,
    scripted,
    table,
)

pytestmark = pytest.mark.integration


async def test_rubbish_is_nonsense() -> None:
    behaviour = Behaviour(rubbish=True)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        with pytest.raises(DeviceNonsense, match="no SNMP message"):
            await session.get(METERS[:3])
        with pytest.raises(DeviceNonsense):
            await session.walk(ROOT)


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.1"], ids=["address", "port"])
async def test_an_answer_from_elsewhere_is_not_taken(host: str) -> None:
    """The right answer counts from the machine that was asked, and from nobody else."""
    async with scripted(lambda _: []) as (mute, port), scripted(lambda _: [], host) as (rogue, _):

        async def answer_from(sender: Scripted) -> None:
            data, asker = await mute.askers.get()
            sender.transport.sendto(good_answer(ber.parse(data)), asker)

        async with asked(port, retries=0) as session, asyncio.TaskGroup() as group:
            group.create_task(answer_from(rogue))
            with pytest.raises(DeviceUnreachable):
                await session.get(METERS[:3])
        async with asked(port, retries=0) as session, asyncio.TaskGroup() as group:
            group.create_task(answer_from(mute))
            assert await session.get(METERS[:3]) == {name: VALUES[name] for name in METERS[:3]}


async def test_an_answer_to_another_question_is_nonsense() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        other = ber.DecodedRequest(
            1, b"public", ber.GET, request.request_id ^ 1, 0, 0, request.names
        )
        return [good_answer(other)]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="not asked"):
            await session.get(METERS[:3])


async def test_other_oids_than_asked_are_nonsense() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        return [ber.response(request, 0, 0, [ber.row(UNKNOWN, ber.integer(7))])]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="other OIDs"):
            await session.get(METERS[:3])


async def test_an_answer_in_another_version_is_nonsense() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        other = ber.DecodedRequest(0, b"public", ber.GET, request.request_id, 0, 0, request.names)
        return [good_answer(other)]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="another SNMP version"):
            await session.get(METERS[:3])


async def test_errors_of_the_agent_name_the_oid() -> None:
    async with (
        scripted(lambda request: [ber.response(request, 5, 2, [])]) as (_, port),
        asked(port) as session,
    ):
        with pytest.raises(DeviceNonsense, match=r"error 5 for 1\.3\.6\.1\.2\.1\.43\.10\.2;"):
            await session.get(METERS[:3])


async def test_walking_an_agent_in_a_loop_ends_with_what_it_said() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        ring = [*METERS[1:4], METERS[1]]
        return [ber.response(request, 0, 0, [ber.row(name, ber.integer(1)) for name in ring])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.walk(ROOT) == dict.fromkeys(METERS[1:4], 1)


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.1"], ids=["address", "port"])
async def test_who_answered_instead_is_named_with_the_line_to_change(host: str) -> None:
    async with scripted(lambda _: []) as (mute, port), scripted(lambda _: [], host) as (rogue, own):

        async def answer_all() -> None:
            while True:
                data, asker = await mute.askers.get()
                rogue.transport.sendto(good_answer(ber.parse(data)), asker)

        async with asyncio.TaskGroup() as group, asked(port, retries=1) as session:
            task = group.create_task(answer_all())
            with pytest.raises(DeviceUnreachable) as caught:
                await session.get(METERS[:3])
            task.cancel()
    told = caught.value.message
    assert told.startswith(f"127.0.0.1:{port} was asked but ")
    if host == "127.0.0.1":
        assert f"port {own} of the same address answered" in told
        assert f"write port = {own} at the place in the fleet file" in told
    else:
        assert "127.0.0.2 answered" in told
        assert "give the place that address" in told
