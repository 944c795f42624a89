"""A month as it is stated: what a department answers for, against its target, and how complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from collector.domain.closing.statement import NOTHING_ASKED, Completeness
from collector.domain.cost.footprint import NO_FOOTPRINT, Footprint
from collector.domain.cost.sheets import PaperSum
from collector.domain.counting.exclusions import BothTotals
from collector.domain.meters import Meter
from collector.domain.month.course import Course, Standing, YearToDate
from collector.domain.month.finished import amount
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.headcount import Rank
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NOT_SET, Measure, Target


@dataclass(frozen=True, slots=True)
class DepartmentMonth(BothTotals):
    """What a department answers for in one closing month, in impressions unless named otherwise.

    `target` and all that is measured by it (`used`, `ratio`, `remaining`, `forecast`, `course`,
    `year`) are in the `measure` of the target: impressions, colour impressions, or sheets.

    `pages` is the `total` meter; `meters` holds all. `estimated` of `pages` lie in this month by
    estimate. Of the places `asked`, all but `missing` were heard recently enough. `target`,
    `last_year` and `forecast` are None where there is none; `basis` says what the target rests on
    or why there is none. `last_month` is the month before it. `elapsed` is the share of working
    time gone, `days_left` how many working days can still be changed.
    `unread` is what the `missing` places have probably printed since they were last heard: no
    part of `pages`, None where no place is missing or nothing is known of its past; the forecast
    reckons with it. `course` is where the month is heading, None without target or forecast.
    `year` is the fiscal year up to this month. `known` says how far the figure may be off. `since`
    is the day of the first reading where the month began before it; `colours_since` names places
    that tell black from colour only from some day of the month on. `final`: the month is closed,
    and these are the figures of `revision` of its statement. `people` is how many work there on the
    month's last day, `rank` where it stands among departments alike by what each of them prints.
    All this is of the department and of all its parts; `own` of the pages are of places that it
    answers for itself. `level` is where it stands in the tree and `parent` what it is a part of on
    the month's last day, None where no department is a part of another.
    """

    department: Department
    period: Period
    pages: int
    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    last_year: int | None = None
    forecast: Forecast | None = None
    last_month: int | None = None
    elapsed: float = 0.0
    days_left: int = 0
    asked: tuple[PlaceId, ...] = ()
    missing: tuple[PlaceId, ...] = ()
    unread: Forecast | None = None
    basis: Target = NOT_SET
    course: Course | None = None
    year: YearToDate | None = None
    footprint: Footprint = NO_FOOTPRINT
    known: Completeness = NOTHING_ASKED
    since: date | None = None
    colours_since: Mapping[PlaceId, date] = field(default_factory=dict)
    final: bool = False
    revision: int = 0
    people: int | None = None
    rank: Rank | None = None
    own: int = 0
    level: int | None = None
    parent: DepartmentId | None = None

    @property
    def pages_a_head(self) -> Fraction | None:
        """Impressions for each of the people; None where their number is not stated."""
        return None if self.people is None else Fraction(self.pages, self.people)

    @property
    def sheets_a_head(self) -> Fraction | None:
        """Sheets for each of the people; None where one of both is not known."""
        paper = self.footprint.sheets.paper
        return None if self.people is None or paper is None else Fraction(paper.value, self.people)

    @property
    def places(self) -> int:
        """How many places the department answered for on any day of the period so far."""
        return len(self.asked)

    @property
    def places_read(self) -> int:
        """How many of them were heard recently enough."""
        return len(self.asked) - len(self.missing)

    @property
    def low(self) -> int:
        """The fewest impressions that the truth may be."""
        return max(0, self.pages - self.known.margin.less)

    @property
    def high(self) -> int:
        """The most impressions that the truth may be."""
        return self.pages + self.known.margin.more

    @property
    def sheets(self) -> PaperSum:
        """How much paper that was; what leaves the impressions open leaves this open as well."""
        margin = self.known.margin
        return self.footprint.sheets.wider(margin.less, margin.more)

    @property
    def measure(self) -> Measure:
        """What the target counts."""
        return self.basis.measure

    @property
    def target_in_impressions(self) -> int | None:
        """The target where it can stand beside impressions; None where it counts something else."""
        return self.target if self.measure is Measure.IMPRESSIONS else None

    @property
    def used(self) -> int | None:
        """What the target counts of this month so far; None where that is not known.

        Without what is excluded, unless the target counts that as well.
        """
        stated = (self.measure, self.pages, self.meters, self.footprint.sheets)
        return amount(*stated, with_excluded=self.basis.with_excluded)

    @property
    def ratio(self) -> float | None:
        """What is used over target, 1.0 = all; None without a target. A target of 0 is all used."""
        if self.target is None or self.used is None:
            return None
        return self.used / self.target if self.target else float(self.used > 0)

    @property
    def standing(self) -> Standing:
        """Whether the month is over its target, will be, or is on course."""
        if self.target is None or self.used is None:
            return Standing.NO_TARGET
        if self.used > self.target:
            return Standing.OVER
        return Standing.UNKNOWN if self.course is None else self.course.standing

    @property
    def expected_share(self) -> float | None:
        """What is expected of the month over its target; None without either. Of 0: as `ratio`."""
        if self.target is None or self.forecast is None:
            return None
        return self.forecast.expected / self.target if self.target else self.ratio

    @property
    def remaining(self) -> int | None:
        """What is left until the target, negative when over; None without a target."""
        return None if self.target is None or self.used is None else self.target - self.used


@dataclass(frozen=True, slots=True)
class OfficeMonth:
    """One closing month of every department, and of the whole office as if it were one.

    The office's target is its own where one is stated, else the sum of its departments' where all
    of them have one.
    """

    office: DepartmentMonth
    departments: tuple[DepartmentMonth, ...]
