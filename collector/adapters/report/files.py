"""Several files at once: all of them complete, or none."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from collector.errors import ConfigError, Problem


def write_all(
    folder: Path, contents: Mapping[str, bytes], *, overwrite: bool = False
) -> list[Path]:
    """Leave `folder` with these files, by name, and return their paths.

    A missing folder is made. Raises ConfigError, with nothing written, where one of them exists
    and `overwrite` is false, or where they cannot be written.
    """
    paths = [folder / name for name in contents]
    if taken := [path for path in paths if path.is_dir() or (path.exists() and not overwrite)]:
        raise ConfigError([Problem(str(path), _TAKEN) for path in taken])
    parts = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, octets in zip(parts, contents.values(), strict=True):
            _write_durably(part, octets)
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except OSError as exc:
        message = f"cannot be written ({exc.strerror}); check the folder and its permissions"
        raise ConfigError([Problem(str(exc.filename or folder), message)]) from exc
    finally:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return paths


_TAKEN = "exists already; name another folder, or overwrite it with --force"


def _write_durably(path: Path, octets: bytes) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
