"""The reader of machines: credentials, pysnmp sessions, profiles."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import AuthProtocol as AuthName
from collector.adapters.snmp.client.credentials import (
    CommunityCredential,
    Credential,
    UserCredential,
)
from collector.adapters.snmp.client.credentials import PrivProtocol as PrivName
from collector.adapters.snmp.client.session import LearningSession
from collector.adapters.snmp.client.sockets import Sockets
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.memory import Memory
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.discretion import shipped
from collector.adapters.snmp.recording.recorder import Manner, record
from collector.adapters.snmp.recording.scrub import Scrubbed, scrub
from collector.adapters.snmp.recording.session import CaptureSession, parse_capture, text_of
from collector.adapters.snmp.recording.walk import Bounds
from collector.app.notes import LEARNT
from collector.domain.meters import Meter
from collector.domain.privacy.redaction import KnownSecret
from collector.errors import DeviceError
from collector.ports import Notes, PollTarget
from collector.runtime.sweep import EvenTurns
from collector.settings.credentials import (
    DEFAULT,
    AuthProtocol,
    CredentialValues,
    PrivProtocol,
    SnmpVersion,
)
from collector.settings.model import Settings

# Sessions to machines that stand in no fleet file: the keys a person named, and no other.


AD_HOC: Final = "--community"


@dataclass(frozen=True, slots=True)
class NamedCredential:
    """A credential by the name it is shown under; `place_name` is what a fleet file calls it."""

    name: str
    place_name: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer is waited for, and how often a question is repeated.

    With `wakes`, one that was not heard yet is listened to for longer: it may be asleep.
    """

    timeout_s: float
    retries: int
    wakes: bool = False


def keys_named(settings: Settings, names: Sequence[str]) -> tuple[NamedCredential, ...]:
    """Return the credentials called `names`, in that order; raises KeyError."""
    values = settings.credential_values() if names else {}
    return tuple(
        NamedCredential(name, name, credential_of(values[name])) for name in dict.fromkeys(names)
    )


def keys_of(communities: Sequence[str], *, v1: bool) -> tuple[NamedCredential, ...]:
    """Return communities given at the command line; they are shown by their place in it."""
    version: Literal["1", "2c"] = "1" if v1 else "2c"
    found = [CommunityCredential(version, one) for one in dict.fromkeys(communities)]
    if len(found) == 1:
        return (NamedCredential(AD_HOC, DEFAULT, found[0]),)
    return tuple(
        NamedCredential(f"{AD_HOC} {at}", DEFAULT if at == 1 else f"community-{at}", one)
        for at, one in enumerate(found, start=1)
    )


def open_session(
    address: str, port: int, key: NamedCredential, patience: Patience
) -> PysnmpSession:
    """Return a session to one agent; nothing is sent yet."""
    return PysnmpSession(
        address,
        port,
        key.credential,
        timeout_s=patience.timeout_s,
        retries=patience.retries,
        place=address,
        wakes=patience.wakes,
    )


_AUTH: Final[Mapping[AuthProtocol, AuthName]] = {
    AuthProtocol.MD5: "MD5",
    AuthProtocol.SHA1: "SHA",
    AuthProtocol.SHA224: "SHA224",
    AuthProtocol.SHA256: "SHA256",
    AuthProtocol.SHA384: "SHA384",
    AuthProtocol.SHA512: "SHA512",
}
_PRIV: Final[Mapping[PrivProtocol, PrivName]] = {
    PrivProtocol.DES: "DES",
    PrivProtocol.AES128: "AES",
    PrivProtocol.AES192: "AES192",
    PrivProtocol.AES256: "AES256",
}


def credential_of(values: CredentialValues) -> Credential:
    """Return the SNMP adapter's form of one set of keys."""
    if values.version is not SnmpVersion.V3:
        is_v1 = values.version is SnmpVersion.V1
        return CommunityCredential("1" if is_v1 else "2c", values.community or "")
    return UserCredential(
        user=values.user or "",
        auth_protocol=_AUTH[values.auth_protocol] if values.auth_protocol else None,
        auth_key=values.auth_password,
        priv_protocol=_PRIV[values.priv_protocol] if values.priv_protocol else None,
        priv_key=values.priv_password,
        context=values.context,
    )


def profiles_of(settings: Settings) -> Profiles:
    """Return the shipped profiles and the office's own; raises ConfigError."""
    fleet = settings.fleet
    return load_profiles(fleet.profiles, low_confidence=fleet.low_confidence)


def reader_of(settings: Settings, memory: Memory | None = None) -> SnmpDeviceReader:
    """Return the reader of machines: pysnmp sessions and the profiles, own ones included.

    What it learns of machines is kept in `memory`; without one it is learnt anew each time.
    """
    polling = settings.polling
    keys = {name: credential_of(one) for name, one in settings.credential_values().items()}
    sockets = Sockets(polling.subnet_packets_per_s)

    def open_session(target: PollTarget) -> LearningSession:
        return PysnmpSession(
            target.address,
            target.port,
            keys[target.credential],
            timeout_s=polling.timeout_s,
            retries=polling.retries,
            place=target.place,
        ).over(sockets)

    return SnmpDeviceReader(open_session, profiles_of(settings), memory=memory, clock=SystemClock())


# What readers learn of machines, kept among the ledger's notes: losing it never loses pages.


class NotedMemory:
    """Keeps texts by key, over a restart."""

    def __init__(self, notes: Notes) -> None:
        """Keep everything in `notes`, apart from those of other use cases."""
        self._notes = notes

    async def recall(self, key: str) -> str | None:
        """Return what was last remembered under `key`, or None."""
        return await LEARNT.about(key).get(self._notes)

    async def remember(self, key: str, text: str) -> None:
        """Keep `text` under `key` instead of what was there."""
        await LEARNT.about(key).put(self._notes, text)


# The recording of a machine, put together: session, walk, scrubbing, proof.


_SALT_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class FinishedRecording:
    """A finished recording: what was recorded, its text, and the meters that it lost or changed.

    `changed` is empty where `text` decodes to the figures of the live machine.
    """

    scrubbed: Scrubbed
    text: str
    changed: tuple[Meter, ...]


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """What is wanted: all trees or the usual, in which bounds, at how many requests a second."""

    everything: bool
    bounds: Bounds
    rate: float


async def take(
    session: PysnmpSession,
    profiles: Profiles,
    options: RecordingOptions,
    known: Iterable[KnownSecret],
    tell: Callable[[int], None],
    remarks: Callable[[Scrubbed], list[str]],
) -> FinishedRecording:
    """Return a recording of the machine behind `session`, fit to be sent; the session is closed.

    `known` values are replaced besides what the machine says of itself; `remarks` are the lines
    at the head of the file. Raises DeviceError where the machine cannot be recognised.
    """
    pace = EvenTurns(options.rate, asyncio.Event())

    async def pause() -> None:
        await pace.turn()

    manner = Manner(options.everything, options.bounds, pause, tell)
    try:
        recording = await record(session, profiles, shipped(), manner)
    finally:
        await session.close()
    scrubbed = scrub(recording, shipped(), known, os.urandom(_SALT_OCTETS))
    text = text_of(scrubbed.recording.rows, remarks(scrubbed))
    return FinishedRecording(scrubbed, text, await _changed(scrubbed, text, profiles))


async def _changed(scrubbed: Scrubbed, text: str, profiles: Profiles) -> tuple[Meter, ...]:
    """Return the meters for which the file does not give the figure of the live machine."""
    live = scrubbed.recording.answer
    if live is None:
        return ()
    session = CaptureSession(parse_capture(text))
    try:
        plan = await resolve(session, profiles)
        told = decode(plan, await session.get(plan.oids)).meters
    except DeviceError:
        told = {}
    return tuple(sorted(name for name in live.meters if told.get(name) != live.meters[name]))
