"""Whatever a machine sends: no error but the agreed ones, and no invented number."""

import struct
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.aside import Aside
from collector.adapters.snmp.charsets import CODECS, Charsets
from collector.adapters.snmp.decode import decode
from collector.adapters.snmp.numbers import Form, NumberKind, Unreadable, number
from collector.adapters.snmp.plan import (
    Cell,
    Plan,
    PlannedMeter,
    PlannedState,
    PlannedSupply,
    PlannedTerm,
    PlannedTray,
)
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.session import Oid, Value
from collector.adapters.snmp.text import LIMIT, clean
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.domain.reading import Trouble
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


CHARSETS = st.sampled_from([None, *sorted(set(CODECS.values()))])


@given(raw=st.binary(max_size=400), charset=CHARSETS)
def test_words_never_harm_a_terminal(raw: bytes, charset: str | None) -> None:
    found = clean(raw, charset=charset)
    assert found is None or (len(found) <= LIMIT and found.isprintable())


@given(text=st.text(max_size=60), charset=CHARSETS, junk=st.binary(max_size=20))
def test_words_with_junk_after_them_are_words(text: str, charset: str | None, junk: bytes) -> None:
    raw = text.encode(charset or "utf-8", "ignore") + b"\x1b[31m" + junk
    found = clean(raw, charset=charset)
    assert found is None or (len(found) <= LIMIT and found.isprintable())


JAPANESE = st.text(st.sampled_from("黒色トナー残量用紙切れﾄﾅｰｶﾞﾅｲabc 12"), min_size=1, max_size=30)


@given(text=JAPANESE, charset=st.sampled_from(["utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16"]))
def test_japanese_is_read_in_the_charset_that_is_stated(text: str, charset: str) -> None:
    raw = text.encode(charset, "ignore")  # ISO-2022-JP has no half-width katakana
    said = raw.decode(charset)
    assert clean(raw, charset=charset) == (" ".join(said.split()) or None)


@given(text=JAPANESE, cut=st.integers(1, 90), charset=st.sampled_from(["utf-8", "cp932"]))
def test_a_text_cut_off_anywhere_loses_its_end_only(text: str, cut: int, charset: str) -> None:
    kept = text.encode(charset)[:cut].decode(charset, "ignore")
    found = clean(text.encode(charset)[:cut], charset=charset) or ""
    if not kept.isascii():
        assert found == " ".join(kept.split())


A, B, C, R, S = (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)
INTEGER = Form(NumberKind.INTEGER)


def _meter(name: str, *cells: tuple[int, Cell]) -> PlannedMeter:
    terms = (PlannedTerm(f"row[{cell.oid[-1]}]", (cell,), sign) for sign, cell in cells)
    return PlannedMeter(Meter(name), name, tuple(terms))


T, E, D, N = (1, 6), (1, 7), (1, 8), (1, 9)
PLAN = Plan(
    profile="test",
    oids=(A, B, C, R),
    identity=DeviceIdentity(model="m"),
    meters=(
        _meter("total", (1, Cell(A))),
        _meter("copy", (1, Cell(A)), (1, Cell(B, INTEGER))),
        _meter("print", (1, Cell(A)), (-1, Cell(B, INTEGER))),
        _meter("scan", (1, Cell(C, Form(NumberKind.TEXT), twins=(B,)))),
        _meter("duplex", (1, Cell(R, tag=6))),
    ),
    supplies=(PlannedSupply("1", "toner", S, 100, capacity_at=T, in_percent=True),),
    trays=(PlannedTray("1", "tray", S, T, E, N),),
    state=PlannedState(A, E, D, (N,)),
)
ALERT_CELLS = [
    (*column, 1, row)
    for column in (
        *(mib.ALERT_SEVERITY, mib.ALERT_GROUP, mib.ALERT_GROUP_INDEX),
        *(mib.ALERT_CODE, mib.ALERT_TEXT, mib.ALERT_TRAINING),
    )
    for row in (1, 2)
]


@given(
    values=st.dictionaries(st.sampled_from((S, T, E, D, N)), VALUES),
    alerts=st.none() | st.dictionaries(st.sampled_from(ALERT_CELLS), VALUES),
    charsets=st.builds(Charsets, CHARSETS, CHARSETS),
)
def test_what_is_said_aside_is_values_in_their_bounds(
    values: dict[Oid, Value], alerts: dict[Oid, Value] | None, charsets: Charsets
) -> None:
    answer = decode(replace(PLAN, charsets=charsets), {A: 5}, "hall", Aside(values, alerts))
    assert (answer.alerts is None) == (alerts is None)
    for one in (*answer.supplies, *answer.trays):
        assert one.level_pct is None or 0 <= one.level_pct <= 100
        assert one.remaining is None or one.remaining == values[S]
    texts = [one.media for one in answer.trays if one.media is not None]
    for text in [*texts, *(one.text for one in answer.alerts or ())]:
        assert text.isprintable()
        assert 0 < len(text) <= LIMIT
    assert set(map(type, answer.errors)) <= {Trouble}


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
