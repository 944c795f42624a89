"""Which months say something else when the pages or the targets of some months change."""

from collections.abc import Iterable

from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office, fiscal_year, months_later
from collector.domain.office.targets import months_behind

_YEAR = 12


def rest_of_years(changed: Iterable[str], months: Iterable[str], office: Office) -> set[str]:
    """Return `changed` and those of `months` that follow in the same fiscal year.

    They state the year so far, and a year's new budget is what the months before left of it.
    """
    years: dict[int, str] = {}
    for month in changed:
        year = fiscal_year(month, office.year_begins)
        years[year] = min(month, years.get(year, month))
    return {*changed} | {
        month
        for month in months
        if month >= years.get(fiscal_year(month, office.year_begins), "9999")
    }


def based_on(moved: Iterable[str], fleet: Fleet, months: Iterable[str], office: Office) -> set[str]:
    """Return those of `months` whose targets rest on pages that moved, and what follows them."""
    behind = {*moved}
    months = tuple(months)
    if not behind:
        return set()
    changed = {
        month
        for month in months
        for targets in fleet.targets.values()
        if months_behind(targets, month, office) & behind
    }
    return rest_of_years(changed, months, office)


def stale_months(
    moved: Iterable[str], fleet: Fleet, months: Iterable[str], office: Office
) -> set[str]:
    """Return those of `months` that say something else where the pages of `moved` changed.

    These themselves, the rest of their fiscal years, the same months a year later, and those whose
    targets rest on them.
    """
    behind, known = {*moved}, {*months}
    stale = rest_of_years(behind, known, office) | {months_later(one, _YEAR) for one in behind}
    return (stale | based_on(behind, fleet, known, office)) & (known | behind)
