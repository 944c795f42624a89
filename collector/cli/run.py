"""`copier-fleet run`: the daemon, as systemd starts it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import configured, loaded_from
from collector.cli.output import phrase, say, told
from collector.texts import Texts

if TYPE_CHECKING:
    from collector.settings.load import Loaded


@click.command()
@configured
def run(config: Path, secrets: tuple[Path, ...]) -> int:
    """Poll the fleet, count, publish; until SIGTERM. SIGHUP reads the configuration again.

    A broken configuration ends with code 78 and every problem in one report; a broken ledger
    with 70.
    """
    from collector.bootstrap.service import serve

    def read() -> "Loaded":
        return loaded_from(config, secrets)

    loaded = read()
    loaded.settings.refuse_unread()
    for warning in loaded.warnings:
        say(phrase("warning_of", what=told(warning)))
    set_up_log(loaded)
    return asyncio.run(serve(read))


def set_up_log(loaded: "Loaded") -> None:
    """Log as the settings say, with every secret struck out."""
    from collector.adapters import log_output
    from collector.bootstrap.office import secrets_of

    log = loaded.settings.log
    form = log_output.LogFormat(log.format)
    office = loaded.settings.office
    log_output.set_up(
        log.level.value,
        form,
        secrets=secrets_of(loaded.settings),
        texts=Texts(office.language, office.zone),
    )
