"""What a later revision adds: the guess taken back, moves between departments, counted pages."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collector.domain.closing.accounts import Account, answering
from collector.domain.closing.adjustments import Why, kept_shares, next_revision
from collector.domain.closing.draw_up import ClosingFacts, completeness, draw_up, guesses_left
from collector.domain.closing.statement import Cause, Guess, Statement
from collector.domain.meters import TOTAL, TOTAL_MONO, Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
NOVEMBER = OFFICE.period("2026-11")
AT = datetime(2026, 12, 4, tzinfo=UTC)
P, Q = PlaceId("p"), PlaceId("q")
A, B = DepartmentId("a"), DepartmentId("b")
LONG_AGO = date(2020, 4, 1)
ENTERED = Why(Cause.ENTRY, verbatim("鈴木 read 5 off the panel"), "abc")


def place(name: PlaceId, shares: Mapping[DepartmentId, int]) -> Place:
    return Place(name, f"{name}のコピー機", "", assignments=(Assignment(LONG_AGO, shares),))


def fleet(*places: Place) -> Fleet:
    return Fleet((Department(A, "総務課"), Department(B, "税務課")), places)


def account(
    here: Place, guess: Guess | None = None, heard: datetime | None = None, **pages: int
) -> Account:
    """Return an account with `pages` by department: a=30, b=20."""
    shares = {DepartmentId(one): {TOTAL: count} for one, count in pages.items()}
    return Account(
        here, answering(here, NOVEMBER), shares, guess=guess, read=guess is None, heard_late=heard
    )


def sealed(*accounts: Account) -> Statement:
    of = fleet(*(one.place for one in accounts))
    return draw_up(ClosingFacts(OFFICE, of, NOVEMBER, accounts), AT)


def lines(statement: Statement | None) -> list[tuple[str, str, int, Cause]]:
    assert statement is not None
    return [
        (one.place, one.department, one.pages[TOTAL], one.cause) for one in statement.adjustments
    ]


WHOLE = place(P, {A: 100})
BOTH = place(P, {A: 60, B: 40})
GUESS = Guess({TOTAL: 50}, 40, 60, {A: {TOTAL: 30}, B: {TOTAL: 20}}, AT)


def test_nothing_new_is_no_revision() -> None:
    before = sealed(account(BOTH, GUESS, a=6, b=4))
    assert next_revision(before, [account(BOTH, GUESS, a=6, b=4)], {}, fleet(BOTH), AT) is None


def test_a_late_copier_gives_back_the_guess_and_states_what_was_read() -> None:
    before = sealed(account(BOTH, GUESS, a=6, b=4))
    why = {P: Why(Cause.LATE, verbatim("read on the 8th"))}
    after = next_revision(before, [account(BOTH, heard=AT, a=33, b=22)], why, fleet(BOTH), AT)
    assert lines(after) == [
        (P, A, -30, Cause.GUESS),
        (P, B, -20, Cause.GUESS),
        (P, A, 27, Cause.LATE),
        (P, B, 18, Cause.LATE),
    ]
    assert after is not None
    assert (after.total, guesses_left(after)) == (55, {})
    assert (completeness(before).read, completeness(after).read) == (0, 1)
    assert [one.estimated for one in after.adjustments] == [-30, -20, 0, 0]


def test_pages_that_came_and_pages_that_moved_are_told_apart() -> None:
    """30 pages were sealed for a; b answers for all of it now, and 5 were found."""
    before = sealed(account(WHOLE, a=30))
    moved = place(P, {B: 100})
    after = next_revision(before, [account(moved, b=35)], {P: ENTERED}, fleet(moved), AT)
    assert lines(after) == [
        (P, A, -30, Cause.MOVED),
        (P, B, 30, Cause.MOVED),
        (P, B, 5, Cause.ENTRY),
    ]
    assert after is not None
    assert [one.entry for one in after.adjustments] == [None, None, "abc"]
    again = next_revision(after, [account(moved, b=35)], {}, fleet(moved), AT)
    assert again is None
    third = next_revision(after, [account(moved, b=36)], {}, fleet(moved), AT)
    assert third is not None
    assert lines(third)[3:] == [(P, B, 1, Cause.RECOUNTED)], "what moved is not moved again"


def test_a_place_that_the_statement_does_not_name_comes_by_adjustments_alone() -> None:
    before = sealed(account(WHOLE, a=30))
    other = place(Q, {B: 100})
    accounts = [account(WHOLE, a=30), account(other, b=7)]
    after = next_revision(before, accounts, {}, fleet(WHOLE, other), AT)
    assert lines(after) == [(Q, B, 7, Cause.RECOUNTED)]
    assert after is not None
    assert after.places == before.places
    assert after.department_pages()[B] == {TOTAL: 7}


def test_a_place_without_an_account_any_more_loses_its_pages() -> None:
    before = sealed(account(WHOLE, a=30))
    after = next_revision(before, [], {}, fleet(), AT)
    assert lines(after) == [(P, A, -30, Cause.RECOUNTED)]


def test_estimated_pages_follow_the_readings() -> None:
    known = Account(WHOLE, answering(WHOLE, NOVEMBER), {A: {TOTAL: 30}}, {A: 10})
    before = sealed(known)
    assert before.department_estimated() == {A: 10, B: 0}
    now = Account(WHOLE, answering(WHOLE, NOVEMBER), {A: {TOTAL: 28}}, {})
    after = next_revision(before, [now], {P: ENTERED}, fleet(WHOLE), AT)
    assert after is not None
    assert [one.estimated for one in after.adjustments] == [-10]
    assert after.department_estimated()[A] == 0


def test_a_guess_that_other_departments_answer_for_moves_with_the_place() -> None:
    before = sealed(account(BOTH, GUESS, a=6, b=4))
    moved = Guess({TOTAL: 50}, 40, 60, {A: {TOTAL: 50}}, AT)
    after = next_revision(before, [account(WHOLE, moved, a=10)], {}, fleet(WHOLE), AT)
    assert lines(after) == [
        (P, A, 20, Cause.GUESS),
        (P, B, -20, Cause.GUESS),
        (P, A, 4, Cause.MOVED),
        (P, B, -4, Cause.MOVED),
    ]
    assert after is not None
    assert guesses_left(after) == {P: 50}
    assert after.adjustments[0].reason == after.adjustments[2].reason


def test_a_place_that_left_the_fleet_file_keeps_its_proportions() -> None:
    sealed_ = {A: {TOTAL: 60, TOTAL_MONO: 50}, B: {TOTAL: 40, TOTAL_MONO: 10}}
    assert kept_shares(sealed_, {TOTAL: 100, TOTAL_MONO: 60}) == sealed_
    more = kept_shares(sealed_, {TOTAL: 110, TOTAL_MONO: 60, Meter("scan"): 10})
    assert more == {
        A: {TOTAL: 66, TOTAL_MONO: 50, Meter("scan"): 6},
        B: {TOTAL: 44, TOTAL_MONO: 10, Meter("scan"): 4},
    }


def test_late_pages_after_a_split_within_the_month_move_nothing() -> None:
    """A answered until the 15th, b from the 16th on, at the closing as well as now."""
    spans = (Assignment(LONG_AGO, {A: 100}), Assignment(date(2026, 11, 16), {B: 100}))
    split = Place(P, "p", "", assignments=spans)
    before = sealed(account(split, a=300, b=100))
    why = {P: Why(Cause.LATE, verbatim("read on the 8th"))}
    after = next_revision(before, [account(split, a=300, b=250)], why, fleet(split), AT)
    assert lines(after) == [(P, B, 150, Cause.LATE)]
