"""A closed period as a document: what each place and department counted, and how that is known.

Values only; `closing.py` draws a statement up and `seal.py` seals and verifies it. A statement is
never rewritten: facts that come later become adjustment lines of its next revision.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from collector.domain.cost.billing import Usages
from collector.domain.cost.sheets import NO_SHEETS, Paper, PaperSum, PlacePaper, sum_of_paper
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import EXACT, Margin
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Assignment, DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure


@dataclass(frozen=True, slots=True)
class BoundaryReading:
    """A reading that opens or closes a period: when it was really read, and of which machine."""

    at: datetime
    device: DeviceKey
    meters: Mapping[Meter, int]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class GrowthSpan:
    """A stretch of pure growth of one meter between opening and closing: `last` minus `first`."""

    meter: Meter
    device: DeviceKey
    start: datetime
    end: datetime
    first: int
    last: int

    @property
    def pages(self) -> int:
        """Whole pages, never negative."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Guess:
    """What a copier silent at the closing has probably printed since it was last heard.

    `pages` by meter, in whole pages; 95 of 100 true totals lie in `low` to `high` (80 in old
    statements). `shares` is who answers for them: they add up to `pages`. `since` is when it was
    heard last.
    """

    pages: Mapping[Meter, int]
    low: int
    high: int
    shares: Mapping[DepartmentId, Mapping[Meter, int]] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def margin(self) -> Margin:
        """By how much it may be off."""
        pages = self.pages.get(TOTAL, 0)
        return Margin(max(0, pages - self.low), max(0, self.high - pages))


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place in a statement.

    `pages` is usage by meter that was counted in the period; `estimated` impressions of its
    `total` lie in the period by an estimated split. `guess` comes on top where the copier was
    silent at the closing. `shares` is who answers for pages and guess together, by meter: they
    add up to both. `breaks` tells each epoch that ended within the period in one sentence.
    `read` is false where the copier was not heard until the closing. `spans` prove the counted
    pages: their sum and `split_of` (what lies between the readings and the two midnights) are it.
    `margins` is by how much the counted pages may be off, by who answers for them and of
    `WHOLE_OFFICE`, without what is exact. `questions` are the ids of the findings that put pages
    of the place in question when this was sealed, with how many impressions. `paper` is how many
    sheets pages and guess took, None where that was not known (or in a statement of before that).
    """

    place: PlaceId
    name: str
    opening: BoundaryReading | None
    closing: BoundaryReading | None
    pages: Mapping[Meter, int]
    shares: Mapping[DepartmentId, Mapping[Meter, int]]
    quality: Quality = Quality.MEASURED
    estimated: int = 0
    guess: Guess | None = None
    breaks: tuple[str, ...] = ()
    read: bool = True
    spans: tuple[GrowthSpan, ...] = ()
    margins: Mapping[DepartmentId, Margin] = field(default_factory=dict)
    questions: Mapping[str, int] = field(default_factory=dict)
    paper: PlacePaper | None = None

    def split_of(self, meter: Meter) -> int:
        """Return what the splits over opening and closing add to (or take from) the spans."""
        spans = sum(span.pages for span in self.spans if span.meter == meter)
        return self.pages.get(meter, 0) - spans


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One department in a statement: the sum of its shares. `target` in its `measure`, if any.

    `estimated` of its impressions rest on an estimated split or on the guess for a silent copier.
    It answered for `places` on any day of the period; `places_read` of them were heard.
    `in_question` are impressions beside its pages that a person had not decided on. The target
    counts excluded pages where `with_excluded`.
    """

    department: DepartmentId
    name: str
    name_en: str | None
    pages: Mapping[Meter, int]
    target: int | None = None
    places: int = 0
    places_read: int = 0
    estimated: int = 0
    in_question: int = 0
    measure: Measure = Measure.IMPRESSIONS
    with_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """From `start` on a department was a part of what stands `above` it, the nearest first.

    `pages` of its pages count there from then on, until its next branch; of a department that has
    only one in the period all do, and it states none.
    """

    start: date
    above: tuple[DepartmentId, ...]
    pages: Mapping[Meter, int] = field(default_factory=dict)


class Cause(StrEnum):
    """Why a later revision adds or takes pages.

    `GUESS`: the guess for a silent copier was withdrawn or is another one. `LATE`: pages that
    were read after the closing. `ENTRY`: a person's reading, decision or withdrawal. `HISTORY`: a
    figure of an old sheet. `MOVED`: other departments answer for the place, no page more or less.
    `RECOUNTED`: the same readings come to other pages (a corrected profile, a replay).
    """

    GUESS = "guess"
    LATE = "late"
    ENTRY = "entry"
    HISTORY = "history"
    MOVED = "moved"
    RECOUNTED = "recounted"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Pages added to (or, negative, taken from) a sealed figure by a later revision.

    `revision` is the one that brought it, `reason` one sentence, `entry` the id of the entry
    behind it where a person made one. `estimated` of its impressions are estimates. `margin` is
    how the margin of the department's counted pages changes; it may be negative. `sheets` are the
    sheets and `a4` those as A4 that it adds to (or takes from) the sealed ones of the place.
    """

    revision: int
    place: PlaceId
    department: DepartmentId
    pages: Mapping[Meter, int]
    reason: str
    entry: str | None = None
    cause: Cause = Cause.RECOUNTED
    estimated: int = 0
    margin: Margin = EXACT
    sheets: Paper = NO_SHEETS
    a4: Paper = NO_SHEETS


@dataclass(frozen=True, slots=True)
class Statement:
    """A sealed period. Revision 1 states it; each further one adds adjustments to the same lines.

    `previous` is the seal of the statement sealed before this one (of any period), empty for the
    first: statements form one chain. `zone` names the office's time zone. `answering` is who
    answered for each place in the period, and `tree` what each department was a part of, as this
    revision has it; a department that was a part of nothing is not in the tree. The lines of
    departments are without their parts, but for targets. `evidence` is the digest of each place's
    readings in the period, as they were when this was sealed; statements of before have none.
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
    answering: Mapping[PlaceId, tuple[Assignment, ...]] = field(default_factory=dict)
    tree: Mapping[DepartmentId, tuple[Branch, ...]] = field(default_factory=dict)
    evidence: Mapping[PlaceId, str] = field(default_factory=dict)

    def above(self, department: DepartmentId) -> tuple[DepartmentId, ...]:
        """Return what `department` was a part of at the end, the nearest first."""
        branches = self.tree.get(department, ())
        return branches[-1].above if branches else ()

    def grouped(
        self, level: int | None = None
    ) -> Mapping[DepartmentId, Mapping[DepartmentId, Mapping[Meter, int]]]:
        """Return department -> what counts in it of its own and of each of its parts.

        On a `level` of the tree every page counts once: for whoever stands there.
        """
        found: dict[DepartmentId, dict[DepartmentId, dict[Meter, int]]] = {}
        for department, pages in self.department_pages().items():
            branches = self.tree.get(department, ()) or (Branch(self.period.start, ()),)
            for one in branches:
                line = (department, *one.above)
                if level is not None:
                    line = (line[-level] if len(line) > level else department,)
                for group in line:
                    own = found.setdefault(group, {}).setdefault(department, defaultdict(int))
                    for meter, count in (one.pages if len(branches) > 1 else pages).items():
                        own[meter] += count
        return {
            group: {one: dict(pages) for one, pages in own.items()} for group, own in found.items()
        }

    def department_pages(self) -> Mapping[DepartmentId, Mapping[Meter, int]]:
        """Return what each department answers for itself by meter, adjustments included."""
        found: dict[DepartmentId, dict[Meter, int]] = {
            line.department: defaultdict(int, line.pages) for line in self.departments
        }
        for one in self.adjustments:
            for meter, pages in one.pages.items():
                found.setdefault(one.department, defaultdict(int))[meter] += pages
        return {department: dict(pages) for department, pages in found.items()}

    def shares(self) -> Mapping[PlaceId, Mapping[DepartmentId, Mapping[Meter, int]]]:
        """Return who answers for each place's pages, guesses and adjustments included."""
        found: dict[PlaceId, dict[DepartmentId, dict[Meter, int]]] = {}
        parts = [(one.place, key, own) for one in self.places for key, own in one.shares.items()]
        parts += [(one.place, one.department, one.pages) for one in self.adjustments]
        for place, department, pages in parts:
            own = found.setdefault(place, {}).setdefault(department, defaultdict(int))
            for meter, count in pages.items():
                own[meter] += count
        return {
            place: {department: dict(pages) for department, pages in sorted(own.items())}
            for place, own in found.items()
        }

    def place_pages(self) -> Mapping[PlaceId, Mapping[Meter, int]]:
        """Return what each place counted by meter, guesses and adjustments included."""
        found: dict[PlaceId, dict[Meter, int]] = {}
        for place, shares in self.shares().items():
            own = found.setdefault(place, defaultdict(int))
            for pages in shares.values():
                for meter, count in pages.items():
                    own[meter] += count
        return {place: dict(pages) for place, pages in found.items()}

    def paper(self) -> Mapping[PlaceId, PlacePaper]:
        """Return the sheets of each place as they were sealed, adjustments included.

        A place of which they were not known is absent; a later revision does not add it.
        """
        found: dict[PlaceId, PlacePaper] = {}
        for line in self.places:
            if line.paper is not None:
                found[line.place] = line.paper
        for one in self.adjustments:
            if (paper := found.get(one.place)) is not None:
                found[one.place] = paper.adjusted(one.department, one.sheets, one.a4)
        return found

    def paper_of(self, departments: Iterable[DepartmentId] | None = None) -> PaperSum | None:
        """Return the sheets of `departments` (None: of all) as sealed; None where none were."""
        taken, shares = self.paper(), self.shares()
        if not taken:
            return None
        sides = {
            place: {name: Usages(pages).total for name, pages in own.items()}
            for place, own in shares.items()
        }
        everybody = {name for own in shares.values() for name in own}
        return sum_of_paper(taken, sides, everybody if departments is None else departments)

    def department_estimated(self) -> Mapping[DepartmentId, int]:
        """Return how many of each department's impressions are estimates, adjustments included."""
        found: dict[DepartmentId, int] = defaultdict(int)
        for line in self.departments:
            found[line.department] += line.estimated
        for one in self.adjustments:
            found[one.department] += one.estimated
        pages = self.department_pages()
        return {
            department: min(max(0, count), max(0, pages[department].get(TOTAL, 0)))
            for department, count in found.items()
        }

    def line(self, place: PlaceId) -> PlaceLine | None:
        """Return the line of `place`, or None."""
        return next((one for one in self.places if one.place == place), None)

    @property
    def total(self) -> int:
        """The whole office's impressions, adjustments included."""
        return sum(pages.get(TOTAL, 0) for pages in self.department_pages().values())

    @property
    def excluded(self) -> int:
        """How many of them are excluded, adjustments included."""
        return sum(pages.get(EXCLUDED, 0) for pages in self.department_pages().values())


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement as it was sealed: `text` is its canonical form, `seal` the hash over it."""

    statement: Statement
    text: str
    seal: str


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed statement as one of the chain: which it is and after which it was sealed.

    What it states of places and departments is in `text`, unread.
    """

    period: Period
    revision: int
    previous: str
    text: str
    seal: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a total rests on readings: `26 of 27 read, 1 estimated (±140), 300 in question`.

    The pages of the places `estimated` are not known exactly: `margin` is by how much the total
    may be off for that, and `in_question` are impressions beside it that a person has to decide on.
    """

    places: int
    read: int
    estimated: tuple[PlaceId, ...] = ()
    margin: Margin = EXACT
    in_question: int = 0

    @property
    def uncertainty(self) -> int:
        """By how many impressions the total may be off at most, either way."""
        return max(self.margin.less, self.margin.more)


NOTHING_ASKED = Completeness(0, 0)


class ChangeKind(StrEnum):
    """In what two plans for one period differ."""

    PLACE = "place"
    DEPARTMENT = "department"
    TARGET = "target"
    READ = "read"
    SILENT = "silent"
    READINGS = "readings"
    REVISION = "revision"
    DETAILS = "details"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two plans.

    `subject` is the place or department it is about, empty for the whole. `before` and `after`
    are impressions (`READINGS`: the closing meter; `REVISION`: its number), None where there are
    none.
    """

    kind: ChangeKind
    subject: str = ""
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """What closing a period now would seal, and the checksum that applying it must name.

    `changes` tells how it differs from the plan that was shown last; none before the first.
    """

    statement: Statement
    completeness: Completeness
    checksum: str
    changes: tuple[Change, ...] = field(default=())
