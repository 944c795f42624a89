"""A table of a report as HTML: headings with their scope, in a frame that scrolls sideways."""

from collections.abc import Sequence
from html import escape
from typing import Final

from collector.adapters.report.cells import Cell, Column, Kind, clean, text_of
from collector.adapters.report.tables import Row, Table
from collector.adapters.report.words import Words

_ABSENT: Final = "–"


def shown(text: str) -> str:
    """Return `text` from anywhere so that a page shows it and does nothing else with it."""
    return escape(clean(text))


def table_html(table: Table, words: Words) -> str:
    """Return `table` with its notes, in a region that a keyboard can scroll."""
    head = "".join(
        f'<th scope="col"{_class(_kinds(column, None))}>{shown(column.heading)}</th>'
        for column in table.columns
    )
    body = "".join(_row(row, table.columns, words) for row in table.rows)
    foot = ""
    if table.total is not None:
        foot = f"<tfoot>\n{_row(table.total, table.columns, words, is_total=True)}</tfoot>\n"
    notes = "".join(f'<p class="notes">{shown(note)}</p>\n' for note in table.notes)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{shown(table.title)}">\n'
        f'<table id="{table.key}">\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n'
        f"{foot}</table>\n</div>\n{notes}"
    )


def _row(row: Row, columns: Sequence[Column], words: Words, *, is_total: bool = False) -> str:
    cells = []
    absent = "" if is_total else _ABSENT
    for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        text = shown(text_of(cell, column.kind, japanese=words.is_japanese)) or absent
        kinds = _class(_kinds(column, cell, filled=True))
        cells.append(f'<th scope="row">{text}</th>' if at == 0 else f"<td{kinds}>{text}</td>")
    alert = ' class="alert"' if row.alert else ""
    return f"<tr{alert}>{''.join(cells)}</tr>\n"


def _kinds(column: Column, cell: Cell, *, filled: bool = False) -> list[str]:
    kinds = [column.key] if filled else []
    if column.is_number:
        kinds.append("number")
    if column.kind is Kind.TIME or column.is_word:
        kinds.append("unbroken")
    if filled and cell is None:
        kinds.append("absent")
    return kinds


def _class(kinds: Sequence[str]) -> str:
    return f' class="{" ".join(kinds)}"' if kinds else ""
