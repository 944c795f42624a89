"""The sheet of the environmental plan by the real command, over old sheets and closed months."""

import csv
import io
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.stories.program import command

pytestmark = pytest.mark.integration

FACTORS = """\
[[duplex]]
from = 2025-01-01
source = "総務課の実測"
duplex_percent = 40
plus_minus = 10

[[co2]]
from = 2025-01-01
source = "製品カタログのライフサイクル CO2"
g_per_sheet = 5
"""
MONTHS = [*(f"2025-{n:02d}" for n in range(4, 13)), *(f"2026-{n:02d}" for n in range(1, 8))]
PAGES = 1000
Lines = list[dict[str, str]]


@pytest.fixture(scope="module")
def config(golden_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo town with the old sheets of the year before, factors and headcounts."""
    folder = tmp_path_factory.mktemp("plan") / "office"
    shutil.copytree(golden_office, folder)
    (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    toml = folder / "collector.toml"
    text = toml.read_text(encoding="utf-8") + '\n[factors]\nfile = "factors.toml"\n'
    toml.write_text(text + "\n[report]\nbase_year = 2025\n", encoding="utf-8")
    fleet = folder / "fleet.toml"
    text = fleet.read_text(encoding="utf-8").replace("from = 2026", "from = 2025")
    fleet.write_text(text.replace("2025-04-01", "2025-01-01"), encoding="utf-8")
    stated = tomllib.loads(text)
    staff = "".join(f"{one['id']},20\n" for one in stated["department"])
    (folder / "staff.csv").write_text("部署ID,職員数\n" + staff, encoding="utf-8")
    written = command(
        *("fleet", "headcount", folder / "staff.csv", "--from", "R7.4", "--apply"),
        *("--config", toml),
    )
    assert written.code == 0, written.err
    rows = "".join(f"{one['id']},{','.join([str(PAGES)] * 16)}\n" for one in stated["place"])
    old = folder / "old.csv"
    old.write_text(f"設置場所ID,{','.join(MONTHS)}\n{rows}", encoding="utf-8")
    taken = command(
        *("history", "import", old, "--kind", "totals", "--apply", "--by", "鈴木", "--why", "前年"),
        *("--config", toml),
    )
    assert taken.code == 0, taken.err
    return toml


def sheet(config: Path, folder: Path, month: str, *more: str) -> Lines:
    """Return the lines of the CSV up to `month`."""
    given = ("report", month, "--environment", "--csv", "-o", folder, "--force", *more)
    made = command(*given, "--config", config)
    assert made.code == 0, made.err
    text = Path(made.out.strip()).read_text("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def test_quarters_and_year_against_the_same_months_of_the_base_year(
    config: Path, tmp_path: Path
) -> None:
    lines = sheet(config, tmp_path, "2026-09")
    office = [one for one in lines if one["department_id"] == "whole_office"]
    assert [(one["first_month"], one["last_month"]) for one in office] == [
        ("2026-04", "2026-06"),
        ("2026-07", "2026-09"),
        ("2026-04", "2026-09"),
    ]
    places = len(tomllib.loads(config.with_name("fleet.toml").read_text("utf-8"))["place"])
    first, second, year = office
    assert first["base_impressions"] == first["impressions"] == str(3 * places * PAGES)
    assert float(first["impressions_change"]) == 0
    assert int(year["base_impressions"]) == 6 * places * PAGES
    assert int(year["impressions"]) == int(first["impressions"]) + int(second["impressions"])
    change = int(second["impressions"]) / (3 * places * PAGES) - 1
    assert float(second["impressions_change"]) == pytest.approx(change, abs=0.0001)
    for one in office:
        assert int(one["sheets_low"]) < int(one["sheets"]) < int(one["sheets_high"])
        assert float(one["co2_kg"]) == pytest.approx(int(one["sheets"]) * 5 / 1000, abs=0.1)
        people = int(one["people"])
        assert float(one["sheets_per_head"]) == round(int(one["sheets"]) / people, 1)
    parts = [one for one in lines if one["first_month"] == "2026-07"]
    own = [int(one["impressions"]) for one in parts if one["department_id"] != "whole_office"]
    assert sum(own) == int(second["impressions"])


def test_both_totals_are_stated_with_and_without_what_is_excluded(
    config: Path, tmp_path: Path
) -> None:
    shutil.copytree(config.parent, tmp_path / "office")
    config = tmp_path / "office" / config.name

    def page() -> str:
        given = ("report", "2026-09", "--environment", "--html", "--force", "-o", tmp_path)
        done = command(*given, "--config", config)
        assert done.code == 0, done.err
        return Path(done.out.strip()).read_text("utf-8")

    assert "除外後" not in page(), "nothing is excluded: both totals are one"
    stated = ("-d", "shimin", "--month", "2026-09", "--pages", "300", "--ground", "選挙")
    why = ("--source", "選管印刷記録3号", "--by", "佐藤", "--why", "知事選")
    added = command("exclude", "--config", config, "add", *stated, *why)
    assert added.code == 0, added.err
    plan = command("close", "2026-09", "--json", "--config", config).json["checksum"]
    closed = command("close", "2026-09", "--apply", plan, "--by", "佐藤", "--config", config)
    assert closed.code == 0, closed.err
    for one in sheet(config, tmp_path, "2026-09"):
        gone = int(one["impressions"]) - int(one["impressions_without"])
        less = int(one["sheets"]) - int(one["sheets_without"])
        is_about = one["department_id"] in {"whole_office", "shimin"}
        assert gone == (300 if is_about and one["last_month"] == "2026-09" else 0)
        assert gone / 2 <= less <= gone
        assert one["base_impressions_without"] == one["base_impressions"]
        base, now = int(one["base_sheets_without"]), int(one["sheets_without"])
        assert float(one["sheets_without_change"]) == pytest.approx(now / base - 1, abs=0.0001)
    assert "除外後 枚数" in page()
    assert "除外後は、選挙" in page()


def test_what_is_not_known_is_absent_and_says_why(config: Path, tmp_path: Path) -> None:
    lines = sheet(config, tmp_path, "2026-09", "--base-year", "2024")
    assert {one["base_sheets"] for one in lines} == {""}
    assert {one["sheets_change"] for one in lines} == {""}
    assert all(one["sheets"] for one in lines)
    assert "基準年度: 2024-04、2024-05、2024-06 の記録がありません" in lines[0]["reason"]


def test_a_month_that_is_not_over_and_no_base_year_are_refused(
    golden_office: Path, config: Path, tmp_path: Path
) -> None:
    given = (
        "report",
        "--environment",
        "-o",
        tmp_path,
        "--config",
        golden_office / "collector.toml",
    )
    told = command(*given)
    assert told.code == 2
    assert "[report] base_year" in told.err
    running = json.loads(command("month", "--json", "--config", config).out)[0]["month"]
    given = ("report", running, "--environment", "-o", tmp_path, "--config", config)
    assert "まだ終わっていません" in command(*given).err
    assert [*tmp_path.iterdir()] == []


def test_the_workbook_holds_numbers_and_the_page_every_line(config: Path, tmp_path: Path) -> None:
    made = command("report", "2026-09", "--environment", "-o", tmp_path, "--config", config)
    assert made.code == 0, made.err
    (book,) = tmp_path.glob("*.xlsx")
    page = load_workbook(book).worksheets[0]
    values = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
    head = values[0]
    column = head.index("枚数")
    figures = [row[column] for row in values[1:] if row[1] == "全庁"]
    assert len(figures) == 3
    assert all(isinstance(one, int) and one > 0 for one in figures)
    (web,) = tmp_path.glob("*.html")
    text = web.read_text("utf-8")
    assert text.count('<th scope="row">') == len([row for row in values[1:] if row[1]])
    assert "令和8年度" in text
