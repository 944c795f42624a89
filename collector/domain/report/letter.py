"""The monthly letter: what one page says to somebody who reads nothing else, as sentences.

One sentence with every figure, each with its unit; then at most four short parts. What is not
known is left out of both, and named among what is not known. All figures are the report's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from collector.domain.cost.factors import Career
from collector.domain.cost.sheets import SheetQuality
from collector.domain.month.course import Bearing, YearMonth
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId
from collector.domain.office.office_calendar import fiscal_year
from collector.domain.office.targets import Target, TargetSource
from collector.domain.report.comparison import ToldPlacing
from collector.domain.report.month_report import (
    DepartmentFigures,
    Figures,
    MonthReport,
    Stage,
    TargetVerdict,
)
from collector.domain.report.sentences import amount_of, basis, heading, measured_since, paper
from collector.domain.sentence import Sentence, sentence

Named = Callable[[Department], str]
"""How readers call a department."""


@dataclass(frozen=True, slots=True)
class LetterPart:
    """One part: what it is about, and what there is to say of it, one or more sentences."""

    title: Sentence
    said: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class MonthlyLetter:
    """The letter of a department (`WHOLE_OFFICE`: of all) about one month."""

    department: DepartmentId
    title: Sentence
    headline: Sentence
    parts: tuple[LetterPart, ...]


def monthly_letter(report: MonthReport, of: DepartmentId, named: Named) -> MonthlyLetter:
    """Return the letter of the department `of`, or of `WHOLE_OFFICE`, out of `report`.

    Raises KeyError for a department that the report does not name.
    """
    every = {one.department.id: one for one in report.departments}
    about = report.office if of == WHOLE_OFFICE else every[of].figures
    whose = sentence("monthly.office")
    if of != WHOLE_OFFICE:
        whose = sentence("monthly.department", department=named(every[of].department))
    found = (
        ("monthly.part.goal", tuple(_goal(report, about))),
        ("monthly.part.back", tuple(_bring_back(report, about))),
        ("monthly.part.rank", tuple(_compared(report, of, about, named))),
        ("monthly.part.known", tuple(_known(report, about))),
    )
    parts = tuple(LetterPart(sentence(title), said) for title, said in found if said)
    title = sentence("monthly.title", month=_first_of(report.period.name), of=whose)
    return MonthlyLetter(of, title, _headline(report, about), parts)


def as_text(letter: MonthlyLetter) -> Sentence:
    """Return all of `letter` as one text of several lines, for those who read it as a mail."""
    text = letter.headline
    for part in letter.parts:
        text = sentence("monthly.below", before=text, said=part.title)
        for said in part.said:
            text = sentence("monthly.point", before=text, said=said)
    return text


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _percent(share: Fraction | float) -> float:
    return round(abs(float(share)) * 100, 1)


# The one sentence.


def _headline(report: MonthReport, figures: Figures) -> Sentence:
    """Return the month in one sentence: sheets, against the base, a head, yen, hours."""
    clauses = (
        _used(figures),
        *_against_base(figures),
        *_a_head(figures),
        *_money(figures),
        *_time(figures, report.career),
    )
    key = "monthly.so_far" if report.stage is Stage.RUNNING else "monthly.headline"
    return sentence(key, month=_first_of(report.period.name), clauses=clauses)


def _used(figures: Figures) -> Sentence:
    used = figures.sheets.paper
    if used is None:
        return sentence("monthly.pages", pages=figures.pages)
    about = "monthly.sheets" if used.low == used.high else "monthly.sheets.about"
    return sentence(about, sheets=used.value, pages=figures.pages)


def _against_base(figures: Figures) -> Iterator[Sentence]:
    """Yield how a whole month stands to its base; to last year's where no base is stated."""
    target, used = figures.basis, figures.used
    if figures.whole and target.base and used is not None:
        base = amount_of(target.base, target.measure)
        named = sentence("monthly.base", pages=base)
        if target.base_month is not None:
            month = _first_of(target.base_month)
            named = sentence("monthly.base.of_month", month=month, pages=base)
        yield _changed(Fraction(used - target.base, target.base), named)
    elif figures.change is not None and figures.last_year:
        pages = amount_of(figures.last_year)
        share = Fraction(figures.change, figures.last_year)
        yield _changed(share, sentence("monthly.last_year", pages=pages))


def _changed(share: Fraction, since: Sentence) -> Sentence:
    if not share:
        return sentence("monthly.same", base=since)
    return sentence(
        "monthly.less" if share < 0 else "monthly.more", base=since, percent=_percent(share)
    )


def _a_head(figures: Figures) -> Iterator[Sentence]:
    if figures.sheets_a_head is not None:
        yield sentence("monthly.sheets_a_head", sheets=float(figures.sheets_a_head))
    elif figures.pages_a_head is not None:
        yield sentence("monthly.pages_a_head", pages=float(figures.pages_a_head))


def _money(figures: Figures) -> Iterator[Sentence]:
    cost, paid = figures.burden.cost_yen, figures.burden.paper_yen
    if cost is not None and paid is not None:
        yield sentence("monthly.yen", yen=int(cost + paid))
    elif cost is not None:
        yield sentence("monthly.yen.counters", yen=int(cost))
    elif paid is not None:
        yield sentence("monthly.yen.paper", yen=int(paid))


def _time(figures: Figures, career: Career | None) -> Iterator[Sentence]:
    """Yield the hours at the copier, and what they come to in a working life if they go on."""
    hours = figures.burden.hours
    if hours is None:
        return
    said = sentence("monthly.hours", hours=float(hours))
    if career is not None and figures.whole and hours:
        said = sentence(
            "monthly.career",
            said=said,
            career=_plain(career.years),
            span=_span(career.years_of_work(hours)),
            hours_a_year=float(career.hours_a_year),
        )
    yield said


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _span(years: Fraction) -> Sentence:
    """Return years as people say them: under one year in months."""
    if years < 1:
        return sentence("monthly.span.months", months=max(1, round(years * 12)))
    return sentence("monthly.span.years", years=float(years))


# The path to the goal.


def _goal(report: MonthReport, figures: Figures) -> Iterator[Sentence]:
    target, used = figures.basis, figures.used
    if figures.target is None or used is None:
        yield sentence("monthly.no_target", why=basis(target))
        return
    yield _against_target(report, figures, used)
    if figures.expected is not None:
        yield sentence(
            "monthly.expected",
            expected=amount_of(figures.expected.expected, target.measure),
            low=amount_of(figures.expected.low, target.measure),
            high=amount_of(figures.expected.high, target.measure),
        )
    if target.source not in {TargetSource.FIGURE, TargetSource.PATH}:
        yield sentence("monthly.basis", basis=basis(target))
    yield from _path(figures, target, used)
    if report.stage is not Stage.RUNNING:
        yield from _year(figures)
    if figures.excluded:
        key = "monthly.excluded.too" if target.with_excluded else "monthly.excluded"
        yield sentence(key, pages=amount_of(figures.excluded))


def _against_target(report: MonthReport, figures: Figures, used: int) -> Sentence:
    target, left = figures.target or 0, figures.left or 0
    key = "monthly.kept" if left >= 0 else "monthly.missed"
    if report.stage is Stage.RUNNING and left >= 0:
        key = "monthly.left"
    said = sentence(
        key,
        target=amount_of(target, figures.measure),
        used=amount_of(used, figures.measure),
        left=amount_of(abs(left), figures.measure),
    )
    if figures.ratio is None:
        return said
    return sentence("monthly.share", said=said, percent=_percent(figures.ratio))


def _path(figures: Figures, target: Target, used: int) -> Iterator[Sentence]:
    """Yield where the path leads, and how far on it the month is."""
    if target.goal is None or target.goal_month is None or not target.base:
        return
    yield sentence(
        "monthly.path",
        month=_first_of(target.goal_month),
        goal=amount_of(target.goal, target.measure),
        percent=_percent(Fraction(target.base - target.goal, target.base)),
    )
    if figures.whole and target.percent is not None:
        key = "monthly.path.ahead" if used <= target.base else "monthly.path.above"
        yield sentence(
            key,
            percent=_percent(Fraction(target.base - used, target.base)),
            planned=float(target.percent),
        )


def _year(figures: Figures) -> Iterator[Sentence]:
    """Yield how the year stands to its targets, whole months alone."""
    year = figures.year
    if year is None or year.since is None or year.pages is None or year.target is None:
        return
    if year.since == year.until:
        return
    left, measure = year.target - year.pages, figures.measure
    yield sentence(
        "monthly.year.kept" if left >= 0 else "monthly.year.missed",
        since=_first_of(year.since),
        used=amount_of(year.pages, measure),
        target=amount_of(year.target, measure),
        left=amount_of(abs(left), measure),
    )


# What would bring it back.


def _bring_back(report: MonthReport, figures: Figures) -> Iterator[Sentence]:
    """Yield what keeps the month within its target; once it is over, what keeps the year."""
    if figures.target is None or figures.used is None:
        return
    if report.stage is Stage.RUNNING:
        if figures.course is not None:
            key = "monthly.advice"
            if figures.course.bearing in {Bearing.CUT, Bearing.LAST_PAGES}:
                key = "monthly.advice.cut"
            yield sentence(key, how=heading(figures.course))
        return
    ahead = _months_ahead(figures)
    over = 0 if figures.year is None else -(figures.year.left or 0)
    if over > 0 and ahead:
        yield sentence(
            "monthly.back.year",
            over=amount_of(over, figures.measure),
            months=len(ahead),
            less=amount_of(-(-over // len(ahead)), figures.measure),
        )
    elif over > 0:
        yield sentence("monthly.back.too_late", over=amount_of(over, figures.measure))
    if ahead and ahead[0].target.pages is not None:
        yield _next_month(ahead[0], figures, ahead[0].target.pages, figures.used)


def _months_ahead(figures: Figures) -> tuple[YearMonth, ...]:
    """Return the months of the fiscal year that are still to come, as far as they are planned."""
    year = figures.year
    ahead = () if year is None else tuple(one for one in year.months if one.month > year.until)
    return tuple(one for one in ahead if one.target.measure is figures.measure)


def _next_month(one: YearMonth, figures: Figures, target: int, used: int) -> Sentence:
    month, allowed = _first_of(one.month), amount_of(target, figures.measure)
    if used <= target:
        return sentence("monthly.back.next.kept", month=month, target=allowed)
    less = amount_of(used - target, figures.measure)
    return sentence("monthly.back.next", month=month, target=allowed, less=less)


# Among sections alike; of the office, who keeps the target.


def _compared(
    report: MonthReport, of: DepartmentId, figures: Figures, named: Named
) -> Iterator[Sentence]:
    if of == WHOLE_OFFICE:
        yield from _who_kept(report, named)
        if report.placing is not None:
            begins = int(report.year_begins.rpartition("-")[2])
            yield _placed(report.placing, fiscal_year(report.placing.month, begins))
    elif figures.rank is not None:
        yield sentence("monthly.rank", place=figures.rank.place, of=figures.rank.of)
    elif figures.people is None:
        yield sentence("monthly.rank.no_people")
    else:
        yield sentence("monthly.rank.alone")


def _placed(told: ToldPlacing, year: int) -> Sentence:
    """Return where the office stands among others of its size, in the fiscal `year`."""
    place = told.placing
    key = "monthly.placed" if place.first == place.last else "monthly.placed.about"
    size = sentence("monthly.size", people=told.people_from, below=told.people_below or 0)
    if told.people_below is None:
        size = sentence("monthly.size.from", people=told.people_from)
    elif not told.people_from:
        size = sentence("monthly.size.below", below=told.people_below)
    return sentence(
        key,
        year=year,
        month=_first_of(told.month),
        first=place.first,
        last=place.last,
        of=place.of,
        size=size,
        sheets=told.a_head,
        median=told.median,
    )


_NAMED: Final = 5
"""Departments, or places, that one sentence names at most."""

_LONGEST: Final = 40
"""Characters of a name among several; a longer one ends in dots."""


_LOWEST: Final = ("monthly.all_kept", "monthly.over", "monthly.heading_over")
_WHOLES: Final = (
    "monthly.wholes.all_kept",
    "monthly.wholes.over",
    "monthly.wholes.heading_over",
)
"""The same of departments that have parts with targets of their own."""


def _who_kept(report: MonthReport, named: Named) -> Iterator[Sentence]:
    """Yield how many departments passed their targets, and which.

    A department is counted apart from its parts where some of these have targets of their own.
    """
    held = [one for one in report.departments if one.figures.verdict is not None]
    above = _above(held, report.departments)
    wholes = [one for one in held if one.department.id in above]
    yield from _kept_by([one for one in held if one.department.id not in above], _LOWEST, named)
    yield from _kept_by(wholes, _WHOLES, named)
    if not held:
        yield sentence("monthly.nobody_held")


def _above(
    some: Iterable[DepartmentFigures], every: Iterable[DepartmentFigures]
) -> Collection[DepartmentId]:
    """Return all departments that any of `some` is a part of, at whatever level."""
    parents = {one.department.id: one.parent for one in every}
    found: set[DepartmentId] = set()
    for one in some:
        parent = one.parent
        while parent is not None and parent not in found:
            found.add(parent)
            parent = parents.get(parent)
    return found


def _kept_by(
    held: list[DepartmentFigures], keys: tuple[str, str, str], named: Named
) -> Iterator[Sentence]:
    """Yield how those stand that have a target, by `keys` of sentences as `_LOWEST` has them."""
    kept, passed, heading_over = keys
    over, ahead = _of(held, TargetVerdict.OVER), _of(held, TargetVerdict.HEADING_OVER)
    if held and not over and not ahead:
        yield sentence(kept, of=len(held))
    for key, some in ((passed, over), (heading_over, ahead)):
        if some:
            names = tuple(named(one.department) for one in some[:_NAMED])
            yield sentence(key, of=len(held), over=len(some), names=_and_more(names, len(some)))


def _of(some: list[DepartmentFigures], verdict: TargetVerdict) -> list[DepartmentFigures]:
    """Return those that stand so, the farthest above its target first."""
    found = [one for one in some if one.figures.verdict is verdict]
    return sorted(found, key=lambda one: -(one.figures.ratio or 0.0))


def _and_more(names: tuple[str, ...], every: int) -> Sentence:
    names = tuple(one if len(one) <= _LONGEST else f"{one[: _LONGEST - 1]}…" for one in names)
    if every == len(names):
        return sentence("monthly.names", names=names)
    return sentence("monthly.names.more", names=names, more=every - len(names))


# How sure all that is.


def _known(report: MonthReport, figures: Figures) -> Iterator[Sentence]:
    yield _read(report, figures)
    if figures.since is not None:
        yield sentence("monthly.since", said=measured_since(figures.since))
    if figures.margin:
        yield sentence("monthly.range", low=amount_of(figures.low), high=amount_of(figures.high))
    yield from _paper_known(figures)
    if figures.in_question:
        yield sentence("monthly.in_question", pages=amount_of(figures.in_question))
    if figures.gaps:
        yield _gaps(figures)
    if lacking := tuple(_lacking(figures)):
        yield sentence("monthly.lacking", items=lacking)


def _gaps(figures: Figures) -> Sentence:
    """Return of how many copiers something is missing, and what; not each of them by name."""
    lacks = tuple(dict.fromkeys(one.lack for one in figures.gaps))
    return sentence(
        "monthly.gaps",
        copiers=len({one.place for one in figures.gaps}),
        why=tuple(sentence(f"lack.{one.value}") for one in lacks),
    )


def _read(report: MonthReport, figures: Figures) -> Sentence:
    """Return which copiers were read; of a month before the first reading, that none was."""
    if report.stage is Stage.OPEN and not figures.whole and figures.since is None:
        return sentence("monthly.old_sheet")
    if not figures.places:
        return sentence("monthly.no_copiers")
    if not figures.missing:
        return sentence("monthly.read_all", places=figures.places)
    known = {one.place: one.name for one in report.places}
    names = tuple(known.get(one, one) for one in figures.missing[:_NAMED])
    return sentence(
        "monthly.read",
        places=figures.places,
        read=figures.places_read,
        names=_and_more(names, len(figures.missing)),
    )


def _paper_known(figures: Figures) -> Iterator[Sentence]:
    used, quality = figures.sheets.paper, figures.sheets.quality
    if used is None:
        yield sentence("monthly.paper.unknown", said=paper(figures.sheets))
    elif used.low != used.high:
        key = "monthly.paper.range"
        if quality is SheetQuality.ESTIMATED:
            key = "monthly.paper.estimated"
        yield sentence(key, low=used.low, high=used.high)


def _lacking(figures: Figures) -> Iterator[Sentence]:
    """Yield what nobody stated, so that a figure is missing."""
    burden, has_gaps = figures.burden, bool(figures.gaps)
    if figures.people is None:
        yield sentence("monthly.lacking.people")
    if not has_gaps and burden.cost_yen is None:
        yield sentence("monthly.lacking.prices")
    if not has_gaps and burden.paper_yen is None and figures.sheets.paper is not None:
        yield sentence("monthly.lacking.paper_price")
    if not has_gaps and burden.hours is None:
        yield sentence("monthly.lacking.seconds")
