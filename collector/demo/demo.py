"""The demo, put together: simulated copiers on loopback, months of office days, live polls."""

import asyncio
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from collector.adapters.snmp.client.session import LearningSession, Manners, Oid, Value
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.app.count_reading import record_reading
from collector.app.enter.amend import Amend
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.poll.poll_place import PollOutcome, PollPlace
from collector.bootstrap.office import targets_of
from collector.bootstrap.service import Service
from collector.demo.agent import SimulatedAgent
from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import MibTable
from collector.demo.town import (
    DEAD,
    REPLACED,
    RESET,
    SPOTS,
    SUCCESSOR,
    DemoPlace,
    printed_between,
    printed_in,
)
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, Reading
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
)
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable
from collector.ports import Cycle, Ledger, PlaceState, PollTarget, Record
from collector.settings.load import Loaded
from collector.texts import ENGLISH

# How the days of the past are read.


POLLS_OF_A_DAY = ((8, 20), (9, 40), (11, 0), (12, 20), (13, 40), (15, 0), (16, 20), (17, 40))
_SLICES = (0.02, 0.14, 0.2, 0.12, 0.12, 0.16, 0.16, 0.08)
"""When a place is read on a simulated day, and how much of the day's pages came before."""

_DEAD_FOR = timedelta(hours=30)
_BATCH = 400


class DemoOffice:
    """Simulated machines, each behind an SNMP agent of its own on loopback."""

    def __init__(self, seed: int, spots: Sequence[DemoPlace] = SPOTS) -> None:
        """Set up the machines as they stood when the story begins; the same seed, same story."""
        self.spots = spots
        self.dice = random.Random(seed)  # noqa: S311 - office days are no secrets
        self._now: datetime | None = None
        self.machines: dict[PlaceId, SimulatedMachine] = {
            spot.place: spot.machine for spot in spots
        }
        self.agents: dict[PlaceId, SimulatedAgent] = {
            spot.place: SimulatedAgent(MibTable(spot.machine.objects())) for spot in spots
        }

    async def start(self, stack: AsyncExitStack) -> Mapping[PlaceId, int]:
        """Let every agent answer and return their ports; `stack` stops them."""
        for agent in self.agents.values():
            await stack.enter_async_context(agent)
        return {place: agent.port for place, agent in self.agents.items()}

    def set(self, place: PlaceId, machine: SimulatedMachine) -> None:
        """Put `machine` at `place`."""
        self.machines[place] = machine
        machine.fill(self.agents[place].table)

    def print_pages(self, place: PlaceId, printed: Printed) -> None:
        """Let the machine at `place` do `printed`."""
        self.set(place, self.machines[place].after(printed))

    def pass_time(self, now: datetime) -> None:
        """Let every machine be on until `now`: a clock is held against their uptimes."""
        before = self._now
        passed_s = 0 if before is None else int((now - before).total_seconds())
        for place, machine in self.machines.items():
            up_s = _uptime_s(now) if before is None else machine.uptime_s + passed_s
            self.set(place, replace(machine, uptime_s=up_s))
        self._now = now if before is None else before + timedelta(seconds=passed_s)

    def print_by_the_hour(self, since: datetime, until: datetime, office: Office) -> None:
        """Let people print what they do in that time of the day."""
        for spot in self.spots:
            self.print_pages(spot.place, printed_between(spot, since, until, office, self.dice))

    def print_a_little(self) -> None:
        """Let somebody print a few pages on most machines."""
        for place in self.machines:
            some = Printed(
                self.dice.randrange(2), 0, self.dice.randrange(4), self.dice.randrange(2)
            )
            self.print_pages(place, some)

    def die(self) -> None:
        """Switch one machine off."""
        self._behave(DEAD, silent=True)

    def replace_one(self) -> None:
        """Put a new machine where another stood."""
        self.set(REPLACED, SUCCESSOR)

    def reset_one(self) -> None:
        """Set all meters of one machine back to nothing, as an exchanged board does."""
        self.set(RESET, replace(self.machines[RESET], printed=Printed(1, 0, 2, 0), uptime_s=40))

    def _behave(self, place: PlaceId, *, silent: bool) -> None:
        agent = self.agents[place]
        agent.behaviour = replace(agent.behaviour, silent=silent)


@dataclass(frozen=True, slots=True)
class PastPoll:
    """One simulated reading: how much of the day was printed since the one before."""

    at: datetime
    day: date
    share: float


def past_polls(office: Office, first: date, now: datetime) -> Iterator[PastPoll]:
    """Yield the readings of every day from `first` up to `now`.

    Besides the day's grid, a reading just before and after each midnight pins the boundary.
    """
    day, today = first, office.local_day(now)
    while day <= today:
        midnight = office.midnight(day)
        moments = [(timedelta(minutes=4), 0.0)]
        moments += [
            (timedelta(hours=hour, minutes=minute), part)
            for (hour, minute), part in zip(POLLS_OF_A_DAY, _SLICES, strict=True)
        ]
        moments.append((timedelta(hours=23, minutes=56), 0.0))
        for offset, part in moments:
            if midnight + offset < now:
                yield PastPoll(midnight + offset, day, part)
        day += ONE_DAY


class DemoPast:
    """Puts the past of the demo through decoder, domain and ledger, as polls would have."""

    def __init__(
        self, office: DemoOffice, ledger: Ledger, context: OfficeContext, now: datetime
    ) -> None:
        """Fill `ledger` up to `now`."""
        self._office = office
        self._ledger = ledger
        self._context = context
        self._now = now
        self._reader = SnmpDeviceReader(self._session, load_profiles(None))

    def _session(self, target: PollTarget) -> LearningSession:
        return TableSession(self._office.agents[target.place].table)

    def days(self, first: date) -> int:
        """Return how many days there are to play from `first` on, each copier's own."""
        office = self._context.office
        return sum(
            (office.local_day(self._until(spot)) - first).days + 1 for spot in self._office.spots
        )

    async def fill(self, first: date, advance: Callable[[], None]) -> int:
        """Play every day from `first` on and return how many readings were put through.

        After each day of each copier `advance` is called.
        """
        readings = 0
        for spot in self._office.spots:
            readings += await self._fill_place(spot, first, advance)
        if DEAD in self._office.agents:
            await self._fall_silent()
        return readings

    def _until(self, spot: DemoPlace) -> datetime:
        return self._now - _DEAD_FOR if spot.place == DEAD else self._now

    async def _fill_place(self, spot: DemoPlace, first: date, advance: Callable[[], None]) -> int:
        state, records, readings = PlaceState(spot.place), list[Record](), 0
        polls = past_polls(self._context.office, first, self._until(spot))
        for _, polls_of_day in groupby(polls, attrgetter("day")):
            for poll in polls_of_day:
                answer = await self._answer(spot, poll)
                record = record_reading(state, Reading(spot.place, poll.at, answer), self._context)
                state = record.state
                records.append(record)
                readings += 1
                if record.recount_since is not None:
                    await self._ledger.record(records)
                    amend = Amend(self._ledger, self._context)
                    await amend.take_back(spot.place, record.recount_since, poll.at)
                    state, records = await self._ledger.state(spot.place), []
            advance()
            if len(records) >= _BATCH:
                await self._ledger.record(records)
                records = []
        await self._ledger.record(records)
        return readings

    async def _answer(self, spot: DemoPlace, poll: PastPoll) -> Answer:
        office = self._office
        done = printed_in(spot, poll.day, poll.share, self._context.office, office.dice)
        machine = office.machines[spot.place]
        printed = machine.printed.plus(done)
        office.set(spot.place, replace(machine, printed=printed, uptime_s=_uptime_s(poll.at)))
        return await self._reader.read(PollTarget(spot.place, "127.0.0.1"))

    async def _fall_silent(self) -> None:
        """Let the dead machine be asked in vain, hour by hour, as the daemon would have."""
        clock = _SimulatedClock(self._now - _DEAD_FOR)
        polls = PollPlace(_NobodyThere(), self._ledger, clock, CurrentOffice(self._context))
        await polls.remember()
        while clock.now() < self._now:
            await polls(PollTarget(DEAD, "127.0.0.1"))
            clock.at += timedelta(minutes=61)


class TableSession:
    """Reads an agent's table in memory, as it stands at each question."""

    def __init__(self, table: MibTable) -> None:
        """Read `table`."""
        self._table = table
        self.manners = Manners()

    def adopt(self, manners: Manners) -> None:
        """Keep `manners`, which a table in memory does not need."""
        self.manners = manners

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return what stands there of `oids`."""
        found = ((name, self._table.get(name)) for name in oids)
        return {name: one.value for name, one in found if one is not None}

    async def walk(
        self,
        root: Oid,
        limit: int = 4096,
        known: Sequence[Oid] = (),  # noqa: ARG002 # no walk is cut
    ) -> Mapping[Oid, Value]:
        """Return what stands below `root`, in order."""
        found: dict[Oid, Value] = {}
        name = self._table.after(root)
        while name is not None and name[: len(root)] == root and len(found) < limit:
            found[name] = self._table[name].value
            name = self._table.after(name)
        return found

    async def close(self) -> None:
        """Nothing is open."""


_BOOTED = datetime(2020, 4, 5, 14, 0, tzinfo=UTC)  # Sunday, 23:00 in Tokyo


def _uptime_s(at: datetime) -> int:
    """Return how long a machine has been on that restarts every Sunday night, as many do."""
    return int((at - _BOOTED).total_seconds()) % (7 * 86400)


class _SimulatedClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class _NobodyThere:
    """A reader for a machine that is switched off."""

    async def read(self, target: PollTarget) -> Answer:
        raise DeviceUnreachable(
            target.place,
            ENGLISH("device.nobody_there"),
        )

    async def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class LiveRound:
    """What one round of live polls over UDP came to; the last answer came `still_s` ago."""

    polled: int
    silent: tuple[PlaceId, ...]
    news: tuple[Finding, ...]
    seconds: float
    still_s: float


async def live_round(
    service: Service,
    loaded: Loaded,
    advance: Callable[[], None],
    resting: Collection[PlaceId] = (),
) -> LiveRound:
    """Poll every place once, side by side, over real UDP, and note the round in the ledger.

    After each place `advance` is called. Those `resting` are silent and are not asked again yet, as
    the service asks a silent machine less and less often.
    """
    began = service.clock.now()
    outcomes: list[PollOutcome] = []
    loop = asyncio.get_running_loop()
    answered = [loop.time()]

    async def poll(target: PollTarget) -> None:
        outcome = await service.polls(target)
        outcomes.append(outcome)
        if outcome.ok:
            answered.append(loop.time())
        advance()

    async with asyncio.TaskGroup() as group:
        for target in targets_of(loaded.fleet):
            if target.place in resting:
                advance()
                continue
            group.create_task(poll(target), name=f"poll[{target.place}]")
    ended = service.clock.now()
    silent = tuple(sorted({*resting, *(one.place for one in outcomes if not one.ok)}))
    seconds = (ended - began).total_seconds()
    at = ended.replace(microsecond=0)
    slowest = max((one for one in outcomes if one.ok), key=attrgetter("seconds"))
    cycle = Cycle(at, len(outcomes), len(silent), 0, seconds, 0.0)
    named = replace(cycle, slowest=slowest.place, slowest_s=round(slowest.seconds, 3))
    await service.ledger.record_cycle(named)
    news = tuple(finding for one in outcomes for finding in one.findings)
    return LiveRound(len(outcomes), silent, news, seconds, loop.time() - max(answered))


def first_day_of_story(office: Office, now: datetime, months: int) -> date:
    """Return the first day of the closing month `months` before the running one."""
    return office.before(office.period_of(office.local_day(now)), months).start
