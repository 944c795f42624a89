"""Some sites in a process of their own: `python -m tests.sites.living FOLDER URL STATED`.

Each has a real ledger in FOLDER, in which copiers are counted by the program's own rules, and tells
the centre at URL by the program's own delivery. STATED is JSON: the sites with their tokens, and
how they live. SIGTERM ends the printing; the process ends once the centre has everything. It may
be killed at any moment: what comes after goes on from the ledgers.
"""

import asyncio
import json
import os
import random
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from collector.adapters.centre.client import CentreClient, CentreTarget
from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.centre.deliver import DeliverFacts
from collector.app.close.close_month import CloseMonth, Refusal
from collector.app.count_reading import record_reading
from collector.app.office_context import OfficeContext
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.office_calendar import Office
from collector.errors import SinkError
from collector.ports import PlaceState, Record
from collector.texts import ENGLISH
from tests.unit.app.office import LONG_AGO, TOKYO, fleet, place

BEGINS: Final = datetime(2026, 10, 31, 9, 0, tzinfo=UTC)
_ROUND: Final = timedelta(hours=4)
_MONO, _COLOR = Meter("total_mono"), Meter("total_color")
_TIMEOUT_S: Final = 20.0
_AGAIN_S: Final = 0.5
_LOOK_S: Final = 0.1
MONTH: Final = "2026-10"
_CLOSES: Final = datetime(2026, 10, 31, 18, tzinfo=UTC)
"""Three hours after the end of that month in Tokyo."""


@dataclass(frozen=True, slots=True)
class Stated:
    """How sites live: `tokens` by site, copiers each, a round every so many seconds.

    `rounds` bounds them, for a backlog that is filled in advance; 0 is no bound.
    """

    tokens: dict[str, str]
    copiers: int
    every_s: float
    seed: int = 1
    rounds: int = 0

    def text(self) -> str:
        """Return it as an argument."""
        return json.dumps(asdict(self))


class LivingSite:
    """One site: a ledger, its copiers, and the way to the centre."""

    def __init__(self, name: str, url: str, stated: Stated, ledger: SqliteLedger) -> None:
        """Go on from where `ledger` stands."""
        self.printing = asyncio.Event()
        self._name = name
        self._stated = stated
        self._ledger = ledger
        self._dice = random.Random(f"{stated.seed}/{name}")
        names = [f"p{number:03}" for number in range(stated.copiers)]
        places = fleet(*(place(one, (LONG_AGO, {"soumu": 100})) for one in names))
        self._context = OfficeContext(places, Office(name, TOKYO))
        target = CentreTarget(url, name, stated.tokens[name], timeout_s=_TIMEOUT_S)
        self._centre = CentreClient(target, SystemClock())
        self._delivery = DeliverFacts(ledger, self._centre, SystemClock(), ENGLISH)

    async def count(self) -> None:
        """Read all copiers, round after round, until nobody prints any more."""
        states = {one.place: one for one in await self._ledger.states()}
        newest = max((one.seen_at for one in states.values() if one.seen_at), default=BEGINS)
        rounds = 0
        while not self.printing.is_set() and rounds < (self._stated.rounds or rounds + 1):
            newest += _ROUND
            records = [
                self._read(states.get(one.id, PlaceState(one.id)), newest)
                for one in self._context.fleet.places
            ]
            await self._ledger.record(records)
            states = {one.state.place: one.state for one in records}
            rounds += 1
            await self._close(newest)
            await asyncio.sleep(self._stated.every_s)

    def _read(self, state: PlaceState, at: datetime) -> Record:
        """Return what one copier says at `at`: some pages more, half of the time."""
        before = {} if state.last is None else dict(state.last.answer.meters)
        pages = self._dice.randrange(1, 60) if self._dice.random() < 0.5 else 0
        mono = before.get(_MONO, 100_000) + pages
        color = before.get(_COLOR, 20_000) + pages // 3
        meters = {TOTAL: mono + color, _MONO: mono, _COLOR: color}
        serial = f"{self._name}-{state.place}"
        identity = DeviceIdentity("Ricoh", "IM C3000", serial)
        seconds = int((at - BEGINS).total_seconds())
        answer = Answer(identity, meters, uptime_s=10**6 + seconds, rated_ipm=40)
        return record_reading(state, Reading(state.place, at, answer), self._context)

    async def _close(self, now: datetime) -> None:
        """Close October once it is over, where nobody has."""
        if now < _CLOSES or await self._ledger.links(MONTH):
            return
        close = CloseMonth(self._ledger, self._context, now)
        plan = await close.plan(MONTH, estimate_now=True)
        assert not isinstance(plan, Refusal)
        await close.apply(plan, "tests")

    async def tell(self) -> None:
        """Tell the centre until it has all that will ever be."""
        while True:
            try:
                more = await self._delivery()
            except SinkError:
                more = False
                await asyncio.sleep(_AGAIN_S * (1 + self._dice.random()))
            else:
                if not more and self.printing.is_set() and self.counted.done():
                    break
            if not more:
                await asyncio.sleep(_LOOK_S)
        await self._centre.close()
        await self._ledger.close()

    def live(self, group: asyncio.TaskGroup) -> None:
        """Count and tell, side by side."""
        self.counted = group.create_task(self.count())
        group.create_task(self.tell())


async def live(folder: Path, url: str, stated: Stated) -> None:
    """Let all sites live until SIGTERM, and then until the centre has everything."""
    sites = [
        LivingSite(name, url, stated, await SqliteLedger.open(folder / f"{name}.sqlite3"))
        for name in stated.tokens
    ]

    def ends() -> None:
        for one in sites:
            one.printing.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ends)
    sys.stdout.write(f"living {os.getpid()}\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as group:
        for one in sites:
            one.live(group)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2], Stated(**json.loads(sys.argv[3]))))
