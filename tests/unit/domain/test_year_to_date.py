"""The fiscal year so far: what is added up, from when on, and what is left."""

from zoneinfo import ZoneInfo

from collector.domain.month.course import YearToDate, year_to_date
from collector.domain.office.office_calendar import Office, fiscal_months
from collector.domain.office.targets import NOT_SET, Target, TargetSource

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
KNOWN = dict.fromkeys(fiscal_months(2026)[:7], 90)
"""April to October 2026."""


def year(
    past: dict[str, int], without: frozenset[str] = frozenset(), month: str = "2026-11"
) -> YearToDate:
    def target(name: str) -> Target:
        return NOT_SET if name in without else Target(100, TargetSource.FIGURE)

    return year_to_date(target, month, 50, past, OFFICE)


def test_pages_and_targets_since_april() -> None:
    found = year(KNOWN)
    assert (found.year, found.since, found.until, found.is_whole) == (
        2026,
        "2026-04",
        "2026-11",
        True,
    )
    assert (found.pages, found.target, found.left) == (7 * 90 + 50, 800, 120)
    assert (found.year_target, found.year_left) == (1200, 1200 - 680)
    assert [one.pages for one in found.months] == [*[90] * 7, 50, None, None, None, None]


def test_pages_of_a_year_that_is_over_stay_in_it() -> None:
    found = year(KNOWN | {"2025-04": 7}, month="2026-04")
    assert (found.pages, found.target, found.months[1].pages) == (50, 100, None)


def test_sums_begin_after_the_last_gap_and_say_so() -> None:
    late = dict.fromkeys(("2026-04", "2026-07", "2026-08", "2026-09", "2026-10"), 90)
    found = year(late)
    assert (found.since, found.is_whole, found.pages, found.target) == ("2026-07", False, 410, 500)
    assert (found.year_target, found.year_left) == (1200, None)


def test_a_month_without_a_target_is_a_gap_too() -> None:
    found = year(KNOWN, frozenset({"2026-06", "2027-03"}))
    assert (found.since, found.target, found.year_target) == ("2026-07", 500, None)


def test_without_this_months_target_there_are_no_sums() -> None:
    found = year(KNOWN, frozenset({"2026-11"}))
    assert (found.since, found.pages, found.target, found.left) == (None, None, None, None)
    assert not found.is_whole
