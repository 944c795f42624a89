"""How many sheets of paper (枚) pages took: counted, worked out, or estimated; never mixed with 面.

A sheet has one printed side or two: pages took no more sheets than they have sides, and no fewer
than half as many, rounded up. The best of these answers for a place in a month:

- *measured*: the machine counts sheets, and its figure is possible;
- *derived*: it counts what it printed on both sides. Sides less sheets printed on both sides are
  sheets, since such a sheet has two (an impression is one side of a sheet: RFC 8011; a recorded
  HP M551 gave 72,820 sides, 95 of its sheets on both, and 72,725 sheets from its trays);
- *estimated*: sides less half of those on sheets printed on both, by a stated share with its date
  and source, else by what machines of its kind in the same office did in the same month.

Where none of them answers there is no figure, never 0. A total that is itself in sheets is one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor, sqrt
from statistics import stdev
from typing import Final

from collector.domain.cost.billing import Gap, Lack, Usages
from collector.domain.cost.factors import NO_FACTORS, Factor, Factors, factor_on
from collector.domain.counting.departments import PlaceShare
from collector.domain.meters import TOTAL_COLOR, Meter, Unit
from collector.domain.office.fleet import ONE_BY_ONE, WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId, apportion

SHEETS: Final = Meter("sheets")
DUPLEX_SHEETS: Final = Meter("duplex_sheets")
DUPLEX_SIDES: Final = Meter("duplex_impressions")
_LARGE: Final = Meter("total_large")
_SMALL: Final = Meter("total_small")

_TOLERANCE: Final = 2
"""Each meter is split over midnights on its own: two of them may be a page apart at either end."""

_ENOUGH: Final = 100
"""Sides from which on a machine tells how much people print on both sides."""

_CHANCE: Final = Fraction(1, 100)
"""A counter that would be silent for so many days by chance only so seldom was not there yet."""

_STUDENT: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""Student's t for 95 of 100, by degrees of freedom from 1 on; the last for all further."""


class SheetQuality(StrEnum):
    """How a number of sheets is known; the better one first."""

    MEASURED = "measured"
    DERIVED = "derived"
    ESTIMATED = "estimated"


class SheetRule(StrEnum):
    """What a number of sheets rests on; the better one first."""

    COUNTED = "counted"
    """The machine's counter of sheets."""
    LESS_DUPLEX_SHEETS = "less_duplex_sheets"
    """Sides less sheets printed on both sides."""
    LESS_DUPLEX_SIDES = "less_duplex_sides"
    """Sides less half of those on sheets printed on both."""
    STATED_SHARE = "stated_share"
    """A stated duplex share."""
    LIKE_MACHINES = "like_machines"
    """The duplex share of machines of its kind."""

    @property
    def quality(self) -> SheetQuality:
        """How well a number of sheets by this rule is known."""
        if self is SheetRule.COUNTED:
            return SheetQuality.MEASURED
        derived = {SheetRule.LESS_DUPLEX_SHEETS, SheetRule.LESS_DUPLEX_SIDES}
        return SheetQuality.DERIVED if self in derived else SheetQuality.ESTIMATED


@dataclass(frozen=True, slots=True)
class Paper:
    """A number of sheets: `value`, and the truth within `low` to `high`."""

    value: int = 0
    low: int = 0
    high: int = 0

    def __add__(self, other: "Paper") -> "Paper":
        """Return both together."""
        return Paper(self.value + other.value, self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Paper") -> "Paper":
        """Return what has to be added to `other`; may be negative."""
        return Paper(self.value - other.value, self.low - other.low, self.high - other.high)

    def wider(self, less: int, more: int) -> "Paper":
        """Return the same where the truth may be so many fewer or more besides."""
        return Paper(self.value, max(0, self.low - less), self.high + more)


NO_SHEETS: Final = Paper()


@dataclass(frozen=True, slots=True)
class DuplexShare:
    """The share of printed `sides` that are on sheets printed on both: `share`, within 0 to 1."""

    doubled: int
    sides: int

    @property
    def share(self) -> Fraction:
        """0 where nothing is on both sides, 1 where everything is."""
        return Fraction(self.doubled, self.sides)

    def __add__(self, other: "DuplexShare") -> "DuplexShare":
        """Return the share of both together."""
        return DuplexShare(self.doubled + other.doubled, self.sides + other.sides)


@dataclass(frozen=True, slots=True)
class PrintedPages:
    """What one place printed in a month, by who answers for it and by meter.

    `told` are the meters that its machine told all month long; one that is not among `pages` is
    then 0. `unit` is what one step of its total is, `in_color` whether it tells colour.
    """

    place: PlaceId
    pages: Mapping[DepartmentId, Mapping[Meter, int]]
    told: frozenset[Meter] = frozenset()
    unit: Unit = Unit.IMPRESSIONS
    in_color: bool = False

    def of(self, meter: Meter) -> int:
        """Return the pages of `meter` of all departments."""
        return sum(pages.get(meter, 0) for pages in self.pages.values())

    @property
    def total(self) -> int:
        """Steps of the total; where there is none, of mono and colour."""
        return sum(Usages(pages).total for pages in self.pages.values())


@dataclass(frozen=True, slots=True)
class PlacePaper:
    """The sheets of one place in a month by who answers for them, and what they rest on.

    `a4` is the same as A4, a larger sheet being two; None where no size is known. `duplex` is set
    where the machine itself tells. `source` names a stated share's, `machines` how many of its
    kind were asked.
    """

    shares: Mapping[DepartmentId, Paper]
    rule: SheetRule
    a4: Mapping[DepartmentId, Paper] | None = None
    duplex: Mapping[DepartmentId, DuplexShare] = field(default_factory=dict)
    source: str = ""
    machines: int = 0

    def adjusted(self, department: DepartmentId, sheets: Paper, a4: Paper) -> "PlacePaper":
        """Return the same with so much more (or, negative, less) of `department`."""
        more = {**self.shares, department: self.shares.get(department, NO_SHEETS) + sheets}
        sizes = self.a4
        if sizes is not None:
            sizes = {**sizes, department: sizes.get(department, NO_SHEETS) + a4}
        return replace(self, shares=more, a4=sizes)

    @property
    def sum(self) -> "PaperSum":
        """The sheets of all departments."""
        a4 = None if self.a4 is None else sum(self.a4.values(), NO_SHEETS)
        sources = (self.source,) if self.source else ()
        paper = sum(self.shares.values(), NO_SHEETS)
        return PaperSum(paper, a4, rules={self.rule: 1}, sources=sources)


@dataclass(frozen=True, slots=True)
class PaperSum:
    """Sheets of several places: `paper` is None where one of them has no figure: see `gaps`.

    `rules` says how many places' sheets rest on what, `sources` where stated shares come from.
    `a4` is None where a size is not known, `duplex` where no machine among them tells.
    """

    paper: Paper | None = None
    a4: Paper | None = None
    duplex: DuplexShare | None = None
    rules: Mapping[SheetRule, int] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def quality(self) -> SheetQuality | None:
        """The worst that any part of it has; None where there is no figure."""
        found = {rule.quality for rule in self.rules}
        worst = [one for one in SheetQuality if one in found] or [SheetQuality.MEASURED]
        return None if self.paper is None else worst[-1]

    def wider(self, less: int, more: int) -> "PaperSum":
        """Return the same of sides that may be so many fewer or more: each is a sheet at most."""
        return replace(
            self,
            paper=None if self.paper is None else self.paper.wider(less, more),
            a4=None if self.a4 is None else self.a4.wider(2 * less, 2 * more),
        )


NO_PAPER: Final = PaperSum()


def sheets_taken(
    printed: Iterable[PrintedPages], factors: Factors, day: date
) -> Mapping[PlaceId, PlacePaper]:
    """Return the sheets of each place of which they can be said, by the factors of `day`."""
    places = {one.place: one for one in printed}
    known = {place: _told(one) for place, one in places.items()}
    telling = [
        (one.in_color, _duplex(one, answer))
        for place, one in places.items()
        if (answer := known[place]) is not None
        and one.unit is Unit.IMPRESSIONS
        and one.total >= _ENOUGH
    ]
    kinds = {
        kind: _Kind.of(
            [of for in_color, of in telling if in_color == kind] or [of for _, of in telling]
        )
        for kind in (True, False)
    }
    found: dict[PlaceId, PlacePaper] = {}
    for place, one in places.items():
        answer = known[place] or _stated(one, factors, day) or _alike(one, kinds[one.in_color])
        if answer is not None:
            found[place] = _shared_out(one, answer, factors, day)
    return found


def sum_of_paper(
    taken: Mapping[PlaceId, PlacePaper],
    pages: Mapping[PlaceId, Mapping[DepartmentId, int]],
    departments: Iterable[DepartmentId],
) -> PaperSum:
    """Return the sheets of `departments` together; `pages` is what each printed where."""
    names = {*departments}
    involved = sorted(
        place for place, own in pages.items() if any(n for one, n in own.items() if one in names)
    )
    gaps = tuple(Gap(place, Lack.NO_SHEETS) for place in involved if place not in taken)
    known = [taken[place] for place in involved if place in taken]
    duplex = [part for one in known for name, part in one.duplex.items() if name in names]
    sizes = [one.a4 for one in known]
    return PaperSum(
        None if gaps else _added((one.shares for one in known), names),
        None if gaps or None in sizes else _added((one for one in sizes if one), names),
        sum(duplex, DuplexShare(0, 0)) if any(one.sides for one in duplex) else None,
        Counter(one.rule for one in known),
        gaps,
        tuple(sorted({one.source for one in known if one.source})),
    )


def paper_together(several: Sequence[PaperSum]) -> PaperSum:
    """Return the sheets of all of `several`; not known where one of them is not."""
    papers = [one.paper for one in several if one.paper is not None]
    sizes = [one.a4 for one in several if one.a4 is not None]
    rules: Counter[SheetRule] = Counter()
    for one in several:
        rules.update(one.rules)
    return PaperSum(
        sum(papers, NO_SHEETS) if len(papers) == len(several) else None,
        sum(sizes, NO_SHEETS) if len(sizes) == len(several) else None,
        None,
        rules,
        tuple(dict.fromkeys(gap for one in several for gap in one.gaps)),
        tuple(sorted({source for one in several for source in one.sources})),
    )


def sides_by(printed: Iterable[PrintedPages]) -> dict[PlaceId, dict[DepartmentId, int]]:
    """Return what each department printed where."""
    return {
        one.place: {name: Usages(own).total for name, own in one.pages.items()} for one in printed
    }


def _added(several: Iterable[Mapping[DepartmentId, Paper]], names: set[DepartmentId]) -> Paper:
    parts = (part for one in several for name, part in one.items() if name in names)
    return sum(parts, NO_SHEETS)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole place's sheets, and what they rest on."""

    paper: Paper
    rule: SheetRule
    source: str = ""
    machines: int = 0


def _told(one: PrintedPages) -> _Answer | None:
    """Return what the machine itself says, where that is possible."""
    steps = one.total
    if one.unit is Unit.SHEETS:
        return _exactly(steps, SheetRule.COUNTED)
    if one.unit is not Unit.IMPRESSIONS:
        return None
    fewest = _fewest(steps)
    counted, twice, doubled = (one.of(m) for m in (SHEETS, DUPLEX_SHEETS, DUPLEX_SIDES))
    if SHEETS in one.told and fewest - _TOLERANCE <= counted <= steps + _TOLERANCE:
        return _exactly(min(max(counted, fewest), steps), SheetRule.COUNTED)
    if DUPLEX_SHEETS in one.told and 2 * twice <= steps + _TOLERANCE:
        return _exactly(max(steps - twice, fewest), SheetRule.LESS_DUPLEX_SHEETS)
    if DUPLEX_SIDES in one.told and doubled <= steps + _TOLERANCE:
        return _exactly(max(steps - doubled // 2, fewest), SheetRule.LESS_DUPLEX_SIDES)
    return None


def _exactly(sheets: int, rule: SheetRule) -> _Answer:
    return _Answer(Paper(sheets, sheets, sheets), rule)


def _fewest(sides: int) -> int:
    return (sides + 1) // 2


def _stated(one: PrintedPages, factors: Factors, day: date) -> _Answer | None:
    """Return the sheets by a stated share; one for all places says nothing of unnamed units."""
    factor = factor_on(factors.duplex, one.place, day)
    if factor is None or (one.unit is not Unit.IMPRESSIONS and factor.places is None):
        return None
    share, least, most = _range_of(factor)
    return _Answer(_by_share(one.total, share, least, most), SheetRule.STATED_SHARE, factor.source)


def _range_of(factor: Factor) -> tuple[Fraction, Fraction, Fraction]:
    """Return a share stated in per cent, and its range: all there is where nobody stated one."""
    share = Fraction(factor.value) / 100
    if factor.margin is None:
        return share, Fraction(0), Fraction(1)
    off = Fraction(factor.margin) / 100
    return share, max(Fraction(0), share - off), min(Fraction(1), share + off)


def _by_share(sides: int, share: Fraction, least: Fraction, most: Fraction) -> Paper:
    fewest = _fewest(sides)
    value = min(max(floor(sides * (1 - share / 2) + Fraction(1, 2)), fewest), sides)
    low, high = floor(sides * (1 - most / 2)), ceil(sides * (1 - least / 2))
    return Paper(value, min(max(low, fewest), value), max(value, min(high, sides)))


@dataclass(frozen=True, slots=True)
class _Kind:
    """What share machines of one kind print on both sides, how far one may stray, how many."""

    share: Fraction
    off: Fraction
    machines: int

    @classmethod
    def of(cls, asked: Sequence[DuplexShare]) -> "_Kind | None":
        """Return what the machines `asked` come to; None where there is none.

        95 of 100 further machines lie within `off` of the share, judged by how these stray.
        """
        if not asked:
            return None
        share = sum(asked, DuplexShare(0, 0)).share
        if len(asked) == 1:
            return cls(share, Fraction(1), 1)
        spread = stdev([float(one.share) for one in asked]) * sqrt(1 + 1 / len(asked))
        free = min(len(asked) - 1, len(_STUDENT))
        return cls(share, Fraction(_STUDENT[free - 1] * spread), len(asked))


def _alike(one: PrintedPages, kind: _Kind | None) -> _Answer | None:
    """Return the sheets by what machines of the same kind printed on both sides.

    Of its kind is what tells colour as it does; where none of them tells, any other machine.
    """
    if kind is None or one.unit is not Unit.IMPRESSIONS:
        return None
    least, most = max(Fraction(0), kind.share - kind.off), min(Fraction(1), kind.share + kind.off)
    paper = _by_share(one.total, kind.share, least, most)
    return _Answer(paper, SheetRule.LIKE_MACHINES, machines=kind.machines)


def _duplex(one: PrintedPages, answer: _Answer) -> DuplexShare:
    return DuplexShare(2 * (one.total - answer.paper.value), one.total)


def _shared_out(one: PrintedPages, answer: _Answer, factors: Factors, day: date) -> PlacePaper:
    """Return the answer by department: by its own count, else by sides; whole sheets, none lost."""
    sides = {name: Usages(pages).total for name, pages in sorted(one.pages.items())}
    own = {name: one.pages[name].get(SHEETS, 0) for name in sides}
    weights = own if answer.rule is SheetRule.COUNTED and any(own.values()) else sides
    shares = _split(answer.paper, weights)
    a4 = _as_a4(one, answer.paper, factors, day)
    duplex: dict[DepartmentId, DuplexShare] = {}
    if answer.rule.quality is not SheetQuality.ESTIMATED and one.unit is Unit.IMPRESSIONS:
        doubled = apportion(_duplex(one, answer).doubled, sides) if any(sides.values()) else {}
        duplex = {
            name: DuplexShare(min(n, sides[name]), sides[name]) for name, n in doubled.items()
        }
    return PlacePaper(
        shares,
        answer.rule,
        None if a4 is None else _split(a4, weights),
        duplex,
        answer.source,
        answer.machines,
    )


def _split(paper: Paper, weights: Mapping[DepartmentId, int]) -> dict[DepartmentId, Paper]:
    if not any(weights.values()):
        return dict.fromkeys(weights, NO_SHEETS)
    value, low, high = (apportion(n, weights) for n in (paper.value, paper.low, paper.high))
    return {
        one: Paper(value[one], min(low[one], value[one]), max(high[one], value[one]))
        for one in weights
    }


def _as_a4(one: PrintedPages, paper: Paper, factors: Factors, day: date) -> Paper | None:
    """Return the sheets as A4: a larger one (A3 and above) is two.

    Larger sheets are as often printed on both sides as all are, since no machine tells.
    """
    steps = one.total
    large = one.of(_LARGE) if _LARGE in one.told else None
    if large is None and _SMALL in one.told:
        large = max(0, steps - one.of(_SMALL))
    if large is not None:
        large = min(large, steps)
        value = floor(Fraction(large * paper.value, steps or 1) + Fraction(1, 2))
        if one.unit is Unit.SHEETS or paper.low == steps:
            return Paper(paper.value + value, paper.low + value, paper.high + value)
        fewest, most = _fewest(large), min(large, paper.high)
        low, high = min(fewest, value), max(most, value)
        return Paper(paper.value + value, paper.low + low, paper.high + high)
    factor = factor_on(factors.large, one.place, day)
    if factor is None:
        return None
    share, least, most_of = _range_of(factor)
    value = floor(paper.value * (1 + share) + Fraction(1, 2))
    low, high = floor(paper.low * (1 + least)), ceil(paper.high * (1 + most_of))
    return Paper(value, min(low, value), max(high, value))


# From days to what each place printed in a month, and which of its meters told all of it.


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What sheets are told by, beside the pages.

    `machines` tells which meters the machine at a place has, `units` what its total counts where
    that is no printed side. Of places `entered` an old sheet tells: their machines say nothing.
    """

    factors: Factors = NO_FACTORS
    machines: Mapping[PlaceId, frozenset[Meter]] = field(default_factory=dict)
    units: Mapping[PlaceId, Unit] = field(default_factory=dict)
    entered: frozenset[PlaceId] = frozenset()

    def meters_of(self, place: PlaceId) -> frozenset[Meter]:
        """Return the meters of the machine that stands there, as far as it tells of the month."""
        return frozenset() if place in self.entered else self.machines.get(place, frozenset())


def printed_in(
    period: Period, shares: Iterable[PlaceShare], known: PaperFacts
) -> tuple[PrintedPages, ...]:
    """Return what each place printed on the days of `period` that are among `shares`."""
    pages: dict[PlaceId, dict[DepartmentId, dict[Meter, int]]] = {}
    days: dict[PlaceId, dict[date, dict[Meter, int]]] = {}
    for share in shares:
        if share.day in period:
            own = pages.setdefault(share.place, {}).setdefault(share.department, defaultdict(int))
            day = days.setdefault(share.place, {}).setdefault(share.day, defaultdict(int))
            for meter, count in share.pages.items():
                own[meter] += count
                day[meter] += count
    return printed_by(pages, days, known)


def printed_by(
    pages: Mapping[PlaceId, Mapping[DepartmentId, Mapping[Meter, int]]],
    days: Mapping[PlaceId, Mapping[date, Mapping[Meter, int]]],
    known: PaperFacts,
) -> tuple[PrintedPages, ...]:
    """Return what each place printed, as `pages` have it; its `days` say which meters told."""
    found = []
    for place, own in sorted(pages.items()):
        meters, by_day = known.meters_of(place), days.get(place, {})
        in_color = TOTAL_COLOR in meters or any(one.get(TOTAL_COLOR) for one in by_day.values())
        unit = known.units.get(place, Unit.IMPRESSIONS)
        found.append(PrintedPages(place, own, told_meters(by_day, meters), unit, in_color))
    return tuple(found)


def told_meters(
    days: Mapping[date, Mapping[Meter, int]], machine: frozenset[Meter]
) -> frozenset[Meter]:
    """Return the meters of paper and size that a place's machine told on all its `days`.

    A machine that prints moves its counter of sheets. Any other may stand still for a day; one
    that began to move (or ceased) later than chance would have it was not told before: another
    machine stood there.
    """
    printing = {day: pages for day, pages in sorted(days.items()) if _sides(pages) > _TOLERANCE}
    told = set()
    if printing and all(pages.get(SHEETS) for pages in printing.values()):
        told.add(SHEETS)
    for meter in (DUPLEX_SHEETS, DUPLEX_SIDES, _LARGE, _SMALL):
        moved = [bool(pages.get(meter)) for pages in printing.values()]
        if (any(moved) and _is_steady(moved)) or (not any(moved) and meter in machine):
            told.add(meter)
    return frozenset(told)


def _sides(pages: Mapping[Meter, int]) -> int:
    return Usages(pages).total


def _is_steady(moved: Sequence[bool]) -> bool:
    """Say whether days without at either end may be chance, by how often the days between have."""
    first, last = moved.index(True), len(moved) - 1 - moved[::-1].index(True)
    between = moved[first : last + 1]
    still = 1 - Fraction(sum(between) + 1, len(between) + 2)
    return still ** max(first, len(moved) - 1 - last) >= _CHANCE


# And back to days: what of a month's sheets lies on each.


def sheets_by_day(
    taken: Mapping[PlaceId, PlacePaper], shares: Iterable[PlaceShare]
) -> Sequence[tuple[PlaceShare, int | None]]:
    """Return each of `shares` with its part of the sheets, None where they are not known."""
    by_place: dict[tuple[PlaceId, DepartmentId], list[PlaceShare]] = defaultdict(list)
    for share in shares:
        by_place[share.place, share.department].append(share)
    found: list[tuple[PlaceShare, int | None]] = []
    for (place, department), own in by_place.items():
        paper = taken.get(place)
        sides = dict(enumerate(_sides(share.pages) for share in own))
        if not any(sides.values()):
            continue
        if paper is None:
            found += [(share, None) for share in own if _sides(share.pages)]
            continue
        counted = {n: share.pages.get(SHEETS, 0) for n, share in enumerate(own)}
        weights = counted if paper.rule is SheetRule.COUNTED and any(counted.values()) else sides
        parts = apportion(paper.shares[department].value, weights)
        found += [(share, parts[n]) for n, share in enumerate(own)]
    return found


def sheet_days(
    shares: Sequence[PlaceShare],
    periods: Iterable[Period],
    known: PaperFacts,
    fleet: Fleet = ONE_BY_ONE,
) -> Mapping[DepartmentId, Mapping[date, int]]:
    """Return sheets by department, and of `WHOLE_OFFICE`, on the days of `periods`.

    Of a month in which one of a department's places has no figure the department has none. `shares`
    are those of pieces of `fleet`; what they are a part of has its own figure.
    """
    found: dict[DepartmentId, dict[date, int]] = defaultdict(dict)
    for period in periods:
        inside = [share for share in shares if share.day in period]
        taken = sheets_taken(printed_in(period, inside, known), known.factors, period.end)
        days: dict[DepartmentId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        unknown: set[DepartmentId] = set()
        for share, sheets in sheets_by_day(taken, inside):
            for name in (*fleet.groups_in(share.department), WHOLE_OFFICE):
                days[name][share.day] += sheets or 0
                unknown |= {name} if sheets is None else set()
        for name in days.keys() - unknown:
            found[name].update(days[name])
    return found
