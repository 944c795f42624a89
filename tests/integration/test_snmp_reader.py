"""The reader over UDP: what it says of each recorded machine is what the recording says."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.recording.session import decode_capture
from collector.domain.counting.reading import Answer
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable
from collector.ports import PollTarget
from tests.servers import snmp
from tests.servers.relay import Relay, relay
from tests.servers.snmp import CAPTURES, SnmpServer

pytestmark = pytest.mark.integration

PROFILES = load_profiles()
FILES = {path.stem: path for path in sorted(CAPTURES.rglob("*.snmprec"))}
FRAME = 1500 - 20 - 8
"""Octets that UDP can carry in one Ethernet frame over IPv4."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Path, SnmpServer]]:
    """One agent for each folder of recordings."""
    with ExitStack() as stack:
        yield {
            folder: stack.enter_context(snmp.snmpsim(tmp_path_factory.mktemp("snmpsim"), folder))
            for folder in {path.parent for path in FILES.values()}
        }


@asynccontextmanager
async def reading(
    server: SnmpServer, version: Literal["1", "2c"] = "2c"
) -> AsyncIterator[tuple[SnmpDeviceReader, Relay]]:
    """Run a reader whose datagrams are counted; the target's credential is the community."""
    async with relay(server.port) as wire:

        def open_session(target: PollTarget) -> PysnmpSession:
            keys = CommunityCredential(version, target.credential)
            return PysnmpSession(
                target.address, wire.port, keys, timeout_s=3, retries=1, place=target.place
            )

        reader = SnmpDeviceReader(open_session, PROFILES)
        try:
            yield reader, wire
        finally:
            await reader.close()


def _said(answer: Answer) -> tuple[object, ...]:
    findings = tuple((one.code, dict(one.evidence)) for one in answer.findings)
    return (answer.profile, answer.identity, dict(answer.meters), answer.supplies, findings)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("name", FILES)
async def test_a_machine_over_udp_says_what_its_recording_says_in_one_request_a_poll(
    servers: dict[Path, SnmpServer], name: str, version: Literal["1", "2c"]
) -> None:
    """After the first poll: one question, one answer, each in one frame."""
    target = PollTarget(PlaceId(name), "127.0.0.1", credential=name)
    expected = await decode_capture(FILES[name], PROFILES)
    async with reading(servers[FILES[name].parent], version) as (reader, wire):
        assert _said(await reader.read(target)) == _said(expected)
        for _ in range(3):
            wire.forget()
            assert _said(await reader.read(target)) == _said(expected)
            assert (len(wire.asked), len(wire.answered)) == (1, 1)
            assert max(wire.asked + wire.answered) <= FRAME


async def test_a_wrong_community_is_unreachable(servers: dict[Path, SnmpServer]) -> None:
    async with reading(servers[CAPTURES]) as (reader, _):
        with pytest.raises(DeviceUnreachable):
            await reader.read(
                PollTarget(PlaceId("hall"), "127.0.0.1", credential="no-such-machine")
            )
