"""Gathers what the ledger knows of a department before and after the day on which a thing was done.

All of it by who answers on that day: a re-organisation before or after it is no effect.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Final

from collector.app.month.months import (
    MonthLedger,
    begun,
    heard_with_total,
    is_counted_whole,
    open_questions,
    paper_facts,
    stretches_in,
)
from collector.app.office_context import OfficeContext
from collector.domain.cost.billing import Gap
from collector.domain.cost.charges import Used
from collector.domain.cost.footprint import Figure, Footprint, footprints
from collector.domain.cost.sheets import PaperFacts, PaperSum, paper_together, sheet_days
from collector.domain.counting.departments import PlaceShare, in_pieces, place_shares
from collector.domain.counting.entries import Entry, Exclusion, in_force
from collector.domain.counting.exclusions import EXCLUDED, with_excluded_apart
from collector.domain.counting.ranges import (
    EXACT,
    Begun,
    all_of,
    in_question,
    margins,
    part_measured,
)
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL
from collector.domain.month.days_used import since_known
from collector.domain.month.effect import (
    FEWEST_MONTHS,
    Between,
    EffectFigure,
    Ratio,
    TimeBefore,
    effect,
)
from collector.domain.month.finished import (
    NO_SHEET,
    finished_month,
    sheet_months,
)
from collector.domain.month.forecast import is_read, most, together, unheard_places
from collector.domain.office.fleet import WHOLE, WHOLE_OFFICE, Department, Fleet
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId

_LOOK_BACK: Final = 27
"""Closing months before that an expectation is learnt from: two years, and what they grew from."""

_RATIO_MONTHS: Final = 12
"""Closing months before that say how many sheets an impression took."""

_A_WEEK: Final = timedelta(days=7)
"""In which a fleet is taken into service."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What was saved in another unit; None where that cannot be told: `gaps` say of which places.

    Without either no factor for it is stated.
    """

    saved: Between | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class DepartmentEffect:
    """What was saved by `department` from `since` to `until`, in every unit in which it is known.

    `impressions` is None where too little is known of the time before; `known` months of the
    half year before are whole, and `earliest` is the day from which on it would do. Counting
    began on `counted_from`: a span that began before has no effect. `seasoned`: the same months of
    a year before are known. `without` is the same without excluded
    pages, None where none were declared. `sheets` is None where they are not known. `yen` is what
    pages alone cost at the counters, without fees. Places that `moved` counted for another one
    before or after that day; those that `came` or went were not counted all the time: each with its
    day. `unread` are those not heard up to `until`, with what they probably printed; `questions`
    are pages that wait for a person.
    """

    department: Department
    since: date
    until: date
    impressions: EffectFigure | None
    known: int
    earliest: date | None
    counted_from: date | None
    seasoned: bool = False
    without: EffectFigure | None = None
    sheets: EffectFigure | None = None
    paper: PaperSum | None = None
    yen: Saving = Saving()
    paper_yen: Saving = Saving()
    hours: Saving = Saving()
    co2_kg: Saving = Saving()
    moved: Mapping[PlaceId, date] = field(default_factory=dict)
    came: Mapping[PlaceId, date] = field(default_factory=dict)
    unread: Mapping[PlaceId, float] = field(default_factory=dict)
    questions: int = 0


async def effect_of(
    ledger: MonthLedger,
    context: OfficeContext,
    department: Department,
    span: tuple[date, date],
    now: datetime,
) -> DepartmentEffect:
    """Return what `department` (or `EVERYBODY`) has saved in `span`, of days that are over."""
    return await _Gathering(ledger, context, department, *span, now).found()


@dataclass(frozen=True)
class _Gathering:
    """What is asked of the ledger for one department and one span."""

    ledger: MonthLedger
    context: OfficeContext
    department: Department
    since: date
    until: date
    now: datetime

    @cached_property
    def fleet(self) -> Fleet:
        return self.context.fleet.held(self.since)

    @property
    def office(self) -> Office:
        return self.context.office

    @property
    def span(self) -> Period:
        return Period("", self.since, self.until)

    async def found(self) -> DepartmentEffect:
        first = self.office.before(self.office.period_of(self.since), _LOOK_BACK).start
        days = await self.ledger.days(first, self.until)
        entries = await self.ledger.entries()
        known = paper_facts(await self.ledger.states(), self.context.factors)
        told = _Told(self, days, in_force(entries), await begun(self.ledger, self.office))
        first_day = await self.ledger.first_day()
        before = told.before(first_day)
        counted, unread = await self._counted(told)
        counted_from = told.counted_from
        is_counted = counted_from is not None and counted_from <= self.since
        found = DepartmentEffect(
            self.department,
            self.since,
            self.until,
            effect(before, counted, self.until) if is_counted else None,
            before.whole_months,
            self._earliest(counted_from),
            counted_from,
            before.grown_by > 0,
            moved=told.moved(),
            came=told.came_and_went(),
            unread=unread,
            questions=await self._in_question(),
        )
        if found.impressions is None:
            return found
        if told.is_any_excluded:
            less = told.excluded_in_span
            left = Between(counted.value - less, counted.low - less, counted.high - less)
            found = replace(found, without=effect(told.without(before), left, self.until))
        return self._in_other_units(found, told, before, known)

    def _earliest(self, counted_from: date | None) -> date | None:
        """Return the day before which enough whole months have been counted."""
        if counted_from is None:
            return None
        period = self.office.period_of(counted_from)
        return self.office.before(period, -FEWEST_MONTHS - (period.start < counted_from)).start

    async def _counted(self, told: "_Told") -> tuple[Between, Mapping[PlaceId, float]]:
        """Return the impressions of the span, with what silent copiers probably printed."""
        name, span = self.department.id, self.span
        stretches = await stretches_in(self.ledger, self.context, span)
        own = (
            one.get(name, EXACT) for one in margins(stretches, self.fleet.in_groups, span).values()
        )
        off = all_of(own)
        start = self.office.midnight(self.since)
        states = await self.ledger.states()
        heard = heard_with_total(await self.ledger.heard_between(start, self.now), states)
        silent = {
            place: heard.get(place)
            for place in {one.place for one in told.days}
            if self.fleet.share_of(name, place, self.since) and not self._is_read(place, heard)
        }
        guesses = unheard_places(told.days, self.fleet, self.office, (span, self.now), silent)
        weights = {str(one): self.fleet.share_of(name, one, self.since) / WHOLE for one in guesses}
        sum_of = together({str(one): guess for one, guess in guesses.items()}, weights)
        pages = float(sum(used for day, used in told.daily.items() if day in span))
        unread = {
            place: guess.forecast.expected * weights[place]
            for place, guess in sorted(guesses.items())
            if guess.forecast.expected * weights[place] >= 1
        }
        if sum_of is None:
            return Between(pages, pages - off.less, pages + off.more), {}
        more = sum_of.forecast.expected
        return Between(pages + more, pages - off.less, pages + off.more + most(sum_of)), unread

    def _is_read(self, place: PlaceId, heard: Mapping[PlaceId, tuple[datetime, datetime]]) -> bool:
        last = self.fleet.last_day(place)
        if last < self.since:
            return True
        if place not in heard:
            return False
        office = self.fleet.office_at(place, self.office, self.until)
        return is_read(office, self.span, self.now, heard[place][1], last)

    async def _in_question(self) -> int:
        questions = await open_questions(self.ledger, self.office, self.span)
        return in_question(questions, self.fleet, self.span).get(self.department.id, 0)

    def _in_other_units(
        self,
        found: DepartmentEffect,
        told: "_Told",
        before: TimeBefore,
        known: PaperFacts,
    ) -> DepartmentEffect:
        """Return `found` in sheets, and in yen, hours and CO2 at what a page came to since then."""
        if found.impressions is None:
            return found
        periods = list(self.office.periods(self.since, self.until))
        prints = [self._footprint(told, period, known) for period in periods]
        pages = sum(told.daily.get(day, 0) for period in periods for day in period.days)
        paper = paper_together([one.sheets for one in prints])
        saved, counted = found.impressions.saved, found.impressions.counted
        in_sheets = told.in_sheets(before, counted, known)
        if in_sheets is not None and paper.paper is not None and paper.paper.value:
            least, most_of = (
                end / paper.paper.value for end in (paper.paper.low, paper.paper.high)
            )
            in_sheets = replace(in_sheets, saved=in_sheets.saved.times(1.0, least, most_of))
        of_sheets = None if in_sheets is None else in_sheets.saved
        count = 0 if paper.paper is None else paper.paper.value
        return replace(
            found,
            sheets=in_sheets,
            paper=paper,
            yen=_saving(saved, pages, [one.cost for one in prints]),
            paper_yen=_saving(of_sheets, count, [one.paper_cost for one in prints]),
            hours=_saving(saved, pages, [one.hours for one in prints]),
            co2_kg=_saving(of_sheets, count * 1000, [one.co2_g for one in prints]),
        )

    def _footprint(self, told: "_Told", period: Period, known: PaperFacts) -> Footprint:
        used = Used(self.fleet, period, told.shares_in(period), known.machines, known.units)
        found = footprints(self.context.factors.by_pages, used, [self.department.id])
        return found.office if self.department.id == WHOLE_OFFICE else found.of(self.department.id)


def _saving(saved: Between | None, of: int, figures: Sequence[Figure]) -> Saving:
    """Return `saved` times what `figures` came to a unit, `of` how many there were."""
    gaps = tuple(dict.fromkeys(chain.from_iterable(one.gaps for one in figures)))
    amounts = [one.exact for one in figures if one.exact is not None]
    if saved is None or not of or len(amounts) < len(figures):
        return Saving(None, gaps)
    return Saving(saved.times(float(sum(amounts) / of)))


@dataclass(frozen=True)
class _Told:
    """Days and old sheets of one department, before and after."""

    of: _Gathering
    days: Sequence[DayUsage]
    entries: Sequence[Entry]
    read_since: Begun

    @cached_property
    def shares(self) -> tuple[PlaceShare, ...]:
        """Who answers for what was counted, with what is excluded of it apart."""
        shares = place_shares(self.days, self.of.fleet, self.of.office)
        excluded = [one for one in self.entries if isinstance(one, Exclusion)]
        return with_excluded_apart(shares, excluded, self.of.fleet, self.of.office)

    @cached_property
    def _by_month(self) -> Mapping[str, tuple[list[DayUsage], list[PlaceShare]]]:
        """Days and shares by closing month."""
        months = {day: self.of.office.period_of(day).name for day in {one.day for one in self.days}}
        found: dict[str, tuple[list[DayUsage], list[PlaceShare]]] = defaultdict(lambda: ([], []))
        for one in self.days:
            found[months[one.day]][0].append(one)
        for share in self.shares:
            found[months[share.day]][1].append(share)
        return found

    def shares_in(self, period: Period) -> Sequence[PlaceShare]:
        """Return those of `shares` that lie in a closing month."""
        return self._by_month[period.name][1]

    def _counts(self, share: PlaceShare) -> bool:
        name = self.of.department.id
        return name == WHOLE_OFFICE or name in self.of.fleet.groups_of(share.department, share.day)

    @cached_property
    def _both(self) -> tuple[Mapping[date, int], Mapping[date, int]]:
        daily: dict[date, int] = defaultdict(int)
        excluded: dict[date, int] = defaultdict(int)
        for share in filter(self._counts, self.shares):
            daily[share.day] += share.pages.get(TOTAL, 0)
            excluded[share.day] += share.pages.get(EXCLUDED, 0)
        return dict(daily), dict(excluded)

    @property
    def daily(self) -> Mapping[date, int]:
        """Impressions by day."""
        return self._both[0]

    @property
    def counted_from(self) -> date | None:
        """The day on which one of the department's places was read first."""
        of = self.of
        own = (
            day
            for place, day in self.read_since.items()
            if of.fleet.share_of(of.department.id, place, of.since)
        )
        return min((*own, *self.daily), default=None)

    @property
    def is_any_excluded(self) -> bool:
        return any(self._both[1].values())

    @property
    def excluded_in_span(self) -> int:
        return sum(pages for day, pages in self._both[1].items() if day in self.of.span)

    def before(self, first_day: date | None) -> TimeBefore:
        """Return what is known of the time before; `first_day` is the ledger's."""
        fleet, since = self.of.fleet, self.of.since
        office = fleet.office_of(self.of.department.id, self.of.office, since)
        months = self._months(first_day)
        return TimeBefore(self.daily, office, since, months, frozenset(months).__contains__)

    def without(self, before: TimeBefore) -> TimeBefore:
        """Return the time before without what is excluded."""
        daily, excluded = self._both
        left = {day: pages - excluded.get(day, 0) for day, pages in daily.items()}
        return replace(before, daily=left)

    def _months(self, first_day: date | None) -> Mapping[str, int]:
        """Return what whole months before came to, by the days or by an old sheet."""
        of, sheets = self.of, sheet_months(self.entries)
        first = of.office.before(of.office.period_of(of.since), _LOOK_BACK)
        found: dict[str, int] = {}
        for period in of.office.periods(first.start, of.since - ONE_DAY):
            inside = self._by_month[period.name][0]
            sheet = sheets.get(period.name, NO_SHEET)
            if period.end >= of.since or not (
                sheet or is_counted_whole(period, first_day, self.read_since)
            ):
                continue
            begun = {**self.read_since, **dict.fromkeys(sheet, period.start)}
            if of.department.id not in part_measured(of.fleet, begun, period):
                month = finished_month(inside, of.fleet, of.office, period, sheet)
                if of.department.id in month.pages:
                    found[period.name] = month.pages[of.department.id]
        return found

    def in_sheets(
        self, before: TimeBefore, counted: Between, known: PaperFacts
    ) -> EffectFigure | None:
        """Return the effect in sheets of paper; None where too few months before tell of them.

        What was `counted` in impressions took as many as is known of its days.
        """
        of = self.of
        begin = of.office.before(of.office.period_of(of.since), _RATIO_MONTHS).start
        periods = list(of.office.periods(begin, of.until))
        taken: dict[date, int] = {}
        for period in periods:
            shares = in_pieces(self.shares_in(period), of.fleet)
            taken |= sheet_days(shares, [period], known, of.fleet).get(of.department.id, {})
        printed = {day: pages for day, pages in self.daily.items() if day >= begin}
        daily = since_known(taken, printed)
        unknown = {day for day, pages in printed.items() if pages} - daily.keys()

        def ratio(period: Period) -> float:
            pages = sum(self.daily.get(day, 0) for day in period.days)
            return sum(daily.get(day, 0) for day in period.days) / pages if pages else 0.0

        before_it = [one for one in periods if one.end < of.since and not unknown & {*one.days}]
        monthly = [part for one in before_it if (part := ratio(one)) > 0]
        if len(monthly) < FEWEST_MONTHS:
            return None
        return effect(before, counted.times(ratio(of.span)), of.until, Ratio.of(monthly))

    def moved(self) -> Mapping[PlaceId, date]:
        """Return the places that counted for another one before or after, since which day."""
        of, name = self.of, self.of.department.id
        first, found = min(self.daily, default=of.since), {}
        for place in of.context.fleet.places:
            starts = {*of.context.fleet.tree.starts, *(one.start for one in place.assignments[1:])}
            for day in sorted(one for one in starts if first < one <= of.until):
                then = of.context.fleet.share_of(name, place.id, day)
                before = of.context.fleet.share_of(name, place.id, day - ONE_DAY)
                if then != before:
                    found[place.id] = day
        return found

    def came_and_went(self) -> Mapping[PlaceId, date]:
        """Return the places that are counted from a later day on than others, or only to a day."""
        of = self.of
        first = min(self.read_since.values(), default=of.since) + _A_WEEK
        begin = max(first, min(self.daily, default=of.since))
        found: dict[PlaceId, date] = {}
        for place in of.fleet.places:
            if not of.fleet.share_of(of.department.id, place.id, of.since):
                continue
            since, last = self.read_since.get(place.id), of.fleet.last_day(place.id)
            if since is not None and begin < since <= of.until:
                found[place.id] = since
            if begin < last <= of.until:
                found[place.id] = last
        return found
