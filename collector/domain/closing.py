"""Draws a statement up: what a period comes to, place by place and department by department.

Sums hold by construction, and `audit.py` checks them: the departments' pages are the places'
shares, and a place's shares are its counted pages and the guess for its silence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Final

from collector.domain.accounts import Account, added
from collector.domain.boundary import breaks_of
from collector.domain.fleet import NOBODY, UNASSIGNED, Assignment, DepartmentId, Fleet
from collector.domain.meters import TOTAL
from collector.domain.office import ONE_DAY, Office, Period
from collector.domain.reading import PlaceId
from collector.domain.statement import (
    Cause,
    Completeness,
    DepartmentLine,
    PlaceLine,
    Statement,
)
from collector.domain.usage import Quality

UNDECIDED: Final = ""
"""Who closed a statement that is only planned."""


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """All that is needed to draw up `period`, gathered beforehand.

    `targets` are the departments' own for this period, in impressions.
    """

    office: Office
    fleet: Fleet
    period: Period
    accounts: Sequence[Account]
    targets: Mapping[DepartmentId, int] = field(default_factory=dict)


def draw_up(facts: ClosingFacts, at: datetime) -> Statement:
    """Return the first revision of the period as known at `at`, not closed by anybody yet.

    Places stand in the fleet file's order, those no longer in it last, by id.
    """
    order = {place.id: number for number, place in enumerate(facts.fleet.places)}
    accounts = sorted(
        facts.accounts, key=lambda one: (order.get(one.place.id, len(order)), one.place.id)
    )
    return Statement(
        site=facts.office.site,
        zone=str(facts.office.zone),
        period=facts.period,
        revision=1,
        closed_at=at.replace(microsecond=0),
        closed_by=UNDECIDED,
        places=tuple(_place_line(one) for one in accounts),
        departments=_department_lines(facts, accounts),
        answering={one.place.id: one.answering for one in accounts},
    )


def _place_line(account: Account) -> PlaceLine:
    proof = account.proof
    return PlaceLine(
        place=account.place.id,
        name=account.place.name,
        opening=proof.opening,
        closing=proof.closing,
        pages=account.pages,
        shares=account.with_guess,
        quality=_quality(account),
        estimated=sum(account.estimated.values()),
        guess=account.guess,
        breaks=breaks_of(proof.spans),
        read=account.read,
        spans=proof.spans,
    )


def _quality(account: Account) -> Quality:
    """Return the worst that holds: a guess, then what a person entered, then a split."""
    if account.guess is not None:
        return Quality.ESTIMATED
    if account.proof.edited or account.imported is not None:
        return Quality.EDITED
    return Quality.ESTIMATED if any(account.estimated.values()) else Quality.MEASURED


def _department_lines(
    facts: ClosingFacts, accounts: Sequence[Account]
) -> tuple[DepartmentLine, ...]:
    involved = {one for account in accounts for one in account.with_guess}
    involved |= {one for account in accounts for span in account.answering for one in span.shares}
    departments = [*facts.fleet.with_former(involved)]
    if any(any(one.with_guess.get(UNASSIGNED, {}).values()) for one in accounts):
        departments.append(NOBODY)
    lines = []
    for department in departments:
        asked = [one for one in accounts if answers(one.answering, department.id)]
        lines.append(
            DepartmentLine(
                department=department.id,
                name=department.name,
                name_en=department.name_en,
                pages=added(one.with_guess.get(department.id, {}) for one in accounts),
                target=facts.targets.get(department.id),
                places=len(asked),
                places_read=sum(one.read for one in asked),
                estimated=sum(_estimated(one, department.id) for one in accounts),
            )
        )
    return tuple(lines)


def answers(spans: Sequence[Assignment], department: DepartmentId) -> bool:
    """Say whether `department` answers for a place on any day of `spans`."""
    return any(department in span.shares for span in spans)


def _estimated(account: Account, department: DepartmentId) -> int:
    guess = account.guess
    guessed = 0 if guess is None else guess.shares.get(department, {}).get(TOTAL, 0)
    return account.estimated.get(department, 0) + guessed


def completeness(statement: Statement) -> Completeness:
    """Return how much of the statement's total rests on readings, adjustments included."""
    left = guesses_left(statement)
    variance = 0.0
    for line in statement.places:
        if line.place in left and line.guess is not None:
            variance += (line.guess.high - line.guess.pages.get(TOTAL, 0)) ** 2
    return Completeness(
        places=len(statement.places),
        read=len(statement.places) - len(unread_places(statement)),
        estimated=tuple(sorted(left)),
        uncertainty=round(sqrt(variance)),
    )


_HEARD: Final = frozenset({Cause.LATE, Cause.ENTRY, Cause.HISTORY, Cause.GUESS})
"""Causes after which a place that was silent at the closing counts as read, unless guessed."""


def guesses_left(statement: Statement) -> Mapping[PlaceId, int]:
    """Return the impressions by place that are still a guess."""
    found: dict[PlaceId, int] = defaultdict(int)
    for line in statement.places:
        if line.guess is not None:
            found[line.place] += line.guess.pages.get(TOTAL, 0)
    for one in statement.adjustments:
        if one.cause is Cause.GUESS:
            found[one.place] += one.pages.get(TOTAL, 0)
    return {place: pages for place, pages in found.items() if pages}


def unread_places(statement: Statement) -> frozenset[PlaceId]:
    """Return the places that were not heard until the closing, and not since."""
    left = guesses_left(statement)
    heard = {one.place for one in statement.adjustments if one.cause in _HEARD}
    return frozenset(
        line.place
        for line in statement.places
        if line.place in left or not (line.read or line.place in heard)
    )


def grace_ends(office: Office, period: Period, working_days: int) -> datetime:
    """Return the instant after which a place that stays silent is estimated.

    `working_days` whole working days of the office follow the period, its days off not counted.
    """
    day, left = period.end + ONE_DAY, working_days
    while left > 0:
        left -= office.works_on(day)
        day += ONE_DAY
    return office.midnight(day)
