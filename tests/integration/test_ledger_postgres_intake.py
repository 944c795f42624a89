"""What a site tells a centre makes a ledger there that answers as the site's own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.intake import SiteIntake, apply
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.centre.facts import Closed, Days, Entered, Fact, FleetTold, Read, Recounted
from collector.app.centre.tell import Teller, mention_all
from collector.app.notes import LEDGER_TOLD_ALL
from collector.domain.closing.seal import sealed
from collector.domain.counting.findings import Code
from collector.domain.counting.usage import DayUsage
from collector.domain.office.fleet_facts import PlaceName
from collector.domain.office.office_calendar import Period
from collector.domain.old_readings import Pack
from collector.errors import LedgerError
from collector.ports import Amendment, Ledger, LogRef, Reread, StateChange
from tests.contract.ledger_cases import (
    HERE,
    MINUTE,
    T0,
    THERE,
    TOTAL,
    finding,
    full,
    reading,
    state,
    usage,
)
from tests.contract.ledger_papers import WHO, entry, statement_of
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import CANON, Copier, closed, tokyo

pytestmark = pytest.mark.integration

_SITES = itertools.count(1)
EARLY, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def connection(centre_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection by which sites tell."""
    async with connected(centre_database) as one:
        yield one


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    one = await asyncpg.connect(url)
    try:
        yield one
    finally:
        await one.close()


@asynccontextmanager
async def centre_of(url: str, name: str) -> AsyncIterator[PostgresLedger]:
    """Give the ledger of one site at the centre, closed afterwards."""
    ledger = await PostgresLedger.open(url, name, made=True)
    try:
        yield ledger
    finally:
        await ledger.close()


async def answers(ledger: Ledger) -> dict[str, object]:
    """Return every answer that months, statements and reports are made of."""
    places = [one.place for one in await ledger.states()]
    first, last = date(2000, 1, 1), date(2100, 1, 1)
    times = [T0 + number * MINUTE for number in range(-2, 40)]
    return {
        "states": await ledger.states(),
        "readings": [await ledger.readings(one, EARLY, LATE) for one in places],
        "some": [await ledger.readings(one, times[5], times[9]) for one in places],
        "at": await ledger.readings_at([(one, at) for one in places for at in times]),
        "rereadings": [await ledger.rereadings(one, EARLY, LATE) for one in places],
        "usages": [await ledger.usages(one, EARLY, LATE) for one in places],
        "long": await ledger.long_usages(EARLY, LATE),
        "days": await ledger.days(first, last),
        "totals": [*await ledger.day_totals(first, last)],
        "counted": (await ledger.first_day(), await ledger.counted_days()),
        "heard": await ledger.heard_between(EARLY, LATE),
        "findings": await ledger.findings(),
        "entries": await ledger.entries(),
        "facts": await ledger.facts(),
        "statements": await ledger.statements(),
        "changes": [await ledger.change(one, at) for one in places for at in times],
    }


@dataclass
class Told:
    """A site's own ledger and, beside it, what its centre was told of it."""

    site: Ledger
    name: str = field(default_factory=lambda: f"told-{next(_SITES)}")
    told: int = 0
    minutes: int = 0

    async def tell(self, connection: asyncpg.Connection, step: int = 3) -> list[Fact]:
        """Tell all that stands in the log, some entries at a time; return the last facts."""
        facts: list[Fact] = []
        teller = Teller(self.site)
        while entries := await self.site.log_after(self.told, step):
            facts = [one for some in await teller.facts(entries) for one in some]
            await apply(connection, self.name, facts)
            self.told = entries[-1].seq
        return facts

    async def does(self, what: str, number: int) -> None:
        """Let the site's ledger be changed in one of the ways in which it ever is."""
        self.minutes += 1
        at, place = T0 + self.minutes * MINUTE, (HERE, THERE)[number % 2]
        now = await self.site.state(place)
        match what:
            case "record":
                await self._record(at, number)
            case "silent":
                turned = replace(state(at, place), online=False, edition=now.edition)
                change = StateChange(place, at, online=False, silent_s=9, reason="x")
                await self.site.record_change(change, turned)
            case "amend":
                await self._amend(at, number)
            case "enter":
                await self.site.amend([entry(self.minutes % 7, place)], [])
            case "name":
                known = len(await self.site.facts())
                await self.site.add_facts([PlaceName(place, f"{number}階", WHO)], known)
            case "find":
                found = finding(None if number == 0 else at, place, Code.METER_GLITCH)
                await self.site.record_findings([found])
            case "close":
                await self._close(number)
            case "mention":
                refs = [one.ref for one in await self.site.log_after(0, 999)]
                told_in_order = {"entry", "fact", "statement"}
                await self.site.touch([one for one in refs if one.kind not in told_in_order][::3])
            case "mention all":
                await LEDGER_TOLD_ALL.put(self.site, "")
                await mention_all(self.site)

    async def _record(self, at: datetime, number: int) -> None:
        place = (HERE, THERE)[number % 2]
        now, record = await self.site.state(place), full(at, 100 + self.minutes, place)
        known = replace(record.state, edition=now.edition)
        events = tuple(LogRef("event", one.id) for one in record.findings)
        await self.site.record([replace(record, state=known, log=(*record.log, *events))])

    async def _amend(self, at: datetime, number: int) -> None:
        place = (HERE, THERE)[number % 2]
        before = await self.site.state(place)
        since = None if number == 0 else at - number * 2 * MINUTE
        again = [
            Reread(
                f"e{self.minutes}", replace(one, answer=replace(one.answer, supplies=(), errors=()))
            )
            for one in await self.site.readings(place, since or EARLY, LATE)
            if one.at > (since or EARLY)
        ]
        track = state(at, place, 500 + number).track
        day = DayUsage(place, at.date(), {} if number == 1 else {TOTAL: number}, 0)
        amendment = Amendment(
            before=before,
            since=since,
            track=track,
            usages=(replace(usage(at, epoch=5 + number, place=place), high=300, low=0),),
            days=(day,),
            findings=(finding(at, place, Code.METER_RESET),),
            checkpoints=() if track is None else (track,),
            rereadings=tuple(again[:2]) if number % 3 else (),
            readings=(reading(at - MINUTE / 2, 7, place),),
        )
        refs = [LogRef("day", f"{place}|{at.date()}")]
        await self.site.amend([entry(self.minutes, place)], [amendment], refs)

    async def _close(self, number: int) -> None:
        links = await self.site.links()
        month = len(links) + 1
        period = Period(f"20{month + 10}-11", date(2026, 11, 1), date(2026, 11, 30))
        previous = links[-1].seal if links else ""
        text = statement_of(previous=previous, period=period, pages=number)
        await self.site.seal(sealed(text))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("record", "record", "record", "silent", "amend", "amend", "enter", "name"),
                *("find", "close", "mention", "mention all", "tell", "tell", "again"),
            ]
        ),
        st.integers(0, 5),
    ),
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_a_site_does_its_centre_answers_as_it_does(
    centre_database: str, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_tells(centre_database, steps))


async def _tells(url: str, steps: Sequence[tuple[str, int]]) -> None:
    told = Told(FakeLedger())
    last: list[Fact] = []
    async with connected(url) as connection, centre_of(url, told.name) as centre:
        for what, number in steps:
            if what == "tell":
                last = await told.tell(connection, number + 1)
            elif what == "again":  # the answer was lost
                await apply(connection, told.name, last)
            else:
                await told.does(what, number)
        await told.tell(connection)
        await the_same(told.site, centre)


async def the_same(site: Ledger, centre: Ledger) -> None:
    expected, found = await answers(site), await answers(centre)
    for name, one in expected.items():
        assert found[name] == one, name


async def test_an_office_that_closed_its_months_is_the_same_at_the_centre(
    ledger: SqliteLedger, centre_database: str, connection: asyncpg.Connection
) -> None:
    """Told from the beginning, as by a ledger that is older than its centre."""
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 12, 1))
    two = Copier(ledger, "2f", CANON, 50_000)
    await two.works(date(2026, 10, 26), date(2026, 11, 23))
    await closed(ledger, ["2026-10", "2026-11"], tokyo(12, 4))
    await two.read(tokyo(12, 7), 150)
    await closed(ledger, ["2026-11"], tokyo(12, 7, 10))
    await mention_all(ledger)
    told = Told(ledger)
    await told.tell(connection, 500)
    async with centre_of(centre_database, told.name) as centre:
        await the_same(ledger, centre)
        assert len(await centre.statements()) == 3


async def test_what_contradicts_changes_nothing(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    first, second = sealed(statement_of()), sealed(statement_of(pages=41))
    names = [PlaceName(HERE, name, WHO) for name in ("1階", "2階")]
    read = Read(reading(T0), (usage(T0),), state(T0))
    whole = [Entered(3, entry()), FleetTold(0, names[0]), Closed(first)]
    await apply(connection, "contra", whole)
    async with centre_of(centre_database, "contra") as ledger:
        known = await answers(ledger)
        for contrary in (Entered(3, entry(9)), FleetTold(0, names[1]), Closed(second)):
            with pytest.raises(LedgerError, match="contradicts what the centre has"):
                await apply(connection, "contra", [read, contrary])
            async with connection.transaction():  # also where the caller goes on with its own
                with pytest.raises(LedgerError):
                    await apply(connection, "contra", [read, contrary])
            assert await answers(ledger) == known


async def test_within_the_span_of_a_recount_all_else_gives_way(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    """Also what was told just before it, in the same batch; nothing outside of the span."""
    times = [T0 + n * MINUTE for n in range(4)]
    tracks = [one for at in times if (one := state(at).track) is not None]
    again = [Reread("e1", reading(at)) for at in times]
    uses = tuple(usage(at) for at in times)
    whole = Recounted(HERE, None, None, uses, tuple(tracks), tuple(again), state(T0))
    await apply(connection, "span", [*(Read(one.reading, (), state(T0)) for one in again), whole])
    async with centre_of(centre_database, "span") as ledger:
        assert len(await ledger.rereadings(HERE, EARLY, LATE)) == 4
        late, new = usage(times[2], epoch=8), usage(times[1], epoch=9)
        part = Recounted(HERE, times[0], times[2], (new,), (), (), state(T0))
        await apply(connection, "span", [Read(reading(times[2]), (late,), state(T0)), part])
        assert await ledger.usages(HERE, EARLY, LATE) == [uses[0], new, uses[3]]
        found = await ledger.rereadings(HERE, EARLY, LATE)
        assert [one.reading.at for one in found] == [times[0], times[3]]
        assert await ledger.checkpoint(HERE, times[2]) == tracks[0]
        assert await ledger.checkpoint(HERE, LATE) == tracks[3]


async def test_the_last_telling_of_a_day_holds(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    day = T0.date()
    first, later = (DayUsage(HERE, day, {TOTAL: pages}, 1) for pages in (4, 9))
    other = DayUsage(THERE, day, {TOTAL: 2}, 0)
    told = [Days(HERE, day, (first,)), Days(THERE, day, (other,)), Days(HERE, day, (later,))]
    await apply(connection, "days", told)
    async with centre_of(centre_database, "days") as ledger:
        assert await ledger.days(day, day) == [other, later]
        await apply(connection, "days", [Days(HERE, day, (first,)), Days(HERE, day, ())])
        assert await ledger.days(day, day) == [other]


async def test_a_state_of_before_a_recount_never_replaces_the_one_after(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    newer = replace(state(T0 + MINUTE), edition=2)
    older = replace(state(T0), edition=1)
    await apply(connection, "editions", [Read(reading(T0 + MINUTE), (), newer)])
    await apply(connection, "editions", [Read(reading(T0), (), older)])
    async with centre_of(centre_database, "editions") as ledger:
        found = await ledger.state(HERE)
        assert (found.edition, found.seen_at) == (2, T0 + MINUTE)
        assert len(await ledger.readings(HERE, EARLY, LATE)) == 2


def reads(count: int) -> list[Read]:
    times = [T0 + n * MINUTE for n in range(count)]
    return [Read(reading(at, 100 + n), (usage(at),), state(at)) for n, at in enumerate(times)]


async def test_what_is_told_again_of_readings_laid_together_is_there_once(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    await apply(connection, "laid", reads(5))
    async with centre_of(centre_database, "laid") as ledger:
        assert await ledger.pack(Pack(HERE, T0 + timedelta(days=60)), 99) == 4
        known = await answers(ledger)
        await apply(connection, "laid", reads(5))
        assert await answers(ledger) == known


async def test_a_site_that_begins_anew_leaves_what_is_there(
    centre_database: str, connection: asyncpg.Connection
) -> None:
    intake, later = SiteIntake(), T0 + MINUTE
    await intake.apply(connection, "anew", [Read(reading(T0), (), state(T0))])
    async with connection.transaction():
        await intake.set_apart(connection, "anew", 1)
    await intake.apply(connection, "anew", [Read(reading(later), (), state(later))])
    for name, at in (("anew#1", T0), ("anew", later)):
        async with centre_of(centre_database, name) as ledger:
            assert [one.at for one in await ledger.readings(HERE, EARLY, LATE)] == [at]


async def test_of_two_that_tell_one_site_at_once_one_waits(centre_database: str) -> None:
    async def tells(some: Sequence[Fact]) -> None:
        async with connected(centre_database) as connection:
            for one in some:
                await apply(connection, "at-once", [one])

    async with asyncio.TaskGroup() as group:
        group.create_task(tells(reads(60)[:40]))
        group.create_task(tells(reads(60)[20:]))
    async with centre_of(centre_database, "at-once") as ledger:
        assert len(await ledger.readings(HERE, EARLY, LATE)) == 60
        assert len(await ledger.usages(HERE, EARLY, LATE)) == 60
