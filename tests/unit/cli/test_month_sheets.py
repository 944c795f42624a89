"""Sheets (枚) beside impressions (面) in the table of months, and in what programs read of it."""

from dataclasses import replace
from typing import Any

import pytest

from collector.cli.forecast import forecast_table
from collector.cli.month import months_table, year_table
from collector.cli.words import CommandWords
from collector.domain.closing.statement import Completeness
from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.footprint import Footprint
from collector.domain.cost.sheets import DuplexShare, Paper, PaperSum, SheetRule
from collector.domain.counting.ranges import Margin
from collector.domain.month.course import YearMonth, YearToDate
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.headcount import Rank
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, Target, TargetSource
from collector.domain.report.table import csv_names, records
from tests.unit.domain.test_charges import NOVEMBER

KNOWN = PaperSum(
    Paper(900, 880, 950),
    Paper(990, 960, 1100),
    DuplexShare(200, 800),
    {SheetRule.LESS_DUPLEX_SHEETS: 1, SheetRule.LIKE_MACHINES: 1},
)
UNKNOWN = PaperSum(gaps=(Gap(PlaceId("2f"), Lack.NO_SHEETS),))


def month(sheets: PaperSum, margin: Margin) -> DepartmentMonth:
    return DepartmentMonth(
        Department(DepartmentId("a"), "総務課"),
        NOVEMBER,
        1000,
        footprint=Footprint(sheets=sheets),
        known=Completeness(1, 1, margin=margin),
    )


def record(sheets: PaperSum, margin: Margin) -> dict[str, Any]:
    (found,) = records(months_table([month(sheets, margin)], CommandWords("ja")))
    return found


def test_programs_read_sheets_by_names_of_their_own_behind_all_others() -> None:
    found = record(KNOWN, Margin(20, 5))
    assert list(found)[-17:] == [
        *("sheets_used", "sheets_low", "sheets_high", "sheets_quality"),
        *("sheets_basis", "sheets_basis_en", "a4_sheets", "a4_low", "a4_high", "duplex_share"),
        *("people", "pages_per_head", "sheets_per_head", "rank", "rank_of"),
        *("target_unit", "target_used"),
    ]
    assert [found[key] for key in ("sheets_used", "sheets_low", "sheets_high")] == [900, 860, 955]
    assert [found[key] for key in ("a4_sheets", "a4_low", "a4_high")] == [990, 920, 1110]
    assert (found["sheets_quality"], found["duplex_share"]) == ("estimated", 0.25)
    assert found["pages"] == 1000
    table = months_table([month(KNOWN, Margin(20, 5))], CommandWords("ja"))
    assert csv_names(table)[-17:] == list(found)[-17:]


def in_sheets(target: int, used: int) -> DepartmentMonth:
    sheets = PaperSum(Paper(used, used, used), rules={SheetRule.COUNTED: 1})
    basis = Target(target, TargetSource.FIGURE, measure=Measure.SHEETS)
    return replace(month(sheets, Margin()), target=target, basis=basis)


def test_a_target_in_sheets_is_measured_by_sheets_and_says_its_unit() -> None:
    over = in_sheets(800, 900)
    (found,) = records(months_table([over], CommandWords("ja")))
    assert [found[key] for key in ("target", "remaining", "ratio", "target_used")] == (
        [800, -100, 1.125, 900]
    )
    assert (found["pages"], found["target_unit"]) == (1000, "sheets")
    assert found["target_basis"] == "定めた値（枚数の目標）"
    assert found["target_basis_en"] == "as stated (in sheets)"
    table = months_table([over], CommandWords("ja"))
    drawn = {one.key: one.cell(over) for one in table.drawn()}
    assert (drawn["target"], drawn["remaining"]) == ("800枚", "-100枚")


def test_what_is_not_known_is_absent_and_never_0() -> None:
    found = record(UNKNOWN, Margin())
    absent = ("sheets_used", "sheets_low", "sheets_high", "sheets_quality", "a4_sheets")
    assert {found[key] for key in absent} == {None}
    assert found["duplex_share"] is None
    assert found["sheets_basis"].startswith("枚数不明: 2f（")


def test_of_many_places_without_a_figure_some_are_named_and_the_rest_counted() -> None:
    many = PaperSum(gaps=tuple(Gap(PlaceId(f"p{n}"), Lack.NO_SHEETS) for n in range(9)))
    assert record(many, Margin())["sheets_basis"].startswith(
        "枚数不明: p0、p1、p2、p3、p4 ほか 4 か所（"
    )


@pytest.mark.parametrize(("language", "shown"), [("ja", "約900 ±50"), ("en", "≈900 ±50")])
def test_readers_see_that_it_is_an_estimate_and_by_how_much_it_may_be_off(
    language: str, shown: str
) -> None:
    table = months_table([month(KNOWN, Margin(40, 10))], CommandWords(language))
    drawn = {one.key: one for one in table.drawn()}
    assert drawn["sheets_used"].heading == ("枚数" if language == "ja" else "Sheets")
    assert drawn["sheets_used"].cell(table.rows[0]) == shown
    assert "duplex_share" in drawn
    assert table.notes[-1].startswith("枚数の根拠: " if language == "ja" else "sheets from 1 ")


def test_an_office_that_knows_of_no_sheets_sees_the_table_as_it_was() -> None:
    nothing = replace(month(PaperSum(Paper()), Margin()), pages=0)
    table = months_table([month(UNKNOWN, Margin()), nothing], CommandWords("ja"))
    assert not any("枚数" in note for note in table.notes)
    assert not {"sheets_used", "duplex_share"} & {one.key for one in table.drawn()}


def test_what_each_head_printed_stands_beside_where_heads_are_stated() -> None:
    one = replace(month(KNOWN, Margin()), people=8, rank=Rank(1, 3))
    (found,) = records(months_table([one], CommandWords("ja")))
    keys = ("people", "pages_per_head", "sheets_per_head", "rank", "rank_of")
    assert [found[key] for key in keys] == [8, 125.0, 112.5, 1, 3]
    table = months_table([one], CommandWords("ja"))
    drawn = {each.heading: each.cell(one) for each in table.drawn()}
    assert (drawn["面/人"], drawn["枚/人"], drawn["順位"]) == (125.0, 112.5, "1/3")
    plain = months_table([month(KNOWN, Margin())], CommandWords("ja"))
    assert not {"pages_per_head", "rank"} & {each.key for each in plain.drawn()}


def test_the_year_and_the_forecast_say_the_unit_too() -> None:
    basis = Target(800, TargetSource.FIGURE, measure=Measure.SHEETS)
    months = (YearMonth("2026-11", 900, basis),)
    year = YearToDate(2026, "2026-11", months, "2026-11", 900, 800, 9600)
    ends = Forecast(1000.0, 950.0, 1050.0)
    one = replace(in_sheets(800, 900), year=year, forecast=ends)
    table = year_table([one], None, CommandWords("ja"))
    drawn = {each.key: each.cell((one, year)) for each in table.drawn()}
    assert (drawn["pages"], drawn["target"], drawn["remaining"]) == ("900枚", "800枚", "-100枚")
    (row,) = records(table)
    assert (row["pages"], row["year_target"]) == (900, 9600)
    ahead = forecast_table([one], None, CommandWords("ja"))
    shown = {each.key: each.cell(one) for each in ahead.drawn()}
    assert (shown["forecast"], shown["range"]) == ("1,000枚", "950 - 1,050枚")
    plain = replace(month(KNOWN, Margin()), forecast=ends)
    ahead = forecast_table([plain], None, CommandWords("ja"))
    assert {each.key: each.cell(plain) for each in ahead.drawn()}["forecast"] == "1,000"
