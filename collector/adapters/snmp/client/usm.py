"""SNMPv3 with the user-based security model (RFC 3414), one state per machine.

pysnmp's own engine keeps clocks by engine id for all machines together; cloned machines that
share an id would then spoil one another's clock. Here each machine has its own.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from pyasn1.type import univ  # type: ignore[import-untyped] # it ships no types
from pysnmp.proto import error  # type: ignore[import-untyped] # likewise

# The modules of pysnmp's ciphers import one another in a ring that only `service` enters rightly.
from pysnmp.proto.secmod.rfc3414 import localkey, service  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.codec import (
    ANSWER_PDUS,
    LIBRARY_ERRORS,
    Garbled,
    Reply,
    Request,
    RequestKind,
    choice,
    decode,
    encode,
    reply_of,
    request_pdu,
    sequence,
    whole,
)
from collector.adapters.snmp.client.credentials import AuthProtocol, PrivProtocol, UserCredential
from collector.adapters.snmp.client.peer import NoAnswer, Peer
from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.client.wire import Wire
from collector.domain.sentence import Sentence, sentence
from collector.errors import DeviceNonsense, DeviceRefused
from collector.texts import ENGLISH

# Keys: pass phrases into keys for one engine, signing and enciphering (RFC 3414, 7860).


@dataclass(frozen=True, slots=True)
class _Auth:
    """An authentication protocol: its hash, how much of the digest is sent, its number."""

    digest: Callable[..., Any]
    sent: int
    service: tuple[int, ...]


_Sha2: Final = service.hmacsha2.HmacSha2
_AUTH: Final[dict[AuthProtocol, _Auth]] = {
    "MD5": _Auth(hashlib.md5, 12, service.hmacmd5.HmacMd5.SERVICE_ID),
    "SHA": _Auth(hashlib.sha1, 12, service.hmacsha.HmacSha.SERVICE_ID),
    "SHA224": _Auth(hashlib.sha224, 16, _Sha2.SHA224_SERVICE_ID),
    "SHA256": _Auth(hashlib.sha256, 24, _Sha2.SHA256_SERVICE_ID),
    "SHA384": _Auth(hashlib.sha384, 32, _Sha2.SAH384_SERVICE_ID),
    "SHA512": _Auth(hashlib.sha512, 48, _Sha2.SHA512_SERVICE_ID),
}
_PRIV: Final[dict[PrivProtocol, Any]] = {
    "DES": service.des.Des(),
    "AES": service.aes.Aes(),
    "AES192": service.aes192.AesBlumenthal192(),
    "AES256": service.aes256.AesBlumenthal256(),
}


@lru_cache(maxsize=64)
def _master_key(protocol: AuthProtocol, phrase: str) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Hash a megabyte of `phrase` once for all machines that share it (RFC 3414 A.2)."""
    return localkey.hash_passphrase(phrase.encode(), _AUTH[protocol].digest)


class UserKeys:
    """A user's keys, bound to one agent's engine."""

    def __init__(self, credential: UserCredential, engine_id: bytes) -> None:
        """Derive the localized keys for `engine_id`."""
        engine = univ.OctetString(engine_id)
        self._auth: _Auth | None = None
        self._auth_key = b""
        self._priv: Any = None
        self._priv_key: Any = None
        if credential.auth_protocol is None or credential.auth_key is None:
            return
        self._auth = _AUTH[credential.auth_protocol]
        master = _master_key(credential.auth_protocol, credential.auth_key)
        self._auth_key = localkey.localize_key(master, engine, self._auth.digest).asOctets()
        if credential.priv_protocol is not None and credential.priv_key is not None:
            self._priv = _PRIV[credential.priv_protocol]
            master = _master_key(credential.auth_protocol, credential.priv_key)
            self._priv_key = self._priv.localize_key(self._auth.service, master, engine)

    @property
    def signs(self) -> bool:
        """Say whether messages are authenticated."""
        return self._auth is not None

    @property
    def enciphers(self) -> bool:
        """Say whether the payload is private."""
        return self._priv is not None

    @property
    def signature_size(self) -> int:
        """Octets of a signature, 0 without authentication."""
        return self._auth.sent if self._auth is not None else 0

    def signature(self, message: bytes) -> bytes:
        """Return the signature of `message`, in which its own place is all zero."""
        if self._auth is None:
            return b""
        mac = hmac.new(self._auth_key, message, self._auth.digest).digest()
        return mac[: self._auth.sent]

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether `signature`, found inside `message`, is this user's."""
        if self._auth is None or len(signature) != self._auth.sent:
            return False
        blank = message.replace(signature, bytes(len(signature)), 1)
        return hmac.compare_digest(self.signature(blank), signature)

    def encipher(self, plain: bytes, boots: int, seconds: int) -> tuple[bytes, bytes]:
        """Return `plain` enciphered and the salt to send with it."""
        data, salt = self._priv.encrypt_data(self._priv_key, (boots, seconds, None), plain)
        return data.asOctets(), salt.asOctets()

    def decipher(self, data: bytes, salt: bytes, boots: int, seconds: int) -> bytes:
        """Return the payload in clear; raises Garbled."""
        if self._priv is None:
            raise Garbled(ENGLISH("garbled.enciphered"))
        numbers = (boots, seconds, univ.OctetString(salt))
        try:
            plain = self._priv.decrypt_data(self._priv_key, numbers, univ.OctetString(data))
        except (error.StatusInformation, error.ProtocolError, ValueError) as exc:
            raise Garbled(ENGLISH("garbled.cipher")) from exc
        return bytes(plain)


# One SNMPv3 message as octets and back: header, security parameters, scoped PDU (RFC 3412).


_VERSION: Final = 3
_USM: Final = 3
_LARGEST: Final = 65507
_CLOCK: Final = range(2**31)
_SIGNED, _ENCIPHERED, _REPORTABLE = 1, 2, 4


def _scoped(pdu: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    octets = univ.OctetString()
    return sequence(("contextEngineID", octets), ("contextName", octets), ("data", pdu))


_SCOPED_ANSWER: Final = _scoped(ANSWER_PDUS)
_HEADER: Final = sequence(
    ("msgID", univ.Integer()),
    ("msgMaxSize", univ.Integer()),
    ("msgFlags", univ.OctetString()),
    ("msgSecurityModel", univ.Integer()),
)
_SECURITY: Final = sequence(
    ("engineID", univ.OctetString()),
    ("boots", univ.Integer()),
    ("time", univ.Integer()),
    ("user", univ.OctetString()),
    ("signature", univ.OctetString()),
    ("salt", univ.OctetString()),
)
_MESSAGE: Final = sequence(
    ("version", univ.Integer()),
    ("header", _HEADER),
    ("security", univ.OctetString()),
    ("data", choice(("plain", _SCOPED_ANSWER), ("enciphered", univ.OctetString()))),
)


@dataclass(frozen=True, slots=True)
class Engine:
    """An agent's engine: its id, the keys bound to it, and its clock as heard at `heard`.

    `heard` is on the event loop's clock, `seconds` on the agent's.
    """

    engine_id: bytes
    keys: UserKeys
    boots: int = 0
    seconds: int = 0
    heard: float = 0.0

    def at(self, now: float) -> "Engine":
        """Return the engine with its clock brought forward to `now`."""
        return replace(self, seconds=self.seconds + int(now - self.heard), heard=now)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who asks, in which context. `context_engine_id` None is the agent's own engine."""

    user: str = ""
    context: str = ""
    context_engine_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came back, and whether this user's key has signed it."""

    message_id: int
    engine_id: bytes
    boots: int
    seconds: int
    signed: bool
    reply: Reply


def write(
    message_id: int, request_id: int, question: Request, engine: Engine, envelope: Envelope
) -> bytes:
    """Return the whole message, enciphered and signed as the engine's keys allow."""
    context_engine = envelope.context_engine_id
    payload = _record(
        engine.engine_id if context_engine is None else context_engine,
        envelope.context.encode(),
        request_pdu(question, request_id),
    )
    salt, flags = b"", _REPORTABLE
    if engine.keys.enciphers:
        secret, salt = engine.keys.encipher(payload, engine.boots, engine.seconds)
        payload, flags = _field(secret), flags | _ENCIPHERED
    if engine.keys.signs:
        flags |= _SIGNED
    header = _record(message_id, _LARGEST, bytes([flags]), _USM)
    blank = bytes(engine.keys.signature_size)
    clock = (engine.engine_id, engine.boots, engine.seconds)
    security = _record(*clock, envelope.user.encode(), blank, salt)
    message = _wrapped(_field(_VERSION) + header + _field(security) + payload)
    # The signature's place is counted from the end: only salt and payload stand behind it.
    end = len(message) - len(payload) - len(_field(salt))
    signature = engine.keys.signature(message)
    return message[: end - len(signature)] + signature + message[end:]


def _record(*values: Any) -> bytes:  # noqa: ANN401 # numbers, octets, or a pysnmp PDU
    return _wrapped(b"".join(map(_field, values)))


def _field(value: Any) -> bytes:  # noqa: ANN401 # a number, octets, or a pysnmp PDU
    if isinstance(value, int):
        return encode(univ.Integer(value))
    return encode(univ.OctetString(value) if isinstance(value, bytes) else value)


def _wrapped(content: bytes) -> bytes:
    """Return `content` as a SEQUENCE; its parts are encoded already (BER, X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 # the short form of a length
        return bytes([0x30, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x30, 0x80 | len(digits)]) + digits + content


def read(data: bytes, keys: UserKeys) -> Incoming:
    """Return what `data` says; raises Garbled, also for a wrong signature."""
    message = decode(data, _MESSAGE)
    try:
        security = decode(bytes(message[2]), _SECURITY)
        flags = bytes(message[1][2])[0]
        boots, seconds = _clock(security[1]), _clock(security[2])
        signature, salt = bytes(security[4]), bytes(security[5])
        signed = bool(flags & _SIGNED) and keys.signs
        if signed and not keys.is_signed(data, signature):
            raise Garbled(ENGLISH("garbled.signature"))
        scoped = message[3].getComponent()
        if message[3].getName() == "enciphered":
            plain = keys.decipher(bytes(scoped), salt, boots, seconds)
            scoped = decode(plain, _SCOPED_ANSWER)
        reply = reply_of(scoped[2])
        return Incoming(whole(message[1][0]), bytes(security[0]), boots, seconds, signed, reply)
    except LIBRARY_ERRORS as exc:
        raise Garbled(ENGLISH("garbled.v3")) from exc


def _clock(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    """Return a part of an engine's clock (RFC 3414 section 2.2: 31 bits); raises ValueError."""
    number = int(value)
    if number not in _CLOCK:
        raise ValueError("an engine clock that no agent may have")
    return number


_ID_BITS: Final = 31
_REMEMBERED: Final = 16
_NOBODY: Final = UserCredential(user="")
_STATS: Final[Oid] = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_NOT_IN_TIME_WINDOW: Final[Oid] = (*_STATS, 2, 0)
_SYS_UPTIME: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_UNKNOWN_ENGINE: Final[Oid] = (*_STATS, 4, 0)
_REFUSALS: Final[dict[Oid, str]] = {
    (*_STATS, 1, 0): "usm.level",
    (*_STATS, 3, 0): "usm.user",
    (*_STATS, 5, 0): "usm.auth",
    (*_STATS, 6, 0): "usm.priv",
    (1, 3, 6, 1, 6, 3, 12, 1, 4, 0): "usm.context_not_ready",
    (1, 3, 6, 1, 6, 3, 12, 1, 5, 0): "usm.context",
}
"""Reports of RFC 3414 section 5 (usmStats) and RFC 3413 (contexts), with the sentence for each."""


class UserChannel:
    """Asks one agent as one SNMPv3 user, one question at a time."""

    def __init__(self, wire: Wire, peer: Peer, credential: UserCredential) -> None:
        """Speak over `wire` with `credential` and no other."""
        self._wire = wire
        self._peer = peer
        self._credential = credential
        self._envelope = Envelope(credential.user, credential.context, credential.context_engine_id)
        self._engine: Engine | None = None
        self._was_answered = False
        self._past: deque[int] = deque(maxlen=_REMEMBERED)

    async def ask(self, question: Request, tries: int) -> Reply:
        """Return the answer to `question`.

        The engine is discovered once and its clock followed; a machine that was restarted or
        replaced is discovered again. Raises DeviceUnreachable, DeviceRefused or DeviceNonsense.
        """
        for _ in range(3):  # at worst: another engine, then its clock, then the answer
            engine = self._engine or await self._discover(tries)
            self._engine = engine
            incoming = await self._exchange(question, engine, tries)
            if incoming.signed:
                self._engine = self._heard(incoming, engine.keys)
            if not incoming.reply.is_report:
                self._was_answered = True
                return incoming.reply
            self._act_on(incoming.reply)
        raise DeviceRefused(
            self._peer.place,
            ENGLISH("usm.clock", peer=str(self._peer)),
        )

    def _heard(self, incoming: Incoming, keys: UserKeys) -> Engine:
        """Return the engine as it presents itself now.

        The message and request numbers are random and the answer is signed, so an old answer
        cannot be replayed; the clock may therefore be followed backwards too, which machines
        without a stored boot counter need.
        """
        now = asyncio.get_running_loop().time()
        return Engine(incoming.engine_id, keys, incoming.boots, incoming.seconds, now)

    def _act_on(self, report: Reply) -> None:
        """Prepare the next try, or raise what the report means."""
        name = report.found[0][0] if report.found else ()
        if name == _UNKNOWN_ENGINE:
            self._engine = None
        elif name in _REFUSALS:
            who = {"user": repr(self._credential.user), "context": repr(self._credential.context)}
            said = ENGLISH(_REFUSALS[name], peer=str(self._peer), **who)
            raise DeviceRefused(self._peer.place, said)
        elif name != _NOT_IN_TIME_WINDOW:
            named = dotted(name) or sentence("oid.none")
            said = ENGLISH("usm.report", peer=str(self._peer), report=named)
            raise DeviceNonsense(self._peer.place, said)

    async def _discover(self, tries: int) -> Engine:
        """Ask with an empty engine id; the report that comes back names the engine."""
        unknown = Engine(b"", UserKeys(_NOBODY, b""))
        hint = sentence("hint.v3_off")
        incoming = await self._send(Request(RequestKind.GET, ()), unknown, Envelope(), tries, hint)
        if not incoming.engine_id:
            said = ENGLISH("usm.no_engine", peer=str(self._peer))
            raise DeviceNonsense(self._peer.place, said)
        return self._heard(incoming, UserKeys(self._credential, incoming.engine_id))

    async def _exchange(self, question: Request, engine: Engine, tries: int) -> Incoming:
        hint = sentence("hint.v3_speaks")
        try:
            return await self._send(question, engine, self._envelope, tries, hint)
        except NoAnswer:
            if self._was_answered or not await self._ignores_this_user(engine):
                raise
        raise DeviceRefused(
            self._peer.place,
            ENGLISH("usm.ignored", peer=str(self._peer), user=repr(self._credential.user)),
        )

    async def _ignores_this_user(self, engine: Engine) -> bool:
        """Say whether the machine is there, and silent even to this user's smallest question.

        Agents that cannot decipher a message, or do not know a context, may drop it without a
        report (net-snmp does).
        """
        smallest = Request(RequestKind.GET, (_SYS_UPTIME,))
        try:
            await self._send(smallest, engine, self._envelope, 1, sentence("hint.v3_speaks"))
        except NoAnswer:
            try:
                await self._discover(1)
            except NoAnswer:
                return False
            return True
        return False

    async def _send(
        self, question: Request, engine: Engine, envelope: Envelope, tries: int, hint: Sentence
    ) -> Incoming:
        request_id = secrets.randbits(_ID_BITS)
        sent: list[int] = []

        def make() -> bytes:
            sent.append(secrets.randbits(_ID_BITS))  # RFC 3412: a repeated message has a new one
            now = engine.at(asyncio.get_running_loop().time())
            return write(sent[-1], request_id, question, now, envelope)

        def accept(data: bytes) -> Incoming | None:
            incoming = read(data, engine.keys)
            if incoming.message_id in self._past:
                return None  # a second answer to a question that was sent twice
            reply = incoming.reply
            unasked = not reply.is_report and reply.request_id != request_id
            if incoming.message_id not in sent or unasked:
                raise Garbled(ENGLISH("garbled.not_asked"))
            if engine.keys.signs and not incoming.signed and not reply.is_report:
                raise Garbled(ENGLISH("garbled.unsigned"))
            return incoming

        try:
            return await self._wire.exchange(make, accept, tries, hint)
        finally:
            self._past.extend(sent)
