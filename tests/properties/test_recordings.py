"""A recording is read line by line as it stands, or refused with every line that is wrong."""

from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.recording.session import END, HEAD, parse_capture, text_of
from collector.errors import ConfigError

ARCS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5)
NAMES = ARCS.map(lambda more: (1, 3, *more))
OCTETS = st.binary(max_size=12)


def _dotted(name: Oid) -> str:
    return ".".join(map(str, name))


def _escaped(raw: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in raw)


CELLS: st.SearchStrategy[tuple[str, str, Value | None]] = st.one_of(
    st.builds(lambda one: ("2", str(one), one), st.integers(-(2**31), 2**31 - 1)),
    st.builds(
        lambda one: ("2x", (one % 2**32).to_bytes(4, "big").hex(), one),
        st.integers(-(2**31), 2**31 - 1),
    ),
    st.builds(
        lambda tag, one: (tag, str(one), one),
        st.sampled_from(["65", "66", "67"]),
        st.integers(0, 2**32 - 1),
    ),
    st.builds(lambda one: ("65x", f"{one:08x}", one), st.integers(0, 2**32 - 1)),
    st.builds(lambda one: ("70", str(one), one), st.integers(0, 2**64 - 1)),
    st.builds(lambda tag, one: (f"{tag}x", one.hex(), one), st.sampled_from("4"), OCTETS),
    st.builds(lambda one: ("4e", _escaped(one), one), OCTETS),
    st.builds(
        lambda one: ("4", one, one.encode("latin-1")),
        st.text(st.characters(max_codepoint=255, exclude_characters="\n\r"), max_size=12),
    ),
    st.builds(lambda one: ("6", _dotted(one), one), NAMES),
    st.builds(lambda one: ("64", _dotted(tuple(one)), one), st.binary(min_size=4, max_size=4)),
    st.builds(lambda tag: (tag, "", None), st.sampled_from(["5", "128", "129", "130"])),
)
"""Tag, how the value is written, and what it is."""


def _parsed(text: str) -> Mapping[Oid, Value] | list[str]:
    """Return the values, or where what is wrong stands."""
    try:
        return parse_capture(text, "hall")
    except ConfigError as error:
        told = error.problems
    assert told
    assert all(one.message.isprintable() and len(one.message) < 200 for one in told)
    return [one.path for one in told]


WRONG = st.one_of(
    st.sampled_from(
        [
            *("x", "1.3.6", "1.3.6|65", "1.3.6|65|", "1.3.6|65|5 6", "1.3.6|65|1_000", "1.3|65|+"),
            *("1.3.6|65x|", "1.3.6|2x|", "1.3.6|65x|0", "1.3.6|65x|xyz", "1.3.6|65|0x10", "|65|1"),
            *("1.-3|65|1", "1.3_0|65|1", "1..3|65|1", "1.3.|65|1", "+1.3|65|1", "..1.3|65|1"),
            *("1.3.6|6|1.-3", "1.3.6|6|", "1.3.6|6|1_0", "1.3.6|64|1.2.3", "1.3.6|64|1.2.3.4.5"),
            *("1.3.6|99|1", "1.3.6||1", "1.3.6|4y|a", "1.3.6|4x|0", "1.3.6|4x|gg", "1.3.6|2e|5"),
            *(
                "1.3.6|4e|\\x",
                "1.3.6|4e|\\u1234",
                "1.3.6|4e|\\q",
                "1.3.6|4e|\\N{BELL",
                "1.3.6|4e|\\",
            ),
            *("1.3.6|65|" + "9" * 5000, "1." + "9" * 5000 + "|65|1", "1.3.6|65|²", "1.3.²|65|1"),
        ]
    ),
    st.text(
        st.characters(max_codepoint=255, exclude_characters="\n|#"), min_size=1, max_size=20
    ).filter(str.strip),
)
SKIPPED = st.sampled_from(["", "   ", "# 1.3.6|65|7", "#", "\t"])
LINE = st.tuples(NAMES, CELLS)


def _line(name: Oid, cell: tuple[str, str, Value | None]) -> str:
    return f"{_dotted(name)}|{cell[0]}|{cell[1]}"


@given(
    lines=st.lists(LINE, max_size=8, unique_by=lambda one: one[0]),
    wrong=st.lists(st.tuples(st.integers(0, 20), WRONG | SKIPPED), max_size=3),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_every_line_is_a_value_or_a_problem(
    lines: list[tuple[Oid, tuple[str, str, Value | None]]],
    wrong: list[tuple[int, str]],
    ending: str,
) -> None:
    written = [_line(*one) for one in lines]
    bad = set()
    for at, text in wrong:
        written.insert(at, text)
    for number, line in enumerate(written, start=1):
        if line not in {_line(*one) for one in lines} and line.strip() and line[:1] != "#":
            bad.add(f"hall: line {number}")
    text = "".join(line + ending for line in written)
    found = _parsed(text)
    if isinstance(found, list):
        assert set(found) == bad
        return
    assert not bad
    assert found == {name: cell[2] for name, cell in lines if cell[2] is not None}


@given(
    lines=st.lists(LINE, min_size=1, max_size=6, unique_by=lambda one: one[0]),
    data=st.data(),
)
def test_a_recording_cut_anywhere_says_nothing_that_was_not_in_it(
    lines: list[tuple[Oid, tuple[str, str, Value | None]]], data: st.DataObject
) -> None:
    """Only the value of the very line that was cut may be shorter: nothing shows that it is."""
    text = "".join(_line(*one) + "\n" for one in lines)
    cut = text[: data.draw(st.integers(0, len(text)))]
    whole = {name: cell[2] for name, cell in lines}
    complete = cut.count("\n")
    found = _parsed(cut)
    if isinstance(found, list):
        assert found == [f"hall: line {complete + 1}"]
        return
    sure = {name: value for name, value in found.items() if name in dict(lines[:complete])}
    assert sure == {name: whole[name] for name, cell in lines[:complete] if cell[2] is not None}
    for name in set(found) - set(sure):
        assert cut.rpartition("\n")[2].startswith(_dotted(name) + "|")


ROWS = st.dictionaries(
    NAMES,
    st.one_of(
        st.tuples(st.just(2), st.integers(-(2**31), 2**31 - 1)),
        st.tuples(st.just(65), st.integers(0, 2**32 - 1)),
        st.tuples(st.just(4), OCTETS),
        st.tuples(st.just(6), NAMES),
        st.tuples(st.just(64), st.binary(min_size=4, max_size=4)),
    ),
    max_size=6,
)


@given(rows=ROWS, remarks=st.lists(st.text(max_size=20), max_size=3), data=st.data())
def test_a_recording_of_this_program_is_whole_or_refused(
    rows: dict[Oid, tuple[int, Value]], remarks: list[str], data: st.DataObject
) -> None:
    text = text_of(rows, remarks)
    assert parse_capture(text) == {name: value for name, (_, value) in rows.items()}
    assert text.startswith(HEAD)
    cut = data.draw(st.integers(len(HEAD), len(text) - len(END) - 2))
    assert isinstance(_parsed(text[:cut]), list), "a recording without its last line was read"


@given(raw=st.binary(max_size=200))
@example(raw=b"\xff\xfe1\0.\0")
@example(raw=b"1.3.6|65|5\0")
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    text = raw.decode("latin-1")
    found = _parsed(text)
    if isinstance(found, list):
        return
    for name, value in found.items():
        assert any(
            line.startswith((_dotted(name), "." + _dotted(name))) for line in text.split("\n")
        )
        if isinstance(value, int):
            assert str(abs(value)) in text or f"{value:x}" in text.lower()


def test_of_a_file_that_is_something_else_a_hundred_lines_are_told() -> None:
    assert len(_parsed("junk\n" * 1_000_000)) == 100
