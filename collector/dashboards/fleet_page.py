"""The IT staff's page: who answers, what hinders it, toner, paper, findings."""

from collector.dashboards.colours import NEUTRAL, ON_COURSE, OVER, WILL_BE_OVER
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    alive,
    answering,
    dashboard,
    page_of,
    place_labels,
    statuses,
    the_site,
    troubles,
    zero_is,
)
from collector.dashboards.machine_panels import LOW, findings, paper, supplies
from collector.dashboards.panels import (
    BY_STEPS,
    COUNT,
    DAY_AND_TIME,
    NAME,
    PERCENT_100,
    Json,
    TableColumn,
    TableRows,
    Tile,
    stat,
    steps,
    table,
)
from collector.dashboards.queries import (
    A_MONTH,
    LATELY,
    SITE,
    alias,
    call,
    newest,
    select,
    since,
)


def build_fleet(build: DashboardBuild) -> Json:
    """Return the page `fleet`."""
    panels = [
        *_figures(build),
        _copiers(build),
        supplies(build, Tile(7, 12, 11), (SITE,), one=False),
        paper(build, Tile(8, 12, 11), (SITE,), one=False),
        findings(build, Tile(9, 24, 11), (SITE,), one=False),
        _ranking(build),
        _meters(build),
    ]
    return dashboard(build, Page("fleet", panels, [the_site(build)], refresh="1m"))


def _count_of(online: str) -> str:
    inside = select(call("last", "online"), of="copier", where=(since(LATELY), SITE), by=("place",))
    return select(call("count", "online", "copiers"), of=inside, where=(f'"online" = {online}',))


def _figures(build: DashboardBuild) -> list[Json]:
    count: Json = {"unit": COUNT, "decimals": 0, "noValue": "0"}
    trouble = {"color": BY_STEPS, "thresholds": steps((None, ON_COURSE), (1, WILL_BE_OVER))}
    inside = select(
        call("last", "level_pct", "level"),
        of="copier_supply",
        where=(since(A_MONTH), SITE),
        by=("place", "supply"),
    )
    level: Json = {"unit": PERCENT_100, "decimals": 0, "color": BY_STEPS, "thresholds": LOW}
    failed = select(call("last", "failed"), of="collector", where=(since(LATELY), SITE))
    return [
        stat(Tile(1, 5, 4), build.entry("online_count"), _count_of("true"), count),
        stat(
            Tile(2, 5, 4),
            build.entry("silent_count"),
            _count_of("false"),
            count | trouble,
            filled=True,
        ),
        stat(
            Tile(3, 5, 4),
            build.entry("lowest"),
            select(call("min", "level"), of=inside),
            level,
            filled=True,
        ),
        stat(Tile(4, 5, 4), build.entry("failed_now"), failed, count | trouble, filled=True),
        alive(build, Tile(5, 4, 4)),
    ]


def _copiers(build: DashboardBuild) -> Json:
    words = build.words
    query = newest(
        *("silent_s", "name", "online", "status", "errors", "model", "serial"),
        alias('"silent_s" / 3600', "silent_h"),
        of="copier",
        by="place",
        where=(since(LATELY), SITE),
    )
    silence = steps((None, NEUTRAL), (1, WILL_BE_OVER), (24, OVER))
    columns = [
        TableColumn("name", words["place"], link=page_of(build, "place", "place_id"), least=NAME),
        TableColumn("online", words["online"], 108, badge=True, mappings=answering(build)),
        TableColumn(
            "silent_h",
            words["silent_h"],
            190,
            COUNT,
            0,
            steps=silence,
            badge=True,
            mappings=zero_is("–"),
        ),
        TableColumn("status", words["status"], 150, mappings=statuses(build)),
        TableColumn("errors", words["errors"], 170, mappings=troubles(build)),
        TableColumn("model", words["model"], 256),
        TableColumn("serial", words["serial"], 150),
        TableColumn("place", "place_id", hidden=True),
    ]
    rows = TableRows(columns, (words["silent_h"], True), ("Time", "silent_s"))
    return table(Tile(6, 24, 13), build.entry("copiers"), [query], rows)


def _ranking(build: DashboardBuild) -> Json:
    """Return the pages of the last 31 days by copier, the most first."""
    words = build.words
    inside = select(
        *(call("sum", "total", "pages"), call("sum", "total_mono", "mono")),
        call("sum", "total_color", "color"),
        of="copier_day",
        where=(since(A_MONTH), SITE),
        by=("place",),
    )
    query = select("place", alias("place", "place_id"), "pages", "mono", "color", of=inside)
    columns = [
        TableColumn("place", words["place"], link=page_of(build, "place", "place_id"), least=NAME),
        *(TableColumn(one, words[one], 100, COUNT, 0) for one in ("pages", "mono", "color")),
        TableColumn("place_id", "place_id", hidden=True),
    ]
    rows = TableRows(columns, (words["pages"], True), tag="place")
    entry = build.entry("fleet_ranking")
    return table(Tile(10, 10, 12), entry, [query, place_labels()], rows)


def _meters(build: DashboardBuild) -> Json:
    words = build.words
    query = newest(
        *("total", "total_mono", "total_color", "name", "serial"),
        of="copier",
        by="place",
        where=(since(A_MONTH), SITE),
    )
    columns = [
        TableColumn("name", words["place"], least=NAME),
        TableColumn("serial", words["serial"], 150),
        *(
            TableColumn(one, words[one], 104, COUNT, 0)
            for one in ("total", "total_mono", "total_color")
        ),
        TableColumn("Time", words["read_at"], 150, DAY_AND_TIME),
    ]
    rows = TableRows(columns, (words["total"], True), ("place",))
    return table(Tile(11, 14, 12), build.entry("meters"), [query], rows)
