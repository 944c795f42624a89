"""Months as people write them, and the years of those that are written without one."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from collector.domain.old_sheets.cells import Value
from collector.domain.spelling import fold

_YEAR: Final = 12
_CENTURY: Final = 2000
_FIRST, _LAST = 1990, 2099
_ERAS: Final = {"令和": 2018, "令": 2018, "r": 2018, "平成": 1988, "平": 1988, "h": 1988}
"""Western year before the era's first."""

_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ABBREVIATED: Final = {name[:3]: number for number, name in enumerate(_NAMES, start=1)}

_WESTERN_RE: Final = r"(?P<western>(?:19|20)[0-9]{2})"
_ERA_RE: Final = r"(?P<era>令和|平成|令|平|r|h)\.?(?P<count>[0-9]{1,2}|元)"
_YEAR_RE: Final = rf"(?:{_WESTERN_RE}|{_ERA_RE})"
_MONTH_RE: Final = r"(?P<month>1[0-2]|0?[1-9])"
_NAME_RE: Final = rf"(?P<name>{'|'.join([*_NAMES, 'sept', *_ABBREVIATED])})\.?"
_DAY_RE: Final = r"3[01]|[12][0-9]|0?[1-9]"
_AFTER: Final = rf"(?:月(?:(?P<day_ja>{_DAY_RE})日|分|度|末)?|[-/.](?P<day>{_DAY_RE}))?"
_END: Final = r"(?![0-9])"

_TOKENS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR_RE}(?P<fiscal>年度)[-/.]?{_MONTH_RE}月(?:分|度|末)?",
        rf"{_YEAR_RE}(?:年|[-/.]){_MONTH_RE}{_AFTER}{_END}",
        rf"{_MONTH_RE}[-/.]{_WESTERN_RE}{_END}",
        rf"{_NAME_RE}[-/,']*(?:{_WESTERN_RE}|(?P<short>[0-9]{{2}}))?{_END}",
        rf"{_WESTERN_RE}[-/.]*{_NAME_RE}(?![a-z])",
        rf"{_YEAR_RE}(?P<fiscal>年度)",
        rf"(?P<fiscal>fy)'?(?:{_WESTERN_RE}|(?P<short>[0-9]{{2}})){_END}",
        rf"{_YEAR_RE}年(?!度)",
        rf"{_MONTH_RE}月(?:分|度|末)?",
        rf"{_WESTERN_RE}{_END}",
    )
)
_PACKED: Final = re.compile(r"(?P<western>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text says of a month: its number, its year, both or one. A fiscal year is a 年度."""

    month: int | None = None
    year: int | None = None
    fiscal: bool = False
    day: int | None = None


def month_at(text: str, start: int) -> tuple[Stated, int] | None:
    """Return the month or year that stands in folded `text` at `start`, and where it ends."""
    for token in _TOKENS:
        match = token.match(text, start)
        if match is not None:
            return _stated(match), match.end()
    return None


def _stated(match: re.Match[str]) -> Stated:
    parts = match.groupdict()
    month, name = parts.get("month"), parts.get("name")
    number = int(month) if month else None
    if name:
        number = _ABBREVIATED[name[:3]]
    day = parts.get("day") or parts.get("day_ja")
    return Stated(number, _year(parts), bool(parts.get("fiscal")), int(day) if day else None)


def _year(parts: dict[str, str | None]) -> int | None:
    western, era, short = parts.get("western"), parts.get("era"), parts.get("short")
    if western:
        return int(western)
    if era:
        count = parts["count"] or ""
        return _ERAS[era] + (1 if count == "元" else int(count))
    return _CENTURY + int(short) if short else None


def joined(upper: Stated, lower: Stated) -> Stated:
    """Return what two texts say together; the `lower` one wins, and lacks only what it lacks."""
    if lower.year is not None:
        month = upper.month if lower.month is None else lower.month
        return replace(lower, month=month)
    return replace(lower, month=lower.month or upper.month, year=upper.year, fiscal=upper.fiscal)


def month_in(value: Value) -> Stated | None:
    """Return the month in a cell of a column of months, or None: 4, 4月, 202504, Apr-25, a date."""
    if isinstance(value, date):
        return Stated(value.month, value.year, day=value.day)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = fold(value)
    if packed := _PACKED.fullmatch(text):
        return _stated(packed)
    if re.fullmatch(r"1[0-2]|0?[1-9]", text):
        return Stated(int(text))
    return _whole(text)


_DAY: Final = re.compile(
    rf"(?:(?:{_YEAR_RE})(?:年|[-/.]))?{_MONTH_RE}(?:月|[-/.])(?P<day>{_DAY_RE})日?"
    r"(?:\([日月火水木金土]\))?(?:t?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)
_DAY_PACKED: Final = re.compile(r"(?P<western>20[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")


def day_in(value: Value, near: date) -> date | None:
    """Return the day that a cell states, or None: a date, 2026/11/30, 令和8年11月30日, R8.11.30.

    One without a year (11/30) is the one nearest to `near`. A time behind it is left out.
    """
    if isinstance(value, date):
        return value
    text = fold(str(value)) if isinstance(value, str | int) else ""
    found = _DAY_PACKED.fullmatch(text) or _DAY.fullmatch(text)
    if found is None:
        return None
    year = _year(found.groupdict())
    years = (year,) if year is not None else (near.year - 1, near.year, near.year + 1)
    days = []
    for one in years:
        with suppress(ValueError):
            days.append(date(one, int(found["month"]), int(found["day"])))
    return min(days, key=lambda day: abs(day - near), default=None)


def month_named(text: str) -> str | None:
    """Return the name (like 2026-11) of the one month that `text` states with its year, or None.

    Written in any way in which a sheet may write it: 2026/11, R8.11, 令和8年11月, 202611. A day is
    no month, and a 年度 depends on when the office's begins.
    """
    stated = month_in(text)
    if stated is None or stated.fiscal or stated.day is not None or stated.year is None:
        return None
    return Years(None, 1).month_of(stated)


def _whole(text: str) -> Stated | None:
    found, position = Stated(), 0
    while position < len(text):
        token = month_at(text, position)
        if token is None or (found.month is not None and token[0].month is not None):
            return None
        found, position = joined(found, token[0]), token[1]
    return found if text else None


def year_in(text: str) -> Stated | None:
    """Return the year that a title or a sheet's name is about, or None: 令和7年度の使用枚数.

    A bare year counts only where it is all there is: R7, 2025.
    """
    folded = fold(text)
    found: Stated | None = None
    for position in range(len(folded)):
        token = month_at(folded, position)
        if token is not None and token[0].year is not None and _is_apart(folded, position):
            alone = position == 0 and token[1] == len(folded)
            if token[0].fiscal or "年" in folded[position : token[1]] or alone:
                found = found or replace(token[0], month=None, day=None)
    bare = re.fullmatch(_ERA_RE, folded)
    return _stated(bare) if found is None and bare else found


def _is_apart(text: str, position: int) -> bool:
    """Say whether no letter or digit runs into the token at `position` from the left."""
    return position == 0 or not (text[position - 1].isascii() and text[position - 1].isalnum())


def is_usable(month: str) -> bool:
    """Say whether a month lies in years of which there are sheets."""
    return _FIRST <= int(month[:4]) <= _LAST


class Years:
    """Gives months in the order in which they stand their years.

    In a fiscal year every month has its place. After a month with a year, or below a calendar
    year, months run on: January after December is one of the next year.
    """

    def __init__(self, year: Stated | None, begins: int) -> None:
        """Begin below `year`; a fiscal year begins with the month `begins`."""
        self._year = year
        self._begins = begins
        self._last: tuple[int, int] | None = None

    def month_of(self, stated: Stated) -> str | None:
        """Return the name of the month (like 2026-11), or None where nothing tells its year."""
        if stated.month is None:
            return None
        year = self._year_of(stated, stated.month)
        if year is None:
            return None
        self._last = (year, stated.month)
        return f"{year:04d}-{stated.month:02d}"

    def _year_of(self, stated: Stated, month: int) -> int | None:
        if stated.year is not None:
            return self._within(stated.year, month) if stated.fiscal else stated.year
        if self._year is not None and self._year.fiscal:
            return self._within(self._year.year or 0, month)
        if self._last is not None:
            return self._near(*self._last, month)
        return None if self._year is None else self._year.year

    def _near(self, year: int, last: int, month: int) -> int:
        """Return the year in which `month` is nearest to the month before it."""
        if (month - last) % _YEAR <= _YEAR // 2:
            return year + (month < last)
        return year - (month > last)

    def _within(self, year: int, month: int) -> int:
        return year + (month < self._begins)


def months_of(stated: Sequence[Stated], year: Stated | None, begins: int) -> list[str | None]:
    """Return the names of months that stand side by side.

    Where a sheet of one fiscal year begins with the month before it (3月末, 4月, 5月 …, 3月), that
    one is the end of the year before.
    """
    years = Years(year, begins)
    names = [years.month_of(one) for one in stated]
    first = [(one.month or 0) - begins for one in stated[:2] if one.year is None or one.fiscal]
    if [one % _YEAR for one in first] == [_YEAR - 1, 0] and names[0] and names[1]:
        names[0] = month_before(names[1])
    return names


def month_before(month: str) -> str:
    """Return the name of the month before `month`."""
    index = int(month[:4]) * _YEAR + int(month[5:]) - 2
    return f"{index // _YEAR:04d}-{index % _YEAR + 1:02d}"


def span(months: Iterable[str]) -> str:
    """Return the first and the last of `months` as a text, empty for none."""
    ordered = sorted(months)
    if not ordered:
        return ""
    return ordered[0] if ordered[0] == ordered[-1] else f"{ordered[0]} to {ordered[-1]}"
