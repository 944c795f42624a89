"""Reads the settings of a centre: where its database is, where sites reach it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.layers import SECRETS, secrets_layer
from collector.settings.values import FilePath as PathValue
from collector.settings.values import Language, LogLevel, Whole
from collector.user_files.lines import FilePath
from collector.user_files.report import ProblemReport, RefusedValue
from collector.user_files.tables import FileTable, WhenMissing, tell
from collector.user_files.toml_file import TomlFile, read_toml

CENTRE_NAME: Final = "centre.toml"
_PORTS: Final = range(1, 65536)
_SCHEMES: Final = ("postgresql://", "postgres://")


def _address(text: str) -> str:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdecimal() or int(port) not in _PORTS:
        raise RefusedValue("centre_listen")
    return text.strip()


def _database(text: str) -> str:
    if not text.startswith(_SCHEMES):
        raise RefusedValue("centre_database")
    return text


Address = Annotated[str, AfterValidator(_address)]


class CentreTable(FileTable):
    """The one section of the file."""

    database: Annotated[
        Annotated[str, AfterValidator(_database)] | None, WhenMissing("centre_database")
    ]
    listen: Address | None = "127.0.0.1:8443"
    cert_file: PathValue | None = None
    key_file: PathValue | None = None
    at_once: Annotated[Whole, Field(ge=1, le=1000)] | None = 16
    connections: Annotated[Whole, Field(ge=1, le=200)] | None = 8
    monitoring: Address | None = None
    language: Language | None = Language.JA
    level: LogLevel | None = LogLevel.INFO

    def conflicts(self) -> Iterator[tuple[str | FilePath, Sentence]]:
        """Yield a certificate without its key, and a key without its certificate."""
        for one, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
            if getattr(self, one) and not getattr(self, other):
                yield other, said("needed_with", key=one)


class CentreTables(FileTable):
    """What the file holds."""

    centre: Annotated[CentreTable | None, WhenMissing("centre_section")]


@dataclass(frozen=True, slots=True)
class CentreFile:
    """The settings of a centre without a problem; files are named from the root."""

    database: str
    host: str
    port: int
    cert_file: Path | None
    key_file: Path | None
    at_once: int
    connections: int
    monitoring: tuple[str, int] | None
    language: str
    level: str


def load_centre(
    path: Path, environ: Mapping[str, str], secrets_dirs: Sequence[Path] = ()
) -> CentreFile:
    """Return the settings in the file at `path`; a secret file centre__database wins over it.

    Raises ConfigError with every problem.
    """
    report = ProblemReport()
    path = path.absolute()
    file = read_toml(path, report, said("copy_settings")) or TomlFile(path.name)
    secrets = secrets_layer(environ, secrets_dirs, report, path.parent / SECRETS)
    report.refuse()
    section = file.tree.get("centre")
    stated = dict(section) if isinstance(section, dict) else section
    if isinstance(stated, dict) and (database := secrets.value(("centre", "database"))):
        stated["database"] = database
    tree = {**file.tree, **({} if stated is None else {"centre": stated})}
    tables = CentreTables.model_validate(tree)
    tell(tables, file.spot, report)
    table = tables.centre
    if table is not None:
        _check_files(table, path.parent, file, report)
    report.in_order()
    report.refuse()
    if table is None:
        message = "a configuration was refused without a problem"
        raise AssertionError(message)
    return _file(table, path.parent)


def _check_files(table: CentreTable, base: Path, file: TomlFile, report: ProblemReport) -> None:
    for key in ("cert_file", "key_file"):
        stated = getattr(table, key)
        if stated is not None and not (base / stated).is_file():
            spot = file.spot(("centre", key))
            report.problem(spot, said("no_readable_file", path=base / stated))


def _file(table: CentreTable, base: Path) -> CentreFile:
    host, port = _host_and_port(table.listen or "")
    return CentreFile(
        *(table.database or "", host, port),
        None if table.cert_file is None else base / table.cert_file,
        None if table.key_file is None else base / table.key_file,
        *(table.at_once or 1, table.connections or 1),
        None if table.monitoring is None else _host_and_port(table.monitoring),
        (table.language or Language.JA).value,
        (table.level or LogLevel.INFO).value,
    )


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
