"""Japanese eras at their borders."""

from datetime import date

import pytest

from collector.domain.office.office_calendar import era_day, era_fiscal_year, era_month, era_year


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 30), "令和8年11月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "1926年12月24日"),
    ],
)
def test_days(day: date, text: str) -> None:
    assert era_day(day) == text
    assert text.startswith(era_month(day))
    assert text.startswith(era_year(day))


@pytest.mark.parametrize(
    ("year", "text"), [(2026, "令和8年度"), (2019, "令和元年度"), (2018, "平成30年度")]
)
def test_fiscal_years_are_called_by_the_later_era(year: int, text: str) -> None:
    assert era_fiscal_year(year) == text
