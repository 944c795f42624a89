"""`copier-fleet poll`: one live reading of one place, straight from the machine."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.office import targets_of
from collector.cli.answer_table import show_answer
from collector.cli.options import configured, formatted, loaded_from, named_place
from collector.cli.output import Exit, complain, worded
from collector.cli.words import CommandWords
from collector.domain.counting.reading import Answer
from collector.errors import DeviceError
from collector.ports import PollTarget

if TYPE_CHECKING:
    from collector.settings.load import Loaded


@click.command()
@click.argument("place")
@formatted
@configured
def poll(place: str, config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Read PLACE (its id, name or address) once, now, and show what the machine says.

    Nothing is written down. Exit code 1 where it does not answer or there are findings.
    """
    from collector.adapters.snmp.recording.session import to_json

    loaded = loaded_from(config, secrets)
    asked = named_place(loaded.fleet, place, SystemClock().now().date()).id
    target = next(one for one in targets_of(loaded.fleet) if one.place == asked)
    try:
        answer = asyncio.run(read_once(loaded, target))
    except DeviceError as error:
        complain(f"{error.place}: {worded(error.message)}")
        return Exit.FINDINGS
    words = CommandWords(loaded.settings.office.language)
    show_answer(answer, words, form, to_json(answer))
    return Exit.FINDINGS if answer.findings else Exit.OK


async def read_once(loaded: "Loaded", target: PollTarget) -> Answer:
    """Return what the machine at `target` says now; raises DeviceError."""
    from collector.bootstrap.machines import reader_of

    reader = reader_of(loaded.settings)
    try:
        return await reader.read(target)
    finally:
        await reader.close()
