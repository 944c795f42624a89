"""Which reading opens and closes a month: the accepted one nearest midnight, with its time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.domain.closing.boundary import Around, breaks_of, plain_spans, spans_of
from collector.domain.closing.statement import BoundaryReading
from collector.domain.counting.identity import DeviceIdentity, DeviceKey
from collector.domain.counting.ranges import estimated_parts
from collector.domain.counting.reading import Answer, Confirmation, Reading, Stay
from collector.domain.counting.track import MeterTrack, PlaceTrack
from collector.domain.counting.usage import Usage, stretches_of
from collector.domain.meters import TOTAL, TOTAL_MONO, Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO)
NOVEMBER = OFFICE.period("2026-11")
P = PlaceId("p")
OLD, NEW = DeviceIdentity(serial="OLD111"), DeviceIdentity(serial="NEW222")
MIDNIGHT = datetime(2026, 12, 1, tzinfo=TOKYO).astimezone(UTC)
MINUTE = timedelta(minutes=1)


def read(minutes: float, total: int, who: DeviceIdentity = OLD, **meters: int) -> Reading:
    values = {TOTAL: total, **{Meter(name): value for name, value in meters.items()}}
    return Reading(P, MIDNIGHT + minutes * MINUTE, Answer(who, values))


def used(
    start: float,
    end: float,
    first: int,
    last: int,
    who: DeviceIdentity = OLD,
    epoch: int = 1,
    meter: Meter = TOTAL,
) -> Usage:
    ends = (MIDNIGHT + start * MINUTE, MIDNIGHT + end * MINUTE)
    return Usage(P, who.key, meter, epoch, *ends, first, last)


def around(*readings: Reading, usages: tuple[Usage, ...] = ()) -> Around:
    return Around(MIDNIGHT, readings, usages)


def counted_to(minutes_: float, total: int) -> PlaceTrack:
    """Return the track of a place whose total was counted last then."""
    at = MIDNIGHT + minutes_ * MINUTE
    return PlaceTrack(OLD, at, None, {TOTAL: MeterTrack(1, 0, total, at)}, 1)


def minutes(mark: BoundaryReading | None) -> float | None:
    return None if mark is None else (mark.at - MIDNIGHT) / MINUTE


def test_the_nearest_reading_opens_and_closes() -> None:
    """Seen (FusionInventory): the first reading at 01:00 was filed under the wrong day."""
    one = around(read(-180, 100), read(-4, 100), read(60, 103))
    assert minutes(one.nearest()) == -4
    assert minutes(one.last_before()) == -4
    assert minutes(one.first_after()) == 60
    assert minutes(around(read(-180, 100), read(60, 103)).nearest()) == 60
    assert minutes(around(read(-60, 100), read(60, 103)).nearest()) == -60, "the older of two"
    assert around().nearest() is None


def test_a_poll_that_was_not_stored_is_a_reading_too() -> None:
    """Polls that change nothing are proved by the next stored one."""
    later = replace(read(25, 104), confirmed=Confirmation(MIDNIGHT - 3 * MINUTE))
    mark = around(read(-55, 100), later).nearest()
    assert minutes(mark) == -3
    assert mark is not None
    assert mark.meters == {TOTAL: 100}


def test_a_glitch_neither_opens_nor_closes() -> None:
    usages = (used(-30, -10, 90, 100), used(-10, 20, 100, 104))
    one = around(read(-10, 100), read(-1, 7), read(20, 104), usages=usages)
    assert minutes(one.nearest()) == -10
    idle = around(read(-10, 100), read(-1, 7), read(20, 100), usages=(used(-30, -10, 90, 100),))
    assert minutes(idle.nearest()) == -10, "also where nothing was printed since"


def test_a_value_taken_back_by_a_restart_neither_opens_nor_closes() -> None:
    usages = (used(-90, -60, 80, 100), used(20, 40, 100, 109))
    one = around(read(-60, 100), read(-1, 95), read(40, 109), usages=usages)
    assert minutes(one.nearest()) == 40


def test_the_first_reading_of_a_reset_or_another_machine_does() -> None:
    reset = (used(-30, -10, 90, 100), used(-10, -1, 0, 3, epoch=2), used(-1, 9, 3, 8, epoch=2))
    assert minutes(around(read(-10, 100), read(-1, 3), usages=reset).nearest()) == -1
    replaced = (used(-30, -10, 90, 100),)
    mark = around(read(-10, 100), read(-1, 5, NEW), usages=replaced).nearest()
    assert mark is not None
    assert (minutes(mark), mark.device) == (-1, NEW.key)


def test_a_machine_counted_elsewhere_is_no_reading_of_this_place() -> None:
    elsewhere = replace(read(1, 100), stay=Stay.TWICE)
    assert minutes(around(read(-90, 100), elsewhere).nearest()) == -90


def test_a_figure_off_the_panel_carries_the_machine_read_before() -> None:
    panel = Reading(P, MIDNIGHT - 5 * MINUTE, Answer(DeviceIdentity(), {TOTAL: 104}), by_hand=True)
    mark = around(read(-90, 100), panel).nearest()
    assert mark is not None
    assert (mark.by_hand, mark.device, mark.meters) == (True, OLD.key, {TOTAL: 104})


def test_an_answer_without_the_total_is_none_where_the_total_is_counted() -> None:
    bare = Reading(P, MIDNIGHT, Answer(OLD, {Meter("copy"): 5}))
    usages = (used(-30, -10, 90, 100),)
    assert minutes(around(read(-10, 100), bare, usages=usages).nearest()) == -10
    assert minutes(around(bare).nearest()) == 0, "a machine without a total has no other"
    silent = Around(MIDNIGHT, (read(-9000, 100), bare), (), counted_to(-9000, 100))
    assert minutes(silent.nearest()) == -9000, "after a long silence without any pages as well"


def test_an_answer_that_is_not_counted_yet_is_none() -> None:
    """Held back, it tells nothing of the pages since the last one that was counted."""
    readings = (read(-9000, 100), read(30, 360))
    assert Around(MIDNIGHT, readings, (), counted_to(-9000, 100)).first_after() is None
    unchanged = (read(-9000, 100), read(30, 100))
    first = Around(MIDNIGHT, unchanged, (), counted_to(-9000, 100)).first_after()
    assert minutes(first) == 30, "an unchanged total tells all of them"
    assert minutes(Around(MIDNIGHT, readings, (), counted_to(30, 360)).first_after()) == 30


def mark(minutes_: float, total: int, who: DeviceIdentity = OLD, **meters: int) -> BoundaryReading:
    values = {TOTAL: total, **{Meter(name): value for name, value in meters.items()}}
    return BoundaryReading(MIDNIGHT + minutes_ * MINUTE, who.key, values)


FIRST = -60 * 24 * 30.0
"""Minutes from the month's end to its first midnight."""


def test_plain_is_closing_less_opening() -> None:
    opening, closing = mark(FIRST - 4, 1000), mark(-4, 1500)
    spans = plain_spans(opening, closing, {TOTAL: 500}, (), OFFICE, NOVEMBER)
    assert spans is not None
    assert [(one.meter, one.first, one.last) for one in spans] == [(TOTAL, 1000, 1500)]
    assert plain_spans(opening, closing, {TOTAL: 499}, (), OFFICE, NOVEMBER) is None
    other = replace(closing, device=DeviceKey("serial:X"))
    assert plain_spans(opening, other, {TOTAL: 500}, (), OFFICE, NOVEMBER) is None
    unread = {TOTAL: 500, TOTAL_MONO: 3}
    assert plain_spans(opening, closing, unread, (), OFFICE, NOVEMBER) is None


def estimates(usage: Usage) -> Mapping[date, int]:
    return estimated_parts(stretches_of([usage], OFFICE), NOVEMBER).get(P, {})


def test_the_split_over_a_boundary_is_part_of_the_proof() -> None:
    """From 17:00 on the 30th to 09:30 on the 1st: 15 minutes of work before midnight, 60 after."""
    crossing = used(-7 * 60, 9.5 * 60, 1500, 1550)
    before, after = mark(-7 * 60, 1500), mark(9.5 * 60, 1550)
    opening = mark(FIRST - 4, 1000)
    for closing, split in ((before, 10), (after, -40)):
        spans = plain_spans(opening, closing, {TOTAL: 510}, (crossing,), OFFICE, NOVEMBER)
        assert spans is not None
        assert 510 - sum(one.pages for one in spans) == split
    assert sum(estimates(crossing).values()) == 10


def test_readings_within_the_hour_are_no_estimate() -> None:
    assert estimates(used(-30, 29, 0, 50)) == {}
    night = used(-60 * 24 * 3, -60 * 24 * 3 + 700, 0, 50)
    assert estimates(night) == {}, "a midnight within the month"


def test_spans_are_told_by_epoch_and_breaks_name_their_ends() -> None:
    opening, closing = mark(FIRST, 1000), mark(-4, 47, NEW)
    usages = [
        used(FIRST, -9000, 1000, 1100),
        used(-9000, -8000, 1100, 1200),
        used(-7000, -6000, 0, 5, epoch=2),
        used(-5000, -4, 40, 47, NEW, epoch=3),
        used(-4, 30, 47, 60, NEW, epoch=3),
    ]
    spans = spans_of(opening, closing, usages)
    assert [(one.first, one.last, one.device) for one in spans] == [
        (1000, 1200, OLD.key),
        (0, 5, OLD.key),
        (40, 47, NEW.key),
    ]
    one, two = breaks_of(spans)
    assert "1200" in one
    assert NEW.key in two
    assert NEW.key not in one


def test_a_value_that_counting_passed_over_is_no_mark() -> None:
    """Nothing else is known near: one usage runs right across the reading."""
    across = (used(-40, 30, 90, 100),)
    one = around(read(-40, 90), read(-1, 90), read(30, 100), usages=across)
    assert minutes(one.nearest()) == 30
