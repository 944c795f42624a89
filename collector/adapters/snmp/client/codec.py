"""SNMP messages as bytes and back, on pysnmp's types.

Requests are built with pysnmp's own classes. Of answers pysnmp reads the frame only; names and
values are read by `values`, so that one odd value never costs the whole answer. What no agent may
send (`bounds`) is garbled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final, Literal

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped] # it ships no types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped] # likewise
from pyasn1.type import namedtype, univ  # type: ignore[import-untyped] # likewise
from pysnmp.proto import api, rfc1905  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.session import Oid, Value
from collector.texts import ENGLISH

# One row of an answer: its name, and its value where it has one that can be read.
#
# Values are read from their octets (X.690), each by itself, because agents send odd ones: a
# Counter32 above 2^31 as a negative number (no leading zero octet), an object identifier or a
# number of length 0 (sharpsnmplib #316), types that SNMP does not know. Such a value is absent,
# and
# the rest of the answer is read.


SIGNED: Final = range(-(2**63), 2**63)
"""Integer32 is what the standard allows; firmware that counts further is believed."""

_LONGEST: Final = 9
"""Octets of a number: 64 bits, and one more that says it is not negative."""

_SEQUENCE: Final = 0x30
_OBJECT_ID: Final = 6
_NO_TAG: Final = 5
_LONG_VALUE: Final = 0x80
_ARC_BITS: Final = 7


class Blank(Enum):
    """Why a name came back without a value."""

    ABSENT = "absent"
    END = "end"


def binding(data: bytes) -> tuple[Oid, int, Value | Blank]:
    """Return name, type and value of the encoded row in `data`; raises ValueError without a name.

    The type is as ASN.1 numbers it (2 INTEGER, 65 Counter32), NULL for one that SNMP has not.
    """
    tag, start, end = contents(data, 0)
    if tag != _SEQUENCE or end != len(data):
        raise ValueError("a row that is none")
    tag, start, end = contents(data, start)
    name = name_in(data[start:end]) if tag == _OBJECT_ID and end <= len(data) else None
    if name is None:
        raise ValueError("an object identifier that no agent may use")
    return name, *_typed(data, end)


def _typed(data: bytes, at: int) -> tuple[int, Value | Blank]:
    """Return the value that begins at `at` and must end where the row does."""
    try:
        tag, start, end = contents(data, at)
    except ValueError:
        return _NO_TAG, Blank.ABSENT
    if end != len(data) or tag not in _READERS:
        return _NO_TAG, Blank.END if tag == _END_OF_VIEW else Blank.ABSENT
    value = _READERS[tag](data[start:end])
    return tag, Blank.ABSENT if value is None else value


def name_in(octets: bytes) -> Oid | None:
    """Return an object identifier, None where these octets are none."""
    if not octets or octets[-1] & _LONG_VALUE:
        return None
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << _ARC_BITS | octet & (_LONG_VALUE - 1)
        if not octet & _LONG_VALUE:
            arcs.append(arc)
            arc = 0
    top = min(arcs[0] // 40, 2)
    name = (top, arcs[0] - 40 * top, *arcs[1:])
    return name if is_name(name) else None


def _integer(octets: bytes) -> int | None:
    if not 1 <= len(octets) <= _LONGEST:
        return None
    number = int.from_bytes(octets, "big", signed=True)
    return number if number in SIGNED else None


def _unsigned(modulus: int) -> Callable[[bytes], int | None]:
    """Return what reads a number below `modulus`, also where its zero octet is missing.

    Beyond its type it is no value: cut down to size it would be an invented one.
    """

    def read(octets: bytes) -> int | None:
        if not 1 <= len(octets) <= _LONGEST:
            return None
        number = int.from_bytes(octets, "big", signed=True)
        return number % modulus if -modulus // 2 <= number < modulus else None

    return read


def _octets(octets: bytes) -> bytes:
    return octets[:OCTETS]


_END_OF_VIEW: Final = 0x82
_READERS: Final[Mapping[int, Callable[[bytes], Value | None]]] = {
    2: _integer,
    4: _octets,
    _OBJECT_ID: name_in,
    64: _octets,
    65: _unsigned(2**32),
    66: _unsigned(2**32),
    67: _unsigned(2**32),
    68: _octets,
    70: _unsigned(2**64),
}
"""By type. NULL, noSuchObject and noSuchInstance are no values, as any other type is."""


# How much an answer may hold. A hostile or broken agent costs a bounded time and memory.
#
# The whole service stands still while an answer is decoded. So what cannot be one is turned away
# before.


PARTS: Final = 4_096
"""Encoded values in one message, the outer ones included: about 1,300 varbinds. No request of
this client asks for a tenth of that."""

DEEPEST: Final = 6
"""Levels down to the values of an SNMPv3 answer in clear; SNMPv2c has one less. What is odd on
the last two is one value's own matter."""

OCTETS: Final = 8_192
"""Octets of one string that are kept, the rest is cut off. The longest a copier is known to send
are device ids and status pages of some 2,000."""

ARCS: Final = 128
"""Numbers of an object identifier (RFC 2578 section 3.5), each below 2^32."""

_MOST_ARC: Final = 2**32
_CONSTRUCTED: Final = 0x20
_LONG_TAG: Final = 0x1F
_LONG: Final = 0x80


def excess(data: bytes) -> str | None:
    """Return the key of why `data` can be no SNMP message, or None where it may be one.

    Looks at tags and lengths only (X.690 section 8.1; RFC 3417 section 8 wants definite lengths)
    and at nothing behind the outermost value.
    """
    ends = [len(data)]
    at = parts = 0
    while ends and parts <= PARTS:
        try:
            tag, start, end = contents(data, at)
        except ValueError:
            tag, start, end = 0, at, len(data) + 1
        if end > ends[-1]:
            if len(ends) < DEEPEST - 1:
                return "garbled.octets"
            tag, end = 0, ends[-1]
        parts += 1
        if parts == 1:
            ends = [end]
        if tag & _CONSTRUCTED and len(ends) < DEEPEST:
            ends.append(end)
            at = start
        else:
            at = end
        while ends and at >= ends[-1]:
            ends.pop()
    return "garbled.too_many_parts" if ends else None


def contents(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of the value at `at`, and where its content starts and ends.

    A tag of several octets is told by its first. Raises ValueError where there is no such value,
    or one whose length it does not say.
    """
    start = at + 1
    if data[at : at + 1] and data[at] & _LONG_TAG == _LONG_TAG:
        while data[start : start + 1] and data[start] & _LONG:
            start += 1
        start += 1
    if start >= len(data) or data[start] == _LONG:
        raise ValueError("no value")
    size = data[start]
    start += 1
    if size & _LONG:
        digits = size & ~_LONG
        size = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return data[at], start, start + size


_VERSION_3: Final = b"\x03"


def number_of(data: bytes) -> int | None:
    """Return the number that `data` answers: of a question, over SNMPv3 of a message.

    None where it tells none.
    """
    try:
        _, start, _ = contents(data, 0)
        _, start, end = contents(data, start)
        version = data[start:end]
        _, start, end = contents(data, end)
        if version != _VERSION_3:
            _, start, _ = contents(data, end)
        _, start, end = contents(data, start)
    except ValueError:
        return None
    return _integer(data[start:end])


def is_name(arcs: tuple[int, ...]) -> bool:
    """Say whether `arcs` may be an object identifier."""
    return len(arcs) <= ARCS and all(0 <= arc < _MOST_ARC for arc in arcs)


_V2C: Final = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
LIBRARY_ERRORS: Final = (PyAsn1Error, ArithmeticError, LookupError, TypeError, ValueError)
"""What pyasn1 is seen to raise on octets that are no SNMP (ValueError includes Unicode)."""


class Garbled(Exception):
    """These octets are no answer that can be understood; the text says why, in a few words."""


class RequestKind(Enum):
    """The three questions this client asks. It never sets anything."""

    GET = "get"
    NEXT = "next"
    BULK = "bulk"


class Status(IntEnum):
    """The error-status values that are acted upon (RFC 3416 section 3)."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GEN_ERR = 5
    NO_ACCESS = 6
    AUTHORIZATION_ERROR = 16


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `repetitions` counts for BULK only."""

    kind: RequestKind
    oids: tuple[Oid, ...]
    repetitions: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `index` is the agent's 1-based pointer to the name at fault, 0 for none.

    `tags` are the types of `found`, one by one, as ASN.1 numbers them: 2 INTEGER, 65 Counter32.
    `is_ordinary` says that `found` is known to be what a GET asked for, in that order, every name
    with its value.
    """

    request_id: int
    error: int
    index: int
    found: tuple[tuple[Oid, Value | Blank], ...]
    is_report: bool = False
    tags: tuple[int, ...] = field(default=(), compare=False)
    is_ordinary: bool = field(default=False, compare=False)


def sequence(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return an ASN.1 SEQUENCE of the named parts."""
    return univ.Sequence(componentType=_named(*parts))


def choice(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return an ASN.1 CHOICE of the named parts."""
    return univ.Choice(componentType=_named(*parts))


def _named(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return namedtype.NamedTypes(*(namedtype.NamedType(name, kind) for name, kind in parts))


def _pdu(tag_set: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return univ.Sequence(
        tagSet=tag_set,
        componentType=_named(
            ("request-id", univ.Integer()),
            ("error-status", univ.Integer()),
            ("error-index", univ.Integer()),
            ("variable-bindings", univ.SequenceOf(componentType=univ.Any())),
        ),
    )


ANSWER_PDUS: Final = choice(
    ("response", _pdu(rfc1905.ResponsePDU.tagSet)),
    ("report", _pdu(rfc1905.ReportPDU.tagSet)),
)
_MESSAGE: Final = sequence(
    ("version", univ.Integer()),
    ("community", univ.OctetString()),
    ("data", ANSWER_PDUS),
)


def request_pdu(question: Request, request_id: int) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return `question` as pysnmp's PDU, every value NULL."""
    if question.kind is RequestKind.BULK:
        pdu, calls = _V2C.GetBulkRequestPDU(), _V2C.apiBulkPDU
    elif question.kind is RequestKind.NEXT:
        pdu, calls = _V2C.GetNextRequestPDU(), _V2C.apiPDU
    else:
        pdu, calls = _V2C.GetRequestPDU(), _V2C.apiPDU
    calls.set_defaults(pdu)
    calls.set_request_id(pdu, request_id)
    if question.kind is RequestKind.BULK:
        calls.set_max_repetitions(pdu, question.repetitions)
    calls.set_varbinds(pdu, [(name, _V2C.null) for name in question.oids])
    return pdu


def community_request(
    version: Literal["1", "2c"], community: str, question: Request, request_id: int
) -> bytes:
    """Return the whole SNMPv1 or v2c message (both differ in their version number only)."""
    message = _V2C.Message()
    _V2C.apiMessage.set_defaults(message)
    message.setComponentByPosition(0, 0 if version == "1" else 1)
    message.setComponentByPosition(1, community.encode())
    _V2C.apiMessage.set_pdu(message, request_pdu(question, request_id))
    return encode(message)


def community_answer(data: bytes) -> tuple[int, Reply]:
    """Return the version number on the wire and the answer; raises Garbled."""
    message = decode(data, _MESSAGE)
    return _version(message[0]), reply_of(message[2])


def _version(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    try:
        return whole(value)
    except ValueError as exc:
        raise Garbled(ENGLISH("garbled.version")) from exc


def encode(value: Any) -> bytes:  # noqa: ANN401 # pyasn1 is untyped
    """Return the octets of an ASN.1 value."""
    return bytes(encoder.encode(value))


def decode(data: bytes, specification: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return the ASN.1 value in `data`; octets behind it are padding. Raises Garbled."""
    too_much = excess(data)
    if too_much is not None:
        raise Garbled(ENGLISH(too_much, octets=len(data)))
    try:
        value, _padding = decoder.decode(data, asn1Spec=specification)
        if not value.isValue:
            raise Garbled(ENGLISH("garbled.parts"))
    except LIBRARY_ERRORS as exc:
        raise Garbled(ENGLISH("garbled.octets", octets=len(data))) from exc
    except RecursionError as exc:
        raise Garbled(ENGLISH("garbled.nested", octets=len(data))) from exc
    return value


def reply_of(pdus: Any) -> Reply:  # noqa: ANN401 # pyasn1 is untyped
    """Return a decoded answer as plain values; raises Garbled."""
    pdu = pdus.getComponent()
    try:
        rows = [binding(bytes(one)) for one in pdu[3]]
        found = tuple((name, value) for name, _, value in rows)
        numbers = (whole(pdu[0]), whole(pdu[1]), whole(pdu[2]))
        tags = tuple(tag for _, tag, _ in rows)
        return Reply(*numbers, found, pdus.getName() == "report", tags)
    except LIBRARY_ERRORS as exc:
        raise Garbled(ENGLISH("garbled.value")) from exc


def whole(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    """Return a number of the protocol itself; raises ValueError beyond 64 bits.

    Python refuses to print a number of some thousand digits, so none is let in.
    """
    number = int(value)
    if number not in SIGNED:
        raise ValueError("a number that no agent may use")
    return number
