"""`copier-fleet profiles` as a process: shipped ones, the office's own, and files that are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import SHIPPED, load_profiles
from collector.domain.meters import METERS
from tests.stories.office import Spot, write_office
from tests.stories.program import ROOT, Ended, command
from tests.stories.terminal import at_terminal, widest
from tests.surroundings import environment, own_folders
from tests.unit.snmp.own import HEAD

pytestmark = pytest.mark.integration

PROVED = """
[scalars]
pages = { oid = "1.3.6.1.4.1.99999.1.0", wrap = 1000000, weight = 2, size = "large" }
guess = { oid = "1.3.6.1.4.1.99999.2.0", confidence = "L" }
[meters]
total_large = "pages"
copy = ["guess", { of = "life", confidence = "M", source = "a forum" }]
print = "guess"
[[checks]]
whole = "total"
parts = ["copy", "print"]
tolerance = 7
[proved]
on = 2026-11-25
model = "A-100"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a folder of own profiles, whose fleet file and secrets are missing."""
    (tmp_path / "office" / "profiles").mkdir(parents=True)
    path = write_office(tmp_path / "office", [Spot("hall", 9)])
    text = path.read_text(encoding="utf-8") + '\n[fleet]\nprofiles = "profiles"\n'
    more = '[credentials.strict]\nversion = "3"\nuser = "reader"\nauth_protocol = "sha256"\n'
    path.write_text(text + more, encoding="utf-8")
    path.with_name("fleet.toml").unlink()
    return path


def _own(config: Path, text: str, name: str = "acme.toml") -> Path:
    path = config.parent / "profiles" / name
    path.write_text(text, encoding="utf-8")
    return path


def test_list_without_a_configuration_is_the_shipped_ones_with_a_note() -> None:
    listed = command("profiles", "list")
    assert listed.code == 0
    config = own_folders()["CONFIGURATION_DIRECTORY"] / "collector.toml"
    assert listed.err.startswith(f"note: there is no configuration {config}, so only the shipped")
    assert listed.err.count("\n") == 1
    for name, profile in load_profiles().by_id.items():
        (line,) = (one for one in listed.out.splitlines() if one.startswith(f"│ {name} "))
        assert profile.about in line
        assert "shipped" in line
    assert "yours" not in listed.out


def test_list_needs_neither_secrets_nor_a_fleet_file(config: Path) -> None:
    _own(config, HEAD + PROVED)
    listed = command("profiles", "list", "--config", config, "--lang", "en")
    assert (listed.code, listed.err) == (0, "")
    first = next(one for one in listed.out.splitlines() if one.startswith("│ "))
    assert [one.strip() for one in first.strip("│").split("│")] == [
        *("acme", "-", "4", "M", "yours", "2026-11-25")
    ]


def test_list_counts_weak_meters_only_where_they_are_read(config: Path) -> None:
    _own(config, HEAD + PROVED)
    text = config.read_text(encoding="utf-8").replace("[fleet]", "[fleet]\nlow_confidence = true")
    config.write_text(text, encoding="utf-8")
    listed = command("profiles", "list", "--config", config)
    first = next(one for one in listed.out.splitlines() if one.startswith("│ "))
    assert [one.strip() for one in first.strip("│").split("│")] == [
        *("acme", "-", "5", "L", "独自", "2026-11-25")
    ]


def test_list_as_json(config: Path) -> None:
    _own(config, HEAD.replace('"acme"', '"ricoh"').replace("generic", "ricoh"), "ricoh.toml")
    listed = command("profiles", "list", "--config", config, "--json")
    assert (listed.code, listed.err) == (0, "")
    first, *others = listed.json
    assert first["id"] == "ricoh"
    assert (first["own"], first["hides_shipped"], first["file"]) == (True, True, "ricoh.toml")
    assert first["includes"] == ["generic"]
    assert {one["id"] for one in others} == set(load_profiles().by_id) - {"ricoh"}
    assert not any(one["own"] or one["proved"] for one in others)
    canon = next(one for one in others if one["id"] == "canon")
    assert "total" in canon["meters"]["H"]
    assert set(canon["meters"]) == {"H", "M", "L"}


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_the_tables_fit_the_terminal(columns: int) -> None:
    for args in (("list",), ("list", "--lang", "ja"), ("show", "kyocera"), ("show", "hp")):
        code, lines = at_terminal("profiles", *args, columns=columns)
        assert code == 0
        assert 0 < widest(lines) <= columns, args


def test_show_tells_the_effective_profile(config: Path) -> None:
    _own(config, HEAD + PROVED)
    shown = command("profiles", "show", "ACME", "--config", config, "--lang", "en")
    assert (shown.code, shown.err) == (0, "")
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in shown.out.splitlines()
        if line.startswith("│")
    ]
    for row in (
        ["Recognised by", "descr '^ACME'"],
        ["Includes", "generic"],
        ["Proved", "2026-11-25, A-100"],
        ["total_large", "pages", "H", ""],
        ["copy", "guess", "L, only with low_confidence", ""],
        ["copy", "life", "M", "a forum"],
        ["pages", "1.3.6.1.4.1.99999.1.0", "", _notes()],
        ["total = copy + print", "give or take 7"],
    ):
        assert row in rows, shown.out
    assert any(row[:2] == ["total", "life"] for row in rows), "an included meter"


def _notes() -> str:
    return "large pages, a large page counts 2 times, wraps at 1000000"


def test_show_as_json_says_what_is_read() -> None:
    shown = command("profiles", "show", "konica", "--json").json
    assert shown["ways"]["fax_color"][0]["confidence"] == "L"
    assert not shown["ways"]["fax_color"][0]["read"]
    assert shown["ways"]["total"][0]["read"]
    assert set(shown["ways"]) <= set(METERS)
    named = {one["formula"] for ways in shown["ways"].values() for one in ways}
    assert all(any(name in formula for formula in named) for name in shown["counters"])
    assert shown["identity"]["vendor"] == "KONICA MINOLTA"
    assert {"object_id": "1.3.6.1.4.1.18334"} in shown["match"]
    assert shown["checks"]


def test_every_shipped_profile_can_be_shown(tmp_path: Path) -> None:
    """In one process, for speed: the command of each is the same."""
    code = (
        "from collector.cli.main import _run\n"
        "from collector.adapters.snmp.profiles.load import load_profiles\n"
        "for name in load_profiles().by_id:\n"
        "    for more in ([], ['--json'], ['--lang', 'ja']):\n"
        f"        args = ['profiles', 'show', name, '--profiles', {str(tmp_path)!r}, *more]\n"
        "        assert _run(args) == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("richo", "; did you mean ricoh?"),
        ("generick", "; did you mean generic?"),
        ("Triumph-Adler", "; it may be in: kyocera"),
        ("gestetner", "; it may be in: lanier, ricoh"),
        ("\x1b[2J", "; see: copier-fleet profiles list"),
    ],
)
def test_a_name_that_is_none_is_usage_with_a_hint(name: str, hint: str) -> None:
    shown = command("profiles", "show", name)
    assert (shown.code, shown.out) == (2, "")
    assert hint in shown.err
    assert "\x1b" not in shown.err


def test_show_waits_neither_for_settings_nor_for_snmp() -> None:
    """Of pydantic's, only what profiles themselves are read with."""
    code = (
        "import sys\n"
        "from collector.cli.main import _run\n"
        "assert _run(['profiles', 'list', '--json']) == 0\n"
        "slow = {'pydantic_settings', 'pysnmp', 'aiohttp', 'difflib', 'asyncio'}\n"
        "slow |= {'collector.settings.load', 'holidays', 'openpyxl'}\n"
        "slow &= set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def _checked(config: Path, *paths: Path) -> Ended:
    return command("profiles", "check", *paths, "--config", config)


def test_check_of_a_sound_folder(config: Path) -> None:
    path = _own(config, HEAD + PROVED)
    checked = _checked(config)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out == f"{path}: プロファイル acme、メーター 5 個\n"


def test_check_tells_every_problem_by_file_line_and_key(config: Path) -> None:
    typo = _own(config, HEAD.replace("include", "inclde"), "a.toml")
    include = _own(config, HEAD.replace("acme", "b").replace("generic", "genric"), "b.toml")
    twin = _own(config, HEAD, "c.toml")
    raw = config.parent / "profiles" / "d.toml"
    raw.write_bytes("about = '複写機'".encode("cp932"))
    no_toml = _own(config, "format = 1\nid = \n", "e.toml")
    empty = _own(config, "", "f.toml")
    folder = config.parent / "profiles" / "g.toml"
    folder.mkdir()
    checked = _checked(config)
    assert checked.code == 78
    assert checked.err == "7 件の問題があるため、サービスはこれらのプロファイルを受け付けません\n"
    assert checked.out.splitlines() == [
        f"{typo}:4: inclde: 知らないキーです。include のことですか",
        f"{twin}:3: id: すでに {typo} のIDです",
        f"{raw}: UTF-8ではありません。文字コードUTF-8で保存し直してください",
        f"{no_toml}:2: TOMLではありません: 値として読めません(6文字目)。この行を直してください",
        f"{empty}: format: 1 でなければなりません。ほかの形式は読めません",
        f"{folder}: ファイルではありません。ファイルかフォルダーを指定してください",
        f"{include}:4: include[0]: 'genric' というプロファイルはありません。generic のことですか",
    ]


def test_check_of_a_file_as_large_as_a_disk_image(tmp_path: Path) -> None:
    path = tmp_path / "disk.toml"
    with path.open("wb") as stream:
        stream.truncate(10_000_000)
    checked = command("profiles", "check", path)
    assert checked.code == 78
    assert checked.out == f"{path}: is larger than 256 KB; no profile is, so this is another file\n"


def test_check_of_a_file_of_nothing_but_mistakes_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "junk.toml"
    path.write_text("format = 1\n" + "".join(f"key{at} = 1\n" for at in range(15_000)))
    checked = command("profiles", "check", path)
    assert checked.code == 78
    assert len(checked.out.splitlines()) == 101
    assert checked.out.splitlines()[-1] == f"{path}: and 14,902 more problems"


def test_check_warns_of_two_profiles_for_one_machine(config: Path) -> None:
    first = _own(config, HEAD)
    second = _own(config, HEAD.replace('"acme"', '"rival"'), "rival.toml")
    checked = _checked(config)
    assert (checked.code, checked.err) == (1, "")
    warning, *profiles = checked.out.splitlines()
    assert warning.startswith(f"{first}:6: match[0]: 警告: acme と rival は同じ強さの手掛かり")
    assert "（descr '^ACME'）" in warning
    assert profiles == [
        f"{first}: プロファイル acme、メーター 2 個",
        f"{second}: プロファイル rival、メーター 2 個",
    ]


def test_check_warns_of_what_is_never_used_and_of_what_counts_nothing(config: Path) -> None:
    ours = HEAD.replace("descr = '^ACME'", 'object_id = "1.3.6.1.4.1.367"')
    path = _own(config, ours)
    lost = _own(config, HEAD.partition("[[match]]")[0].replace("acme", "lost"), "lost.toml")
    bare = _own(config, HEAD.replace("acme", "bare").replace("ACME", "BARE") + NO_TOTAL, "n.toml")
    checked = _checked(config)
    assert checked.code == 1
    told = [one for one in checked.out.splitlines() if ": 警告: " in one]
    assert len(told) == 3
    assert told[0].startswith(f"{path}:6: match[0]: 警告: 使われません: 同じ手掛かり")
    assert "priority の高い ricoh" in told[0]
    assert "priority を 50 より大きく" in told[0]
    assert told[1] == (
        f"{lost}: 警告: どの機器も認識せず、取り込むプロファイルもありません。"
        "[[match]] を加えてください"
    )
    assert told[2].startswith(f"{bare}: 警告: 面数を数える total がありません")


NO_TOTAL = "[meters]\ntotal = []\n"


def test_check_names_a_shipped_profile_that_is_hidden(config: Path) -> None:
    path = _own(config, HEAD.replace('"acme"', '"ricoh"').replace("generic", "ricoh"))
    checked = _checked(config)
    assert (checked.code, checked.err) == (0, "")
    (line,) = checked.out.splitlines()
    assert line.startswith(f"{path}: プロファイル ricoh、メーター ")
    assert line.endswith(" 個（付属の ricoh の代わり）")


def test_check_of_a_new_version_beside_the_configured_ones(config: Path, tmp_path: Path) -> None:
    """It may include one of them, and takes the place of the one of its name."""
    _own(config, HEAD.replace('"acme"', '"base"').replace("ACME", "BASE"), "base.toml")
    _own(config, "nonsense", "acme.toml")
    new = tmp_path / "acme.toml"
    new.write_text(HEAD.replace("generic", "base"), encoding="utf-8")
    checked = _checked(config, new)
    assert (checked.code, checked.err) == (0, "")
    assert f"{new}: プロファイル acme、メーター 2 個\n" in checked.out
    without = command("profiles", "check", new)
    assert without.code == 78
    assert f"{new}:4: include[0]: 'base' is no profile" in without.out


def test_check_of_what_the_service_would_not_read(tmp_path: Path) -> None:
    path = tmp_path / "acme.txt"
    path.write_text(HEAD, encoding="utf-8")
    checked = command("profiles", "check", path)
    assert checked.code == 1
    assert f"{path}: warning: the service reads only files whose names end in .toml" in checked.out
    folder = command("profiles", "check", tmp_path)
    assert folder.code == 1
    assert folder.out.startswith(f"{tmp_path}: warning: no file in it ends in .toml")


def test_check_without_anything_to_check_is_usage(config: Path) -> None:
    config.write_text("", encoding="utf-8")
    japanese = "独自のプロファイルのフォルダーは設定されていません（fleet.profiles）"
    english = "no folder of own profiles is configured (fleet.profiles)"
    for args, told in ((("--config", config), japanese), ((), english)):
        checked = command("profiles", "check", *args)
        assert (checked.code, checked.out) == (2, "")
        assert told in checked.err
    missing = command("profiles", "check", config.with_name("nowhere.toml"))
    assert (missing.code, missing.out) == (2, "")
    assert "does not exist" in missing.err


def test_check_of_a_shipped_file_as_it_is() -> None:
    """An author begins with a copy of it."""
    checked = command("profiles", "check", SHIPPED / "canon.toml")
    assert (checked.code, checked.err) == (0, "")
    assert "in the place of the shipped canon" in checked.out


@pytest.mark.parametrize("verb", [("list",), ("show", "acme"), ("check",)])
def test_a_wrong_configuration_is_told(config: Path, verb: tuple[str, ...]) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("profiles =", "profils ="), encoding="utf-8")
    ended = command("profiles", *verb, "--config", config)
    assert (ended.code, ended.out) == (78, "")
    assert "profiles のことですか" in ended.err
    config.write_text(text.replace('"profiles"', '"nowhere"'), encoding="utf-8")
    ended = command("profiles", *verb, "--config", config)
    assert ended.code == 78
    assert "nowhere" in ended.err + ended.out
    missing = command("profiles", *verb, "--config", config.with_name("none.toml"))
    assert missing.code == 78
    assert "there is no file" in missing.err


def test_an_own_profile_that_is_wrong_is_told_by_list(config: Path) -> None:
    _own(config, HEAD.replace("format = 1", "format = 2"))
    listed = command("profiles", "list", "--config", config)
    assert (listed.code, listed.out) == (78, "")
    assert "acme.toml:2: format: 1 でなければなりません" in listed.err


def test_profiles_named_by_the_environment(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "acme.toml").write_text(HEAD, encoding="utf-8")
    env = {"COPIER_FLEET__FLEET__PROFILES": os.fspath(folder)}
    listed = command("profiles", "list", "--json", "--config", config, env=env)
    assert listed.json[0]["id"] == "acme"
