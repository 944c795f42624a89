"""The report's workbook in a real office program: it opens, its figures survive, it fits A4."""

import csv
import io
from pathlib import Path

import pytest

from collector.adapters.report.workbook import xlsx
from tests.fakes.month_report import HOSTILE, closed_report, running_report
from tests.servers.paper import A4_LANDSCAPE, A4_PORTRAIT, converted, paper_of, words_of

pytestmark = pytest.mark.integration

SMALLEST = 6.0
"""Points from the top to the foot of a figure's box: of five and a half points."""

EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
"""UTF-8, cells as they are shown, every sheet in a file of its own."""


def test_every_sheet_opens_with_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(xlsx(closed_report(), "ja", ("課長", "担当")))

    files = converted(path, EVERY_SHEET, tmp_path)

    sheets = {
        file.stem.removeprefix("report-"): list(csv.reader(io.StringIO(file.read_text("utf-8"))))
        for file in files
    }
    assert set(sheets) == {"概要", "部署別", "設置場所別", "月別", "調整", "注記"}
    departments = {row[0]: row for row in sheets["部署別"]}
    assert departments["税務課"][1] == "9,737"
    assert {"▲400", "104.3%", "超過"} <= set(departments["税務課"])
    places = {row[1]: row for row in sheets["設置場所別"] if len(row) > 1}
    assert places["p1"][4:11] == [
        "494,354",
        "10-31 23:56",
        "-4",
        "502,346",
        "12-01 00:01",
        "+2",
        "7,992",
    ]
    assert places["p8"][0] == HOSTILE, "shown as it is written, and not worked out"
    assert "46,924 面" in [cell for row in sheets["概要"] for cell in row]
    errors = {"#NAME?", "#VALUE!", "#REF!", "Err:"}
    assert not [
        cell
        for rows in sheets.values()
        for row in rows
        for cell in row
        if cell.startswith(tuple(errors))
    ]


def test_it_prints_on_a4_and_wide_tables_on_two_sheets_each(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(xlsx(running_report(), "en", ("Manager", "Checked", "Prepared")))

    (pdf,) = converted(path, "pdf", tmp_path)
    paper = paper_of(pdf)

    assert paper.pages == (A4_PORTRAIT, *[A4_LANDSCAPE] * 5, A4_PORTRAIT)
    for words in ("Provisional, as of 2026-11-25 13:00", "page 1 of 7", "heading over", "56,309"):
        assert words in paper.text, words
    assert "2025-11" in paper.text, "the chart's months"


def test_nothing_is_printed_smaller_than_people_read(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(xlsx(closed_report(), "ja", ("課長",)))
    (pdf,) = converted(path, "pdf", tmp_path)
    sheets = words_of(pdf)
    wide = [one for one in sheets if "部署" in {word.text for word in one}]
    assert len(wide) >= 2
    for one in sheets:
        figures = [word for word in one if word.text.replace(",", "").isdigit()]
        assert all(word.height > SMALLEST for word in figures), figures
    names = [one for one in sheets if any("税務課" in word.text for word in one)]
    assert len(names) >= 4, "each sheet of a wide table says of whom its figures are"
