"""The tables about departments: the month against its target, and the year around it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from collector.adapters.report.cells import Cell, Column, Kind, clean
from collector.adapters.report.remarks import advice, unknowns
from collector.adapters.report.tables import Field, Table, only, table_of, text_column, word_column
from collector.adapters.report.words import Words
from collector.domain.meters import Meter
from collector.domain.month_report import Figures, MonthReport, Stage, Verdict
from collector.domain.sentences import target_text
from collector.domain.targets import Source

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


def departments_table(report: MonthReport, words: Words) -> Table:
    """Return every department's month against its target, the office as the last line."""
    figures = [one.figures for one in report.departments]
    names = tuple(clean(words.name(one.department)) for one in report.departments)
    fields = [
        Field(text_column("department", words("department"), _NAME_WIDTH), names, words("office")),
        *_pages(figures, report.office, words),
        *_target(figures, report.office, words),
        *_burden(figures, report.office, words),
        *_known(figures, report.office, words),
    ]
    return table_of(
        "departments",
        words("departments_full_title"),
        fields,
        alerts=[one.verdict is Verdict.OVER for one in figures],
        has_total=True,
        total_alert=report.office.verdict is Verdict.OVER,
        notes=(*advice(report, words), *unknowns(report, words)),
    )


def brief(table: Table, report: MonthReport, words: Words) -> Table:
    """Return of the departments' `table` what fits on the first page, with advice below it."""
    keys = _BRIEF_RUNNING if report.stage is Stage.RUNNING else _BRIEF
    return replace(only(table, keys), notes=advice(report, words))


_BRIEF: Final = (
    *("department", "pages", "target", "left", "ratio", "last_year", "change_ratio", "verdict"),
)
_BRIEF_RUNNING: Final = (
    *("department", "pages", "target", "left", "ratio", "expected", "last_year", "verdict"),
)


def _field(column: Column, cells: Sequence[Cell], total: Cell, *, optional: bool = False) -> Field:
    return Field(column, tuple(cells), total, optional)


def _pages(figures: Sequence[Figures], office: Figures, words: Words) -> list[Field]:
    fields = [_field(Column("pages", words("pages")), [one.pages for one in figures], office.pages)]
    for key, meter in _METERS:
        cells = [one.meters.get(meter) for one in figures]
        column = Column(key, words(key))
        fields.append(_field(column, cells, office.meters.get(meter), optional=True))
    return fields


def _target(figures: Sequence[Figures], office: Figures, words: Words) -> list[Field]:
    every = (*figures, office)
    verdicts = [one.verdict and words(f"verdict_{one.verdict.value}") for one in every]
    columns: list[tuple[Column, list[Cell]]] = [
        (Column("target", words("target")), [one.target for one in every]),
        (Column("left", words("left")), [one.left for one in every]),
        (Column("ratio", words("ratio"), Kind.SHARE, 9), [one.ratio for one in every]),
        (
            text_column("basis", words("basis"), 20),
            [_basis(one, words) for one in every],
        ),
        (word_column("verdict", words("verdict"), 13), list(verdicts)),
        *_expected(every, words),
        (Column("last_year", words("last_year")), [one.last_year for one in every]),
        (Column("change", words("change"), Kind.SIGNED), [one.change for one in every]),
        (
            Column("change_ratio", words("change_ratio"), Kind.CHANGE, 9),
            [one.change_ratio for one in every],
        ),
    ]
    return [_field(column, cells[:-1], cells[-1], optional=True) for column, cells in columns]


def _basis(one: Figures, words: Words) -> Cell:
    if one.basis.source is Source.NOT_SET or one.target is None:
        return None
    return target_text(one.basis, japanese=words.is_japanese)


def _expected(every: Sequence[Figures], words: Words) -> list[tuple[Column, list[Cell]]]:
    ends = [one.expected for one in every]
    return [
        (
            Column("expected", words("expected")),
            [None if one is None else round(one.expected) for one in ends],
        ),
        (Column("low", words("low")), [None if one is None else round(one.low) for one in ends]),
        (Column("high", words("high")), [None if one is None else round(one.high) for one in ends]),
    ]


def _burden(figures: Sequence[Figures], office: Figures, words: Words) -> list[Field]:
    every = [one.burden for one in (*figures, office)]
    grams = [one.co2_g for one in every]
    columns: list[tuple[Column, list[Cell]]] = [
        (Column("cost", words("cost"), width=12), [one.cost_yen for one in every]),
        (Column("paper_cost", words("paper_cost"), width=12), [one.paper_yen for one in every]),
        (Column("hours", words("hours"), Kind.AMOUNT, 12), [one.hours for one in every]),
        (
            Column("co2", words("co2"), Kind.AMOUNT, 12),
            [None if one is None else one / Decimal(_GRAMS) for one in grams],
        ),
    ]
    return [_field(column, cells[:-1], cells[-1], optional=True) for column, cells in columns]


def _known(figures: Sequence[Figures], office: Figures, words: Words) -> list[Field]:
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
