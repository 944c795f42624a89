"""Targets: how many impressions or sheets a department, or the whole office, may print in a month.

A target is a figure for one month or for all; or a plan that holds from a month on: a figure, so
many per cent under the same month of a base year, a path that steps down to a goal, or the budget
of a fiscal year. A plan never changes a month before its first. Where a figure that a target rests
on is not known there is no target, and a reason instead: never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from collector.domain.office.office_calendar import (
    Office,
    fiscal_months,
    fiscal_year,
    month_index,
    months_later,
    same_month,
)
from collector.domain.office.season import spread

_YEAR = 12
_WHOLE = 100


class Measure(StrEnum):
    """What a target counts; figures of two measures are never added or compared."""

    IMPRESSIONS = "impressions"
    COLOR = "color_impressions"
    SHEETS = "sheets"


@dataclass(frozen=True, slots=True)
class Base:
    """What a reduction is measured from.

    `pages` a month; or the same month of the fiscal `year`; or, with neither, of the year before.
    """

    pages: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many impressions in every month."""

    pages: int


@dataclass(frozen=True, slots=True)
class Less:
    """`percent` (0 to 100) under the base."""

    base: Base
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """Down from the base by equal steps a month, to reach the goal in the month `goal`, and stay.

    The goal is `percent` under the base, or `pages` a month; exactly one of them is set. The month
    before the plan's first stands at the base itself.
    """

    base: Base
    goal: str
    percent: Decimal | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """So many impressions in a fiscal year, spread over its months as last year's pages were."""

    pages: int


Rule = Fixed | Less | Path | Budget


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """`rule` holds from the closing month `start` to `until` (inclusive) or the next plan."""

    start: str
    rule: Rule
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """What is stated for one department, or for the whole office.

    A month's own figure in `months` wins over the plan that holds, and that over `default`.
    `plans` are in order of `start` and do not overlap. All of them are in `measure`, whatever is
    said of impressions and pages below. Pages that were declared excluded (elections, what law
    requires) do not count, unless `with_excluded`; a base month is counted likewise.
    """

    default: int | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    plans: tuple[TargetPlan, ...] = ()
    measure: Measure = Measure.IMPRESSIONS
    with_excluded: bool = False

    def of(self, month: str) -> int | TargetPlan | None:
        """Return what decides `month` (like 2026-11): a figure, a plan, or None for nothing."""
        if month in self.months:
            return self.months[month]
        held = [one for one in self.plans if one.start <= month]
        if held and (held[-1].until is None or month <= held[-1].until):
            return held[-1]
        return self.default


NO_TARGETS = Targets()


class TargetSource(StrEnum):
    """How a target came about, or why there is none."""

    FIGURE = "figure"
    LESS = "less"
    PATH = "path"
    BUDGET = "budget"
    SUM = "sum"
    NOT_SET = "not_set"
    BASE_UNKNOWN = "base_unknown"
    YEAR_UNKNOWN = "year_unknown"
    PART_MISSING = "part_missing"
    PART_MEASURED = "part_measured"
    UNITS_DIFFER = "units_differ"
    SHEETS_UNKNOWN = "sheets_unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """A month's target in its `measure`, or None, and what it rests on.

    `base` impressions of the month `base_month` are what it was measured from, where there was a
    base; with `BASE_UNKNOWN` that month's pages are not known. `percent` is by how much it lies
    under the base; `budget` the year's pages that it is a part of. With `YEAR_UNKNOWN` a month
    of the budget's year before the plan has no target, so that its rest is not known. With
    `PART_MISSING` some departments have a target and others none, so that they do not add up.
    With `PART_MEASURED` the month began before the first reading: part of a month is not held
    against a whole month's target. With `UNITS_DIFFER` departments have targets in different
    measures, which do not add up; with `SHEETS_UNKNOWN` nobody knows what was used of it.
    `with_excluded`: excluded pages count as well. On a path `goal` is what the same month may use
    once the goal is reached, in the month `goal_month`.
    """

    pages: int | None
    source: TargetSource
    base_month: str | None = None
    base: int | None = None
    percent: Decimal | None = None
    budget: int | None = None
    measure: Measure = Measure.IMPRESSIONS
    with_excluded: bool = False
    goal_month: str | None = None
    goal: int | None = None


NOT_SET = Target(None, TargetSource.NOT_SET)


def target_of(targets: Targets, month: str, past: Mapping[str, int], office: Office) -> Target:
    """Return the target of the closing month called `month`.

    `past` is what was used by month, in the measure of `targets` and as far as it is known: base
    months and last year's season are looked up there. Parts of a page are rounded down: a target is
    what may be printed at most.
    """
    found = _target_of(targets, month, past, office)
    return replace(found, measure=targets.measure, with_excluded=targets.with_excluded)


def _target_of(targets: Targets, month: str, past: Mapping[str, int], office: Office) -> Target:
    stated = targets.of(month)
    if stated is None:
        return NOT_SET
    if isinstance(stated, int):
        return Target(stated, TargetSource.FIGURE)
    match stated.rule:
        case Fixed(pages):
            return Target(pages, TargetSource.FIGURE)
        case Less(base, percent):
            return _less(base, percent, month, past, office)
        case Path():
            return _on_path(stated.start, stated.rule, month, past, office)
        case Budget(pages):
            return _part_of_budget(targets, stated.start, pages, month, past, office)


def sum_of(parts: Sequence[Target]) -> Target:
    """Return the target that `parts` make together; none where one has none or another measure."""
    known = [one.pages for one in parts if one.pages is not None]
    measures = {(one.measure, one.with_excluded) for one in parts if one.pages is not None}
    if len(known) == len(parts) and len(measures) == 1:
        ((measure, with_excluded),) = measures
        return Target(sum(known), TargetSource.SUM, measure=measure, with_excluded=with_excluded)
    if len(measures) > 1:
        return Target(None, TargetSource.UNITS_DIFFER)
    return Target(None, TargetSource.PART_MISSING) if known else NOT_SET


def months_behind(targets: Targets, month: str, office: Office) -> frozenset[str]:
    """Return the months whose pages `target_of` may look up for `month`."""
    stated = targets.of(month)
    if not isinstance(stated, TargetPlan):
        return frozenset()
    match stated.rule:
        case Fixed():
            return frozenset()
        case Less(base) | Path(base):
            found = _base_month(base, month, office)
            return frozenset({found} if found else ())
        case Budget():
            year = fiscal_months(fiscal_year(month, office.year_begins), office.year_begins)
            before = [one for one in year if one < stated.start]
            behind = (months_behind(targets, one, office) for one in before)
            return frozenset(months_later(one, -_YEAR) for one in year).union(*behind)


def _base_month(base: Base, month: str, office: Office) -> str | None:
    if base.pages is not None:
        return None
    if base.year is None:
        return months_later(month, -_YEAR)
    return same_month(month, base.year, office.year_begins)


def _found_base(
    base: Base, month: str, past: Mapping[str, int], office: Office
) -> tuple[str | None, int | None]:
    """Return the base month, if any, and its pages, if known."""
    found = _base_month(base, month, office)
    return found, base.pages if found is None else past.get(found)


def _less(
    base: Base, percent: Decimal, month: str, past: Mapping[str, int], office: Office
) -> Target:
    base_month, pages = _found_base(base, month, past, office)
    if pages is None:
        return Target(None, TargetSource.BASE_UNKNOWN, base_month, percent=percent)
    left = pages * (1 - Fraction(percent) / _WHOLE)
    return Target(int(left), TargetSource.LESS, base_month, pages, percent)


def _on_path(start: str, path: Path, month: str, past: Mapping[str, int], office: Office) -> Target:
    base_month, pages = _found_base(path.base, month, past, office)
    steps = month_index(path.goal) - month_index(start) + 1
    gone = Fraction(min(steps, month_index(month) - month_index(start) + 1), steps)
    if pages is None:
        return Target(None, TargetSource.BASE_UNKNOWN, base_month)
    if path.percent is not None:
        goal = pages * (1 - Fraction(path.percent) / _WHOLE)
    else:
        goal = Fraction(path.pages or 0)
    left = pages + (goal - pages) * gone
    found = Target(int(left), TargetSource.PATH, base_month, pages, _percent(pages, left))
    return replace(found, goal_month=path.goal, goal=int(goal))


def _percent(base: int, left: Fraction) -> Decimal | None:
    """Return by how many per cent `left` lies under `base`, with one decimal."""
    if base == 0:
        return None
    tenths = round((1 - left / base) * _WHOLE * 10)
    return Decimal(tenths) / 10


def _part_of_budget(
    targets: Targets, start: str, pages: int, month: str, past: Mapping[str, int], office: Office
) -> Target:
    """Return the month's part of the year's budget.

    A budget that starts within a year is that year's new budget: months before keep their
    targets, and those from `start` on share what these leave. Figures of single months change
    nothing of the other months' parts.
    """
    year = fiscal_months(fiscal_year(month, office.year_begins), office.year_begins)
    before = [target_of(targets, one, past, office).pages for one in year if one < start]
    if None in before:
        return Target(None, TargetSource.YEAR_UNKNOWN, budget=pages)
    rest = max(0, pages - sum(one or 0 for one in before))
    shared = [one for one in year if one >= start]
    periods = [office.period(one) for one in shared]
    parts = spread(
        rest,
        [past.get(months_later(one, -_YEAR)) for one in shared],
        [office.working_days(one.start, one.end) for one in periods],
    )
    return Target(parts[shared.index(month)], TargetSource.BUDGET, budget=pages)


# A target plan as the terms in which people state it, and back.


Term = int | str | Decimal

LAST_YEAR = "last"
"""As `base_year`: the same month of the year before, whichever that is."""


def terms_of(plan: TargetPlan) -> dict[str, Term]:
    """Return `plan` as terms: `from`, `until`, and those that state its rule."""
    until = {} if plan.until is None else {"until": plan.until}
    return {"from": plan.start, **until, **_rule_terms(plan.rule)}


def plan_of(terms: Mapping[str, Term]) -> TargetPlan:
    """Return the plan that sound `terms` state; terms that do not fit raise KeyError."""
    until = terms.get("until")
    return TargetPlan(str(terms["from"]), _rule_of(terms), None if until is None else str(until))


def _rule_terms(rule: Rule) -> dict[str, Term]:
    match rule:
        case Fixed(pages):
            return {"pages": pages}
        case Less(base, percent):
            return {"less_percent": percent, **_base_terms(base)}
        case Path(base, goal, percent, pages):
            stated: dict[str, Term] = {}
            if percent is not None:
                stated["less_percent"] = percent
            if pages is not None:
                stated["goal_pages"] = pages
            return {**stated, **_base_terms(base), "goal": goal}
        case Budget(pages):
            return {"year_budget": pages}


def _base_terms(base: Base) -> dict[str, Term]:
    if base.pages is not None:
        return {"base_pages": base.pages}
    return {"base_year": LAST_YEAR if base.year is None else base.year}


def _rule_of(terms: Mapping[str, Term]) -> Rule:
    if "pages" in terms:
        return Fixed(int(terms["pages"]))
    if "year_budget" in terms:
        return Budget(int(terms["year_budget"]))
    percent = Decimal(terms["less_percent"]) if "less_percent" in terms else None
    if "goal" in terms:
        pages = int(terms["goal_pages"]) if percent is None else None
        return Path(_base_of(terms), str(terms["goal"]), percent, pages)
    return Less(_base_of(terms), Decimal(terms["less_percent"]))


def _base_of(terms: Mapping[str, Term]) -> Base:
    if "base_pages" in terms:
        return Base(pages=int(terms["base_pages"]))
    year = terms["base_year"]
    return Base() if year == LAST_YEAR else Base(year=int(year))
