"""What is wrong with sealed statements: seals, chain, revisions, lines, sums, what was told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from collector.domain.closing.seal import Fault, FaultKind, Witness, canonical, faults, sealed
from collector.domain.closing.statement import (
    Adjustment,
    Cause,
    DepartmentLine,
    Guess,
    PlaceLine,
    Sealed,
    Statement,
)
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId

P = PlaceId("p")
A = DepartmentId("a")
NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 11, 30))
DECEMBER = Period("2026-12", date(2026, 12, 1), date(2026, 12, 31))
GUESS = Guess({TOTAL: 5}, 2, 9, {A: {TOTAL: 5}})
LINE = PlaceLine(P, "p", None, None, {TOTAL: 40}, {A: {TOTAL: 45}}, guess=GUESS)
GOOD = Statement(
    site="hall",
    zone="Asia/Tokyo",
    period=NOVEMBER,
    revision=1,
    closed_at=datetime(2026, 12, 4, tzinfo=UTC),
    closed_by="佐藤",
    places=(LINE,),
    departments=(DepartmentLine(A, "a", None, {TOTAL: 45}),),
)
ADDED = Adjustment(2, P, A, {TOTAL: -5}, "heard again", cause=Cause.GUESS)
SECOND = replace(GOOD, revision=2, adjustments=(ADDED,))
NEXT = replace(GOOD, period=DECEMBER)


def chained(*statements: Statement) -> list[Sealed]:
    chain: list[Sealed] = []
    for one in statements:
        chain.append(sealed(replace(one, previous=chain[-1].seal if chain else "")))
    return chain


def kinds(chain: Sequence[Sealed], *told: Witness) -> list[tuple[FaultKind, str, int]]:
    return [(one.kind, one.period, one.revision) for one in faults(chain, told)]


def test_nothing_is_wrong_with_what_was_sealed() -> None:
    chain = chained(GOOD, NEXT, SECOND)
    told = [Witness(one.statement.period.name, one.statement.revision, one.seal) for one in chain]
    assert kinds(chain, *told) == []
    assert kinds([]) == []


def test_a_text_that_was_changed_no_longer_fits_its_seal() -> None:
    chain = chained(GOOD, NEXT)
    forged = replace(chain[0].statement, closed_by="鈴木")
    chain[0] = Sealed(forged, canonical(forged), chain[0].seal)
    assert kinds(chain) == [(FaultKind.SEAL, "2026-11", 1)]


def test_blanks_in_a_text_are_a_change_too() -> None:
    (one,) = chained(GOOD)
    assert kinds([Sealed(one.statement, one.text + " ", one.seal)]) == [
        (FaultKind.SEAL, "2026-11", 1)
    ]


def test_a_new_seal_over_a_changed_text_breaks_the_next_ones_chain() -> None:
    chain = chained(GOOD, NEXT)
    chain[0] = sealed(replace(chain[0].statement, closed_by="鈴木"))
    assert kinds(chain) == [(FaultKind.CHAIN, "2026-12", 1)]


def test_the_newest_statement_sealed_anew_is_found_by_what_was_told() -> None:
    (one,) = chained(GOOD)
    told = Witness("2026-11", 1, one.seal)
    assert kinds([sealed(replace(GOOD, closed_by="鈴木"))], told) == [
        (FaultKind.WITNESS, "2026-11", 1)
    ]
    assert kinds([], told) == [(FaultKind.GONE, "2026-11", 1)]


def test_a_revision_that_is_missing() -> None:
    assert kinds(chained(SECOND)) == [(FaultKind.REVISION, "2026-11", 2)]
    third = replace(SECOND, revision=3, adjustments=(replace(ADDED, revision=3),))
    assert kinds(chained(GOOD, third)) == [(FaultKind.REVISION, "2026-11", 3)]


@pytest.mark.parametrize(
    "forged",
    [
        replace(SECOND, places=(replace(LINE, name="other"),)),
        replace(SECOND, departments=(replace(GOOD.departments[0], target=9),)),
        replace(SECOND, adjustments=(replace(ADDED, revision=1),)),
    ],
)
def test_a_revision_repeats_the_lines_before_it(forged: Statement) -> None:
    assert kinds(chained(GOOD, forged)) == [(FaultKind.LINES, "2026-11", 2)]


def test_an_adjustment_is_never_taken_out_again() -> None:
    third = replace(SECOND, revision=3, adjustments=(replace(ADDED, revision=3),))
    assert kinds(chained(GOOD, SECOND, third)) == [(FaultKind.LINES, "2026-11", 3)]


@pytest.mark.parametrize(
    ("forged", "where"),
    [
        (replace(GOOD, places=(replace(LINE, pages={TOTAL: 41}),)), "p"),
        (replace(GOOD, places=(replace(LINE, guess=replace(GUESS, shares={})),)), "p"),
        (replace(GOOD, departments=(replace(GOOD.departments[0], pages={TOTAL: 44}),)), "a"),
        (replace(GOOD, departments=()), "a"),
    ],
)
def test_sums_that_do_not_add_up_name_the_place_or_department(
    forged: Statement, where: str
) -> None:
    assert faults(chained(forged)) == (Fault(FaultKind.SUMS, "2026-11", 1, where),)
