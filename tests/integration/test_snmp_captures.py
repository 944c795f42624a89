"""Captures of real machines, served by snmpsim over UDP and read by the client."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.session import Oid, Value, oid
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
