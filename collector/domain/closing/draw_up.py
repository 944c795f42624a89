"""Draws a statement up: what a period comes to, place by place and department by department.

Sums hold by construction, and `audit.py` checks them: the departments' pages are the places'
shares, and a place's shares are its counted pages and the guess for its silence.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil
from typing import Final

from collector.domain.closing.accounts import Account, ByDepartment, added, tree_of
from collector.domain.closing.boundary import breaks_of
from collector.domain.closing.seal import canonical
from collector.domain.closing.statement import (
    Cause,
    Change,
    ChangeKind,
    ClosingPlan,
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
    FLAT,
    NOBODY,
    UNASSIGNED,
    WHOLE_OFFICE,
    Assignment,
    DepartmentId,
    Fleet,
)
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure

UNDECIDED: Final = ""
"""Who closed a statement that is only planned."""


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """All that is needed to draw up `period`, gathered beforehand.

    `targets` are the departments' own for this period, each in the measure that it counts.
    `pieces` are what was counted by `pieces_counted`.
    """

    office: Office
    fleet: Fleet
    period: Period
    accounts: Sequence[Account]
    targets: Mapping[DepartmentId, int] = field(default_factory=dict)
    pieces: ByDepartment = field(default_factory=dict)


def draw_up(facts: ClosingFacts, at: datetime) -> Statement:
    """Return the first revision of the period as known at `at`, not closed by anybody yet.

    Places stand in the fleet file's order, those no longer in it last, by id.
    """
    order = {place.id: number for number, place in enumerate(facts.fleet.places)}
    accounts = sorted(
        facts.accounts, key=lambda one: (order.get(one.place.id, len(order)), one.place.id)
    )
    drawn = Statement(
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
    tree = tree_of(facts.fleet, facts.period, drawn.department_pages(), facts.pieces)
    return replace(drawn, tree=tree)


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
        paper=account.paper,
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
    departments = facts.fleet.listed(_with_above(involved, facts), facts.period)
    if any(any(one.with_guess.get(UNASSIGNED, {}).values()) for one in accounts):
        departments.append(NOBODY)
    asked_of = in_question(
        (q for one in accounts for q in one.questions),
        replace(facts.fleet, tree=FLAT),
        facts.period,
    )
    lines = []
    for department in departments:
        asked = [one for one in accounts if answers(one.answering, department.id)]
        target = facts.targets.get(department.id)
        measure = facts.fleet.measure_of(department.id, facts.period.end)
        lines.append(
            DepartmentLine(
                department=department.id,
                name=department.name,
                name_en=department.name_en,
                pages=added(one.with_guess.get(department.id, {}) for one in accounts),
                target=target,
                places=len(asked),
                places_read=sum(one.read for one in asked),
                estimated=sum(_estimated(one, department.id) for one in accounts),
                in_question=asked_of.get(department.id, 0),
                measure=Measure.IMPRESSIONS if target is None else measure,
                with_excluded=target is not None
                and facts.fleet.counts_excluded(department.id, facts.period.end),
            )
        )
    return tuple(lines)


def _with_above(named: Iterable[DepartmentId], facts: ClosingFacts) -> frozenset[DepartmentId]:
    """Return `named` and all that they were a part of in the period."""
    days = {facts.period.start, *(one for one in facts.fleet.tree.starts if one in facts.period)}
    tree = facts.fleet.tree
    return frozenset(one for name in named for day in days for one in tree.line(name, day))


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


# A plan's checksum, and in what two plans for one period differ.


_DIGITS: Final = 12
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def checksum(statement: Statement) -> str:
    """Return 12 hexadecimal digits over all that a statement states.

    When and by whom it is sealed, after which other statement, and at what time exactly the
    readings were taken do not count: a plan stays the same plan from the moment it is shown until
    it is applied, though every poll confirms the same figures at a later time.
    """
    places = tuple(_timeless(one) for one in statement.places)
    bare = replace(statement, closed_at=_NO_TIME, closed_by=UNDECIDED, previous="", places=places)
    return hashlib.sha256(canonical(bare).encode()).hexdigest()[:_DIGITS]


def _timeless(line: PlaceLine) -> PlaceLine:
    """Return `line` without the times of its readings."""
    marks = (
        None if one is None else replace(one, at=_NO_TIME) for one in (line.opening, line.closing)
    )
    opening, closing = marks
    guess = None if line.guess is None else replace(line.guess, since=None)
    spans = tuple(replace(one, start=_NO_TIME, end=_NO_TIME) for one in line.spans)
    breaks = tuple(str(number) for number, _ in enumerate(line.breaks))
    return replace(line, opening=opening, closing=closing, guess=guess, spans=spans, breaks=breaks)


def plan_of(statement: Statement, before: Statement | None) -> ClosingPlan:
    """Return the plan to seal `statement`, beside the plan `before` that was shown last."""
    changes = () if before is None else tuple(changes_between(before, statement))
    return ClosingPlan(statement, completeness(statement), checksum(statement), changes)


def changes_between(before: Statement, after: Statement) -> Iterator[Change]:
    """Yield what is different in `after`; nothing where both have one checksum."""
    if checksum(before) == checksum(after):
        return
    found = [
        *_revision(before, after),
        *_silence(before, after),
        *_figures(ChangeKind.PLACE, _places(before), _places(after)),
        *_readings(before, after),
        *_figures(ChangeKind.DEPARTMENT, _departments(before), _departments(after)),
        *_targets(before, after),
    ]
    yield from found or [Change(ChangeKind.DETAILS)]


def _revision(before: Statement, after: Statement) -> Iterator[Change]:
    if before.revision != after.revision:
        yield Change(ChangeKind.REVISION, "", before.revision, after.revision)


def _silence(before: Statement, after: Statement) -> Iterator[Change]:
    """Yield the places that were heard meanwhile, and those that are guessed anew."""
    old, new = guesses_left(before), guesses_left(after)
    for place in sorted({*old, *new}):
        if place in old and place not in new:
            yield Change(ChangeKind.READ, place, old[place], None)
        elif old.get(place) != new.get(place):
            yield Change(ChangeKind.SILENT, place, old.get(place), new.get(place))


def _figures(
    kind: ChangeKind, before: Mapping[str, int], after: Mapping[str, int]
) -> Iterator[Change]:
    for subject in sorted({*before, *after}):
        if before.get(subject) != after.get(subject):
            yield Change(kind, subject, before.get(subject), after.get(subject))


def _readings(before: Statement, after: Statement) -> Iterator[Change]:
    """Yield the places whose closing reading is another one."""
    old = {line.place: line.closing for line in before.places}
    for line in after.places:
        mark = old.get(line.place)
        if line.place in old and mark != line.closing:
            first = None if mark is None else mark.meters.get(TOTAL)
            last = None if line.closing is None else line.closing.meters.get(TOTAL)
            yield Change(ChangeKind.READINGS, line.place, first, last)


def _targets(before: Statement, after: Statement) -> Iterator[Change]:
    old = {line.department: line.target for line in before.departments}
    for line in after.departments:
        if line.department in old and old[line.department] != line.target:
            yield Change(ChangeKind.TARGET, line.department, old[line.department], line.target)


def _places(statement: Statement) -> dict[str, int]:
    pages = statement.place_pages()
    named = {*pages, *(line.place for line in statement.places)}
    return {place: pages.get(place, {}).get(TOTAL, 0) for place in named}


def _departments(statement: Statement) -> dict[str, int]:
    found = statement.department_pages().items()
    return {department: pages.get(TOTAL, 0) for department, pages in found}
