"""The fiscal year so far, as table, CSV and JSON."""

from collections.abc import Sequence

from collector.cli.month_csv import csv_text
from collector.cli.month_table import count, department_name, share
from collector.cli.output import result, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.months import DepartmentMonth
from collector.domain.sentences import target_text
from collector.domain.year_to_date import YearToDate

_HEADINGS = (
    *("department", "since", "pages", "target", "remaining", "ratio", "year_target", "year_left"),
)
_NUMBERS = (2, 3, 4, 5, 6, 7)
_SPARE = (1, 7, 6)
_COLUMNS = (
    *("fiscal_year", "until", "department", "name", "since", "is_whole", "pages", "target"),
    *("remaining", "ratio", "year_target", "year_remaining"),
)


def show(
    months: Sequence[DepartmentMonth], office: DepartmentMonth | None, form: str, words: Words
) -> None:
    """Print the fiscal year up to these `months`, that of the `office` below them."""
    rows = [(one, one.year) for one in months if one.year is not None]
    if form == "csv":
        result(csv_text(_COLUMNS, [to_dict(*row) for row in rows]))
        return
    if form == "json":
        result_json([to_dict(*row) for row in rows])
        return
    shown = [_cells(department_name(one.department, words), year) for one, year in rows]
    if office is not None and office.year is not None and len(months) > 1:
        shown.append(_cells(words("total"), office.year))
    year = rows[0][1] if rows else None
    title = "" if year is None else words("year_title", year=year.year, until=year.until)
    headings = [words(one) for one in _HEADINGS]
    result_table(headings, shown, title=title, numbers=_NUMBERS, spare=_SPARE)
    for one, so_far in rows:
        if not so_far.is_whole:
            say(_why(one, so_far, words))


def to_dict(month: DepartmentMonth, year: YearToDate) -> dict[str, object]:
    """Return one department's year as plain values for JSON; absent is None."""
    return {
        "fiscal_year": year.year,
        "until": year.until,
        "department": month.department.id,
        "name": month.department.name,
        "name_en": month.department.name_en,
        "since": year.since,
        "is_whole": year.is_whole,
        "pages": year.pages,
        "target": year.target,
        "remaining": year.left,
        "ratio": None if _ratio(year) is None else round(_ratio(year) or 0.0, 4),
        "year_target": year.year_target,
        "year_remaining": year.year_left,
        "months": [
            {
                "month": one.month,
                "pages": one.pages,
                "target": one.target.pages,
                "target_basis": target_text(one.target, japanese=True),
                "target_basis_en": target_text(one.target, japanese=False),
            }
            for one in year.months
        ],
    }


def _cells(name: str, year: YearToDate) -> tuple[str, ...]:
    return (
        name,
        year.since or "-",
        count(year.pages),
        count(year.target),
        count(year.left),
        share(_ratio(year)),
        count(year.year_target),
        count(year.year_left),
    )


def _ratio(year: YearToDate) -> float | None:
    if year.pages is None or year.target is None:
        return None
    return year.pages / year.target if year.target else float(year.pages > 0)


def _why(month: DepartmentMonth, year: YearToDate, words: Words) -> str:
    """Return from which month on the sums are, and what the month before lacks."""
    before = [one for one in year.months if one.month <= year.until]
    if year.since is not None:
        before = [one for one in before if one.month < year.since]
    lacks = before[-1]
    why = words("pages_unknown", month=lacks.month)
    if lacks.target.pages is None:
        why = f"{lacks.month}: {target_text(lacks.target, japanese=words.is_japanese)}"
    name = department_name(month.department, words)
    if year.since is None:
        return f"{name}: {why}"
    return f"{name}: {words('only_since', month=year.since)} ({why})"
