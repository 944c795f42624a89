"""A year of a town hall's copiers with every accident: the statements add up to the truth.

Places that were read at each closing to the page; places that were not, within what their
statements say of themselves.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.holiday_calendar import public_holidays
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import CloseMonth, Refusal
from collector.app.enter.amend import Amend
from collector.app.enter.recount import recount
from collector.app.office_context import ClosingRules, CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollPlace
from collector.domain.closing.seal import faults
from collector.domain.closing.statement import Statement
from collector.domain.counting.deciding import decide, open_findings
from collector.domain.counting.entries import ManualReading, Verdict
from collector.domain.counting.findings import Code
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId
from collector.ports import PollTarget
from tests.fakes.clock import FakeClock
from tests.fakes.device_reader import FakeDeviceReader
from tests.year.accidents import BY_HAND, GONE, acts, kind_of
from tests.year.town import Town, build, days_of

pytestmark = pytest.mark.integration

BERLIN = ZoneInfo("Europe/Berlin")
"""A zone with daylight saving time: the year has days of 23 and of 25 hours."""

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
PLACES = 100
SEED = 20260401
DEPARTMENTS = tuple(Department(DepartmentId(f"d{n}"), f"部署{n}") for n in range(8))
WHO = Signature("検針係", "見てきた", datetime(2026, 4, 1, tzinfo=UTC))
POWER_CUT_LOSS = 7
"""Pages that a power cut takes out of the machine: the closing reading is what counts."""


def an_office() -> Office:
    closed = public_holidays("DE", None, 2025, 2028)
    return Office("town", BERLIN, closed=frozenset(closed))


def a_fleet(names: list[str]) -> Fleet:
    """Return who answers: whole, in shares, and changing hands within a month."""
    places = []
    for number, name in enumerate(names):
        one, two = DEPARTMENTS[number % 8].id, DEPARTMENTS[(number + 3) % 8].id
        spans = [Assignment(date(2020, 1, 1), {one: 100})]
        if number % 5 == 0:
            spans = [Assignment(date(2020, 1, 1), {one: 60, two: 40})]
        if number % 7 == 0:
            spans.append(Assignment(date(2026, 9, 14), {two: 100}))
        places.append(Place(PlaceId(name), name, "192.0.2.1", assignments=tuple(spans)))
    return Fleet(DEPARTMENTS, tuple(places))


@dataclass(slots=True)
class Year:
    """The year as it goes by: the town, the collector that watches it, and the person in charge."""

    town: Town
    context: OfficeContext
    ledger: SqliteLedger
    clock: FakeClock
    reader: FakeDeviceReader
    polls: PollPlace

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=BERLIN).astimezone(UTC)

    async def poll_all(self, now: datetime) -> None:
        self.clock.at = now
        for name, spot in self.town.spots.items():
            self.reader.says[PlaceId(name)] = spot.says(now)
        async with asyncio.TaskGroup() as group:
            for name in self.town.spots:
                group.create_task(self.polls(PollTarget(PlaceId(name), "192.0.2.1")))

    async def day(self, day: date) -> None:
        """Let one day pass: accidents at night, work, polls, and closing midnights."""
        office = self.context.office
        for act in ACTS.get(day, ()):
            spot = self.town.spots[act.place]
            act.do(self.town, spot, self.at(day, 3, 30))
        if day == office.period_of(day).start:
            await self.poll_all(office.midnight(day) + timedelta(minutes=2))
        if office.works_on(day):
            await self.poll_all(self.at(day, 8))
            self.town.work(self.at(day, 10), 0.6)
            await self.poll_all(self.at(day, 13))
            self.town.work(self.at(day, 15), 0.4)
            await self.poll_all(self.at(day, 17))
        if day == BY_HAND[0] + timedelta(days=2):
            await self.read_by_hand(self.at(day, 18))
        if day == office.period_of(day).end:
            await self.poll_all(office.midnight(day + ONE_DAY) - timedelta(minutes=2))

    async def read_by_hand(self, now: datetime) -> None:
        """Walk to the copiers that are silent at the closing and enter what their panels show."""
        entries = [
            ManualReading(PlaceId(name), now, {TOTAL: spot.copier.total}, WHO)
            for name, spot in self.town.spots.items()
            if kind_of(name) == "read_by_hand"
        ]
        amend = Amend(self.ledger, self.context)
        await amend.carry_out(await amend.work_out(entries))

    async def decide(self) -> None:
        """Say what really happened where only a person can know: a foreign machine answered."""
        findings = await self.ledger.findings()
        waiting = open_findings(findings, await self.ledger.entries(), ())
        entries = [
            decide(one, Verdict.GLITCH, WHO)
            for one in waiting
            if one.code is Code.DEVICE_REPLACED and "FOREIGN" in str(one.evidence.get("new"))
        ]
        amend = Amend(self.ledger, self.context)
        for entry in entries:
            await amend.carry_out(await amend.work_out([entry]))

    async def close(self, period: Period, now: datetime) -> None:
        """Close `period` after its grace time, and revise earlier months that have news."""
        closing = CloseMonth(self.ledger, self.context, now)
        plan = await closing.plan(period.name)
        assert not isinstance(plan, Refusal), plan
        await closing.apply(plan, "検針係")
        await self.revise(now)

    async def revise(self, now: datetime) -> None:
        closing = CloseMonth(self.ledger, self.context, now)
        months = dict.fromkeys(one.period.name for one in await closing.chain())
        for name in months:
            plan = await closing.plan(name)
            if not isinstance(plan, Refusal):
                await closing.apply(plan, "検針係")


NAMES = [f"p{number:03}" for number in range(PLACES)]
ACTS: dict[date, list] = {}
for _act in acts(NAMES):
    ACTS.setdefault(_act.day, []).append(_act)


async def live_through(path: Path) -> tuple[Year, list[Statement], Mapping[str, Statement]]:
    """Live through the year; return it, the first revisions, and the last one of each month."""
    office = an_office()
    context = OfficeContext(a_fleet(NAMES), office, closing=ClosingRules(grace_days=3))
    town = build(office, PLACES, SEED)
    clock, reader = FakeClock(office.midnight(FIRST)), FakeDeviceReader()
    ledger = await SqliteLedger.open(path)
    polls = PollPlace(reader, ledger, clock, CurrentOffice(context))
    year = Year(town, context, ledger, clock, reader, polls)
    to_close: list[Period] = []
    for day in days_of(FIRST, LAST + timedelta(days=8)):
        await year.day(day)
        period = office.period_of(day)
        if day == period.end:
            to_close.append(period)
        if to_close and day == to_close[0].end + timedelta(days=7):
            await year.decide()
            await year.close(to_close.pop(0), year.at(day, 20))
    await year.revise(year.at(LAST + timedelta(days=8), 21))
    chain = [one.statement for one in await ledger.statements()]
    assert list(faults(await ledger.statements())) == []
    firsts = [one for one in chain if one.revision == 1]
    return year, firsts, {one.period.name: one for one in chain}


async def check(path: Path) -> None:
    year, firsts, lasts = await live_through(path)
    try:
        assert len(firsts) == 12
        _measured(year, lasts)
        _estimated(year, lasts)
        _guessed(year, firsts)
        await _recounted(year)
        await _told(year)
    finally:
        await year.ledger.close()


def _true(year: Year, name: str, month: Statement) -> int:
    return year.town.of_month(name, month.period.start, month.period.end)


def _stated(months: Mapping[str, Statement]) -> Mapping[tuple[str, str], int]:
    """Return the impressions that each month's statement has of each place."""
    by_month = {month: statement.place_pages() for month, statement in months.items()}
    return {
        (month, name): pages.get(PlaceId(name), {}).get(TOTAL, 0)
        for month, pages in by_month.items()
        for name in NAMES
    }


def _uncertain(month: Statement, name: str) -> int:
    """Return how many impressions of a place lie in a month by estimate, adjustments included."""
    lines = sum(one.estimated for one in month.places if one.place == name)
    return lines + sum(abs(one.estimated) for one in month.adjustments if one.place == name)


def _lost(name: str) -> int:
    return POWER_CUT_LOSS if kind_of(name) == "power_cut" else 0


def _measured(year: Year, lasts: Mapping[str, Statement]) -> None:
    """Where nothing is an estimate the month is true to the page, and so is every whole year."""
    exact = 0
    stated = _stated(lasts)
    for name in NAMES:
        counted = truth = 0
        for month in lasts.values():
            pages = stated[month.period.name, name]
            true = _true(year, name, month)
            counted, truth = counted + pages, truth + true
            if _uncertain(month, name) == 0 and kind_of(name) != "gone":
                assert 0 <= true - pages <= _lost(name), (name, kind_of(name), month.period.name)
                exact += true == pages
        if kind_of(name) != "gone":
            assert 0 <= truth - counted <= _lost(name), (name, kind_of(name), counted, truth)
    assert exact >= 0.89 * 12 * PLACES


def _estimated(year: Year, lasts: Mapping[str, Statement]) -> None:
    """Where pages lie in a month by estimate it is off by no more than those pages."""
    stated = _stated(lasts)
    for name in NAMES:
        if kind_of(name) == "gone":
            continue
        for month in lasts.values():
            pages = stated[month.period.name, name]
            assert abs(_true(year, name, month) - pages) <= _uncertain(month, name) + _lost(name)


def _guessed(year: Year, firsts: list[Statement]) -> None:
    """Guesses for silent copiers: four in five true figures should lie in their range."""
    inside = []
    for month in firsts:
        for line in month.places:
            if line.guess is None or line.guess.since is None:
                continue
            heard = year.context.office.local_day(line.guess.since)
            first = max(heard + ONE_DAY, month.period.start)
            true = year.town.of_month(line.place, first, month.period.end)
            inside.append(line.guess.low <= true <= line.guess.high)
    assert len(inside) >= 15
    assert sum(inside) >= 0.8 * len(inside), f"{sum(inside)} of {len(inside)}"


async def _recounted(year: Year) -> None:
    """Counting the year again from its readings changes nothing."""
    for name in NAMES[::7]:
        place = PlaceId(name)
        entries = await year.ledger.entries(place)
        again = await recount(
            year.ledger,
            year.context,
            place,
            year.context.office.midnight(FIRST),
            entries,
            every_day=True,
        )
        assert again.amendment is None, name


async def _told(year: Year) -> None:
    """Every accident left its trace among the findings of its place."""
    told: dict[str, set[Code]] = {}
    for finding in await year.ledger.findings():
        told.setdefault(finding.subject, set()).add(finding.code)
    expected = {
        "reset": Code.METER_RESET,
        "glitch": Code.METER_GLITCH,
        "wrap": Code.METER_WRAPPED,
        "replaced": Code.DEVICE_REPLACED,
        "lent": Code.DEVICE_REPLACED,
        "impostor": Code.DEVICE_REPLACED,
        "power_cut": Code.METER_ROLLBACK,
        "partial_reset": Code.METER_RESET,
        "late": Code.DEVICE_SILENT,
        "gone": Code.DEVICE_SILENT,
    }
    for name in NAMES:
        code = expected.get(kind_of(name))
        assert code is None or code in told.get(name, set()), (name, kind_of(name))
    assert GONE < LAST


def test_the_statements_of_a_year_add_up_to_the_truth(tmp_path: Path) -> None:
    asyncio.run(check(tmp_path / "ledger.sqlite3"))
