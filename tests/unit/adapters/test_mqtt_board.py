"""MQTT: names of topics, and what stands on the retained ones."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.mqtt.home_assistant import Discovery, object_id
from collector.adapters.mqtt.retained import RetainedState, Topics, level, why_unfit
from collector.adapters.mqtt.sink import MqttTarget
from collector.domain.rows import Row, Value
from tests.fakes.clock import FakeClock
from tests.fakes.payloads import hold
from tests.fakes.rows import NOON, copier_row, event_row, month_row, texts

TOPICS = Topics("copier-fleet", "本庁/1")
LATER = NOON + timedelta(minutes=5)


def silent_row(place: str, *, online: bool = False) -> Row:
    tags = {"site": "hall", "place": place, "department": "soumu"}
    fields = {"online": online, "status": "no answer", "silent_s": 300}
    return Row("copier", tags, fields, LATER)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2F 総務課", "2F 総務課"),
        ("a/b+c#d", "a%2Fb%2Bc%23d"),
        ("100%", "100%25"),
        ("nul\0", "nul%00"),
        ("", "%"),
        ("\ufffe", "%EF%BF%BE"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_one_level_of_a_topic(text: str, written: str) -> None:
    assert level(text) == written


@given(texts, texts)
def test_other_ids_are_other_topics(one: str, other: str) -> None:
    assert (level(one) == level(other)) == (one == other)
    assert not set(level(one)) & set("/+#\0\n")


def test_topics_of_a_site() -> None:
    assert TOPICS.status == "copier-fleet/本庁%2F1/status"
    assert TOPICS.place("p1") == "copier-fleet/本庁%2F1/place/p1/state"
    assert TOPICS.department("soumu") == "copier-fleet/本庁%2F1/department/soumu/month"
    assert TOPICS.event("reset") == "copier-fleet/本庁%2F1/event/reset"


def test_a_month_as_json() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(month_row("soumu", 1234))
    assert topic == TOPICS.department("soumu")
    message = retained.message(topic)
    assert message.retain
    assert "総務課".encode() in message.payload
    assert json.loads(message.payload) == {
        "site": "hall",
        "department": "soumu",
        "month": "2024-11",
        "at": "2024-10-31T15:00:00Z",
        "pages": 1234,
        "target": 1000,
        "ratio": 1.234,
        "name": "総務課",
        "final": False,
    }


def paper_row(measurement: str, month: int, of: str = "whole_office", **changes: Value) -> Row:
    """Return a row of paper as `collector/app/publish/paper_quarters.py` makes them."""
    figures = {"bought": 12_000, "counted": 0, "counted_low": 0, "unexplained": 0, "over": True}
    known = {"bought_known": True, "counted_known": False, "unexplained_known": False}
    fields: dict[str, Value] = {**figures, **known, "name": "全庁", "excluded_high": 0, **changes}
    named = ("quarter", "2024-Q1") if measurement == "paper_quarter" else ("year", "2024")
    fields |= {"stock_change": -300, "unexplained_share": 0.0, named[0]: named[1]}
    at = datetime(2024, month, 1, tzinfo=UTC)
    return Row(measurement, {"site": "hall", "department": of}, fields, at)


def test_paper_of_the_newest_quarter_and_year_stands_without_what_is_not_known() -> None:
    retained = RetainedState(TOPICS)
    for measurement in ("paper_quarter", "paper_year"):
        topic = retained.put(paper_row(measurement, 7))
        assert topic == TOPICS.paper(measurement.removeprefix("paper_"))
        (message,) = retained.messages(topic)
        told = json.loads(message.payload)
        assert message.retain
        assert told["bought"] == 12_000
        assert told["stock_change"] == -300
        gone = {"counted", "counted_low", "excluded_high", "unexplained", "unexplained_share"}
        assert not gone & told.keys()
        assert hold(topic, message.payload.decode(), TOPICS.base)
        assert retained.put(paper_row(measurement, 4, bought=1)) is None, "an older one"
        assert retained.content(topic)["bought"] == 12_000
        assert retained.put(paper_row(measurement, 7, "soumu")) is None
        assert retained.put(paper_row(measurement, 7, bought=0, bought_known=False)) == topic
        assert retained.message(topic).payload == b"", "taken back, taken down"


def test_an_older_month_does_not_cover_a_newer_one() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(month_row("soumu", 10, "2024-11"))
    assert topic is not None
    assert retained.put(month_row("soumu", 9999, "2023-11")) is None
    assert retained.content(topic)["pages"] == 10
    assert retained.put(month_row("soumu", 11, "2024-11")) == topic
    assert retained.content(topic)["pages"] == 11
    assert retained.put(month_row("soumu", 1, "2024-12")) == topic


def test_what_claims_to_be_of_a_time_to_come_freezes_no_place() -> None:
    clock = FakeClock(LATER)
    retained = RetainedState(TOPICS, clock)
    place, month = TOPICS.place("p1"), TOPICS.department("soumu")
    retained.recall(place, b'{"at": "2099-01-01T00:00:00Z", "place": "p1", "total": 5}')
    retained.recall(month, b'{"at": "2099-01-01T00:00:00Z", "month": "2099-01", "pages": 5}')
    assert retained.put(copier_row("p1", 500)) == place
    assert retained.put(month_row("soumu", 7)) == month
    assert retained.content(place)["total"] == 500

    clock.forward(days=400)
    assert retained.put(copier_row("p1", 900, clock.now())) == place
    clock.forward(days=-400)
    assert retained.put(copier_row("p1", 501, clock.now())) == place, "the clock was put right"
    assert retained.put(copier_row("p1", 499)) is None, "older than what stands"


def test_what_the_broker_kept_counts_as_standing() -> None:
    retained = RetainedState(TOPICS)
    topic = TOPICS.department("soumu")
    retained.recall(topic, b'{"at": "2024-10-31T15:00:00Z", "pages": 5}')
    assert retained.put(month_row("soumu", 9999, "2023-11")) is None
    assert retained.put(month_row("soumu", 6, "2024-11")) == topic


@pytest.mark.parametrize(
    "payload", [b"", b"offline", b"[1]", b'{"pages": 1}', b"\xff", b'{"at":5}']
)
def test_what_is_not_ours_is_not_recalled(payload: bytes) -> None:
    retained = RetainedState(TOPICS)
    retained.recall(TOPICS.place("p1"), payload)
    assert retained.topics() == ()


def test_silence_keeps_the_meters_that_were_read_last() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(copier_row("p1", 500))
    assert topic is not None
    assert retained.put(silent_row("p1")) == topic
    content = retained.content(topic)
    assert (content["total"], content["online"], content["silent_s"]) == (500, False, 300)
    assert content["at"] == "2024-11-15T03:05:00Z"


def test_a_new_reading_does_not_keep_a_meter_that_was_not_answered() -> None:
    retained = RetainedState(TOPICS)
    tags = {"site": "hall", "place": "p1", "department": "soumu"}
    retained.put(Row("copier", tags, {"total": 10, "total_color": 4}, NOON))
    topic = retained.put(Row("copier", tags, {"total": 3}, LATER))
    assert topic is not None
    assert "total_color" not in retained.content(topic)


def test_an_event_is_not_retained() -> None:
    message = RetainedState(TOPICS).event(event_row("the counter was reset"))
    assert message is not None
    assert not message.retain
    assert message.topic == TOPICS.event("reset")
    assert json.loads(message.payload)["message"] == "the counter was reset"


def test_other_rows_have_no_topic() -> None:
    day = Row("department_day", {"site": "s", "department": "d"}, {"total": 1}, NOON)
    retained = RetainedState(TOPICS)
    assert retained.put(day) is None
    assert retained.event(day) is None


def test_a_number_that_is_none_is_no_json() -> None:
    row = Row("collector", {"site": "s", "host": "h"}, {"lag_s": math.nan}, NOON)
    assert why_unfit(row) == "collector.lag_s: nan is no number"
    assert why_unfit(copier_row("p", 1, NOON.replace(tzinfo=None))) is not None
    assert why_unfit(copier_row("p", 1)) is None


@pytest.mark.parametrize("prefix", ["", "a/#", "a+b", "$SYS"])
def test_a_prefix_that_begins_no_topic(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin a topic"):
        MqttTarget("localhost", "hall", prefix=prefix)


def test_discovery_names_topic_field_and_a_valid_id() -> None:
    discovery = Discovery("homeassistant", TOPICS)
    retained = RetainedState(TOPICS)
    topic = retained.put(month_row("総務/課", 12))
    assert topic is not None
    (message,) = discovery.describe(topic, retained.content(topic))
    described = json.loads(message.payload)
    assert message.retain
    assert message.topic.startswith("homeassistant/sensor/copier_fleet__")
    assert all(char.isascii() and (char.isalnum() or char in "_-/") for char in message.topic)
    assert described["state_topic"] == topic
    assert described["value_template"] == "{{ value_json.pages }}"
    assert described["availability_topic"] == TOPICS.status


def test_discovery_has_nothing_to_say_of_a_copier_without_figure() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(silent_row("p1"))
    assert topic is not None
    assert list(Discovery("homeassistant", TOPICS).describe(topic, retained.content(topic))) == []


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_other_parts_are_other_object_ids(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (object_id(*one) == object_id(*other)) == (one == other)


def stock_row(measurement: str, key: str, **fields: object) -> Row:
    tag = measurement.removeprefix("copier_")
    tags = {"site": "hall", "place": "p1", tag: key}
    return Row(measurement, tags, {"state": "level", "name": "黒トナー"} | fields, NOON)


def test_supplies_and_trays_stand_in_the_state_of_their_reading() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(copier_row("p1", total=10))
    assert topic is not None
    for key, left in (("1.1", 80.0), ("1.2", 5.0), ("1.1", 79.0)):
        assert retained.put(stock_row("copier_supply", key, level_pct=left)) == topic
    assert retained.put(stock_row("copier_tray", "1.1", status="ready")) == topic
    content = json.loads(retained.message(topic).payload)
    assert {key: one["level_pct"] for key, one in content["supplies"].items()} == {
        "1.1": 79.0,
        "1.2": 5.0,
    }
    assert content["trays"]["1.1"] == {"state": "level", "name": "黒トナー", "status": "ready"}
    assert content["total"] == 10


def test_supplies_stay_until_others_are_read_or_another_machine_answers() -> None:
    retained = RetainedState(TOPICS)
    topic = retained.put(copier_row("p1", total=10))
    assert topic is not None
    retained.put(stock_row("copier_supply", "1.1"))
    retained.put(silent_row("p1"))
    assert "1.1" in retained.content(topic)["supplies"]
    assert retained.put(stock_row("copier_supply", "1.2")) is None, "of an older reading"
    later, stock = LATER + timedelta(minutes=5), stock_row("copier_supply", "1.2")
    retained.put(stock_row("copier_tray", "1.1"))
    retained.put(replace(copier_row("p1", total=11), at=later))
    assert [*retained.content(topic)["supplies"]] == ["1.1"]
    retained.put(replace(stock, at=later))
    assert [*retained.content(topic)["supplies"]] == ["1.2"]
    other = copier_row("p1", total=3)
    fields = {**other.fields, "serial": "another machine"}
    retained.put(replace(other, at=later + timedelta(hours=1), fields=fields))
    assert not {"supplies", "trays"} & retained.content(topic).keys()


def test_a_supply_without_its_copier_has_no_topic() -> None:
    assert RetainedState(TOPICS).put(stock_row("copier_supply", "1.1")) is None
