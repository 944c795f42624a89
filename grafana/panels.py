"""Builds Grafana panels as plain JSON values (classic model, schemaVersion 36, Grafana 9.3+)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

Json = dict[str, object]

DATASOURCE: Final[Json] = {"type": "influxdb", "uid": "copier-fleet-influx"}

# Okabe and Ito's palette, told apart with every common kind of colour blindness.
BLUE, SKY, ORANGE, RED = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
GREEN, PURPLE, YELLOW, GREY = "#009E73", "#CC79A7", "#F0E442", "#999999"
PALETTE: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW, GREY)

COUNT, PERCENT, PERCENT_100, DURATION = "locale", "percentunit", "percent", "dtdurations"


@dataclass(frozen=True, slots=True)
class Spot:
    """A panel's fixed id and its place on the grid of 24 columns."""

    id: int
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Entry:
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


def panel(kind: str, spot: Spot, entry: Entry, since: str | None) -> Json:
    """Return what panels of every kind have; `since` ("32d") is a time range of its own."""
    base: Json = {
        "id": spot.id,
        "type": kind,
        "title": entry.title,
        "description": entry.about,
        "gridPos": {"x": spot.x, "y": spot.y, "w": spot.w, "h": spot.h},
        "datasource": DATASOURCE,
    }
    # A span of its own, so that moving the page's time range never turns "this month" into another.
    return base | ({"timeFrom": since, "hideTimeOverride": True} if since else {})


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
    spot: Spot,
    entry: Entry,
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
        panel("stat", spot, entry, since)
        | {"targets": [target(query, table=True)], "options": options}
        | field_config(base | defaults)
    )


def bar_gauge(
    spot: Spot, entry: Entry, query: str, defaults: Json, *, since: str, drop: Sequence[str]
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
        panel("bargauge", spot, entry, since)
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
    spot: Spot,
    entry: Entry,
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
        panel("barchart", spot, entry, since)
        | {
            "targets": [target(query, table=True)],
            "transformations": list(transformations),
            "options": options,
        }
        | field_config(defaults, bars.series)
    )


def time_series(
    spot: Spot,
    entry: Entry,
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
        panel("timeseries", spot, entry, since)
        | {"targets": list(queries), "options": options}
        | field_config(defaults, series)
    )


def state_timeline(
    spot: Spot, entry: Entry, query: Json, states: Json, *, series: Sequence[Json] = ()
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
        panel("state-timeline", spot, entry, None)
        | {"targets": [query], "options": options, "interval": "1h"}
        | field_config(defaults, series)
    )


def text(spot: Spot, title: str, markdown: str) -> Json:
    """Return a panel of prose."""
    return panel("text", spot, Entry(title, ""), None) | {
        "options": {"mode": "markdown", "content": markdown}
    }


def row(spot: Spot, title: str) -> Json:
    """Return a heading across the page."""
    return panel("row", replace(spot, w=24, h=1), Entry(title, ""), None) | {
        "collapsed": False,
        "panels": [],
    }
