"""Months that old sheets state, beside those that the ledger counted.

Where the ledger counted a place in a month, its figure holds and the sheet's does not: no page is
counted twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from collector.app.ground import Ground
from collector.domain.departments import place_shares
from collector.domain.entries import PastMonth
from collector.domain.fleet import NOBODY, UNASSIGNED, DepartmentId, Fleet
from collector.domain.forecast import Forecast
from collector.domain.history_months import (
    Pages,
    department_pages,
    history_months,
    shared_out,
    sheet_months,
)
from collector.domain.meters import TOTAL
from collector.domain.months import DepartmentMonth
from collector.domain.office import Office, Period
from collector.domain.reading import PlaceId
from collector.ports import Ledger

_YEAR: Final = 12


async def history_names(ledger: Ledger) -> frozenset[str]:
    """Return the names of the months that old sheets state."""
    return frozenset(sheet_months(await ledger.entries()))


async def with_history(
    ledger: Ledger, ground: Ground, period: Period, months: tuple[DepartmentMonth, ...]
) -> tuple[DepartmentMonth, ...]:
    """Return `months` of `period` with the pages of old sheets, and last year's by them.

    Without sheets of either month nothing changes.
    """
    sheets = sheet_months(await ledger.entries())
    year_ago = ground.office.before(period, _YEAR)
    if period.name in sheets:
        here = await _not_counted(ledger, period, sheets[period.name])
        months = _with_pages(ground, period, months, here)
    if year_ago.name in sheets:
        then = await _totals(ledger, ground, year_ago, sheets[year_ago.name])
        months = tuple(replace(one, last_year=then.get(one.department.id, 0)) for one in months)
    return months


async def moved_months(
    ledger: Ledger, before: Fleet, after: Fleet, office: Office
) -> frozenset[str]:
    """Return the months of old sheets that another fleet file states differently."""
    entries = await ledger.entries()
    was, now = (history_months(entries, fleet, office) for fleet in (before, after))
    return frozenset(
        month
        for department, month in was.keys() | now.keys()
        if was.get((department, month)) != now.get((department, month))
        or before.target(department, month) != after.target(department, month)
        or before.department(department) != after.department(department)
    )


async def _not_counted(
    ledger: Ledger, period: Period, sheet: Mapping[PlaceId, PastMonth]
) -> list[PastMonth]:
    """Return what `sheet` says of places that the ledger did not count in `period`."""
    days = await ledger.days(period.start, period.end)
    counted = {day.place for day in days if any(day.pages.values())}
    return [entry for place, entry in sheet.items() if place not in counted]


async def _totals(
    ledger: Ledger, ground: Ground, period: Period, sheet: Mapping[PlaceId, PastMonth]
) -> Mapping[DepartmentId, int]:
    """Return each department's impressions in `period`: counted ones, and the sheet's beside."""
    found: dict[DepartmentId, int] = defaultdict(int)
    days = await ledger.days(period.start, period.end)
    for share in place_shares(days, ground.fleet, ground.office):
        found[share.department] += share.pages.get(TOTAL, 0)
    entries = await _not_counted(ledger, period, sheet)
    for department, pages in department_pages(entries, ground.fleet, ground.office).items():
        found[department] += pages.get(TOTAL, 0)
    return found


def _with_pages(
    ground: Ground,
    period: Period,
    months: tuple[DepartmentMonth, ...],
    entries: Iterable[PastMonth],
) -> tuple[DepartmentMonth, ...]:
    pages: dict[DepartmentId, dict[PlaceId, Pages]] = defaultdict(dict)
    for entry in entries:
        for department, part in shared_out(entry, ground.fleet, ground.office).items():
            pages[department][entry.place] = part
    stated = {one.department.id for one in months}
    if UNASSIGNED in pages and UNASSIGNED not in stated:
        months = (*months, DepartmentMonth(NOBODY, period, 0, elapsed=1.0))
    return tuple(_added(one, pages.get(one.department.id, {})) for one in months)


def _added(month: DepartmentMonth, by_place: Mapping[PlaceId, Pages]) -> DepartmentMonth:
    if not by_place:
        return month
    meters = dict(month.meters)
    for pages in by_place.values():
        for meter, count in pages.items():
            meters[meter] = meters.get(meter, 0) + count
    missing = tuple(place for place in month.missing if place not in by_place)
    more = meters.get(TOTAL, 0) - month.pages
    return replace(
        month,
        pages=month.pages + more,
        meters=meters,
        asked=tuple(sorted({*month.asked, *by_place})),
        missing=missing,
        unread=month.unread if missing else None,
        forecast=None if month.forecast is None else _raised(month.forecast, more),
    )


def _raised(forecast: Forecast, pages: int) -> Forecast:
    return Forecast(forecast.expected + pages, forecast.low + pages, forecast.high + pages)
