"""The demo, put together: simulated copiers on loopback, months of office days, live polls."""

import asyncio
import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

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
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer, Reading
from collector.domain.office.fleet import WHOLE, Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Targets
from collector.errors import DeviceUnreachable
from collector.ports import Cycle, Ledger, PlaceState, PollTarget, Record
from collector.settings.fleet.write import write_file, write_fleet_toml
from collector.settings.layers import SECRETS
from collector.settings.load import Loaded, load
from collector.texts import ENGLISH, Texts

# The demo's small town hall: five departments, twelve mixed copiers, and how they are used.


DEPARTMENTS: Final = (
    Department(DepartmentId("soumu"), "総務課", "General Affairs"),
    Department(DepartmentId("zeimu"), "税務課", "Taxation"),
    Department(DepartmentId("shimin"), "市民課", "Residents"),
    Department(DepartmentId("fukushi"), "福祉課", "Welfare"),
    Department(DepartmentId("kyouiku"), "教育委員会", "Board of Education"),
)
_SINCE: Final = date(2020, 4, 1)
_WORKING_DAYS: Final = 20
_MONTH_END_FROM: Final = 25
_SHARE_OF_MEAN: Final = {
    "soumu": 0.93,
    "zeimu": 1.12,
    "shimin": 0.82,
    "fukushi": 1.02,
    "kyouiku": 1.30,
}
"""Targets over what a department prints on average: some will keep theirs, some will not."""


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """One place of the demo: its machine, who answers for it, impressions on a working day."""

    place: PlaceId
    name: str
    machine: SimulatedMachine
    shares: dict[DepartmentId, int]
    daily: int
    color: float = 0.25


_TABLE: Final = """
1f-shimin-e | 1階 市民課 東 | shimin | ricoh | IM C4500 | 3091RA00417 | 420 | 310442
1f-shimin-w | 1階 市民課 西 | shimin | canon | iR-ADV C5840 | 2XK07711 | 360 | 213402
1f-madoguchi | 1階 総合窓口 | shimin | brother | MFC-L9570CDW | E78100H3J421 | 150 | 48120
1f-fukushi | 1階 福祉課 | fukushi | kyocera | TASKalfa 4053ci | W3K8Z00512 | 380 | 176064
1f-hoken | 1階 保健センター | fukushi | konica | bizhub C360i | AA2J021104 | 210 | 133810
2f-soumu | 2階 総務課 | soumu | ricoh | IM C6000 | 3081R900123 | 510 | 402337
2f-kaigi | 2階 会議室前（共用） | soumu=60 zeimu=40 | sharp | MX-3570N | 0503117500 | 190 | 121104
2f-zeimu-a | 2階 税務課 A | zeimu | kyocera | TASKalfa 5054ci | RVP0Y11833 | 460 | 265195
2f-zeimu-b | 2階 税務課 B | zeimu | canon | iR-ADV C3830 | 3CE00923 | 240 | 88531
3f-kyouiku | 3階 教育委員会 | kyouiku | konica | bizhub C250i | AA2M021115 | 330 | 154221
3f-gakkou | 3階 学校教育係 | kyouiku | ricoh | IM C3000 | 3071RC01988 | 280 | 99310
b1-insatsu | 地下 印刷室 | soumu | generic | DuplicatorPro 90 | DP90-004471 | 130 | 91044
"""
"""place | name | departments | maker | model | serial | impressions a working day | life count"""


def _spot(line: str) -> DemoPlace:
    place, name, departments, maker, model, serial, daily, life = (
        part.strip() for part in line.split("|")
    )
    shares: dict[DepartmentId, int] = {}
    for part in departments.split():
        department, _, share = part.partition("=")
        shares[DepartmentId(department)] = int(share or WHOLE)
    tenth = int(life) // 10
    printed = Printed(3 * tenth, tenth, int(life) - 6 * tenth, tenth, tenth, 2 * tenth)
    machine = SimulatedMachine(maker, model, serial, printed)
    return DemoPlace(PlaceId(place), name, machine, shares, int(daily))


SPOTS: Final = tuple(_spot(line) for line in _TABLE.strip().splitlines())

DEAD: Final = PlaceId("1f-hoken")
REPLACED: Final = PlaceId("2f-zeimu-b")
RESET: Final = PlaceId("3f-gakkou")
SUCCESSOR: Final = SimulatedMachine(
    "canon", "iR-ADV DX C3930", "4FM01177", Printed(2, 1, 19, 4, 0, 6), toner=(100, 100, 100, 100)
)
"""The machine that takes the place of the one at `REPLACED`."""


def fleet_of(ports: dict[PlaceId, int]) -> Fleet:
    """Return the town hall on paper, its machines on loopback at `ports`."""
    places = tuple(
        Place(
            spot.place,
            spot.name,
            "127.0.0.1",
            ports[spot.place],
            assignments=(Assignment(_SINCE, spot.shares),),
        )
        for spot in SPOTS
    )
    mean = {one.id: 0.0 for one in DEPARTMENTS}
    for spot in SPOTS:
        for department, share in spot.shares.items():
            mean[department] += spot.daily * _WORKING_DAYS * share / 100
    targets = {
        key: Targets(default=_hundreds(pages * _SHARE_OF_MEAN[key])) for key, pages in mean.items()
    }
    return Fleet(DEPARTMENTS, places, targets)


def _hundreds(pages: float) -> int:
    return round(pages / 100) * 100


def printed_in(
    spot: DemoPlace, day: date, share: float, office: Office, dice: random.Random
) -> Printed:
    """Return what the machine of `spot` prints in `share` of the working day `day`.

    Days off see a stray fax; month ends and Mondays are busier, as in any town hall.
    """
    if not office.works_on(day):
        return Printed(fax=int(dice.random() < share / 3))
    busy = 1.0 + 0.15 * (day.weekday() == 0) + 0.20 * (day.day >= _MONTH_END_FROM)
    pages = max(0, round(dice.gauss(spot.daily * busy * share, spot.daily * share * 0.35)))
    color = sum(dice.random() < spot.color for _ in range(pages))
    copies, color_copies = round((pages - color) * 0.45), round(color * 0.3)
    fax = min(pages - color - copies, int(dice.random() < share))
    return Printed(
        copies,
        color_copies,
        pages - color - copies - fax,
        color - color_copies,
        fax,
        round(pages * 0.3 * dice.random()),
    )


POLLS_OF_A_DAY = ((8, 20), (9, 40), (11, 0), (12, 20), (13, 40), (15, 0), (16, 20), (17, 40))
_SLICES = (0.02, 0.14, 0.2, 0.12, 0.12, 0.16, 0.16, 0.08)
"""When a place is read on a simulated day, and how much of the day's pages came before."""

_DEAD_FOR = timedelta(hours=30)
_BATCH = 400
_CONFIG = """\
# {head}
[office]
site = "demo-town"
language = "{language}"

[fleet]
file = "fleet.toml"

[ledger]
path = "ledger.sqlite3"

[polling]
interval_s = 10
timeout_s = 0.5
retries = 1
jitter_s = 3
backoff_max_s = 60
{influx}"""


class DemoOffice:
    """Twelve simulated machines, each behind an SNMP agent of its own on loopback."""

    def __init__(self, seed: int) -> None:
        """Set up the machines as they stood when the story begins; the same seed, same story."""
        self.dice = random.Random(seed)  # noqa: S311 - office days are no secrets
        self._now: datetime | None = None
        self.machines: dict[PlaceId, SimulatedMachine] = {
            spot.place: spot.machine for spot in SPOTS
        }
        self.agents: dict[PlaceId, SimulatedAgent] = {
            spot.place: SimulatedAgent(MibTable(spot.machine.objects())) for spot in SPOTS
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


def influx_of(url: str | None, database: str, org: str | None = None) -> str:
    """Return the section of settings for this InfluxDB, empty for none."""
    stated = {"url": url, "database": database, "org": org}
    lines = [f"{key} = {json.dumps(value)}" for key, value in stated.items() if value]
    return "\n".join(["", "[influx]", *lines, ""]) if url else ""


def write_configuration(
    folder: Path,
    ports: Mapping[PlaceId, int],
    *,
    language: str,
    influx: str = "",
    token: str | None = None,
) -> Path:
    """Leave `collector.toml` and `fleet.toml` in `folder`; the path of the first is returned.

    `influx` is the section of that name; its `token` becomes a secret file.
    """
    config = folder / "collector.toml"
    if token:
        secret = folder / SECRETS / "influx__token"
        secret.parent.mkdir(mode=0o700, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(token, encoding="utf-8")
    texts = Texts(language)
    head, fleet = texts("demo.settings"), fleet_of(dict(ports))
    write_file(config, _CONFIG.format(head=head, language=language, influx=influx), overwrite=True)
    write_file(folder / "fleet.toml", write_fleet_toml(fleet, texts), overwrite=True)
    return config


def load_configuration(config: Path) -> Loaded:
    """Return the demo's configuration, untouched by the environment."""
    return load(config, {})


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
        return _TableSession(self._office.agents[target.place].table)

    def days(self, first: date) -> int:
        """Return how many days there are to play from `first` on, each copier's own."""
        office = self._context.office
        return sum((office.local_day(self._until(spot)) - first).days + 1 for spot in SPOTS)

    async def fill(self, first: date, advance: Callable[[], None]) -> int:
        """Play every day from `first` on and return how many readings were put through.

        After each day of each copier `advance` is called.
        """
        readings = 0
        for spot in SPOTS:
            readings += await self._fill_place(spot, first, advance)
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


class _TableSession:
    """Reads an agent's table in memory, as it stands at each question."""

    def __init__(self, table: MibTable) -> None:
        self._table = table
        self.manners = Manners()

    def adopt(self, manners: Manners) -> None:
        self.manners = manners

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        found = ((name, self._table.get(name)) for name in oids)
        return {name: one.value for name, one in found if one is not None}

    async def walk(
        self,
        root: Oid,
        limit: int = 4096,
        known: Sequence[Oid] = (),  # noqa: ARG002 # no walk is cut
    ) -> Mapping[Oid, Value]:
        found: dict[Oid, Value] = {}
        name = self._table.after(root)
        while name is not None and name[: len(root)] == root and len(found) < limit:
            found[name] = self._table[name].value
            name = self._table.after(name)
        return found

    async def close(self) -> None:
        pass


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
    await service.ledger.record_cycle(Cycle(at, len(outcomes), len(silent), 0, seconds, 0.0))
    news = tuple(finding for one in outcomes for finding in one.findings)
    return LiveRound(len(outcomes), silent, news, seconds, loop.time() - max(answered))


def first_day_of_story(office: Office, now: datetime, months: int) -> date:
    """Return the first day of the closing month `months` before the running one."""
    return office.before(office.period_of(office.local_day(now)), months).start
