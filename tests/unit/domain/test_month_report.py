"""What follows from a report's figures: left, ratio, change, verdict, sums of the year."""

from dataclasses import replace

import pytest

from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.report.month_report import Figures, MonthPoint, Stage, TargetVerdict
from tests.fakes.month_report import closed_report


def test_against_target_and_last_year() -> None:
    one = Figures(pages=900, target=1000, last_year=1200)
    assert (one.left, one.ratio, one.change, one.change_ratio) == (100, 0.9, -300, -0.25)


def test_what_is_not_known_is_absent_and_never_zero() -> None:
    one = Figures(pages=900)
    assert (one.left, one.ratio, one.change, one.change_ratio, one.verdict) == (None,) * 5


def test_nothing_is_a_share_of_nothing() -> None:
    one = Figures(pages=5, target=0, last_year=0)
    assert (one.ratio, one.change_ratio) == (None, None)
    assert (one.left, one.change, one.verdict) == (-5, 5, TargetVerdict.OVER)


def test_part_of_a_month_is_not_compared_with_a_whole_one() -> None:
    one = Figures(pages=900, last_year=1200, whole=False)
    assert (one.last_year, one.change, one.change_ratio) == (1200, None, None)
    for stage in (Stage.RUNNING, Stage.PARTIAL):
        assert MonthPoint("2026-11", stage, 900, last_year=1200).change_ratio is None
    assert MonthPoint("2026-11", Stage.OPEN, 900, last_year=1200).change_ratio == -0.25


@pytest.mark.parametrize(
    ("pages", "expected", "verdict"),
    [
        (1000, None, TargetVerdict.WITHIN),
        (1001, None, TargetVerdict.OVER),
        (800, 1000.0, TargetVerdict.WITHIN),
        (800, 1000.5, TargetVerdict.HEADING_OVER),
        (1001, 1200.0, TargetVerdict.OVER),
    ],
)
def test_verdicts(pages: int, expected: float | None, verdict: TargetVerdict) -> None:
    ends = None if expected is None else Forecast(expected, 0, 9999)
    assert Figures(pages=pages, target=1000, expected=ends).verdict is verdict


def test_the_year_adds_up_from_april_until_a_figure_is_missing() -> None:
    report = closed_report(
        months=(
            MonthPoint("2026-03", Stage.CLOSED, 999, 999, 999),
            MonthPoint("2026-04", Stage.CLOSED, 10, 20, 1),
            MonthPoint("2026-05", Stage.CLOSED, 11, None, 2),
            MonthPoint("2026-06", None),
            MonthPoint("2026-07", Stage.CLOSED, 13, 20, 4),
        )
    )
    lines = list(report.year())
    assert [one.point.month for one in lines] == ["2026-04", "2026-05", "2026-06", "2026-07"]
    assert [one.pages for one in lines] == [10, 21, None, None]
    assert [one.target for one in lines] == [20, None, None, None]
    assert [one.last_year for one in lines] == [1, 3, None, None]
    assert [one.left for one in lines] == [10, None, None, None]
    assert [one.ratio for one in lines] == [0.5, None, None, None]


def test_pages_of_former_departments_are_what_the_named_ones_leave() -> None:
    report = closed_report()
    point = MonthPoint(
        "2026-01",
        Stage.CLOSED,
        100,
        departments={DepartmentId("soumu"): 60, DepartmentId("old"): 40},
    )
    assert report.others(point) == 40
    assert report.others(MonthPoint("2026-01")) is None
    assert report.others(report.months[-1]) == 0


def test_a_department_that_is_not_named_goes_by_its_id() -> None:
    report = closed_report()
    assert report.department(DepartmentId("zeimu")).name == "税務課"
    assert report.department(DepartmentId("gone")) == Department(DepartmentId("gone"), "gone")


def test_provisional_is_what_nobody_sealed() -> None:
    report = closed_report()
    assert not report.is_provisional
    assert replace(report, closure=None).is_provisional
