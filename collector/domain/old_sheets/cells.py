"""A sheet as plain cells, and how a person finds one of them again."""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from collector.domain.sentence import Sentence, Unacceptable, sentence
from collector.domain.spelling import fold

_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell whose value nobody knows; `says` tells of it, as of the error #REF!."""

    says: Sentence


Value = str | int | float | date | Broken | None
"""What a cell holds; None where it is empty. A text is never empty or only blanks."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row that holds anything; `number` counts from 1, as on the screen."""

    number: int
    values: tuple[Value, ...]

    def at(self, column: int) -> Value:
        """Return the value in `column` (from 0), None beyond the last one."""
        return self.values[column] if column < len(self.values) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of `file`; `name` is None for a file that is a single sheet (CSV)."""

    file: str
    name: str | None
    lines: tuple[SheetLine, ...]

    def spot(self, line: int, column: int | None = None) -> str:
        """Return a short name of a cell or row: `Sheet1!C7`, or `line 7, column C` of a CSV."""
        if self.name is None:
            return f"line {line}" + ("" if column is None else f", column {letters(column)}")
        return f"{self.name}!" + (f"row {line}" if column is None else f"{letters(column)}{line}")

    def fact(self, line: int, column: int) -> str | Sentence:
        """Return the same of a cell, as a sentence about another one names it."""
        spot = self.spot(line, column)
        if self.name is not None:
            return spot
        return sentence("sheet.cell", line=line, column=letters(column))

    def where(self, line: int, column: int | None = None) -> str:
        """Return where a cell or row is, with its file; line 0 is the whole sheet."""
        if line == 0:
            return self.file if self.name is None else f"{self.file}: {self.name}"
        return f"{self.file}: {self.spot(line, column)}"


class SheetHint(StrEnum):
    """What the reader of a sheet can say to help, beside putting the cell right."""

    PLACE = "place"
    """Which place a name means."""
    KIND = "kind"
    """Whether it holds readings or pages."""
    YEAR = "year"
    """The year of months without one."""
    READING = "reading"
    """A reading by hand."""
    DATE = "date"
    """From when a department answers."""


@dataclass(frozen=True, slots=True)
class SheetRemark:
    """One sentence about a cell, a row (no column) or the sheet (line 0)."""

    line: int
    column: int | None
    message: Sentence
    hint: SheetHint | None = None

    @property
    def position(self) -> tuple[int, int]:
        """Where a reader of the sheet comes across it."""
        return self.line, -1 if self.column is None else self.column


@dataclass(frozen=True, slots=True)
class Remarks:
    """Gathers what refuses a sheet (`flaws`) and what a reader should know of it (`notes`)."""

    flaws: list[SheetRemark] = field(default_factory=list)
    notes: list[SheetRemark] = field(default_factory=list)

    def refuse(
        self, line: int, column: int | None, message: Sentence, hint: SheetHint | None = None
    ) -> None:
        """Add one thing that must be put right; the same thing twice is kept once."""
        one = SheetRemark(line, column, message, hint)
        if one not in self.flaws:
            self.flaws.append(one)

    def tell(self, line: int, column: int | None, message: Sentence) -> None:
        """Add one thing that was left out or decided."""
        one = SheetRemark(line, column, message)
        if one not in self.notes:
            self.notes.append(one)


def letters(column: int) -> str:
    """Return the name of `column` (from 0) as spreadsheets write it: A, Z, AA."""
    name = ""
    rest = column + 1
    while rest:
        rest, letter = divmod(rest - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name


def shown(value: Value) -> str:
    """Return `value` as a message quotes it."""
    if isinstance(value, str):
        return repr(" ".join(value.split()))
    return value.isoformat() if isinstance(value, date) else str(value)


# One cell as a whole number of pages, as nothing, or as what is wrong with it.


MOST: Final = 2**32 - 1
"""No counter of a copier is wider."""

_UNKNOWN: Final = frozenset(
    {"-", "--", "―", "‐", "−", "–", "—", "ー", "n/a", "na", "#n/a", "不明", "未検針", "…", "..."}
)
"""How people write that a figure is not known."""

_UNIT: Final = re.compile(r"\s*(?:枚|面|ページ|頁|pages?|impressions?)$")
_NEGATIVE: Final = re.compile(r"(?:[-−△▲]|\()\s*[0-9]")
_WHOLE: Final = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:[,、 ][0-9]{3})+)(?:\.00?)?")
_DIGITS: Final = 15


class NoFigureError(Unacceptable):
    """A cell holds something that is no number of pages."""


def is_number(value: Value) -> bool:
    """Say whether `value` is a number or a text that is nothing but one."""
    if isinstance(value, str):
        return bool(_WHOLE.fullmatch(_plain(value)))
    return isinstance(value, int | float)


def figure(value: Value) -> int | None:
    """Return the whole number in a cell; None where it is blank or says that nobody knows it.

    12000, 12,000, １２０００枚 and 12000.0 are all the same. Raises NoFigureError.
    """
    if value is None:
        return None
    if isinstance(value, Broken):
        raise NoFigureError(value.says)
    if isinstance(value, date):
        raise NoFigureError(sentence("cell.date", value=shown(value)))
    return _of_text(value) if isinstance(value, str) else _of_number(value)


def _plain(text: str) -> str:
    return _UNIT.sub("", unicodedata.normalize("NFKC", text).casefold().strip())


def _of_text(text: str) -> int | None:
    written = _plain(text)
    if fold(written) in _UNKNOWN:
        return None
    if _NEGATIVE.match(written):
        raise NoFigureError(sentence("cell.negative", value=shown(text)))
    if not _WHOLE.fullmatch(written):
        raise NoFigureError(sentence("cell.no_whole_number", value=shown(text)))
    digits = re.sub(r"[^0-9]", "", written.partition(".")[0])
    return _bounded(int(digits) if len(digits) <= _DIGITS else MOST + 1, text)


def _of_number(value: float) -> int:
    if value < 0:
        raise NoFigureError(sentence("cell.negative", value=str(value)))
    if not math.isfinite(value) or value != int(value):
        raise NoFigureError(sentence("cell.no_whole_number", value=str(value)))
    return _bounded(int(value), value)


def _bounded(found: int, value: Value) -> int:
    if found > MOST:
        raise NoFigureError(sentence("cell.too_many", value=shown(value)))
    return found


# Money as people write it.


_MONEY: Final = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_SIGNS: Final = re.compile(r"^[@¥\\]*([-−▲△]?)[@¥\\]*")
_DECIMALS: Final = 6


def money(value: Value) -> Decimal | None:
    """Return the yen in a cell, exactly; None where it is blank or says that nobody knows it.

    1234.5, ￥1,234.5, 1,234円 and ▲1,234 are amounts. Raises NoFigureError.
    """
    if value is None:
        return None
    if isinstance(value, Broken):
        raise NoFigureError(value.says)
    if isinstance(value, int | float) and math.isfinite(value):
        # What a formula left in a cell may be 1.2000000000000002.
        return Decimal(str(round(value, _DECIMALS)))
    text = fold(str(value))
    if text in _UNKNOWN:
        return None
    text = _SIGNS.sub(lambda found: "-" if found[1] else "", text)
    text = text.removesuffix("円").removesuffix("-")
    if not _MONEY.fullmatch(text):
        raise NoFigureError(sentence("cell.no_money", value=shown(value)))
    return Decimal(text.replace(",", ""))
