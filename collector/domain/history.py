"""What departments printed in months gone by: base of targets, season and habits of forecasts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from collector.domain.departments import DepartmentDay, department_days, place_shares
from collector.domain.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.meters import TOTAL
from collector.domain.office import Office, Period
from collector.domain.usage import DayUsage

Past = Mapping[tuple[DepartmentId, str], int]
"""Department (or `WHOLE_OFFICE`) and month -> impressions; a month that is not known is absent."""

Daily = Mapping[DepartmentId, Mapping[date, int]]
"""Department (or `WHOLE_OFFICE`) -> impressions by local day; a day without pages may be absent."""


@dataclass(frozen=True, slots=True)
class PastMonth:
    """Impressions of one finished closing month, by department and of the whole office.

    A department that answered for no place and has no pages is absent: it was not there.
    """

    pages: Mapping[DepartmentId, int] = field(default_factory=dict)
    daily: Daily = field(default_factory=dict)


def past_month(days: Iterable[DayUsage], fleet: Fleet, office: Office, period: Period) -> PastMonth:
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
    return PastMonth(pages, {name: dict(days) for name, days in daily.items()})


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
