"""The sinks that are switched on. Their libraries are slow to import, so only then."""

from pathlib import Path
from typing import TYPE_CHECKING

from collector.ports import Sink
from collector.settings.model import Settings
from collector.settings.sinks import InfluxVersion as InfluxSetting

if TYPE_CHECKING:
    from collector.adapters.influx import InfluxTarget
    from collector.adapters.mqtt import MqttTarget


def sink_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of the sinks that are switched on, as their cursors are called."""
    switched = {"influx": settings.influx.enabled, "mqtt": settings.mqtt.enabled}
    return tuple(name for name, on in switched.items() if on)


def sinks_of(settings: Settings) -> tuple[Sink, ...]:
    """Return every sink that is switched on; none is contacted yet."""
    sinks: list[Sink] = []
    if settings.influx.enabled:
        from collector.adapters.influx import open_influx  # noqa: PLC0415 - half a second

        sinks.append(open_influx(influx_target_of(settings)))
    if settings.mqtt.enabled:
        from collector.adapters.mqtt import MqttSink  # noqa: PLC0415 - only where it is used

        sinks.append(MqttSink(_mqtt_target(settings)))
    return tuple(sinks)


def influx_target_of(settings: Settings) -> "InfluxTarget":
    """Return where InfluxDB is; version 3 is written to as version 2."""
    from collector.adapters.influx import InfluxTarget, WriteApi  # noqa: PLC0415 - as above

    influx = settings.influx
    versions = {InfluxSetting.AUTO: WriteApi.AUTO, InfluxSetting.V1: WriteApi.V1}
    return InfluxTarget(
        url=influx.url,
        database=influx.database or influx.bucket or "copier_fleet",
        version=versions.get(influx.version, WriteApi.V2),
        username=influx.username or "",
        password=influx.password_text or "",
        token=influx.token_text or "",
        org=influx.org or "",
        bucket=influx.bucket or "",
        batch_rows=influx.batch,
        timeout_s=influx.timeout_s,
        ca_file=_text(influx.ca_file),
    )


def _mqtt_target(settings: Settings) -> "MqttTarget":
    from collector.adapters.mqtt import MqttTarget  # noqa: PLC0415 - as above

    mqtt = settings.mqtt
    return MqttTarget(
        host=mqtt.host,
        site=settings.office.site,
        port=mqtt.port_number,
        prefix=mqtt.prefix,
        username=mqtt.username or "",
        password=mqtt.password_text or "",
        tls=mqtt.tls,
        ca_file=_text(mqtt.ca_file),
        cert_file=_text(mqtt.cert_file),
        key_file=_text(mqtt.key_file),
        client_id=mqtt.client_id or "",
        discovery_prefix="homeassistant" if mqtt.home_assistant else "",
    )


def _text(path: Path | None) -> str:
    return "" if path is None else str(path)
