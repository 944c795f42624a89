"""What a month's pages came to in sheets, yen, hours and grams of CO2, by department and in all.

Money, time and CO2 only from stated factors. What a factor or a meter is missing for is no figure,
never 0, and says which place lacks what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import floor

from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.charges import ChargeSums, Used, charges
from collector.domain.cost.factors import Factor, Factors, factor_on
from collector.domain.cost.sheets import (
    NO_PAPER,
    PaperFacts,
    PaperSum,
    printed_in,
    sheets_by_day,
    sheets_taken,
    sides_by,
    sum_of_paper,
)
from collector.domain.counting.departments import PlaceShare, in_pieces, pieces_in
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import UNASSIGNED, DepartmentId

_AN_HOUR = Fraction(1, 3600)


@dataclass(frozen=True, slots=True)
class Figure:
    """An exact amount, None where it cannot be known: then `gaps` name the places and why.

    Without an amount and without gaps no factor of this kind is stated at all.
    """

    exact: Fraction | None = None
    gaps: tuple[Gap, ...] = ()

    def rounded(self, digits: int = 0) -> Decimal | None:
        """Return the amount with so many decimals; a half is rounded up."""
        if self.exact is None:
            return None
        return Decimal(floor(self.exact * 10**digits + Fraction(1, 2))).scaleb(-digits)


NO_FIGURE = Figure()


@dataclass(frozen=True, slots=True)
class Footprint:
    """Counter charges and paper in yen, time at the copiers in hours, CO2 of the paper in grams.

    `sheets` is how much paper that is.
    """

    cost: Figure = NO_FIGURE
    paper_cost: Figure = NO_FIGURE
    hours: Figure = NO_FIGURE
    co2_g: Figure = NO_FIGURE
    sheets: PaperSum = NO_PAPER


NO_FOOTPRINT = Footprint()


@dataclass(frozen=True, slots=True)
class Footprints:
    """The footprint of every department, and of the whole office: their exact sum."""

    office: Footprint
    departments: Mapping[DepartmentId, Footprint]

    def of(self, department: DepartmentId) -> Footprint:
        """Return the footprint of `department`; nothing known where it has no pages or bills."""
        return self.departments.get(department, NO_FOOTPRINT)


def footprints(
    factors: Factors,
    used: Used,
    departments: Iterable[DepartmentId],
) -> Footprints:
    """Return what the month in `used` came to, for `departments` and all others with pages.

    What is in a part of a department is in the department as well.
    """
    fleet, groups = used.fleet, None
    if not fleet.is_flat:
        owners = {*departments, UNASSIGNED, *(one.department for one in used.shares)}
        groups = pieces_in(fleet, used.period, owners)
        used = replace(used, fleet=fleet.in_pieces, shares=in_pieces(used.shares, fleet))
        departments = {piece for own in groups.values() for piece in own}
    shares = [share for share in used.shares if share.day in used.period]
    names = sorted({*departments, *(share.department for share in shares)})
    known = PaperFacts(factors, used.machines, used.units, used.entered)
    printed = printed_in(used.period, shares, known)
    taken = sheets_taken(printed, factors, used.period.end)
    sheets = sheets_by_day(taken, shares) if factors.paper_yen or factors.co2_g else []
    cost = charges(factors, used) if factors.contracts else None
    tallies = (
        cost,
        _tally(factors.paper_yen, sheets, Fraction(1)),
        _tally(factors.seconds, ((one, one.pages.get(TOTAL, 0)) for one in shares), _AN_HOUR),
        _tally(factors.co2_g, sheets, Fraction(1)),
    )
    if cost is not None:
        names = sorted({*names, *cost.sums})
    pages = sides_by(printed)

    def of(some: Sequence[DepartmentId]) -> Footprint:
        cost, paper, hours, co2 = (_figure(tally, some) for tally in tallies)
        return Footprint(cost, paper, hours, co2, sum_of_paper(taken, pages, some))

    stated = {name: [name] for name in names} if groups is None else groups
    return Footprints(of(names), {name: of(sorted(parts)) for name, parts in stated.items()})


def _figure(tally: ChargeSums | None, departments: Iterable[DepartmentId]) -> Figure:
    """Return the sum of `departments`, or what keeps it from being known."""
    if tally is None:
        return NO_FIGURE
    names = list(departments)
    gaps = sorted({gap for name in names for gap in tally.gaps.get(name, ())})
    if gaps:
        return Figure(None, tuple(gaps))
    return Figure(sum((tally.sums.get(name, Fraction(0)) for name in names), Fraction(0)))


def _tally(
    factors: Sequence[Factor], amounts: Iterable[tuple[PlaceShare, int | None]], scale: Fraction
) -> ChargeSums | None:
    """Return amounts times the factor of each place and day, by department; None without any.

    An amount that is not known is None.
    """
    if not factors:
        return None
    tally = ChargeSums()
    for share, amount in amounts:
        if amount is None:
            tally.lacks([share.department], [Gap(share.place, Lack.NO_SHEETS)])
        elif amount:
            factor = factor_on(factors, share.place, share.day)
            if factor is None:
                tally.lacks([share.department], [Gap(share.place, Lack.NO_FACTOR)])
            else:
                tally.sums[share.department] += amount * Fraction(factor.value) * scale
    return tally
