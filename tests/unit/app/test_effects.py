"""What was saved since a day, from the ledger, with all that stands against it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from collector.app.enter.amend import Amend
from collector.app.month.effects import DepartmentEffect, effect_of
from collector.app.office_context import OfficeContext
from collector.domain.cost.billing import Lack
from collector.domain.cost.factors import Contract, Factor, Factors, Price, PriceStep
from collector.domain.counting.entries import Exclusion, Ground, PastMonth
from collector.domain.meters import TOTAL
from collector.domain.month.effect import EffectKind
from collector.domain.office.fleet import (
    EVERYBODY,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Tree,
    Under,
)
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.headcount import ALWAYS
from collector.domain.office.shares import PlaceId
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, OFFICE, Copier, tokyo
from tests.unit.app.office import CANON
from tests.unit.app.test_close_sheets import DuplexCopier
from tests.unit.app.test_tree_months import BU, FLAT_FLEET, LONG_AGO, SOUMU, TOGETHER, ZEIMU

pytestmark = pytest.mark.slow

AUGUST, DECEMBER, LAST = date(2026, 8, 1), date(2026, 12, 1), date(2027, 1, 29)
NOW = tokyo(1, 30, year=2027)
DAILY = {"1f": (40, 20), "2f": (100, 100), "3f": (8, 8)}
"""Impressions a working day, before December and since."""
SOURCE = "example"
FACTORS = Factors(
    contracts=(
        Contract(
            "all",
            (
                Price(
                    LONG_AGO,
                    SOURCE,
                    mono=(PriceStep(None, Decimal(2)),),
                    color=(PriceStep(None, Decimal(2)),),
                    basic_fee=Decimal(5000),
                ),
            ),
        ),
    ),
    seconds=(Factor(LONG_AGO, SOURCE, Decimal(36)),),
    co2_g=(Factor(LONG_AGO, SOURCE, Decimal(5)),),
    paper_yen=(Factor(LONG_AGO, SOURCE, Decimal("0.5")),),
)


async def printed(silent: str = "", daily: dict[str, tuple[int, int]] | None = None) -> FakeLedger:
    ledger = FakeLedger()
    for number, (name, (before, since)) in enumerate((daily or DAILY).items()):
        kind = DuplexCopier if name == "1f" else Copier
        copier = kind(ledger, name, replace(CANON, serial=f"EFFECT{number}"), 1000 * number)
        await copier.works(AUGUST, date(2026, 11, 30), before)
        await copier.works(DECEMBER, date(2027, 1, 8) if name == silent else LAST, since)
    return ledger


def within(fleet: Fleet = FLAT_FLEET, factors: Factors = FACTORS) -> OfficeContext:
    return replace(GROUND, fleet=fleet, factors=factors)


async def told(
    ledger: FakeLedger,
    department: DepartmentId | Department,
    context: OfficeContext | None = None,
    since: date = DECEMBER,
    now: datetime = NOW,
) -> DepartmentEffect:
    context = context or within()
    if not isinstance(department, Department):
        found = context.fleet.department(department)
        assert found is not None
        department = found
    return await effect_of(ledger, context, department, (since, LAST), now)


def working_days() -> int:
    return OFFICE.working_days(DECEMBER, LAST)


async def test_what_was_counted_stands_beside_what_the_time_before_says() -> None:
    found = (await told(await printed(), SOUMU)).impressions
    assert found is not None
    days = working_days()
    assert found.counted.value == 80 * days, "20 of its own copier, 60 in 100 of the other's"
    assert abs(found.expected - 100 * days) < 0.02 * 100 * days
    assert found.saved.low < 20 * days < found.saved.high


async def test_the_whole_office_is_no_department() -> None:
    found = (await told(await printed(), EVERYBODY)).impressions
    assert found is not None
    assert found.counted.value == 128 * working_days()
    assert abs(found.expected - 148 * working_days()) < 0.02 * 148 * working_days()


async def test_a_department_is_meant_with_its_parts() -> None:
    context = within(replace(FLAT_FLEET, tree=TOGETHER))
    found = (await told(await printed(), BU, context)).impressions
    assert found is not None
    assert found.counted.value == 128 * working_days()


async def test_a_reorganisation_is_no_effect_and_is_named() -> None:
    """From the new year on another department answers for 1f; 2f had come from one in October."""
    places = {one.id: one for one in FLAT_FLEET.places}
    later = Assignment(date(2027, 1, 1), {ZEIMU: 100})
    earlier = Assignment(LONG_AGO, {ZEIMU: 100})
    since = replace(places[PlaceId("2f")].assignments[0], start=date(2026, 10, 1))
    moved = (
        replace(places[PlaceId("1f")], assignments=(*places[PlaceId("1f")].assignments, later)),
        replace(places[PlaceId("2f")], assignments=(earlier, since)),
        places[PlaceId("3f")],
    )
    ledger = await printed()
    plain = await told(ledger, SOUMU)
    found = await told(ledger, SOUMU, within(replace(FLAT_FLEET, places=moved)))
    assert found.impressions == plain.impressions
    assert found.moved == {PlaceId("1f"): later.start, PlaceId("2f"): since.start}
    assert plain.moved == {}


async def test_a_department_that_moves_in_the_tree_is_held_where_it_stood() -> None:
    moves = date(2027, 1, 4)
    tree = Tree({SOUMU: (Under(ALWAYS, BU), Under(moves, None)), ZEIMU: (Under(ALWAYS, BU),)})
    ledger = await printed()
    found = await told(ledger, BU, within(replace(FLAT_FLEET, tree=tree)))
    still = await told(ledger, BU, within(replace(FLAT_FLEET, tree=TOGETHER)))
    assert found.impressions == still.impressions
    assert found.moved == {PlaceId("1f"): moves, PlaceId("2f"): moves}


async def test_a_copier_that_came_later_is_named() -> None:
    ledger = await printed()
    late = Copier(ledger, "4f", replace(CANON, serial="LATE"), 5)
    await late.works(date(2026, 12, 14), LAST, 30)
    place = replace(FLAT_FLEET.places[0], id=PlaceId("4f"))
    found = await told(
        ledger, SOUMU, within(replace(FLAT_FLEET, places=(*FLAT_FLEET.places, place)))
    )
    assert found.came == {PlaceId("4f"): date(2026, 12, 14)}


async def test_with_and_without_what_is_excluded() -> None:
    ledger, context = await printed(), within()
    for first, last, pages in (
        (date(2026, 10, 1), date(2026, 10, 31), 700),
        (date(2027, 1, 1), date(2027, 1, 29), 300),
    ):
        one = Exclusion(
            PlaceId(""),
            SOUMU,
            first,
            last,
            pages,
            Ground.ELECTION,
            "選管",
            Signature("佐藤", "", NOW),
        )
        amend = Amend(ledger, context)
        await amend.carry_out(await amend.work_out([one]))
    found = await told(ledger, SOUMU)
    assert found.impressions == (await told(await printed(), SOUMU)).impressions
    assert found.without is not None
    assert found.impressions is not None
    assert found.without.counted.value == found.impressions.counted.value - 300
    assert found.without.expected < found.impressions.expected
    assert (await told(await printed(), SOUMU)).without is None


async def test_a_silent_copier_has_saved_nothing() -> None:
    found = await told(await printed(silent="2f"), ZEIMU)
    assert [*found.unread] == [PlaceId("2f")]
    days = OFFICE.working_days(date(2027, 1, 9), LAST)
    assert abs(found.unread[PlaceId("2f")] - 40 * days) < 0.05 * 40 * days
    whole = await told(await printed(), ZEIMU)
    assert found.impressions is not None
    assert whole.impressions is not None
    assert whole.unread == {}
    assert abs(found.impressions.saved.value - whole.impressions.saved.value) < 20
    assert found.impressions.kind is EffectKind.CHANCE
    assert found.impressions.saved.low == whole.impressions.saved.low
    assert found.impressions.saved.high > whole.impressions.saved.high, "it may have rested"


async def test_sheets_yen_hours_and_co2_follow_without_fees() -> None:
    found = await told(await printed(), SOUMU)
    assert found.impressions is not None
    saved = found.impressions.saved
    assert found.sheets is not None
    assert found.yen.saved is not None
    assert abs(found.yen.saved.value - 2 * saved.value) < 1, "no basic fee shrinks with pages"
    assert found.hours.saved is not None
    assert abs(found.hours.saved.value - saved.value / 100) < 0.01
    assert found.paper_yen.saved is not None
    assert found.co2_kg.saved is not None
    sheets = found.sheets.saved
    assert saved.value / 2 < sheets.value < saved.value
    assert abs(found.paper_yen.saved.value - sheets.value / 2) < 0.01 * sheets.value
    assert abs(found.co2_kg.saved.value - sheets.value * 0.005) < 0.01 * sheets.value
    for one in (found.sheets.saved, found.yen.saved, found.paper_yen.saved, found.co2_kg.saved):
        assert one.low < one.value < one.high


async def test_three_months_tell_of_sheets_as_they_do_of_impressions() -> None:
    """August begins on a Saturday, on which nothing is printed."""
    found = await told(await printed(), SOUMU, since=date(2026, 11, 1))
    assert found.impressions is not None
    assert found.sheets is not None
    unknown = await told(await printed(), ZEIMU, within(FLAT_FLEET), since=date(2026, 11, 1))
    assert unknown.sheets is not None, "by machines of its kind"


async def test_what_no_factor_is_stated_for_is_absent() -> None:
    found = await told(await printed(), SOUMU, within(factors=Factors()))
    assert found.impressions is not None
    for one in (found.yen, found.paper_yen, found.hours, found.co2_kg):
        assert (one.saved, one.gaps) == (None, ())
    only = Factors(contracts=(replace(FACTORS.contracts[0], places=frozenset({PlaceId("2f")})),))
    partly = await told(await printed(), SOUMU, within(factors=only))
    assert partly.yen.saved is None
    assert {(one.place, one.lack) for one in partly.yen.gaps} == {(PlaceId("1f"), Lack.NO_FACTOR)}


async def test_where_counting_began_too_late_nothing_is_said_and_it_is_told_when() -> None:
    ledger = await printed()
    early = await told(ledger, SOUMU, since=date(2026, 10, 1))
    assert early.impressions is None
    assert (early.known, early.earliest) == (2, date(2026, 11, 1))
    before = await told(ledger, SOUMU, since=date(2026, 7, 1))
    assert before.impressions is None
    assert before.counted_from == AUGUST
    nothing = await told(FakeLedger(), SOUMU)
    assert (nothing.impressions, nothing.earliest, nothing.counted_from) == (None, None, None)


async def test_old_sheets_tell_of_the_months_before() -> None:
    ledger, context = await printed(), within()
    signed = Signature("佐藤", "", NOW)
    sheets: Sequence[PastMonth] = [
        PastMonth(PlaceId(place), month, {TOTAL: pages * 20}, "台帳", signed)
        for place, (pages, _) in DAILY.items()
        for month in (f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(19))
    ]
    amend = Amend(ledger, context)
    await amend.carry_out(await amend.work_out(sheets))
    found = await told(ledger, SOUMU)
    assert found.seasoned
    assert not (await told(await printed(), SOUMU)).seasoned
    plain = await told(await printed(), SOUMU)
    assert found.impressions is not None
    assert plain.impressions is not None
    assert found.impressions.tellable < plain.impressions.tellable
    early = await told(ledger, SOUMU, since=date(2026, 9, 1))
    assert early.impressions is not None, "sheets are months before as well"
