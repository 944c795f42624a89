"""How large a sheet may be, and what is said of a file that is none."""

from typing import Final

from collector.errors import ConfigError, Problem

MOST_LINES: Final = 20_000
MOST_COLUMNS: Final = 500
MOST_BYTES: Final = 64 * 2**20
"""A sheet of 500 copiers over ten years holds 60,000 figures in less than 2 MB."""


def refused(file: str, message: str) -> ConfigError:
    """Return the error that says why `file` cannot be read as a sheet."""
    return ConfigError([Problem(file, message)])
