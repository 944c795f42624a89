"""The sites of one database beside one another: a month by head, with and without exclusions.

Each site publishes its own months, into a database that several may share; nothing is worked out
here. Who is first is not said: only `copier-fleet compare` knows who is alike, and complete.
"""

from collector.dashboards.colours import ON_COURSE
from collector.dashboards.frame import (
    DashboardBuild,
    Page,
    closings,
    dashboard,
    the_month,
    the_site,
    uid,
    zero_is,
)
from collector.dashboards.panels import (
    COUNT,
    NAME,
    Bars,
    Json,
    TableColumn,
    TableRows,
    Tile,
    bar_chart,
    fixed,
    only,
    override,
    prose,
    sort_by,
    table,
)
from collector.dashboards.queries import LONG, MONTH, alias, select

_A_HEAD = ("sheets_per_head", "pages_per_head")
_COUNTED = ("people", "sheets_used", "pages", "excluded", "pages_without")
_COMPARED = ("last_year", "year_pages")


def build_sites(build: DashboardBuild) -> Json:
    """Return the page `sites`."""
    panels = [
        _table(build),
        _bars(build, Tile(2, 12, 12), "sites_sheets", "sheets_per_head"),
        _bars(build, Tile(3, 12, 12), "sites_sides", "pages_per_head"),
        prose(Tile(4, 24, 5), build.words["sites_guide"], build.words["sites_guide_text"]),
    ]
    variables = [the_site(build), the_month(build)]
    return dashboard(build, Page("sites", panels, variables, refresh="5m"))


def _table(build: DashboardBuild) -> Json:
    words = build.words
    query = select(
        *("site", *_A_HEAD, *_COUNTED, *_COMPARED, "places_read", "places", "final"),
        alias("site", "site_id"),
        of="office_month",
        where=(LONG, MONTH),
    )
    chosen = "var-site=${__data.fields.site_id:percentencode}&var-month=${month:percentencode}"
    link = f"/d/{uid('office', build.language)}?{chosen}"
    columns = [
        TableColumn("site", words["site"], least=NAME, link=link),
        *(TableColumn(one, words[one], 100, COUNT, 1, mappings=zero_is("–")) for one in _A_HEAD),
        *(
            TableColumn(one, words[one], 92, COUNT, 0, mappings=zero_is("–"))
            for one in (*_COUNTED, *_COMPARED)
        ),
        *(TableColumn(one, words[one], 84, COUNT, 0) for one in ("places_read", "places")),
        TableColumn("final", words["final"], 92, mappings=closings(build)),
        TableColumn("site_id", "site_id", hidden=True),
    ]
    rows = TableRows(columns, sort=(words["site"], False))
    return table(Tile(1, 24, 12), build.entry("sites_table"), [query], rows)


def _bars(build: DashboardBuild, tile: Tile, entry: str, field: str) -> Json:
    """Return a bar a site, the longest first; sites that do not know how many people have none."""
    query = select("site", field, of="office_month", where=(LONG, MONTH, '"people_known" = true'))
    named = {"displayName": build.words[field], "color": fixed(ON_COURSE), "decimals": 1}
    return bar_chart(
        tile,
        build.entry(entry),
        [query],
        Bars("site", lying=True, legend=False, series=(override(field, named),)),
        transformations=[
            only("Time", order={one: one for one in ("site", field)}),
            sort_by(field, descending=True),
        ],
    )
