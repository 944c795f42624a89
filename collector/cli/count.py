"""`copier-fleet count`: what readings from elsewhere come to, by the daemon's rules."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.office_context import OfficeContext
from collector.app.tally import LedgerTally, MonthTally
from collector.bootstrap.office import context_of
from collector.cli.language import JAPANESE
from collector.cli.options import formatted, loaded_from
from collector.cli.output import Exit, phrase, progress, result_tables, say
from collector.cli.words import CommandWords, code_column
from collector.domain.counting.findings import Finding
from collector.domain.counting.told import Told
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import CellKind, Column, Table, records
from collector.texts.catalogue import LANGUAGES

# What places come to, as tables and JSON.


MonthRow = tuple[PlaceId, str, MonthTally]
"""A place, a month, and what was counted there."""


def months_table(counted: LedgerTally, words: CommandWords) -> Table[MonthRow]:
    """Return a row for each place and month; a range of one figure is left blank."""
    return Table(
        "months",
        (
            Column("place", lambda row: row[0], words("place"), CellKind.TEXT),
            Column("month", lambda row: row[1], words("month"), CellKind.TEXT),
            Column(
                "pages",
                lambda row: dict(row[2].pages),
                words("pages"),
                shown=lambda row: row[2].pages[TOTAL],
            ),
            Column("range", None, words("tally_range"), shown=lambda row: _range(row[2])),
            Column("low", lambda row: row[2].low),
            Column("high", lambda row: row[2].high),
            Column(
                "estimated",
                lambda row: row[2].estimated,
                words("estimated"),
                shown=lambda row: row[2].estimated or "",
            ),
            Column(
                "in_question",
                lambda row: row[2].in_question,
                words("tally_question"),
                shown=lambda row: row[2].in_question or "",
            ),
        ),
        [
            (place, name, one)
            for place, own in counted.places.items()
            for name, one in own.months.items()
        ],
        title=words("tally_months"),
    )


def _range(one: MonthTally) -> str:
    return "" if one.low == one.high else f"{one.low:,}–{one.high:,}"


def findings_table(counted: LedgerTally, office: Office, words: CommandWords) -> Table[Finding]:
    """Return the findings; readers see those that wait for a person, oldest first."""
    text = CellKind.TEXT
    return Table(
        "findings",
        (
            code_column(words),
            Column("severity", lambda one: one.severity.value),
            Column("place", lambda one: one.subject, words("place"), text),
            Column(
                "at",
                lambda one: None if one.at is None else one.at.isoformat(),
                words("at"),
                text,
                shown=lambda one: (
                    "" if one.at is None else f"{one.at.astimezone(office.zone):%Y-%m-%d %H:%M}"
                ),
            ),
            Column("open", lambda one: one.id in counted.waiting),
            Column("facts", lambda one: dict(one.evidence)),
            Column(
                "message",
                None,
                words("message"),
                text,
                shown=lambda one: words.said(one.message, office.zone),
            ),
        ),
        counted.findings,
        title=words("tally_waiting"),
        shown=("place", "at", "code", "message"),
        spare=("code",),
        needs_rows=True,
    )


def to_dict(
    counted: LedgerTally, months: Table[MonthRow], findings: Table[Finding]
) -> Mapping[str, object]:
    """Return places with months and days, and all findings, as `count --json` prints them."""
    by_place: dict[str, dict[str, Mapping[str, object]]] = {}
    for one in records(months):
        by_place.setdefault(one.pop("place"), {})[one.pop("month")] = one
    return {
        "places": {
            place: {
                "months": by_place.get(place, {}),
                "days": {
                    day.day.isoformat(): {**day.pages, "estimated": day.estimated}
                    for day in own.days
                },
            }
            for place, own in counted.places.items()
        },
        "findings": records(findings),
    }


@click.command()
@click.argument("readings", type=click.Path(path_type=Path))
@click.option(
    "--config",
    "-c",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Count by this office's calendar, and know only its places; default: an office in Japan.",
)
@click.option(
    "--secrets",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    help="A folder of secret files such as influx__password. May be given several times.",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of the tables; default: the office's.",
)
@formatted
def count(
    readings: Path,
    config: Path | None,
    secrets: tuple[Path, ...],
    lang: str | None,
    *,
    form: str,
) -> int:
    """Count READINGS (.jsonl, .csv, - for stdin) as the daemon would; nothing is written.

    One JSON object a line, in the order of time: {"at": "2026-04-01T09:00:00+09:00", "place":
    "2f", "serial": "ABC123", "mac": "00:1b:2c:3d:4e:5f", "model": "IM C3000", "uptime_s": 86400,
    "meters": {"total": 12000}}, or {"at": …, "place": …, "silent": true}. Also known: "wraps"
    (a modulus by meter), "rated_ipm", "status". CSV has a heading for each meter (日時,
    設置場所ID, 製造番号, 合計, カラー). Every problem is told with its line and key.

    Then: copier-fleet history import --readings READINGS brings them into the ledger.
    """
    from collector.bootstrap.files import read_told, usual_office

    if config is None:
        told = read_told(readings)
        context, language = usual_office(told), JAPANESE
    else:
        loaded = loaded_from(config, secrets)
        told = read_told(readings, [one.id for one in loaded.fleet.places])
        context = context_of(loaded, SystemClock().now().date())
        language = loaded.settings.office.language.value
    show(_counted(told, context), context, CommandWords(lang or language), form)
    return Exit.OK


def _counted(told: Sequence[Told], context: OfficeContext) -> LedgerTally:
    from collector.bootstrap.files import count_told

    with progress(phrase("counting"), len(told)) as bar:
        return asyncio.run(count_told(told, context, lambda: bar.advance(bar.task_ids[0])))


def show(counted: LedgerTally, context: OfficeContext, words: CommandWords, form: str) -> None:
    """Print the months of every place, then what waits for a person."""
    months, findings = months_table(counted, words), findings_table(counted, context.office, words)
    document = to_dict(counted, months, findings)
    waiting = [one for one in counted.findings if one.id in counted.waiting]
    result_tables(form, months, replace(findings, rows=waiting), document=document)
    if form == "table":
        say(phrase("nothing_written"))
