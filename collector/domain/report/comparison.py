"""Offices beside one another: what each used per head in the same months of a fiscal year.

Only like stands in one order with like: offices of about the same number of people, whose months
are all closed, whose copiers were all read and whose sheets and people are known. What is not
known exactly leaves the place open. So nothing is won by leaving months open, copiers unread or
pages to be guessed; figures are shown with and without what an office declares excluded.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Final

from collector.domain.cost.purchased import MonthPaper, PaperBalance, paper_excluded
from collector.domain.cost.sheets import Paper, paper_together
from collector.domain.month.department_month import DepartmentMonth

SIZES: Final = (100, 300, 1000)
"""People from which on offices are of the next size."""
FEWEST_TOLD: Final = 3
"""Offices of one size of which each is told its place: of two each would know the other's."""


@dataclass(frozen=True, slots=True)
class OfficeYear:
    """What an office came to in `months` of a fiscal year; None is not known.

    Of the months `whole` are known as a whole, and nothing is stated unless all of them are;
    `closed` are sealed. `excluded` and `estimated` are impressions among `impressions`. `people`
    and of the `places` those `read` are of the last month.
    """

    months: int
    whole: int = 0
    closed: int = 0
    impressions: int | None = None
    excluded: int | None = None
    estimated: int | None = None
    sheets: Paper | None = None
    sheets_without: Paper | None = None
    people: int | None = None
    places: int = 0
    read: int = 0

    @classmethod
    def of(
        cls,
        counted: Sequence[MonthPaper],
        *,
        closed: int,
        estimated: int,
        people: int | None,
        places: int,
        read: int,
    ) -> "OfficeYear":
        """Return the year of the months `counted`, all of which are known as a whole."""
        return cls(
            *(len(counted), len(counted), closed),
            impressions=sum(one.pages for one in counted),
            excluded=sum(one.excluded for one in counted),
            estimated=estimated,
            sheets=paper_together([one.sheets for one in counted]).paper,
            sheets_without=sheets_without(counted),
            people=people,
            places=places,
            read=read,
        )

    @property
    def impressions_without(self) -> int | None:
        """Impressions without those that are excluded."""
        if self.impressions is None or self.excluded is None:
            return None
        return self.impressions - self.excluded

    def a_head(self, figure: int | None) -> Fraction | None:
        """Return `figure` for each of the people; None where one of both is not known."""
        return None if figure is None or self.people is None else Fraction(figure, self.people)


def office_year(months: Sequence[str], known: Mapping[str, DepartmentMonth]) -> OfficeYear:
    """Return what an office came to in `months`, of which those `known` are known as a whole."""
    found = [known[one] for one in months if one in known]
    closed = sum(one.final for one in found)
    if not found or len(found) < len(months):
        return OfficeYear(len(months), len(found), closed)
    counted = [MonthPaper(one.period.name, one.sheets, one.pages, one.excluded) for one in found]
    return OfficeYear.of(
        counted,
        closed=closed,
        estimated=sum(one.estimated for one in found),
        people=found[-1].people,
        places=found[-1].places,
        read=found[-1].places_read,
    )


def sheets_without(counted: Sequence[MonthPaper]) -> Paper | None:
    """Return the sheets of months without those of excluded pages; None where one has none."""
    paper = paper_together([one.sheets for one in counted]).paper
    return PaperBalance(None, None, paper, paper_excluded(counted)).counted


@dataclass(frozen=True, slots=True)
class ComparedOffice:
    """One office, this year beside the same months of the base year."""

    site: str
    now: OfficeYear
    base: OfficeYear

    @property
    def is_complete(self) -> bool:
        """Whether nothing of this year is open: only then it stands in an order with others."""
        now = self.now
        whole = now.closed == now.months and now.read == now.places
        return whole and now.people is not None and now.sheets_without is not None

    @property
    def change(self) -> Fraction | None:
        """By what share sheets a head, without excluded pages, differ from the base year's."""
        now, base = self._sheets_a_head(self.now), self._sheets_a_head(self.base)
        return None if now is None or not base else now / base - 1

    @staticmethod
    def _sheets_a_head(year: OfficeYear) -> Fraction | None:
        paper = year.sheets_without
        return None if paper is None else year.a_head(paper.value)


@dataclass(frozen=True, slots=True)
class Placing:
    """A place among `of` offices alike, 1 where least is used: one from `first` to `last`.

    They are the same where the ranges of the sheets leave no doubt.
    """

    first: int
    last: int
    of: int


@dataclass(frozen=True, slots=True)
class ToldPlacing:
    """What an office is told of its place: in the fiscal year up to `month`, among those alike.

    They have `people_from` people, and fewer than `people_below` (None: no bound). `a_head` is its
    own sheets a head, without what is excluded, and `median` the middle one of theirs; whose that
    is, nothing in it says.
    """

    month: str
    placing: Placing
    people_from: int
    people_below: int | None
    a_head: float
    median: float


def told_placings(offices: Sequence[ComparedOffice], month: str) -> Mapping[str, ToldPlacing]:
    """Return what each office may be told of the year up to `month`; nothing where too few are."""
    found, sheets = placings(offices), {}
    for one in offices:
        people, paper = one.now.people, one.now.sheets_without
        if one.site in found and people is not None and paper is not None:
            sheets[one.site] = bisect_right(SIZES, people), round(paper.value / people, 1)
    told = {}
    for site, (size, a_head) in sheets.items():
        if found[site].of >= FEWEST_TOLD:
            middle = median(other for group, other in sheets.values() if group == size)
            bounds = ((0, *SIZES)[size], (*SIZES, None)[size])
            told[site] = ToldPlacing(month, found[site], *bounds, a_head, round(middle, 1))
    return told


def placings(offices: Iterable[ComparedOffice]) -> Mapping[str, Placing]:
    """Return the place of each complete office among those of its size, by sheets a head.

    Who knows less of its sheets has less certain a place, and makes nobody's more certain. One that
    is alone of its size has none.
    """
    alike: dict[int, dict[str, tuple[Fraction, Fraction]]] = defaultdict(dict)
    for one in offices:
        people, paper = one.now.people, one.now.sheets_without
        if one.is_complete and people is not None and paper is not None:
            span = (Fraction(paper.low, people), Fraction(paper.high, people))
            alike[bisect_right(SIZES, people)][one.site] = span
    return {
        site: Placing(
            1 + sum(other[1] < low for other in group.values()),
            len(group) - sum(other[0] > high for other in group.values()),
            len(group),
        )
        for group in alike.values()
        if len(group) > 1
        for site, (low, high) in group.items()
    }
