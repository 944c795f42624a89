"""Closing months by name, and the fiscal years (年度) that they make up."""

from typing import Final

_YEAR: Final = 12

APRIL: Final = 4
"""With this month a fiscal year begins in most of Japan's offices."""


def month_index(month: str) -> int:
    """Return the number of `month` (like 2026-11) on an endless calendar; the next has one more."""
    year, number = month.split("-")
    return int(year) * _YEAR + int(number) - 1


def month_name(index: int) -> str:
    """Return the name of the month with this number, like 2026-11."""
    return f"{index // _YEAR:04d}-{index % _YEAR + 1:02d}"


def months_later(month: str, months: int) -> str:
    """Return the name of the month `months` after `month`; before it where negative."""
    return month_name(month_index(month) + months)


def fiscal_year(month: str, begins: int = APRIL) -> int:
    """Return the fiscal year that `month` belongs to, named by the year in which it begins."""
    return (month_index(month) - (begins - 1)) // _YEAR


def fiscal_months(year: int, begins: int = APRIL) -> tuple[str, ...]:
    """Return the twelve months of the fiscal `year` that begins with the month `begins`."""
    first = year * _YEAR + begins - 1
    return tuple(month_name(first + number) for number in range(_YEAR))


def same_month(month: str, year: int, begins: int = APRIL) -> str:
    """Return the month of the fiscal `year` that has the place of `month` in its own."""
    return months_later(month, (year - fiscal_year(month, begins)) * _YEAR)
