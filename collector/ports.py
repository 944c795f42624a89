"""What the use cases need from outside, as Protocols. Adapters implement them.

One contract suite per port (tests/contract) runs on the fake and on every real adapter.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Protocol, runtime_checkable

from collector.domain.closing.statement import Link, Sealed
from collector.domain.counting.entries import Entry
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Freed, Pack, Thin
from collector.domain.rows import Row
from collector.domain.sentence import Sentence


class Wording(Protocol):
    """Puts a sentence into words of one language."""

    def __call__(self, sentence: Sentence, /) -> str:
        """Return `sentence` in words."""
        ...


@dataclass(frozen=True, slots=True)
class RowWords:
    """How rows say things: a month in both languages, an event in that of `events`."""

    ja: Wording
    en: Wording
    events: Wording


BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
END: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Nothing that a ledger holds is earlier or later."""


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """Return the current instant, in UTC, with its zone."""
        ...


@dataclass(frozen=True, slots=True)
class PollTarget:
    """Whom to ask. `credential` names one set of keys; only that one is ever tried."""

    place: PlaceId
    address: str
    port: int = 161
    credential: str = "default"


class DeviceReader(Protocol):
    """Reads one machine over the network."""

    async def read(self, target: PollTarget) -> Answer:
        """Return what the machine says now.

        Raises DeviceUnreachable, DeviceRefused or DeviceNonsense, and LedgerError where what is
        remembered of the machine cannot be read; never a library's exception. A meter that was
        not answered is absent from the answer, never 0.
        """
        ...

    async def close(self) -> None:
        """Release every socket; reading afterwards is an error. Reads in flight may finish."""
        ...


@dataclass(frozen=True, slots=True)
class LogRef:
    """Names something worth publishing, by its kind and its key in the ledger.

    Keys: `place|unix seconds` for reading and state, `place|2026-11-23` for day, `2026-11-23` for
    office_day, `2026-11` for month, a finding's id for event, unix seconds for cycle.

    The ledger mentions by itself, and no rows come of it: `entry` by id, `fact` by how many facts
    were recorded before it, `statement` as `2026-11|1` (month, revision), `recount` as `place|unix
    seconds` (0: of all), `old_reading` as reading, of one that another program took.
    """

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A reference in the ledger's log. `seq` only grows; the newest entry of a key replaces it."""

    seq: int
    ref: LogRef


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What the ledger knows of a place now.

    `seen_at` is the last answer, stored or not; `stored_at` the last reading written down;
    `online` is None until the first attempt; `changed_at` is when the newest state change (or
    the hourly repetition of a silence) was written, `reason` its one sentence.
    `track` is None until the first reading, `last` the newest stored reading. `edition` is how
    often the place was counted anew (see `Amendment`): who works from a state with another number
    works from a past that no longer holds.
    """

    place: PlaceId
    track: PlaceTrack | None = None
    last: Reading | None = None
    seen_at: datetime | None = None
    stored_at: datetime | None = None
    online: bool | None = None
    changed_at: datetime | None = None
    reason: str = ""
    edition: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """A place said at `at`, with that uptime, what it had said when it was recorded last.

    `edition` is that of the state which it was held against.
    """

    place: PlaceId
    at: datetime
    uptime_s: int | None
    edition: int


@dataclass(frozen=True, slots=True)
class Record:
    """One atomic change of the ledger: all of it is kept, or none.

    `reading` is None when a poll changed nothing worth storing; `days` are increments to the
    day table; `log` is appended last, in order.

    A record is *already there*, and is then skipped whole (state, days, findings and log too),
    when its reading or any of its usages is stored; one with neither, when it leaves the state
    as it stands and all its findings are stored. So increments are never added twice. `days`
    without a reading or usages raise ValueError: nothing could tell a repetition.
    `checkpoint` is the track as it stood before a closing month's first reading: counting can
    be taken up again there. `recount_since` is no part of the ledger: the reading tells that
    usages since then were none, so the place is to be counted anew (`app/enter/amend.py`), and
    what the reading counts comes with that.
    """

    state: PlaceState
    reading: Reading | None = None
    usages: tuple[Usage, ...] = ()
    days: tuple[DayUsage, ...] = ()
    findings: tuple[Finding, ...] = ()
    log: tuple[LogRef, ...] = ()
    checkpoint: PlaceTrack | None = None
    recount_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reread:
    """A stored reading with what it says by a corrected profile: its meters, wraps and speed.

    `entry` is the id of the entry that had it read again.
    """

    entry: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Amendment:
    """One place counted anew after `since`, from all the evidence there is now.

    `before` is the state they were worked out from. The place's usages that end after `since`
    (all of them where it is None) give way to `usages`, its checkpoints after `since` to
    `checkpoints`; each of `days` is put in the place of that day's row, one without pages takes
    the row away. `track` is what the next reading is judged by. `rereadings` are appended, and so
    are `readings`, which another program took, and the last poll; those already there are skipped.
    """

    before: PlaceState
    since: datetime | None
    track: PlaceTrack | None
    usages: tuple[Usage, ...] = ()
    days: tuple[DayUsage, ...] = ()
    findings: tuple[Finding, ...] = ()
    checkpoints: tuple[PlaceTrack, ...] = ()
    rereadings: tuple[Reread, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """A place was heard or fell silent at `at`; `reason` is one sentence or empty.

    `silent_s` is how long it had been silent at `at`, 0 when online.
    """

    place: PlaceId
    at: datetime
    online: bool
    silent_s: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one round of the scheduler did. `lag_s` is how late the latest poll began.

    `backlog` is how many log entries the slowest sink had yet to get, `slowest` the place whose
    answer took longest: `slowest_s`; None where no machine answered.
    """

    at: datetime
    polled: int
    failed: int
    slow: int
    cycle_s: float
    lag_s: float
    backlog: int = 0
    slowest: PlaceId | None = None
    slowest_s: float | None = None


@dataclass(frozen=True, slots=True)
class LedgerSize:
    """How big the ledger is: rows by table, bytes on disk, and where it lies."""

    path: str
    bytes: int
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a ledger lacks that was published or sealed from it before it was restored.

    `missing` changes of the log; `sealed` are statements, period -> revision. `is_other`: it is
    not even a copy of the ledger that was there.
    """

    missing: int
    sealed: Mapping[str, int]
    is_other: bool = False


class Findings(Protocol):
    """What was found, and what people should know of: append-only."""

    async def record_findings(self, findings: Sequence[Finding]) -> None:
        """Keep findings that come from no reading, each with its log row (kind event)."""
        ...

    async def finding(self, finding_id: str) -> Finding | None:
        """Return one finding, or None."""
        ...

    async def findings(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Finding]:
        """Return the findings with since <= at <= until, oldest first; None is no bound.

        One without a time comes first, where there is no bound at all.
        """
        ...


class Counting(Findings, Protocol):
    """What was read and counted, and what people entered about it.

    Usages and days follow from readings and entries; only an amendment writes those anew, and
    every amendment comes with the entry that tells who wanted it and why. A reading comes back
    without `answer.findings` and `answer.alerts`: what is news of them is among the findings.
    """

    async def state(self, place: PlaceId) -> PlaceState:
        """Return what is known of `place`; a place never heard of has an empty state."""
        ...

    async def states(self) -> Sequence[PlaceState]:
        """Return every place that was ever recorded, by id."""
        ...

    async def record(self, records: Sequence[Record]) -> None:
        """Apply `records` in order, all in one transaction that is on disk when this returns."""
        ...

    async def record_heard(self, heard: Sequence[Heard]) -> Collection[PlaceId]:
        """Move `seen_at` and the track of places on to when they said the same again.

        Changes nothing where the state is newer. Returns the places that were counted anew since:
        they stay as they are.
        """
        ...

    async def amend(
        self,
        entries: Sequence[Entry],
        amendments: Sequence[Amendment],
        log: Sequence[LogRef] = (),
    ) -> None:
        """Keep `entries`, put `amendments` in force and append `log`: all of it or nothing.

        Entries already there are skipped. Raises LedgerMoved where a place was recorded or
        amended since an amendment's `before`: work it out again.
        """
        ...

    async def record_change(self, change: StateChange, state: PlaceState) -> None:
        """Keep a turn from heard to silent or back, with the state it leaves and its log row."""
        ...

    async def change(self, place: PlaceId, at: datetime) -> StateChange | None:
        """Return the state change of `place` at exactly `at` (seconds), or None."""
        ...

    async def entries(self, place: PlaceId | None = None) -> Sequence[Entry]:
        """Return what people entered (for `place`), oldest first, replaced entries included."""
        ...

    async def checkpoint(self, place: PlaceId, until: datetime) -> PlaceTrack | None:
        """Return the newest checkpoint of `place` whose track stands at or before `until`."""
        ...

    async def reading(self, place: PlaceId, at: datetime) -> Reading | None:
        """Return the stored reading of `place` at exactly `at` (seconds), or None."""
        ...

    async def readings_at(self, keys: Sequence[tuple[PlaceId, datetime]]) -> Sequence[Reading]:
        """Return what `reading` does of each of `keys`, in order, without what is not there."""
        ...

    async def readings(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Reading]:
        """Return the stored readings with since <= at <= until, oldest first."""
        ...

    async def rereadings(
        self, place: PlaceId, since: datetime, until: datetime
    ) -> Sequence[Reread]:
        """Return all that readings with since <= at <= until ever said by corrected profiles."""
        ...

    async def usages(self, place: PlaceId, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return the usages with since < end <= until, oldest first."""
        ...

    async def long_usages(self, since: datetime, until: datetime) -> Sequence[Usage]:
        """Return every place's usages of `total` that overlap, if over an hour or estimated."""
        ...

    async def days(
        self, first: date, last: date, place: PlaceId | None = None
    ) -> Sequence[DayUsage]:
        """Return the day table from `first` to `last` inclusive, by day then place."""
        ...

    async def day_totals(self, first: date, last: date) -> Sequence[DayUsage]:
        """Return `days` by day with `total` alone, 0 where a day counted other meters only."""
        ...

    async def first_day(self) -> date | None:
        """Return the earliest local day in the day table, or None when it is empty."""
        ...

    async def counted_days(self) -> Mapping[PlaceId, tuple[date, date]]:
        """Return place -> its first and last local day in the day table."""
        ...

    async def heard_between(
        self, since: datetime, until: datetime
    ) -> Mapping[PlaceId, tuple[datetime, datetime]]:
        """Return place -> (first, last) stored reading time within since <= at <= until."""
        ...


class FleetFacts(Protocol):
    """What is known of the fleet, as it was recorded."""

    async def facts(self) -> Sequence[FleetFact]:
        """Return every fact of the fleet, in the order in which they were recorded."""
        ...

    async def add_facts(self, facts: Sequence[FleetFact], known: int) -> None:
        """Append `facts`, all or none; raises LedgerMoved where not just `known` are there."""
        ...


class Statements(Protocol):
    """The sealed statements of closed months: append-only, each upon the one before."""

    async def seal(self, sealed: Sealed, log: Sequence[LogRef] = ()) -> None:
        """Append a statement and `log`; the same one twice changes nothing.

        Raises LedgerMoved where its `previous` is not the newest seal there is, or where that
        revision of its period exists already.
        """
        ...

    async def links(self, period: str | None = None) -> Sequence[Link]:
        """Return what `statements` does without reading what they state of places."""
        ...

    async def statements(self, period: str | None = None) -> Sequence[Sealed]:
        """Return the sealed statements (of `period`), in the order in which they were sealed.

        They come back as they lie in the store, unverified: `domain.seal` tells whether a
        text still fits its seal. A text that is no statement at all raises LedgerError.
        """
        ...


class PublishLog(Protocol):
    """What is to be published, in order, and how far each sink has it."""

    async def touch(self, refs: Sequence[LogRef]) -> None:
        """Append `refs` to the log without any other change: publish these again."""
        ...

    async def record_cycle(self, cycle: Cycle) -> None:
        """Keep a round and its log row; those 90 days older than it are dropped, log rows too."""
        ...

    async def cycle(self, at: datetime | None = None) -> Cycle | None:
        """Return the round that ended at exactly `at` (seconds), the newest for None, or None."""
        ...

    async def log_after(self, seq: int, limit: int) -> Sequence[LogEntry]:
        """Return at most `limit` log entries with a sequence number above `seq`, in order."""
        ...

    async def cursor(self, sink: str) -> int:
        """Return the sequence number up to which `sink` has everything; 0 at first."""
        ...

    async def acknowledge(self, sink: str, seq: int, after: int | None = None) -> None:
        """Move the cursor of `sink` to `seq`, forward or back.

        With `after` only where it still stands there: a person may have moved it meanwhile.
        """
        ...

    async def log_before(self, moment: datetime, day: date, month: str) -> int:
        """Return the sequence number behind which all stands that concerns that time or later.

        That is readings, rounds and findings since `moment`, days since `day`, and months since
        `month`; the newest number of all where there is none.
        """
        ...

    async def waiting_since(self, sink: str) -> datetime | None:
        """Return the time of the oldest reading, state or round that `sink` has yet to get."""
        ...

    async def backlog(self, sink: str) -> int:
        """Return how many log entries `sink` has yet to get."""
        ...


class Notes(Protocol):
    """Texts by key; `app/notes.py` says which there are, and what each tells."""

    async def note(self, key: str) -> str | None:
        """Return what was last noted under `key`, or None."""
        ...

    async def set_note(self, key: str, text: str) -> None:
        """Remember `text` under `key` instead of what was there; for bookkeeping, never pages."""
        ...


class Thinning(Protocol):
    """Lets readings go that are not kept in full: nothing but readings, and all of them."""

    async def thinnable(self, what: Thin) -> Mapping[str, Freed]:
        """Return by table what would go; nothing is changed."""
        ...

    async def thin(self, what: Thin, limit: int) -> int:
        """Let at most `limit` readings go, with all that is theirs alone; return how many went."""
        ...


class Packing(Protocol):
    """Lays readings together that are over: they take less room, and no answer changes."""

    async def packable(self, before: datetime) -> Mapping[PlaceId, datetime]:
        """Return place -> the time of its oldest reading before `before` that can be packed yet.

        The newest reading of a place cannot, nor one that was read again by a corrected profile.
        """
        ...

    async def pack(self, what: Pack, limit: int) -> int:
        """Lay the oldest readings of `what` together, at most `limit`; return how many those are.

        With them go the usages that follow from them. What is changed later is taken apart first.
        """
        ...


class Ledger(Counting, FleetFacts, Statements, PublishLog, Notes, Thinning, Packing, Protocol):
    """The source of truth: all parts in one file. A use case asks for no more than it needs.

    Readings, findings, entries, statements and facts are append-only; readings alone may go, once
    they are old.

    Every method raises LedgerError where the store cannot be read or written (a full disk, a
    damaged file); nothing is then half-applied. Appending the same record twice changes nothing
    the second time (readings by place, device and time; usages by place, device, meter, epoch
    and end; findings by id); the same holds for a change or a cycle.

    Times are kept and compared in whole seconds, rounded down; a finding's own time is kept
    exactly.
    """

    async def size(self) -> LedgerSize:
        """Return what `status` and the benchmark print."""
        ...

    async def close(self) -> None:
        """Flush and close; the file is complete when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row the server will never take, with its reason. Counted, logged, kept as a finding.

    `keeps_less` where the server keeps nothing so old: what a person can do so that it would.
    """

    row: Row
    reason: str
    keeps_less: Sentence | None = None


class Sink(Protocol):
    """Something that rows are published to. At least once, in order; rows are idempotent.

    `announces`: events reach people the moment they are sent, so none is told a second time.
    """

    name: str
    announces: bool

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Hand over `rows`; every one not returned as rejected is safely there on return.

        Rows of no use count as handed over. Raises SinkUnavailable or SinkRefused: send them again.
        """
        ...

    async def marked(self, site: str) -> int | None:
        """Return the highest `published` of the rows `collector_mark` of `site` that are there.

        0 where there is none: it is empty. None where that cannot be told, as without the right to
        read. Raises SinkUnavailable or SinkRefused.
        """
        ...

    async def check(self) -> str:
        """Return one sentence on who answered; raises SinkUnavailable or SinkRefused."""
        ...

    async def close(self) -> None:
        """Say goodbye politely and release the connection; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Showing:
    """All that stands now, as rows, and rows of what stood once and does not stand any more."""

    rows: tuple[Row, ...] = ()
    gone: tuple[Row, ...] = ()


@runtime_checkable
class Board(Sink, Protocol):
    """A sink that shows what stands now and keeps no past: what is gone is to vanish from it."""

    async def show(self, showing: Showing) -> Sequence[Rejected]:
        """Show just that: whatever else stands there, put up by whom ever, is taken down.

        What is `gone` is taken down also where it does not stand; rows of it that come later are
        of no use. Raises as `send` does.
        """
        ...
