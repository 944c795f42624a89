"""The collector's page: its rounds, what waits to be sent, months to close, open questions."""

from collector.dashboards.colours import MANY, ON_COURSE, OVER, WILL_BE_OVER
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    alive,
    closings,
    dashboard,
    page_of,
    severities,
    the_month,
    the_site,
)
from collector.dashboards.panels import (
    BY_STEPS,
    COUNT,
    Json,
    TableColumn,
    TableRows,
    Tile,
    fixed,
    override,
    stat,
    steps,
    table,
    target,
    time_series,
)
from collector.dashboards.queries import (
    A_MONTH,
    LATELY,
    LONG,
    SITE,
    SPAN,
    call,
    select,
    since,
)

A_SEASON = "100d"
A_DAY = "24h"


def build_collector(build: DashboardBuild) -> Json:
    """Return the page `collector`."""
    panels = [
        *_figures(build),
        _slowest(build),
        _lines(build, Tile(6, 12, 9), "polls", ("polled", "failed", "slow")),
        _lines(build, Tile(7, 12, 9), "seconds", ("cycle_s", "lag_s"), unit="s"),
        _lines(build, Tile(8, 12, 9), "backlog_course", ("backlog",)),
        _failures(build),
        _closing(build),
        _questions(build),
    ]
    variables = [the_site(build), the_month(build) | {"hide": 2}]
    page = Page("collector", panels, variables, refresh="1m", over_time="24h")
    return dashboard(build, page)


def _figures(build: DashboardBuild) -> list[Json]:
    def last(tile: Tile, field: str, key: str, limit: int | None) -> Json:
        query = select(call("last", field), of="collector", where=(since(LATELY), SITE))
        if limit is None:
            return stat(tile, build.entry(key), query, {"unit": COUNT, "decimals": 0})
        color = steps((None, ON_COURSE), (limit, WILL_BE_OVER))
        shown: Json = {"unit": COUNT, "decimals": 0, "color": BY_STEPS, "thresholds": color}
        return stat(tile, build.entry(key), query, shown, filled=True)

    return [
        alive(build, Tile(1, 4, 4)),
        last(Tile(2, 5, 4), "polled", "polled_now", None),
        last(Tile(3, 5, 4), "failed", "failed_now", 1),
        last(Tile(4, 5, 4), "slow", "slow_now", 1),
        last(Tile(5, 5, 4), "backlog", "backlog_now", 1000),
    ]


def _slowest(build: DashboardBuild) -> Json:
    """Return which copier took longest to answer within a day, and how long."""
    words = build.words
    query = select(
        *(call("max", "slowest_s", "seconds"), "slowest_label"),
        of="collector",
        where=(since(A_DAY), SITE),
    )
    columns = [
        TableColumn("seconds", words["seconds_took"], 120, "s", 1),
        TableColumn("slowest_label", words["place"], long=True),
    ]
    return table(Tile(12, 24, 4), build.entry("slowest"), [query], TableRows(columns))


def _lines(
    build: DashboardBuild, tile: Tile, key: str, fields: tuple[str, ...], unit: str = COUNT
) -> Json:
    words = build.words
    asked = [
        target(
            select(
                call("max", one),
                of="collector",
                where=(SPAN, SITE),
                by=("time($__interval)",),
                then="fill(none)",
            ),
            table=False,
            ref=ref,
            alias=words[one],
        )
        for ref, one in zip("ABC", fields, strict=False)
    ]
    colors = (ON_COURSE, OVER, MANY[2])
    series = [
        override(words[one], {"color": fixed(color)})
        for one, color in zip(fields, colors, strict=False)
    ]
    return time_series(tile, build.entry(key), asked, unit=unit, series=series)


def _failures(build: DashboardBuild) -> Json:
    """Return how often each kind of finding came, the gravest first."""
    words = build.words
    inside = select(
        *(
            call("count", "severity", "times"),
            call("last", "severity"),
            call("last", build.message, "message"),
        ),
        of="copier_event",
        where=(since(A_MONTH), SITE),
        by=("code",),
    )
    query = select("times", "severity", "message", of=inside)
    columns = [
        TableColumn("times", words["times"], 80, COUNT, 0),
        TableColumn("severity", words["severity"], 80, badge=True, mappings=severities(build)),
        TableColumn("message", words["last_message"], long=True),
    ]
    rows = TableRows(columns, (words["times"], True))
    return table(Tile(9, 12, 9), build.entry("failures"), [query], rows)


def _closing(build: DashboardBuild) -> Json:
    words = build.words
    query = select(
        *(build.said("title"), "final", "revision", build.said("completeness"), "in_question"),
        of="office_month",
        where=(since(A_SEASON), SITE),
        then="ORDER BY time DESC",
    )
    columns = [
        TableColumn("title", words["month"], 110),
        TableColumn("final", words["final"], 80, mappings=closings(build)),
        TableColumn("revision", words["revision"], 80, COUNT, 0),
        TableColumn("in_question", words["in_question"], 110, COUNT, 0),
        TableColumn("completeness", words["completeness"], long=True),
    ]
    return table(Tile(10, 13, 7), build.entry("closing"), [query], TableRows(columns))


def _questions(build: DashboardBuild) -> Json:
    words = build.words
    query = select(
        *(build.said("title"), build.said("name"), "in_question", "department"),
        of="department_month",
        where=(LONG, SITE, '"in_question" > 0'),
        then="ORDER BY time DESC",
    )
    columns = [
        TableColumn("title", words["month"], 110),
        TableColumn(
            "name", words["department"], link=page_of(build, "department", "department_id")
        ),
        TableColumn("in_question", words["in_question"], 120, COUNT, 0),
        TableColumn("department", "department_id", hidden=True),
    ]
    return table(Tile(11, 11, 7), build.entry("questions"), [query], TableRows(columns))
