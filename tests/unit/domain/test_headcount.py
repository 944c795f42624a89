"""People of departments by date, and ranks among departments alike."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId, Fleet
from collector.domain.office.headcount import ALWAYS, Headcount, Rank, people_on, ranked

A, B = DepartmentId("a"), DepartmentId("b")
APRIL = date(2026, 4, 1)
STAFF = (Headcount(date(2025, 4, 1), 20), Headcount(APRIL, 24))


def test_a_headcount_holds_from_its_day_on() -> None:
    days = (date(2025, 3, 31), date(2025, 4, 1), date(2026, 3, 31), APRIL)
    assert [people_on(STAFF, day) for day in days] == [None, 20, 20, 24]
    assert people_on((Headcount(ALWAYS, 3),), date(1999, 1, 1)) == 3


def test_the_office_has_a_number_where_all_departments_state_theirs() -> None:
    known = Fleet((Department(A, "a"), Department(B, "b")), staff={A: STAFF, B: STAFF[1:]})
    assert known.people_of(WHOLE_OFFICE, APRIL) == 48
    assert known.people_of(WHOLE_OFFICE, date(2026, 3, 31)) is None
    assert Fleet().people_of(WHOLE_OFFICE, APRIL) is None


def test_like_is_ranked_with_like() -> None:
    heads = [
        ("a", None, Fraction(90), Fraction(60)),
        ("b", None, Fraction(80), Fraction(70)),
        ("c", None, Fraction(99), Fraction(60)),
        ("school", "school", Fraction(5), None),
        ("other", "school", Fraction(4), Fraction(9)),
        ("shift", "shift", Fraction(1), Fraction(1)),
    ]
    assert ranked(heads) == {
        "a": Rank(1, 3),
        "c": Rank(1, 3),
        "b": Rank(3, 3),
        "other": Rank(1, 2),
        "school": Rank(2, 2),
    }


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3),
        st.tuples(
            st.sampled_from([None, "x"]), st.fractions(0, 99), st.none() | st.fractions(0, 99)
        ),
    )
)
def test_ranks_are_places_among_those_alike(
    alike: dict[str, tuple[str | None, Fraction, Fraction | None]],
) -> None:
    found = ranked([(name, *one) for name, one in alike.items()])
    for name, rank in found.items():
        group = [one for one in alike if alike[one][0] == alike[name][0]]
        assert 1 <= rank.place <= rank.of == len(group)
        assert min(found[one].place for one in group) == 1
