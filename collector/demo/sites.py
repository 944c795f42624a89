"""Small sites and their centre: each keeps its own ledger, and tells it at a door of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from collector.adapters.centre.ingest import Ingest, serve_sites
from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.app.close.close_month import CloseMonth
from collector.app.enter.amend import Amend
from collector.app.office_context import OfficeContext
from collector.demo.demo import DemoOffice
from collector.demo.town import (
    DEAD,
    REPLACED,
    RESET,
    SPOTS,
    load_configuration,
    write_secret,
    write_site,
)
from collector.domain.closing.statement import ClosingPlan
from collector.domain.counting.entries import Exclusion, Ground
from collector.domain.counting.reading import Reading
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Period
from collector.domain.office.shares import PlaceId
from collector.ports import BEGINNING, END, Clock, Ledger
from collector.settings.load import Loaded
from collector.texts import Texts

NAMES: Final = ("kita", "minami", "higashi", "nishi")
_PEOPLE: Final = (22, 17, 27, 19)
"""How many each department of each site has."""
_MACHINES: Final = 3
_PLAIN: Final = tuple(one for one in SPOTS if one.place not in {DEAD, REPLACED, RESET})
_ELECTION_PAGES: Final = 1500
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site: its machines, and its settings as it has them and as its centre has them."""

    name: str
    office: DemoOffice
    loaded: Loaded


class DemoCentre:
    """Takes in what sites tell, at a door for each; to shut one is to cut that site off."""

    def __init__(self, database: str, folder: Path) -> None:
        """Work in the database at that address; the settings of its sites come into `folder`."""
        self.database = database
        self.folder = folder
        self._store = PostgresCentre(database, SiteIntake())
        self._routes = Ingest(self._store).routes()
        self._ports: dict[str, int] = {}
        self._doors: dict[str, Callable[[], Awaitable[None]]] = {}

    @classmethod
    @asynccontextmanager
    async def opened(cls, database: str, folder: Path) -> AsyncIterator["DemoCentre"]:
        """Give the centre with its tables made; all its doors are shut at the end."""
        centre = cls(database, folder)
        try:
            await centre._store.migrate()
            yield centre
        finally:
            for name in [*centre._doors]:
                await centre.shut(name)
            await centre._store.close()

    async def admit(self, name: str) -> tuple[str, str]:
        """Let the site `name` tell; return where, and by which token."""
        self._ports[name] = free_port()
        await self.open(name)
        return f"http://{_HOST}:{self._ports[name]}", await self._store.add(name)

    async def open(self, name: str) -> None:
        """Open the door of the site `name`."""
        self._doors[name] = await serve_sites(_HOST, self._ports[name], self._routes)

    async def shut(self, name: str) -> None:
        """Shut the door of the site `name`: what it tells reaches nobody."""
        await self._doors.pop(name)()

    async def holds(self, name: str, ledger: Ledger) -> "HeldAtCentre":
        """Return whether it has of the site `name` what lies in its `ledger`."""
        here = await PostgresLedger.open(self.database, name)
        try:
            told, known = await _contents(here), await _contents(ledger)
        finally:
            await here.close()
        readings, seals = known
        return HeldAtCentre(sum(map(len, readings.values())), len(seals), told == known)


@dataclass(frozen=True, slots=True)
class HeldAtCentre:
    """How many readings and sealed statements a site has, and whether its centre has the same."""

    readings: int
    statements: int
    is_same: bool


async def _contents(ledger: Ledger) -> tuple[Mapping[PlaceId, list[Reading]], list[str]]:
    places = sorted(one.place for one in await ledger.states())
    readings = {one: [*await ledger.readings(one, BEGINNING, END)] for one in places}
    return readings, [one.seal for one in await ledger.statements()]


def offices(count: int, seed: int) -> Iterator[tuple[str, DemoOffice]]:
    """Yield `count` sites by name, each with machines that no other has."""
    for number, name in enumerate(NAMES[:count]):
        spots = _PLAIN[number::count][:_MACHINES]
        yield name, DemoOffice(seed + number, spots)


def settle(
    centre: DemoCentre,
    name: str,
    office: DemoOffice,
    ports: Mapping[PlaceId, int],
    address: tuple[str, str],
    *,
    year_begins: int,
    language: str,
) -> DemoSite:
    """Write the settings of the site `name` below those of its centre, and where it tells them."""
    url, token = address
    write = partial(
        write_site,
        ports=ports,
        site=name,
        people=_PEOPLE[NAMES.index(name)],
        year_begins=year_begins,
        language=language,
    )
    here, there = centre.folder.parent / name, centre.folder / "sites" / name
    for folder in (here, there):
        folder.mkdir(parents=True, exist_ok=True)
    write(there)
    write_secret(here, "centre__token", token)
    config = write(here, more=f'\n[centre]\nurl = "{url}"\n')
    return DemoSite(name, office, load_configuration(config))


async def declare_election(
    ledger: Ledger, context: OfficeContext, period: Period, place: PlaceId, clock: Clock
) -> None:
    """Let a person exclude what was printed in `period` at `place` for an election."""
    source = Texts("ja")("demo.election")
    signed = Signature("demo", source, clock.now().replace(microsecond=0))
    span = (period.start, period.end, _ELECTION_PAGES)
    entry = Exclusion(place, None, *span, Ground.ELECTION, source, signed)
    amend = Amend(ledger, context)
    await amend.carry_out(await amend.work_out([entry]))


async def close_past(
    ledger: Ledger, context: OfficeContext, clock: Clock, advance: Callable[[], None]
) -> tuple[Period, ...]:
    """Close every month that is over; return them. After each of them `advance` is called."""
    closing = CloseMonth(ledger, context, clock.now())
    months = await closing.open_months()
    for period in months:
        plan = await closing.plan(period.name, estimate_now=True)
        if isinstance(plan, ClosingPlan):
            await closing.apply(plan, "demo")
        advance()
        await asyncio.sleep(0)
    return months


def free_port() -> int:
    """Return a TCP port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
