"""Sheets (枚), targets in sheets and headcounts in a Japanese office, by the real commands."""

import json
import shutil
from pathlib import Path

import pytest

from tests.stories.program import command

pytestmark = pytest.mark.integration

FACTORS = """\
[[duplex]]
from = 2026-04-01
source = "総務課の実測 令和8年5月"
duplex_percent = 40
plus_minus = 10

[[large]]
from = 2026-04-01
source = "用紙購入実績 令和7年度"
large_percent = 5

[[paper]]
from = 2026-04-01
source = "用紙単価契約 令和8年度"
yen_per_sheet = 0.5
"""


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    """The demo town with a stated duplex share, a target in sheets and people."""
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    toml = folder / "collector.toml"
    text = toml.read_text(encoding="utf-8") + '\n[factors]\nfile = "factors.toml"\n'
    toml.write_text(text, encoding="utf-8")
    fleet = folder / "fleet.toml"
    text = fleet.read_text(encoding="utf-8")
    text = text.replace("[targets.soumu]", '[targets.soumu]\nunit = "sheets"')
    for name, people in (("soumu", 30), ("zeimu", 25)):
        entry = f'id = "{name}"\n'
        text = text.replace(entry, f"{entry}staff = [{{ people = {people} }}]\n", 1)
    fleet.write_text(text, encoding="utf-8")
    return toml


def test_a_closed_month_tells_sheets_with_source_range_and_heads(config: Path) -> None:
    found = command("month", "2026-09", "--config", config)
    assert found.code == 0, found.err
    assert "枚数" in found.out
    assert "面/人" in found.out
    assert "枚数の根拠: 定めた両面率 12 台（推定。出典: 総務課の実測 令和8年5月）" in found.err
    months = json.loads(command("month", "2026-09", "--json", "--config", config).out)
    soumu = next(one for one in months if one["department"] == "soumu")
    sides, used = soumu["pages"], soumu["sheets_used"]
    assert f"約{used:,} ±" in found.out
    assert soumu["sheets_low"] <= used <= soumu["sheets_high"]
    assert abs(used - sides * 0.8) < 5
    assert abs(soumu["a4_sheets"] - used * 1.05) < 5
    assert abs(soumu["paper_yen"] - used * 0.5) <= 0.5
    assert (soumu["people"], soumu["sheets_per_head"]) == (30, round(used / 30, 1))
    assert (soumu["target"], soumu["target_unit"]) == (14000, "impressions"), "as it was sealed"
    office = json.loads(command("month", "2026-09", "--office", "--json", "--config", config).out)
    assert office[0]["sheets_used"] == sum(one["sheets_used"] for one in months)
    assert office[0]["people"] is None, "not all departments state theirs"


def test_an_open_month_is_held_against_a_target_in_sheets(config: Path) -> None:
    found = command("month", "2026-10", "-d", "soumu", "--json", "--config", config)
    (soumu,) = json.loads(found.out)
    assert (soumu["target"], soumu["target_unit"]) == (14000, "sheets")
    assert soumu["target_used"] == soumu["sheets_used"] < soumu["pages"]
    assert soumu["ratio"] == round(soumu["sheets_used"] / 14000, 4)
    assert soumu["target_basis"] == "定めた値（枚数の目標）"
    shown = command("month", "2026-10", "-d", "soumu", "--config", config)
    assert "14,000枚" in shown.out
    verified = command("statement", "verify", "--config", config)
    assert verified.code == 0, (
        "statements of before know of no sheets, and stand as they were sealed"
    )


def test_what_is_wrong_is_refused_with_its_line_and_nothing_changes(config: Path) -> None:
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(text.replace("people = 30", "people = 0"), encoding="utf-8")
    found = command("month", "2026-09", "--config", config)
    line = 1 + text[: text.index("people = 30")].count("\n")
    assert found.code == 78
    assert f"fleet.toml:{line}" in found.err
    assert "0 は職員数ではありません" in found.err
    fleet.write_text(text.replace('unit = "sheets"', 'unit = "束"'), encoding="utf-8")
    found = command("check", "--config", config)
    assert found.code == 78
    assert "目標の単位・対象ではありません" in found.err + found.out


def test_a_list_of_headcounts_is_shown_then_written_then_counts(
    config: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "職員数.csv"
    sheet.write_text("課名,職員数,備考\n総務課,３１人,\nzeimu,25,\n合計,56,\n", encoding="cp932")
    fleet = config.with_name("fleet.toml")
    before = fleet.read_bytes()
    given = ("fleet", "headcount", sheet, "--from", "R8.4.1", "--config", config)
    shown = command(*given)
    assert (shown.code, fleet.read_bytes()) == (1, before)
    assert "soumu" in shown.out
    assert "zeimu" not in shown.out, "it says so already"
    assert "合計" in shown.err
    written = command(*given, "--apply")
    assert written.code == 0, written.err
    (kept,) = config.parent.glob("fleet.toml.*")
    assert kept.read_bytes() == before
    was = "staff = [{ people = 30 }]"
    now = "staff = [{ people = 30 }, {from = 2026-04-01, people = 31}]"
    assert fleet.read_text("utf-8") == before.decode().replace(was, now)
    assert command(*given).code == 0, "nothing is left to write"
    months = json.loads(command("month", "2026-09", "--json", "--config", config).out)
    assert next(one["people"] for one in months if one["department"] == "soumu") == 31


def test_a_department_that_is_mistyped_is_asked_about(config: Path) -> None:
    told = command("month", "2026-10", "-d", "総務科", "--config", config)
    assert told.code == 2
    assert "もしかして: '総務課'" in told.err
