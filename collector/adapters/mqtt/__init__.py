"""An MQTT broker as a sink, by aiomqtt."""

from collector.adapters.mqtt.sink import MqttSink
from collector.adapters.mqtt.target import MqttTarget

__all__ = ["MqttSink", "MqttTarget"]
