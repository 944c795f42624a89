"""Laws of the search for sums: everything that comes to the number, each once, nothing else."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from collector.calibration.search import MOST_PAIRED, Addends, Crowd, Sum, packed

NUMBERS = st.lists(st.integers(1, 60), min_size=1, max_size=8)
ROUNDS = st.integers(1, 3)


def every_sum(values: list[tuple[int, ...]], wanted: tuple[int, ...]) -> set[Sum]:
    """Everything that comes to `wanted` in each round, tried one by one."""
    found: set[Sum] = set()
    places = range(len(values))
    for size in (2, 3, 4):
        found |= {
            tuple((1, at) for at in some)
            for some in combinations(places, size)
            if comes_to(values, [(1, at) for at in some], wanted)
        }
    for first in places:
        rest = [at for at in places if at != first]
        for size in (1, 2):
            for some in combinations(rest, size):
                one = ((1, first), *((-1, at) for at in some))
                if comes_to(values, one, wanted):
                    found.add(one)
    return found


def comes_to(
    values: list[tuple[int, ...]], one: Sum | list[tuple[int, int]], wanted: object
) -> bool:
    rounds = range(len(values[0]))
    return tuple(sum(sign * values[at][k] for sign, at in one) for k in rounds) == wanted


@given(NUMBERS, st.integers(0, 240))
def test_every_sum_and_difference_is_found_once(numbers: list[int], wanted: int) -> None:
    found = list(Addends(numbers).fits(wanted))
    assert len(found) == len({*found})
    assert {*found} == every_sum([(one,) for one in numbers], (wanted,))


@given(st.data(), ROUNDS)
def test_in_several_rounds_it_must_fit_in_each(data: st.DataObject, rounds: int) -> None:
    number = st.tuples(*[st.integers(0, 12)] * rounds).filter(any)
    values = data.draw(st.lists(number, min_size=2, max_size=7))
    wanted = data.draw(st.tuples(*[st.integers(0, 30)] * rounds))
    found = list(Addends([packed(one) for one in values]).fits(packed(wanted)))
    assert {*found} == every_sum(values, wanted)


@given(NUMBERS, st.integers(0, 240))
def test_the_order_is_always_the_same(numbers: list[int], wanted: int) -> None:
    assert list(Addends(numbers).fits(wanted)) == list(Addends(numbers).fits(wanted))


@given(st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 3), min_size=2, max_size=4))
def test_rounds_do_not_carry_into_one_another(values: list[tuple[int, int, int]]) -> None:
    total = tuple(map(sum, zip(*values, strict=True)))
    assert sum(map(packed, values)) == packed(total)
    if len(values) == 2:
        less = tuple(one - other for one, other in zip(*values, strict=True))
        assert packed(values[0]) - packed(values[1]) == packed(less)
        assert (packed(less) == packed((0, 0, 0))) == (less == (0, 0, 0))


@given(*[st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 2), min_size=4, max_size=4)] * 2)
def test_packed_sums_are_equal_only_where_every_round_is(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    totals = [tuple(map(sum, zip(*one, strict=True))) for one in (some, others)]
    assert (sum(map(packed, some)) == sum(map(packed, others))) == (totals[0] == totals[1])
    assert packed((2**34, 0)) != packed((0, 1))
    for bits in range(1, 35):
        assert packed((2**bits, 5)) != packed((0, 6))
        assert packed((2**bits, 5)) - packed((0, 6)) != 0


def test_a_large_table_is_only_searched_for_sums_of_two() -> None:
    numbers = [10**9 + at**3 for at in range(MOST_PAIRED + 1)]
    addends = Addends(numbers)
    assert addends.most_terms == 2
    assert list(addends.fits(numbers[3] + numbers[7])) == [((1, 3), (1, 7))]
    assert list(addends.fits(sum(numbers[:3]))) == []
    assert Addends(numbers[:-1]).most_terms == 4


def test_chance_is_what_lies_there() -> None:
    dense = Crowd(range(1, 2001))
    assert 0.9 < dense.expected(1000, 1) < 1.1
    thin = Crowd([100, 5_000, 90_000])
    assert thin.expected(50_000, 1) == 0
    assert thin.expected(90_000, 1) < 0.001
    few = Crowd(range(1, 501))
    added = sum(1 for one, other in combinations(range(1, 501), 2) if one + other == 400)
    taken = sum(1 for one, other in combinations(range(1, 501), 2) if other - one == 400)
    assert 0.8 * (added + taken) < few.expected(400, 2) < 1.2 * (added + taken)
