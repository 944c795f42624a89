"""The sheet of the environmental plan (事務事業編): quarters and year against the base year.

A span of months is only held against the same months of the base year, and only where all of both
are known. A figure that is not known is absent, with a sentence that says why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from collector.domain.cost.footprint import Figure
from collector.domain.cost.purchased import MonthPaper, PaperBalance, paper_excluded
from collector.domain.cost.sheets import Paper, SheetQuality, paper_together
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import (
    EVERYBODY,
    WHOLE_OFFICE,
    Department,
    DepartmentId,
    Fleet,
)
from collector.domain.office.office_calendar import same_month
from collector.domain.office.targets import Budget, Fixed, Rule
from collector.domain.report import sentences
from collector.domain.sentence import Sentence, sentence

_QUARTER: Final = 3
_KILOGRAM: Final = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """Months of a fiscal year that are stated together; `quarter` is 1 to 4, None for the year."""

    quarter: int | None
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a department came to in a span; None is not known, and `reasons` say why.

    `excluded` of the `impressions` no department should answer for; `sheets_without` are the
    sheets without those of such pages. `people` is how many there were on the span's last day.
    `is_final`: all months are closed.
    """

    impressions: int | None = None
    excluded: int | None = None
    sheets: Paper | None = None
    sheets_without: Paper | None = None
    quality: SheetQuality | None = None
    co2_g: Fraction | None = None
    paper_yen: Fraction | None = None
    people: int | None = None
    is_final: bool = False
    reasons: tuple[Sentence, ...] = ()

    @property
    def impressions_without(self) -> int | None:
        """Impressions without those that are excluded."""
        if self.impressions is None or self.excluded is None:
            return None
        return self.impressions - self.excluded

    @property
    def sheets_a_head(self) -> Fraction | None:
        """Sheets for each of the people."""
        if self.sheets is None or self.people is None:
            return None
        return Fraction(self.sheets.value, self.people)

    @property
    def co2_kg(self) -> Fraction | None:
        """Kilograms of CO2 of the paper."""
        return None if self.co2_g is None else self.co2_g / _KILOGRAM


@dataclass(frozen=True, slots=True)
class EnvironmentLine:
    """A department, or the whole office, in a span: this year beside the base year.

    `level` is where the department stands in the tree as the last month ends, None without one.
    """

    span: Span
    department: Department
    now: Amounts
    base: Amounts
    level: int | None = None

    def change(self, of: Callable[[Amounts], int | Fraction | None]) -> Fraction | None:
        """Return by what share a figure differs from the base year's; None without either."""
        now, base = of(self.now), of(self.base)
        return None if now is None or not base else Fraction(now - base) / base

    @property
    def reasons(self) -> tuple[Sentence, ...]:
        """Why figures of it are absent."""
        own = (sentence("environment.now", why=one) for one in self.now.reasons)
        base = (sentence("environment.base", why=one) for one in self.base.reasons)
        return (*own, *base)


@dataclass(frozen=True, slots=True)
class EnvironmentSheet:
    """The quarters of the fiscal `year` that are over, and the year up to the month `until`."""

    site: str
    year: int
    until: str
    base_year: int
    lines: tuple[EnvironmentLine, ...] = field(default=())

    @property
    def excludes(self) -> bool:
        """Whether anything is excluded of this year or of the base year."""
        return any(one.now.excluded or one.base.excluded for one in self.lines)

    @property
    def is_final(self) -> bool:
        """Whether every month of it is closed."""
        return all(one.now.is_final for one in self.lines)


@dataclass(frozen=True, slots=True)
class PlanMonths:
    """What is known of months: those measured as a whole, by name.

    `partly` began before the first reading; any other month is not known at all.
    """

    whole: Mapping[str, OfficeMonth]
    partly: frozenset[str] = frozenset()


def spans_of(months: Sequence[str]) -> tuple[Span, ...]:
    """Return the whole quarters of the first `months` of a fiscal year, and all of these months."""
    starts = range(0, len(months) - _QUARTER + 1, _QUARTER)
    quarters = (Span(at // _QUARTER + 1, tuple(months[at : at + _QUARTER])) for at in starts)
    return (*quarters, Span(None, tuple(months)))


def base_year_of(fleet: Fleet) -> int | None:
    """Return the one base year from which the office's targets are measured, else departments'.

    None where none is stated, or several are.
    """
    for names in ({WHOLE_OFFICE}, {*fleet.targets} - {WHOLE_OFFICE}):
        plans = (plan for name in names for plan in fleet.targets_of(DepartmentId(name)).plans)
        years = {year for plan in plans if (year := _base_of(plan.rule)) is not None}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def _base_of(rule: Rule) -> int | None:
    return None if isinstance(rule, Fixed | Budget) else rule.base.year


def environment_lines(
    months: Sequence[str], base_year: int, year_begins: int, known: PlanMonths
) -> tuple[EnvironmentLine, ...]:
    """Return a line for the office and each department of the last of `months`, span by span."""
    last = known.whole.get(months[-1])
    stated = () if last is None else last.departments
    levels = {one.department: one.level for one in stated}
    found: list[EnvironmentLine] = []
    for span in spans_of(months):
        base = tuple(same_month(one, base_year, year_begins) for one in span.months)
        found += (
            EnvironmentLine(
                *(span, one, _amounts(one, span.months, known), _amounts(one, base, known)),
                level=levels.get(one),
            )
            for one in (EVERYBODY, *levels)
        )
    return tuple(found)


def _amounts(of: Department, months: Sequence[str], known: PlanMonths) -> Amounts:
    """Return what `of` came to in `months`; nothing where one of them is not known whole."""
    partly = tuple(one for one in months if one in known.partly)
    unknown = tuple(one for one in months if one not in known.whole and one not in partly)
    if partly or unknown:
        reasons = []
        if unknown:
            reasons.append(sentence("environment.months_unknown", months=unknown))
        if partly:
            reasons.append(sentence("environment.months_partly", months=partly))
        return Amounts(reasons=tuple(reasons))
    found = [_month_of(known.whole[one], of) for one in months]
    lines = [one for one in found if one is not None]
    if len(lines) < len(found):
        absent = tuple(name for name, one in zip(months, found, strict=True) if one is None)
        return Amounts(reasons=(sentence("environment.not_there", months=absent),))
    return _together(lines)


def _month_of(month: OfficeMonth, of: Department) -> DepartmentMonth | None:
    if of.id == WHOLE_OFFICE:
        return month.office
    return next((one for one in month.departments if one.department.id == of.id), None)


def _together(lines: Sequence[DepartmentMonth]) -> Amounts:
    reasons: list[Sentence] = []
    counted = [MonthPaper(one.period.name, one.sheets, one.pages, one.excluded) for one in lines]
    paper = paper_together([one.sheets for one in counted])
    without = PaperBalance(None, None, paper.paper, paper_excluded(counted)).counted
    if paper.paper is None:
        reasons.append(sentences.paper(paper))
    co2, why = _sum(one.footprint.co2_g for one in lines)
    yen, _ = _sum(one.footprint.paper_cost for one in lines)
    reasons += why
    people = lines[-1].people
    if people is None:
        reasons.append(sentence("environment.no_people"))
    return Amounts(
        impressions=sum(one.pages for one in lines),
        excluded=sum(one.excluded for one in lines),
        sheets=paper.paper,
        sheets_without=without,
        quality=paper.quality,
        co2_g=co2,
        paper_yen=yen,
        people=people,
        is_final=all(one.final for one in lines),
        reasons=tuple(reasons),
    )


def _sum(figures: Iterable[Figure]) -> tuple[Fraction | None, list[Sentence]]:
    """Return the sum of `figures`, or None and why one of them is not known."""
    every = list(figures)
    gaps = sorted({gap for one in every for gap in one.gaps})
    if gaps:
        return None, [sentence("environment.no_co2", why=sentences.gaps(gaps))]
    if any(one.exact is None for one in every):
        return None, [sentence("environment.no_co2_factor")]
    return sum((one.exact or Fraction(0) for one in every), Fraction(0)), []
