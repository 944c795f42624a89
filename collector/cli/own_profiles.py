"""Where the office keeps its own profiles: by the configuration, where there is one."""

import os
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from collector.cli.output import say
from collector.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Own:
    """The folder of own profiles, and how the office reads and speaks."""

    folder: Path | None = None
    low_confidence: bool = False
    language: str = "en"


def own_of(config: Path, folder: Path | None) -> Own:
    """Return what `config` says, or `folder` alone where it is given.

    A configuration that nobody named need not be there; that it is not is told. Raises
    ConfigError.
    """
    if folder is not None:
        return Own(folder)
    if _is_there(config):
        return _stated(config)
    say(f"note: there is no configuration {config}, so only the shipped profiles are known")
    return Own()


def own_beside(config: Path, *, is_needed: bool) -> Own:
    """Return what `config` says. Where it is not needed nor named, it may be missing or wrong."""
    if not _is_there(config):
        return Own()
    try:
        return _stated(config)
    except ConfigError as error:
        if is_needed or _is_named():
            raise
        say(f"note: {config} is not used: {error.problems[0].message}")
        return Own()


def _is_named() -> bool:
    source = click.get_current_context().get_parameter_source("config")
    return source is not ParameterSource.DEFAULT


def _is_there(config: Path) -> bool:
    """Say whether to read `config`: one that was named is read in any case, or told to be wrong."""
    return _is_named() or os.access(config, os.F_OK)


def _stated(config: Path) -> Own:
    from collector.settings.load import load_office  # noqa: PLC0415 - half a second

    office, fleet = load_office(config, os.environ)
    return Own(fleet.profiles, fleet.low_confidence, office.language)
