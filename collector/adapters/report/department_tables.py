"""The tables about departments: the month against its target, and the year around it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final

from collector.adapters.report.sentences import counted_in, lacks_colours
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.month.course import Bearing
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import era_month
from collector.domain.office.targets import TargetSource
from collector.domain.report.month_report import (
    DepartmentFigures,
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
    only,
    total_of,
)
from collector.texts.figures import bring_back, gaps_text, paper_text, target_text

# Sentences about single departments: what would bring a month back, and what is not known.


UNIT: Final = "impressions (面)"
"""What pages are counted in, the same in each language."""

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
    if report.office.sheets.paper is not None and report.office.sheets.rules:
        found.append(paper_text(report.office.sheets, japanese=words.is_japanese))
    if lacks_colours(report.office):
        found.append(words("some_colours"))
    return tuple(found)


def _everybody(report: MonthReport, words: ReportWords) -> Iterator[tuple[str, Figures]]:
    yield words("office"), report.office
    for one in report.departments:
        yield words.name(one.department), one.figures


_METERS = (
    ("mono", "mono", TOTAL_MONO),
    ("color", "color", TOTAL_COLOR),
    ("copy", "copy", Meter("copy")),
    ("print", "print", Meter("print")),
    ("fax", "fax", Meter("fax")),
    ("scans", "scan", Meter("scan")),
    ("sheets", "sheets", Meter("sheets")),
)
"""Name in CSV, word of the heading, meter."""
_OTHER_UNITS = frozenset({"scans", "sheets"})
_NAME_WIDTH = 24
_GRAMS = 1000
_DIGITS = 4


def departments_table(report: MonthReport, words: ReportWords) -> Table[DepartmentFigures]:
    """Return every department's month against its target, the office as the last line.

    CSV has every name in the same order in every language; readers see what has a heading.
    """
    columns = (
        *month_columns(report),
        Column(
            "department",
            lambda one: one.department.id,
            words("department"),
            CellKind.TEXT,
            _NAME_WIDTH,
            lambda one: words.in_tree(one.department, one.level),
        ),
        Column("name", lambda one: one.department.name),
        Column("name_en", lambda one: one.department.name_en),
        _figure("pages", lambda one: one.pages, words("pages"), optional=False),
        *(_meter(key, words(word), meter) for key, word, meter in _METERS),
        *_target(words),
        *_burden(words),
        *_known(words),
        *_sheets(words),
        *_heads(words),
        *_excluded(words),
        *_in_tree(),
    )
    everybody = Department(DepartmentId(""), words("office"))
    office = DepartmentFigures(everybody, report.office, report.office.pages)
    return Table(
        "departments",
        columns,
        report.departments,
        words("departments_full_title"),
        total=total_of(columns, office, department=words("office")),
        notes=(*advice(report, words), *unknowns(report, words)),
        shown=_SHOWN,
        alert=lambda one: one.figures.verdict is TargetVerdict.OVER,
        total_alert=report.office.verdict is TargetVerdict.OVER,
    )


def _excluded(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    """Return what is excluded and the total without it; readers see both where anything is."""
    return (
        _figure(
            "excluded",
            lambda one: one.excluded,
            words("excluded"),
            shown=lambda one: one.excluded or None,
        ),
        _figure(
            "pages_without",
            lambda one: one.without,
            words("pages_without"),
            shown=lambda one: one.without if one.excluded else None,
        ),
    )


def _in_tree() -> tuple[Column[DepartmentFigures], ...]:
    """Return where a department stands in the tree, and what of its pages are its own places'."""
    return (
        Column("level", lambda one: one.level),
        Column("parent", lambda one: one.parent),
        Column("own_pages", lambda one: one.own),
    )


_SHOWN: Final = (
    *("department", "pages", "excluded", "pages_without"),
    *("mono", "color", "copy", "print", "fax"),
    *("target", "remaining", "ratio", "basis", "verdict"),
    *("forecast", "forecast_low", "forecast_high", "last_year", "change", "change_ratio"),
    *("cost_yen", "paper_yen", "hours", "co2_g", "scans", "sheets"),
    *("sheets_used", "sheets_low", "sheets_quality", "a4_sheets", "duplex_share"),
    *("sheets_per_head", "pages_per_head", "rank"),
    *("estimated", "places_read", "places", "pages_low", "pages_high", "in_question"),
)
"""The order in which people read it."""


def brief(
    table: Table[DepartmentFigures], report: MonthReport, words: ReportWords
) -> Table[DepartmentFigures]:
    """Return of the departments' `table` what fits on the first page, with advice below it.

    What a target counts that counts no impressions stands there with its unit.
    """
    keys: tuple[str, ...] = _BRIEF_RUNNING if report.stage is Stage.RUNNING else _BRIEF
    if report.office.excluded:
        keys = (*keys[:2], "excluded", "pages_without", *keys[2:])
    found = replace(only(table, keys), shown=keys, notes=advice(report, words))
    return replace(
        found,
        columns=tuple(_with_unit(one, words) for one in found.columns),
        total={**(found.total or {}), **_office_in_unit(found, report.office, words)},
    )


_BY_TARGET: Final = frozenset({"target", "remaining", "forecast"})
"""Columns that are in the measure of the target."""


def _with_unit(column: Column[DepartmentFigures], words: ReportWords) -> Column[DepartmentFigures]:
    if column.key not in _BY_TARGET:
        return column
    return replace(column, shown=lambda one: counted_in(one.figures, column.cell(one), words))


def _office_in_unit(
    table: Table[DepartmentFigures], office: Figures, words: ReportWords
) -> dict[str, Cell]:
    total = table.total or {}
    return {key: counted_in(office, total[key], words) for key in _BY_TARGET & total.keys()}


_BRIEF: Final = (
    *("department", "pages", "target", "remaining", "ratio", "last_year", "change_ratio"),
    "verdict",
)
_BRIEF_RUNNING: Final = (
    *("department", "pages", "target", "remaining", "ratio", "forecast", "last_year", "verdict"),
)


def month_columns(report: MonthReport) -> tuple[Column[Any], ...]:
    """Return what stands in each line of a CSV: which month, how far it has come, in what unit."""
    closure = report.closure
    return (
        Column("month", lambda _: report.period.name),
        Column("from", lambda _: report.period.start.isoformat()),
        Column("to", lambda _: report.period.end.isoformat()),
        Column("state", lambda _: report.stage.value),
        Column("revision", lambda _: None if closure is None else closure.revision),
        Column("unit", lambda _: UNIT),
    )


def _figure(
    key: str,
    value: Callable[[Figures], object],
    heading: str | None,
    kind: CellKind = CellKind.COUNT,
    width: int = 11,
    shown: Callable[[Figures], Cell] | None = None,
    *,
    optional: bool = True,
) -> Column[DepartmentFigures]:
    return Column(
        key,
        lambda one: value(one.figures),
        heading,
        kind,
        width,
        None if shown is None else (lambda one: shown(one.figures)),
        optional=optional,
    )


def _meter(key: str, heading: str, meter: Meter) -> Column[DepartmentFigures]:
    width = 13 if key in _OTHER_UNITS else 11
    return _figure(key, lambda one: one.meters.get(meter), heading, width=width)


def _share(
    key: str, value: Callable[[Figures], float | None], heading: str, kind: CellKind
) -> Column[DepartmentFigures]:
    """Return a share: of four digits for programs, whole for whoever draws it."""

    def rounded(one: Figures) -> float | None:
        share = value(one)
        return None if share is None else round(share, _DIGITS)

    return _figure(key, rounded, heading, kind, 9, value)


def _target(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    def told(one: Figures) -> Cell:
        return one.verdict and words(f"verdict_{one.verdict.value}")

    verdict = _figure(
        "verdict",
        lambda one: one.verdict and one.verdict.value,
        words("verdict"),
        CellKind.TEXT,
        13,
        told,
    )
    basis: Column[DepartmentFigures] = Column(
        "basis",
        None,
        words("basis"),
        CellKind.TEXT,
        20,
        lambda one: _basis(one.figures, words),
        optional=True,
    )
    return (
        _figure("target", lambda one: one.target, words("target")),
        _figure("remaining", lambda one: one.left, words("left")),
        _share("ratio", lambda one: one.ratio, words("ratio"), CellKind.SHARE),
        basis,
        replace(verdict, is_word=True),
        *_expected(words),
        _figure("last_year", lambda one: one.last_year, words("last_year")),
        _figure("change", lambda one: one.change, words("change"), CellKind.SIGNED),
        _share(
            "change_ratio", lambda one: one.change_ratio, words("change_ratio"), CellKind.CHANGE
        ),
    )


def _expected(words: ReportWords) -> Iterator[Column[DepartmentFigures]]:
    def end(key: str, word: str, value: Callable[[Forecast], float]) -> Column[DepartmentFigures]:
        def rounded(one: Figures) -> Cell:
            return None if one.expected is None else round(value(one.expected))

        return _figure(key, rounded, words(word))

    yield end("forecast", "expected", lambda ends: ends.expected)
    yield end("forecast_low", "low", lambda ends: ends.low)
    yield end("forecast_high", "high", lambda ends: ends.high)


def _basis(one: Figures, words: ReportWords) -> Cell:
    if one.basis.source is TargetSource.NOT_SET or one.target is None:
        return None
    return target_text(one.basis, japanese=words.is_japanese)


def _burden(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    def kilograms(one: Figures) -> Cell:
        return None if one.burden.co2_g is None else one.burden.co2_g / Decimal(_GRAMS)

    amount = CellKind.AMOUNT
    return (
        _figure("cost_yen", lambda one: one.burden.cost_yen, words("cost"), width=12),
        _figure("paper_yen", lambda one: one.burden.paper_yen, words("paper_cost"), width=12),
        _figure("hours", lambda one: one.burden.hours, words("hours"), amount, 12),
        _figure("co2_g", lambda one: one.burden.co2_g, words("co2"), amount, 12, kilograms),
    )


def _known(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    def within(value: Callable[[Figures], int]) -> Callable[[Figures], Cell]:
        return lambda one: value(one) if one.margin else None

    def low(one: Figures) -> int:
        return one.low

    def high(one: Figures) -> int:
        return one.high

    def waiting(one: Figures) -> Cell:
        return one.in_question or None

    def since(one: DepartmentFigures) -> str | None:
        first = one.figures.since
        return None if first is None else first.isoformat()

    always = partial(_figure, width=10, optional=False)
    return (
        always("estimated", lambda one: one.estimated, words("estimated")),
        always("places", lambda one: one.places, words("places_of")),
        always("places_read", lambda one: one.places_read, words("places_read")),
        _figure("pages_low", low, words("pages_low"), shown=within(low)),
        _figure("pages_high", high, words("pages_high"), shown=within(high)),
        _figure("in_question", lambda one: one.in_question, words("in_question"), shown=waiting),
        Column("measured_since", since),
    )


def _sheets(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    """Return how much paper it was and how that is known; where nothing was printed, nothing."""

    def drawn(value: Callable[[Figures], Cell]) -> Callable[[Figures], Cell]:
        return lambda one: value(one) if one.sheets.rules else None

    def used(one: Figures) -> int | None:
        return None if one.sheets.paper is None else one.sheets.paper.value

    def low(one: Figures) -> int | None:
        return None if one.sheets.paper is None else one.sheets.paper.low

    def span(one: Figures) -> Cell:
        found = one.sheets.paper
        if found is None or found.low == found.high:
            return None
        return words("range_of", low=f"{found.low:,}", high=f"{found.high:,}")

    def known(one: Figures) -> Cell:
        return one.sheets.quality and words(f"sheets_{one.sheets.quality.value}")

    def a4(one: Figures) -> int | None:
        return None if one.sheets.a4 is None else one.sheets.a4.value

    def share(one: Figures) -> float | None:
        return None if one.sheets.duplex is None else float(one.sheets.duplex.share)

    return (
        _figure("sheets_used", used, words("sheets_used"), width=13, shown=drawn(used)),
        _word("sheets_low", low, words("sheets_range"), 18, drawn(span)),
        _figure("sheets_high", lambda one: one.sheets.paper and one.sheets.paper.high, None),
        _word("sheets_quality", _quality, words("sheets_quality"), 12, drawn(known)),
        _figure("a4_sheets", a4, words("a4_sheets"), width=13, shown=drawn(a4)),
        _share("duplex_share", share, words("duplex_share"), CellKind.SHARE),
    )


def _quality(one: Figures) -> str | None:
    return one.sheets.quality and one.sheets.quality.value


def _word(
    key: str,
    value: Callable[[Figures], object],
    heading: str,
    width: int,
    shown: Callable[[Figures], Cell],
) -> Column[DepartmentFigures]:
    """Return what readers see as a short text and programs as a value."""
    return replace(_figure(key, value, heading, CellKind.TEXT, width, shown), is_word=True)


def _heads(words: ReportWords) -> tuple[Column[DepartmentFigures], ...]:
    """Return what each of a department's people printed: sheets, or pages where none are known."""

    def pages(one: Figures) -> float | None:
        return _tenths(one.pages_a_head)

    def sheets(one: Figures) -> float | None:
        return _tenths(one.sheets_a_head)

    def instead(one: Figures) -> Cell:
        return None if one.sheets_a_head is not None else pages(one)

    def place(one: Figures) -> int | None:
        return None if one.rank is None else one.rank.place

    def rank(one: Figures) -> Cell:
        return None if one.rank is None else f"{one.rank.place}/{one.rank.of}"

    amount = CellKind.AMOUNT
    return (
        _figure("people", lambda one: one.people, None),
        _figure("pages_per_head", pages, words("pages_per_head"), amount, 9, instead),
        _figure("sheets_per_head", sheets, words("sheets_per_head"), amount, 9),
        _word("rank", place, words("rank_among"), 8, rank),
        _figure("rank_of", lambda one: one.rank and one.rank.of, None),
    )


def _tenths(amount: Fraction | None) -> float | None:
    return None if amount is None else round(float(amount), 1)


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
            words.in_tree(one.department, one.level),
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
