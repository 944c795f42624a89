"""From usages to local days: where the pages of a stretch belong, and what is an estimate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import (
    CLOSE_ENOUGH,
    DayUsage,
    Quality,
    Usage,
    day_usages,
    split_usage,
    stretches_of,
)
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"), closed=frozenset({date(2026, 11, 3)}))
TOTAL = Meter("total")


def usage(
    start: datetime,
    end: datetime,
    pages: int,
    meter: Meter = TOTAL,
    quality: Quality = Quality.MEASURED,
) -> Usage:
    device = DeviceKey("serial:S")
    return Usage(PlaceId("1f"), device, meter, 1, start, end, 500, 500 + pages, quality)


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=OFFICE.zone).astimezone(UTC)


def test_stretch_within_a_day_is_that_days() -> None:
    assert split_usage(usage(tokyo(2, 9), tokyo(2, 10), 7), OFFICE) == {date(2026, 11, 2): 7}


def test_stretch_that_ends_at_midnight_is_the_day_before() -> None:
    midnight = OFFICE.midnight(date(2026, 11, 3))
    assert split_usage(usage(tokyo(2, 9), midnight, 7), OFFICE) == {date(2026, 11, 2): 7}


def test_weekend_and_holiday_get_nothing_of_a_long_stretch() -> None:
    parts = split_usage(usage(tokyo(6, 16, 15), tokyo(9, 9, 30), 20), OFFICE)
    # Friday has one working hour left, Monday has had one
    assert {day: n for day, n in parts.items() if n} == {
        date(2026, 11, 6): 10,
        date(2026, 11, 9): 10,
    }


def test_stretch_of_days_off_is_split_by_plain_time() -> None:
    parts = split_usage(usage(tokyo(7, 18), tokyo(8, 6), 10), OFFICE)
    assert parts == {date(2026, 11, 7): 5, date(2026, 11, 8): 5}


def test_night_is_split_by_plain_time_over_a_change_of_the_clock() -> None:
    """The night of 25 October 2026 has an hour more after midnight in Berlin."""
    office = Office("t", ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)  # 20:00, four hours before midnight
    parts = split_usage(usage(start, start + timedelta(hours=9), 90), office)
    assert parts == {date(2026, 10, 24): 40, date(2026, 10, 25): 50}


def test_only_total_counts_as_estimated_impressions() -> None:
    days = day_usages(
        [
            usage(tokyo(4, 16), tokyo(5, 9), 10),
            usage(tokyo(4, 16), tokyo(5, 9), 8, Meter("copy")),
            usage(tokyo(5, 9), tokyo(5, 10), 100),
        ],
        OFFICE,
    )
    assert [day.day for day in days] == [date(2026, 11, 4), date(2026, 11, 5)]
    assert sum(day.estimated for day in days) == 10
    assert sum(day.pages[TOTAL] for day in days) == 110
    assert sum(day.pages[Meter("copy")] for day in days) == 8


def test_an_hour_apart_pins_the_midnight_and_a_minute_more_does_not() -> None:
    start = tokyo(4, 23, 30)
    pinned = day_usages([usage(start, start + CLOSE_ENOUGH, 10)], OFFICE)
    loose = day_usages([usage(start, start + CLOSE_ENOUGH + timedelta(minutes=1), 10)], OFFICE)
    assert sum(day.estimated for day in pinned) == 0
    assert sum(day.estimated for day in loose) == 10


def test_estimated_usage_stays_an_estimate_within_a_day() -> None:
    (day,) = day_usages([usage(tokyo(4, 9), tokyo(4, 10), 10, quality=Quality.ESTIMATED)], OFFICE)
    assert day == DayUsage(PlaceId("1f"), date(2026, 11, 4), {TOTAL: 10}, 10)


def test_no_usage_is_no_day() -> None:
    assert day_usages([], OFFICE) == ()


def test_a_stretch_over_days_names_every_day_and_its_whole_is_exact() -> None:
    (stretch,) = stretches_of([usage(tokyo(6, 16, 15), tokyo(9, 9, 30), 20)], OFFICE)
    assert stretch.parts == {
        date(2026, 11, 6): 10,
        date(2026, 11, 7): 0,
        date(2026, 11, 8): 0,
        date(2026, 11, 9): 10,
    }
    assert (stretch.low, stretch.pages, stretch.high) == (20, 20, 20)


def test_an_estimate_within_a_day_is_a_stretch_with_its_range() -> None:
    guess = replace(
        usage(tokyo(2, 9), tokyo(2, 9, 30), 7, quality=Quality.ESTIMATED), low=0, high=40
    )
    (stretch,) = stretches_of([guess], OFFICE)
    assert stretch.parts == {date(2026, 11, 2): 7}
    assert (stretch.low, stretch.high) == (0, 40)


def test_what_is_pinned_to_its_day_or_is_no_impression_is_no_stretch() -> None:
    copies = usage(tokyo(6, 9), tokyo(9, 9), 20, Meter("copy"))
    assert stretches_of([usage(tokyo(2, 9), tokyo(2, 17), 7), copies], OFFICE) == ()
