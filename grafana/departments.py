"""The managers' dashboard: each department's month against its target."""

from typing import Final

from grafana.frame import Build, dashboard, named, variable
from grafana.office import LIMITS, THIS_MONTH, office
from grafana.panels import (
    BLUE,
    COUNT,
    GREEN,
    ORANGE,
    PERCENT,
    PURPLE,
    RED,
    SKY,
    Bars,
    Entry,
    Json,
    Spot,
    bar_chart,
    bar_gauge,
    mapping,
    only,
    override,
    row,
    sort_by,
    target,
    text,
    time_series,
)
from grafana.queries import CHOSEN_DEPARTMENTS, CHOSEN_MONTH, SPAN, alias, call, select
from grafana.tables import Column, table
from grafana.texts import GUIDE

THIRTEEN_MONTHS: Final = "397d"
FIVE_YEARS: Final = "5y"

_ID: Final = Column("department", "department_id", hidden=True)  # the name column's link needs it
_FIGURES: Final = (
    *("target", "remaining", "ratio", "forecast", "forecast_low", "forecast_high"),
    *("last_year", "places_read", "places", "estimated", "low", "high", "in_question"),
)


def build_departments(build: Build) -> Json:
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
            row(Spot(11, 0, 37, 24, 1), build.words["chosen_month"]),
            _chosen(build),
            text(Spot(13, 16, 38, 8, 14), build.words["guide"], GUIDE[build.language]),
        ],
        variables=[
            variable(build, "department_month", "department", many=True),
            variable(build, "department_month", "month", many=False),
        ],
        since=f"now-{THIRTEEN_MONTHS}",
        refresh="5m",
    )


def _name(build: Build) -> str:
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


def _use(build: Build) -> Json:
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
        Spot(6, 0, 6, 8, 11),
        build.entry("use"),
        query,
        {"unit": PERCENT, "decimals": 0, "max": 1.5, "thresholds": LIMITS},
        since=THIS_MONTH,
        drop=("department",),
    )


def _columns(build: Build) -> list[Column]:
    words = build.words
    none = mapping(**{"0": (words["no_target"], None)})
    figures = [
        Column(
            name, words[name], unit=COUNT, decimals=0, mapping=none if name == "target" else None
        )
        for name in _FIGURES
    ]
    at = _FIGURES.index("ratio")
    figures[at] = Column(
        "ratio", words["ratio"], unit=PERCENT, decimals=0, display="color-text", steps=LIMITS
    )
    return [
        Column(
            "name",
            words["department"],
            width=150,
            link=(
                f"/d/copier-fleet-departments-{build.language}"
                "?var-department=${__data.fields.department_id}"
            ),
        ),
        Column("pages", words["pages"], unit=COUNT, decimals=0),
        *figures,
    ]


def _table(build: Build) -> Json:
    month = Column("month", build.words["month"], width=80)
    return table(
        Spot(7, 8, 6, 16, 11),
        build.entry("table"),
        _latest(_name(build), "month", *_FIGURES),
        [*_columns(build), month, _ID],
        since=THIS_MONTH,
        sort=(build.words["ratio"], True),
    )


def _chosen(build: Build) -> Json:
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
        Column("mono", words["mono"], unit=COUNT),
        Column("color", words["color"], unit=COUNT),
        Column("final", words["final"], mapping=closed),
        Column("revision", words["revision"]),
        _ID,
    ]
    return table(
        Spot(12, 0, 38, 16, 14),
        Entry(words["chosen"], words["chosen_about"]),
        query,
        columns,
        since=FIVE_YEARS,
        sort=(words["ratio"], True),
    )


def _compare(build: Build) -> Json:
    words = build.words
    colors = {"pages": BLUE, "forecast": SKY, "target": RED, "last_year": PURPLE}
    order = {"name": words["department"]} | {name: words[name] for name in colors}
    return bar_chart(
        Spot(8, 0, 17, 12, 10),
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


def _days(build: Build) -> Json:
    query = select(
        call("sum", "total", "pages"),
        of="department_day",
        where=(SPAN, CHOSEN_DEPARTMENTS),
        by=("time(1d)", "department"),
        then=f"fill(none) {build.day}",
    )
    return time_series(
        Spot(9, 12, 17, 12, 10),
        build.entry("days"),
        [target(query, table=False, alias="$tag_department")],
        stacked_days=True,
        since="31d",
        series=named(build.names.departments),
    )


def _trend(build: Build) -> Json:
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
        Spot(10, 0, 27, 12, 10),
        build.entry("trend"),
        query,
        Bars("month\\name", stacked=True, turn=-45),
        transformations=[sort_by("month"), matrix],
        since=THIRTEEN_MONTHS,
    )


def _years(build: Build) -> Json:
    words = build.words
    query = select(
        call("sum", "pages"), call("sum", "last_year"), of="department_month", by=("month",)
    )
    order = {"month": words["month"], "last_year": words["last_year"], "pages": words["this_year"]}
    return bar_chart(
        Spot(14, 12, 27, 12, 10),
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
