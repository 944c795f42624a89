"""What departments printed in months gone by: base of targets, season and habits of forecasts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from collector.domain.closing.accounts import ByDepartment, added, past_shares, unknown_place
from collector.domain.counting.departments import DepartmentDay, department_days, place_shares
from collector.domain.counting.entries import Entry, PastMonth, in_force
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.office_calendar import Office, Period, fiscal_year, months_later
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import months_behind

Past = Mapping[tuple[DepartmentId, str], int]
"""Department (or `WHOLE_OFFICE`) and month -> impressions; a month that is not known is absent."""

Daily = Mapping[DepartmentId, Mapping[date, int]]
"""Department (or `WHOLE_OFFICE`) -> impressions by local day; a day without pages may be absent."""


@dataclass(frozen=True, slots=True)
class FinishedMonth:
    """Impressions of one finished closing month, by department and of the whole office.

    A department that answered for no place and has no pages is absent: it was not there.
    """

    pages: Mapping[DepartmentId, int] = field(default_factory=dict)
    daily: Daily = field(default_factory=dict)


def past_month(
    days: Iterable[DayUsage], fleet: Fleet, office: Office, period: Period
) -> FinishedMonth:
    """Return `period` as its `days` state it, by who answered for the places then."""
    daily: dict[DepartmentId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in department_days(place_shares(days, fleet, office)):
        if one.day in period:
            for department in (one.department, WHOLE_OFFICE):
                daily[department][one.day] += one.pages.get(TOTAL, 0)
    answering = {
        department
        for place in fleet.places
        if place.stands_on(period.start)
        for start in (period.start, *(one.start for one in place.assignments))
        if start in period
        for department in place.shares_on(start)
    }
    known = {*answering, *daily, WHOLE_OFFICE} - ({UNASSIGNED} - daily.keys())
    pages = {name: sum(daily.get(name, {}).values()) for name in known}
    return FinishedMonth(pages, {name: dict(days) for name, days in daily.items()})


def known_days(
    earlier: Mapping[date, int],
    own: Iterable[DepartmentDay],
    anybodys: Sequence[DayUsage],
    today: date,
) -> dict[date, int]:
    """Return a department's impressions by day, from the first day on that anything is known.

    One that has printed nothing so far, or whose pages were all moved to another department, is
    expected to go on so from the first of `anybodys` days: without that its forecast would be
    absent, and one that was published before would stay as it was.
    """
    daily: dict[date, int] = dict(earlier)
    for one in own:
        daily[one.day] = daily.get(one.day, 0) + one.pages.get(TOTAL, 0)
    if anybodys and not any(day < today for day in daily):
        return {min(day.day for day in anybodys): 0} | daily
    return daily


# Months of old sheets among departments: by who answered for a place on its working days then.


def sheet_months(entries: Iterable[Entry]) -> Mapping[str, Mapping[PlaceId, PastMonth]]:
    """Return month -> place -> what old sheets say of it, as far as it is in force."""
    found: dict[str, dict[PlaceId, PastMonth]] = defaultdict(dict)
    for entry in in_force(entries):
        if isinstance(entry, PastMonth):
            found[entry.period][entry.place] = entry
    return dict(found)


def history_months(
    entries: Iterable[Entry], fleet: Fleet, office: Office
) -> Mapping[tuple[DepartmentId, str], Mapping[Meter, int]]:
    """Return (department, month) -> pages by meter that old sheets say, in whole pages, none lost.

    A place that has left the fleet file answers to `UNASSIGNED`.
    """
    shares: dict[tuple[DepartmentId, str], list[Mapping[Meter, int]]] = defaultdict(list)
    for month, sheet in sheet_months(entries).items():
        for entry in sheet.values():
            for department, pages in shared_month(entry, fleet, office).items():
                shares[department, month].append(pages)
    return {key: added(several) for key, several in shares.items()}


def shared_month(entry: PastMonth, fleet: Fleet, office: Office) -> ByDepartment:
    """Return one place's month among its departments."""
    place = fleet.place(entry.place) or unknown_place(entry.place)
    return past_shares(entry, place, office, office.period(entry.period))


# Which other months say something else when the pages or targets of some months change.


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
