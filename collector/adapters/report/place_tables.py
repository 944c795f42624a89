"""The tables about places: their readings and pages, and what later revisions changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from collector.adapters.report.words import ReportWords
from collector.domain.closing.statement import Cause
from collector.domain.counting.identity import DeviceKey
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO
from collector.domain.report.month_report import (
    AdjustmentLine,
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
    """Return each place with the readings that open and close its month."""
    columns = (
        _text("place", 20, lambda one: clean(one.name), words),
        _text("id", 10, lambda one: clean(one.place), words),
        _text("department", 16, lambda one: _answering(one, report, words), words),
        _text("device", 18, _devices, words),
        *_reading_columns(report, words),
        Column("pages", lambda one: one.pages, words("pages"), width=9),
        _pages("mono", lambda one: one.meters.get(TOTAL_MONO), words),
        _pages("color", lambda one: one.meters.get(TOTAL_COLOR), words),
        replace(
            _text("known", 9, lambda one: words(f"known_{one.known.value}"), words), is_word=True
        ),
        *_parts(report, words),
        _text("remark", 26, lambda one: _remark(one, words), words),
    )
    return Table(
        "places", columns, report.places, words("places_title"), total=_sums(columns, report, words)
    )


def _text(
    key: str, width: int, value: Callable[[PlaceFigures], Cell], words: ReportWords
) -> Column[PlaceFigures]:
    return Column(key, value, words(key), CellKind.TEXT, width, optional=True)


def _pages(
    key: str,
    value: Callable[[PlaceFigures], Cell],
    words: ReportWords,
    kind: CellKind = CellKind.COUNT,
    width: int = 9,
) -> Column[PlaceFigures]:
    return Column(key, value, words(key), kind, width, optional=True)


def _reading_columns(report: MonthReport, words: ReportWords) -> Iterator[Column[PlaceFigures]]:
    """Yield value, time and distance of both readings; a running month has no closing."""
    last = "latest" if report.stage is Stage.RUNNING else "closing"
    yield from _reading("opening", lambda one: one.opening, words)
    yield from _reading(last, lambda one: one.closing, words)


def _reading(
    name: str, reading: Callable[[PlaceFigures], MeterReading | None], words: ReportWords
) -> Iterator[Column[PlaceFigures]]:
    def value(one: PlaceFigures) -> Cell:
        found = reading(one)
        return None if found is None else found.value

    def at(one: PlaceFigures) -> Cell:
        found = reading(one)
        return None if found is None else words.local(found.at)

    def off(one: PlaceFigures) -> Cell:
        found = reading(one)
        return None if found is None or found.off_s is None else round(found.off_s / _MINUTE_S)

    yield Column(name, value, words(name), width=11)
    yield Column(f"{name}_at", at, words(f"{name}_at"), CellKind.TIME, 12)
    if name != "latest":
        yield Column(f"{name}_off", off, words(f"{name}_off"), CellKind.MINUTES, 9)


def _parts(report: MonthReport, words: ReportWords) -> tuple[Column[PlaceFigures], ...]:
    """Return what the pages are made of, where it is not all counted."""
    if not any(one.guess is not None or one.adjusted for one in report.places):
        return ()
    return (
        _pages(
            "guessed", lambda one: None if one.guess is None else one.guess.pages, words, width=8
        ),
        _pages(
            "guess_low", lambda one: None if one.guess is None else one.guess.low, words, width=8
        ),
        _pages(
            "guess_high", lambda one: None if one.guess is None else one.guess.high, words, width=8
        ),
        _pages("adjusted", lambda one: one.adjusted or None, words, CellKind.SIGNED, 8),
    )


def _guess(
    key: str, value: Callable[[GuessedPages], int], words: ReportWords
) -> Column[PlaceFigures]:
    def guessed(one: PlaceFigures) -> Cell:
        return None if one.guess is None else value(one.guess)

    return _pages(key, guessed, words, width=8)


def _sums(
    columns: Sequence[Column[PlaceFigures]], report: MonthReport, words: ReportWords
) -> dict[str, Cell]:
    """Return the last line; a colour that no place states has no sum either."""
    stated = {one.key for one in columns if any(one.cell(row) is not None for row in report.places)}
    sums: dict[str, Cell] = {
        "place": words("office"),
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
    return clean("・".join(parts) if words.is_japanese else ", ".join(parts))


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
