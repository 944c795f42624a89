"""A number is what the machine sent, or none: each reader beside a small one of its own kind."""

import re
import struct
from fractions import Fraction
from math import floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Value
from collector.adapters.snmp.profiles.numbers import (
    Form,
    NumberKind,
    Unreadable,
    number,
    tagged_counters,
)

MOST = 2**32 - 17
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(-(2**31), 2**64),
    st.sampled_from([-100, -3, -2, -1, 0, 2**31 - 1, 2**31, 2**32 - 17, 2**32 - 16, 2**32 - 1]),
    st.binary(max_size=40),
    st.lists(st.integers(0, 2**32 - 1), max_size=128).map(tuple),
)
WRITTEN = st.builds(
    lambda before, sign, digits, after: before + sign + digits + after,
    st.sampled_from([b"", b" ", b"\0", b"  \t", b"\r\n"]),
    st.sampled_from([b"", b"+", b"-", b"--"]),
    st.integers(0, 10**13).map(lambda one: str(one).encode()) | st.just(b"0000012"),
    st.one_of(
        st.sampled_from([b"", b" ", b"\0\0", b"\n", b".0", b",5", b" 6", b"x", b"\0" + b"7"]),
        st.binary(max_size=6),
    ),
)
NOTHING = "no number"
RUBBISH = "rubbish"


def _told(error: Unreadable) -> str:
    reason = str(error)
    assert reason.isprintable()
    assert len(reason) < 400
    return RUBBISH


def _read(kind: NumberKind, value: Value) -> int | str:
    try:
        found = number(kind, value)
    except Unreadable as exc:
        return _told(exc)
    return NOTHING if found is None else found


def _bounded(value: int, most: int = MOST) -> int | str:
    return value if 0 <= value <= most else NOTHING


def _by_text(value: bytes) -> int | str:
    """Read decimal digits letter by letter; whatever else stands there makes all of it rubbish."""
    text = value.decode("latin-1").strip("\0 \t\r\n\v\f")
    if not text:
        return NOTHING
    digits = text[1:] if text[0] in "+-" else text
    if not digits or set(digits) - set("0123456789") or len(digits) > 12:
        return RUBBISH
    total = 0
    for digit in digits:
        total = total * 10 + "0123456789".index(digit)
    if text[0] == "-":
        return NOTHING
    return _bounded(total)


def _by_float(value: bytes) -> int | str:
    """Take the bits apart as IEEE 754 lays them out; whole pages, never rounded up."""
    wide = {4: (8, 23, 127), 8: (11, 52, 1023)}.get(len(value))
    if wide is None:
        return RUBBISH
    exponent_bits, fraction_bits, bias = wide
    bits = int.from_bytes(value, "big")
    exponent = bits >> fraction_bits & (1 << exponent_bits) - 1
    fraction = bits & (1 << fraction_bits) - 1
    if exponent == (1 << exponent_bits) - 1:
        return RUBBISH
    hidden = 1 if exponent else 0
    mantissa = Fraction(fraction + (hidden << fraction_bits), 1 << fraction_bits)
    scaled = mantissa * Fraction(2) ** ((exponent or 1) - bias)
    sign = -1 if bits >> exponent_bits + fraction_bits else 1
    return _bounded(floor(sign * scaled))


def _by_bytes(value: bytes) -> int | str:
    if not 1 <= len(value) <= 8:
        return RUBBISH
    return _bounded(sum(octet * 256**place for place, octet in enumerate(reversed(value))))


REFERENCES = {
    NumberKind.TEXT: _by_text,
    NumberKind.FLOAT: _by_float,
    NumberKind.BYTES: _by_bytes,
}


@pytest.mark.parametrize("kind", NumberKind)
@given(value=VALUES)
def test_an_integer_is_itself_or_no_number(kind: NumberKind, value: Value) -> None:
    found = _read(kind, value)
    if isinstance(value, int):
        most = 2**31 - 1 if kind is NumberKind.INTEGER else MOST
        assert found == _bounded(value, most)
    elif isinstance(value, bytes) and kind in REFERENCES:
        assert found == REFERENCES[kind](value)
    else:
        assert found == RUBBISH


@given(value=WRITTEN)
@example(value=b"12 34")
@example(value=b"1234\0" + b"5678")
def test_digits_with_anything_else_between_or_behind_are_no_number(value: bytes) -> None:
    assert _read(NumberKind.TEXT, value) == _by_text(value)


@given(value=st.integers(0, MOST).map(float), junk=st.binary(max_size=6))
def test_a_float_with_octets_behind_it_is_not_read(value: float, junk: bytes) -> None:
    for layout, width in ((">f", 4), (">d", 8)):
        raw = struct.pack(layout, value) + junk
        expected = RUBBISH if len(raw) not in {4, 8} else _by_float(raw)
        assert _read(NumberKind.FLOAT, raw) == expected
        if not junk and width == 8:
            assert expected == int(value)


PREFIXES = st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=3).map(tuple)


@given(
    kind=st.sampled_from(NumberKind),
    prefixes=PREFIXES,
    value=VALUES | WRITTEN,
    data=st.data(),
    sentinels=st.frozensets(st.sampled_from([0, 65_535, 999_999, 1, 12]), max_size=3),
)
def test_a_prefix_must_be_there_and_is_no_part_of_the_number(
    kind: NumberKind,
    prefixes: tuple[bytes, ...],
    value: Value,
    data: st.DataObject,
    sentinels: frozenset[int],
) -> None:
    """Of prefixes of which one begins another, the longer is taken."""
    is_bare = not isinstance(value, bytes) or data.draw(st.booleans())
    raw = value if is_bare else data.draw(st.sampled_from(prefixes)) + value
    form = Form(kind, prefixes, sentinels)
    try:
        found: int | str | None = form.read(raw)
    except Unreadable:
        found = RUBBISH
    assert form.is_readable(raw) == (found != RUBBISH)
    assert form.is_counter(raw) == (found is not None)
    rests = [raw]
    if isinstance(raw, bytes) and raw:
        longest = max((one for one in prefixes if raw.startswith(one)), key=len, default=None)
        rests = [raw[len(longest) :]] if longest is not None else []
    expected = _read(kind, rests[0]) if rests else RUBBISH
    expected = NOTHING if expected in sentinels else expected
    assert (NOTHING if found is None else found) == expected


# Brother's records: `id 01 length value`, and one closing octet.

CELL = re.compile(
    rb"(.)\x01(?:\x04(.{4})|(?:\x01.|\x02..|\x03.{3}|\x05.{5}|\x06.{6}|\x07.{7}|\x08.{8}))",
    re.DOTALL,
)
RECORDS = re.compile(
    rb"(?:" + CELL.pattern.replace(b"(.)", b".").replace(b"(.{4})", b".{4}") + rb")*.?", re.DOTALL
)
PAIRS = st.dictionaries(st.integers(0, 254), st.integers(0, 2**32 - 20), max_size=12)
PARTS = st.lists(
    st.one_of(
        st.builds(
            lambda tag, raw: bytes((tag, 1, 4)) + raw,
            st.integers(0, 255),
            st.binary(min_size=4, max_size=4),
        ),
        st.builds(
            lambda tag, raw: bytes((tag, 1, len(raw))) + raw,
            st.integers(0, 255),
            st.binary(max_size=9),
        ),
        st.binary(max_size=3),
    ),
    max_size=6,
).map(b"".join)


def _record(pairs: dict[int, int]) -> bytes:
    return b"".join(bytes((tag, 1, 4)) + value.to_bytes(4, "big") for tag, value in pairs.items())


def _by_pattern(raw: bytes) -> dict[int, int | None] | str:
    if RECORDS.fullmatch(raw) is None:
        return RUBBISH
    found: dict[int, int | None] = {}
    for match in CELL.finditer(raw):
        if match[2] is not None:
            (pages,) = struct.unpack(">I", match[2])
            known = pages if pages <= MOST else None
            if found.setdefault(match[1][0], known) != known:
                return RUBBISH
    return found


@given(raw=PARTS | st.binary(max_size=30))
def test_a_record_is_read_to_its_last_octet_or_not_at_all(raw: bytes) -> None:
    try:
        found: object = tagged_counters(raw)
    except Unreadable as exc:
        found = _told(exc)
    assert found == _by_pattern(raw)


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
    for tag in set(found) - set(pairs):
        value = found[tag]
        assert value is None or bytes((tag, 1, 4)) + value.to_bytes(4, "big") in junk


@given(pairs=PAIRS.filter(bool), cut=st.integers(2, 6))
def test_a_cut_off_record_is_unreadable(pairs: dict[int, int], cut: int) -> None:
    whole = _record(pairs)
    with pytest.raises(Unreadable):
        tagged_counters(whole[: len(whole) - 7 + cut])


@given(value=VALUES.filter(lambda one: not isinstance(one, bytes)))
def test_what_is_no_octet_string_is_no_record(value: Value) -> None:
    with pytest.raises(Unreadable):
        tagged_counters(value)
