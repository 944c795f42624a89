"""Builds Grafana tables: which columns, in which order, under which titles, in which colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana.panels import (
    PLAIN,
    Entry,
    Json,
    Spot,
    field_config,
    only,
    override,
    panel,
    target,
)


@dataclass(frozen=True, slots=True)
class Column:
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
    spot: Spot,
    entry: Entry,
    query: str,
    columns: Sequence[Column],
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
        panel("table", spot, entry, since)
        | {
            "targets": [target(query, table=True)],
            "transformations": [only(*drop, order=order)],
            "options": options,
        }
        | field_config(defaults, [one for column in columns if (one := _column_override(column))])
    )


def _column_override(column: Column) -> Json | None:
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
