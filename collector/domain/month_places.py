"""Which places a department answered for in a month, which were read, and what is unheard."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from collector.domain.departments import PlaceShare
from collector.domain.fleet import (
    UNASSIGNED,
    DepartmentId,
)
from collector.domain.forecast import (
    Unheard,
)
from collector.domain.meters import TOTAL
from collector.domain.month_facts import MonthFacts
from collector.domain.office import ONE_DAY
from collector.domain.reading import PlaceId
from collector.domain.unread import unread_pages


def unheard_places(facts: MonthFacts) -> dict[PlaceId, Unheard]:
    """Return what every place that is not read has probably printed, where that can be guessed."""
    last = min(facts.period.end, facts.office.local_day(facts.now) - ONE_DAY)
    daily: dict[PlaceId, dict[date, int]] = defaultdict(dict)
    for one in facts.days:
        daily[one.place][one.day] = one.pages.get(TOTAL, 0)
    found = {}
    for place, own in daily.items():
        if not is_read(facts, place):
            heard = facts.heard.get(place)
            first = facts.period.start
            if heard is not None:
                first = max(first, facts.office.local_day(heard[1]) + ONE_DAY)
            guess = unread_pages(own, facts.office, first, last)
            if guess is not None:
                found[place] = guess
    return found


def places_of(
    facts: MonthFacts, shares: Iterable[PlaceShare]
) -> dict[DepartmentId, frozenset[PlaceId]]:
    """Return which places each department answered for on any day of the period so far."""
    until = min(facts.period.end, facts.office.local_day(facts.now))
    places: dict[DepartmentId, set[PlaceId]] = defaultdict(set)
    for place in facts.fleet.places:
        for day in facts.period.days:
            if day <= until:
                for department in place.shares_on(day):
                    places[department].add(place.id)
    for share in shares:
        if share.day in facts.period and share.department == UNASSIGNED:
            places[UNASSIGNED].add(share.place)
    return {department: frozenset(one) for department, one in places.items()}


def is_read(facts: MonthFacts, place: PlaceId) -> bool:
    """Say whether `place` was heard late enough for its figure to be trusted.

    In a running month: since the begin of the working day before today (a copier may sleep over
    a weekend). In a finished one: since the begin of its last working day, or any time after. In
    one that old sheets state: where a sheet states it, or it was heard within the month.
    """
    heard = facts.heard.get(place)
    if any(one.place == place for one in facts.sheets):
        return True
    if heard is None or (facts.sheets and facts.office.local_day(heard[0]) > facts.period.end):
        return False
    today = facts.office.local_day(facts.now)
    day = min(facts.period.end, today - ONE_DAY)
    while not facts.office.works_on(day) and day > facts.period.start:
        day -= ONE_DAY
    return heard[1] >= facts.office.midnight(max(day, facts.period.start))
