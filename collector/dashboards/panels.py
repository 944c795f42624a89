"""Builds Grafana panels as plain JSON values (classic model, schemaVersion 36, Grafana 9.3+)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

Json = dict[str, object]

GRID_COLUMNS: Final = 24
DATASOURCE: Final[Json] = {"type": "influxdb", "uid": "copier-fleet-influx"}

# Okabe and Ito's palette, told apart with every common kind of colour blindness.
BLUE, SKY, ORANGE, RED = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
GREEN, PURPLE, YELLOW, GREY = "#009E73", "#CC79A7", "#F0E442", "#999999"
PALETTE: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW, GREY)

COUNT, PERCENT, PERCENT_100, DURATION = "locale", "percentunit", "percent", "dtdurations"


@dataclass(frozen=True, slots=True)
class Tile:
    """A panel's fixed id, which links and bookmarks name, and its size on a grid of 24 columns."""

    id: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class PanelTitle:
    """A panel's title and what it says when one points at its corner."""

    title: str
    about: str


def steps(*limits: tuple[float | None, str]) -> Json:
    """Return absolute thresholds; the first limit is None (from below)."""
    return {"mode": "absolute", "steps": [{"value": at, "color": color} for at, color in limits]}


PLAIN: Final = steps((None, BLUE))


def mapping(**texts: tuple[str, str | None]) -> Json:
    """Return a value mapping: value -> (text, colour or None)."""
    options = {
        value: {"text": text, "index": index} | ({"color": color} if color else {})
        for index, (value, (text, color)) in enumerate(texts.items())
    }
    return {"type": "value", "options": options}


def target(query: str, *, table: bool, ref: str = "A", alias: str = "") -> Json:
    """Return one InfluxQL query of a panel."""
    result: Json = {
        "datasource": DATASOURCE,
        "refId": ref,
        "query": query,
        "rawQuery": True,
        "resultFormat": "table" if table else "time_series",
    }
    return result | ({"alias": alias} if alias else {})


def override(name: str, properties: Mapping[str, object]) -> Json:
    """Return properties for the one column or series called `name`."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def panel(kind: str, tile: Tile, entry: PanelTitle, since: str | None) -> Json:
    """Return what panels of every kind have; `since` ("32d") is a time range of its own.

    Where it stands is said by `flow`, once all of a page are known.
    """
    base: Json = {
        "id": tile.id,
        "type": kind,
        "title": entry.title,
        "description": entry.about,
        "gridPos": {"x": 0, "y": 0, "w": tile.w, "h": tile.h},
        "datasource": DATASOURCE,
    }
    # A span of its own, so that moving the page's time range never turns "this month" into another.
    return base | ({"timeFrom": since, "hideTimeOverride": True} if since else {})


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


def field_config(defaults: Json, overrides: Sequence[Json] = ()) -> Json:
    """Return how values look: for all fields, and for those that an override names."""
    return {"fieldConfig": {"defaults": defaults, "overrides": list(overrides)}}


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


_LEGEND: Final[Json] = {
    "displayMode": "list",
    "placement": "bottom",
    "showLegend": True,
    "calcs": [],
}


def stat(
    tile: Tile,
    entry: PanelTitle,
    query: str,
    defaults: Json,
    *,
    since: str | None = None,
    fields: str = "",
) -> Json:
    """Return one big figure: the last value of the query's first numeric column, or of `fields`."""
    base: Json = {"color": {"mode": "thresholds"}, "thresholds": PLAIN, "mappings": []}
    options: Json = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": fields, "values": False},
        "orientation": "auto",
        "textMode": "value",
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "center",
    }
    return (
        panel("stat", tile, entry, since)
        | {"targets": [target(query, table=True)], "options": options}
        | field_config(base | defaults)
    )


def bar_gauge(
    tile: Tile, entry: PanelTitle, query: str, defaults: Json, *, since: str, drop: Sequence[str]
) -> Json:
    """Return a bar per row, named by the one text column that is left after `drop`."""
    base: Json = {"color": {"mode": "thresholds"}, "mappings": [], "min": 0}
    options: Json = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": True, "limit": 100},
        "orientation": "horizontal",
        "displayMode": "basic",
        "showUnfilled": True,
        "minVizHeight": 16,
        "minVizWidth": 0,
    }
    shown = only("Time", *drop, order={})
    return (
        panel("bargauge", tile, entry, since)
        | {"targets": [target(query, table=True)], "transformations": [shown], "options": options}
        | field_config(base | defaults)
    )


@dataclass(frozen=True, slots=True)
class Bars:
    """How a bar chart over text is drawn: side by side or stacked, colours and titles by column."""

    x: str
    stacked: bool = False
    turn: int = 0
    series: tuple[Json, ...] = ()


def bar_chart(
    tile: Tile,
    entry: PanelTitle,
    query: str,
    bars: Bars,
    *,
    transformations: Sequence[Json],
    since: str | None = None,
) -> Json:
    """Return bars over the text column `bars.x`; every numeric column left is a series."""
    defaults: Json = {
        "unit": COUNT,
        "decimals": 0,
        "min": 0,
        "color": {"mode": "palette-classic"},
        "custom": {"fillOpacity": 80, "lineWidth": 1, "gradientMode": "none", "axisLabel": ""},
        "mappings": [],
    }
    options: Json = {
        "xField": bars.x,
        "orientation": "auto",
        "stacking": "normal" if bars.stacked else "none",
        "showValue": "never",
        "barWidth": 0.9,
        "groupWidth": 0.75,
        "xTickLabelRotation": bars.turn,
        "xTickLabelSpacing": 0,
        "legend": _LEGEND,
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return (
        panel("barchart", tile, entry, since)
        | {
            "targets": [target(query, table=True)],
            "transformations": list(transformations),
            "options": options,
        }
        | field_config(defaults, bars.series)
    )


def time_series(
    tile: Tile,
    entry: PanelTitle,
    queries: Sequence[Json],
    *,
    unit: str = COUNT,
    stacked_days: bool = False,
    since: str | None = None,
    series: Sequence[Json] = (),
) -> Json:
    """Return lines over time, or bars per day stacked by series."""
    lines: Json = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": True}
    days: Json = {
        "drawStyle": "bars",
        "barAlignment": 1,
        "lineWidth": 1,
        "fillOpacity": 80,
        "stacking": {"mode": "normal", "group": "A"},
    }
    defaults: Json = {
        "unit": unit,
        "min": 0,
        "color": {"mode": "palette-classic"},
        "custom": {"showPoints": "never", **(days if stacked_days else lines)},
        "mappings": [],
    }
    options: Json = {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
    return (
        panel("timeseries", tile, entry, since)
        | {"targets": list(queries), "options": options}
        | field_config(defaults, series)
    )


def state_timeline(
    tile: Tile, entry: PanelTitle, query: Json, states: Json, *, series: Sequence[Json] = ()
) -> Json:
    """Return one band per series, coloured by state; at most a point an hour is asked for."""
    defaults: Json = {
        "color": {"mode": "thresholds"},
        "custom": {"fillOpacity": 80, "lineWidth": 0, "spanNulls": False},
        "mappings": [states],
        "thresholds": PLAIN,
    }
    options: Json = {
        "mergeValues": True,
        "showValue": "never",
        "alignValue": "left",
        "rowHeight": 0.8,
        "legend": _LEGEND,
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return (
        panel("state-timeline", tile, entry, None)
        | {"targets": [query], "options": options, "interval": "1h"}
        | field_config(defaults, series)
    )


def text(tile: Tile, title: str, markdown: str) -> Json:
    """Return a panel of prose."""
    return panel("text", tile, PanelTitle(title, ""), None) | {
        "options": {"mode": "markdown", "content": markdown}
    }


def row(id_: int, title: str) -> Json:
    """Return a heading across the page."""
    return panel("row", Tile(id_, GRID_COLUMNS, 1), PanelTitle(title, ""), None) | {
        "collapsed": False,
        "panels": [],
    }


# Tables: which columns, in which order, under which titles, in which colours.


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: the query's column `name` under `title`.

    `hidden` columns are there for links only. `steps` colour the cell, `link` is a data link's
    URL, `mapping` texts for values.
    """

    name: str
    title: str
    unit: str | None = None
    width: int | None = None
    decimals: int | None = None
    display: str | None = None
    steps: Json | None = None
    mapping: Json | None = None
    link: str | None = None
    hidden: bool = False
    max: float | None = None


def table(
    tile: Tile,
    entry: PanelTitle,
    query: str,
    columns: Sequence[TableColumn],
    *,
    since: str | None = None,
    drop: Sequence[str] = ("Time",),
    sort: tuple[str, bool] | None = None,
) -> Json:
    """Return a table of `columns`, in that order; `sort` is a column's title and "descending?"."""
    defaults: Json = {
        "custom": {"align": "auto", "displayMode": "auto", "filterable": True, "inspect": False},
        "color": {"mode": "thresholds"},
        "thresholds": PLAIN,
        "mappings": [],
    }
    order = {column.name: column.title for column in columns}
    options: Json = {
        "showHeader": True,
        "sortBy": [{"displayName": sort[0], "desc": sort[1]}] if sort else [],
        "footer": {"show": False, "reducer": ["sum"], "fields": ""},
    }
    return (
        panel("table", tile, entry, since)
        | {
            "targets": [target(query, table=True)],
            "transformations": [only(*drop, order=order)],
            "options": options,
        }
        | field_config(defaults, [one for column in columns if (one := _column_override(column))])
    )


def _column_override(column: TableColumn) -> Json | None:
    properties: Json = {
        "unit": column.unit,
        "custom.width": column.width,
        "decimals": column.decimals,
        "custom.displayMode": column.display,
        "thresholds": column.steps,
        "mappings": [column.mapping] if column.mapping else None,
        "links": [{"title": column.title, "url": column.link}] if column.link else None,
        "custom.hidden": True if column.hidden else None,
        "min": 0 if column.max is not None else None,
        "max": column.max,
    }
    wanted = {key: value for key, value in properties.items() if value is not None}
    return override(column.title, wanted) if wanted else None


# The InfluxQL of panels: quoted names, a bounded time, Grafana's macros left in place.


SPAN: Final = "$timeFilter"
"""Grafana puts the panel's time range here; every query is bounded by it."""
CHOSEN_DEPARTMENTS: Final = '"department" =~ /^${department:regex}$/'
CHOSEN_PLACES: Final = '"place" =~ /^${place:regex}$/'
CHOSEN_MONTH: Final = '"month" =~ /^${month:regex}$/'


def alias(expression: str, name: str) -> str:
    """Return `expression AS "name"`."""
    return f'{_quoted(expression)} AS "{name}"'


def call(function: str, field: str, name: str | None = None) -> str:
    """Return `function("field")` under the field's own name, or under `name`."""
    return alias(f'{function}("{field}")', name or field)


def select(
    *columns: str,
    of: str,
    where: Sequence[str] = (SPAN,),
    by: Sequence[str] = (),
    then: str = "",
) -> str:
    """Return a SELECT of `columns` from the measurement or the query `of`.

    Bare names in `columns` and `by` are quoted; anything else stands as it is.
    """
    parts = ["SELECT", ", ".join(map(_quoted, columns))]
    parts += ["FROM", f"({of})" if of.startswith("SELECT ") else f'"{of}"']
    if where:
        parts += ["WHERE", " AND ".join(where)]
    if by:
        parts += ["GROUP BY", ", ".join(map(_quoted, by))]
    return " ".join([*parts, then] if then else parts)


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isidentifier() else text
