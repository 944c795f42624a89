"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collector.settings.load import Loaded

CONFIGURATION_DIRECTORY: Final = "CONFIGURATION_DIRECTORY"
_FOLDER: Final = "/etc/copier-fleet"
_CONFIG_NAME: Final = "collector.toml"
Command = TypeVar("Command", bound=Callable[..., Any])


def default_config() -> Path:
    """Return the configuration that is read where none is named.

    It lies in the first folder of `$CONFIGURATION_DIRECTORY`, which systemd sets as it sets
    `$STATE_DIRECTORY` for the ledger; unset: in /etc/copier-fleet.
    """
    folders = os.environ.get(CONFIGURATION_DIRECTORY, "").split(os.pathsep)
    return Path(folders[0] or _FOLDER) / _CONFIG_NAME


def configured(command: Command) -> Command:
    """Give `command` the options that say where the configuration lies."""
    config = click.option(
        "--config",
        "-c",
        type=click.Path(dir_okay=False, path_type=Path),
        default=default_config,
        show_default=f"{_CONFIG_NAME} in ${CONFIGURATION_DIRECTORY}, else in {_FOLDER}",
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
month_argument = click.argument("month_name", metavar="[MONTH]", required=False)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)


def walks_a_machine(command: Command) -> Command:
    """Give `command` the options that say how much of one machine is asked for, and how fast."""
    everything = click.option(
        "--all",
        "everything",
        is_flag=True,
        help="Walk everything the machine has, not only what counters are known to stand in. Takes "
        "long. Job logs, address books and the network's tables are left out all the same.",
    )
    rate = click.option(
        "--rate",
        type=click.FloatRange(0.5, 1000),
        default=20.0,
        show_default=True,
        help="Requests a second at most.",
    )
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(0.1, 60),
        default=3.0,
        show_default=True,
        help="Seconds to wait for an answer.",
    )
    return everything(rate(timeout(command)))
