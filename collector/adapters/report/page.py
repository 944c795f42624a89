"""A monthly report as one page of HTML: no script, no network, readable on paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from typing import Any, Final

from collector.adapters.report.charts import chart_key, department_charts, office_chart, svg
from collector.adapters.report.department_tables import (
    brief,
    department_months_table,
    departments_table,
    months_table,
    year_table,
)
from collector.adapters.report.key_figures import Fact, facts, proof
from collector.adapters.report.place_tables import adjustments_table, places_table
from collector.adapters.report.sentences import headline, state, text_of
from collector.adapters.report.words import ReportWords
from collector.domain.report.month_report import MonthReport
from collector.domain.report.table import Cell, CellKind, Column, Table, TableRow, clean

# A table of a report as HTML: headings with their scope, in a frame that scrolls sideways.


_ABSENT: Final = "–"


def shown(text: str) -> str:
    """Return `text` from anywhere so that a page shows it and does nothing else with it."""
    return escape(clean(text))


def table_html(
    table: Table[Any],
    words: ReportWords,
    *,
    links: Sequence[str | None] = (),
    stacked: bool = False,
) -> str:
    """Return `table` with its notes, in a region that a keyboard can scroll.

    The first cell of each row leads to its own of `links`. Where the page is narrow, a `stacked`
    table shows each row as a block, every cell behind its heading.
    """
    columns = table.drawn()
    head = "".join(
        f'<th scope="col"{_class(_kinds(column, None))}>{shown(column.heading or "")}</th>'
        for column in columns
    )
    goals = [*links, *(None for _ in table.rows[len(links) :])]
    body = "".join(
        _row(row, columns, words, link=link, labelled=stacked)
        for row, link in zip(table.body(columns), goals, strict=True)
    )
    total = table.foot(columns)
    foot = ""
    if total is not None:
        foot = f"<tfoot>\n{_row(total, columns, words, is_total=True)}</tfoot>\n"
    notes = "".join(f'<p class="notes">{shown(note)}</p>\n' for note in table.notes)
    kind = _class(["stack"] if stacked else [])
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{shown(table.title)}">\n'
        f'<table id="{table.key}"{kind}>\n<thead>\n<tr>{head}</tr>\n</thead>\n'
        f"<tbody>\n{body}</tbody>\n{foot}</table>\n</div>\n{notes}"
    )


def _row(
    row: TableRow,
    columns: Sequence[Column[Any]],
    words: ReportWords,
    *,
    is_total: bool = False,
    link: str | None = None,
    labelled: bool = False,
) -> str:
    cells = []
    absent = "" if is_total else _ABSENT
    for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        text = shown(text_of(cell, column.kind, japanese=words.is_japanese)) or absent
        if at == 0:
            named = text if link is None else f'<a href="{escape(link)}">{text}</a>'
            cells.append(f'<th scope="row">{named}</th>')
            continue
        kinds = _class(_kinds(column, cell, filled=True))
        label = f' data-label="{shown(column.heading or "")}"' if labelled else ""
        cells.append(f"<td{kinds}{label}>{text}</td>")
    alert = ' class="alert"' if row.alert else ""
    return f"<tr{alert}>{''.join(cells)}</tr>\n"


def _kinds(column: Column[Any], cell: Cell, *, filled: bool = False) -> list[str]:
    kinds = [column.key] if filled else []
    if column.is_number:
        kinds.append("number")
    if column.kind is CellKind.TIME or column.is_word:
        kinds.append("unbroken")
    if filled and cell is None:
        kinds.append("absent")
    return kinds


def _class(kinds: Sequence[str]) -> str:
    return f' class="{" ".join(kinds)}"' if kinds else ""


_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page asks for nothing, whatever a name in it holds."""

_SEAL_DIGITS: Final = 64


GENERATOR: Final = '<meta name="generator" content="copier-fleet '
"""By which a page tells that it was made here."""


def opened(
    title: str, words: ReportWords, version: str, *, styles: Sequence[str] = (), more: str = ""
) -> str:
    """Return how a page begins, with these style sheets beside its own and `more` in its head."""
    here = files("collector.adapters.report")
    css = "".join(here.joinpath(one).read_text("utf-8") for one in ("page.css", *styles))
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'{GENERATOR}{shown(version)}">\n{more}'
        f"<title>{shown(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
    )


def html(report: MonthReport, language: str, stamps: Sequence[str]) -> bytes:
    """Return the page in `language`, UTF-8, with a stamp box for each of `stamps`."""
    words = ReportWords(language, report.zone)
    return "".join(_document(report, words, stamps)).encode()


def _document(report: MonthReport, words: ReportWords, stamps: Sequence[str]) -> Iterator[str]:
    yield opened(f"{words('title')} {report.period.name}", words, report.version)
    yield from _head(report, words, stamps)
    yield "<main>\n"
    departments = departments_table(report, words)
    yield from _front(report, words, replace(brief(departments, report, words), key="brief"))
    for table in (months_table(report, words), year_table(report, words)):
        yield section(table.title, [table_html(table, words)], table.key)
    yield from _small_charts(report, words)
    yield from _details(report, words, departments)
    yield "</main>\n"
    yield from _foot(report, words)
    yield "</body>\n</html>\n"


def _head(report: MonthReport, words: ReportWords, stamps: Sequence[str]) -> Iterator[str]:
    period = report.period
    span = words("from_to", start=words.day(period.start), end=words.day(period.end))
    subtitle = words("subtitle", era=words.month(period.name), month=period.name, site=report.site)
    yield (
        f"<header>\n<div>\n<h1>{shown(words('title'))}</h1>\n"
        f"<p><strong>{shown(subtitle)}</strong></p>\n"
        f'<p class="soft">{shown(words("period"))}: {shown(span)}<br>\n'
        f"{shown(words('unit'))}</p>\n</div>\n"
    )
    if stamps:
        titles = "".join(f'<th scope="col">{shown(one)}</th>' for one in stamps)
        boxes = "<td></td>" * len(stamps)
        yield (
            f'<table class="stamps" aria-label="{shown(words("stamps"))}">'
            f"<tr>{titles}</tr><tr>{boxes}</tr></table>\n"
        )
    yield "</header>\n"


def facts_html(every: Iterable[Fact], words: ReportWords) -> str:
    """Return key figures as a list of tiles."""
    tiles = []
    for fact in every:
        is_text = fact.kind is CellKind.TEXT
        kind = ' class="alert"' if fact.alert else ' class="text"' if is_text else ""
        value = text_of(fact.value, fact.kind, japanese=words.is_japanese) + fact.unit
        tiles.append(f"<div{kind}><dt>{shown(fact.label)}</dt><dd>{shown(value)}</dd></div>\n")
    return f'<dl class="facts">\n{"".join(tiles)}</dl>\n'


def _front(report: MonthReport, words: ReportWords, departments: Table[Any]) -> Iterator[str]:
    told = shown(state(report, words))
    if report.closure is None:
        yield f'<p class="banner" role="note">{told}</p>\n'
    else:
        seal = shown(words("seal", seal=report.closure.seal))
        yield f'<p>{told}<br>\n<span class="seal">{seal}</span></p>\n'
    yield f'<p class="headline">{shown(headline(report, words))}</p>\n'
    yield facts_html(facts(report, words), words)
    chart = office_chart(report, words)
    key = f"<figcaption>{shown(chart_key(report, words))}</figcaption>\n"
    yield section(words("chart_title"), [f"<figure>\n{svg(chart)}\n{key}</figure>\n"])
    yield section(words("departments_title"), [table_html(departments, words)])


def _small_charts(report: MonthReport, words: ReportWords) -> Iterator[str]:
    charts = department_charts(report, words)
    if not charts:
        return
    figures = "".join(
        f"<figure>\n<figcaption>{shown(one.title)}</figcaption>\n{svg(one)}\n</figure>\n"
        for one in charts
    )
    note = f'<p class="soft">{shown(words("chart_scales"))}</p>\n'
    small = f'<div class="small">\n{figures}</div>\n'
    yield section(words("department_months_title"), [note, small])


def _details(report: MonthReport, words: ReportWords, departments: Table[Any]) -> Iterator[str]:
    for table in (departments, department_months_table(report, words), places_table(report, words)):
        yield section(table.title, [table_html(table, words)], "landscape")
    adjustments = adjustments_table(report, words)
    if adjustments is not None:
        yield section(words("adjustments_title"), [table_html(adjustments, words)])
    terms = "".join(
        f"<dt>{shown(term)}</dt><dd>{shown(meaning)}</dd>\n" for term, meaning in words.terms()
    )
    yield section(words("terms_title"), [f'<dl class="terms">\n{terms}</dl>\n'])


def _foot(report: MonthReport, words: ReportWords) -> Iterator[str]:
    yield f"<footer>\n<h2>{shown(words('proof_title'))}</h2>\n"
    yield '<dl class="terms">\n'
    for label, text in proof(report, words):
        kind = ' class="seal"' if len(text) == _SEAL_DIGITS else ""
        yield f"<dt>{shown(label)}</dt><dd{kind}>{shown(text)}</dd>\n"
    yield "</dl>\n</footer>\n"


def section(title: str, parts: Iterable[str], kind: str = "") -> str:
    """Return `parts` below their title."""
    begin = f'<section class="{kind}">' if kind else "<section>"
    return f"{begin}\n<h2>{shown(title)}</h2>\n{''.join(parts)}</section>\n"
