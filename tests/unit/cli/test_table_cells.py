"""Figures as a terminal shows them."""

import pytest

from collector.cli import output
from collector.domain.report.table import Cell, CellKind, Column


@pytest.mark.parametrize(
    ("cell", "kind", "shown"),
    [
        (-0.1508, CellKind.CHANGE, "-15.1%"),
        (0.02, CellKind.CHANGE, "+2.0%"),
        (0.0, CellKind.CHANGE, "0.0%"),
        (1.0428, CellKind.SHARE, "104%"),
        (37, CellKind.SIGNED, "+37"),
        (1234, CellKind.COUNT, "1,234"),
        (None, CellKind.CHANGE, output.ABSENT),
    ],
)
def test_a_figure_says_what_it_is(cell: Cell, kind: CellKind, shown: str) -> None:
    column: Column[None] = Column("one", None, kind=kind)
    assert output._text(cell, column) == shown
