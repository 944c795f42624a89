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
class Fallen:
    """Where a meter stood before it was taken for reset: `last`, read at `at`.

    If it comes back there, it was no reset: an agent gave rubbish for some polls, or a count was
    typed back into a new board.
    """

    last: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MeterTrack:
    """One meter of the machine in place: its epoch's first value and the last accepted one.

    `last` is the highest accepted value of the epoch; the epoch has grown by `last - first`.
    `rolled_back_to` is where the meter stands while it is still below `last` after a restart.
    `by_hand` is true where `last` was read off the panel by a person.
    `formula` is what it was read by, None where no reading told. `fallen` is from where it fell at
    the reset that began this epoch, None where it began otherwise or a person said it was one.
    """

    epoch: int
    first: int
    last: int
    last_at: datetime
    held: Held | None = None
    rolled_back_to: int | None = None
    by_hand: bool = False
    formula: str | None = None
    fallen: Fallen | None = None


@dataclass(frozen=True, slots=True)
class Distrust:
    """A person said that what was read from `since` on is wrong, until it is plausible again.

    `told` is true once it was told that this has lasted.
    """

    since: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class PlaceTrack:
    """The machine that stands at a place and where its meters stood at `at`.

    `top_epoch` is the highest epoch number any meter had at this place, so that no number is
    used for two spans of growth. `distrust` is why readings that do not follow from this track
    are dropped, None where they are judged.
    """

    identity: DeviceIdentity
    at: datetime
    uptime_s: int | None
    meters: Mapping[Meter, MeterTrack] = field(default_factory=dict)
    top_epoch: int = 0
    distrust: Distrust | None = None

    @property
    def is_settled(self) -> bool:
        """Say whether the track owes nothing to readings later than `at`, nor holds any back.

        All that comes later then counts later pages only.
        """
        return self.distrust is None and all(one.held is None for one in self.meters.values())
