"""Where values come from: environment, secret files, the TOML file, defaults, in this order.

Each source becomes a nested dict plus the name a person would look for when a value is wrong.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.settings.problems import ProblemReport

PREFIX: Final = "COPIER_FLEET__"
CREDENTIALS_DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
SEPARATOR: Final = "__"
EVERYONE_READS: Final = 0o004

Key = tuple[str, ...]
Tree = dict[str, object]


@dataclass(frozen=True, slots=True)
class Layer:
    """One source. `names` says where each leaf was found; a TOML file names its leaves itself."""

    tree: Tree
    names: Mapping[Key, str] = field(default_factory=dict)
    file: str | None = None

    def value(self, key: Key) -> object:
        """Return what this source says for `key`, or None."""
        found: object = self.tree
        for part in key:
            if not isinstance(found, dict) or part not in found:
                return None
            found = found[part]
        return found

    def paths(self, key: Key) -> Iterator[str]:
        """Yield where this source sets `key`, a part of it, or the whole of which it is a part."""
        if self.file is not None:
            if self.value(key) is not None:
                yield f"{self.file}: {'.'.join(key)}"
            return
        for name, path in self.names.items():
            if name[: len(key)] == key or key[: len(name)] == name:
                yield path


def read_toml(path: Path, report: ProblemReport, missing: str) -> Tree:
    """Return the TOML file's tree; {} after a problem told in `report`.

    A byte order mark, as some Windows editors write, is no problem. `missing` says what to do
    where there is no such file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        report.problem(path.name, f"there is no file {path}; {missing}")
    except OSError as exc:
        report.problem(path.name, f"{path} cannot be read ({exc.strerror}); check its permissions")
    except UnicodeDecodeError:
        report.problem(path.name, "is not UTF-8; save it again with the encoding UTF-8")
    else:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as exc:
            report.problem(*_syntax(path.name, str(exc)))
    return {}


def _syntax(name: str, message: str) -> tuple[str, str]:
    what, _, where = message.partition(" (at ")
    line = where.removesuffix(")").replace("line ", "line ") or "end of file"
    return f"{name}: {line}", f"is no TOML: {what[:1].lower()}{what[1:]}; correct this line"


def environment_layer(environ: Mapping[str, str], report: ProblemReport) -> Layer:
    """Return what the variables with our prefix say; capitals do not matter."""
    found = {
        name: value for name, value in sorted(environ.items()) if name.upper().startswith(PREFIX)
    }
    return _nested(
        (
            (f"environment: {name}", name[len(PREFIX) :].casefold(), value)
            for name, value in found.items()
        ),
        report,
    )


def secrets_layer(
    environ: Mapping[str, str], folders: Sequence[Path], report: ProblemReport
) -> Layer:
    """Return what the secret files say: systemd's credentials first, then `folders` in order.

    A file `mqtt__password` sets `mqtt.password`; a newline at its end does not belong to it.
    Files without `__` in their name belong to somebody else.
    """
    systemd = environ.get(CREDENTIALS_DIRECTORY)
    every = [*([Path(systemd)] if systemd else []), *folders]
    files: dict[str, Path] = {}
    for folder in every:
        try:
            entries = sorted(folder.iterdir())
        except OSError as exc:
            report.problem(
                f"secrets: {folder}",
                f"the folder cannot be read ({exc.strerror}); create it or check its permissions",
            )
            continue
        for entry in entries:
            if SEPARATOR in entry.name and not entry.name.startswith("."):
                files.setdefault(entry.name, entry)
    texts = ((name, path, _secret(path, report)) for name, path in sorted(files.items()))
    return _nested(
        ((f"secrets: {name}", name.casefold(), text) for name, _, text in texts if text),
        report,
    )


def _secret(path: Path, report: ProblemReport) -> str | None:
    where = f"secrets: {path.name}"
    try:
        text = path.read_bytes().decode("utf-8-sig").rstrip("\r\n")
        if path.stat().st_mode & EVERYONE_READS:
            report.warning(where, f"{path} can be read by everyone; run: chmod o-r {path}")
    except OSError as exc:
        report.problem(where, f"{path} cannot be read ({exc.strerror}); check its permissions")
    except UnicodeDecodeError:
        report.problem(where, f"{path} is not UTF-8; write the secret into it as plain text")
    else:
        if not text:
            report.problem(where, f"{path} is empty; write the secret into it or remove it")
        return text
    return None


def _nested(entries: Iterator[tuple[str, str, str]], report: ProblemReport) -> Layer:
    tree: Tree = {}
    names: dict[Key, str] = {}
    for path, joined, value in entries:
        key = tuple(joined.split(SEPARATOR))
        if not all(key) or not _put(tree, key, value):
            report.problem(path, "does not name one key; write it like SECTION__KEY, once")
            continue
        names[key] = path
    return Layer(tree, names)


def _put(tree: Tree, key: Key, value: str) -> bool:
    for part in key[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return False
        tree = inner
    if key[-1] in tree:
        return False
    tree[key[-1]] = value
    return True
