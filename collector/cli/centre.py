"""`copier-fleet centre`: one ledger of many sites, what takes them in, and who may tell it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from collector.cli.language import CONFIGURATION_DIRECTORY, FOLDER, default_config
from collector.cli.options import formatted
from collector.cli.output import SPOKEN, Exit, phrase, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.report.table import CellKind, Column, Table
from collector.errors import Spot, cause, said
from collector.texts import Texts
from collector.user_files.report import ProblemReport, octets_of, refusal

if TYPE_CHECKING:
    from collector.adapters.centre.postgres import KnownSite, PostgresCentre
    from collector.domain.report.sealed_totals import SiteTotals
    from collector.settings.centre_file import CentreFile

_MOST_MEGABYTES: Final = 4
Answer = TypeVar("Answer")
Command = TypeVar("Command", bound=Callable[..., object])


def _centre_config() -> Path:
    return default_config().with_name("centre.toml")


def of_centre(command: Command) -> Command:
    """Give `command` the options that say where the centre's configuration lies."""
    config = click.option(
        "--config",
        "-c",
        type=click.Path(dir_okay=False, path_type=Path),
        default=_centre_config,
        show_default=f"centre.toml in ${CONFIGURATION_DIRECTORY}, else in {FOLDER}",
        help="The centre's configuration file.",
    )
    secrets = click.option(
        "--secrets",
        type=click.Path(file_okay=False, path_type=Path),
        multiple=True,
        help="A folder of secret files such as centre__database. May be given several times.",
    )
    return config(secrets(command))


def _loaded(config: Path, secrets: tuple[Path, ...]) -> "CentreFile":
    """Return the configuration; from then on its language is spoken. Raises ConfigError."""
    from collector.settings.centre_file import load_centre

    file = load_centre(config, os.environ, secrets)
    SPOKEN.set(Texts(file.language))
    return file


def _ask(file: "CentreFile", what: Callable[["PostgresCentre"], Awaitable[Answer]]) -> Answer:
    """Return what the centre's database answers; raises LedgerError where it cannot be asked."""
    from collector.bootstrap.centre import asked

    return asyncio.run(asked(file, what))


@click.group()
def centre() -> None:
    """Keep what many sites' ledgers hold in one PostgreSQL: of a prefecture, of a large town."""


@centre.command()
@of_centre
def run(config: Path, secrets: tuple[Path, ...]) -> int:
    """Take in what sites tell, until SIGTERM. As many of these as wanted may share a database.

    A database that is away is waited for; sites keep what they have and come again. A broken
    configuration ends with code 78.
    """
    from collector.adapters import log_output
    from collector.bootstrap.centre import secrets_of, serve_centre

    file = _loaded(config, secrets)
    log_output.set_up(file.level, secrets=secrets_of(file), texts=Texts(file.language))
    return asyncio.run(serve_centre(file))


@centre.group()
def site() -> None:
    """Say which sites may tell this centre, and see how far each one's ledger is here."""


@site.command()
@click.argument("name", metavar="NAME")
@of_centre
def add(config: Path, secrets: tuple[Path, ...], name: str) -> int:
    """Let the site NAME tell this centre: print a new token for it, once, and never again.

    NAME is what its settings say under [office], site. The token goes into the site's secret file
    centre__token. Tokens made before hold until they are revoked.
    """
    file, label = _loaded(config, secrets), _label(name)
    token = _ask(file, lambda one: one.add(label))
    click.echo(token)
    say(phrase("centre_added", site=name))
    return Exit.OK


@site.command("list")
@formatted
@of_centre
def list_(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Show every site: how far its ledger is here, when it was heard, what contradicts.

    Exit code 1 where a site and this centre contradict one another.
    """
    file = _loaded(config, secrets)
    found = _ask(file, lambda one: one.sites())
    result_tables(form, _table(found, CommandWords(file.language)))
    if form == "table" and not found:
        say(phrase("centre_empty"))
    return Exit.FINDINGS if any(one.contradictions for one in found) else Exit.OK


@site.command()
@click.argument("name", metavar="NAME")
@of_centre
def revoke(config: Path, secrets: tuple[Path, ...], name: str) -> int:
    """Let no token of the site NAME open anything any more; what it told stays."""
    file = _loaded(config, secrets)
    count = _known(name, _ask(file, lambda one: one.revoke(name)))
    say(phrase("centre_revoked", site=name, count=count))
    return Exit.OK


@site.command()
@click.argument("name", metavar="NAME")
@of_centre
def accept(config: Path, secrets: tuple[Path, ...], name: str) -> int:
    """Let the site NAME begin anew with the ledger it has now, after a contradiction.

    What is here of it stays, marked with its generation, and is not mixed with what comes. First
    see whether a newer ledger of the site can be found.
    """
    file = _loaded(config, secrets)
    generation = _known(name, _ask(file, lambda one: one.accept(name)))
    say(phrase("centre_accepted", site=name, generation=generation))
    return Exit.OK


@centre.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--anew",
    is_flag=True,
    help="Let a site begin anew whose file contradicts those before; what they said is kept apart.",
)
@of_centre
def import_(config: Path, secrets: tuple[Path, ...], files: tuple[Path, ...], *, anew: bool) -> int:
    """Take in the sealed totals of sites that cannot connect: what `export --sealed` wrote there.

    All files or none: one that was changed, or says of a statement what was not said before, is
    refused. Those that are here already change nothing. `compare` shows these sites as well.
    """
    from collector.bootstrap.centre import import_totals

    file = _loaded(config, secrets)
    told = [_totals(path) for path in files]
    found = asyncio.run(import_totals(file, told, anew=anew))
    report = ProblemReport()
    for one in found:
        if one.against is not None:
            path = next(path for path, own in zip(files, told, strict=True) if own is one.totals)
            facts = {"site": one.totals.site, "month": one.against.month}
            revision = one.against.revision
            report.problem(Spot(path.name), said("sealed_other", **facts, revision=revision))
    report.refuse()
    for one in found:
        of = len(one.totals.statements)
        say(phrase("centre_imported", site=one.totals.site, new=one.new, of=of))
    return Exit.OK


def _totals(path: Path) -> "SiteTotals":
    """Return what the file at `path` states; raises ConfigError with all that is wrong with it."""
    from collector.domain.report.sealed_totals import unsound
    from collector.encoding.sealed_totals import totals_in
    from collector.settings.values import id_problem

    try:
        totals = totals_in(octets_of(path, _MOST_MEGABYTES).decode("utf-8"))
    except OSError as error:
        raise refusal(path.name, said("sealed_unreadable", reason=cause(error))) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refusal(path.name, said("sealed_no_file")) from error
    if id_problem(totals.site) is not None:
        raise refusal(path.name, said("sealed_no_file"))
    report = ProblemReport()
    for kind, one in unsound(totals):
        told = said(kind.value, month=one.month, revision=one.revision)
        report.problem(Spot(path.name), told)
    report.refuse()
    return totals


def _label(name: str) -> str:
    """Return `name` where a site can be called so; raises BadParameter."""
    from collector.settings.values import id_problem

    if (problem := id_problem(name)) is not None:
        raise click.BadParameter(worded(problem), param_hint="NAME")
    return name


def _known(name: str, found: int | None) -> int:
    if found is None:
        raise click.BadParameter(phrase("centre_no_site", name=name), param_hint="NAME")
    return found


def _table(found: "Sequence[KnownSite]", words: CommandWords) -> "Table[KnownSite]":
    text = CellKind.TEXT

    def heard(one: "KnownSite") -> str | None:
        at = one.heard_at
        return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")

    def local(one: "KnownSite") -> str | None:
        """Return the time on the clock of this machine: a centre has no office."""
        return None if one.heard_at is None else f"{one.heard_at.astimezone():%Y-%m-%d %H:%M}"

    def contradicts(one: "KnownSite") -> str:
        return words("list.between").join(
            words(f"contradiction.{kind}") for kind in one.contradictions.split()
        )

    return Table(
        "sites",
        (
            Column("site", lambda one: one.name, words("site"), text),
            Column("generation", lambda one: one.generation, words("generation")),
            Column("seq", lambda one: one.seq, words("arrived")),
            Column("facts", lambda one: one.facts, words("facts")),
            Column("heard_at", heard, words("last_heard"), text, shown=local),
            Column("tokens", lambda one: one.tokens, words("tokens")),
            Column(
                "contradictions",
                lambda one: one.contradictions.split(),
                words("contradictions"),
                text,
                shown=contradicts,
            ),
        ),
        found,
        needs_rows=True,
        spare=("tokens", "seq", "facts"),
    )
