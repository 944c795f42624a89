"""A plan's checksum, and in what two plans for one period differ."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from collector.domain.closing.draw_up import UNDECIDED, completeness, guesses_left
from collector.domain.closing.seal import canonical
from collector.domain.closing.statement import Change, ChangeKind, ClosingPlan, PlaceLine, Statement
from collector.domain.meters import TOTAL

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
