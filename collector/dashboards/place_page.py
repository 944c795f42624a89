"""One place's page: its machine's counters, pages, answers, supplies, and what befell it."""

from collector.dashboards.colours import OVER
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    alive,
    answering,
    dashboard,
    statuses,
    the_place,
    the_site,
    this_machine,
    troubles,
)
from collector.dashboards.machine_panels import findings, paper, supplies
from collector.dashboards.month_panels import days_by_department
from collector.dashboards.panels import (
    COUNT,
    DATASOURCE,
    DAY_AND_TIME,
    Json,
    TableColumn,
    TableRows,
    Tile,
    stat,
    state_timeline,
    table,
    target,
    time_series,
)
from collector.dashboards.queries import (
    A_MONTH,
    PLACE,
    SITE,
    SPAN,
    THIS_MACHINE,
    alias,
    call,
    newest,
    select,
    since,
)

HERE = (SITE, PLACE)
_METERS = ("total", "total_mono", "total_color", "copy", "print", "fax", "scan")


def build_place(build: DashboardBuild) -> Json:
    """Return the page `place`."""
    panels = [
        *_figures(build),
        _meters(build),
        _days(build),
        _hours(build),
        _climb(build),
        _timeline(build),
        supplies(build, Tile(9, 12, 10), HERE, one=True),
        paper(build, Tile(10, 12, 10), HERE, one=True),
        findings(build, Tile(11, 24, 10), HERE, one=True),
    ]
    page = Page(
        "place",
        panels,
        [the_site(build), the_place(build), this_machine()],
        refresh="5m",
        over_time="7d",
        annotations=[_epochs(build)],
    )
    return dashboard(build, page)


def _latest(*columns: str) -> str:
    return newest(*columns, of="copier", by="place", where=(since(A_MONTH), *HERE))


def _figures(build: DashboardBuild) -> list[Json]:
    def words(tile: Tile, key: str, mappings: list[Json], *, filled: bool = False) -> Json:
        query = select(call("last", key), of="copier", where=(since(A_MONTH), *HERE))
        shown: Json = {"mappings": mappings}
        return stat(tile, build.entry(key), query, shown, fields=f"/^{key}$/", filled=filled)

    return [
        words(Tile(1, 8, 4), "name", []),
        words(Tile(2, 4, 4), "online", answering(build), filled=True),
        words(Tile(3, 4, 4), "status", statuses(build)),
        words(Tile(4, 4, 4), "model", []),
        alive(build, Tile(12, 4, 4)),
    ]


def _meters(build: DashboardBuild) -> Json:
    words = build.words
    columns = [
        TableColumn("Time", words["read_at"], 160, DAY_AND_TIME),
        TableColumn("serial", words["serial"], 170),
        *(TableColumn(one, words[one], 116, COUNT, 0) for one in _METERS),
        TableColumn("errors", words["errors"], mappings=troubles(build)),
    ]
    query = _latest("total", *_METERS[1:], "serial", "errors")
    return table(
        Tile(5, 24, 3), build.entry("its_meters"), [query], TableRows(columns, drop=("place",))
    )


def _days(build: DashboardBuild) -> Json:
    where = (since(A_MONTH), *HERE)
    query = select("department", "day", "total", of="copier_day", where=where)
    return days_by_department(build, Tile(6, 12, 10), "its_days", query)


def _hours(build: DashboardBuild) -> Json:
    """Return by how much the counter of the machine that stands here now rose in each hour.

    Of no other machine: an exchange would look like its whole life printed in an hour.
    """
    query = select(
        alias('non_negative_difference(last("total"))', "pages"),
        of="copier",
        where=(SPAN, *HERE, THIS_MACHINE),
        by=("time(1h)",),
        then="fill(none)",
    )
    bars = [target(query, table=False, alias=build.words["pages"])]
    return time_series(Tile(13, 12, 10), build.entry("hours_of_place"), bars, bars=True)


def _climb(build: DashboardBuild) -> Json:
    """Return the counter over time; where another machine came, it starts anew."""
    query = select(
        call("max", "total"),
        of="copier",
        where=(SPAN, *HERE),
        by=("time($__interval)",),
        then="fill(none)",
    )
    lines = [target(query, table=False, alias=build.words["total"])]
    return time_series(Tile(7, 12, 7), build.entry("climb"), lines)


def _timeline(build: DashboardBuild) -> Json:
    query = select(
        call("last", "online"),
        of="copier",
        where=(SPAN, *HERE),
        by=("time($__interval)",),
        then="fill(none)",
    )
    asked = target(query, table=False, alias=build.words["online"])
    return state_timeline(Tile(8, 12, 7), build.entry("timeline"), asked, answering(build))


def _epochs(build: DashboardBuild) -> Json:
    """Return what befell the machine, as marks on what is drawn over time."""
    said = alias(build.message, "message")
    query = select(said, "severity", of="copier_event", where=(SPAN, *HERE))
    return {
        "name": build.words["marks"],
        "datasource": DATASOURCE,
        "enable": True,
        "hide": False,
        "iconColor": OVER,
        "query": query,
        "textColumn": "message",
        "tagsColumn": "",
        "titleColumn": "",
        "timeEndColumn": "",
    }
