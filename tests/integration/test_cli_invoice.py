"""A dealer's invoice by the real command: an exchanged machine, test copies, and what differs."""

import asyncio
import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.identity import DeviceIdentity
from tests.servers.chromium import browser_tab
from tests.servers.paper import A4_LANDSCAPE, converted, paper_of
from tests.stories.months_gone import GROUND
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.unit.app.closing_office import Copier
from tests.unit.app.office import CANON, KYOCERA, RICOH

pytestmark = pytest.mark.integration

CONTRACT = """
[[contract]]
id = "standard"

[[contract.price]]
from = 2025-04-01
source = "保守契約書 令和7年4月1日"
mono = 2.5
color = 15
"""
SHEET = """\
カウンター確認表,,,,,,,,,,,令和８年１０月分
機種,機械番号,設置場所,区分,前回カウンター,今回カウンター,使用枚数,テストコピー/不良控除,単価,金額,前回検針日,検針日
IM C3000,3081R900123,2階 1f,モノクロ,"９，９３０","１０，０９８",168,,2.5,420,2026/9/30,R8.10.15
,,,フルカラー,3310,3366,56,,15,840,,
TASKalfa 4054ci,RVP1234567,2階 1f,モノクロ,3750,"3,900",150,20,2.5,325,R8.10.16,令和8年10月30日
,,,フルカラー,"1,250",1300,50,10,15,600,,
iR-ADV C5840,2XK 04711,2階 2f,モノクロ,37770,38265,495,0,2.5,"1,237",9/30,10/30
,,,フルカラー,12590,12755,165,0,15,"2,475",,
小計,,,,,,,,,"￥5,897",,
消費税(10%),,,,,,,,,589,,
合計,,,,,,,,,"6,486円",,
"""

PAPER_PX = 1031
"""What A4 landscape holds between margins of 12 mm, in pixels of CSS."""

AGREED = (
    SHEET.replace("１０，０９８", "１０，０９５")
    .replace(",168,,2.5,420,", ",165,,2.5,412,")
    .replace("3310,3366,56,,15,840", "3310,3365,55,,15,825")
    .replace("￥5,897", "￥5,874")
    .replace(",589,", ",587,")
    .replace("6,486円", "6,461円")
)
"""The same where the old machine was read by the dealer before it printed anything more."""


async def _fill(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    try:
        await _stood(ledger, "1f", RICOH, 13_000, (date(2026, 9, 15), date(2026, 10, 15)), 20)
        await _stood(ledger, "1f", KYOCERA, 5_000, (date(2026, 10, 16), date(2026, 11, 6)), 20)
        await _stood(ledger, "2f", CANON, 50_000, (date(2026, 9, 15), date(2026, 11, 6)), 30)
    finally:
        await ledger.close()


async def _stood(
    ledger: SqliteLedger,
    place: str,
    machine: DeviceIdentity,
    total: int,
    days: tuple[date, date],
    pages: int,
) -> None:
    await Copier(ledger, place, machine, total, GROUND).works(*days, pages)


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    """An office with two places; at 1f the machine was exchanged on 16 October."""
    more = '\n[factors]\nfile = "factors.toml"\n'
    config = write_office(tmp_path / "office", [Spot("1f", 9), Spot("2f", 10)], more)
    config.with_name("factors.toml").write_text(CONTRACT, encoding="utf-8")
    await _fill(config.with_name("ledger.sqlite3"))
    return config


def checking(config: Path, sheet: Path | str, *more: str | Path) -> Ended:
    if isinstance(sheet, str):
        text, sheet = sheet, config.with_name("請求.csv")
        sheet.write_text(text, encoding="cp932")
    return command("invoice", "check", sheet, "--month", "2026-10", *more, "--config", config)


def lines(ended: Ended) -> dict[tuple[int, str], dict[str, Any]]:
    return {(one["line"], one["class"]): one for one in json.loads(ended.out)["lines"]}


def test_the_dealers_sheet_is_held_against_our_readings(config: Path) -> None:
    checked = checking(config, AGREED, "--json")
    assert checked.code == 0, checked.err
    found = lines(checked)
    assert {one["verdict"] for one in found.values()} == {"agrees"}
    old, new = found[3, "モノクロ"], found[5, "モノクロ"]
    assert (old["serial"], old["place"], old["closing_low"]) == ("3081R900123", "1f", 10_080)
    assert (new["serial"], new["place"], new["opening_high"]) == ("RVP1234567", "1f", 3750)
    assert (new["closing_low"], new["closing_high"]) == (3900, 3915)
    shown = checking(config, AGREED)
    assert "すべての行が庁側の検針値と契約単価に一致しました" in shown.err
    assert shown.code == 0


def test_what_was_printed_as_a_machine_left_cannot_be_told(config: Path) -> None:
    checked = checking(config, SHEET, "--json")
    assert checked.code == 1
    found = lines(checked)
    assert found[3, "モノクロ"]["verdict"] == found[4, "フルカラー"]["verdict"] == "unknown"
    assert found[3, "モノクロ"]["sheets"] is None, "not known, and so never 0"
    assert "2026-10-16 00:03 には別の機器に替わっていた" in found[3, "モノクロ"]["told"]
    assert {one["verdict"] for key, one in found.items() if key[0] > 4} == {"agrees"}


@pytest.mark.parametrize(
    ("was", "now", "line", "sheets", "yen", "reason"),
    [
        ('"3,900",150', '"3,990",240', 5, 75, 0, "closing_outside"),
        ('"９，９３０","', '"９，９００","', 3, 0, 0, "opening_outside"),
        ("165,0,15", "170,0,15", 8, 5, 0, "used_wrong"),
        (",2.5,325,", ",2.8,364,", 5, 0, 39, "price_wrong"),
        ('"1,237"', '"1,273"', 7, 0, 36, "amount_wrong"),
        ("600,,", "650,,", 6, 0, 50, "amount_wrong"),
        ("￥5,874", "￥5,974", 9, None, 100, "subtotal_wrong"),
        (",587,", ",687,", 10, None, 100, "tax_wrong"),
        ("6,461円", "6,561円", 11, None, 100, "total_wrong"),
    ],
)
def test_a_changed_cell_is_found_on_its_line(
    config: Path, was: str, now: str, line: int, sheets: int | None, yen: int, reason: str
) -> None:
    assert AGREED.count(was) == 1
    checked = checking(config, AGREED.replace(was, now), "--json")
    assert checked.code == 1
    differing = [one for one in lines(checked).values() if one["verdict"] == "differs"]
    first = differing[0]
    assert (first["line"], first["sheets"], first["yen"]) == (line, sheets, yen), first["told"]
    assert f"invoice.{reason}" in first["reasons"]
    assert {one["kind"] for one in differing[1:]} <= {"subtotal"}


def test_test_prints_that_the_ledger_knows_must_be_deducted(config: Path) -> None:
    entered = command(
        *("exclude", "-c", config, "add", "-p", "1f", "--from", "2026-10-19", "--to", "2026-10-20"),
        *("--pages", "40", "--ground", "保守点検テスト印刷", "--source", "保守票 12号"),
        *("--why", "定期点検", "--by", "佐藤"),
    )
    assert entered.code == 0, entered.err
    checked = checking(config, AGREED, "--json")
    found = lines(checked)
    deducted = found[6, "テストコピー控除"]
    assert (checked.code, deducted["verdict"], deducted["sheets"]) == (1, "differs", 10)
    assert "30" in deducted["told"]
    assert "40" in deducted["told"]
    more = AGREED.replace("150,20,2.5,325", "150,30,2.5,300").replace("￥5,874", "￥5,849")
    more = more.replace(",587,", ",584,").replace("6,461円", "6,433円")
    assert checking(config, more).code == 0


def test_another_machine_or_month_is_refused_with_its_line(config: Path) -> None:
    wrong = AGREED.replace("RVP1234567", "RVP1234569").replace("10/30", "8/30")
    refused = checking(config, wrong.replace(",3365,", ",,"), "--out", config.parent / "x.html")
    assert refused.code == 78
    assert "請求.csv: 4 行目、F 列: 今回カウンターがありません" in refused.err
    refused = checking(config, wrong, "--out", config.parent / "x.html")
    assert refused.code == 78
    for told in (
        "請求.csv: 5 行目: 機械番号 RVP1234569 の機器は",
        "RVP1234567 のことですか",
        "請求.csv: 7 行目: 検針日 2026-08-30 は 2026-10 の請求の日付ではありません",
    ):
        assert told in refused.err
    assert refused.out == ""
    assert not (config.parent / "x.html").exists(), "nothing half done"


def test_a_day_that_nobody_read_is_refused_and_can_be_checked_once_it_is_entered(
    config: Path,
) -> None:
    head = "機械番号,区分,前回,今回,検針日\n"
    sheet = config.with_name("請求.csv")
    rows = f"{CANON.serial},合計,,{{}},2026-07-31\n"
    sheet.write_text(head + rows.format(49_000), encoding="utf-8")
    asked = ("invoice", "check", sheet, "--config", config, "--month", "2026-07")
    refused = command(*asked)
    assert (refused.code, refused.out) == (78, "")
    assert "2 行目: 2XK04711 は 2026-07-31 の前後 40 日に検針がない" in refused.err
    (hint,) = re.findall(r"copier-fleet (read 2f \S+ --at \S+)", refused.err)
    words = hint.replace("123456", "49000").split()
    entered = command(*words, "--config", config, "--why", "検針票", "--by", "佐藤")
    assert entered.code == 0, entered.err
    checked = command(*asked, "--json")
    assert {one["verdict"] for one in checked.json["lines"]} == {"agrees"}, checked.err
    sheet.write_text(head + rows.format(52_500), encoding="utf-8")
    wrong = command(*asked, "--json").json["lines"]
    assert [one["verdict"] for one in wrong] == ["differs"]


def test_a_dealers_own_words_are_told_or_mapped(config: Path) -> None:
    other = AGREED.replace("RVP1234567,2階 1f,モノクロ", "RVP1234567,2階 1f,スミ")
    refused = checking(config, other)
    assert refused.code == 78
    assert "区分 'スミ' がどのカウンターか分かりません" in refused.err
    assert "フルカラー" in refused.err
    assert checking(config, other, "--class", "スミ=total_mono").code == 0
    wrong = checking(config, other, "--class", "スミ=toner")
    assert wrong.code == 2
    assert "total_mono" in wrong.err
    two = AGREED.replace("RVP1234567,2階 1f,モノクロ", "RVP1234567,2階 1f,2色")
    assert lines(checking(config, two, "--json"))[5, "2色"]["verdict"] == "unknown"


def test_a_machine_that_the_dealer_left_out_is_told_with_what_was_counted(config: Path) -> None:
    canon = [line for line in AGREED.splitlines() if line.startswith("iR-ADV")]
    (first,) = (number for number, one in enumerate(AGREED.splitlines()) if one in canon)
    rows = [one for n, one in enumerate(AGREED.splitlines()) if n not in {first, first + 1}]
    left_out = "\n".join(one for one in rows if not one.startswith(("小計", "消費税", "合計")))
    checked = json.loads(checking(config, left_out, "--json").out)
    assert checked["result"] == "agrees", "it charges nothing too much"
    (one,) = checked["uncharged"]
    assert (one["serial"], one["model"], one["place"]) == ("2XK04711", "iR-ADV C5840", "2f")
    days = [day for day in range(1, 32) if GROUND.office.works_on(date(2026, 10, day))]
    assert one["pages"] == 30 * len(days)
    assert one["last_read"] == "2026-10-31"
    page, book = config.with_name("form.html"), config.with_name("form.xlsx")
    shown = checking(config, left_out, "-o", page, "-o", book)
    assert "請求にない機器が 1 台あります。" in shown.err
    (sheet,) = load_workbook(book).worksheets
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert "2XK04711　iR-ADV C5840　2階 2f　庁側の面数 660" in cells
    for text in (shown.out, page.read_text("utf-8"), "\n".join(cells)):
        assert "請求にない機器" in text
        assert "2XK04711" in text
    assert json.loads(checking(config, AGREED, "--json").out)["uncharged"] == []
    other = CONTRACT.replace('id = "standard"', 'id = "standard"\nplaces = ["1f"]')
    config.with_name("factors.toml").write_text(other, encoding="utf-8")
    told = json.loads(checking(config, left_out, "--json").out)["uncharged"]
    assert told == [], "another dealer's, or nobody's: not of these contracts"


def test_a_workbook_says_the_same_and_needs_no_contract(config: Path) -> None:
    book = Workbook()
    for row in csv.reader(io.StringIO(AGREED)):
        book.worksheets[0].append([int(one) if one.isdecimal() else one or None for one in row])
    path = config.with_name("請求.xlsx")
    book.save(path)
    assert checking(config, path, "--json").out == checking(config, AGREED, "--json").out
    config.with_name("factors.toml").write_text("", encoding="utf-8")
    without = lines(checking(config, path, "--json"))
    assert without[5, "モノクロ"]["verdict"] == "unknown"
    assert "契約単価がありません" in without[5, "モノクロ"]["told"]


def test_the_inspectors_form_prints_on_a4(config: Path, tmp_path: Path) -> None:
    page, book = tmp_path / "検収書.html", tmp_path / "検収書.xlsx"
    wrong = AGREED.replace(",587,", ",687,")
    assert checking(config, wrong, "-o", page, "-o", book).code == 1
    text = page.read_text("utf-8")
    for said in (
        "検収書",
        "令和8年10月",
        "RVP1234567",
        "3,900～3,915",
        "検収者",
        "請求元と確かめた",
    ):
        assert said in text
    sheet = load_workbook(book).worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {3900, 3750, "RVP1234567", "3,900～3,915", "相違"} <= set(cells)
    (pdf,) = converted(book, "pdf", tmp_path)
    paper = paper_of(pdf)
    assert set(paper.pages) == {A4_LANDSCAPE}
    again = checking(config, wrong, "-o", page)
    assert again.code == 78, "a file that exists is not overwritten"
    assert checking(config, wrong, "-o", page, "--force").code == 1
    assert checking(config, wrong, "-o", tmp_path / "x.pdf").code == 2


async def test_the_form_is_quiet_and_whole_in_a_browser(config: Path, tmp_path: Path) -> None:
    """Whatever a dealer writes into a cell is a text, on the page and in the workbook."""
    page, book = tmp_path / "form.html", tmp_path / "form.xlsx"
    evil = "<img src=x onerror=alert(1)>"
    sheet = AGREED.replace("IM C3000", evil).replace("TASKalfa 4054ci", "=1+1")
    ended = checking(config, sheet, "-o", page, "-o", book)
    assert ended.code == 0, ended.err
    async with browser_tab(tmp_path) as tab:
        await tab.open(page)
        told = await tab.value("document.body.innerText")
        wide = await tab.value("document.documentElement.scrollWidth <= window.innerWidth")
        pdf = await tab.pdf()
        await tab.send("Emulation.setEmulatedMedia", media="print")
        await tab.width(PAPER_PX)
        box = "document.querySelector('{}').getBoundingClientRect().right"
        edges = [await tab.value(box.format(one)) for one in ("#lines table, table#lines", "main")]
        assert edges[0] < edges[1], "its border is within what is printed"
    assert tab.requests == [page.as_uri()]
    assert tab.complaints == []
    assert evil in told
    assert wide
    (tmp_path / "form.pdf").write_bytes(pdf)
    paper = await asyncio.to_thread(paper_of, tmp_path / "form.pdf")
    assert set(paper.pages) == {A4_LANDSCAPE}
    for said in ("3,900～3,915", "テストコピー控除", "検収者", "6,461", "一致"):
        assert said in paper.text, said
    cells = [cell for row in load_workbook(book).worksheets[0].iter_rows() for cell in row]
    assert [one.data_type for one in cells if one.value == "=1+1"] == ["s", "s", "s"]
