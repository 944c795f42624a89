"""What every SNMP session promises, on the fake and on real agents over v1, v2c and v3."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential, Credential
from collector.adapters.snmp.client.session import LearningSession, Manners, Oid, Value
from collector.demo.agent import SimulatedAgent
from collector.demo.table import (
    Counter32,
    Gauge32,
    Integer,
    IpAddress,
    MibTable,
    ObjectIdentifier,
    OctetString,
    TimeTicks,
    TypedValue,
)
from tests.fakes.snmp_session import FakeSession
from tests.servers import snmp

PRINTER: Final[Oid] = (1, 3, 6, 1, 2, 1, 43)
LIFE_COUNT: Final[Oid] = (*PRINTER, 10, 2, 1, 4, 1, 1)
NOWHERE: Final[Oid] = (1, 3, 6, 1, 4, 1, 99999, 1, 0)
TABLE: Final[dict[Oid, TypedValue]] = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): OctetString("複合機 7".encode()),
    (1, 3, 6, 1, 2, 1, 1, 2, 0): ObjectIdentifier((1, 3, 6, 1, 4, 1, 367, 1, 1)),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): TimeTicks(4_294_967_295),
    (1, 3, 6, 1, 2, 1, 4, 20, 1, 1): IpAddress(bytes([192, 0, 2, 1])),
    LIFE_COUNT: Counter32(4_000_000_000),
    (*PRINTER, 10, 2, 1, 5, 1, 1): Gauge32(0),
    **{(*PRINTER, 11, 1, 1, 9, 1, n): Integer(-3 + n) for n in range(60)},
    (1, 3, 6, 1, 4, 1, 367, 3, 1): OctetString(b"\x00\xff"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A session to one agent, some of what that agent holds, and a subtree to walk."""

    session: LearningSession
    present: Mapping[Oid, Value]
    root: Oid


REAL: Final[dict[str, Credential]] = {
    "v1": CommunityCredential("1", "public"),
    "v2c": CommunityCredential("2c", "public"),
    "snmpd v1": CommunityCredential("1", snmp.COMMUNITY),
    "snmpd v2c": CommunityCredential("2c", snmp.COMMUNITY),
    "snmpd v3": snmp.USERS[0],
}


@pytest.fixture(scope="module")
def snmpd_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmp.snmpd(tmp_path_factory.mktemp("snmpd")) as server:
        yield server.port


def open_session(port: int, credential: Credential) -> PysnmpSession:
    return PysnmpSession("127.0.0.1", port, credential, timeout_s=2, retries=1, place="2f")


@pytest.fixture(
    params=["fake", *(pytest.param(name, marks=pytest.mark.integration) for name in REAL)]
)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    name: str = request.param
    plain: dict[Oid, Value] = {oid: held.value for oid, held in TABLE.items()}
    if name == "fake":
        yield Case(FakeSession(plain), plain, PRINTER)
    elif name.startswith("snmpd"):
        session = open_session(request.getfixturevalue("snmpd_port"), REAL[name])
        yield Case(session, snmp.SNMPD_VALUES, snmp.SYSTEM)
        await session.close()
    else:
        async with SimulatedAgent(MibTable(TABLE)) as agent:
            session = open_session(agent.port, REAL[name])
            yield Case(session, plain, PRINTER)
            await session.close()


async def test_get_returns_every_value_in_its_plain_type(case: Case) -> None:
    assert await case.session.get(list(case.present)) == case.present


async def test_what_the_agent_does_not_have_is_not_in_the_answer(case: Case) -> None:
    name, value = next(iter(case.present.items()))
    assert await case.session.get([NOWHERE, name, (*NOWHERE, 7)]) == {name: value}
    assert await case.session.get([NOWHERE]) == {}
    assert await case.session.get([NOWHERE]) == {}


async def test_asking_for_nothing_or_twice_is_no_trouble(case: Case) -> None:
    name, value = next(iter(case.present.items()))
    assert await case.session.get([]) == {}
    assert await case.session.get([name, name]) == {name: value}


async def test_walk_returns_the_subtree_in_agent_order(case: Case) -> None:
    found = await case.session.walk(case.root)
    names = list(found)
    assert names == sorted(names)
    assert len(names) > 3
    assert all(name[: len(case.root)] == case.root for name in names)
    expected = {n: v for n, v in case.present.items() if n[: len(case.root)] == case.root}
    assert {name: found[name] for name in expected} == expected


async def test_walk_stops_at_its_limit(case: Case) -> None:
    everything = list(await case.session.walk(case.root))
    assert list(await case.session.walk(case.root, limit=3)) == everything[:3]


async def test_walking_where_nothing_is_finds_nothing(case: Case) -> None:
    assert await case.session.walk(NOWHERE) == {}
    name = next(iter(case.present))
    assert await case.session.walk(name) == {}


@pytest.mark.parametrize(
    "manners",
    [
        Manners(at_once=1),
        Manners(at_once=2, rows=1),
        Manners(rows=3),
        Manners(at_once=0, rows=-1),
        Manners(at_once=10**9, rows=10**9),
    ],
    ids=str,
)
async def test_however_it_is_to_ask_the_answers_are_the_same(case: Case, manners: Manners) -> None:
    everything = list(await case.session.walk(case.root))
    case.session.adopt(manners)
    assert await case.session.get([*case.present, NOWHERE]) == case.present
    assert list(await case.session.walk(case.root)) == everything


async def test_names_that_only_getnext_gives_are_given(case: Case) -> None:
    case.session.adopt(Manners(by_next=frozenset([*case.present, NOWHERE])))
    assert await case.session.get([*case.present, NOWHERE]) == case.present


async def test_refused_names_are_not_asked_for_until_told_otherwise(case: Case) -> None:
    name, *others = case.present
    told = Manners(refused=frozenset({name}))
    case.session.adopt(told)
    assert name not in await case.session.get(list(case.present))
    assert case.session.manners.refused == frozenset({name})
    case.session.adopt(Manners())
    assert await case.session.get(list(case.present)) == case.present
    assert others


async def test_what_is_learnt_of_a_polite_agent_is_nothing_or_what_it_lacks(case: Case) -> None:
    await case.session.get([*case.present, NOWHERE])
    await case.session.walk(case.root)
    assert case.session.manners in (Manners(), Manners(refused=frozenset({NOWHERE})))


async def test_closing_twice_is_fine_and_asking_afterwards_is_an_error(case: Case) -> None:
    await case.session.get(list(case.present)[:1])
    await case.session.close()
    await case.session.close()
    with pytest.raises(RuntimeError, match="closed"):
        await case.session.get(list(case.present)[:1])
