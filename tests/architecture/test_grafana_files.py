"""The shipped Grafana files: valid, made by the generator, and true to the published schema."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.main import commands
from collector.dashboards import frame
from collector.dashboards.build import MAKERS, GrafanaOffice, grafana_files
from collector.dashboards.frame import LANGUAGES, PAGES
from collector.dashboards.panels import GRID_COLUMNS, flow
from collector.domain.counting.findings import Severity
from collector.domain.counting.reading import SupplyState, TrayStatus
from collector.domain.month.course import Standing
from collector.domain.rows import SCHEMA
from collector.errors import ConfigError
from collector.texts import catalogue
from tests.grafana.influxql import Select, ShowTagValues, parse
from tests.grafana.schema import problems
from tests.grafana.shipped import (
    ROOT,
    Json,
    Query,
    all_queries,
    dashboards,
    rules,
    yaml_file,
)

CORE_PANELS = {"stat", "table", "barchart", "timeseries", "state-timeline"}
PROSE = {"text"}
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
    assert "2 files written, 16 unchanged" in told.err
    assert written(tmp_path) == written(ROOT)


def mails(folder: Path, name: str = "alerting") -> str:
    """Return all that rules of `folder` say in mails."""
    said = [rule["annotations"] for rule in rules(f"{folder}/{name}").values()]
    return json.dumps(said, ensure_ascii=False)


def test_names_from_a_fleet_file_are_those_of_the_mails(tmp_path: Path) -> None:
    """Pages need none: rows name what they show."""
    fleet = tmp_path / "fleet.toml"
    fleet.write_text(FLEET)
    out = tmp_path / "out"

    assert build("--fleet", fleet, "--zone", "Europe/Berlin", "--out", out) == 0

    assert "General Affairs" not in mails(out)
    assert all(one in mails(out) for one in ("総務課", "税務課", "2階 複写室"))
    assert "General Affairs" in mails(out, "alerting/en")
    for name, text in written(out).items():
        if name.startswith("dashboards/"):
            assert json.loads(text)["timezone"] == "Europe/Berlin"
            assert (
                text.decode().replace("Europe/Berlin", "Asia/Tokyo").encode() == written(ROOT)[name]
            )
    assert "総務課" not in mails(ROOT)


def test_a_grafana_that_can_keep_a_state_is_told_to(tmp_path: Path) -> None:
    """9.3 would refuse a file with `KeepLast` and not start."""
    for version, state in (
        ("9.3", "OK"),
        ("10.4.1", "OK"),
        ("11.0", "KeepLast"),
        ("v11.2", "KeepLast"),
    ):
        out = tmp_path / version
        assert build("--zone", "Asia/Tokyo", "--out", out, "--grafana", version) == 0
        made = rules(f"{out}/alerting")
        assert {
            (rule["noDataState"], rule["execErrState"])
            for uid, rule in made.items()
            if uid != "copier-fleet-heartbeat"
        } == {(state, state)}
    for version in ("9.2", "eleven"):
        with pytest.raises(click.BadParameter, match=version):
            build("--zone", "Asia/Tokyo", "--out", tmp_path / "no", "--grafana", version)


def test_rules_speak_the_offices_language(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    (tmp_path / "collector.toml").write_text('[office]\nlanguage = "en"\n')
    out = tmp_path / "out"

    assert build("--config", tmp_path / "collector.toml", "--out", out) == 0

    assert "has passed this month's target" in mails(out)
    assert "超えました" in mails(out, "alerting/ja")
    assert not (out / "alerting/en").exists()


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
    assert "書き込み 18 件" in told.err
    assert "2階 複写室" in mails(out)
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
    # `build.entry("use")` takes the title and "use_about"; the rest is named after values.
    named = {f"standing_{one.value}" for one in Standing} | {f"page_{one}" for one in PAGES}
    named |= {f"level_{one.value}" for one in SupplyState}
    named |= {f"tray_{one.value}" for one in TrayStatus} | {one.value for one in Severity}
    named |= {f"alert_{event}" for event in ("over", "will_be_over", "silent", "heartbeat")}
    japanese, english = (dict(catalogue.entries(one, catalogue.DASHBOARDS)) for one in LANGUAGES)
    unused = {key for key in japanese if key.removesuffix("_about") not in used | named}

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
            re.sub(r'"(\w+)_(?:en|ja)"', r'"\1"', one["query"]).replace('"message" AS ', "")
            for one in panel.get("targets", ())
        ]
        queries = [re.sub(r'"(\w+)" AS "\1"', r'"\1"', one) for one in queries]
        return {
            "kind": panel["type"],
            "spot": panel["gridPos"],
            "id": panel["id"],
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

        language, which = name.split("/")
        other = {"ja": "en", "en": "ja"}[language]
        near = {f"copier-fleet-{one}-{language}" for one in LEADING if one != which}
        near |= {f"copier-fleet-sites-{language}"} if which == "office" else set()
        assert {link["url"] for link in dashboard["links"]} == {
            f"/d/{one}" for one in (*near, f"copier-fleet-{which}-{other}")
        }
        assert all(link["includeVars"] for link in dashboard["links"]), "site and month go along"
        assert set(urls) <= uids, name
        leads = {one for one in urls if not one.endswith(f"-{language}")}
        assert leads <= {f"copier-fleet-{which}-{other}"}, "a page leads to its own language"


LEADING = ("office", "fleet", "collector")


def written_as(name: str) -> str:
    return json.dumps(DASHBOARDS[name])


def test_every_page_is_reached_and_has_a_way_back() -> None:
    for language in LANGUAGES:
        reached = {
            uid
            for which in LEADING
            for uid in re.findall(
                r'"url": "/d/([\w-]+)', json.dumps(DASHBOARDS[f"{language}/{which}"])
            )
        }
        assert {f"copier-fleet-{which}-{language}" for which in MAKERS} <= reached
        for which in ("department", "place"):
            back = {link["url"] for link in DASHBOARDS[f"{language}/{which}"]["links"]}
            assert f"/d/copier-fleet-office-{language}" in back


def test_a_link_says_whose_page_it_leads_to() -> None:
    """The site, and the department or place by the id in its row; ids are escaped."""
    for name, dashboard in DASHBOARDS.items():
        for url in re.findall(r'"url": "(/d/[^"]+\?[^"]+)"', json.dumps(dashboard)):
            page = re.search(r"copier-fleet-(\w+)-", url)
            assert page is not None
            whose = "site" if name.endswith("/sites") else page[1]
            assert f"var-{whose}=${{__data.fields.{whose}_id:percentencode}}" in url
            assert whose == "site" or "var-site=${site:percentencode}" in url
            if page[1] == "department":
                assert "var-month=${month:percentencode}" in url
            known = {one["name"] for one in dashboard["templating"]["list"]}
            assert set(re.findall(r"\$\{(\w+):percent", url)) <= known, name


def test_no_provisioned_name_stands_twice() -> None:
    """Grafana refuses a page that has the name of a folder, and one of two in the same folder."""
    providers = yaml_file("provisioning/dashboards/copier-fleet.yaml")["providers"]
    folders = {one["options"]["path"].rpartition("/")[2]: one["folder"] for one in providers}
    alerts = [
        group["folder"]
        for folder in ("alerting", "alerting/en")
        for group in yaml_file(f"{folder}/copier-fleet.yaml")["groups"]
    ]
    titles = {name: dashboard["title"] for name, dashboard in DASHBOARDS.items()}
    named = [*set(folders.values()), *dict.fromkeys(alerts), *titles.values()]

    assert len({one.casefold() for one in named}) == len(named) == 2 + 2 + len(DASHBOARDS)
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)
    for language in LANGUAGES:
        assert folders[language] not in titles.values()
    for name in named:
        assert "/" not in name, "later Grafana nests folders by it"


def test_variables_are_one_value_each_and_used() -> None:
    """No "All": Grafana says that in English; what concerns everybody has pages of its own."""
    for name, dashboard in DASHBOARDS.items():
        text = json.dumps([dashboard["panels"], dashboard["annotations"]])
        text += "".join(str(one["query"]) for one in dashboard["templating"]["list"])
        for variable in dashboard["templating"]["list"]:
            assert (variable["multi"], variable["includeAll"]) == (False, False)
            assert ("${" + variable["name"]) in text, f"{name}: {variable['name']}"
            if variable["type"] == "query":
                assert variable["refresh"] == 2
        known = {variable["name"] for variable in dashboard["templating"]["list"]}
        used = set(re.findall(r"\$\{(\w+)[:}]", text)) - {"__data"}
        assert used <= known | {"__interval"}, name


ENGLISH = re.compile(r"[A-Za-z]{4,}")
SAID_AS_IS = {"English", "copier-fleet", "check", "systemctl", "status"}


@pytest.mark.parametrize("which", MAKERS)
def test_a_page_speaks_one_language(which: str) -> None:
    """Every title, legend, selector, column and word for a value; no unit says "4 days"."""
    for language, foreign in (("ja", ENGLISH), ("en", re.compile(r"[ぁ-んァ-ヶ一-龠]"))):
        dashboard = DASHBOARDS[f"{language}/{which}"]
        for text in shown_texts(dashboard):
            said = re.sub(r"\$\{\w+:text\}|\$month", "", text)
            left = [one for one in foreign.findall(said) if one not in SAID_AS_IS | {"日本語"}]
            assert not left or said in ("日本語", "English"), text
        units = {
            value
            for panel in dashboard["panels"]
            for value in re.findall(r'"unit"(?:, "value")?: "([^"]+)"', json.dumps(panel))
        }
        assert units <= {"locale", "percent", "percentunit", "s", "time:YYYY-MM-DD HH:mm"}


def shown_texts(dashboard: Json) -> Iterator[str]:
    """Yield every text of a page that a person reads."""
    yield dashboard["title"]
    for link in dashboard["links"]:
        yield link["title"]
    for variable in dashboard["templating"]["list"]:
        yield variable["label"]
        yield from (one["text"] for one in variable["options"])
    for panel in dashboard["panels"]:
        yield panel["title"]
        yield panel["description"]
        yield panel["options"].get("content", "")
        config = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
        if panel["type"] != "text":
            assert config["defaults"]["noValue"], "Grafana would say No data"
            yield config["defaults"]["noValue"]
        hidden = {
            one["matcher"]["options"]
            for one in config["overrides"]
            for item in one["properties"]
            if item["id"] == "custom.hidden"
        }
        for step in panel.get("transformations", ()):
            names = step["options"].get("renameByName", {}).values()
            yield from (name for name in names if name not in hidden)
        yield from _words(config["defaults"].get("mappings", ()))
        for one in config["overrides"]:
            for item in one["properties"]:
                if item["id"] == "displayName":
                    yield item["value"]
                if item["id"] == "mappings":
                    yield from _words(item["value"])
        yield from (one["alias"] for one in panel.get("targets", ()) if "alias" in one)


def _words(mappings: Iterable[Json]) -> Iterator[str]:
    for mapping in mappings:
        options = mapping["options"]
        found = options.values() if mapping["type"] == "value" else [options["result"]]
        yield from (one["text"] for one in found)


# The queries, token by token, against the table of what is published.


@pytest.mark.parametrize("query", all_queries(), ids=lambda query: query.where)
def test_every_query_reads_what_is_published(query: Query) -> None:
    for field in ("last_year", "last_month"):
        parsed = parse(query.text.replace("${compare:raw}", field))
        if isinstance(parsed, ShowTagValues):
            assert parsed.tag in SCHEMA[parsed.measurement].tags
            return
        assert list(problems(parsed)) == []
    assert isinstance(parsed, Select)

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
