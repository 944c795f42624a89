"""Eighteen months of a town hall by the real commands, held against what is true of it."""

import asyncio
import csv
import html
import io
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from collector.cli import output
from tests.integration.test_japanese_everywhere import sentences
from tests.servers.chromium import browser_tab
from tests.servers.paper import A4_LANDSCAPE, A4_PORTRAIT, converted, paper_of
from tests.stories.program import Ended, command
from tests.stories.town_hall import (
    CITIZENS,
    ELECTION,
    ERROR,
    INVOICED,
    LAST,
    MEASURE,
    PLACES,
    PRICES,
    TREE,
    UNCOUNTED,
    YEARS,
    TownHall,
    close_before,
    fill,
    line,
    people_of,
    quarter,
)

pytestmark = pytest.mark.integration

WHO = ("--by", "鈴木", "--why", "照合")
EVERYBODY = "whole_office"
WITHIN = 0.05
"""Sheets of a quarter are told to that share of what they truly were."""
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """The town, and its configuration once all eighteen months are closed."""

    hall: TownHall
    config: Path

    def __call__(self, *args: object, code: int = 0) -> Ended:
        """Run a command of this office; whatever it says to people is no English."""
        words = [str(one) for one in args]
        ended = command(*words, env={"CONFIGURATION_DIRECTORY": str(self.config.parent)})
        assert ended.code == code, ended.err
        assert sentences(ended.err) == []
        if "--json" not in words:
            assert sentences(ended.out) == []
        return ended

    def lines(self, *args: object, code: int = 0) -> list[Line]:
        """Return the rows that a command prints for programs."""
        found: list[Line] = self(*args, "--json", code=code).json
        return found

    def file(self, name: str) -> Path:
        """Return a list that people keep."""
        return self.config.with_name(name)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Live eighteen months once: counted, entered and closed; nothing in it may be changed."""
    hall = TownHall.lived()
    story = Story(hall, hall.write(tmp_path_factory.mktemp("town") / "office"))
    story("fleet", "headcount", story.file("職員数.csv"), "--from", "R7.4.1", "--apply")
    asyncio.run(fill(hall, story.config))
    for one in story.lines("findings", "--open", "--days", "4000", code=1):
        assert one["subject"] == ELECTION[0], "nothing else is odd about this town"
        story("findings", "resolve", one["id"], "--as", "ignore", *WHO)
    place, first, last, pages = ELECTION
    why = ("--ground", "選挙", "--source", "選管印刷記録3号", *WHO)
    story("exclude", "add", "-p", place, "--from", first, "--to", last, "--pages", pages, *why)
    story("exclude", "import", story.file("除外.csv"), *WHO)
    story("paper", "import", story.file("用紙購入.csv"), *WHO)
    asyncio.run(close_before(INVOICED, story.config))
    plan = story("close", INVOICED, "--json").json["checksum"]
    story("close", INVOICED, "--apply", plan, "--by", "鈴木")
    return story


def excluded_of(department: str, months: Iterable[str]) -> int:
    """Return how many pages of a department with its parts were declared, in these months."""
    declared = (
        (PLACES[ELECTION[0]], f"{ELECTION[1]:%Y-%m}", ELECTION[3]),
        CITIZENS,
    )
    whole = TownHall.is_of
    return sum(n for owner, month, n in declared if month in months and whole(owner, department))


@pytest.fixture(scope="module")
def published(town: Story, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Return the open data of all eighteen months: each page in one row."""
    folder = tmp_path_factory.mktemp("open")
    town("export", "--open-data", "--since", "2025-04", "-o", folder)
    items = _rows_of(folder / "131016_copier_pages_items.csv")
    said = "\n".join(text for one in items for key, text in one.items() if "英" not in key)
    licence = (folder / "131016_copier_pages_licence.txt").read_text("utf-8")
    assert sentences(said + licence) == []
    return _rows_of(folder / "131016_copier_pages.csv")


def _rows_of(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))]


def test_every_month_is_right_to_the_page_in_every_department(
    town: Story, published: list[dict[str, str]]
) -> None:
    assert len(published) == 18 * len(TREE)
    for row in published:
        own, month = town.hall.own_pages(row["部署ID"], row["年月"]), row["年月"]
        assert [int(row[key]) for key in ("面数", "面数_下限", "面数_上限")] == [own] * 3, row
        assert (row["面数_品質"], row["確定区分"]) == ("実測", "確定")
        parts = [one for one, (_, above) in TREE.items() if above == row["部署ID"]]
        inside = excluded_of(row["部署ID"], [month])
        assert int(row["うち除外面数"]) == inside - sum(excluded_of(one, [month]) for one in parts)


def test_nothing_is_claimed_of_the_month_before_the_first_reading(
    town: Story, tmp_path: Path
) -> None:
    town("export", "--open-data", "--since", "2025-03", "-o", tmp_path)
    before = [
        one for one in _rows_of(tmp_path / "131016_copier_pages.csv") if one["年月"] < "2025-04"
    ]
    assert before
    for row in before:
        assert [row[key] for key in ("面数", "面数_下限", "面数_上限")] == [""] * 3, row
        assert row["面数_品質"] == "不明"


def test_sheets_of_every_quarter_are_near_the_truth_and_within_their_range(
    town: Story, published: list[dict[str, str]]
) -> None:
    months: Mapping[str, list[dict[str, str]]] = defaultdict(list)
    for row in published:
        months[row["年月"]].append(row)
        true = town.hall.sheets_of(town.hall.own_places(row["部署ID"]), row["年月"])
        assert int(row["枚数_下限"]) <= true <= int(row["枚数_上限"]), row
        if row["枚数_品質"] != "推定":
            assert int(row["枚数"]) == true, row
    assert {row["枚数_品質"] for row in published} == {"実測", "算出", "推定"}
    for fiscal, numbers in YEARS.items():
        for number in numbers:
            span = quarter(fiscal, number)
            told = sum(int(row["枚数"]) for month in span for row in months[month])
            true = town.hall.sheets(EVERYBODY, *span)
            assert told == pytest.approx(true, rel=WITHIN), span
            guessed = [row for m in span for row in months[m] if row["枚数_品質"] == "推定"]
            some = sum(int(row["枚数"]) for row in guessed)
            own = sum(
                town.hall.sheets_of(town.hall.own_places(row["部署ID"]), row["年月"])
                for row in guessed
            )
            assert some == pytest.approx(own, rel=WITHIN), "also of those alone"


@pytest.mark.parametrize(
    "args",
    [
        ("month", INVOICED),
        ("month", "2026-07"),
        ("month", INVOICED, "--year"),
        ("statement", "show", INVOICED),
        ("paper", "--year", "2025"),
        ("utilisation", "--since", "2026-08"),
        ("exclude",),
        ("effect", "--since", "2026-04-01", "--until", LAST, "-d", "zeimu"),
        ("forecast", INVOICED),
    ],
)
def test_no_table_of_the_town_is_cut_at_eighty_columns(
    town: Story, args: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", 80)
    told = town(*args)
    lines = told.out.splitlines()
    assert lines
    assert max(map(cell_len, lines)) <= 80
    assert all(line[-1] in "┓┩┃│┘" for line in lines if line[0] in "┏┃┡│└"), "whole to its edge"


def test_every_level_of_the_tree_adds_up_to_the_office(town: Story) -> None:
    every = town.hall.pages(EVERYBODY, INVOICED)
    text = town("month", INVOICED).out
    for level in (1, 2, 3):
        lines = town.lines("month", INVOICED, "--level", level)
        assert sum(one["pages"] for one in lines) == every
        for one in lines:
            of, is_whole = one["department"], len([*line(one["department"])]) == level
            true = town.hall.pages(of, INVOICED)
            assert one["pages"] == (true if is_whole else town.hall.own_pages(of, INVOICED))
            assert f"{true:,}" in text
            if is_whole:
                assert one["people"] == people_of()[of]


@pytest.mark.parametrize("fiscal", YEARS)
def test_bought_paper_is_accounted_for_and_the_rest_is_what_nobody_counts(
    town: Story, fiscal: int
) -> None:
    told = {one["period"]: one for one in town.lines("paper", "--year", fiscal)}
    for number in YEARS[fiscal]:
        span, term = quarter(fiscal, number), told[f"{fiscal}-Q{number}"]
        used = town.hall.sheets(EVERYBODY, *span)
        assert term["unexplained_low"] <= 3 * UNCOUNTED <= term["unexplained_high"]
        assert term["counted_low"] + term["excluded_low"] <= used
        assert used <= term["counted_high"] + term["excluded_high"]
        assert term["counted"] + term["excluded"] == pytest.approx(used, rel=WITHIN)
        gone = excluded_of(EVERYBODY, span)
        assert term["excluded_low"] <= gone <= 2 * term["excluded_high"]
        assert (term["excluded"] > 0) == (gone > 0)
        assert term["finding"] is None
        ends = [one for one in term["stock_not_counted"] if one == "2025-12-31"]
        assert ends == (["2025-12-31"] if (fiscal, number) in {(2025, 3), (2025, 4)} else [])
        spent = term["counted"] + term["excluded"] + term["unexplained"]
        assert term["bought"] - term["stock_change"] == spent
    if len(YEARS[fiscal]) == 4:
        year = told[str(fiscal)]
        assert year["unexplained_low"] <= 12 * UNCOUNTED <= year["unexplained_high"]


def test_the_dealers_one_error_is_named_and_nothing_else(town: Story, tmp_path: Path) -> None:
    sheet, form = town.file("カウンター請求.csv"), tmp_path / "検収書.xlsx"
    page = form.with_suffix(".html")
    asked = ("invoice", "check", sheet, "--month", INVOICED)
    told = town(*asked, "-o", form, "-o", page, "--json", code=1).json
    found = told["lines"]
    assert told["uncharged"] == []
    (wrong,) = [one for one in found if one["verdict"] != "agrees"]
    place, word, pages = ERROR
    text = sheet.read_text("utf-8").splitlines()
    serial = town.hall.machine(place).serial
    (number,) = [n for n, one in enumerate(text, 1) if one.startswith(f"{serial},{word},")]
    assert (wrong["line"], wrong["class"], wrong["place"]) == (number, word, place)
    assert (wrong["verdict"], wrong["sheets"]) == ("differs", pages)
    assert wrong["yen"] == pages * PRICES[word]
    assert len(found) == 2 * len(PLACES) + 3
    said = town(*asked, code=1)
    assert f"{number} 行目" in said.err
    assert f"{pages:,}" in said.err
    (pdf,) = converted(form, "pdf", tmp_path)
    assert set(paper_of(pdf).pages) == {A4_LANDSCAPE}
    assert sentences(_text_of(page)) == []
    assert sentences(_cells_of(form)) == []


def test_what_the_measure_saved_lies_in_the_range_and_nothing_is_made_of_chance(
    town: Story,
) -> None:
    asked = ("effect", "--since", MEASURE[1], "--until", LAST, "-d")
    saved = {one["unit"]: one for one in town.lines(*asked, MEASURE[0])}
    pages, sheets = saved["impressions"], saved["sheets"]
    assert pages["effect"] == sheets["effect"] == "saved"
    assert pages["saved_low"] < town.hall.saved < pages["saved_high"]
    months = [month for number in (1, 2) for month in quarter(2026, number)]
    used = town.hall.pages(MEASURE[0], *months)
    assert pages["counted"] == used
    share = town.hall.saved / (town.hall.saved + used)
    assert pages["share"] == pytest.approx(share, abs=0.1)
    a_page = town.hall.sheets(MEASURE[0], *months) / used
    assert sheets["saved_low"] < town.hall.saved * a_page < sheets["saved_high"]
    yen = saved["yen"]
    assert yen["saved_low"] < town.hall.saved * _PRICE < yen["saved_high"]
    assert town.lines(*asked, "fukushi")[0]["effect"] == "chance"
    assert "減りました" in town(*asked, TREE[MEASURE[0]][0]).err


_PRICE = 0.75 * PRICES["モノクロ"] + 0.25 * PRICES["フルカラー"]
"""What an impression costs: a quarter of them is in colour."""


async def test_every_letter_is_one_sheet_with_true_figures(town: Story, tmp_path: Path) -> None:
    made = town("letter", INVOICED, "-o", tmp_path)
    letters = [Path(one) for one in made.out.splitlines()]
    assert len(letters) == 1 + len(TREE)
    async with browser_tab(tmp_path) as tab:
        for path in letters:
            await tab.open(path)
            pdf = path.with_suffix(".pdf")
            await asyncio.to_thread(pdf.write_bytes, await tab.pdf())
            said = await tab.value("document.body.innerText")
            assert await tab.value("document.documentElement.scrollWidth <= innerWidth")
            paper = await asyncio.to_thread(paper_of, pdf)
            assert paper.pages == (A4_PORTRAIT,), path.name
            assert "両面印刷した" in paper.text, "the foot is cut"
            of = path.stem.removeprefix(f"letter-{INVOICED}").removeprefix("-") or EVERYBODY
            pages = town.hall.pages(of, INVOICED)
            assert f"印刷{pages:,}面" in said
            assert ("目標のある2部署は、すべて目標の内" in said) == (of == EVERYBODY)
            base = town.hall.pages(of, "2025-09")
            if of in {EVERYBODY, "zeimu"}:
                assert f"{base:,}面" in said
                assert f"{100 * (1 - pages / base):.1f}%減" in said
            assert sentences(said) == [], path.name
    assert tab.complaints == []


def test_the_environmental_plan_states_both_totals(town: Story, tmp_path: Path) -> None:
    made = town("report", INVOICED, "--environment", "-o", tmp_path).out.splitlines()
    files = {Path(one).suffix: Path(one) for one in made}
    rows = _rows_of(files[".csv"])
    assert len(rows) == 3 * (1 + len(TREE))
    for row in rows:
        of = row["department_id"]
        first, last = (int(row[key][-2:]) for key in ("first_month", "last_month"))
        for begins, key in ((2026, ""), (2025, "base_")):
            span = [f"{begins}-{month:02d}" for month in range(first, last + 1)]
            pages, gone = town.hall.pages(of, *span), excluded_of(of, span)
            assert int(row[f"{key}impressions"]) == pages, row
            assert int(row[f"{key}impressions_without"]) == pages - gone
            used = town.hall.sheets(of, *span)
            assert int(row[f"{key}sheets_low"]) <= used <= int(row[f"{key}sheets_high"])
            less = int(row[f"{key}sheets"]) - int(row[f"{key}sheets_without"])
            assert gone / 2 <= less <= gone
        assert int(row["people"]) == people_of().get(of, sum(people_of()[o] for o in _TOPS))
    (pdf,) = converted(files[".xlsx"], "pdf", tmp_path)
    assert set(paper_of(pdf).pages) == {A4_LANDSCAPE}
    assert "除外後 枚数" in _cells_of(files[".xlsx"])
    for said in (_cells_of(files[".xlsx"]), _text_of(files[".html"])):
        assert sentences(said) == []


_TOPS = [one for one, (_, above) in TREE.items() if above is None]


async def test_the_pages_of_the_month_and_the_plan_print_without_an_empty_sheet(
    town: Story, tmp_path: Path
) -> None:
    for more in ((), ("--environment",)):
        made = town("report", INVOICED, "--html", *more, "-o", tmp_path / f"{len(more)}")
        page = Path(made.out.split()[0])
        async with browser_tab(tmp_path / f"{len(more)}") as tab:
            await tab.open(page)
            pdf = page.with_suffix(".pdf")
            await asyncio.to_thread(pdf.write_bytes, await tab.pdf())
        paper = await asyncio.to_thread(paper_of, pdf)
        assert sentences(_text_of(page)) == []
        sheets = paper.text.rstrip("\f").split("\f")
        assert len(sheets) == len(paper.pages)
        if more:
            assert set(paper.pages) == {A4_LANDSCAPE}
        assert all(re.search(r"\d,\d{3}", one) for one in sheets[:-1]), "figures on each of them"


def _text_of(page: Path) -> str:
    text = page.read_text("utf-8")
    text = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "\n", text))


def _cells_of(book: Path) -> str:
    cells = (
        cell
        for sheet in load_workbook(book).worksheets
        for row in sheet.iter_rows()
        for cell in row
    )
    return "\n".join(str(cell.value) for cell in cells if isinstance(cell.value, str))


# What cannot be is refused with its line, and nothing of it is entered.

INVOICE = "機械番号,区分,前回,今回,検針日\n"


@pytest.mark.parametrize(
    ("args", "name", "text", "says"),
    [
        (
            ("exclude", "import"),
            "除外.csv",
            "部署,年月,面数,理由,出典\n福祉課,2026-07,10,選挙,控え\n市民課,2026-07,99999,選挙,控え\n",
            ("除外.csv: 3 行目", "99999 面は除外できません"),
        ),
        (
            ("paper", "import"),
            "用紙.csv",
            "日付,サイズ,枚数\n2026-04-07,A4,2500\n2026-04-08,A2,500\n",
            ("用紙.csv: 3 行目", "'A2' は分からない用紙サイズです"),
        ),
        (
            ("invoice", "check", "--month", INVOICED),
            "請求.csv",
            f"{INVOICE}SN000001A,モノクロ,1,2,2026-09-30\nZZ999999Z,モノクロ,1,2,2026-09-30\n",
            ("請求.csv: 3 行目", "ZZ999999Z"),
        ),
        (
            ("fleet", "headcount", "--from", "R8.4.1", "--apply"),
            "職員.csv",
            "課名,職員数\n総務課,40\n税務課,0\n",
            ("職員.csv: 3 行目", "0 "),
        ),
    ],
)
def test_a_list_with_one_impossible_line_is_refused_as_a_whole(
    town: Story,
    tmp_path: Path,
    args: tuple[str, ...],
    name: str,
    text: str,
    says: tuple[str, ...],
) -> None:
    before = town("entries", "--json").out, town.file("fleet.toml").read_bytes()
    (tmp_path / name).write_text(text, encoding="utf-8")
    signed = WHO if args[0] in {"exclude", "paper"} else ()
    refused = town(*args, tmp_path / name, *signed, code=78)
    for one in says:
        assert one in refused.err
    assert refused.out == ""
    assert (town("entries", "--json").out, town.file("fleet.toml").read_bytes()) == before


@pytest.mark.parametrize(
    ("rows", "month", "says"),
    [
        (
            "SN000001A,モノクロ,1,2,2025-01-31\nSN000001A,フルカラー,1,2,2025-01-31\n",
            "2025-01",
            ("請求.csv: 2 行目", "請求.csv: 3 行目", "2025-01-31 の前後 40 日に検針がない"),
        ),
        (
            "SN000001A,モノクロ,1,2,\nSN000002A,モノクロ,1,2,2026-09-30\n",
            INVOICED,
            ("請求.csv: 2 行目、E 列", "検針日が書かれていません"),
        ),
    ],
)
def test_an_invoice_of_a_day_that_nobody_read_is_refused_with_its_lines(
    town: Story, tmp_path: Path, rows: str, month: str, says: tuple[str, ...]
) -> None:
    sheet, form = tmp_path / "請求.csv", tmp_path / "検収書.html"
    sheet.write_text(f"{INVOICE}{rows}", encoding="utf-8")
    refused = town("invoice", "check", sheet, "--month", month, "-o", form, code=78)
    for one in says:
        assert one in refused.err
    assert refused.out == ""
    assert not form.exists(), "nothing half done"


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('id = "soumubu"\n', 'id = "soumubu"\nparent = "shomu"\n', "上位部署が輪になっています"),
        ('id = "kaigo"\n', 'id = "kaigo"\nuntil = 2026-03-31\n', "2026-03-31 に終わりますが"),
        ('id = "fukushi"\n', 'id = "fukushi"\nuntil = 2026-03-31\n', "がその後も下にあります"),
    ],
)
def test_a_tree_that_cannot_be_is_refused_with_its_line(
    town: Story, tmp_path: Path, was: str, now: str, says: str
) -> None:
    for name in ("collector.toml", "factors.toml", "fleet.toml"):
        shutil.copy(town.file(name), tmp_path / name)
    fleet = tmp_path / "fleet.toml"
    text = fleet.read_text("utf-8")
    fleet.write_text(text.replace(was, now, 1), encoding="utf-8")
    refused = Story(town.hall, tmp_path / "collector.toml")("month", INVOICED, code=78)
    assert re.search(r"fleet\.toml:\d+", refused.err)
    assert says in refused.err
