"""Laws of targets, courses and money, for any figures."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.cost.charges import Used, charges
from collector.domain.cost.factors import Contract, Factors, Price, PriceStep
from collector.domain.counting.departments import place_shares
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.month.course import Bearing, course
from collector.domain.month.forecast import outlook
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import (
    LAST_DAY,
    Office,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.season import spread
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import (
    Base,
    Budget,
    Fixed,
    Less,
    Path,
    TargetPlan,
    Targets,
    TargetSource,
    months_behind,
    target_of,
)

figures = st.integers(0, 10**7)
percents = st.decimals(0, 100, places=2)
months = st.builds("{:04d}-{:02d}".format, st.integers(2024, 2030), st.integers(1, 12))
offices = st.builds(
    lambda closing, begins: Office(
        "t", ZoneInfo("Asia/Tokyo"), closing_day=closing, year_begins=begins
    ),
    st.one_of(st.just(LAST_DAY), st.integers(1, 31)),
    st.integers(1, 12),
)
OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))


@given(
    figures,
    st.lists(st.tuples(st.none() | figures, st.integers(0, 23)), min_size=1, max_size=12),
)
def test_a_spread_budget_adds_up_exactly(pages: int, year: list[tuple[int | None, int]]) -> None:
    parts = spread(pages, [was for was, _ in year], [days for _, days in year])
    assert sum(parts) == pages
    assert min(parts) >= 0


@given(
    figures,
    st.lists(figures.filter(bool), min_size=2, max_size=12),
    st.data(),
)
def test_a_busier_month_never_gets_less_of_the_budget(
    pages: int, last_year: list[int], data: st.DataObject
) -> None:
    parts = spread(pages, last_year, [data.draw(st.integers(0, 23)) for _ in last_year])
    for was, part in zip(last_year, parts, strict=True):
        for other, its in zip(last_year, parts, strict=True):
            assert was <= other or part >= its


@given(offices, months, figures, st.dictionaries(months, figures, max_size=40))
def test_a_budget_is_spent_to_the_page_in_every_fiscal_year(
    office: Office, start: str, pages: int, past: dict[str, int]
) -> None:
    year = fiscal_year(start, office.year_begins) + 1
    first = fiscal_months(year, office.year_begins)[0]
    stated = Targets(plans=(TargetPlan(first, Budget(pages)),))
    for one in (year, year + 1):
        names = fiscal_months(one, office.year_begins)
        assert sum(target_of(stated, name, past, office).pages or 0 for name in names) == pages


@given(
    months,
    st.integers(0, 60),
    figures,
    st.one_of(percents, figures),
    st.dictionaries(months, figures),
)
def test_a_path_only_goes_down_and_reaches_its_goal(
    start: str, steps: int, base: int, goal: Decimal | int, past: dict[str, int]
) -> None:
    end = months_later(start, steps)
    if isinstance(goal, int):
        goal = min(goal, base)
        rule, reached = Path(Base(pages=base), end, pages=goal), goal
    else:
        rule = Path(Base(pages=base), end, percent=goal)
        reached = int(base * (1 - Fraction(goal) / 100))
    stated = Targets(plans=(TargetPlan(start, rule),))
    found = [
        target_of(stated, months_later(start, n), past, OFFICE).pages for n in range(steps + 3)
    ]
    known = [one for one in found if one is not None]
    assert len(known) == len(found)
    assert known == sorted(known, reverse=True)
    assert known[steps:] == [reached] * 3
    assert base >= known[0]


rules = st.one_of(
    st.builds(Fixed, figures),
    st.builds(Less, st.builds(Base, st.none(), st.none() | st.integers(2020, 2023)), percents),
    st.builds(Budget, figures),
)


@given(st.sets(months, min_size=1, max_size=4), st.data(), st.dictionaries(months, figures))
def test_a_later_plan_changes_no_month_before_it(
    starts: set[str], data: st.DataObject, past: dict[str, int]
) -> None:
    ordered = sorted(starts)
    plans = tuple(TargetPlan(one, data.draw(rules)) for one in ordered)
    default = data.draw(st.none() | figures)
    before, after = Targets(default, {}, plans[:-1]), Targets(default, {}, plans)
    for back in range(1, 25):
        month = months_later(ordered[-1], -back)
        assert target_of(before, month, past, OFFICE) == target_of(after, month, past, OFFICE)


@given(months, st.data(), st.dictionaries(months, figures, max_size=60))
def test_only_the_months_told_beforehand_are_looked_up(
    month: str, data: st.DataObject, past: dict[str, int]
) -> None:
    plans = tuple(
        TargetPlan(start, data.draw(rules))
        for start in sorted(data.draw(st.sets(months, max_size=3)))
    )
    stated = Targets(data.draw(st.none() | figures), {}, plans)
    behind = months_behind(stated, month, OFFICE)
    told = {name: pages for name, pages in past.items() if name in behind}
    found = target_of(stated, month, past, OFFICE)
    assert target_of(stated, month, told, OFFICE) == found
    assert (found.pages is None) == (
        found.source in {TargetSource.NOT_SET, TargetSource.BASE_UNKNOWN, TargetSource.YEAR_UNKNOWN}
    )


# --- what would bring it back ---

dailies = st.dictionaries(
    st.dates(date(2026, 9, 1), date(2026, 11, 30)), st.integers(0, 3000), max_size=60
)


@given(dailies, figures, st.integers(0, 29), st.integers(0, 23), offices)
def test_what_would_bring_it_back_ends_within_the_target_when_followed(
    daily: dict[date, int], target: int, day: int, hour: int, office: Office
) -> None:
    """Print as expected, but `cut` fewer (or nothing) on each of the days named."""
    now = datetime(2026, 11, 1, hour, tzinfo=UTC) + timedelta(days=day)
    today = office.local_day(now)
    period = office.period_of(today)
    known = {one: pages for one, pages in daily.items() if one <= today}
    ahead = outlook(known, office, period, now)
    assume(ahead is not None)
    assert ahead is not None
    pages = sum(one for on, one in known.items() if on in period)
    target = target % (2 * int(ahead.forecast.expected) + 2)
    found = course(target, pages, ahead, office, period, now)
    expected = {**ahead.ahead, today: ahead.today_left}
    assert abs(pages + sum(expected.values()) - ahead.forecast.expected) < 1e-6 * (1 + target)
    if found.bearing is not Bearing.CUT:
        assert found.cut is None
        assert (found.bearing is Bearing.OVER) == (pages > target)
        return
    assert found.cut is not None

    def followed(cut: int) -> float:
        saved = sum(min(cut, expected[on]) for on in found.days)
        return pages + sum(expected.values()) - saved

    assert followed(found.cut) <= target + 1e-6
    assert followed(found.cut - 1) > target - 1e-6, "and not a page more than needed"
    assert all(office.works_on(on) and on in period and on >= today for on in found.days)


# --- money ---

TOTAL, MONO, COLOR = Meter("total"), Meter("total_mono"), Meter("total_color")
NAMES = ("p", "q", "r")
yen = st.decimals(0, 50, places=2)
shares = st.sampled_from([{"a": 100}, {"a": 60, "b": 40}, {"b": 100}, {"a": 1, "b": 99}])
pages_of = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.integers(1, 30)),
    st.tuples(st.integers(0, 500), st.integers(0, 200)),
    max_size=25,
)


def month_of(pages: Mapping[tuple[str, int], tuple[int, int]], fleet: Fleet) -> Used:
    days = [
        DayUsage(
            PlaceId(name),
            date(2026, 11, day),
            {TOTAL: mono + color, MONO: mono, COLOR: color},
        )
        for (name, day), (mono, color) in pages.items()
    ]
    return Used(fleet, OFFICE.period("2026-11"), place_shares(days, fleet, OFFICE))


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Draw who answers for three places."""
    places = tuple(
        Place(
            PlaceId(name),
            name,
            "",
            assignments=(
                Assignment(
                    date(2020, 4, 1),
                    {DepartmentId(one): share for one, share in draw(shares).items()},
                ),
            ),
        )
        for name in NAMES
    )
    return Fleet(tuple(Department(DepartmentId(one), one) for one in "ab"), places)


@st.composite
def contracts(draw: st.DrawFn, *, linear: bool) -> Contract:
    """Draw a contract whose prices change up to twice within November."""
    starts = [
        date(2020, 4, 1),
        *(date(2026, 11, day) for day in draw(st.sets(st.integers(2, 30), max_size=2))),
    ]
    prices = []
    for start in sorted(starts):
        mono: tuple[PriceStep, ...] = (PriceStep(None, draw(yen)),)
        if not linear and draw(st.booleans()):
            mono = (PriceStep(draw(st.integers(1, 900)), draw(yen)), *mono)
        fees = (Decimal(0), Decimal(0)) if linear else (draw(yen) * 100, draw(yen) * 100)
        prices.append(Price(start, "s", mono, (PriceStep(None, draw(yen)),), *fees))
    return Contract("c", tuple(prices), pooled=draw(st.booleans()))


@given(contracts(linear=True), fleets(), pages_of, st.data())
def test_a_linear_tariff_is_additive_over_days_and_places(
    contract: Contract,
    fleet: Fleet,
    pages: dict[tuple[str, int], tuple[int, int]],
    data: st.DataObject,
) -> None:
    """The whole office; shares of single departments round to whole pages from day to day."""
    factors = Factors(contracts=(contract,))
    some = {key for key in pages if data.draw(st.booleans())}
    parts = [
        {key: one for key, one in pages.items() if (key in some) is wanted}
        for wanted in (True, False)
    ]
    whole = sum(charges(factors, month_of(pages, fleet)).sums.values())
    assert whole == sum(sum(charges(factors, month_of(p, fleet)).sums.values()) for p in parts)
    by_hand = Fraction(0)
    for (_, day), (mono, color) in pages.items():
        price = [one for one in contract.prices if one.start <= date(2026, 11, day)][-1]
        assert price.color is not None
        by_hand += mono * Fraction(price.mono[0].yen) + color * Fraction(price.color[0].yen)
    assert whole == by_hand


@given(contracts(linear=False), fleets(), pages_of)
def test_no_yen_is_lost_between_departments(
    contract: Contract, fleet: Fleet, pages: dict[tuple[str, int], tuple[int, int]]
) -> None:
    """However it is shared out, everybody together pays what one department alone would."""
    alone = Fleet(
        (Department(DepartmentId("a"), "a"),),
        tuple(
            Place(
                one.id,
                one.name,
                "",
                assignments=(Assignment(date(2020, 4, 1), {DepartmentId("a"): 100}),),
            )
            for one in fleet.places
        ),
    )
    factors = Factors(contracts=(contract,))
    shared = charges(factors, month_of(pages, fleet))
    assert not any(shared.gaps.values())
    assert sum(shared.sums.values()) == sum(charges(factors, month_of(pages, alone)).sums.values())
    assert all(amount >= 0 for amount in shared.sums.values())
