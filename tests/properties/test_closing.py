"""Laws of statements and their revisions, for any pages, guesses, shares and changes of mind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.closing.accounts import Account, added, answering, shared_out, unknown_place
from collector.domain.closing.adjustments import next_revision
from collector.domain.closing.draw_up import (
    ClosingFacts,
    changes_between,
    checksum,
    completeness,
    draw_up,
)
from collector.domain.closing.guesses import by_mix, guess_shares
from collector.domain.closing.seal import FaultKind, Witness, canonical, faults, sealed
from collector.domain.closing.statement import Guess, Sealed, Statement
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"), closing_day=20)
PERIOD = OFFICE.period("2026-11")
AT = datetime(2026, 11, 25, tzinfo=UTC)
NAMES = ("a", "b", "c")
PLACES = ("p", "q", "r")
METERS = (TOTAL, TOTAL_MONO, TOTAL_COLOR, Meter("scan"))

SHARES = st.sampled_from(
    [{"a": 100}, {"a": 60, "b": 40}, {"a": 20, "b": 30, "c": 50}, {"c": 100}, {"b": 1, "c": 99}]
)
SPANS = st.lists(
    st.tuples(st.dates(date(2026, 9, 1), date(2026, 12, 31)), SHARES),
    max_size=3,
    unique_by=lambda pair: pair[0],
)
PAGES = st.dictionaries(st.sampled_from(METERS), st.integers(0, 300), min_size=1)
DAYS = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.integers(0, len(PERIOD.days) - 1)), PAGES, max_size=25
)
GUESSES = st.dictionaries(st.sampled_from(PLACES), st.integers(1, 500), max_size=3)


def place(name: str, spans: Sequence[tuple[date, Mapping[str, int]]]) -> Place:
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in weights.items()})
        for start, weights in sorted(spans, key=lambda pair: pair[0])
    )
    return Place(PlaceId(name), name, "", assignments=assignments)


FLEETS = st.builds(
    lambda spans, kept: Fleet(
        tuple(Department(DepartmentId(one), one) for one in NAMES),
        tuple(place(name, own) for name, own in zip(PLACES, spans, strict=True))[:kept],
    ),
    st.tuples(SPANS, SPANS, SPANS),
    st.integers(1, 3),
)
Known = tuple[Fleet, Mapping[tuple[str, int], Mapping[Meter, int]], Mapping[str, int]]
KNOWN = st.tuples(FLEETS, DAYS, GUESSES)


def accounts(known: Known, order: int = 1) -> list[Account]:
    """Return every place's account by these days and guesses."""
    fleet, figures, guesses = known
    days = [
        DayUsage(PlaceId(name), PERIOD.start + ONE_DAY * number, pages)
        for (name, number), pages in list(figures.items())[::order]
    ]
    shared = shared_out(days, {}, fleet, OFFICE, PERIOD)
    found = []
    for name in PLACES[::order]:
        here = fleet.place(PlaceId(name)) or unknown_place(PlaceId(name))
        shares, _ = shared.get(here.id, ({}, {}))
        guess = _guess(here, guesses[name]) if name in guesses else None
        spans = answering(here, PERIOD)
        found.append(Account(here, spans, shares, guess=guess, read=guess is None))
    return found


def _guess(here: Place, total: int) -> Guess:
    pages = by_mix(total, {TOTAL: 10, TOTAL_MONO: 7, TOTAL_COLOR: 3, Meter("scan"): 4})
    weights = {one: Fraction(share) for one, share in here.shares_on(PERIOD.end).items()}
    return Guess(pages, total // 2, total * 2, guess_shares(pages, weights))


def drawn_up(known: Known) -> Statement:
    return draw_up(ClosingFacts(OFFICE, known[0], PERIOD, accounts(known)), AT)


def truth(known: Known) -> Counter[tuple[str, str, str]]:
    """Return (place, department, meter) -> pages, what is 0 left out."""
    found: Counter[tuple[str, str, str]] = Counter()
    for account in accounts(known):
        for department, pages in account.with_guess.items():
            for meter, count in pages.items():
                found[account.place.id, department, meter] += count
    return +found


def stated(statement: Statement) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for line in statement.places:
        for department, pages in line.shares.items():
            for meter, count in pages.items():
                found[line.place, department, meter] += count
    for one in statement.adjustments:
        for meter, count in one.pages.items():
            found[one.place, one.department, meter] += count
    return Counter({key: count for key, count in found.items() if count})


def revised(before: Statement, known: Known) -> Statement | None:
    return next_revision(before, accounts(known), {}, known[0], AT)


def chained(statements: Sequence[Statement]) -> list[Sealed]:
    chain: list[Sealed] = []
    for one in statements:
        chain.append(sealed(replace(one, previous=chain[-1].seal if chain else "")))
    return chain


@given(KNOWN)
def test_a_statement_states_every_page_once(known: Known) -> None:
    statement = drawn_up(known)
    assert stated(statement) == truth(known)
    assert faults(chained([statement])) == ()
    by_department = added(statement.department_pages().values())
    by_place = added(statement.place_pages().values())
    counted = added(known[1].values())
    guessed = added(one.guess.pages for one in statement.places if one.guess is not None)
    for meter in METERS:
        assert by_department.get(meter, 0) == by_place.get(meter, 0)
        assert by_place.get(meter, 0) == counted.get(meter, 0) + guessed.get(meter, 0)


@given(KNOWN)
def test_the_order_of_the_facts_decides_nothing(known: Known) -> None:
    one = drawn_up(known)
    two = draw_up(ClosingFacts(OFFICE, known[0], PERIOD, accounts(known, -1)), AT)
    assert canonical(one) == canonical(two)


@given(KNOWN, KNOWN, KNOWN)
def test_a_revision_is_the_present_truth_and_repeats_what_was_sealed(
    first: Known, second: Known, third: Known
) -> None:
    chain = [drawn_up(first)]
    for known in (second, third):
        after = revised(chain[-1], known)
        if after is None:
            assert stated(chain[-1]) == truth(known)
            continue
        assert stated(after) == truth(known)
        assert after.total == sum(
            pages for (_, _, meter), pages in truth(known).items() if meter == TOTAL
        )
        assert revised(after, known) is None, "closing twice is closing once"
        chain.append(after)
    assert faults(chained(chain)) == ()


@given(KNOWN, FLEETS)
def test_changing_who_answers_moves_pages_and_makes_none(known: Known, other: Fleet) -> None:
    whole = replace(other, places=other.places[: len(known[0].places)])
    before = drawn_up(known)
    after = revised(before, (whole, known[1], known[2]))
    if after is not None:
        assert added(after.place_pages().values()) == added(before.place_pages().values())
        for name in PLACES:
            moved = [one.pages for one in after.adjustments if one.place == name]
            assert not any(added(moved).values())


@given(
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.integers(1, 5000),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100), min_size=1),
)
def test_a_guess_is_shared_in_whole_pages_and_its_meters_stay_one_sum(
    mono: int, color: int, total: int, weights: dict[str, int]
) -> None:
    copied = (mono + color) // 3
    services = {Meter("copy"): copied, Meter("print"): mono + color - copied}
    mix = {TOTAL: mono + color, TOTAL_MONO: mono, TOTAL_COLOR: color, **services}
    pages = by_mix(total, mix)
    named = {DepartmentId(one): Fraction(share) for one, share in weights.items()}
    shares = guess_shares(pages, named)
    assert added(shares.values()) == {meter: count for meter, count in pages.items() if count}
    for part in shares.values():
        assert all(count > 0 for count in part.values())
        assert part.get(TOTAL_MONO, 0) + part.get(TOTAL_COLOR, 0) == part[TOTAL]
        assert sum(part.get(meter, 0) for meter in services) == part[TOTAL]


@given(KNOWN, KNOWN)
def test_plans_with_one_checksum_do_not_differ(first: Known, second: Known) -> None:
    one, two = drawn_up(first), drawn_up(second)
    assert (checksum(one) == checksum(two)) == (not list(changes_between(one, two)))
    assert checksum(one) == checksum(replace(one, closed_by="x", previous="y"))


@given(KNOWN, KNOWN)
def test_completeness_counts_every_place_once(first: Known, second: Known) -> None:
    one = drawn_up(first)
    for statement in (one, revised(one, second)):
        if statement is not None:
            known = completeness(statement)
            assert 0 <= known.read <= known.places == len(statement.places)
            assert known.read + len([*known.estimated]) <= known.places
            assert known.uncertainty >= 0


@given(KNOWN, KNOWN, st.data())
def test_whatever_is_changed_in_a_chain_is_found(
    first: Known, second: Known, data: st.DataObject
) -> None:
    """One figure is changed; the seal stays, or is made to fit, or the statement is taken out."""
    statements = [drawn_up(first)]
    after = revised(statements[0], second)
    statements += [] if after is None else [after]
    chain = chained(statements)
    told = [Witness("2026-11", one.statement.revision, one.seal) for one in chain]
    assert faults(chain, told) == ()
    at = data.draw(st.integers(0, len(chain) - 1))
    one = chain[at].statement
    forged = data.draw(
        st.sampled_from(
            [
                replace(one, closed_by=one.closed_by + "x"),
                replace(one, zone="Europe/Berlin"),
                replace(one, places=one.places[1:]),
                replace(one, departments=(replace(one.departments[0], target=1),)),
            ]
        )
    )
    how = data.draw(st.sampled_from(["kept seal", "new seal", "gone"]))
    if how == "kept seal":
        chain[at] = Sealed(forged, canonical(forged), chain[at].seal)
        kinds = {FaultKind.SEAL}
    elif how == "new seal":
        chain[at] = sealed(forged)
        kinds = {FaultKind.WITNESS}
    else:
        del chain[at]
        kinds = {FaultKind.GONE}
    found = faults(chain, told)
    assert kinds <= {fault.kind for fault in found}
    assert {fault.period for fault in found} == {"2026-11"}
