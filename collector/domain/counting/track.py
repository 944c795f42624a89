"""What must be remembered of a place to judge its next reading."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.pace import PlacePace
from collector.domain.meters import Meter


@dataclass(frozen=True, slots=True)
class MeterTrack:
    """One meter of the machine in place: its epoch's first value and the last accepted one.

    `last` is the highest accepted value of the epoch; the epoch has grown by `last - first`.
    `rolled_back_to` is where the meter stands while it is still below `last` after a restart.
    `by_hand` is true where `last` was read off the panel by a person.
    `formula` is what it was read by, None where no reading told.
    """

    epoch: int
    first: int
    last: int
    last_at: datetime
    rolled_back_to: int | None = None
    by_hand: bool = False
    formula: str | None = None

    @property
    def floor(self) -> int:
        """Where the meter stands: what its next value may not be below."""
        return self.last if self.rolled_back_to is None else self.rolled_back_to


@dataclass(frozen=True, slots=True)
class SaidMeters:
    """What a machine said at `at`: all its meters, and what those named were read by.

    `by_hand` is true where a person read the panel; the meters `unread` were worked out then.
    """

    at: datetime
    uptime_s: int | None
    meters: Mapping[Meter, int]
    formulas: Mapping[Meter, str] = field(default_factory=dict)
    by_hand: bool = False
    unread: frozenset[Meter] = frozenset()


@dataclass(frozen=True, slots=True)
class Distrust:
    """A person said that what was read from `since` on is wrong, until it is plausible again.

    `told` is true once it was told that this has lasted.
    """

    since: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """Where the machine stood before something that may turn out not to have been.

    `stood` is its track then, `since` the first reading that came otherwise. If the machine comes
    back to where it stood, the usages of `epochs` that end after `stood` are taken back.
    `doubtful` is false for a plain step of growth: only the newest of those is kept. `restarted`
    says whether the machine was switched off just then, None where nothing tells.
    """

    stood: "PlaceTrack"
    since: datetime
    epochs: frozenset[int]
    doubtful: bool = True
    restarted: bool | None = False


@dataclass(frozen=True, slots=True)
class PlaceTrack:
    """The machine that stands at a place and where its meters stood at `at`.

    `top_epoch` is the highest epoch number any meter had at this place, so that no number is
    used for two spans of growth. `distrust` is why readings that do not follow from this track
    are dropped, None where they are judged. `pace` is what the place usually prints, `held` what
    is not believed until the next answer tells what it was, `before` where the machine stood
    before what may not hold (oldest first), `former` the machines that stood here before it,
    newest first. `conflict_at` is when another of them answered last, since it was told that
    several do.
    """

    identity: DeviceIdentity
    at: datetime
    uptime_s: int | None
    meters: Mapping[Meter, MeterTrack] = field(default_factory=dict)
    top_epoch: int = 0
    distrust: Distrust | None = None
    pace: PlacePace = field(default_factory=PlacePace)
    held: SaidMeters | None = None
    before: tuple[Before, ...] = ()
    former: tuple["PlaceTrack", ...] = ()
    conflict_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Say whether the track owes nothing to readings later than `at`, nor holds any back.

        All that comes later then counts later pages only.
        """
        return self.distrust is None and self.held is None

    @property
    def is_firm(self) -> bool:
        """Say whether nothing counted so far may still be taken back: counting can begin here."""
        by_hand = any(one.by_hand for one in self.meters.values())
        return self.is_settled and not by_hand and not any(one.doubtful for one in self.before)

    def heard_again(self, at: datetime, uptime_s: int | None) -> "PlaceTrack":
        """Return the track after the machine said at `at` what it had said when it was read last.

        All that was read then was read again and stands where it stood.
        """
        meters = {
            name: replace(one, last_at=at) if one.last_at == self.at else one
            for name, one in self.meters.items()
        }
        return replace(self, at=at, uptime_s=uptime_s, meters=meters)

    @property
    def alone(self) -> "PlaceTrack":
        """The machine's own part: what to go on from when it comes back to where it stood."""
        return replace(self, distrust=None, held=None, before=(), former=(), conflict_at=None)
