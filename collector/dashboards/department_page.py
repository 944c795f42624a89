"""One department's page: everything on it is that department's, its copiers too."""

from collector.dashboards.colours import NEUTRAL
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    alive,
    answering,
    compared_with,
    dashboard,
    page_of,
    place_labels,
    standings,
    statuses,
    the_department,
    the_month,
    the_site,
    zero_is,
)
from collector.dashboards.month_panels import (
    ONE_DEPARTMENT,
    course,
    figure,
    months_table,
    of_the_month,
    sentence,
    two_years,
)
from collector.dashboards.panels import (
    BY_STEPS,
    COUNT,
    NAME,
    PERCENT,
    Bars,
    Json,
    TableColumn,
    TableRows,
    Tile,
    bar_chart,
    by_label,
    label_series,
    numbered_colors,
    stat,
    steps,
    table,
)
from collector.dashboards.queries import (
    COMPARED,
    LATELY,
    LONG,
    OF_ITS_PARTS,
    PERIOD,
    SITE,
    alias,
    call,
    newest,
    select,
    since,
)


def build_department(build: DashboardBuild) -> Json:
    """Return the page `department`."""
    panels = [
        *_figures(build),
        course(build, Tile(10, 12, 9), ONE_DEPARTMENT),
        two_years(build, Tile(11, 12, 9), ONE_DEPARTMENT),
        _days(build),
        _ranking(build),
        _copiers(build),
        months_table(build, Tile(15, 12, 10), ONE_DEPARTMENT),
    ]
    variables = [the_site(build), the_department(build), the_month(build), compared_with(build)]
    return dashboard(build, Page("department", panels, variables, refresh="5m"))


def _figures(build: DashboardBuild) -> list[Json]:
    sides: Json = {"unit": COUNT, "decimals": 0}
    share: Json = {"unit": PERCENT, "decimals": 0, "mappings": zero_is("–")}
    standing = stat(
        Tile(1, 5, 4),
        build.entry("standing"),
        of_the_month(ONE_DEPARTMENT, "standing"),
        {"color": BY_STEPS, "thresholds": steps((None, NEUTRAL)), "mappings": standings(build)},
        fields="/^standing$/",
        filled=True,
    )
    compared = stat(
        Tile(7, 4, 4), build.entry("compared"), of_the_month(ONE_DEPARTMENT, COMPARED), sides
    )
    target = sides | {"mappings": zero_is(build.words["no_target"])}
    return [
        standing,
        sentence(build, Tile(2, 19, 4), "advice", ONE_DEPARTMENT, titled="advice_of"),
        figure(build, Tile(3, 4, 4), "pages", ONE_DEPARTMENT, sides),
        figure(build, Tile(4, 4, 4), "target", ONE_DEPARTMENT, target),
        figure(build, Tile(5, 4, 4), "forecast", ONE_DEPARTMENT, sides),
        figure(build, Tile(6, 4, 4), "forecast_ratio", ONE_DEPARTMENT, share),
        compared,
        figure(build, Tile(8, 4, 4), "days_left", ONE_DEPARTMENT, {}),
        sentence(build, Tile(9, 20, 3), "completeness", ONE_DEPARTMENT),
        alive(build, Tile(16, 4, 3)),
    ]


def _days(build: DashboardBuild) -> Json:
    """Return the pages of each day by copier; of one that its parts share they are added up.

    Days are told apart by their midnights: one hour holds one of them, a day of UTC may hold two.
    """
    inside = select(
        *(call("sum", "total"), call("last", "day")),
        of="copier_day",
        where=(LONG, SITE, OF_ITS_PARTS, PERIOD),
        by=("time(1h)", "place"),
        then="fill(none)",
    )
    return bar_chart(
        Tile(12, 12, 10),
        build.entry("copier_days_of_month"),
        [select("place", "day", "total", of=inside), place_labels()],
        Bars(label_series("day"), stacked=True, series=numbered_colors()),
        transformations=by_label("day", "total"),
    )


def _ranking(build: DashboardBuild) -> Json:
    """Return the department's pages by copier in the chosen month, the most first."""
    words = build.words
    inside = select(
        *(call("sum", "total", "pages"), call("sum", "total_mono", "mono")),
        call("sum", "total_color", "color"),
        of="copier_day",
        where=(LONG, SITE, OF_ITS_PARTS, PERIOD),
        by=("place",),
    )
    query = select("place", alias("place", "place_id"), "pages", "mono", "color", of=inside)
    columns = [
        TableColumn("place", words["place"], link=page_of(build, "place", "place_id"), least=NAME),
        *(TableColumn(one, words[one], 110, COUNT, 0) for one in ("pages", "mono", "color")),
        TableColumn("place_id", "place_id", hidden=True),
    ]
    rows = TableRows(columns, sort=(words["pages"], True), tag="place")
    return table(Tile(13, 12, 10), build.entry("ranking"), [query, place_labels()], rows)


def _copiers(build: DashboardBuild) -> Json:
    """Return the copiers whose readings are filed under the department now."""
    words = build.words
    query = newest(
        *("silent_s", "name", "online", "status", "model"),
        of="copier",
        by="place",
        where=(since(LATELY), SITE, OF_ITS_PARTS),
    )
    columns = [
        TableColumn("name", words["place"], link=page_of(build, "place", "place_id"), least=NAME),
        TableColumn("online", words["online"], 108, badge=True, mappings=answering(build)),
        TableColumn("status", words["status"], 130, mappings=statuses(build)),
        TableColumn("model", words["model"], 256),
        TableColumn("place", "place_id", hidden=True),
    ]
    rows = TableRows(columns, drop=("Time", "silent_s"))
    return table(Tile(14, 12, 10), build.entry("its_copiers"), [query], rows)
