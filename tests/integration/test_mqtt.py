"""Publishing to a real mosquitto: what stands there, who may, and what an outage leaves."""

import asyncio
import json
import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from collector.adapters.mqtt import MqttSink, MqttTarget
from collector.domain.rows import Row
from collector.errors import SinkRefused, SinkUnavailable
from tests.chaos.gates import broker_gate
from tests.fakes.rows import NOON, copier_row, event_row, month_row
from tests.patience import PATIENCE_S
from tests.servers.mosquitto import Broker, Certificates, mosquitto
from tests.servers.process import free_port

pytestmark = pytest.mark.integration


@asynccontextmanager
async def opened(target: MqttTarget) -> AsyncIterator[MqttSink]:
    """Open a sink, and close it whatever happens."""
    sink = MqttSink(target)
    try:
        yield sink
    finally:
        await sink.close()


def target(broker: Broker, site: str, **changes: str) -> MqttTarget:
    """Return a target on `broker`."""
    return replace(MqttTarget("127.0.0.1", site, broker.port, timeout_s=5), **changes)


def secure(broker: Broker, site: str) -> MqttTarget:
    """Return a target on a broker that wants a password and TLS."""
    assert broker.login is not None
    assert broker.certificates is not None
    name, password = broker.login
    ca_file = str(broker.certificates.ca_file)
    return MqttTarget(
        "127.0.0.1", site, broker.port, username=name, password=password, tls=True, ca_file=ca_file
    )


async def test_places_months_and_events(broker: Broker) -> None:
    rows = [
        copier_row("2F 総務/課", 500),
        month_row("soumu", 1234),
        Row("department_day", {"site": "s", "department": "soumu"}, {"total": 3}, NOON),
    ]
    async with opened(target(broker, "t1")) as sink:
        assert list(await sink.send(rows)) == []
        retained = await broker.retained("copier-fleet/t1/#")
    assert retained.keys() == {
        "copier-fleet/t1/status",
        "copier-fleet/t1/place/2F 総務%2F課/state",
        "copier-fleet/t1/department/soumu/month",
    }
    assert retained["copier-fleet/t1/status"] == "online"
    assert json.loads(retained["copier-fleet/t1/place/2F 総務%2F課/state"]) == {
        "site": "hall",
        "place": "2F 総務/課",
        "department": "soumu",
        "at": "2024-11-15T03:00:00Z",
        "total": 500,
        "online": True,
        "model": "複合機",
    }


async def test_only_the_newest_of_a_batch_stands(broker: Broker) -> None:
    rows = [
        copier_row("p1", 700, NOON + timedelta(hours=1)),
        copier_row("p1", 500),
        month_row("soumu", 1, "2024-11"),
        month_row("soumu", 9, "2023-11"),
    ]
    async with opened(target(broker, "t2")) as sink:
        await sink.send(rows)
        retained = await broker.retained("copier-fleet/t2/#")
    assert json.loads(retained["copier-fleet/t2/place/p1/state"])["total"] == 700
    assert json.loads(retained["copier-fleet/t2/department/soumu/month"])["month"] == "2024-11"


async def test_a_replay_after_a_restart_does_not_cover_this_month(broker: Broker) -> None:
    months = [month_row(f"d{number}", 5, "2024-11") for number in range(60)]
    async with opened(target(broker, "t3")) as sink:
        await sink.send(months)
    async with opened(target(broker, "t3")) as sink:
        await sink.send([month_row(f"d{number}", 99, "2023-11") for number in range(60)])
        retained = await broker.retained("copier-fleet/t3/department/#")
    assert len(retained) == 60
    assert {json.loads(payload)["month"] for payload in retained.values()} == {"2024-11"}


async def test_an_event_reaches_who_listens_and_is_not_kept(broker: Broker) -> None:
    async with broker.client() as listener, opened(target(broker, "t4")) as sink:
        await listener.subscribe("copier-fleet/t4/event/+", qos=1)
        await sink.send([event_row("first"), event_row("second")])
        heard = []
        async with asyncio.timeout(PATIENCE_S):
            async for message in listener.messages:
                assert isinstance(message.payload, bytes)
                heard.append(json.loads(message.payload)["message"])
                if len(heard) == 2:
                    break
        assert heard == ["first", "second"]
        assert await broker.retained("copier-fleet/t4/event/#") == {}


async def test_status_over_a_life(broker: Broker) -> None:
    topic = "copier-fleet/t5/status"
    sink = MqttSink(target(broker, "t5"))
    assert await broker.retained(topic) == {}
    assert f":{broker.port}" in await sink.check()
    assert await broker.retained(topic) == {topic: "online"}
    await sink.close()
    assert await broker.retained(topic) == {topic: "offline"}
    await sink.close()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[tuple[int, Callable[[], None]]]:
    """Give a port that leads to `port`, and what pulls the cable: nobody says goodbye."""
    ends: list[asyncio.StreamWriter] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while octets := await reader.read(2**16):
                writer.write(octets)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inward, outward = await asyncio.open_connection("127.0.0.1", port)
        ends.extend((writer, outward))
        async with asyncio.TaskGroup() as both:
            both.create_task(pipe(reader, outward))
            both.create_task(pipe(inward, writer))

    def pull() -> None:
        for one in ends:
            one.transport.abort()
        ends.clear()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], pull
        pull()


async def test_a_lost_connection_is_told_by_the_last_will(broker: Broker) -> None:
    topic = "copier-fleet/t6/status"
    async with (
        wire(broker.port) as (port, pull),
        opened(replace(target(broker, "t6"), port=port)) as sink,
    ):
        await sink.check()
        assert await broker.retained(topic) == {topic: "online"}
        pull()
        async with asyncio.timeout(PATIENCE_S):
            while (await broker.retained(topic))[topic] != "offline":  # noqa: ASYNC110 - the broker's
                await asyncio.sleep(0.05)
        await sink.send([copier_row("p1", 1)])
        assert await broker.retained(topic) == {topic: "online"}
        await sink.close()


async def test_the_same_client_id_again_ends_online(broker: Broker) -> None:
    topic = "copier-fleet/t7/status"
    async with opened(target(broker, "t7")) as hanging, opened(target(broker, "t7")) as fresh:
        await hanging.check()
        await fresh.check()
        assert await broker.retained(topic) == {topic: "online"}


async def test_a_broker_that_forgot_is_told_again(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        async with opened(target(broker, "t8")) as sink:
            await sink.send([copier_row("p1", 1), copier_row("p2", 2)])
            broker.process.stop()
            broker.process.start()
            await sink.send([copier_row("p1", 3, NOON + timedelta(hours=1))])
            retained = await broker.retained("copier-fleet/t8/place/#")
    totals = {json.loads(payload)["total"] for payload in retained.values()}
    assert totals == {2, 3}


async def test_discovery_is_off_by_default_and_on_by_its_prefix(broker: Broker) -> None:
    rows = [copier_row("p1", 5), month_row("soumu", 7)]
    async with opened(target(broker, "t9")) as sink:
        await sink.send(rows)
    assert await broker.retained("ha9/#") == {}
    async with opened(target(broker, "t9", discovery_prefix="ha9")) as sink:
        await sink.send(rows)
    described = [json.loads(text) for text in (await broker.retained("ha9/#")).values()]
    assert {one["state_topic"] for one in described} == {
        "copier-fleet/t9/place/p1/state",
        "copier-fleet/t9/department/soumu/month",
    }


async def test_a_number_that_is_none_is_set_aside(broker: Broker) -> None:
    tags = {"site": "s", "department": "soumu", "month": "2024-11"}
    broken = Row("department_month", tags, {"ratio": math.nan}, NOON)
    async with opened(target(broker, "t10")) as sink:
        rejected = await sink.send([broken, copier_row("p1", 1)])
        assert [one.row for one in rejected] == [broken]
        assert len(await broker.retained("copier-fleet/t10/place/#")) == 1


async def test_an_access_list_that_hides_our_topics_only_costs_time(tmp_path: Path) -> None:
    login = ("collector", "pass")
    acl = "user collector\ntopic write copier-fleet/#\ntopic write test-marker/#\n"
    with mosquitto(tmp_path, login=login, acl=acl) as broker:
        goal = target(broker, "t11", username=login[0], password=login[1])
        async with opened(goal) as sink, asyncio.timeout(PATIENCE_S):
            assert list(await sink.send([month_row("soumu", 7)])) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda goal: replace(goal, password=goal.password + "x"), "check username"),
        (lambda goal: replace(goal, username="", password=""), "check username"),
        (lambda goal: replace(goal, ca_file=""), "set ca_file"),
        (lambda goal: replace(goal, ca_file="/nowhere/ca.pem"), "TLS files .* cannot be used"),
        (lambda goal: replace(goal, ca_file=__file__), "TLS files .* cannot be used"),
    ],
)
async def test_refused(
    secure_broker: Broker, change: Callable[[MqttTarget], MqttTarget], said: str
) -> None:
    before = asyncio.all_tasks()
    async with opened(change(secure(secure_broker, "t12"))) as sink:
        with pytest.raises(SinkRefused, match=said):
            await sink.send([copier_row("p1", 1)])
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_name_that_the_certificate_does_not_carry(
    secure_broker: Broker, certificates: Certificates
) -> None:
    goal = replace(
        secure(secure_broker, "t13"), host="127.0.0.2", ca_file=str(certificates.ca_file)
    )
    async with opened(goal) as sink:
        with pytest.raises((SinkRefused, SinkUnavailable)):
            await sink.check()


async def test_nobody_there() -> None:
    async with opened(MqttTarget("127.0.0.1", "t14", free_port())) as sink:
        with pytest.raises(SinkUnavailable, match=r"127\.0\.0\.1"):
            await sink.send([copier_row("p1", 1)])


async def test_a_server_that_never_answers() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    before = asyncio.all_tasks()
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, opened(MqttTarget("127.0.0.1", "t15", port, timeout_s=0.3)) as sink:
        with pytest.raises(SinkUnavailable):
            await sink.send([copier_row("p1", 1)])
        async with asyncio.timeout(PATIENCE_S):
            while asyncio.all_tasks() > before:  # noqa: ASYNC110 - the peer sees our goodbye
                await asyncio.sleep(0.02)


async def test_a_connection_cut_in_between_leaves_its_task_as_it_was(broker: Broker) -> None:
    """Seen: the task of the sink, half cancelled, ended at its next wait, and nobody was told."""
    task = asyncio.current_task()
    assert task is not None
    with broker_gate(broker.port, random.Random(1)) as gate:
        cut = replace(target(broker, "t17"), port=gate.port)
        rows = [copier_row(f"p{number}", number) for number in range(50)]
        for mood in ["cut soon", "cut late"] * 8:
            gate.moods.append(mood)
            async with opened(cut) as sink:
                with pytest.raises(SinkUnavailable):
                    await sink.send(rows)
            assert task.cancelling() == 0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()


async def test_giving_up_while_connecting_leaves_nothing_behind(broker: Broker) -> None:
    before = asyncio.all_tasks()
    sink = MqttSink(target(broker, "t16"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await sink.send([copier_row("p1", 1)])
    try:
        await sink.send([copier_row("p1", 1)])
    except SinkUnavailable:  # the abandoned attempt came second and took the client id over
        await sink.send([copier_row("p1", 1)])
    assert len(await broker.retained("copier-fleet/t16/place/#")) == 1
    await sink.close()
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before
    topic = "copier-fleet/t16/status"
    assert await broker.retained(topic) == {topic: "offline"}


HOSTILE = {
    "deep": b'{"at":"2020-11-15T03:00:00Z","x":' + b"[" * 100_000,
    "deep but whole": b'{"at":"2020-11-15T03:00:00Z","x":' + b"[" * 900 + b"]" * 900 + b"}",
    "digits": b'{"at":"2020-11-15T03:00:00Z","total":' + b"9" * 4000 + b"}",
    "no number": b'{"at":"2020-11-15T03:00:00Z","total":NaN}',
    "no time": b'{"at":"tomorrow","total":5}',
    "nobody's": b'{"at":"2020-11-15T03:00:00Z","total":5}',
    "nobody's month": b'{"at":"2020-11-15T03:00:00Z","month":"2020-11","pages":5}',
    "large": b'{"at":"2020-11-15T03:00:00Z","x":"' + b"x" * 2**20 + b'"}',
    "no text": b"\xff\xfe\x00",
    "surrogate": b'{"at":"2020-11-15T03:00:00Z","place":"\\ud800"}',
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_whatever_stands_retained_is_taken_over_or_left(broker: Broker, kind: str) -> None:
    site = f"h{list(HOSTILE).index(kind)}"
    mine = f"copier-fleet/{site}/place/p1/state"
    topics = [
        mine,
        f"copier-fleet/{site}/place/p2/state",
        f"copier-fleet/{site}/department/d/month",
    ]
    async with broker.client() as somebody:
        for topic in topics:
            await somebody.publish(topic, HOSTILE[kind], qos=1, retain=True)
    silent = copier_row("p1", 500)
    silent = replace(silent, fields={"online": False, "status": "no answer"})
    async with opened(target(broker, site, discovery_prefix=f"ha{site}")) as sink:
        assert list(await sink.send([silent, copier_row("p2", 500), month_row("d", 7)])) == []
        retained = await broker.retained(f"copier-fleet/{site}/#")
    assert json.loads(retained[mine])["status"] == "no answer"
    assert json.loads(retained[topics[1]])["total"] == 500
    assert json.loads(retained[topics[2]])["pages"] == 7
