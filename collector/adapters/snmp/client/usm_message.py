"""One SNMPv3 message as octets and back: header, security parameters, scoped PDU (RFC 3412)."""

from dataclasses import dataclass, replace
from typing import Any, Final

from pyasn1.type import univ  # type: ignore[import-untyped] # it ships no types

from collector.adapters.snmp.client.codec import (
    ANSWER_PDUS,
    LIBRARY_ERRORS,
    Garbled,
    Question,
    Reply,
    choice,
    decode,
    encode,
    reply_of,
    request_pdu,
    sequence,
    whole,
)
from collector.adapters.snmp.client.keys import Keys

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
    keys: Keys
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
    message_id: int, request_id: int, question: Question, engine: Engine, envelope: Envelope
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


def read(data: bytes, keys: Keys) -> Incoming:
    """Return what `data` says; raises Garbled, also for a wrong signature."""
    message = decode(data, _MESSAGE)
    try:
        security = decode(bytes(message[2]), _SECURITY)
        flags = bytes(message[1][2])[0]
        boots, seconds = _clock(security[1]), _clock(security[2])
        signature, salt = bytes(security[4]), bytes(security[5])
        signed = bool(flags & _SIGNED) and keys.signs
        if signed and not keys.is_signed(data, signature):
            raise Garbled("an answer with a wrong signature")
        scoped = message[3].getComponent()
        if message[3].getName() == "enciphered":
            plain = keys.decipher(bytes(scoped), salt, boots, seconds)
            scoped = decode(plain, _SCOPED_ANSWER)
        reply = reply_of(scoped[2])
        return Incoming(whole(message[1][0]), bytes(security[0]), boots, seconds, signed, reply)
    except LIBRARY_ERRORS as exc:
        raise Garbled("an SNMPv3 message that cannot be read") from exc


def _clock(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    """Return a part of an engine's clock (RFC 3414 section 2.2: 31 bits); raises ValueError."""
    number = int(value)
    if number not in _CLOCK:
        raise ValueError("an engine clock that no agent may have")
    return number
