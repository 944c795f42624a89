"""The SNMP client learns how each agent wants to be asked, once, and asks like that afterwards."""

import asyncio

import pytest

from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.client.session import Manners
from collector.demo import agent as ber
from collector.demo.agent import Behaviour, SimulatedAgent
from collector.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.integration.snmp_agents import (
    GEN_ERR,
    METERS,
    NO_ACCESS,
    NO_AUTHORIZATION,
    ROOT,
    TIMEOUT,
    UNKNOWN,
    V1,
    V2C,
    VALUES,
    Quirks,
    asked,
    good_answer,
    scripted,
    table,
)

pytestmark = pytest.mark.integration

BAD = METERS[7]
OTHERS = {name: value for name, value in VALUES.items() if name != BAD}


@pytest.mark.parametrize("credential", [V1, V2C], ids=["v1", "v2c"])
@pytest.mark.parametrize("points", [True, False], ids=["pointed at", "found by halving"])
@pytest.mark.parametrize("error", [2, GEN_ERR, NO_ACCESS, 13])
async def test_one_name_that_spoils_the_request_costs_the_others_nothing(
    credential: CommunityCredential, error: int, *, points: bool
) -> None:
    """Whatever the error is called: noSuchName, genErr, noAccess, resourceUnavailable."""
    agent = Quirks(spoilers={BAD: error}, points=points, next_only=frozenset({BAD}))
    agent.silent_bulk = True
    async with scripted(agent) as (_, port), asked(port, credential) as session:
        found = await session.get(METERS)
        assert found.items() >= OTHERS.items()
        if error == NO_ACCESS:  # not sought by other ways: the agent said no
            assert found == OTHERS
        agent.asked()
        again = await session.get(METERS)
        assert again == found
        assert len(agent.asked()) == (1 if error == NO_ACCESS else 2)


async def test_what_only_getnext_gives_is_found_and_then_asked_for_by_getnext() -> None:
    hidden = frozenset(METERS[3:6])
    agent = Quirks(next_only=hidden)
    async with scripted(agent) as (_, port), asked(port) as session:
        assert await session.get([*METERS, UNKNOWN]) == VALUES
        assert session.manners == Manners(by_next=hidden)
        agent.asked()
        assert await session.get([*METERS, UNKNOWN]) == VALUES
        kinds = [one.kind for one in agent.questions]
        assert kinds == [ber.GET, ber.NEXT]
        assert agent.asked() == [len(METERS) + 1 - 3, 3]


async def test_getnext_is_tried_once_for_what_is_not_there() -> None:
    agent = Quirks()
    async with scripted(agent) as (_, port), asked(port) as session:
        for _ in range(5):
            assert await session.get([METERS[0], UNKNOWN]) == {METERS[0]: 1000}
        kinds = [one.kind for one in agent.questions]
        assert kinds == [ber.GET, ber.NEXT, ber.GET, ber.GET, ber.GET, ber.GET]


async def test_a_name_that_getnext_no_longer_gives_is_asked_for_by_get_again() -> None:
    agent = Quirks(next_only=frozenset({BAD}))
    async with scripted(agent) as (_, port), asked(port) as session:
        assert await session.get(METERS) == VALUES
        agent.next_only = frozenset()
        session.adopt(Manners(by_next=frozenset({UNKNOWN})))
        assert await session.get([*METERS, UNKNOWN]) == VALUES
        assert session.manners == Manners()


@pytest.mark.parametrize("limit", [1, 3, 5, 11, 20, 39])
async def test_silence_to_many_names_teaches_how_many_are_answered(limit: int) -> None:
    agent = Quirks(silent_above=limit)
    async with scripted(agent) as (_, port), asked(port, timeout_s=0.1) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}
        assert await session.get(METERS) == VALUES
        learnt = session.manners.at_once
        assert learnt is not None
        assert limit / 2 < learnt <= limit
        agent.asked()
        assert await session.get(METERS) == VALUES
        sizes = agent.asked()
        assert max(sizes) == learnt
        assert len(sizes) == -(-len(METERS) // learnt)


@pytest.mark.parametrize("limit", [1, 7, 20])
async def test_gen_err_to_many_names_teaches_how_many_are_answered(limit: int) -> None:
    agent = Quirks(errs_above=limit)
    async with scripted(agent) as (_, port), asked(port) as session:
        assert await session.get(METERS) == VALUES
        agent.asked()
        assert await session.get(METERS) == VALUES
        assert max(agent.asked()) <= limit
        assert session.manners.refused == frozenset()


async def test_what_was_learnt_is_not_tried_again_by_a_session_that_was_told() -> None:
    agent = Quirks(silent_above=10)
    async with scripted(agent) as (_, port), asked(port) as session:
        session.adopt(Manners(at_once=10, refused=frozenset({UNKNOWN}), rows=5))
        assert await session.get([*METERS, UNKNOWN]) == VALUES
        assert agent.asked() == [10, 10, 10, 10]
        assert await session.walk(ROOT) == VALUES
        assert {one.second for one in agent.questions} == {5}


async def test_a_machine_that_was_only_waking_is_not_asked_in_pieces_afterwards() -> None:
    """It misses the large question and then answers everything: the size was not at fault."""
    agent = Quirks()

    def wakes(request: ber.DecodedRequest) -> list[bytes]:
        agent.silent_above = 0 if 1 <= len(agent.questions) <= 2 else None
        return agent(request)

    async with scripted(wakes) as (_, port), asked(port) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}
        assert await session.get(METERS) == VALUES
        assert agent.asked() == [1, 40, 40, 1, 40]
        assert session.manners == Manners()


async def test_a_name_that_the_agent_is_silent_on_is_left_out() -> None:
    agent = Quirks(silent_on=frozenset({BAD}))
    async with scripted(agent) as (_, port), asked(port, timeout_s=0.1) as session:
        assert await session.get(METERS[:1]) == {METERS[0]: 1000}
        assert (await session.get(METERS)).items() >= OTHERS.items()
        assert session.manners.at_once is None
        agent.asked()
        assert (await session.get(METERS)).items() >= OTHERS.items()
        assert len(agent.asked()) <= 2


async def test_a_machine_that_is_off_costs_its_tries_and_no_more() -> None:
    behaviour = Behaviour(silent=True)
    async with (
        SimulatedAgent(table(), behaviour=behaviour) as agent,
        asked(agent.port, timeout_s=0.05) as session,
    ):
        with pytest.raises(DeviceUnreachable):
            await session.get(METERS[:8])
        assert agent.requests == 2
        with pytest.raises(DeviceUnreachable):
            await session.get(METERS)
        assert agent.requests == 2 + 2 + 1


async def test_an_agent_that_gives_values_in_another_order_is_understood() -> None:
    agent = Quirks(rearranged=True)
    async with scripted(agent) as (_, port), asked(port) as session:
        assert await session.get(METERS) == VALUES


@pytest.mark.parametrize("most", [1, 7, 25])
async def test_an_agent_that_answers_fewer_names_is_then_asked_for_fewer(most: int) -> None:
    agent = Quirks()

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        agent.questions.append(request)
        return [ber.response(request, 0, 0, [agent._row(name) for name in request.names[:most]])]

    async with scripted(answer) as (_, port), asked(port) as session:
        assert await session.get(METERS) == VALUES
        assert session.manners.at_once == most
        agent.asked()
        assert await session.get(METERS) == VALUES
        assert set(agent.asked()) <= {most, len(METERS) % most}


async def test_an_agent_that_leaves_out_what_it_does_not_have_is_understood() -> None:
    """Instead of noSuchObject there is nothing at all; that is not about the size."""

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        rows = [row for row in request.names if row in VALUES]
        if request.kind == ber.NEXT:
            return []
        return [ber.response(request, 0, 0, [agent._row(name) for name in rows])]

    agent = Quirks()
    async with scripted(answer) as (_, port), asked(port, timeout_s=0.1) as session:
        names = [*METERS[:20], UNKNOWN, *METERS[20:]]
        assert await session.get(names) == VALUES
        assert session.manners == Manners(refused=frozenset({UNKNOWN}))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (NO_AUTHORIZATION, DeviceRefused, "does not let this credential read"),
        (NO_ACCESS, DeviceRefused, "does not let this credential read"),
        (GEN_ERR, DeviceNonsense, "answers error 5 for"),
    ],
)
async def test_nothing_but_errors_is_said_and_not_learnt(
    error: int, kind: type[Exception], said: str
) -> None:
    agent = Quirks(spoilers=dict.fromkeys(METERS, error), points=False)
    agent.next_only = frozenset(METERS)
    async with scripted(agent) as (_, port), asked(port) as session:
        for _ in range(2):
            with pytest.raises(kind, match=said):
                await session.get(METERS[:5])
        assert session.manners == Manners()


async def test_a_walk_where_getbulk_is_never_answered() -> None:
    agent = Quirks(silent_bulk=True)
    async with scripted(agent) as (_, port), asked(port, timeout_s=0.05) as session:
        assert await session.walk(ROOT) == VALUES
        agent.asked()
        assert await session.walk(ROOT) == VALUES
        assert set(agent.asked()) == {1}
        assert session.manners == Manners(rows=1)


async def test_a_machine_that_falls_silent_while_walked_is_walked_as_before() -> None:
    agent = Quirks()
    async with scripted(agent) as (peer, port), asked(port, timeout_s=0.05) as session:
        peer.answers = lambda _: []
        with pytest.raises(DeviceUnreachable):
            await session.walk(ROOT)
        assert session.manners == Manners()
        peer.answers = agent
        assert await session.walk(ROOT) == VALUES


@pytest.mark.parametrize("late", [1.5, 2.5, 3.6])
async def test_a_machine_that_needs_seconds_to_wake_is_listened_to_not_asked_more(
    late: float,
) -> None:
    """Its first answer comes after the time of all tries; two requests, no more."""
    behaviour = Behaviour(delay_s=late * TIMEOUT)
    async with SimulatedAgent(table(), behaviour=behaviour) as agent, asked(agent.port) as session:
        assert await session.get(METERS[:2]) == {name: VALUES[name] for name in METERS[:2]}
        assert agent.requests == 2


async def test_it_is_listened_to_for_longer_once_in_a_silence() -> None:
    behaviour = Behaviour(silent=True)
    async with (
        SimulatedAgent(table(), behaviour=behaviour) as agent,
        asked(agent.port, timeout_s=0.1) as session,
    ):
        with pytest.raises(DeviceUnreachable, match=r"2 tries of 0\.1 s and 0\.2 s more;"):
            await session.get(METERS[:2])
        with pytest.raises(DeviceUnreachable, match=r"2 tries of 0\.1 s;"):
            await session.get(METERS[:2])
        agent.behaviour = Behaviour()
        await session.get(METERS[:2])
        agent.behaviour = Behaviour(silent=True)
        with pytest.raises(DeviceUnreachable, match=r"2 tries of 0\.1 s;"):  # just heard
            await session.get(METERS[:2])


async def test_the_right_answer_behind_garbled_ones_counts() -> None:
    def answer(request: ber.DecodedRequest) -> list[bytes]:
        other = ber.DecodedRequest(
            1, b"public", ber.GET, request.request_id ^ 1, 0, 0, request.names
        )
        return [b"@PJL", good_answer(other), good_answer(request)]

    async with scripted(answer) as (_, port), asked(port, retries=0) as session:
        assert await session.get(METERS[:3]) == {name: VALUES[name] for name in METERS[:3]}


async def test_only_the_credential_given_is_ever_tried() -> None:
    heard: set[bytes] = set()

    def answer(request: ber.DecodedRequest) -> list[bytes]:
        heard.add(request.community)
        return []

    given = CommunityCredential("2c", "prefecture-7")
    async with scripted(answer) as (_, port), asked(port, given, timeout_s=0.05) as session:
        for _ in range(3):
            with pytest.raises(DeviceUnreachable):
                await session.get(METERS)
            with pytest.raises(DeviceUnreachable):
                await session.walk(ROOT)
    assert heard == {b"prefecture-7"}


async def test_a_cancelled_get_teaches_nothing() -> None:
    behaviour = Behaviour(silent_above=5)
    async with (
        SimulatedAgent(table(), behaviour=behaviour) as agent,
        asked(agent.port, timeout_s=5) as session,
    ):
        await session.get(METERS[:1])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await session.get(METERS)
        assert session.manners == Manners()
