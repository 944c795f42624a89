"""An MQTT broker as a sink, by aiomqtt."""

from collections.abc import Mapping
from typing import Any

from collector.adapters.mqtt.sink import MqttSink, MqttTarget
from collector.ports import Clock, Wording

__all__ = ["MqttSink", "MqttTarget", "open_sink"]


def open_sink(section: Mapping[str, Any], site: str, clock: Clock, say: Wording) -> MqttSink:
    """Return the sink that the section `mqtt` describes; nothing is contacted yet."""
    apart = {"enabled", "home_assistant"}
    stated = {key: value for key, value in section.items() if key not in apart}
    discovery = "homeassistant" if section["home_assistant"] else ""
    target = MqttTarget(site=site, discovery_prefix=discovery, **stated)
    return MqttSink(target, clock=clock, say=say)
