"""The managers' page: who is over the target, who will be, and what would bring each back."""

from typing import Final

from collector.dashboards.colours import NEUTRAL, ON_COURSE, OVER, WILL_BE_OVER
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    alive,
    compared_with,
    dashboard,
    department_labels,
    page_of,
    series,
    standings,
    the_month,
    the_site,
    zero_is,
)
from collector.dashboards.month_panels import (
    DEPARTMENTS,
    WHOLE,
    YEAR_AND_MONTH,
    course,
    days_by_department,
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
    only,
    override,
    prose,
    sort_by,
    stat,
    steps,
    table,
)
from collector.dashboards.queries import (
    COMPARED,
    LONG,
    MONTH,
    PERIOD,
    SITE,
    WHOLE_OFFICES,
    select,
    since,
)

LIMIT: Json = steps((None, ON_COURSE), (1.0, OVER))


def build_office(build: DashboardBuild) -> Json:
    """Return the page `office`."""
    panels = [
        sentence(build, Tile(1, 14, 3), "advice", WHOLE),
        sentence(build, Tile(2, 10, 3), "completeness", WHOLE),
        *_counts(build),
        _worst(build),
        _standing(build),
        course(build, Tile(11, 12, 6), WHOLE),
        two_years(build, Tile(12, 12, 6), WHOLE),
        _compare(build),
        _days(build),
        _trend(build),
        months_table(build, Tile(16, 12, 11), WHOLE),
        _paper(build, Tile(19, 24, 7), "quarter"),
        _paper(build, Tile(20, 24, 5), "year"),
        prose(Tile(17, 24, 9), build.words["guide"], build.words["guide_text"]),
    ]
    variables = [the_site(build), the_month(build), compared_with(build)]
    return dashboard(build, Page("office", panels, variables, refresh="5m"))


def _counts(build: DashboardBuild) -> list[Json]:
    """Return how many departments stand how, working days left, and the office's figures."""

    def count(tile: Tile, key: str, color: str) -> Json:
        shown: Json = {"color": BY_STEPS, "thresholds": steps((None, NEUTRAL), (1, color))}
        return stat(tile, build.entry(key), of_the_month(WHOLE, key), shown, filled=True)

    share: Json = {"unit": PERCENT, "decimals": 0, "mappings": zero_is("–")}
    sides: Json = {"unit": COUNT, "decimals": 0}
    return [
        count(Tile(3, 4, 3), "departments_over", OVER),
        count(Tile(4, 4, 3), "departments_will_be_over", WILL_BE_OVER),
        count(Tile(5, 4, 3), "departments_on_course", ON_COURSE),
        figure(build, Tile(6, 3, 3), "days_left", WHOLE, {}),
        figure(build, Tile(7, 3, 3), "pages", WHOLE, sides),
        figure(build, Tile(8, 3, 3), "forecast_ratio", WHOLE, share),
        alive(build, Tile(18, 3, 3)),
    ]


def _worst(build: DashboardBuild) -> Json:
    """Return the forecast against the target, worst first, with a line where all is used."""
    query = select(
        *(build.said("name"), "forecast_ratio", "urgency"),
        of=DEPARTMENTS.months,
        where=(LONG, *DEPARTMENTS.chosen, MONTH, '"target" > 0'),
    )
    color = steps((None, NEUTRAL), (1, ON_COURSE), (2, WILL_BE_OVER), (3, OVER))
    shown: Json = {
        "unit": PERCENT,
        "thresholds": LIMIT,
        "custom.thresholdsStyle": {"mode": "line"},
    }
    return bar_chart(
        Tile(9, 5, 16),
        build.entry("worst"),
        [query],
        Bars(
            "name",
            lying=True,
            legend=False,
            color_by="urgency",
            series=(
                override("forecast_ratio", shown),
                override("urgency", {"color": BY_STEPS, "thresholds": color}),
            ),
        ),
        transformations=[
            only("Time", order={one: one for one in ("name", "forecast_ratio", "urgency")}),
            sort_by("forecast_ratio", descending=True),
        ],
        unit=PERCENT,
    )


def _standing(build: DashboardBuild) -> Json:
    words = build.words
    query = of_the_month(
        DEPARTMENTS,
        *(build.said("name"), "standing", "forecast_ratio", "pages", "target", "remaining"),
        *(build.said("advice"), "department"),
    )
    none = {"target": zero_is(words["no_target"]), "remaining": zero_is("–")}
    columns = [
        TableColumn(
            "name", words["department"], 178, link=page_of(build, "department", "department_id")
        ),
        TableColumn("standing", words["standing"], 96, badge=True, mappings=standings(build)),
        TableColumn("forecast_ratio", words["of_target"], 96, PERCENT, 0, mappings=zero_is("–")),
        TableColumn("advice", words["advice_column"]),
        *(
            TableColumn(one, words[one], 88, COUNT, 0, mappings=none.get(one, ()))
            for one in ("pages", "target", "remaining")
        ),
        TableColumn("department", "department_id", hidden=True),
    ]
    rows = TableRows(columns, sort=(words["of_target"], True))
    return table(Tile(10, 19, 16), build.entry("standing_table"), [query], rows)


def _compare(build: DashboardBuild) -> Json:
    colors = {"pages": ON_COURSE, "forecast": "#0F9BD2", "target": NEUTRAL, "compared": "#B47DA0"}
    query = of_the_month(DEPARTMENTS, build.said("label"), "pages", "forecast", "target", COMPARED)
    return bar_chart(
        Tile(13, 12, 10),
        build.entry("compare_chart"),
        [query],
        Bars(
            "label",
            turn=-45,
            series=tuple(override(k, v) for k, v in series(build.words, colors).items()),
        ),
        transformations=[
            only("Time", order={"label": "label"} | {one: one for one in colors}),
            sort_by("label"),
        ],
    )


def _days(build: DashboardBuild) -> Json:
    query = select("department", "day", "total", of="department_day", where=(LONG, SITE, PERIOD))
    return days_by_department(build, Tile(14, 12, 10), "days", query)


_PAPER: Final = {"quarter": "paper_bought", "year": "paper_bought_year"}


def _paper(build: DashboardBuild, tile: Tile, period: str) -> Json:
    """Return by quarter or fiscal year what became of the paper bought; where any was entered."""
    words = build.words
    figures = {
        "bought": 110,
        "stock_change": 110,
        "counted": 110,
        "excluded": 110,
        "unexplained": 110,
        "unexplained_low": 110,
        "unexplained_high": 110,
    }
    query = select(
        *(build.said("title"), *figures, "unexplained_share"),
        of=f"paper_{period}",
        where=(LONG, SITE, WHOLE_OFFICES, '"bought_known" = true'),
        then="ORDER BY time DESC",
    )
    columns = [
        TableColumn("title", words[period], least=NAME),
        *(
            TableColumn(one, words[one], width, COUNT, 0, mappings=zero_is("–"))
            for one, width in figures.items()
        ),
        TableColumn("unexplained_share", words["unexplained_share"], 90, PERCENT, 0),
    ]
    return table(tile, build.entry(_PAPER[period]), [query], TableRows(columns))


def _trend(build: DashboardBuild) -> Json:
    """Return the months, stacked; of departments that are a part of others only the whole."""
    query = select(
        *("department", build.said("title"), "pages", "level"),
        of="department_month",
        where=(since(YEAR_AND_MONTH), SITE),
    )
    return bar_chart(
        Tile(15, 12, 11),
        build.entry("trend"),
        [query, department_labels(build)],
        Bars(label_series("title"), stacked=True, turn=-45, series=numbered_colors()),
        transformations=by_label("title", "pages", {"level": 1}),
    )
