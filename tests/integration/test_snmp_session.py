"""The SNMP client against agents that misbehave, over real UDP on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from collector.adapters.demo_agents import (
    Behaviour,
    Counter32,
    Counter64,
    MibTable,
    OctetString,
    SimulatedAgent,
    ber,
)
from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.credentials import CommunityCredential
from collector.adapters.snmp.session import Oid
from collector.errors import DeviceNonsense, DeviceUnreachable

pytestmark = pytest.mark.integration

ROOT: Final[Oid] = (1, 3, 6, 1, 2, 1, 43, 10)
METERS: Final = tuple((*ROOT, n) for n in range(1, 41))
VALUES: Final = {name: 1000 * name[-1] for name in METERS}
UNKNOWN: Final[Oid] = (1, 3, 6, 1, 4, 1, 99999, 1)
V1 = CommunityCredential("1", "public")
V2C = CommunityCredential("2c", "public")
TIMEOUT: Final = 0.3


def table() -> MibTable:
    return MibTable({name: Counter32(count) for name, count in VALUES.items()})


@asynccontextmanager
async def asked(
    port: int,
    credential: CommunityCredential = V2C,
    *,
    address: str = "127.0.0.1",
    timeout_s: float = TIMEOUT,
    retries: int = 1,
) -> AsyncIterator[PysnmpSession]:
    session = PysnmpSession(
        address, port, credential, timeout_s=timeout_s, retries=retries, place="2f"
    )
    try:
        yield session
    finally:
        await session.close()


class Scripted(asyncio.DatagramProtocol):
    """Answers a request with whatever `answers` makes of it."""

    transport: asyncio.DatagramTransport

    def __init__(self, answers: Callable[[ber.Request], list[bytes]]) -> None:
        """Nothing is open yet."""
        self.answers = answers
        self.askers: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # closed by us
        self.gone.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.askers.put_nowait((data, addr))
        for answer in self.answers(ber.parse(data)):
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def scripted(
    answers: Callable[[ber.Request], list[bytes]], host: str = "127.0.0.1"
) -> AsyncIterator[tuple[Scripted, int]]:
    protocol = Scripted(answers)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, local_addr=(host, 0))
    protocol.transport = transport
    try:
        yield protocol, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await protocol.gone.wait()


def good_rows(request: ber.Request) -> list[bytes]:
    return [ber.row(name, ber.integer(VALUES[name], Counter32.tag)) for name in request.names]


def good_answer(request: ber.Request) -> bytes:
    return ber.response(request, 0, 0, good_rows(request))


async def test_one_request_carries_every_name() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port) as session:
        assert await session.get(METERS) == VALUES
        assert agent.requests == 1


async def test_counters_change_while_the_agent_runs() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port) as session:
        agent.table[METERS[0]] = Counter32(2**32 - 2)
        agent.table.grow(METERS[0], 5)
        agent.table[UNKNOWN] = OctetString(b"new")
        assert await session.get([METERS[0], UNKNOWN]) == {METERS[0]: 3, UNKNOWN: b"new"}


async def test_too_big_is_halved_and_the_size_that_works_is_remembered() -> None:
    behaviour = Behaviour(max_varbinds=12)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent:
        for credential in (V1, V2C):
            async with asked(agent.port, credential) as session:
                agent.requests = 0
                assert await session.get(METERS) == VALUES
                assert agent.requests > 4
                agent.requests = 0
                assert await session.get(METERS) == VALUES
                assert agent.requests == 4


async def test_silence_to_a_large_request_is_halved_and_remembered() -> None:
    behaviour = Behaviour(silent_above=20)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        assert await session.get(METERS) == VALUES
        agent.requests = 0
        assert await session.get(METERS) == VALUES
        assert agent.requests == 2


async def test_a_machine_that_once_answered_a_large_request_is_simply_off() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port) as session:
        await session.get(METERS)
        agent.behaviour = Behaviour(silent=True)
        agent.requests = 0
        with pytest.raises(DeviceUnreachable):
            await session.get(METERS)
        assert agent.requests == 2


async def test_an_agent_that_leaves_out_what_does_not_fit_is_asked_for_the_rest() -> None:
    async with (
        scripted(lambda request: [ber.response(request, 0, 0, good_rows(request)[:15])]) as (
            _,
            port,
        ),
        asked(port) as session,
    ):
        assert await session.get(METERS) == VALUES


async def test_v1_asks_again_without_the_unknown_name_and_remembers_it() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port, V1) as session:
        names = (METERS[0], UNKNOWN, METERS[1], (*UNKNOWN, 2))
        expected = {name: VALUES[name] for name in METERS[:2]}
        assert await session.get(names) == expected
        assert agent.requests == 3
        assert await session.get(names) == expected
        assert agent.requests == 4


async def test_v1_unknown_names_are_asked_for_again_in_time() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port, V1) as session:
        assert await session.get([UNKNOWN]) == {}
        agent.table[UNKNOWN] = Counter32(7)
        answers = [await session.get([UNKNOWN]) for _ in range(12)]
        assert answers[0] == {}
        assert answers[-1] == {UNKNOWN: 7}


async def test_v1_agents_without_an_error_index_are_understood() -> None:
    def answer(request: ber.Request) -> list[bytes]:
        if UNKNOWN in request.names:
            return [ber.response(request, 2, 0, [])]
        return [good_answer(request)]

    async with scripted(answer) as (_, port), asked(port, V1) as session:
        assert await session.get([*METERS[:5], UNKNOWN]) == {n: VALUES[n] for n in METERS[:5]}


async def test_v1_does_not_see_a_counter64() -> None:
    objects = table()
    objects[(*ROOT, 5, 1)] = Counter64(2**40)
    async with SimulatedAgent(objects) as agent:
        async with asked(agent.port, V1) as session:
            assert await session.walk(ROOT) == VALUES
        async with asked(agent.port) as session:
            assert (await session.walk(ROOT))[(*ROOT, 5, 1)] == 2**40


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
    assert caught.value.place == "2f"


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
    async with asked(port, timeout_s=5) as session, asyncio.timeout(1):
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
    def answer(request: ber.Request) -> list[bytes]:
        other = ber.Request(1, b"public", ber.GET, request.request_id ^ 1, 0, 0, request.names)
        return [good_answer(other)]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="not asked"):
            await session.get(METERS[:3])


async def test_other_oids_than_asked_are_nonsense() -> None:
    def answer(request: ber.Request) -> list[bytes]:
        return [ber.response(request, 0, 0, [ber.row(UNKNOWN, ber.integer(7))])]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="other OIDs"):
            await session.get(METERS[:3])


async def test_an_answer_in_another_version_is_nonsense() -> None:
    def answer(request: ber.Request) -> list[bytes]:
        other = ber.Request(0, b"public", ber.GET, request.request_id, 0, 0, request.names)
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


async def test_a_slow_machines_first_answer_counts_and_its_second_is_ignored() -> None:
    behaviour = Behaviour(delay_s=1.4 * TIMEOUT)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        for _ in range(3):
            assert await session.get(METERS[:2]) == {name: VALUES[name] for name in METERS[:2]}
        assert agent.requests == 6


async def test_an_answer_that_came_in_time_counts_however_busy_the_collector_is() -> None:
    def answer_and_block(request: ber.Request) -> list[bytes]:
        _, asker = agent.askers.get_nowait()
        agent.transport.sendto(good_answer(request), asker)
        time.sleep(2 * TIMEOUT)  # the whole process stands still, as under heavy load
        return []

    async with scripted(answer_and_block) as (agent, port), asked(port, retries=0) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        (b"\x41\x04\xff\xff\xff\xfe", 2**32 - 2),
        (b"\x42\x04\x80\x00\x00\x00", 2**31),
        (b"\x43\x01\xff", 2**32 - 1),
        (b"\x46\x08" + b"\xff" * 8, 2**64 - 1),
        (b"\x02\x01\xfe", -2),
        (b"\x40\x04\xc0\x00\x02\x01", bytes([192, 0, 2, 1])),
        (b"\x44\x07\x9f\x78\x04?fff", b"\x9f\x78\x04?fff"),
    ],
    ids=["counter", "gauge", "ticks", "counter64", "integer", "address", "opaque"],
)
async def test_values_are_read_as_real_machines_send_them(octets: bytes, value: object) -> None:
    """Unsigned numbers without their leading zero octet are seen in the field."""

    def answer(request: ber.Request) -> list[bytes]:
        return [ber.response(request, 0, 0, [ber.row(METERS[0], octets)])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: value}


async def test_null_is_absent() -> None:
    async with (
        scripted(lambda request: [ber.response(request, 0, 0, [ber.row(METERS[0], ber.NULL)])]) as (
            _,
            port,
        ),
        asked(port) as session,
    ):
        assert await session.get(METERS[:1]) == {}


async def test_walking_an_agent_in_a_loop_ends_as_nonsense() -> None:
    def answer(request: ber.Request) -> list[bytes]:
        ring = [*METERS[1:4], METERS[1]]
        return [ber.response(request, 0, 0, [ber.row(name, ber.integer(1)) for name in ring])]

    async with scripted(answer) as (_, port), asked(port) as session:
        with pytest.raises(DeviceNonsense, match="round in circles"):
            await session.walk(ROOT)


@pytest.mark.parametrize("credential", [V1, V2C], ids=["v1", "v2c"])
async def test_a_long_walk_is_complete(credential: CommunityCredential) -> None:
    objects = MibTable({(*ROOT, n): OctetString(b"x" * 100) for n in range(200)})
    objects[UNKNOWN] = Counter32(1)
    async with SimulatedAgent(objects) as agent, asked(agent.port, credential) as session:
        assert list(await session.walk(ROOT)) == [(*ROOT, n) for n in range(200)]
        assert list(await session.walk(UNKNOWN[:-1])) == [UNKNOWN]
        assert len(await session.walk(ROOT, limit=50)) == 50


async def test_an_agent_that_cannot_bulk_is_walked_in_smaller_steps() -> None:
    agent = SimulatedAgent(table())

    def answer(request: ber.Request) -> list[bytes]:
        if request.kind == ber.BULK:
            return [ber.response(request, 5, 1, [])]
        found = agent.table.after(request.names[0])
        if found is None:
            return [ber.response(request, 0, 0, [ber.row(request.names[0], ber.END_OF_MIB)])]
        return [ber.response(request, 0, 0, [ber.row(found, ber.encoded(agent.table[found]))])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.walk(ROOT) == VALUES


async def test_fifty_machines_are_read_side_by_side() -> None:
    agents = [SimulatedAgent(table(), behaviour=Behaviour(delay_s=0.2)) for _ in range(50)]
    sessions: list[PysnmpSession] = []
    for number, agent in enumerate(agents):
        agent.table[METERS[0]] = Counter32(number)
        await agent.start()
        sessions.append(
            PysnmpSession("127.0.0.1", agent.port, V2C, timeout_s=5, retries=0, place=str(number))
        )
    try:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            reads = [group.create_task(session.get(METERS[:20])) for session in sessions]
        assert [read.result()[METERS[0]] for read in reads] == list(range(50))
    finally:
        for session in sessions:
            await session.close()
        for agent in agents:
            await agent.close()


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
