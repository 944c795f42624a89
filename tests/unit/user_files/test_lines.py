"""Where a key stands in a TOML file: held against the real parser on files of every shape."""

import pathlib
import tomllib
from collections.abc import Iterator

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.profiles.load import SHIPPED
from collector.user_files.lines import FilePath, line_of, lines_of

TEXT = """# a comment = 1
format = 1
"quoted key".'b.c' = "a # no comment = ] }" # but this

[tables.row]
at = [
    { value = "1.3", code = '''index
''' },   # two lines
    { value = \"\"\"1.4 "quoted" \\\"\"\" \"\"\", columns.job = "1.5" },
]
empty = []
list = [1, [2, 3],
  -4.5e3, 1979-05-27T07:32:00Z]
[tables.row.rows]
copy = { code = 1 }
[[match]]
descr = 'x'
[[match]]
  [match.inner]
  a = true
"""


def test_keys_of_every_shape() -> None:
    tomllib.loads(TEXT)
    assert dict(lines_of(TEXT)) == {
        ("format",): 2,
        ("quoted key",): 3,
        ("quoted key", "b.c"): 3,
        ("tables",): 5,
        ("tables", "row"): 5,
        ("tables", "row", "at"): 6,
        ("tables", "row", "at", 0): 7,
        ("tables", "row", "at", 0, "value"): 7,
        ("tables", "row", "at", 0, "code"): 7,
        ("tables", "row", "at", 1): 9,
        ("tables", "row", "at", 1, "value"): 9,
        ("tables", "row", "at", 1, "columns"): 9,
        ("tables", "row", "at", 1, "columns", "job"): 9,
        ("tables", "row", "empty"): 11,
        ("tables", "row", "list"): 12,
        ("tables", "row", "list", 0): 12,
        ("tables", "row", "list", 1): 12,
        ("tables", "row", "list", 1, 0): 12,
        ("tables", "row", "list", 1, 1): 12,
        ("tables", "row", "list", 2): 13,
        ("tables", "row", "list", 3): 13,
        ("tables", "row", "rows"): 14,
        ("tables", "row", "rows", "copy"): 15,
        ("tables", "row", "rows", "copy", "code"): 15,
        ("match",): 16,
        ("match", 0): 16,
        ("match", 0, "descr"): 17,
        ("match", 1): 18,
        ("match", 1, "inner"): 19,
        ("match", 1, "inner", "a"): 20,
    }


def test_what_is_not_there_stands_where_it_would() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("match", 0, "object_id")) == 16
    assert line_of(lines, ("tables", "row", "rows", "copy", "sum")) == 15
    assert line_of(lines, ("nothing",)) is None


def _paths(value: object, path: FilePath = ()) -> Iterator[FilePath]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _paths(inner, (*path, place))


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.toml")), ids=lambda one: one.name)
def test_shipped_files_have_a_line_for_every_key(file: pathlib.Path) -> None:
    text = file.read_text("utf-8")
    lines = lines_of(text)
    assert set(lines) == set(_paths(tomllib.loads(text)))
    written = text.splitlines()
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert path[-1] in written[line - 1]


VALUES = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=6) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_any_file_has_a_line_for_every_key_and_no_other(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    assert set(lines_of(text)) == set(_paths(tomllib.loads(text)))
