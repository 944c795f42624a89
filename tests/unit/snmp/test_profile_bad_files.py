"""Files that are no profile: one sentence, in bounded time and with bounded output."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_files, load_profiles
from collector.errors import ConfigError, Problem
from tests.unit.snmp.own import HEAD

MANY = 20_000


def _told(path: Path) -> list[str]:
    problems: list[Problem] = []
    load_files([path], problems)
    return [f"{one.path}: {one.message}" for one in problems]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ["own.toml: format: must be 1; this program reads no other format"]),
        (b"format = true", ["own.toml:1: format: must be 1; this program reads no other format"]),
        (b"a=1\n" * 2_500_000, ["own.toml: is larger than 256 KB; no profile is, so this is ano"]),
        (b"\0" * 200_000, ["own.toml:1: is longer than 2,000 characters; break this line"]),
        (
            b"\x93\x8d\x8d\x87 = 1",
            ["own.toml: is not UTF-8; save it again with the encoding UTF-8"],
        ),
        (b"\xff\xfef\0o\0r\0", ["own.toml: is not UTF-8; save it again with the encoding UTF-8"]),
        (b"{not: toml}", ["own.toml:1: is no TOML: invalid statement (column 1); correct this"]),
        (b"a = '", ["own.toml:1: is no TOML: expected"]),
        (b"a=" + b"[" * 900, ["own.toml: cannot be read: its lists or tables are nested too deep"]),
        (
            b"a=[" + b"\n[" * 900,
            ["own.toml: cannot be read: its lists or tables are nested too de"],
        ),
        (b"a=-" + b"9" * 1_990, ["own.toml: format: must be 1; this program reads no other for"]),
    ],
)
def test_a_file_that_is_no_profile(tmp_path: Path, raw: bytes, expected: list[str]) -> None:
    (tmp_path / "own.toml").write_bytes(raw)
    told = _told(tmp_path / "own.toml")
    assert [one[: len(want)] for one, want in zip(told, expected, strict=True)] == expected


def test_what_a_shipped_profile_lacks_now_is_told_of_the_file_that_took_its_place(
    tmp_path: Path,
) -> None:
    """The shipped file is as it was, and nobody may edit it."""
    (tmp_path / "own.toml").write_text(
        'format = 1\nid = "canon"\nsource = "none"\ninclude = ["generic"]\n'
    )
    told = _told(tmp_path / "own.toml")
    assert told
    assert all(one.startswith("own.toml:2: id: the shipped profile 'oce'") for one in told), told


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "own.toml")
    (told,) = _told(tmp_path / "own.toml")
    assert told == "own.toml: is no file; name a file, or a folder of them"
    with pytest.raises(ConfigError, match="is no file"):
        load_profiles(tmp_path)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "own.toml").symlink_to("/dev/zero")
    assert "is no file" in _told(tmp_path / "own.toml")[0]


@pytest.mark.parametrize("head", ["", "[meters]\n"])
def test_of_very_many_mistakes_the_first_are_told(tmp_path: Path, head: str) -> None:
    lines = "\n".join(f"k{number} = 1" for number in range(MANY))
    (tmp_path / "own.toml").write_text(HEAD + head + lines, "utf-8")
    told = _told(tmp_path / "own.toml")
    assert len(told) == 101
    assert "k0: " in told[0]
    assert told[-1].endswith(" more problems")


def test_a_long_chain_of_files_that_include_two_others_each(tmp_path: Path) -> None:
    """Each is put together once, not once for every way that leads to it."""
    text = 'format = 1\nid = "p{}"\nsource = "s"\ninclude = ["{}", "{}"]\n'
    below = ("generic", "generic")
    for number in range(80):
        (tmp_path / f"{number}.toml").write_text(text.format(number, *below), "utf-8")
        below = (f"p{number}", "generic" if number == 0 else f"p{number - 1}")
    profiles = load_profiles(tmp_path)
    assert len(profiles.by_id["p79"].includes) == 80


def test_hidden_files_are_an_editors_not_profiles(tmp_path: Path) -> None:
    (tmp_path / ".#acme.toml").write_text("nonsense", "utf-8")
    (tmp_path / ".acme.toml.swp").write_text("nonsense", "utf-8")
    assert not any(one.own for one in load_profiles(tmp_path).by_id.values())


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the office's own profiles would silently be none."""

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\)"):
        load_profiles(tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('source = "\\u001b[2J"', "own.toml:5: source: must hold no control characters, as '\\x1b"),
        ('id = "two words"', "own.toml:3: id: 'two words' must be a name of at most 60 letters"),
        ('"\\u001b[2J" = 1', "own.toml:6: '\\x1b[2J': is no known key"),
        (f"rated_ipm = {2**63}", "own.toml:6: rated_ipm: must be at most 4294967296, not "),
        (f"rated_ipm = 0x{'f' * 1900}", "own.toml:6: rated_ipm: must be at most 4294967296, not "),
        ("match = [{ descr = '[[a]' }]", "match[0].descr: '[[a]' is no regular expression: Possi"),
        ("match = [{ descr = 'a{99999999999}' }]", "is no regular expression: the repetition num"),
        (f"match = [{{ descr = '{'(' * 900}{')' * 900}' }}]", "expression: it is nested too deep"),
        ("match = [{ object_id = '9.9.9' }]", "match[0].object_id: '9.9.9' is no object identif"),
        ("match = [{ object_id = '1.3.-6' }]", "object_id: '1.3.-6' is no object identifier"),
        ("match = [{ object_id = '1.3.4294967296' }]", "'1.3.4294967296' is no object identifier"),
        ("match = [{ object_id = '1.3.1_0' }]", "'1.3.1_0' is no object identifier"),
        (
            "proved = { on = 2026-11-25T10:00:00 }",
            "proved.on: 2026-11-25 10:00:00 is no day; write it without a time",
        ),
        ("tables.t.rows.a.code = 1.5", "tables.t.rows.a.code: must be numbers, not 1.5"),
        ("tables.t.rows.a.code = true", "tables.t.rows.a.code: must be numbers, not True"),
        (f"tables.t.rows.a.code = '{'9' * 1900}'", "must be numbers, not '99999"),
        ("tables.t.rows.a.label = '::'", "tables.t.rows.a.label: must have a letter or digit"),
        ("tables.t.values.job.copy = true", "must be what the column says: a number or a label"),
        ("tables.t.values.job.copy = '-'", "must be what the column says: a number or a label"),
    ],
)
def test_a_value_that_no_profile_can_mean(tmp_path: Path, line: str, expected: str) -> None:
    key = line.partition(" = ")[0]
    top, _, rest = HEAD.partition("[[match]]")
    kept = [one for one in top.splitlines() if not one.startswith(f"{key} ")]
    if len(kept) == len(top.splitlines()):
        kept.append(line)
    else:
        kept.insert(int(expected.split(":")[1]) - 1, line)
    text = "\n".join(kept) + ("" if line.startswith("match") else f"\n[[match]]{rest}")
    (tmp_path / "own.toml").write_text(text, "utf-8")
    told = _told(tmp_path / "own.toml")
    assert any(expected in one for one in told), told
    assert all(one.isprintable() and len(one) < 600 for one in told)
