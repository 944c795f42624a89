"""A board on a real mosquitto: what stands, what is taken down, and what Home Assistant sees."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.mqtt import MqttSink, MqttTarget
from collector.domain.rows import Row, Value
from collector.ports import Showing
from collector.texts import JAPANESE
from tests.fakes.home_assistant import Described
from tests.fakes.rows import NOON, copier_row, month_row
from tests.patience import PATIENCE_S
from tests.servers.mosquitto import Broker, mosquitto

pytestmark = pytest.mark.integration


@asynccontextmanager
async def opened(broker: Broker, site: str) -> AsyncIterator[MqttSink]:
    """Open a board of `site` that tells Home Assistant under `ha_<site>`."""
    target = MqttTarget("127.0.0.1", site, broker.port, timeout_s=5, discovery_prefix=f"ha_{site}")
    sink = MqttSink(target, say=JAPANESE.say)
    try:
        yield sink
    finally:
        await sink.close()


def place(name: str, total: int = 500, counted: int = 40) -> tuple[Row, ...]:
    """Return all that stands of a place."""
    tags = {"site": "hall", "place": name}
    toner: dict[str, Value] = {"state": "level", "name": "黒トナー", "level_pct": 35.0}
    toner |= {"kind": "toner", "color": "black"}
    return (
        copier_row(name, total),
        Row("copier_supply", tags | {"supply": "1.1"}, toner, NOON),
        Row("place", tags, {"counted": counted, "area": "総務課"}, NOON),
    )


def month(department: str, name: str = "総務課", pages: int = 600) -> Row:
    row = month_row(department, pages)
    more: dict[str, Value] = {"has_target": True, "target_unit": "impressions", "remaining": 400}
    more |= {"sheets_known": True, "a4_known": False, "duplex_known": False, "sheets_used": 320}
    return replace(row, fields={**row.fields, **more, "name": name})


def office() -> Row:
    row = month("soumu")
    tags = {"site": "hall", "month": "2024-11"}
    return Row("office_month", tags, {**row.fields, "in_question": 0}, row.at)


def question(finding: str, *, is_open: bool = True) -> Row:
    tags = {"site": "hall", "place": "p1", "finding": finding}
    fields: dict[str, Value] = {"open": is_open, "pages": 300 if is_open else 0}
    return Row("question", tags, fields, NOON)


def paper() -> Row:
    told: dict[str, Value] = {"quarter": "2024-Q3", "bought": 5000, "over": False}
    told |= {"bought_known": True, "counted_known": False, "unexplained_known": False}
    tags = {"site": "hall", "department": "whole_office"}
    return Row("paper_quarter", tags, told | {"name": "全庁", "counted": 0}, NOON)


ALL = Showing(
    (
        *(*place("p1"), *place("議会"), office(), month("soumu"), month("zeimu")),
        *(question("f1"), paper()),
    )
)
LESS = Showing(
    (*place("p1"), office(), month("soumu")), gone=(*place("議会"), month("zeimu", "税務課"))
)
BARE = replace(LESS, gone=(place("議会")[0],))
"""The same, where little is known any more of what is gone."""


def sites(retained: Mapping[str, str], site: str) -> set[str]:
    """Return the topics of a site without its first levels, and without the status."""
    base = f"copier-fleet/{site}/"
    return {one.removeprefix(base) for one in retained if one.startswith(base)} - {"status"}


LEFT = {
    "place/p1/state",
    "office/month",
    "office/sheets",
    "department/soumu/month",
    "department/soumu/sheets",
}
STOOD = LEFT | {
    "place/議会/state",
    "department/zeimu/month",
    "department/zeimu/sheets",
    "question/f1",
    "office/paper-quarter",
}


@pytest.mark.parametrize("by", ["the same run", "the next run"])
async def test_what_does_not_stand_any_more_is_taken_down(broker: Broker, by: str) -> None:
    site = f"b1{by.split()[1]}"
    async with opened(broker, site) as sink:
        await sink.show(ALL)
        assert sites(await broker.retained("#"), site) == STOOD
        if by == "the same run":
            await sink.show(BARE)
    if by == "the next run":
        async with opened(broker, site) as sink:
            await sink.show(BARE)
    left = await broker.retained("#")
    assert sites(left, site) == LEFT
    named = {Described.of(topic, left[topic]).entity_id for topic in left if f"ha_{site}" in topic}
    assert named
    assert not any("zeimu" in one for one in named)
    assert {one.split("_copier_")[1].split("_")[0] for one in named if "_copier_" in one} == {"p1"}


async def test_a_board_that_takes_nothing_back_keeps_what_others_retain(broker: Broker) -> None:
    others = ["copier-fleet/elsewhere/place/p9/state", "ha_b2/sensor/kitchen/config", "test/x"]
    async with broker.client() as somebody:
        for topic in others:
            await somebody.publish(topic, "{}", qos=1, retain=True)
    async with opened(broker, "b2") as sink:
        await sink.show(ALL)
        await sink.show(LESS)
    assert set(others) <= (await broker.retained("#")).keys()


async def test_home_assistant_forgets_what_is_gone_though_the_broker_lost_its_store(
    tmp_path: Path,
) -> None:
    with mosquitto(tmp_path) as broker:
        async with opened(broker, "b3") as sink:
            await sink.show(ALL)
            described = {one for one in await broker.retained("ha_b3/#") if "zeimu" in one}
            assert described
        broker.process.stop()
        broker.process.start()
        heard: set[str] = set()
        async with broker.client() as listener, opened(broker, "b3") as sink:
            await listener.subscribe("#", qos=1)
            await sink.show(LESS)
            async with asyncio.timeout(PATIENCE_S):
                async for message in listener.messages:
                    if message.payload == b"":
                        heard.add(message.topic.value)
                    if described <= heard and "copier-fleet/b3/place/議会/state" in heard:
                        break
        assert sites(await broker.retained("#"), "b3") == LEFT


async def test_a_broker_that_forgot_is_shown_all_again_and_nothing_that_is_gone(
    tmp_path: Path,
) -> None:
    with mosquitto(tmp_path) as broker:
        async with opened(broker, "b4") as sink:
            await sink.show(ALL)
            await sink.show(LESS)
            before = await broker.retained("#")
            broker.process.stop()
            broker.process.start()
            assert await broker.retained("#") == {}
            await sink.send([month("soumu")])
            assert await broker.retained("#") == before


async def test_a_broker_with_a_store_keeps_all_over_its_restart(tmp_path: Path) -> None:
    with mosquitto(tmp_path, keeps=True) as broker:
        async with opened(broker, "b5") as sink:
            await sink.show(ALL)
            before = await broker.retained("#")
            broker.process.stop()
            broker.process.start()
            kept = await broker.retained("#")
            assert kept.pop("copier-fleet/b5/status") in {"online", "offline"}
            before.pop("copier-fleet/b5/status")
            assert kept == before


async def test_a_row_of_what_is_gone_puts_nothing_up(broker: Broker) -> None:
    async with opened(broker, "b6") as sink:
        await sink.show(LESS)
        before = await broker.retained("#")
        await sink.send([*place("議会", 900), month("zeimu")])
        assert await broker.retained("#") == before
        await sink.show(ALL)
        assert sites(await broker.retained("#"), "b6") == STOOD


async def test_a_renamed_department_reaches_home_assistant_at_once(broker: Broker) -> None:
    topic = "ha_b7/sensor/copier_fleet__b7/department__soumu__pages/config"
    async with opened(broker, "b7") as sink:
        await sink.send([office(), month("soumu")])
        await sink.send([month("soumu", "総務企画課")])
        told = Described.of(topic, (await broker.retained(topic))[topic]).told
    assert told["device"]["name"] == "総務企画課"
    assert told["default_entity_id"] == "sensor.b7_department_soumu_pages"


async def test_an_answered_question_is_taken_down(broker: Broker) -> None:
    async with opened(broker, "b8") as sink:
        await sink.show(ALL)
        await sink.send([question("f2"), question("f1", is_open=False)])
        standing = await broker.retained("copier-fleet/b8/question/#")
        assert {topic: json.loads(text)["pages"] for topic, text in standing.items()} == {
            "copier-fleet/b8/question/f2": 300
        }


async def test_a_supply_that_is_gone_takes_its_entity_along(broker: Broker) -> None:
    copier, _, count = place("p1")
    async with opened(broker, "b9") as sink:
        await sink.send(place("p1"))
        assert any("supply" in one for one in await broker.retained("ha_b9/#"))
        other = replace(copier, fields={**copier.fields, "serial": "E2"}, at=NOON.replace(hour=4))
        await sink.send([other, count])
        found = await broker.retained("ha_b9/#")
        assert found
        assert not any("supply" in one for one in found)
