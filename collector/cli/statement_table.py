"""A statement as tables and plain values. Pure: values in, cells out."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from collector.app.office_context import OfficeContext
from collector.cli.month import INDENT, at_least, department_name
from collector.cli.options import label
from collector.cli.output import worded
from collector.cli.paper_columns import counted_in, sheets_shown
from collector.cli.words import CommandWords, span_text
from collector.domain.closing.accounts import added
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
    PlaceLine,
    Statement,
)
from collector.domain.cost.sheets import NO_PAPER, PaperFacts, PaperSum
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.ranges import Margin
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.month.finished import (
    amount,
    departments_of,
    sealed_figures,
    sealed_paper,
)
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure
from collector.domain.report.sentences import margin_text
from collector.domain.report.table import CellKind, Column, Table, total_of
from collector.texts.figures import completeness_text

_TEXT: Final = CellKind.TEXT


def title(statement: Statement, words: CommandWords, *, planned: bool) -> str:
    """Return the heading of a statement or of a plan for one."""
    key = "plan_title" if planned else "statement_title"
    known = completeness_text(completeness(statement), japanese=words.is_japanese)
    total, month = f"{statement.total:,}", label(statement.period)
    return words(key, month=month, revision=statement.revision, total=total, known=known)


_SEALED_PLACE: Final = (
    *("place", "name", "opening", "closing", "pages", "shares", "quality", "estimated", "guess"),
    *("breaks", "read", "spans", "margins", "questions", "paper"),
)
_SEALED_ADJUSTMENT: Final = (
    *("revision", "place", "department", "pages", "reason", "entry", "cause", "estimated"),
    *("margin", "sheets", "a4"),
)


def _sealed(key: str) -> Column[Any]:
    """Return what programs read of a line: what was sealed of it, by its name in the text."""
    return Column(key, lambda row: row.sealed.get(key))


@dataclass(frozen=True, slots=True)
class _PlaceRow:
    """A sealed place, its guess and its adjustments among its pages."""

    line: PlaceLine
    sealed: Mapping[str, Any]
    pages: Mapping[Meter, int]
    quality: str
    margin: Margin | None
    paper: PaperSum | None


def places_table(
    statement: Statement, office: Office, words: CommandWords, title: str = ""
) -> Table[_PlaceRow]:
    """Return each place; programs get what was sealed of it."""
    start, end = boundaries(office, statement.period)
    return Table(
        "places",
        (
            *map(_sealed, _SEALED_PLACE),
            Column("id", None, words("place"), _TEXT, shown=lambda row: row.line.place),
            Column("called", None, words("name"), _TEXT, shown=lambda row: row.line.name),
            *_mark_columns("opening", lambda row: row.line.opening, start, office, words),
            *_mark_columns("closing", lambda row: row.line.closing, end, office, words),
            Column("total", None, words("pages"), shown=lambda row: row.pages.get(TOTAL, 0)),
            Column("mono", None, words("mono"), shown=lambda row: row.pages.get(TOTAL_MONO)),
            Column("color", None, words("color"), shown=lambda row: row.pages.get(TOTAL_COLOR)),
            Column(
                "sheets_used",
                None,
                words("sheets_used"),
                shown=lambda row: None if row.paper is None else sheets_shown(row.paper, words),
                optional=True,
            ),
            Column("known", None, words("quality"), _TEXT, shown=lambda row: row.quality),
            Column(
                "off",
                None,
                words("margin"),
                shown=lambda row: None if row.margin is None else margin_text(row.margin),
            ),
        ),
        list(_place_rows(statement, words)),
        title=title,
        spare=("called", "color", "mono", "opening_at", "closing_at"),
    )


def _place_rows(statement: Statement, words: CommandWords) -> Iterator[_PlaceRow]:
    pages, guesses = statement.place_pages(), guesses_left(statement)
    unread, margins = unread_places(statement), place_margins(statement)
    papers = statement.paper()
    for line, sealed in zip(statement.places, to_dict(statement)["places"], strict=True):
        guess, is_unread = line.place in guesses, line.place in unread
        quality = _quality(line, words, guess=guess, unread=is_unread)
        own = pages.get(line.place, {})
        paper = papers.get(line.place)
        known = None if paper is None else paper.sum
        yield _PlaceRow(line, sealed, own, quality, margins.get(line.place), known)


def _mark_columns(
    key: str,
    mark: Callable[[_PlaceRow], BoundaryReading | None],
    boundary: datetime,
    office: Office,
    words: CommandWords,
) -> Iterator[Column[_PlaceRow]]:
    """Yield a reading at the begin or end of the month, and when it was taken."""

    def value(row: _PlaceRow) -> int | None:
        found = mark(row)
        return None if found is None else found.meters.get(TOTAL)

    yield Column(f"{key}_total", None, words(key), shown=value)
    yield Column(
        f"{key}_at",
        None,
        words("read_at"),
        _TEXT,
        shown=lambda row: _read_at(mark(row), boundary, office, words),
    )


def _quality(line: PlaceLine, words: CommandWords, *, guess: bool, unread: bool) -> str:
    if guess:
        return words("guessed")
    if unread:
        return words("unread")
    if line.quality is Quality.EDITED:
        return words("edited")
    return words("split") if line.estimated or line.margins else words("measured")


def _read_at(
    mark: BoundaryReading | None, boundary: datetime, office: Office, words: CommandWords
) -> str | None:
    """Return when a reading was taken, and how far from its midnight."""
    if mark is None:
        return None
    local = mark.at.astimezone(office.zone)
    return f"{local:%m-%d %H:%M} ({_distance(mark.at - boundary, words)})"


def _distance(span: timedelta, words: CommandWords) -> str:
    sign, seconds = ("-", -span) if span < timedelta(0) else ("+", span)
    return f"{sign}{span_text(int(seconds.total_seconds()), words)}"


def formulas_table(
    statement: Statement, words: CommandWords, *, every: bool
) -> Table[tuple[str, str]]:
    """Return how each place's total comes about; unless `every`, only where it is not plain."""
    return Table(
        "formulas",
        (
            Column("place", lambda row: row[0], words("place"), _TEXT),
            Column("formula", lambda row: row[1], words("formula"), _TEXT),
        ),
        list(formula_rows(statement, words, every=every)),
        title=words("formula_title"),
        needs_rows=True,
    )


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


@dataclass(frozen=True, slots=True)
class _DepartmentRow:
    """What a statement says of a department, or of all of them."""

    name: str
    pages: Mapping[Meter, int]
    target: int | None
    read: str | None
    estimated: int
    known: Completeness
    paper: PaperSum | None
    measure: Measure = Measure.IMPRESSIONS
    with_excluded: bool = False

    @property
    def total(self) -> int:
        """Its impressions."""
        return self.pages.get(TOTAL, 0)

    @property
    def used(self) -> int | None:
        """What its target counts of them; None where that is not known."""
        stated = (self.measure, self.total, self.pages, self.paper or NO_PAPER)
        return amount(*stated, with_excluded=self.with_excluded)

    @property
    def excluded(self) -> int:
        """Impressions that were declared excluded."""
        return self.pages.get(EXCLUDED, 0)

    @property
    def remaining(self) -> int | None:
        """What is left until its target; None without one."""
        return None if self.target is None or self.used is None else self.target - self.used


def departments_table(
    statement: Statement, fleet: Fleet, words: CommandWords
) -> Table[_DepartmentRow]:
    """Return each department against its target, all of them as the last line."""
    columns = _department_columns(words)
    return Table(
        "departments",
        columns,
        list(_department_rows(statement, fleet, words)),
        title=words("departments_title"),
        total=total_of(columns, _whole(statement, words)),
        spare=("color", "mono", "estimated", "remaining"),
    )


def _department_columns(words: CommandWords) -> tuple[Column[_DepartmentRow], ...]:
    return (
        Column("department", lambda row: row.name, words("department"), _TEXT),
        Column("pages", lambda row: row.total, words("pages")),
        *_excluded_columns(words),
        Column(
            "sheets_used",
            lambda row: None if row.paper is None else sheets_shown(row.paper, words),
            words("sheets_used"),
            optional=True,
        ),
        _colour("mono", TOTAL_MONO, words),
        _colour("color", TOTAL_COLOR, words),
        Column(
            "target",
            lambda row: row.target,
            words("target"),
            shown=lambda row: counted_in(row.measure, row.target, words),
        ),
        Column(
            "remaining",
            lambda row: row.remaining,
            words("remaining"),
            shown=lambda row: counted_in(row.measure, row.remaining, words),
        ),
        Column(
            "ratio",
            lambda row: row.used / row.target if row.target and row.used is not None else None,
            words("ratio"),
            CellKind.SHARE,
        ),
        Column("read", lambda row: row.read, words("read")),
        Column("estimated", lambda row: row.estimated, words("estimated")),
        Column(
            "margin",
            lambda row: margin_text(row.known.margin) if row.known.margin else None,
            words("margin"),
        ),
        Column("in_question", lambda row: row.known.in_question or None, words("in_question")),
    )


def _excluded_columns(words: CommandWords) -> tuple[Column[_DepartmentRow], ...]:
    """Return what is excluded and the total without it, where anything is."""

    def without(row: _DepartmentRow) -> int | None:
        return row.total - row.excluded if row.excluded else None

    return (
        Column("excluded", lambda row: row.excluded or None, words("excluded"), optional=True),
        Column("pages_without", without, words("pages_without"), optional=True),
    )


def _colour(key: str, meter: Meter, words: CommandWords) -> Column[_DepartmentRow]:
    return Column(key, lambda row: at_least(row.total, row.pages, meter), words(key))


def _department_rows(
    statement: Statement, fleet: Fleet, words: CommandWords
) -> Iterator[_DepartmentRow]:
    lines, paper = {one.department: one for one in statement.departments}, _paper(statement)
    for one in departments_of(statement, fleet):
        figures, line = sealed_figures(statement, one.id), lines.get(one.id)
        asked = f"{len(figures.asked) - len(figures.missing)}/{len(figures.asked)}"
        yield _DepartmentRow(
            INDENT * len(statement.above(one.id)) + department_name(one, words),
            figures.meters,
            None if line is None else line.target,
            asked if line is not None or figures.asked else None,
            figures.estimated,
            figures.known,
            paper.get(one.id),
            Measure.IMPRESSIONS if line is None else line.measure,
            line is not None and line.with_excluded,
        )


def _paper(statement: Statement) -> Mapping[DepartmentId, PaperSum]:
    """Return the sheets of each department with its parts, where they were sealed."""
    return sealed_paper(statement, (), PaperFacts()) if statement.paper() else {}


def _whole(statement: Statement, words: CommandWords) -> _DepartmentRow:
    """Return all departments together; a target where all of them have one."""
    pages = statement.department_pages().values()
    complete, figures = completeness(statement), sealed_figures(statement, WHOLE_OFFICE)
    return _DepartmentRow(
        words("total"),
        {
            meter: sum(one.get(meter, 0) for one in pages)
            for meter in (TOTAL, TOTAL_MONO, TOTAL_COLOR, EXCLUDED)
            if any(meter in one for one in pages)
        },
        figures.target,
        f"{complete.read}/{complete.places}",
        sum(statement.department_estimated().values()),
        complete,
        statement.paper_of(),
        figures.measure,
        figures.with_excluded,
    )


def questions_table(statement: Statement, words: CommandWords) -> Table[tuple[str, PlaceId, int]]:
    """Return each question that is named: its finding, its place, its pages."""
    return Table(
        "questions",
        (
            Column("id", lambda row: row[0], words("id"), _TEXT),
            Column("place", lambda row: row[1], words("place"), _TEXT),
            Column("pages", lambda row: row[2], words("pages")),
        ),
        [
            (finding, line.place, pages)
            for line in statement.places
            for finding, pages in line.questions.items()
        ],
        title=words("questions_title"),
        needs_rows=True,
    )


@dataclass(frozen=True, slots=True)
class _AdjustmentRow:
    """An adjustment, and what was sealed of it."""

    line: Adjustment
    sealed: Mapping[str, Any]


def adjustments_table(
    statement: Statement, fleet: Fleet, words: CommandWords, after: int = 0
) -> Table[_AdjustmentRow]:
    """Return what later revisions than `after` add or take, and why."""
    names = {one.id: department_name(one, words) for one in departments_of(statement, fleet)}
    sealed = to_dict(statement)["adjustments"]
    return Table(
        "adjustments",
        (
            *map(_sealed, _SEALED_ADJUSTMENT),
            Column("at", None, words("place"), _TEXT, shown=lambda row: row.line.place),
            Column("number", None, words("revision"), shown=lambda row: row.line.revision),
            Column(
                "whose",
                None,
                words("department"),
                _TEXT,
                shown=lambda row: names.get(row.line.department, row.line.department),
            ),
            Column(
                "total",
                None,
                words("pages"),
                CellKind.SIGNED,
                shown=lambda row: row.line.pages.get(TOTAL, 0),
            ),
            Column("why", None, words("cause"), _TEXT, shown=lambda row: _why(row.line, words)),
        ),
        [
            _AdjustmentRow(line, text)
            for line, text in zip(statement.adjustments, sealed, strict=True)
            if line.revision > after
        ],
        title=words("adjustments_title"),
        needs_rows=True,
    )


def _why(one: Adjustment, words: CommandWords) -> str:
    reason = worded(one.reason)
    if words.is_japanese and reason == one.reason:
        reason = words(f"cause_{one.cause.value}")
    return f"{reason} [{one.entry}]" if one.entry else reason


def changes_table(
    changes: Sequence[Change], words: CommandWords, title: str = "changes_title"
) -> Table[Change]:
    """Return in what a plan differs from the one before."""
    return Table(
        "changes",
        (
            Column(
                "what",
                lambda one: one.kind.value,
                words("differs"),
                _TEXT,
                shown=lambda one: words(f"change_{one.kind.value}"),
            ),
            Column(
                "subject",
                lambda one: one.subject,
                words("place"),
                _TEXT,
                shown=lambda one: one.subject or None,
            ),
            Column("before", lambda one: one.before, words("before")),
            Column("after", lambda one: one.after, words("after")),
        ),
        changes,
        title=words(title),
        shown=("subject", "what", "before", "after"),
        needs_rows=True,
    )


def to_dict(statement: Statement) -> dict[str, Any]:
    """Return all that `statement` states as plain values, with its totals worked out."""
    content: dict[str, Any] = json.loads(canonical(statement))
    pages = statement.department_pages()
    known = completeness(statement)
    return content | {
        "total": statement.total,
        "excluded": statement.excluded,
        "total_without": statement.total - statement.excluded,
        "low": max(0, statement.total - known.margin.less),
        "high": statement.total + known.margin.more,
        "completeness": completeness_dict(known),
        "department_totals": {one: dict(each) for one, each in pages.items()},
        "totals_with_parts": {
            one: dict(added(own.values())) for one, own in statement.grouped().items()
        },
        "sheets": _sheets_dict(statement.paper_of()),
        "department_sheets": {one: _sheets_dict(statement.paper_of([one])) for one in pages},
        "place_totals": {one: dict(each) for one, each in statement.place_pages().items()},
    }


def _sheets_dict(sheets: PaperSum | None) -> dict[str, object] | None:
    """Return sheets as plain values; None where they were not known, or not sealed."""
    if sheets is None or sheets.paper is None:
        return None
    paper, quality = sheets.paper, sheets.quality
    known = {"used": paper.value, "low": paper.low, "high": paper.high}
    return {**known, "quality": None if quality is None else quality.value}


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


def statement_tables(
    statement: Statement,
    context: OfficeContext,
    words: CommandWords,
    title: str,
    *,
    proof: bool = False,
) -> list[Table[Any]]:
    """Return places, how their pages come about, adjustments and departments of `statement`.

    `proof`: the formula of every place, and not only of those where it is not plain.
    """
    return [
        places_table(statement, context.office, words, title),
        formulas_table(statement, words, every=proof),
        adjustments_table(statement, context.fleet, words),
        questions_table(statement, words),
        departments_table(statement, context.fleet, words),
    ]
