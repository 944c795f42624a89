"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collector.settings.load import Loaded

DEFAULT_CONFIG: Final = Path("/etc/copier-fleet/collector.toml")
Command = TypeVar("Command", bound=Callable[..., Any])


def configured(command: Command) -> Command:
    """Give `command` the options that say where the configuration lies."""
    config = click.option(
        "--config",
        "-c",
        type=click.Path(dir_okay=False, path_type=Path),
        default=DEFAULT_CONFIG,
        show_default=True,
        help="The configuration file; the fleet file is named in it.",
    )
    secrets = click.option(
        "--secrets",
        type=click.Path(file_okay=False, path_type=Path),
        multiple=True,
        help="A folder of secret files such as influx__password. May be given several times.",
    )
    return config(secrets(command))


def loaded_from(config: Path, secrets: tuple[Path, ...]) -> "Loaded":
    """Return the configuration; raises ConfigError with every problem of it."""
    from collector.settings.load import load  # noqa: PLC0415 - half a second; some need none

    return load(config, os.environ, secrets)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on stdout.")
