"""Panels of machines: supplies, paper and findings, of all places or of one."""

from collector.dashboards.colours import NEUTRAL, OVER, WILL_BE_OVER
from collector.dashboards.frame import (
    DashboardBuild,
    feeding,
    kinds,
    levels,
    page_of,
    place_labels,
    severities,
    toner_colors,
)
from collector.dashboards.panels import (
    DAY_AND_TIME,
    NAME,
    PERCENT_100,
    Json,
    TableColumn,
    TableRows,
    Tile,
    steps,
    table,
)
from collector.dashboards.queries import A_MONTH, alias, call, select, since

LOW: Json = steps((None, OVER), (10, WILL_BE_OVER), (20, NEUTRAL))


def _place(build: DashboardBuild, *, one: bool) -> list[TableColumn]:
    """Return the column of the place, with its link; none where one place is shown."""
    if one:
        return []
    link = page_of(build, "place", "place_id")
    return [
        TableColumn("place", build.words["place"], link=link, least=NAME),
        TableColumn("place_id", "place_id", hidden=True),
    ]


def _shown(*, one: bool) -> tuple[str, ...]:
    return () if one else ("place", alias("place", "place_id"))


def supplies(build: DashboardBuild, tile: Tile, chosen: tuple[str, ...], *, one: bool) -> Json:
    """Return what is left of supplies, the least first; coloured only where it is low."""
    words = build.words
    inside = select(
        *(call("last", "level_pct", "level"), "kind", "color", "state"),
        of="copier_supply",
        where=(since(A_MONTH), *chosen),
        by=("place", "supply"),
    )
    kept = ("level", "kind", "color", "state")
    if one:
        query = select(*kept, of=inside)
    else:
        lowest = select(alias('bottom("level", 60)', "level"), *kept[1:], "place", of=inside)
        query = select("place", alias("place", "place_id"), *kept, of=lowest)
    columns = [
        *_place(build, one=one),
        TableColumn("kind", words["supply"], 120, mappings=kinds(build)),
        TableColumn("color", words["toner_color"], 110, mappings=toner_colors(build)),
        TableColumn(
            "level",
            words["level"],
            None if one else 180,
            PERCENT_100,
            0,
            gauge=True,
            steps=LOW,
            max=100,
        ),
        TableColumn("state", words["state"], 120, mappings=levels(build)),
    ]
    ties = () if one else ("place", "kind", "color")
    rows = TableRows(columns, (words["level"], False), tag=None if one else "place", ties=ties)
    queries = [query] if one else [query, place_labels()]
    return table(tile, build.entry("toner"), queries, rows)


def paper(build: DashboardBuild, tile: Tile, chosen: tuple[str, ...], *, one: bool) -> Json:
    """Return what is left in the paper trays."""
    words = build.words
    inside = select(
        *(call("last", "state"), "name", "level_pct", "status"),
        of="copier_tray",
        where=(since(A_MONTH), *chosen),
        by=("place", "tray"),
    )
    query = select(*_shown(one=one), "name", "level_pct", "status", "state", of=inside)
    columns = [
        *_place(build, one=one),
        TableColumn("name", words["tray"], None if one else 120),
        TableColumn("status", words["tray_status"], 120, mappings=feeding(build)),
        TableColumn(
            "level_pct", words["level"], 150, PERCENT_100, 0, gauge=True, steps=LOW, max=100
        ),
        TableColumn("state", words["state"], 120, mappings=levels(build)),
    ]
    rows = TableRows(columns, tag=None if one else "place")
    queries = [query] if one else [query, place_labels()]
    return table(tile, build.entry("paper"), queries, rows)


def findings(build: DashboardBuild, tile: Tile, chosen: tuple[str, ...], *, one: bool) -> Json:
    """Return what a person should know, the newest first."""
    words = build.words
    query = select(
        *("severity", *_shown(one=one), alias(build.message, "message")),
        of="copier_event",
        where=(since(A_MONTH), *chosen),
        then="ORDER BY time DESC LIMIT 200",
    )
    columns = [
        TableColumn("Time", words["time"], 150, DAY_AND_TIME),
        TableColumn("severity", words["severity"], 80, badge=True, mappings=severities(build)),
        *(
            [
                TableColumn("place", words["place"], 190, link=page_of(build, "place", "place_id")),
                TableColumn("place_id", "place_id", hidden=True),
            ]
            if not one
            else []
        ),
        TableColumn("message", words["message"], long=True),
    ]
    rows = TableRows(columns, (words["time"], True), (), None if one else "place")
    queries = [query] if one else [query, place_labels()]
    return table(tile, build.entry("events"), queries, rows)
