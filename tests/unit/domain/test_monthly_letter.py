"""What the monthly letter says, of closed, open and running months, and what it leaves out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from collector.domain.cost.factors import Career
from collector.domain.cost.sheets import NO_PAPER, Paper, PaperSum, SheetRule
from collector.domain.counting.ranges import EXACT
from collector.domain.month.course import Bearing, Course
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.targets import NOT_SET, Target, TargetSource
from collector.domain.report.comparison import Placing, ToldPlacing
from collector.domain.report.letter import MonthlyLetter, as_text, monthly_letter
from collector.domain.report.month_report import (
    NO_BURDEN,
    DepartmentFigures,
    Figures,
    MonthReport,
    Stage,
)
from collector.texts import Texts
from tests.fakes.month_report import closed_report, running_report
from tests.fakes.monthly_letter import CAREER, everything, full_report, path_of, year_of

ZEIMU = DepartmentId("zeimu")


def letter(report: MonthReport, of: DepartmentId = ZEIMU) -> MonthlyLetter:
    return monthly_letter(report, of, lambda one: one.name)


def said(report: MonthReport, of: DepartmentId = ZEIMU, language: str = "ja") -> str:
    return Texts(language).say(as_text(letter(report, of)))


def of_zeimu(report: MonthReport, **changes: object) -> MonthReport:
    """Return `report` where the figures of one department are others."""
    return replace(
        report,
        departments=tuple(
            replace(one, figures=replace(one.figures, **changes))  # type: ignore[arg-type] - names are checked by `replace`
            if one.department.id == ZEIMU
            else one
            for one in report.departments
        ),
    )


def test_the_one_sentence_has_every_figure_with_its_unit() -> None:
    pages = full_report().departments[1].figures.pages
    assert Texts("ja").say(letter(full_report()).headline) == (
        f"2026年11月は、紙およそ9,870枚（印刷{pages:,}面）、基準の2025年11月（10,000枚）より"
        "2.5%減、職員1人当たり318.4枚、カウンター料金と用紙代12,580,245円、コピー機の前の時間1,234.5時間"
        "（この量が在職38年続けば、1人の勤務302.7年分。1年の勤務は1,860時間）でした。"
    )
    assert Texts("en").say(letter(full_report()).headline) == (
        f"November 2026: about 9,870 sheets of paper ({pages:,} impressions), 2.5% less than the "
        "base of November 2025 (10,000 sheets), 318.4 sheets a head, 12,580,245 yen for counters "
        "and paper, 1,234.5 hours at the copiers (kept up for a career of 38 years: 302.7 years of "
        "one person's work, at 1,860 hours a year)."
    )


def test_it_has_four_parts_at_most_and_all_of_them_where_all_is_known() -> None:
    titles = [Texts("ja").say(one.title) for one in letter(full_report()).parts]
    assert titles == ["目標への道のり", "目標に戻すには", "ほかの部署と比べて", "数字の確かさ"]


def test_a_path_says_where_it_leads_and_how_far_on_it_the_month_is() -> None:
    text = said(full_report())
    assert "・目標9,500枚に対して9,748枚。248枚上回りました（目標の102.6%）。" in text
    assert "・最終目標は2029年3月に7,000枚（基準の30.0%減）です。" in text
    assert "・この月までの計画は基準の5.0%減、実績は2.5%減です。" in text
    assert "・年度の累計（4月から）は79,170枚、目標の累計76,000枚を3,170枚上回っています。" in text
    assert "除外した120面" in text


def test_what_is_less_of_each_month_to_come_brings_the_year_back() -> None:
    report = full_report()
    text = said(report)
    assert "残り4か月、目標より毎月793枚ずつ減らすと取り戻せます。" in text
    assert 4 * 793 >= 3170 > 4 * 792
    assert "翌月（12月）の目標は9,500枚。この月より248枚少なくすれば収まります。" in text

    late = of_zeimu(report, year=year_of(9_870, path_of(9_500), "2027-03"))
    assert "年度は終わり、超過" in said(late)
    assert "翌月" not in said(late)

    kept = of_zeimu(report, year=year_of(9_000, path_of(9_500), before=9_000), pages=9_000)
    assert "取り戻せます" not in said(kept)


def test_a_running_month_gives_the_advice_of_its_forecast_and_is_not_compared() -> None:
    course = Course(
        *(Bearing.CUT, 9_500, 300, 700.0, 900.0, date(2026, 11, 30), date(2026, 11, 25)),
        cut=234,
    )
    basis = path_of(9_500)
    year = year_of(9_000, basis)
    report = of_zeimu(running_report(career=CAREER), course=course, basis=basis, year=year)
    text = said(report)
    assert text.startswith("2026年11月はここまで、")
    assert "目標に収めるには：30日まで1勤務日あたり234面減らす。" in text
    assert "基準の2025年11月" not in text
    assert "在職" not in text, "part of a month is no pace of a career"
    assert "実績は" not in text
    assert "年度の累計" not in text, "its target is a whole month's"


def test_a_month_that_is_over_and_not_closed_is_told_like_a_closed_one() -> None:
    text = said(full_report(stage=Stage.OPEN, closure=None))
    assert "残り4か月" in text
    assert text.startswith("2026年11月は、")


def test_without_a_base_last_year_stands_for_it_and_without_that_nothing() -> None:
    plain = of_zeimu(full_report(), basis=Target(9_500, TargetSource.FIGURE), last_year=20_000)
    assert "前年同月（20,000面）より" in said(plain)
    nothing = of_zeimu(plain, last_year=None)
    assert "より" not in Texts("ja").say(letter(nothing).headline)


def test_what_is_not_known_is_left_out_and_named() -> None:
    bare = of_zeimu(
        closed_report(career=None),
        burden=NO_BURDEN,
        sheets=NO_PAPER,
        basis=NOT_SET,
        target=None,
        last_year=None,
    )
    headline = Texts("ja").say(letter(bare).headline)
    pages = bare.departments[1].figures.pages
    assert headline == f"2026年11月は、印刷{pages:,}面（枚数は不明）でした。"
    text = said(bare)
    assert "目標と比べていません：目標の定めなし。" in text
    assert "目標に戻すには" not in text
    assert "職員数の登録がないため、ほかの部署とは比べられません。" in text
    assert (
        "分からないもの：職員数（1人当たり）、カウンター料金の単価（円）、1面の時間（時間）。"
        in text
    )


def test_a_month_before_the_first_reading_says_that_nobody_read_it() -> None:
    sheet = of_zeimu(closed_report(stage=Stage.OPEN, closure=None), whole=False)
    assert "過去の台帳のものです" in said(sheet)
    assert "読みました" not in said(sheet)


def test_who_has_no_copier_is_not_told_that_all_were_read() -> None:
    text = said(of_zeimu(closed_report(), places=0, places_read=0))
    assert "複合機はありません" in text
    assert "読みました" not in text


def test_a_career_is_absent_where_none_is_stated_and_short_ones_are_months() -> None:
    assert "在職" not in said(full_report(career=None))
    short = replace(CAREER, hours_a_year=Decimal(2_000_000))
    assert "1人の勤務3か月分" in said(full_report(career=short))
    exact = Career(date(2025, 4, 1), "s", Decimal(2000), Decimal(40))
    assert exact.years_of_work(Decimal(25)) == 6


def test_a_measured_number_of_sheets_is_no_estimate() -> None:
    paper = PaperSum(Paper(5_000, 5_000, 5_000), rules={SheetRule.COUNTED: 2})
    text = said(of_zeimu(full_report(), sheets=paper, margin=EXACT, gaps=(), missing=()))
    assert "紙5,000枚" in text
    assert "およそ" not in text
    assert "本当" not in text


def test_the_office_names_who_passed_the_target_the_worst_first() -> None:
    text = said(closed_report(), WHOLE_OFFICE)
    assert "目標のある3部署のうち1部署が目標を超えました：税務課。" in text
    shut = full_report("総" * 200)
    named = said(shut, WHOLE_OFFICE)
    assert f"{'総' * 39}…" in named
    assert "総" * 40 not in named
    assert "目標と比べられる部署はありません。" in said(closed_report(departments=()), WHOLE_OFFICE)


@pytest.mark.parametrize(
    ("told", "sentence_"),
    [
        (
            ToldPlacing("2026-11", Placing(3, 3, 9), 100, 300, 512.4, 498.0),
            "職員100人以上300人未満の9拠点のうち少ないほうから3番目です（中央値498.0枚）。",
        ),
        (
            ToldPlacing("2027-02", Placing(1, 2, 3), 0, 100, 12.0, 12.0),
            "職員1人当たりの枚数（2026年度の2月まで、除外分を除く）は12.0枚で、",
        ),
        (
            ToldPlacing("2027-02", Placing(1, 2, 3), 0, 100, 12.0, 12.0),
            "職員100人未満の3拠点のうち少ないほうから1〜2番目です（枚数に幅があるため。",
        ),
        (ToldPlacing("2026-11", Placing(1, 1, 4), 1000, None, 1.0, 2.0), "職員1,000人以上の4拠点"),
    ],
)
def test_the_office_says_where_it_stands_among_others_of_its_size(
    told: ToldPlacing, sentence_: str
) -> None:
    report = closed_report(placing=told)
    assert sentence_ in said(report, WHOLE_OFFICE)
    assert "中央値" not in said(report, report.departments[0].department.id)


def as_tree(report: MonthReport, parents: Mapping[str, str], **targets: int | None) -> MonthReport:
    """Return `report` with some departments as parts of others, and some with other targets."""

    def parent(one: DepartmentFigures) -> DepartmentId | None:
        above = parents.get(one.department.id)
        return None if above is None else DepartmentId(above)

    return replace(
        report,
        departments=tuple(
            replace(
                one,
                parent=parent(one),
                figures=replace(
                    one.figures, target=targets.get(one.department.id, one.figures.target)
                ),
            )
            for one in report.departments
        ),
    )


def test_a_whole_is_counted_apart_from_its_parts_and_named() -> None:
    tree = as_tree(closed_report(), {"zeimu": "soumu"}, soumu=1)
    text = said(tree, WHOLE_OFFICE)
    assert "・目標のある2部署のうち1部署が目標を超えました：税務課。" in text
    assert (
        "・これとは別に、上位の部署（部など）では、目標のある1部署のうち1部署が目標を超えました：総務課。"
        in text
    )
    kept = said(as_tree(closed_report(), {"zeimu": "soumu"}, soumu=10**9), WHOLE_OFFICE)
    assert "上位の部署（部など）で目標のある1部署は、すべて目標の内です。" in kept


def test_a_whole_whose_parts_have_no_targets_is_counted_like_any_other() -> None:
    above = {"zeimu": "soumu", "fukushi": "zeimu"}
    alone = as_tree(closed_report(), above, soumu=1, zeimu=None, fukushi=None)
    text = said(alone, WHOLE_OFFICE)
    assert "目標のある1部署のうち1部署が目標を超えました：総務課。" in text
    assert "上位の部署" not in text


def test_a_department_that_the_report_does_not_name_has_no_letter() -> None:
    with pytest.raises(KeyError):
        letter(closed_report(), DepartmentId("nosuch"))


def test_places_that_were_not_read_are_named_and_no_more_than_five() -> None:
    text = said(full_report())
    assert "複合機241台のうち1台を読みました。読めていないのは：" in text
    assert " ほか 235。" in text
    few: Figures = everything(full_report().office, (full_report().places[0].place,))
    assert "読めていないのは：1階 市民ホール。" in said(full_report(office=few), WHOLE_OFFICE)
