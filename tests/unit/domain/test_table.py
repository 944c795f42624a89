"""One description of a table: what readers see of it, and what programs read."""

from collections.abc import Mapping

import pytest

from collector.domain.report.table import (
    CellKind,
    Column,
    Table,
    csv_names,
    csv_text,
    only,
    records,
    total_of,
)

Fact = Mapping[str, object]


def column(key: str, kind: CellKind = CellKind.COUNT, heading: str | None = None) -> Column[Fact]:
    return Column(key, lambda one: one.get(key), heading, kind)


SEEN: Column[Fact] = Column("seen", None, "Seen", shown=lambda one: f"{one['pages']}!")
COLUMNS = (
    column("place", CellKind.TEXT, "Place"),
    column("parts", CellKind.NESTED),
    column("pages", heading="Pages"),
    SEEN,
)
ROWS: tuple[Fact, ...] = (
    {"place": "p", "pages": 3, "parts": [{"a": 1}]},
    {"place": "=q", "pages": None},
)


def test_programs_read_the_same_names_in_csv_and_json() -> None:
    table = Table("t", COLUMNS, ROWS, csv=("pages",))
    assert records(table) == [
        {"place": "p", "parts": [{"a": 1}], "pages": 3},
        {"place": "=q", "parts": None, "pages": None},
    ]
    assert csv_names(table) == ["pages", "place"]
    assert csv_text(table) == "pages,place\r\n3,p\r\n,'=q\r\n"
    assert csv_text(table, with_names=False) == "3,p\r\n,'=q\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (["a", "b"], "a; b"),
        ([], ""),
        ({"total": 12, "copy": 3}, "total=12; copy=3"),
        ({"read": [1, 2]}, '{"read": [1, 2]}'),
        (True, "True"),
    ],
)
def test_what_has_parts_stands_in_one_cell(value: object, cell: str) -> None:
    rows: tuple[Fact, ...] = ({"parts": value},)
    text = csv_text(Table("t", (column("parts"),), rows), with_names=False)
    assert text.strip().strip('"').replace('""', '"') == cell


def test_readers_see_what_has_a_heading_in_the_order_that_is_asked_for() -> None:
    table = Table("t", COLUMNS, ROWS[:1], shown=("seen", "place", "none"))
    columns = table.drawn()
    assert [one.key for one in columns] == ["seen", "place"]
    assert [row.cells for row in table.body(columns)] == [("3!", "p")]
    assert table.foot(columns) is None
    assert [one.key for one in Table("t", COLUMNS, ROWS).drawn()] == ["place", "pages", "seen"]


def test_an_optional_column_is_drawn_where_a_row_or_the_total_has_it() -> None:
    optional: Column[Fact] = Column("pages", lambda one: one["pages"], "Pages", optional=True)
    columns, empty = (COLUMNS[0], optional), ROWS[1:]
    assert [one.key for one in Table("t", columns, empty).drawn()] == ["place"]
    assert Table("t", columns, ROWS).drawn() == columns
    assert Table("t", columns, empty, total={"pages": 3}).drawn() == columns


def test_the_total_and_an_alarming_row() -> None:
    total = total_of(COLUMNS[:1], ROWS[0], pages=3)
    table = Table("t", COLUMNS, ROWS, total=total, alert=lambda one: one["pages"] == 3)
    columns = table.drawn()
    foot = table.foot(columns)
    assert foot is not None
    assert foot.cells == ("p", 3, None)
    assert [row.alert for row in table.body(columns)] == [True, False]
    few = only(table, ("pages", "place", "unknown"))
    assert ([one.key for one in few.drawn()], few.notes) == (["pages", "place"], ())
