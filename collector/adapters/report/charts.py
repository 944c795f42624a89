"""The charts of a report: the whole office, and each department small."""

from collections.abc import Sequence

from collector.adapters.report.bars import Bar, Chart
from collector.adapters.report.cells import clean
from collector.adapters.report.month_tables import is_soft
from collector.adapters.report.words import Words, first_of
from collector.domain.month_report import MonthPoint, MonthReport

_JANUARY = 1
_YEAR = 12


def office_chart(report: MonthReport, words: Words) -> Chart:
    """Return the chart of the office's thirteen months."""
    values = [point.pages for point in report.months]
    targets = [point.target for point in report.months]
    return Chart(
        name="office",
        title=words("chart_title"),
        description=_described(report.months, values, words),
        unit=words("impressions"),
        bars=_bars(report.months, values, targets, words),
    )


def chart_key(report: MonthReport, words: Words) -> str:
    """Return what the bars and the line of the office's chart stand for."""
    has_targets = any(point.target is not None for point in report.months)
    return words("chart_key") + (words("chart_key_target") if has_targets else "")


def department_charts(report: MonthReport, words: Words) -> list[Chart]:
    """Return a small chart for each department of which a month is known, each on its own scale."""
    charts = []
    for number, one in enumerate(report.departments):
        key = one.department.id
        values = [point.departments.get(key) for point in report.months]
        if all(value is None for value in values):
            continue
        targets = [point.targets.get(key) for point in report.months]
        charts.append(
            Chart(
                name=f"department-{number}",
                title=clean(words.name(one.department)),
                description=_described(report.months, values, words),
                unit=words("impressions"),
                bars=_bars(report.months, values, targets, words, sparse=True),
                width=340,
                height=150,
                shows_values=False,
            )
        )
    return charts


def _bars(
    points: Sequence[MonthPoint],
    values: Sequence[int | None],
    targets: Sequence[int | None],
    words: Words,
    *,
    sparse: bool = False,
) -> tuple[Bar, ...]:
    last = len(points) - 1
    return tuple(
        Bar(
            label=_label(point.month, at, last, words, sparse=sparse),
            value=values[at],
            target=targets[at],
            year=_year(point.month, at, words, sparse=sparse),
            soft=is_soft(point),
            strong=at in {last, last - _YEAR},
        )
        for at, point in enumerate(points)
    )


def _label(month: str, at: int, last: int, words: Words, *, sparse: bool) -> str:
    """Return the month's label; on a small chart only every third, counted from the last."""
    if sparse:
        return str(first_of(month).month) if (last - at) % 3 == 0 else ""
    return words.short_month(month)


def _year(month: str, at: int, words: Words, *, sparse: bool) -> str:
    """Return the year below the first month and each January; on a small chart, Januaries only."""
    first = first_of(month)
    shown = first.month == _JANUARY or (at == 0 and not sparse)
    return words("year_label", year=first.year) if shown else ""


def _described(points: Sequence[MonthPoint], values: Sequence[int | None], words: Words) -> str:
    known = [value for value in values if value is not None]
    span = {"first": points[0].month, "last": points[-1].month}
    if not known:
        return words("chart_empty", **span)
    return words("chart_described", low=f"{min(known):,}", high=f"{max(known):,}", **span)
