"""What is shipped in grafana/: dashboards, panels, queries, variables and alert rules."""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2] / "grafana"
Json = dict[str, Any]


def dashboard_files() -> list[Path]:
    return sorted((ROOT / "dashboards").glob("*/*.json"))


@functools.cache
def dashboards() -> Mapping[str, Json]:
    """Each dashboard by `language/name`, read once: only to be looked at."""
    return {
        f"{path.parent.name}/{path.stem}": json.loads(path.read_text(encoding="utf-8"))
        for path in dashboard_files()
    }


@dataclass(frozen=True, slots=True)
class Query:
    """One query, where it stands, and the span in seconds that its panel or rule looks back."""

    where: str
    text: str
    span_s: int
    panel: Json | None = None
    target: Json | None = None


_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 365 * 86400}


def seconds(span: str) -> int:
    """Return a Grafana span ("32d") in seconds."""
    return int(span[:-1]) * _UNIT_S[span[-1]]


def panel_queries() -> Iterator[Query]:
    for name, dashboard in dashboards().items():
        span = seconds(dashboard["time"]["from"].removeprefix("now-"))
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                where = f"{name} #{panel['id']} {target['refId']}"
                yield Query(where, target["query"], span, panel, target)


def variable_queries() -> Iterator[Query]:
    for name, dashboard in dashboards().items():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                yield Query(f"{name} ${variable['name']}", variable["query"], 0)


def annotation_queries() -> Iterator[Query]:
    for name, dashboard in dashboards().items():
        for one in dashboard["annotations"]["list"]:
            yield Query(f"{name} @{one['name']}", one["query"], 7 * 86400)


def yaml_file(name: str | Path) -> Json:
    """Return the YAML file at `name`, which counts from the shipped folder where it is relative."""
    loaded = yaml.load((ROOT / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert isinstance(loaded, dict)
    return loaded


def rules(folder: str = "alerting") -> dict[str, Json]:
    """Each alert rule by its uid."""
    groups = yaml_file(f"{folder}/copier-fleet.yaml")["groups"]
    return {rule["uid"]: rule for group in groups for rule in group["rules"]}


def rule_queries(rule: Json) -> list[Query]:
    """Return every query of `rule`, A first."""
    return [
        Query(
            f"{rule['uid']} {one['refId']}", one["model"]["query"], one["relativeTimeRange"]["from"]
        )
        for one in rule["data"]
        if one["datasourceUid"] != "__expr__"
    ]


def all_queries() -> list[Query]:
    asked = [one for rule in rules().values() for one in rule_queries(rule)]
    return [*panel_queries(), *variable_queries(), *annotation_queries(), *asked]
