"""How much copiers were used, from the ledger: only for as long as they stood and were heard."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from collector.app.month.uses import OfficeUse, office_use
from collector.app.office_context import OfficeContext
from collector.domain.cost.factors import Factor, Factors
from collector.domain.month.utilisation import CopierUse
from collector.domain.office.headcount import ALWAYS, Headcount
from collector.domain.office.shares import PlaceId
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, OFFICE, Copier
from tests.unit.app.office import CANON, LONG_AGO, SOUMU, ZEIMU, fleet, place

OCTOBER, LAST = date(2026, 10, 1), date(2026, 11, 30)
FLEET = fleet(
    place("1f", (LONG_AGO, {"soumu": 100})),
    place("2f", (LONG_AGO, {"soumu": 60, "zeimu": 40})),
    place("3f", (LONG_AGO, {"zeimu": 100})),
    place("4f", (LONG_AGO, {"zeimu": 100})),
)


async def printed() -> FakeLedger:
    """Return what 1f printed all the time, 2f up to 20 October, and 3f from 9 November on."""
    ledger = FakeLedger()
    spans = {
        "1f": (date(2026, 9, 15), date(2026, 12, 1)),
        "2f": (date(2026, 9, 15), date(2026, 10, 20)),
        "3f": (date(2026, 11, 9), date(2026, 12, 1)),
    }
    for number, (name, span) in enumerate(spans.items()):
        copier = Copier(ledger, name, replace(CANON, serial=f"USE{number}"), 100)
        await copier.works(*span, 24)
    return ledger


async def used(context: OfficeContext | None = None) -> OfficeUse:
    context = context or replace(GROUND, fleet=FLEET)
    return await office_use(await printed(), context, (OCTOBER, LAST), 0.3)


def uses(found: OfficeUse) -> dict[str, CopierUse]:
    return {one.use.place: one.use for one in found.copiers}


async def test_days_on_which_a_copier_was_not_there_or_not_heard_are_not_idle() -> None:
    found = uses(await used())
    assert [*found] == ["1f", "2f", "3f"], "nothing was ever counted at 4f"
    for name, first, last in (
        ("1f", OCTOBER, LAST),
        ("2f", OCTOBER, date(2026, 10, 20)),
        ("3f", date(2026, 11, 9), LAST),
    ):
        one, days = found[name], OFFICE.working_days(first, last)
        assert (one.working_days, one.idle, one.pages) == (days, 0, 24 * days)
        assert one.rated_ipm == 40


async def test_power_is_what_a_factor_says_of_the_place_on_the_last_day() -> None:
    weekly = (
        Factor(LONG_AGO, "カタログ", Decimal(7)),
        Factor(LONG_AGO, "実測", Decimal(14), frozenset({PlaceId("2f")})),
        Factor(date(2026, 12, 1), "次年度", Decimal(1)),
    )
    found = await used(replace(GROUND, fleet=FLEET, factors=Factors(kwh_week=weekly)))
    assert {place: round(kwh) for place, kwh in found.kwh.items()} == {
        "1f": 365,
        "2f": 730,
        "3f": 365,
    }
    assert (await used()).kwh == {}


async def test_hours_are_withheld_where_all_who_share_a_copier_are_few() -> None:
    staff = {SOUMU: (Headcount(ALWAYS, 3),), ZEIMU: (Headcount(ALWAYS, 2),)}
    found = await used(replace(GROUND, fleet=replace(FLEET, staff=staff)))
    assert found.withheld == {"1f", "3f"}, "2f has five people"
    one = await used(replace(GROUND, fleet=replace(FLEET, staff={SOUMU: staff[SOUMU]})))
    assert one.withheld == {"1f"}, "how many share 2f nobody stated"
