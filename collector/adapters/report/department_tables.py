"""The tables about departments: the month against its target, and the year around it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from collector.adapters.report.cells import Cell, CellKind, Column, clean
from collector.adapters.report.sentences import lacks_colours
from collector.adapters.report.tables import (
    CellColumn,
    Table,
    only,
    table_of,
    text_column,
    word_column,
)
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.meters import Meter
from collector.domain.month.course import Bearing
from collector.domain.office.office_calendar import era_month
from collector.domain.office.targets import TargetSource
from collector.domain.report.month_report import (
    Figures,
    MonthPoint,
    MonthReport,
    Stage,
    TargetVerdict,
)
from collector.domain.report.sentences import bring_back, gaps_text, target_text

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


def departments_table(report: MonthReport, words: ReportWords) -> Table:
    """Return every department's month against its target, the office as the last line."""
    figures = [one.figures for one in report.departments]
    names = tuple(clean(words.name(one.department)) for one in report.departments)
    fields = [
        CellColumn(
            text_column("department", words("department"), _NAME_WIDTH), names, words("office")
        ),
        *_pages(figures, report.office, words),
        *_target(figures, report.office, words),
        *_burden(figures, report.office, words),
        *_known(figures, report.office, words),
    ]
    return table_of(
        "departments",
        words("departments_full_title"),
        fields,
        alerts=[one.verdict is TargetVerdict.OVER for one in figures],
        has_total=True,
        total_alert=report.office.verdict is TargetVerdict.OVER,
        notes=(*advice(report, words), *unknowns(report, words)),
    )


def brief(table: Table, report: MonthReport, words: ReportWords) -> Table:
    """Return of the departments' `table` what fits on the first page, with advice below it."""
    keys = _BRIEF_RUNNING if report.stage is Stage.RUNNING else _BRIEF
    return replace(only(table, keys), notes=advice(report, words))


_BRIEF: Final = (
    *("department", "pages", "target", "left", "ratio", "last_year", "change_ratio", "verdict"),
)
_BRIEF_RUNNING: Final = (
    *("department", "pages", "target", "left", "ratio", "expected", "last_year", "verdict"),
)


def _field(
    column: Column, cells: Sequence[Cell], total: Cell, *, optional: bool = False
) -> CellColumn:
    return CellColumn(column, tuple(cells), total, optional)


def _pages(figures: Sequence[Figures], office: Figures, words: ReportWords) -> list[CellColumn]:
    fields = [_field(Column("pages", words("pages")), [one.pages for one in figures], office.pages)]
    for key, meter in _METERS:
        cells = [one.meters.get(meter) for one in figures]
        column = Column(key, words(key))
        fields.append(_field(column, cells, office.meters.get(meter), optional=True))
    return fields


def _target(figures: Sequence[Figures], office: Figures, words: ReportWords) -> list[CellColumn]:
    every = (*figures, office)
    verdicts = [one.verdict and words(f"verdict_{one.verdict.value}") for one in every]
    columns: list[tuple[Column, list[Cell]]] = [
        (Column("target", words("target")), [one.target for one in every]),
        (Column("left", words("left")), [one.left for one in every]),
        (Column("ratio", words("ratio"), CellKind.SHARE, 9), [one.ratio for one in every]),
        (
            text_column("basis", words("basis"), 20),
            [_basis(one, words) for one in every],
        ),
        (word_column("verdict", words("verdict"), 13), list(verdicts)),
        *_expected(every, words),
        (Column("last_year", words("last_year")), [one.last_year for one in every]),
        (Column("change", words("change"), CellKind.SIGNED), [one.change for one in every]),
        (
            Column("change_ratio", words("change_ratio"), CellKind.CHANGE, 9),
            [one.change_ratio for one in every],
        ),
    ]
    return [_field(column, cells[:-1], cells[-1], optional=True) for column, cells in columns]


def _basis(one: Figures, words: ReportWords) -> Cell:
    if one.basis.source is TargetSource.NOT_SET or one.target is None:
        return None
    return target_text(one.basis, japanese=words.is_japanese)


def _expected(every: Sequence[Figures], words: ReportWords) -> list[tuple[Column, list[Cell]]]:
    ends = [one.expected for one in every]
    return [
        (
            Column("expected", words("expected")),
            [None if one is None else round(one.expected) for one in ends],
        ),
        (Column("low", words("low")), [None if one is None else round(one.low) for one in ends]),
        (Column("high", words("high")), [None if one is None else round(one.high) for one in ends]),
    ]


def _burden(figures: Sequence[Figures], office: Figures, words: ReportWords) -> list[CellColumn]:
    every = [one.burden for one in (*figures, office)]
    grams = [one.co2_g for one in every]
    columns: list[tuple[Column, list[Cell]]] = [
        (Column("cost", words("cost"), width=12), [one.cost_yen for one in every]),
        (Column("paper_cost", words("paper_cost"), width=12), [one.paper_yen for one in every]),
        (Column("hours", words("hours"), CellKind.AMOUNT, 12), [one.hours for one in every]),
        (
            Column("co2", words("co2"), CellKind.AMOUNT, 12),
            [None if one is None else one / Decimal(_GRAMS) for one in grams],
        ),
    ]
    return [_field(column, cells[:-1], cells[-1], optional=True) for column, cells in columns]


def _known(figures: Sequence[Figures], office: Figures, words: ReportWords) -> list[CellColumn]:
    fields = []
    for key, meter in _OTHER_UNITS:
        cells = [one.meters.get(meter) for one in figures]
        column = Column(key, words(key), width=13)
        fields.append(_field(column, cells, office.meters.get(meter), optional=True))
    every = (*figures, office)
    for key, counts in (
        ("estimated", [one.estimated for one in every]),
        ("places_read", [one.places_read for one in every]),
        ("places_of", [one.places for one in every]),
    ):
        column = Column(key, words(key), width=10)
        fields.append(_field(column, counts[:-1], counts[-1]))
    for key, ends in (
        ("pages_low", [one.low if one.margin else None for one in every]),
        ("pages_high", [one.high if one.margin else None for one in every]),
        ("in_question", [one.in_question or None for one in every]),
    ):
        fields.append(_field(Column(key, words(key)), ends[:-1], ends[-1], optional=True))
    return fields


# The tables about the months before: thirteen of them, and the fiscal year to date.


def months_table(report: MonthReport, words: ReportWords) -> Table:
    """Return the office's thirteen months, one a line."""
    points = report.months
    columns: list[tuple[Column, list[Cell]]] = [
        *_names([one.month for one in points], words),
        (Column("pages", words("pages")), [one.pages for one in points]),
        (Column("target", words("target")), [one.target for one in points]),
        (Column("ratio", words("ratio"), CellKind.SHARE, 9), [one.ratio for one in points]),
        (Column("last_year", words("last_year")), [one.last_year for one in points]),
        (
            Column("change_ratio", words("change_ratio"), CellKind.CHANGE, 9),
            [one.change_ratio for one in points],
        ),
        (word_column("stage", words("state"), 18), [stage_of(one, words) for one in points]),
    ]
    return table_of(
        "months",
        words("months_title"),
        [CellColumn(column, tuple(cells), optional=True) for column, cells in columns],
        alerts=[_is_over(one.pages, one.target) for one in points],
    )


def year_table(report: MonthReport, words: ReportWords) -> Table:
    """Return the fiscal year month by month with the sums so far."""
    lines = list(report.year())
    columns: list[tuple[Column, list[Cell]]] = [
        *_names([one.point.month for one in lines], words),
        (Column("pages", words("pages")), [one.point.pages for one in lines]),
        (Column("target", words("target")), [one.point.target for one in lines]),
        (Column("sum_pages", words("sum_pages")), [one.pages for one in lines]),
        (Column("sum_target", words("sum_target")), [one.target for one in lines]),
        (Column("sum_left", words("sum_left")), [one.left for one in lines]),
        (Column("sum_ratio", words("sum_ratio"), CellKind.SHARE, 12), [one.ratio for one in lines]),
        (Column("sum_last_year", words("sum_last_year")), [one.last_year for one in lines]),
    ]
    return table_of(
        "year",
        words("year_title", year=words.year(report.fiscal_year)),
        [CellColumn(column, tuple(cells), optional=True) for column, cells in columns],
        alerts=[_is_over(one.pages, one.target) for one in lines],
    )


def department_months_table(report: MonthReport, words: ReportWords) -> Table:
    """Return a line for each department with its thirteen months; former ones together."""
    points = report.months
    names = [clean(words.name(one.department)) for one in report.departments]
    rows: list[list[Cell]] = [
        [point.departments.get(one.department.id) for point in points] for one in report.departments
    ]
    others = [report.others(point) for point in points]
    if any(others):
        names.append(words("others"))
        rows.append([one or None for one in others])
    fields = [
        CellColumn(
            text_column("department", words("department"), 22), tuple(names), words("office")
        )
    ]
    for at, point in enumerate(points):
        column = Column(point.month, point.month, width=10)
        fields.append(CellColumn(column, tuple(row[at] for row in rows), point.pages))
    return table_of("department_months", words("department_months_table"), fields, has_total=True)


def stage_of(point: MonthPoint, words: ReportWords) -> str:
    """Return in words how far that month has come."""
    return words("stage_unknown" if point.stage is None else f"stage_{point.stage.value}")


def is_soft(point: MonthPoint) -> bool:
    """Say whether a chart should draw that month as not final or not whole."""
    return point.stage in {Stage.RUNNING, Stage.OPEN, Stage.PARTIAL}


def _is_over(pages: int | None, target: int | None) -> bool:
    return pages is not None and target is not None and pages > target


def _names(months: list[str], words: ReportWords) -> list[tuple[Column, list[Cell]]]:
    named: list[tuple[Column, list[Cell]]] = [
        (text_column("month", words("month"), 10), list(months))
    ]
    if words.is_japanese:
        eras: list[Cell] = [era_month(first_of(one)) for one in months]
        named.append((word_column("era", words("era"), 14), eras))
    return named
