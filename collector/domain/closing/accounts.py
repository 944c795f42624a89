"""What each place counted in a period by all that is known now, and who answers for it.

The first revision of a statement states these figures (`closing.py`); a later one brings the
sealed figures to them by adjustments (`adjustments.py`).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from collector.domain.closing.statement import BoundaryReading, Branch, GrowthSpan, Guess
from collector.domain.cost.sheets import PaperFacts, PlacePaper, printed_by, sheets_taken
from collector.domain.counting.departments import in_pieces, place_shares
from collector.domain.counting.entries import PastMonth
from collector.domain.counting.ranges import Margin, PagesInQuestion
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import UNASSIGNED, WHOLE, Assignment, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId, apportion_together

ByDepartment = Mapping[DepartmentId, Mapping[Meter, int]]
"""Pages by department and meter."""


@dataclass(frozen=True, slots=True)
class ReadingProof:
    """The readings behind a place's pages: see `statement.PlaceLine`."""

    opening: BoundaryReading | None = None
    closing: BoundaryReading | None = None
    spans: tuple[GrowthSpan, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """One place in a period. `shares` are its counted pages by who answers for them.

    `estimated` of a department's impressions lie in the period by an estimated split. `read`:
    the copier was heard until the closing, or after it. `heard_late` is when a copier that was
    silent at the closing was heard again. `imported` is the old sheet's entry where the pages
    are its, and not counted ones. `margins` and `questions` are what leaves them open. `paper` is
    how many sheets pages and guess took, where that is known.
    """

    place: Place
    answering: tuple[Assignment, ...]
    shares: ByDepartment = field(default_factory=dict)
    estimated: Mapping[DepartmentId, int] = field(default_factory=dict)
    guess: Guess | None = None
    read: bool = True
    heard_late: datetime | None = None
    imported: PastMonth | None = None
    proof: ReadingProof = field(default_factory=ReadingProof)
    margins: Mapping[DepartmentId, Margin] = field(default_factory=dict)
    questions: tuple[PagesInQuestion, ...] = ()
    paper: PlacePaper | None = None

    @property
    def pages(self) -> Mapping[Meter, int]:
        """Counted pages by meter."""
        return added(self.shares.values())

    @property
    def with_guess(self) -> ByDepartment:
        """Counted and guessed pages together, by department."""
        both = [self.shares, {} if self.guess is None else self.guess.shares]
        return {
            one: added(part[one] for part in both if one in part)
            for one in sorted({one for part in both for one in part})
        }


def with_paper(
    accounts: Sequence[Account], days: Iterable[DayUsage], known: PaperFacts, period: Period
) -> tuple[Account, ...]:
    """Return `accounts` with the sheets that each took, where they are known.

    By `days`, and by what the machines have now.
    """
    by_day: dict[PlaceId, dict[date, Mapping[Meter, int]]] = defaultdict(dict)
    for one in days:
        if one.day in period:
            by_day[one.place][one.day] = one.pages
    for account in accounts:
        if account.imported is not None:
            by_day[account.place.id] = {period.end: account.imported.pages}
    entered = frozenset(one.place.id for one in accounts if one.imported is not None)
    pages = {one.place.id: one.with_guess for one in accounts}
    printed = printed_by(pages, by_day, replace(known, entered=entered))
    taken = sheets_taken(printed, known.factors, period.end)
    return tuple(replace(one, paper=taken.get(one.place.id)) for one in accounts)


def added(several: Iterable[Mapping[Meter, int]]) -> dict[Meter, int]:
    """Return the sum by meter."""
    found: dict[Meter, int] = defaultdict(int)
    for pages in several:
        for meter, count in pages.items():
            found[meter] += count
    return dict(found)


def answering(place: Place, period: Period) -> tuple[Assignment, ...]:
    """Return who answers for `place` in `period`: the first from its first day on."""
    inside = [one for one in place.assignments if period.start < one.start <= period.end]
    return (Assignment(period.start, place.shares_on(period.start)), *inside)


def belongs(place: Place, period: Period) -> bool:
    """Say whether `place` is one of the period's.

    Not one that somebody answers for only later, nor one that ended before.
    """
    begun = not place.assignments or place.assignments[0].start <= period.end
    return begun and place.stands_on(period.start)


def shared_out(
    days: Sequence[DayUsage],
    estimated: Mapping[PlaceId, Mapping[date, int]],
    fleet: Fleet,
    office: Office,
    period: Period,
) -> Mapping[PlaceId, tuple[ByDepartment, Mapping[DepartmentId, int]]]:
    """Return place -> pages and estimates by department, from the day table's days of `period`.

    `estimated` are impressions by place and day that lie in the period by an estimated split.
    """
    inside = [
        replace(one, estimated=min(one.pages.get(TOTAL, 0), _estimate(estimated, one)))
        for one in days
        if one.day in period
    ]
    shares: dict[PlaceId, dict[DepartmentId, list[Mapping[Meter, int]]]] = {}
    guessed: dict[PlaceId, dict[DepartmentId, int]] = {}
    for share in place_shares(inside, fleet, office, period):
        parts = shares.setdefault(share.place, defaultdict(list))
        parts[share.department].append(share.pages)
        sums = guessed.setdefault(share.place, defaultdict(int))
        sums[share.department] += share.estimated
    return {
        place: ({one: added(pages) for one, pages in parts.items()}, dict(guessed[place]))
        for place, parts in shares.items()
    }


def _estimate(estimated: Mapping[PlaceId, Mapping[date, int]], day: DayUsage) -> int:
    return estimated.get(day.place, {}).get(day.day, 0)


def past_shares(entry: PastMonth, place: Place, office: Office, period: Period) -> ByDepartment:
    """Return an old sheet's month by who answered then, by working days, in whole pages."""
    days = [day for day in period.days if office.works_on(day)] or list(period.days)
    weights: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    for day in days:
        for department, share in place.shares_on(day).items():
            weights[department] += Fraction(share, WHOLE)
    ordered = dict(sorted(weights.items()))
    parts = apportion_together(entry.pages, ordered)
    return {one: {meter: parts[meter][one] for meter in entry.pages} for one in ordered}


def pieces_counted(
    days: Iterable[DayUsage], fleet: Fleet, office: Office, period: Period
) -> ByDepartment:
    """Return the counted pages of `period` by `piece_of` departments; none where nobody moves."""
    if not any(day in period for day in fleet.tree.starts):
        return {}
    inside = [one for one in days if one.day in period]
    parts: dict[DepartmentId, list[Mapping[Meter, int]]] = defaultdict(list)
    for share in in_pieces(place_shares(inside, fleet, office, period), fleet):
        parts[share.department].append(share.pages)
    return {piece: added(own) for piece, own in parts.items()}


def tree_of(
    fleet: Fleet,
    period: Period,
    pages: ByDepartment,
    counted: ByDepartment,
) -> Mapping[DepartmentId, tuple[Branch, ...]]:
    """Return what each department with `pages` was a part of in `period`, as `Statement.tree`.

    Of one that moved the `counted` pages of each piece are known; what is beside them (a guess, an
    old sheet) is shared out like these, by days where there are none.
    """
    begins = sorted({period.start, *(day for day in fleet.tree.starts if day in period)})
    found: dict[DepartmentId, tuple[Branch, ...]] = {}
    for department in sorted(pages):
        starts: dict[tuple[DepartmentId, ...], date] = {}
        days: dict[tuple[DepartmentId, ...], int] = defaultdict(int)
        for start, following in zip(begins, [*begins[1:], period.end + ONE_DAY], strict=True):
            line = fleet.tree.line(department, start)
            starts.setdefault(line, start)
            days[line] += (following - start).days
        if len(starts) > 1:
            own = {
                line: counted.get(fleet.piece_of(department, day), {})
                for line, day in starts.items()
            }
            parts = _with_rest(own, pages[department], days)
            found[department] = tuple(
                Branch(day, line[1:], parts[line]) for line, day in starts.items()
            )
        elif len(line := next(iter(starts))) > 1:
            found[department] = (Branch(period.start, line[1:]),)
    return found


_Line = TypeVar("_Line", bound=Hashable)


def _with_rest(
    own: Mapping[_Line, Mapping[Meter, int]], pages: Mapping[Meter, int], days: Mapping[_Line, int]
) -> Mapping[_Line, Mapping[Meter, int]]:
    """Return `own` and what they lack of `pages`, shared out among them."""
    known = added(own.values())
    rest = {meter: count - known.get(meter, 0) for meter, count in pages.items()}
    weights = {line: one.get(TOTAL, 0) for line, one in own.items()}
    if not any(weights.values()):
        weights = dict(days)
    if min(rest.values(), default=0) < 0:
        weights = {line: int(line == max(weights, key=lambda one: weights[one])) for line in own}
        parts = {
            meter: {line: count * weights[line] for line in own} for meter, count in rest.items()
        }
    else:
        parts = apportion_together(rest, weights)
    return {line: added([one, {m: parts[m][line] for m in rest}]) for line, one in own.items()}


def unknown_place(place: PlaceId) -> Place:
    """Return what stands in for a place of which no fact tells."""
    return Place(place, place, "")


def is_unassigned(shares: ByDepartment) -> bool:
    """Say whether pages are there that nobody answers for."""
    return any(shares.get(UNASSIGNED, {}).values())
