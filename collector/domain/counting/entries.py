"""What people add to the evidence: decisions, readings by hand, old sheets, exclusions, paper.

Entries are append-only like readings. A correction is a new entry that names its author, its
reason and the entry it replaces; which entries hold is worked out anew each time (`in_force`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from collector.domain.meters import Meter
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId


class Verdict(StrEnum):
    """What a person says that really happened at a finding.

    `RESET`: the machine is the same and its counters began anew. `GLITCH`: what was read was
    wrong, until the machine reads plausibly again. `REPLACED`: another machine stands there, or
    the counters on the same one are somebody else's: nothing before counts. `PRINTED`: the pages
    were really printed, all of them. `IGNORE`: it is known and changes nothing.
    """

    RESET = "reset"
    GLITCH = "glitch"
    REPLACED = "replaced"
    PRINTED = "printed"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's verdict on the finding with the id `finding`.

    `since` is the time of the first reading at `place` that it concerns.
    """

    finding: str
    place: PlaceId
    since: datetime
    verdict: Verdict
    signed: Signature
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("decision", self.finding, self.place, self.since, self.verdict, self.signed)


@dataclass(frozen=True, slots=True)
class ManualReading:
    """Meters that a person read off the panel at `at`."""

    place: PlaceId
    at: datetime
    meters: Mapping[Meter, int]
    signed: Signature
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("reading", self.place, self.at, sorted(self.meters.items()), self.signed)


@dataclass(frozen=True, slots=True)
class PastMonth:
    """What an old sheet says that `place` counted in the closing month called `period`.

    `pages` is usage by meter. `opening` and `closing` are the meters where the sheet holds
    readings, else empty. `source` says where it stands: `2025.xlsx: Sheet1!C7`.
    """

    place: PlaceId
    period: str
    pages: Mapping[Meter, int]
    source: str
    signed: Signature
    opening: Mapping[Meter, int] = field(default_factory=dict)
    closing: Mapping[Meter, int] = field(default_factory=dict)
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        pages = sorted(self.pages.items())
        return _digest("month", self.place, self.period, pages, self.source, self.signed)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Takes the entry `replaces` back without putting another in its place."""

    place: PlaceId
    replaces: str
    signed: Signature

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("withdrawal", self.place, self.replaces, self.signed)


@dataclass(frozen=True, slots=True)
class Rereading:
    """The pages of `place` were counted again from `since` on.

    With `profile`, the stored readings were read again by that profile first; what they say by it
    lies beside them in the ledger, and the readings themselves stay.
    """

    place: PlaceId
    since: datetime
    profile: str | None
    signed: Signature
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("rereading", self.place, self.since, self.profile, self.signed)


@dataclass(frozen=True, slots=True)
class Retiming:
    """Readings of `place` at since <= at <= until were taken `seconds` later (below 0: earlier).

    Entered where the clock was wrong and it is known by how much. The readings themselves keep
    the time that they were stored with. These are their `times`: what is read later, when it is
    really that time, is no wrong reading. An entry of an earlier version names none, and speaks
    of all in between.
    """

    place: PlaceId
    since: datetime
    until: datetime
    seconds: int
    signed: Signature
    replaces: str | None = None
    times: frozenset[datetime] = frozenset()

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        span = (self.place, self.since, self.until, self.seconds, self.signed)
        return _digest("retiming", *span, *sorted(self.times))

    def is_about(self, at: datetime) -> bool:
        """Say whether a reading that is stored under `at` was taken at another time."""
        return self.since <= at <= self.until and (not self.times or at in self.times)

    def right_time(self, at: datetime) -> datetime:
        """Return what time it really was when the clock showed `at` between `since` and `until`."""
        return at + timedelta(seconds=self.seconds) if self.since <= at <= self.until else at


@dataclass(frozen=True, slots=True)
class OldReadings:
    """Readings of `place` that another program took, at since <= at <= until, count.

    `source` names their file, `readings` says how many they were. Where this entry does not hold,
    they lie in the ledger and count nothing.
    """

    place: PlaceId
    since: datetime
    until: datetime
    readings: int
    source: str
    signed: Signature
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        span = (self.since, self.until, self.readings, self.source)
        return _digest("old readings", self.place, *span, self.signed)


class Ground(StrEnum):
    """Why pages are none that a department should answer for.

    `ELECTION`: 選挙. `STATUTORY`: 法定通知, what law requires. `CITIZENS`: 市民有料コピー, copies
    that citizens pay for. `MAINTENANCE`: 保守点検テスト印刷, test prints of the dealer's visit.
    `OTHER`: something else, which the entry's reason says.
    """

    ELECTION = "election"
    STATUTORY = "statutory"
    CITIZENS = "citizens"
    MAINTENANCE = "maintenance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`pages` impressions from the local day `first` to `last` that no target need count.

    Of `place`, or of `department` with its parts; then `place` is empty. Both days are of one
    closing month. `source` says where the figure stands: 選挙管理委員会 印刷記録 第3号.
    """

    place: PlaceId
    department: DepartmentId | None
    first: date
    last: date
    pages: int
    ground: Ground
    source: str
    signed: Signature
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("exclusion", *self.said, self.signed)

    @property
    def said(self) -> tuple[object, ...]:
        """What it says, whoever says it."""
        span = (self.first.isoformat(), self.last.isoformat())
        return (self.place, self.department, *span, self.pages, self.ground.value, self.source)


NOWHERE: Final = PlaceId("")
"""Where an entry is about no place."""


class PaperSize(StrEnum):
    """A size of paper that offices buy, by its JIS name."""

    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    B4 = "B4"
    B5 = "B5"

    @property
    def in_a4(self) -> Fraction:
        """How many sheets of A4 one is by its area: A0 is 1 m², B0 1.5 m² (JIS P 0138)."""
        whole = Fraction(3 if self.value[0] == "B" else 2, 2)
        return whole * Fraction(2) ** (4 - int(self.value[1]))


@dataclass(frozen=True, slots=True)
class PaperPurchase:
    """`sheets` of paper that came in on the local day `day`, from `supplier`, by slip `slip`.

    For `department`; None where it was bought for the whole office. `source` says where it stands:
    `用紙購入R8.xlsx: 台帳!row 7`. `place` is always empty.
    """

    department: DepartmentId | None
    day: date
    size: PaperSize
    sheets: int
    signed: Signature
    supplier: str = ""
    slip: str = ""
    source: str = ""
    replaces: str | None = None
    place: PlaceId = NOWHERE

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("paper purchase", *self.said, self.source, self.signed)

    @property
    def said(self) -> tuple[object, ...]:
        """What it says, whoever says it and wherever it stands."""
        of = (self.department, self.day.isoformat(), self.size.value, self.sheets)
        return (*of, self.supplier, self.slip)


@dataclass(frozen=True, slots=True)
class StockCount:
    """So many `sheets` of one size lay in the store at the end of the local day `day`.

    In the store of `department`; None is the office's own. `place` is always empty.
    """

    department: DepartmentId | None
    day: date
    size: PaperSize
    sheets: int
    signed: Signature
    source: str = ""
    replaces: str | None = None
    place: PlaceId = NOWHERE

    @property
    def id(self) -> str:
        """The same entry always has the same id."""
        return _digest("stock count", *self.about, self.sheets, self.source, self.signed)

    @property
    def about(self) -> tuple[object, ...]:
        """What was counted when: two of one do not hold together."""
        return (self.department, self.day.isoformat(), self.size.value)


Entry = (
    Exclusion
    | PaperPurchase
    | StockCount
    | OldReadings
    | Decision
    | ManualReading
    | PastMonth
    | Rereading
    | Retiming
    | Withdrawal
)


def in_force(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that hold, in the order they were entered.

    An entry that a later one replaces does not hold; of two decisions on one finding the later
    one holds, in the same second the one that replaces the other. Withdrawals are never among them.
    """
    entries = list(entries)
    gone = {one.replaces for one in entries if one.replaces is not None}
    ordered = sorted(entries, key=lambda one: (one.signed.at, one.id not in gone, one.id))
    latest = {one.finding: one.id for one in ordered if isinstance(one, Decision)}
    return tuple(
        one
        for one in ordered
        if one.id not in gone
        and not isinstance(one, Withdrawal)
        and not (isinstance(one, Decision) and latest[one.finding] != one.id)
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
