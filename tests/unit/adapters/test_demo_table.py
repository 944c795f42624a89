"""The simulated copier's table keeps agent order through every change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.demo.table import Counter32, Counter64, Integer, MibTable, OctetString, TimeTicks

OIDS = st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple)


@given(st.lists(OIDS), st.lists(OIDS))
def test_names_come_in_agent_order_whatever_is_added_or_removed(
    added: list[tuple[int, ...]], removed: list[tuple[int, ...]]
) -> None:
    table = MibTable()
    for name in added:
        table[name] = Integer(len(name))
    for name in removed:
        table.pop(name, None)
    expected = sorted(set(added) - set(removed))
    assert list(table) == expected
    assert len(table) == len(expected)
    walked = []
    behind = table.after(())
    while behind is not None:
        walked.append(behind)
        behind = table.after(behind)
    assert walked == expected


@given(st.lists(OIDS), st.lists(OIDS))
def test_what_a_table_becomes_is_all_that_it_holds(
    before: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> None:
    table = MibTable({name: Integer(1) for name in before})
    assert list(table) == sorted(set(before))
    table.become({name: Integer(2) for name in after})
    assert list(table.items()) == [(name, Integer(2)) for name in sorted(set(after))]


def test_counters_wrap_as_in_a_machine() -> None:
    table = MibTable(
        {
            (1,): Counter32(2**32 - 1),
            (2,): Counter64(2**32 - 1),
            (3,): TimeTicks(1),
            (4,): Integer(-2),
        }
    )
    for name in list(table):
        table.grow(name, 3)
    assert [held.value for held in table.values()] == [2, 2**32 + 2, 4, 1]


def test_only_numbers_grow() -> None:
    table = MibTable({(1,): OctetString(b"x")})
    with pytest.raises(TypeError):
        table.grow((1,), 1)
    with pytest.raises(KeyError):
        table.grow((2,), 1)
