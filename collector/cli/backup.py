"""`copier-fleet backup`: a verified copy of the ledger, while the service runs."""

from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.files import back_up
from collector.cli.options import configured, loaded_from
from collector.cli.output import Exit, phrase, result, say


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@configured
def backup(folder: Path, config: Path, secrets: tuple[Path, ...]) -> int:
    """Copy the ledger into FOLDER, verified and dated.

    The service may be running. Prints the copy's path. Of older copies in FOLDER all stay for two
    days, one a day for thirty days, then one a month.
    """
    made = back_up(loaded_from(config, secrets), folder, SystemClock().now())
    result(str(made.path))
    say(phrase("backup_made", megabytes=made.bytes / 1e6, thinned=len(made.thinned)))
    return Exit.OK
