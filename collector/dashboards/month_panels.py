"""Panels of a month and its like, for the whole office or for one department."""

from dataclasses import dataclass
from typing import Final

from collector.dashboards.colours import NEUTRAL, ON_COURSE
from collector.dashboards.frame import DashboardBuild, closings, department_labels, series, zero_is
from collector.dashboards.panels import (
    COUNT,
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
    stat,
    table,
)
from collector.dashboards.queries import (
    DEPARTMENT,
    LONG,
    MONTH,
    PERIOD,
    SITE,
    select,
    since,
)

YEAR_AND_MONTH: Final = "397d"
TWO_YEARS_AND_MONTH: Final = "762d"

_LAST_YEAR: Final = "#B47DA0"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose months are shown: the measurements that hold them, and the condition that chooses."""

    months: str
    days: str
    chosen: tuple[str, ...]


WHOLE: Final = Subject("office_month", "office_day", (SITE,))
DEPARTMENTS: Final = Subject("department_month", "department_day", (SITE,))
ONE_DEPARTMENT: Final = Subject("department_month", "department_day", (SITE, DEPARTMENT))


def of_the_month(subject: Subject, *columns: str) -> str:
    """Return the query of the chosen month's row."""
    return select(*columns, of=subject.months, where=(LONG, *subject.chosen, MONTH))


def figure(build: DashboardBuild, tile: Tile, key: str, subject: Subject, shown: Json) -> Json:
    """Return the field `key` of the chosen month as a big figure."""
    return stat(tile, build.entry(key), of_the_month(subject, key), shown)


def sentence(
    build: DashboardBuild, tile: Tile, key: str, subject: Subject, *, titled: str | None = None
) -> Json:
    """Return the text `key` of the chosen month, in the page's language."""
    nothing: list[Json] = [
        {
            "type": "special",
            "options": {"match": "empty", "result": {"text": build.words["no_target"], "index": 0}},
        }
    ]
    return stat(
        tile,
        build.entry(titled or key),
        of_the_month(subject, build.said(key)),
        {"mappings": nothing},
        fields=f"/^{key}$/",
    )


def course(build: DashboardBuild, tile: Tile, subject: Subject) -> Json:
    """Return how far the month is at the end of each day, beside what is allowed and last year."""
    words = build.words
    colors = {"so_far": ON_COURSE, "allowed": NEUTRAL, "last_year_so_far": _LAST_YEAR}
    query = select("day", *colors, of=subject.days, where=(LONG, *subject.chosen, PERIOD))
    return bar_chart(
        tile,
        build.entry("course"),
        [query],
        Bars("day", series=tuple(override(k, v) for k, v in series(words, colors).items())),
        transformations=[only("Time", order={"day": "day"} | {one: one for one in colors})],
    )


def two_years(build: DashboardBuild, tile: Tile, subject: Subject) -> Json:
    """Return 25 months beside their targets and the same months of the years before."""
    words = build.words
    colors = {"pages": ON_COURSE, "target": NEUTRAL, "last_year": _LAST_YEAR}
    query = select(
        *(build.said("title"), *colors),
        of=subject.months,
        where=(since(TWO_YEARS_AND_MONTH), *subject.chosen),
    )
    return bar_chart(
        tile,
        build.entry("two_years"),
        [query],
        Bars(
            "title",
            turn=-45,
            series=tuple(override(k, v) for k, v in series(words, colors).items()),
        ),
        transformations=[only("Time", order={"title": "title"} | {one: one for one in colors})],
    )


def months_table(build: DashboardBuild, tile: Tile, subject: Subject) -> Json:
    """Return 13 months in sides, sheets, black and colour, yen and hours."""
    words = build.words
    figures = {"pages": 88, "sheets": 80, "mono": 88, "color": 88, "cost": 88, "hours": 72}
    query = select(
        *(build.said("title"), *figures, "final"),
        of=subject.months,
        where=(since(YEAR_AND_MONTH), *subject.chosen),
        then="ORDER BY time DESC",
    )
    none = {"sheets": zero_is("–"), "cost": zero_is("–"), "hours": zero_is("–")}
    columns = [
        TableColumn("title", words["month"]),
        *(
            TableColumn(one, words[one], width, COUNT, 0, mappings=none.get(one, ()))
            for one, width in figures.items()
        ),
        TableColumn("final", words["final"], 80, mappings=closings(build)),
    ]
    return table(tile, build.entry("months"), [query], TableRows(columns))


def days_by_department(build: DashboardBuild, tile: Tile, entry: str, query: str) -> Json:
    """Return each day's pages of `query` as a bar, stacked by department under its name of now."""
    return bar_chart(
        tile,
        build.entry(entry),
        [query, department_labels(build)],
        Bars(label_series("day"), stacked=True, series=numbered_colors()),
        transformations=by_label("day", "total"),
    )
