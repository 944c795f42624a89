"""What stands in one cell of a spreadsheet: digits, dates and texts as offices write them."""

import re
import unicodedata
from datetime import date
from typing import Final

_FORMULA: Final = frozenset("=+-@\t\r＝＋－＠")
_GUARD: Final = "'"
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_WESTERN: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_ERA: Final = re.compile(
    r"(令和|平成|[RrHh])\.?([0-9]{1,2}|元)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
)
_YEAR_ZERO: Final = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
"""Western year before the era's first. Years are counted on past an era's end (平成32年 = 2020)."""

DATE_RULE: Final = "write it like 2026-04-01, 2026/4/1, 2026年4月1日, 令和8年4月1日 or R8.4.1"


def plain(text: str) -> str:
    """Return `text` with full-width digits and signs as ASCII (NFKC), without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; `unguard` gives it back."""
    return _GUARD + text if _needs_guard(text) else text


def unguard(text: str) -> str:
    """Return what `guard` was given; other texts are left as they are."""
    return text[1:] if text.startswith(_GUARD) and _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    """Say whether `text` begins with a formula sign, after any number of guards."""
    return text.lstrip(_GUARD)[:1] in _FORMULA and text.lstrip(_GUARD) != ""


def parse_whole(text: str) -> int:
    """Return the whole number in a cell: 12000, 12,000, １２０００, 60%. Raises ValueError."""
    digits = plain(text).removesuffix("%").strip()
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,15}", digits):
        message = f"{text!r} is no whole number; write it like 12000"
        raise ValueError(message)
    return int(digits)


def parse_date(text: str) -> date:
    """Return the date in a cell, western or of the eras 令和 and 平成. Raises ValueError."""
    written = plain(text).replace(" ", "")
    try:
        if match := _WESTERN.fullmatch(written):
            year, month, day = (int(part) for part in match.groups())
            return date(year, month, day)
        if match := _ERA.fullmatch(written):
            era, count, *rest = match.groups()
            year = _YEAR_ZERO[era.upper()] + (1 if count == "元" else int(count))
            return date(year, int(rest[0]), int(rest[1]))
    except ValueError as exc:
        message = f"{text!r} is no day of the calendar; correct it"
        raise ValueError(message) from exc
    message = f"{text!r} is no date; {DATE_RULE}"
    raise ValueError(message)
