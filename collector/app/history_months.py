"""Months that old sheets state, beside those that the ledger counted.

Where the ledger counted a place in a month, its figure holds and the sheet's does not: no page is
counted twice.
"""

from collector.app.ground import Ground
from collector.domain.departments import PlaceShare
from collector.domain.fleet import Fleet
from collector.domain.history_months import history_months, shared_month, sheet_months
from collector.domain.office import Office, Period
from collector.ports import Ledger


async def history_names(ledger: Ledger) -> frozenset[str]:
    """Return the names of the months that old sheets state."""
    return frozenset(sheet_months(await ledger.entries()))


async def history_shares(ledger: Ledger, ground: Ground, period: Period) -> tuple[PlaceShare, ...]:
    """Return what old sheets say of `period`, by place and department, as if on its last day.

    Only of places that the ledger did not count in it.
    """
    sheet = sheet_months(await ledger.entries()).get(period.name)
    if sheet is None:
        return ()
    days = await ledger.days(period.start, period.end)
    counted = {day.place for day in days if any(day.pages.values())}
    return tuple(
        PlaceShare(place, department, period.end, pages)
        for place, entry in sheet.items()
        if place not in counted
        for department, pages in shared_month(entry, ground.fleet, ground.office).items()
    )


async def moved_months(
    ledger: Ledger, before: Fleet, after: Fleet, office: Office
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the months of old sheets that another fleet file states differently, and all."""
    entries = await ledger.entries()
    was, now = (history_months(entries, fleet, office) for fleet in (before, after))
    moved = frozenset(
        month
        for department, month in was.keys() | now.keys()
        if was.get((department, month)) != now.get((department, month))
        or before.targets_of(department).of(month) != after.targets_of(department).of(month)
        or before.department(department) != after.department(department)
    )
    return moved, frozenset(month for _, month in was)
