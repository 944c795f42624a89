"""Since when a month is measured: one that began before the first reading is no whole month."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from collector.domain.entries import Entry, ManualReading, in_force
from collector.domain.fleet import UNASSIGNED, WHOLE_OFFICE, DepartmentId, Fleet, Place
from collector.domain.office import ONE_DAY, Office, Period
from collector.domain.reading import PlaceId

Begun = dict[PlaceId, date]
"""Place -> local day of its first reading; one that was never read is absent."""


def measured_since(
    places: Iterable[Place], begun: Begun, period: Period, department: DepartmentId
) -> date | None:
    """Return the first day of which any of the department's pages in `period` are known.

    None where that is the whole period: one of its places was read from the day on from which the
    department answers for it; or where none was ever read. `WHOLE_OFFICE` is any department.
    """
    found: list[date] = []
    for place in places:
        asked = _asked(place, period, department)
        first = begun.get(place.id)
        if asked is not None and first is not None:
            if first <= asked:
                return None
            found.append(first)
    return min(found, default=None)


def is_part(since: date | None, period: Period, office: Office) -> bool:
    """Say whether working days of `period` had passed before the first reading.

    Part of a month is not held against a whole month's target: nobody knows what was printed
    before, and the part's own share of the target would only be another guess.
    """
    return since is not None and office.working_days(period.start, since - ONE_DAY) > 0


def _asked(place: Place, period: Period, department: DepartmentId) -> date | None:
    """Return the first day of `period` on which `department` answers for `place`."""
    starts = [one.start for one in place.assignments if one.start in period]
    for day in (period.start, *starts) if place.stands_on(period.start) else ():
        shares = place.shares_on(day)
        anybody = not place.assignments or UNASSIGNED not in shares
        if department in shares or (department == WHOLE_OFFICE and anybody):
            return day
    return None


def begun_by(heard: Mapping[PlaceId, datetime], entries: Iterable[Entry], office: Office) -> Begun:
    """Return when each place was read first: by the collector, or by a person off its panel."""
    found = {place: office.local_day(at) for place, at in heard.items()}
    for one in in_force(entries):
        if isinstance(one, ManualReading):
            day = office.local_day(one.at)
            found[one.place] = min(day, found.get(one.place, day))
    return found


def part_measured(fleet: Fleet, begun: Begun, period: Period) -> frozenset[DepartmentId]:
    """Return the departments, `WHOLE_OFFICE` among them, of which `period` is no whole month.

    Their pages in it are no base of a target, no last year and no season.
    """
    every = (*(one.id for one in fleet.departments), WHOLE_OFFICE)
    return frozenset(
        one for one in every if measured_since(fleet.places, begun, period, one) is not None
    )
