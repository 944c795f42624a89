"""What must be remembered of a place to judge its next reading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter


class Doubt(StrEnum):
    """Why a value is held back until the next reading decides."""

    DROP = "drop"
    JUMP = "jump"


@dataclass(frozen=True, slots=True)
class Held:
    """A value seen once at `at` that is not believed yet."""

    value: int
    at: datetime
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class MeterTrack:
    """One meter of the machine in place: its epoch's first value and the last accepted one.

    `last` is the highest accepted value of the epoch; the epoch has grown by `last - first`.
    `rolled_back_to` is where the meter stands while it is still below `last` after a restart.
    `formula` is what it was read by, None where no reading told.
    """

    epoch: int
    first: int
    last: int
    last_at: datetime
    held: Held | None = None
    rolled_back_to: int | None = None
    formula: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceTrack:
    """The machine that stands at a place and where its meters stood at `at`.

    `top_epoch` is the highest epoch number any meter had at this place, so that no number is
    used for two spans of growth.
    """

    identity: DeviceIdentity
    at: datetime
    uptime_s: int | None
    meters: Mapping[Meter, MeterTrack] = field(default_factory=dict)
    top_epoch: int = 0
