"""Profile files: every mistake at once, by file and key; includes; a user's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import SHIPPED, load_profiles
from collector.errors import ConfigError
from collector.user_files import toml_file
from tests.unit.snmp.machines import KONICA, P, answer, life, named

OWN = """
format = 1
id = "acme"
include = ["generic"]
priority = 90
source = "its manual"
[[match]]
descr = '^ACME'
[identity]
vendor = "ACME"
[scalars]
pages = { oid = ["1.3.6.1.4.1.99999.1.0", "1.3.6.1.4.1.99999.2.0"], kind = "text" }
clicks = { oid = "1.3.6.1.4.1.99999.3.0", kind = "float" }
copies = { oid = "1.3.6.1.4.1.99999.4.{printer}", kind = "integer" }
[meters]
total = [{ of = "pages", wrap = 1000000 }, "life"]
other = "clicks"
copy = { of = "copies", confidence = "L" }
print = "pages - copies"
"""


def _load(folder: Path, text: str, name: str = "own.toml") -> list[str]:
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_profiles(folder)
    return [f"{one.path}: {one.message}" for one in caught.value.problems]


def test_shipped_profiles_state_where_their_counters_are_known_from() -> None:
    profiles = load_profiles()
    assert {"generic", "ricoh", "canon", "kyocera", "konica", "brother"} <= set(profiles.by_id)
    for profile in profiles.by_id.values():
        for alternatives in profile.meters.values():
            assert all(one.source for one in alternatives)


async def test_low_confidence_is_left_out_unless_asked_for() -> None:
    bizhub = named("KONICA MINOLTA bizhub C368", "18334.1.1.1.2.1.1")
    cells = {KONICA + "1.1.0": 9, KONICA + "3.1.7.1": 3, KONICA + "3.1.11.1": 2}
    found = await answer(bizhub, cells)
    assert found.meters == {"total": 9, "fax_mono": 3}
    found = await answer(bizhub, cells, profiles=load_profiles(low_confidence=True))
    assert found.meters == {"total": 9, "fax": 5, "fax_mono": 3, "fax_color": 2}


async def test_own_profile_with_every_kind_of_number(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(OWN, "utf-8")
    profiles = load_profiles(tmp_path)
    machine = {P + "99999.2.0": " 01234\0", P + "99999.3.0": b"\x41\x20\x00\x00"}
    found = await answer(named("ACME 1"), machine, {P + "99999.4.1": 34}, profiles=profiles)
    assert dict(found.meters) == {"total": 1234, "other": 10, "print": 1200}
    assert found.wraps == {"total": 1_000_000}
    assert found.identity.vendor == "ACME"
    low = replace(profiles, low_confidence=True)
    found = await answer(named("ACME 1"), machine, {P + "99999.4.1": 34}, profiles=low)
    assert found.meters["copy"] == 34


async def test_own_file_replaces_a_shipped_one_of_the_same_id(tmp_path: Path) -> None:
    text = (SHIPPED / "generic.toml").read_text("utf-8").replace('total = "life"', "")
    (tmp_path / "generic.toml").write_text(text, "utf-8")
    found = await answer(named("ACME"), life(5), profiles=load_profiles(tmp_path))
    assert found.meters == {}


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("format = \n", "utf-8")
    (tmp_path / "later.toml").write_text('format = 2\nid = "later"\n', "utf-8")
    wrong = """
        format = 1
        id = "wrong"
        include = ["nobody", "wrong"]
        priorty = 5
        [[match]]
        [[match]]
        descr = '('
        object_id = "1.3.x"
        [parts]
        printer = 5
        [scalars]
        pages = { oid = "1.3.6.{tray}", kind = "roman" }
        [tables.row]
        at = [{ code = "index", like = "a.b" }]
        rows = { one = {}, two = { code = "x" } }
        [meters]
        pages = "pages"
        total = ["row[three]", "pages +", "nothing", 7, "pages[x]"]
        [[checks]]
        whole = "total"
        parts = ["totl"]
        """
    problems = _load(tmp_path, wrong, "wrong.toml")
    text = "\n".join(problems)
    for expected in (
        "broken.toml:1: is no TOML: invalid value (column 10); correct this line",
        "later.toml:1: format: must be 1",
        "wrong.toml:4: include[0]: 'nobody' is no profile",
        "wrong.toml:4: include[1]: 'wrong' includes itself",
        "wrong.toml:5: priorty: is no known key; did you mean priority?",
        "wrong.toml:6: match[0]: needs at least one of object_id, descr,",
        "wrong.toml:8: match[1].descr: '(' is no regular expression",
        "wrong.toml:9: match[1].object_id: '1.3.x' is no object identifier",
        "wrong.toml:11: parts.printer: must be a table, not 5",
        "wrong.toml: source: is missing: where the meaning",
        "wrong.toml:13: scalars.pages.kind: must be one of counter, integer, text, float",
        "wrong.toml:13: no part is called 'tray'",
        "wrong.toml:15: tables.row.at[0].value: is missing: the column of the counters",
        "wrong.toml:15: tables.row.at[0].like: 'a.b' must be arcs and stars",
        "wrong.toml:16: tables.row.rows.one: needs at least one of code, label, where",
        "wrong.toml:16: tables.row.rows.two.code: must be numbers, not 'x'",
        "wrong.toml:18: meters.pages: is no meter",
        "wrong.toml:19: meters.total[1]: 'pages +' is no sum of counters: cannot read '+'",
        "wrong.toml:19: meters.total[0]: 'row[three]': table row has no row 'three'",
        "wrong.toml:19: meters.total[2]: 'nothing': nothing is called 'nothing'",
        "wrong.toml:19: meters.total[4]: 'pages[x]': pages has no rows",
        "wrong.toml:19: meters.total[3]: must be a sum",
        "wrong.toml:22: checks[0].parts[0]: 'totl' is no meter; did you mean total?",
    ):
        assert expected in text, expected + "\n" + text


def test_two_files_of_one_id_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(OWN, "utf-8")
    assert _load(tmp_path, OWN, "b.toml") == ["b.toml:3: id: is already the id of a.toml"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_profiles(tmp_path / "nowhere")


def test_an_included_sum_that_is_wrong_here_names_both_profiles(
    tmp_path: Path,
) -> None:
    table = '[tables.row]\nat = [{ value = "1.3.6.1.4.1.9", code = "index" }]\n'
    base = OWN + table + "rows = { copy = { code = 1 } }\n"
    base = base.replace('other = "clicks"', 'other = "row[copy]"')
    (tmp_path / "acme.toml").write_text(base, "utf-8")
    other = OWN.partition("[[match]]")[0].replace("acme", "other").replace("generic", "acme")
    other += table + "rows = { fax = { code = 1 } }\n"
    found = _load(tmp_path, other, "other.toml")
    line = base.splitlines().index('other = "row[copy]"') + 1
    reason = "table row has no row 'copy'; known are: fax (as other includes it)"
    assert found == [f"acme.toml:{line}: meters.other: 'row[copy]': {reason}"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"format = 1\n\xff", "own.toml: is not UTF-8; save it again with the encoding UTF-8"),
        (b"format = 1\na = [", "own.toml:2: is no TOML: invalid value (end of file); correct"),
        (b"format = 1\r\nid = 5\r\n", "own.toml:2: id: must be text in quotes, not 5"),
        (b"\xef\xbb\xbfformat = 1\nid = 5", "own.toml:2: id: must be text in quotes, not 5"),
    ],
)
def test_files_of_every_encoding(tmp_path: Path, raw: bytes, expected: str) -> None:
    (tmp_path / "own.toml").write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert any(f"{one.path}: {one.message}".startswith(expected) for one in caught.value.problems)


def test_the_manual_s_example_is_a_profile(tmp_path: Path) -> None:
    manual = (SHIPPED / "README.md").read_text("utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    (tmp_path / "acme.toml").write_text(example, "utf-8")
    assert load_profiles(tmp_path).by_id["acme"].about == "ACME copiers"


def test_lines_are_looked_for_only_where_something_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding them takes longer than reading the files, and every start would wait for it."""
    asked: list[str] = []

    def noting(text: str) -> dict[tuple[str | int, ...], int]:
        asked.append(text)
        return {}

    monkeypatch.setattr(toml_file, "lines_of", noting)
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    load_profiles(tmp_path)
    assert asked == []
    assert _load(tmp_path, OWN.replace("priority", "priorty"))
    assert len(asked) == 1
