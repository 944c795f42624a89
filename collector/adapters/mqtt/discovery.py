"""Home Assistant discovery: retained descriptions of what stands on the state topics. Pure.

Source: Home Assistant's MQTT discovery, `<prefix>/sensor/<object>/config`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.adapters.mqtt.board import Message, payload_of
from collector.adapters.mqtt.topics import Topics

_UNFIT: Final = re.compile(r"[^a-zA-Z0-9-]")


def object_id(*parts: str) -> str:
    """Return an id of the letters that discovery allows; other parts give other ids."""
    return "__".join(_UNFIT.sub(_hex, part) for part in parts)


def _hex(found: re.Match[str]) -> str:
    return "".join(f"_{byte:02x}" for byte in found.group().encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Discovery:
    """Describes the total of each place and the pages of each department."""

    prefix: str
    topics: Topics

    def describe(self, state_topic: str, content: Mapping[str, Any]) -> Iterator[Message]:
        """Yield what describes a state topic, given what stands on it; nothing without a figure."""
        if "month" in content and "pages" in content:
            name = str(content.get("name") or content["department"])
            yield self._sensor("department", str(content["department"]), name, state_topic, "pages")
        elif "total" in content:
            name = str(content.get("name") or content["place"])
            yield self._sensor("place", str(content["place"]), name, state_topic, "total")

    def _sensor(self, kind: str, key: str, name: str, state_topic: str, field: str) -> Message:
        unique = object_id(self.topics.site, kind, key, field)
        description = {
            "name": name,
            "unique_id": f"copier_fleet__{unique}",
            "state_topic": state_topic,
            "value_template": f"{{{{ value_json.{field} }}}}",
            "availability_topic": self.topics.status,
            "payload_available": "online",
            "payload_not_available": "offline",
            "state_class": "total_increasing",
            "unit_of_measurement": "pages",
            "icon": "mdi:printer",
            "device": {
                "identifiers": [f"copier_fleet__{object_id(self.topics.site)}"],
                "name": f"copier-fleet {self.topics.site}",
            },
        }
        topic = f"{self.prefix}/sensor/copier_fleet__{unique}/config"
        return Message(topic, payload_of(description), retain=True)
