"""Machines whose agents mean no good: counted all the same, or one sentence is said."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.client.session import Oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.demo.agent import SimulatedAgent
from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import Counter32, Integer, MibTable, OctetString
from collector.domain.counting.findings import Code
from collector.domain.counting.reading import Answer
from collector.domain.office.shares import PlaceId
from collector.ports import PollTarget
from tests.patience import PATIENCE_S
from tests.wording import english

pytestmark = pytest.mark.integration

TARGET = PollTarget(PlaceId("2f-hall"), "127.0.0.1")
TOTAL = 500
KYOCERA: Oid = (1, 3, 6, 1, 4, 1, 1347)
SYS_NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
ESCAPES = b"\x1b]0;owned\x07\x1b[2J\r\n\x00\xe2\x80\xae"


class Loop(MibTable):
    """After the last row below `root` comes the first again."""

    root: Oid = ()

    def after(self, name: Oid) -> Oid | None:
        found = super().after(name)
        inside = name[: len(self.root)] == self.root != name
        if inside and (found is None or found[: len(self.root)] != self.root):
            return super().after(self.root)
        return found


class Endless(MibTable):
    """Below `root` there is always one row more."""

    root: Oid = ()

    def after(self, name: Oid) -> Oid | None:
        if name[: len(self.root)] != self.root:
            return super().after(name)
        found = (*self.root, 1, 1) if name == self.root else (*name[:-1], name[-1] + 1)
        if found not in self:
            self[found] = Integer(1)
        return found


def kyocera(kind: type[MibTable] = MibTable, root: Oid = ()) -> MibTable:
    table = kind(
        SimulatedMachine("kyocera", "TASKalfa 3554ci", "RH28Y00001", Printed(TOTAL)).objects()
    )
    if isinstance(table, Loop | Endless):
        table.root = root
    return table


@asynccontextmanager
async def reader_of(
    table: MibTable, timeout_s: float = 1
) -> AsyncIterator[tuple[SnmpDeviceReader, SimulatedAgent]]:
    async with SimulatedAgent(table) as agent:

        def open_session(target: PollTarget) -> PysnmpSession:
            keys = CommunityCredential("2c", "public")
            return PysnmpSession(
                *(target.address, agent.port, keys),
                timeout_s=timeout_s,
                retries=1,
                place=target.place,
            )

        reader = SnmpDeviceReader(open_session, load_profiles())
        try:
            yield reader, agent
        finally:
            await reader.close()


def _codes(answer: Answer) -> set[Code]:
    return {one.code for one in answer.findings}


@pytest.mark.parametrize("kind", [Loop, Endless])
@pytest.mark.parametrize(
    "root", [mib.SUPPLY_LEVEL, mib.SUPPLY_NAME, mib.IF_TYPE, mib.IF_ADDRESS], ids=str
)
async def test_a_bad_table_that_no_counter_needs_costs_no_counter(
    kind: type[MibTable], root: Oid
) -> None:
    table = kyocera(kind, root)
    if kind is Loop:
        for index in (1, 2):
            table[(*root, 1, index)] = Integer(6)
    async with reader_of(table) as (reader, agent), asyncio.timeout(PATIENCE_S):
        answer = await reader.read(TARGET)
        assert answer.meters["total"] == TOTAL
        assert _codes(answer) == set()
        agent.requests = 0
        assert (await reader.read(TARGET)).meters["total"] == TOTAL
        assert agent.requests == 1


async def test_a_loop_among_the_counters_costs_none_of_them() -> None:
    usual, looping = kyocera(), kyocera(Loop, (*KYOCERA, 42, 3, 1, 1, 1, 1))
    async with reader_of(usual) as (reader, _), reader_of(looping) as (other, _):
        expected = await reader.read(TARGET)
        async with asyncio.timeout(PATIENCE_S):
            assert (await other.read(TARGET)).meters == expected.meters


async def test_an_endless_table_of_counters_takes_a_bounded_time_and_memory() -> None:
    async with (
        reader_of(kyocera(Endless, mib.MARKER_LIFE)) as (reader, _),
        asyncio.timeout(PATIENCE_S),
    ):
        tracemalloc.start()
        answer = await reader.read(TARGET)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer.meters["total"] == TOTAL
    assert peak < 32 * 2**20


async def test_strings_of_64_kb_everywhere_cost_a_poll_and_no_memory() -> None:
    table = kyocera()
    for name, held in list(table.items()):
        if isinstance(held, OctetString):
            table[name] = OctetString(held.value + b" " + b"x" * 60_000)
    async with reader_of(table, 0.2) as (reader, agent), asyncio.timeout(PATIENCE_S):
        tracemalloc.start()
        first = await reader.read(TARGET)
        agent.table[(*KYOCERA, 43, 10, 1, 1, 12, 1, 1)] = Integer(TOTAL + 3)
        again = await reader.read(TARGET)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (first.meters["total"], again.meters["total"]) == (TOTAL, TOTAL + 3)
    assert peak < 32 * 2**20
    told = [first.identity.model or "", *(one.name for one in first.supplies)]
    assert max(map(len, told)) <= 80


async def test_terminal_escapes_reach_nobody() -> None:
    table = kyocera()
    table[SYS_NAME] = OctetString(ESCAPES)
    for name, held in list(table.items()):
        if isinstance(held, OctetString):
            table[name] = OctetString(ESCAPES + held.value + ESCAPES)
    table[(*mib.SUPPLY_NAME, 1, 1)] = OctetString(b"\x9b31mToner\x90q\x9c")  # as one octet
    async with reader_of(table) as (reader, _):
        answer = await reader.read(TARGET)
    assert answer.meters["total"] == TOTAL
    assert answer.identity.serial == "RH28Y00001"
    assert len(answer.supplies) > 1
    words = [repr(answer.identity), *(one.name for one in answer.supplies)]
    words += [f"{english(one.message)} {dict(one.evidence)}" for one in answer.findings]
    assert all(word.isprintable() for word in words)


async def test_counters_that_turn_into_text_are_told_and_invent_nothing() -> None:
    table = kyocera()
    table[(*KYOCERA, 43, 10, 1, 1, 12, 1, 1)] = OctetString(b"9" * 60_000)
    table[(*mib.MARKER_LIFE, 1, 1)] = Counter32(0)
    async with reader_of(table) as (reader, _):
        answer = await reader.read(TARGET)
    assert Code.DEVICE_NONSENSE in _codes(answer)
    assert answer.meters["total"] in {TOTAL, 0}
