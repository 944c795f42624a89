"""Excluded pages in a Japanese office, by the real commands: beside the total, never out of it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

SIGNED = ("--by", "佐藤", "--why", "知事選の投票所入場券")
GROUND = ("--ground", "選挙", "--source", "選管印刷記録3号")
SHEET = """\
設置場所ID,部署ID,年月,開始日,終了日,面数,理由,出典,備考
1f-madoguchi,,2026-10,,,100,市民有料コピー,領収書 10月分,
,zeimu,,2026-10-01,2026-10-03,20,法定通知,納税通知 R8-10,督促状
"""


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    return folder / "collector.toml"


def excluding(config: Path, verb: str, *more: object) -> Ended:
    return command("exclude", "--config", config, verb, *more, *SIGNED)


def month(config: Path, name: str = "2026-10") -> dict[str, dict[str, Any]]:
    found = command("month", name, "--json", "--config", config)
    assert found.code == 0, found.err
    return {one["department"]: one for one in json.loads(found.out)}


def test_both_totals_are_shown_and_the_target_says_which_it_counts(config: Path) -> None:
    before = month(config)["shimin"]
    assert (before["excluded"], before["pages_without"]) == (0, before["pages"])
    added = excluding(config, "add", "-d", "shimin", "--month", "2026-10", "--pages", 500, *GROUND)
    assert added.code == 0, added.err
    after = month(config)["shimin"]
    assert (after["pages"], after["excluded"]) == (before["pages"], 500)
    assert after["pages_without"] == after["target_used"] == before["pages"] - 500
    assert after["remaining"] == before["remaining"] + 500
    assert after["target_counts"] == "without"
    shown = command("month", "2026-10", "--config", config)
    assert "除外後" in shown.out
    assert "市民課: 除外 500 面。目標は除外後の" in shown.err
    csv = command("month", "2026-10", "--format", "csv", "--config", config).out
    assert {"excluded", "pages_without"} <= set(csv.splitlines()[0].lstrip("\ufeff").split(","))
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text(encoding="utf-8")
    text = text.replace("[targets.shimin]", "[targets.shimin]\nwith_excluded = true", 1)
    fleet.write_text(text, encoding="utf-8")
    gross = month(config)["shimin"]
    assert (gross["target_used"], gross["target_counts"]) == (before["pages"], "all")


def test_more_than_was_counted_is_refused_and_nothing_is_written(config: Path) -> None:
    counted = month(config)["shimin"]["pages"]
    asked = ("add", "-d", "shimin", "--month", "2026-10", "--pages", counted + 1, *GROUND)
    refused = excluding(config, *asked)
    assert refused.code == 1
    assert f"ほかで除外していないのは {counted:,} 面です" in refused.err
    assert json.loads(command("exclude", "--json", "--config", config).out) == []
    tried = excluding(config, *asked[:6], counted, *GROUND, "--dry-run")
    assert tried.code == 0, tried.err
    assert json.loads(command("exclude", "--json", "--config", config).out) == []


def test_a_place_is_called_as_in_every_other_command(config: Path) -> None:
    """By id, name in any width, or address; one mistyped is asked about, and nothing is written."""
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text("utf-8").replace(
        '"127.0.0.1"\nport = 16104', '"192.0.2.44"\nport = 16104'
    )
    fleet.write_text(text, encoding="utf-8")
    said = ("--month", "2026-09", "--pages", 5, *GROUND, "--dry-run", "--json")
    for name in ("1f-hoken", "1F-HOKEN", "１階 保健センター", "192.0.2.44"):
        (one,) = json.loads(excluding(config, "add", "--place", name, *said).out)
        assert one["place"] == "1f-hoken", name
    (one,) = json.loads(excluding(config, "add", "-d", "residents", *said).out)
    assert one["department"] == "shimin", "the English name"
    for option, name, near in (("--place", "1f-hokne", "1f-hoken"), ("-d", "市民か", "市民課")):
        refused = excluding(config, "add", option, name, *said)
        assert (refused.code, near in refused.err) == (2, True), refused.err
    assert json.loads(command("exclude", "--config", config, "--json").out) == []


def test_a_list_comes_in_whole_or_not_at_all(config: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "除外.csv"
    wrong = SHEET + "1f-madoguchi,,2026-10,,,9999999,選挙,選管,\n9f,,soon,,,0,雑用,,\n"
    sheet.write_text(wrong, encoding="cp932")
    refused = excluding(config, "import", sheet)
    assert refused.code == 78
    for told in (
        "設置場所ID 列: 9f はありません",
        "面数 列: 0 は除外する面数では",
        "出典 列: 空です",
    ):
        assert f"除外.csv: 5 行目、{told}" in refused.err
    assert json.loads(command("exclude", "--json", "--config", config).out) == []
    large = SHEET + "1f-madoguchi,,2026-10,,,9999999,選挙,選管,\n"
    sheet.write_text(large, encoding="cp932")
    refused = excluding(config, "import", sheet)
    assert (refused.code, "除外.csv: 4 行目" in refused.err) == (78, True), refused.err
    sheet.write_text(SHEET, encoding="cp932")
    taken = excluding(config, "import", sheet)
    assert taken.code == 0, taken.err
    listed = json.loads(command("exclude", "--json", "--config", config).out)
    assert {(one["place"], one["department"], one["pages"]) for one in listed} == {
        ("1f-madoguchi", None, 100),
        (None, "zeimu", 20),
    }
    assert {one["why"] for one in listed} == {SIGNED[-1], f"{SIGNED[-1]}: 督促状"}
    again = excluding(config, "import", sheet)
    assert again.code == 78
    assert "すでに除外しています" in again.err


def test_a_sealed_month_takes_it_as_an_adjustment_and_gives_it_back(config: Path) -> None:
    sealed = month(config, "2026-09")["shimin"]
    added = excluding(config, "add", "-d", "shimin", "--month", "2026-09", "--pages", 300, *GROUND)
    assert "2026-09" in added.err
    assert month(config, "2026-09")["shimin"] == sealed
    assert command("statement", "verify", "--config", config).code == 1
    _close(config)
    after = month(config, "2026-09")["shimin"]
    assert (after["pages"], after["excluded"], after["revision"]) == (sealed["pages"], 300, 2)
    statement = json.loads(
        command("statement", "show", "2026-09", "--json", "--config", config).out
    )
    assert (statement["excluded"], statement["total_without"]) == (300, statement["total"] - 300)
    shown = command("statement", "show", "2026-09", "--config", config)
    assert "除外" in shown.out
    (one,) = json.loads(command("exclude", "--json", "--config", config).out)
    assert excluding(config, "withdraw", one["id"]).code == 0
    _close(config)
    assert month(config, "2026-09")["shimin"]["excluded"] == 0
    assert command("statement", "verify", "--config", config).code == 0
    kinds = [e["kind"] for e in json.loads(command("entries", "--json", "--config", config).out)]
    assert kinds[-2:] == ["Exclusion", "Withdrawal"]


def _close(config: Path) -> None:
    plan = command("close", "2026-09", "--json", "--config", config)
    assert plan.code in {0, 1}, plan.err
    found = re.search(r'"checksum": "([0-9a-f]{12})"', plan.out)
    assert found is not None, plan.out
    applied = command("close", "2026-09", "--apply", found[1], "--by", "佐藤", "--config", config)
    assert applied.code == 0, applied.err
