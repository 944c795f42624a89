"""Laws of a department's month, for any office, fleet, days and moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.month.forecast import elapsed_share, forecast
from collector.domain.month.habits import learn
from collector.domain.month.month import MonthFacts, stated_month
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import LAST_DAY, ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets

TOTAL, COPY = Meter("total"), Meter("copy")
NAMES = ("a", "b", "c")
PLACES = ("p", "q", "gone")
FIRST, LAST = date(2026, 1, 5), date(2026, 6, 30)

offices = st.builds(
    lambda zone, closing, closed: Office("t", ZoneInfo(zone), closed, closing_day=closing),
    st.sampled_from(("Asia/Tokyo", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo")),
    st.one_of(st.just(LAST_DAY), st.integers(1, 31)),
    st.frozensets(st.dates(FIRST, LAST), max_size=20),
)
shares = st.sampled_from(
    [{"a": 100}, {"a": 60, "b": 40}, {"a": 20, "b": 30, "c": 50}, {"c": 100}, {"b": 1, "c": 99}]
)
spans = st.lists(
    st.tuples(st.dates(FIRST, LAST), shares), max_size=3, unique_by=lambda pair: pair[0]
)
instants = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - bounds of a strategy that adds the zone
    datetime(2026, 7, 31),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def place(name: str, starts: list[tuple[date, Mapping[str, int]]]) -> Place:
    assignments = tuple(
        Assignment(start, {DepartmentId(one): share for one, share in weights.items()})
        for start, weights in sorted(starts, key=lambda pair: pair[0])
    )
    return Place(PlaceId(name), name, "", assignments=assignments)


@st.composite
def known_facts(draw: st.DrawFn) -> MonthFacts:
    """Draw a month of an office with two places, one that left the file, and any days before."""
    office = draw(offices)
    now = draw(instants)
    period = draw(st.sampled_from(["2026-02", "2026-03", "2026-04", "2026-05"]).map(office.period))
    targets = draw(
        st.dictionaries(
            st.sampled_from([DepartmentId(one) for one in NAMES]),
            st.integers(0, 500).map(Targets),
        )
    )
    fleet = Fleet(
        tuple(Department(DepartmentId(one), one) for one in NAMES),
        (place("p", draw(spans)), place("q", draw(spans))),
        targets,
    )
    until = min(period.end, office.local_day(now))
    figures = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(PLACES), st.dates(FIRST, LAST)),
            st.integers(0, 90),
            max_size=50,
        )
    )
    days = [
        DayUsage(PlaceId(name), day, {TOTAL: pages, COPY: pages // 2}, pages // 3)
        for (name, day), pages in figures.items()
        if day <= until
    ]
    seen = draw(st.dictionaries(st.sampled_from(PLACES), instants))
    heard = {
        PlaceId(name): (at, at)
        for name, at in seen.items()
        if office.midnight(period.start) <= at <= now
    }
    return MonthFacts(fleet, office, period, now, days, heard)


def inside(facts: MonthFacts, meter: Meter) -> int:
    return sum(day.pages[meter] for day in facts.days if day.day in facts.period)


@given(known_facts())
def test_departments_together_have_every_page_of_every_meter(facts: MonthFacts) -> None:
    months = stated_month(facts).departments
    assert sum(month.pages for month in months) == inside(facts, TOTAL)
    assert sum(month.meters.get(COPY, 0) for month in months) == inside(facts, COPY)
    guessed = sum(day.estimated for day in facts.days if day.day in facts.period)
    assert sum(month.estimated for month in months) == guessed


@given(known_facts())
def test_figures_of_a_month_agree_with_one_another(facts: MonthFacts) -> None:
    for month in stated_month(facts).departments:
        assert 0 <= month.estimated <= month.pages
        assert month.places_read + len(month.missing) == month.places
        assert 0.0 <= month.elapsed <= 1.0
        assert (month.ratio is None) == (month.remaining is None) == (month.target is None)
        if month.target is not None and month.ratio is not None and month.remaining is not None:
            assert month.remaining == month.target - month.pages
            assert (month.ratio > 1) <= (month.remaining < 0)
        assert_honest(month)


def assert_honest(month: DepartmentMonth) -> None:
    """The forecast is never below the pages counted, and lies within its range."""
    if month.forecast is not None:
        assert month.pages <= month.forecast.low <= month.forecast.expected
        assert month.forecast.expected <= month.forecast.high


@given(known_facts())
def test_forecast_once_there_stays_there(facts: MonthFacts) -> None:
    """All departments have one or none has: a published one can never be left behind."""
    months = stated_month(facts).departments
    assert len({month.forecast is None for month in months}) == 1


@given(known_facts())
def test_of_days_before_the_month_their_total_is_enough(facts: MonthFacts) -> None:
    total = Meter("total")
    less = [
        one
        if one.day in facts.period
        else DayUsage(one.place, one.day, {total: one.pages.get(total, 0)})
        for one in facts.days
    ]
    assert stated_month(facts) == stated_month(replace(facts, days=less))


@given(known_facts(), st.permutations(range(50)))
def test_order_of_the_days_decides_nothing(facts: MonthFacts, order: list[int]) -> None:
    mixed = [facts.days[index] for index in order if index < len(facts.days)]
    again = replace(facts, days=mixed)
    assert stated_month(again).departments == stated_month(facts).departments


@given(known_facts(), st.integers(1, 90))
def test_hearing_more_never_makes_a_month_less_complete(facts: MonthFacts, hours: int) -> None:
    later = {
        name: (first, min(facts.now, last + timedelta(hours=hours)))
        for name, (first, last) in facts.heard.items()
    }
    before = {month.department.id: month.places_read for month in stated_month(facts).departments}
    more = replace(facts, heard=later)
    for month in stated_month(more).departments:
        assert month.places_read >= before[month.department.id]


dailies = st.dictionaries(st.dates(FIRST, date(2026, 5, 31)), st.integers(0, 2000), max_size=60)


@given(dailies, offices, instants)
def test_forecast_scales_with_the_pages(
    daily: dict[date, int], office: Office, now: datetime
) -> None:
    """Twice the pages on every day is twice the forecast: nothing in it is a fixed figure."""
    period = office.period("2026-04")
    known = {day: pages for day, pages in daily.items() if day <= office.local_day(now)}
    one = forecast(known, office, period, now)
    two = forecast({day: 2 * pages for day, pages in known.items()}, office, period, now)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        for plain, double in zip(
            (one.expected, one.low, one.high), (two.expected, two.low, two.high), strict=True
        ):
            assert abs(double - 2 * plain) <= 1e-6 * (1 + abs(double))


@given(dailies, offices, st.dates(FIRST, date(2026, 5, 31)))
def test_days_of_the_month_and_later_ones_teach_no_habits(
    daily: dict[date, int], office: Office, today: date
) -> None:
    """So what was learnt holds while the month runs, however it is then stated again."""
    period = office.period("2026-04")
    until = min(period.start, today)
    first = min(daily, default=today)
    days = map(date.fromordinal, range(first.toordinal(), today.toordinal()))
    known = {day: float(daily.get(day, 0)) for day in days}
    before = {day: pages for day, pages in known.items() if day < until}
    months = {"2025-04": 900, "2026-01": 1500}
    assert learn(known, office, period, today, months) == learn(
        before, office, period, until, months
    )


@given(dailies, offices, instants)
def test_forecast_of_a_finished_month_is_what_was_counted(
    daily: dict[date, int], office: Office, now: datetime
) -> None:
    period = office.period("2026-04")
    counted = sum(pages for day, pages in daily.items() if day in period)
    end = office.midnight(period.end + ONE_DAY)
    found = forecast(daily, office, period, max(now, end))
    assert found is not None
    assert (found.expected, found.low, found.high) == (counted, counted, counted)


@given(offices, instants, instants)
def test_elapsed_only_grows(office: Office, one: datetime, two: datetime) -> None:
    period = office.period("2026-04")
    earlier, later = sorted((one, two))
    first, second = (elapsed_share(office, period, at) for at in (earlier, later))
    assert 0.0 <= first <= second <= 1.0
