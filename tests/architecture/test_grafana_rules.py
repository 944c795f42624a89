"""The shipped alert rules and policy: what Grafana 9.3 and later make of them, and who hears."""

import json
import re

import pytest

from tests.grafana.influxql import Select, parse
from tests.grafana.schema import NUMBERS, kind_of, readable
from tests.grafana.shipped import ROOT, dashboards, rule_queries, rules, yaml_file

DATASOURCE = "copier-fleet-influx"
DASHBOARDS = dashboards()
ENGLISH = re.compile(r"[A-Za-z]{4,}")

FOLDERS = ["alerting", "alerting/en"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_the_heartbeat_tells_of_an_outage(folder: str) -> None:
    """Every other rule says nothing while the database is away: neither alarm nor all-clear."""
    assert {
        uid: (one["noDataState"], one["execErrState"]) for uid, one in rules(folder).items()
    } == {
        "copier-fleet-over": ("OK", "OK"),
        "copier-fleet-will-be-over": ("OK", "OK"),
        "copier-fleet-silent": ("OK", "OK"),
        "copier-fleet-heartbeat": ("Alerting", "Alerting"),
    }
    told = {uid: one["labels"]["audience"] for uid, one in rules(folder).items()}
    assert told["copier-fleet-heartbeat"] == "it"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("uid", rules())
def test_a_rule_is_one_that_every_grafana_since_9_3_understands(uid: str, folder: str) -> None:
    rule = rules(folder)[uid]
    by_ref = {one["refId"]: one for one in rule["data"]}

    assert rule["condition"] == "C"
    assert (by_ref["B"]["model"]["expression"], by_ref["C"]["model"]["expression"]) == ("A", "B")
    for ref, step in by_ref.items():
        model = step["model"]
        assert model["refId"] == ref
        if step["datasourceUid"] == DATASOURCE:
            assert model["resultFormat"] == "time_series"
        else:
            assert step["datasourceUid"] == "__expr__"
            assert model["type"] in {"reduce", "threshold", "math"}
            used = {model["expression"], *re.findall(r"\$(\w+)", model["expression"])}
            assert used & by_ref.keys(), "an expression of nothing"
    assert "$" not in json.dumps(rule["labels"]), "Grafana expands $ in labels"
    assert "$" not in json.dumps(rule["annotations"]), "early versions expand $ in annotations"


@pytest.mark.parametrize("uid", rules())
def test_a_rule_asks_one_number_a_query_and_names_only_labels_it_has(uid: str) -> None:
    rule = rules()[uid]
    labels = set()
    for query in rule_queries(rule):
        parsed = parse(query.text)
        assert isinstance(parsed, Select)
        assert len(parsed.columns) == 1, "two columns give frames that cannot be told apart"
        assert kind_of(parsed.columns[0], readable(parsed)) in NUMBERS
        labels.add(parsed.by)
    assert len(labels) == 1, "figures of other labels would be lost"
    assert set(re.findall(r'\.Labels \\"(\w+)', json.dumps(rule))) <= {*labels.pop()}
    figures = set(re.findall(r'\.Values \\"(\w+)', json.dumps(rule)))
    assert figures <= {one["refId"] for one in rule["data"]}


@pytest.mark.parametrize("folder", FOLDERS)
def test_mails_speak_one_language(folder: str) -> None:
    foreign = ENGLISH if folder == "alerting" else re.compile(r"[ぁ-んァ-ヶ一-龠]")
    for rule in rules(folder).values():
        texts = [rule["title"], *(t for k, t in rule["annotations"].items() if k[0] != "_")]
        for text in texts:
            said = re.sub(r"\{\{.*?\}\}", "", text)
            assert set(foreign.findall(said)) <= {"copier", "fleet", "check", "systemctl", "status"}
            assert "/" not in said


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("uid", rules())
def test_a_rule_leads_to_a_panel(uid: str, folder: str) -> None:
    rule = rules(folder)[uid]
    notes = rule["annotations"]
    (dashboard,) = (one for one in DASHBOARDS.values() if one["uid"] == rule["dashboardUid"])

    assert dashboard["uid"].endswith("-en") == (folder == "alerting/en")
    assert rule["panelId"] in {panel["id"] for panel in dashboard["panels"]}
    assert (notes["__dashboardUid__"], notes["__panelId__"]) == (
        rule["dashboardUid"],
        str(rule["panelId"]),
    )


def test_nothing_alerts_before_somebody_installs_rules_and_policy_together() -> None:
    """Rules alone would mail to Grafana's default contact at once."""
    for path in (ROOT / "provisioning").rglob("*.yaml"):
        active = yaml_file(str(path.relative_to(ROOT)))
        assert not {"groups", "policies", "contactPoints"} & set(active), path
    for folder in FOLDERS:
        assert {"policies", "contactPoints"} <= set(yaml_file(f"{folder}/notification-policy.yaml"))
        head = (ROOT / folder / "copier-fleet.yaml").read_text(encoding="utf-8").splitlines()
        together = "not without it" if folder == "alerting/en" else "と一緒に"
        assert any(together in line for line in head if line.startswith("#"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_managers_get_no_all_clear_and_no_news_of_a_data_source(folder: str) -> None:
    policy = yaml_file(f"{folder}/notification-policy.yaml")
    contacts = {one["name"]: one["receivers"][0] for one in policy["contactPoints"]}
    (root,) = policy["policies"]
    (route,) = root["routes"]

    assert contacts[route["receiver"]]["disableResolveMessage"] is True
    assert ["alertname", "!~", "Datasource.*"] in route["object_matchers"]
    assert route["group_by"] == ["alertname", "department"]
    assert contacts[root["receiver"]]["disableResolveMessage"] is False
