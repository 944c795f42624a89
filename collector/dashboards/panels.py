"""Builds Grafana panels as plain JSON values (classic model, schemaVersion 36, Grafana 9.3+)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from collector.dashboards.colours import MANY, NEUTRAL, ON_COURSE, TEXT, of_number

Json = dict[str, object]

GRID_COLUMNS: Final = 24
DATASOURCE: Final[Json] = {"type": "influxdb", "uid": "copier-fleet-influx"}

COUNT, PERCENT, PERCENT_100 = "locale", "percentunit", "percent"
DAY_AND_TIME: Final = "time:YYYY-MM-DD HH:mm"


@dataclass(frozen=True, slots=True)
class Tile:
    """A panel's fixed id, which links and bookmarks name, and its size on a grid of 24 columns."""

    id: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class PanelTitle:
    """A panel's title, what it says when one points at its corner, and what where there is none."""

    title: str
    about: str
    nothing: str = "–"


def steps(*limits: tuple[float | None, str]) -> Json:
    """Return absolute thresholds; the first limit is None (from below)."""
    return {"mode": "absolute", "steps": [{"value": at, "color": color} for at, color in limits]}


def fixed(color: str) -> Json:
    """Return a colour that no value changes."""
    return {"mode": "fixed", "fixedColor": color}


BY_STEPS: Final[Json] = {"mode": "thresholds"}
WORDS: Final[Json] = {"color": fixed(TEXT)}
"""Figures and words in the theme's own colour."""


@dataclass(frozen=True, slots=True)
class ValueWord:
    """What a value is called on a page, and its colour where it has one."""

    value: str
    text: str
    color: str | None = None


def meanings(
    *those: ValueWord, nothing: str | None = None, several: str | None = None
) -> list[Json]:
    """Return value mappings: of `those`, of an empty text, and of several words in one value."""
    options = {
        one.value: {"text": one.text, "index": index} | ({"color": one.color} if one.color else {})
        for index, one in enumerate(those)
    }
    found: list[Json] = [{"type": "value", "options": options}]
    if nothing is not None:
        empty = {"match": "empty", "result": {"text": nothing, "index": len(those)}}
        found.append({"type": "special", "options": empty})
    if several is not None:
        words = {"pattern": r"^\S+ .+$", "result": {"text": several, "index": len(those) + 1}}
        found.append({"type": "regex", "options": words})
    return found


def target(query: str, *, table: bool = True, ref: str = "A", alias: str = "") -> Json:
    """Return one InfluxQL query of a panel."""
    result: Json = {
        "datasource": DATASOURCE,
        "refId": ref,
        "query": query,
        "rawQuery": True,
        "resultFormat": "table" if table else "time_series",
    }
    return result | ({"alias": alias} if alias else {})


def override(name: str, properties: Mapping[str, object], *, matcher: str = "byName") -> Json:
    """Return properties for the one column or series called `name`."""
    return {
        "matcher": {"id": matcher, "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def numbered_colors() -> tuple[Json, ...]:
    """Return overrides that give each number before a label its colour, on every chart the same."""
    return tuple(
        override(of_number(index), {"color": fixed(color)}, matcher="byRegexp")
        for index, color in enumerate(MANY)
    )


def panel(kind: str, tile: Tile, entry: PanelTitle) -> Json:
    """Return what panels of every kind have.

    Where it stands is said by `flow`, once all of a page are known.
    """
    return {
        "id": tile.id,
        "type": kind,
        "title": entry.title,
        "description": entry.about,
        "gridPos": {"x": 0, "y": 0, "w": tile.w, "h": tile.h},
        "datasource": DATASOURCE,
    }


def flow(panels: Sequence[Json]) -> list[Json]:
    """Return `panels` as one reads: each as high up as there is room, there as far left."""
    heights = [0] * GRID_COLUMNS
    placed = []
    for one in panels:
        size = cast("dict[str, int]", one["gridPos"])
        starts = range(GRID_COLUMNS - size["w"] + 1)
        y, x = min((max(heights[at : at + size["w"]]), at) for at in starts)
        heights[x : x + size["w"]] = [y + size["h"]] * size["w"]
        placed.append(one | {"gridPos": size | {"x": x, "y": y}})
    return placed


def field_config(entry: PanelTitle, defaults: Json, overrides: Sequence[Json] = ()) -> Json:
    """Return how values look: for all fields, and for those that an override names."""
    base: Json = {"mappings": [], "noValue": entry.nothing}
    return {"fieldConfig": {"defaults": base | defaults, "overrides": list(overrides)}}


# Transformations.


def only(*names: str, order: Mapping[str, str]) -> Json:
    """Return a transformation that drops `names` and puts and names the columns as in `order`."""
    return {
        "id": "organize",
        "options": {
            "excludeByName": dict.fromkeys(names, True),
            "indexByName": {name: index for index, name in enumerate(order)},
            "renameByName": {name: title for name, title in order.items() if name != title},
        },
    }


def sort_by(name: str, *, descending: bool = False) -> Json:
    """Return a transformation that sorts the rows."""
    return {
        "id": "sortBy",
        "options": {"fields": {}, "sort": [{"field": name, "desc": descending}]},
    }


NO_BOUNDS: Final[Mapping[str, int]] = {}


def by_label(row: str, value: str, at_most: Mapping[str, int] = NO_BOUNDS) -> list[Json]:
    """Return what makes one series a label of `value` by `row`: query A has them, B the labels.

    Labels are joined to the rows by their tag, so that a name changed today is the name of all
    days; a tag that has a label and no row is left out. So is a row with more of a field than
    `at_most` says; one that does not have the field stays.
    """
    left_out = [
        {"fieldName": row, "config": {"id": "isNull", "options": {}}},
        *(
            {"fieldName": name, "config": {"id": "greater", "options": {"value": most}}}
            for name, most in at_most.items()
        ),
    ]
    return [
        only("Time", order={}),
        {"id": "merge", "options": {}},
        {
            "id": "filterByValue",
            "options": {"filters": left_out, "type": "exclude", "match": "any"},
        },
        {
            "id": "groupingToMatrix",
            "options": {
                "columnField": "label",
                "rowField": row,
                "valueField": value,
                "emptyValue": "null",
            },
        },
    ]


def label_series(row: str) -> str:
    """Return what Grafana calls the column of rows that `by_label` makes."""
    return f"{row}\\label"


def labels_of(tag: str) -> Json:
    """Return a transformation that shows `tag` by the labels that query B has of it."""
    return {
        "id": "configFromData",
        "options": {
            "configRefId": "B",
            "applyTo": {"id": "byName", "options": tag},
            "mappings": [
                {"fieldName": tag, "handlerKey": "mappings.value", "reducerId": "allValues"},
                {"fieldName": "label", "handlerKey": "mappings.text", "reducerId": "allValues"},
            ],
        },
    }


# Panels.

_NO_LEGEND: Final[Json] = {
    "displayMode": "list",
    "placement": "bottom",
    "showLegend": False,
    "calcs": [],
}
_LEGEND: Final = _NO_LEGEND | {"showLegend": True}
_TOOLTIP: Final[Json] = {"mode": "multi", "sort": "desc"}


def stat(
    tile: Tile,
    entry: PanelTitle,
    query: str,
    defaults: Json,
    *,
    fields: str = "",
    filled: bool = False,
) -> Json:
    """Return one big figure: the last value of the query's first numeric column, or of `fields`.

    It has its colour, or fills its tile with it.
    """
    options: Json = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": fields, "values": False},
        "orientation": "auto",
        "textMode": "value",
        "colorMode": "background" if filled else "value",
        "graphMode": "none",
        "justifyMode": "center",
    }
    return (
        panel("stat", tile, entry)
        | {"targets": [target(query)], "options": options}
        | field_config(entry, WORDS | defaults)
    )


@dataclass(frozen=True, slots=True)
class Bars:
    """How a bar chart over text is drawn: side by side or stacked, lying down, colours by column.

    `color_by` is the column whose value colours a bar; `legend` is left out where one column is
    shown.
    """

    x: str
    stacked: bool = False
    lying: bool = False
    turn: int = 0
    legend: bool = True
    color_by: str = ""
    series: tuple[Json, ...] = ()


def bar_chart(
    tile: Tile,
    entry: PanelTitle,
    queries: Sequence[str],
    bars: Bars,
    *,
    transformations: Sequence[Json],
    unit: str = COUNT,
) -> Json:
    """Return bars over the text column `bars.x`; every numeric column left is a series."""
    defaults: Json = {
        "unit": unit,
        "decimals": 0,
        "min": 0,
        "color": fixed(ON_COURSE),
        "custom": {"fillOpacity": 100, "lineWidth": 1, "gradientMode": "none", "axisLabel": ""},
    }
    options: Json = {
        "xField": bars.x,
        "orientation": "horizontal" if bars.lying else "vertical",
        "stacking": "normal" if bars.stacked else "none",
        "showValue": "always" if bars.lying else "never",
        "barWidth": 0.9,
        "groupWidth": 0.8,
        "xTickLabelRotation": bars.turn,
        "xTickLabelSpacing": 0 if bars.lying or bars.turn else 40,
        "legend": _LEGEND if bars.legend else _NO_LEGEND,
        "tooltip": _TOOLTIP,
    }
    options |= {"colorByField": bars.color_by} if bars.color_by else {}
    return (
        panel("barchart", tile, entry)
        | {
            "targets": [target(one, ref=ref) for ref, one in zip("AB", queries, strict=False)],
            "transformations": list(transformations),
            "options": options,
        }
        | field_config(entry, defaults, bars.series)
    )


def time_series(
    tile: Tile,
    entry: PanelTitle,
    queries: Sequence[Json],
    *,
    unit: str = COUNT,
    bars: bool = False,
    series: Sequence[Json] = (),
) -> Json:
    """Return lines, or bars that begin at their times, over the page's time range."""
    lines: Json = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": True}
    columns: Json = {"drawStyle": "bars", "lineWidth": 1, "fillOpacity": 100, "barAlignment": 1}
    defaults: Json = {
        "unit": unit,
        "min": 0,
        "color": fixed(ON_COURSE),
        "custom": (columns if bars else lines) | {"showPoints": "never"},
    }
    options: Json = {"legend": _LEGEND, "tooltip": _TOOLTIP}
    return (
        panel("timeseries", tile, entry)
        | {"targets": list(queries), "options": options}
        | field_config(entry, defaults, series)
    )


def state_timeline(tile: Tile, entry: PanelTitle, query: Json, states: Sequence[Json]) -> Json:
    """Return a band coloured by state; at most a point an hour is asked for."""
    defaults: Json = {
        "color": BY_STEPS,
        "custom": {"fillOpacity": 100, "lineWidth": 0, "spanNulls": False},
        "mappings": list(states),
        "thresholds": steps((None, NEUTRAL)),
    }
    options: Json = {
        "mergeValues": True,
        "showValue": "never",
        "alignValue": "left",
        "rowHeight": 0.8,
        "legend": _NO_LEGEND,
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return (
        panel("state-timeline", tile, entry)
        | {"targets": [query], "options": options, "interval": "1h"}
        | field_config(entry, defaults)
    )


def prose(tile: Tile, title: str, markdown: str) -> Json:
    """Return a panel of prose."""
    return panel("text", tile, PanelTitle(title, "")) | {
        "options": {"mode": "markdown", "content": markdown}
    }


# Tables: which columns, in which order, under which titles, in which colours.


NAME: Final = 190
"""The least width of a place's name."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: the query's column `name` under `title`, so many pixels wide.

    The one without a `width` takes what is left, `least` pixels on any screen. `hidden` columns
    are there for links only. `badge` fills the cell with the colour of its value, `gauge` draws it
    as a bar up to `max`; `link` is a data link's URL, `mappings` are texts for values. `long` text
    may have no room in a row: it opens when one points at it.
    """

    name: str
    title: str
    width: int | None = None
    unit: str | None = None
    decimals: int | None = None
    badge: bool = False
    gauge: bool = False
    max: float | None = None
    steps: Json | None = None
    mappings: Sequence[Json] = ()
    link: str | None = None
    hidden: bool = False
    long: bool = False
    least: int | None = None


@dataclass(frozen=True, slots=True)
class TableRows:
    """What a table shows: its columns in order, by which it is sorted, which others it drops.

    `tag` is shown by the labels that a second query has of it. Rows alike in what they are sorted
    by stand by the fields `ties`: servers of other versions give them in another order.
    """

    columns: Sequence[TableColumn]
    sort: tuple[str, bool] | None = None
    drop: Sequence[str] = ("Time",)
    tag: str | None = None
    ties: Sequence[str] = ()


def table(tile: Tile, entry: PanelTitle, queries: Sequence[str], rows: TableRows) -> Json:
    """Return a table; a cell without a value says what the panel says where there is nothing."""
    defaults: Json = WORDS | {
        # Text that has a colour is never printed as the `null` of a column without any value.
        "custom": {
            "align": "auto",
            "displayMode": "color-text",
            "filterable": False,
            "inspect": False,
        },
    }
    order = {column.name: column.title for column in rows.columns}
    options: Json = {
        "showHeader": True,
        "sortBy": [{"displayName": rows.sort[0], "desc": rows.sort[1]}] if rows.sort else [],
        "footer": {"show": False, "reducer": ["sum"], "fields": ""},
    }
    first = [labels_of(rows.tag)] if rows.tag else []
    first += [sort_by(name) for name in reversed(rows.ties)]  # each keeps the order before it
    return (
        panel("table", tile, entry)
        | {
            "targets": [target(one, ref=ref) for ref, one in zip("AB", queries, strict=False)],
            "transformations": [*first, only(*rows.drop, order=order)],
            "options": options,
        }
        | field_config(entry, defaults, [one for one in map(_column, rows.columns) if one])
    )


def _column(column: TableColumn) -> Json | None:
    display = "color-background-solid" if column.badge else "basic" if column.gauge else None
    coloured = column.badge or column.gauge or column.steps is not None
    properties: Json = {
        "noValue": "–",
        "unit": column.unit,
        "custom.width": column.width,
        "custom.minWidth": column.least,
        "decimals": column.decimals,
        "custom.displayMode": display,
        "color": BY_STEPS if coloured else None,
        "thresholds": column.steps or (steps((None, NEUTRAL)) if coloured else None),
        "mappings": list(column.mappings) or None,
        "links": [{"title": column.title, "url": column.link}] if column.link else None,
        "custom.hidden": True if column.hidden else None,
        "custom.inspect": True if column.long else None,
        "min": 0 if column.max is not None else None,
        "max": column.max,
    }
    wanted = {key: value for key, value in properties.items() if value is not None}
    return override(column.title, wanted) if wanted else None
