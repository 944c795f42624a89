"""What a monthly report says: one closing month of the whole office, and the year around it.

Values only; `reporting.py` puts one together, adapters write it as a sheet, a page or a table. A
closed month is told from its sealed statement, any other one from what is counted so far and
marked as provisional. What is not known is None: never 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from collector.domain.closing.statement import Cause, Completeness
from collector.domain.cost.billing import Gap
from collector.domain.cost.factors import Career
from collector.domain.cost.sheets import NO_PAPER, PaperSum
from collector.domain.counting.exclusions import BothTotals
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import EXACT, Margin
from collector.domain.meters import Meter
from collector.domain.month.course import Course, YearToDate
from collector.domain.month.finished import amount
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.headcount import Rank
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NOT_SET, Measure, Target
from collector.domain.report.comparison import ToldPlacing


class Stage(StrEnum):
    """How far a month has come.

    `CLOSED`: sealed. `OPEN`: over, not closed yet. `RUNNING`: not over. `PARTIAL`: counting
    began within it. `SHEET`: from an old sheet.
    """

    CLOSED = "closed"
    OPEN = "open"
    RUNNING = "running"
    PARTIAL = "partial"
    SHEET = "sheet"


_PARTS = frozenset({Stage.RUNNING, Stage.PARTIAL})


class TargetVerdict(StrEnum):
    """A month against its target. `HEADING_OVER`: not passed yet, but it is expected to be."""

    WITHIN = "within"
    HEADING_OVER = "heading_over"
    OVER = "over"


class HowKnown(StrEnum):
    """How a place's figure is known: read, estimated, corrected by a person, or not at all."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    EDITED = "edited"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Closure:
    """Who sealed the month, when and as which revision; `previous` is the seal before it."""

    revision: int
    at: datetime
    by: str
    seal: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Burden:
    """What the pages came to by stated factors: counter charges and paper in yen, time, CO2.

    None where no factor is stated, or a meter that it needs is missing.
    """

    cost_yen: Decimal | None = None
    paper_yen: Decimal | None = None
    hours: Decimal | None = None
    co2_g: Decimal | None = None


NO_BURDEN = Burden()


@dataclass(frozen=True, slots=True)
class Figures(BothTotals):
    """A month's figures of a department or of the office, in impressions unless named otherwise.

    `meters` holds every meter, adjustments and guesses included; `estimated` of `pages` are
    estimates. `expected` is where a running month will end. `places_read` of `places` were read.
    `whole` is false while the month runs: part of a month is not compared with a whole one.
    `basis` says what the target rests on, or why there is none; `course` where a running month
    is heading; `gaps` which places keep a figure of `burden` from being known. `pages` may be off
    by `margin`, and `in_question` are impressions beside them that a person has to decide on.
    `since` is the day of the first reading where the month began before it. `sheets` is how much
    paper it was; `people`, `rank`, `year` and `missing` places are as `DepartmentMonth` has them.
    """

    pages: int
    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    last_year: int | None = None
    expected: Forecast | None = None
    burden: Burden = NO_BURDEN
    places: int = 0
    places_read: int = 0
    whole: bool = True
    basis: Target = NOT_SET
    course: Course | None = None
    gaps: tuple[Gap, ...] = ()
    margin: Margin = EXACT
    in_question: int = 0
    since: date | None = None
    sheets: PaperSum = NO_PAPER
    people: int | None = None
    rank: Rank | None = None
    year: YearToDate | None = None
    missing: tuple[PlaceId, ...] = ()

    @property
    def pages_a_head(self) -> Fraction | None:
        """Impressions for each of the people; None where their number is not stated."""
        return None if self.people is None else Fraction(self.pages, self.people)

    @property
    def sheets_a_head(self) -> Fraction | None:
        """Sheets for each of the people; None where one of both is not known."""
        paper = self.sheets.paper
        return None if self.people is None or paper is None else Fraction(paper.value, self.people)

    @property
    def measure(self) -> Measure:
        """What the target counts; `expected` and `course` are in it, too."""
        return self.basis.measure

    @property
    def used(self) -> int | None:
        """What the target counts of the month; None where that is not known."""
        stated = (self.measure, self.pages, self.meters, self.sheets)
        return amount(*stated, with_excluded=self.basis.with_excluded)

    @property
    def low(self) -> int:
        """The fewest impressions that the truth may be."""
        return max(0, self.pages - self.margin.less)

    @property
    def high(self) -> int:
        """The most impressions that the truth may be."""
        return self.pages + self.margin.more

    @property
    def left(self) -> int | None:
        """What is left until the target, negative when passed; in the target's measure."""
        return None if self.target is None or self.used is None else self.target - self.used

    @property
    def ratio(self) -> float | None:
        """What is used over target, 1.0 is all; None without a target or with one of 0."""
        return self.used / self.target if self.target and self.used is not None else None

    @property
    def change(self) -> int | None:
        """Impressions more than in the same month of last year, negative when fewer."""
        if self.last_year is None or not self.whole:
            return None
        return self.pages - self.last_year

    @property
    def change_ratio(self) -> float | None:
        """`change` over last year's pages; None where there were none."""
        change = self.change
        return change / self.last_year if change is not None and self.last_year else None

    @property
    def verdict(self) -> TargetVerdict | None:
        """How the month stands against its target; None without one."""
        if self.target is None or self.used is None:
            return None
        if self.used > self.target:
            return TargetVerdict.OVER
        if self.expected is not None and self.expected.expected > self.target:
            return TargetVerdict.HEADING_OVER
        return TargetVerdict.WITHIN


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """One department's month, with all its parts; `own` pages are its own places'.

    `level` and `parent` are where it stands in the tree, None where no department is a part.
    """

    department: Department
    figures: Figures
    own: int = 0
    level: int | None = None
    parent: DepartmentId | None = None


@dataclass(frozen=True, slots=True)
class MeterReading:
    """A reading that opens or closes the month: the total it showed, and when it really was.

    `value` is None where the machine told no total. `off_s` is how many seconds after the
    boundary it was read (before it: negative), None where the month has no boundary there yet.
    """

    at: datetime
    device: DeviceKey
    value: int | None = None
    off_s: int | None = None
    model: str | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class GuessedPages:
    """What a silent copier has probably printed; 95 of 100 true figures lie in the range."""

    pages: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CounterBreak:
    """At `at` the counter went from `last` to `first`; `device` is the new one where it changed."""

    at: datetime
    last: int
    first: int
    device: DeviceKey | None = None


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """One place's month, in impressions.

    `counted` is what its counter grew by, `guess` what it has probably printed besides while
    silent, `adjusted` what later revisions added or took. `meters` holds the sum of all three by
    meter, `shares` the sum by department. `estimated` of `counted` lie in the month by an
    estimated split; they may be off by `margin`. `in_question` are impressions beside them that a
    person has to decide on. `breaks` are where the counter began anew. `since` is the day of the
    place's first reading where the month began before it.
    """

    place: PlaceId
    name: str
    opening: MeterReading | None
    closing: MeterReading | None
    counted: int
    known: HowKnown
    guess: GuessedPages | None = None
    adjusted: int = 0
    meters: Mapping[Meter, int] = field(default_factory=dict)
    shares: Mapping[DepartmentId, int] = field(default_factory=dict)
    estimated: int = 0
    breaks: tuple[CounterBreak, ...] = ()
    margin: Margin = EXACT
    in_question: int = 0
    since: date | None = None

    @property
    def pages(self) -> int:
        """All that the place answers for in the month."""
        return self.counted + (0 if self.guess is None else self.guess.pages) + self.adjusted


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """Impressions that `revision` added to (negative: took from) a sealed figure, and why.

    `reason` is the English sentence that was sealed with it.
    """

    revision: int
    place: PlaceId
    place_name: str
    department: DepartmentId
    pages: int
    cause: Cause
    reason: str
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """One month on the way: the office's impressions, and its departments' where they are known.

    `pages` and `stage` are None for a month of which nothing is known.
    """

    month: str
    stage: Stage | None = None
    pages: int | None = None
    target: int | None = None
    last_year: int | None = None
    departments: Mapping[DepartmentId, int] = field(default_factory=dict)
    targets: Mapping[DepartmentId, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Pages over target; None where one of them is not known or the target is 0."""
        return None if self.pages is None or not self.target else self.pages / self.target

    @property
    def change_ratio(self) -> float | None:
        """How much more than a year before, over that; None where a whole month is not known."""
        if self.pages is None or not self.last_year or self.stage in _PARTS:
            return None
        return (self.pages - self.last_year) / self.last_year


@dataclass(frozen=True, slots=True)
class YearLine:
    """A month of the fiscal year with the sums from its begin up to and with it.

    A sum is None from the first month on of which its figure is not known.
    """

    point: MonthPoint
    pages: int | None
    target: int | None
    last_year: int | None

    @property
    def left(self) -> int | None:
        """Impressions left of the targets so far, negative when passed."""
        return None if self.pages is None or self.target is None else self.target - self.pages

    @property
    def ratio(self) -> float | None:
        """Pages so far over the targets so far."""
        return None if self.pages is None or not self.target else self.pages / self.target


@dataclass(frozen=True, slots=True)
class MonthReport:
    """Everything the report of one month says. Times are UTC; `zone` is the office's.

    `months` are the same month of last year up to this one, in order: 13. `closure` is set for a
    closed month only. The departments' pages add up to the office's, and so do the places'.
    `career` is the working life that hours are held against, where one is stated; `placing` is
    the office's place among others of its size, as its centre told it of this month or one of the
    two before.
    """

    site: str
    zone: tzinfo
    period: Period
    stage: Stage
    made_at: datetime
    version: str
    office: Figures
    departments: tuple[DepartmentFigures, ...]
    places: tuple[PlaceFigures, ...]
    completeness: Completeness
    months: tuple[MonthPoint, ...]
    fiscal_year: int
    year_begins: str
    closure: Closure | None = None
    adjustments: tuple[AdjustmentLine, ...] = ()
    career: Career | None = None
    placing: ToldPlacing | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether the figures may still change without an adjustment."""
        return self.closure is None

    def department(self, department: DepartmentId) -> Department:
        """Return the department called `department`; by its id where the report names none."""
        found = (one.department for one in self.departments if one.department.id == department)
        return next(found, Department(department, department))

    def year(self) -> Iterator[YearLine]:
        """Yield the months of the fiscal year up to this one, with the sums so far."""
        pages: int | None = 0
        target: int | None = 0
        last_year: int | None = 0
        for point in self.months:
            if point.month >= self.year_begins:
                pages = _plus(pages, point.pages)
                target = _plus(target, point.target)
                last_year = _plus(last_year, point.last_year)
                yield YearLine(point, pages, target, last_year)

    def others(self, point: MonthPoint) -> int | None:
        """Return the pages of departments in `point` that this month's report does not name."""
        if point.pages is None:
            return None
        named = {one.department.id for one in self.departments if one.parent is None}
        return point.pages - sum(n for one, n in point.departments.items() if one in named)


def _plus(so_far: int | None, more: int | None) -> int | None:
    return None if so_far is None or more is None else so_far + more
