"""How much a copier is used, by weekday and hour, and what its pages would mean for others."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import DayUsage, Quality, Usage
from collector.domain.meters import TOTAL, TOTAL_COLOR, Meter
from collector.domain.month.utilisation import (
    CopierUse,
    Load,
    floor_of,
    neighbours,
    use_of,
    without_it,
)
from collector.domain.office.fleet import Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.privacy.few_people import FEWEST_PEOPLE, are_few
from tests.unit.app.office import LONG_AGO, place

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO, closed=frozenset({date(2026, 11, 3)}))
ONE = PlaceId("1f")
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 13)
"""Two weeks from Monday on; one Tuesday is off."""


def usage(
    begin: str,
    minutes: float,
    pages: int,
    quality: Quality = Quality.MEASURED,
    meter: Meter = TOTAL,
) -> Usage:
    start = datetime.fromisoformat(begin).replace(tzinfo=TOKYO).astimezone(UTC)
    end = start + timedelta(minutes=minutes)
    return Usage(ONE, DeviceKey("serial:X"), meter, 1, start, end, 0, pages, quality)


def day(text: str, pages: int, **more: int) -> DayUsage:
    meters = {TOTAL: pages} | {Meter(name): count for name, count in more.items()}
    return DayUsage(ONE, date.fromisoformat(text), meters)


def test_hours_are_means_of_the_working_days_of_their_weekday() -> None:
    usages = [
        usage("2026-11-02T09:10", 5, 30),
        usage("2026-11-09T09:40", 5, 10),
        usage("2026-11-10T14:00", 10, 8),
        usage("2026-11-03T09:00", 5, 500),
    ]
    days = [day("2026-11-02", 30), day("2026-11-09", 10), day("2026-11-10", 8)]
    found = use_of(ONE, [*days, day("2026-11-03", 500)], usages, OFFICE, (FIRST, LAST), 40)
    assert found.hours == {(0, 9): 20.0, (1, 14): 8.0}
    assert (found.working_days, found.idle, found.pages) == (9, 6, 48)
    assert found.pages_a_day == pytest.approx(48 / 9)
    assert found.busiest == (0, 9)
    assert found.busiest_with({}) == pytest.approx(20 / 2400)
    assert found.share == pytest.approx(48 / (40 * 9 * 525))
    assert found.unplaced == 0


def test_pages_over_the_hour_are_shared_by_time() -> None:
    found = use_of(
        ONE, [day("2026-11-02", 40)], [usage("2026-11-02T09:45", 60, 40)], OFFICE, (FIRST, FIRST)
    )
    assert found.hours == {(0, 9): 10.0, (0, 10): 30.0}


def test_what_nobody_saw_in_the_hour_counts_for_its_day_alone() -> None:
    usages = [
        usage("2026-11-02T09:00", 180, 60),
        usage("2026-11-02T13:00", 5, 7, Quality.ESTIMATED),
        usage("2026-11-02T14:00", 5, 3),
        usage("2026-11-02T14:00", 5, 3, meter=TOTAL_COLOR),
    ]
    found = use_of(ONE, [day("2026-11-02", 70)], usages, OFFICE, (FIRST, FIRST))
    assert found.hours == {(0, 14): 3.0}
    assert found.unplaced == 67
    assert found.busiest is None, "3 pages of 70 do not tell when it is busiest"


def test_without_a_speed_there_is_no_share() -> None:
    found = use_of(ONE, [day("2026-11-02", 5)], [], OFFICE, (FIRST, LAST))
    assert (found.share, found.busiest_with({}), found.busiest) == (None, None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 60 * 24 * 11), st.integers(0, 60), st.integers(0, 900)),
        max_size=30,
    )
)
def test_no_page_is_lost_between_the_hours(given_usages: list[tuple[int, int, int]]) -> None:
    begin = OFFICE.midnight(FIRST)
    usages = [
        Usage(
            ONE,
            DeviceKey("serial:X"),
            TOTAL,
            1,
            begin + timedelta(minutes=at),
            begin + timedelta(minutes=at + lasted),
            0,
            pages,
        )
        for at, lasted, pages in given_usages
    ]
    always = Office("t", TOKYO, weekend=frozenset())
    span = (FIRST, LAST + ONE_DAY)
    found = use_of(ONE, [], usages, always, span)
    weekdays = {
        one: sum((FIRST + ONE_DAY * n).weekday() == one for n in range(13)) for one in range(7)
    }
    placed = sum(pages * weekdays[hour[0]] for hour, pages in found.hours.items())
    assert placed == pytest.approx(sum(pages for _, _, pages in given_usages))


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("2階 総務課", "2"),
        ("２Ｆ総務", "2"),
        ("本庁2階総務", "本庁2"),
        ("本庁 ２階 税務", "本庁2"),
        ("地下1階 倉庫", "地下1"),
        ("b1f-souko", "b1"),
        ("12f-kaigi", "12"),
        ("3foo", None),
        ("市民課", None),
        ("第2庁舎 窓口", None),
    ],
)
def test_a_floor_is_what_a_name_says(name: str, floor: str | None) -> None:
    assert floor_of(name) == floor


def test_neighbours_stand_on_the_floor_else_in_the_department() -> None:
    def named(one: str, name: str, department: str, until: date | None = None) -> Place:
        assigned = place(one, (LONG_AGO, {department: 100})).assignments
        return Place(PlaceId(one), name, "192.0.2.1", assignments=assigned, until=until)

    fleet = Fleet(
        places=(
            named("a", "本庁2階 総務", "soumu"),
            named("b", "本庁2階 税務", "zeimu"),
            named("c", "分庁舎2階", "soumu"),
            named("d", "車庫", "soumu"),
            named("e", "本庁2階 旧", "soumu", until=date(2026, 1, 1)),
        )
    )
    found = neighbours(fleet, LAST)
    assert found["a"] == ("b",)
    assert found["b"] == ("a",)
    assert found["c"] == ("a", "d"), "it is alone on the floor of its building"
    assert found["d"] == ("a", "c")
    assert "e" not in found


def copier(
    name: str,
    hours: Load | Mapping[tuple[int, int], float],
    ipm: int | None = 10,
    **more: int,
) -> CopierUse:
    pages = round(sum(hours.values()) * 40)
    return CopierUse(
        PlaceId(name),
        more.get("days", 40),
        0,
        pages,
        more.get("color", 0),
        more.get("unplaced", 0),
        hours,
        rated_ipm=ipm,
        has_color=bool(more.get("has_color", 1)),
    )


def test_pages_go_evenly_to_those_that_stay_hour_by_hour() -> None:
    gone = copier("gone", {(0, 9): 60, (0, 10): 12})
    quiet, busy = copier("quiet", {}), copier("busy", {(0, 10): 120})
    found = without_it(gone, [quiet, busy], 0.3)
    assert [one.use.place for one in found.others] == ["quiet", "busy"]
    assert found.others[0].after == pytest.approx(30 / 600)
    assert (found.others[1].before, found.others[1].after) == (0.2, pytest.approx(126 / 600))
    assert found.others[0].pages_a_day == pytest.approx(36)
    assert found.could_go
    assert not without_it(gone, [quiet, busy], 0.2).could_go, "one would be too busy"


def test_it_stays_where_nobody_could_print_its_pages() -> None:
    gone = copier("gone", {(0, 9): 6}, color=5)
    assert without_it(gone, [copier("slow", {}, None)], 1.0).others == ()
    blurred = copier("blurred", {(0, 9): 1}, unplaced=30)
    assert without_it(gone, [blurred], 1.0).others == (), "who knows when it is busy"
    assert not without_it(gone, [], 1.0).could_go
    assert not without_it(gone, [copier("black", {}, has_color=0)], 1.0).could_go
    assert without_it(copier("gone", {(0, 9): 6}), [copier("black", {}, has_color=0)], 1.0).could_go


def test_it_stays_where_too_little_is_known_of_it() -> None:
    near = [copier("near", {})]
    assert not without_it(copier("new", {(0, 9): 1}, days=19), near, 1.0).could_go
    assert not without_it(copier("blurred", {(0, 9): 1}, unplaced=30), near, 1.0).could_go
    assert without_it(copier("known", {(0, 9): 1}, unplaced=10), near, 1.0).could_go


def test_few_people_are_fewer_than_five_that_somebody_stated() -> None:
    assert are_few(FEWEST_PEOPLE - 1)
    assert not are_few(FEWEST_PEOPLE)
    assert not are_few(None)
