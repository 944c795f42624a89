"""Targets as a file states them, and every check that makes them Targets."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import fiscal_months, fiscal_year, months_later
from collector.domain.office.targets import LAST_YEAR, TargetPlan, Targets, Term, plan_of
from collector.settings.problems import ProblemReport, did_you_mean
from collector.settings.toml_table import TomlTable, Where
from collector.settings.values import month_problem

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
class DraftPlan:
    """A plan as stated: its terms by key. `is_sound` is false where one was refused already."""

    where: Where
    department: str
    terms: Mapping[str, Term]
    is_sound: bool = True


def read_plan(department: str, table: TomlTable, report: ProblemReport) -> DraftPlan:
    """Return the plan that `table` states; what cannot be meant is told."""
    before = len(report.problems)
    terms: dict[str, Term | None] = {
        "from": table.month("from", needed=True),
        "until": table.month("until"),
        "goal": table.month("goal"),
        "less_percent": table.amount("less_percent"),
        "base_year": _base_year(table, report),
    }
    terms |= {key: table.whole(key, None) for key in ("pages", "goal_pages", "year_budget")}
    terms["base_pages"] = table.whole("base_pages", None)
    table.finish()
    stated = {key: term for key, term in terms.items() if term is not None}
    return DraftPlan(table.where, department, stated, len(report.problems) == before)


def _base_year(table: TomlTable, report: ProblemReport) -> int | str | None:
    value = table.value("base_year")
    if value is None or value == LAST_YEAR:
        return None if value is None else LAST_YEAR
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    report.problem(
        table.where("base_year"), f'must be a fiscal year like 2025, or "{LAST_YEAR}" for last year'
    )
    return None


def check_targets(
    targets: Iterable[DraftTarget],
    plans: Iterable[DraftPlan],
    known: Collection[str],
    year_begins: int | None,
    report: ProblemReport,
) -> None:
    """Tell every fault; `year_begins` is None where the fiscal year is not known."""
    known = {*known, WHOLE_OFFICE}
    for one in targets:
        _check_department(one.where, one.department, known, report)
        if one.month is not None and (problem := month_problem(one.month)):
            report.problem(one.where(one.month), problem)
        if one.pages < 0:
            report.problem(
                one.where(one.month or "default"),
                f"{one.pages} is no target; write the pages allowed, 0 or more",
            )
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


def targets_of(
    targets: Iterable[DraftTarget], plans: Iterable[DraftPlan]
) -> dict[DepartmentId, Targets]:
    """Return the checked drafts as targets by department; plans that were refused are left out."""
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
        )
        for name in [*months, *(one for one in planned if one not in months)]
    }


def _check_department(
    where: Where, name: str, known: Collection[str], report: ProblemReport
) -> None:
    if name not in known:
        report.problem(where(""), f"there is no department {name!r}; {did_you_mean(name, known)}")


def _check_plan(plan: DraftPlan, year_begins: int | None, report: ProblemReport) -> None:
    terms, told = plan.terms, _teller(plan, report)
    rules = [key for key in _RULES if key in terms]
    if not rules:
        told("", f"says nothing; write one of {', '.join(_RULES)}")
        return
    if len(rules) > 1:
        told(rules[1], f"does not go together with {rules[0]}; keep one of the two")
        return
    _check_span(terms, told)
    _check_figures(terms, told)
    if rules[0] in {"less_percent", "goal_pages"}:
        _check_base(rules[0], terms, year_begins, told)
    else:
        for key in (*_BASES, "goal"):
            if key in terms:
                told(key, f"has no use with {rules[0]}; remove it")
    if rules[0] == "year_budget":
        _check_budget_end(terms, year_begins, told)


_Tell = Callable[[str, str], None]


def _teller(plan: DraftPlan, report: ProblemReport) -> _Tell:
    return lambda key, message: report.problem(plan.where(key), message)


def _check_span(terms: Mapping[str, Term], told: _Tell) -> None:
    start = str(terms["from"])
    for key, what in (("until", "the plan ends"), ("goal", "the goal lies")):
        if key in terms and str(terms[key]) < start:
            told(key, f"{what} {terms[key]}, before it begins in {start}; correct one of the two")


def _check_figures(terms: Mapping[str, Term], told: _Tell) -> None:
    percent = terms.get("less_percent")
    if isinstance(percent, Decimal) and not _FEWEST <= percent <= _MOST:
        told("less_percent", f"{percent} is no reduction; write 0 to 100, so many per cent less")
    elif isinstance(percent, Decimal) and percent % _FINEST:
        told("less_percent", "has more than two decimals; round it")
    for key in ("pages", "goal_pages", "year_budget", "base_pages"):
        pages = terms.get(key)
        if isinstance(pages, int) and pages < 0:
            told(key, f"{pages} is no number of pages; write 0 or more")


def _check_base(rule: str, terms: Mapping[str, Term], year_begins: int | None, told: _Tell) -> None:
    bases = [key for key in _BASES if key in terms]
    if not bases:
        told(rule, f"less than what? add base_year (a fiscal year, or {LAST_YEAR!r}) or base_pages")
    elif len(bases) > 1:
        told(bases[1], f"does not go together with {bases[0]}; keep one of the two")
    if rule == "goal_pages" and "goal" not in terms:
        told(rule, 'needs the month in which it is reached; add goal = "2029-03"')
    base, goal = terms.get("base_pages"), terms.get("goal_pages")
    if isinstance(base, int) and isinstance(goal, int) and goal > base:
        told("goal_pages", f"{goal} is more than the base of {base}; a path leads down")
    year = terms.get("base_year")
    if year_begins is not None and isinstance(year, int):
        first = fiscal_year(str(terms["from"]), year_begins)
        if year >= first:
            told(
                "base_year",
                f"{year} is not before the plan, which begins in the fiscal year {first}; "
                f"name an earlier year",
            )


def _check_budget_end(terms: Mapping[str, Term], year_begins: int | None, told: _Tell) -> None:
    if year_begins is None or "until" not in terms:
        return
    until = str(terms["until"])
    last = fiscal_months(fiscal_year(until, year_begins), year_begins)[-1]
    if until != last:
        told("until", f"a year's budget ends with a fiscal year; write {last}, or leave it off")


def _check_overlaps(plans: Iterable[DraftPlan], report: ProblemReport) -> None:
    ordered = sorted(plans, key=lambda one: str(one.terms["from"]))
    for one, following in pairwise(ordered):
        start = str(following.terms["from"])
        if start == one.terms["from"]:
            report.problem(
                following.where("from"), f"another plan begins in {start} too; keep one of the two"
            )
        elif str(one.terms.get("until", "")) >= start:
            report.problem(
                one.where("until"),
                f"overlaps with the plan from {start}; write {months_later(start, -1)}, "
                f"or leave it off: a plan ends where the next begins",
            )
