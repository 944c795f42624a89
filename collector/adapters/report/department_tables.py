"""The tables about departments: the month against its target, and the year around it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from collector.adapters.report.sentences import lacks_colours
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.meters import Meter
from collector.domain.month.course import Bearing
from collector.domain.month.forecast import Forecast
from collector.domain.office.office_calendar import era_month
from collector.domain.office.targets import TargetSource
from collector.domain.report.month_report import (
    Figures,
    MonthPoint,
    MonthReport,
    Stage,
    TargetVerdict,
    YearLine,
)
from collector.domain.report.table import (
    Cell,
    CellKind,
    Column,
    Item,
    Table,
    clean,
    only,
    total_of,
)
from collector.texts.figures import bring_back, gaps_text, target_text

# Sentences about single departments: what would bring a month back, and what is not known.


_TOLD: Final = frozenset({Bearing.CLOSE, Bearing.CUT, Bearing.LAST_PAGES, Bearing.OVER})
_PUZZLING: Final = frozenset(
    {TargetSource.BASE_UNKNOWN, TargetSource.YEAR_UNKNOWN, TargetSource.PART_MISSING}
)


def advice(report: MonthReport, words: ReportWords) -> tuple[str, ...]:
    """Return for the office and each department of a running month what keeps its target."""
    return tuple(
        f"{name}: {bring_back(figures.course, japanese=words.is_japanese)}"
        for name, figures in _everybody(report, words)
        if figures.course is not None and figures.course.bearing in _TOLD
    )


def unknowns(report: MonthReport, words: ReportWords) -> tuple[str, ...]:
    """Return why figures are missing: targets, money, colours."""
    found = []
    for name, figures in _everybody(report, words):
        if figures.basis.source in _PUZZLING:
            found.append(f"{name}: {target_text(figures.basis, japanese=words.is_japanese)}")
    if report.office.gaps:
        found.append(gaps_text(report.office.gaps, japanese=words.is_japanese))
    if lacks_colours(report.office):
        found.append(words("some_colours"))
    return tuple(found)


def _everybody(report: MonthReport, words: ReportWords) -> Iterator[tuple[str, Figures]]:
    yield words("office"), report.office
    for one in report.departments:
        yield words.name(one.department), one.figures


_METERS = (
    ("mono", Meter("total_mono")),
    ("color", Meter("total_color")),
    ("copy", Meter("copy")),
    ("print", Meter("print")),
    ("fax", Meter("fax")),
)
_OTHER_UNITS = (("scan", Meter("scan")), ("sheets", Meter("sheets")))
_NAME_WIDTH = 24
_GRAMS = 1000


Line = tuple[str, Figures]
"""A department's name, or the office's, and its figures."""


def departments_table(report: MonthReport, words: ReportWords) -> Table[Line]:
    """Return every department's month against its target, the office as the last line."""
    columns = (
        Column("department", _name, words("department"), CellKind.TEXT, _NAME_WIDTH),
        _figure("pages", lambda one: one.pages, words, optional=False),
        *(_meter(key, meter, words) for key, meter in _METERS),
        *_target(words),
        *_burden(words),
        *(_meter(key, meter, words, 13) for key, meter in _OTHER_UNITS),
        *_known(words),
    )
    return Table(
        "departments",
        columns,
        [(clean(words.name(one.department)), one.figures) for one in report.departments],
        words("departments_full_title"),
        total=total_of(columns, (words("office"), report.office)),
        notes=(*advice(report, words), *unknowns(report, words)),
        alert=lambda line: line[1].verdict is TargetVerdict.OVER,
        total_alert=report.office.verdict is TargetVerdict.OVER,
    )


def brief(table: Table[Line], report: MonthReport, words: ReportWords) -> Table[Line]:
    """Return of the departments' `table` what fits on the first page, with advice below it."""
    keys = _BRIEF_RUNNING if report.stage is Stage.RUNNING else _BRIEF
    return replace(only(table, keys), notes=advice(report, words))


_BRIEF: Final = (
    *("department", "pages", "target", "left", "ratio", "last_year", "change_ratio", "verdict"),
)
_BRIEF_RUNNING: Final = (
    *("department", "pages", "target", "left", "ratio", "expected", "last_year", "verdict"),
)


def _name(line: Line) -> str:
    return line[0]


def _figure(
    key: str,
    value: Callable[[Figures], Cell],
    words: ReportWords,
    kind: CellKind = CellKind.COUNT,
    width: int = 11,
    *,
    optional: bool = True,
) -> Column[Line]:
    return Column(key, lambda line: value(line[1]), words(key), kind, width, optional=optional)


def _meter(key: str, meter: Meter, words: ReportWords, width: int = 11) -> Column[Line]:
    return _figure(key, lambda one: one.meters.get(meter), words, width=width)


def _target(words: ReportWords) -> tuple[Column[Line], ...]:
    verdict = _figure(
        "verdict",
        lambda one: one.verdict and words(f"verdict_{one.verdict.value}"),
        words,
        CellKind.TEXT,
        13,
    )
    return (
        _figure("target", lambda one: one.target, words),
        _figure("left", lambda one: one.left, words),
        _figure("ratio", lambda one: one.ratio, words, CellKind.SHARE, 9),
        _figure("basis", lambda one: _basis(one, words), words, CellKind.TEXT, 20),
        replace(verdict, is_word=True),
        *_expected(words),
        _figure("last_year", lambda one: one.last_year, words),
        _figure("change", lambda one: one.change, words, CellKind.SIGNED),
        _figure("change_ratio", lambda one: one.change_ratio, words, CellKind.CHANGE, 9),
    )


def _expected(words: ReportWords) -> Iterator[Column[Line]]:
    def end(key: str, value: Callable[[Forecast], float]) -> Column[Line]:
        def rounded(one: Figures) -> Cell:
            return None if one.expected is None else round(value(one.expected))

        return _figure(key, rounded, words)

    yield end("expected", lambda ends: ends.expected)
    yield end("low", lambda ends: ends.low)
    yield end("high", lambda ends: ends.high)


def _basis(one: Figures, words: ReportWords) -> Cell:
    if one.basis.source is TargetSource.NOT_SET or one.target is None:
        return None
    return target_text(one.basis, japanese=words.is_japanese)


def _burden(words: ReportWords) -> tuple[Column[Line], ...]:
    def kilograms(one: Figures) -> Cell:
        return None if one.burden.co2_g is None else one.burden.co2_g / Decimal(_GRAMS)

    return (
        _figure("cost", lambda one: one.burden.cost_yen, words, width=12),
        _figure("paper_cost", lambda one: one.burden.paper_yen, words, width=12),
        _figure("hours", lambda one: one.burden.hours, words, CellKind.AMOUNT, 12),
        _figure("co2", kilograms, words, CellKind.AMOUNT, 12),
    )


def _known(words: ReportWords) -> tuple[Column[Line], ...]:
    return (
        _figure("estimated", lambda one: one.estimated, words, width=10, optional=False),
        _figure("places_read", lambda one: one.places_read, words, width=10, optional=False),
        _figure("places_of", lambda one: one.places, words, width=10, optional=False),
        _figure("pages_low", lambda one: one.low if one.margin else None, words),
        _figure("pages_high", lambda one: one.high if one.margin else None, words),
        _figure("in_question", lambda one: one.in_question or None, words),
    )


# The tables about the months before: thirteen of them, and the fiscal year to date.


def months_table(report: MonthReport, words: ReportWords) -> Table[MonthPoint]:
    """Return the office's thirteen months, one a line."""
    stage: Column[MonthPoint] = Column(
        "stage", lambda one: stage_of(one, words), words("state"), CellKind.TEXT, 18
    )
    return Table(
        "months",
        (
            *_months(lambda one: one.month, words),
            _sum("pages", lambda one: one.pages, words),
            _sum("target", lambda one: one.target, words),
            _sum("ratio", lambda one: one.ratio, words, CellKind.SHARE, 9),
            _sum("last_year", lambda one: one.last_year, words),
            _sum("change_ratio", lambda one: one.change_ratio, words, CellKind.CHANGE, 9),
            replace(stage, is_word=True),
        ),
        report.months,
        words("months_title"),
        alert=lambda one: _is_over(one.pages, one.target),
    )


def year_table(report: MonthReport, words: ReportWords) -> Table[YearLine]:
    """Return the fiscal year month by month with the sums so far."""
    return Table(
        "year",
        (
            *_months(lambda one: one.point.month, words),
            _sum("pages", lambda one: one.point.pages, words),
            _sum("target", lambda one: one.point.target, words),
            _sum("sum_pages", lambda one: one.pages, words),
            _sum("sum_target", lambda one: one.target, words),
            _sum("sum_left", lambda one: one.left, words),
            _sum("sum_ratio", lambda one: one.ratio, words, CellKind.SHARE, 12),
            _sum("sum_last_year", lambda one: one.last_year, words),
        ),
        list(report.year()),
        words("year_title", year=words.year(report.fiscal_year)),
        alert=lambda one: _is_over(one.pages, one.target),
    )


def _sum(
    key: str,
    value: Callable[[Item], Cell],
    words: ReportWords,
    kind: CellKind = CellKind.COUNT,
    width: int = 11,
) -> Column[Item]:
    return Column(key, value, words(key), kind, width, optional=True)


def department_months_table(
    report: MonthReport, words: ReportWords
) -> Table[tuple[str, Sequence[Cell]]]:
    """Return a line for each department with its thirteen months; former ones together."""
    points = report.months
    rows: list[tuple[str, Sequence[Cell]]] = [
        (
            clean(words.name(one.department)),
            [point.departments.get(one.department.id) for point in points],
        )
        for one in report.departments
    ]
    others = [report.others(point) for point in points]
    if any(others):
        rows.append((words("others"), [one or None for one in others]))
    return Table(
        "department_months",
        (
            Column("department", lambda row: row[0], words("department"), CellKind.TEXT, 22),
            *(_month_at(at, point.month) for at, point in enumerate(points)),
        ),
        rows,
        words("department_months_table"),
        total={"department": words("office")} | {one.month: one.pages for one in points},
    )


def _month_at(at: int, month: str) -> Column[tuple[str, Sequence[Cell]]]:
    return Column(month, lambda row: row[1][at], month, width=10)


def stage_of(point: MonthPoint, words: ReportWords) -> str:
    """Return in words how far that month has come."""
    return words("stage_unknown" if point.stage is None else f"stage_{point.stage.value}")


def is_soft(point: MonthPoint) -> bool:
    """Say whether a chart should draw that month as not final or not whole."""
    return point.stage in {Stage.RUNNING, Stage.OPEN, Stage.PARTIAL}


def _is_over(pages: int | None, target: int | None) -> bool:
    return pages is not None and target is not None and pages > target


def _months(month: Callable[[Item], str], words: ReportWords) -> Iterator[Column[Item]]:
    """Yield what a month is called; in Japanese by its era, too."""
    yield Column("month", month, words("month"), CellKind.TEXT, 10)
    if words.is_japanese:
        era: Column[Item] = Column(
            "era", lambda one: era_month(first_of(month(one))), words("era"), CellKind.TEXT, 14
        )
        yield replace(era, is_word=True)
