"""What a site tells, made and packed beforehand, so that sending it costs next to nothing.

Copiers of twenty meters are counted by the program's own rules into a real ledger, and told by the
program's own delivery to a centre that only keeps what it is sent. A batch bears no site's name, so
many sites may each tell the same chain of batches; the centre sees sites, the disk sees their rows.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from collector.adapters.centre.wire import body_of, fact_lines
from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.centre.agreement import CentreStanding, Contradiction, FactBatch
from collector.app.centre.deliver import DeliverFacts
from collector.app.centre.facts import Days, Fact, Read
from collector.app.count_reading import record_reading
from collector.app.office_context import OfficeContext
from collector.domain.counting.reading import Answer, Reading
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Record
from collector.texts import ENGLISH
from tests.bench.bench_polls import EVERY, MONDAY, MOVED, answer, fleet
from tests.unit.app.office import TOKYO

_PAGES: Final = 3
"""That each copier prints between two readings."""

_MAKING: Final = 512
"""Readings counted at once."""


@dataclass(frozen=True, slots=True)
class Premade:
    """A batch as it is sent, its digest in hexadecimal, and how much it holds."""

    body: bytes
    digest: str
    last: int
    readings: int
    usages: int
    days: frozenset[tuple[str, str]]
    unpacked: int


@dataclass
class _Keeping:
    """A centre that takes everything, and keeps it."""

    name: str = "centre"
    warning: str = ""
    made: list[Premade] = field(default_factory=list)
    _stands: CentreStanding = field(default_factory=CentreStanding)
    _facts: Sequence[Fact] = ()

    async def standing(self) -> CentreStanding:
        return self._stands

    async def take(self, batch: FactBatch) -> CentreStanding:
        reads = [one for one in self._facts if isinstance(one, Read)]
        days = [row for one in self._facts if isinstance(one, Days) for row in one.rows]
        self.made.append(
            Premade(
                *(body_of(batch), batch.digest, batch.last, len(reads)),
                usages=sum(len(one.usages) for one in reads),
                days=frozenset((str(one.place), one.day.isoformat()) for one in days),
                unpacked=sum(len(line.encode()) + 1 for line in batch.lines),
            )
        )
        self._stands = CentreStanding(batch.generation, batch.ledger, batch.last, batch.digest)
        return self._stands

    async def contradict(self, what: Contradiction, ledger: str) -> None:
        raise AssertionError((what, ledger))

    def lines(self, facts: Sequence[Fact]) -> tuple[str, ...]:
        self._facts = facts
        return fact_lines(facts)

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        """Nothing is open."""


class _Copiers:
    """The copiers of one site, read one after another, round after round."""

    def __init__(self, copiers: int) -> None:
        self.context = OfficeContext(fleet(copiers), Office("hall", TOKYO))
        self._at = MONDAY
        self._step = EVERY / copiers
        self._number = 0
        self._places = [one.id for one in self.context.fleet.places]
        self._says = {one: answer(number) for number, one in enumerate(self._places)}
        self._states: dict[PlaceId, PlaceState] = {}

    def record(self) -> Record:
        """Return what the next reading comes to."""
        place = self._places[self._number % len(self._places)]
        self._at += max(self._step, timedelta(seconds=1)) if not self._number else self._step
        self._number += 1
        says = self._says[place] = self._went_on(self._says[place])
        state = self._states.get(place, PlaceState(place))
        reading = Reading(place, self._at.replace(microsecond=0), says)
        made = record_reading(state, reading, self.context)
        self._states[place] = made.state
        return made

    @staticmethod
    def _went_on(says: Answer) -> Answer:
        moved = {name: says.meters[name] + _PAGES for name in MOVED}
        uptime_s = (says.uptime_s or 0) + int(EVERY.total_seconds())
        return replace(says, meters={**says.meters, **moved}, uptime_s=uptime_s)


async def premade(copiers: int, gathered: Sequence[int]) -> list[Premade]:
    """Return what a site of so many `copiers` tells; `gathered` readings wait at each delivery.

    One delivery of very many comes to several batches, as the program's own bounds want it.
    """
    site = _Copiers(copiers)
    with tempfile.TemporaryDirectory(prefix="copier-fleet-premade-") as folder:
        ledger = await SqliteLedger.open(Path(folder, "site.sqlite3"))
        keeping = _Keeping()
        deliver = DeliverFacts(ledger, keeping, SystemClock(), ENGLISH)
        try:
            for some in gathered:
                for start in range(0, some, _MAKING):
                    few = range(min(_MAKING, some - start))
                    # In parts that hold a place once: each record follows upon the one before.
                    records = [site.record() for _ in few]
                    await ledger.record(records)
                while await deliver():
                    pass
        finally:
            await ledger.close()
    return keeping.made
