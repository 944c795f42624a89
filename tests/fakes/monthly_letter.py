"""A report whose letters have every part there is, and names as long as they may be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.factors import Career
from collector.domain.cost.sheets import Paper, PaperSum, SheetRule
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.ranges import Margin
from collector.domain.month.course import YearMonth, YearToDate
from collector.domain.office.headcount import Rank
from collector.domain.office.office_calendar import fiscal_months
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, Target, TargetSource
from collector.domain.report.comparison import Placing, ToldPlacing
from collector.domain.report.month_report import Burden, Figures, MonthReport
from tests.fakes.month_report import closed_report

CAREER: Final = Career(date(2025, 4, 1), "条例", Decimal(1860), Decimal(38))
SHEETS: Final = Measure.SHEETS


def path_of(target: int, base: int = 10_000, measure: Measure = SHEETS) -> Target:
    """Return a step of a path that leads down to 7,000 in March 2029."""
    less = Decimal(round((1 - target / base) * 1000)) / 10
    found = Target(target, TargetSource.PATH, "2025-11", base, less, None, measure)
    return replace(found, goal_month="2029-03", goal=7_000)


def year_of(used: int, target: Target, until: str = "2026-11", before: int = 9_900) -> YearToDate:
    """Return a fiscal year of which every month before had `before`, all with `target`."""
    months = tuple(
        YearMonth(one, used if one == until else before if one < until else None, target)
        for one in fiscal_months(2026)
    )
    gone = [one for one in months if one.month <= until]
    pages = sum(one.pages or 0 for one in gone)
    allowed = len(gone) * (target.pages or 0)
    whole = len(months) * (target.pages or 0)
    return YearToDate(2026, until, months, months[0].month, pages, allowed, whole)


def everything(figures: Figures, places: tuple[PlaceId, ...] = ()) -> Figures:
    """Return `figures` with all that a letter can say of them: over their target, in sheets."""
    basis = path_of(9_500)
    meters = {**figures.meters, EXCLUDED: 120}
    gaps = tuple(Gap(one, lack) for one in places for lack in Lack)
    return replace(
        figures,
        target=9_500,
        basis=basis,
        meters=meters,
        sheets=PaperSum(Paper(9_870, 9_100, 10_400), rules={SheetRule.STATED_SHARE: 3}),
        people=31,
        rank=Rank(4, 5),
        year=year_of(9_870, basis),
        missing=places,
        places=len(places) + 1,
        places_read=1,
        margin=Margin(340, 560),
        in_question=1_234_567,
        gaps=gaps,
        burden=Burden(Decimal(12_345_678), Decimal(234_567), Decimal("1234.5"), None),
        since=date(2026, 11, 4),
    )


def full_report(name: str = "", **changes: object) -> MonthReport:
    """Return a closed month of which every letter says everything; all are called `name`."""
    report = closed_report(career=CAREER)
    places = tuple(replace(one, name=name or one.name) for one in report.places for _ in range(30))
    every = tuple(PlaceId(f"{one.place}-{at}") for at, one in enumerate(places))
    named = tuple(replace(one, place=key) for one, key in zip(places, every, strict=True))
    facts: Mapping[str, object] = {
        "placing": ToldPlacing("2026-11", Placing(2, 4, 19), 1000, 2000, 12_345.6, 9_876.5),
        "places": named,
        "office": everything(report.office, every),
        "departments": tuple(
            replace(
                one,
                department=replace(
                    one.department,
                    name=name or one.department.name,
                    name_en=name or one.department.name_en,
                ),
                figures=everything(one.figures, every),
            )
            for one in report.departments
        ),
    }
    return replace(report, **{**facts, **changes})  # type: ignore[arg-type] - as closed_report
