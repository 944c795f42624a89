"""`copier-fleet decode`: what the daemon would read from the machine behind a capture."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.recording.session import decode_capture, to_json
from collector.cli.answer_table import show_answer
from collector.cli.options import formatted
from collector.cli.output import SPOKEN, Exit, complain, phrase, say, told
from collector.cli.words import CommandWords
from collector.errors import ConfigError, DeviceError, Problem

_NAMED = 5
"""Wrong lines that are shown: a file that is something else is wrong in every line."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--profiles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of own profiles, read besides the built-in ones.",
)
@click.option(
    "--low-confidence",
    "unsure",
    is_flag=True,
    help="Read counters too whose meaning is weakly known (fleet.low_confidence).",
)
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Default: as the office.")
@formatted
def decode(file: Path, profiles: Path | None, lang: str | None, *, unsure: bool, form: str) -> int:
    """Show profile, identity and meters that would be read from the machine captured in FILE.

    FILE is an .snmprec recording. Exit code 1 where there are findings or it holds no machine,
    2 where it is no recording.
    """
    known = load_profiles(profiles, low_confidence=unsure)
    if file.stat().st_size and not _ends_with_a_line(file):
        say(phrase("half_line", file=file))
    try:
        answer = asyncio.run(decode_capture(file, known))
    except ConfigError as error:
        return _no_recording(file, error.problems)
    except DeviceError:
        complain(phrase("no_copier_in", file=file))
        return Exit.FINDINGS
    show_answer(answer, CommandWords(lang or SPOKEN.get().language), form, to_json(answer))
    return Exit.FINDINGS if answer.findings else Exit.OK


def _no_recording(file: Path, problems: Sequence[Problem]) -> Exit:
    """Say what is wrong with `file`: a few lines of it are enough to see."""
    complain(phrase("no_recording", file=file))
    for problem in problems[:_NAMED]:
        say(f"  {told(problem)}")
    if len(problems) > _NAMED:
        say(phrase("more_lines", count=len(problems) - _NAMED))
    return Exit.USAGE


def _ends_with_a_line(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
