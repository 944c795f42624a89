"""One reading, one atomic change: what is stored, and exactly what is to be published again."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.app.count_reading import day_refs, record_reading
from collector.app.office_context import OfficeContext
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.work_calendars import Calendar
from collector.ports import LogRef, PlaceState, Record
from tests.unit.app.office import A_FLEET, CANON, OFFICE, RICOH, T0, answer

GROUND = OfficeContext(A_FLEET, OFFICE)
PLACE = PlaceId("1f")


def ref(at: datetime) -> LogRef:
    return LogRef("reading", f"1f|{int(at.timestamp())}")


def play(*polls: tuple[datetime, Answer], context: OfficeContext = GROUND) -> list[Record]:
    """Return the record of each poll, as one place's polls follow one another."""
    records: list[Record] = []
    state = PlaceState(PLACE)
    for at, says in polls:
        records.append(record_reading(state, Reading(PLACE, at, says), context))
        state = records[-1].state
    return records


def test_first_reading_is_stored_and_touches_no_day() -> None:
    (record,) = play((T0, answer(RICOH, 1000)))
    assert record.log == (ref(T0),)
    assert (record.usages, record.days) == ((), ())
    assert (record.state.online, record.state.seen_at, record.state.stored_at) == (True, T0, T0)


def test_unchanged_reading_leaves_nothing_but_the_time_it_was_seen() -> None:
    later = T0 + timedelta(minutes=59)
    _, record = play((T0, answer(RICOH, 1000)), (later, answer(RICOH, 1000)))
    assert (record.reading, record.log, record.days, record.findings) == (None, (), (), ())
    assert (record.state.seen_at, record.state.stored_at) == (later, T0)
    assert record.state.changed_at == T0


def test_growth_touches_its_reading_its_day_and_its_month_and_no_more() -> None:
    later = T0 + timedelta(minutes=5)
    _, record = play((T0, answer(RICOH, 1000)), (later, answer(RICOH, 1007)))
    assert record.log == (
        ref(later),
        LogRef("day", "1f|2026-11-02"),
        LogRef("office_day", "2026-11-02"),
        LogRef("month", "2026-11"),
    )
    assert record.days == (DayUsage(PLACE, date(2026, 11, 2), {Meter("total"): 7}),)


def test_usage_over_a_holiday_is_split_by_the_working_time_of_its_place() -> None:
    """From Monday 09:00 over the 3rd, a holiday, to Wednesday 09:00."""
    closed = replace(OFFICE, closed=frozenset({date(2026, 11, 3)}))
    shift = Calendar("shift", frozenset(), time(0), time(0), holidays=False)
    office = replace(closed, kept={"shift": shift.kept_by(closed, 2026, 2026)})
    first, second = A_FLEET.places
    fire = replace(A_FLEET, places=(replace(first, calendar="shift"), second), calendars=(shift,))
    polls = ((T0, answer(RICOH, 1000)), (T0 + timedelta(hours=48), answer(RICOH, 1480)))
    by_place = {}
    for name, fleet in (("hall", A_FLEET), ("fire", fire)):
        _, record = play(*polls, context=OfficeContext(fleet, office))
        by_place[name] = {one.day.day: one.pages.get(Meter("total"), 0) for one in record.days}
    assert by_place["hall"][3] == 0
    assert by_place["fire"] == {2: 150, 3: 240, 4: 90}


def test_reading_over_midnight_touches_both_days_of_one_month() -> None:
    night = datetime(2026, 11, 10, 14, 30, tzinfo=UTC)  # 23:30 in Tokyo
    _, record = play(
        (night, answer(RICOH, 1000)), (night + timedelta(minutes=60), answer(RICOH, 1010))
    )
    assert {one.key for one in record.log if one.kind == "day"} == {
        "1f|2026-11-10",
        "1f|2026-11-11",
    }
    assert [one.key for one in record.log if one.kind == "month"] == ["2026-11"]
    assert sum(day.pages[Meter("total")] for day in record.days) == 10
    assert [day.estimated for day in record.days] == [0, 0]


def test_reading_over_a_month_end_touches_both_months_and_admits_an_estimate() -> None:
    evening = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)  # Monday 15:00 in Tokyo
    morning = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # Tuesday 10:00
    _, record = play((evening, answer(RICOH, 1000)), (morning, answer(RICOH, 1100)))
    assert [one.key for one in record.log if one.kind == "month"] == ["2026-11", "2026-12"]
    parts = {day.day: day.pages[Meter("total")] for day in record.days}
    # 2 h 15 min before closing time, 1 h 30 min after opening time: 60 to 40
    assert parts == {date(2026, 11, 30): 60, date(2026, 12, 1): 40}
    assert sum(day.estimated for day in record.days) == 100


def test_first_reading_of_a_day_is_not_filed_under_that_day() -> None:
    """Seen (FusionInventory): read at 01:00 and filed under today, though printed yesterday."""
    evening = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)  # 17:00 in Tokyo
    night = datetime(2026, 11, 10, 16, 0, tzinfo=UTC)  # 01:00 in Tokyo
    _, record = play((evening, answer(RICOH, 1000)), (night, answer(RICOH, 1040)))
    assert {
        day.day: day.pages[Meter("total")] for day in record.days if any(day.pages.values())
    } == {date(2026, 11, 10): 40}


def test_closing_day_decides_which_months_are_touched() -> None:
    context = OfficeContext(A_FLEET, Office("hall", ZoneInfo("Asia/Tokyo"), closing_day=20))
    before = datetime(2026, 11, 20, 14, 58, tzinfo=UTC)
    after = datetime(2026, 11, 20, 15, 2, tzinfo=UTC)
    _, record = play((before, answer(RICOH, 1000)), (after, answer(RICOH, 1010)), context=context)
    assert [one.key for one in record.log if one.kind == "month"] == ["2026-11", "2026-12"]
    assert sum(day.estimated for day in record.days) == 0


def test_finding_is_in_the_log_beside_its_reading() -> None:
    later = T0 + timedelta(minutes=5)
    _, record = play((T0, answer(RICOH, 1000)), (later, answer(CANON, 7)))
    (finding,) = record.findings
    assert record.log == (ref(later), LogRef("event", finding.id))


def test_meter_that_was_not_answered_is_stored_absent_not_zero() -> None:
    """Seen (GLPI): a missing counter stored as 0."""
    _, record = play(
        (T0, answer(RICOH, 1000, scan=9)), (T0 + timedelta(minutes=5), answer(RICOH, 1001))
    )
    assert record.reading is not None
    assert dict(record.reading.answer.meters) == {Meter("total"): 1001}
    assert dict(record.days[0].pages) == {Meter("total"): 1}
    assert record.state.track is not None
    assert record.state.track.meters[Meter("scan")].last == 9


def test_first_answer_after_a_silence_is_stored_although_nothing_changed() -> None:
    (first,) = play((T0, answer(RICOH, 1000)))
    silent = PlaceState(
        PLACE,
        track=first.state.track,
        last=first.state.last,
        seen_at=T0,
        stored_at=T0,
        online=False,
        changed_at=T0 + timedelta(minutes=10),
        reason="no answer",
    )
    at = T0 + timedelta(minutes=15)
    record = record_reading(silent, Reading(PLACE, at, answer(RICOH, 1000)), GROUND)
    assert record.log == (ref(at),)
    assert (record.state.online, record.state.changed_at, record.state.reason) == (True, at, "")


def test_day_refs_name_each_thing_once() -> None:
    days = [DayUsage(PlaceId(name), date(2026, 11, 2), {}) for name in ("1f", "2f")]
    assert day_refs(days, OFFICE) == (
        LogRef("day", "1f|2026-11-02"),
        LogRef("day", "2f|2026-11-02"),
        LogRef("office_day", "2026-11-02"),
        LogRef("month", "2026-11"),
    )
    assert day_refs([], OFFICE) == ()


def test_first_reading_of_a_month_says_that_the_place_is_read_in_the_one_before() -> None:
    """Nothing was printed over the month's end, yet November's completeness changes."""
    evening = datetime(2026, 11, 30, 12, tzinfo=UTC)
    night = datetime(2026, 11, 30, 15, 1, tzinfo=UTC)
    _, record, unstored = play(
        (evening, answer(RICOH, 1000)),
        (night, answer(RICOH, 1000)),
        (night + timedelta(minutes=5), answer(RICOH, 1000)),
    )
    assert record.log == (ref(night), LogRef("month", "2026-11"))
    assert unstored.log == ()


def test_first_answer_after_months_of_silence_completes_all_of_them() -> None:
    later = datetime(2027, 2, 3, tzinfo=UTC)
    _, record = play((T0, answer(RICOH, 1000)), (later, answer(RICOH, 1000)))
    assert record.log == (
        ref(later),
        *(LogRef("month", m) for m in ("2026-11", "2026-12", "2027-01")),
    )


def test_what_is_heard_in_the_second_of_a_reading_held_back_is_counted_by_the_next() -> None:
    """Seen: a restart within a second. Its key lay in the ledger already, and 6 pages were lost."""
    first = answer(RICOH, 1000, total_mono=700, total_color=300)
    other = answer(RICOH, 1000, total_mono=1000, total_color=0)
    more = answer(RICOH, 1006, total_mono=1006, total_color=0)
    at = T0 + timedelta(minutes=5)
    later = at + timedelta(seconds=10)
    records = play((T0, first), (at, other), (at, more), (later, more))
    assert records[1].state.track is not None
    assert records[1].state.track.held is not None
    stored = [one.reading.at for one in records if one.reading is not None]
    assert stored == [T0, at, later], "no time twice"
    assert records[2].usages == ()
    assert sum(day.pages[Meter("total")] for one in records for day in one.days) == 6
