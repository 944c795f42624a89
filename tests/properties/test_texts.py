"""Words and names of a machine: nothing that was not sent, nothing that harms who reads it."""

import re
from collections.abc import Iterable

from hypothesis import example, given
from hypothesis import strategies as st

from collector.adapters.snmp.client.charsets import CODECS
from collector.adapters.snmp.client.session import Value
from collector.adapters.snmp.client.text import LIMIT, clean, decoded, folded
from collector.adapters.snmp.condition.facts import enterprise, id_keys, mac_of, text_of
from collector.adapters.snmp.plan import PlannedText
from collector.adapters.snmp.reading.naming import read_text, serial_of
from collector.domain.counting.identity import real_serial

CHARSETS = st.sampled_from([None, *sorted(set(CODECS.values()))])
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(-(2**31), 2**64),
    st.binary(max_size=40),
    st.lists(st.integers(0, 2**32 - 1), max_size=9).map(tuple),
)


def _is_within(wanted: Iterable[str], letters: str) -> bool:
    """Say whether `wanted` are letters of `letters`, in their order."""
    rest = iter(letters)
    return all(any(letter == one for one in rest) for letter in wanted)


@given(raw=st.binary(max_size=400), charset=CHARSETS)
def test_words_never_harm_a_terminal(raw: bytes, charset: str | None) -> None:
    found = clean(raw, charset=charset)
    assert found is None or (len(found) <= LIMIT and found.isprintable())


@given(raw=st.one_of(st.binary(max_size=400), st.text(max_size=60).map(str.encode)))
def test_a_control_character_before_words_changes_nothing(raw: bytes) -> None:
    assert clean(b"\x07" + raw) == clean(raw)


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


@given(raw=st.binary(max_size=400), charset=CHARSETS)
def test_every_letter_was_sent(raw: bytes, charset: str | None) -> None:
    found = clean(raw, charset=charset)
    assert found is None or _is_within(found.replace(" ", ""), decoded(raw, charset))


PLAIN = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=60)
HARM = {
    "\x1b[2J": "",
    "\x1b]0;x\x07": "",
    "\x1b[31;1m": "",
    "\0": " ",
    "\x07": "",
    "\x9b1m": "1m",
    "\u202e": "",
}
"""What steers a terminal, and what of it are plain letters."""


@given(words=st.lists(PLAIN, max_size=4), harm=st.sampled_from(sorted(HARM)))
def test_what_steers_a_terminal_is_gone_and_the_words_are_not(words: list[str], harm: str) -> None:
    expected = " ".join(HARM[harm].join(words).split())[:LIMIT].strip()
    assert clean(harm.join(words).encode()) == (expected or None)


@given(label=st.text(max_size=30), junk=st.sampled_from(["", " ", ": ", "\u3000", "-", "_", ".."]))
def test_labels_are_compared_by_letters_and_digits_alone(label: str, junk: str) -> None:
    said = folded(label)
    assert folded(junk.join(label)) == said or not label.isascii()
    assert folded(junk + label.swapcase() + junk) == said or not label.isascii()
    assert not any(one.isspace() or one == "_" for one in said)
    assert folded(said) == said or not label.isascii()
    assert (said == "") <= (not any(one.isascii() and one.isalnum() for one in label))


# IEEE-1284 device ids: `MFG:Brother;CMD:PJL;MDL:HL-5370DW;`, in some firmware after two octets.

KEYS = st.sampled_from(["MFG", "MDL", "MODEL", "manufacturer", "SN", "SERN", "CMD", " DES ", ""])
SAID = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=12)
ITEMS = st.lists(st.tuples(KEYS, SAID.filter(lambda one: ";" not in one)), max_size=6)
LONG_NAMES = {"MANUFACTURER": "MFG", "MODEL": "MDL"}


def _by_hand(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, said in re.findall(r"(?:^|;)([^;:]*):([^;]*)", text):
        key = name.strip().upper()
        if said.strip():
            found.setdefault(LONG_NAMES.get(key, key), said.strip())
    return found


@given(items=ITEMS, junk=st.text(max_size=12))
@example(items=[("MFG", "Canon")], junk="MDL")
@example(items=[("MFG", "Canon"), ("MANUFACTURER", "HP")], junk=";")
def test_a_device_id_with_junk_behind_it_names_what_it_says(
    items: list[tuple[str, str]], junk: str
) -> None:
    text = "".join(f"{key}:{said};" for key, said in items)
    assert id_keys(text) == _by_hand(text)
    found = id_keys(text + junk)
    assert found == _by_hand(text + junk)
    assert {key: found[key] for key in _by_hand(text)} == _by_hand(text)


@given(items=ITEMS, key=st.sampled_from(["MFG", "MDL", "SN"]), junk=st.binary(max_size=12))
def test_a_serial_in_a_device_id_is_what_stands_there(
    items: list[tuple[str, str]], key: str, junk: bytes
) -> None:
    text = "".join(f"{name}:{said};" for name, said in items)
    raw = b"\x00\x49" + text.encode() + junk
    found = read_text(PlannedText((1, 1), key), {(1, 1): raw})
    assert found is None or _is_within(found.replace(" ", ""), decoded(raw))


# Hardware addresses.


@given(value=VALUES | st.binary(min_size=6, max_size=6))
@example(value=b"\xff" * 6)
@example(value=bytes(6))
def test_a_hardware_address_is_six_octets_of_one_machine(value: Value) -> None:
    found = mac_of(value)
    is_one = isinstance(value, bytes) and len(value) == 6 and any(value) and not value[0] % 2
    assert (found is not None) == is_one
    assert found is None or bytes(int(one, 16) for one in found.split(":")) == value


@given(value=VALUES)
def test_an_enterprise_is_an_object_identifier_below_the_enterprises(value: Value) -> None:
    is_one = isinstance(value, tuple) and value[:6] == (1, 3, 6, 1, 4, 1) and len(value) > 6
    assert enterprise(value) == (value if is_one else None)


@given(value=VALUES)
def test_words_are_octets(value: Value) -> None:
    found = text_of(value)
    assert found is None or (isinstance(value, bytes) and found.isprintable())


# Serial numbers.

SERIALS = st.text("ABCXYZ0123456789-", min_size=1, max_size=16)
NOT_ONE = ["", "XXXXXXXXXX", "0000000000", "none", "N/A", "----", "Serial_Number", "123", "0-0-0-0"]


@given(serial=SERIALS, before=st.sampled_from([b"", b" ", b"\0"]), junk=st.binary(max_size=8))
def test_a_serial_is_what_was_sent_without_blanks(serial: str, before: bytes, junk: bytes) -> None:
    raw = before + serial.encode() + junk
    found = serial_of(PlannedText((1, 1)), {(1, 1): raw})
    assert found is None or _is_within(found, decoded(raw).upper())
    if not junk:
        assert found == real_serial(serial)


@given(serial=SERIALS, prefix=st.sampled_from([b"\x01\x15", b"\xfd\xe8", b""]))
def test_a_serial_behind_a_symbol_set(serial: str, prefix: bytes) -> None:
    planned = PlannedText((1, 1), prefixes=(b"\x01\x15", b"\xfd\xe8"))
    assert serial_of(planned, {(1, 1): prefix + serial.encode()}) == real_serial(serial)


@given(text=st.sampled_from(NOT_ONE), blanks=st.sampled_from(["", " ", "\0", "\r\n"]))
def test_what_names_nobody_is_no_serial(text: str, blanks: str) -> None:
    assert serial_of(PlannedText((1, 1)), {(1, 1): (blanks + text + blanks).encode()}) is None


@given(value=VALUES, pattern=st.sampled_from([r"S/N (\w+)", r"^(.*)$", r"(x?)"]))
def test_a_serial_by_a_pattern_is_part_of_the_text(value: Value, pattern: str) -> None:
    planned = PlannedText((1, 1), pattern=re.compile(pattern))
    found = read_text(planned, {(1, 1): value})
    said = clean(value, 512) if isinstance(value, bytes) else None
    assert found is None or found in (said or "")
