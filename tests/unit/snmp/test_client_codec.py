"""Octets in, plain values out: laws across two independent codecs, and anything off the wire."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.codec import (
    OCTETS,
    PARTS,
    Blank,
    Garbled,
    Reply,
    Request,
    RequestKind,
    community_answer,
    community_request,
)
from collector.adapters.snmp.client.credentials import AuthProtocol, UserCredential
from collector.adapters.snmp.client.usm import Engine, Envelope, UserKeys, read, write
from collector.demo import agent as ber
from collector.demo.table import (
    Counter32,
    Counter64,
    Gauge32,
    Integer,
    IpAddress,
    ObjectIdentifier,
    OctetString,
    TimeTicks,
    TypedValue,
)

U32, U64, I31 = 2**32 - 1, 2**64 - 1, 2**31
ARCS = st.lists(st.integers(0, U32), max_size=12)
OIDS = ARCS.map(lambda arcs: (1, 3, 6, 1, *arcs))
REQUEST_IDS = st.integers(0, I31 - 1)
VALUES: Final[st.SearchStrategy[TypedValue]] = st.one_of(
    st.integers(-I31, I31 - 1).map(Integer),
    st.integers(0, U32).map(Counter32),
    st.integers(0, U32).map(Gauge32),
    st.integers(0, U32).map(TimeTicks),
    st.integers(0, U64).map(Counter64),
    st.binary(max_size=300).map(OctetString),
    st.binary(min_size=4, max_size=4).map(IpAddress),
    OIDS.map(ObjectIdentifier),
)
KINDS: Final = {RequestKind.GET: ber.GET, RequestKind.NEXT: ber.NEXT, RequestKind.BULK: ber.BULK}
USER: Final = UserCredential("clerk", "SHA256", "signing phrase", "AES", "hiding phrase")
ENGINE_ID: Final = bytes.fromhex("80001f8804") + bytes(27)
"""An engine id full of zeros: the place of a signature must not be mistaken for it."""


@given(
    st.sampled_from(list(RequestKind)),
    st.lists(OIDS, max_size=30),
    REQUEST_IDS,
    st.sampled_from(["1", "2c"]),
    st.text(max_size=40),
    st.integers(1, 100),
)
def test_a_request_is_read_by_an_agent_as_it_was_meant(
    kind: RequestKind,
    names: list[tuple[int, ...]],
    number: int,
    version: str,
    community: str,
    repetitions: int,
) -> None:
    question = Request(kind, tuple(names), repetitions)
    assert version in {"1", "2c"}
    data = community_request("1" if version == "1" else "2c", community, question, number)
    assert ber.parse(data) == ber.DecodedRequest(
        version=0 if version == "1" else 1,
        community=community.encode(),
        kind=KINDS[kind],
        request_id=number,
        first=0,
        second=repetitions if kind is RequestKind.BULK else 0,
        names=tuple(names),
    )


@given(st.lists(st.tuples(OIDS, VALUES), max_size=30), REQUEST_IDS, st.integers(0, 18))
def test_an_answer_is_read_as_the_agent_meant_it(
    rows: list[tuple[tuple[int, ...], TypedValue]], number: int, error: int
) -> None:
    request = ber.DecodedRequest(1, b"public", ber.GET, number, 0, 0, ())
    data = ber.response(request, error, 3, [ber.row(n, ber.encoded(v)) for n, v in rows])
    expected = Reply(number, error, 3, tuple((name, value.value) for name, value in rows))
    assert community_answer(data) == (1, expected)
    assert community_answer(data + b"\x00\x00padding") == (1, expected)


@given(st.binary(max_size=200))
def test_any_octets_are_an_answer_or_garbled(data: bytes) -> None:
    _either(data)


@given(st.data(), st.lists(st.tuples(OIDS, VALUES), min_size=1, max_size=5))
def test_a_damaged_answer_is_an_answer_or_garbled(
    data: st.DataObject, rows: list[tuple[tuple[int, ...], TypedValue]]
) -> None:
    request = ber.DecodedRequest(1, b"public", ber.GET, 7, 0, 0, ())
    whole = ber.response(request, 0, 0, [ber.row(n, ber.encoded(v)) for n, v in rows])
    place = data.draw(st.integers(0, len(whole) - 1))
    _either(whole[:place])
    _either(whole[:place] + data.draw(st.binary(min_size=1, max_size=3)) + whole[place + 1 :])


def test_endless_nesting_is_garbled() -> None:
    deep = b""
    for _ in range(3000):
        deep = ber.tlv(ber.SEQUENCE, deep)
    _either(deep)
    _either(b"\x30\x80" * 30_000)


def _either(data: bytes) -> None:
    """Read `data` in every version; anything but a Reply or Garbled fails the test."""
    for step in (community_answer, lambda octets: read(octets, UserKeys(USER, ENGINE_ID))):
        try:
            step(data)
        except Garbled as exc:
            assert str(exc)  # noqa: PT017 # it may raise or not; if it does, it says why


def test_an_answer_without_parts_is_garbled() -> None:
    with pytest.raises(Garbled):
        community_answer(ber.tlv(ber.SEQUENCE, ber.integer(1)))


@given(st.integers(1, 40), st.integers(1, 255))
def test_a_v3_message_changed_on_its_way_has_a_wrong_signature(back: int, flip: int) -> None:
    engine = Engine(ENGINE_ID, UserKeys(USER, ENGINE_ID), boots=3, seconds=99)
    question = Request(RequestKind.GET, ((1, 3, 6, 1, 2, 1, 1, 3, 0),))
    whole = write(5, 6, question, engine, Envelope("clerk"))
    with pytest.raises(Garbled, match="no SNMP message"):
        read(whole, engine.keys)  # rightly signed and deciphered, but no answer: a request
    changed = bytearray(whole)
    changed[-back] ^= flip
    with pytest.raises(Garbled, match="wrong signature"):
        read(bytes(changed), engine.keys)


@pytest.mark.parametrize("auth", ["MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"])
def test_only_the_right_key_signs(auth: AuthProtocol) -> None:
    right = UserKeys(UserCredential("clerk", auth, "signing phrase"), ENGINE_ID)
    wrong = UserKeys(UserCredential("clerk", auth, "another phrase"), ENGINE_ID)
    blank = b"head" + bytes(right.signature_size) + b"tail"
    signature = right.signature(blank)
    message = b"head" + signature + b"tail"
    assert right.is_signed(message, signature)
    assert not wrong.is_signed(message, signature)
    assert not right.is_signed(message + b"!", signature)
    assert not right.is_signed(message, signature[:-1])


def _answer(*rows: bytes) -> bytes:
    return ber.response(ber.DecodedRequest(1, b"public", ber.GET, 7, 0, 0, ()), 0, 0, rows)


NAME: Final = (1, 3, 6, 1, 2, 1, 1, 5, 0)


def test_more_parts_than_an_answer_has_are_not_even_decoded() -> None:
    row = ber.row(NAME, ber.NULL)
    most = (PARTS - 7) // 3
    assert len(community_answer(_answer(*[row] * most))[1].found) == most
    with pytest.raises(Garbled, match="more parts than an answer has"):
        community_answer(_answer(*[row] * (most + 1)))


def test_lengths_that_do_not_add_up_are_garbled() -> None:
    whole = _answer(ber.row(NAME, ber.NULL))
    for wrong in (b"\x30\x80" + whole, b"\x1f" + whole, whole[:-1], b"", b"\x30", b"\x30\x84\xff"):
        with pytest.raises(Garbled, match="no SNMP message"):
            community_answer(wrong)


def test_a_string_of_64_kb_is_cut() -> None:
    _, reply = community_answer(_answer(ber.row(NAME, ber.tlv(ber.OCTETS, b"x" * 65_000))))
    assert reply.found == ((NAME, b"x" * OCTETS),)


@pytest.mark.parametrize(
    "value",
    [
        ber.tlv(ber.INTEGER, b"\x7f" * 300),
        ber.tlv(Counter32.tag, b"\x7f" * 6),
        ber.tlv(Counter32.tag, b"\x01\x00\x00\x00\x00"),
        ber.tlv(Counter64.tag, b"\x7f" * 9),
        ber.tlv(ber.OBJECT_ID, b"\x2b" + b"\x8f\xff\xff\xff\xff\x7f"),
        ber.tlv(ber.OBJECT_ID, b"\x2b" + b"\x01" * 200),
        ber.tlv(ber.OBJECT_ID, b""),
        ber.tlv(ber.OBJECT_ID, b"\x2b\x86"),
        ber.tlv(ber.INTEGER, b""),
        ber.tlv(Counter32.tag, b""),
        ber.tlv(Gauge32.tag, b""),
        ber.tlv(TimeTicks.tag, b""),
        ber.tlv(Counter64.tag, b""),
        ber.tlv(Counter32.tag, bytes(12) + b"\x07"),
        ber.tlv(0x47, b"\x01\x02"),
        ber.tlv(0x0C, "複合機".encode()),
        ber.tlv(0x09, b"\x80\x00\x01"),
        ber.tlv(0x24, b"\xff\xff\xff"),
        ber.tlv(0x30, b"\x02\x7f"),
        b"\x9f\x78\x02\x00\x00",
        b"\x41\x80\x07\x00\x00",
        b"\x41\x09\x07",
        b"\x41",
        b"",
    ],
    ids=bytes.hex,
)
def test_a_value_that_cannot_be_read_is_absent_and_costs_nothing_else(value: bytes) -> None:
    """Cut down to size it would be an invented number, and nothing would be read as 0."""
    rows = [ber.row(NAME, value), ber.row(NAME, ber.integer(7))]
    _, reply = community_answer(_answer(*rows))
    assert reply.found == ((NAME, Blank.ABSENT), (NAME, 7))
    assert _v3_answer(*rows) == reply.found


def test_a_number_without_end_is_no_value() -> None:
    value = ber.tlv(ber.INTEGER, b"\x7f" * 60_000)
    _, reply = community_answer(_answer(ber.row(NAME, value), ber.row(NAME, ber.integer(7))))
    assert reply.found == ((NAME, Blank.ABSENT), (NAME, 7))


def _v3_answer(*rows: bytes) -> object:
    """Return what is read of an SNMPv3 answer in clear that holds `rows`."""
    numbers = b"".join(map(ber.integer, (7, 0, 0)))
    pdu = ber.tlv(ber.RESPONSE, numbers + ber.tlv(ber.SEQUENCE, b"".join(rows)))
    octets = ber.tlv(ber.OCTETS, b"engine")
    scoped = ber.tlv(ber.SEQUENCE, octets + octets + pdu)
    header = ber.tlv(
        ber.SEQUENCE,
        b"".join(map(ber.integer, (5, 65507))) + ber.tlv(ber.OCTETS, b"\0") + ber.integer(3),
    )
    security = ber.tlv(
        ber.SEQUENCE,
        octets + b"".join(map(ber.integer, (1, 1))) + octets + 2 * ber.tlv(ber.OCTETS, b""),
    )
    message = ber.integer(3) + header + ber.tlv(ber.OCTETS, security) + scoped
    return read(ber.tlv(ber.SEQUENCE, message), UserKeys(USER, ENGINE_ID)).reply.found


@pytest.mark.parametrize("arcs", [(1, 3, 6, 2**32), (1, 3, *range(200))], ids=["arc", "arcs"])
def test_a_name_no_agent_may_use_is_garbled(arcs: tuple[int, ...]) -> None:
    with pytest.raises(Garbled, match="cannot be read"):
        community_answer(_answer(ber.row(arcs, ber.integer(7))))


@pytest.mark.parametrize("place", range(4), ids=["version", "number", "error", "index"])
def test_protocol_numbers_without_end_are_garbled(place: int) -> None:
    numbers = [ber.integer(one) for one in (1, 7, 0, 0)]
    numbers[place] = ber.tlv(ber.INTEGER, b"\x7f" * 9_000)
    pdu = ber.tlv(ber.RESPONSE, b"".join(numbers[1:]) + ber.tlv(ber.SEQUENCE, b""))
    with pytest.raises(Garbled) as caught:
        community_answer(ber.tlv(ber.SEQUENCE, numbers[0] + ber.tlv(ber.OCTETS, b"public") + pdu))
    assert len(str(caught.value)) < 100
