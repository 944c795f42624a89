"""The inspector's form of a checked invoice (検収書): a page of HTML and a workbook, both A4."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from math import ceil
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from collector.adapters.report.key_figures import Fact
from collector.adapters.report.page import facts_html, opened, section, shown, table_html
from collector.adapters.report.sheets import BOX, HEAD, Pen, draw, fit_paper, title, wide, widen
from collector.adapters.report.words import ReportWords
from collector.domain.cost.invoice import (
    Agreement,
    CheckedLine,
    InvoiceCheck,
    LineKind,
)
from collector.domain.cost.invoice_known import CounterRange, UnchargedMachine
from collector.domain.cost.invoice_sheet import StatedLine, StatedMachine
from collector.domain.cost.yen import plain
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table, records
from collector.texts import Texts


@dataclass(frozen=True, slots=True)
class InspectionForm:
    """A checked invoice with what its form says beside it: whose, made when, by which version."""

    check: InvoiceCheck
    site: str
    names: Mapping[PlaceId, str]
    made_at: datetime
    version: str
    stamps: Sequence[str] = ()


# One description of the lines for a terminal, CSV, JSON, HTML and the workbook.


_SHOWN: Final = (
    *("line", "model", "serial", "place_name", "class", "day", "opening", "closing", "used"),
    *("deducted", "price", "amount", "opening_own", "closing_own", "sheets", "yen", "verdict"),
)
_NARROW: Final = ("line", "serial", "class", "closing", "sheets", "yen", "verdict")
"""What a terminal of 80 columns has room for."""


def lines_table(
    check: InvoiceCheck, names: Mapping[PlaceId, str], words: ReportWords, *, narrow: bool = False
) -> Table[CheckedLine]:
    """Return each line of the invoice with what it came to; `narrow` for a terminal."""
    columns = (
        *_machine(names, words),
        *_stated(words),
        *_own("opening", lambda one: one.opening, words),
        *_own("closing", lambda one: one.closing, words),
        *_outcome(words),
    )
    return Table(
        "lines",
        columns,
        check.lines,
        words("inspection.lines"),
        shown=_NARROW if narrow else _SHOWN,
        spare=("closing",),
        alert=lambda one: one.agreement is Agreement.DIFFERS,
    )


def _of_machine(get: Callable[[StatedMachine], Any]) -> Callable[[CheckedLine], Any]:
    return lambda one: None if one.machine is None else get(one.machine)


def _of_line(get: Callable[[StatedLine], Any]) -> Callable[[CheckedLine], Any]:
    return lambda one: None if one.stated is None else get(one.stated)


def _day(one: StatedMachine) -> str:
    return one.day.isoformat()


def _machine(names: Mapping[PlaceId, str], words: ReportWords) -> tuple[Column[CheckedLine], ...]:
    """Return which machine a line is about, by the dealer's words and ours."""
    text = CellKind.TEXT

    def name(one: CheckedLine) -> str | None:
        return None if one.place is None else names.get(one.place, one.place)

    since = _of_machine(lambda one: None if one.since is None else one.since.isoformat())
    return (
        Column("line", lambda one: one.line, words("inspection.line"), width=5),
        Column("kind", lambda one: one.kind.value),
        Column(
            "model",
            _of_machine(lambda one: one.model or None),
            *(words("inspection.model"), text, 17),
            optional=True,
        ),
        Column(
            "serial",
            _of_machine(lambda one: one.serial),
            *(words("inspection.serial"), text, 13),
            is_word=True,
        ),
        Column("place", lambda one: one.place),
        Column("place_name", name, words("inspection.place"), text, 22),
        Column("class", lambda one: class_text(one, words), words("inspection.class"), text, 15),
        Column("meter", _of_line(lambda one: one.meter)),
        Column("day", _of_machine(_day), words("inspection.day"), text, 12, is_word=True),
        Column("since", since),
    )


def class_text(one: CheckedLine, words: ReportWords) -> str:
    """Return what a line charges, in the dealer's words."""
    own = {LineKind.DEDUCTION: "inspection.deduction", LineKind.MINIMUM: "inspection.minimum"}
    return one.word or (words(own[one.kind]) if one.kind in own else "")


def _stated(words: ReportWords) -> tuple[Column[CheckedLine], ...]:
    """Return what the dealer states."""
    price = _of_line(lambda one: _number(one.price))

    def deducted(one: CheckedLine) -> int | None:
        return (one.stated.deducted or None) if one.stated is not None else None

    return (
        Column("opening", _of_line(lambda one: one.opening), words("inspection.opening"), width=10),
        Column("closing", _of_line(lambda one: one.closing), words("inspection.closing"), width=10),
        Column("used", _of_line(lambda one: one.used), words("inspection.used"), width=8),
        Column(
            "deducted",
            _of_line(lambda one: one.deducted),
            words("inspection.deducted"),
            width=8,
            shown=deducted,
            optional=True,
        ),
        Column("billed", _of_line(lambda one: one.billed)),
        Column(
            "price",
            price,
            *(words("inspection.price"), CellKind.TEXT, 7),
            shown=_of_line(lambda one: None if one.price is None else plain(one.price)),
            is_word=True,
        ),
        Column(
            "amount",
            lambda one: _number(one.amount),
            words("inspection.amount"),
            width=10,
            shown=lambda one: one.amount,
        ),
    )


def _own(
    which: str, of: Callable[[CheckedLine], CounterRange | None], words: ReportWords
) -> tuple[Column[CheckedLine], ...]:
    """Return where our readings have a counter: before and after the day, and when that was."""

    def get(part: Callable[[CounterRange], Any]) -> Callable[[CheckedLine], Any]:
        return lambda one: None if (known := of(one)) is None else part(known)

    def time(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat()

    headings = {
        "opening": words("inspection.opening_own"),
        "closing": words("inspection.closing_own"),
    }
    return (
        Column(f"{which}_low", get(lambda one: one.low)),
        Column(f"{which}_low_at", get(lambda one: time(one.low_at))),
        Column(f"{which}_high", get(lambda one: one.high)),
        Column(f"{which}_high_at", get(lambda one: time(one.high_at))),
        Column(
            f"{which}_own",
            None,
            headings[which],
            CellKind.TEXT,
            18,
            shown=get(lambda one: _range(one, words)),
        ),
    )


def _range(known: CounterRange, words: ReportWords) -> str:
    low, high = (None if one is None else f"{one:,}" for one in (known.low, known.high))
    if low is None or high is None:
        return (
            words("inspection.at_least", low=low) if low else words("inspection.at_most", high=high)
        )
    return low if low == high else words("inspection.range", low=low, high=high)


def _outcome(words: ReportWords) -> tuple[Column[CheckedLine], ...]:
    """Return by how much a line is off, and what it came to."""
    texts = Texts(words.language, words.zone)
    signed, text = CellKind.SIGNED, CellKind.TEXT

    def told(one: CheckedLine) -> str:
        return " / ".join(map(texts.say, one.reasons))

    verdicts = {one: words(f"inspection.{one.value}") for one in Agreement}
    return (
        Column("expected", lambda one: _number(one.expected)),
        Column("sheets", lambda one: one.sheets, words("inspection.sheets"), signed, 8),
        Column(
            "yen",
            lambda one: _number(one.yen),
            *(words("inspection.over"), signed, 9),
            shown=lambda one: one.yen,
        ),
        Column(
            "verdict",
            lambda one: one.agreement.value,
            *(words("inspection.result"), text, 10),
            shown=lambda one: verdicts[one.agreement],
            is_word=True,
        ),
        Column("reasons", lambda one: [reason.key for reason in one.reasons]),
        Column("told", told),
    )


def _number(amount: Decimal | None) -> int | float | None:
    """Return an amount as JSON and CSV hold it: whole yen as such."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def uncharged_table(
    check: InvoiceCheck, names: Mapping[PlaceId, str], words: ReportWords
) -> Table[UnchargedMachine]:
    """Return the machines that the invoice does not name, with what we counted of them."""
    text = CellKind.TEXT
    return Table(
        "uncharged",
        (
            Column("model", lambda one: one.model or None, words("inspection.model"), text, 22),
            Column(
                "serial",
                lambda one: one.serial,
                *(words("inspection.serial"), text, 18),
                is_word=True,
            ),
            Column("place", lambda one: one.place),
            Column(
                "place_name",
                lambda one: names.get(one.place, one.place),
                *(words("inspection.place"), text, 28),
            ),
            Column("pages", lambda one: one.pages, words("inspection.counted"), width=12),
            Column(
                "last_read",
                lambda one: one.last.isoformat(),
                *(words("inspection.last_read"), text, 14),
                is_word=True,
            ),
        ),
        check.uncharged,
        words("inspection.uncharged"),
        needs_rows=True,
    )


def remarks(check: InvoiceCheck, words: ReportWords) -> Iterator[tuple[int, str, str]]:
    """Yield line, what it is about and one sentence for all that is to be said of lines."""
    texts = Texts(words.language, words.zone)
    for one in check.lines:
        serial = "" if one.machine is None else f"{one.machine.serial} "
        for reason in one.reasons:
            yield one.line, f"{serial}{class_text(one, words)}", texts.say(reason)


def remark_lines(check: InvoiceCheck, words: ReportWords) -> Iterator[str]:
    """Yield the same as lines of prose."""
    for number, of, what in remarks(check, words):
        yield words("inspection.told", line=number, of=of, what=what)


def summary(check: InvoiceCheck, words: ReportWords) -> str:
    """Return what the check came to, and how many machines the invoice does not name."""
    more = ""
    if check.uncharged:
        more = words("inspection.uncharged_some", count=len(check.uncharged))
    if check.agreement is Agreement.AGREES:
        return words("inspection.none") + more
    counts = {one.value: check.count(one) for one in Agreement}
    return words("inspection.some", count=len(check.lines), **counts) + more


def document(
    check: InvoiceCheck, names: Mapping[PlaceId, str], words: ReportWords
) -> dict[str, object]:
    """Return the check as JSON holds it."""
    return {
        "month": check.month,
        "result": check.agreement.value,
        "lines": records(lines_table(check, names, words)),
        "uncharged": records(uncharged_table(check, names, words)),
    }


def _accept(check: InvoiceCheck, words: ReportWords) -> str:
    """Return what the inspector signs: where something is open, that it is settled first."""
    is_open = check.agreement is not Agreement.AGREES
    return words("inspection.accept_open" if is_open else "inspection.accept")


def _facts(check: InvoiceCheck, words: ReportWords) -> tuple[Fact, ...]:
    yen, is_off = words("inspection.yen"), check.agreement is not Agreement.AGREES
    result = words(f"inspection.{check.agreement.value}")
    return (
        Fact(words("inspection.result"), result, CellKind.TEXT, alert=is_off),
        Fact(words("inspection.lines_checked"), len(check.lines)),
        Fact(words("inspection.charged"), check.charged, unit=yen),
        Fact(words("inspection.off_sheets"), check.sheets, CellKind.SIGNED),
        Fact(words("inspection.off_yen"), check.yen, CellKind.SIGNED, yen),
    )


def _remarks_table(check: InvoiceCheck, words: ReportWords) -> Table[tuple[int, str, str]]:
    text = CellKind.TEXT
    return Table(
        "remarks",
        (
            Column("line", lambda row: row[0], words("inspection.line"), width=5),
            Column("of", lambda row: row[1], words("inspection.class"), text, 28),
            Column("what", lambda row: row[2], words("inspection.remark"), text, 120),
        ),
        tuple(remarks(check, words)),
        words("inspection.reasons"),
    )


def _head(form: InspectionForm, words: ReportWords) -> tuple[str, str]:
    """Return of which month the form is, and which file was checked when."""
    month = words(
        "subtitle", era=words.month(form.check.month), month=form.check.month, site=form.site
    )
    made = words("made", at=words.time(form.made_at), version=form.version, zone=str(words.zone))
    return month, f"{words('inspection.file')}: {form.check.file}　{made}"


# HTML.


def inspection_html(form: InspectionForm, words: ReportWords) -> bytes:
    """Return the form as one page, UTF-8, that needs no network and prints on A4 landscape."""
    return "".join(_document(form, words)).encode()


def _document(form: InspectionForm, words: ReportWords) -> Iterator[str]:
    check = form.check
    heading = f"{words('inspection.title')} {check.month}"
    yield opened(heading, words, form.version, styles=("inspection.css",))
    month, made = _head(form, words)
    yield (
        f'<div class="landscape inspection">\n<header>\n<div>\n'
        f"<h1>{shown(words('inspection.title'))}</h1>\n"
        f"<p><strong>{shown(month)}</strong></p>\n"
        f'<p class="soft">{shown(made)}</p>\n</div>\n'
    )
    if form.stamps:
        titles = "".join(f'<th scope="col">{shown(one)}</th>' for one in form.stamps)
        boxes = "<td></td>" * len(form.stamps)
        yield f'<table class="stamps" aria-label="{shown(words("stamps"))}">'
        yield f"<tr>{titles}</tr><tr>{boxes}</tr></table>\n"
    yield "</header>\n<main>\n"
    yield f'<p class="headline">{shown(summary(check, words))}</p>\n'
    yield facts_html(_facts(check, words), words)
    table = lines_table(check, form.names, words)
    note = f'<p class="notes">{shown(words("inspection.note"))}</p>\n'
    yield section(table.title, [table_html(table, words), note])
    told = _remarks_table(check, words)
    if told.rows:
        yield section(told.title, [table_html(told, words)])
    absent = uncharged_table(check, form.names, words)
    if absent.rows:
        note = f'<p class="notes">{shown(words("inspection.uncharged_note"))}</p>\n'
        yield section(absent.title, [table_html(absent, words), note])
    yield (
        f'<p>{shown(_accept(check, words))}</p>\n<p class="accept">'
        f"<span>{shown(words('inspection.accepted_on'))}</span>"
        f"<span>{shown(words('inspection.inspector'))}</span></p>\n"
        "</main>\n</div>\n</body>\n</html>\n"
    )


# The workbook.


_HOLDS: Final = 180
"""Characters of a line across all columns."""

_TOP: Final = 7
"""The row below the key figures, where the lines begin."""


def inspection_xlsx(form: InspectionForm, words: ReportWords) -> bytes:
    """Return the form as a workbook of one sheet: real numbers, A4 landscape."""
    book, pen, check = Workbook(), Pen(words), form.check
    sheet: Worksheet = book.worksheets[0]
    sheet.title = words("inspection.page")
    table = lines_table(check, form.names, words)
    width = len(table.drawn())
    _top(sheet, form, words, pen, width)
    title(sheet, _TOP, table.title, pen)
    row = draw(sheet, table, _TOP + 1, pen)
    pen.line(sheet, row, words("inspection.note"), width, pen.font(9, soft=True))
    row = _told(sheet, row + 2, form, words, pen, width)
    row = _uncharged(sheet, row, form, words, pen, width)
    pen.line(sheet, row, _accept(check, words), width)
    pen.line(sheet, row + 2, words("inspection.accepted_on"), width)
    pen.line(sheet, row + 4, words("inspection.inspector"), width)
    widen(sheet, [table])
    sheet.sheet_view.showGridLines = False
    fit_paper(sheet, landscape=True, header_row=_TOP + 1)
    octets = BytesIO()
    book.save(octets)
    return octets.getvalue()


def _top(sheet: Worksheet, form: InspectionForm, words: ReportWords, pen: Pen, width: int) -> None:
    """Write title, month, result and key figures, with the stamp boxes at the right."""
    month, made = _head(form, words)
    stamps = form.stamps
    room = width - len(stamps) - 1
    pen.line(sheet, 1, words("inspection.title"), room, pen.font(17, bold=True))
    pen.line(sheet, 2, month, room, pen.font(10.5, bold=True))
    pen.line(sheet, 3, made, room, pen.font(9, soft=True))
    is_off = form.check.agreement is not Agreement.AGREES
    told = pen.font(11.5, bold=True, alert=is_off)
    pen.line(sheet, 4, summary(form.check, words), room, told)
    for at, stamp in enumerate(stamps, start=width - len(stamps) + 1):
        cell = pen.put(sheet, 1, at, stamp)
        cell.alignment = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
        cell.border, cell.fill, cell.font = BOX, HEAD, pen.font(9)
        for row in range(2, 5):
            sheet.cell(row, at).border = BOX
        sheet.merge_cells(start_row=2, end_row=4, start_column=at, end_column=at)
    told_facts = "　".join(_said(one) for one in _facts(form.check, words))
    pen.line(sheet, 5, told_facts, width, pen.font(10))
    for row, height in ((1, 26), (2, 20), (3, 18), (4, 20), (5, 20)):
        sheet.row_dimensions[row].height = height


def _uncharged(
    sheet: Worksheet, row: int, form: InspectionForm, words: ReportWords, pen: Pen, width: int
) -> int:
    """Write the machines that the invoice does not name, a line each; return the row below."""
    table = uncharged_table(form.check, form.names, words)
    if not table.rows:
        return row
    title(sheet, row, table.title, pen)
    for one in table.rows:
        row += 1
        pages = words("inspection.not_told") if one.pages is None else f"{one.pages:,}"
        place = form.names.get(one.place, one.place)
        facts = {"serial": one.serial, "model": one.model, "place": place, "pages": pages}
        pen.line(sheet, row, words("inspection.uncharged_line", **facts), width, pen.font(9.5))
    pen.line(sheet, row + 1, words("inspection.uncharged_note"), width, pen.font(9, soft=True))
    return row + 3


def _said(fact: Fact) -> str:
    value = fact.value
    if not isinstance(value, str):
        sign = (
            "+"
            if fact.kind is CellKind.SIGNED and isinstance(value, int | Decimal) and value > 0
            else ""
        )
        value = f"{sign}{value:,}"
    return f"{fact.label} {value}{fact.unit}"


def _told(
    sheet: Worksheet, row: int, form: InspectionForm, words: ReportWords, pen: Pen, width: int
) -> int:
    """Write what differs and what cannot be told, a line each; return the row below."""
    told = [*remark_lines(form.check, words)]
    if not told:
        return row
    title(sheet, row, words("inspection.reasons"), pen)
    for text in told:
        row += 1
        cell = pen.line(sheet, row, text, width, pen.font(9.5))
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = 16 * ceil(wide(text) / _HOLDS)
    return row + 2
