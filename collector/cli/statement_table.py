"""A statement as tables and plain values. Pure: values in, cells out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from collector.app.office_context import OfficeContext
from collector.cli.options import label
from collector.cli.output import result_table
from collector.cli.words import CommandWords
from collector.domain.closing.boundary import boundaries
from collector.domain.closing.draw_up import (
    completeness,
    guesses_left,
    place_margins,
    unread_places,
)
from collector.domain.closing.seal import canonical
from collector.domain.closing.statement import (
    Adjustment,
    BoundaryReading,
    Change,
    Completeness,
    DepartmentLine,
    PlaceLine,
    Statement,
)
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.month.finished import departments_of
from collector.domain.office.fleet import DepartmentId, Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.report.sentences import completeness_text, margin_text

NONE = "-"
PLACE_NUMBERS = (2, 4, 6, 7, 8, 10)
PLACE_SPARE = (1, 8, 7, 3, 5)
"""What a narrow terminal does without: names, colours, times."""
DEPARTMENT_NUMBERS = tuple(range(1, 11))
DEPARTMENT_SPARE = (3, 2, 8, 5)


def title(statement: Statement, words: CommandWords, *, planned: bool) -> str:
    """Return the heading of a statement or of a plan for one."""
    key = "plan_title" if planned else "statement_title"
    known = completeness_text(completeness(statement), japanese=words.is_japanese)
    total, month = f"{statement.total:,}", label(statement.period)
    return words(key, month=month, revision=statement.revision, total=total, known=known)


def place_headings(words: CommandWords) -> tuple[str, ...]:
    """Return the headings of the places' table."""
    first = ("place", "name", "opening", "read_at", "closing", "read_at")
    return tuple(words(one) for one in (*first, "pages", "mono", "color", "quality", "margin"))


def place_rows(
    statement: Statement, office: Office, words: CommandWords
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each place, its guess and its adjustments among its pages."""
    start, end = boundaries(office, statement.period)
    pages, guesses = statement.place_pages(), guesses_left(statement)
    unread, margins = unread_places(statement), place_margins(statement)
    for line in statement.places:
        own = pages.get(line.place, {})
        yield (
            line.place,
            line.name,
            _value(line.opening),
            _read_at(line.opening, start, office),
            _value(line.closing),
            _read_at(line.closing, end, office),
            f"{own.get(TOTAL, 0):,}",
            _count(own.get(TOTAL_MONO)),
            _count(own.get(TOTAL_COLOR)),
            _quality(line, words, guess=line.place in guesses, unread=line.place in unread),
            margin_text(margins[line.place]) if line.place in margins else NONE,
        )


def _quality(line: PlaceLine, words: CommandWords, *, guess: bool, unread: bool) -> str:
    if guess:
        return words("guessed")
    if unread:
        return words("unread")
    if line.quality is Quality.EDITED:
        return words("edited")
    return words("split") if line.estimated or line.margins else words("measured")


def _value(mark: BoundaryReading | None) -> str:
    return NONE if mark is None else _count(mark.meters.get(TOTAL))


def _read_at(mark: BoundaryReading | None, boundary: datetime, office: Office) -> str:
    """Return when a reading was taken, and how far from its midnight."""
    if mark is None:
        return NONE
    local = mark.at.astimezone(office.zone)
    return f"{local:%m-%d %H:%M} ({_distance(mark.at - boundary)})"


def _distance(span: timedelta) -> str:
    sign, seconds = ("-", -span) if span < timedelta(0) else ("+", span)
    whole = int(seconds.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{sign}{whole // size} {unit}"
    return f"{sign}{whole} s"


def formula_rows(
    statement: Statement, words: CommandWords, *, every: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield how each place's total comes about; unless `every`, only where it is not plain.

    Plain is what the table shows by itself: closing less opening is the pages.
    """
    for line in statement.places:
        spans = [span for span in line.spans if span.meter == TOTAL]
        split, guess = line.split_of(TOTAL), line.guess
        if not every and len(spans) < _TWO and not split and guess is None:
            continue
        guessed = 0 if guess is None else guess.pages.get(TOTAL, 0)
        text = " + ".join(f"({span.last:,} - {span.first:,})" for span in spans) or "0"
        if split:
            text += f" {'+' if split > 0 else '-'} {abs(split):,} {words('formula_split')}"
        if guess is not None:
            text += f" + {guessed:,} {words('formula_guess')}"
        yield line.place, f"{text} = {line.pages.get(TOTAL, 0) + guessed:,}"


_TWO = 2


def department_headings(words: CommandWords) -> tuple[str, ...]:
    """Return the headings of the departments' table."""
    names = ("department", "pages", "mono", "color", "target", "remaining", "ratio", "read")
    return tuple(words(one) for one in (*names, "estimated", "margin", "in_question"))


def department_rows(
    statement: Statement, fleet: Fleet, words: CommandWords
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each department against its target, then one for all of them."""
    pages, estimated = statement.department_pages(), statement.department_estimated()
    lines = {one.department: one for one in statement.departments}
    for department in departments_of(statement, fleet):
        own = pages.get(department.id, {})
        name = department.name if words.is_japanese else department.name_en or department.name
        yield (
            *_department_row(name, own, lines.get(department.id), estimated.get(department.id, 0)),
            *_open(completeness(statement, department.id)),
        )
    whole = {
        meter: sum(one.get(meter, 0) for one in pages.values())
        for meter in (TOTAL, TOTAL_MONO, TOTAL_COLOR)
        if any(meter in one for one in pages.values())
    }
    known = completeness(statement)
    yield (
        *_department_row(words("total"), whole, _all(statement), sum(estimated.values()))[:7],
        f"{known.read}/{known.places}",
        f"{sum(estimated.values()):,}",
        *_open(known),
    )


def _open(known: Completeness) -> tuple[str, str]:
    """Return by how much a figure may be off, and the pages in question beside it."""
    return margin_text(known.margin) if known.margin else NONE, _count(known.in_question or None)


def _all(statement: Statement) -> DepartmentLine | None:
    """Return the departments' targets together, where all of them have one."""
    targets = [one.target for one in statement.departments]
    known = [one for one in targets if one is not None]
    if not known or len(known) < len(targets):
        return None
    return DepartmentLine(DepartmentId(""), "", None, {}, sum(known))


def _department_row(
    name: str, pages: Mapping[Meter, int], line: DepartmentLine | None, estimated: int
) -> tuple[str, ...]:
    total = pages.get(TOTAL, 0)
    target = None if line is None else line.target
    return (
        name,
        f"{total:,}",
        *_colours(total, pages),
        _count(target),
        _count(None if target is None else target - total),
        f"{total / target:.0%}" if target else NONE,
        NONE if line is None else f"{line.places_read}/{line.places}",
        f"{estimated:,}",
    )


def _colours(total: int, pages: Mapping[Meter, int]) -> tuple[str, str]:
    """Return mono and colour; "≥" where some machines do not tell colours apart."""
    mono, color = pages.get(TOTAL_MONO), pages.get(TOTAL_COLOR)
    sign = "" if (mono or 0) + (color or 0) >= total else "≥"
    shown = (NONE if one is None else f"{sign}{one:,}" for one in (mono, color))
    first, second = shown
    return first, second


def question_rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    """Yield a row for each question that is named: its finding, its place, its pages."""
    for line in statement.places:
        for finding, pages in line.questions.items():
            yield finding, line.place, f"{pages:,}"


def adjustment_headings(words: CommandWords) -> tuple[str, ...]:
    """Return the headings of the adjustments' table."""
    return tuple(words(one) for one in ("place", "revision", "department", "pages", "cause"))


def adjustment_rows(
    adjustments: Sequence[Adjustment], names: Mapping[DepartmentId, str], words: CommandWords
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each adjustment: what it adds or takes, and why."""
    for one in adjustments:
        reason = words(f"cause_{one.cause.value}") if words.is_japanese else one.reason
        entry = f" [{one.entry}]" if one.entry else ""
        yield (
            one.place,
            str(one.revision),
            names.get(one.department, one.department),
            f"{one.pages.get(TOTAL, 0):+,}",
            reason + entry,
        )


def change_rows(changes: Sequence[Change], words: CommandWords) -> Iterator[tuple[str, ...]]:
    """Yield a row for each difference between two plans."""
    for one in changes:
        what = words(f"change_{one.kind.value}")
        yield one.subject or NONE, what, _count(one.before), _count(one.after)


def department_names(
    statement: Statement, fleet: Fleet, words: CommandWords
) -> Mapping[DepartmentId, str]:
    """Return the departments' names in the language of `words`."""
    return {
        one.id: one.name if words.is_japanese else one.name_en or one.name
        for one in departments_of(statement, fleet)
    }


def to_dict(statement: Statement) -> dict[str, Any]:
    """Return all that `statement` states as plain values, with its totals worked out."""
    content: dict[str, Any] = json.loads(canonical(statement))
    pages = statement.department_pages()
    known = completeness(statement)
    return content | {
        "total": statement.total,
        "low": max(0, statement.total - known.margin.less),
        "high": statement.total + known.margin.more,
        "completeness": completeness_dict(known),
        "department_totals": {one: dict(each) for one, each in pages.items()},
        "place_totals": {one: dict(each) for one, each in statement.place_pages().items()},
    }


def completeness_dict(known: Completeness) -> dict[str, object]:
    """Return how complete a total is as plain values."""
    return {
        "places": known.places,
        "read": known.read,
        "estimated": [PlaceId(one) for one in known.estimated],
        "uncertainty": known.uncertainty,
        "less": known.margin.less,
        "more": known.margin.more,
        "in_question": known.in_question,
    }


def change_dict(change: Change) -> dict[str, object]:
    """Return one difference between two plans as plain values."""
    return {
        "what": change.kind.value,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
    }


def _count(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


# Print a statement, or a plan for one, as tables that fit the terminal.


def print_statement(
    statement: Statement,
    context: OfficeContext,
    words: CommandWords,
    title: str,
    *,
    proof: bool = False,
) -> None:
    """Print places, how their pages come about, adjustments and departments of `statement`.

    `proof`: the formula of every place, and not only of those where it is not plain.
    """
    result_table(
        place_headings(words),
        list(place_rows(statement, context.office, words)),
        title=title,
        numbers=PLACE_NUMBERS,
        spare=PLACE_SPARE,
    )
    formulas = list(formula_rows(statement, words, every=proof))
    if formulas:
        headings = (words("place"), words("formula"))
        result_table(headings, formulas, title=words("formula_title"))
    print_adjustments(statement, statement.adjustments, context, words)
    questions = list(question_rows(statement))
    if questions:
        names = [words(key) for key in ("id", "place", "pages")]
        result_table(names, questions, title=words("questions_title"), numbers=(2,))
    result_table(
        department_headings(words),
        list(department_rows(statement, context.fleet, words)),
        title=words("departments_title"),
        numbers=DEPARTMENT_NUMBERS,
        spare=DEPARTMENT_SPARE,
    )


def print_adjustments(
    statement: Statement,
    adjustments: Sequence[Adjustment],
    context: OfficeContext,
    words: CommandWords,
) -> None:
    """Print `adjustments`, which are of `statement`; nothing where there are none."""
    if not adjustments:
        return
    names = department_names(statement, context.fleet, words)
    result_table(
        adjustment_headings(words),
        list(adjustment_rows(adjustments, names, words)),
        title=words("adjustments_title"),
        numbers=(1, 3),
    )


def print_changes(
    changes: Sequence[Change], words: CommandWords, title: str = "changes_title"
) -> None:
    """Print in what a plan differs from the one before; nothing where it does not."""
    if not changes:
        return
    headings = [words(key) for key in ("place", "differs", "before", "after")]
    rows = list(change_rows(changes, words))
    result_table(headings, rows, title=words(title), numbers=(2, 3))
