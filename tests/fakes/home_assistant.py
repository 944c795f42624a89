"""What Home Assistant makes of messages, written down from its documentation, not from its code.

Of the integrations MQTT (discovery, availability), MQTT sensor, MQTT binary sensor, of the sensor
entity's state classes and long-term statistics, as documented for 2024.3 to 2026.4.
"""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import fastjsonschema
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

_TEXT: Final = {"type": "string", "minLength": 1}
_TEMPLATE: Final = {"type": "string", "pattern": r"\{\{.*\}\}"}
_TOPIC: Final = {"type": "string", "pattern": r"^[^+#\u0000]+$"}
_AVAILABILITY: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["topic"],
    "properties": {
        "topic": _TOPIC,
        "value_template": _TEMPLATE,
        "payload_available": _TEXT,
        "payload_not_available": _TEXT,
    },
}
_DEVICE: Final = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["identifiers"]}, {"required": ["connections"]}],
    "properties": {
        "identifiers": {"type": "array", "items": _TEXT, "minItems": 1},
        "connections": {"type": "array", "items": {"type": "array", "items": _TEXT}},
        **dict.fromkeys(
            ("name", "manufacturer", "model", "model_id", "hw_version", "sw_version"), _TEXT
        ),
        **dict.fromkeys(
            ("serial_number", "suggested_area", "via_device", "configuration_url"), _TEXT
        ),
    },
}
_EVERY: Final = {
    "name": _TEXT,
    "unique_id": _TEXT,
    "object_id": {"type": "string", "pattern": "^[a-z0-9_]+$"},
    "state_topic": _TOPIC,
    "value_template": _TEMPLATE,
    "availability": {"type": "array", "items": _AVAILABILITY, "minItems": 1},
    "availability_mode": {"enum": ["all", "any", "latest"]},
    "availability_topic": _TOPIC,
    "availability_template": _TEMPLATE,
    "payload_available": _TEXT,
    "payload_not_available": _TEXT,
    "device": _DEVICE,
    "origin": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": _TEXT, "sw_version": _TEXT, "support_url": _TEXT},
    },
    "enabled_by_default": {"type": "boolean"},
    "encoding": _TEXT,
    "entity_category": {"const": "diagnostic"},
    "entity_picture": _TEXT,
    "expire_after": {"type": "integer", "minimum": 0},
    "force_update": {"type": "boolean"},
    "icon": {"type": "string", "pattern": "^mdi:[a-z0-9-]+$"},
    "json_attributes_template": _TEMPLATE,
    "json_attributes_topic": _TOPIC,
    "qos": {"enum": [0, 1, 2]},
}
_OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "sensor": {
        "device_class": _TEXT,
        "last_reset_value_template": _TEMPLATE,
        "options": {"type": "array", "items": _TEXT},
        "state_class": {
            "enum": ["measurement", "measurement_angle", "total", "total_increasing"],
        },
        "suggested_display_precision": {"type": "integer", "minimum": 0},
        "unit_of_measurement": _TEXT,
    },
    "binary_sensor": {
        "device_class": {"enum": ["connectivity", "problem", "running", "power", "update"]},
        "off_delay": {"type": "integer", "minimum": 0},
        "payload_off": _TEXT,
        "payload_on": _TEXT,
    },
}
_TOPICS: Final = re.compile(
    r"[^/+#]+/(sensor|binary_sensor)/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config"
)


def _schema(component: str) -> dict[str, Any]:
    entity_id = {"type": "string", "pattern": rf"^{component}\.[a-z0-9_]+$"}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["state_topic", "unique_id", "device", "origin"],
        "properties": {**_EVERY, **_OWN[component], "default_entity_id": entity_id},
        # either one topic of availability or a list of them
        "not": {"required": ["availability", "availability_topic"]},
        # what was reset and when is only asked of a total
        "if": {"required": ["last_reset_value_template"]},
        "then": {"properties": {"state_class": {"const": "total"}}, "required": ["state_class"]},
    }


_CHECKS: Final = {component: fastjsonschema.compile(_schema(component)) for component in _OWN}
_JINJA: Final = ImmutableSandboxedEnvironment(undefined=jinja2.Undefined)


@dataclass(frozen=True, slots=True)
class Described:
    """An entity as it was described; raises where the documentation does not allow that."""

    topic: str
    told: Mapping[str, Any]

    @classmethod
    def of(cls, topic: str, payload: str | bytes) -> "Described":
        """Return the entity that a discovery message describes."""
        found = _TOPICS.fullmatch(topic)
        assert found is not None, topic
        told = json.loads(payload)
        _CHECKS[found.group(1)](told)
        return cls(topic, told)

    @property
    def entity_id(self) -> str:
        """By which name a person finds it."""
        return str(self.told["default_entity_id"])

    def state(self, retained: Mapping[str, str]) -> str:
        """Return its state, given what is retained: a number or text, or what it is instead."""
        if not self._is_available(retained):
            return "unavailable"
        payload = retained.get(self.told["state_topic"])
        if payload is None:
            return "unknown"
        shown = _rendered(self.told.get("value_template"), payload)
        if self.topic.split("/")[1] == "binary_sensor":
            on, off = self.told.get("payload_on", "ON"), self.told.get("payload_off", "OFF")
            return {on: "on", off: "off"}.get(shown, "unknown")
        return "unknown" if shown == "None" else shown

    def last_reset(self, retained: Mapping[str, str]) -> str | None:
        """Return when its total began anew, None where it says nothing of that."""
        template = self.told.get("last_reset_value_template")
        return template and _rendered(template, retained[self.told["state_topic"]])

    def _is_available(self, retained: Mapping[str, str]) -> bool:
        listed = self.told.get("availability", [])
        if "availability_topic" in self.told:
            listed = [{"topic": self.told["availability_topic"]}]
        answers = [
            one["topic"] in retained
            and _rendered(one.get("value_template"), retained[one["topic"]]) == "online"
            for one in listed
        ]
        if listed:
            assert len(listed) == 1 or self.told["availability_mode"] == "all", "else the latest"
        return all(answers)


def _rendered(template: str | None, payload: str) -> str:
    if template is None:
        return payload
    value: dict[str, object] = {"value": payload}
    with suppress(ValueError):
        value["value_json"] = json.loads(payload)
    return _JINJA.from_string(template).render(value).strip()


def sum_of(states: Iterable[tuple[str, str | None]], state_class: str) -> float:
    """Return what the statistics add up of `states`, each with its last reset.

    A total adds what it grew or fell by, after a new reset its whole state; one that is always
    increasing takes a fall of more than a tenth for a new meter and adds all it shows.
    """
    added, before, reset = 0.0, None, None
    for text, since in states:
        if text in ("unknown", "unavailable"):
            continue
        now = float(text)
        if before is None:
            reset = since
        elif since != reset or (state_class == "total_increasing" and now < before * 0.9):
            added, reset = added + now, since
        else:
            added += now - before
        before = now
    return added
