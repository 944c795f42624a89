"""Every query of every panel, variable and rule, answered by a real InfluxDB.

InfluxQL answers a misspelled field with silence; here that is a failure. What this cannot show is
how Grafana draws the answers.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from collector.adapters.clock import SystemClock
from collector.adapters.influx.line_protocol import render
from collector.domain.rows import Row, Value
from tests.grafana.emulation import (
    Frame,
    columns,
    empty_columns,
    firing,
    frame,
    interpolate,
    pattern,
    transform,
)
from tests.grafana.influxql import Select, parse
from tests.grafana.office_rows import NOW, SITE, office_rows
from tests.grafana.shipped import (
    Json,
    Query,
    dashboards,
    panel_queries,
    rule_query,
    rules,
    variable_queries,
)
from tests.patience import DEMO_PATIENCE_S
from tests.servers.influx import InfluxServer, influxd, request
from tests.stories.program import process

pytestmark = pytest.mark.integration

QUERIES = list(panel_queries())
EVERYTHING = {"department": ".*", "place": ".*", "month": "2026-11"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A database that was filled up to `now`. `absent` fields cannot be in it, for a reason."""

    server: InfluxServer
    database: str
    now: datetime
    absent: frozenset[str] = frozenset()

    def ask(self, query: Query, values: Mapping[str, str]) -> Frame:
        """Return the answer to `query` as Grafana would send it."""
        interval = (query.panel or {}).get("interval", "10m")
        text = interpolate(
            query.text, until=self.now, span_s=query.span_s, interval=interval, values=values
        )
        return frame(self.server.query(text, self.database))

    def choices(self, tag: str) -> list[str]:
        """Return what the variable called `tag` offers, in its order."""
        query = next(one for one in variable_queries() if one.where.endswith(f"${tag}"))
        found = [row["value"] for row in self.server.query(query.text, self.database)]
        return sorted(found, reverse=tag == "month")

    @property
    def everything(self) -> dict[str, str]:
        """What the variables stand for when a dashboard is opened."""
        return EVERYTHING | {"month": pattern(self.choices("month")[:1])}


def write(server: InfluxServer, database: str, rows: Iterable[Row]) -> None:
    server.query(f'CREATE DATABASE "{database}"')
    body = b"\n".join(map(render, rows))
    status, answer = request(server.url, "POST", f"/write?db={database}&precision=s", body)
    assert status == 204, answer


def fill_with_rows(server: InfluxServer) -> Filled:
    """Fill with a made office's rows, in the collector's own line protocol."""
    write(server, "made", office_rows())
    return Filled(server, "made", NOW)


def fill_with_a_first_year(server: InfluxServer) -> Filled:
    """Fill likewise, for an office that has no year before to compare with."""
    young = (
        replace(row, fields={k: v for k, v in row.fields.items() if k != "last_year"})
        for row in office_rows()
    )
    write(server, "young", young)
    return Filled(server, "young", NOW, frozenset({"last_year"}))


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
    return Filled(server, "demo", SystemClock().now())


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


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_every_panel_gets_every_column_it_names(filled: Filled, query: Query) -> None:
    panel, target = query.panel, query.target
    assert panel is not None
    assert target is not None
    answer = filled.ask(query, filled.everything)

    if not answer and _named(query) <= filled.absent:
        assert panel["fieldConfig"]["defaults"]["noValue"], "nothing is said where nothing is known"
        return
    assert answer, f"no row: {query.text}"
    assert empty_columns(answer) <= filled.absent, f"never a value: {query.text}"
    if target["resultFormat"] == "time_series":
        _check_series(answer, target)
        return
    shown = transform(answer, panel.get("transformations", ()))
    for one in panel["fieldConfig"]["overrides"]:
        assert one["matcher"]["id"] == "byName"
        assert one["matcher"]["options"] in columns(shown)
    for name in re.findall(r"\$\{__data\.fields\.(\w+)\}", str(panel)):
        assert name in columns(shown), f"a link reads {name}"
    _check_panel(panel, shown)


def _named(query: Query) -> set[str]:
    """Return the columns that a query asks for."""
    parsed = parse(query.text)
    assert isinstance(parsed, Select)
    return {one.name for one in parsed.columns}


def _check_series(answer: Frame, target: Json) -> None:
    """One value column, a label that names its tag, and a point per time and series."""
    for tag in re.findall(r"\$tag_(\w+)", target.get("alias", "")):
        assert tag in columns(answer)
    text = [name for name in columns(answer) if isinstance(answer[0][name], str)]
    assert len(columns(answer)) == len(text) + 2, "time, tags and one value"
    points = [(row["Time"], *(row[name] for name in text)) for row in answer]
    assert len(points) == len(set(points))


def _check_panel(panel: Json, shown: Frame) -> None:
    options = panel["options"]
    if panel["type"] == "barchart":
        assert all(isinstance(row[options["xField"]], str) for row in shown)
        axis = [row[options["xField"]] for row in shown]
        assert len(axis) == len(set(axis)), "two bars at one spot"
    if panel["type"] == "bargauge":
        names = [name for name in columns(shown) if isinstance(shown[0][name], str)]
        assert names == ["name"], "the one text column names the bar"
    if panel["type"] == "table":
        titles = columns(shown)
        assert {one["displayName"] for one in options["sortBy"]} <= titles
    if panel["type"] == "stat":
        assert len(shown) == 1
        wanted = options["reduceOptions"]["fields"].strip("/^$")
        assert wanted in columns(shown) if wanted else len(columns(shown)) == 2


@pytest.mark.parametrize(
    "query", [one for one in QUERIES if ":regex}" in one.text], ids=lambda query: query.where
)
def test_choosing_values_gives_what_all_gives(filled: Filled, query: Query) -> None:
    tag = "place" if "${place:regex}" in query.text else "department"
    choices = filled.choices(tag)
    everything = filled.ask(query, filled.everything)
    one_by_one = [
        row
        for choice in choices
        for row in filled.ask(query, filled.everything | {tag: pattern([choice])})
    ]
    listed = filled.ask(query, filled.everything | {tag: pattern(choices)})

    assert listed == everything
    assert sorted(map(repr, one_by_one)) == sorted(map(repr, everything))


def test_the_newest_month_is_offered_first(filled: Filled) -> None:
    months = filled.choices("month")

    assert months[0] == max(months)
    assert len(months) >= 3


def test_this_month_is_the_newest_one_of_each_department(filled: Filled) -> None:
    (query,) = (one for one in QUERIES if one.where.startswith("ja/departments #7 "))
    answer = filled.ask(query, filled.everything)
    departments = [row["department"] for row in answer]

    assert {row["month"] for row in answer} == set(filled.choices("month")[:1])
    assert sorted(departments) == sorted(filled.choices("department"))


def test_every_rule_gets_numbers(filled: Filled) -> None:
    for rule in rules().values():
        answer = filled.ask(rule_query(rule), {})

        assert answer, rule["uid"]
        assert empty_columns(answer) == set(), rule["uid"]
        firing(rule, answer)


def test_a_department_without_target_is_not_measured_against_one(server: InfluxServer) -> None:
    filled = fill_with_rows(server)
    (bars,) = (one for one in QUERIES if one.where.startswith("ja/departments #6 "))

    assert [row["name"] for row in filled.ask(bars, filled.everything)] == [
        "企画課",
        "総務課",
        "税務課",
    ]


# The alert rules on good and on bad data.

NEWEST, BEFORE = NOW - timedelta(days=22), NOW - timedelta(days=53)
_DATABASES = count()


def month(department: str, at: datetime = NEWEST, **fields: Value) -> Row:
    usual: dict[str, Value] = {"target": 1000, "ratio": 0.5, "forecast": 900.0, "elapsed": 0.6}
    tags = {"site": SITE, "department": department, "month": f"{at:%Y-%m}"}
    return Row("department_month", tags, usual | fields, at)


def copier(place: str, silent_s: int, ago: timedelta, department: str = "soumu") -> Row:
    tags = {"site": SITE, "place": place, "department": department}
    return Row("copier", tags, {"silent_s": silent_s, "online": silent_s == 0}, NOW - ago)


def heartbeat(ago: timedelta) -> Row:
    tags = {"site": SITE, "host": "srv1"}
    return Row("collector", tags, {"polled": 0, "failed": 9}, NOW - ago)


def alerts(server: InfluxServer, uid: str, rows: Iterable[Row]) -> set[str]:
    """Return the label values that rule `uid` fires for, or "(no data)"."""
    database = f"alerts_{next(_DATABASES)}"
    write(server, database, rows)
    rule = rules()[uid]
    answer = Filled(server, database, NOW).ask(rule_query(rule), {})
    return {labels[0][1] if labels else "(no data)" for labels in firing(rule, answer)}


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("uid", "rows", "expected"),
    [
        ("over-80", [month("a", ratio=0.81), month("b", ratio=0.80), month("c")], {"a"}),
        ("over-80", [month("a", ratio=0.79)], set()),
        ("over-80", [month("a", ratio=3.0, target=0)], set()),
        # Last month's excess is over, also where the target was taken away since.
        ("over-80", [month("a", BEFORE, ratio=1.4), month("a", ratio=0.1)], set()),
        ("over-80", [month("a", NEWEST - HOUR, ratio=1.4), month("a", target=0)], set()),
        ("over-100", [month("a", ratio=1.01), month("b", ratio=1.0)], {"a"}),
        ("over-100", [month("a", ratio=0.99)], set()),
        ("over-100", [month("a", ratio=1.5, target=0)], set()),
        ("forecast-over", [month("a", forecast=1001.0), month("b", forecast=1000.0)], {"a"}),
        ("forecast-over", [month("a", forecast=2000.0, elapsed=0.1)], set()),
        ("forecast-over", [month("a", forecast=2000.0, target=0)], set()),
        ("silent-24h", [copier("a", 86_500, MINUTE), copier("b", 80_000, MINUTE)], {"a"}),
        ("silent-24h", [copier("a", 90_000, HOUR), copier("a", 0, MINUTE)], set()),
        # It moved to another department while silent: the newest row of the place decides.
        ("silent-24h", [copier("a", 90_000, HOUR), copier("a", 0, MINUTE, "zeimu")], set()),
        # Taken off the list: its last row grows old.
        ("silent-24h", [copier("a", 90_000, 30 * HOUR), copier("b", 0, MINUTE)], set()),
        ("heartbeat", [heartbeat(2 * HOUR)], {"(no data)"}),
        ("heartbeat", [heartbeat(2 * HOUR), heartbeat(MINUTE)], set()),
    ],
)
def test_a_rule_fires_when_it_should(
    server: InfluxServer, uid: str, rows: list[Row], expected: set[str]
) -> None:
    assert alerts(server, f"copier-fleet-{uid}", rows) == expected


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    marks = test_a_rule_fires_when_it_should.pytestmark
    cases = next(mark.args[1] for mark in marks if mark.name == "parametrize")
    seen = {(f"copier-fleet-{uid}", bool(expected)) for uid, _, expected in cases}

    assert seen == {(uid, fires) for uid in rules() for fires in (True, False)}


def test_no_dashboard_is_without_queries() -> None:
    for name, dashboard in dashboards().items():
        assert sum(len(panel.get("targets", ())) for panel in dashboard["panels"]) >= 9, name
