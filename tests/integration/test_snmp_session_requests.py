"""The SNMP client gets every value out of agents that answer less than they were asked."""

import pytest

from collector.adapters.snmp.client import conversation
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.client.session import Manners
from collector.demo import agent as ber
from collector.demo.agent import Behaviour, SimulatedAgent
from collector.demo.table import Counter32, Counter64, MibTable, OctetString
from tests.integration.snmp_agents import (
    METERS,
    ROOT,
    UNKNOWN,
    V1,
    V2C,
    VALUES,
    asked,
    good_answer,
    good_rows,
    scripted,
    table,
)

pytestmark = pytest.mark.integration


async def test_one_request_carries_every_name() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port) as session:
        assert await session.get(METERS) == VALUES
        assert agent.requests == 1


@pytest.mark.parametrize("credential", [V1, V2C], ids=["v1", "v2c"])
async def test_an_ordinary_answer_is_read_without_the_library(
    credential: CommunityCredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the ordinary answer takes the long way")

    monkeypatch.setattr(conversation, "community_answer", never)
    monkeypatch.setattr(conversation, "community_request", never)
    async with SimulatedAgent(table()) as agent, asked(agent.port, credential) as session:
        for _ in range(3):
            assert await session.get(METERS) == VALUES


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
        agent.requests = 0
        for _ in range(30):
            assert await session.get(names) == expected
        assert agent.requests == 30
        assert session.manners == Manners(refused=frozenset({UNKNOWN, (*UNKNOWN, 2)}))


async def test_v1_unknown_names_are_asked_for_again_when_told_to() -> None:
    async with SimulatedAgent(table()) as agent, asked(agent.port, V1) as session:
        assert await session.get([UNKNOWN]) == {}
        agent.table[UNKNOWN] = Counter32(7)
        assert await session.get([UNKNOWN]) == {}
        session.adopt(Manners())
        assert await session.get([UNKNOWN]) == {UNKNOWN: 7}


async def test_v1_agents_without_an_error_index_are_understood() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
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

    def answer(request: ber.DecodedRequest) -> list[bytes]:
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

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        if request.kind == ber.BULK:
            return [ber.response(request, 5, 1, [])]
        found = agent.table.after(request.names[0])
        if found is None:
            return [ber.response(request, 0, 0, [ber.row(request.names[0], ber.END_OF_MIB)])]
        return [ber.response(request, 0, 0, [ber.row(found, ber.encoded(agent.table[found]))])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.walk(ROOT) == VALUES
