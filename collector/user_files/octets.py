"""What a person's file holds, if it can be the right one: a wrong one is seen by its size alone."""

import sys
from pathlib import Path
from typing import Final

from collector.errors import said
from collector.user_files.report import refusal

_MEGABYTE: Final = 2**20


def octets_of(path: Path, megabytes: int, name: str | None = None) -> bytes:
    """Return the content of the file at `path`, called `name` in messages; "-" is stdin.

    No more is read than may be there, so a device or a pipe without end is refused as well. Raises
    OSError, and ConfigError where there is more.
    """
    most = megabytes * _MEGABYTE
    if str(path) == "-":
        octets = sys.stdin.buffer.read(most + 1)
    else:
        with path.open("rb") as stream:
            octets = stream.read(most + 1)
    if len(octets) > most:
        raise refusal(name or path.name, said("file_too_large", kilobytes=most // 1024))
    return octets
