"""What the pages share: options of a build, words of values, variables, links, the frame around."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from collector.dashboards.colours import NEUTRAL, ON_COURSE, OVER, TEXT, WILL_BE_OVER
from collector.dashboards.panels import (
    BY_STEPS,
    DATASOURCE,
    Json,
    PanelTitle,
    Tile,
    ValueWord,
    fixed,
    flow,
    meanings,
    stat,
    steps,
)
from collector.dashboards.queries import A_MONTH, LONG, PLACE, SITE, call, newest, select, since
from collector.domain.counting.findings import Severity
from collector.domain.counting.reading import (
    DeviceStatus,
    SupplyKind,
    SupplyState,
    TrayStatus,
    Trouble,
)
from collector.domain.month.course import Standing
from collector.domain.report.labels import SEPARATOR
from collector.texts.catalogue import COMMANDS, DASHBOARDS, Words

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

PAGES: Final = ("office", "department", "fleet", "place", "collector", "sites")
"""In the order of the links on each page."""

_LEADING: Final = ("office", "fleet", "collector")
"""Pages that need nothing to be chosen: every page leads to them. To the others, tables do.

Only who has several sites in one database needs `sites`: the page `office` leads there.
"""


@dataclass(frozen=True, slots=True)
class DashboardBuild:
    """What one dashboard file is made from: language and the office's zone."""

    language: Language = "ja"
    zone: str = "Asia/Tokyo"

    @property
    def words(self) -> DashboardWords:
        """The table of texts in this build's language."""
        return DashboardWords(self.language)

    def entry(self, key: str) -> PanelTitle:
        """Return the panel title called `key`, with what explains it."""
        return PanelTitle(self.words[key], self.words[f"{key}_about"], self.words["nothing"])

    def own(self, field: str) -> str:
        """Return the name of `field` in the database in this build's language."""
        return field if self.language == "ja" else f"{field}_en"

    def said(self, field: str) -> str:
        """Return the column `field` as it is said in this build's language."""
        return field if self.language == "ja" else f'"{field}_en" AS "{field}"'

    @property
    def message(self) -> str:
        """What a finding says in this build's language."""
        return f"message_{self.language}"


def uid(which: str, language: Language) -> str:
    """Return a dashboard's fixed uid, which links, alert rules and bookmarks rely on."""
    return f"copier-fleet-{which}-{language}"


def page_of(build: DashboardBuild, which: str, column: str) -> str:
    """Return the link from a table to the page of what the hidden `column` of its row names."""
    chosen = (
        f"var-site=${{site:percentencode}}&var-{which}=${{__data.fields.{column}:percentencode}}"
    )
    month = "&var-month=${month:percentencode}" if which == "department" else ""
    return f"/d/{uid(which, build.language)}?{chosen}{month}"


# What codes in the database are called on a page.


def standings(build: DashboardBuild) -> list[Json]:
    """Return the words and colours of where a month stands."""
    colors = {
        Standing.OVER: OVER,
        Standing.WILL_BE_OVER: WILL_BE_OVER,
        Standing.ON_COURSE: ON_COURSE,
    }
    return meanings(
        *(
            ValueWord(one.value, build.words[f"standing_{one.value}"], colors.get(one, NEUTRAL))
            for one in Standing
        )
    )


def statuses(build: DashboardBuild) -> list[Json]:
    """Return the words of what a machine is doing."""
    words = Words(COMMANDS, build.language)
    known = (ValueWord(one.value, words(f"status.{one.value}")) for one in DeviceStatus)
    return meanings(*known, ValueWord("silent", build.words["online_no"]))


def troubles(build: DashboardBuild) -> list[Json]:
    """Return the words of what hinders a machine; several at once are told as that."""
    words = Words(COMMANDS, build.language)
    known = (ValueWord(one.value, words(f"trouble.{one.value}"), WILL_BE_OVER) for one in Trouble)
    return meanings(*known, nothing="–", several=build.words["several"])


def answering(build: DashboardBuild) -> list[Json]:
    """Return the words and colours of whether a machine answers."""
    yes, no = build.words["online_yes"], build.words["online_no"]
    return meanings(ValueWord("true", yes, ON_COURSE), ValueWord("false", no, OVER))


def kinds(build: DashboardBuild) -> list[Json]:
    """Return the words of what a supply is."""
    words = Words(COMMANDS, build.language)
    return meanings(*(ValueWord(one.value, words(f"supply.{one.value}")) for one in SupplyKind))


def toner_colors(build: DashboardBuild) -> list[Json]:
    """Return the words of the colours of supplies."""
    words = Words(COMMANDS, build.language)
    return meanings(
        *(ValueWord(one, words(f"color.{one}")) for one in ("black", "cyan", "magenta", "yellow"))
    )


def levels(build: DashboardBuild) -> list[Json]:
    """Return the words of a level that is no number."""
    told = [one for one in SupplyState if one is not SupplyState.LEVEL]
    words = [ValueWord(one.value, build.words[f"level_{one.value}"]) for one in told]
    return meanings(ValueWord(SupplyState.LEVEL.value, "–"), *words)


def feeding(build: DashboardBuild) -> list[Json]:
    """Return the words of whether a tray feeds paper."""
    colors = {TrayStatus.UNAVAILABLE: OVER, TrayStatus.WARNING: WILL_BE_OVER}
    return meanings(
        *(
            ValueWord(one.value, build.words[f"tray_{one.value}"], colors.get(one))
            for one in TrayStatus
        )
    )


def severities(build: DashboardBuild) -> list[Json]:
    """Return the words and colours of how much a finding matters."""
    colors, words = {Severity.ERROR: OVER, Severity.WARNING: WILL_BE_OVER}, build.words
    return meanings(
        *(ValueWord(one.value, words[one.value], colors.get(one, NEUTRAL)) for one in Severity)
    )


def closings(build: DashboardBuild) -> list[Json]:
    """Return the words of whether a month is closed."""
    words = build.words
    return meanings(ValueWord("true", words["final_yes"]), ValueWord("false", words["final_no"]))


def zero_is(text: str) -> list[Json]:
    """Return what a 0 is called that stands for "none"."""
    return meanings(ValueWord("0", text))


# Variables: each is one value, named by rows, so that a renamed department is so at once.


def _variable(build: DashboardBuild, name: str, query: str, *, sort: int) -> Json:
    return {"name": name, "label": build.words[name]} | _queried(query, sort=sort)


def _queried(query: str, *, sort: int) -> Json:
    return {
        "type": "query",
        "datasource": DATASOURCE,
        "query": query,
        "definition": query,
        "refresh": 2,
        "regex": f"/^(?<value>[^{SEPARATOR}]*){SEPARATOR}(?<text>.*)$/",
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "multi": False,
        "includeAll": False,
        "sort": sort,
        # Without a current value Grafana takes the first option.
        "current": {},
    }


def the_site(build: DashboardBuild) -> Json:
    """Return the choice of a site: two in one database may have departments of the same id."""
    query = 'SHOW TAG VALUES FROM "office_month" WITH KEY = "site"'
    return _variable(build, "site", query, sort=1) | {"regex": ""}


def the_month(build: DashboardBuild) -> Json:
    """Return the choice of a month, the newest first."""
    choice = f'"{build.own("choice")}" AS "choice"'
    query = select(choice, of="office_month", where=(LONG, SITE), then="ORDER BY time DESC")
    return _variable(build, "month", query, sort=0)


def the_department(build: DashboardBuild) -> Json:
    """Return the choice of a department."""
    field = build.own("choice")
    inside = select(
        call("last", field, "choice"), of="department_month", where=(LONG, SITE), by=("department",)
    )
    return _variable(build, "department", select("choice", of=inside), sort=1)


def the_place(build: DashboardBuild) -> Json:
    """Return the choice of a place that had a row within a month."""
    where = (since(A_MONTH), SITE)
    inside = select(call("last", "choice"), of="copier", where=where, by=("place",))
    return _variable(build, "place", select("choice", of=inside), sort=1)


def this_machine() -> Json:
    """Return which machine stands at the chosen place, by its serial; nobody chooses it."""
    where = (since(A_MONTH), SITE, PLACE)
    query = select(call("last", "serial", "choice"), of="copier", where=where)
    hidden: Json = {"name": "serial", "label": "", "hide": 2, "regex": ""}
    return _queried(query, sort=0) | hidden


def compared_with(build: DashboardBuild) -> Json:
    """Return the choice of what a month is compared with: a field of its row."""
    offered = [(build.words[one], one) for one in ("last_year", "last_month")]
    options = [
        {"text": text, "value": value, "selected": not index}
        for index, (text, value) in enumerate(offered)
    ]
    return {
        "name": "compare",
        "label": build.words["compare"],
        "type": "custom",
        "query": ", ".join(f"{text} : {value}" for text, value in offered),
        "options": options,
        "current": options[0],
        "hide": 0,
        "skipUrlSync": False,
        "multi": False,
        "includeAll": False,
    }


def department_labels(build: DashboardBuild) -> str:
    """Return the query of what each department is called now."""
    field = build.own("label")
    inside = select(
        call("last", field, "label"), of="department_month", where=(LONG, SITE), by=("department",)
    )
    return select("department", "label", of=inside)


def place_labels() -> str:
    """Return the query of what each place is called now."""
    return newest("label", of="copier", by="place", where=(since(A_MONTH), SITE))


# Around the panels.


def _link(title: str, which: str, language: Language, *, icon: str) -> Json:
    return {
        "title": title,
        "type": "link",
        "url": f"/d/{uid(which, language)}",
        "icon": icon,
        "tooltip": "",
        "tags": [],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": False,
        "targetBlank": False,
    }


@dataclass(frozen=True, slots=True)
class Page:
    """One dashboard: which of `PAGES`, what stands on it and what one chooses.

    `over_time` is how far back it looks where a range is chosen; None where none can be, since
    everything on it is of the chosen month.
    """

    which: str
    panels: Sequence[Json]
    variables: Sequence[Json]
    refresh: str
    over_time: str | None = None
    annotations: Sequence[Json] = ()


def dashboard(build: DashboardBuild, page: Page) -> Json:
    """Return the whole dashboard, linked to its siblings and to its other language."""
    words = build.words
    other = next(language for language in LANGUAGES if language != build.language)
    near = [one for one in _LEADING if one != page.which]
    near += ["sites"] if page.which == "office" else []
    return {
        "id": None,
        "uid": uid(page.which, build.language),
        "title": words[f"page_{page.which}"],
        "tags": ["copier-fleet"],
        "timezone": build.zone,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 0,
        "refresh": page.refresh,
        "time": {"from": f"now-{page.over_time or A_MONTH}", "to": "now"},
        "timepicker": {"hidden": page.over_time is None},
        "annotations": {"list": list(page.annotations)},
        "templating": {"list": list(page.variables)},
        "links": [
            *(_link(words[f"page_{one}"], one, build.language, icon="dashboard") for one in near),
            _link(words["other_language"], page.which, other, icon="external link"),
        ],
        "panels": flow(page.panels),
    }


# Tiles of more than one page.

ALIVE: Final = "1h"
"""A collector that works has finished a round within so long."""


def alive(build: DashboardBuild, tile: Tile) -> Json:
    """Return whether the collector works: blue with its word, red where no round came of late."""
    query = select(call("count", "polled", "rounds"), of="collector", where=(since(ALIVE), SITE))
    entry = build.entry("alive")
    told = {
        "type": "range",
        "options": {
            "from": 1,
            "to": None,
            "result": {"text": build.words["alive_yes"], "index": 0},
        },
    }
    return stat(
        tile,
        PanelTitle(entry.title, entry.about, build.words["alive_no"]),
        query,
        {
            "color": BY_STEPS,
            "thresholds": steps((None, OVER), (1, ON_COURSE)),
            "mappings": [told],
        },
        filled=True,
    )


def series(words: DashboardWords, colors: Mapping[str, str]) -> dict[str, Json]:
    """Return field -> its title and colour as a series."""
    return {
        name: {"displayName": words[name], "color": fixed(color)} for name, color in colors.items()
    }


QUIET: Final = {"color": fixed(TEXT)}
