"""What a closing month came to: as it was sealed, else as it was counted, else by its old sheet.

A re-organisation or a later change leaves a closed month untouched: its sealed figures come before
anything that is counted again from days. Finished months are the base of targets, season and habits
of forecasts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Final

from collector.domain.closing.accounts import (
    ByDepartment,
    added,
    answering,
    past_shares,
    unknown_place,
)
from collector.domain.closing.draw_up import answers, completeness, unread_places
from collector.domain.closing.statement import (
    NOTHING_ASKED,
    Completeness,
    DepartmentLine,
    Statement,
)
from collector.domain.cost.sheets import (
    NO_PAPER,
    Paper,
    PaperFacts,
    PaperSum,
    paper_together,
    printed_by,
    printed_in,
    sheet_days,
    sheets_taken,
    sides_by,
    sum_of_paper,
)
from collector.domain.counting.departments import (
    PlaceShare,
    in_groups,
    in_pieces,
    pieces_in,
    place_shares,
    shared_totals,
    totals_in_groups,
)
from collector.domain.counting.entries import Entry, Exclusion, PastMonth, in_force
from collector.domain.counting.exclusions import EXCLUDED, excluding, left_of
from collector.domain.counting.ranges import all_of
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, TOTAL_COLOR, Meter
from collector.domain.office.fleet import (
    NOBODY,
    ONE_BY_ONE,
    UNASSIGNED,
    WHOLE_OFFICE,
    Department,
    DepartmentId,
    Fleet,
)
from collector.domain.office.office_calendar import Office, Period, fiscal_year, months_later
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NOT_SET, Measure, Target, TargetSource, months_behind

Past = Mapping[tuple[DepartmentId, str], int]
"""Department (or `WHOLE_OFFICE`) and month -> impressions; a month that is not known is absent."""

Daily = Mapping[DepartmentId, Mapping[date, int]]
"""Department (or `WHOLE_OFFICE`) -> impressions by local day; a day without pages may be absent."""

Sheet = Mapping[PlaceId, PastMonth]
"""Place -> what old sheets say of it in one month."""

NO_SHEET: Final[Sheet] = {}


@dataclass(frozen=True, slots=True)
class FinishedMonth:
    """Impressions of one finished closing month, by department and of the whole office.

    A department that answered for no place and has no pages is absent: it was not there. `daily`
    is always as counted. `is_settled`: sealed, or stated by an old sheet, so it is a whole month
    whenever counting began. `used` and `used_daily` are the same in the measures of targets that
    count something else; what is not known is absent. `excluded` of the impressions are such as no
    target need count; all else is with them.
    """

    pages: Mapping[DepartmentId, int] = field(default_factory=dict)
    daily: Daily = field(default_factory=dict)
    is_settled: bool = False
    used: Mapping[Measure, Mapping[DepartmentId, int]] = field(default_factory=dict)
    used_daily: Mapping[Measure, Daily] = field(default_factory=dict)
    excluded: Mapping[DepartmentId, int] = field(default_factory=dict)


def finished_month(
    days: Iterable[DayUsage],
    fleet: Fleet,
    office: Office,
    period: Period,
    sheet: Sheet = NO_SHEET,
    sealed: Mapping[DepartmentId, int] | None = None,
    told: tuple[PaperFacts, Statement | None] | None = None,
) -> FinishedMonth:
    """Return what `period` came to, by who answered for the places then.

    What was `sealed` of every department, where it was; else those of `days`, and of `sheet` for
    places where nothing was counted: then `days` tell of every meter, else `total` is enough. Where
    there is a sheet, a department of whose places neither says anything is absent: not 0. With
    what sheets are `told` by, and the month's statement, it is known in other measures too; then
    `days` tell of every meter.
    """
    inside = [one for one in days if one.day in period]
    totals = shared_totals(inside, fleet, office, period)
    counting = {} if sealed is not None else sheets_that_count(sheet, inside)
    entered = sheet_shares(counting, fleet, office, period)
    if sealed is not None:
        pages = dict(sealed)
    else:
        named = {one.place for one in inside if any(one.pages.values())} | sheet.keys()
        pages = dict.fromkeys(_answering(fleet.in_groups, period, named if sheet else None), 0)
        for (_, owner), impressions in totals_in_groups(totals, fleet).items():
            pages[owner] = pages.get(owner, 0) + impressions
        for share in in_groups(entered, fleet):
            pages[share.department] = pages.get(share.department, 0) + share.pages.get(TOTAL, 0)
        everything = sum(totals.values()) + sum(one.pages.get(TOTAL, 0) for one in entered)
        pages[WHOLE_OFFICE] = everything
    by_day, is_settled = _by_day(totals, fleet), bool(sheet) or sealed is not None
    if told is None:
        return FinishedMonth(pages, by_day, is_settled)
    known = replace(told[0], entered=frozenset(counting))
    whole = place_shares(inside, fleet, office, period)
    used = _Used(fleet, period, inside, whole, (*whole, *entered), known, told[1])
    return FinishedMonth(pages, by_day, is_settled, used.whole(pages), used.daily(fleet.measures))


def _by_day(totals: Mapping[tuple[date, DepartmentId], int], fleet: Fleet) -> Daily:
    """Return impressions by department, and of `WHOLE_OFFICE`, and day."""
    daily: dict[DepartmentId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for (day, owner), impressions in totals.items():
        for department in (*fleet.groups_of(owner, day), WHOLE_OFFICE):
            daily[department][day] += impressions
    return {name: dict(own) for name, own in daily.items()}


@dataclass(frozen=True, slots=True)
class _Used:
    """A finished month in other measures than impressions: its days, old sheets, statement."""

    fleet: Fleet
    period: Period
    days: Sequence[DayUsage]
    shares: Sequence[PlaceShare]
    every: Sequence[PlaceShare]
    known: PaperFacts
    statement: Statement | None

    def whole(
        self, pages: Mapping[DepartmentId, int]
    ) -> Mapping[Measure, Mapping[DepartmentId, int]]:
        """Return the sums of all departments that are among `pages`, as far as they are known."""
        if self.statement is not None:
            level, stated = self.fleet.level, self.statement.department_pages()
            paper = sealed_paper(self.statement, self.days, self.known, level)
            grouped = self.statement.grouped(level)
            meters = {one: added(own.values()) for one, own in grouped.items()}
            meters[WHOLE_OFFICE] = added(stated.values())
        else:
            paper = self._paper(pages)
            meters = meters_of(in_groups(self.every, self.fleet))
            meters = {**meters, WHOLE_OFFICE: added(one.pages for one in self.every)}
        found: dict[Measure, dict[DepartmentId, int]] = {}
        for measure in (Measure.COLOR, Measure.SHEETS):
            amounts = {
                one: amount(
                    measure,
                    count,
                    meters.get(one, {}),
                    paper.get(one, NO_PAPER),
                    with_excluded=True,
                )
                for one, count in pages.items()
            }
            found[measure] = {one: count for one, count in amounts.items() if count is not None}
        return found

    def _paper(self, named: Iterable[DepartmentId]) -> Mapping[DepartmentId, PaperSum]:
        """Return the sheets of the departments `named` by the days and old sheets."""
        every = in_pieces(self.every, self.fleet)
        printed = printed_in(self.period, every, self.known)
        taken = sheets_taken(printed, self.known.factors, self.period.end)
        sides = sides_by(printed)
        owners = {one.department for one in self.every}
        pieces = pieces_in(self.fleet, self.period, owners)
        whole = {piece for own in pieces.values() for piece in own}
        return {
            one: sum_of_paper(
                taken, sides, whole if one == WHOLE_OFFICE else pieces.get(one, [one])
            )
            for one in named
        }

    def daily(self, measures: Collection[Measure]) -> Mapping[Measure, Daily]:
        """Return the days as counted, in `measures`."""
        found: dict[Measure, Daily] = {}
        if Measure.COLOR in measures:
            found[Measure.COLOR] = color_days(self.shares, self.fleet)
        if Measure.SHEETS in measures:
            shares = in_pieces(self.shares, self.fleet)
            found[Measure.SHEETS] = sheet_days(shares, [self.period], self.known, self.fleet)
        return found


def amount(
    measure: Measure,
    pages: int,
    meters: Mapping[Meter, int],
    paper: PaperSum,
    *,
    with_excluded: bool,
) -> int | None:
    """Return what was used in `measure`, None where that is not known.

    Without what is excluded, unless `with_excluded`.
    """
    whole: int | None = pages
    if measure is Measure.COLOR:
        whole = meters.get(TOTAL_COLOR, None if pages else 0)
    if measure is Measure.SHEETS:
        whole = None if paper.paper is None else paper.paper.value
    if whole is None or with_excluded:
        return whole
    return left_of(whole, pages, meters.get(EXCLUDED, 0))


def meters_of(shares: Iterable[PlaceShare]) -> dict[DepartmentId, dict[Meter, int]]:
    """Return pages by department and meter."""
    parts: dict[DepartmentId, list[Mapping[Meter, int]]] = defaultdict(list)
    for share in shares:
        parts[share.department].append(share.pages)
    return {one: added(pages) for one, pages in parts.items()}


def color_days(shares: Iterable[PlaceShare], fleet: Fleet = ONE_BY_ONE) -> Daily:
    """Return colour impressions by department of `fleet`, and of `WHOLE_OFFICE`, and day."""
    found: dict[DepartmentId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for share in shares:
        for name in (*fleet.groups_of(share.department, share.day), WHOLE_OFFICE):
            found[name][share.day] += share.pages.get(TOTAL_COLOR, 0)
    return found


def _answering(
    fleet: Fleet, period: Period, told: Iterable[PlaceId] | None
) -> frozenset[DepartmentId]:
    """Return who answered in `period` for the places `told`; for any place where that is None."""
    places = None if told is None else {*told}
    found = {
        department
        for place in fleet.places
        if place.stands_on(period.start) and (places is None or place.id in places)
        for span in answering(place, period)
        for department in span.shares
    }
    return frozenset(found - {UNASSIGNED})


# Months of old sheets among departments: by who answered for a place on its working days then.


def sheet_months(entries: Iterable[Entry]) -> Mapping[str, Sheet]:
    """Return month -> place -> what old sheets say of it, as far as it is in force."""
    found: dict[str, dict[PlaceId, PastMonth]] = defaultdict(dict)
    for entry in in_force(entries):
        if isinstance(entry, PastMonth):
            found[entry.period][entry.place] = entry
    return dict(found)


def sheets_that_count(sheet: Sheet, days: Iterable[DayUsage]) -> Sheet:
    """Return what of a month's `sheet` counts: only places of which its `days` count nothing.

    Every use case asks here; a page is never counted by the ledger and by a sheet as well.
    """
    counted = {one.place for one in days if any(one.pages.values())}
    return {place: entry for place, entry in sheet.items() if place not in counted}


def sheet_shares(
    sheet: Sheet, fleet: Fleet, office: Office, period: Period
) -> tuple[PlaceShare, ...]:
    """Return the pages of `sheet` by place and department, as if on the last day of `period`."""
    return tuple(
        PlaceShare(place, department, period.end, pages)
        for place, entry in sheet.items()
        for department, pages in shared_month(entry, fleet, office).items()
    )


def shares_in(
    days: Iterable[DayUsage], sheet: Sheet, fleet: Fleet, office: Office, period: Period
) -> tuple[PlaceShare, ...]:
    """Return who answers for what of `period`, its days and what counts of old sheets."""
    inside = [one for one in days if one.day in period]
    return (
        *place_shares(inside, fleet, office, period),
        *sheet_shares(sheet, fleet, office, period),
    )


def excluded_in(
    shares: Sequence[PlaceShare], exclusions: Sequence[Exclusion], fleet: Fleet
) -> Mapping[DepartmentId, int]:
    """Return the excluded impressions among `shares` of one month, by department with its parts."""
    found: dict[DepartmentId, int] = defaultdict(int)
    for (_, department, day), pages in excluding(shares, exclusions, fleet).of.items():
        for group in (*fleet.groups_of(department, day), WHOLE_OFFICE):
            found[group] += pages
    return dict(found)


def history_months(
    entries: Iterable[Entry], fleet: Fleet, office: Office
) -> Mapping[tuple[DepartmentId, str], Mapping[Meter, int]]:
    """Return (department, month) -> pages by meter that old sheets say, in whole pages, none lost.

    A place that has left the fleet file answers to `UNASSIGNED`.
    """
    shares: dict[tuple[DepartmentId, str], list[Mapping[Meter, int]]] = defaultdict(list)
    for month, sheet in sheet_months(entries).items():
        for entry in sheet.values():
            for department, pages in shared_month(entry, fleet, office).items():
                shares[department, month].append(pages)
    return {key: added(several) for key, several in shares.items()}


def shared_month(entry: PastMonth, fleet: Fleet, office: Office) -> ByDepartment:
    """Return one place's month among its departments."""
    place = fleet.place(entry.place) or unknown_place(entry.place)
    return past_shares(entry, place, office, office.period(entry.period))


# A closed month as its latest statement has it: the sealed figures, never a recount.


@dataclass(frozen=True, slots=True)
class SealedFigures:
    """What a statement says of one department, or of all together, adjustments included.

    What is still a guess is among `meters` and `estimated`. `target` is the sealed one. Of the
    places `asked`, all but `missing` were heard until the closing, or since. `known` says how far
    the figure may be off.
    """

    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    asked: tuple[PlaceId, ...] = ()
    missing: tuple[PlaceId, ...] = ()
    known: Completeness = NOTHING_ASKED
    is_office: bool = False
    measure: Measure = Measure.IMPRESSIONS
    with_excluded: bool = False

    @property
    def pages(self) -> int:
        """Impressions."""
        return self.meters.get(TOTAL, 0)

    def target_beside(self, now: Target) -> Target:
        """Return the sealed target; with what it rests on `now`, where that is still the same.

        A target that the office has beside those of its departments is not sealed.
        """
        if self.is_office and now.source is not TargetSource.SUM:
            return now
        counted = (self.measure, self.with_excluded)
        if now.pages == self.target and (now.measure, now.with_excluded) == counted:
            return now
        source = TargetSource.SUM if self.is_office else TargetSource.FIGURE
        found = Target(self.target, source, None, None, None, None, *counted)
        return NOT_SET if self.target is None else found


def sealed_figures(
    statement: Statement, department: DepartmentId, level: int | None = None
) -> SealedFigures:
    """Return the figures of `department` with its parts, or of all for `WHOLE_OFFICE`.

    A department that the statement does not name has none. The whole office has a target where
    all departments that are a part of none have one: their sum. On a `level` above which a
    department stands it is stated without its parts, and has no target where it has any.
    """
    whole = department == WHOLE_OFFICE
    grouped = statement.grouped(level)
    members = statement.department_pages() if whole else grouped.get(department, {})
    guessed = statement.department_estimated()
    lines = _lines_of(statement, department, level)
    known = [one.target for one in lines if one.target is not None]
    measures = {(one.measure, one.with_excluded) for one in lines if one.target is not None}
    asked = tuple(
        sorted(
            place
            for place, spans in statement.answering.items()
            if whole or any(answers(spans, one) for one in (department, *members))
        )
    )
    silent = unread_places(statement)
    missing = tuple(place for place in asked if place in silent)
    rests = _together(statement, department, members)
    return SealedFigures(
        meters=added(members.values()),
        estimated=sum(
            min(guessed.get(one, 0), max(0, own.get(TOTAL, 0))) for one, own in members.items()
        ),
        target=sum(known) if len(known) == len(lines) and len(measures) == 1 else None,
        with_excluded=any(flag for _, flag in measures),
        asked=asked,
        missing=missing,
        known=replace(rests, places=len(asked), read=len(asked) - len(missing)),
        is_office=whole,
        measure=measures.pop()[0] if len(measures) == 1 else Measure.IMPRESSIONS,
    )


def _lines_of(
    statement: Statement, department: DepartmentId, level: int | None
) -> list[DepartmentLine]:
    """Return the lines whose targets add up to that of `department`; none on another level."""
    if department == WHOLE_OFFICE:
        return [one for one in statement.departments if not statement.above(one.department)]
    is_above = level is not None and len(statement.above(department)) + 1 < level
    if is_above and any(department in statement.above(one) for one in statement.tree):
        return []
    return [one for one in statement.departments if one.department == department]


def _together(
    statement: Statement, department: DepartmentId, members: Iterable[DepartmentId]
) -> Completeness:
    """Return how far the pages of `members`, which count in `department`, rest on readings."""
    if department == WHOLE_OFFICE:
        return completeness(statement)
    rests = [completeness(statement, one) for one in {department, *members}]
    return replace(
        rests[0],
        estimated=tuple(sorted({place for one in rests for place in one.estimated})),
        margin=all_of(one.margin for one in rests),
        in_question=sum(one.in_question for one in rests),
    )


def departments_of(statement: Statement, fleet: Fleet) -> tuple[Department, ...]:
    """Return the departments that `statement` names, those of adjustments alone last.

    Where `fleet` is looked at on a level, those that stand there for them.
    """
    lines = [Department(one.department, one.name, one.name_en) for one in statement.departments]
    named = {one.id for one in lines}
    later = [one for one in statement.department_pages() if one not in named]
    known = {one.id: one for one in (*fleet.departments, NOBODY)}
    every = (*lines, *(known.get(one, Department(one, one)) for one in sorted(later)))
    if fleet.level is None:
        return every
    grouped = statement.grouped(fleet.level)
    wholes = {one for own in statement.tree.values() for branch in own for one in branch.above}

    def stands(department: DepartmentId) -> bool:
        members = grouped.get(department, {})
        printed = any(count for pages in members.values() for count in pages.values())
        return printed or len(members) > 1 or (bool(members) and department not in wholes)

    return tuple(one for one in every if stands(one.id))


def sealed_paper(
    statement: Statement, days: Iterable[DayUsage], known: PaperFacts, level: int | None = None
) -> Mapping[DepartmentId, PaperSum]:
    """Return the sheets of each department that `statement` names, and of `WHOLE_OFFICE`.

    As they were sealed; where none were, what the sealed pages come to by what is known now. They
    are of a department and its parts; of one that was a part only for a while by its pages then.
    """
    shares = statement.shares()
    names = {one for own in shares.values() for one in own}
    names |= {line.department for line in statement.departments}
    if statement.paper():

        def of(some: Iterable[DepartmentId]) -> PaperSum:
            return statement.paper_of(some) or NO_PAPER

    else:
        by_day: dict[PlaceId, dict[date, Mapping[Meter, int]]] = defaultdict(dict)
        for one in days:
            if one.day in statement.period:
                by_day[one.place][one.day] = one.pages
        printed = printed_by(shares, by_day, known)
        taken = sheets_taken(printed, known.factors, statement.period.end)
        sides = sides_by(printed)

        def of(some: Iterable[DepartmentId]) -> PaperSum:
            return sum_of_paper(taken, sides, some)

    found = {one: of([one]) for one in names}
    pages = statement.department_pages()
    for group, members in statement.grouped(level).items():
        whole = [one for one, own in members.items() if own == pages[one]]
        parts = [
            _part_of(found[one], statement, one, own.get(TOTAL, 0))
            for one, own in members.items()
            if own != pages[one]
        ]
        if parts or whole != [group]:
            found[group] = paper_together([of(whole), *parts]) if parts else of(whole)
    return found | {WHOLE_OFFICE: of(names)}


def _part_of(
    paper: PaperSum, statement: Statement, department: DepartmentId, pages: int
) -> PaperSum:
    """Return the sheets of `pages` of a department that moved: as many as of all its pages.

    Which of its sheets fell when nobody sealed: low and high are what so many sides can take.
    """
    whole = statement.department_pages()[department].get(TOTAL, 0)
    if paper.paper is None or whole <= 0:
        return replace(paper, paper=None, a4=None, duplex=None)

    def share(of: Paper, most: int) -> Paper:
        value = round(Fraction(of.value * pages, whole))
        return Paper(value, min(value, -(-pages // 2)), max(value, most))

    a4 = None if paper.a4 is None else share(paper.a4, 2 * pages)
    return replace(paper, paper=share(paper.paper, pages), a4=a4, duplex=None)


# Which months say something else when the pages or the targets of some months change.


_YEAR = 12


def rest_of_years(changed: Iterable[str], months: Iterable[str], office: Office) -> set[str]:
    """Return `changed` and those of `months` that follow in the same fiscal year.

    They state the year so far, and a year's new budget is what the months before left of it.
    """
    years: dict[int, str] = {}
    for month in changed:
        year = fiscal_year(month, office.year_begins)
        years[year] = min(month, years.get(year, month))
    return {*changed} | {
        month
        for month in months
        if month >= years.get(fiscal_year(month, office.year_begins), "9999")
    }


def based_on(moved: Iterable[str], fleet: Fleet, months: Iterable[str], office: Office) -> set[str]:
    """Return those of `months` whose targets rest on pages that moved, and what follows them."""
    behind = {*moved}
    months = tuple(months)
    if not behind:
        return set()
    changed = {
        month
        for month in months
        for targets in fleet.targets.values()
        if months_behind(targets, month, office) & behind
    }
    return rest_of_years(changed, months, office)


def stale_months(
    moved: Iterable[str], fleet: Fleet, months: Iterable[str], office: Office
) -> set[str]:
    """Return those of `months` that say something else where the pages of `moved` changed.

    These themselves, the rest of their fiscal years, the same months a year later, and those whose
    targets rest on them.
    """
    behind, known = {*moved}, {*months}
    stale = rest_of_years(behind, known, office) | {months_later(one, _YEAR) for one in behind}
    return (stale | based_on(behind, fleet, known, office)) & (known | behind)
