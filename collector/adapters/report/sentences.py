"""What a report says in words: how the month went, and how much of it is known."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from collector.adapters.report.words import ReportWords
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO
from collector.domain.office.targets import Measure
from collector.domain.report.month_report import Figures, MonthReport, Stage, TargetVerdict
from collector.domain.report.table import Cell, CellKind

_NAMED = 6
"""Departments that one sentence names at most."""

_UNITS: Final = {
    Measure.SHEETS: "target_in_sheets",
    Measure.COLOR: "target_in_color",
}

MINUS: Final = {True: "▲", False: "-"}
"""Offices in Japan write losses with a triangle."""


def text_of(cell: Cell, kind: CellKind, *, japanese: bool) -> str:
    """Return `cell` as a reader of the language writes it; empty where it is absent."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return f"{cell:%m-%d %H:%M}"
    minus = MINUS[japanese] if kind is not CellKind.MINUTES else "-"
    sign = minus if cell < 0 else ""
    if kind in {CellKind.SIGNED, CellKind.CHANGE, CellKind.MINUTES} and cell > 0:
        sign = "+"
    match kind:
        case CellKind.SHARE | CellKind.CHANGE:
            return f"{sign}{abs(cell):.1%}"
        case CellKind.AMOUNT:
            return f"{sign}{abs(cell):,.1f}"
        case _:
            return f"{sign}{abs(cell):,.0f}"


def state(report: MonthReport, words: ReportWords) -> str:
    """Return in one line whether the figures are final, and since when."""
    closure = report.closure
    if closure is None:
        key = "running" if report.stage is Stage.RUNNING else "open"
        return words(f"provisional_{key}", at=words.time(report.made_at))
    return words("closed_by", revision=closure.revision, at=words.time(closure.at), by=closure.by)


def headline(report: MonthReport, words: ReportWords) -> str:
    """Return how the month went, for somebody who reads nothing else."""
    office, running = report.office, report.stage is Stage.RUNNING
    begin = words("in_month", month=words.month(report.period.name))
    if running:
        begin = words("so_far", at=words.time(report.made_at))
    return "".join(
        (
            begin,
            words("total_was", pages=_count(office.pages, words)),
            _without(office, words),
            _against_target(office, words, running=running),
            _expected(office, words),
            *_over(report, words),
            "" if running else _against_last_year(office, words),
        )
    ).strip()


def _without(office: Figures, words: ReportWords) -> str:
    """Return what is excluded, the total without it, and which of both the target counts."""
    if not office.excluded:
        return ""
    key = "excluded_counts" if office.basis.with_excluded else "excluded_not"
    facts = {"excluded": office.excluded, "without": office.without}
    return words(key, **{name: _count(pages, words) for name, pages in facts.items()})


def _against_target(office: Figures, words: ReportWords, *, running: bool) -> str:
    left, target = office.left, office.target
    if left is None or target is None:
        return ""
    if office.ratio is None:
        return words("target_zero")
    facts = {"target": _count(target, words), "ratio": _share(office.ratio, words)}
    facts["unit"] = unit_of(office, words)
    if left < 0:
        return words("over_target", over=_count(-left, words), **facts)
    return words("target_left" if running else "under_target", left=_count(left, words), **facts)


def _expected(office: Figures, words: ReportWords) -> str:
    ends = office.expected
    if ends is None:
        return ""
    facts = {"expected": ends.expected, "low": ends.low, "high": ends.high}
    counts = {key: _count(round(one), words) for key, one in facts.items()}
    return words("will_end", unit=unit_of(office, words), **counts)


def unit_of(office: Figures, words: ReportWords) -> str:
    """Return what the target counts; in English impressions go without saying."""
    if office.measure in _UNITS:
        return words(_UNITS[office.measure])
    return words("impressions") if words.is_japanese else ""


def counted_in(figures: Figures, cell: Cell, words: ReportWords) -> Cell:
    """Return `cell`, measured by the target of `figures`, with its unit where that is no 面."""
    if figures.measure not in _UNITS or cell is None:
        return cell
    text = text_of(cell, CellKind.COUNT, japanese=words.is_japanese)
    return words("counted_in", count=text, unit=unit_of(figures, words))


def _over(report: MonthReport, words: ReportWords) -> Iterator[str]:
    """Yield which departments have passed their targets, and which will."""
    for verdict in (TargetVerdict.OVER, TargetVerdict.HEADING_OVER):
        names = [
            words.name(one.department)
            for one in report.departments
            if one.figures.verdict is verdict
        ]
        if names:
            text = ("、" if words.is_japanese else ", ").join(names[:_NAMED])
            if len(names) > _NAMED:
                text = words("and_more", names=text, count=len(names) - _NAMED)
            yield words(f"departments_{verdict.value}", names=text)


def _against_last_year(office: Figures, words: ReportWords) -> str:
    change, ratio = office.change, office.change_ratio
    if change is None or ratio is None:
        return ""
    if change == 0:
        return words("same_as")
    facts = {"change": _count(abs(change), words), "ratio": _share(abs(ratio), words)}
    return words("less_than" if change < 0 else "more_than", **facts)


def lacks_colours(figures: Figures) -> bool:
    """Say whether mono and colour are known of a part of the pages only."""
    parts = [figures.meters[one] for one in (TOTAL_MONO, TOTAL_COLOR) if one in figures.meters]
    return bool(parts) and sum(parts) < figures.pages


def _count(value: int, words: ReportWords) -> str:
    return text_of(value, CellKind.COUNT, japanese=words.is_japanese)


def _share(value: float | None, words: ReportWords) -> str:
    return text_of(value, CellKind.SHARE, japanese=words.is_japanese)
