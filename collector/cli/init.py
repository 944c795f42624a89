"""`copier-fleet init`: a first configuration, from a few answers and a look at the network."""

import asyncio
import difflib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.discovery import NetworkSearch
from collector.bootstrap.machines import Patience, keys_of
from collector.cli.asked import SNMP_PORT
from collector.cli.discover import ranges_of, sightings, stopping
from collector.cli.discover_output import machines_table
from collector.cli.language import LOCALES, default_config
from collector.cli.options import into, loaded_from
from collector.cli.output import SPOKEN, Exit, phrase, result_tables, say, told
from collector.cli.words import CommandWords
from collector.domain.discovered import KnownPlaces, PlacedMachine, joined, placed
from collector.domain.office.fleet import Fleet, Place
from collector.errors import ConfigError, Spot, said
from collector.settings.credentials import DEFAULT, PUBLIC
from collector.settings.first import departments_in, first_collector, first_fleet, first_fleet_text
from collector.settings.fleet.proposed import proposals
from collector.settings.fleet.write import write_file
from collector.settings.layers import SECRETS, SEPARATOR
from collector.settings.values import Language, id_problem, name_problem
from collector.texts import Texts
from collector.user_files.report import problem_at
from collector.user_files.toml_file import unreadable

_SITE: Final = "town-hall"
_RATE: Final = 100.0
_PATIENCE: Final = Patience(1.0, 1)
_COMMUNITY_FILE: Final = SEPARATOR.join(("credentials", DEFAULT, "community"))
_PRIVATE, _OPEN = 0o600, 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """What is known before anybody is asked; None is asked for at a terminal."""

    folder: Path | None
    language: str | None
    site: str | None
    community: str | None
    networks: tuple[str, ...]
    departments: str | None
    port: int
    yes: bool


@dataclass(frozen=True, slots=True)
class _Answers:
    folder: Path
    language: Language
    site: str
    community: str
    networks: tuple[str, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A file that init would write."""

    path: Path
    text: str
    mode: int

    @property
    def stands(self) -> str | None:
        """What is there already, or None; raises ConfigError where that cannot be read."""
        try:
            return self.path.read_text("utf-8-sig", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as exc:
            problem = problem_at(Spot(str(self.path)), unreadable(self.path, exc))
            raise ConfigError([problem]) from exc


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files go. Default: where the service looks for them, /etc/copier-fleet.",
)
@click.option("--language", type=click.Choice([*Language]), help="What the office reads.")
@click.option("--site", metavar="ID", help="A short id of the office, such as town-hall.")
@click.option("--community", metavar="TEXT", help="The SNMP community of the copiers.")
@click.option(
    "--network",
    "networks",
    metavar="NETWORK",
    multiple=True,
    help="Where to look for copiers, like 10.1.2.0/24. May be given several times.",
)
@click.option(
    "--departments", metavar="NAMES", help="Names of departments, with commas between them."
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=SNMP_PORT,
    show_default=True,
    help="The UDP port of the agents.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given is left at its default.")
@into(InitOptions)
def init(options: InitOptions) -> int:
    """Write a first configuration: settings, fleet file, secret files.

    Asks for what no option says, looks for copiers in the networks that are named, proposes names
    and departments, writes the files and checks them. A file that is there already is never
    overwritten: what would differ is shown, and the exit code is 1.
    """
    answers = _asked(options)
    _refuse(answers)
    found = _found(answers, options.port) if answers.networks else ()
    fleet = _fleet(answers, found)
    if found:
        result_tables("table", machines_table(found, CommandWords(answers.language)))
    _tell(fleet)
    files = tuple(_files(answers, fleet))
    if _is_asking(options) and not click.confirm(
        phrase("init_write", folder=answers.folder), default=True, err=True
    ):
        say(phrase("init_nothing_written"))
        return Exit.OK
    kept = _write(answers.folder, files)
    is_usable = _check(answers.folder / "collector.toml")
    say(phrase("init_next", folder=answers.folder))
    return Exit.FINDINGS if kept or not is_usable else Exit.OK


def _is_asking(options: InitOptions) -> bool:
    return not options.yes and sys.stdin.isatty()


def _asked(options: InitOptions) -> _Answers:
    """Return what the options say and a person answers, each question with a default."""
    asks = _is_asking(options)

    def answer(stated: str | None, question: str, default: str) -> str:
        if stated is not None or not asks:
            return default if stated is None else stated
        choices = click.Choice([*Language]) if question == "init_language" else None
        told: str = click.prompt(
            phrase(question),
            default,
            hide_input=question == "init_community",
            type=choices,
            show_choices=False,
            show_default=bool(default),
            err=True,
        )
        return told.strip()

    language = Language(answer(options.language, "init_language", _usual_language()))
    SPOKEN.set(Texts(language))
    site = answer(options.site, "init_site", _SITE)
    community = answer(options.community, "init_community", PUBLIC)
    networks = options.networks
    if not networks and asks:
        networks = tuple(answer(None, "init_networks", "").replace(",", " ").split())
    names = answer(options.departments, "init_departments", "").replace("、", ",").split(",")
    return _Answers(
        folder=options.folder or default_config().parent,
        language=language,
        site=site,
        community=community,
        networks=networks,
        departments=tuple(one.strip() for one in names if one.strip()),
    )


def _usual_language() -> Language:
    """Return English where the terminal is set so, else Japanese."""
    set_to = next((os.environ[one] for one in LOCALES if os.environ.get(one)), "")
    return Language.EN if set_to.startswith(Language.EN) else Language.JA


def _refuse(answers: _Answers) -> None:
    """Raise ConfigError with every answer that cannot be used, before anything is asked for."""
    problems = [("site", id_problem(answers.site))]
    problems += [(one, name_problem(one)) for one in answers.departments]
    wrong = [problem_at(Spot(what), told) for what, told in problems if told is not None]
    if wrong:
        raise ConfigError(wrong)


def _found(answers: _Answers, port: int) -> tuple[PlacedMachine, ...]:
    """Return the printers of the networks; Ctrl-C ends the search and keeps what was found."""
    ranges = ranges_of(answers.networks, agreed=False)
    keys = keys_of((answers.community,), v1=False)

    async def look() -> tuple[PlacedMachine, ...]:
        with stopping() as stop:
            network = NetworkSearch(ranges, keys, port, _RATE, _PATIENCE)
            tally, seconds = await sightings(network, stop)
        machines = placed(joined(tally.answered), KnownPlaces())
        say(phrase("init_found", printers=len(machines), count=ranges.count, seconds=seconds))
        if not machines:
            say(phrase("wrong_community"))
        return machines

    return asyncio.run(look())


def _fleet(answers: _Answers, found: tuple[PlacedMachine, ...]) -> Fleet:
    """Return the fleet that is proposed: a place a machine, departments as stated and as named."""
    places: dict[Place, str] = {}
    for one in proposals(found, {}, ()):
        seen = one.machine.main
        places[replace(one.place, credential=DEFAULT)] = f"{seen.location} {seen.name}"
    texts = (f"{place.name} {says}" for place, says in places.items())
    names = (*answers.departments, *departments_in(texts))
    return first_fleet(names, places, SystemClock().now().astimezone().date())


def _tell(fleet: Fleet) -> None:
    if not fleet.places:
        return
    names = "、".join(one.name for one in fleet.departments) or "–"
    open_ones = sum(not one.assignments for one in fleet.places)
    say(phrase("init_proposed", departments=names, count=open_ones))


def _files(answers: _Answers, fleet: Fleet) -> Iterator[_File]:
    folder = answers.folder
    settings = first_collector(answers.site, answers.language)
    yield _File(folder / "collector.toml", settings, _OPEN)
    yield _File(folder / "fleet.toml", first_fleet_text(fleet), _OPEN)
    if answers.community != PUBLIC:
        yield _File(folder / SECRETS / _COMMUNITY_FILE, f"{answers.community}\n", _PRIVATE)


def _write(folder: Path, files: tuple[_File, ...]) -> bool:
    """Write what is not there; show how the rest differs, and return whether any does."""
    standing = [(one, one.stands) for one in files]
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        (folder / SECRETS).mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        sentence = said("unwritable", reason=exc.strerror)
        raise ConfigError([problem_at(Spot(str(folder)), sentence)]) from exc
    differs = False
    for file, stands in standing:
        if stands is None:
            write_file(file.path, file.text, mode=file.mode)
            say(phrase("init_written", file=file.path))
        elif stands == file.text:
            say(phrase("init_same", file=file.path))
        else:
            differs = True
            _show_difference(file, stands)
    return differs


def _check(config: Path) -> bool:
    """Say what of the files still has to be done before they can be used."""
    try:
        loaded_from(config, ())
    except ConfigError as error:
        say(phrase("init_to_do"))
        for one in error.problems:
            say(f"  {told(one)}")
        return False
    return True


def _show_difference(file: _File, stands: str) -> None:
    """Print how what is there differs from what would be written; of a secret only that."""
    say(phrase("init_kept", file=file.path))
    if file.mode != _PRIVATE:
        lines = difflib.unified_diff(
            stands.splitlines(), file.text.splitlines(), str(file.path), "init", lineterm=""
        )
        for line in lines:
            click.echo(line)
