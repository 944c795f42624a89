"""`report` at the command line: three formats of a closed and of a running month, and refusals."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.servers.paper import A4_PORTRAIT, converted, paper_of
from tests.stories.months_gone import A_DAY, OFFICE, Past, Stood, edit_statement, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

SPOTS = (Spot("1f", 9), Spot("2f", 19, department="zeimu"))


class Town:
    """An office of two copiers with two finished months, the older one closed."""

    def __init__(self, folder: Path) -> None:
        """Write the configuration and fill the ledger."""
        self.config = write_office(folder, SPOTS, "\n[closing]\ngrace_days = 0\n")
        self.ledger = self.config.with_name("ledger.sqlite3")
        self.past: Past = fill(
            self.ledger, Stood("1f", "AAAA1111", 30_000), Stood("2f", "BBBB2222", 60_000)
        )

    @property
    def older(self) -> str:
        return self.past.older.name

    @property
    def pages(self) -> int:
        """What the office printed in the older month."""
        days = OFFICE.working_days(self.past.older.start, self.past.older.end)
        return 2 * A_DAY * days

    def run(self, *args: str | Path, **env: str) -> Ended:
        return command(*args, "--config", self.config, env=env)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town that no test changes."""
    town = Town(tmp_path_factory.mktemp("town"))
    plan = town.run("close", town.older, "--json").json
    closed = town.run("close", town.older, "--by", "佐藤", "--apply", plan["checksum"])
    assert closed.code == 0, closed.err
    return town


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_closed_month_in_every_format(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "new"
    made = town.run("report", town.older, "-o", folder)

    assert (made.code, made.err) == (0, "")
    base = f"story-{town.older}-r1"
    names = [f"{base}.xlsx", f"{base}.html", f"{base}-departments.csv", f"{base}-places.csv"]
    assert made.out.splitlines() == [str(folder / name) for name in names]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)

    statement = town.run("statement", "show", town.older, "--json").json
    soumu, zeimu = rows(folder / names[2])
    assert (soumu["state"], soumu["revision"], soumu["target"]) == ("closed", "1", "5000")
    assert int(soumu["pages"]) + int(zeimu["pages"]) == town.pages == statement["total"]
    places = rows(folder / names[3])
    assert [int(one["closing"]) - int(one["opening"]) for one in places] == [town.pages // 2] * 2
    assert {one["opening_off_min"] for one in places} <= {"-3", "3"}
    page = (folder / names[1]).read_text(encoding="utf-8")
    assert statement["seal"] in page
    assert f"{town.pages:,} 面" in page
    book = load_workbook(folder / names[0])
    seals = [cell.value for cell in book["注記"]["B"] if cell.value]
    assert statement["seal"] in seals

    (pdf,) = converted(folder / names[0], "pdf", tmp_path)
    paper = paper_of(pdf)
    assert paper.pages[0] == A4_PORTRAIT
    assert len(paper.pages) == 5
    assert f"{town.pages:,}" in paper.text


def test_one_format_in_another_language(town: Town, tmp_path: Path) -> None:
    made = town.run("report", town.older, "--xlsx", "--language", "en", "-o", tmp_path)

    (name,) = made.out.splitlines()
    assert name.endswith(".xlsx")
    book = load_workbook(name)
    assert book.sheetnames == ["Summary", "Departments", "Places", "Months", "Notes"]
    assert [book["Summary"].cell(1, at).value for at in (6, 7, 8)] == [
        "Manager",
        "Checked",
        "Prepared",
    ]


def test_the_last_month_that_is_over_is_the_default_and_provisional_until_closed(
    town: Town, tmp_path: Path
) -> None:
    made = town.run("report", "--csv", "-o", tmp_path)

    newer = town.past.newer.name
    assert made.code == 0
    assert made.err == f"{newer} は締めるまで速報です: copier-fleet close {newer}\n"
    departments, _ = (Path(line) for line in made.out.splitlines())
    assert departments.name == f"story-{newer}-provisional-departments.csv"
    assert {row["state"] for row in rows(departments)} == {"open"}


def test_a_running_month_is_provisional_and_as_month_shows_it(town: Town, tmp_path: Path) -> None:
    shown = town.run("month", "--format", "json").json
    running = shown[0]["month"]
    made = town.run("report", running, "--csv", "--html", "-o", tmp_path)

    page, departments, _ = (Path(line) for line in made.out.splitlines())
    assert "速報" in page.read_text(encoding="utf-8")
    stated = {row["department"]: row for row in rows(departments)}
    for one in shown:
        own = stated[one["department"]]
        assert (own["state"], int(own["pages"])) == ("running", one["pages"])
        assert own["target"] == str(one["target"])


def test_stamp_boxes_by_settings(town: Town, tmp_path: Path) -> None:
    boxes = {"COPIER_FLEET__REPORT__STAMPS": "町長,副町長"}
    made = town.run("report", town.older, "--html", "-o", tmp_path, **boxes)

    page = Path(made.out.strip()).read_text(encoding="utf-8")
    assert re.findall(r'<table class="stamps".*?</table>', page)[0].count("<td>") == 2
    assert "副町長" in page


def test_nothing_is_overwritten_unless_it_is_asked_for(town: Town, tmp_path: Path) -> None:
    args = ("report", town.older, "--csv", "-o", tmp_path)
    assert town.run(*args).code == 0
    places = tmp_path / f"story-{town.older}-r1-places.csv"
    (tmp_path / f"story-{town.older}-r1-departments.csv").unlink()
    places.write_text("mine")

    refused = town.run(*args)
    assert refused.code == 78
    assert refused.out == ""
    assert (
        f"{places}: すでにあります。別のフォルダーにするか、--force で上書きしてください"
        in refused.err
    )
    assert [path.name for path in tmp_path.iterdir()] == [places.name], "nothing half-written"
    assert places.read_text() == "mine"

    assert town.run(*args, "--force").code == 0
    assert places.read_text(encoding="utf-8-sig").startswith("month,")


def test_a_folder_that_cannot_be_written(town: Town, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = town.run("report", town.older, "-o", tmp_path / "file" / "deeper")
    assert refused.code == 78
    assert (
        "書けません(フォルダーではありません)。フォルダーとアクセス権を確かめてください"
        in refused.err
    )
    assert refused.err.count("\n") <= 2


@pytest.mark.parametrize("month", ["2026-13", "november", "1999-01", "2999-01"])
def test_a_month_that_does_not_exist_is_refused_as_by_month(
    town: Town, tmp_path: Path, month: str
) -> None:
    refused = town.run("report", month, "-o", tmp_path)
    known = town.run("month", month)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.splitlines()[-1] == known.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_statement_edited_on_disk_is_not_reported(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.config.parent, tmp_path / "town")
    edit_statement(tmp_path / "town" / "ledger.sqlite3", town.older, '"soumu"', '"zeimu"')
    refused = command(
        "report",
        town.older,
        "-o",
        tmp_path / "out",
        "--config",
        tmp_path / "town" / "collector.toml",
    )
    assert refused.code == 70
    assert f"{town.older} 第1版の締めが封印時と違う" in refused.err
    assert not (tmp_path / "out").exists()
