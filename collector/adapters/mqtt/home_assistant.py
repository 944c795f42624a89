"""Home Assistant discovery: retained descriptions of what stands on the state topics. Pure.

Source: the documentation of Home Assistant's integrations MQTT, MQTT sensor, MQTT binary sensor and
of the state classes of sensors. One topic an entity, since older versions know no other form:
`<prefix>/<component>/copier_fleet__<site>/<entity>/config`.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector import __version__
from collector.adapters.mqtt.retained import Json, Message, Topics, payload_of
from collector.domain.sentence import sentence
from collector.ports import Wording
from collector.texts import ENGLISH

_UNFIT: Final = re.compile(r"[^a-zA-Z0-9-]")
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")
_MARK: Final = 6
"""Characters that tell ids apart which cannot be written in the letters of an entity id."""


def object_id(*parts: str) -> str:
    """Return an id of the letters that discovery allows; other parts give other ids."""
    return "__".join(_UNFIT.sub(_hex, part) for part in parts)


def _hex(found: re.Match[str]) -> str:
    return "".join(f"_{byte:02x}" for byte in found.group().encode("utf-8", "replace"))


def entity_name(*parts: str) -> str:
    """Return a name for an entity id that reads like `parts`, in the letters of such ids.

    Home Assistant would write Japanese in Chinese readings. An id that is not plain ASCII keeps
    what is, and a mark of its own in the stead of the rest.
    """
    return "_".join(filter(None, map(_in_letters, parts)))


def _in_letters(part: str) -> str:
    plain = _NOT_IN_A_NAME.sub("_", part.lower()).strip("_")
    if part.isascii():
        return plain
    mark = hashlib.sha256(part.encode("utf-8", "replace")).hexdigest()[:_MARK]
    return f"{plain}_{mark}" if plain else mark


@dataclass(frozen=True, slots=True)
class Entity:
    """One figure of a state topic. `id` names it within its device, `readable` in entity ids.

    `value` is the template of its value, empty where the payload is that; `told` goes into the
    description as it is.
    """

    id: str
    name: str
    value: str
    told: Mapping[str, Any]
    component: str = "sensor"
    readable: str = ""


def _is(name: str) -> str:
    return f"{{{{ value_json.{name} }}}}"


def _may_be(name: str) -> str:
    return f"{{{{ value_json.{name} | default(none) }}}}"


def _with_target(expression: str) -> str:
    return f"{{{{ {expression} if value_json.has_target else none }}}}"


_TOTAL: Final = {"state_class": "total"}
_THIS_MONTH: Final = _TOTAL | {"last_reset_value_template": _is("at")}
"""Goes up and down with the ledger's month, and begins anew when the row's time moves on."""
_MEASURED: Final = {"state_class": "measurement"}
_WHOLE: Final = {"suggested_display_precision": 0}
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}
_PRINTER: Final = {"icon": "mdi:printer"}
_TARGET: Final = {"icon": "mdi:bullseye-arrow"}
_ASKS: Final = {"icon": "mdi:help-circle-outline"}
_OFFICE: Final = ("office", "")
_CONNECTED: Final = _DIAGNOSTIC | {"device_class": "connectivity"}


@dataclass(frozen=True, slots=True)
class Discovery:
    """Describes each place, each department and the office as a device with its entities.

    `say` puts names and units into the office's language.
    """

    prefix: str
    topics: Topics
    say: Wording = ENGLISH.say

    @property
    def filter(self) -> str:
        """What all descriptions of this site lie under."""
        return f"{self.prefix}/+/{self._node}/+/config"

    def describe(
        self,
        state_topic: str,
        content: Json,
        before: Collection[str] = (),
        *,
        below: bool = False,
    ) -> Iterator[Message]:
        """Yield what describes a state topic, given what stands on it; nothing without a figure.

        A supply that says no level has no entity, unless it was described `before`. `below` says
        that the office's device is there, through which all others are reached.
        """
        entities: Iterable[Entity]
        match content:
            case {"month": _, "pages": _, "department": key}:
                device = ("department", str(key))
                entities = self._month(content)
            case {"month": _, "pages": _}:
                device = _OFFICE
                entities = (*self._month(content), *self._office(content))
            case {"online": _, "place": key} | {"total": _, "place": key}:
                device = ("copier", str(key))
                entities = self._copier(content, before)
            case _:
                return
        for one in entities:
            yield self._message(device, one, state_topic, content, below=below)

    def _copier(self, content: Json, before: Collection[str]) -> Iterator[Entity]:
        pages = {"unit_of_measurement": self._unit("impressions")} | _PRINTER
        if "counted" in content:
            yield Entity(
                "counted", self._said("mqtt.entity.counted"), _may_be("counted"), pages | _TOTAL
            )
        if "total" in content:
            told = pages | _DIAGNOSTIC
            yield Entity("total", self._said("mqtt.entity.counter"), _may_be("total"), told)
        if "counted" in content or "supplies" in content:
            on = "{{ 'ON' if value_json.online else 'OFF' }}"
            yield Entity(
                "online", self._said("mqtt.entity.online"), on, _CONNECTED, "binary_sensor"
            )
        for key, one in content.get("supplies", {}).items():
            found = self._supply(key, one)
            topic = self._topic(("copier", content["place"]), found)
            if "level_pct" in one or topic in before:
                yield found

    def _supply(self, key: str, one: Json) -> Entity:
        kind, color = one.get("kind", "supply"), one.get("color", key)
        of_it = f"(value_json.supplies | default({{}})).get({json.dumps(key)})"
        value = f"{{{{ ({of_it} or {{}}).get('level_pct') }}}}"
        told = {"unit_of_measurement": "%", "icon": "mdi:water-percent"} | _MEASURED | _WHOLE
        name = str(one.get("name") or key)
        return Entity(f"supply_{key}", name, value, told, "sensor", f"{kind}_{color}")

    def _month(self, content: Json) -> Iterator[Entity]:
        pages = {"unit_of_measurement": self._unit("impressions")} | _PRINTER
        yield Entity("pages", self._said("mqtt.entity.pages"), _is("pages"), pages | _THIS_MONTH)
        if "has_target" in content:
            unit = {"unit_of_measurement": self._unit(content.get("target_unit", "impressions"))}
            target, left = _with_target("value_json.target"), _with_target("value_json.remaining")
            yield Entity("target", self._said("mqtt.entity.target"), target, unit | _TARGET)
            yield Entity(
                "remaining", self._said("mqtt.entity.remaining"), left, unit | _TARGET | _MEASURED
            )
            percent = {"unit_of_measurement": "%", "suggested_display_precision": 1} | _MEASURED
            ratio = _with_target("(value_json.ratio * 100) | round(1)")
            yield Entity("ratio", self._said("mqtt.entity.ratio"), ratio, percent | _TARGET)
            told = unit | _TARGET | _MEASURED | _WHOLE
            yield Entity("forecast", self._said("mqtt.entity.forecast"), _may_be("forecast"), told)
        if "sheets_known" in content:
            told = {"unit_of_measurement": self._unit("sheets"), "icon": "mdi:file-multiple"}
            known = "{{ value_json.sheets_used if value_json.sheets_known else none }}"
            yield Entity("sheets", self._said("mqtt.entity.sheets"), known, told | _THIS_MONTH)

    def _office(self, content: Json) -> Iterator[Entity]:
        if "departments_over" in content:
            over = _is("departments_over")
            yield Entity(
                "departments_over", self._said("mqtt.entity.over"), over, _MEASURED | _TARGET
            )
        if "in_question" in content:
            told = {"unit_of_measurement": self._unit("impressions")} | _MEASURED | _ASKS
            yield Entity(
                "in_question", self._said("mqtt.entity.in_question"), _is("in_question"), told
            )
        told = _CONNECTED | {"payload_on": "online", "payload_off": "offline"}
        yield Entity("collector", self._said("mqtt.entity.collector"), "", told, "binary_sensor")

    def _message(
        self,
        device: tuple[str, str],
        entity: Entity,
        state_topic: str,
        content: Json,
        *,
        below: bool,
    ) -> Message:
        readable = entity_name(self.topics.site, *device, entity.readable or entity.id)
        description = {
            "name": entity.name,
            "unique_id": f"copier_fleet__{object_id(self.topics.site, *device, entity.id)}",
            "default_entity_id": f"{entity.component}.{readable}",
            "object_id": readable,
            "state_topic": state_topic,
            "value_template": entity.value,
            **self._availability(device, entity, state_topic),
            **entity.told,
            "device": self._device(device, content, below=below),
            "origin": {"name": "copier-fleet", "sw_version": __version__},
        }
        if not entity.value:
            description |= {"state_topic": self.topics.status}
            del description["value_template"]
        return Message(self._topic(device, entity), payload_of(description), retain=True)

    def _availability(self, device: tuple[str, str], entity: Entity, topic: str) -> Json:
        """Return what says whether the entity has a value: the collector, of a copier it as well.

        What says that they are there is there itself.
        """
        if not entity.value:
            return {}
        if device[0] != "copier" or entity.id == "online":
            return {
                "availability_topic": self.topics.status,
                "payload_available": "online",
                "payload_not_available": "offline",
            }
        answers = "{{ 'online' if value_json.online else 'offline' }}"
        both = [{"topic": self.topics.status}, {"topic": topic, "value_template": answers}]
        return {"availability": both, "availability_mode": "all"}

    def _device(self, device: tuple[str, str], content: Json, *, below: bool) -> Json:
        kind, key = device
        if device == _OFFICE:
            name = f"copier-fleet {self.topics.site}"
            return {"identifiers": [self._device_id(device)], "name": name}
        found: Json = {"identifiers": [self._device_id(device)]}
        found["name"] = str(content.get("name") or key or kind)  # it takes no empty one
        if kind == "copier":
            told = {"model": "model", "serial_number": "serial", "suggested_area": "area"}
            found |= {to: content[name] for to, name in told.items() if content.get(name)}
        return found | ({"via_device": self._device_id(_OFFICE)} if below else {})

    def _device_id(self, device: tuple[str, str]) -> str:
        return f"copier_fleet__{object_id(self.topics.site, *filter(None, device))}"

    @property
    def _node(self) -> str:
        return f"copier_fleet__{object_id(self.topics.site)}"

    def _topic(self, device: tuple[str, str], entity: Entity) -> str:
        name = object_id(*filter(None, device), entity.id)
        return f"{self.prefix}/{entity.component}/{self._node}/{name}/config"

    def _unit(self, unit: str) -> str:
        return self._said("mqtt.unit.sheets" if unit == "sheets" else "mqtt.unit.impressions")

    def _said(self, key: str) -> str:
        return self.say(sentence(key))
