"""What the two dashboards share: options of a build, variables, links, and the frame around."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grafana.panels import DATASOURCE, PALETTE, Entry, Json, override
from grafana.texts import LANGUAGES, Language, Words

SCHEMA_VERSION: Final = 36
"""Grafana 9.0's: every later one migrates it upwards, no earlier one could read a newer."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id, in one language, for legends; empty where no fleet file was given."""

    departments: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Build:
    """What one dashboard file is made from: language, the office's zone, names."""

    language: Language = "ja"
    zone: str = "Asia/Tokyo"
    names: Names = field(default_factory=Names)

    @property
    def words(self) -> Words:
        """The table of texts in this build's language."""
        return Words(self.language)

    def entry(self, key: str) -> Entry:
        """Return the panel title called `key`, with what explains it."""
        return Entry(self.words[key], self.words[f"{key}_about"])

    @property
    def day(self) -> str:
        """The end of a query by days: without the zone a day would begin at midnight UTC."""
        return f"tz('{self.zone}')"


def uid(which: str, language: Language) -> str:
    """Return a dashboard's fixed uid, which links, alert rules and bookmarks rely on."""
    return f"copier-fleet-{which}-{language}"


def named(names: Mapping[str, str], *, colors: bool = True) -> tuple[Json, ...]:
    """Return overrides that show names, and steady colours, in place of ids."""

    def properties(index: int, name: str) -> Json:
        color = {"mode": "fixed", "fixedColor": PALETTE[index % len(PALETTE)]}
        return {"displayName": name} | ({"color": color} if colors else {})

    return tuple(
        override(one, properties(index, name)) for index, (one, name) in enumerate(names.items())
    )


def variable(build: Build, measurement: str, tag: str, *, many: bool) -> Json:
    """Return a variable over a tag's values: many with All, or one with the newest first."""
    query = f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{tag}"'
    common: Json = {
        "name": tag,
        "label": build.words[tag],
        "type": "query",
        "datasource": DATASOURCE,
        "query": query,
        "definition": query,
        "refresh": 2,
        "regex": "",
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "multi": many,
        "includeAll": many,
    }
    if many:
        everything = {"selected": True, "text": [build.words["all"]], "value": ["$__all"]}
        return common | {"sort": 1, "allValue": ".*", "current": everything}
    # Without a current value Grafana takes the first option: the newest month.
    return common | {"sort": 2, "current": {}}


def _link(title: str, which: str, language: Language, icon: str) -> Json:
    return {
        "title": title,
        "type": "link",
        "url": f"/d/{uid(which, language)}",
        "icon": icon,
        "tooltip": "",
        "tags": [],
        "asDropdown": False,
        "includeVars": False,
        "keepTime": False,
        "targetBlank": False,
    }


def dashboard(
    build: Build,
    which: str,
    *,
    panels: Sequence[Json],
    variables: Sequence[Json],
    since: str,
    refresh: str,
) -> Json:
    """Return the whole dashboard `which`, linked to its sibling and to its other language."""
    words = build.words
    sibling = "fleet" if which == "departments" else "departments"
    other = next(language for language in LANGUAGES if language != build.language)
    return {
        "id": None,
        "uid": uid(which, build.language),
        "title": words[which],
        "tags": ["copier-fleet"],
        "timezone": build.zone,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 0,
        "refresh": refresh,
        "time": {"from": since, "to": "now"},
        "timepicker": {},
        "annotations": {"list": []},
        "templating": {"list": list(variables)},
        "links": [
            _link(words[sibling], sibling, build.language, "dashboard"),
            _link(words["other_language"], which, other, "external link"),
        ],
        "panels": list(panels),
    }
