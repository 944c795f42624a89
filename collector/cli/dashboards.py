"""`copier-fleet dashboards`: what Grafana is given, made for the fleet file in force."""

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.report.text_files import write_all
from collector.cli.options import configured, loaded_from
from collector.cli.output import SPOKEN, Exit, phrase, result, say
from collector.cli.words import CommandWords
from collector.dashboards.alerts import OLDEST
from collector.dashboards.build import GrafanaOffice, GrafanaSource, grafana_files
from collector.dashboards.frame import Language
from collector.domain.office.fleet import Fleet
from collector.errors import ConfigError
from collector.settings.fleet.toml import read_fleet
from collector.user_files.report import ProblemReport

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_ZONE = "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class _BuildFor:
    """For whom to build, and how to speak of it. `is_source_known`: InfluxDB is configured."""

    office: GrafanaOffice
    words: CommandWords
    is_source_known: bool = True


@click.group()
def dashboards() -> None:
    """Make the files for Grafana: dashboards, alert rules, provisioning."""


def _zone(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    try:
        return None if name is None else zoneinfo.ZoneInfo(name).key
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as exc:
        raise click.BadParameter(phrase("no_zone", name=name)) from exc


def _grafana(
    _context: click.Context, _parameter: click.Parameter, version: str | None
) -> tuple[int, int]:
    if version is None:
        return OLDEST
    found = re.fullmatch(r"v?(\d+)\.(\d+)(\.\d+)*", version)
    if found is None or (named := (int(found[1]), int(found[2]))) < OLDEST:
        raise click.BadParameter(phrase("no_grafana", version=version))
    return named


@dashboards.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write to; made where it is missing.",
)
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where a file differs.")
@click.option(
    "--fleet",
    "fleet_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="No configuration: the names in this fleet file.",
)
@click.option(
    "--zone",
    metavar="NAME",
    callback=_zone,
    help=f"No configuration: the office's time zone; {_ZONE} where only --fleet is given.",
)
@click.option(
    "--grafana",
    metavar="VERSION",
    callback=_grafana,
    help="The Grafana that reads the rules, like 11.2; from 11 on they outlast an outage.",
)
@configured
def build(  # noqa: PLR0913 - each option is one
    out: Path,
    fleet_file: Path | None,
    zone: str | None,
    grafana: tuple[int, int],
    config: Path,
    secrets: tuple[Path, ...],
    *,
    force: bool,
    check: bool,
) -> int:
    """Write dashboards, alert rules and provisioning for Grafana into a folder.

    Days begin at midnight in the office's time zone, alert mails name departments and copiers as
    the fleet file in force does, and the data source is the InfluxDB that is configured. Build
    again when names in the mails should change; pages follow by themselves. Files that differ are
    overwritten with --force only; the names of those that were written go to stdout.
    """
    if fleet_file is not None or zone is not None:
        asked = _of_file(fleet_file, zone or _ZONE)
    else:
        asked = _of_configuration(loaded_from(config, secrets))
    files = grafana_files(replace(asked.office, grafana=grafana))
    stale = {name: text for name, text in files.items() if not _is_there(out / name, text)}
    if check:
        for name in stale:
            result(str(out / name))
        return Exit.FINDINGS if stale else Exit.OK
    _write(out, stale, asked, unchanged=len(files) - len(stale), force=force)
    return Exit.OK


def _write(
    out: Path, stale: Mapping[str, bytes], asked: _BuildFor, *, unchanged: int, force: bool
) -> None:
    for path in write_all(out, stale, overwrite=force):
        result(str(path))
    say(asked.words("grafana_written", count=len(stale), unchanged=unchanged))
    if not asked.is_source_known:
        say(asked.words("grafana_source", file=out / "provisioning/datasources/copier-fleet.yaml"))
    say(asked.words("grafana_next", folder=out))


def _is_there(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _of_configuration(loaded: "Loaded") -> _BuildFor:
    """Return what the configuration says of the office, and where it says that InfluxDB is."""
    settings, usual = loaded.settings, GrafanaSource()
    influx = settings.influx
    database = influx.bucket or influx.database
    source = GrafanaSource(influx.url, database) if influx.is_on else usual
    language = settings.office.language
    words = CommandWords(language)
    spoken: Language = "ja" if words.is_japanese else "en"
    office = GrafanaOffice(settings.office.zone.key, loaded.fleet, source, spoken)
    return _BuildFor(office, words, influx.is_on)


def _of_file(path: Path | None, zone: str) -> _BuildFor:
    """Return the office of a fleet file alone; raises ConfigError with every problem of it."""
    report = ProblemReport()
    fleet = Fleet() if path is None else read_fleet(path, None, report)
    report.refuse()
    if fleet is None:
        raise ConfigError(report.problems)
    return _BuildFor(
        GrafanaOffice(zone, fleet), CommandWords(SPOKEN.get().language), is_source_known=False
    )
