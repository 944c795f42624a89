"""A target plan as the terms in which people state it, and back."""

from collections.abc import Mapping
from decimal import Decimal

from collector.domain.targets import Base, Budget, Fixed, Less, Path, Rule, TargetPlan

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
