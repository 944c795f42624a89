"""What the two dashboards share: options of a build, variables, links, and the frame around."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from collector.dashboards.panels import (
    BLUE,
    COUNT,
    DATASOURCE,
    ORANGE,
    PALETTE,
    PERCENT,
    PLAIN,
    RED,
    Json,
    PanelTitle,
    Tile,
    alias,
    call,
    flow,
    override,
    select,
    stat,
    steps,
)
from collector.texts.catalogue import DASHBOARDS, Words

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class DashboardWords:
    """The catalogue in one language."""

    language: Language

    def __getitem__(self, key: str) -> str:
        """Return the text called `key`; raises KeyError for one that is not there."""
        return Words(DASHBOARDS, self.language).verbatim(key)


SCHEMA_VERSION: Final = 36
"""Grafana 9.0's: every later one migrates it upwards, no earlier one could read a newer."""


@dataclass(frozen=True, slots=True)
class LegendNames:
    """LegendNames by id, in one language, for legends; empty where no fleet file was given."""

    departments: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DashboardBuild:
    """What one dashboard file is made from: language, the office's zone, names."""

    language: Language = "ja"
    zone: str = "Asia/Tokyo"
    names: LegendNames = field(default_factory=LegendNames)

    @property
    def words(self) -> DashboardWords:
        """The table of texts in this build's language."""
        return DashboardWords(self.language)

    def entry(self, key: str) -> PanelTitle:
        """Return the panel title called `key`, with what explains it."""
        return PanelTitle(self.words[key], self.words[f"{key}_about"])

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


def variable(build: DashboardBuild, measurement: str, tag: str, *, many: bool) -> Json:
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
    build: DashboardBuild,
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
        "panels": flow(panels),
    }


# The whole office in a few big figures, and how fresh they are.


# A period has at most 31 days, so its first instant, where its row stands, lies within 32; the
# newest row of each department is the running month, and nobody has to compute one.
THIS_MONTH: Final = "32d"
LIMITS: Final = steps((None, BLUE), (0.8, ORANGE), (1.0, RED))


def _whole_office(figure: str, *fields: str, where: tuple[str, ...] = ()) -> str:
    """Return one figure over the newest rows of all departments."""
    newest = select(call("last", "pages"), *fields, of="department_month", by=("department",))
    return select(figure, of=newest, where=where)


def office(build: DashboardBuild) -> list[Json]:
    """Return the row of big figures at the top."""
    count: Json = {"unit": COUNT, "decimals": 0}
    used = alias('1.0 * sum("pages") / sum("target")', "ratio")
    ratio = _whole_office(used, "target", where=('"target" > 0',))
    return [
        stat(
            Tile(1, 5, 4),
            build.entry("office_total"),
            _whole_office(call("sum", "pages")),
            count,
            since=THIS_MONTH,
        ),
        stat(
            Tile(2, 5, 4),
            build.entry("office_ratio"),
            ratio,
            {"unit": PERCENT, "decimals": 0, "thresholds": LIMITS},
            since=THIS_MONTH,
        ),
        stat(
            Tile(3, 5, 4),
            build.entry("office_forecast"),
            _whole_office(call("sum", "forecast"), "forecast"),
            count,
            since=THIS_MONTH,
        ),
        stat(
            Tile(4, 5, 4),
            build.entry("office_last_year"),
            _whole_office(call("sum", "last_year"), "last_year"),
            count | {"noValue": "–"},
            since=THIS_MONTH,
        ),
        last_update(build, Tile(5, 4, 4)),
        _completeness(build, Tile(15, 24, 2)),
    ]


def _completeness(build: DashboardBuild, tile: Tile) -> Json:
    """Return in words how far the office's month rests on readings, and what is in question."""
    text = "completeness" if build.language == "ja" else "completeness_en"
    return stat(
        tile,
        build.entry("completeness"),
        select(call("last", text, "text"), of="office_month"),
        {"thresholds": PLAIN},
        since=THIS_MONTH,
        fields="/^text$/",
    )


def last_update(build: DashboardBuild, tile: Tile) -> Json:
    """Return how long ago the collector last finished a round."""
    return stat(
        tile,
        build.entry("updated"),
        select(call("last", "polled"), of="collector"),
        {"unit": "dateTimeFromNow", "thresholds": PLAIN},
        since=THIS_MONTH,
        fields="/^Time$/",
    )
