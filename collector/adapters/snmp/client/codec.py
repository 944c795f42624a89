"""SNMP messages as bytes and back, on pysnmp's types.

Requests are built with pysnmp's own classes. Of answers pysnmp reads the frame only; names and
values are read by `values`, so that one odd value never costs the whole answer. What no agent may
send (`bounds`) is garbled.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final, Literal

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped] # it ships no types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped] # likewise
from pyasn1.type import namedtype, univ  # type: ignore[import-untyped] # likewise
from pysnmp.proto import api, rfc1905  # type: ignore[import-untyped] # likewise

from collector.adapters.snmp.client.bounds import excess
from collector.adapters.snmp.client.values import SIGNED, Blank, binding
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
        rows = [binding(bytes(one)) for one in pdu[3]]
        found = tuple((name, value) for name, _, value in rows)
        numbers = (whole(pdu[0]), whole(pdu[1]), whole(pdu[2]))
        tags = tuple(tag for _, tag, _ in rows)
        return Reply(*numbers, found, pdus.getName() == "report", tags)
    except LIBRARY_ERRORS as exc:
        raise Garbled("an SNMP answer with a value that cannot be read") from exc


def whole(value: Any) -> int:  # noqa: ANN401 # pyasn1 is untyped
    """Return a number of the protocol itself; raises ValueError beyond 64 bits.

    Python refuses to print a number of some thousand digits, so none is let in.
    """
    number = int(value)
    if number not in SIGNED:
        raise ValueError("a number that no agent may use")
    return number
