"""`copier-fleet restore`: a copy of the ledger put back in its place."""

import asyncio
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.files import restored
from collector.cli.options import configured, loaded_from
from collector.cli.output import Exit, phrase, say


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@configured
def restore(file: Path, config: Path, secrets: tuple[Path, ...]) -> int:
    """Put the copy FILE in the ledger's place, with the service stopped.

    The copy is verified first. The old ledger is kept beside, what was published is published
    again, and the ledger says what happened.
    """
    loaded = loaded_from(config, secrets)
    kept = asyncio.run(restored(loaded, file, SystemClock().now()))
    say(phrase("restored", file=file, ledger=loaded.settings.ledger.path))
    if kept is not None:
        say(phrase("old_ledger_kept", kept=kept))
    return Exit.OK
