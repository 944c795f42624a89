"""SNMP messages as bytes and back, on pysnmp's types.

Requests are built with pysnmp's own classes. Answers are decoded by a specification of the same
tags without pysnmp's value limits: printers are known to send a Counter32 above 2^31 as a
negative number (no leading zero octet), and one such value must not cost the whole answer. What
no agent may send (`bounds`) is garbled; a value out of its type's range is no value.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final, Literal

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped] # it ships no types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped] # likewise
from pyasn1.type import namedtype, univ  # type: ignore[import-untyped] # likewise
from pysnmp.proto import api, rfc1902, rfc1905  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.bounds import OCTETS, excess, is_name
from collector.adapters.snmp.session import Oid, Value

_V2C: Final = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
LIBRARY_ERRORS: Final = (PyAsn1Error, ArithmeticError, LookupError, TypeError, ValueError)
"""What pyasn1 is seen to raise on octets that are no SNMP (ValueError includes Unicode)."""


class Garbled(Exception):
    """These octets are no answer that can be understood; the text says why, in a few words."""


class Kind(Enum):
    """The three questions this client asks. It never sets anything."""

    GET = "get"
    NEXT = "next"
    BULK = "bulk"


class Blank(Enum):
    """Why a name came back without a value."""

    ABSENT = "absent"
    END = "end"


class Status(IntEnum):
    """The error-status values that are acted upon (RFC 3416 section 3)."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GEN_ERR = 5
    NO_ACCESS = 6
    AUTHORIZATION_ERROR = 16


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `repetitions` counts for BULK only."""

    kind: Kind
    oids: tuple[Oid, ...]
    repetitions: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `index` is the agent's 1-based pointer to the name at fault, 0 for none.

    `tags` are the types of `found`, one by one, as ASN.1 numbers them: 2 INTEGER, 65 Counter32.
    """

    request_id: int
    error: int
    index: int
    found: tuple[tuple[Oid, Value | Blank], ...]
    is_report: bool = False
    tags: tuple[int, ...] = field(default=(), compare=False)


def sequence(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return an ASN.1 SEQUENCE of the named parts."""
    return univ.Sequence(componentType=_named(*parts))


def choice(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return an ASN.1 CHOICE of the named parts."""
    return univ.Choice(componentType=_named(*parts))


def _named(*parts: tuple[str, Any]) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return namedtype.NamedTypes(*(namedtype.NamedType(name, kind) for name, kind in parts))


def _number(tag_set: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return univ.Integer(tagSet=tag_set)


def _octets(tag_set: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return univ.OctetString(tagSet=tag_set)


_UNSIGNED: Final = {
    rfc1902.Counter32.tagSet: 2**32,
    rfc1902.Gauge32.tagSet: 2**32,
    rfc1902.TimeTicks.tagSet: 2**32,
    rfc1902.Counter64.tagSet: 2**64,
}
_SIGNED: Final = range(-(2**63), 2**63)
"""Integer32 is what the standard allows; firmware that counts further is believed."""
_BLANKS: Final = {
    univ.Null.tagSet: Blank.ABSENT,
    rfc1905.NoSuchObject.tagSet: Blank.ABSENT,
    rfc1905.NoSuchInstance.tagSet: Blank.ABSENT,
    rfc1905.EndOfMibView.tagSet: Blank.END,
}
_TAGS: Final = {
    univ.Integer.tagSet: 2,
    univ.OctetString.tagSet: 4,
    univ.ObjectIdentifier.tagSet: 6,
    rfc1902.IpAddress.tagSet: 64,
    rfc1902.Counter32.tagSet: 65,
    rfc1902.Gauge32.tagSet: 66,
    rfc1902.TimeTicks.tagSet: 67,
    rfc1902.Opaque.tagSet: 68,
    rfc1902.Counter64.tagSet: 70,
}
_NO_TAG: Final = 5
_VARBIND: Final = sequence(
    ("name", univ.ObjectIdentifier()),
    (
        "value",
        choice(
            ("integer", univ.Integer()),
            ("string", univ.OctetString()),
            ("objectID", univ.ObjectIdentifier()),
            ("ipAddress", _octets(rfc1902.IpAddress.tagSet)),
            ("counter", _number(rfc1902.Counter32.tagSet)),
            ("gauge", _number(rfc1902.Gauge32.tagSet)),
            ("timeticks", _number(rfc1902.TimeTicks.tagSet)),
            ("arbitrary", _octets(rfc1902.Opaque.tagSet)),
            ("bigCounter", _number(rfc1902.Counter64.tagSet)),
            ("unSpecified", univ.Null()),
            ("noSuchObject", rfc1905.NoSuchObject()),
            ("noSuchInstance", rfc1905.NoSuchInstance()),
            ("endOfMibView", rfc1905.EndOfMibView()),
        ),
    ),
)


def _pdu(tag_set: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    return univ.Sequence(
        tagSet=tag_set,
        componentType=_named(
            ("request-id", univ.Integer()),
            ("error-status", univ.Integer()),
            ("error-index", univ.Integer()),
            ("variable-bindings", univ.SequenceOf(componentType=_VARBIND)),
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


def request_pdu(question: Question, request_id: int) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return `question` as pysnmp's PDU, every value NULL."""
    if question.kind is Kind.BULK:
        pdu, calls = _V2C.GetBulkRequestPDU(), _V2C.apiBulkPDU
    elif question.kind is Kind.NEXT:
        pdu, calls = _V2C.GetNextRequestPDU(), _V2C.apiPDU
    else:
        pdu, calls = _V2C.GetRequestPDU(), _V2C.apiPDU
    calls.set_defaults(pdu)
    calls.set_request_id(pdu, request_id)
    if question.kind is Kind.BULK:
        calls.set_max_repetitions(pdu, question.repetitions)
    calls.set_varbinds(pdu, [(name, _V2C.null) for name in question.oids])
    return pdu


def community_request(
    version: Literal["1", "2c"], community: str, question: Question, request_id: int
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
        raise Garbled("an SNMP message of no known version") from exc


def encode(value: Any) -> bytes:  # noqa: ANN401 # pyasn1 is untyped
    """Return the octets of an ASN.1 value."""
    return bytes(encoder.encode(value))


def decode(data: bytes, specification: Any) -> Any:  # noqa: ANN401 # pyasn1 is untyped
    """Return the ASN.1 value in `data`; octets behind it are padding. Raises Garbled."""
    too_much = excess(data)
    if too_much is not None:
        raise Garbled(f"{len(data)} {too_much}")
    try:
        value, _padding = decoder.decode(data, asn1Spec=specification)
        if not value.isValue:
            raise Garbled("an SNMP message with parts missing")
    except LIBRARY_ERRORS as exc:
        raise Garbled(f"{len(data)} octets that are no SNMP message") from exc
    except RecursionError as exc:
        raise Garbled(f"{len(data)} octets nested without end") from exc
    return value


def reply_of(pdus: Any) -> Reply:  # noqa: ANN401 # pyasn1 is untyped
    """Return a decoded answer as plain values; raises Garbled."""
    pdu = pdus.getComponent()
    try:
        found = tuple((_name(one[0]), _plain(one[1].getComponent())) for one in pdu[3])
        numbers = (whole(pdu[0]), whole(pdu[1]), whole(pdu[2]))
        return Reply(*numbers, found, pdus.getName() == "report", _tags(pdu))
    except LIBRARY_ERRORS as exc:
        raise Garbled("an SNMP answer with a value that cannot be read") from exc


def whole(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    """Return a number of the protocol itself; raises ValueError beyond 64 bits.

    Python refuses to print a number of some thousand digits, so none is let in.
    """
    number = int(value)
    if number not in _SIGNED:
        raise ValueError("a number that no agent may use")
    return number


def _name(value: Any) -> Oid:  # noqa: ANN401 # pyasn1 is untyped
    arcs: Oid = tuple(value.asTuple())
    if not is_name(arcs):
        raise ValueError("an object identifier that no agent may use")
    return arcs


def _tags(pdu: Any) -> tuple[int, ...]:  # noqa: ANN401 # pyasn1 is untyped
    return tuple(_TAGS.get(one[1].getComponent().tagSet, _NO_TAG) for one in pdu[3])


def _plain(value: Any) -> Value | Blank:  # noqa: ANN401 # pyasn1 is untyped
    kind = value.tagSet
    if kind in _BLANKS:
        return _BLANKS[kind]
    if isinstance(value, univ.Integer):
        return _number_in(int(value), _UNSIGNED.get(kind))
    if isinstance(value, univ.ObjectIdentifier):
        arcs = tuple(value.asTuple())
        return arcs if is_name(arcs) else Blank.ABSENT
    return bytes(value.asOctets())[:OCTETS]


def _number_in(number: int, modulus: int | None) -> int | Blank:
    """Return a number as its type allows it, an unsigned one also where its zero octet is missing.

    Beyond its type it is no value: cut down to size it would be an invented one.
    """
    if modulus is None:
        return number if number in _SIGNED else Blank.ABSENT
    return number % modulus if -modulus // 2 <= number < modulus else Blank.ABSENT
