"""The sheet of the environmental plan as an Excel workbook, a page of HTML and CSV."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Final

from openpyxl import Workbook

from collector.adapters.report.page import opened, section, shown, table_html
from collector.adapters.report.sheets import FIRST_ROW, Pen, draw, fit_paper, spread, widen
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.cost.sheets import Paper
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.report.environment import (
    Amounts,
    EnvironmentLine,
    EnvironmentSheet,
    Span,
)
from collector.domain.report.table import CellKind, Column, Table, csv_text
from collector.texts import Texts

_MARK: Final = "\ufeff"
_REASON_WIDTH: Final = 46
_LEFT_OUT: Final = frozenset(
    {
        *("span", "reason", "sheets_per_head_change", "paper_yen_change"),
        *("base_impressions_without", "impressions_without", "impressions_without_change"),
    }
)
"""Columns of the workbook that a page of HTML does without."""


def environment_csv(sheet: EnvironmentSheet, words: ReportWords) -> bytes:
    """Return a line for each department and span, in UTF-8 with a byte order mark."""
    return (_MARK + csv_text(_table(sheet, words))).encode()


def environment_html(sheet: EnvironmentSheet, words: ReportWords, version: str) -> bytes:
    """Return the page, UTF-8."""
    title, table = _title(sheet, words), _table(sheet, words)
    head = f"<h1>{shown(title)}</h1>\n<p>{shown(_subtitle(sheet, words))}</p>\n"
    parts = (
        opened(title, words, version),
        f'<div class="landscape">\n<header>\n<div>\n{head}</div>\n</header>\n<main>\n',
        *_sections(sheet, table, words),
        "</main>\n</div>\n</body>\n</html>\n",
    )
    return "".join(parts).encode()


def _sections(
    sheet: EnvironmentSheet, table: Table[EnvironmentLine], words: ReportWords
) -> Iterator[str]:
    """Yield a section for each span: a page is too narrow for all the columns of a workbook.

    Why figures are absent stands below, once for all departments of which it is said.
    """
    columns = tuple(one for one in table.columns if one.key not in _LEFT_OUT)
    spans = list(dict.fromkeys(one.span for one in sheet.lines))
    for span in spans:
        rows = [one for one in sheet.lines if one.span == span]
        notes = (*_reasons_of(rows, words), *(table.notes if span is spans[-1] else ()))
        key = "year" if span.quarter is None else f"quarter-{span.quarter}"
        part = replace(
            table, key=key, columns=columns, rows=rows, title=_span(span, words), notes=notes
        )
        yield section(part.title, [table_html(part, words)], "whole")


def _reasons_of(lines: Sequence[EnvironmentLine], words: ReportWords) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for one in lines:
        for why in _reasons(one, words):
            found.setdefault(why, []).append(_name(one, words))
    for why, names in found.items():
        about = words("environment.comma").join(names)
        is_of_all = len(names) == len(lines)
        yield why if is_of_all else words("environment.of", departments=about, why=why)


def environment_xlsx(sheet: EnvironmentSheet, words: ReportWords) -> bytes:
    """Return the workbook: one sheet, landscape on A4, with real numbers."""
    book, pen = Workbook(), Pen(words)
    page = book.worksheets[0]
    page.title = words("environment.tab")
    table = _table(sheet, words)
    paper = spread(table, 2)
    pen.line(page, 1, _title(sheet, words), 1, pen.font(14, bold=True), paper.begins)
    pen.line(page, 2, _subtitle(sheet, words), 1, pen.font(9, soft=True), paper.begins)
    draw(page, table, FIRST_ROW, pen, paper)
    widen(page, [table])
    page.freeze_panes = f"C{FIRST_ROW + 1}"
    fit_paper(page, landscape=True, header_row=FIRST_ROW, spread=paper)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _title(sheet: EnvironmentSheet, words: ReportWords) -> str:
    return words("environment.title", year=words.year(sheet.year))


def _subtitle(sheet: EnvironmentSheet, words: ReportWords) -> str:
    state = words("environment.final" if sheet.is_final else "environment.provisional")
    base = words.year(sheet.base_year)
    return words("environment.subtitle", site=sheet.site, base=base, state=state)


def _table(sheet: EnvironmentSheet, words: ReportWords) -> Table[EnvironmentLine]:
    between = words("environment.between")
    return Table(
        "environment",
        (
            *_about(words),
            *_figures("impressions", lambda one: one.impressions, words),
            *_without("impressions", lambda one: one.impressions_without, sheet, words),
            *_figures("sheets", _sheets, words),
            _column("sheets_off", _off, words, CellKind.COUNT, 9, optional=True),
            *_of_paper("low", lambda one: one.low),
            *_of_paper("high", lambda one: one.high),
            *_without("sheets", lambda one: _value(one.sheets_without), sheet, words),
            Column("sheets_quality", lambda one: one.now.quality and one.now.quality.value),
            Column("people", lambda one: one.now.people),
            *_figures("sheets_per_head", _a_head, words, CellKind.AMOUNT),
            *_figures("co2_kg", _co2, words, CellKind.AMOUNT),
            *_figures("paper_yen", _yen, words, optional=True),
            Column("final", lambda one: one.now.is_final),
            _column(
                "reason",
                lambda one: between.join(_reasons(one, words)) or None,
                words,
                CellKind.TEXT,
                _REASON_WIDTH,
                optional=True,
            ),
        ),
        sheet.lines,
        title=words("environment.tab"),
        notes=(
            *words("environment.notes").split("\n"),
            *([words("environment.excluded")] if sheet.excludes else []),
        ),
    )


def _about(words: ReportWords) -> tuple[Column[EnvironmentLine], ...]:
    """Return which months a line is about, and which department."""
    text = CellKind.TEXT
    return (
        _column("span", lambda one: _span(one.span, words), words, text, 22),
        Column("first_month", lambda one: one.span.months[0], kind=text),
        Column("last_month", lambda one: one.span.months[-1], kind=text),
        Column("department_id", lambda one: one.department.id, kind=text),
        _column(
            *("department", lambda one: _name(one, words), words, text, 18),
            shown=lambda one: _indented(one, words),
        ),
    )


def _name(one: EnvironmentLine, words: ReportWords) -> str:
    whole = one.department.id == WHOLE_OFFICE
    return words("office") if whole else words.name(one.department)


def _indented(one: EnvironmentLine, words: ReportWords) -> str:
    whole = one.department.id == WHOLE_OFFICE
    return _name(one, words) if whole else words.in_tree(one.department, one.level)


def _reasons(one: EnvironmentLine, words: ReportWords) -> tuple[str, ...]:
    texts = Texts(words.language)
    return tuple(texts.say(why) for why in one.reasons)


def _column(
    key: str,
    value: Callable[[EnvironmentLine], object],
    words: ReportWords,
    kind: CellKind,
    width: int = 10,
    *,
    optional: bool = False,
    shown: Callable[[EnvironmentLine], str] | None = None,
) -> Column[EnvironmentLine]:
    heading = words(f"environment.{key}")
    return Column(key, value, heading, kind, width=width, shown=shown, optional=optional)


def _figures(
    key: str,
    of: Callable[[Amounts], int | Fraction | None],
    words: ReportWords,
    kind: CellKind = CellKind.COUNT,
    *,
    optional: bool = False,
) -> tuple[Column[EnvironmentLine], ...]:
    """Return a figure of the base year, of this year, and how they differ."""

    def number(amounts: Amounts) -> int | float | None:
        found = of(amounts)
        return found if found is None or isinstance(found, int) else round(float(found), 1)

    def change(one: EnvironmentLine) -> float | None:
        found = one.change(of)
        return None if found is None else round(float(found), 4)

    return (
        _column(f"base_{key}", lambda one: number(one.base), words, kind, optional=optional),
        _column(key, lambda one: number(one.now), words, kind, optional=optional),
        _column(f"{key}_change", change, words, CellKind.CHANGE, 9, optional=optional),
    )


def _without(
    key: str,
    of: Callable[[Amounts], int | None],
    sheet: EnvironmentSheet,
    words: ReportWords,
) -> tuple[Column[EnvironmentLine], ...]:
    """Return the second total, without what is excluded; readers see it where anything is."""
    columns = _figures(f"{key}_without", of, words)
    return tuple(one if sheet.excludes else replace(one, heading=None) for one in columns)


def _of_paper(part: str, of: Callable[[Paper], int]) -> tuple[Column[EnvironmentLine], ...]:
    def value(amounts: Amounts) -> int | None:
        return None if amounts.sheets is None else of(amounts.sheets)

    return (
        Column(f"base_sheets_{part}", lambda one: value(one.base)),
        Column(f"sheets_{part}", lambda one: value(one.now)),
    )


def _off(one: EnvironmentLine) -> int | None:
    """Return by how many sheets this year's figure may be off, either way."""
    paper = one.now.sheets
    return None if paper is None else max(paper.value - paper.low, paper.high - paper.value)


def _sheets(amounts: Amounts) -> int | None:
    return _value(amounts.sheets)


def _value(paper: Paper | None) -> int | None:
    return None if paper is None else paper.value


def _a_head(amounts: Amounts) -> Fraction | None:
    return amounts.sheets_a_head


def _co2(amounts: Amounts) -> Fraction | None:
    return amounts.co2_kg


def _yen(amounts: Amounts) -> int | None:
    yen = amounts.paper_yen
    return None if yen is None else round(yen)


def _span(span: Span, words: ReportWords) -> str:
    first, last = (first_of(one).month for one in (span.months[0], span.months[-1]))
    if span.quarter is None:
        return words("environment.year_so_far", first=first, last=last)
    return words("environment.quarter", number=span.quarter, first=first, last=last)
