"""Whatever a machine sends: no error but the agreed ones, and no invented number."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.decode import decode
from collector.adapters.snmp.numbers import Form, NumberKind, Unreadable, number
from collector.adapters.snmp.plan import Cell, Plan, PlannedMeter, PlannedSupply, PlannedTerm
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.session import Oid, Value
from collector.adapters.snmp.text import LIMIT, clean
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.errors import DeviceNonsense

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(-(2**31), 2**64),
    st.binary(max_size=40),
    st.lists(st.integers(0, 2**32 - 1), max_size=6).map(tuple),
)
PAIRS = st.dictionaries(st.integers(0, 254), st.integers(0, 2**32 - 20), max_size=12)


def _record(pairs: dict[int, int]) -> bytes:
    return b"".join(bytes((tag, 1, 4)) + value.to_bytes(4, "big") for tag, value in pairs.items())


@given(kind=st.sampled_from(NumberKind), value=VALUES)
def test_a_number_is_what_was_sent_or_nothing(kind: NumberKind, value: Value) -> None:
    try:
        found = number(kind, value)
    except Unreadable:
        assert not isinstance(value, int)
        return
    if found is None:
        return
    assert 0 <= found < 2**32
    if isinstance(value, int):
        assert found == value
    elif kind is NumberKind.TEXT:
        assert isinstance(value, bytes)
        assert int(value.replace(b"\0", b" ")) == found
    elif kind is NumberKind.BYTES:
        assert isinstance(value, bytes)
        assert int(value.hex(), 16) == found
    else:
        assert kind is NumberKind.FLOAT
        assert isinstance(value, bytes)
        sent = struct.unpack(">f" if len(value) == 4 else ">d", value)[0]
        assert found <= sent < found + 1


@given(pairs=PAIRS, order=st.randoms())
def test_records_say_the_same_in_any_order(pairs: dict[int, int], order: object) -> None:
    shuffled = list(pairs.items())
    order.shuffle(shuffled)
    assert tagged_counters(_record(dict(shuffled)) + b"\xff") == pairs


@given(pairs=PAIRS, junk=st.binary(max_size=30))
def test_junk_after_records_invents_nothing(pairs: dict[int, int], junk: bytes) -> None:
    try:
        found = tagged_counters(_record(pairs) + junk)
    except Unreadable:
        return
    assert {tag: found[tag] for tag in pairs} == pairs
    more = set(found) - set(pairs)
    for tag in more:
        value = found[tag]
        assert value is None or bytes((tag, 1, 4)) + value.to_bytes(4, "big") in junk


@given(pairs=PAIRS.filter(bool), cut=st.integers(2, 6))
def test_a_cut_off_record_is_unreadable(pairs: dict[int, int], cut: int) -> None:
    whole = _record(pairs)
    try:
        tagged_counters(whole[: len(whole) - 7 + cut])
    except Unreadable:
        return
    raise AssertionError("a record that was cut off was read")


@given(value=VALUES)
def test_any_record_is_read_or_unreadable(value: Value) -> None:
    try:
        found = tagged_counters(value)
    except Unreadable:
        return
    assert all(one is None or 0 <= one < 2**32 for one in found.values())


@given(raw=st.binary(max_size=400))
def test_words_never_harm_a_terminal(raw: bytes) -> None:
    found = clean(raw)
    assert found is None or (len(found) <= LIMIT and found.isprintable())


A, B, C, R, S = (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)
INTEGER = Form(NumberKind.INTEGER)


def _meter(name: str, *cells: tuple[int, Cell]) -> PlannedMeter:
    terms = (PlannedTerm(f"row[{cell.oid[-1]}]", (cell,), sign) for sign, cell in cells)
    return PlannedMeter(Meter(name), name, tuple(terms))


PLAN = Plan(
    profile="test",
    oids=(A, B, C, R, S),
    identity=DeviceIdentity(model="m"),
    meters=(
        _meter("total", (1, Cell(A))),
        _meter("copy", (1, Cell(A)), (1, Cell(B, INTEGER))),
        _meter("print", (1, Cell(A)), (-1, Cell(B, INTEGER))),
        _meter("scan", (1, Cell(C, Form(NumberKind.TEXT), twins=(B,)))),
        _meter("duplex", (1, Cell(R, tag=6))),
    ),
    supplies=(PlannedSupply("1", "toner", S, 100),),
)


@given(
    varbinds=st.dictionaries(st.sampled_from((A, B, C, R, S)), VALUES, min_size=1),
    order=st.randoms(),
)
def test_decoding_knows_no_order_and_no_other_error(
    varbinds: dict[Oid, Value], order: object
) -> None:
    shuffled = list(varbinds.items())
    order.shuffle(shuffled)
    try:
        answer = decode(PLAN, varbinds, "hall")
    except DeviceNonsense:
        return
    assert decode(PLAN, dict(shuffled), "hall") == answer
    assert all(0 <= value < 2**32 for value in answer.meters.values())
    if "copy" in answer.meters:
        assert answer.meters[Meter("copy")] == varbinds[A] + varbinds[B]
    if "print" in answer.meters:
        assert answer.meters[Meter("print")] == varbinds[A] - varbinds[B]
    if A not in varbinds:
        assert not {"total", "copy", "print"} & set(answer.meters)
