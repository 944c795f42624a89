"""An MQTT broker as a sink, by aiomqtt."""

from collector.adapters.mqtt.sink import MqttSink, MqttTarget

__all__ = ["MqttSink", "MqttTarget"]
