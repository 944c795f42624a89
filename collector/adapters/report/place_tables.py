"""The tables about places: their readings and pages, and what later revisions changed."""

from collections.abc import Callable

from collector.adapters.report.cells import Cell, CellKind, Column, clean
from collector.adapters.report.tables import CellColumn, Table, table_of, text_column, word_column
from collector.adapters.report.words import ReportWords
from collector.domain.closing.statement import Cause
from collector.domain.counting.identity import DeviceKey
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO
from collector.domain.report.month_report import (
    AdjustmentLine,
    MeterReading,
    MonthReport,
    PlaceFigures,
    Stage,
)
from collector.domain.report.sentences import margin_text, since_text

_MINUTE_S = 60
_PREFIX = "serial:"


def places_table(report: MonthReport, words: ReportWords) -> Table:
    """Return each place with the readings that open and close its month."""
    places = report.places

    def field(
        column: Column, cell: Callable[[PlaceFigures], Cell], *, needed: bool = False
    ) -> CellColumn:
        return CellColumn(column, tuple(cell(one) for one in places), optional=not needed)

    def text(key: str, width: int, cell: Callable[[PlaceFigures], Cell]) -> CellColumn:
        return field(text_column(key, words(key), width), cell)

    fields = [
        text("place", 20, lambda one: clean(one.name)),
        text("id", 10, lambda one: clean(one.place)),
        text("department", 16, lambda one: _answering(one, report, words)),
        text("device", 18, _devices),
        *_reading_fields(report, words, field),
        field(Column("pages", words("pages"), width=9), lambda one: one.pages, needed=True),
        field(Column("mono", words("mono"), width=9), lambda one: one.meters.get(TOTAL_MONO)),
        field(Column("color", words("color"), width=9), lambda one: one.meters.get(TOTAL_COLOR)),
        field(
            word_column("known", words("known"), 9), lambda one: words(f"known_{one.known.value}")
        ),
        *_parts(report, words, field),
        text("remark", 26, lambda one: _remark(one, words)),
    ]
    return table_of(
        "places", words("places_title"), _with_total(fields, report, words), has_total=True
    )


def _reading_fields(
    report: MonthReport, words: ReportWords, field: Callable[..., CellColumn]
) -> list[CellColumn]:
    """Return value, time and distance of both readings; a running month has no closing."""
    last = "latest" if report.stage is Stage.RUNNING else "closing"
    fields = []
    for name, reading in (("opening", _opening), (last, _closing)):

        def value(one: PlaceFigures, reading: _Reading = reading) -> Cell:
            found = reading(one)
            return None if found is None else found.value

        def at(one: PlaceFigures, reading: _Reading = reading) -> Cell:
            found = reading(one)
            return None if found is None else words.local(found.at)

        def off(one: PlaceFigures, reading: _Reading = reading) -> Cell:
            found = reading(one)
            return None if found is None or found.off_s is None else round(found.off_s / _MINUTE_S)

        fields.append(field(Column(name, words(name), width=11), value, needed=True))
        fields.append(
            field(Column(f"{name}_at", words(f"{name}_at"), CellKind.TIME, 12), at, needed=True)
        )
        if name != "latest":
            column = Column(f"{name}_off", words(f"{name}_off"), CellKind.MINUTES, 9)
            fields.append(field(column, off, needed=True))
    return fields


_Reading = Callable[[PlaceFigures], MeterReading | None]


def _opening(one: PlaceFigures) -> MeterReading | None:
    return one.opening


def _closing(one: PlaceFigures) -> MeterReading | None:
    return one.closing


def _parts(
    report: MonthReport, words: ReportWords, field: Callable[..., CellColumn]
) -> list[CellColumn]:
    """Return what the pages are made of, where it is not all counted."""
    if not any(one.guess is not None or one.adjusted for one in report.places):
        return []
    return [
        field(_narrow("guessed", words), lambda one: one.guess and one.guess.pages),
        field(_narrow("guess_low", words), lambda one: one.guess and one.guess.low),
        field(_narrow("guess_high", words), lambda one: one.guess and one.guess.high),
        field(_narrow("adjusted", words, CellKind.SIGNED), lambda one: one.adjusted or None),
    ]


def _narrow(key: str, words: ReportWords, kind: CellKind = CellKind.COUNT) -> Column:
    return Column(key, words(key), kind, 8)


def _with_total(
    fields: list[CellColumn], report: MonthReport, words: ReportWords
) -> list[CellColumn]:
    sums: dict[str, Cell] = {
        "place": words("office"),
        "pages": sum(one.pages for one in report.places),
        "mono": report.office.meters.get(TOTAL_MONO),
        "color": report.office.meters.get(TOTAL_COLOR),
    }
    kept = [
        one for one in fields if any(cell is not None for cell in one.cells) or not one.optional
    ]
    return [
        CellColumn(one.column, one.cells, sums.get(one.column.key), one.optional) for one in kept
    ]


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
    """Return why; sealed sentences are English, but hold what a person wrote."""
    if not words.is_japanese:
        return clean(one.reason)
    cause = words(f"cause_{one.cause.value}")
    return clean(f"{cause}: {one.reason}") if one.cause in _BY_PEOPLE else cause


_BY_PEOPLE = frozenset({Cause.ENTRY, Cause.HISTORY})


def adjustments_table(report: MonthReport, words: ReportWords) -> Table | None:
    """Return what later revisions added or took, with its reason; None where nothing was."""
    lines = report.adjustments
    if not lines:
        return None

    def field(column: Column, cells: list[Cell], total: Cell = None) -> CellColumn:
        return CellColumn(column, tuple(cells), total)

    return table_of(
        "adjustments",
        words("adjustments_title"),
        [
            field(
                text_column("place", words("place"), 22),
                [clean(one.place_name) for one in lines],
                words("total"),
            ),
            field(Column("revision", words("revision"), width=8), [one.revision for one in lines]),
            field(
                text_column("department", words("department"), 20),
                [clean(words.name(report.department(one.department))) for one in lines],
            ),
            field(
                Column("pages", words("pages"), CellKind.SIGNED),
                [one.pages for one in lines],
                sum(one.pages for one in lines),
            ),
            field(
                text_column("reason", words("reason"), 60), [_reason(one, words) for one in lines]
            ),
            field(text_column("entry", words("entry"), 14), [one.entry for one in lines]),
        ],
        has_total=True,
    )
