"""Options of commands that ask machines outside the fleet file: with which keys, how gently."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from collector.adapters.clock import SystemClock
from collector.bootstrap.machines import NamedCredential, keys_named, keys_of
from collector.cli.options import ConfigOptions, named_place
from collector.cli.output import listed, phrase, say, worded
from collector.domain.office.fleet import Fleet, Place, PlaceNames
from collector.errors import ConfigError
from collector.settings.credentials import DEFAULT
from collector.settings.load import Loaded
from collector.settings.values import address_problem, tidy
from collector.user_files.report import hint

Command = TypeVar("Command", bound=Callable[..., Any])
SNMP_PORT: Final = 161


@dataclass(frozen=True, slots=True)
class Access:
    """What the options come to: a configuration, where there is one, and keys in order."""

    loaded: Loaded | None
    keys: tuple[NamedCredential, ...]


class MachineAsked(NamedTuple):
    """A machine to ask: the place's id or the address as given; where, and with which keys."""

    name: str
    address: str
    port: int
    keys: tuple[NamedCredential, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessOptions(ConfigOptions):
    """With which keys machines may be asked."""

    credentials: tuple[str, ...]
    communities: tuple[str, ...]
    v1: bool
    port: int

    def access(self) -> Access:
        """Return configuration and keys; raises UsageError, or ConfigError with every problem.

        Without a configuration only communities can be used. One that cannot be read is passed
        over with a word where it was not asked for and communities are given.
        """
        credentials, communities = self.credentials, self.communities
        if self.v1 and not communities:
            raise click.UsageError(phrase("v1_needs_community"))
        loaded = self.configuration(is_needed=bool(credentials) or not communities)
        names = credentials or (() if communities else (DEFAULT,))
        if loaded is not None:
            _check_names(loaded, names)
        named = keys_named(loaded.settings, names) if loaded is not None else ()
        if any(not text for text in communities):
            raise click.UsageError(phrase("community_empty"))
        return Access(loaded, (*named, *keys_of(communities, v1=self.v1)))

    def configuration(self, *, is_needed: bool) -> Loaded | None:
        """Return the configuration, or None where there is none and it is not needed.

        Raises UsageError where it is needed, ConfigError where it was named and cannot be used.
        """
        context = click.get_current_context()
        is_stated = context.get_parameter_source("config") is not ParameterSource.DEFAULT
        if not (is_stated or os.access(self.config, os.F_OK)):
            if is_needed:
                raise click.UsageError(phrase("no_configuration", file=self.config))
            return None
        try:
            return self.load()
        except ConfigError as error:
            if is_needed or is_stated:
                raise
            say(phrase("config_unused", file=self.config, why=worded(error.problems[0].said)))
            return None

    def target(self, ask: Access, machine: str) -> MachineAsked:
        """Return whom `machine`, a place (its id or name) or an address, is; raises BadParameter.

        A place has its own keys, unless keys are stated.
        """
        text = tidy(machine)
        fleet = ask.loaded.fleet if ask.loaded is not None else Fleet()
        place = _place(fleet, text)
        if place is not None and ask.loaded is not None:
            own = keys_named(ask.loaded.settings, [place.credential])
            is_stated = bool(self.credentials or self.communities)
            port = place.port if self.port == SNMP_PORT else self.port
            return MachineAsked(place.id, place.address, port, ask.keys if is_stated else own)
        if problem := address_problem(text):
            names = listed(one.id for one in fleet.places)
            known = phrase("places_are", places=names) if fleet.places else ""
            why = worded(problem)
            raise click.BadParameter(
                phrase("neither_place", machine=machine, problem=why, known=known)
            )
        return MachineAsked(text, text, self.port, ask.keys)


def _place(fleet: Fleet, text: str) -> Place | None:
    """Return the place that has this id or name; an address is asked as one, with the usual keys.

    Raises BadParameter where several have the name.
    """
    called = PlaceNames(fleet).of(text)
    found = [
        one for one in fleet.places if one.id in called and (one.id == text or one.address != text)
    ]
    if len(found) > 1:
        return named_place(fleet, text, SystemClock().now().date(), "PLACE")
    return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkOptions(AccessOptions):
    """How much of one machine is asked for, and how fast."""

    everything: bool
    rate: float
    timeout: float


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


def _check_names(loaded: Loaded, names: Sequence[str]) -> None:
    known = loaded.settings.credentials
    for name in names:
        if name not in known:
            raise click.UsageError(
                phrase(
                    "no_credential",
                    name=name,
                    file=loaded.config_path,
                    hint=worded(hint(name, known)),
                )
            )
