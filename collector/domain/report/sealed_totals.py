"""What an office sealed, as totals only: for a centre that its network does not reach.

No names of places, machines or people are in it, so a seal cannot be reckoned again; but every
statement names the seal before it, so none can be left out of the middle, and what was told once
cannot be told otherwise later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from collector.domain.closing.draw_up import completeness
from collector.domain.closing.statement import Sealed
from collector.domain.cost.purchased import MonthPaper
from collector.domain.cost.sheets import NO_PAPER, Paper, PaperSum
from collector.domain.office.office_calendar import fiscal_months, fiscal_year, same_month
from collector.domain.report.comparison import ComparedOffice, OfficeYear, sheets_without


@dataclass(frozen=True, slots=True)
class SealedTotal:
    """One sealed statement of the whole office: which it is, and what it came to.

    `previous` is the seal of the one sealed before it, empty for the first. Of `impressions` those
    `excluded` no target need count, and `estimated` are estimates. `sheets` are None where they
    were not known; `sheets_without` are those without excluded pages. Of the `places` those `read`
    were heard until the closing. `people` and `since` are not sealed: how many worked there on the
    last day, and the day of the first reading where the month began before it.
    """

    month: str
    start: date
    end: date
    revision: int
    seal: str
    previous: str
    impressions: int
    excluded: int
    estimated: int
    sheets: Paper | None
    sheets_without: Paper | None
    places: int
    read: int
    people: int | None = None
    since: date | None = None

    @property
    def paper(self) -> MonthPaper:
        """Its sheets beside its pages."""
        return MonthPaper(self.month, PaperSum(self.sheets), self.impressions, self.excluded)

    @property
    def as_sealed(self) -> "SealedTotal":
        """What of it can never be another."""
        return replace(self, people=None, since=None)


@dataclass(frozen=True, slots=True)
class SiteTotals:
    """All that the site sealed, in the order in which it did; its fiscal year begins in a month."""

    site: str
    year_begins: int
    statements: tuple[SealedTotal, ...]

    @property
    def latest(self) -> Mapping[str, SealedTotal]:
        """The last revision of each month, by its name."""
        return {one.month: one for one in self.statements}


def sealed_total(one: Sealed, people: int | None = None, since: date | None = None) -> SealedTotal:
    """Return what the statement `one` came to, its adjustments included."""
    statement, known = one.statement, completeness(one.statement)
    paper = (statement.paper_of() or NO_PAPER).wider(known.margin.less, known.margin.more)
    stated = MonthPaper(statement.period.name, paper, statement.total, statement.excluded)
    return SealedTotal(
        month=statement.period.name,
        start=statement.period.start,
        end=statement.period.end,
        revision=statement.revision,
        seal=one.seal,
        previous=statement.previous,
        impressions=statement.total,
        excluded=statement.excluded,
        estimated=sum(statement.department_estimated().values()),
        sheets=paper.paper,
        sheets_without=sheets_without([stated]),
        places=known.places,
        read=known.read,
        people=people,
        since=since,
    )


class Unsound(StrEnum):
    """What cannot be so, as its sentence is called.

    `TORN`: it does not name the seal before it. `REVISION`: none that follows upon the last of its
    month. `FIGURES`: its figures do not fit one another.
    """

    TORN = "sealed_torn"
    REVISION = "sealed_revision"
    FIGURES = "sealed_figures"


def unsound(totals: SiteTotals) -> Iterator[tuple[Unsound, SealedTotal]]:
    """Yield what cannot be so of `totals`, in order; nothing where all can."""
    previous, revisions = "", dict[str, int]()
    for one in totals.statements:
        if one.previous != previous:
            yield Unsound.TORN, one
        if one.revision <= revisions.get(one.month, 0):
            yield Unsound.REVISION, one
        if not _fits(one):
            yield Unsound.FIGURES, one
        previous, revisions[one.month] = one.seal, one.revision


def _fits(one: SealedTotal) -> bool:
    parts = (one.excluded, one.estimated)
    within = all(0 <= part <= max(0, one.impressions) for part in parts)
    sheets = one.sheets is None or one.sheets.low <= one.sheets.value <= one.sheets.high
    without = one.sheets_without == sheets_without([one.paper])
    people = one.people is None or one.people > 0
    return within and sheets and without and people and 0 <= one.read <= one.places


def contradiction(known: Sequence[SealedTotal], told: Sequence[SealedTotal]) -> SealedTotal | None:
    """Return the first of `told` that is another than was `known` in its position, or None.

    The shorter of both is then the beginning of the longer.
    """
    pairs = zip(known, told, strict=False)
    return next((new for old, new in pairs if old.as_sealed != new.as_sealed), None)


def compared_totals(totals: SiteTotals, last: str, base_year: int) -> ComparedOffice:
    """Return the fiscal year of the month `last`, up to this month, beside `base_year`."""
    begins = totals.year_begins
    months = [one for one in fiscal_months(fiscal_year(last, begins), begins) if one <= last]
    base = [same_month(one, base_year, begins) for one in months]
    return ComparedOffice(totals.site, _year(months, totals.latest), _year(base, totals.latest))


def _year(months: Sequence[str], known: Mapping[str, SealedTotal]) -> OfficeYear:
    found = [known[one] for one in months if one in known and known[one].since is None]
    if not found or len(found) < len(months):
        return OfficeYear(len(months), len(found), len(found))
    return OfficeYear.of(
        [one.paper for one in found],
        closed=len(found),
        estimated=sum(one.estimated for one in found),
        people=found[-1].people,
        places=found[-1].places,
        read=found[-1].read,
    )
