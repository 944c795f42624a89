"""The alert rules on good and bad data, asked of a real InfluxDB, and the mails they make."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from collector.domain.rows import Row, Value
from tests.grafana.alerting import OUTAGE, Answers, Fired, Grafana, Mail, evaluate, expanded
from tests.grafana.emulation import Frame, empty_columns
from tests.grafana.filled import Filled, fill_with_rows, write
from tests.grafana.office_rows import NOW, SITE
from tests.grafana.shipped import Json, rule_queries, rules, yaml_file
from tests.servers.influx import InfluxServer, influxd

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influxd(tmp_path_factory.mktemp("alerts")) as started:
        yield started


NEWEST, BEFORE = NOW - timedelta(days=22), NOW - timedelta(days=53)
_DATABASES = count()
POLICY = yaml_file("alerting/notification-policy.yaml")


def month(department: str, urgency: int, at: datetime = NEWEST, **fields: Value) -> Row:
    usual: dict[str, Value] = {
        "target": 1000,
        "pages": 500,
        "remaining": 500,
        "ratio": 0.5,
        "forecast": 900.0,
        "forecast_ratio": 0.9,
        "elapsed": 0.6,
        "cut": 0,
        "days_left": 5,
    }
    tags = {"site": SITE, "department": department, "month": f"{at:%Y-%m}"}
    return Row("department_month", tags, usual | {"urgency": urgency} | fields, at)


def copier(place: str, silent_s: int, ago: timedelta, department: str = "soumu") -> Row:
    tags = {"site": SITE, "place": place, "department": department}
    return Row("copier", tags, {"silent_s": silent_s, "online": silent_s == 0}, NOW - ago)


def heartbeat(ago: timedelta) -> Row:
    tags = {"site": SITE, "host": "srv1"}
    return Row("collector", tags, {"polled": 0, "failed": 9}, NOW - ago)


def answers(server: InfluxServer, rule: Json, rows: Iterable[Row]) -> dict[str, Frame]:
    database = f"alerts_{next(_DATABASES)}"
    write(server, database, rows)
    filled = Filled(server, database, NOW)
    return {one.where.rpartition(" ")[2]: filled.ask(one, {}) for one in rule_queries(rule)}


def alerts(server: InfluxServer, uid: str, rows: Iterable[Row]) -> dict[str, Fired]:
    """Return what rule `uid` fires for, by department or place; "" where its state is told."""
    rule = rules()[f"copier-fleet-{uid}"]
    found = evaluate(rule, answers(server, rule, rows))
    if found is None:
        return {"": Fired((), {})} if rule["noDataState"] == "Alerting" else {}
    return {
        one.named.get("department") or one.named.get("place") or "(none)": one
        for one in found.values()
    }


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("uid", "rows", "expected"),
    [
        ("over", [month("a", 3), month("b", 2), month("c", 1)], {"a"}),
        ("over", [month("a", 2)], set()),
        ("over", [month("a", 0, target=0)], set()),
        # Last month's excess is over, also where the target was taken away since.
        ("over", [month("a", 3, BEFORE), month("a", 1)], set()),
        ("over", [month("a", 3, NEWEST - HOUR), month("a", 0, target=0)], set()),
        ("will-be-over", [month("a", 2), month("b", 1)], {"a"}),
        # Once it is lost, nothing says any more that there is time.
        ("will-be-over", [month("a", 3)], set()),
        ("will-be-over", [month("a", 2, elapsed=0.1)], set()),
        ("silent", [copier("a", 86_500, MINUTE), copier("b", 80_000, MINUTE)], {"a"}),
        ("silent", [copier("a", 90_000, HOUR), copier("a", 0, MINUTE)], set()),
        # It moved to another department while silent: the newest row of the place decides.
        ("silent", [copier("a", 90_000, HOUR), copier("a", 0, MINUTE, "zeimu")], set()),
        # Taken off the list: its last row grows old.
        ("silent", [copier("a", 90_000, 30 * HOUR), copier("b", 0, MINUTE)], set()),
        ("heartbeat", [heartbeat(2 * HOUR)], {""}),
        ("heartbeat", [heartbeat(2 * HOUR), heartbeat(MINUTE)], set()),
    ],
)
def test_a_rule_fires_when_it_should(
    server: InfluxServer, uid: str, rows: list[Row], expected: set[str]
) -> None:
    assert set(alerts(server, uid, rows)) == expected


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    marks = test_a_rule_fires_when_it_should.pytestmark
    cases = next(mark.args[1] for mark in marks if mark.name == "parametrize")
    seen = {(f"copier-fleet-{uid}", bool(expected)) for uid, _, expected in cases}

    assert seen == {(uid, fires) for uid in rules() for fires in (True, False)}


def test_every_rule_gets_numbers(server: InfluxServer) -> None:
    filled = fill_with_rows(server)
    for rule in rules().values():
        for query in rule_queries(rule):
            answer = filled.ask(query, {})

            assert answer, query.where
            assert empty_columns(answer) == set(), query.where
        evaluate(rule, {q.where.rpartition(" ")[2]: filled.ask(q, {}) for q in rule_queries(rule)})


def said(uid: str, fired: Fired, folder: str = "alerting") -> dict[str, str]:
    """Return what summary and description of a rule say."""
    rule = rules(folder)[f"copier-fleet-{uid}"]
    return {
        key: expanded(text, fired.named, fired.values)
        for key, text in rule["annotations"].items()
        if not key.startswith("__")
    }


def test_a_mail_says_who_how_much_and_what_brings_it_back(server: InfluxServer) -> None:
    over = month("soumu", 3, pages=1269, remaining=-269, ratio=1.2692857142857144)
    cut = month("zeimu", 2, forecast=1100.4, forecast_ratio=1.1004, cut=21)
    last = month("zeimu", 2, forecast=1100.4, forecast_ratio=1.1004, remaining=77)

    assert said("over", alerts(server, "over", [over])["soumu"]) == {
        "summary": "soumu：目標を超過",
        "description": (
            "soumuは今月の目標 1000面 を 269面 超えました（1269面、127%）。"
            "今月は目標内に戻せません。"
        ),
    }
    assert said("will-be-over", alerts(server, "will-be-over", [cut])["zeimu"])["description"] == (
        "zeimuは月末に 1100面（目標 1000面 の 110%）になる見込みです。"
        "残り5勤務日、1日あたり 21面 減らせば目標に収まります。"
    )
    left = said("will-be-over", alerts(server, "will-be-over", [last])["zeimu"])["description"]
    assert left.endswith("月末まで、あと 77面 以内なら目標に収まります。")
    silent = alerts(server, "silent", [copier("2f", 90_000, MINUTE)])["2f"]
    assert said("silent", silent)["description"].startswith(
        "2fの複合機が 25時間 応答していません。"
    )


@pytest.mark.parametrize("folder", ["alerting", "alerting/en"])
def test_no_mail_ever_shows_a_raw_template(folder: str) -> None:
    """Also one without labels and figures, as an outage gives them."""
    for uid in rules(folder):
        for text in said(uid.removeprefix("copier-fleet-"), Fired((), {}), folder).values():
            assert "{{" not in text
            assert "invalid" not in text


OVER, ON_COURSE = [month("soumu", 3), heartbeat(MINUTE)], [month("soumu", 1), heartbeat(MINUTE)]


def mails(server: InfluxServer, *rounds: list[Row] | None) -> list[Mail]:
    """Return what is mailed while the rules meet `rounds`; None is a database that is away."""
    grafana = Grafana(POLICY)
    told = rules()
    for number, rows in enumerate(rounds):
        got: dict[str, Answers] = {
            uid: OUTAGE if rows is None else answers(server, rule, rows)
            for uid, rule in told.items()
        }
        grafana.round(told.values(), got, number)
    return grafana.mails


def test_an_outage_is_told_to_the_it_staff_once_and_to_nobody_else(server: InfluxServer) -> None:
    told = mails(server, OVER, None, None, None, None)

    assert [(one.to, one.rule, one.resolved) for one in told] == [
        ("copier-fleet-managers", "copier-fleet-over", False),
        ("copier-fleet-it", "copier-fleet-heartbeat", False),
    ]


def test_after_a_short_outage_managers_hear_nothing_again(server: InfluxServer) -> None:
    told = mails(server, OVER, None, OVER, OVER)

    assert [one.rule for one in told if one.to == "copier-fleet-managers"] == ["copier-fleet-over"]


def test_a_database_without_rows_is_no_all_clear(server: InfluxServer) -> None:
    told = mails(server, OVER, [], [], [])

    assert [one.rule for one in told if one.to == "copier-fleet-managers"] == ["copier-fleet-over"]
    assert not any(one.resolved for one in told)


def test_one_mail_a_department_and_event(server: InfluxServer) -> None:
    """Not three for 80 %, 100 % and the forecast; none again while nothing changes."""
    ahead = [month("soumu", 2, forecast_ratio=1.1), heartbeat(MINUTE)]
    told = mails(server, ON_COURSE, ahead, ahead, OVER, OVER)

    assert [(one.rule, one.to) for one in told] == [
        ("copier-fleet-will-be-over", "copier-fleet-managers"),
        ("copier-fleet-over", "copier-fleet-managers"),
    ]
