"""What one address turns out to be, and how little is asked to know it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from collector.adapters.snmp.client.peer import NoAnswer
from collector.adapters.snmp.client.session import Oid, Session, Value, oid
from collector.adapters.snmp.discovery import Means, ProbedAddress, Scout
from collector.adapters.snmp.profiles.load import load_profiles
from collector.domain.discovered import AddressVerdict, Sighting
from collector.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import PRINTER, Said, devices, life, named, values

SPOT = ProbedAddress("hall", "192.0.2.7", 161)
PROFILES = load_profiles()
SERIAL = {"1.3.6.1.2.1.43.5.1.1.17.1": "ABC12345"}
NAMES = {"1.3.6.1.2.1.1.5.0": "copier\x1b[2J7", "1.3.6.1.2.1.1.6.0": "2F"}


@dataclass(frozen=True, slots=True)
class Key:
    name: str


@dataclass(slots=True)
class Wire:
    """What answers each key, and every session that was opened, with its key."""

    answers: Mapping[str, Mapping[Oid, Value] | DeviceError]
    opened: list[tuple[str, FakeSession]] = field(default_factory=list)
    turns: int = 0

    def open(self, spot: ProbedAddress, key: Key) -> Session:
        assert spot == SPOT
        answer = self.answers[key.name]
        session = FakeSession(answer if isinstance(answer, Mapping) else {})
        session.failure = None if isinstance(answer, Mapping) else answer
        self.opened.append((key.name, session))
        return session

    async def turn(self) -> bool:
        self.turns += 1
        return True


async def look(wire: Wire, *keys: str) -> Sighting:
    scout = Scout(Means(wire.open, wire.open, wire.turn), [Key(one) for one in keys], PROFILES)
    sighting = await scout.look(SPOT)
    assert sighting is not None
    assert all(session.is_closed for _, session in wire.opened)
    return sighting


async def seen(*said: Said) -> Sighting:
    return await look(Wire({"key": values(*said)}), "key")


@pytest.mark.parametrize(
    "said",
    [
        [named("ACME 9", "99999.1"), devices(i1=(PRINTER, "ACME 9", ""))],
        [named("ACME 9", "99999.1"), {"1.3.6.1.2.1.43.5.1.1.1.1": 3}],
        [named("RICOH IM C3000 1.07 / RICOH Network Printer C model", "367.1.1")],
        [named("Linux box", "8072.3.2.10"), {"1.3.6.1.2.1.43.5.1.1.1.1": 3}],
    ],
    ids=["hrDeviceType", "Printer-MIB", "profile", "Printer-MIB of a Linux agent"],
)
async def test_printers(said: list[Said]) -> None:
    assert (await seen(*said)).verdict is AddressVerdict.PRINTER


@pytest.mark.parametrize(
    "said",
    [
        [named("ACME switch", "9.1.1")],
        [named("Linux box", "8072.3.2.10"), devices(i1=(PRINTER, "queue", ""))],
        [{"1.3.6.1.2.1.25.3.2.1.2.1": oid("1.3.6.1.2.1.25.3.1.4")}],
    ],
    ids=["switch", "print queues of a computer", "network card"],
)
async def test_other_agents(said: list[Said]) -> None:
    wire = Wire({"key": values(*said)})
    assert (await look(wire, "key")).verdict is AddressVerdict.OTHER
    ((_, session),) = wire.opened
    if said[0].get("1.3.6.1.2.1.1.1.0"):
        assert len(session.gets) + len(session.walks) <= 3, "what is no printer is let go soon"


async def test_a_printer_is_read_as_the_daemon_reads_it() -> None:
    found = await seen(
        named("ACME 9", "99999.1"),
        NAMES,
        SERIAL,
        life(4711),
        devices(i1=(PRINTER, "ACME 9", "")),
    )
    assert (found.total, found.profile) == (4711, "generic")
    assert found.identity.serial == "ABC12345"
    assert (found.name, found.location, found.credential) == ("copier7", "2F", "key")
    assert (found.address, found.ip, found.words) == ("hall", "192.0.2.7", "")


async def test_silence_leads_to_the_next_key_and_nothing_else_does() -> None:
    silent = NoAnswer("hall", "no answer")
    good = values(named("ACME", "99999.1"))
    wire = Wire({"a": silent, "b": silent, "c": good, "d": good})
    assert (await look(wire, "a", "b", "c", "d")).credential == "c"
    assert [name for name, _ in wire.opened] == ["a", "b", "c"]
    assert wire.turns == 3

    nobody = Wire({"a": silent, "b": silent})
    assert (await look(nobody, "a", "b")).verdict is AddressVerdict.SILENT


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (DeviceRefused("hall", "does not know the SNMPv3 user"), AddressVerdict.REFUSED),
        (DeviceUnreachable("hall", "says that nothing listens"), AddressVerdict.UNREACHABLE),
        (DeviceNonsense("hall", "sent 3 octets"), AddressVerdict.NONSENSE),
    ],
)
async def test_whoever_said_no_is_not_asked_with_another_key(
    error: DeviceError, verdict: AddressVerdict
) -> None:
    wire = Wire({"a": error, "b": values(named("ACME", "99999.1"))})
    found = await look(wire, "a", "b")
    assert (found.verdict, found.words) == (verdict, error.message)
    assert [name for name, _ in wire.opened] == ["a"]


async def test_a_printer_that_falls_silent_while_it_is_read_stays_a_printer() -> None:
    good = values(named("ACME 9", "99999.1"), {"1.3.6.1.2.1.43.5.1.1.1.1": 3})
    wire = Wire({"key": good})
    silent = Wire({"key": NoAnswer("hall", "no answer from it")})
    scout = Scout(Means(wire.open, silent.open, wire.turn), [Key("key")], PROFILES)
    found = await scout.look(SPOT)
    assert found is not None
    assert (found.verdict, found.words) == (AddressVerdict.PRINTER, "no answer from it")
    assert found.identity.model == "ACME 9"


async def test_an_agent_that_answers_without_end_is_given_up() -> None:
    class Slow(FakeSession):
        async def walk(
            self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
        ) -> Mapping[Oid, Value]:
            await asyncio.sleep(60)
            return await super().walk(root, limit, known)

    session = Slow(values(named("ACME 9", "99999.1")))
    means = Means(lambda *_: session, lambda *_: session, Wire({}).turn, most_s=0.05)
    found = await Scout(means, [Key("key")], PROFILES).look(SPOT)
    assert found is not None
    assert found.verdict is AddressVerdict.NONSENSE
    assert "was not understood within" in found.words
    assert session.is_closed


async def test_nothing_is_asked_once_all_is_to_stop() -> None:
    async def no_turn() -> bool:
        return False

    wire = Wire({"key": {}})
    scout = Scout(Means(wire.open, wire.open, no_turn), [Key("key")], PROFILES)
    assert await scout.look(SPOT) is None
    assert wire.opened == []
