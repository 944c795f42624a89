"""Draws a statement up: what a period comes to, place by place and department by department.

Sums hold by construction, and `audit.py` checks them: the departments' pages are the places'
shares, and a place's shares are its counted pages and the guess for its silence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Final

from collector.domain.closing.accounts import Account, added
from collector.domain.closing.boundary import breaks_of
from collector.domain.closing.statement import (
    Cause,
    Completeness,
    DepartmentLine,
    Guess,
    PlaceLine,
    Statement,
)
from collector.domain.counting.ranges import EXACT, Margin, all_of, in_question
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import (
    NOBODY,
    UNASSIGNED,
    WHOLE_OFFICE,
    Assignment,
    DepartmentId,
    Fleet,
)
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId

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
        margins=account.margins,
        questions={one.finding: one.pages for one in account.questions},
    )


def _quality(account: Account) -> Quality:
    """Return the worst that holds: a guess, then what a person entered, then a split."""
    if account.guess is not None:
        return Quality.ESTIMATED
    if account.proof.edited or account.imported is not None:
        return Quality.EDITED
    is_open = account.margins or any(account.estimated.values())
    return Quality.ESTIMATED if is_open else Quality.MEASURED


def _department_lines(
    facts: ClosingFacts, accounts: Sequence[Account]
) -> tuple[DepartmentLine, ...]:
    involved = {one for account in accounts for one in account.with_guess}
    involved |= {one for account in accounts for span in account.answering for one in span.shares}
    departments = [*facts.fleet.with_former(involved)]
    if any(any(one.with_guess.get(UNASSIGNED, {}).values()) for one in accounts):
        departments.append(NOBODY)
    asked_of = in_question(
        (q for one in accounts for q in one.questions), facts.fleet, facts.period
    )
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
                in_question=asked_of.get(department.id, 0),
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


def completeness(statement: Statement, department: DepartmentId = WHOLE_OFFICE) -> Completeness:
    """Return how far the statement's total, or its department's, rests on readings.

    Adjustments are included. The margins of the places add up.
    """
    open_ones = place_margins(statement, department)
    left = guesses_left(statement)
    guessed = left if department == WHOLE_OFFICE else {}
    asked = [line.in_question for line in statement.departments if line.department == department]
    if department == WHOLE_OFFICE:
        asked = [sum(line.questions.values()) for line in statement.places]
    return Completeness(
        places=len(statement.places),
        read=len(statement.places) - len(unread_places(statement)),
        estimated=tuple(sorted({*guessed, *open_ones})),
        margin=all_of(open_ones.values()),
        in_question=sum(asked),
    )


def place_margins(
    statement: Statement, department: DepartmentId = WHOLE_OFFICE
) -> Mapping[PlaceId, Margin]:
    """Return by how much each place's pages, or the department's of them, may be off.

    A guess leaves its margin until the copier is heard; a place whose pages are exact is absent.
    """
    left, heard = guesses_left(statement), _heard_since(statement)
    found: dict[PlaceId, Margin] = defaultdict(Margin)
    for line in statement.places:
        found[line.place] += line.margins.get(department, EXACT)
        guess = line.guess
        if guess is not None and (line.place in left or line.place not in heard):
            found[line.place] += _part_of(guess, department)
    for one in statement.adjustments:
        if department in {WHOLE_OFFICE, one.department}:
            found[one.place] += one.margin
    known = {place: Margin(max(0, one.less), max(0, one.more)) for place, one in found.items()}
    return {place: one for place, one in known.items() if one}


def _part_of(guess: Guess, department: DepartmentId) -> Margin:
    """Return the margin of a guess, or of a department's share of it."""
    if department == WHOLE_OFFICE:
        return guess.margin
    whole = guess.pages.get(TOTAL, 0)
    part = Fraction(guess.shares.get(department, {}).get(TOTAL, 0), whole or 1)
    return Margin(ceil(guess.margin.less * part), ceil(guess.margin.more * part))


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
    left, heard = guesses_left(statement), _heard_since(statement)
    return frozenset(
        line.place
        for line in statement.places
        if line.place in left or not (line.read or line.place in heard)
    )


def _heard_since(statement: Statement) -> frozenset[PlaceId]:
    return frozenset(one.place for one in statement.adjustments if one.cause in _HEARD)


def grace_ends(office: Office, period: Period, working_days: int) -> datetime:
    """Return the instant after which a place that stays silent is estimated.

    `working_days` whole working days of the office follow the period, its days off not counted.
    """
    day, left = period.end + ONE_DAY, working_days
    while left > 0:
        left -= office.works_on(day)
        day += ONE_DAY
    return office.midnight(day)
