"""Thinning old months changes no answer: months, statements, days, rows, and what is counted on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import Refusal
from collector.app.enter.amend import Amend
from collector.app.enter.recount import recount
from collector.app.month.months import Months
from collector.app.notes import COUNTED_SINCE
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.publish.render import Renderer
from collector.app.retention import Packer, Thinner, counted_since, dry_run, old_months
from collector.domain.counting.entries import ManualReading
from collector.domain.meters import TOTAL
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import ONE_DAY
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack, Thin
from collector.domain.sentence import Unacceptable
from collector.ports import (
    BEGINNING,
    END,
    Ledger,
    LogRef,
)
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    A_FLEET,
    FIRST,
    GROUND,
    SECOND,
    Copier,
    closed,
    closing,
    tokyo,
)
from tests.unit.app.office import CANON, KYOCERA, fleet, place
from tests.unit.app.story import run
from tests.wording import ROW_WORDS, english, japanese

pytestmark = pytest.mark.slow

BEGIN, LAST = date(2026, 9, 1), date(2026, 11, 30)
CLOSED = ["2026-09", "2026-10"]
NOW = tokyo(12, 1, 12)
WORK, SILENT, RESET, GLITCH, EXCHANGE, BUSY = (
    "work",
    "silent",
    "reset",
    "glitch",
    "exchange",
    "busy",
)
KINDS = (WORK, SILENT, SILENT, RESET, GLITCH, EXCHANGE, BUSY)


@dataclass(frozen=True, slots=True)
class Event:
    """From the `day`th day on `kind` happens at place `where`, for `days`."""

    day: int
    where: int
    kind: str
    days: int


events = st.lists(
    st.builds(
        Event,
        st.integers(1, (LAST - BEGIN).days - 1),
        st.integers(0, 1),
        st.sampled_from(KINDS),
        st.integers(1, 40),
    ),
    max_size=5,
)


async def played(ledger: Ledger, happens: Sequence[Event]) -> None:
    """Let two copiers work from September to November while `happens`, and close two months."""
    copiers = [Copier(ledger, "1f"), Copier(ledger, "2f", CANON, 50_000)]
    by_day = {(BEGIN + timedelta(days=one.day), one.where): one for one in happens}
    for where, copier in enumerate(copiers):
        day, silent_until = BEGIN, BEGIN
        while day <= LAST:
            event = by_day.get((day, where))
            if event is not None:
                await happen(copier, event, day)
                if event.kind == SILENT:
                    silent_until = day + timedelta(days=event.days)
            if day >= silent_until:
                await copier.works(day, day, 20 + where)
            day += ONE_DAY
    await closed(ledger, CLOSED, NOW)


async def happen(copier: Copier, event: Event, day: date) -> None:
    match event.kind:
        case "reset":
            copier.total = event.days
        case "exchange":
            copier.identity, copier.total = KYOCERA, 7_000
        case "glitch":
            right, copier.total = copier.total, 3
            await copier.read(GROUND.office.midnight(day) + timedelta(minutes=1))
            copier.total = right
        case "busy":
            copier.total += 900


async def answers(ledger: Ledger, context: OfficeContext = GROUND) -> list[object]:
    """Return all that is answered and published of every month, and what is counted on from."""
    office = context.office
    months = [await Months(ledger, context, NOW).came_to(one) for one in periods(context)]
    sealed = await ledger.statements()
    heard = [
        await ledger.heard_between(*span)
        for one in periods(context)
        for span in ((BEGINNING, office.midnight(one.start)), (office.midnight(one.start), NOW))
    ]
    plans = []
    for one in sealed:
        found = await closing(ledger, NOW, context).plan(one.statement.period.name)
        plans.append(found.kind if isinstance(found, Refusal) else found.statement)
    days = [await ledger.days(BEGIN, LAST)]
    usages = [await ledger.usages(place, BEGINNING, END) for place in (FIRST, SECOND)]
    states = [(one.place, one.track, one.edition) for one in await ledger.states()]
    return [months, sealed, heard, plans, days, usages, states, await rows_of(ledger, context)]


def periods(context: OfficeContext) -> list[object]:
    return list(context.office.periods(BEGIN, LAST))


async def rows_of(ledger: Ledger, context: OfficeContext) -> list[object]:
    renderer = Renderer(ledger, CurrentOffice(context), FakeClock(NOW), "edge", ROW_WORDS)
    days = [BEGIN + timedelta(days=one) for one in range((LAST - BEGIN).days + 1)]
    refs = [
        *(LogRef("day", f"{place}|{day}") for place in (FIRST, SECOND) for day in days),
        *(LogRef("office_day", f"{day}") for day in days),
        *(LogRef("month", one) for one in (*CLOSED, "2026-11")),
    ]
    rows = await renderer.rows(refs)
    return [(one.measurement, one.tags, one.fields, one.at) for one in rows]


async def thinned(ledger: Ledger, months: int = 0, sinks: tuple[str, ...] = ()) -> int:
    """Thin all that is more than `months` whole months old and return how many readings went."""
    thinner = Thinner(ledger, CurrentOffice(GROUND), FakeClock(NOW), months, sinks)
    while await thinner.step():
        pass
    return thinner.gone


@settings(max_examples=15)
@given(events)
def test_no_answer_changes_whatever_happened(happens: list[Event]) -> None:
    async def tell() -> None:
        ledger = FakeLedger()
        await played(ledger, happens)
        before, findings = await answers(ledger), await ledger.findings()
        gone = await thinned(ledger)
        assert await answers(ledger) == before
        assert await ledger.findings() == findings
        assert await thinned(ledger) == 0
        assert gone == 0 or await counted_since(ledger, FIRST) < NOW
        for where in (FIRST, SECOND):
            since = max(await counted_since(ledger, where), GROUND.office.midnight(BEGIN))
            entries = await ledger.entries(where)
            after = since + timedelta(seconds=1)
            again = await recount(ledger, GROUND, where, after, entries)
            assert again.amendment is None, "nothing differs where nothing changed"

    run(tell)


@settings(max_examples=8)
@given(events)
def test_no_answer_changes_by_laying_readings_together(happens: list[Event]) -> None:
    async def tell() -> None:
        ledger = await SqliteLedger.in_memory()
        await played(ledger, happens)
        before, findings = await answers(ledger), await ledger.findings()
        again = [await counted_anew(ledger, where) for where in (FIRST, SECOND)]
        whole = await ledger.size()
        assert await packed(ledger) > 100
        assert await answers(ledger) == before
        assert await ledger.findings() == findings
        assert [await counted_anew(ledger, where) for where in (FIRST, SECOND)] == again
        assert (await ledger.size()).rows == whole.rows
        assert await packed(ledger) == 0
        assert await thinned(ledger) == await thinned_alone(happens)
        assert await answers(ledger) == before
        await ledger.close()

    run(tell)


async def packed(ledger: Ledger) -> int:
    """Lay all together that is over and return how many readings that were."""
    packer = Packer(ledger, CurrentOffice(GROUND), FakeClock(NOW), ())
    while await packer.step():
        pass
    return packer.packed


async def counted_anew(ledger: Ledger, where: PlaceId) -> object:
    since = GROUND.office.midnight(BEGIN)
    return await recount(ledger, GROUND, where, since, await ledger.entries(where))


async def thinned_alone(happens: Sequence[Event]) -> int:
    """Return how many readings go where none was laid together."""
    ledger = FakeLedger()
    await played(ledger, happens)
    return await thinned(ledger)


async def test_readings_of_months_that_are_over_are_laid_together_and_no_others() -> None:
    ledger = FakeLedger()
    await played(ledger, [])
    asked: list[Pack] = []
    real = ledger.pack

    async def pack(what: Pack, limit: int) -> int:
        asked.append(what)
        return await real(what, limit)

    ledger.pack = pack  # type: ignore[method-assign] # to see each step
    assert await packed(ledger) > 300
    november = GROUND.office.midnight(date(2026, 11, 1))
    assert max(one.before for one in asked) == november
    midnights = {GROUND.office.midnight(date(2026, month, 1)) for month in (9, 10, 11)}
    assert {one.before for one in asked} <= midnights
    first = await ledger.packable(NOW)
    assert set(first) == {FIRST, SECOND}
    assert all(november <= at for at in first.values())


async def test_most_readings_go_and_those_around_midnights_stay() -> None:
    ledger = FakeLedger()
    await played(ledger, [])
    whole = await ledger.readings(FIRST, BEGINNING, END)
    gone = await thinned(ledger)
    left = await ledger.readings(FIRST, BEGINNING, END)
    assert gone > 250
    assert len(whole) - len(left) > 0.5 * len([one for one in whole if one.at < tokyo(11, 1)])
    midnight = GROUND.office.midnight(date(2026, 10, 1))
    near = [one for one in whole if abs(one.at - midnight) <= timedelta(hours=24)]
    assert near
    assert all(one in left for one in near)
    november = [one for one in whole if one.at >= GROUND.office.midnight(date(2026, 11, 1))]
    assert [one for one in left if one.at >= november[0].at] == november
    for sealed in await ledger.statements():
        for line in sealed.statement.places:
            for mark in (line.opening, line.closing):
                if mark is not None and not mark.by_hand and mark.at > whole[0].at:
                    found = await ledger.readings(line.place, mark.at, mark.at)
                    assert found or mark.at == whole[-1].at


async def test_a_month_that_is_not_closed_or_young_enough_stays_whole() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(BEGIN, LAST)
    assert await thinned(ledger) == 0
    await closed(ledger, ["2026-09"], NOW)
    assert await thinned(ledger, months=3) == 0
    months = [one async for one in old_months(ledger, GROUND, NOW, 0, ())]
    assert [(one.period.name, one.is_closed) for one in months] == [
        ("2026-09", True),
        ("2026-10", False),
        ("2026-11", False),
    ]
    found = await dry_run(ledger, months)
    assert {one.month for one in found} == {"2026-09"}
    told = sum(one.rows for one in found if one.table == "readings")
    assert told == await thinned(ledger) > 0


async def test_nothing_goes_that_a_sink_has_yet_to_get() -> None:
    ledger = FakeLedger()
    await Copier(ledger, "1f").works(BEGIN, LAST)
    await closed(ledger, CLOSED, NOW)
    assert await thinned(ledger, sinks=("influx",)) == 0
    await ledger.acknowledge("influx", (await ledger.log_after(0, 10**6))[-1].seq)
    assert await thinned(ledger, sinks=("influx", "mqtt")) == 0
    assert await thinned(ledger, sinks=("influx",)) > 0


async def test_what_can_no_longer_be_counted_again_says_so_in_one_sentence() -> None:
    ledger = FakeLedger()
    await played(ledger, [])
    await thinned(ledger)
    signed = Signature("鈴木", "確認", NOW)
    late = ManualReading(FIRST, tokyo(9, 10), {TOTAL: 1100}, signed)
    with pytest.raises(Unacceptable) as caught:
        await Amend(ledger, GROUND).work_out([late])
    assert "cannot be counted again" in english(caught.value.why)
    assert "数え直せません" in japanese(caught.value.why)
    young = replace(late, at=tokyo(11, 10, 10), meters={TOTAL: 10**6})
    assert (await Amend(ledger, GROUND).work_out([young])).entries == (young,)


async def test_a_redated_department_still_moves_its_pages_by_adjustment() -> None:
    """The fleet may be told otherwise of years ago: pages and readings at midnights are there."""
    moved = replace(
        GROUND,
        fleet=fleet(
            place("1f", (date(2020, 4, 1), {"soumu": 100}), (date(2026, 9, 16), {"zeimu": 100})),
            A_FLEET.places[1],
        ),
    )
    found = []
    for thin in (False, True):
        ledger = FakeLedger()
        await played(ledger, [Event(20, 1, SILENT, 25)])
        assert not thin or await thinned(ledger) > 0
        found.append([await closing(ledger, NOW, moved).plan(one) for one in CLOSED])
    assert found[0] == found[1]
    assert not any(isinstance(one, Refusal) for one in found[0])


async def test_without_a_setting_nothing_ever_goes() -> None:
    ledger = FakeLedger()
    await played(ledger, [])
    thinner = Thinner(ledger, CurrentOffice(GROUND), FakeClock(NOW), None, ())
    assert await thinner.step() is False
    assert thinner.gone == 0
    assert await COUNTED_SINCE.about(FIRST).get(ledger) is None


async def test_a_month_that_is_done_is_not_looked_at_again_and_a_step_is_small() -> None:
    ledger = FakeLedger()
    await played(ledger, [])
    asked: list[int] = []
    real = ledger.thin

    async def thin(what: Thin, limit: int) -> int:
        asked.append(await real(what, limit))
        return asked[-1]

    ledger.thin = thin  # type: ignore[method-assign] # to see each step
    assert await thinned(ledger) == sum(asked) > 0
    assert max(asked) <= 200
    asked.clear()
    assert await thinned(ledger) == 0
    assert asked == []
