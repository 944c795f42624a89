"""Options of commands that ask machines outside the fleet file: with which keys, how gently."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from collector.bootstrap.machines import NamedCredential, keys_named, keys_of
from collector.cli.options import loaded_from
from collector.cli.output import say
from collector.errors import ConfigError
from collector.settings.credentials import DEFAULT
from collector.settings.load import Loaded
from collector.settings.problems import did_you_mean
from collector.settings.values import address_problem, tidy

Command = TypeVar("Command", bound=Callable[..., Any])
SNMP_PORT: Final = 161


@dataclass(frozen=True, slots=True)
class Access:
    """What the options come to: a configuration, where there is one, and keys in order."""

    loaded: Loaded | None
    keys: tuple[NamedCredential, ...]


def with_keys(command: Command) -> Command:
    """Give `command` the options that say which keys may be tried."""
    options = (
        click.option(
            "--credential",
            "credentials",
            metavar="NAME",
            multiple=True,
            help="Ask with this credential of the configuration. May be given several times: the "
            "next is tried only where there was no answer. Default: default.",
        ),
        click.option(
            "--community",
            "communities",
            metavar="TEXT",
            multiple=True,
            help="Ask with this SNMP community, no configuration needed. May be given several "
            "times; comes after every --credential.",
        ),
        click.option("--v1", is_flag=True, help="Use --community in SNMPv1 instead of v2c."),
        click.option(
            "--port",
            type=click.IntRange(1, 65535),
            default=SNMP_PORT,
            show_default=True,
            help="The UDP port of the agents.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def asked(
    config: Path,
    secrets: tuple[Path, ...],
    credentials: Sequence[str],
    communities: Sequence[str],
    *,
    v1: bool,
) -> Access:
    """Return configuration and keys; raises UsageError, or ConfigError with every problem.

    Without a configuration only communities can be used. One that cannot be read is passed over
    with a word where it was not asked for and communities are given.
    """
    if v1 and not communities:
        raise click.UsageError("--v1 belongs to --community; a credential states its own version")
    loaded = configuration(config, secrets, is_needed=bool(credentials) or not communities)
    names = credentials or (() if communities else (DEFAULT,))
    if loaded is not None:
        _check_names(loaded, names)
    named = keys_named(loaded.settings, names) if loaded is not None else ()
    if any(not text for text in communities):
        raise click.UsageError("--community is empty; write the machines' community")
    return Access(loaded, (*named, *keys_of(communities, v1=v1)))


def configuration(config: Path, secrets: tuple[Path, ...], *, is_needed: bool) -> Loaded | None:
    """Return the configuration, or None where there is none and it is not needed.

    Raises UsageError where it is needed, ConfigError where it was named and cannot be used.
    """
    context = click.get_current_context()
    is_stated = context.get_parameter_source("config") is not ParameterSource.DEFAULT
    if not (is_stated or os.access(config, os.F_OK)):
        if is_needed:
            raise click.UsageError(
                f"there is no configuration {config}; name one with --config, or give the "
                "machines' SNMP community with --community"
            )
        return None
    try:
        return loaded_from(config, secrets)
    except ConfigError as error:
        if is_needed or is_stated:
            raise
        say(f"warning: {config} is not used: {error.problems[0].message}")
        return None


def target_of(
    ask: Access, machine: str, port: int, *, is_stated: bool
) -> tuple[str, int, tuple[NamedCredential, ...]]:
    """Return address, port and keys of a place or an address; raises BadParameter.

    A place has its own keys, unless keys are stated.
    """
    text = tidy(machine)
    places = ask.loaded.fleet.places if ask.loaded is not None else ()
    place = next((one for one in places if one.id == text), None)
    if place is not None and ask.loaded is not None:
        own = keys_named(ask.loaded.settings, [place.credential])
        asked_port = place.port if port == SNMP_PORT else port
        return place.address, asked_port, ask.keys if is_stated else own
    if problem := address_problem(text):
        known = f" Places are: {', '.join(one.id for one in places)}." if places else ""
        raise click.BadParameter(f"{machine!r} is no place, and {problem}.{known}")
    return text, port, ask.keys


def _check_names(loaded: Loaded, names: Sequence[str]) -> None:
    known = loaded.settings.credential_values()
    for name in names:
        if name not in known:
            raise click.UsageError(
                f"there is no [credentials.{name}] in {loaded.config_path}; "
                f"{did_you_mean(name, known)}"
            )
