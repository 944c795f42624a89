"""What a month's pages came to in yen, hours and grams of CO2, by department and in all.

Only from stated factors. What a factor or a meter is missing for is no figure, never 0, and says
which place lacks what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from collector.domain.cost.billing import Gap, Lack, Usages
from collector.domain.cost.charges import ChargeSums, Used, charges
from collector.domain.cost.factors import NO_FACTORS, Factor, Factors, factor_on
from collector.domain.counting.departments import PlaceShare
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.shares import PlaceId

SHEETS = Meter("sheets")
_HOUR_S = 3600


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
    """Counter charges and paper in yen, time at the copiers in hours, CO2 of the paper in grams."""

    cost: Figure = NO_FIGURE
    paper_cost: Figure = NO_FIGURE
    hours: Figure = NO_FIGURE
    co2_g: Figure = NO_FIGURE


NO_FOOTPRINT = Footprint()


@dataclass(frozen=True, slots=True)
class Footprints:
    """The footprint of every department, and of the whole office: their exact sum."""

    office: Footprint
    departments: Mapping[DepartmentId, Footprint]

    def of(self, department: DepartmentId) -> Footprint:
        """Return the footprint of `department`; nothing known where it has no pages or bills."""
        return self.departments.get(department, NO_FOOTPRINT)


def footprints(factors: Factors, used: Used, departments: Iterable[DepartmentId]) -> Footprints:
    """Return what the month in `used` came to, for `departments` and all others with pages."""
    if factors == NO_FACTORS:
        return Footprints(NO_FOOTPRINT, {})
    shares = [share for share in used.shares if share.day in used.period]
    names = sorted({*departments, *(share.department for share in shares)})
    cost = charges(factors, used) if factors.contracts else None
    hours = _tally(factors.seconds, used, shares, TOTAL, Fraction(1, _HOUR_S))
    paper = _tally(factors.paper_yen, used, shares, SHEETS, Fraction(1))
    co2 = _tally(factors.co2_g, used, shares, SHEETS, Fraction(1))
    tallies = (cost, paper, hours, co2)
    if cost is not None:
        names = sorted({*names, *cost.sums})
    return Footprints(
        office=Footprint(*(_figure(tally, names) for tally in tallies)),
        departments={
            name: Footprint(*(_figure(tally, [name]) for tally in tallies)) for name in names
        },
    )


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
    factors: Sequence[Factor],
    used: Used,
    shares: Iterable[PlaceShare],
    meter: Meter,
    scale: Fraction,
) -> ChargeSums | None:
    """Return `meter` times the factor of each place and day, by department; None without any."""
    if not factors:
        return None
    tally = ChargeSums()
    counting = _counting(meter, used, shares)
    for share in shares:
        pages = share.pages.get(meter, 0)
        if share.pages.get(TOTAL, 0) and share.place not in counting:
            tally.lacks([share.department], [Gap(share.place, Lack.NO_SHEETS)])
        elif pages:
            factor = factor_on(factors, share.place, share.day)
            if factor is None:
                tally.lacks([share.department], [Gap(share.place, Lack.NO_FACTOR)])
            else:
                tally.sums[share.department] += pages * Fraction(factor.value) * scale
    return tally


def _counting(meter: Meter, used: Used, shares: Iterable[PlaceShare]) -> frozenset[PlaceId]:
    """Return the places whose machines count `meter`."""
    return frozenset(
        share.place
        for share in shares
        if Usages(share.pages, used.machines.get(share.place, frozenset())).of(meter) is not None
    )
