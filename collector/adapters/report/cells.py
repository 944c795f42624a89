"""What a cell of a report holds, and how it is written in each language."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

Cell = str | int | float | Decimal | datetime | None
"""None is absent: an empty cell, never 0. Times are on the office's wall clock, without a zone."""


class CellKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    """Whole things; what they are, the heading says."""
    SIGNED = "signed"
    """A difference of whole things."""
    SHARE = "share"
    CHANGE = "change"
    """A difference as a share."""
    MINUTES = "minutes"
    TIME = "time"
    """Shown without its year, which the report's month tells."""
    AMOUNT = "amount"
    """One decimal."""


_MINUS: Final = {True: "▲", False: "-"}
"""Offices in Japan write losses with a triangle."""

_EXCEL: Final = {
    CellKind.TEXT: "@",
    CellKind.COUNT: "#,##0;{minus}#,##0",
    CellKind.SIGNED: "+#,##0;{minus}#,##0;0",
    CellKind.SHARE: "0.0%",
    CellKind.CHANGE: "+0.0%;{minus}0.0%;0.0%",
    CellKind.MINUTES: "+#,##0;-#,##0;0",
    CellKind.TIME: "mm-dd hh:mm",
    CellKind.AMOUNT: "#,##0.0",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its stable key, its heading, and what it holds.

    `width` is in characters as a spreadsheet counts them; a Japanese character takes two.
    """

    key: str
    heading: str
    kind: CellKind = CellKind.COUNT
    width: int = 11
    is_word: bool = False
    """A text of few words that all come from a short list: it stands in the middle, unbroken."""

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind not in {CellKind.TEXT, CellKind.TIME}


def excel_format(kind: CellKind, *, japanese: bool) -> str:
    """Return the number format of a spreadsheet for `kind`."""
    return _EXCEL[kind].format(minus=f'"{_MINUS[japanese]}"' if japanese else "-")


def text_of(cell: Cell, kind: CellKind, *, japanese: bool) -> str:
    """Return `cell` as a reader of the language writes it; empty where it is absent."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return f"{cell:%m-%d %H:%M}"
    minus = _MINUS[japanese] if kind is not CellKind.MINUTES else "-"
    sign = minus if cell < 0 else ""
    if kind in {CellKind.SIGNED, CellKind.CHANGE, CellKind.MINUTES} and cell > 0:
        sign = "+"
    match kind:
        case CellKind.SHARE | CellKind.CHANGE:
            return f"{sign}{abs(cell):.1%}"
        case CellKind.AMOUNT:
            return f"{sign}{abs(cell):,.1f}"
        case _:
            return f"{sign}{abs(cell):,.0f}"


STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet may run (OWASP, "CSV Injection"; wide forms included)."""

_BLANKS: Final = re.compile(r"[\t\r\n]+")
_UNSHOWN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def is_dangerous(text: str) -> bool:
    """Say whether a spreadsheet might take `text` for a formula, with blanks before it or not."""
    return text.lstrip().startswith(STARTS_A_FORMULA) or text.startswith(("\t", "\r", "\n"))


def clean(text: str) -> str:
    """Return `text` on one line, with `\ufffd` for characters that XML and paper cannot hold.

    Those are control characters, halves of surrogate pairs, and marks that turn the direction of
    writing round: names and models come from outside.
    """
    return _UNSHOWN.sub("\ufffd", _BLANKS.sub(" ", text))
