"""Bad input at the command line: an exit code, a sentence that says what to do, nothing half-done.

Marked as integration because every case starts the real program.
"""

import re
from pathlib import Path

import pytest

from tests.stories.office import Spot, write_office
from tests.stories.program import ROOT, command

pytestmark = pytest.mark.integration

CAPTURES = ROOT.parent / "shared" / "captures"
CSV = (
    "設置場所ID,設置場所,IPアドレス,部署ID,部署名,適用開始\r\n"
    "2f,2階,192.0.2.1,soumu,総務課,2025-04-01\r\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_office(tmp_path, [Spot("hall", 9)])


def test_every_problem_of_files_and_environment_in_one_report(config: Path) -> None:
    text = config.read_text(encoding="utf-8").replace("interval_s = 10", "intervall_s = 10")
    config.write_text(text + '\n[influx]\nurl = "localhost"\n', encoding="utf-8")
    fleet = config.with_name("fleet.toml")
    fleet.write_text(fleet.read_text(encoding="utf-8") + 'colour = "red"\n', encoding="utf-8")
    env = {"COPIER_FLEET__POLLING__RETRYS": "3", "COPIER_FLEET__LOG__LEVEL": "loud"}

    for verb in (("run",), ("check",), ("status",), ("month",), ("poll", "hall")):
        ended = command(*verb, "--config", config, env=env)
        assert (ended.code, ended.out) == (78, ""), verb
        lines = ended.err.splitlines()
        assert lines[0] == "エラー: 5 件の問題があるため、何もしていません:"
        for path in (
            rf"collector\.toml:{line_of(config, 'intervall_s')}: polling\.intervall_s: ",
            rf"collector\.toml:{line_of(config, 'url')}: influx\.url: ",
            "environment: COPIER_FLEET__POLLING__RETRYS: ",
            "environment: COPIER_FLEET__LOG__LEVEL: ",
            rf"fleet\.toml:{line_of(fleet, 'colour')}: .*colour: ",
        ):
            assert sum(bool(re.match(f"  {path}", line)) for line in lines) == 1, path
        assert "interval_s のことですか" in ended.err
        assert "retries のことですか" in ended.err
    assert not config.with_name("ledger.sqlite3").exists(), "nothing was started"


def line_of(file: Path, key: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, one in enumerate(lines, 1) if one.startswith(f"{key} = "))


def test_a_toml_typo_names_its_line(config: Path) -> None:
    config.write_text("[office]\nsite = town\n", encoding="utf-8")

    ended = command("run", "--config", config)

    assert (ended.code, ended.out) == (78, "")
    assert "  collector.toml:2: is no TOML: " in ended.err
    assert "(column 8); correct this line" in ended.err


def test_missing_files_and_no_place(tmp_path: Path, config: Path) -> None:
    missing = command("run", "--config", tmp_path / "nowhere.toml")
    config.with_name("fleet.toml").write_text("", encoding="utf-8")
    no_place = command("run", "--config", config)
    config.with_name("fleet.toml").unlink()
    no_fleet = command("run", "--config", config)

    assert [one.code for one in (missing, no_place, no_fleet)] == [78, 78, 78]
    assert f"there is no file {tmp_path / 'nowhere.toml'}; copy the example" in missing.err
    assert "設置場所がありません" in no_place.err
    assert "copier-fleet fleet import" in no_fleet.err


def test_overlapping_assignments(config: Path) -> None:
    fleet = config.with_name("fleet.toml")
    more = '\n[[place.department]]\nid = "zeimu"\nfrom = 2020-01-01\n'
    fleet.write_text(fleet.read_text(encoding="utf-8") + more, encoding="utf-8")

    ended = command("check", "--config", config)

    assert ended.code == 78
    assert "2020-01-01" in ended.err
    assert "100" in ended.err


def test_an_import_with_unknown_columns_writes_nothing(tmp_path: Path) -> None:
    sheet, fleet = tmp_path / "台帳.csv", tmp_path / "fleet.toml"
    sheet.write_text(CSV.replace("設置場所,", "設置場所,色,メモ欄,").replace("2階,", "2階,赤,x,"))
    fleet.write_text("# precious\n")

    ended = command("fleet", "import", sheet, "--output", fleet, "--force")

    assert (ended.code, ended.out) == (78, "")
    assert "台帳.csv: line 1, column 色: is no known column" in ended.err
    assert "台帳.csv: line 1, column メモ欄: is no known column" in ended.err
    assert fleet.read_text() == "# precious\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.toml", "台帳.csv"]


def test_an_import_overwrites_only_when_told(tmp_path: Path) -> None:
    sheet, fleet = tmp_path / "sheet.csv", tmp_path / "fleet.toml"
    sheet.write_bytes(CSV.encode("shift_jis"))
    fleet.write_text("# precious\n")

    refused = command("fleet", "import", sheet, "--output", fleet)
    kept = fleet.read_text()
    told = command("fleet", "import", sheet, "--output", fleet, "--force")

    assert (refused.code, kept) == (78, "# precious\n")
    assert "--force" in refused.err
    assert (told.code, told.out) == (0, "")
    assert 'name = "総務課"' in fleet.read_text(encoding="utf-8")


def test_a_sheet_that_is_none(tmp_path: Path) -> None:
    for octets in (b"", b"\x00\x01\x02" * 50, b"\r\n" * 3):
        sheet = tmp_path / "sheet.csv"
        sheet.write_bytes(octets)
        ended = command("fleet", "import", sheet)
        assert (ended.code, ended.out) == (78, ""), octets
        assert "sheet.csv" in ended.err
        assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("poll", "hal"), "設置場所 'hal' はありません。もしかして: 'hall'"),
        (("month", "2026-13"), "2026-11 のように書いてください"),
        (("decode", "nowhere.snmprec"), "does not exist"),
        (("month", "--format", "xml"), "'xml' は選べません。選べる値: 'table', 'csv', 'json'"),
        (("stauts",), "No such command 'stauts'"),
    ],
)
def test_wrong_usage_is_two_and_names_what_is_known(
    config: Path, args: tuple[str, ...], words: str
) -> None:
    options = ("--config", config) if args[0] in {"poll", "month"} else ()

    ended = command(*args, *options)

    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_a_file_that_is_no_recording() -> None:
    ended = command("decode", "--json", ROOT / "README.md")

    assert (ended.code, ended.out) == (2, "")
    assert "is no recording (.snmprec)" in ended.err
    assert ended.err.count("\n") <= 8


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
def test_a_recording_that_was_cut(tmp_path: Path, share: float) -> None:
    """Whatever is left of a recording, no figure is given that the whole one does not give."""
    whole = CAPTURES / "canon_ir-adv-c5840.snmprec"
    octets = whole.read_bytes()
    cut = tmp_path / "cut.snmprec"
    cut.write_bytes(octets[: int(len(octets) * share)])

    ended = command("decode", "--json", cut)

    assert ended.code in {1, 2}
    assert "Traceback" not in ended.err
    if ended.out:
        figures = command("decode", "--json", whole).json["meters"]
        assert ended.json["meters"].items() <= figures.items()
        assert ended.json["findings"]
    else:
        assert str(cut) in ended.err


def test_a_recording_cut_within_its_last_value_is_told(tmp_path: Path) -> None:
    whole = (CAPTURES / "canon_mf642c.snmprec").read_bytes()
    cut = tmp_path / "cut.snmprec"
    cut.write_bytes(whole[:-2])

    ended = command("decode", "--json", cut)

    assert ended.code in {0, 1}
    assert f"warning: {cut} does not end with a whole line" in ended.err
    assert ended.json["profile"] == "canon"


def test_before_the_first_start_there_is_no_ledger(config: Path) -> None:
    status = command("status", "--config", config)
    month = command("month", "--config", config)
    checked = command("check", "--config", config)

    for ended in (status, month):
        assert (ended.code, ended.out) == (70, "")
        assert "まだありません。収集プログラムを一度起動すると" in ended.err
    assert checked.code == 0
    assert "最初の起動時に作成します" in checked.out
    assert not config.with_name("ledger.sqlite3").exists()
