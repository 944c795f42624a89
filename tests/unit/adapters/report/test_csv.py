"""The CSV files: stable columns, units, absent figures, and nothing that a spreadsheet runs."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.report.department_tables import departments_table
from collector.adapters.report.place_tables import places_table
from collector.adapters.report.text_files import departments_csv, places_csv
from collector.adapters.report.words import ReportWords
from collector.domain.cost.sheets import NO_PAPER, DuplexShare, Paper, PaperSum, SheetRule
from collector.domain.office.headcount import Rank
from collector.domain.report.month_report import MonthReport
from collector.domain.report.table import STARTS_A_FORMULA, csv_names, csv_text
from tests.fakes.month_report import HOSTILE, closed_report, running_report


@pytest.mark.parametrize("report", [closed_report(), running_report()])
def test_it_is_what_page_and_workbook_draw_with_names_for_programs(report: MonthReport) -> None:
    """One description: no column is said a second time, and each language has the same CSV."""
    for table, octets in (
        (departments_table, departments_csv(report)),
        (places_table, places_csv(report)),
    ):
        texts = [csv_text(table(report, ReportWords(one, report.zone))) for one in ("ja", "en")]
        assert ["\ufeff" + one for one in texts] == [octets.decode()] * 2
        made = table(report, ReportWords("ja", report.zone))
        drawn = {one.key for one in made.drawn()}
        assert drawn - {*csv_names(made)} <= {"basis", "device"}


def rows(octets: bytes) -> list[dict[str, str]]:
    assert octets.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to see UTF-8"
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline="")))


def test_columns_stay() -> None:
    assert departments_csv(closed_report()).decode("utf-8-sig").splitlines()[0] == (
        "month,from,to,state,revision,unit,department,name,name_en,pages,mono,color,copy,print,"
        "fax,scans,sheets,target,remaining,ratio,verdict,forecast,forecast_low,forecast_high,"
        "last_year,change,change_ratio,cost_yen,paper_yen,hours,co2_g,estimated,places,places_read,"
        "pages_low,pages_high,in_question,measured_since,"
        "sheets_used,sheets_low,sheets_high,sheets_quality,a4_sheets,duplex_share,"
        "people,pages_per_head,sheets_per_head,rank,rank_of,"
        "excluded,pages_without,level,parent,own_pages"
    )
    assert places_csv(closed_report()).decode("utf-8-sig").splitlines()[0] == (
        "month,from,to,state,revision,unit,place,name,departments,opening_device,opening_model,"
        "opening,opening_at,opening_off_min,closing_device,closing_model,closing,closing_at,"
        "closing_off_min,pages,mono,color,counted,guessed,guess_low,guess_high,adjusted,"
        "estimated,quality,remarks,pages_low,pages_high,in_question,measured_since"
    )


def test_a_department_against_its_target() -> None:
    soumu, zeimu, fukushi, kyoiku = rows(departments_csv(closed_report()))
    assert (soumu["state"], soumu["revision"], soumu["unit"]) == ("closed", "2", "impressions (面)")
    assert (soumu["name"], soumu["pages"], soumu["target"]) == ("総務課", "15911", "16811")
    assert (soumu["remaining"], soumu["ratio"], soumu["verdict"]) == ("900", "0.9465", "within")
    assert (zeimu["remaining"], zeimu["verdict"]) == ("-400", "over")
    assert fukushi["name_en"] == ""
    assert (kyoiku["target"], kyoiku["ratio"], kyoiku["last_year"]) == ("", "", "")
    assert (soumu["cost_yen"], soumu["co2_g"], soumu["forecast"]) == ("47733", "", "")


def test_sheets_with_how_they_are_known() -> None:
    report = closed_report()
    first, second, *others = report.departments
    rules = {SheetRule.LESS_DUPLEX_SHEETS: 2}
    known = PaperSum(Paper(9000, 8990, 9010), Paper(9500, 9000, 9600), DuplexShare(1, 3), rules)
    sheets = replace(first, figures=replace(first.figures, sheets=known))
    blind = replace(second, figures=replace(second.figures, sheets=NO_PAPER))
    told = replace(report, departments=(sheets, blind, *others))
    soumu, zeimu, *_ = rows(departments_csv(told))
    assert (soumu["sheets_used"], soumu["sheets_low"], soumu["sheets_high"]) == (
        *("9000", "8990", "9010"),
    )
    assert (soumu["sheets_quality"], soumu["a4_sheets"], soumu["duplex_share"]) == (
        *("derived", "9500", "0.3333"),
    )
    assert (zeimu["sheets_used"], zeimu["sheets_quality"], zeimu["duplex_share"]) == ("", "", "")
    table = departments_table(told, ReportWords("ja", report.zone))
    shown = {one.heading: one.cell(sheets) for one in table.drawn()}
    assert (shown["使用枚数"], shown["枚数の範囲"], shown["枚数の品質"]) == (
        *(9000, "8,990～9,010", "計算"),
    )


def test_what_each_head_printed() -> None:
    report = closed_report()
    first, *others = report.departments
    one = replace(first, figures=replace(first.figures, people=24, rank=Rank(2, 3)))
    told = replace(report, departments=(one, *others))
    soumu, zeimu, *_ = rows(departments_csv(told))
    used = int(soumu["sheets_used"])
    assert (soumu["people"], soumu["pages_per_head"]) == ("24", str(round(15911 / 24, 1)))
    assert soumu["sheets_per_head"] == str(round(used / 24, 1))
    assert (soumu["rank"], soumu["rank_of"]) == ("2", "3")
    assert {zeimu[key] for key in ("people", "pages_per_head", "rank")} == {""}
    drawn = {
        each.key: each for each in departments_table(told, ReportWords("ja", report.zone)).drawn()
    }
    assert (drawn["rank"].heading, drawn["rank"].cell(one)) == ("順位", "2/3")
    assert "sheets_per_head" in drawn
    assert "pages_per_head" not in drawn


def test_a_running_month_says_so_and_where_it_ends() -> None:
    soumu = rows(departments_csv(running_report()))[0]
    assert (soumu["state"], soumu["revision"]) == ("running", "")
    assert (soumu["forecast"], soumu["forecast_low"]) == ("19093", "17502")
    assert (soumu["last_year"], soumu["change"], soumu["change_ratio"]) == ("17184", "", "")


def test_places_with_their_readings() -> None:
    by_id = {row["place"]: row for row in rows(places_csv(closed_report()))}
    hall = by_id["p1"]
    assert (hall["opening"], hall["opening_at"]) == ("494354", "2026-10-31T23:56:00+09:00")
    assert (hall["opening_off_min"], hall["closing_off_min"]) == ("-4", "2")
    assert int(hall["closing"]) - int(hall["opening"]) == int(hall["pages"])
    assert by_id["p3"]["adjusted"] == "-37"
    assert by_id["p6"]["departments"] == "fukushi=4491; kyoiku=2994"
    silent = by_id["p7"]
    assert [silent[key] for key in ("guessed", "guess_low", "guess_high")] == ["610", "470", "750"]
    assert int(silent["counted"]) + 610 == int(silent["pages"])
    assert by_id["p5"]["mono"] == ""
    assert by_id["p5"]["remarks"].startswith("2026-11-12T09:10:00+09:00 512000 -> 12;")


def test_a_name_that_looks_like_a_formula_is_a_text() -> None:
    assert rows(places_csv(closed_report()))[-1]["name"] == "'" + HOSTILE


@given(
    st.text(max_size=20), st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
)
def test_no_text_is_ever_run(text: str, begin: str) -> None:
    report = closed_report()
    place = replace(report.places[0], name=begin + text)
    (row,) = rows(places_csv(replace(report, places=(place,))))
    assert not row["name"].lstrip().startswith((*STARTS_A_FORMULA, "\t", "\r", "\n"))
    assert row["pages"] == str(place.pages)
