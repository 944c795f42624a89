"""The reader over UDP: what it says of each recorded machine is what the recording says."""

from collections.abc import AsyncIterator, Iterator

import pytest

from collector.adapters.snmp.capture import decode_capture
from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.profiles import load_profiles
from collector.adapters.snmp.reader import SnmpDeviceReader
from collector.domain.reading import Answer, PlaceId
from collector.errors import DeviceUnreachable
from collector.ports import PollTarget
from tests.servers import snmp
from tests.servers.snmp import CAPTURES, SnmpServer

pytestmark = pytest.mark.integration

PROFILES = load_profiles()
NAMES = sorted(path.stem for path in CAPTURES.glob("*.snmprec"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpServer]:
    with snmp.snmpsim(tmp_path_factory.mktemp("snmpsim")) as running:
        yield running


@pytest.fixture
async def reader(server: SnmpServer) -> AsyncIterator[SnmpDeviceReader]:
    def open_session(target: PollTarget) -> PysnmpSession:
        keys = snmp.community(target.credential)
        return PysnmpSession(
            target.address, server.port, keys, timeout_s=3, retries=1, place=target.place
        )

    opened = SnmpDeviceReader(open_session, PROFILES)
    yield opened
    await opened.close()


def _said(answer: Answer) -> tuple[object, ...]:
    findings = tuple((one.code, dict(one.evidence)) for one in answer.findings)
    return (answer.profile, answer.identity, dict(answer.meters), answer.supplies, findings)


@pytest.mark.parametrize("name", NAMES)
async def test_a_machine_over_udp_says_what_its_recording_says(
    reader: SnmpDeviceReader, name: str
) -> None:
    target = PollTarget(PlaceId(name), "127.0.0.1", credential=name)
    expected = await decode_capture(CAPTURES / f"{name}.snmprec", PROFILES)
    first = await reader.read(target)
    assert _said(first) == _said(expected)
    assert _said(await reader.read(target)) == _said(expected)


async def test_a_wrong_community_is_unreachable(reader: SnmpDeviceReader) -> None:
    with pytest.raises(DeviceUnreachable):
        await reader.read(PollTarget(PlaceId("hall"), "127.0.0.1", credential="no-such-machine"))
