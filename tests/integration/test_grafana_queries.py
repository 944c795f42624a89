"""Every query of every panel, variable, mark and rule, answered by a real InfluxDB.

InfluxQL answers a misspelled field with silence; here that is a failure. What this cannot show is
how Grafana draws the answers; `test_grafana_layout.py` works out what has room.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.clock import SystemClock
from collector.domain.rows import Row, Value
from tests.grafana.emulation import (
    Frame,
    columns,
    empty_columns,
    pattern,
    transform,
)
from tests.grafana.filled import OPTIONAL, QUERIES, Filled, fill_with_rows, write
from tests.grafana.influxql import Select, parse
from tests.grafana.office_rows import (
    ANOTHER,
    NAMES,
    NOW,
    ODD,
    SITE,
    TARGETS,
    UNCOUNTED,
    office_rows,
)
from tests.grafana.shipped import (
    Json,
    Query,
    annotation_queries,
    dashboards,
)
from tests.patience import DEMO_PATIENCE_S
from tests.servers.influx import InfluxServer, influxd
from tests.stories.program import process

pytestmark = pytest.mark.integration

PANELS = [
    pytest.param(name, panel, id=f"{name} #{panel['id']}")
    for name, dashboard in dashboards().items()
    for panel in dashboard["panels"]
    if panel.get("targets")
]

FIRST_DAYS = 9


def fill_with_a_first_year(server: InfluxServer) -> Filled:
    """Fill likewise, for an office that has no year before to compare with."""
    gone = {"last_year", "last_year_so_far"}
    young = (
        replace(row, fields={k: v for k, v in row.fields.items() if k not in gone})
        for row in office_rows()
    )
    write(server, "young", young)
    return Filled(server, "young", NOW, OPTIONAL | gone | {"compared"})


def fill_with_the_collector(server: InfluxServer) -> Filled:
    """Let the collector itself fill the database: its demo, polled, counted and delivered."""
    server.query('CREATE DATABASE "demo"')
    with tempfile.TemporaryDirectory() as folder:
        ended = process(
            *("demo", "--months", "13", "--influx", server.url, "--database", "demo"),
            *("--folder", f"{folder}/demo"),
            within_s=DEMO_PATIENCE_S,
        )
        assert ended.code == 0, ended.err
    # Its machines state no trays, nothing befell the first of them, no question is open and
    # no paper was bought.
    quiet = frozenset({"fleet #8", "place #10", "place #11", "collector #11"})
    # It does not state how many people work there.
    quiet |= {"office #19", "office #20", "sites #2", "sites #3"}
    nobody = OPTIONAL | {"people", "sheets_per_head", "pages_per_head"}
    now = SystemClock().now()
    # In the first days of a month some of its departments may have printed nothing yet.
    begins = now.astimezone(ZoneInfo("Asia/Tokyo")).day <= FIRST_DAYS
    return Filled(server, "demo", now, nobody, quiet, months_back=1 if begins else 0)


FILLERS: dict[str, Callable[[InfluxServer], Filled]] = {
    "rows": fill_with_rows,
    "first-year": fill_with_a_first_year,
    "collector": fill_with_the_collector,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influxd(tmp_path_factory.mktemp("grafana")) as started:
        yield started


@pytest.fixture(scope="module", params=FILLERS)
def filled(request: pytest.FixtureRequest, server: InfluxServer) -> Filled:
    return FILLERS[request.param](server)


@pytest.fixture(scope="module")
def made(server: InfluxServer) -> Filled:
    return fill_with_rows(server)


@pytest.mark.parametrize(("name", "panel"), PANELS)
def test_every_panel_gets_every_column_it_names(filled: Filled, name: str, panel: Json) -> None:
    values = filled.opened(name)
    asked = [one for one in QUERIES if one.where.startswith(f"{name} #{panel['id']} ")]
    answers = [filled.ask(one, values) for one in asked]
    if not answers[0]:
        assert f"{name.partition('/')[2]} #{panel['id']}" in filled.quiet | _without(filled, asked)
        assert panel["fieldConfig"]["defaults"]["noValue"], "nothing is said where nothing is known"
        return
    for one, answer in zip(asked, answers, strict=True):
        assert answer, f"no row: {one.text}"
        assert empty_columns(answer) <= filled.absent, f"never a value: {one.text}"
    if panel["type"] in ("timeseries", "state-timeline"):
        for answer in answers:
            _check_series(answer)
        return
    shown = transform(answers, panel.get("transformations", ()))
    for one in panel["fieldConfig"]["overrides"]:
        if one["matcher"]["id"] == "byName":
            assert one["matcher"]["options"] in columns(shown)
        else:
            assert one["matcher"]["id"] == "byRegexp"
    for column in re.findall(r"\$\{__data\.fields\.(\w+)", str(panel)):
        assert column in columns(shown), f"a link reads {column}"
    _check_panel(panel, shown)


def _without(filled: Filled, asked: list[Query]) -> set[str]:
    """Return the panels whose one figure cannot be in this database."""
    parsed = parse(asked[0].text.replace("${compare:raw}", "last_year"))
    assert isinstance(parsed, Select)
    names = {one.name for one in parsed.columns}
    return (
        {asked[0].where.rpartition(" ")[0].partition("/")[2]} if names <= filled.absent else set()
    )


def _check_series(answer: Frame) -> None:
    """One value column and a point per time: a title, not a tag, names the line."""
    assert len(columns(answer)) == 2, "time and one value"
    assert len({row["Time"] for row in answer}) == len(answer)


def _check_panel(panel: Json, shown: Frame) -> None:
    options = panel["options"]
    if panel["type"] == "barchart":
        axis = [row[options["xField"]] for row in shown]
        assert all(isinstance(one, str) for one in axis)
        assert len(axis) == len(set(axis)), "two bars at one spot"
        assert not options.get("colorByField") or options["colorByField"] in columns(shown)
    if panel["type"] == "table":
        assert {one["displayName"] for one in options["sortBy"]} <= columns(shown)
    if panel["type"] == "stat":
        assert len(shown) == 1
        wanted = options["reduceOptions"]["fields"].strip("/^$")
        assert wanted in columns(shown) if wanted else len(columns(shown)) == 2


@pytest.mark.parametrize("query", list(annotation_queries()), ids=lambda query: query.where)
def test_marks_tell_what_befell_a_copier(made: Filled, query: Query) -> None:
    values = {"site": SITE, "place": "dead one"}
    found = made.ask(query, values)

    said = "確かめてください。" if query.where.startswith("ja/") else "Have a look."
    assert {row["message"] for row in found} == {said}
    assert len(found) == 2


# Whose figures, of which month: each query is bounded by itself.


def is_over_time(panel: Json) -> bool:
    return panel["type"] in ("timeseries", "state-timeline")


@pytest.mark.parametrize(("name", "panel"), PANELS)
def test_no_figure_changes_with_the_range_that_somebody_drags(name: str, panel: Json) -> None:
    """Only what is drawn over time follows the page's range."""
    assert not is_over_time(panel) or name.endswith(("place", "collector"))
    for target in panel["targets"]:
        assert ("$timeFilter" in target["query"]) == is_over_time(panel)
        parsed = parse(target["query"].replace("${compare:raw}", "last_year"))
        assert isinstance(parsed, Select)
        assert parsed.bottom.own_bound != is_over_time(panel)
    assert "timeFrom" not in panel, "ignored with an absolute range"


@pytest.mark.parametrize(
    "name", [one for one in dashboards() if one.endswith(("office", "department", "fleet"))]
)
def test_a_page_of_a_month_has_no_range_to_choose(name: str) -> None:
    dashboard = dashboards()[name]

    assert dashboard["timepicker"]["hidden"] is True
    assert not any(is_over_time(panel) for panel in dashboard["panels"])


def test_another_month_is_another_month_everywhere(made: Filled) -> None:
    """What a title calls by the month is of that month, and of no other."""
    name = "ja/office"
    newest = made.opened(name)
    before = newest | {"month": "2026\\-10"}
    for panel in dashboards()[name]["panels"]:
        if not panel.get("targets") or "${month:regex}" not in str(panel["targets"]):
            continue
        now, then = (made.shown(name, panel, values) for values in (newest, before))
        assert now, panel["title"]
        assert then, panel["title"]
        assert now != then or panel["title"] in SAME_EACH_MONTH, panel["title"]


SAME_EACH_MONTH = {"検針状況"}


def test_titles_name_the_month_they_are_of() -> None:
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            if "${month:regex}" in str(panel.get("targets")):
                said = panel["title"] + panel["description"]
                assert "${month:text}" in said, f"{name}: {panel['title']}"


def test_a_month_that_nobody_counted_shows_no_other(made: Filled) -> None:
    name = "ja/office"
    values = made.opened(name) | {"month": pattern([UNCOUNTED])}

    assert UNCOUNTED not in made.choices(name, "month", values)
    for panel in dashboards()[name]["panels"]:
        if "${month:regex}" in str(panel.get("targets")):
            answers = [one for one in QUERIES if one.where.startswith(f"{name} #{panel['id']} A")]
            assert made.ask(answers[0], values) == [], panel["title"]
            assert panel["fieldConfig"]["defaults"]["noValue"] == "記録なし"


def test_what_is_compared_with_is_chosen(made: Filled) -> None:
    (panel,) = (one for one in dashboards()["ja/office"]["panels"] if one["id"] == 13)
    for field, more in (("last_year", 100), ("last_month", 50)):
        shown = made.shown("ja/office", panel, made.opened("ja/office") | {"compare": field})
        soumu = next(row for row in shown if row["label"] == "① 総務課")
        assert soumu["compared"] == soumu["pages"] + more


def test_every_tile_of_a_department_is_that_departments(made: Filled) -> None:
    """Each query of the page names it, but for those that only say what things are called."""
    for name in ("ja/department", "en/department"):
        for query in QUERIES:
            if query.where.startswith(f"{name} ") and '"collector"' not in query.text:
                is_names = query.where.endswith(" B")
                assert ("${department:regex}" in query.text) != is_names, query.text
    values = made.opened("ja/department")
    for department, place in (("zeimu", "1f-zeimu"), ("fukushi", "1f-fukushi")):
        own = values | {"department": department}
        for number in (13, 14):
            (panel,) = (p for p in dashboards()["ja/department"]["panels"] if p["id"] == number)
            shown = made.shown("ja/department", panel, own)
            assert {row["place_id"] for row in shown} == {place}


def test_the_newest_month_is_offered_first(filled: Filled) -> None:
    months = list(filled.choices("ja/office", "month", filled.opened("ja/office")))

    assert months == sorted(months, reverse=True)
    assert len(months) >= 13


def test_departments_are_chosen_by_name_whatever_is_in_it(made: Filled) -> None:
    chosen = made.choices("ja/department", "department", {"site": SITE})
    english = made.choices("en/department", "department", {"site": SITE})

    assert [text.partition(" ")[2] for text in chosen.values()] == [*NAMES.values()]
    assert chosen["joho"] == f"⑤ {ODD}"
    assert english["soumu"] == "① General Affairs"
    for one in chosen:
        values = made.opened("ja/department") | {"department": pattern([one])}
        (panel,) = (p for p in dashboards()["ja/department"]["panels"] if p["id"] == 3)
        assert len(made.shown("ja/department", panel, values)) == 1


def test_a_renamed_department_is_so_on_every_chart_at_once(server: InfluxServer) -> None:
    """Only its newest month says the new name; days and months before it still have the old."""
    write(server, "renamed", office_rows())
    for month in ("2026-11",):
        at = datetime.fromisoformat(f"{month}-01T00:00:00+09:00")
        names: dict[str, Value] = {
            "name": "総務部",
            "label": "① 総務部",
            "choice": "soumu\u2063① 総務部",
        }
        tags = {"site": SITE, "department": "soumu", "month": month}
        write(server, "renamed", [Row("department_month", tags, names, at)])
    filled = Filled(server, "renamed", NOW)
    values = filled.opened("ja/office")

    assert filled.choices("ja/department", "department", values)["soumu"] == "① 総務部"
    for number in (14, 15):
        (panel,) = (one for one in dashboards()["ja/office"]["panels"] if one["id"] == number)
        shown = filled.shown("ja/office", panel, values)
        assert "① 総務部" in columns(shown)
        assert "① 総務課" not in columns(shown)


def test_two_sites_with_the_same_ids_stay_apart(server: InfluxServer) -> None:
    twice = [*office_rows()]
    mine = [row for row in twice if row.tags["site"] == SITE]
    other = [replace(row, tags={**row.tags, "site": "shisho"}) for row in mine]
    write(server, "two_sites", [*twice, *other])
    alone, both = fill_with_rows(server), Filled(server, "two_sites", NOW)

    for name in dashboards():
        assert list(both.choices(name, "site", {})) == [SITE, ANOTHER, "shisho"]
        values = alone.opened(name)
        assert both.opened(name) == values
        for query in QUERIES:
            if query.where.startswith(f"{name} ") and not name.endswith("/sites"):
                assert both.ask(query, values) == alone.ask(query, values), query.where


def test_all_sites_of_a_database_stand_beside_one_another(made: Filled) -> None:
    panels = {one["id"]: one for one in dashboards()["ja/sites"]["panels"]}
    values = made.opened("ja/sites")
    rows = {row["庁舎"]: row for row in made.shown("ja/sites", panels[1], values)}
    assert rows.keys() == {SITE, ANOTHER}
    for name, people in ((SITE, 412), (ANOTHER, 31)):
        row = rows[name]
        assert (row["職員数"], row["台数"], row["検針"]) == (people, 2, 1)
        assert row["面/人"] == pytest.approx(row["面数"] / people, abs=0.1)
        assert row["枚/人"] == pytest.approx(row["枚数"] / people, abs=0.1)
    bars = made.shown("ja/sites", panels[2], values)
    assert sorted(row["site"] for row in bars) == sorted(rows)


def test_departments_stand_worst_first_and_each_says_what_brings_it_back(made: Filled) -> None:
    (panel,) = (one for one in dashboards()["ja/office"]["panels"] if one["id"] == 10)
    shown = made.shown("ja/office", panel, made.opened("ja/office"))
    by_name = {row["部署"]: row for row in shown}
    (sort,) = panel["options"]["sortBy"]

    assert sort == {"displayName": "対目標", "desc": True}
    assert by_name["税務課"]["状態"] == "over"
    assert by_name["税務課"]["目標に収めるには"].startswith("目標をすでに900面超過")
    assert by_name["市民課"]["状態"] == "will_be_over"
    assert re.search("1勤務日あたり.*面減らす", by_name["市民課"]["目標に収めるには"])
    assert by_name["企画課"]["状態"] == "on_course"
    assert by_name["福祉課"]["状態"] == "no_target"
    assert by_name["福祉課"]["目標に収めるには"] == ""
    (counts,) = made.ask(
        Query(
            "counts",
            'SELECT "departments_over", "departments_will_be_over", '
            '"departments_on_course", "departments", "days_left" FROM "office_month" '
            "WHERE \"month\" = '2026-11' AND \"site\" = 'honcho'",
            0,
        ),
        {},
    )
    words = [row["状態"] for row in shown]
    assert counts["departments_over"] == words.count("over") == 1
    assert counts["departments_will_be_over"] == words.count("will_be_over")
    assert counts["departments_on_course"] == words.count("on_course")
    assert counts["departments"] == len(shown) == len(TARGETS)


def test_a_machine_that_states_no_toner_shows_that(made: Filled) -> None:
    (panel,) = (one for one in dashboards()["ja/place"]["panels"] if one["id"] == 9)
    values = made.opened("ja/place") | {"place": "1f\\-fukushi"}

    assert made.shown("ja/place", panel, values) == []
    assert panel["fieldConfig"]["defaults"]["noValue"] == "記録なし"


def test_pages_by_hour_are_those_of_the_machine_that_stands_there(server: InfluxServer) -> None:
    """A used machine that comes is not its whole life printed in an hour."""
    rows = [
        Row(
            "copier",
            {"site": SITE, "place": "2f", "department": "soumu"},
            {"total": total, "serial": serial, "choice": "2f\u20632f"},
            NOW - timedelta(hours=hours),
        )
        for hours, serial, total in ((5, "OLD", 100), (4, "OLD", 130), (3, "NEW", 121_000))
    ]
    more = {"site": SITE, "place": "2f", "department": "soumu"}
    rows.append(Row("copier", more, {"total": 121_007, "serial": "NEW"}, NOW - timedelta(hours=2)))
    write(server, "hours", [*rows, *(one for one in office_rows() if one.tags.get("month"))])
    filled = Filled(server, "hours", NOW)
    (query,) = (one for one in QUERIES if one.where == "ja/place #13 A")
    values = filled.opened("ja/place")

    assert values["serial"] == "NEW"
    assert [row["pages"] for row in filled.ask(query, values)] == [7]


def test_a_collector_that_stopped_turns_red(server: InfluxServer) -> None:
    (panel,) = (one for one in dashboards()["ja/office"]["panels"] if one["id"] == 18)
    first = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]
    filled = fill_with_rows(server)
    later = replace(filled, now=NOW + timedelta(hours=3))

    assert first["color"] == "#CF2A48"
    assert panel["fieldConfig"]["defaults"]["noValue"] == "停止"
    assert filled.shown("ja/office", panel, {"site": SITE})[0]["rounds"] >= 1
    assert later.shown("ja/office", panel, {"site": SITE}) == []


def test_no_dashboard_is_without_queries() -> None:
    for name, dashboard in dashboards().items():
        least = 3 if name.endswith("/sites") else 9
        assert sum(len(panel.get("targets", ())) for panel in dashboard["panels"]) >= least, name
