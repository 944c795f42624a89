"""Puts a monthly report together: from a statement, sealed or drawn up for now, to its values."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise

from collector.domain.closing.accounts import added
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.draw_up import (
    guesses_left,
    place_margins,
    unread_places,
)
from collector.domain.closing.statement import (
    BoundaryReading,
    Completeness,
    PlaceLine,
    Sealed,
    Statement,
)
from collector.domain.cost.billing import Gap
from collector.domain.cost.factors import Career
from collector.domain.cost.sheets import PaperSum
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import EXACT, Begun, Margin
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.finished import sealed_figures
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure
from collector.domain.report.month_report import (
    AdjustmentLine,
    Burden,
    Closure,
    CounterBreak,
    DepartmentFigures,
    Figures,
    GuessedPages,
    HowKnown,
    MeterReading,
    MonthPoint,
    MonthReport,
    PlaceFigures,
    Stage,
)


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """All that a report is put together from, gathered beforehand.

    `statement` is the latest one of a closed month, and then `sealed` is that statement as it
    lies in the ledger; of any other month it is drawn up as of `now`. `month` states the office's
    and the departments' months, `earlier` the twelve months before, `models` names machines.
    `year_begins` is the first month of the fiscal year. `whole` is false where counting began
    within the month; `begun` is the day of each place's first reading, `career` the working life in
    force.
    """

    office: Office
    stage: Stage
    statement: Statement
    month: OfficeMonth
    earlier: Sequence[MonthPoint]
    year_begins: str
    now: datetime
    version: str
    whole: bool = True
    sealed: Sealed | None = None
    models: Mapping[DeviceKey, str] = field(default_factory=dict)
    begun: Begun = field(default_factory=dict)
    career: Career | None = None


def put_together(facts: ReportFacts) -> MonthReport:
    """Return the report of one month. Pages of places and departments add up to the office's."""
    statement = facts.statement
    departments = tuple(_departments(facts))
    office = _office(facts)
    return MonthReport(
        site=statement.site,
        zone=facts.office.zone,
        period=statement.period,
        stage=facts.stage,
        made_at=facts.now,
        version=facts.version,
        office=office,
        departments=departments,
        places=tuple(_places(facts)),
        completeness=_known_of(facts),
        months=(*facts.earlier, _own_point(facts, office, departments)),
        fiscal_year=int(facts.year_begins[:4]),
        year_begins=facts.year_begins,
        closure=_closure(facts.sealed),
        adjustments=tuple(_adjustments(statement)),
        career=facts.career,
    )


def _closure(sealed: Sealed | None) -> Closure | None:
    if sealed is None:
        return None
    one = sealed.statement
    return Closure(one.revision, one.closed_at, one.closed_by, sealed.seal, one.previous)


def _departments(facts: ReportFacts) -> Iterator[DepartmentFigures]:
    statement = facts.statement
    lines = {one.department: one for one in statement.departments}
    named = {one.department.id for one in facts.month.departments}
    others = [DepartmentMonth(one, statement.period, 0) for one in _others(statement, named)]
    for month in (*facts.month.departments, *others):
        key = month.department.id
        line = lines.get(key)
        stated = sealed_figures(statement, key)
        figures = _figures(facts, month, stated.meters, stated.estimated)
        if line is not None and facts.sealed is None and not _parts(statement, key):
            figures = replace(figures, places=line.places, places_read=line.places_read)
        yield DepartmentFigures(month.department, figures, month.own, month.level, month.parent)


def _parts(statement: Statement, department: DepartmentId) -> bool:
    """Say whether any department was a part of this one."""
    return any(department in statement.above(one) for one in statement.tree)


def _others(statement: Statement, named: Collection[DepartmentId]) -> Iterator[Department]:
    """Yield who answers for pages besides `named`: nobody, for a silent copier's guess alone."""
    lines = {one.department: one for one in statement.departments}
    for key, meters in sorted(statement.department_pages().items()):
        if key not in named and any(meters.values()):
            line = lines.get(key)
            yield Department(key, key) if line is None else Department(key, line.name, line.name_en)


def _office(facts: ReportFacts) -> Figures:
    statement = facts.statement
    known = _known_of(facts)
    figures = _figures(
        facts,
        facts.month.office,
        added(statement.department_pages().values()),
        sum(statement.department_estimated().values()),
    )
    return replace(figures, places=known.places, places_read=known.read)


def _figures(
    facts: ReportFacts, month: DepartmentMonth, meters: Mapping[Meter, int], estimated: int
) -> Figures:
    """Return pages by the statement; targets, last year and the rest as the month has them."""
    running = facts.stage is Stage.RUNNING
    known = _known_of(facts, month)
    return Figures(
        pages=meters.get(TOTAL, 0),
        meters=meters,
        estimated=estimated,
        target=month.target,
        last_year=month.last_year,
        expected=month.forecast if running else None,
        burden=_burden(month),
        places=month.places,
        places_read=month.places_read,
        whole=facts.whole and not running,
        basis=month.basis,
        course=month.course if running else None,
        gaps=_gaps(month),
        margin=known.margin,
        in_question=known.in_question,
        since=month.since,
        sheets=_sheets(facts, month, known.margin),
        people=month.people,
        rank=month.rank,
        year=month.year,
        missing=month.missing,
    )


def _sheets(facts: ReportFacts, month: DepartmentMonth, margin: Margin) -> PaperSum:
    """Return the sheets by the statement; as the month has them where it states none."""
    one = month.department.id
    if _parts(facts.statement, one):
        return month.sheets
    stated = facts.statement.paper_of(None if one == WHOLE_OFFICE else [one])
    return month.sheets if stated is None else stated.wider(margin.less, margin.more)


def _known_of(facts: ReportFacts, month: DepartmentMonth | None = None) -> Completeness:
    """Return how far the figures of `month` (None: the office's) rest on readings.

    A running month's silent copiers are not guessed in its statement: what they may have printed
    lies within the month's own margin. What is in question is so until somebody decides.
    """
    month = month or facts.month.office
    known = sealed_figures(facts.statement, month.department.id).known
    margin = month.known.margin if facts.stage is Stage.RUNNING else known.margin
    return replace(known, margin=margin, in_question=month.known.in_question)


def _burden(month: DepartmentMonth) -> Burden:
    stated = month.footprint
    return Burden(
        cost_yen=stated.cost.rounded(),
        paper_yen=stated.paper_cost.rounded(),
        hours=stated.hours.rounded(1),
        co2_g=stated.co2_g.rounded(),
    )


def _gaps(month: DepartmentMonth) -> tuple[Gap, ...]:
    stated = month.footprint
    every = (stated.cost, stated.paper_cost, stated.hours, stated.co2_g)
    return tuple(dict.fromkeys(gap for one in every for gap in one.gaps))


def _own_point(
    facts: ReportFacts, office: Figures, departments: Sequence[DepartmentFigures]
) -> MonthPoint:
    return MonthPoint(
        month=facts.statement.period.name,
        stage=facts.stage,
        pages=office.pages,
        target=_in_impressions(office),
        last_year=office.last_year,
        departments={one.department.id: one.figures.pages for one in departments},
        targets={
            one.department.id: target
            for one in departments
            if (target := _in_impressions(one.figures)) is not None
        },
    )


def _in_impressions(figures: Figures) -> int | None:
    """Return a target that can stand beside the impressions of the months around."""
    return figures.target if figures.measure is Measure.IMPRESSIONS else None


def _places(facts: ReportFacts) -> Iterator[PlaceFigures]:
    statement = facts.statement
    unread, left = unread_places(statement), guesses_left(statement)
    sums = statement.shares()
    listed = {line.place for line in statement.places}
    open_places = place_margins(statement)
    start, end = boundaries(facts.office, statement.period)
    over = None if facts.stage is Stage.RUNNING else end
    for line in statement.places:
        shares = sums.get(line.place, {})
        meters = added(shares.values())
        counted = line.pages.get(TOTAL, 0)
        guess = _guess(line, left)
        guessed = 0 if guess is None else guess.pages
        yield PlaceFigures(
            place=line.place,
            name=line.name,
            opening=_reading(line.opening, start, facts),
            closing=_reading(line.closing, over, facts),
            counted=counted,
            known=_known(line, guess, unread),
            guess=guess,
            adjusted=meters.get(TOTAL, 0) - counted - guessed,
            meters=meters,
            shares={one: pages.get(TOTAL, 0) for one, pages in shares.items()},
            estimated=line.estimated,
            breaks=tuple(_breaks(line)),
            margin=open_places.get(line.place, EXACT),
            in_question=sum(line.questions.values()),
            since=_since(line.place, facts),
        )
    for place in sorted(sums.keys() - listed):
        yield _known_later(place, sums[place])


def _since(place: PlaceId, facts: ReportFacts) -> date | None:
    """Return the day of the place's first reading where that lies within the month."""
    first = facts.begun.get(place)
    period = facts.statement.period
    return first if first is not None and first in period and first > period.start else None


def _known_later(
    place: PlaceId, shares: Mapping[DepartmentId, Mapping[Meter, int]]
) -> PlaceFigures:
    """Return a place of which pages became known only after the closing."""
    meters = added(shares.values())
    return PlaceFigures(
        place=place,
        name=place,
        opening=None,
        closing=None,
        counted=0,
        known=HowKnown.EDITED,
        adjusted=meters.get(TOTAL, 0),
        meters=meters,
        shares={one: pages.get(TOTAL, 0) for one, pages in shares.items()},
    )


def _guess(line: PlaceLine, left: Mapping[PlaceId, int]) -> GuessedPages | None:
    """Return what of the line's guess no later revision took back."""
    if line.guess is None or line.place not in left:
        return None
    return GuessedPages(left[line.place], line.guess.low, line.guess.high)


def _known(line: PlaceLine, guess: GuessedPages | None, unread: frozenset[PlaceId]) -> HowKnown:
    if guess is not None:
        return HowKnown.ESTIMATED
    if line.place in unread:
        return HowKnown.UNREAD
    if line.quality is Quality.EDITED:
        return HowKnown.EDITED
    return HowKnown.ESTIMATED if line.estimated or line.margins else HowKnown.MEASURED


def _reading(
    mark: BoundaryReading | None, boundary: datetime | None, facts: ReportFacts
) -> MeterReading | None:
    if mark is None:
        return None
    off = None if boundary is None else round((mark.at - boundary).total_seconds())
    return MeterReading(
        at=mark.at,
        device=mark.device,
        value=mark.meters.get(TOTAL),
        off_s=off,
        model=facts.models.get(mark.device),
        by_hand=mark.by_hand,
    )


def _breaks(line: PlaceLine) -> Iterator[CounterBreak]:
    totals = [span for span in line.spans if span.meter == TOTAL]
    for one, two in pairwise(totals):
        device = None if one.device == two.device else two.device
        yield CounterBreak(two.start, one.last, two.first, device)


def _adjustments(statement: Statement) -> Iterator[AdjustmentLine]:
    names = {line.place: line.name for line in statement.places}
    for one in statement.adjustments:
        yield AdjustmentLine(
            revision=one.revision,
            place=one.place,
            place_name=names.get(one.place, one.place),
            department=one.department,
            pages=one.pages.get(TOTAL, 0),
            cause=one.cause,
            reason=one.reason,
            entry=one.entry,
        )
