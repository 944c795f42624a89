"""Columns of sheets (枚), and figures in the unit of a target that counts no impressions."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from collector.cli.words import CommandWords
from collector.domain.cost.sheets import PaperSum, SheetQuality
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.targets import Measure
from collector.domain.report.table import CellKind, Column
from collector.texts.figures import paper_text


def paper_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    """Return how much paper it was, how that is known, and how much of it has both sides."""
    return (
        Column(
            "sheets_used",
            lambda one: one.sheets.paper and one.sheets.paper.value,
            words("sheets_used"),
            shown=lambda one: sheets_shown(one.footprint.sheets, words),
            optional=True,
        ),
        Column("sheets_low", lambda one: one.sheets.paper and one.sheets.paper.low),
        Column("sheets_high", lambda one: one.sheets.paper and one.sheets.paper.high),
        Column("sheets_quality", lambda one: one.sheets.quality and one.sheets.quality.value),
        Column("sheets_basis", lambda one: paper_text(one.sheets, japanese=True)),
        Column("sheets_basis_en", lambda one: paper_text(one.sheets, japanese=False)),
        Column("a4_sheets", lambda one: one.sheets.a4 and one.sheets.a4.value),
        Column("a4_low", lambda one: one.sheets.a4 and one.sheets.a4.low),
        Column("a4_high", lambda one: one.sheets.a4 and one.sheets.a4.high),
        Column("duplex_share", _duplex, words("duplex_share"), CellKind.SHARE, optional=True),
        *_head_columns(words),
        Column("target_unit", lambda one: one.measure.value),
        Column("target_used", lambda one: one.used),
    )


def excluded_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    """Return what is excluded and the total without it; readers see both where anything is."""
    return (
        Column("excluded", lambda one: one.excluded, words("excluded")),
        Column("pages_without", lambda one: one.without, words("pages_without")),
        Column("target_counts", lambda one: "all" if one.basis.with_excluded else "without"),
    )


def _head_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    """Return what each of the people printed, and how that ranks among departments alike."""
    return (
        Column("people", lambda one: one.people),
        Column(
            "pages_per_head",
            lambda one: _tenths(one.pages_a_head),
            words("pages_per_head"),
            CellKind.AMOUNT,
            optional=True,
        ),
        Column(
            "sheets_per_head",
            lambda one: _tenths(one.sheets_a_head),
            words("sheets_per_head"),
            CellKind.AMOUNT,
            optional=True,
        ),
        Column(
            "rank",
            lambda one: one.rank and one.rank.place,
            words("rank"),
            CellKind.TEXT,
            shown=lambda one: f"{one.rank.place}/{one.rank.of}" if one.rank else None,
            optional=True,
        ),
        Column("rank_of", lambda one: one.rank and one.rank.of),
    )


def _tenths(amount: Fraction | None) -> float | None:
    return None if amount is None else round(float(amount), 1)


def _duplex(month: DepartmentMonth) -> float | None:
    duplex = month.sheets.duplex
    return None if duplex is None else round(float(duplex.share), 4)


def sheets_shown(sheets: PaperSum, words: CommandWords) -> str | None:
    """Return a number of sheets; "≈" where it is an estimate, by how much that may be off.

    Where nothing was printed there is nothing to show.
    """
    paper = sheets.paper
    if paper is None or not sheets.rules:
        return None
    off = max(paper.value - paper.low, paper.high - paper.value)
    sign = words("about") if sheets.quality is SheetQuality.ESTIMATED else ""
    return f"{sign}{paper.value:,}" + (f" ±{off:,}" if off else "")


_UNITS: Final[Mapping[Measure, str]] = {
    Measure.COLOR: "in_color_impressions",
    Measure.SHEETS: "in_sheets",
}


def in_unit(
    month: DepartmentMonth, figure: int | str | None, words: CommandWords
) -> int | str | None:
    """Return a figure that is measured by the target, with its unit where that is no impression."""
    return figure if month.target is None else counted_in(month.measure, figure, words)


def counted_in(measure: Measure, figure: int | str | None, words: CommandWords) -> int | str | None:
    """Return a figure with its unit where it counts something else than impressions."""
    if figure is None or measure not in _UNITS:
        return figure
    return words(_UNITS[measure], count=f"{figure:,}" if isinstance(figure, int) else figure)
