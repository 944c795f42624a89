"""What stands retained at the broker, and how rows change it: newer replaces older. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from collector.domain.meters import METERS
from collector.domain.office.fleet import WHOLE_OFFICE
from collector.domain.rows import Row
from collector.ports import Clock

# Names of topics. Pure.
#
# | topic | payload | retained |
# |---|---|---|
# | `<prefix>/<site>/status` | `online` or `offline`, the latter also as last will | yes |
# | `<prefix>/<site>/place/<place>/state` | JSON of the newest reading and state | yes |
# | `<prefix>/<site>/department/<department>/month` | JSON of the newest month | yes |
# | `<prefix>/<site>/department/<department>/sheets` | JSON of the paper of that month | yes |
# | `<prefix>/<site>/office/month`, `…/office/sheets` | the same of all departments together | yes |
# | `<prefix>/<site>/office/paper-quarter`, `…/paper-year` | paper bought and counted | yes |
# | `<prefix>/<site>/question/<finding>` | JSON of pages that wait for a person | yes |
# | `<prefix>/<site>/event/<code>` | JSON of one finding | no |
# | `<prefix>/<site>/mark` | JSON that says up to which change all was published | yes |
#
# What every payload holds: `schemas/*.json`, one for each last level, and README.md beside them.


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
    def retained(self) -> tuple[str, ...]:
        """Filters for everything retained except the status."""
        return (
            f"{self.base}/place/+/state",
            f"{self.base}/department/+/+",
            f"{self.base}/office/+",
            f"{self.base}/question/+",
            self.mark,
        )

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

    @property
    def office(self) -> str:
        """Month of all departments together."""
        return f"{self.base}/office/month"

    def paper(self, period: str) -> str:
        """Paper bought against paper counted, of a `quarter` or a `year`, of the whole office."""
        return f"{self.base}/office/paper-{period}"

    def question(self, finding: str) -> str:
        """Pages that wait for a person."""
        return f"{self.base}/question/{level(finding)}"

    def event(self, code: str) -> str:
        """Findings of one kind."""
        return f"{self.base}/event/{level(code)}"


_BESIDE: Final = frozenset({"place", "question"})
_OF_PLACES: Final = ("counted", "area")
_METER_NAMES: Final = frozenset(map(str, METERS))
_PAPER: Final = re.compile(r"(sheets|a4|duplex)_|target_unit$|name(_en)?$")
"""Fields of a month that stand on its topic of paper, too."""
_STOCK: Final = {"copier_supply": ("supply", "supplies"), "copier_tray": ("tray", "trays")}
"""Measurement -> the tag that names one, and the key of a place's state that holds them all."""

Json = dict[str, Any]

MOST_OCTETS: Final = 64 * 2**10
MOST_TOPICS: Final = 20_000
"""How much is taken over from a broker: of one message, and messages. A fleet has far less."""

TAKEN_DOWN: Final = b""
"""What a retained message is deleted by."""
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
        self.gone: frozenset[str] = frozenset()

    def topics(self) -> tuple[str, ...]:
        """Return the topics on which something stands."""
        return tuple(self._standing)

    def content(self, topic: str) -> Json:
        """Return what stands on `topic`; raises KeyError where nothing does."""
        return self._standing[topic]

    def standing(self, topic: str) -> Json | None:
        """Return what stands on `topic`, None where nothing does."""
        return self._standing.get(topic)

    def keep(self, topic: str, of: "RetainedState") -> None:
        """Let what stands on `topic` there, if anything, stand here too."""
        standing = of.standing(topic)
        if standing is not None:
            self._standing[topic] = standing

    def message(self, topic: str) -> Message:
        """Return the publication of what stands on `topic`; where nothing does, it is deleted."""
        content = self._standing.get(topic)
        payload = TAKEN_DOWN if content is None else payload_of(content)
        return Message(topic, payload, retain=True)

    def messages(self, topic: str) -> Iterator[Message]:
        """Yield the publications of what stands on `topic`: of a month, its paper beside it."""
        yield self.message(topic)
        content = self._standing.get(topic, {})
        if "sheets_known" in content:
            yield Message(paper_topic(topic), payload_of(_paper_of(content)), retain=True)

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
        topic = self._topic_of(row)
        if topic is None or topic in self.gone:
            return None
        if row.measurement in _STOCK:
            return self._stock_up(topic, row)
        if row.measurement in _BESIDE:
            return self._beside(topic, row)
        content = _content(row)
        if row.measurement.startswith("paper_"):
            content = _bought_paper(content)
        standing = self._standing.get(topic)
        if standing is not None:
            if content["at"] < standing["at"] and not self._is_to_come(standing["at"]):
                return None
            if _is_addition(row, content["at"], standing):
                content = standing | content
            elif row.measurement == "copier":
                content |= _kept(standing, content)
        self._standing[topic] = content
        if content.get("bought_known") is False:
            del self._standing[topic]
        return topic

    def _topic_of(self, row: Row) -> str | None:
        tags, topic = row.tags, None
        match row.measurement:
            case "copier" | "place" | "copier_supply" | "copier_tray":
                topic = self._topics.place(tags["place"])
            case "department_month":
                topic = self._topics.department(tags["department"])
            case "office_month":
                topic = self._topics.office
            case "paper_quarter" | "paper_year" if tags["department"] == WHOLE_OFFICE:
                topic = self._topics.paper(row.measurement.partition("_")[2])
            case "question":
                topic = self._topics.question(tags["finding"])
            case "collector_mark":
                topic = self._topics.mark
        return topic

    def _beside(self, topic: str, row: Row) -> str | None:
        """Put what is known of a place beside its newest reading; put a question up, or down."""
        if row.measurement == "question":
            if row.fields.get("open"):
                self._standing[topic] = _content(row)
            else:
                self._standing.pop(topic, None)
            return topic
        standing = self._standing.get(topic)
        if standing is None or row.fields.items() <= standing.items():
            return None
        self._standing[topic] = standing | dict(row.fields)
        return topic

    def _stock_up(self, topic: str, row: Row) -> str | None:
        """Put a supply or tray into the state of its own reading, in the stead of earlier ones."""
        tag, shelf = _STOCK[row.measurement]
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


def paper_topic(month: str) -> str:
    """Return the topic of the paper of what stands on the topic `month`."""
    return f"{month.removesuffix('/month')}/sheets"


def _paper_of(month: Json) -> Json:
    """Return what a month says of its paper; a figure that is not known has none."""
    told = {"site", "department", "month", "at", *filter(_PAPER.match, month)}
    return {
        name: value
        for name, value in month.items()
        if name in told and (name.endswith("_known") or month.get(_known_by(name), True))
    }


def _known_by(name: str) -> str:
    return f"{name.partition('_')[0]}_known"


def _bought_paper(content: Json) -> Json:
    """Return what a quarter or year says of its paper; a figure that is not known has none."""
    return {
        name: value
        for name, value in content.items()
        if name.endswith("_known")
        or content.get(_PAPER_KNOWN.get(name.partition("_")[0], ""), True)
    }


_PAPER_KNOWN: Final = {
    "bought": "bought_known",
    "stock": "bought_known",
    "counted": "counted_known",
    "excluded": "counted_known",
    "unexplained": "unexplained_known",
}
"""The first word of a figure of paper bought and counted -> what says whether it is known."""


def _kept(standing: Json, content: Json) -> Json:
    """Return what of a place's state outlives a reading: of another machine, no supplies."""
    names = list(_OF_PLACES)
    if content.get("serial") == standing.get("serial"):
        names += [shelf for _, shelf in _STOCK.values()]
    return {name: standing[name] for name in names if name in standing}


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
