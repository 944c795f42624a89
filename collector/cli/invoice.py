"""`copier-fleet invoice`: the dealer's counter sheet held against our readings and the contract."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector import __version__
from collector.adapters.clock import SystemClock
from collector.cli.entering import refuse_sheet, tell_notes
from collector.cli.options import MONTH, ConfigOptions, at_office, configured, formatted, into
from collector.cli.output import Exit, listed, phrase, result_tables, say
from collector.domain.meters import METERS, Meter
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import Sheet

if TYPE_CHECKING:
    from collector.domain.cost.invoice import InvoiceCheck
    from collector.domain.cost.invoice_columns import InvoiceColumn
    from collector.domain.cost.invoice_sheet import InvoiceOptions, InvoiceSheet
    from collector.domain.office.office_calendar import Period
    from collector.settings.load import Loaded

_FORMS: Final = frozenset({".html", ".xlsx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(ConfigOptions):
    """What to check, how to read it, and where the form goes."""

    file: Path
    month_name: str
    sheet_name: str | None
    called: tuple[str, ...]
    headed: tuple[str, ...]
    day: datetime | None
    since: datetime | None
    out: tuple[Path, ...]
    force: bool
    form: str

    def reading(self, near: date) -> "InvoiceOptions":
        """Return how to read the sheet; raises BadParameter for a class that is no meter."""
        from collector.domain.cost.invoice_columns import DealerWords
        from collector.domain.cost.invoice_sheet import InvoiceOptions

        return InvoiceOptions(
            near,
            DealerWords(_classes(self.called), _columns(self.headed)),
            None if self.day is None else self.day.date(),
            None if self.since is None else self.since.date(),
        )

    def refuse_forms(self) -> None:
        """Raise BadParameter for a file that is neither a page nor a workbook."""
        for path in self.out:
            if path.suffix.lower() not in _FORMS:
                message = phrase("invoice_form", file=path.name)
                raise click.BadParameter(message, param_hint="--out")


@click.group()
def invoice() -> None:
    """Check the dealer's invoice against our own readings and the contract."""


_DAY: Final = click.DateTime(["%Y-%m-%d"])


@invoice.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--month",
    "month_name",
    type=MONTH,
    required=True,
    metavar="MONTH",
    help="The month that is charged, like 2026-11.",
)
@click.option("--sheet", "sheet_name", help="Which sheet of a workbook.", metavar="NAME")
@click.option(
    "--class",
    "called",
    multiple=True,
    metavar="WORD=METER",
    help="Which meter the dealer calls WORD, like 2色=total_color; with no METER such lines are "
    "left out. May be repeated.",
)
@click.option(
    "--column",
    "headed",
    multiple=True,
    metavar="HEADING=COLUMN",
    help="What the dealer's HEADING stands over, like 検針カウント=今回カウンター. May be "
    "repeated.",
)
@click.option("--day", type=_DAY, help="The day of reading, where the sheet does not state it.")
@click.option(
    "--since",
    type=_DAY,
    help="The day of the reading before, where the sheet does not state it; default: the same day "
    "of the month before.",
)
@click.option(
    *("--out", "-o"),
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Write the inspector's form (検収書) there too: .html or .xlsx, A4. May be repeated.",
)
@click.option("--force", is_flag=True, help="Overwrite the form where it exists.")
@formatted
@configured
@into(CheckOptions)
def check(options: CheckOptions) -> int:
    """Hold FILE, the dealer's monthly counter sheet (.csv, .xlsx), against our readings.

    Columns: 機械番号, 区分, 前回カウンター, 今回カウンター, 使用枚数, テストコピー, 単価, 金額,
    検針日; titles, 令和 dates, full-width digits and sums are understood. A counter must lie
    between what the machine said before the day of reading and after it. An unknown serial, another
    month's day or one around which nobody read is refused with its line; nothing is checked then.

    Exit code 1 where a line differs or cannot be told. Nothing is entered into the ledger.
    """
    from collector.bootstrap.files import read_sheet

    loaded = options.load()
    options.refuse_forms()
    return asyncio.run(_check(loaded, options, read_sheet(options.file, options.sheet_name)))


def _classes(pairs: Sequence[str]) -> Mapping[str, Meter | None]:
    from collector.domain.cost.invoice_columns import meter_for

    found: dict[str, Meter | None] = {}
    for word, name in _halves(pairs, "--class"):
        meter = meter_for(name) if name else None
        if name and meter is None:
            message = phrase("invoice_meter", name=name, known=listed(METERS))
            raise click.BadParameter(message, param_hint="--class")
        found[word] = meter
    return found


def _columns(pairs: Sequence[str]) -> "Mapping[str, InvoiceColumn]":
    from collector.domain.cost.invoice_columns import HEADINGS, column_for

    found: dict[str, InvoiceColumn] = {}
    for word, name in _halves(pairs, "--column"):
        column = column_for(name)
        if column is None:
            known = listed(words[0] for words in HEADINGS.values())
            message = phrase("invoice_column", name=name, known=known)
            raise click.BadParameter(message, param_hint="--column")
        found[word] = column
    return found


def _halves(pairs: Sequence[str], hint: str) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        word, sign, name = (part.strip() for part in pair.rpartition("="))
        if not sign or not word:
            raise click.BadParameter(phrase("invoice_pair", pair=pair), param_hint=hint)
        yield word, name


async def _check(loaded: "Loaded", options: CheckOptions, sheet: Sheet) -> int:
    from collector.app.invoice import RefusedInvoice, check_invoice
    from collector.domain.cost.invoice import Agreement
    from collector.domain.cost.invoice_sheet import read_invoice

    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        period: Period = context.office.period(options.month_name)
        read: InvoiceSheet = read_invoice(sheet, options.reading(period.end))
        refuse_sheet(read.flaws, sheet)
        tell_notes(read.notes, sheet)
        done = await check_invoice(ledger, context, read, period, now)
        if isinstance(done, RefusedInvoice):
            refuse_sheet(done.flaws, sheet)
            return Exit.FINDINGS
        names = {place.id: place.name for place in context.fleet.places}
    _show(loaded, done, names, options)
    _write(loaded, done, names, options, now)
    return Exit.OK if done.agreement is Agreement.AGREES else Exit.FINDINGS


def _show(
    loaded: "Loaded", done: "InvoiceCheck", names: Mapping[PlaceId, str], options: CheckOptions
) -> None:
    from collector.adapters.report.inspection import (
        document,
        lines_table,
        remark_lines,
        summary,
        uncharged_table,
    )
    from collector.adapters.report.words import ReportWords

    office = loaded.settings.office
    words = ReportWords(office.language, office.zone)
    result_tables(
        options.form,
        lines_table(done, names, words, narrow=True),
        uncharged_table(done, names, words),
        document=document(done, names, words),
    )
    if options.form == "table":
        for one in remark_lines(done, words):
            say(one)
        say(summary(done, words))


def _write(
    loaded: "Loaded",
    done: "InvoiceCheck",
    names: Mapping[PlaceId, str],
    options: CheckOptions,
    now: datetime,
) -> None:
    """Write the inspector's form wherever it is wanted; all of them, or none."""
    if not options.out:
        return
    from collector.adapters.report.inspection import (
        InspectionForm,
        inspection_html,
        inspection_xlsx,
    )
    from collector.adapters.report.text_files import write_all
    from collector.adapters.report.words import ReportWords
    from collector.bootstrap.pages import stamps_of

    office = loaded.settings.office
    words, stamps = (
        ReportWords(office.language, office.zone),
        stamps_of(loaded.settings, office.language),
    )
    made = InspectionForm(done, office.site, names, now, __version__, stamps)
    draw = {".html": inspection_html, ".xlsx": inspection_xlsx}
    files = {str(path.absolute()): draw[path.suffix.lower()](made, words) for path in options.out}
    for path in write_all(Path(), files, overwrite=options.force):
        say(phrase("invoice_written", file=path.name))
