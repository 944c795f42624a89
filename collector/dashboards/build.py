"""What Grafana is given: six pages in two languages, a source, and, apart, rules and a policy."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from collector.dashboards.alerts import (
    OLDEST,
    AlertBuild,
    alert_rules,
    as_yaml,
    notification_policy,
)
from collector.dashboards.collector_page import build_collector
from collector.dashboards.department_page import build_department
from collector.dashboards.fleet_page import build_fleet
from collector.dashboards.frame import LANGUAGES, DashboardBuild, Language
from collector.dashboards.office_page import build_office
from collector.dashboards.panels import Json
from collector.dashboards.place_page import build_place
from collector.dashboards.sites_page import build_sites
from collector.domain.office.fleet import Fleet

MAKERS: Final[Mapping[str, Callable[[DashboardBuild], Json]]] = {
    "office": build_office,
    "department": build_department,
    "fleet": build_fleet,
    "place": build_place,
    "collector": build_collector,
    "sites": build_sites,
}
_BESIDE: Final = ("provisioning/dashboards/copier-fleet.yaml",)
"""Files that are the same for every office."""

_DATASOURCE: Final = "provisioning/datasources/copier-fleet.yaml"


@dataclass(frozen=True, slots=True)
class GrafanaSource:
    """The InfluxDB that Grafana reads, as it stands in the file of data sources."""

    url: str = "http://localhost:8086"
    database: str = "copier_fleet"


@dataclass(frozen=True, slots=True)
class GrafanaOffice:
    """The office the files are made for: what its alert mails say, and how Grafana reads it.

    Pages need no names; mails without a fleet show ids. `grafana` is its version, as far as the
    rules differ by it.
    """

    zone: str = "Asia/Tokyo"
    fleet: Fleet = field(default_factory=Fleet)
    source: GrafanaSource = field(default_factory=GrafanaSource)
    language: Language = "ja"
    grafana: tuple[int, int] = OLDEST


def grafana_files(office: GrafanaOffice) -> dict[str, bytes]:
    """Return path below the output folder -> content, for everything that Grafana is given.

    The rules of `alerting/` speak the office's language; those of another one, in a folder by its
    name, are to be taken instead, never beside.
    """
    found = {
        f"dashboards/{language}/{which}.json": _written(make(DashboardBuild(language, office.zone)))
        for which, make in MAKERS.items()
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        folder = "alerting" if language == office.language else f"alerting/{language}"
        build = AlertBuild(language, office.fleet, office.grafana)
        found[f"{folder}/copier-fleet.yaml"] = as_yaml(
            build.words["rules_head"], alert_rules(build)
        )
        found[f"{folder}/notification-policy.yaml"] = as_yaml(
            build.words["policy_head"], notification_policy(build)
        )
    found |= {name: _shipped(name).encode() for name in _BESIDE}
    return found | {_DATASOURCE: _datasource(office.source).encode()}


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
