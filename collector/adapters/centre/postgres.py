"""What a centre keeps of its sites, in PostgreSQL: standings, tokens, contradictions.

The facts themselves are put where `Intake` says, within the same transaction: the standing moves
with them or not at all, and it is on disk (on the standby too, where one is synchronous) before
anybody is answered.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it comes without types

from collector.app.centre.agreement import (
    Caller,
    CentreStanding,
    Contradiction,
    FactBatch,
    follows,
    placing_in,
    placing_text,
)
from collector.app.centre.facts import Fact
from collector.domain.report.comparison import ToldPlacing
from collector.domain.report.sealed_totals import SealedTotal, SiteTotals, contradiction
from collector.encoding.sealed_totals import fields_of_total, total_in
from collector.errors import StoreFull, StoreUnavailable

_MIGRATING: Final = 0x43504346
"""Names the lock under which tables are made."""
_ASKING_S: Final = 10.0
_WRITING_S: Final = 60.0
_CONNECTING_S: Final = 4.0
"""To one host: of two the second is reached within `_ASKING_S` where the first only swallows."""
_KNOWN: Final = """
CREATE SCHEMA IF NOT EXISTS centre;
CREATE TABLE IF NOT EXISTS centre.migrations (
    number INTEGER PRIMARY KEY,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""
_STANDING: Final = "SELECT generation, ledger, seq, digest FROM centre.sites WHERE name = $1"
_TOLD: Final = "SELECT told FROM centre.told_placings WHERE site = $1"
_TELL: Final = "INSERT INTO centre.told_placings (site, told) VALUES ($1, $2)"
_WITNESSED: Final = "SELECT pg_logical_emit_message(true, 'copier-fleet', '')"
"""Writes nothing that is kept, but lets this COMMIT wait until a synchronous standby has all before
it. For a standing that another transaction moved: PostgreSQL shows everybody what gave up waiting
for the standby, and with the server that would be lost."""
_WHO: Final = "SELECT site, revoked_at IS NOT NULL FROM centre.tokens WHERE digest = $1"
_NOT_NOW: Final = (asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)
_TROUBLES: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_MOVE: Final = """
UPDATE centre.sites SET ledger = $2, seq = $3, digest = $4, facts = facts + $5, heard_at = now()
WHERE name = $1
"""
_CONTRADICT: Final = """
INSERT INTO centre.contradictions (site, generation, kind, ledger)
SELECT name, generation, $2, $3 FROM centre.sites WHERE name = $1 ON CONFLICT DO NOTHING
"""
_LIST: Final = """
SELECT s.name, s.generation, s.seq, s.facts, s.heard_at,
    (SELECT count(*) FROM centre.tokens t WHERE t.site = s.name AND t.revoked_at IS NULL) AS tokens,
    (SELECT coalesce(string_agg(DISTINCT c.kind, ' '), '') FROM centre.contradictions c
     WHERE c.site = s.name AND c.generation = s.generation) AS contradictions
FROM centre.sites s ORDER BY s.name
"""
_IMPORTED: Final = """
SELECT site, generation, year_begins, total FROM centre.imported i
WHERE generation = (SELECT max(generation) FROM centre.imported WHERE site = i.site)
ORDER BY site, position
"""
_IMPORT: Final = """
INSERT INTO centre.imported (site, generation, position, year_begins, total)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site, generation, position) DO UPDATE
SET year_begins = excluded.year_begins, total = excluded.total
"""
_ACCEPT: Final = """
UPDATE centre.sites SET generation = generation + 1, ledger = '', seq = 0, digest = '', facts = 0
WHERE name = $1 RETURNING generation
"""

Connection = Any
"""One of asyncpg's, in a transaction: its stubs tell two kinds apart that are used alike."""


class Intake(Protocol):
    """Where the facts of sites are put."""

    async def migrate(self, connection: Connection) -> None:
        """Make the tables."""
        ...

    async def apply(self, connection: Connection, site: str, facts: Sequence[Fact]) -> None:
        """Put `facts` of `site` into the tables, each instead of an earlier telling of it."""
        ...

    async def set_apart(self, connection: Connection, site: str, generation: int) -> None:
        """Let all that is there of `site` stay under that generation, and begin anew."""
        ...


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site as its centre knows it. `heard_at` is when a batch came last; None for never."""

    name: str
    generation: int
    seq: int
    facts: int
    heard_at: datetime | None
    tokens: int
    contradictions: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the `totals` of a file: so many are `new`.

    `against` is the first that contradicts what is here.
    """

    totals: SiteTotals
    new: int
    against: SealedTotal | None = None


class PostgresCentre:
    """A `CentreStore` over one database, and what people do with its sites."""

    def __init__(self, url: str, intake: Intake, connections: int = 8) -> None:
        """Work in the database at `url`; nothing is contacted yet."""
        self._url = url
        self._most = connections
        self._intake = intake
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self.patience_s = _WRITING_S
        """So long may a statement take, also one that waits for a standby."""

    @classmethod
    async def open(cls, url: str, intake: Intake, connections: int = 8) -> "PostgresCentre":
        """Return the centre in the database at `url`, its tables made; raises StoreUnavailable."""
        centre = cls(url, intake, connections)
        try:
            await centre.migrate()
        except BaseException:
            await centre.close()
            raise
        return centre

    async def migrate(self) -> None:
        """Bring the tables to this release's; whoever does the same meanwhile waits."""
        async with self._transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
            await connection.execute(_KNOWN)
            there = await connection.fetchval("SELECT max(number) FROM centre.migrations") or 0
            for number, text in _migrations():
                if number > there:
                    await connection.execute(text)
                    await connection.execute("INSERT INTO centre.migrations VALUES ($1)", number)
            await self._intake.migrate(connection)
            await connection.execute(_confine())

    async def close(self) -> None:
        """Release every connection."""
        if self._pool is not None:
            await self._pool.close()

    # What the ingest asks.

    async def who(self, token: str) -> Caller:
        """Return whose `token` it is."""
        async with self._connection() as connection:
            row = await connection.fetchrow(_WHO, _digest(token))
        return Caller() if row is None else Caller(row[0], bool(row[1]))

    async def standing(self, site: str) -> CentreStanding:
        """Return where the centre stands with `site`; no standby that is waited for lacks it."""
        async with self._transaction() as connection:
            standing = _to_standing(await connection.fetchrow(_STANDING, site))
            told = await connection.fetchval(_TOLD, site)
            await connection.execute(_WITNESSED)
        return standing if told is None else replace(standing, placing=placing_in(json.loads(told)))

    async def take(self, site: str, batch: FactBatch, facts: Sequence[Fact]) -> CentreStanding:
        """Keep `batch` where it follows, on disk when this returns."""
        async with self._transaction() as connection:
            # From here on no row of another site is within reach: see confine.sql.
            await connection.execute("SELECT set_config('copier_fleet.site', $1, true)", site)
            standing = _to_standing(await connection.fetchrow(f"{_STANDING} FOR UPDATE", site))
            if not follows(batch, standing):
                await connection.execute(_WITNESSED)
                return standing
            await self._intake.apply(connection, site, facts)
            moved = (batch.ledger, batch.last, batch.digest, len(facts))
            await connection.execute(_MOVE, site, *moved)
        return CentreStanding(standing.generation, batch.ledger, batch.last, batch.digest)

    async def contradict(self, site: str, what: Contradiction, ledger: str) -> None:
        """Note once that `what` holds between this generation of `site` and that ledger."""
        async with self._transaction() as connection:
            await connection.execute(_CONTRADICT, site, what.value, ledger)

    # What people do.

    async def add(self, site: str) -> str:
        """Return a new token for `site`, which is made where it is new; it is shown only now."""
        token = secrets.token_urlsafe(32)
        async with self._transaction() as connection:
            await connection.execute(
                "INSERT INTO centre.sites (name) VALUES ($1) ON CONFLICT DO NOTHING", site
            )
            await connection.execute(
                "INSERT INTO centre.tokens (digest, site) VALUES ($1, $2)", _digest(token), site
            )
        return token

    async def sites(self) -> Sequence[KnownSite]:
        """Return every site, by name."""
        async with self._connection() as connection:
            rows = await connection.fetch(_LIST)
        return [KnownSite(*row) for row in rows]

    async def revoke(self, site: str) -> int | None:
        """Revoke every token of `site`; return how many held, None where there is no such site."""
        async with self._transaction() as connection:
            if await connection.fetchrow(_STANDING, site) is None:
                return None
            rows = await connection.fetch(
                "UPDATE centre.tokens SET revoked_at = now()"
                " WHERE site = $1 AND revoked_at IS NULL RETURNING 1",
                site,
            )
        return len(rows)

    async def accept(self, site: str) -> int | None:
        """Let `site` begin anew; return its new generation, None where there is no such site.

        What is there of it stays, marked with the generation that is over.
        """
        async with self._transaction() as connection:
            row = await connection.fetchrow(f"{_STANDING} FOR UPDATE", site)
            if row is None:
                return None
            await self._intake.set_apart(connection, site, row[0])
            generation: int = await connection.fetchval(_ACCEPT, site)
        return generation

    async def tell_placings(self, told: Mapping[str, ToldPlacing]) -> None:
        """Let each site have what it is told of its place, with its next question, and no other."""
        async with self._transaction() as connection:
            await connection.execute("DELETE FROM centre.told_placings")
            rows = [(site, placing_text(one)) for site, one in told.items()]
            await connection.executemany(_TELL, rows)

    async def imported(self) -> Sequence[SiteTotals]:
        """Return what came in files, by site."""
        async with self._connection() as connection:
            return [totals for _, totals in await _imported(connection)]

    async def import_totals(
        self, told: Sequence[SiteTotals], *, anew: bool = False
    ) -> Sequence[Imported]:
        """Keep what was `told` of each site beyond what is here; nothing where one contradicts.

        With `anew` one that does begins anew: what was here of it stays, and holds no longer. How
        many people there were may be told again in any case.
        """
        found: list[Imported] = []
        async with self._transaction() as connection:
            await connection.execute("LOCK TABLE centre.imported IN SHARE ROW EXCLUSIVE MODE")
            here = {one.site: (number, one) for number, one in await _imported(connection)}
            rows: list[tuple[object, ...]] = []
            for one in told:
                generation, known = here.get(one.site, (1, SiteTotals(one.site, 1, ())))
                against = contradiction(known.statements, one.statements)
                if against is not None and anew:
                    generation, known, against = generation + 1, replace(one, statements=()), None
                new = max(0, len(one.statements) - len(known.statements))
                found.append(Imported(one, new, against))
                longer = max(known, one, key=lambda some: len(some.statements))
                here[one.site] = (generation, longer)
                rows += (
                    (one.site, generation, at, one.year_begins, json.dumps(fields_of_total(total)))
                    for at, total in enumerate(one.statements)
                )
            if not any(one.against for one in found):
                await connection.executemany(_IMPORT, rows)
        return found

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with _plain_errors():
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        connect=_connected,
                        min_size=0,
                        max_size=self._most,
                        command_timeout=self.patience_s,
                    )
            async with self._pool.acquire(timeout=_ASKING_S) as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        async with self._connection() as connection, connection.transaction():
            # Whatever the database's own setting: an answer promises that it is on disk.
            await connection.execute("SET LOCAL synchronous_commit = on")
            yield connection


async def _connected(url: str, **how: Any) -> Connection:  # noqa: ANN401 - what a pool hands on
    """Return a connection to the first host in `url` that takes writing: none is a standby.

    asyncpg alone passes over a host that refuses, but not over one that is silent or starts up.
    """
    how |= {"target_session_attrs": "read-write", "timeout": _CONNECTING_S}
    *others, last = _hosts(url)
    for one in others:
        with suppress(OSError, TimeoutError, *_NOT_NOW):
            return await asyncpg.connect(one, **how)
    return await asyncpg.connect(last, **how)


def _hosts(url: str) -> list[str]:
    """Return `url` once for each host that stands before its path, in their order."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    return [parts._replace(netloc=user + at + one).geturl() for one in hosts.split(",")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Raise StoreFull or StoreUnavailable for what the database or the way to it comes to."""
    try:
        yield
    except asyncpg.DiskFullError as error:
        raise StoreFull(str(error)) from error
    except (*_TROUBLES, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _to_standing(row: Sequence[Any] | None) -> CentreStanding:
    return CentreStanding() if row is None else CentreStanding(*row)


def _confine() -> str:
    return (resources.files(__package__) / "confine.sql").read_text(encoding="utf-8")


async def _imported(connection: Connection) -> Sequence[tuple[int, SiteTotals]]:
    """Return the generation of each site of which files came, and what holds of it."""
    found = []
    for site, rows in groupby(await connection.fetch(_IMPORTED), itemgetter(0)):
        own = [*rows]
        statements = tuple(total_in(json.loads(one[3])) for one in own)
        found.append((own[-1][1], SiteTotals(site, own[-1][2], statements)))
    return found


def _migrations() -> Iterator[tuple[int, str]]:
    folder = resources.files(__package__) / "migrations"
    for one in sorted(folder.iterdir(), key=lambda file: file.name):
        if one.name.endswith(".sql"):
            yield int(one.name.partition("_")[0]), one.read_text(encoding="utf-8")
