"""Targets as a file states them, and every check that makes them Targets."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field, PlainValidator

from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import fiscal_months, fiscal_year, months_later
from collector.domain.office.targets import LAST_YEAR, Measure, TargetPlan, Targets, Term, plan_of
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.values import Amount, MonthName, Pages, month_problem
from collector.user_files.lines import FilePath
from collector.user_files.report import PathWhere, ProblemReport, RefusedValue, Where, below, hint
from collector.user_files.tables import FileTable, WhenMissing, is_sound, tell

PLAN: Final = "plan"
_RULES: Final = ("pages", "less_percent", "goal_pages", "year_budget")
_BASES: Final = ("base_year", "base_pages")
_FEWEST, _MOST = Decimal(0), Decimal(100)
_FINEST: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class DraftTarget:
    """A department's target, for `month` or (None) for every month without one of its own."""

    where: Where
    department: str
    month: str | None
    pages: int


@dataclass(frozen=True, slots=True)
class DraftMeasure:
    """In what a department's targets are: `unit` and what of it, None where nothing is stated.

    `with_excluded`: pages that are declared excluded count as well.
    """

    where: Where
    department: str
    unit: str | None = None
    of: str | None = None
    with_excluded: bool = False

    @property
    def measure(self) -> Measure | None:
        """What that is, None where there is no such thing."""
        return _MEASURES.get((self.unit or _UNITS[0], self.of or _PARTS[0]))


_UNITS: Final = ("impressions", "sheets")
_PARTS: Final = ("all", "color")
_MEASURES: Final[Mapping[tuple[str, str], Measure]] = {
    ("impressions", "all"): Measure.IMPRESSIONS,
    ("impressions", "color"): Measure.COLOR,
    ("sheets", "all"): Measure.SHEETS,
}


def measure_terms(measure: Measure) -> dict[str, str]:
    """Return how a file states `measure`: nothing where that is what nobody need state."""
    unit, part = next(key for key, one in _MEASURES.items() if one is measure)
    stated = {"unit": unit, "of": part}
    return {key: one for key, one in stated.items() if one not in {_UNITS[0], _PARTS[0]}}


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """A plan as stated: its terms by key. `is_sound` is false where one was refused already."""

    where: Where
    department: str
    terms: Mapping[str, Term]
    is_sound: bool = True


def _base_year(value: object) -> int | str:
    if value == LAST_YEAR:
        return LAST_YEAR
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RefusedValue("base_year_kind", last=LAST_YEAR)


class PlanTable(FileTable):
    """A plan of targets: when it holds, and one of the rules for what it comes to."""

    start: Annotated[MonthName | None, WhenMissing("missing_month")] = Field(alias="from")
    until: MonthName | None = None
    goal: MonthName | None = None
    less_percent: Amount | None = None
    base_year: Annotated[int | str, PlainValidator(_base_year)] | None = None
    pages: Pages | None = None
    goal_pages: Pages | None = None
    year_budget: Pages | None = None
    base_pages: Pages | None = None

    def draft(self, department: str, where: PathWhere, path: FilePath = ()) -> DraftPlan:
        """Return what the table, which stands at `path`, states; its faults are told elsewhere."""
        terms = {
            info.alias or name: getattr(self, name)
            for name, info in type(self).model_fields.items()
        }
        stated = {key: term for key, term in terms.items() if term is not None}
        return DraftPlan(below(where, path), department, stated, is_sound(self))


def read_plan(
    department: str, tree: Mapping[str, object], where: PathWhere, report: ProblemReport
) -> DraftPlan:
    """Return the plan that `tree` states; what cannot be meant is told."""
    table = PlanTable.model_validate(tree)
    tell(table, where, report)
    return table.draft(department, where)


def check_targets(
    targets: Iterable[DraftTarget],
    plans: Iterable[DraftPlan],
    known: Collection[str],
    year_begins: int | None,
    report: ProblemReport,
    measures: Iterable[DraftMeasure] = (),
) -> None:
    """Tell every fault; `year_begins` is None where the fiscal year is not known."""
    known = {*known, WHOLE_OFFICE}
    targets, plans = tuple(targets), tuple(plans)
    named = {one.department for one in targets} | {one.department for one in plans}
    for stated in measures:
        _check_measure(stated, report)
        if stated.department not in named:
            _check_department(stated.where, stated.department, known, report)
    for one in targets:
        _check_department(one.where, one.department, known, report)
        if one.month is not None and (problem := month_problem(one.month)):
            report.problem(one.where(one.month), problem)
        if one.pages < 0:
            told = said("target_negative", pages=one.pages)
            report.problem(one.where(one.month or "default"), told)
    sound: dict[str, list[DraftPlan]] = {}
    for plan in plans:
        _check_department(plan.where, plan.department, known, report)
        before = len(report.problems)
        if plan.is_sound:
            _check_plan(plan, year_begins, report)
        if plan.is_sound and len(report.problems) == before:
            sound.setdefault(plan.department, []).append(plan)
    for department in sound.values():
        _check_overlaps(department, report)


def _check_measure(one: DraftMeasure, report: ProblemReport) -> None:
    for key, value, known in (("unit", one.unit, _UNITS), ("of", one.of, _PARTS)):
        if value is not None and value not in known:
            report.problem(one.where(key), said("no_measure", value=repr(value), known=known))
            return
    if one.measure is None:
        report.problem(one.where("of"), said("no_color_sheets"))


def targets_of(
    targets: Iterable[DraftTarget],
    plans: Iterable[DraftPlan],
    measures: Iterable[DraftMeasure] = (),
) -> dict[DepartmentId, Targets]:
    """Return the checked drafts as targets by department; plans that were refused are left out."""
    measures = tuple(measures)
    counted = {one.department: one.measure for one in measures if one.measure is not None}
    gross = {one.department for one in measures if one.with_excluded}
    defaults: dict[str, int] = {}
    months: dict[str, dict[str, int]] = {}
    planned: dict[str, list[TargetPlan]] = {}
    for one in targets:
        by_month = months.setdefault(one.department, {})
        if one.month is None:
            defaults[one.department] = one.pages
        else:
            by_month[one.month] = one.pages
    for plan in plans:
        if plan.is_sound:
            planned.setdefault(plan.department, []).append(plan_of(plan.terms))
    return {
        DepartmentId(name): Targets(
            defaults.get(name),
            months.get(name, {}),
            tuple(sorted(planned.get(name, ()), key=lambda one: one.start)),
            counted.get(name, Measure.IMPRESSIONS),
            name in gross,
        )
        for name in [*months, *(one for one in planned if one not in months)]
    }


def _check_department(
    where: Where, name: str, known: Collection[str], report: ProblemReport
) -> None:
    if name not in known:
        told = said("no_department", name=repr(name), hint=hint(name, known))
        report.problem(where(""), told)


def _check_plan(plan: DraftPlan, year_begins: int | None, report: ProblemReport) -> None:
    terms, told = plan.terms, _teller(plan, report)
    rules = [key for key in _RULES if key in terms]
    if not rules:
        told("", said("plan_empty", keys=_RULES))
        return
    if len(rules) > 1:
        told(rules[1], said("plan_both", other=rules[0]))
        return
    _check_span(terms, told)
    _check_figures(terms, told)
    if rules[0] in {"less_percent", "goal_pages"}:
        _check_base(rules[0], terms, year_begins, told)
    else:
        for key in (*_BASES, "goal"):
            if key in terms:
                told(key, said("plan_no_use", rule=rules[0]))
    if rules[0] == "year_budget":
        _check_budget_end(terms, year_begins, told)


_Tell = Callable[[str, Sentence], None]


def _teller(plan: DraftPlan, report: ProblemReport) -> _Tell:
    return lambda key, sentence: report.problem(plan.where(key), sentence)


def _check_span(terms: Mapping[str, Term], told: _Tell) -> None:
    start = str(terms["from"])
    for key, code in (("until", "plan_ends_early"), ("goal", "goal_early")):
        if key in terms and str(terms[key]) < start:
            told(key, said(code, month=terms[key], start=start))


def _check_figures(terms: Mapping[str, Term], told: _Tell) -> None:
    percent = terms.get("less_percent")
    if isinstance(percent, Decimal) and not _FEWEST <= percent <= _MOST:
        told("less_percent", said("reduction", percent=percent))
    elif isinstance(percent, Decimal) and percent % _FINEST:
        told("less_percent", said("decimals"))
    for key in ("pages", "goal_pages", "year_budget", "base_pages"):
        pages = terms.get(key)
        if isinstance(pages, int) and pages < 0:
            told(key, said("pages_negative", pages=pages))


def _check_base(rule: str, terms: Mapping[str, Term], year_begins: int | None, told: _Tell) -> None:
    bases = [key for key in _BASES if key in terms]
    if not bases:
        told(rule, said("less_than_what", last=repr(LAST_YEAR)))
    elif len(bases) > 1:
        told(bases[1], said("plan_both", other=bases[0]))
    if rule == "goal_pages" and "goal" not in terms:
        told(rule, said("goal_missing"))
    base, goal = terms.get("base_pages"), terms.get("goal_pages")
    if isinstance(base, int) and isinstance(goal, int) and goal > base:
        told("goal_pages", said("goal_above", goal=goal, base=base))
    year = terms.get("base_year")
    if year_begins is not None and isinstance(year, int):
        first = fiscal_year(str(terms["from"]), year_begins)
        if year >= first:
            told("base_year", said("base_year_late", year=year, first=first))


def _check_budget_end(terms: Mapping[str, Term], year_begins: int | None, told: _Tell) -> None:
    if year_begins is None or "until" not in terms:
        return
    until = str(terms["until"])
    last = fiscal_months(fiscal_year(until, year_begins), year_begins)[-1]
    if until != last:
        told("until", said("budget_end", last=last))


def _check_overlaps(plans: Iterable[DraftPlan], report: ProblemReport) -> None:
    ordered = sorted(plans, key=lambda one: str(one.terms["from"]))
    for one, following in pairwise(ordered):
        start = str(following.terms["from"])
        if start == one.terms["from"]:
            report.problem(following.where("from"), said("plan_begins_twice", start=start))
        elif str(one.terms.get("until", "")) >= start:
            told = said("plans_overlap", start=start, before=months_later(start, -1))
            report.problem(one.where("until"), told)
