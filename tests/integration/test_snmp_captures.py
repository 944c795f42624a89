"""Captures of real machines, served by snmpsim over UDP and read by the client."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.errors import DeviceError
from tests.servers import snmp
from tests.servers.snmp import CAPTURES, SnmpServer

pytestmark = pytest.mark.integration

MIB_2: Oid = (1, 3, 6, 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpServer]:
    with snmp.snmpsim(tmp_path_factory.mktemp("snmpsim")) as running:
        yield running


def recorded(name: str) -> dict[Oid, Value]:
    """Return what the capture's own lines say."""
    lines = Path(CAPTURES / f"{name}.snmprec").read_text(encoding="utf-8").splitlines()
    rows = (line.split("|", 2) for line in lines if line)
    return {oid(number): _value(tag, text) for number, tag, text in rows}


def _value(tag: str, text: str) -> Value:
    if tag == "4x":
        return bytes.fromhex(text)
    if tag == "6":
        return oid(text)
    if tag == "64":
        return bytes(map(int, text.split(".")))
    return text.encode() if tag == "4" else int(text)


@pytest.mark.parametrize(
    "name",
    ["canon_ir-adv-c5840", "kyocera_taskalfa-3051ci", "brother_dcp-9020cdw", "ricoh_mp-c2503"],
)
async def test_a_capture_is_read_as_it_was_recorded(server: SnmpServer, name: str) -> None:
    expected = recorded(name)
    session = PysnmpSession(
        "127.0.0.1", server.port, snmp.community(name), timeout_s=5, retries=1, place=name
    )
    try:
        names = list(expected)[:40]
        assert await session.get(names) == {one: expected[one] for one in names}
        assert await session.walk(MIB_2) == expected
    finally:
        await session.close()


async def test_the_context_says_which_machine_behind_one_agent_is_read(server: SnmpServer) -> None:
    """As on print servers with several machines, and on JetDirect (context "Jetdirect")."""
    for name in ("canon_mf642c", "kyocera_taskalfa-3051ci", "canon_checkmk-sample"):
        expected = recorded(name)
        user = replace(snmp.SIMULATED, context=name)
        session = PysnmpSession("127.0.0.1", server.port, user, timeout_s=5, retries=1, place=name)
        try:
            assert await session.get(list(expected)) == expected
        finally:
            await session.close()


async def test_a_context_that_is_not_there_reads_nothing(server: SnmpServer) -> None:
    user = replace(snmp.SIMULATED, context="no-such-machine")
    session = PysnmpSession("127.0.0.1", server.port, user, timeout_s=0.3, retries=1, place="2f")
    try:
        with pytest.raises(DeviceError, match="context"):
            await session.get(list(recorded("canon_mf642c")))
    finally:
        await session.close()
