"""SNMPv3 with the user-based security model (RFC 3414), one state per machine.

pysnmp's own engine keeps clocks by engine id for all machines together; cloned machines that
share an id would then spoil one another's clock. Here each machine has its own.
"""

import asyncio
import hmac
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pyasn1.type import univ  # type: ignore[import-untyped] # it ships no types

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
from collector.adapters.snmp.client.credentials import UserCredential
from collector.adapters.snmp.client.ordinary import (
    AskedNames,
    asked_in,
    content,
    integer,
    new_number,
    number_in,
    octets,
    tlv,
)
from collector.adapters.snmp.client.peer import NoAnswer, Peer
from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.client.user_keys import UserKeys
from collector.adapters.snmp.client.wire import Wire
from collector.domain.sentence import Sentence, sentence
from collector.errors import DeviceNonsense, DeviceRefused
from collector.texts import ENGLISH

# One SNMPv3 message as octets and back: header, security parameters, scoped PDU (RFC 3412).


_VERSION_3: Final = integer(3)
_SEQUENCE: Final = 0x30
_OCTET_STRING: Final = 4
_USM: Final = 3
_LARGEST: Final = 65507
_CLOCK: Final = range(2**31)
_SIGNED, _ENCIPHERED, _REPORTABLE = 1, 2, 4


def _scoped(pdu: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    text = univ.OctetString()
    return sequence(("contextEngineID", text), ("contextName", text), ("data", pdu))


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


_MOST_ENGINES: Final = 16_384


@lru_cache(_MOST_ENGINES)
def _scope(context_engine: bytes, context: str) -> bytes:
    return octets(context_engine) + octets(context.encode())


@lru_cache(_MOST_ENGINES)
def _same_octets(content: bytes) -> bytes:
    """Return what stands in each message of an engine or a user, as an OCTET STRING."""
    return octets(content)


_ASKING: Final = tuple(
    integer(_LARGEST) + octets(bytes((_REPORTABLE | level,))) + integer(_USM)
    for level in range(_SIGNED + _ENCIPHERED + 1)
)
_ANSWERING: Final = tuple(
    octets(bytes((level,))) + integer(_USM) for level in range(_SIGNED + _ENCIPHERED + 1)
)
"""What ends the header of a question and of its answer, by how it is signed and enciphered."""


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
        seconds = self.seconds + int(now - self.heard)
        return Engine(self.engine_id, self.keys, self.boots, seconds, now)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who asks, in which context. `context_engine_id` None is the agent's own engine."""

    user: str = ""
    context: str = ""
    context_engine_id: bytes | None = None

    def scope(self, engine: Engine) -> bytes:
        """Return the context's engine and name as they stand before the PDU."""
        context_engine = self.context_engine_id
        return _scope(engine.engine_id if context_engine is None else context_engine, self.context)


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
    keys, asked = engine.keys, asked_in(question)
    if asked is not None:
        pdu = asked.request(request_id, question.kind, question.repetitions)
    else:
        pdu = encode(request_pdu(question, request_id))
    payload = tlv(_SEQUENCE, envelope.scope(engine) + pdu)
    salt = b""
    if keys.enciphers:
        secret, salt = keys.encipher(payload, engine.boots, engine.seconds)
        payload = octets(secret)
    header = tlv(_SEQUENCE, integer(message_id) + _ASKING[_level(keys)])
    clock = _same_octets(engine.engine_id) + integer(engine.boots) + integer(engine.seconds)
    blank = _same_octets(bytes(keys.signature_size))
    tail = octets(salt)
    security = tlv(_SEQUENCE, clock + _same_octets(envelope.user.encode()) + blank + tail)
    message = tlv(_SEQUENCE, _VERSION_3 + header + octets(security) + payload)
    # The signature's place is counted from the end: only salt and payload stand behind it.
    end = len(message) - len(payload) - len(tail)
    signature = keys.signature(message)
    return message[: end - len(signature)] + signature + message[end:]


def _level(keys: UserKeys) -> int:
    return (_SIGNED if keys.signs else 0) | (_ENCIPHERED if keys.enciphers else 0)


@dataclass(frozen=True, slots=True)
class Sent:
    """A question as it went out: its names, who asks whom, its number, that of each message."""

    asked: AskedNames
    engine: Engine
    envelope: Envelope
    request_id: int
    message_ids: list[int]


def read_ordinary(data: bytes, sent: Sent) -> Incoming | None:
    """Return the ordinary answer to `sent`; None where `data` is anything else, or may be.

    See `ordinary`. It is from this engine and for this user, signed and enciphered as it was
    asked.
    """
    try:
        return _read_ordinary(data, sent)
    except (IndexError, ValueError, Garbled):
        return None


def _read_ordinary(data: bytes, sent: Sent) -> Incoming | None:
    keys = sent.engine.keys
    start, end = content(data, 0, _SEQUENCE)
    at, header_end = content(data, start + len(_VERSION_3), _SEQUENCE)
    message_id, at = number_in(data, at)
    _, at = number_in(data, at)
    is_ours = (
        end == len(data)
        and data.startswith(_VERSION_3, start)
        and message_id in sent.message_ids
        and data[at:header_end] == _ANSWERING[_level(keys)]
    )
    at, security_end = content(data, header_end, _OCTET_STRING)
    at, inner_end = content(data, at, _SEQUENCE)
    engine_id = _same_octets(sent.engine.engine_id)
    is_ours = is_ours and inner_end == security_end and data.startswith(engine_id, at)
    boots, at = number_in(data, at + len(engine_id))
    seconds, at = number_in(data, at)
    user = _same_octets(sent.envelope.user.encode())
    is_ours = is_ours and data.startswith(user, at) and max(boots, seconds) in _CLOCK
    at, signature_end = content(data, at + len(user), _OCTET_STRING)
    salt_at, salt_end = content(data, signature_end, _OCTET_STRING)
    if not (is_ours and salt_end == security_end and _is_signed_at(data, at, signature_end, keys)):
        return None
    payload = data
    if keys.enciphers:
        at, end = content(data, security_end, _OCTET_STRING)
        if end != len(data):
            return None
        payload = keys.decipher(data[at:], data[salt_at:salt_end], boots, seconds)
        security_end = 0
    reply = _reply_in(payload, security_end, sent)
    if reply is None:
        return None
    return Incoming(message_id, sent.engine.engine_id, boots, seconds, keys.signs, reply)


def _reply_in(payload: bytes, at: int, sent: Sent) -> Reply | None:
    """Return the answer in the scoped PDU that is all of `payload` from `at` on."""
    at, end = content(payload, at, _SEQUENCE)
    if len(payload) - end > sent.engine.keys.padding:
        return None
    scope = sent.envelope.scope(sent.engine)
    if not payload.startswith(scope, at):
        return None
    return sent.asked.answered(payload[:end], at + len(scope), sent.request_id)


def _is_signed_at(data: bytes, at: int, end: int, keys: UserKeys) -> bool:
    """Say whether the signature from `at` to `end` is right, and stands nowhere before."""
    size, signature = keys.signature_size, data[at:end]
    if end - at != size or data.find(signature) != (at if size else 0):
        return False
    blank = data[:at] + bytes(size) + data[end:]
    return hmac.compare_digest(keys.signature(blank), signature)


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
        request_id = new_number()
        sent: list[int] = []
        asked = asked_in(question)
        is_get = question.kind is RequestKind.GET
        ordinary = asked and is_get and Sent(asked, engine, envelope, request_id, sent)

        def make() -> tuple[int, bytes]:
            sent.append(new_number())  # RFC 3412: a repeated message has a new one
            now = engine.at(asyncio.get_running_loop().time())
            return sent[-1], write(sent[-1], request_id, question, now, envelope)

        def accept(data: bytes) -> Incoming | None:
            incoming = read_ordinary(data, ordinary) if ordinary else None
            if incoming is not None:
                return incoming
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
