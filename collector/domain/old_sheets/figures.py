"""One cell as a whole number of pages, as nothing, or as what is wrong with it."""

import math
import re
import unicodedata
from datetime import date
from typing import Final

from collector.domain.old_sheets.cells import Broken, Value, fold, shown

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


class NoFigureError(ValueError):
    """A cell holds something that is no number of pages; its text ends a sentence about it."""


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
        message = f"is the date {shown(value)}, where a number of pages belongs"
        raise NoFigureError(message)
    return _of_text(value) if isinstance(value, str) else _of_number(value)


def _plain(text: str) -> str:
    return _UNIT.sub("", unicodedata.normalize("NFKC", text).casefold().strip())


def _of_text(text: str) -> int | None:
    written = _plain(text)
    if fold(written) in _UNKNOWN:
        return None
    if _NEGATIVE.match(written):
        message = f"{shown(text)} is negative; a copier prints no page back"
        raise NoFigureError(message)
    if not _WHOLE.fullmatch(written):
        message = f"{shown(text)} is no whole number of pages; write it like 12000"
        raise NoFigureError(message)
    digits = re.sub(r"[^0-9]", "", written.partition(".")[0])
    return _bounded(int(digits) if len(digits) <= _DIGITS else MOST + 1, text)


def _of_number(value: float) -> int:
    if value < 0:
        message = f"{value} is negative; a copier prints no page back"
        raise NoFigureError(message)
    if not math.isfinite(value) or value != int(value):
        message = f"{value} is no whole number of pages; write it like 12000"
        raise NoFigureError(message)
    return _bounded(int(value), value)


def _bounded(found: int, value: Value) -> int:
    if found > MOST:
        message = f"{shown(value)} is more than any copier counts; correct it"
        raise NoFigureError(message)
    return found
