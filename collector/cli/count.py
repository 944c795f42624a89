"""`copier-fleet count`: what readings from elsewhere come to, by the daemon's rules."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.app.ground import Ground
from collector.app.tally import Tally
from collector.bootstrap.office import ground_of
from collector.bootstrap.readings import count_told, read_told, usual_office
from collector.cli import tally_table
from collector.cli.options import json_option, loaded_from
from collector.cli.output import Exit, progress, result_json, result_table, say
from collector.cli.words import Words
from collector.domain.told import Told
from collector.settings.values import Language


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
        ground, language = usual_office(told), Language.JA.value
    else:
        loaded = loaded_from(config, secrets)
        told = read_told(readings, [one.id for one in loaded.fleet.places])
        ground = ground_of(loaded, SystemClock().now().date())
        language = loaded.settings.office.language.value
    counted = _counted(told, ground)
    if as_json:
        result_json(tally_table.to_dict(counted))
    else:
        show(counted, ground, Words(lang or language))
    return Exit.OK


def _counted(told: Sequence[Told], ground: Ground) -> Tally:
    with progress("counting", len(told)) as bar:
        return asyncio.run(count_told(told, ground, lambda: bar.advance(TaskID(0))))


def show(counted: Tally, ground: Ground, words: Words) -> None:
    """Print the months of every place, then what waits for a person."""
    result_table(
        tally_table.month_headings(words),
        tally_table.month_rows(counted),
        title=words("tally_months"),
        numbers=tally_table.MONTH_NUMBERS,
    )
    waiting = tally_table.finding_rows(counted, ground.office)
    if waiting:
        headings = tally_table.finding_headings(words)
        result_table(headings, waiting, title=words("tally_waiting"), spare=(2,))
    say("nothing was written")
