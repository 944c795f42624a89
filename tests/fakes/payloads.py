"""The documented schemas of what is published over MQTT, ready to hold payloads against."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import fastjsonschema

import collector

FOLDER: Final = Path(collector.__file__).parent / "adapters" / "mqtt" / "schemas"
SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
"""File without ending -> schema; its title is the topic, behind prefix and site."""
_CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    name: fastjsonschema.compile(schema) for name, schema in SCHEMAS.items()
}
_STATUS: Final = frozenset({"online", "offline"})


def schema_of(topic: str, base: str) -> str:
    """Return the name of the schema of what stands on `topic` of the site `base`."""
    kind, *more = topic.removeprefix(f"{base}/").split("/")
    return kind if kind in ("question", "event", "mark") else f"{kind}-{more[-1]}"


def hold(topic: str, payload: str, base: str) -> str:
    """Hold a payload against its schema and return that one's name; raises where it differs."""
    if topic == f"{base}/status":
        assert payload in _STATUS
        return "status"
    name = schema_of(topic, base)
    _CHECKS[name](json.loads(payload))
    return name
