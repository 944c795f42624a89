"""Looks at one address after another: who answers there, and is it a printer?

SNMP over UDP only: a TCP probe of a print port wakes machines, and has made some print. An
address costs one small request (twice where it is silent), an agent two more; only a printer is
read as the daemon reads it. The keys are tried in the order given, the next only where there was
no answer at all: an agent that says no has answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.peer import NoAnswer
from collector.adapters.snmp.client.session import LearningSession, Oid, Session, Value, dotted, oid
from collector.adapters.snmp.client.text import LIMIT, clean
from collector.adapters.snmp.condition.facts import Facts, enterprise, text_of
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.reading.recognise import recognise
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.discovered import AddressVerdict, Sighting
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceError, DeviceRefused, DeviceUnreachable
from collector.ports import PollTarget
from collector.texts import ENGLISH

SYS_NAME: Final = oid("1.3.6.1.2.1.1.5.0")
SYS_LOCATION: Final = oid("1.3.6.1.2.1.1.6.0")
_SYSTEM: Final = (mib.SYS_DESCR, mib.SYS_OBJECT_ID, SYS_NAME, SYS_LOCATION)
_PRINTER_MIB: Final = oid("1.3.6.1.2.1.43")
_NET_SNMP: Final = oid("1.3.6.1.4.1.8072")
"""A computer's agent: the printers in its device table are queues, not machines."""

_DEVICES: Final = 32


class Named(Protocol):
    """A key with the name it is shown under."""

    @property
    def name(self) -> str:
        """The name; never the secret."""
        ...


Key = TypeVar("Key", bound=Named)


@dataclass(frozen=True, slots=True)
class ProbedAddress:
    """An address as it was asked for, where it leads, and the port."""

    address: str
    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Means(Generic[Key]):
    """How agents are asked.

    `probe` opens a session that gives up soon, `converse` a patient one. `permit` waits until an
    address may be asked, and says False where nothing may be asked any more. `most_s` is how long
    one printer is listened to, `at_once` how many.
    """

    probe: Callable[[ProbedAddress, Key], Session]
    converse: Callable[[ProbedAddress, Key], LearningSession]
    permit: Callable[[], Awaitable[bool]]
    most_s: float = 30.0
    at_once: int = 8


class Scout(Generic[Key]):
    """Looks at addresses side by side."""

    def __init__(self, means: Means[Key], keys: Sequence[Key], profiles: Profiles) -> None:
        """Ask with `keys`, in this order, and recognise printers by `profiles`."""
        self._means = means
        self._keys = tuple(keys)
        self._profiles = profiles
        self._seats = asyncio.Semaphore(means.at_once)

    async def look(self, spot: ProbedAddress) -> Sighting | None:
        """Return what stands at `spot`; None where it was not asked because all is to stop."""
        for key in self._keys:
            if not await self._means.permit():
                return None
            session = self._means.probe(spot, key)
            try:
                said = await session.get(_SYSTEM)
            except NoAnswer:
                continue
            except DeviceError as error:
                return _failed(spot, key, error)
            else:
                return await self._agent(spot, key, said, session)
            finally:
                await session.close()
        return _sighting(spot, AddressVerdict.SILENT)

    async def _agent(
        self, spot: ProbedAddress, key: Key, said: Mapping[Oid, Value], session: Session
    ) -> Sighting:
        seen = replace(
            _sighting(spot, AddressVerdict.OTHER, key.name),
            words=_words(said, mib.SYS_DESCR),
            name=_words(said, SYS_NAME),
            location=_words(said, SYS_LOCATION),
            identity=_identity(said),
        )
        async with self._seats:
            try:
                async with asyncio.timeout(self._means.most_s):
                    if not await self._is_printer(said, session):
                        return seen
            except TimeoutError:
                return replace(seen, verdict=AddressVerdict.NONSENSE, words=self._too_long())
            except DeviceError as error:
                return replace(seen, verdict=_verdict(error), words=error.message)
            return await self._read(spot, key, replace(seen, verdict=AddressVerdict.PRINTER))

    async def _is_printer(self, said: Mapping[Oid, Value], session: Session) -> bool:
        """Say whether it has the Printer-MIB, a printer among its devices, or a maker's mark."""
        if await session.walk(_PRINTER_MIB, limit=1):
            return True
        types = await session.walk(mib.DEVICE_TYPE, limit=_DEVICES)
        number = enterprise(said.get(mib.SYS_OBJECT_ID)) or ()
        if mib.TYPE_PRINTER in types.values() and number[: len(_NET_SNMP)] != _NET_SNMP:
            return True
        profile = await recognise(session, Facts(dict(said)), self._profiles, standards=False)
        return profile.id != self._profiles.generic.id

    async def _read(self, spot: ProbedAddress, key: Key, seen: Sighting) -> Sighting:
        """Read a printer as the daemon does; one that cannot be read to its end is shown so."""
        reader = SnmpDeviceReader(lambda _: self._means.converse(spot, key), self._profiles)
        target = PollTarget(PlaceId(spot.address), spot.ip, spot.port, key.name)
        try:
            async with asyncio.timeout(self._means.most_s):
                return _told(seen, await reader.read(target))
        except TimeoutError:
            return replace(seen, words=self._too_long())
        except DeviceError as error:
            return replace(seen, words=error.message)
        finally:
            await reader.close()

    def _too_long(self) -> str:
        return ENGLISH("sighting.not_understood", seconds=f"{self._means.most_s:g}")


def _told(seen: Sighting, answer: Answer) -> Sighting:
    return replace(
        seen,
        words="",
        identity=answer.identity,
        total=answer.meters.get(TOTAL),
        profile=answer.profile,
    )


def _sighting(spot: ProbedAddress, verdict: AddressVerdict, credential: str = "") -> Sighting:
    return Sighting(spot.address, spot.ip, spot.port, verdict, credential=credential)


def _failed(spot: ProbedAddress, key: Named, error: DeviceError) -> Sighting:
    verdict = _verdict(error)
    credential = "" if verdict is AddressVerdict.UNREACHABLE else key.name
    return replace(_sighting(spot, verdict, credential), words=error.message)


def _verdict(error: DeviceError) -> AddressVerdict:
    if isinstance(error, DeviceUnreachable):
        return AddressVerdict.UNREACHABLE
    return AddressVerdict.REFUSED if isinstance(error, DeviceRefused) else AddressVerdict.NONSENSE


def _words(said: Mapping[Oid, Value], name: Oid) -> str:
    value = said.get(name)
    return (clean(value, LIMIT) if isinstance(value, bytes) else None) or ""


def _identity(said: Mapping[Oid, Value]) -> DeviceIdentity:
    number = enterprise(said.get(mib.SYS_OBJECT_ID))
    model = text_of(said.get(mib.SYS_DESCR))
    return DeviceIdentity(model=model, object_id=dotted(number) if number else None)
