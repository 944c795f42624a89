"""A durable PostgreSQL of some size, processes of a real centre, and the sites that load them."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres.intake import SiteIntake
from tests.patience import PATIENCE_S
from tests.servers.postgres import PostgresServer, postgres
from tests.sites.gauges import Gauges
from tests.sites.premade import Premade
from tests.sites.sender import SendingSite, sent
from tests.stories.centre import StoryCentre

SETTINGS: Final = (
    *("synchronous_commit=on", "shared_buffers=512MB", "max_wal_size=2GB"),
    "autovacuum_naptime=60",
)
"""Of a server that is no test's: the modest ones would write every page twice."""

_AT_ONCE: Final = 12
"""Sites that speak at once where nothing is measured: fewer than a process of the centre lets."""

_STORED: Final = """
SELECT s.name || '|' || (SELECT count(*) FROM ledger.readings r WHERE r.site = s.site)
    || '|' || (SELECT count(*) FROM ledger.usages u WHERE u.site = s.site)
    || '|' || (SELECT count(*) FROM ledger.days d WHERE d.site = s.site)
    || '|' || c.seq || '|' || c.digest
FROM ledger.sites s JOIN centre.sites c USING (name)
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many readings were acknowledged and are stored, and at which sites something differs."""

    sent: int
    stored: int
    differing: tuple[str, ...]


class Centres:
    """`processes` of one centre, over one database."""

    def __init__(self, server: PostgresServer, folder: Path, processes: int) -> None:
        """Make their settings; nothing of the centre runs yet."""
        first = StoryCentre(server, folder / "centre-0")
        others = range(1, processes)
        self.all = [
            first,
            *(
                StoryCentre(server, folder / f"centre-{number}", database=first.database)
                for number in others
            ),
        ]
        self._server = server
        self._database = first.database

    def start(self) -> None:
        """Start those that do not run."""
        for one in self.all:
            one.start()

    def kill(self) -> None:
        """End them all."""
        for one in self.all:
            one.kill()

    def gauges(self) -> Gauges:
        """Return what looks at the processes that run now."""
        pids = [one.pid for one in self.all if one.pid is not None]
        return Gauges(self._server, self._database, pids)

    def sites(
        self, prefix: str, many: int, chain: Sequence[Premade], copiers: int
    ) -> list[SendingSite]:
        """Return new sites that have told the first round of their `copiers` out of `chain`.

        What comes first makes a site's rows of texts and states, and no usages: it is no measure.
        They are spread over the processes as a balancer would.
        """
        tokens = asyncio.run(self._tokens([f"{prefix}-{one:04}" for one in range(many)]))
        ports = [one.port for one in self.all]
        sums = itertools.accumulate(one.readings for one in chain)
        round_ = 1 + sum(1 for one in sums if one < copiers)
        sites = [
            SendingSite(name, token, ports[number % len(ports)], chain, [0.0] * round_)
            for number, (name, token) in enumerate(tokens.items())
        ]
        for start in range(0, many, _AT_ONCE):
            asyncio.run(sent(sites[start : start + _AT_ONCE], PATIENCE_S))
        return sites

    async def _tokens(self, names: Sequence[str]) -> dict[str, str]:
        centre = await PostgresCentre.open(self._database, SiteIntake(), connections=1)
        try:
            return {name: await centre.add(name) for name in names}
        finally:
            await centre.close()

    def readings(self) -> int:
        """Return how many readings are stored."""
        query = "SELECT count(*) FROM ledger.readings"
        return int(self._server.run(query, self._database.rpartition("/")[2]))

    def compared(self, sites: Sequence[SendingSite]) -> Compared:
        """Hold what was acknowledged to `sites` against what is there, site by site."""
        rows = self._server.run(_STORED, self._database.rpartition("/")[2]).splitlines()
        there = {name: rest for name, _, rest in (one.partition("|") for one in rows)}
        differing, sent, stored = [], 0, 0
        for one in sites:
            taken = one.taken()
            days = frozenset[tuple[str, str]]().union(*(each.days for each in taken))
            readings = sum(each.readings for each in taken)
            usages = sum(each.usages for each in taken)
            sent += readings
            if taken:
                found = there.get(one.name, "0")
                stored += int(found.partition("|")[0])
                counts = f"{readings}|{usages}|{len(days)}"
                if found != f"{counts}|{taken[-1].last}|{taken[-1].digest}" or one.wrong:
                    differing.append(f"{one.name}: {found} {one.wrong}")
            elif one.wrong:
                differing.append(one.wrong)
        return Compared(sent, stored, tuple(differing))


@contextmanager
def centres(folder: Path, processes: int) -> Iterator[Centres]:
    """Give processes of a centre over a PostgreSQL of their own; all has ended afterwards."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres(*SETTINGS, durable=True))
        folder.mkdir(parents=True)
        found = Centres(server, folder, processes)
        stack.callback(found.kill)
        found.start()
        yield found
