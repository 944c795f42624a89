"""The tables about places: their readings and pages, and what later revisions changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from collector.adapters.report.department_tables import month_columns
from collector.adapters.report.words import ReportWords
from collector.domain.closing.statement import Cause
from collector.domain.counting.identity import DeviceKey
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO
from collector.domain.report.month_report import (
    AdjustmentLine,
    CounterBreak,
    GuessedPages,
    MeterReading,
    MonthReport,
    PlaceFigures,
    Stage,
)
from collector.domain.report.sentences import margin_text
from collector.domain.report.table import Cell, CellKind, Column, Table, clean
from collector.texts.figures import since_text

_MINUTE_S = 60
_PREFIX = "serial:"


def places_table(report: MonthReport, words: ReportWords) -> Table[PlaceFigures]:
    """Return each place with the readings that open and close its month.

    CSV has every name in the same order in every language; readers see what has a heading.
    """
    columns = (
        *month_columns(report),
        *_named(report, words),
        *_reading("opening", lambda one: one.opening, report, words),
        *_reading("closing", lambda one: one.closing, report, words),
        Column("pages", lambda one: one.pages, words("pages"), width=9),
        _pages("mono", lambda one: one.meters.get(TOTAL_MONO), words("mono")),
        _pages("color", lambda one: one.meters.get(TOTAL_COLOR), words("color")),
        Column("counted", lambda one: one.counted),
        *_parts(report, words),
        Column("estimated", lambda one: one.estimated),
        *_known(report, words),
    )
    seen = {one.key for one in columns if one.heading is not None}
    return Table(
        "places",
        columns,
        report.places,
        words("places_title"),
        total=_sums(columns, report, words),
        shown=tuple(key for key in _SHOWN if key in seen),
    )


_SHOWN: Final = (
    *("name", "place", "departments", "device"),
    *("opening", "opening_at", "opening_off_min", "closing", "closing_at", "closing_off_min"),
    *("pages", "mono", "color", "quality", "guessed", "guess_low", "guess_high", "adjusted"),
    "remarks",
)
"""The order in which people read it."""


def _named(report: MonthReport, words: ReportWords) -> tuple[Column[PlaceFigures], ...]:
    def answering(one: PlaceFigures) -> str:
        return _answering(one, report, words)

    return (
        _text("place", 10, lambda one: one.place, words("id"), lambda one: clean(one.place)),
        _text("name", 20, lambda one: one.name, words("place"), lambda one: clean(one.name)),
        _text("departments", 16, lambda one: one.shares, words("department"), answering),
        _text("device", 18, None, words("device"), _devices),
    )


def _known(report: MonthReport, words: ReportWords) -> tuple[Column[PlaceFigures], ...]:
    """Return how far the pages are known, and what a reader of the line must know besides."""

    def quality(one: PlaceFigures) -> str:
        return words(f"known_{one.known.value}")

    def breaks(one: PlaceFigures) -> list[str]:
        return [_break(each, report) for each in one.breaks]

    def remark(one: PlaceFigures) -> Cell:
        return _remark(one, words)

    known = _text("quality", 9, lambda one: one.known.value, words("known"), quality)
    return (
        replace(known, is_word=True),
        _text("remarks", 26, breaks, words("remark"), remark),
        Column("pages_low", lambda one: max(0, one.pages - one.margin.less)),
        Column("pages_high", lambda one: one.pages + one.margin.more),
        Column("in_question", lambda one: one.in_question),
        Column("measured_since", lambda one: one.since and one.since.isoformat()),
    )


def _text(
    key: str,
    width: int,
    value: Callable[[PlaceFigures], object] | None,
    heading: str,
    shown: Callable[[PlaceFigures], Cell],
) -> Column[PlaceFigures]:
    return Column(key, value, heading, CellKind.TEXT, width, shown, optional=True)


def _pages(
    key: str,
    value: Callable[[PlaceFigures], Cell],
    heading: str | None,
    kind: CellKind = CellKind.COUNT,
    width: int = 9,
) -> Column[PlaceFigures]:
    return Column(key, value, heading, kind, width, optional=True)


def _reading(
    name: str,
    reading: Callable[[PlaceFigures], MeterReading | None],
    report: MonthReport,
    words: ReportWords,
) -> Iterator[Column[PlaceFigures]]:
    """Yield device, value, time and distance; a running month has no closing, only a latest."""

    def of(value: Callable[[MeterReading], Any]) -> Callable[[PlaceFigures], Any]:
        return lambda one: None if (mark := reading(one)) is None else value(mark)

    is_latest = name == "closing" and report.stage is Stage.RUNNING
    word = "latest" if is_latest else name
    at, local = of(lambda mark: _time(mark.at, report)), of(lambda mark: words.local(mark.at))
    away = None if is_latest else words(f"{name}_off")
    yield Column(f"{name}_device", of(lambda mark: mark.device))
    yield Column(f"{name}_model", of(lambda mark: mark.model))
    yield Column(name, of(lambda mark: mark.value), words(word), width=11)
    yield Column(f"{name}_at", at, words(f"{word}_at"), CellKind.TIME, 12, local)
    yield Column(f"{name}_off_min", of(_minutes_off), away, CellKind.MINUTES, 9)


def _minutes_off(mark: MeterReading) -> int | None:
    return None if mark.off_s is None else round(mark.off_s / _MINUTE_S)


def _time(at: datetime, report: MonthReport) -> str:
    return at.astimezone(report.zone).isoformat(timespec="seconds")


def _break(one: CounterBreak, report: MonthReport) -> str:
    device = "" if one.device is None else f" on {one.device}"
    return f"{_time(one.at, report)} {one.last} -> {one.first}{device}"


def _parts(report: MonthReport, words: ReportWords) -> Iterator[Column[PlaceFigures]]:
    """Yield what the pages are made of; readers see it where it is not all counted."""
    is_seen = any(one.guess is not None or one.adjusted for one in report.places)
    for key, value in _GUESSED:
        yield _guess(key, value, words(key) if is_seen else None)
    adjusted = words("adjusted") if is_seen else None
    yield Column(
        "adjusted",
        lambda one: one.adjusted,
        adjusted,
        CellKind.SIGNED,
        8,
        lambda one: one.adjusted or None,
        optional=True,
    )


_GUESSED: Final[Sequence[tuple[str, Callable[[GuessedPages], int]]]] = (
    ("guessed", lambda guess: guess.pages),
    ("guess_low", lambda guess: guess.low),
    ("guess_high", lambda guess: guess.high),
)


def _guess(
    key: str, value: Callable[[GuessedPages], int], heading: str | None
) -> Column[PlaceFigures]:
    def guessed(one: PlaceFigures) -> Cell:
        return None if one.guess is None else value(one.guess)

    return _pages(key, guessed, heading, width=8)


def _sums(
    columns: Sequence[Column[PlaceFigures]], report: MonthReport, words: ReportWords
) -> dict[str, Cell]:
    """Return the last line; a colour that no place states has no sum either."""
    stated = {one.key for one in columns if any(one.cell(row) is not None for row in report.places)}
    sums: dict[str, Cell] = {
        "name": words("office"),
        "pages": sum(one.pages for one in report.places),
        "mono": report.office.meters.get(TOTAL_MONO),
        "color": report.office.meters.get(TOTAL_COLOR),
    }
    return {key: cell for key, cell in sums.items() if key in stated or key == "pages"}


def _answering(one: PlaceFigures, report: MonthReport, words: ReportWords) -> str:
    """Return who answers for the place; with the pages of each where there are several."""
    shares = {words.name(report.department(key)): pages for key, pages in one.shares.items()}
    if len(shares) == 1:
        return clean(next(iter(shares)))
    parts = (words("share_of", name=name, pages=f"{pages:,}") for name, pages in shares.items())
    return clean(words("between").join(parts))


def _devices(one: PlaceFigures) -> Cell:
    """Return model and serial number, the old machine's first where there were two."""
    marks = [mark for mark in (one.opening, one.closing) if mark is not None]
    known = (clean(f"{mark.model or ''} {device_text(mark.device)}".strip()) for mark in marks)
    return " → ".join(dict.fromkeys(text for text in known if text)) or None


def device_text(device: DeviceKey) -> str:
    """Return how a machine is called on paper: by its serial number where it has one."""
    return device.removeprefix(_PREFIX)


def _remark(one: PlaceFigures, words: ReportWords) -> Cell:
    """Return what a reader of the line must know besides its figures."""
    remarks = [words("split", pages=f"{one.estimated:,}")] if one.estimated else []
    if one.margin:
        remarks.append(words("margin_of", margin=margin_text(one.margin)))
    if one.in_question:
        remarks.append(words("questioned", pages=f"{one.in_question:,}"))
    if one.since is not None:
        remarks.append(since_text(one.since, japanese=words.is_japanese))
    for key, mark in (("opening", one.opening), ("closing", one.closing)):
        if mark is not None and mark.by_hand:
            remarks.append(words(key) + words("by_hand"))
    for each in one.breaks:
        key = "break_reset" if each.device is None else "break_device"
        device = "" if each.device is None else clean(device_text(each.device))
        counters = {"last": f"{each.last:,}", "first": f"{each.first:,}", "device": device}
        remarks.append(words(key, at=f"{words.local(each.at):%m-%d %H:%M}", **counters))
    return ("。" if words.is_japanese else "; ").join(remarks) or None


def _reason(one: AdjustmentLine, words: ReportWords) -> str:
    """Return why; what was sealed is English, and holds what a person wrote."""
    said = words.translated(one.reason)
    if not words.is_japanese or said != one.reason:
        return clean(said)
    cause = words(f"cause_{one.cause.value}")
    return clean(f"{cause}: {one.reason}") if one.cause in _BY_PEOPLE else cause


_BY_PEOPLE = frozenset({Cause.ENTRY, Cause.HISTORY})


def adjustments_table(report: MonthReport, words: ReportWords) -> Table[AdjustmentLine] | None:
    """Return what later revisions added or took, with its reason; None where nothing was."""
    lines, text = report.adjustments, CellKind.TEXT
    if not lines:
        return None

    def department(one: AdjustmentLine) -> str:
        return clean(words.name(report.department(one.department)))

    return Table(
        "adjustments",
        (
            Column("place", lambda one: clean(one.place_name), words("place"), text, 22),
            Column("revision", lambda one: one.revision, words("revision"), width=8),
            Column("department", department, words("department"), text, 20),
            Column("pages", lambda one: one.pages, words("pages"), CellKind.SIGNED),
            Column("reason", lambda one: _reason(one, words), words("reason"), text, 60),
            Column("entry", lambda one: one.entry, words("entry"), text, 14),
        ),
        lines,
        words("adjustments_title"),
        total={"place": words("total"), "pages": sum(one.pages for one in lines)},
    )
