"""What a statement leaves open: sealed with it, and a text without it is as it always was."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collector.domain.closing.draw_up import changes_between, checksum, completeness, place_margins
from collector.domain.closing.seal import canonical, parsed
from collector.domain.closing.statement import (
    Adjustment,
    BoundaryReading,
    Cause,
    DepartmentLine,
    Guess,
    PlaceLine,
    Statement,
)
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.ranges import Margin
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
A, B = DepartmentId("a"), DepartmentId("b")
P, Q = PlaceId("p"), PlaceId("q")
AT = datetime(2026, 12, 3, tzinfo=UTC)
SPLIT = {A: Margin(3, 357), B: Margin(2, 238), WHOLE_OFFICE: Margin(5, 595)}


def line(place: PlaceId, **more: object) -> PlaceLine:
    plain = PlaceLine(place, place, None, None, {TOTAL: 100}, {A: {TOTAL: 60}, B: {TOTAL: 40}})
    return replace(plain, **more)


def statement(*lines: PlaceLine, **more: object) -> Statement:
    departments = (DepartmentLine(A, "A", None, {TOTAL: 60}), DepartmentLine(B, "B", None, {}))
    plain = Statement("t", "Asia/Tokyo", OFFICE.period("2026-11"), 1, AT, "x", lines, departments)
    return replace(plain, **more)


def test_a_text_with_nothing_open_names_nothing_new() -> None:
    text = canonical(statement(line(P)))
    assert not any(word in text for word in ("margin", "question"))
    assert parsed(text) == statement(line(P))


def test_what_is_open_is_sealed_and_read_back() -> None:
    late = Adjustment(2, P, A, {TOTAL: 7}, "late", margin=Margin(-3, -350), cause=Cause.LATE)
    one = statement(
        line(P, margins=SPLIT, questions={"f1": 300}), line(Q), adjustments=(late,), revision=2
    )
    assert parsed(canonical(one)) == one
    assert canonical(parsed(canonical(one))) == canonical(one)


def test_the_margins_of_places_add_up_and_departments_have_their_own() -> None:
    guess = Guess({TOTAL: 50}, 30, 90, {A: {TOTAL: 30}, B: {TOTAL: 20}})
    one = statement(line(P, margins=SPLIT, questions={"f1": 300}), line(Q, guess=guess, read=False))
    known = completeness(one)
    assert (known.read, known.estimated) == (1, (P, Q))
    assert (known.margin, known.in_question) == (Margin(25, 635), 300)
    assert known.uncertainty == 635
    assert completeness(one, A).margin == Margin(3 + 12, 357 + 24)
    assert completeness(one, B).margin == Margin(2 + 8, 238 + 16)


def test_pages_read_later_close_what_was_open() -> None:
    late = Adjustment(2, P, A, {TOTAL: 7}, "late", margin=Margin(-5, -595), cause=Cause.LATE)
    one = statement(line(P, margins={A: Margin(5, 595), WHOLE_OFFICE: Margin(5, 595)}))
    assert place_margins(one) == {P: Margin(5, 595)}
    assert place_margins(replace(one, adjustments=(late,))) == {}


def test_a_guess_of_0_is_as_open_as_one_of_5_until_the_copier_is_heard() -> None:
    one = statement(line(P, guess=Guess({TOTAL: 0}, 0, 12), read=False))
    assert completeness(one).margin == Margin(0, 12)
    heard = Adjustment(2, P, A, {TOTAL: 4}, "late", cause=Cause.LATE)
    assert completeness(replace(one, adjustments=(heard,))).margin == Margin()


def test_a_plan_is_the_same_whenever_its_readings_were_taken() -> None:
    mark = BoundaryReading(AT, DeviceKey("d"), {TOTAL: 1000})
    one = statement(line(P, closing=mark, guess=Guess({TOTAL: 5}, 0, 9, since=AT)))
    later = replace(mark, at=AT.replace(hour=5))
    moved = line(P, closing=later, guess=Guess({TOTAL: 5}, 0, 9, since=AT.replace(hour=5)))
    assert checksum(statement(moved)) == checksum(one)
    assert list(changes_between(one, statement(moved))) == []
    other = line(P, closing=replace(mark, meters={TOTAL: 1001}))
    assert checksum(statement(other)) != checksum(one)
