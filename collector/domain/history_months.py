"""Months of old sheets among departments: by who answered for a place on its working days then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from collector.domain.accounts import ByDepartment, added, past_shares, unknown_place
from collector.domain.entries import Entry, PastMonth, in_force
from collector.domain.fleet import DepartmentId, Fleet
from collector.domain.meters import Meter
from collector.domain.office import Office
from collector.domain.reading import PlaceId


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
