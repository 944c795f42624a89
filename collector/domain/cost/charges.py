"""What counter contracts charge for a month, and which department's pages made it so.

All sums are exact fractions of a yen; whoever shows them rounds once, at the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

from collector.domain.cost.billing import Billed, Gap, Lack, Usages, billed, charge_of
from collector.domain.cost.factors import Contract, Factors, Price, in_force
from collector.domain.counting.departments import PlaceShare
from collector.domain.meters import TOTAL, TOTAL_COLOR, Meter, Unit
from collector.domain.office.fleet import UNASSIGNED, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId

Machines = Mapping[PlaceId, frozenset[Meter]]
"""Which meters the machine at a place has."""


@dataclass(slots=True)
class ChargeSums:
    """Exact sums by department, and what keeps a department's sum from being known."""

    sums: dict[DepartmentId, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    gaps: dict[DepartmentId, set[Gap]] = field(default_factory=lambda: defaultdict(set))

    def add(self, weights: Mapping[DepartmentId, Fraction], amount: Fraction) -> None:
        """Share `amount` out by `weights`, which are not all 0, exactly."""
        whole = sum(weights.values())
        for department, weight in dict(weights).items():
            self.sums[department] += amount * weight / whole

    def lacks(self, departments: Iterable[DepartmentId], gaps: Iterable[Gap]) -> None:
        """Note that `gaps` keep the sums of `departments` from being known."""
        found = set(gaps)
        for department in departments:
            self.gaps[department] |= found


@dataclass(frozen=True, slots=True)
class Used:
    """A closing month's pages: who answered for which pages of which place on which day.

    `units` is what the total of a place counts where that is no printed side. The pages of places
    `entered` are of an old sheet: of them the machine tells nothing.
    """

    fleet: Fleet
    period: Period
    shares: Sequence[PlaceShare]
    machines: Machines = field(default_factory=dict)
    units: Mapping[PlaceId, Unit] = field(default_factory=dict)
    entered: frozenset[PlaceId] = frozenset()


def charges(factors: Factors, used: Used) -> ChargeSums:
    """Return what the contracts charge for a month, in yen by department.

    What is charged for pages goes to the departments by their pages of that colour. Basic fee and
    what the minimum adds are shared as the rest of the same bill; without any pages, by who
    answers for the places. They are charged whole also while the month runs. Where prices change
    within the month, each day's pages have that day's price, fees go by days, and steps are
    counted through from the month's first page. A bill that cannot be worked out for one place
    leaves every department with pages in it without a sum.
    """
    tally = ChargeSums()
    by_place: dict[PlaceId, list[PlaceShare]] = defaultdict(list)
    for share in used.shares:
        if share.day in used.period:
            by_place[share.place].append(share)
    bills: dict[tuple[str, PlaceId | None], list[PlaceId]] = defaultdict(list)
    standing = {one.id for one in used.fleet.places if one.stands_on(used.period.start)}
    for place in sorted({*by_place, *standing}):
        contract = factors.contract_of(place)
        if contract is not None:
            bills[contract.id, None if contract.pooled else place].append(place)
        elif any(_prints(share) for share in by_place[place]):
            answering = {share.department for share in by_place[place] if _prints(share)}
            tally.lacks(answering, [Gap(place, Lack.NO_FACTOR)])
    contracts = {one.id: one for one in factors.contracts}
    for (contract_id, _), places in bills.items():
        shares = tuple(share for place in places for share in by_place[place])
        _Bill(contracts[contract_id], used, tuple(places), shares).put_on(tally)
    return tally


def _prints(share: PlaceShare) -> bool:
    return any(share.pages.values())


_Counts = Mapping[DepartmentId, Fraction]


@dataclass(frozen=True, slots=True)
class _Bill:
    """Places that one contract bills together in one month, and their shares by day."""

    contract: Contract
    used: Used
    places: tuple[PlaceId, ...]
    shares: tuple[PlaceShare, ...]

    def put_on(self, tally: ChargeSums) -> None:
        """Add to `tally` what this bill comes to, or what it lacks."""
        spans = [
            (price, _by_place(shares))
            for price, shares in groupby(
                sorted(self.shares, key=lambda one: one.day),
                key=lambda one: in_force(self.contract.prices, one.day),
            )
        ]
        gaps = {gap for price, places in spans for gap in self._gaps(price, places)}
        if gaps:
            tally.lacks({share.department for share in self.shares if _prints(share)}, gaps)
            return
        owed = ChargeSums()
        mono, color = Fraction(0), Fraction(0)
        for price, places in spans:
            if price is not None:
                mono, color = self._charge(owed, price, places, mono, color)
        counters = sum(owed.sums.values(), Fraction(0))
        basic, minimum = self._fees()
        fixed = basic + max(Fraction(0), minimum - counters)
        owed.add(dict(owed.sums) if counters else self._answering(), fixed)
        for department, amount in owed.sums.items():
            tally.sums[department] += amount

    def _usages(self, place: PlaceId, shares: Sequence[PlaceShare]) -> Usages:
        pages: dict[Meter, int] = defaultdict(int)
        for share in shares:
            for meter, count in share.pages.items():
                pages[meter] += count
        return Usages(pages, self.used.machines.get(place, frozenset()))

    def _gaps(
        self, price: Price | None, places: Mapping[PlaceId, Sequence[PlaceShare]]
    ) -> Iterable[Gap]:
        for place, shares in places.items():
            if not any(_prints(share) for share in shares):
                continue
            found = Lack.NO_FACTOR if price is None else billed(price, self._usages(place, shares))
            if isinstance(found, Lack):
                yield Gap(place, found)

    def _charge(
        self,
        owed: ChargeSums,
        price: Price,
        places: Mapping[PlaceId, Sequence[PlaceShare]],
        mono: Fraction,
        color: Fraction,
    ) -> tuple[Fraction, Fraction]:
        """Charge what was printed under `price`; return how far the month's counts have come."""
        monos: dict[DepartmentId, Fraction] = defaultdict(Fraction)
        colors: dict[DepartmentId, Fraction] = defaultdict(Fraction)
        for place, shares in places.items():
            found = billed(price, self._usages(place, shares))
            if isinstance(found, Billed):
                _share_out(found, shares, monos, colors)
        mono_to, color_to = mono + sum(monos.values()), color + sum(colors.values())
        if monos:
            owed.add(monos, charge_of(price.mono, mono, mono_to))
        if colors:
            owed.add(colors, charge_of(price.color or price.mono, color, color_to))
        return mono_to, color_to

    def _fees(self) -> tuple[Fraction, Fraction]:
        """Return basic fee and minimum of the month, by the days on which they hold.

        They hold from the first day on which anybody answers for one of the places, to their end.
        """
        period = self.used.period
        found = [self.used.fleet.place(place) for place in self.places]
        starts = [one.assignments[0].start for one in found if one and one.assignments]
        first = min([*starts, *(share.day for share in self.shares)], default=None)
        if first is None:
            return Fraction(0), Fraction(0)
        last = max(self.used.fleet.last_day(place) for place in self.places)
        days = [day for day in period.days if first <= day <= last]
        held = [in_force(self.contract.prices, day) for day in days]
        prices = [one for one in held if one is not None]
        basic = sum((Fraction(one.basic_fee) for one in prices), Fraction(0))
        minimum = sum((Fraction(one.minimum) for one in prices), Fraction(0))
        return basic / len(period.days), minimum / len(period.days)

    def _answering(self) -> _Counts:
        """Return who answers for the places, by days and shares."""
        weights: dict[DepartmentId, Fraction] = defaultdict(Fraction)
        for name in self.places:
            place = self.used.fleet.place(name) or Place(name, name, "")
            for day in self.used.period.days:
                for department, share in place.shares_on(day).items():
                    weights[department] += share
        named = {one: weight for one, weight in weights.items() if one != UNASSIGNED}
        return named or {UNASSIGNED: Fraction(1)}


def _by_place(shares: Iterable[PlaceShare]) -> Mapping[PlaceId, Sequence[PlaceShare]]:
    found: dict[PlaceId, list[PlaceShare]] = defaultdict(list)
    for share in shares:
        found[share.place].append(share)
    return found


def _share_out(
    found: Billed,
    shares: Sequence[PlaceShare],
    monos: dict[DepartmentId, Fraction],
    colors: dict[DepartmentId, Fraction],
) -> None:
    """Add a place's billed impressions to the departments that printed them."""
    totals: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    own_colors: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    for share in shares:
        totals[share.department] += share.pages.get(TOTAL, 0)
        own_colors[share.department] += share.pages.get(TOTAL_COLOR, 0)
    own_monos = {one: max(Fraction(0), pages - own_colors[one]) for one, pages in totals.items()}
    for amount, weights, into in (
        (found.mono, own_monos, monos),
        (found.color, own_colors, colors),
    ):
        if amount:
            known = weights if any(weights.values()) else totals
            known = known if any(known.values()) else dict.fromkeys(totals, Fraction(1))
            whole = sum(known.values())
            for department, weight in known.items():
                into[department] += amount * weight / whole
