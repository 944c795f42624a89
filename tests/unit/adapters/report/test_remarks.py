"""Sentences below the departments' table: advice while a month runs, and why figures are absent."""

from dataclasses import replace
from datetime import date

from collector.adapters.report.department_tables import advice, brief, departments_table, unknowns
from collector.adapters.report.words import ReportWords
from collector.domain.cost.billing import Gap, Lack
from collector.domain.month.course import Bearing, Course
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, Target, TargetSource
from collector.domain.report.month_report import MonthReport
from tests.fakes.month_report import TOKYO, closed_report, running_report

JA, EN = ReportWords("ja", TOKYO), ReportWords("en", TOKYO)
TODAY, LAST = date(2026, 11, 25), date(2026, 11, 30)


def heading(bearing: Bearing, cut: int | None = None) -> MonthReport:
    """Return a running month in which the tax department heads there."""
    report = running_report()
    course = Course(bearing, 9337, 100, 600.0, 900.0, LAST, TODAY, cut=cut, days=(TODAY, LAST))
    soumu, zeimu, *rest = report.departments
    zeimu = replace(zeimu, figures=replace(zeimu.figures, course=course))
    return replace(report, departments=(soumu, zeimu, *rest))


def test_what_would_bring_a_month_back_stands_on_the_first_page_too() -> None:
    report = heading(Bearing.CUT, 120)
    assert advice(report, EN) == ("Tax: 120 impressions fewer per working day until the 30th",)
    assert advice(report, JA) == ("税務課: 30日まで1勤務日あたり120面減らす",)
    whole = departments_table(report, JA)
    assert brief(whole, report, JA).notes == advice(report, JA)
    assert whole.notes[: len(advice(report, JA))] == advice(report, JA)


def test_a_target_in_sheets_never_stands_among_impressions_without_its_unit() -> None:
    report = closed_report()
    soumu, zeimu, *rest = report.departments
    figures, office = zeimu.figures, report.office
    sheets = replace(figures, basis=replace(figures.basis, measure=Measure.SHEETS))
    color = replace(office, basis=replace(office.basis, measure=Measure.COLOR))
    report = replace(
        report, office=color, departments=(soumu, replace(zeimu, figures=sheets), *rest)
    )
    table = brief(departments_table(report, JA), report, JA)
    columns = {one.key: one for one in table.columns}
    assert columns["target"].cell(report.departments[1]) == f"{sheets.target:,}枚"
    assert str(columns["remaining"].cell(report.departments[1])).endswith("枚")
    assert columns["pages"].cell(report.departments[1]) == sheets.pages
    assert columns["target"].cell(soumu) == soumu.figures.target
    assert table.total is not None
    assert table.total["target"] == f"{color.target:,}カラー面"
    assert table.total["pages"] == color.pages


def test_a_department_within_its_target_needs_no_advice() -> None:
    assert advice(heading(Bearing.WITHIN), EN) == ()
    assert advice(closed_report(), EN) == ()


def test_why_a_target_or_money_is_not_there() -> None:
    report = closed_report()
    unknown = Target(None, TargetSource.BASE_UNKNOWN, "2025-11")
    *rest, kyoiku = report.departments
    kyoiku = replace(kyoiku, figures=replace(kyoiku.figures, basis=unknown))
    gaps = (Gap(PlaceId("p5"), Lack.NO_COLOUR_SPLIT),)
    report = replace(
        report,
        departments=(*rest, kyoiku),
        office=replace(report.office, gaps=gaps),
    )
    target, money, paper, colours = unknowns(report, JA)
    assert target == ("教育委員会事務局　学校教育係: 基準となる2025-11の面数が不明のため目標なし")
    assert money.startswith("金額等を計算できない: p5")
    assert paper == "枚数の根拠: 面数 − 両面枚数 3 台、同種の機器の両面率 1 台（推定）"
    assert colours.startswith("モノクロとカラーの合計が面数に満たない")
    assert set(unknowns(report, JA)) <= set(departments_table(report, JA).notes)


def test_what_a_target_rests_on_is_told_where_there_is_one() -> None:
    table = departments_table(closed_report(), JA)
    columns = table.drawn()
    at = next(at for at, column in enumerate(columns) if column.key == "basis")
    soumu, *_, kyoiku = table.body(columns)
    assert soumu.cells[at] == "2025-11の18,000面から7%減"
    assert kyoiku.cells[at] is None
