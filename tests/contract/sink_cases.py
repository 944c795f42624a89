"""Every sink there is, each over the server it is made for, behind one way to look inside."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from collector.adapters.influx import InfluxTarget, InfluxV1Sink, InfluxV2Sink
from collector.adapters.mqtt import MqttSink, MqttTarget
from collector.errors import SinkRefused
from collector.ports import Sink
from tests.fakes.sink import FakeSink
from tests.servers.influx import export, influxd, victoria_metrics
from tests.servers.mosquitto import Broker, make_certificates, mosquitto

_LOGIN = ("collector", "秘密")

Stored = dict[str, tuple[int, float]]
"""Department -> (unix seconds, pages) of its newest month."""


@dataclass(frozen=True, slots=True)
class SinkCase:
    """One kind of sink. `open` and `stored` take a site, so that tests do not meet.

    `replaces` tells whether the server lets a point replace an earlier one at the same time;
    VictoriaMetrics keeps both.
    """

    open: Callable[[str], Sink]
    open_refused: Callable[[str], Sink]
    stored: Callable[[str], Awaitable[Stored]]
    stop: Callable[[], None]
    start: Callable[[], None]
    replaces: bool = True


class _FakeServer:
    """Keeps one fake sink per site, so that what one wrote another can read."""

    def __init__(self) -> None:
        """Begin with no sites."""
        self.sinks: dict[str, FakeSink] = {}

    def open(self, site: str) -> FakeSink:
        """Return the sink of `site`."""
        return self.sinks.setdefault(site, FakeSink())

    def open_refused(self, site: str) -> FakeSink:
        """Return a sink that refuses everything."""
        sink = FakeSink(site)
        sink.failures.extend([SinkRefused("no such user - check the password")] * 9)
        return sink

    async def stored(self, site: str) -> Stored:
        """Return what the sink of `site` holds."""
        return {
            dict(tags)["department"]: (int(at.timestamp()), float(fields["pages"]))
            for (_, tags, at), fields in self.open(site).points.items()
        }

    def set_up(self, *, is_up: bool) -> None:
        """Let every sink fail, or work again."""
        for sink in self.sinks.values():
            sink.is_up = is_up


@contextmanager
def fake_case(_folder: Path) -> Iterator[SinkCase]:
    """The sink in memory that other tests rely on."""
    server = _FakeServer()
    yield SinkCase(
        server.open,
        server.open_refused,
        server.stored,
        stop=lambda: server.set_up(is_up=False),
        start=lambda: server.set_up(is_up=True),
    )


@contextmanager
def influx_v1_case(folder: Path) -> Iterator[SinkCase]:
    """Debian's influxd 1.6 by /write, one database for each site."""
    with influxd(folder) as server:

        async def stored(site: str) -> Stored:
            text = "SELECT pages FROM department_month GROUP BY department"
            rows = server.query(text, site)
            return {row["department"]: (row["time"], row["pages"]) for row in rows}

        yield SinkCase(
            lambda site: InfluxV1Sink(InfluxTarget(server.url, database=site)),
            lambda site: InfluxV1Sink(
                InfluxTarget(server.url, database=f"missing_{site}", create_database=False)
            ),
            stored,
            server.process.stop,
            server.process.start,
        )


@contextmanager
def influx_v2_case(folder: Path) -> Iterator[SinkCase]:
    """VictoriaMetrics by /api/v2/write; it ignores the bucket, so the site's tag tells."""
    with victoria_metrics(folder) as server:

        async def stored(site: str) -> Stored:
            found = export(server.url, f'{{__name__="department_month_pages",site="{site}"}}')
            return {
                series["metric"]["department"]: (
                    series["timestamps"][-1] // 1000,
                    series["values"][-1],
                )
                for series in found
            }

        target = InfluxTarget(server.url, org="hall", token="any")  # noqa: S106 - no secret
        yield SinkCase(
            lambda _site: InfluxV2Sink(target),
            lambda _site: InfluxV2Sink(replace(target, url=f"{server.url}/not-here")),
            stored,
            server.process.stop,
            server.process.start,
            replaces=False,
        )


def _mqtt_case(broker: Broker, target: MqttTarget) -> SinkCase:
    async def stored(site: str) -> Stored:
        months = await broker.retained(f"copier-fleet/{site}/department/+/month")
        contents = [json.loads(payload) for payload in months.values()]
        return {
            one["department"]: (int(datetime.fromisoformat(one["at"]).timestamp()), one["pages"])
            for one in contents
        }

    return SinkCase(
        lambda site: MqttSink(replace(target, site=site)),
        lambda site: MqttSink(replace(target, site=site, password="wrong")),  # noqa: S106 - meant to fail
        stored,
        broker.process.stop,
        broker.process.start,
    )


@contextmanager
def mqtt_case(folder: Path) -> Iterator[SinkCase]:
    """Debian's mosquitto with a password, in the clear."""
    with mosquitto(folder, login=_LOGIN) as broker:
        yield _mqtt_case(
            broker,
            MqttTarget("127.0.0.1", "-", broker.port, username=_LOGIN[0], password=_LOGIN[1]),
        )


@contextmanager
def mqtt_tls_case(folder: Path) -> Iterator[SinkCase]:
    """Debian's mosquitto with a password over TLS, checked by an authority of our own."""
    certificates = make_certificates(folder)
    with mosquitto(folder, login=_LOGIN, certificates=certificates) as broker:
        target = MqttTarget(
            "127.0.0.1",
            "-",
            broker.port,
            username=_LOGIN[0],
            password=_LOGIN[1],
            tls=True,
            ca_file=str(certificates.ca_file),
        )
        yield _mqtt_case(broker, target)


CASES = {
    "fake": fake_case,
    "influx-v1": influx_v1_case,
    "influx-v2": influx_v2_case,
    "mqtt": mqtt_case,
    "mqtt-tls": mqtt_tls_case,
}
