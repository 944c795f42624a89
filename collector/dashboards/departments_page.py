"""The managers' dashboard: each department's month against its target."""

from typing import Final

from collector.dashboards.frame import (
    LIMITS,
    THIS_MONTH,
    DashboardBuild,
    dashboard,
    named,
    office,
    variable,
)
from collector.dashboards.panels import (
    BLUE,
    CHOSEN_DEPARTMENTS,
    CHOSEN_MONTH,
    COUNT,
    GREEN,
    ORANGE,
    PERCENT,
    PURPLE,
    RED,
    SKY,
    SPAN,
    Bars,
    Json,
    PanelTitle,
    TableColumn,
    Tile,
    alias,
    bar_chart,
    bar_gauge,
    call,
    mapping,
    only,
    override,
    row,
    select,
    sort_by,
    table,
    target,
    text,
    time_series,
)

THIRTEEN_MONTHS: Final = "397d"
FIVE_YEARS: Final = "5y"

_ID: Final = TableColumn(
    "department", "department_id", hidden=True
)  # the name column's link needs it
_FIGURES: Final = (
    *("target", "remaining", "ratio", "forecast", "forecast_low", "forecast_high"),
    *("last_year", "places_read", "places", "estimated", "low", "high", "in_question"),
)


def build_departments(build: DashboardBuild) -> Json:
    """Return the dashboard `departments`."""
    return dashboard(
        build,
        "departments",
        panels=[
            *office(build),
            _use(build),
            _table(build),
            _compare(build),
            _days(build),
            _trend(build),
            _years(build),
            row(11, build.words["chosen_month"]),
            _chosen(build),
            text(Tile(13, 8, 14), build.words["guide"], build.words["guide_text"]),
        ],
        variables=[
            variable(build, "department_month", "department", many=True),
            variable(build, "department_month", "month", many=False),
        ],
        since=f"now-{THIRTEEN_MONTHS}",
        refresh="5m",
    )


def _name(build: DashboardBuild) -> str:
    """Return the field that holds a department's name in this build's language."""
    return alias("name" if build.language == "ja" else "name_en", "name")


def _latest(*columns: str) -> str:
    """Return the newest row of each chosen department, by one selector so that it stays one row."""
    return select(
        call("last", "pages"),
        *columns,
        of="department_month",
        where=(SPAN, CHOSEN_DEPARTMENTS),
        by=("department",),
    )


def _use(build: DashboardBuild) -> Json:
    newest = select(
        call("last", "ratio"),
        "target",
        _name(build),
        of="department_month",
        where=(SPAN, CHOSEN_DEPARTMENTS),
        by=("department",),
    )
    query = select("ratio", "name", of=newest, where=('"target" > 0',), by=("department",))
    return bar_gauge(
        Tile(6, 8, 11),
        build.entry("use"),
        query,
        {"unit": PERCENT, "decimals": 0, "max": 1.5, "thresholds": LIMITS},
        since=THIS_MONTH,
        drop=("department",),
    )


def _columns(build: DashboardBuild) -> list[TableColumn]:
    words = build.words
    none = mapping(**{"0": (words["no_target"], None)})
    figures = [
        TableColumn(
            name, words[name], unit=COUNT, decimals=0, mapping=none if name == "target" else None
        )
        for name in _FIGURES
    ]
    at = _FIGURES.index("ratio")
    figures[at] = TableColumn(
        "ratio", words["ratio"], unit=PERCENT, decimals=0, display="color-text", steps=LIMITS
    )
    return [
        TableColumn(
            "name",
            words["department"],
            width=150,
            link=(
                f"/d/copier-fleet-departments-{build.language}"
                "?var-department=${__data.fields.department_id}"
            ),
        ),
        TableColumn("pages", words["pages"], unit=COUNT, decimals=0),
        *figures,
    ]


def _table(build: DashboardBuild) -> Json:
    month = TableColumn("month", build.words["month"], width=80)
    return table(
        Tile(7, 16, 11),
        build.entry("table"),
        _latest(_name(build), "month", *_FIGURES),
        [*_columns(build), month, _ID],
        since=THIS_MONTH,
        sort=(build.words["ratio"], True),
    )


def _chosen(build: DashboardBuild) -> Json:
    words = build.words
    query = select(
        *("pages", _name(build), "mono", "color", *_FIGURES, "final", "revision"),
        of="department_month",
        where=(SPAN, CHOSEN_MONTH, CHOSEN_DEPARTMENTS),
        by=("department",),
    )
    closed = mapping(true=(words["final_yes"], GREEN), false=(words["final_no"], ORANGE))
    columns = [
        *_columns(build),
        TableColumn("mono", words["mono"], unit=COUNT),
        TableColumn("color", words["color"], unit=COUNT),
        TableColumn("final", words["final"], mapping=closed),
        TableColumn("revision", words["revision"]),
        _ID,
    ]
    return table(
        Tile(12, 16, 14),
        PanelTitle(words["chosen"], words["chosen_about"]),
        query,
        columns,
        since=FIVE_YEARS,
        sort=(words["ratio"], True),
    )


def _compare(build: DashboardBuild) -> Json:
    words = build.words
    colors = {"pages": BLUE, "forecast": SKY, "target": RED, "last_year": PURPLE}
    order = {"name": words["department"]} | {name: words[name] for name in colors}
    return bar_chart(
        Tile(8, 12, 10),
        build.entry("compare"),
        _latest("forecast", "target", "last_year", _name(build)),
        Bars(
            words["department"],
            series=tuple(
                override(words[name], {"color": {"mode": "fixed", "fixedColor": color}})
                for name, color in colors.items()
            ),
        ),
        transformations=[only("Time", "department", order=order)],
        since=THIS_MONTH,
    )


def _days(build: DashboardBuild) -> Json:
    query = select(
        call("sum", "total", "pages"),
        of="department_day",
        where=(SPAN, CHOSEN_DEPARTMENTS),
        by=("time(1d)", "department"),
        then=f"fill(none) {build.day}",
    )
    return time_series(
        Tile(9, 12, 10),
        build.entry("days"),
        [target(query, table=False, alias="$tag_department")],
        stacked_days=True,
        since="31d",
        series=named(build.names.departments),
    )


def _trend(build: DashboardBuild) -> Json:
    query = select(
        *("pages", "month", _name(build)),
        of="department_month",
        where=(SPAN, CHOSEN_DEPARTMENTS),
        by=("department",),
    )
    matrix: Json = {
        "id": "groupingToMatrix",
        "options": {
            "columnField": "name",
            "rowField": "month",
            "valueField": "pages",
            "emptyValue": "null",
        },
    }
    return bar_chart(
        Tile(10, 12, 10),
        build.entry("trend"),
        query,
        Bars("month\\name", stacked=True, turn=-45),
        transformations=[sort_by("month"), matrix],
        since=THIRTEEN_MONTHS,
    )


def _years(build: DashboardBuild) -> Json:
    words = build.words
    query = select(
        call("sum", "pages"), call("sum", "last_year"), of="department_month", by=("month",)
    )
    order = {"month": words["month"], "last_year": words["last_year"], "pages": words["this_year"]}
    return bar_chart(
        Tile(14, 12, 10),
        build.entry("years"),
        query,
        Bars(
            words["month"],
            turn=-45,
            series=(
                override(words["this_year"], {"color": {"mode": "fixed", "fixedColor": BLUE}}),
                override(words["last_year"], {"color": {"mode": "fixed", "fixedColor": PURPLE}}),
            ),
        ),
        transformations=[only("Time", order=order), sort_by(words["month"])],
        since=THIRTEEN_MONTHS,
    )
