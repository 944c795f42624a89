"""A statement's text states all of it, and any change of it breaks the seal."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.closing.seal import (
    FaultKind,
    canonical,
    linked,
    parsed,
    seal_of,
    sealed,
    sealed_totals,
    torn,
)
from collector.domain.closing.statement import (
    Adjustment,
    BoundaryReading,
    Branch,
    Cause,
    DepartmentLine,
    GrowthSpan,
    Guess,
    Link,
    PlaceLine,
    Statement,
)
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import Quality
from collector.domain.meters import METERS, TOTAL, Meter
from collector.domain.office.fleet import WHOLE_OFFICE, Assignment, DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId

T0 = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = st.text(max_size=12)
TIMES = st.integers(0, 2**40).map(lambda us: T0 + timedelta(microseconds=us))
COUNTS = st.integers(0, 2**40)
PAGES = st.dictionaries(st.sampled_from(sorted(METERS)), COUNTS, max_size=4)
SIGNED = st.dictionaries(st.sampled_from(sorted(METERS)), st.integers(-(2**40), 2**40), max_size=4)
DEPARTMENTS = TEXT.map(DepartmentId)
PLACES = TEXT.map(PlaceId)
MARKS = st.builds(BoundaryReading, TIMES, TEXT.map(DeviceKey), PAGES, st.booleans())
BY_DEPARTMENT = st.dictionaries(DEPARTMENTS, PAGES, max_size=3)
METER_NAMES = st.sampled_from(sorted(METERS)).map(Meter)
SPANS = st.builds(GrowthSpan, METER_NAMES, TEXT.map(DeviceKey), TIMES, TIMES, COUNTS, COUNTS)
ANSWERING = st.lists(
    st.builds(
        Assignment,
        st.dates(),
        st.dictionaries(DEPARTMENTS, st.integers(1, 100), max_size=3),
    ),
    max_size=2,
).map(tuple)
LINES = st.builds(
    PlaceLine,
    *(PLACES, TEXT, st.none() | MARKS, st.none() | MARKS, PAGES),
    shares=BY_DEPARTMENT,
    quality=st.sampled_from(Quality),
    estimated=COUNTS,
    guess=st.none() | st.builds(Guess, PAGES, COUNTS, COUNTS, BY_DEPARTMENT, st.none() | TIMES),
    breaks=st.lists(TEXT, max_size=2).map(tuple),
    read=st.booleans(),
    spans=st.lists(SPANS, max_size=2).map(tuple),
)
STATEMENTS = st.builds(
    Statement,
    *(TEXT, TEXT),
    period=st.just(Period("2026-11", date(2026, 11, 1), date(2026, 11, 30))),
    revision=st.integers(1, 99),
    closed_at=TIMES,
    closed_by=TEXT,
    places=st.lists(LINES, max_size=3).map(tuple),
    departments=st.lists(
        st.builds(
            DepartmentLine,
            *(DEPARTMENTS, TEXT, st.none() | TEXT, PAGES, st.none() | COUNTS),
            *(COUNTS, COUNTS, COUNTS),
        ),
        max_size=3,
    ).map(tuple),
    adjustments=st.lists(
        st.builds(
            Adjustment,
            *(st.integers(2, 9), PLACES, DEPARTMENTS, SIGNED, TEXT, st.none() | TEXT),
            *(st.sampled_from(Cause), st.integers(-9, 9)),
        ),
        max_size=3,
    ).map(tuple),
    previous=TEXT,
    answering=st.dictionaries(PLACES, ANSWERING, max_size=3),
    tree=st.dictionaries(
        DEPARTMENTS,
        st.lists(
            st.builds(Branch, st.dates(), st.lists(DEPARTMENTS, max_size=2).map(tuple), PAGES),
            min_size=1,
            max_size=2,
        ).map(tuple),
        max_size=2,
    ),
)


@given(STATEMENTS)
def test_a_statement_survives_its_text(statement: Statement) -> None:
    text = canonical(statement)
    assert parsed(text) == statement
    assert canonical(parsed(text)) == text


@given(STATEMENTS, st.data())
def test_any_change_of_the_text_breaks_the_seal(statement: Statement, data: st.DataObject) -> None:
    one = sealed(statement)
    at = data.draw(st.integers(0, len(one.text) - 1))
    changed = one.text[:at] + chr(ord(one.text[at]) ^ 1) + one.text[at + 1 :]
    assert seal_of(one.text) == one.seal
    assert seal_of(changed) != one.seal


@given(STATEMENTS)
def test_the_seal_before_is_part_of_the_seal(statement: Statement) -> None:
    other = replace(statement, previous=statement.previous + "x")
    assert sealed(other).seal != sealed(statement).seal


@given(STATEMENTS, st.booleans(), st.none() | st.integers(1, 3))
def test_a_link_says_of_a_statement_what_the_statement_says(
    statement: Statement, spaced: bool, level: int | None
) -> None:
    """Of a text that nobody here would write as well: only its seal tells whether it is one."""
    text = canonical(statement)
    if spaced:
        text = json.dumps(json.loads(text), indent=1)
    assert parsed(text) == statement
    link = linked(text, "seal")
    said = (statement.period, statement.revision, statement.previous, text, "seal")
    assert (link.period, link.revision, link.previous, link.text, link.seal) == said
    totals = {
        group: sum(pages.get(TOTAL, 0) for pages in members.values())
        for group, members in statement.grouped(level).items()
    }
    whole = {WHOLE_OFFICE: statement.total} if statement.department_pages() else {}
    assert sealed_totals(text, level) == totals | whole
    if not statement.tree:
        own = {one: pages.get(TOTAL, 0) for one, pages in statement.department_pages().items()}
        assert totals == own


@given(st.lists(STATEMENTS, min_size=1, max_size=3), st.data())
def test_a_chain_is_torn_where_it_was_changed_or_one_is_gone(
    statements: list[Statement], data: st.DataObject
) -> None:
    links: list[Link] = []
    for number, one in enumerate(statements, start=1):
        previous = links[-1].seal if links else ""
        made = sealed(replace(one, revision=number, previous=previous))
        links.append(linked(made.text, made.seal))
    assert torn(links) == torn(links, links) == ()
    which = data.draw(st.integers(0, len(links) - 1))
    kept = links[which]
    assert len(links) == which + 1 or torn([*links[:which], *links[which + 1 :]])
    changed = [*links[:which], replace(kept, text=kept.text + " "), *links[which + 1 :]]
    (fault,) = torn(changed, links)
    assert (fault.kind, fault.revision) == (FaultKind.SEAL, which + 1)
