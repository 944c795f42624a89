"""`copier-fleet profiles`: which counters are read from which machines, and the office's own."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from collector.adapters.snmp.profile_hints import hints
from collector.adapters.snmp.profile_json import brief, whole
from collector.adapters.snmp.profile_summary import meters_read
from collector.adapters.snmp.profile_values import Profile, Profiles
from collector.adapters.snmp.profiles import files_of, load_files, load_profiles
from collector.adapters.snmp.report import near
from collector.cli.options import configured, json_option
from collector.cli.output import Exit, result, result_json, say
from collector.cli.own_profiles import Own, own_beside, own_of
from collector.cli.profile_tables import show_list, show_profile
from collector.cli.words import Words
from collector.errors import Problem

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def profiles() -> None:
    """Show which counters are read from which machines, and check profiles of your own."""


def _shown(command: Command) -> Command:
    """Give `command` the options of what shows profiles."""
    folder = click.option(
        "--profiles",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of own profiles, instead of the configured one.",
    )
    lang = click.option("--lang", type=click.Choice(["ja", "en"]), help="Default: as the office.")
    return folder(lang(json_option(configured(command))))


@profiles.command(name="list")
@_shown
def list_(
    folder: Path | None,
    lang: str | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    as_json: bool,
) -> int:
    """List every profile: its machines, how many meters it reads, how surely.

    Your own come first. Without a configuration the shipped ones are listed.
    """
    own, known = _known(config, folder, secrets)
    found = sorted(known.by_id.values(), key=lambda one: (not one.own, one.id == "generic", one.id))
    if as_json:
        result_json([brief(one) for one in found])
    else:
        show_list(found, Words(lang or own.language), low_confidence=own.low_confidence)
    return Exit.OK


@profiles.command()
@click.argument("name")
@_shown
def show(
    name: str,
    folder: Path | None,
    lang: str | None,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    as_json: bool,
) -> int:
    """Show all that the profile NAME comes to, with what it includes.

    How machines are recognised and named, each meter with its sums in the order in which they are
    tried, how surely each is known and from where, where its counters stand, what is checked.
    """
    own, known = _known(config, folder, secrets)
    profile = known.by_id.get(name) or known.by_id.get(name.casefold())
    if profile is None:
        raise click.UsageError(
            f"there is no profile {name!r}{_meant(name, known)}; see: copier-fleet profiles list"
        )
    if as_json:
        result_json(whole(profile, low_confidence=own.low_confidence))
    else:
        show_profile(profile, Words(lang or own.language), low_confidence=own.low_confidence)
    return Exit.OK


def _known(config: Path, folder: Path | None, secrets: tuple[Path, ...]) -> tuple[Own, Profiles]:
    del secrets  # no machine is asked
    own = own_of(config, folder)
    return own, load_profiles(own.folder, low_confidence=own.low_confidence)


def _meant(name: str, known: Profiles) -> str:
    """Return a hint at what `name` means: a profile's name mistyped, or a maker's."""
    word = name.casefold()
    said = sorted(one.id for one in known.by_id.values() if word in _makers(one).casefold())
    return f"; it may be in: {', '.join(said)}" if word and said else near(word, known.by_id)


def _makers(profile: Profile) -> str:
    rules = profile.identity
    return " ".join([profile.about, rules.vendor or "", *(one.vendor for one in rules.brands)])


@profiles.command()
@click.argument(
    "paths", metavar="[FILE|FOLDER]...", nargs=-1, type=click.Path(exists=True, path_type=Path)
)
@configured
def check(paths: tuple[Path, ...], config: Path, secrets: tuple[Path, ...]) -> int:
    """Check own profiles: each FILE, each file in FOLDER; by default the configured folder.

    They are read together with the configured ones and the shipped ones, as the service would
    read them. Each problem is a line on stdout: file:line: key: what is wrong.

    Exit code 0 where all is in order, 1 where something is hardly meant (two profiles for the
    same machines), 78 where the service would refuse them.
    """
    del secrets
    folder = own_beside(config, is_needed=not paths).folder
    named = paths or ((folder,) if folder is not None else ())
    if not named:
        raise click.UsageError(
            "name a file or a folder: no folder of own profiles is configured (fleet.profiles)"
        )
    problems: list[Problem] = []
    files = [one for path in named for one in _files(path, problems)]
    known = load_files([*_others(folder, files), *files], problems, whole_paths=True)
    for one in problems:
        result(f"{one.path}: {one.message}")
    if problems:
        say(f"the service would refuse these profiles for {_count(len(problems), 'problem')}")
        return Exit.CONFIG
    warnings = [*_warned(known), *_passed_over(named, files)]
    for line in warnings:
        result(line)
    for profile in (one for one in known.by_id.values() if one.own):
        meters = _count(len(meters_read(profile, low_confidence=True)), "meter")
        place = f", in the place of the shipped {profile.id}" if profile.hides else ""
        result(f"{profile.file}: profile {profile.id}, {meters}{place}")
    return Exit.FINDINGS if warnings else Exit.OK


def _files(path: Path, problems: list[Problem]) -> Sequence[Path]:
    return files_of(path, problems) if path.is_dir() else (path,)


def _others(folder: Path | None, files: Sequence[Path]) -> Iterator[Path]:
    """Yield the configured profiles, without those that `files` are, or are new versions of."""
    names = {one.name for one in files}
    if folder is not None:
        yield from (one for one in files_of(folder, []) if one.name not in names)


def _warned(known: Profiles) -> Iterator[str]:
    return (f"{one.path}: warning: {one.message}" for one in hints(known))


def _passed_over(named: Sequence[Path], files: Sequence[Path]) -> Iterator[str]:
    """Yield a line for what the service would not look at."""
    for path in named:
        if path.is_dir() and not any(one.parent == path for one in files):
            yield f"{path}: warning: no file in it ends in .toml, so there is no profile in it"
        elif path.is_file() and path.suffix != ".toml":
            yield f"{path}: warning: the service reads only files whose names end in .toml"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
