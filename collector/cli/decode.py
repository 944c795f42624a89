"""`copier-fleet decode`: what the daemon would read from the machine behind a capture."""

import asyncio
from pathlib import Path

import click

from collector.adapters.snmp.capture import decode_capture, to_json
from collector.adapters.snmp.profiles import load_profiles
from collector.cli.answer_table import show_answer
from collector.cli.options import json_option
from collector.cli.output import Exit, result_json
from collector.cli.words import Words
from collector.errors import ConfigError, Problem


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--profiles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of own profiles, read besides the built-in ones.",
)
@click.option("--lang", type=click.Choice(["ja", "en"]), default="en", show_default=True)
@json_option
def decode(file: Path, profiles: Path | None, lang: str, *, as_json: bool) -> int:
    """Show profile, identity and meters that would be read from the machine captured in FILE.

    FILE is an .snmprec recording. Exit code 1 where there are findings.
    """
    try:
        answer = asyncio.run(decode_capture(file, load_profiles(profiles)))
    except ValueError as exc:
        raise ConfigError([Problem(str(file), str(exc))]) from exc
    if as_json:
        result_json(to_json(answer))
    else:
        show_answer(answer, Words(lang))
    return Exit.FINDINGS if answer.findings else Exit.OK
