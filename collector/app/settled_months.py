"""What months gone by came to, as far as that is settled: by statement, or by an old sheet.

A re-organisation or a later change must leave last year untouched: its sealed figures come
before anything that is counted again from days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from collector.app.ground import Ground
from collector.domain.accounts import (
    ByDepartment,
    answering,
    shared_out,
)
from collector.domain.closed_months import pages_by_department
from collector.domain.entries import PastMonth
from collector.domain.fleet import UNASSIGNED, DepartmentId
from collector.domain.history_months import shared_month, sheet_months
from collector.domain.meters import TOTAL
from collector.domain.reading import PlaceId
from collector.domain.statement import Statement
from collector.ports import Ledger


async def latest_statement(ledger: Ledger, month: str) -> Statement | None:
    """Return the newest revision of the closed month called `month`, None where it is open."""
    sealed = await ledger.statements(month)
    return sealed[-1].statement if sealed else None


async def settled_months(
    ledger: Ledger, ground: Ground, months: Iterable[str]
) -> dict[str, Mapping[DepartmentId, int]]:
    """Return month -> impressions by department for those of `months` that are settled.

    A month with a statement is as its latest revision has it. One without, of which old sheets
    were entered, is what was counted, and the sheets' figures for places where nothing was, by
    who answered then. A department of whose places neither says anything is absent: not 0.
    """
    found: dict[str, Mapping[DepartmentId, int]] = {}
    sheets: Mapping[str, Mapping[PlaceId, PastMonth]] | None = None
    for month in dict.fromkeys(months):
        statement = await latest_statement(ledger, month)
        if statement is not None:
            found[month] = pages_by_department(statement)
            continue
        if sheets is None:
            sheets = sheet_months(await ledger.entries())
        if month in sheets:
            found[month] = await _by_sheet(ledger, ground, month, sheets[month])
    return found


async def _by_sheet(
    ledger: Ledger, ground: Ground, month: str, sheet: Mapping[PlaceId, PastMonth]
) -> dict[DepartmentId, int]:
    office, fleet = ground.office, ground.fleet
    period = office.period(month)
    days = await ledger.days(period.start, period.end)
    counted = {day.place for day in days if any(day.pages.values())}
    shares: list[ByDepartment] = [
        one for one, _ in shared_out(days, {}, fleet, office, period).values()
    ]
    for place, entry in sheet.items():
        if place not in counted:
            shares.append(shared_month(entry, fleet, office))
    there = {
        department
        for place in fleet.places
        if place.stands_on(period.start) and (place.id in counted or place.id in sheet)
        for span in answering(place, period)
        for department in span.shares
    }
    return _totals(there - {UNASSIGNED}, shares)


def _totals(
    there: Iterable[DepartmentId], shares: Sequence[ByDepartment]
) -> dict[DepartmentId, int]:
    found: dict[DepartmentId, int] = defaultdict(int, dict.fromkeys(there, 0))
    for one in shares:
        for department, pages in one.items():
            found[department] += pages.get(TOTAL, 0)
    return dict(found)
