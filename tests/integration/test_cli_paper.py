"""Purchased paper in a Japanese office, by the real commands: entered, shown, taken back."""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

SIGNED = ("--by", "佐藤", "--why", "用紙購入の照合")
MONTHS = [f"{2025 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}" for n in range(12)]
"""The fiscal year 2025: before the collector, by an old sheet."""
FACTORS = """\
[[duplex]]
from = 2024-04-01
source = "実測 10 台の平均"
duplex_percent = 50
plus_minus = 10

[[large]]
from = 2024-04-01
source = "用紙購入実績"
large_percent = 10
plus_minus = 0
"""
LEDGER: list[list[object]] = [
    ["令和7年度 用紙購入台帳"],
    ["納品日", "課", "用紙サイズ", "購入数量", "入数", "仕入先", "備考"],
    *(
        [date(2025 + (n + 3) // 12, (n + 3) % 12 + 1, 7), None, "A4", "3箱", 2500, "中央文具", None]
        for n in range(12)
    ),
    ["R7.6.3", "市民課", "コピー用紙A3", 2, 1500, "北町事務機", "急ぎ"],
    ["合計", None, None, 38, None, None, None],
]
STOCK = "日付,課,サイズ,在庫枚数\n2025-03-31,,A4,2000\n2025-06-30,,A4,3200\n2026-03-31,,A4,2500\n"


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    """Return an office whose fiscal year 2025 is known by an old sheet of one place."""
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    config = folder / "collector.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[factors]\nfile = "factors.toml"\n')
    sheet = folder / "old.csv"
    rows = "".join(f"1f-madoguchi,{month},9000\n" for month in MONTHS)
    sheet.write_text(f"設置場所,年月,使用枚数\n{rows}", encoding="utf-8")
    taken = command("history", "import", sheet, "--apply", "--why", "前年", "--config", config)
    assert taken.code == 0, taken.err
    return config


def paper(config: Path, *more: object) -> Ended:
    return command("paper", "--config", config, *more, *SIGNED)


def shown(config: Path) -> dict[tuple[str, str], dict[str, Any]]:
    found = command("paper", "--year", "2025", "--json", "--config", config)
    assert found.code == 0, found.err
    return {(one["period"], one["department"]): one for one in json.loads(found.out)}


def workbook(folder: Path, rows: list[list[object]], name: str = "用紙購入R7.xlsx") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台帳"
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def kept(config: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command("entries", "--json", "--config", config).out)
    return [one for one in found if one["kind"] in {"PaperPurchase", "StockCount", "Withdrawal"}]


def test_a_year_is_entered_by_workbook_and_csv_and_adds_up(config: Path, tmp_path: Path) -> None:
    empty = command("paper", "--config", config)
    assert empty.code == 0
    assert "用紙の購入はまだ入力されていません" in empty.err
    taken = paper(config, "import", workbook(tmp_path, LEDGER))
    assert taken.code == 0, taken.err
    assert "合計の行" in taken.err
    assert len(kept(config)) == 13
    office, quarter = ("2025", "whole_office"), ("2025-Q1", "whole_office")
    before = shown(config)
    assert list(before) == [
        (period, of)
        for of in ("whole_office", "shimin")
        for period in ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2025")
    ]
    year = before[office]
    assert (year["bought"], year["a4_bought"]) == (12 * 7500 + 3000, 12 * 7500 + 6000)
    assert (year["stock_change"], year["stock_change_low"]) == (0, -7500 - 3000)
    assert year["stock_not_counted"] == ["2025-03-31", "2026-03-31"]
    sides = 12 * 9000
    assert (year["counted"], year["counted_quality"]) == (sides * 3 // 4, "estimated")
    assert (year["counted_low"], year["counted_high"]) == (sides * 7 // 10, sides * 8 // 10)
    assert year["unexplained"] == 93_000 - 81_000

    csv = tmp_path / "在庫.csv"
    csv.write_text(STOCK, encoding="cp932")
    counted = paper(config, "import", csv)
    assert counted.code == 0, counted.err
    after = shown(config)
    assert (after[office]["stock_change"], after[quarter]["stock_change"]) == (500, 1200)
    assert after[office]["stock_change_high"] == 500 + 3000, "A3 was not counted"
    for one in after.values():
        if one["unexplained"] is not None:
            spent = one["counted"] + one["excluded"] + one["unexplained"]
            assert one["bought"] - one["stock_change"] == spent
            assert one["unexplained_low"] <= one["unexplained"] <= one["unexplained_high"]
    names = {"a4_counted", "a4_unexplained_low", "finding", "months_not_counted"}
    text = command("paper", "--year", "2025", "--format", "csv", "--config", config).out
    assert names <= {*text.splitlines()[0].lstrip("\ufeff").split(",")}
    table = command("paper", "--year", "2025", "--config", config)
    assert "全庁 2025 年度 用紙購入の照合（枚）" in table.out
    assert "第1四半期" in table.out
    assert "購入 − 在庫増減 = 計数（除外後）+ 除外 + 不明" in table.err


def test_the_same_again_adds_nothing_and_a_correction_must_be_meant(
    config: Path, tmp_path: Path
) -> None:
    first = workbook(tmp_path, LEDGER)
    assert paper(config, "import", first).code == 0
    before = shown(config)
    again = paper(config, "import", first)
    assert (again.code, "すべて入力済みです" in again.err) == (0, True), again.err
    copied = shutil.copy(first, tmp_path / "写し.xlsx")
    assert "（13 件）はすべて入力済み" in paper(config, "import", copied).err
    assert (shown(config), len(kept(config))) == (before, 13)

    corrected = [*LEDGER[:-2], ["R7.6.3", "市民課", "A3", 3, 1500, "北町事務機", ""]]
    workbook(tmp_path, corrected)
    refused = paper(config, "import", first)
    assert refused.code == 78
    assert "表になくなりました" in refused.err
    assert "--replace" in refused.err
    assert (shown(config), len(kept(config))) == (before, 13)
    replaced = paper(config, "import", first, "--replace")
    assert replaced.code == 0, replaced.err
    assert shown(config)["2025", "shimin"]["bought"] == 4500
    workbook(tmp_path, LEDGER)
    assert paper(config, "import", first, "--replace").code == 0
    assert shown(config) == before


def test_one_line_by_command_is_told_apart_and_taken_back(config: Path, tmp_path: Path) -> None:
    assert paper(config, "import", workbook(tmp_path, LEDGER)).code == 0
    before = shown(config)
    line = ("add", "--day", "2025-06-09", "--size", "Ａ４判", "-d", "市民課")
    packs = ("--packs", "4", "--each", "500", "--supplier", "中央文具")
    tried = paper(config, *line, *packs, "--dry-run")
    assert (tried.code, shown(config)) == (0, before), tried.err
    added = json.loads(paper(config, *line, *packs, "--json").out)
    assert [(one["sheets"], one["department"], one["size"]) for one in added] == [
        (2000, "shimin", "A4")
    ]
    twice = paper(config, *line, *packs)
    assert (twice.code, "すでに入力されています" in twice.err) == (1, True)
    assert paper(config, *line, *packs, "--slip", "18").code == 0
    assert shown(config)["2025-Q1", "shimin"]["bought"] == 3000 + 4000
    for one in kept(config)[-2:]:
        back = command("entries", "--config", config, "withdraw", one["id"], *SIGNED)
        assert back.code == 0, back.err
        assert "shimin" in back.err
    assert shown(config) == before
    listed = command("entries", "--config", config).out
    assert "A4 を 2,000 枚購入" in re.sub(r"\s+", " ", listed)

    english = paper(config, *line[:-1], "residents", *packs, "--dry-run", "--json")
    assert [one["department"] for one in json.loads(english.out)] == ["shimin"]
    count = ("stock", "--day", "2025-06-30", "--size", "A4")
    assert paper(config, *count, "--sheets", "900").code == 0
    anew = json.loads(paper(config, *count, "--sheets", "950", "--json").out)
    assert [one["state"] for one in anew] == ["changed"]
    between = paper(config, "stock", "--day", "2025-05-14", "--size", "A4", "--sheets", "1")
    assert "照合には使いません" in between.err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--size", "A2", "--sheets", "5"), "A2 は分からない用紙サイズです"),
        (("--size", "A4", "--packs", "5"), "1 つの枚数（--each）"),
        (("--size", "A4"), "枚数（--sheets）か"),
        (("--size", "A4", "--sheets", "5", "-d", "市民科"), "市民課"),
        (("--size", "A4", "--sheets", "5", "--day", "2199-01-01"), "まだ来ていません"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(
    config: Path, more: tuple[str, ...], told: str
) -> None:
    refused = paper(config, "add", "--day", "2025-06-09", *more)
    assert (refused.code, told in refused.err) == (2, True), refused.err
    assert kept(config) == []


def test_a_bad_list_is_refused_whole_with_lines_and_cells(config: Path, tmp_path: Path) -> None:
    rows = [*LEDGER[:3], ["R7.5.1", "", "A2", 3, 2500], ["R7.5.1", "市民科", "A4", 3, 2500]]
    rows += [["R7.5.32", "", "A4", 3, 2500], ["R7.5.1", "", "A4", 3, None]]
    refused = paper(config, "import", workbook(tmp_path, rows, "誤り.xlsx"))
    assert refused.code == 78
    for told in (
        "誤り.xlsx: 台帳!C4: 'A2' は分からない用紙サイズです。A3、A4、A5、B4、B5 のどれか",
        "台帳!B5: '市民科' という部署は機器台帳にありません。市民課 のことですか",
        "台帳!A6: 'R7.5.32' は日付ではありません",
        "台帳!D7: 1 つが何枚か分かりません",
    ):
        assert told in refused.err, refused.err
    csv = tmp_path / "誤り.csv"
    csv.write_text("日付,サイズ,枚数\n2025-05-01,A4,500\n2098-05-01,A4,500\n2025-05-01,葉書,500\n")
    refused = paper(config, "import", csv)
    assert refused.code == 78
    assert "誤り.csv: 3 行目: 2098-05-01 はまだ来ていません" in refused.err
    assert "誤り.csv: 4 行目、B 列: '葉書' は分からない用紙サイズです" in refused.err
    csv.write_text("設置場所,枚数\n1f-madoguchi,500\n")
    assert "見出しが並ぶ行がありません" in paper(config, "import", csv).err
    assert kept(config) == []


def test_what_is_odd_stands_below_the_table_and_is_explained(config: Path) -> None:
    lines = (("2025-04-07", "60000"), ("2025-05-07", "60000"), ("2025-06-09", "60000"))
    for day, sheets in lines:
        assert paper(config, "add", "--day", day, "--size", "A4", "--sheets", sheets).code == 0
    for day in ("2025-03-31", "2025-06-30"):
        assert paper(config, "stock", "--day", day, "--size", "A4", "--sheets", "0").code == 0
    assert shown(config)["2025-Q1", "whole_office"]["finding"] == "large"
    told = command("paper", "--config", config)
    assert "全庁 2025-Q1: 使った用紙のうち" in told.err
    assert "数えていない印刷機がないか" in told.err
    settings = config.read_text(encoding="utf-8")
    config.write_text(f"{settings}\n[paper]\nunexplained_pct = 95\n", encoding="utf-8")
    assert shown(config)["2025-Q1", "whole_office"]["finding"] is None
    explained = command("explain", "paper_unexplained", "--config", config)
    assert "用紙購入と枚数の不一致" in explained.out
    assert "copier-fleet paper add" in explained.out
    assert "printers that nobody" not in explained.out
    english = command("explain", "paper_unexplained", "--lang", "en", "--config", config)
    assert "Printers" in english.out
