"""Where values come from: environment, secret files, the TOML file, defaults, in this order.

Each source becomes a nested dict plus the name a person would look for when a value is wrong.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from collector.domain.sentence import Sentence
from collector.errors import Spot, cause, said
from collector.user_files.report import ProblemReport
from collector.user_files.toml_file import TomlFile, unreadable

_LONGEST_SECRET: Final = 64 * 1024


PREFIX: Final = "COPIER_FLEET__"
_NEARLY: Final = re.compile(r"COPIER_*FLEET_+(?=[A-Z])", re.IGNORECASE)
GRAFANAS: Final = ("COPIER_FLEET_INFLUX_USER", "COPIER_FLEET_INFLUX_PASSWORD")
"""What the shipped data source of Grafana reads, from an environment that may be everybody's."""

CREDENTIALS_DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
SECRETS: Final = "secrets"
"""The folder of secret files beside the configuration; under this id systemd hands it over too."""

SEPARATOR: Final = "__"
EVERYONE_READS: Final = 0o004

Key = tuple[str, ...]
Tree = dict[str, object]


@dataclass(frozen=True, slots=True)
class Layer:
    """One source. `names` says where each leaf was found; a TOML file names its leaves itself.

    `unread` is a folder or file of it that this user may not read, though the service may.
    """

    tree: Mapping[str, object]
    names: Mapping[Key, Spot] = field(default_factory=dict)
    file: TomlFile | None = None
    unread: Path | None = None

    @classmethod
    def of(cls, file: TomlFile) -> "Layer":
        """Return what a TOML file says."""
        return cls(file.tree, file=file)

    def value(self, key: Key) -> object:
        """Return what this source says for `key`, or None."""
        found: object = self.tree
        for part in key:
            if not isinstance(found, dict) or part not in found:
                return None
            found = found[part]
        return found

    def spots(self, key: Key) -> Iterator[Spot]:
        """Yield where this source sets `key`, a part of it, or the whole of which it is a part."""
        if self.file is not None:
            if self.value(key) is not None:
                yield self.file.spot(key)
            return
        for name, spot in self.names.items():
            if name[: len(key)] == key or key[: len(name)] == name:
                yield spot


def environment_layer(environ: Mapping[str, str], report: ProblemReport) -> Layer:
    """Return what the variables with our prefix say; capitals do not matter."""
    found = {
        name: value for name, value in sorted(environ.items()) if name.upper().startswith(PREFIX)
    }
    for name in sorted(environ.keys() - found.keys() - {*GRAFANAS}):
        if meant := _NEARLY.match(name):
            told = said("near_prefix", meant=f"{PREFIX}{name[meant.end() :]}")
            # With a joint in it nothing else can be meant; else it may be somebody else's.
            tell = report.problem if SEPARATOR in name[meant.end() :] else report.warning
            tell(Spot("environment", key=name), told)
    return _nested(
        (
            (Spot("environment", key=name), name[len(PREFIX) :].casefold(), value)
            for name, value in found.items()
        ),
        report,
    )


def secrets_layer(
    environ: Mapping[str, str],
    folders: Sequence[Path],
    report: ProblemReport,
    own: Path | None = None,
) -> Layer:
    """Return what the secret files say: systemd's credentials first, then `folders` in order.

    A file `mqtt__password` sets `mqtt.password`; a newline at its end does not belong to it.
    Files without `__` in their name belong to somebody else. A folder that systemd loads as a
    whole (`LoadCredential=secrets:FOLDER`) puts its id before each name (systemd.exec(5)).
    Where nobody names a folder it is `own`, for whoever may; what may not be read is warned of.
    """
    systemd = environ.get(CREDENTIALS_DIRECTORY)
    stated = [*([Path(systemd)] if systemd else []), *folders]
    files: dict[str, Path] = {}
    unread: Path | None = None
    for folder in stated or ([own] if own else []):
        try:
            for entry in sorted(folder.iterdir()):
                if SEPARATOR in entry.name and not entry.name.startswith("."):
                    files.setdefault(entry.name.removeprefix(f"{SECRETS}_"), entry)
        except OSError as exc:
            if folder is own and isinstance(exc, PermissionError):
                unread = folder
            elif folder is not own or not isinstance(exc, FileNotFoundError | NotADirectoryError):
                told = said("folder_unreadable", reason=cause(exc))
                report.problem(_secrets(str(folder)), told)
    shut = {path for path in files.values() if own in path.parents and not os.access(path, os.R_OK)}
    unread = next(iter(sorted(shut)), unread)
    if unread is not None:
        report.warning(Spot("secrets"), secrets_unread(unread))
    texts = (
        (name, _secret(name, path, report))
        for name, path in sorted(files.items())
        if path not in shut
    )
    named = ((_secrets(name), name.casefold(), text) for name, text in texts if text)
    return replace(_nested(named, report), unread=unread)


def secrets_unread(path: Path) -> Sentence:
    """Return the sentence that nobody can be asked, since this user may not read `path`."""
    return said("secrets_unread", path=str(path))


def _secret(name: str, path: Path, report: ProblemReport) -> str | None:
    where = _secrets(name)
    try:
        with path.open("rb") as stream:
            octets = stream.read(_LONGEST_SECRET + 1)
        if len(octets) > _LONGEST_SECRET:
            report.problem(where, said("file_too_large", kilobytes=_LONGEST_SECRET // 1024))
            return None
        text = octets.decode("utf-8-sig").rstrip("\r\n")
        if path.stat().st_mode & EVERYONE_READS:
            report.warning(where, said("open_secret", path=path))
    except PermissionError as exc:
        report.forbidden(where, unreadable(path, exc), path)
    except OSError as exc:
        report.problem(where, unreadable(path, exc))
    except UnicodeDecodeError:
        report.problem(where, said("secret_encoding", path=path))
    else:
        if not text:
            report.problem(where, said("secret_empty", path=path))
        return text
    return None


def _secrets(name: str) -> Spot:
    return Spot("secrets", key=name)


def _nested(entries: Iterator[tuple[Spot, str, str]], report: ProblemReport) -> Layer:
    tree: Tree = {}
    names: dict[Key, Spot] = {}
    for spot, joined, value in entries:
        key = tuple(joined.split(SEPARATOR))
        if not all(key) or not put(tree, key, value):
            report.problem(spot, said("no_one_key"))
            continue
        names[key] = spot
    return Layer(tree, names)


def put(tree: Tree, key: Key, value: str) -> bool:
    """Put `value` at `key` into `tree`; return False where something else stands."""
    for part in key[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return False
        tree = inner
    if key[-1] in tree:
        return False
    tree[key[-1]] = value
    return True
