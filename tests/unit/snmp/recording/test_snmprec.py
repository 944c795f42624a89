"""What is written is read back, by our own reader and by snmpsim's rules."""

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid
from collector.adapters.snmp.recording.session import END, HEAD, line, parse_capture, text_of
from collector.adapters.snmp.recording.walk import RecordedRow

NAME: Oid = (1, 3, 6, 1, 4, 1, 9, 1)
NUMBERS = st.one_of(
    st.tuples(st.just(2), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([65, 66, 67]), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(70), st.integers(0, 2**64 - 1)),
)
OCTETS = st.one_of(
    st.tuples(st.sampled_from([4, 68]), st.binary(max_size=60)),
    st.tuples(st.just(4), st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))),
    st.tuples(st.just(64), st.binary(min_size=4, max_size=4)),
)
OIDS = st.tuples(
    st.just(6), st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=12).map(tuple)
)
NAMES = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12).map(lambda one: (1, 3, *one))


@given(st.dictionaries(NAMES, st.one_of(NUMBERS, OCTETS, OIDS), max_size=20), st.text(max_size=60))
def test_every_value_is_read_back(rows: dict[Oid, RecordedRow], remark: str) -> None:
    text = text_of(rows, [remark, "more"])
    octets = text.encode("utf-8")
    assert parse_capture(octets.decode("latin-1")) == {name: row[1] for name, row in rows.items()}
    lines = [one for one in text.split("\n") if one and not one.startswith("#")]
    names = [tuple(map(int, one.split("|")[0].split("."))) for one in lines]
    assert names == sorted(rows)
    for one, (tag, _) in zip(lines, (rows[name] for name in names), strict=True):
        assert one.split("|")[1] in {str(tag), f"{tag}x"}
        assert one == one.strip() or one.endswith("|4|"), "snmpsim drops blanks at the ends"
        assert one.isascii()
        assert one.isprintable()


def test_forms() -> None:
    assert line(NAME, (4, b"Black Toner")) == "1.3.6.1.4.1.9.1|4|Black Toner"
    assert line(NAME, (4, b"a|b")) == "1.3.6.1.4.1.9.1|4|a|b"
    assert line(NAME, (4, b"black\0")) == "1.3.6.1.4.1.9.1|4x|626c61636b00"
    assert line(NAME, (4, b" x")) == "1.3.6.1.4.1.9.1|4x|2078"
    assert line(NAME, (4, b"")) == "1.3.6.1.4.1.9.1|4|"
    assert line(NAME, (64, bytes([192, 0, 2, 1]))) == "1.3.6.1.4.1.9.1|64|192.0.2.1"
    assert line(NAME, (6, (1, 3, 6))) == "1.3.6.1.4.1.9.1|6|1.3.6"
    assert line(NAME, (70, 2**64 - 1)) == "1.3.6.1.4.1.9.1|70|18446744073709551615"


def test_words_in_hexadecimal_are_shown_without_anything_that_moves_a_terminal() -> None:
    text = text_of({NAME: (4, "ブラック\x1b[31mトナー\0".encode()), (*NAME, 1): (4, b"\x01\x02ab")})
    assert "#   reads: ブラックトナー\n" in text
    assert text.count("reads:") == 1
    assert "\x1b" not in text


def test_a_file_has_a_head_and_an_end() -> None:
    lines = text_of({}, ["ACME 9\nwith more", "second"]).split("\n")
    assert lines == [f"{HEAD}: ACME 9 with more", "# second", END, ""]
