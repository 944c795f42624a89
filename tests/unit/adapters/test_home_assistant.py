"""Home Assistant discovery, held to a written-down form of what it documents."""

import json
from collections.abc import Collection
from datetime import timedelta

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.mqtt.home_assistant import Discovery, entity_name
from collector.adapters.mqtt.retained import RetainedState, Topics
from collector.domain.rows import Row, Value
from collector.texts import JAPANESE
from tests.fakes.home_assistant import Described, sum_of
from tests.fakes.rows import NOON, any_row, copier_row, month_row, texts

TOPICS = Topics("copier-fleet", "town-hall")
ONLINE = {TOPICS.status: "online"}


def described(
    state: RetainedState, before: Collection[str] = (), *, below: bool = False
) -> dict[str, Described]:
    """Return what Home Assistant is told of `state`, by entity id."""
    discovery = Discovery("homeassistant", TOPICS, JAPANESE.say)
    found = [
        Described.of(message.topic, message.payload)
        for topic in state.topics()
        for message in discovery.describe(topic, state.content(topic), before, below=below)
    ]
    named = {one.entity_id: one for one in found}
    assert len(named) == len(found) == len({one.told["unique_id"] for one in found})
    return named


def standing(*rows: Row) -> RetainedState:
    state = RetainedState(TOPICS)
    for row in rows:
        state.put(row)
    return state


def retained(state: RetainedState) -> dict[str, str]:
    """Return what a broker would keep of `state`, the collector being there."""
    messages = [one for topic in state.topics() for one in state.messages(topic)]
    return ONLINE | {one.topic: one.payload.decode() for one in messages}


def a_copier(total: int = 500, counted: int = 40, **fields: Value) -> tuple[Row, ...]:
    row = copier_row("2f-soumu", total)
    told = {"name": "2階 総務課", "serial": "E1", **fields}
    tags = {"site": "hall", "place": "2f-soumu"}
    supply = {"state": "level", "name": "黒トナー", "level_pct": 35.0, "kind": "toner"}
    return (
        Row("copier", row.tags, {**row.fields, **told}, NOON),
        Row("copier_supply", tags | {"supply": "1.1"}, supply | {"color": "black"}, NOON),
        Row("place", tags, {"counted": counted, "area": "総務課"}, NOON),
    )


def a_month(**fields: Value) -> Row:
    row = month_row("soumu", 600)
    more: dict[str, Value] = {
        "has_target": True,
        "target_unit": "impressions",
        "remaining": 400,
        "sheets_known": True,
        "a4_known": False,
        "duplex_known": False,
        "sheets_used": 320,
    }
    return Row(row.measurement, row.tags, {**row.fields, **more, **fields}, row.at)


def test_a_copier_is_one_device_with_its_figures() -> None:
    state = standing(*a_copier())
    entities = described(state)
    assert {one: it.state(retained(state)) for one, it in entities.items()} == {
        "sensor.town_hall_copier_2f_soumu_counted": "40",
        "sensor.town_hall_copier_2f_soumu_total": "500",
        "sensor.town_hall_copier_2f_soumu_toner_black": "35.0",
        "binary_sensor.town_hall_copier_2f_soumu_online": "on",
    }
    devices = [one.told["device"] for one in entities.values()]
    assert all(one == devices[0] for one in devices)
    assert devices[0]["identifiers"] == ["copier_fleet__town-hall__copier__2f-soumu"]
    assert (devices[0]["name"], devices[0]["model"]) == ("2階 総務課", "複合機")
    assert (devices[0]["serial_number"], devices[0]["suggested_area"]) == ("E1", "総務課")
    assert {one.told["origin"]["name"] for one in entities.values()} == {"copier-fleet"}


def test_a_department_tells_pages_target_ratio_forecast_and_sheets() -> None:
    state = standing(a_month(forecast=812.4))
    told = {
        one.removeprefix("sensor.town_hall_department_soumu_"): it.state(retained(state))
        for one, it in described(state).items()
    }
    assert told == {
        "pages": "600",
        "target": "1000",
        "remaining": "400",
        "ratio": "60.0",
        "forecast": "812.4",
        "sheets": "320",
    }


def test_what_is_not_known_is_unknown_and_never_0() -> None:
    state = standing(a_month(has_target=False, target=0, ratio=0.0, remaining=0, sheets_used=0))
    assert state.put(a_month(has_target=False, sheets_known=False, target=0)) is not None
    told = {
        one.rpartition("_")[2]: it.state(retained(state)) for one, it in described(state).items()
    }
    assert (told["target"], told["ratio"], told["remaining"], told["sheets"]) == ("unknown",) * 4
    assert told["pages"] == "600"


def test_a_silent_copier_is_unavailable_and_so_is_all_without_the_collector() -> None:
    state = standing(*a_copier())
    tags = {"site": "hall", "place": "2f-soumu", "department": "soumu"}
    entities = described(state)
    state.put(Row("copier", tags, {"online": False, "silent_s": 90}, NOON + timedelta(minutes=5)))
    told = {one: it.state(retained(state)) for one, it in entities.items()}
    assert told.pop("binary_sensor.town_hall_copier_2f_soumu_online") == "off"
    assert set(told.values()) == {"unavailable"}
    away = retained(standing(*a_copier())) | {TOPICS.status: "offline"}
    assert {it.state(away) for it in entities.values()} == {"unavailable"}
    del away[TOPICS.status]
    assert {it.state(away) for it in entities.values()} == {"unavailable"}, "a broker that forgot"


def test_the_office_is_the_device_behind_which_all_others_stand() -> None:
    month = a_month()
    tags = {"site": "hall", "month": "2024-11"}
    fields = {**month.fields, "departments_over": 2, "in_question": 300}
    state = standing(Row("office_month", tags, fields, month.at))
    entities = described(state)
    told = {one: it.state(retained(state)) for one, it in entities.items()}
    assert told["sensor.town_hall_office_departments_over"] == "2"
    assert told["sensor.town_hall_office_in_question"] == "300"
    assert told["binary_sensor.town_hall_office_collector"] == "on"
    gone = retained(state) | {TOPICS.status: "offline"}
    assert entities["binary_sensor.town_hall_office_collector"].state(gone) == "off"
    hub = next(iter(entities.values())).told["device"]["identifiers"]
    for one in described(standing(*a_copier(), a_month()), below=True).values():
        assert [one.told["device"]["via_device"]] == hub


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("town-hall", "copier", "2F-Soumu.1"), "town_hall_copier_2f_soumu_1"),
        (("hall", "copier", "総務課"), "hall_copier_21548e"),
        (("hall", "copier", "2F総務"), "hall_copier_2f_a8e854"),
        (("hall", "office", ""), "hall_office"),
    ],
)
def test_a_name_for_entity_ids_is_made_of_the_configured_id(
    parts: tuple[str, ...], name: str
) -> None:
    assert entity_name(*parts) == name


@given(texts)
def test_any_id_gives_letters_of_an_entity_id(text: str) -> None:
    assert set(entity_name("hall", text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


def test_names_and_units_are_japanese() -> None:
    entities = described(standing(*a_copier(), a_month(target_unit="sheets")))
    assert entities["sensor.town_hall_copier_2f_soumu_counted"].told["name"] == "印刷面数"
    assert entities["sensor.town_hall_copier_2f_soumu_toner_black"].told["name"] == "黒トナー"
    month = {one.rpartition("_")[2]: it.told for one, it in entities.items()}
    assert (month["pages"]["unit_of_measurement"], month["target"]["unit_of_measurement"]) == (
        "面",
        "枚",
    )


def test_a_level_that_is_not_told_for_once_takes_no_entity_away() -> None:
    state = standing(*a_copier())
    before = {one.topic for one in described(state).values()}
    level = {"state": "some_remaining", "name": "黒トナー", "kind": "toner", "color": "black"}
    tags = {"site": "hall", "place": "2f-soumu", "supply": "1.1"}
    later = NOON + timedelta(minutes=5)
    state.put(copier_row("2f-soumu", 501, later))
    state.put(Row("copier_supply", tags, level, later))
    entities = described(state, before=before)
    assert entities["sensor.town_hall_copier_2f_soumu_toner_black"].state(retained(state)) == (
        "unknown"
    )
    assert "sensor.town_hall_copier_2f_soumu_toner_black" not in described(state)


CHANGES = {
    "an exchange for a used machine": (121_614, 0),
    "a higher meter": (22_352, 0),
    "a dip": (37, 0),
    "pages": (560, 60),
}


@pytest.mark.parametrize("what", CHANGES)
def test_statistics_add_what_the_ledger_counted(what: str) -> None:
    total, pages = CHANGES[what]
    states = []
    for row in (a_copier(500, 40), a_copier(total, 40 + pages)):
        state = standing(*row)
        one = described(state)["sensor.town_hall_copier_2f_soumu_counted"]
        states.append((one.state(retained(state)), one.last_reset(retained(state))))
    assert sum_of(states, one.told["state_class"]) == pages
    counter = described(state)["sensor.town_hall_copier_2f_soumu_total"].told
    assert "state_class" not in counter, "no statistics of a raw counter"


def test_statistics_of_a_month_begin_anew_with_it_and_follow_its_corrections() -> None:
    months = [("2024-11", 0), ("2024-11", 600), ("2024-11", 550), ("2024-12", 0), ("2024-12", 20)]
    states = []
    for month, pages in months:
        state = standing(month_row("soumu", pages, month))
        one = described(state)["sensor.town_hall_department_soumu_pages"]
        states.append((one.state(retained(state)), one.last_reset(retained(state))))
    assert sum_of(states, one.told["state_class"]) == 550 + 20


@given(st.lists(any_row(), max_size=8))
def test_whatever_stands_is_described_as_documented(rows: list[Row]) -> None:
    state = RetainedState(TOPICS)
    for row in rows:
        state.put(row)
    for topic in state.topics():
        for message in Discovery("homeassistant", TOPICS).describe(topic, state.content(topic)):
            Described.of(message.topic, message.payload)


def test_the_written_down_form_refuses_what_is_not_documented() -> None:
    state = standing(*a_copier(), month_row("soumu", 5))
    good = described(state)["sensor.town_hall_department_soumu_pages"]
    for change in (
        {"state_class": "total_increasing"},
        {"state_class": "sum"},
        {"availability": [{"topic": "a"}]},
        {"default_entity_id": "sensor.総務課"},
        {"default_entity_id": "binary_sensor.a"},
        {"surprise": 1},
        {"device": {"name": "no identifiers"}},
        {"origin": {}},
        {"state_topic": "a/#"},
    ):
        text = json.dumps({**good.told, **change})
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            Described.of(good.topic, text)
