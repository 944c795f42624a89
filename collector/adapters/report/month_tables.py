"""The tables about the months before: thirteen of them, and the fiscal year to date."""

from collector.adapters.report.cells import Cell, Column, Kind, clean
from collector.adapters.report.tables import Field, Table, table_of, text_column, word_column
from collector.adapters.report.words import Words, first_of
from collector.domain.era import era_month
from collector.domain.month_report import MonthPoint, MonthReport, Stage


def months_table(report: MonthReport, words: Words) -> Table:
    """Return the office's thirteen months, one a line."""
    points = report.months
    columns: list[tuple[Column, list[Cell]]] = [
        *_names([one.month for one in points], words),
        (Column("pages", words("pages")), [one.pages for one in points]),
        (Column("target", words("target")), [one.target for one in points]),
        (Column("ratio", words("ratio"), Kind.SHARE, 9), [one.ratio for one in points]),
        (Column("last_year", words("last_year")), [one.last_year for one in points]),
        (
            Column("change_ratio", words("change_ratio"), Kind.CHANGE, 9),
            [one.change_ratio for one in points],
        ),
        (word_column("stage", words("state"), 18), [stage_of(one, words) for one in points]),
    ]
    return table_of(
        "months",
        words("months_title"),
        [Field(column, tuple(cells), optional=True) for column, cells in columns],
        alerts=[_is_over(one.pages, one.target) for one in points],
    )


def year_table(report: MonthReport, words: Words) -> Table:
    """Return the fiscal year month by month with the sums so far."""
    lines = list(report.year())
    columns: list[tuple[Column, list[Cell]]] = [
        *_names([one.point.month for one in lines], words),
        (Column("pages", words("pages")), [one.point.pages for one in lines]),
        (Column("target", words("target")), [one.point.target for one in lines]),
        (Column("sum_pages", words("sum_pages")), [one.pages for one in lines]),
        (Column("sum_target", words("sum_target")), [one.target for one in lines]),
        (Column("sum_left", words("sum_left")), [one.left for one in lines]),
        (Column("sum_ratio", words("sum_ratio"), Kind.SHARE, 12), [one.ratio for one in lines]),
        (Column("sum_last_year", words("sum_last_year")), [one.last_year for one in lines]),
    ]
    return table_of(
        "year",
        words("year_title", year=words.year(report.fiscal_year)),
        [Field(column, tuple(cells), optional=True) for column, cells in columns],
        alerts=[_is_over(one.pages, one.target) for one in lines],
    )


def department_months_table(report: MonthReport, words: Words) -> Table:
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
        Field(text_column("department", words("department"), 22), tuple(names), words("office"))
    ]
    for at, point in enumerate(points):
        column = Column(point.month, point.month, width=10)
        fields.append(Field(column, tuple(row[at] for row in rows), point.pages))
    return table_of("department_months", words("department_months_table"), fields, has_total=True)


def stage_of(point: MonthPoint, words: Words) -> str:
    """Return in words how far that month has come."""
    return words("stage_unknown" if point.stage is None else f"stage_{point.stage.value}")


def is_soft(point: MonthPoint) -> bool:
    """Say whether a chart should draw that month as not final or not whole."""
    return point.stage in {Stage.RUNNING, Stage.OPEN, Stage.PARTIAL}


def _is_over(pages: int | None, target: int | None) -> bool:
    return pages is not None and target is not None and pages > target


def _names(months: list[str], words: Words) -> list[tuple[Column, list[Cell]]]:
    named: list[tuple[Column, list[Cell]]] = [
        (text_column("month", words("month"), 10), list(months))
    ]
    if words.is_japanese:
        eras: list[Cell] = [era_month(first_of(one)) for one in months]
        named.append((word_column("era", words("era"), 14), eras))
    return named
