"""`copier-fleet letter`: the monthly letters, one A4 page for each department and the office."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from collector.cli.options import ConfigOptions, configured, into, month_argument
from collector.cli.output import Exit, listed, phrase, result, say
from collector.cli.report import report_made
from collector.domain.office.fleet import EVERYBODY, DepartmentId
from collector.domain.report.month_report import MonthReport
from collector.texts.catalogue import LANGUAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterOptions(ConfigOptions):
    """Whose letters of which month, in which language, and where to."""

    month_name: str | None
    departments: tuple[str, ...]
    folder: Path | None
    language: str | None
    force: bool


@click.command()
@month_argument
@click.option(
    "--department",
    "departments",
    multiple=True,
    metavar="NAME",
    help="Only this department's letter, by id or name; whole_office is the office's. May be given "
    "several times.",
)
@click.option(
    *("--out", "-o", "folder"),
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files, made where it is missing; default: this one.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Language of the letters; default: the office's.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@configured
@into(LetterOptions)
def letter(options: LetterOptions) -> int:
    """Write the letters of MONTH, a page each (like 2026-11; default: the last month that is over).

    A letter is one sheet of A4 for a manager: one sentence with the month's figures, the path to
    the goal, what would bring it back, how the section stands among those alike, and how sure the
    figures are. A closed month's is made of its statement and names the revision, any other one is
    marked as provisional. The names of the files go to stdout and are the same for every revision.
    Print them from any browser, also as PDF. With [letters] the service writes them by itself.
    """
    from collector.adapters.report.letter import letters
    from collector.adapters.report.text_files import write_all

    loaded = options.load()
    made = asyncio.run(report_made(loaded, options.month_name))
    wanted = _wanted(made, options.departments)
    files = letters(made, options.language or loaded.settings.office.language, wanted)
    for path in write_all(options.folder or Path(), files, overwrite=options.force):
        result(str(path))
    if made.is_provisional:
        month = made.period.name
        say(phrase("provisional_until", month=month, again=month))
    return Exit.OK


def _wanted(made: MonthReport, names: Sequence[str]) -> Sequence[DepartmentId] | None:
    """Return whose letters are wanted by id or name, None for all; raises BadParameter."""
    known: dict[str, DepartmentId] = {}
    for one in (EVERYBODY, *(each.department for each in made.departments)):
        known |= dict.fromkeys((one.id, one.name, one.name_en or one.id), one.id)
    for name in names:
        if name not in known:
            shown = listed(dict.fromkeys(known.values()))
            raise click.BadParameter(phrase("no_department", name=name, known=shown))
    return [known[name] for name in names] or None
