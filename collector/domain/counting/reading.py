"""What one poll of one machine said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from collector.domain.counting.findings import Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.meters import BASES, METERS, Meter, Unit
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence


class DeviceStatus(StrEnum):
    """What the machine is doing (RFC 2790 and 3805); `unknown` where nothing says so.

    `asleep` saves power and wakes by itself when somebody prints: no failure, and not offline.
    `stopped` waits for a person. `other` is neither of them for sure.
    """

    IDLE = "idle"
    PRINTING = "printing"
    WARMUP = "warmup"
    ASLEEP = "asleep"
    STOPPED = "stopped"
    OTHER = "other"
    UNKNOWN = "unknown"


class Trouble(StrEnum):
    """The conditions of hrPrinterDetectedErrorState (RFC 2790), in the order of its bits."""

    LOW_PAPER = "low_paper"
    NO_PAPER = "no_paper"
    LOW_TONER = "low_toner"
    NO_TONER = "no_toner"
    DOOR_OPEN = "door_open"
    JAMMED = "jammed"
    OFFLINE = "offline"
    SERVICE_REQUESTED = "service_requested"
    INPUT_TRAY_MISSING = "input_tray_missing"
    OUTPUT_TRAY_MISSING = "output_tray_missing"
    MARKER_SUPPLY_MISSING = "marker_supply_missing"
    OUTPUT_NEAR_FULL = "output_near_full"
    OUTPUT_FULL = "output_full"
    INPUT_TRAY_EMPTY = "input_tray_empty"
    MAINTENANCE_OVERDUE = "maintenance_overdue"


class SupplyState(StrEnum):
    """What a level means when it is no number (RFC 3805: -1, -2, -3).

    `empty` is a maker's own word for nothing left (Ricoh: -100); a level of 0 is a level.
    """

    LEVEL = "level"
    SOME_REMAINING = "some_remaining"
    UNLIMITED = "unlimited"
    UNKNOWN = "unknown"
    EMPTY = "empty"


class SupplyKind(StrEnum):
    """What a supply is. `waste` fills up; all others are used up."""

    TONER = "toner"
    INK = "ink"
    WASTE = "waste"
    DRUM = "drum"
    DEVELOPER = "developer"
    FUSER = "fuser"
    TRANSFER = "transfer"
    CLEANER = "cleaner"
    RIBBON = "ribbon"
    STAPLES = "staples"
    OTHER = "other"


def _percent(state: SupplyState, remaining: int | None, capacity: int | None) -> float | None:
    if state is SupplyState.EMPTY:
        return 0.0
    if remaining is None or not capacity:
        return None
    return min(100.0, 100.0 * remaining / capacity)


@dataclass(frozen=True, slots=True)
class Supply:
    """One consumable. `remaining` and `capacity` are in the machine's own unit; absent is None.

    Of `waste`, `remaining` is the room that is left (RFC 3805, prtMarkerSuppliesLevel), so that
    little is a reason to act for every kind. `color` is a word like "cyan".
    """

    key: str
    name: str
    state: SupplyState
    remaining: int | None = None
    capacity: int | None = None
    kind: SupplyKind = SupplyKind.OTHER
    color: str | None = None

    @property
    def level_pct(self) -> float | None:
        """Per cent left (of waste: room left), 0 to 100, or None without two numbers."""
        return _percent(self.state, self.remaining, self.capacity)

    @property
    def full_pct(self) -> float | None:
        """How full a waste box is in per cent; None for what is used up, or where not known."""
        left = self.level_pct
        return None if left is None or self.kind is not SupplyKind.WASTE else 100.0 - left


class TrayStatus(StrEnum):
    """Whether a tray feeds paper (prtInputStatus of RFC 3805)."""

    READY = "ready"
    WARNING = "warning"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tray:
    """One paper tray. `remaining` and `capacity` are in the machine's unit, mostly sheets."""

    key: str
    name: str
    state: SupplyState
    remaining: int | None = None
    capacity: int | None = None
    media: str | None = None
    status: TrayStatus = TrayStatus.UNKNOWN

    @property
    def level_pct(self) -> float | None:
        """Per cent left, 0 to 100, or None where the machine gave no two numbers."""
        return _percent(self.state, self.remaining, self.capacity)


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition that the machine itself reports (prtAlertTable of RFC 3805).

    `key` stays the same for as long as the condition lasts; `text` is in the maker's words, else
    in ours; `part` is the supply or tray it is about. `for_service` says that the machine wants
    a service engineer. INFO is the machine's routine (it sleeps, it is ready), no news.
    """

    key: str
    severity: Severity
    text: str
    code: str = "other"
    part: str | None = None
    for_service: bool = False
    said: Sentence | None = None
    """What `text` says where the words are ours."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a meter comes from: its formula in the profile, and how well that is known.

    `confidence` is H, M or L; `source` names documents and observations. A `derived` meter is
    worked out from several counters, the machine states no such number itself.
    """

    formula: str
    confidence: str
    source: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """All that one request told of a machine. A meter that was not answered is not in `meters`.

    `wraps` gives the modulus of meters known to wrap; `rated_ipm` is the machine's rated
    speed in impressions a minute; both come from its profile. `nvram_step` is how many
    impressions the machine may lose at a power cut because it saves its meters that seldom.
    `formulas` says which of the machine's counters make up each meter, where that is known: two
    formulas of one meter rarely stand at the same figure.

    `raw` holds what the machine said by the profile's own names of its counters (`row[copy]`,
    `service_count`, `row[*]` for a sum of rows), so that a corrected profile can read it again;
    a counter without a number is not in it. `lacks` names counters of the profile that the
    machine did not have when it was looked at. `provenance` tells of every planned meter.
    `alerts` is None where the machine's alerts are not known, which is not the same as none.
    """

    identity: DeviceIdentity
    meters: Mapping[Meter, int]
    uptime_s: int | None = None
    status: DeviceStatus = DeviceStatus.UNKNOWN
    supplies: tuple[Supply, ...] = ()
    profile: str = "generic"
    wraps: Mapping[Meter, int] = field(default_factory=dict)
    rated_ipm: int | None = None
    nvram_step: int | None = None
    formulas: Mapping[Meter, str] = field(default_factory=dict)
    raw: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lacks: frozenset[str] = frozenset()
    provenance: Mapping[Meter, Provenance] = field(default_factory=dict)
    errors: tuple[Trouble, ...] = ()
    trays: tuple[Tray, ...] = ()
    alerts: tuple[Alert, ...] | None = None

    def unit_of(self, meter: Meter) -> Unit:
        """Return what one step of `meter` is on this machine; a total may be in sheets."""
        return BASES.get(self.formulas.get(meter, ""), METERS[meter])


class Stay(StrEnum):
    """What a machine's answer at a place says about where it stands.

    `HERE`: as known, or known from nowhere else. `ARRIVED`: it stood at another place before, and
    what it printed there is no page of this place. `TWICE`: it answers at its home as well (one
    machine entered under two addresses), so its pages are counted there and not here.
    """

    HERE = "here"
    ARRIVED = "arrived"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """When, after the stored reading before, a machine last said the very same; its uptime then.

    Polls that change nothing are not stored one by one. This keeps what they proved, so that
    readings can be counted again later with the same result.
    """

    at: datetime
    uptime_s: int | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """Where the machine that answers was read last, at another `place`: what it brings along.

    What it printed since is known by its meters, wherever it stood meanwhile.
    """

    place: PlaceId
    at: datetime
    uptime_s: int | None
    meters: Mapping[Meter, int]
    formulas: Mapping[Meter, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, with the place that was asked and when the answer came (UTC).

    `stay` is where the machine was judged to stand when it answered. `confirmed` speaks of the
    reading before this one. `by_hand` is true where a person read the panel: only the meters
    that were read off are in the answer, and nothing says which machine it was. `brought` is the
    last that was read of a machine that stood elsewhere, where that is known.
    """

    place: PlaceId
    at: datetime
    answer: Answer
    stay: Stay = Stay.HERE
    confirmed: Confirmation | None = None
    by_hand: bool = False
    wall: datetime | None = None
    """What the computer's clock said instead of `at`, where it was in doubt."""
    brought: Brought | None = None
    unread: frozenset[Meter] = frozenset()
    """Meters of a panel that nobody read: they are worked out from those that were."""

    def __post_init__(self) -> None:
        """Refuse a time without a zone: a naive time has filed pages under the wrong day."""
        if self.at.tzinfo is None:
            message = "a reading's time must carry its zone"
            raise ValueError(message)
