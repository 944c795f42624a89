"""What stands retained at the broker, and how rows change it: newer replaces older. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from collector.domain.meters import METERS
from collector.domain.rows import Row
from collector.ports import Clock

# Names of topics. Pure.
#
# | topic | payload | retained |
# |---|---|---|
# | `<prefix>/<site>/status` | `online` or `offline`, the latter also as last will | yes |
# | `<prefix>/<site>/place/<place>/state` | JSON of the newest reading and state | yes |
# | `<prefix>/<site>/department/<department>/month` | JSON of the newest month | yes |
# | `<prefix>/<site>/event/<code>` | JSON of one finding | no |
# | `<prefix>/<site>/mark` | JSON that says up to which change all was published | yes |


_SEPARATORS = frozenset("/+#%")
_NAMELESS = "%"


def level(text: str) -> str:
    """Return `text` as one level of a topic, other texts giving other levels.

    What would split a topic (`/`, `+`, `#`), what brokers refuse (control characters, surrogates,
    non-characters) or nobody can see, and `%` itself are percent-encoded as UTF-8; the empty text
    is a lone `%`. Everything else, Japanese included, stays readable.
    """
    return "".join(_percent(char) if _is_unfit(char) else char for char in text) or _NAMELESS


def _is_unfit(char: str) -> bool:
    return char in _SEPARATORS or not char.isprintable()


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one site."""

    prefix: str
    site: str

    @property
    def base(self) -> str:
        """What every topic of this site begins with."""
        return f"{self.prefix}/{level(self.site)}"

    @property
    def status(self) -> str:
        """Whether this collector is there: `online` or `offline`."""
        return f"{self.base}/status"

    @property
    def retained(self) -> tuple[str, str, str]:
        """Filters for everything retained except the status."""
        return f"{self.base}/place/+/state", f"{self.base}/department/+/month", self.mark

    @property
    def mark(self) -> str:
        """What tells an emptied broker: up to which change of the ledger all was published."""
        return f"{self.base}/mark"

    def place(self, place: str) -> str:
        """State of one place."""
        return f"{self.base}/place/{level(place)}/state"

    def department(self, department: str) -> str:
        """Month of one department."""
        return f"{self.base}/department/{level(department)}/month"

    def event(self, code: str) -> str:
        """Findings of one kind."""
        return f"{self.base}/event/{level(code)}"


_METER_NAMES: Final = frozenset(map(str, METERS))
_STOCK: Final = {"copier_supply": ("supply", "supplies"), "copier_tray": ("tray", "trays")}
"""Measurement -> the tag that names one, and the key of a place's state that holds them all."""

Json = dict[str, Any]

MOST_OCTETS: Final = 64 * 2**10
MOST_TOPICS: Final = 20_000
"""How much is taken over from a broker: of one message, and messages. A fleet has far less."""

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_KEPT_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_INT64: Final = 2**63


@dataclass(frozen=True, slots=True)
class Message:
    """One publication."""

    topic: str
    payload: bytes
    retain: bool


def payload_of(content: Mapping[str, Any]) -> bytes:
    """Return `content` as UTF-8 JSON, readable Japanese; a lone surrogate is a question mark."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def mark_of(payload: bytes | None) -> int:
    """Return how far a broker's mark says that all was published; 0 for none, or what is none."""
    if payload is None or len(payload) > MOST_OCTETS:
        return 0
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return 0
    found = content.get("published") if isinstance(content, dict) and _is_ours(content) else None
    return found if isinstance(found, int) and found > 0 else 0


def why_unfit(row: Row) -> str | None:
    """Return why `row` cannot be JSON (NaN, infinity, a time without zone), or None."""
    for name, value in row.fields.items():
        if isinstance(value, float) and not math.isfinite(value):
            return f"{row.measurement}.{name}: {value} is no number"
    if row.at.utcoffset() is None:
        return f"{row.measurement}: time {row.at.isoformat()} has no zone"
    return None


class RetainedState:
    """The retained JSON of every place and department.

    A row is put up unless something newer stands there: an older month or reading, as a replay
    brings it, never covers a newer one. A `copier` row without any meter (a copier fell silent)
    keeps the meters that were read last; one with meters replaces them all, so that a meter the
    machine no longer answers is absent. Supplies and trays stand under `supplies` and `trays` by
    their index; they come after the `copier` row of their reading, all of them where one has
    changed, and stay until others come or another machine does. What claims to be of a time to
    come, by a clock that was wrong, is never newer than anything.
    """

    def __init__(self, topics: Topics, clock: Clock | None = None) -> None:
        """Begin empty."""
        self._topics = topics
        self._clock = clock
        self._standing: dict[str, Json] = {}
        self._stocked: dict[str, str] = {}

    def topics(self) -> tuple[str, ...]:
        """Return the topics on which something stands."""
        return tuple(self._standing)

    def content(self, topic: str) -> Json:
        """Return what stands on `topic`; raises KeyError where nothing does."""
        return self._standing[topic]

    def message(self, topic: str) -> Message:
        """Return the publication of what stands on `topic`."""
        return Message(topic, payload_of(self._standing[topic]), retain=True)

    def recall(self, topic: str, payload: bytes) -> None:
        """Take over what the broker retained from an earlier run; ignore what is not ours.

        Anybody may have put anything there: only what this program writes itself is believed.
        """
        if len(payload) > MOST_OCTETS or len(self._standing) >= MOST_TOPICS:
            return
        try:
            content = json.loads(payload)
        except (ValueError, RecursionError):
            return
        if _is_ours(content) and not self._is_to_come(content["at"]):
            standing = self._standing.get(topic)
            if standing is None or standing["at"] < content["at"]:
                self._standing[topic] = content

    def _is_to_come(self, at: str) -> bool:
        if self._clock is None:
            return False
        return at > _iso(self._clock.now().astimezone(UTC) + _CLOCKS_DIFFER)

    def put(self, row: Row) -> str | None:
        """Put `row` up and return its topic; None where it has none or is older."""
        if row.measurement in _STOCK:
            return self._stock_up(row)
        match row.measurement:
            case "copier":
                topic = self._topics.place(row.tags["place"])
            case "department_month":
                topic = self._topics.department(row.tags["department"])
            case "collector_mark":
                topic = self._topics.mark
            case _:
                return None
        content = _content(row)
        standing = self._standing.get(topic)
        if standing is not None:
            if content["at"] < standing["at"] and not self._is_to_come(standing["at"]):
                return None
            if _is_addition(row, content["at"], standing):
                content = standing | content
            elif content.get("serial") == standing.get("serial"):
                shelves = [shelf for _, shelf in _STOCK.values() if shelf in standing]
                content |= {shelf: standing[shelf] for shelf in shelves}
        self._standing[topic] = content
        return topic

    def _stock_up(self, row: Row) -> str | None:
        """Put a supply or tray into the state of its own reading, in the stead of earlier ones."""
        tag, shelf = _STOCK[row.measurement]
        topic = self._topics.place(row.tags["place"])
        standing = self._standing.get(topic)
        at = _iso(row.at.astimezone(UTC))
        if standing is None or standing["at"] != at:
            return None
        if self._stocked.get(topic) != at:
            self._stocked[topic] = at
            shelves = {shelf for _, shelf in _STOCK.values()}
            standing = {name: one for name, one in standing.items() if name not in shelves}
        new = standing.get(shelf, {}) | {row.tags[tag]: dict(row.fields)}
        self._standing[topic] = standing | {shelf: new}
        return topic

    def event(self, row: Row) -> Message | None:
        """Return the publication of a `copier_event` row, None for any other."""
        if row.measurement != "copier_event":
            return None
        topic = self._topics.event(row.tags["code"])
        return Message(topic, payload_of(_content(row)), retain=False)


def _is_ours(content: object) -> bool:
    """Say whether `content` is made as a state is: figures and texts, and shelves of supplies."""
    if not isinstance(content, dict):
        return False
    at = content.get("at")
    return (
        isinstance(at, str)
        and _KEPT_TIME.fullmatch(at) is not None
        and all(_is_plain(value) or _is_shelf(name, value) for name, value in content.items())
    )


def _is_shelf(name: str, value: object) -> bool:
    return (
        name in {shelf for _, shelf in _STOCK.values()}
        and isinstance(value, dict)
        and all(
            isinstance(one, dict) and all(map(_is_plain, one.values())) for one in value.values()
        )
    )


def _is_plain(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case int():
            return -_INT64 <= value < _INT64
    return isinstance(value, str)


def _content(row: Row) -> Json:
    """Return tags, fields and time of `row`; ISO times in UTC sort as texts."""
    at = row.at.astimezone(UTC).replace(microsecond=0)
    return {**row.tags, "at": _iso(at), **row.fields}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_addition(row: Row, at: str, standing: Mapping[str, Any]) -> bool:
    if row.measurement != "copier":
        return False
    return at == standing["at"] or not _METER_NAMES & row.fields.keys()


# Home Assistant discovery: retained descriptions of what stands on the state topics. Pure.
#
# Source: Home Assistant's MQTT discovery, `<prefix>/sensor/<object>/config`.


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
        match content:
            case {"month": _, "pages": _, "department": key}:
                kind, field = "department", "pages"
            case {"total": _, "place": key}:
                kind, field = "place", "total"
            case _:
                return
        name = str(content.get("name") or key)
        yield self._sensor(kind, str(key), name, state_topic, field)

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
