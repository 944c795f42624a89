"""`copier-fleet count`: what readings from elsewhere come to, by the daemon's rules."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.office_context import OfficeContext
from collector.app.tally import LedgerTally, MonthTally
from collector.bootstrap.files import count_told, read_told, usual_office
from collector.bootstrap.office import context_of
from collector.cli.options import json_option, loaded_from
from collector.cli.output import Exit, progress, result_json, result_table, say
from collector.cli.words import CommandWords
from collector.domain.counting.findings import Finding
from collector.domain.counting.told import Told
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import Office
from collector.settings.values import Language

# What places come to, as tables and JSON. Pure: values in, cells out.


MONTH_NUMBERS = (2, 3, 4, 5)


def to_dict(counted: LedgerTally) -> Mapping[str, object]:
    """Return places with months and days, and all findings, as `count --json` prints them."""
    return {
        "places": {
            place: {
                "months": {name: _month(one) for name, one in own.months.items()},
                "days": {
                    day.day.isoformat(): {**day.pages, "estimated": day.estimated}
                    for day in own.days
                },
            }
            for place, own in counted.places.items()
        },
        "findings": [_finding(one, counted) for one in counted.findings],
    }


def _month(one: MonthTally) -> Mapping[str, object]:
    return {
        "pages": dict(one.pages),
        "low": one.low,
        "high": one.high,
        "estimated": one.estimated,
        "in_question": one.in_question,
    }


def _finding(one: Finding, counted: LedgerTally) -> Mapping[str, object]:
    return {
        "code": one.code.value,
        "severity": one.severity.value,
        "place": one.subject,
        "at": None if one.at is None else one.at.isoformat(),
        "open": one.id in counted.waiting,
        "facts": dict(one.evidence),
    }


def month_headings(words: CommandWords) -> list[str]:
    """Return the headings of `month_rows`."""
    keys = ("place", "month", "pages", "tally_range", "estimated", "tally_question")
    return [words(key) for key in keys]


def month_rows(counted: LedgerTally) -> list[tuple[str, ...]]:
    """Return a row for each place and month; a range of one figure is left blank."""
    return [
        (
            place,
            name,
            f"{one.pages[TOTAL]:,}",
            "" if one.low == one.high else f"{one.low:,}–{one.high:,}",
            f"{one.estimated:,}" if one.estimated else "",
            f"{one.in_question:,}" if one.in_question else "",
        )
        for place, own in counted.places.items()
        for name, one in own.months.items()
    ]


def finding_headings(words: CommandWords) -> list[str]:
    """Return the headings of `finding_rows`."""
    return [words(key) for key in ("place", "at", "code", "message")]


def finding_rows(counted: LedgerTally, office: Office) -> Sequence[tuple[str, ...]]:
    """Return a row for each finding that waits for a person, oldest first."""
    return [
        (
            one.subject,
            "" if one.at is None else f"{one.at.astimezone(office.zone):%Y-%m-%d %H:%M}",
            one.code.value,
            one.message,
        )
        for one in counted.findings
        if one.id in counted.waiting
    ]


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
    type=click.Choice([one.value for one in Language]),
    help="Language of the tables; default: the office's.",
)
@json_option
def count(
    readings: Path,
    config: Path | None,
    secrets: tuple[Path, ...],
    lang: str | None,
    *,
    as_json: bool,
) -> int:
    """Count READINGS (.jsonl, .csv, - for stdin) as the daemon would; nothing is written.

    One JSON object a line, in the order of time: {"at": "2026-04-01T09:00:00+09:00", "place":
    "2f", "serial": "ABC123", "mac": "00:1b:2c:3d:4e:5f", "model": "IM C3000", "uptime_s": 86400,
    "meters": {"total": 12000}}, or {"at": …, "place": …, "silent": true}. Also known: "wraps"
    (a modulus by meter), "rated_ipm", "status". CSV has a heading for each meter (日時,
    設置場所ID, 製造番号, 合計, カラー). Every problem is told with its line and key.

    Then: copier-fleet history import --readings READINGS brings them into the ledger.
    """
    if config is None:
        told = read_told(readings)
        context, language = usual_office(told), Language.JA.value
    else:
        loaded = loaded_from(config, secrets)
        told = read_told(readings, [one.id for one in loaded.fleet.places])
        context = context_of(loaded, SystemClock().now().date())
        language = loaded.settings.office.language.value
    counted = _counted(told, context)
    if as_json:
        result_json(to_dict(counted))
    else:
        show(counted, context, CommandWords(lang or language))
    return Exit.OK


def _counted(told: Sequence[Told], context: OfficeContext) -> LedgerTally:
    with progress("counting", len(told)) as bar:
        return asyncio.run(count_told(told, context, lambda: bar.advance(TaskID(0))))


def show(counted: LedgerTally, context: OfficeContext, words: CommandWords) -> None:
    """Print the months of every place, then what waits for a person."""
    result_table(
        month_headings(words),
        month_rows(counted),
        title=words("tally_months"),
        numbers=MONTH_NUMBERS,
    )
    waiting = finding_rows(counted, context.office)
    if waiting:
        headings = finding_headings(words)
        result_table(headings, waiting, title=words("tally_waiting"), spare=(2,))
    say("nothing was written")
