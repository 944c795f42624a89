"""The shipped Grafana files: valid, made by the generator, and true to the published schema."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.main import commands
from collector.dashboards import frame
from collector.dashboards.build import MAKERS, GrafanaOffice, grafana_files
from collector.dashboards.frame import LANGUAGES
from collector.dashboards.panels import GRID_COLUMNS, flow
from collector.domain.rows import SCHEMA
from collector.errors import ConfigError
from collector.texts import catalogue
from tests.grafana.influxql import Select, ShowTagValues, parse
from tests.grafana.schema import NUMBERS, kind_of, problems, readable
from tests.grafana.shipped import (
    ROOT,
    Json,
    Query,
    all_queries,
    dashboards,
    panel_queries,
    rules,
    yaml_file,
)

CORE_PANELS = {"stat", "bargauge", "table", "barchart", "timeseries", "state-timeline"}
PROSE = {"text", "row"}
DATASOURCE = "copier-fleet-influx"
DASHBOARDS = dashboards()
DEFINITIONS = Path(frame.__file__).parent


def panels(name: str) -> list[Json]:
    found: list[Json] = DASHBOARDS[name]["panels"]
    return found


FLEET = """
[[department]]
id = "soumu"
name = "総務課"
name_en = "General Affairs"
[[department]]
id = "zeimu"
name = "税務課"
[[place]]
id = "2f"
name = "2階 複写室"
address = "192.0.2.1"
"""


def build(*arguments: object) -> int:
    """Run `copier-fleet dashboards build` in this process and return its exit code."""
    stated = ["dashboards", "build", *map(str, arguments)]
    code: int = commands.main(stated, standalone_mode=False)
    return code


def written(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` by its path there, but for what a person wrote."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name != "README.md"
        and path.suffix != ".pyc"
        and path.parent.name != "__pycache__"  # of an older checkout and path.name != "README.md"
    }


def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    assert written(ROOT) == grafana_files(GrafanaOffice())
    assert build("--zone", "Asia/Tokyo", "--out", ROOT, "--check") == 0
    assert build("--zone", "Asia/Tokyo", "--out", tmp_path) == 0
    assert written(tmp_path) == written(ROOT)


def test_check_tells_a_stale_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build("--zone", "Asia/Tokyo", "--out", tmp_path) == 0
    stale = tmp_path / "dashboards/ja/fleet.json"
    stale.write_text("{}")
    capsys.readouterr()

    assert build("--zone", "Asia/Tokyo", "--out", tmp_path, "--check") == 1
    assert capsys.readouterr().out.splitlines() == [str(stale)]
    assert stale.read_text() == "{}"


def test_what_somebody_changed_is_overwritten_on_request_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build("--zone", "Asia/Tokyo", "--out", tmp_path)
    changed = tmp_path / "provisioning/datasources/copier-fleet.yaml"
    changed.write_text("apiVersion: 1\n")
    gone = tmp_path / "dashboards/en/fleet.json"
    gone.unlink()
    capsys.readouterr()

    with pytest.raises(ConfigError, match=r"copier-fleet\.yaml: exists already; .* --force"):
        build("--zone", "Asia/Tokyo", "--out", tmp_path)
    assert (changed.read_text(), gone.exists()) == ("apiVersion: 1\n", False)

    assert build("--zone", "Asia/Tokyo", "--out", tmp_path, "--force") == 0
    told = capsys.readouterr()
    assert set(told.out.splitlines()) == {str(changed), str(gone)}
    assert "2 files written, 6 unchanged" in told.err
    assert written(tmp_path) == written(ROOT)


def legends(folder: Path, name: str) -> set[str]:
    """Return "id name" of everything that a dashboard shows under its name."""
    dashboard = json.loads((folder / "dashboards" / name).read_text())
    return {
        f"{one['matcher']['options']} {item['value']}"
        for panel in dashboard["panels"]
        for one in panel.get("fieldConfig", {}).get("overrides", ())
        for item in one["properties"]
        if item["id"] == "displayName"
    }


def test_names_from_a_fleet_file_become_legends(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.toml"
    fleet.write_text(FLEET)
    out = tmp_path / "out"

    assert build("--fleet", fleet, "--zone", "Europe/Berlin", "--out", out) == 0

    assert legends(out, "ja/departments.json") == {"soumu 総務課", "zeimu 税務課"}
    assert legends(out, "en/departments.json") == {"soumu General Affairs", "zeimu 税務課"}
    assert legends(out, "ja/fleet.json") == {"2f 2階 複写室"}
    for name, text in written(out).items():
        if name.endswith(".json"):
            assert json.loads(text)["timezone"] == "Europe/Berlin"
    assert "tz('Europe/Berlin')" in (out / "dashboards/ja/fleet.json").read_text()
    assert legends(ROOT, "ja/departments.json") == set()


def test_a_configuration_says_names_zone_and_where_influxdb_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    config = tmp_path / "collector.toml"
    config.write_text(
        '[office]\nzone = "Europe/Berlin"\n[influx]\nurl = "https://db.example.jp:8086"\n'
        'database = "複合機 $1: #2"\n'
    )
    out = tmp_path / "out"

    assert build("--config", config, "--out", out) == 0

    told = capsys.readouterr()
    assert set(told.out.splitlines()) == {str(out / name) for name in written(ROOT)}
    assert "書き込み 8 件" in told.err
    assert legends(out, "ja/fleet.json") == {"2f 2階 複写室"}
    assert b'"timezone": "Europe/Berlin"' in written(out)["dashboards/en/fleet.json"]
    made = yaml_file(out / "provisioning/datasources/copier-fleet.yaml")
    (source,), (usual,) = made["datasources"], shipped_sources()
    assert source["url"] == "https://db.example.jp:8086"
    assert source["database"] == source["jsonData"]["dbName"] == "複合機 $$1: #2"
    assert set(source) == set(usual)
    same = {"url", "database", "jsonData"}
    assert all(source[key] == usual[key] for key in set(usual) - same)


def shipped_sources() -> list[Json]:
    found: list[Json] = yaml_file("provisioning/datasources/copier-fleet.yaml")["datasources"]
    return found


def test_where_no_influxdb_is_configured_the_file_to_change_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    (tmp_path / "collector.toml").write_text('[office]\nlanguage = "en"\n')

    build("--config", tmp_path / "collector.toml", "--out", tmp_path / "out")

    told = " ".join(capsys.readouterr().err.split())
    file = tmp_path / "out/provisioning/datasources/copier-fleet.yaml"
    assert f"no InfluxDB is configured; set its address and database in {file}" in told
    assert yaml_file(file)["datasources"] == shipped_sources()


def test_a_broken_fleet_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.toml"
    fleet.write_text('[[department]]\nid = "soumu"\n')

    with pytest.raises(ConfigError, match=r"fleet\.toml"):
        build("--fleet", fleet, "--out", tmp_path / "out")
    with pytest.raises(click.BadParameter, match="Mars/Base"):
        build("--zone", "Mars/Base", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_text_is_there_in_both_languages_and_used() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.glob("*.py"))
    used = set(re.findall(r'"(\w+)"', sources))
    # `build.entry("use")` takes the title and "use_about".
    japanese, english = (dict(catalogue.entries(one, catalogue.DASHBOARDS)) for one in LANGUAGES)
    unused = {key for key in japanese if key.removesuffix("_about") not in used}

    assert unused == set()
    assert len(japanese) > 100
    assert japanese.keys() == english.keys()
    assert [key for key, one in japanese.items() if one == english[key]] == []
    assert [one for one in (*japanese.values(), *english.values()) if not one.strip()] == []
    kana = [key for key, one in english.items() if re.search(r"[ぁ-んァ-ヶ]", one)]
    assert kana == []


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_has_a_fixed_uid_and_an_old_enough_schema(name: str) -> None:
    dashboard = DASHBOARDS[name]
    language, which = name.split("/")

    assert dashboard["uid"] == f"copier-fleet-{which}-{language}"
    assert dashboard["schemaVersion"] == 36
    assert dashboard["id"] is None
    assert dashboard["timezone"] == "Asia/Tokyo"


def test_there_is_each_dashboard_in_each_language() -> None:
    assert set(DASHBOARDS) == {f"{language}/{which}" for language in LANGUAGES for which in MAKERS}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_have_their_own_ids_and_do_not_overlap(name: str) -> None:
    ids = [panel["id"] for panel in panels(name)]
    assert len(ids) == len(set(ids))

    for panel in panels(name):
        spot = panel["gridPos"]
        assert spot["x"] >= 0
        assert spot["x"] + spot["w"] <= 24, panel["title"]
    for one, other in combinations(panels(name), 2):
        a, b = one["gridPos"], other["gridPos"]
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, f"{one['title']} lies over {other['title']}"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_rows_are_full(name: str) -> None:
    """No gap from the first line of the grid to the last: nothing waits for a missing panel."""
    covered = Counter(
        (x, y)
        for panel in panels(name)
        for spot in [panel["gridPos"]]
        for x in range(spot["x"], spot["x"] + spot["w"])
        for y in range(spot["y"], spot["y"] + spot["h"])
    )
    lines = 1 + max(y for _, y in covered)
    assert covered == Counter((x, y) for x in range(GRID_COLUMNS) for y in range(lines))


@given(st.lists(st.tuples(st.integers(1, GRID_COLUMNS), st.integers(1, 20)), max_size=20))
def test_panels_of_any_size_flow_without_overlap(sizes: list[tuple[int, int]]) -> None:
    made: list[Json] = [{"id": n, "gridPos": {"w": w, "h": h}} for n, (w, h) in enumerate(sizes)]
    placed = [json.loads(json.dumps(one)) for one in flow(made)]

    spots = [one["gridPos"] for one in placed]
    assert [(one["w"], one["h"]) for one in spots] == sizes
    assert [one["id"] for one in placed] == [*range(len(sizes))]
    covered = Counter(
        (x, y)
        for spot in spots
        for x in range(spot["x"], spot["x"] + spot["w"])
        for y in range(spot["y"], spot["y"] + spot["h"])
    )
    assert not covered or max(covered.values()) == 1
    assert all(0 <= x < GRID_COLUMNS for x, _ in covered)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_are_of_grafana_9_and_explain_themselves(name: str) -> None:
    for panel in panels(name):
        assert panel["type"] in CORE_PANELS | PROSE
        if panel["type"] in CORE_PANELS:
            assert len(panel["description"]) > 10, panel["title"]
            assert panel["datasource"] == {"type": "influxdb", "uid": DATASOURCE}
            assert "cellOptions" not in json.dumps(panel), "schemaVersion 38 brought cellOptions"


@pytest.mark.parametrize("which", MAKERS)
def test_both_languages_have_the_same_structure(which: str) -> None:
    def shape(panel: Json) -> Json:
        queries = [
            one["query"]
            .replace('"name_en" AS', '"name" AS')
            .replace('"completeness_en"', '"completeness"')
            for one in panel.get("targets", ())
        ]
        return {
            "kind": panel["type"],
            "spot": panel["gridPos"],
            "id": panel["id"],
            "span": panel.get("timeFrom"),
            "queries": queries,
            "transformations": [one["id"] for one in panel.get("transformations", ())],
            "overrides": [
                [item["id"] for item in one["properties"]]
                for one in panel.get("fieldConfig", {}).get("overrides", ())
            ],
        }

    assert [*map(shape, panels(f"ja/{which}"))] == [*map(shape, panels(f"en/{which}"))]


def test_links_lead_to_shipped_dashboards() -> None:
    uids = {dashboard["uid"] for dashboard in DASHBOARDS.values()}
    for name, dashboard in DASHBOARDS.items():
        urls = re.findall(r'"url": "/d/([\w-]+)', json.dumps(dashboard))

        assert {link["url"] for link in dashboard["links"]} == {
            f"/d/{one}" for one in uids - {dashboard["uid"]} if _is_near(one, dashboard["uid"])
        }
        assert set(urls) <= uids, name


def _is_near(one: str, other: str) -> bool:
    """The sibling in the same language, or the same dashboard in the other language."""
    return one[:-3] == other[:-3] or one[-3:] == other[-3:]


def test_variables_are_read_from_tags_and_used_as_patterns() -> None:
    for name, dashboard in DASHBOARDS.items():
        variables = dashboard["templating"]["list"]
        text = json.dumps([panel.get("targets") for panel in dashboard["panels"]])
        for variable in variables:
            assert variable["refresh"] == 2
            assert variable["sort"] == (1 if variable["multi"] else 2)
            assert ("${" + variable["name"] + ":regex}") in text, f"{name}: {variable['name']}"
            if variable["includeAll"]:
                assert variable["allValue"] == ".*"
        known = {variable["name"] for variable in variables}
        assert set(re.findall(r"\$\{(\w+):regex\}", text)) == known


# The queries, token by token, against the table of what is published.


@pytest.mark.parametrize("query", all_queries(), ids=lambda query: query.where)
def test_every_query_reads_what_is_published(query: Query) -> None:
    parsed = parse(query.text)
    if isinstance(parsed, ShowTagValues):
        assert parsed.tag in SCHEMA[parsed.measurement].tags
        return

    assert list(problems(parsed)) == []
    assert parsed.bottom.bounded, "a query without a time range"
    if parsed.every == "1d":
        assert parsed.zone == "Asia/Tokyo", "days would begin at midnight UTC"
    assert not re.search(r"=\s*'?\$", query.text), "a variable needs a pattern, never ="
    assert ";" not in query.text, "later versions read one statement only"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('SELECT "pags" FROM "department_month" WHERE $timeFilter', "columns ['pags']"),
        ('SELECT "pages" FROM "department_mont" WHERE $timeFilter', "measurement department_mont"),
        (
            'SELECT "pages" FROM "department_month" WHERE $timeFilter GROUP BY "place"',
            "GROUP BY ['place'], not tags",
        ),
        (
            'SELECT sum("name") AS "n" FROM "copier" WHERE $timeFilter',
            "('sum',) of name, which is no number",
        ),
        (
            'SELECT "pages" FROM "department_month" WHERE "month" = \'2026-11\'',
            "the tag month is compared by = '2026-11'",
        ),
        (
            'SELECT "x" FROM (SELECT last("ratio") AS "ratio" FROM "department_month")',
            "columns ['x']",
        ),
        ('SELECT "place" FROM "copier"', "only tags are selected"),
        (
            'SELECT last("place") AS "p", "online" FROM "copier"',
            "('last',) of the tag place",
        ),
    ],
)
def test_a_misspelling_is_found(text: str, complaint: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, Select)
    assert complaint in list(problems(parsed))


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * FROM "copier"',
        'SELECT pages FROM "department_month"',
        'SELECT "pages" FROM "department_month" GROUP BY time(1d',
        'SELECT last("pages") FROM "department_month"',
        'SELECT "pages" FROM "department_month"; DROP MEASUREMENT "copier"',
        'SELECT lst("pages") AS "p" FROM "department_month"',
    ],
)
def test_what_the_reader_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(SyntaxError):
        parse(text)


# Provisioning files.


def test_the_datasource_speaks_influxql_and_holds_no_secret() -> None:
    (source,) = yaml_file("provisioning/datasources/copier-fleet.yaml")["datasources"]

    assert (source["type"], source["uid"]) == ("influxdb", DATASOURCE)
    assert source["database"] == source["jsonData"]["dbName"]
    assert "version" not in source["jsonData"], "a version would choose Flux or SQL"
    assert source["user"].startswith("$")
    assert all(value.startswith("$") for value in source["secureJsonData"].values())


def test_the_providers_cover_every_language() -> None:
    providers = yaml_file("provisioning/dashboards/copier-fleet.yaml")["providers"]

    assert {one["options"]["path"].rpartition("/")[2] for one in providers} == set(LANGUAGES)
    assert all(one["type"] == "file" and one["disableDeletion"] for one in providers)


def test_the_rules_are_the_agreed_ones() -> None:
    assert {uid: rule["noDataState"] for uid, rule in rules().items()} == {
        "copier-fleet-over-80": "OK",
        "copier-fleet-over-100": "OK",
        "copier-fleet-forecast-over": "OK",
        "copier-fleet-silent-24h": "OK",
        "copier-fleet-heartbeat": "Alerting",
    }


@pytest.mark.parametrize("uid", rules())
def test_a_rule_is_one_that_every_grafana_since_9_3_understands(uid: str) -> None:
    rule = rules()[uid]
    query, reduced, threshold = rule["data"]

    assert rule["condition"] == "C"
    assert rule["execErrState"] == "Error"
    assert query["datasourceUid"] == DATASOURCE
    assert query["model"]["resultFormat"] == "time_series"
    assert reduced["datasourceUid"] == threshold["datasourceUid"] == "__expr__"
    assert reduced["model"]["expression"] == "A"
    assert reduced["model"]["settings"] == {"mode": "dropNN"}
    assert threshold["model"]["expression"] == "B"
    assert "$" not in json.dumps(rule["labels"]), "Grafana expands $ in labels"
    assert "$" not in json.dumps(rule["annotations"]), "early versions expand $ in annotations"


@pytest.mark.parametrize("uid", rules())
def test_a_rule_has_one_number_and_names_only_labels_it_has(uid: str) -> None:
    rule = rules()[uid]
    parsed = parse(rule["data"][0]["model"]["query"])

    assert isinstance(parsed, Select)
    assert len(parsed.columns) == 1, "two columns give frames that cannot be told apart"
    assert kind_of(parsed.columns[0], readable(parsed)) in NUMBERS
    assert set(re.findall(r"\.Labels\.(\w+)", json.dumps(rule))) <= set(parsed.by)
    for text in rule["annotations"].values():
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", text)
        assert " / " in text


@pytest.mark.parametrize("uid", rules())
def test_a_rule_leads_to_a_panel(uid: str) -> None:
    rule = rules()[uid]
    (dashboard,) = (one for one in DASHBOARDS.values() if one["uid"] == rule["dashboardUid"])

    assert rule["panelId"] in {panel["id"] for panel in dashboard["panels"]}


def test_no_notification_policy_is_active() -> None:
    for path in (ROOT / "provisioning").rglob("*.yaml"):
        active = yaml_file(str(path.relative_to(ROOT)))
        assert not {"policies", "contactPoints"} & set(active), path
    assert {"policies", "contactPoints"} <= set(yaml_file("examples/notification-policy.yaml"))


def test_panels_of_this_month_keep_their_own_span() -> None:
    for query in panel_queries():
        assert query.panel is not None
        newest = re.search(r'last\("\w+"\) AS "\w+"[^(]* FROM "department_month"', query.text)
        if newest:
            assert query.panel["timeFrom"] == "32d", query.where
            assert query.panel["hideTimeOverride"] is True
