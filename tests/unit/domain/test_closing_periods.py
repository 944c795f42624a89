"""Which months a ledger closes: in order, without a gap, also where the closing day changes."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from collector.domain.closing.boundary import periods_of_ledger
from collector.domain.closing.draw_up import grace_ends
from collector.domain.office.office_calendar import LAST_DAY, Office, Period

TOKYO = ZoneInfo("Asia/Tokyo")


def on(closing: int | str, closed: frozenset[date] = frozenset()) -> Office:
    return Office("t", TOKYO, closed, closing_day=closing)


def names(office: Office, closed: list[Period], first: date, until: date) -> list[str]:
    return [one.name for one in periods_of_ledger(closed, office, first, until)]


def test_from_the_first_day_to_today() -> None:
    found = list(periods_of_ledger([], on(LAST_DAY), date(2026, 11, 10), date(2027, 1, 2)))
    assert [one.name for one in found] == ["2026-11", "2026-12", "2027-01"]
    assert found[0].start == date(2026, 11, 1)


def test_a_closing_day_that_moves_back_makes_one_shorter_month() -> None:
    november = on(LAST_DAY).period("2026-11")
    found = list(periods_of_ledger([november], on(20), date(2026, 11, 3), date(2027, 1, 30)))
    assert found == [
        november,
        Period("2026-12", date(2026, 12, 1), date(2026, 12, 20)),
        Period("2027-01", date(2026, 12, 21), date(2027, 1, 20)),
        Period("2027-02", date(2027, 1, 21), date(2027, 2, 20)),
    ]


def test_a_closing_day_that_moves_on_makes_one_longer_month() -> None:
    """The days after the 20th would else be a second November."""
    november = on(20).period("2026-11")
    found = list(periods_of_ledger([november], on(LAST_DAY), date(2026, 11, 3), date(2027, 1, 2)))
    assert found == [
        november,
        Period("2026-12", date(2026, 11, 21), date(2026, 12, 31)),
        Period("2027-01", date(2027, 1, 1), date(2027, 1, 31)),
    ]


def test_february_with_closing_day_30() -> None:
    found = list(periods_of_ledger([], on(30), date(2027, 1, 31), date(2027, 4, 1)))
    assert [(one.start, one.end) for one in found] == [
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2027, 3, 1), date(2027, 3, 30)),
        (date(2027, 3, 31), date(2027, 4, 30)),
    ]


@pytest.mark.parametrize(
    ("month", "days", "until"),
    [
        ("2026-11", 3, date(2026, 12, 4)),
        ("2026-11", 0, date(2026, 12, 1)),
        ("2026-12", 3, date(2027, 1, 7)),  # 1 to 3 January are days off
        ("2026-10", 1, date(2026, 11, 3)),  # ends on a Saturday; Monday is the first working day
    ],
)
def test_grace_is_counted_in_working_days(month: str, days: int, until: date) -> None:
    off = frozenset({date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)})
    office = on(LAST_DAY, off)
    assert grace_ends(office, office.period(month), days) == office.midnight(until)
