"""What one poll of one machine said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from collector.domain.findings import Finding
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter

PlaceId = NewType("PlaceId", str)


class DeviceStatus(StrEnum):
    """hrPrinterStatus of RFC 2790 in words; `unknown` where it was not answered."""

    IDLE = "idle"
    PRINTING = "printing"
    WARMUP = "warmup"
    OTHER = "other"
    UNKNOWN = "unknown"


class SupplyState(StrEnum):
    """What a supply level means when it is no number (RFC 3805: -1, -2, -3)."""

    LEVEL = "level"
    SOME_REMAINING = "some_remaining"
    UNLIMITED = "unlimited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Supply:
    """One consumable. `remaining` and `capacity` are in the machine's own unit; absent is None."""

    key: str
    name: str
    state: SupplyState
    remaining: int | None = None
    capacity: int | None = None

    @property
    def level_pct(self) -> float | None:
        """Per cent left, 0 to 100, or None where the machine gave no two numbers."""
        if self.remaining is None or not self.capacity:
            return None
        return min(100.0, 100.0 * self.remaining / self.capacity)


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
class Reading:
    """An answer, with the place that was asked and when the answer came (UTC).

    `stay` is where the machine was judged to stand when it answered. `confirmed` speaks of the
    reading before this one. `by_hand` is true where a person read the panel: only the meters
    that were read off are in the answer, and nothing says which machine it was.
    """

    place: PlaceId
    at: datetime
    answer: Answer
    stay: Stay = Stay.HERE
    confirmed: Confirmation | None = None
    by_hand: bool = False

    def __post_init__(self) -> None:
        """Refuse a time without a zone: a naive time has filed pages under the wrong day."""
        if self.at.tzinfo is None:
            message = "a reading's time must carry its zone"
            raise ValueError(message)
