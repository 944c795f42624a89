"""Months of old sheets among departments: by who answered for a place on its working days then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from collector.domain.entries import Entry, PastMonth, in_force
from collector.domain.fleet import WHOLE, DepartmentId, Fleet, Place
from collector.domain.meters import Meter
from collector.domain.office import Office
from collector.domain.reading import PlaceId
from collector.domain.shares import apportion

Pages = Mapping[Meter, int]


def sheet_months(entries: Iterable[Entry]) -> Mapping[str, Mapping[PlaceId, PastMonth]]:
    """Return month -> place -> what old sheets say of it, as far as it is in force."""
    found: dict[str, dict[PlaceId, PastMonth]] = defaultdict(dict)
    for entry in in_force(entries):
        if isinstance(entry, PastMonth):
            found[entry.period][entry.place] = entry
    return found


def history_months(
    entries: Iterable[Entry], fleet: Fleet, office: Office
) -> Mapping[tuple[DepartmentId, str], Pages]:
    """Return (department, month) -> pages by meter that old sheets say, in whole pages, none lost.

    A place that has left the fleet file answers to `UNASSIGNED`.
    """
    found: dict[tuple[DepartmentId, str], dict[Meter, int]] = {}
    for month, sheet in sheet_months(entries).items():
        for department, pages in department_pages(sheet.values(), fleet, office).items():
            found[department, month] = dict(pages)
    return found


def department_pages(
    sheet: Iterable[PastMonth], fleet: Fleet, office: Office
) -> Mapping[DepartmentId, Pages]:
    """Return the pages of `sheet` by department and meter."""
    sums: dict[DepartmentId, dict[Meter, int]] = defaultdict(lambda: defaultdict(int))
    for entry in sheet:
        for department, pages in shared_out(entry, fleet, office).items():
            for meter, count in pages.items():
                sums[department][meter] += count
    return {department: dict(pages) for department, pages in sums.items()}


def shared_out(entry: PastMonth, fleet: Fleet, office: Office) -> Mapping[DepartmentId, Pages]:
    """Return one place's month among its departments, each by its share of the working days.

    A month without a working day is shared out by all its days.
    """
    place = fleet.place(entry.place) or Place(entry.place, entry.place, "")
    period = office.period(entry.period)
    weights: dict[DepartmentId, Fraction] = defaultdict(Fraction)
    for day in [one for one in period.days if office.works_on(one)] or period.days:
        for department, share in place.shares_on(day).items():
            weights[department] += Fraction(share, WHOLE)
    ordered = dict(sorted(weights.items()))
    parts: dict[DepartmentId, dict[Meter, int]] = {one: {} for one in ordered}
    for meter, pages in entry.pages.items():
        for department, part in apportion(pages, ordered).items():
            parts[department][meter] = part
    return parts
