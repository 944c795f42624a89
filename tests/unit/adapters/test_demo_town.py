"""The demo's town hall: what people print at which hour, its old sheets, its targets."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.clock import ShiftedClock
from collector.demo.town import (
    SPOTS,
    WITHOUT_TARGET,
    fleet_of,
    old_sheets,
    printed_between,
    with_every_target,
)
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.office_calendar import Office
from collector.domain.office.targets import Less, Path, TargetPlan
from collector.texts import JAPANESE
from tests.fakes.clock import FakeClock

OFFICE = Office("demo-town", ZoneInfo("Asia/Tokyo"))
MIDNIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Wednesday begins in Tokyo
STEP = timedelta(seconds=5)


def printed(begin: datetime, hours: float) -> int:
    """Return what all copiers print from `begin` on, five seconds at a time."""
    dice, pages = random.Random(7), 0
    for step in range(round(hours * 3600 / STEP.total_seconds())):
        since = begin + STEP * step
        for spot in SPOTS:
            pages += printed_between(spot, since, since + STEP, OFFICE, dice).total
    return pages


def test_a_day_of_the_running_office_prints_what_a_day_does() -> None:
    daily = sum(spot.daily for spot in SPOTS)
    assert printed(MIDNIGHT, 24) == pytest.approx(daily, rel=0.12)


def test_at_night_and_on_days_off_hardly_anything_is_printed() -> None:
    assert printed(MIDNIGHT + timedelta(hours=3), 1) < 5
    assert printed(MIDNIGHT + timedelta(days=3, hours=10), 1) < 5
    assert printed(MIDNIGHT + timedelta(hours=10), 1) > 300
    noon, before = (printed(MIDNIGHT + timedelta(hours=at), 1) for at in (12, 11))
    assert noon < before * 0.6


def test_the_old_sheets_are_the_two_years_before_the_story() -> None:
    first = date(2026, 9, 1)
    sheets = old_sheets(OFFICE, first, JAPANESE, MIDNIGHT)
    months = sorted({one.period for one in sheets})
    assert (months[0], months[-1], len(months)) == ("2024-09", "2026-08", 24)
    assert len(sheets) == 24 * len(SPOTS)
    assert sheets == old_sheets(OFFICE, first, JAPANESE, MIDNIGHT), "the same story each time"
    for one in sheets:
        total, *parts = (one.pages[meter] for meter in sorted(one.pages))
        assert total == sum(parts)


def test_targets_are_of_every_kind() -> None:
    ports = {spot.place: 161 for spot in SPOTS}
    plain = fleet_of(ports)
    found = with_every_target(plain, OFFICE, date(2026, 11, 25)).targets
    assert WITHOUT_TARGET not in found
    assert found[DepartmentId("soumu")] == plain.targets[DepartmentId("soumu")]
    down = found[DepartmentId("zeimu")].of("2026-11")
    assert isinstance(down, TargetPlan)
    assert isinstance(down.rule, Path)
    assert (down.start, down.rule.goal) == ("2026-04", "2029-03")
    under = found[DepartmentId("fukushi")].of("2026-11")
    assert isinstance(under, TargetPlan)
    assert isinstance(under.rule, Less)
    assert found[WHOLE_OFFICE].default is not None


def test_a_shifted_clock_goes_on() -> None:
    clock = FakeClock(MIDNIGHT)
    shifted = ShiftedClock(clock, timedelta(days=-3))
    clock.forward(hours=1)
    assert shifted.now() == MIDNIGHT - timedelta(days=3) + timedelta(hours=1)
