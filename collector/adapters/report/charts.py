"""The charts of a report: the whole office, and each department small."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from math import floor, log10
from typing import Final

from collector.adapters.report.department_tables import is_soft
from collector.adapters.report.words import ReportWords, first_of
from collector.domain.report.month_report import DepartmentFigures, MonthPoint, MonthReport
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
    """One month or day: its label, the year's label where a year begins, and its figures.

    `value` and `target` are None where they are not known. `soft`: not final. `strong`: one of
    the months that are compared. `short` is the label for a narrow space; `begins_year`: a January.
    """

    label: str
    value: int | None
    target: int | None = None
    year: str = ""
    soft: bool = False
    strong: bool = False
    short: str = ""
    begins_year: bool = False


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
            *_values(chart, scale),
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


def _values(chart: Chart, scale: _Scale) -> Iterator[str]:
    """Write each figure above its bar, over whatever line passes there."""
    for at, bar in enumerate(chart.bars if chart.shows_values else ()):
        if bar.value is not None:
            y = scale.y(bar.value) - 4
            yield _text(scale.middle(at), y, f"{bar.value:,}", "value", "middle")


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
    charts = (small(department_chart(report, one, words)) for one in report.departments)
    return [one for one in charts if one is not None]


def department_chart(
    report: MonthReport, one: DepartmentFigures, words: ReportWords
) -> Chart | None:
    """Return the chart of a department's thirteen months; None where none of them is known."""
    key, number = one.department.id, report.departments.index(one)
    values = [point.departments.get(key) for point in report.months]
    if all(value is None for value in values):
        return None
    targets = [point.targets.get(key) for point in report.months]
    return Chart(
        name=f"department-{number}",
        title=clean(words.name(one.department)),
        description=_described(report.months, values, words),
        unit=words("impressions"),
        bars=_bars(report.months, values, targets, words),
    )


def small(chart: Chart | None) -> Chart | None:
    """Return `chart` for a narrow space: every third label from the last one, no figures."""
    if chart is None:
        return None
    last = len(chart.bars) - 1
    bars = tuple(
        replace(
            bar,
            label=bar.short or bar.label if (last - at) % 3 == 0 else "",
            year=bar.year if bar.begins_year else "",
        )
        for at, bar in enumerate(chart.bars)
    )
    return replace(chart, bars=bars, width=340, height=150, shows_values=False)


def day_chart(days: Mapping[date, int], name: str, words: ReportWords) -> Chart:
    """Return the chart of what was printed on each of `days`; the last one is not over."""
    last = len(days) - 1
    described = words("board.days_described", low=min(days.values()), high=max(days.values()))
    return Chart(
        name=name,
        title=words("board.days"),
        description=described,
        unit=words("impressions"),
        bars=tuple(
            Bar(str(day.day), pages, soft=at == last)
            for at, (day, pages) in enumerate(days.items())
        ),
        shows_values=False,
        height=200,
    )


def _bars(
    points: Sequence[MonthPoint],
    values: Sequence[int | None],
    targets: Sequence[int | None],
    words: ReportWords,
) -> tuple[Bar, ...]:
    last = len(points) - 1
    return tuple(
        Bar(
            label=words.short_month(point.month),
            value=values[at],
            target=targets[at],
            year=_year(point.month, at, words),
            short=str(first_of(point.month).month),
            begins_year=first_of(point.month).month == _JANUARY,
            soft=is_soft(point),
            strong=at in {last, last - _YEAR},
        )
        for at, point in enumerate(points)
    )


def _year(month: str, at: int, words: ReportWords) -> str:
    """Return the year below the first month and each January."""
    first = first_of(month)
    return words("year_label", year=first.year) if first.month == _JANUARY or at == 0 else ""


def _described(
    points: Sequence[MonthPoint], values: Sequence[int | None], words: ReportWords
) -> str:
    known = [value for value in values if value is not None]
    span = {"first": points[0].month, "last": points[-1].month}
    if not known:
        return words("chart_empty", **span)
    return words("chart_described", low=f"{min(known):,}", high=f"{max(known):,}", **span)
