"""The charts of a report: the whole office, and each department small."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Final

from collector.adapters.report.department_tables import is_soft
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.report.month_report import MonthPoint, MonthReport
from collector.domain.report.table import clean

# A chart of monthly bars with a target line, as inline SVG: no script, no network, no library.
#
# Colours come from the page's style sheet by class, so that paper, light and dark each have
# theirs;
# months that are not final are hatched, so that a black-and-white printer shows them as well.


_MARGIN_LEFT: Final = 58.0
_MARGIN_RIGHT: Final = 8.0
_MARGIN_TOP: Final = 22.0
_MARGIN_BOTTOM: Final = 34.0
_STRONG: Final = "strong"
_BAR: Final = 0.66
"""Part of a month's slot that its bar takes."""

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: its label, the year's label where a year begins, and its figures.

    `value` and `target` are None where they are not known. `soft`: not final. `strong`: one of
    the months that are compared.
    """

    label: str
    value: int | None
    target: int | None = None
    year: str = ""
    soft: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of `bars`. `name` is unique on its page; `title` and `description` are read aloud."""

    name: str
    title: str
    description: str
    unit: str
    bars: Sequence[Bar]
    width: int = 760
    height: int = 260
    shows_values: bool = True


def svg(chart: Chart) -> str:
    """Return the chart as an SVG element."""
    scale = _Scale.of(chart)
    return "".join(
        (
            _opened(chart),
            f'<title id="{chart.name}-title">{escape(chart.title)}</title>',
            f'<desc id="{chart.name}-desc">{escape(chart.description)}</desc>',
            _hatch(chart),
            *_grid(chart, scale),
            *_drawn_bars(chart, scale),
            *_targets(chart, scale),
            *_labels(chart, scale),
            "</svg>",
        )
    )


def _opened(chart: Chart) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {chart.width} {chart.height}" role="img"'
        f' aria-labelledby="{chart.name}-title {chart.name}-desc">'
    )


def _hatch(chart: Chart) -> str:
    return (
        f'<defs><pattern id="{chart.name}-hatch" width="5" height="5"'
        ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="5" height="5"/>'
        '<rect class="hatch-line" width="2.2" height="5"/></pattern></defs>'
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where values and months lie on the drawing."""

    top: float
    step: float
    slot: float
    width: int
    height: int

    @staticmethod
    def of(chart: Chart) -> "_Scale":
        known = [n for bar in chart.bars for n in (bar.value, bar.target) if n is not None]
        step = nice_step(max(known, default=0), lines=4 if chart.shows_values else 2)
        top = step * max(1, -(-max(known, default=0) // step))
        slot = (chart.width - _MARGIN_LEFT - _MARGIN_RIGHT) / max(1, len(chart.bars))
        return _Scale(top, step, slot, chart.width, chart.height)

    @property
    def floor(self) -> float:
        return self.height - _MARGIN_BOTTOM

    def y(self, value: float) -> float:
        return self.floor - (self.floor - _MARGIN_TOP) * value / self.top

    def left(self, at: int) -> float:
        return _MARGIN_LEFT + self.slot * at

    def middle(self, at: int) -> float:
        return self.left(at) + self.slot / 2


def nice_step(highest: float, *, lines: int) -> float:
    """Return the distance of grid lines: 1, 2, 2.5 or 5 times a power of ten, whole, at least 1."""
    if highest <= lines:
        return 1.0
    rough = highest / lines
    power = 10.0 ** floor(log10(rough))
    step = next(one * power for one in _STEPS if one * power >= rough)
    return step if step >= max(_STEPS) else float(-(-step // 1))


def _grid(chart: Chart, scale: _Scale) -> Iterator[str]:
    end = scale.width - _MARGIN_RIGHT
    for number in range(round(scale.top / scale.step) + 1):
        value = number * scale.step
        y = scale.y(value)
        kind = "axis" if number == 0 else "grid"
        ends = f'x1="{_MARGIN_LEFT:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line class="{kind}" {ends}/>'
        yield _text(_MARGIN_LEFT - 6, y + 3.5, f"{value:,.0f}", "tick", "end")
    yield _text(0, _MARGIN_TOP - 10, chart.unit, "tick", "start")


def _drawn_bars(chart: Chart, scale: _Scale) -> Iterator[str]:
    wide = scale.slot * _BAR
    for at, bar in enumerate(chart.bars):
        if bar.value is None:
            yield _text(scale.middle(at), scale.floor - 4, "–", "tick", "middle")
            continue
        x, y = scale.middle(at) - wide / 2, scale.y(bar.value)
        fill = f' style="fill:url(#{chart.name}-hatch)"' if bar.soft else ""
        kind = f"bar {_STRONG}" if bar.strong else "bar"
        yield (
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}"'
            f' height="{max(0.0, scale.floor - y):.1f}"{fill}/>'
        )
        if chart.shows_values:
            yield _text(scale.middle(at), y - 4, f"{bar.value:,}", "value", "middle")


def _targets(chart: Chart, scale: _Scale) -> Iterator[str]:
    """Draw each month's target over its own slot, joined where the next month has one too."""
    path = ""
    for at, bar in enumerate(chart.bars):
        if bar.target is None:
            continue
        y = scale.y(bar.target)
        joined = at > 0 and chart.bars[at - 1].target is not None
        path += f"{'L' if joined else 'M'}{scale.left(at):.1f} {y:.1f}H{scale.left(at + 1):.1f}"
    if path:
        yield f'<path class="target" d="{path}"/>'


def _labels(chart: Chart, scale: _Scale) -> Iterator[str]:
    for at, bar in enumerate(chart.bars):
        kind = f"label {_STRONG}" if bar.strong else "label"
        yield _text(scale.middle(at), scale.floor + 14, bar.label, kind, "middle")
        if bar.year:
            yield _text(scale.middle(at), scale.floor + 28, bar.year, "tick", "middle")


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


_JANUARY = 1
_YEAR = 12


def office_chart(report: MonthReport, words: ReportWords) -> Chart:
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


def chart_key(report: MonthReport, words: ReportWords) -> str:
    """Return what the bars and the line of the office's chart stand for."""
    has_targets = any(point.target is not None for point in report.months)
    return words("chart_key") + (words("chart_key_target") if has_targets else "")


def department_charts(report: MonthReport, words: ReportWords) -> list[Chart]:
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
    words: ReportWords,
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


def _label(month: str, at: int, last: int, words: ReportWords, *, sparse: bool) -> str:
    """Return the month's label; on a small chart only every third, counted from the last."""
    if sparse:
        return str(first_of(month).month) if (last - at) % 3 == 0 else ""
    return words.short_month(month)


def _year(month: str, at: int, words: ReportWords, *, sparse: bool) -> str:
    """Return the year below the first month and each January; on a small chart, Januaries only."""
    first = first_of(month)
    shown = first.month == _JANUARY or (at == 0 and not sparse)
    return words("year_label", year=first.year) if shown else ""


def _described(
    points: Sequence[MonthPoint], values: Sequence[int | None], words: ReportWords
) -> str:
    known = [value for value in values if value is not None]
    span = {"first": points[0].month, "last": points[-1].month}
    if not known:
        return words("chart_empty", **span)
    return words("chart_described", low=f"{min(known):,}", high=f"{max(known):,}", **span)
