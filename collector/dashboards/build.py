"""What Grafana is given: two dashboards in two languages, rules, a source, and where they lie."""

import json
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from collector.dashboards.departments_page import build_departments
from collector.dashboards.fleet_page import build_fleet
from collector.dashboards.frame import LANGUAGES, DashboardBuild, Language, LegendNames
from collector.dashboards.panels import Json
from collector.domain.office.fleet import Fleet

MAKERS: Final = {"departments": build_departments, "fleet": build_fleet}
_BESIDE: Final = (
    "provisioning/alerting/copier-fleet.yaml",
    "provisioning/dashboards/copier-fleet.yaml",
    "examples/notification-policy.yaml",
)
"""Files that are the same for every office."""

_DATASOURCE: Final = "provisioning/datasources/copier-fleet.yaml"


@dataclass(frozen=True, slots=True)
class GrafanaSource:
    """The InfluxDB that Grafana reads, as it stands in the file of data sources."""

    url: str = "http://localhost:8086"
    database: str = "copier_fleet"


@dataclass(frozen=True, slots=True)
class GrafanaOffice:
    """The office the files are made for; without names the legends show ids."""

    zone: str = "Asia/Tokyo"
    fleet: Fleet = field(default_factory=Fleet)
    source: GrafanaSource = field(default_factory=GrafanaSource)


def grafana_files(office: GrafanaOffice) -> dict[str, bytes]:
    """Return path below the output folder -> content, for everything that Grafana is given."""
    found = {
        f"dashboards/{language}/{which}.json": _written(
            make(DashboardBuild(language, office.zone, names_of(office.fleet, language)))
        )
        for which, make in MAKERS.items()
        for language in LANGUAGES
    }
    found |= {name: _shipped(name).encode() for name in _BESIDE}
    return found | {_DATASOURCE: _datasource(office.source).encode()}


def names_of(fleet: Fleet, language: Language) -> LegendNames:
    """Return the names in `fleet` by id; English where given, else as the office writes them."""
    departments = {
        str(one.id): (one.name_en if language == "en" else None) or one.name
        for one in fleet.departments
    }
    return LegendNames(departments, {str(one.id): one.name for one in fleet.places})


def _written(dashboard: Json) -> bytes:
    return (json.dumps(dashboard, ensure_ascii=False, indent=2) + "\n").encode()


def _datasource(source: GrafanaSource) -> str:
    """Return the file of data sources with the address and database of `source` in it."""
    text, usual = _shipped(_DATASOURCE), GrafanaSource()
    stated = {
        "url": (usual.url, source.url),
        "database": (usual.database, source.database),  # read by Grafana 9.0 to 9.4
        "dbName": (usual.database, source.database),  # and by later ones
    }
    for key, (before, now) in stated.items():
        if now != before:
            text = text.replace(f"{key}: {before}\n", f"{key}: {_scalar(now)}\n")
    return text


def _scalar(text: str) -> str:
    """Return `text` as a YAML value that Grafana takes as it is: it would expand a `$`."""
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)


def _shipped(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
