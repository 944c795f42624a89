"""Paper bought (用紙購入) against paper counted, by fiscal quarter and by fiscal year.

    bought − stock change = counted + excluded + unexplained

The equation is in sheets (枚) as they come out of the box, of whatever size: a sheet of A3 that
was bought is one sheet that is printed, so nothing is converted and the middle figures add up
exactly. Beside it stands the same as A4. There a purchase weighs its area (A3 2, B4 1½, B5 ¾),
while machines tell larger sheets from all others at most: what B4, B5 and A5 leave open by that is
in the range.

`counted` is without what is excluded, so that each sheet stands in one term. What is unexplained
was printed by machines that nobody counts, spoilt, given away, or is not in the lists; below 0,
more was counted than was bought: purchases or stock are missing from the lists.

A stock counts for the end of a month where no working day lies between. Where it was not counted
it is somewhere between nothing and the most that was bought in one of the twelve closing months up
to the period's end (who buys a half year's paper at once has room for it); the change is then
taken as nothing, and the range holds all that it can be.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import repeat
from math import ceil, floor
from typing import Final

from collector.domain.cost.sheets import NO_SHEETS, Paper, PaperSum, SheetQuality, paper_together
from collector.domain.counting.entries import Entry, PaperPurchase, PaperSize, StockCount, in_force
from collector.domain.counting.exclusions import left_of
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
    Period,
    fiscal_months,
    fiscal_year,
    months_later,
)

_QUARTERS: Final = (1, 2, 3, 4)
_A_QUARTER: Final = 3
_A_YEAR: Final = 12
_HALF: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class PaperPeriod:
    """A quarter of the fiscal `year`, or all of it where `quarter` is None, as closing months."""

    year: int
    quarter: int | None
    months: tuple[Period, ...]

    @property
    def name(self) -> str:
        """2026-Q1, or 2026 for the whole fiscal year."""
        return f"{self.year}" if self.quarter is None else f"{self.year}-Q{self.quarter}"

    @property
    def start(self) -> date:
        """The first local day."""
        return self.months[0].start

    @property
    def end(self) -> date:
        """The last local day."""
        return self.months[-1].end

    def __contains__(self, day: date) -> bool:
        """Say whether `day` belongs to it."""
        return self.start <= day <= self.end


def paper_periods(year: int, office: Office) -> tuple[PaperPeriod, ...]:
    """Return the four quarters of the fiscal `year`, and at last the year."""
    months = tuple(map(office.period, fiscal_months(year, office.year_begins)))
    quarters = (
        PaperPeriod(year, one, months[_A_QUARTER * (one - 1) : _A_QUARTER * one])
        for one in _QUARTERS
    )
    return (*quarters, PaperPeriod(year, None, months))


def quarters_between(first: date, last: date, office: Office) -> tuple[PaperPeriod, ...]:
    """Return the fiscal quarters of which any day lies from `first` to `last`, in order."""
    years = [fiscal_year(office.period_of(one).name, office.year_begins) for one in (first, last)]
    return tuple(
        one
        for year in range(years[0], years[1] + 1)
        for one in paper_periods(year, office)[:-1]
        if one.start <= last and first <= one.end
    )


def with_their_years(quarters: Iterable[PaperPeriod], office: Office) -> tuple[PaperPeriod, ...]:
    """Return `quarters` and behind them the fiscal years that they are of, each once, in order."""
    every = tuple(dict.fromkeys(quarters))
    years = dict.fromkeys(one.year for one in every)
    return (*every, *(paper_periods(year, office)[-1] for year in years))


def quarter_keys(first: date, last: date, office: Office) -> tuple[str, ...]:
    """Return by what name each of these quarters is published: its last day."""
    return tuple(one.end.isoformat() for one in quarters_between(first, last, office))


@dataclass(frozen=True, slots=True)
class MonthPaper:
    """What is counted of one closing month: `sheets`, those of excluded pages among them.

    `excluded` of its `pages` are such. Where the month is not counted as a whole there is no paper.
    """

    month: str
    sheets: PaperSum
    pages: int = 0
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class PaperBalance:
    """The equation in one unit; a term that is not known is None, and then what is unexplained.

    `every` sheet that was counted is among `counted` or `excluded`.
    """

    bought: Paper | None
    stock_change: Paper | None
    every: Paper | None
    excluded: Paper | None

    @property
    def counted(self) -> Paper | None:
        """The sheets that were counted, without those of excluded pages."""
        if self.every is None or self.excluded is None:
            return None
        found = _less(self.every, self.excluded)
        return Paper(found.value, max(0, found.low), found.high)

    @property
    def used(self) -> Paper | None:
        """What was bought and did not go into the store."""
        if self.bought is None or self.stock_change is None:
            return None
        return _less(self.bought, self.stock_change)

    @property
    def unexplained(self) -> Paper | None:
        """What nothing accounts for; below 0 where more was counted than used."""
        if self.used is None or self.every is None:
            return None
        return _less(self.used, self.every)

    @property
    def share(self) -> Fraction | None:
        """How much of what was used is unexplained; None where nothing was used."""
        if self.used is None or self.unexplained is None or self.used.value <= 0:
            return None
        return Fraction(self.unexplained.value, self.used.value)


def _less(one: Paper, other: Paper) -> Paper:
    """Return `one` without `other`, whatever both truly are within their ranges."""
    return Paper(one.value - other.value, one.low - other.high, one.high - other.low)


class Unexplained(StrEnum):
    """Why what is unexplained is a finding; its whole range has to say so."""

    NEGATIVE = "negative"
    """More was counted than was bought."""
    LARGE = "large"
    """More than a stated share of what was used."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was bought for `of` (or `WHOLE_OFFICE`) in `period`, and what became of it.

    `quality` is that of the sheets counted. Not known are the sheets of the months `uncounted`, and
    all stock at the end of the days `not_in_stock`. Of a year, nothing was bought in the quarters
    `without` by the entries. A period that is not `over` is told up to its running month.
    """

    of: DepartmentId
    period: PaperPeriod
    sheets: PaperBalance
    a4: PaperBalance
    quality: SheetQuality | None = None
    uncounted: tuple[str, ...] = ()
    not_in_stock: tuple[date, ...] = ()
    without: tuple[str, ...] = ()
    over: bool = True

    def finding(self, limit_pct: int) -> Unexplained | None:
        """Say why this is a finding, where a share of more than `limit_pct` per cent is one."""
        found, used = self.sheets.unexplained, self.sheets.used
        if found is None or used is None or not self.over:
            return None
        if found.high < 0:
            return Unexplained.NEGATIVE
        limit = Fraction(limit_pct, 100) * max(0, used.value)
        return Unexplained.LARGE if found.low > limit else None


PaperEntry = PaperPurchase | StockCount


def paper_entries(entries: Iterable[Entry]) -> tuple[PaperEntry, ...]:
    """Return the purchases and stocks that hold; the order in which they were entered is lost."""
    held = (one for one in in_force(entries) if isinstance(one, PaperEntry))
    return tuple(sorted(held, key=lambda one: (one.day, one.size, one.signed.at, one.id)))


def years_of(entries: Iterable[PaperEntry], office: Office) -> tuple[int, ...]:
    """Return the fiscal years in which paper came in or a stock was counted, in order."""
    names = (office.period_of(one.day).name for one in entries)
    return tuple(sorted({fiscal_year(one, office.year_begins) for one in names}))


def buyers(entries: Iterable[PaperEntry]) -> tuple[DepartmentId, ...]:
    """Return the departments for which paper was bought, by id."""
    bought = (one.department for one in entries if isinstance(one, PaperPurchase))
    return tuple(sorted({one for one in bought if one is not None}))


def entries_of(
    entries: Iterable[PaperEntry], department: DepartmentId, fleet: Fleet
) -> tuple[PaperEntry, ...]:
    """Return the entries of `department` and of its parts on their days; all of `WHOLE_OFFICE`."""
    return tuple(
        one
        for one in entries
        if department == WHOLE_OFFICE
        or (one.department is not None and department in fleet.tree.line(one.department, one.day))
    )


def holds_at(day: date, end: date, office: Office) -> bool:
    """Say whether a stock counted on `day` is that of the end of `end`: no working day between.

    So is one that is counted on the first working day after, before anything is taken.
    """
    if day <= end:
        return office.working_days(day + ONE_DAY, end) == 0
    return office.working_days(end + ONE_DAY, day - ONE_DAY) == 0


_Kept = tuple[DepartmentId | None, PaperSize]
"""Paper of one size in one store; None is the office's own."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """What came into one store of one size, and by how much it changed."""

    bought: int
    change: Paper
    known: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class _Store:
    """Paper of one size in one store, by its entries."""

    purchases: list[PaperPurchase] = field(default_factory=list)
    counts: list[StockCount] = field(default_factory=list)

    def moved(self, period: PaperPeriod, office: Office) -> _Moved:
        """Return what came in during `period`, and the change between its ends."""
        begin = self._stock(period.start - ONE_DAY, office)
        end = self._stock(period.end, office)
        room = max(self._most(period, office), begin or 0, end or 0)
        first = (0, room) if begin is None else (begin, begin)
        last = (0, room) if end is None else (end, end)
        low, high = last[0] - first[1], last[1] - first[0]
        bought = sum(one.sheets for one in self.purchases if one.day in period)
        known = (begin is not None, end is not None)
        return _Moved(bought, Paper(min(max(0, low), high), low, high), known)

    def _stock(self, end: date, office: Office) -> int | None:
        held = [one for one in self.counts if holds_at(one.day, end, office)]
        nearest = min(
            held,
            key=lambda one: (abs(one.day - end), one.day, -one.signed.at.timestamp(), one.id),
            default=None,
        )
        return None if nearest is None else nearest.sheets

    def _most(self, period: PaperPeriod, office: Office) -> int:
        """Return the most that came in in a closing month of the year up to the period's end."""
        last = period.months[-1].name
        year = {months_later(last, -back) for back in range(_A_YEAR)}
        months: dict[str, int] = defaultdict(int)
        for one in self.purchases:
            name = office.period_of(one.day).name
            months[name] += one.sheets if name in year else 0
        return max(months.values(), default=0)


def _stores(entries: Iterable[PaperEntry]) -> Mapping[_Kept, _Store]:
    found: dict[_Kept, _Store] = defaultdict(_Store)
    for one in entries:
        store = found[one.department, one.size]
        if isinstance(one, PaperPurchase):
            store.purchases.append(one)
        else:
            store.counts.append(one)
    return found


def reconciled(
    of: DepartmentId,
    period: PaperPeriod,
    entries: Sequence[PaperEntry],
    counted: Sequence[MonthPaper],
    office: Office,
    today: date,
) -> Reconciliation:
    """Return what became of the paper of `of`, by its own `entries` and what was `counted` of it.

    `counted` holds every closing month of `period` as far as it has begun. Where the entries tell
    of no purchase, and not of both stocks, nothing is known of what was bought: it is not 0.
    `today` tells which periods are over.
    """
    moves = {key: store.moved(period, office) for key, store in _stores(entries).items()}
    days = (period.start - ONE_DAY, period.end)
    missing = tuple(
        day
        for number, day in enumerate(days)
        if day < today and not (moves and all(one.known[number] for one in moves.values()))
    )
    tells = any(isinstance(one, PaperPurchase) and one.day in period for one in entries)
    over = period.end < today
    is_told = tells or (bool(moves) and over and not missing)
    every = paper_together([one.sheets for one in counted])
    uncounted = tuple(one.month for one in counted if one.sheets.paper is None)
    return Reconciliation(
        of,
        period,
        _in_sheets(moves, counted, every, is_told=is_told),
        _in_a4(moves, counted, every, is_told=is_told),
        every.quality if counted and not uncounted else None,
        uncounted,
        missing if is_told else (),
        _without(period, entries, today),
        over,
    )


def _without(period: PaperPeriod, entries: Iterable[PaperEntry], today: date) -> tuple[str, ...]:
    """Return the quarters of a year that are over and without any purchase; none of a quarter."""
    if period.quarter is not None:
        return ()
    days = [one.day for one in entries if isinstance(one, PaperPurchase)]
    spans = (period.months[n : n + _A_QUARTER] for n in range(0, _A_YEAR, _A_QUARTER))
    quarters = map(PaperPeriod, repeat(period.year), _QUARTERS, spans)
    without = (one for one in quarters if one.end < today and not any(day in one for day in days))
    return tuple(one.name for one in without)


def _in_sheets(
    moves: Mapping[_Kept, _Moved],
    counted: Sequence[MonthPaper],
    every: PaperSum,
    *,
    is_told: bool,
) -> PaperBalance:
    bought = sum(one.bought for one in moves.values())
    change = sum((one.change for one in moves.values()), NO_SHEETS)
    paper = every.paper if counted else None
    return PaperBalance(
        Paper(bought, bought, bought) if is_told else None,
        change if is_told else None,
        paper,
        None if paper is None else paper_excluded(counted),
    )


def _in_a4(
    moves: Mapping[_Kept, _Moved],
    counted: Sequence[MonthPaper],
    every: PaperSum,
    *,
    is_told: bool,
) -> PaperBalance:
    weights = {key: key[1].in_a4 for key in moves}
    bought = sum((weights[key] * one.bought for key, one in moves.items()), Fraction(0))
    change = [
        sum((weights[key] * end for key, end in ends), Fraction(0))
        for ends in (
            [(key, one.change.value) for key, one in moves.items()],
            [(key, one.change.low) for key, one in moves.items()],
            [(key, one.change.high) for key, one in moves.items()],
        )
    ]
    a4 = every.a4 if counted else None
    return PaperBalance(
        _whole(bought, bought, bought) if is_told else None,
        _whole(*change) if is_told else None,
        None if a4 is None else _by_area(a4, moves),
        None if a4 is None else paper_excluded(counted, 2),
    )


def _whole(value: Fraction, low: Fraction, high: Fraction) -> Paper:
    return Paper(floor(value + _HALF), floor(low), ceil(high))


_SEEN_AS: Final[Mapping[PaperSize, tuple[int, int]]] = {
    PaperSize.A3: (2, 2),
    PaperSize.A4: (1, 1),
    PaperSize.A5: (1, 1),
    PaperSize.B4: (1, 2),
    PaperSize.B5: (1, 1),
}
"""As how many of A4 a sheet is counted: whether B4 is a larger one is for the maker to say."""


def _by_area(a4: Paper, moves: Mapping[_Kept, _Moved]) -> Paper:
    """Return what was counted as A4, with the range that it has by the sheets' areas."""
    less, more = Fraction(0), Fraction(0)
    for (_, size), one in moves.items():
        used = max(0, one.bought - one.change.low)
        least, most = _SEEN_AS[size]
        less += used * max(Fraction(0), most - size.in_a4)
        more += used * max(Fraction(0), size.in_a4 - least)
    return Paper(a4.value, max(0, a4.low - ceil(less)), a4.high + ceil(more))


def paper_excluded(counted: Iterable[MonthPaper], weight: int = 1) -> Paper:
    """Return the sheets of excluded pages: in proportion, as targets leave them out.

    Pages take half as many sheets at least and as many at most, each up to `weight` of A4.
    """
    found = NO_SHEETS
    for month in counted:
        paper = month.sheets.paper if weight == 1 else month.sheets.a4
        if paper is not None and month.excluded:
            value = paper.value - left_of(paper.value, month.pages, month.excluded)
            fewest = min(-(-month.excluded // 2), value)
            found += Paper(value, fewest, max(value, weight * month.excluded))
    return found
