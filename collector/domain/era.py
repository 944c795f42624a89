"""Japanese eras (元号): how months, days and fiscal years are named on paper in Japan.

The eras and their first days are those of the Era Name Act's ordinances (昭和 1926-12-25,
平成 1989-01-08, 令和 2019-05-01).
"""

from datetime import date
from typing import Final

_ERAS: Final = (
    ("令和", date(2019, 5, 1)),
    ("平成", date(1989, 1, 8)),
    ("昭和", date(1926, 12, 25)),
)


def era_year(day: date) -> str:
    """Return the era and year of `day`: `令和8年`, the first one `令和元年`.

    Before the eras known here it is the western year: `1925年`.
    """
    for name, first in _ERAS:
        if day >= first:
            number = day.year - first.year + 1
            return f"{name}{'元' if number == 1 else number}年"
    return f"{day.year}年"


def era_month(day: date) -> str:
    """Return the month of `day`: `令和8年11月`."""
    return f"{era_year(day)}{day.month}月"


def era_day(day: date) -> str:
    """Return `day`: `令和8年11月30日`."""
    return f"{era_month(day)}{day.day}日"


def era_fiscal_year(year: int) -> str:
    """Return the fiscal year that begins in `year`: `令和8年度`.

    One in which the era changes is called by the later one, as offices did in 2019 (令和元年度).
    """
    return f"{era_year(date(year, 12, 31))}度"
