"""Sentences about single departments: what would bring a month back, and what is not known."""

from collections.abc import Iterator
from typing import Final

from collector.adapters.report.sentences import lacks_colours
from collector.adapters.report.words import Words
from collector.domain.course import Bearing
from collector.domain.month_report import Figures, MonthReport
from collector.domain.sentences import bring_back, gaps_text, target_text
from collector.domain.targets import Source

_TOLD: Final = frozenset({Bearing.CLOSE, Bearing.CUT, Bearing.LAST_PAGES, Bearing.OVER})
_PUZZLING: Final = frozenset({Source.BASE_UNKNOWN, Source.YEAR_UNKNOWN, Source.PART_MISSING})


def advice(report: MonthReport, words: Words) -> tuple[str, ...]:
    """Return for the office and each department of a running month what keeps its target."""
    return tuple(
        f"{name}: {bring_back(figures.course, japanese=words.is_japanese)}"
        for name, figures in _everybody(report, words)
        if figures.course is not None and figures.course.bearing in _TOLD
    )


def unknowns(report: MonthReport, words: Words) -> tuple[str, ...]:
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


def _everybody(report: MonthReport, words: Words) -> Iterator[tuple[str, Figures]]:
    yield words("office"), report.office
    for one in report.departments:
        yield words.name(one.department), one.figures
