"""Rows of counter tables: by whatever names the rows call themselves, none is taken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.client.text import clean, folded
from collector.adapters.snmp.condition.facts import Facts
from collector.adapters.snmp.profiles.values import (
    CodeFrom,
    Columns,
    CounterTable,
    RowColumn,
    RowName,
)
from collector.adapters.snmp.reading.rows import FoundCells, Missing, RowReader, pick
from tests.fakes.snmp_session import FakeSession

VALUE, CODE, LABEL, JOB = (1, 9), (1, 2), (1, 5), (1, 3)
INDEXES = st.sampled_from([(1,), (2,), (3,), (1, 20, 1), (1, 20, 34), (0,)])
JUNK: st.SearchStrategy[Value] = st.one_of(
    st.integers(-3, 5),
    st.sampled_from([10, 200, 2**32 - 1, 2**64, (200,), (2, 1), (1, 3, 6)]),
    st.sampled_from([b"200", b" 200\0", b"200 x", b"Copy", b"copy:", b"C O P Y", b"Copies", b""]),
    st.sampled_from(
        [b"Print", "\uff23\uff4f\uff50\uff59".encode(), b"\x1b[1mCopy", b"::", b"\xff\xfe"]
    ),
    st.binary(max_size=8),
)
NUMBERS = st.sampled_from([7, 7, 9, -3, 2**32 - 1, b"rubbish"])
CODES = st.sampled_from([200, 200, (200,), b"200", b" 200\0", (2, 1), 10, b"200 x", None])
LABELS = st.sampled_from([b"Copy", b"copy:", b"C O P Y", b"Copies", b"Print", b"::", None])
JOBS = st.sampled_from([2, b"print", b"2", b"Print", 3, b"scan", None])


@st.composite
def tables(draw: st.DrawFn) -> dict[Oid, Value]:
    """Return a table with rows that are often meant, and junk in any of its cells."""
    cells: dict[Oid, Value | None] = {}
    for index in draw(st.lists(INDEXES, min_size=2, max_size=5, unique=True)):
        for column, usual in ((VALUE, NUMBERS), (CODE, CODES), (LABEL, LABELS), (JOB, JOBS)):
            is_junk = draw(st.integers(0, 7)) == 0
            cells[*column, *index] = draw(JUNK if is_junk else usual)
    return {name: cell for name, cell in cells.items() if cell is not None}


def _code(place: object, index: Oid, cell: Value | None) -> Oid | None:
    """Return the code of a row as it would be read aloud."""
    if place is CodeFrom.INDEX:
        return index
    if place is CodeFrom.LAST:
        return index[-1:]
    if place is None or cell is None or isinstance(cell, tuple):
        return cell if isinstance(cell, tuple) and place is not None else None
    if isinstance(cell, int):
        return (cell,) if 0 < cell <= 2**32 - 17 else None
    digits = cell.decode("latin-1").strip("\0 \t\r\n\v\f").removeprefix("+")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 12
    return (int(digits),) if is_number and 0 < int(digits) <= 2**32 - 17 else None


def _says(cell: Value | None, wanted: str) -> bool:
    return isinstance(cell, bytes) and folded(clean(cell) or "") == wanted


def _is_two(cell: Value | None) -> bool:
    text = clean(cell) if isinstance(cell, bytes) else None
    return text is not None and text.isdecimal() and int(text) == 2


@pytest.mark.parametrize("place", [CODE, None, CodeFrom.LAST, CodeFrom.INDEX])
@pytest.mark.parametrize("summed", [False, True])
@given(
    cells=tables(),
    has_labels=st.booleans(),
    verify=st.booleans(),
    where=st.sampled_from([False, False, True]),
)
async def test_a_row_is_found_by_its_code_else_by_its_label_and_never_by_its_place(
    *,
    cells: dict[Oid, Value],
    place: Oid | CodeFrom | None,
    has_labels: bool,
    verify: bool,
    where: bool,
    summed: bool,
) -> None:
    columns = Columns(VALUE, place, LABEL if has_labels else None, named={"job": RowColumn(JOB)})
    wanted = {"job": frozenset({2, "print"})} if where else {}
    name = RowName(((200,), (2, 1)), frozenset({"copy", "copies"}), wanted, summed)
    table = CounterTable((columns,), {"copy": name}, verify_label=verify)
    reader = RowReader(FakeSession(cells), Facts(), {})
    ((rows),) = await reader.places(table)
    found = pick(rows, table, name)

    values = {oid[2:]: value for oid, value in cells.items() if oid[:2] == VALUE}
    counting = {
        index: value
        for index, value in values.items()
        if not isinstance(value, int) or 0 <= value <= 2**32 - 17
    }
    job = {
        index
        for index in counting
        if cells.get((*JOB, *index)) == 2
        or _says(cells.get((*JOB, *index)), "print")
        or _is_two(cells.get((*JOB, *index)))
    }
    met = job if where else set(counting)
    code = {index: _code(place, index, cells.get((*CODE, *index))) for index in met}
    label = {index: cells.get((*LABEL, *index)) if has_labels else None for index in met}
    is_called = {
        index: any(_says(label[index], one) for one in ("copy", "copies")) for index in met
    }
    fits: set[Oid] = set()
    for one in ((200,), (2, 1)):
        # A label that is no text, or none at all, contradicts no code.
        silent = {
            index
            for index in met
            if not isinstance(label[index], bytes) or clean(label[index]) is None
        }
        fits = {
            index
            for index in met
            if code[index] == one and (not verify or is_called[index] or index in silent)
        }
        if fits:
            break
    fits = fits or {index for index in met if code[index] is None and is_called[index]}

    if not fits:
        assert found is Missing.ABSENT
    elif not summed and len({counting[index] for index in fits}) > 1:
        assert found is Missing.AMBIGUOUS
    else:
        assert isinstance(found, FoundCells)
        named = {cell.oid for cell in found.cells} | {o for c in found.cells for o in c.twins}
        assert named == {(*VALUE, *index) for index in fits}
        assert found.readable == all(isinstance(counting[index], int) for index in fits)
