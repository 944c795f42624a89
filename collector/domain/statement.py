"""A closed period as a document: what each place and department counted, and how that is known.

Values only; `closing.py` draws a statement up and `seal.py` seals and verifies it. A statement is
never rewritten: facts that come later become adjustment lines of its next revision.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.fleet import DepartmentId
from collector.domain.identity import DeviceKey
from collector.domain.meters import TOTAL, Meter
from collector.domain.office import Period
from collector.domain.reading import PlaceId
from collector.domain.usage import Quality


@dataclass(frozen=True, slots=True)
class Mark:
    """A reading that opens or closes a period: when it was really read, and of which machine."""

    at: datetime
    device: DeviceKey
    meters: Mapping[Meter, int]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """What a copier silent at the closing has probably printed since it was last heard.

    `pages` by meter, in whole pages; four in five true totals lie in `low` to `high`.
    """

    pages: Mapping[Meter, int]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place in a statement.

    `pages` is usage by meter that was counted in the period; `estimated` impressions of its
    `total` lie in the period by an estimated split. `guess` comes on top where the copier was
    silent at the closing. `shares` is who answers for pages and guess together, by meter: they
    add up to both. `breaks` tells each epoch that ended within the period in one sentence.
    """

    place: PlaceId
    name: str
    opening: Mark | None
    closing: Mark | None
    pages: Mapping[Meter, int]
    shares: Mapping[DepartmentId, Mapping[Meter, int]]
    quality: Quality = Quality.MEASURED
    estimated: int = 0
    guess: Guess | None = None
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One department in a statement: the sum of its shares. `target` in impressions, if any."""

    department: DepartmentId
    name: str
    name_en: str | None
    pages: Mapping[Meter, int]
    target: int | None = None
    places: int = 0
    places_read: int = 0
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Pages added to (or, negative, taken from) a sealed figure by a later revision.

    `revision` is the one that brought it, `reason` one sentence, `entry` the id of the entry
    behind it where a person made one.
    """

    revision: int
    place: PlaceId
    department: DepartmentId
    pages: Mapping[Meter, int]
    reason: str
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sealed period. Revision 1 states it; each further one adds adjustments to the same lines.

    `previous` is the seal of the statement sealed before this one (of any period), empty for the
    first: statements form one chain. `zone` names the office's time zone.
    """

    site: str
    zone: str
    period: Period
    revision: int
    closed_at: datetime
    closed_by: str
    places: tuple[PlaceLine, ...]
    departments: tuple[DepartmentLine, ...]
    adjustments: tuple[Adjustment, ...] = ()
    previous: str = ""

    def department_pages(self) -> Mapping[DepartmentId, Mapping[Meter, int]]:
        """Return what each department answers for by meter, adjustments included."""
        found: dict[DepartmentId, dict[Meter, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.departments:
            for meter, pages in line.pages.items():
                found[line.department][meter] += pages
        for one in self.adjustments:
            for meter, pages in one.pages.items():
                found[one.department][meter] += pages
        return {department: dict(pages) for department, pages in found.items()}

    def place_pages(self) -> Mapping[PlaceId, Mapping[Meter, int]]:
        """Return what each place counted by meter, guesses and adjustments included."""
        found: dict[PlaceId, dict[Meter, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.places:
            for share in line.shares.values():
                for meter, pages in share.items():
                    found[line.place][meter] += pages
        for one in self.adjustments:
            for meter, pages in one.pages.items():
                found[one.place][meter] += pages
        return {place: dict(pages) for place, pages in found.items()}

    @property
    def total(self) -> int:
        """The whole office's impressions, adjustments included."""
        return sum(pages.get(TOTAL, 0) for pages in self.department_pages().values())


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement as it was sealed: `text` is its canonical form, `seal` the hash over it."""

    statement: Statement
    text: str
    seal: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a total rests on readings: `26 of 27 read, 1 estimated (±140)`."""

    places: int
    read: int
    estimated: tuple[PlaceId, ...] = ()
    uncertainty: int = 0
    """Half the width of the range of all guesses together, in impressions."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What closing a period now would seal, and the checksum that applying it must name.

    `changes` tells, one sentence each, how it differs from the plan that was shown last.
    """

    statement: Statement
    completeness: Completeness
    checksum: str
    changes: tuple[str, ...] = field(default=())
