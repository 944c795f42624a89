"""What a silent copier has probably printed: by its own days, its own mix, who answers then."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collector.domain.closing.guesses import by_mix, guess_of, silence_in
from collector.domain.closing.statement import Guess
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.fleet import Assignment, DepartmentId, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("t", TOKYO)
NOVEMBER = OFFICE.period("2026-11")
P = PlaceId("p")
A, B = DepartmentId("a"), DepartmentId("b")
HERE = Place(P, "p", "", assignments=(Assignment(date(2020, 4, 1), {A: 100}),))


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


def days(first: date, last: date, pages: Iterable[int] = (100,), **mix: int) -> list[DayUsage]:
    """Return a row for each working day, its pages taken from `pages` in turn."""
    turn = list(pages)
    found = []
    while first <= last:
        if OFFICE.works_on(first):
            total = turn[len(found) % len(turn)]
            meters = {Meter(name): total * share // 100 for name, share in mix.items()}
            found.append(DayUsage(P, first, {TOTAL: total, **meters}))
        first += ONE_DAY
    return found


def guess(
    history: list[DayUsage], heard: datetime, place: Place = HERE, office: Office = OFFICE
) -> Guess | None:
    return guess_of(place, history, office, silence_in(office, NOVEMBER, heard))


def test_whole_days_after_it_was_heard_last() -> None:
    found = guess(days(date(2026, 10, 1), date(2026, 11, 13)), at(13, 20))
    assert found is not None
    assert (found.pages[TOTAL], found.low, found.high) == (1100, 1100, 1100)


def test_the_day_it_fell_silent_counts_by_what_was_left_of_it() -> None:
    """Heard last at 12:52, half through a working day of 8 hours and three quarters."""
    stretch = silence_in(OFFICE, NOVEMBER, at(16, 12, 52))
    assert abs(stretch.days[date(2026, 11, 16)] - 0.501) < 0.001
    assert stretch.known_until == date(2026, 11, 16)
    assert sum(OFFICE.works_on(day) for day in stretch.days) == 11
    evening = silence_in(OFFICE, NOVEMBER, at(16, 17, 15))
    assert date(2026, 11, 16) not in evening.days
    assert evening.known_until == date(2026, 11, 17)


def test_a_copier_silent_since_before_the_period_is_guessed_for_all_of_it() -> None:
    found = guess(days(date(2026, 8, 3), date(2026, 10, 9)), at(9, 20, month=10))
    assert found is not None
    assert found.pages[TOTAL] == 100 * 21


def test_its_own_silence_does_not_make_it_print_less() -> None:
    """Days after it was heard are no days without pages."""
    early = guess(days(date(2026, 8, 3), date(2026, 10, 9)), at(9, 20, month=10))
    history = [*days(date(2026, 8, 3), date(2026, 10, 9)), DayUsage(P, date(2026, 10, 20), {})]
    assert guess(history, at(9, 20, month=10)) == early


def test_the_stretch_ends_with_the_places_last_day() -> None:
    """Seen: a copier was carried away, and 6,639 pages were invented for it."""
    stretch = silence_in(OFFICE, NOVEMBER, at(13, 20), date(2026, 11, 18))
    assert sorted(stretch.days) == [date(2026, 11, day) for day in range(14, 19)]
    heard_on_it = silence_in(OFFICE, NOVEMBER, at(18, 10), date(2026, 11, 18))
    assert heard_on_it.days == {}
    before = silence_in(OFFICE, NOVEMBER, at(18, 10), date(2026, 11, 16))
    assert before.days == {}
    later = silence_in(OFFICE, NOVEMBER, at(18, 10), date(2026, 12, 16))
    assert later == silence_in(OFFICE, NOVEMBER, at(18, 10))


def test_the_range_is_wider_where_its_days_differ_and_holds_the_figure() -> None:
    history = days(date(2026, 10, 1), date(2026, 11, 13), pages=(40, 160))
    found = guess(history, at(13, 20))
    assert found is not None
    assert found.low < found.pages[TOTAL] < found.high
    assert abs(found.pages[TOTAL] - 1100) < 60
    assert 230 < (found.high - found.low) / 2 < 770, "95 of 100, not 80: half as wide again"


def test_days_off_go_on_as_they_have_been() -> None:
    every = [
        DayUsage(P, date(2026, 10, 1) + ONE_DAY * n, {TOTAL: 100 if (n + 3) % 7 < 5 else 7})
        for n in range(44)
    ]
    found = guess(every, at(13, 20))
    assert found is not None
    assert found.pages[TOTAL] == 1100 + 6 * 7


def test_meters_follow_its_own_mix_and_families_add_up() -> None:
    history = days(date(2026, 10, 1), date(2026, 11, 13), pages=(101,), scan=10)
    history = [
        DayUsage(P, one.day, {**one.pages, TOTAL_MONO: 70, TOTAL_COLOR: 31}) for one in history
    ]
    found = guess(history, at(27, 12))
    assert found is not None
    pages = found.pages
    assert pages[TOTAL_MONO] + pages[TOTAL_COLOR] == pages[TOTAL]
    assert pages[Meter("scan")] > 0


def test_a_mix_that_does_not_add_up_is_only_scaled() -> None:
    mix = {TOTAL: 100, TOTAL_MONO: 50, Meter("copy"): 33}
    assert by_mix(10, mix) == {TOTAL: 10, TOTAL_MONO: 5, Meter("copy"): 3}


def test_whoever_answers_on_the_silent_days_answers_for_the_guess() -> None:
    spans = (
        Assignment(date(2020, 4, 1), {A: 100}),
        Assignment(date(2026, 11, 24), {A: 50, B: 50}),
    )
    place = Place(P, "p", "", assignments=spans)
    found = guess(days(date(2026, 10, 1), date(2026, 11, 13)), at(13, 20), place)
    assert found is not None
    shares = {one: pages[TOTAL] for one, pages in found.shares.items()}
    assert shares == {A: 600 + 250, B: 250}, "the 24th to the 30th are five working days"


def test_nothing_is_guessed_of_a_copier_without_a_past() -> None:
    assert guess([], at(13)) is None
    assert guess([DayUsage(P, date(2026, 10, 2), {Meter("scan"): 3})], at(13)) is None
    assert guess(days(date(2026, 11, 16), date(2026, 11, 20)), at(13)) is None
    assert guess(days(date(2026, 5, 1), date(2026, 6, 30)), at(13)) is None, "too long ago"


def test_nobody_at_work_nothing_printed() -> None:
    """Heard last when the office closed on the last working day."""
    office = Office("t", TOKYO, closed=frozenset({date(2026, 11, 30)}))
    found = guess(days(date(2026, 10, 1), date(2026, 11, 27)), at(27, 18), office=office)
    assert found is not None
    assert (found.pages[TOTAL], found.high) == (0, 0)
