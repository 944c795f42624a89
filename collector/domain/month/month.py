"""A department's month: pages against target, where it will end, and how complete it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from collector.domain.closing.statement import Completeness, Statement
from collector.domain.cost.charges import Machines, Used
from collector.domain.cost.factors import NO_FACTORS, Factors
from collector.domain.cost.footprint import Footprint, Footprints, footprints
from collector.domain.cost.sheets import NO_PAPER, PaperFacts, PaperSum
from collector.domain.counting.departments import (
    DepartmentDay,
    PlaceShare,
    department_days,
    in_groups,
    place_shares,
    places_answered,
)
from collector.domain.counting.entries import Exclusion
from collector.domain.counting.exclusions import left_of, with_excluded_apart
from collector.domain.counting.ranges import (
    Begun,
    Margin,
    Margins,
    PagesInQuestion,
    all_of,
    colours_since,
    in_question,
    is_part,
    margins,
    measured_since,
)
from collector.domain.counting.usage import DayUsage, Stretch
from collector.domain.meters import TOTAL, Meter, Unit
from collector.domain.month.course import (
    course,
    days_to_come,
    year_to_date,
)
from collector.domain.month.days_used import (
    days_in,
    known_days,
    since_known,
    with_earlier,
    without_excluded,
)
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.finished import (
    Daily,
    Past,
    departments_of,
    sealed_figures,
    sealed_paper,
)
from collector.domain.month.forecast import (
    NOTHING_UNHEARD,
    Forecast,
    Outlook,
    Unheard,
    elapsed_share,
    is_read,
    most,
    outlook,
    together,
    unheard_places,
)
from collector.domain.office.fleet import (
    EVERYBODY,
    NOBODY,
    UNASSIGNED,
    WHOLE,
    WHOLE_OFFICE,
    Department,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.headcount import ranked
from collector.domain.office.office_calendar import ONE_DAY, Office, Period, months_later
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import (
    NOT_SET,
    Measure,
    Target,
    TargetSource,
    sum_of,
    target_of,
)

HISTORY = timedelta(days=62)
"""How far before a month the days of its places are looked at."""

_YEAR = 12

Heard = Mapping[PlaceId, tuple[datetime, datetime]]
"""Place -> first and last time it was heard within a span."""


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """All that is needed to state a month, gathered beforehand.

    `days` reach from the begin of the closing month that holds `period.start - HISTORY` to the
    period's end; of those before the period `total` is enough where no target counts anything else.
    `heard` spans from the begin of the period up to now. `past` is impressions of whole months, as
    far as they are known: last year's, base years', this fiscal year's. `earlier` is impressions by
    day from before `days`; `past_in` and `earlier_in` are the same in the other measures of
    targets. `machines` tells which meters a place's machine has, `units` what its total counts
    where that is no printed side. `statement` is the newest revision of a closed month: its figures
    are stated, not the days'. `sheets` are old sheets' pages of places not counted in the period,
    as if on its last day; `begun` is when each place was read first. `stretches` and `questions`
    leave pages open. `exclusions` are those in force, `past_excluded` what they took of `past`.
    """

    fleet: Fleet
    office: Office
    period: Period
    now: datetime
    days: Sequence[DayUsage]
    heard: Heard
    past: Past = field(default_factory=dict)
    earlier: Daily = field(default_factory=dict)
    past_in: Mapping[Measure, Past] = field(default_factory=dict)
    earlier_in: Mapping[Measure, Daily] = field(default_factory=dict)
    factors: Factors = NO_FACTORS
    machines: Machines = field(default_factory=dict)
    units: Mapping[PlaceId, Unit] = field(default_factory=dict)
    statement: Statement | None = None
    sheets: Sequence[PlaceShare] = ()
    begun: Begun = field(default_factory=dict)
    stretches: Sequence[Stretch] = ()
    questions: Sequence[PagesInQuestion] = ()
    exclusions: Sequence[Exclusion] = ()
    past_excluded: Past = field(default_factory=dict)

    @property
    def shares(self) -> tuple[PlaceShare, ...]:
        """Who answers for what, old sheets too, and what is excluded of it."""
        own = (*place_shares(self.days, self.fleet, self.office), *self.sheets)
        return with_excluded_apart(own, self.exclusions, self.fleet, self.office)

    @property
    def sealed_paper(self) -> Mapping[DepartmentId, PaperSum]:
        """The sheets of a closed month; none of an open one."""
        if self.statement is None:
            return {}
        return sealed_paper(self.statement, self.days, self.known_paper, self.fleet.level)

    def used(self, shares: Sequence[PlaceShare]) -> Used:
        """Return what money, time and CO2 are told by, of these `shares`."""
        known = self.known_paper
        return Used(self.fleet, self.period, shares, known.machines, known.units, known.entered)

    @property
    def known_paper(self) -> PaperFacts:
        """What sheets are told by."""
        entered = frozenset(one.place for one in self.sheets)
        return PaperFacts(self.factors, self.machines, self.units, entered)


def history_start(office: Office, period: Period) -> date:
    """Return the first day whose usage the facts of `period` should hold."""
    return office.period_of(period.start - HISTORY).start


def stated_month(facts: MonthFacts, also: Iterable[Department] = ()) -> OfficeMonth:
    """Return every department's month, in the fleet file's order, and the whole office's.

    Each is followed by its parts. Pages of places nobody answers for come last, as department
    `unassigned`, where there are any: the departments' own pages add up to the places' pages
    exactly, and so do all pages of one level. `also` are departments that were stated before and
    must not keep an old figure; they follow where they are not there anyway.
    """
    own = facts.shares
    grouped, shares = facts.fleet.in_groups, in_groups(own, facts.fleet)
    days = department_days(shares)
    until = min(facts.period.end, facts.office.local_day(facts.now))
    places = places_answered(grouped, facts.period, until, shares)
    involved = {*places, *(day.department for day in days if day.day in facts.period)}
    departments = facts.fleet.listed(involved, facts.period)
    if facts.statement is not None:
        departments = [] if facts.fleet.level else departments
        also = (*departments_of(facts.statement, facts.fleet), *also)
    elif any(day.department == UNASSIGNED and day.day in facts.period for day in days):
        departments.append(NOBODY)
    known = {one.id: one for one in (*also, *departments)}
    stated = [known[one] for one in dict.fromkeys(one.id for one in (*departments, *also))]
    printed = {one.place for one in facts.days}
    unread = {one: facts.heard.get(one) for one in printed if not _is_read(facts, one)}
    month = _Month(
        facts,
        days,
        _past_of(facts),
        places,
        footprints(facts.factors, facts.used(own), known),
        unheard_places(facts.days, facts.fleet, facts.office, (facts.period, facts.now), unread),
        margins(facts.stretches, grouped, facts.period),
        in_question(facts.questions, facts.fleet, facts.period),
        dict(sorted(colours_since(facts.days, facts.period).items())),
        facts.sealed_paper,
        days_in(facts.fleet, facts.office, own, facts.earlier_in, facts.known_paper),
        grouped,
        days if facts.fleet.is_flat else department_days(own),
    )
    return OfficeMonth(month.of_office(), _ranked([month.of(one) for one in stated]))


def _ranked(months: Sequence[DepartmentMonth]) -> tuple[DepartmentMonth, ...]:
    """Return `months` with their ranks; part of a month is not ranked."""
    heads = [
        (one.department.id, (one.level, one.department.calendar), pages, one.sheets_a_head)
        for one in months
        if (pages := one.pages_a_head) is not None and one.since is None and one.places
    ]
    ranks = ranked(heads)
    return tuple(replace(one, rank=ranks.get(one.department.id)) for one in months)


@dataclass(frozen=True, slots=True)
class _Month:
    """A month being stated: what concerns all departments, worked out once."""

    facts: MonthFacts
    days: Sequence[DepartmentDay]
    past: Mapping[Measure, Mapping[DepartmentId, Mapping[str, int]]]
    places: Mapping[DepartmentId, frozenset[PlaceId]]
    footprints: Footprints
    unheard: Mapping[PlaceId, Unheard]
    margins: Margins
    in_question: Mapping[DepartmentId, int]
    colours: Mapping[PlaceId, date]
    paper: Mapping[DepartmentId, PaperSum]
    daily: Mapping[Measure, Daily]
    grouped: Fleet
    own_days: Sequence[DepartmentDay]

    def of(self, department: Department) -> DepartmentMonth:
        """Return the month of one department."""
        own = [day for day in self.days if day.department == department.id]
        places = self.places.get(department.id, frozenset())
        return self._state(department, own, places, self.footprints.of(department.id))

    def of_office(self) -> DepartmentMonth:
        """Return the month of all departments together."""
        everywhere = frozenset[PlaceId]().union(*self.places.values())
        return self._state(EVERYBODY, self.own_days, everywhere, self.footprints.office)

    def _state(
        self,
        department: Department,
        own: Sequence[DepartmentDay],
        places: frozenset[PlaceId],
        footprint: Footprint,
    ) -> DepartmentMonth:
        facts, past = self.facts, self._past(department.id, Measure.IMPRESSIONS)
        if facts.statement is not None:
            return self._closed(department, facts.statement, footprint)
        inside = [day for day in own if day.day in facts.period]
        meters: dict[Meter, int] = defaultdict(int)
        for day in inside:
            for meter, count in day.pages.items():
                meters[meter] += count
        missing = tuple(sorted(place for place in places if not _is_read(facts, place)))
        unread = self._unread(department.id, missing)
        month = DepartmentMonth(
            department=department,
            period=facts.period,
            pages=meters.get(TOTAL, 0),
            meters=dict(meters),
            estimated=sum(day.estimated for day in inside),
            last_year=past.get(months_later(facts.period.name, -_YEAR)),
            last_month=past.get(months_later(facts.period.name, -1)),
            elapsed=elapsed_share(self._office(department.id), facts.period, facts.now),
            days_left=days_to_come(self._office(department.id), facts.period, facts.now),
            asked=tuple(sorted(places)),
            missing=missing,
            unread=None if unread is None else unread.forecast,
            footprint=footprint,
            known=self._known(department.id, places, missing, unread),
            since=self._since(department.id),
            colours_since={one: day for one, day in self.colours.items() if one in places},
            people=facts.fleet.people_of(department.id, facts.period.end),
        )
        target = self._target(department.id, facts.period.name)
        month = replace(self._in_tree(month), basis=target)
        return self._against_target(month, target, self._outlook(month, own, unread))

    def _in_tree(self, month: DepartmentMonth) -> DepartmentMonth:
        """Return `month` with its place in the tree, and what of it are its own pages."""
        tree, department, last = self.facts.fleet.tree, month.department.id, month.period.end
        if not tree or department == WHOLE_OFFICE:
            return replace(month, own=month.pages)
        days = (one for one in self.own_days if one.department == department)
        own = sum(one.pages.get(TOTAL, 0) for one in days if one.day in month.period)
        level, parent = tree.level(department, last), tree.parent_of(department, last)
        return replace(month, own=own, level=level, parent=parent)

    def _closed(
        self, department: Department, statement: Statement, footprint: Footprint
    ) -> DepartmentMonth:
        """Return the month as it was sealed, its target too."""
        facts, past = self.facts, self._past(department.id, Measure.IMPRESSIONS)
        sealed = sealed_figures(statement, department.id, facts.fleet.level)
        footprint = replace(footprint, sheets=self.paper.get(department.id, NO_PAPER))
        month = DepartmentMonth(
            department=department,
            period=statement.period,
            pages=sealed.pages,
            meters=sealed.meters,
            estimated=sealed.estimated,
            last_year=past.get(months_later(statement.period.name, -_YEAR)),
            last_month=past.get(months_later(statement.period.name, -1)),
            elapsed=1.0,
            asked=sealed.asked,
            missing=sealed.missing,
            footprint=footprint,
            known=replace(sealed.known, in_question=self.in_question.get(department.id, 0)),
            since=self._since(department.id),
            colours_since={one: day for one, day in self.colours.items() if one in sealed.asked},
            final=True,
            revision=statement.revision,
            people=facts.fleet.people_of(department.id, statement.period.end),
            own=statement.department_pages().get(department.id, {}).get(TOTAL, 0),
        )
        if department.id == WHOLE_OFFICE:
            month = replace(month, own=month.pages)
        elif above := statement.tree and (*statement.above(department.id), None):
            month = replace(month, level=len(above), parent=above[0])
        target = sealed.target_beside(self._target(department.id, facts.period.name))
        month = replace(month, basis=target)
        ends = None if month.used is None else Outlook(Forecast(*[float(month.used)] * 3))
        return self._against_target(month, target, ends)

    def _against_target(
        self, month: DepartmentMonth, target: Target, ahead: Outlook | None
    ) -> DepartmentMonth:
        """Return `month` with its `target`, where it is heading, and the year so far."""
        facts, department = self.facts, month.department.id
        heading = None
        if is_part(month.since, facts.period, self._office(department)):
            target = Target(None, TargetSource.PART_MEASURED, measure=target.measure)
        if target.pages is not None and month.used is None:
            target = Target(None, TargetSource.SHEETS_UNKNOWN, measure=target.measure)
        if target.pages is not None and month.used is not None and ahead is not None:
            office = self._office(department)
            heading = course(target.pages, month.used, ahead, office, facts.period, facts.now)
            heading = replace(heading, measure=target.measure)
        year = year_to_date(
            lambda name: target if name == facts.period.name else self._target(department, name),
            facts.period.name,
            month.used,
            self._counted(department, target),
            facts.office,
        )
        return replace(
            month,
            target=target.pages,
            forecast=None if ahead is None else ahead.forecast,
            basis=target,
            course=heading,
            year=year,
        )

    def _known(
        self,
        department: DepartmentId,
        places: frozenset[PlaceId],
        missing: Sequence[PlaceId],
        unread: Unheard | None,
    ) -> Completeness:
        """Return how complete a figure is; what silent copiers printed may come on top of it."""
        own = {place: one[department] for place, one in self.margins.items() if department in one}
        more = 0 if unread is None else most(unread)
        return Completeness(
            places=len(places),
            read=len(places) - len(missing),
            estimated=tuple(sorted(own)),
            margin=all_of((*own.values(), Margin(0, more))),
            in_question=self.in_question.get(department, 0),
        )

    def _since(self, department: DepartmentId) -> date | None:
        """Return the day of the department's first reading where that lies within the period."""
        facts = self.facts
        begun = facts.begun | dict.fromkeys((one.place for one in facts.sheets), facts.period.start)
        return measured_since(self.grouped.places, begun, facts.period, department)

    def _past(self, department: DepartmentId, measure: Measure) -> Mapping[str, int]:
        """Return what is known of whole months before, in `measure`."""
        return self.past.get(measure, {}).get(department, {})

    def _counted(self, department: DepartmentId, by: Target) -> Mapping[str, int]:
        """Return what is known of whole months before, as a target like `by` counts it."""
        past = self._past(department, by.measure)
        if by.with_excluded or not self.facts.past_excluded:
            return past
        pages, gone = self._past(department, Measure.IMPRESSIONS), self.facts.past_excluded
        return {
            month: left_of(count, pages.get(month, 0), gone.get((department, month), 0))
            for month, count in past.items()
        }

    def _outlook(
        self, month: DepartmentMonth, own: Iterable[DepartmentDay], unread: Unheard | None
    ) -> Outlook | None:
        facts, department = self.facts, month.department.id
        today = facts.office.local_day(facts.now)
        past = self._counted(department, month.basis)
        own = own if month.basis.with_excluded else tuple(map(without_excluded, own))
        printed = with_earlier(facts.earlier.get(department, {}), own)
        unheard, office = unread or NOTHING_UNHEARD, self._office(department)
        daily = known_days(printed, facts.days, today)
        if month.measure is not Measure.IMPRESSIONS:
            if month.used is None:
                return None
            daily = since_known(self.daily[month.measure].get(department, {}), daily)
            pages = month.pages if month.basis.with_excluded else month.without
            part = month.used / pages if pages else 0.0
            days = {day: pages * part for day, pages in unheard.days.items()}
            unheard = Unheard(days, unheard.spread * part)
        if not daily and not past:
            return None
        return outlook(daily, office, facts.period, facts.now, months=past, unheard=unheard)

    def _office(self, department: DepartmentId) -> Office:
        facts = self.facts
        return facts.fleet.office_of(department, facts.office, facts.period.end)

    def _target(self, department: DepartmentId, month: str) -> Target:
        facts = self.facts
        targets = facts.fleet.targets_of(department)
        counted = Target(None, TargetSource.NOT_SET, None, None, None, None, targets.measure)
        counted = replace(counted, with_excluded=targets.with_excluded)
        past = self._counted(department, counted)
        target = target_of(targets, month, past, facts.office)
        parts = facts.fleet.parts_of(department, facts.period.end)
        if parts and self._is_alone(department):
            return replace(NOT_SET, measure=target.measure)
        if not parts or target.source is not TargetSource.NOT_SET:
            return target
        own = (one.day in facts.period for one in self.own_days if one.department == department)
        beside = [target] if any(own) else []
        return sum_of([*(self._target(one, month) for one in parts), *beside])

    def _is_alone(self, department: DepartmentId) -> bool:
        """Say whether only the department's own pages are stated, without those of its parts."""
        level = self.facts.fleet.level
        stands = self.facts.fleet.tree.level(department, self.facts.period.end)
        return department != WHOLE_OFFICE and level is not None and stands < level

    def _unread(self, department: DepartmentId, missing: Iterable[PlaceId]) -> Unheard | None:
        """Return what this department's share of the missing places' pages probably is."""
        facts = self.facts
        last = min(facts.period.end, facts.office.local_day(facts.now) - ONE_DAY)
        guesses = {str(one): self.unheard[one] for one in missing if one in self.unheard}
        weights = dict.fromkeys(guesses, 1.0)
        for place in () if department == WHOLE_OFFICE else map(PlaceId, guesses):
            shares = (self.grouped.place(place) or Place(place, place, "")).shares_on(last)
            weights[place] = shares.get(department, 0) / WHOLE
        return together(guesses, weights)


def _past_of(facts: MonthFacts) -> Mapping[Measure, Mapping[DepartmentId, Mapping[str, int]]]:
    """Return what was used in whole months before, by measure, department and month."""
    past: dict[Measure, dict[DepartmentId, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for measure, own in ((Measure.IMPRESSIONS, facts.past), *facts.past_in.items()):
        for (name, one), pages in own.items():
            past[measure][name][one] = pages
    return past


def _is_read(facts: MonthFacts, place: PlaceId) -> bool:
    if any(one.place == place for one in facts.sheets):
        return True
    heard = facts.heard.get(place)
    if heard is None or (facts.sheets and facts.office.local_day(heard[0]) > facts.period.end):
        return False  # what was first heard after a month of old sheets tells nothing of it
    office = facts.fleet.office_at(place, facts.office, facts.period.end)
    until = facts.fleet.last_day(place)
    return is_read(office, facts.period, facts.now, heard[1], until)
