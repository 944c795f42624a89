"""What a site tells the centre: facts as its ledger holds them when they are sent.

Each can be told again, and the later telling holds: whoever keeps them puts it in the place of the
earlier one with the same key, and never beside it. A batch keeps the order of the site's log, so
what is told later was written, or looked up, later.
"""

from dataclasses import dataclass
from datetime import date, datetime

from collector.domain.closing.statement import Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Reread, StateChange


@dataclass(frozen=True, slots=True)
class Read:
    """A stored reading, key (place, device, time), with all usages of the place that end with it.

    `state` is the place's when this was sent, without `last`: that is the newest reading told.
    """

    reading: Reading
    usages: tuple[Usage, ...]
    state: PlaceState


@dataclass(frozen=True, slots=True)
class Days:
    """All that the day table holds of `place` on `day`; no rows where a recount took it away."""

    place: PlaceId
    day: date
    rows: tuple[DayUsage, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, key its id."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Changed:
    """A place turned silent or was heard again, key (place, at); `state` as in `Read`."""

    change: StateChange
    state: PlaceState


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person entered, key its id.

    `position` grows in the order in which things were entered; of two telling of one the later
    holds. It is no count: there are gaps.
    """

    position: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class FleetTold:
    """A fact of the fleet. `position`, its key: how many were recorded before it."""

    position: int
    fact: FleetFact


@dataclass(frozen=True, slots=True)
class Closed:
    """A sealed statement, key (period, revision); text and seal as they lie in the site's ledger.

    Statements are told in the order in which they were sealed.
    """

    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Recounted:
    """A place was counted anew: this is all there is with since < time <= until, no more.

    `usages` by their end, `checkpoints` and `rereadings` by their own time give way to these;
    None is no bound. A long recount comes in parts whose spans follow upon one another. Days that
    it changed are told by `Days`. `state` as in `Read`.
    """

    place: PlaceId
    since: datetime | None
    until: datetime | None
    usages: tuple[Usage, ...]
    checkpoints: tuple[PlaceTrack, ...]
    rereadings: tuple[Reread, ...]
    state: PlaceState


Fact = Read | Days | Found | Changed | Entered | FleetTold | Closed | Recounted
