"""Every centre there is, behind real HTTP: over a store in memory, and over PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collector.adapters.centre.client import CentreClient, CentreTarget
from collector.adapters.centre.ingest import Ingest, serve_sites
from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.centre.wire import fact_lines, facts_in
from collector.adapters.clock import SystemClock
from collector.app.centre.agreement import CentreStanding, FactBatch
from collector.app.centre.facts import Found
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.sentence import verbatim
from tests.fakes.centre import FakeCentreStore
from tests.fakes.kept_lines import KeptLines
from tests.servers.postgres import PostgresServer, postgres
from tests.servers.process import free_port

T0 = datetime(2026, 11, 2, tzinfo=UTC)


def found(name: str) -> Found:
    """Return a fact that is told from any other by its `name`."""
    return Found(Finding(Code.SINK_EMPTIED, Severity.INFO, name, verbatim(name), T0))


def batch(standing: CentreStanding, *names: str, ledger: str = "one", last: int = 0) -> FactBatch:
    """Return what follows upon `standing`, with a fact for each of `names`."""
    start = (standing.generation, ledger, standing.seq)
    end = last or standing.seq + len(names)
    return FactBatch(*start, end, standing.digest, fact_lines([found(one) for one in names]))


@dataclass
class CentreCase:
    """A centre that can be stopped and started again at one address.

    `token` makes one for a site, `lines` returns what is kept of a site's running generation,
    `accept` lets a site begin anew.
    """

    store: FakeCentreStore | PostgresCentre
    token: Callable[[str], Awaitable[str]]
    lines: Callable[[str], Awaitable[Sequence[str]]]
    accept: Callable[[str], Awaitable[object]]
    port: int = field(default_factory=free_port)
    at_once: int = 16

    def __post_init__(self) -> None:
        """Begin stopped."""
        self._close: Callable[[], Awaitable[None]] | None = None
        self.ingest = Ingest(self.store, self.at_once)

    async def start(self) -> None:
        """Answer."""
        self._close = await serve_sites("127.0.0.1", self.port, self.ingest.routes())

    async def stop(self) -> None:
        """Answer nobody; fine where that is so already."""
        close, self._close = self._close, None
        if close is not None:
            await close()

    async def client(self, site: str, token: str | None = None) -> CentreClient:
        """Return the way to the centre of `site`, with a new token unless one is told."""
        stated = await self.token(site) if token is None else token
        url = f"http://127.0.0.1:{self.port}/"
        return CentreClient(CentreTarget(url, site, stated, timeout_s=20), SystemClock())

    async def names(self, site: str) -> list[str]:
        """Return the facts that are kept of `site`, by name, in order."""
        facts = facts_in(await self.lines(site))
        return [one.finding.subject for one in facts if isinstance(one, Found)]


Made = Callable[[], AbstractAsyncContextManager[CentreCase]]
"""Makes a centre of its own for one test."""


@contextmanager
def memory_case() -> Iterator[Made]:
    """A store in memory."""

    @asynccontextmanager
    async def made() -> AsyncIterator[CentreCase]:
        store = FakeCentreStore()

        async def token(site: str) -> str:
            store.tokens[f"token-{site}"] = site, False
            return f"token-{site}"

        async def lines(site: str) -> Sequence[str]:
            return store.lines.get((site, (await store.standing(site)).generation), [])

        async def accept(site: str) -> None:
            store.accept(site)

        yield CentreCase(store, token, lines, accept)

    yield made


@contextmanager
def postgres_case() -> Iterator[Made]:
    """Debian's PostgreSQL; each centre has a database of its own."""
    with postgres() as server:

        @asynccontextmanager
        async def made() -> AsyncIterator[CentreCase]:
            url = await asyncio.to_thread(server.new_database)
            store = await PostgresCentre.open(url, KeptLines())

            async def lines(site: str) -> Sequence[str]:
                return await asyncio.to_thread(kept_lines, server, url, site)

            try:
                yield CentreCase(store, store.add, lines, store.accept)
            finally:
                await store.close()

        yield made


def kept_lines(server: PostgresServer, url: str, site: str, generation: int = 0) -> list[str]:
    """Return what lies of `site`, in order, looked at from outside."""
    query = (
        "SELECT line FROM centre.site_fact"  # noqa: S608 - names of tests
        f" WHERE site = '{site}' AND generation = {generation} ORDER BY number"
    )
    return server.run(query, url.rpartition("/")[2]).splitlines()


CASES = {"memory": memory_case, "postgres": postgres_case}
