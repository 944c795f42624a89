"""The database that holds the ledgers of many sites: its tables, its connections, its troubles."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from importlib import resources
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it comes without types: see the two protocols

from collector.domain.sentence import sentence
from collector.errors import LedgerError, LedgerHeldUp, LedgerNone
from collector.texts import ENGLISH

_MIGRATING: Final = 0x43504C47
"""Names the lock under which tables are made: "CPLG", as a ledger's file is marked."""

_FULL: Final = ("53100",)
_MAY_PASS: Final = ("08", "40", "53", "55P03", "57", "58")
"""How the SQLSTATEs of troubles begin that may pass: connections, deadlocks, resources, locks,
shutdowns, disks. See the server's manual, appendix A."""
_DENIED: Final = ("28", "42501", "3D000")
_NO_TABLES: Final = ("42P01", "3F000")

_KNOWN: Final = """
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE TABLE IF NOT EXISTS ledger.migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""
_NEWEST: Final = "SELECT coalesce(max(number), 0) FROM ledger.migrations"
_MOST_CONNECTIONS: Final = 4


class Database(Protocol):
    """A connection, one of a pool's or one's own."""

    async def execute(self, query: str, *values: object) -> str:
        """Run `query`, which returns nothing."""
        ...

    async def fetch(self, query: str, *values: object) -> list[Any]:
        """Return the rows of `query`."""
        ...

    async def fetchrow(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a row of it
        """Return the first row of `query`, or None."""
        ...

    async def fetchval(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a value of it
        """Return the first value of the first row, or None."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[object]:
        """Return a block that is committed whole or not at all; within another, a part of that."""
        ...


class Connections(Protocol):
    """Connections to one database, given out and taken back."""

    def acquire(self) -> AbstractAsyncContextManager[Database]:
        """Return a block that has a connection to itself."""
        ...

    async def close(self) -> None:
        """Close them all once they are back."""
        ...


def migrations() -> Sequence[tuple[int, str, str]]:
    """Return number, name and text of each step, in order; the first is 1."""
    folder = resources.files(__package__) / "migrations"
    files = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return [
        (int(name.partition("_")[0]), name, (folder / name).read_text(encoding="utf-8"))
        for name in files
    ]


async def migrate(connection: Database) -> int:
    """Bring the tables to this release's; return how many steps that took.

    Whoever else does the same meanwhile waits, and finds them made. Raises LedgerError for tables
    of a later release, which stay as they are.
    """
    done = 0
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
        await connection.execute(_KNOWN)
        there: int = await connection.fetchval(_NEWEST)
        _refuse_newer(there)
        for number, name, text in migrations():
            if number > there:
                await connection.execute(text)
                await connection.execute(
                    "INSERT INTO ledger.migrations (number, name) VALUES ($1, $2)", number, name
                )
                done += 1
    return done


async def refuse_other_tables(connection: Database) -> None:
    """Raise LedgerError where the tables are not just those of this release."""
    there: int = await connection.fetchval(_NEWEST)
    _refuse_newer(there)
    own = len(migrations())
    if there < own:
        raise LedgerError(ENGLISH("ledger.centre_older", schema=there, own=own))


def _refuse_newer(there: int) -> None:
    own = len(migrations())
    if there > own:
        raise LedgerError(ENGLISH("ledger.centre_newer", schema=there, own=own))


async def site_number(connection: Database, name: str, *, made: bool = False) -> int:
    """Return the number of the site called `name`; `made` where it is new.

    Raises LedgerNone for one that nobody has heard of.
    """
    if made:
        await connection.execute(
            "INSERT INTO ledger.sites (name) VALUES ($1) ON CONFLICT DO NOTHING", name
        )
    found = await connection.fetchval("SELECT site FROM ledger.sites WHERE name = $1", name)
    if found is None:
        raise LedgerNone(ENGLISH("ledger.no_site", site=name))
    return int(found)


async def set_apart(connection: Database, name: str, generation: int) -> None:
    """Let all that is there of the site called `name` stay, as `name#generation`.

    What comes under its name from then on begins with nothing.
    """
    kept = f"{name}#{generation}"
    await connection.execute("UPDATE ledger.sites SET name = $2 WHERE name = $1", name, kept)


async def locked(connection: Database, site: int) -> int:
    """Keep everybody else from changing the ledger of `site` until the transaction ends.

    Returns the newest number of its log.
    """
    query = "SELECT seq FROM ledger.sites WHERE site = $1 FOR UPDATE"
    return int(await connection.fetchval(query, site))


async def insert(
    connection: Database,
    into: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[object]],
    otherwise: str = "",
) -> None:
    """Put `rows` of `columns` (name, type) into the table in one statement; none are no statement.

    `otherwise` is what becomes of a row that is there already.
    """
    if not rows:
        return
    names = ", ".join(name for name, _ in columns)
    lists = ", ".join(f"${number}::{kind}[]" for number, (_, kind) in enumerate(columns, 1))
    query = f"INSERT INTO ledger.{into} ({names}) SELECT * FROM unnest({lists}) {otherwise}"  # noqa: S608 - constants
    await connection.execute(query, *map(list, zip(*rows, strict=True)))


def shown(url: str) -> str:
    """Return the address of a database as a person may see it: without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{parts.path}"


async def connected(url: str) -> Connections:
    """Return connections to the database at `url`; raises what `in_plain_words` explains."""
    pool: Connections = await asyncpg.create_pool(url, min_size=1, max_size=_MOST_CONNECTIONS)
    return pool


@contextmanager
def in_plain_words(where: str) -> Iterator[None]:
    """Raise LedgerError, in one sentence, for whatever the database at `where` comes to.

    LedgerHeldUp for what may pass by itself.
    """
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise _explained(error, where) from error
    except OSError as error:  # no connection, or a name that nobody knows
        raise _held_up("postgres.unreachable", error, where) from error


def _explained(error: Exception, where: str) -> LedgerError:
    state: str = getattr(error, "sqlstate", None) or ""
    if state.startswith(_FULL):
        return _held_up("postgres.full", error, where)
    if state.startswith(_MAY_PASS) or not (state or isinstance(error, ValueError)):
        return _held_up("postgres.unreachable", error, where)
    advice = "postgres.other"
    if state.startswith(_DENIED):
        advice = "postgres.denied"
    elif state.startswith(_NO_TABLES):
        advice = "postgres.no_tables"
    return LedgerError(_said(advice, error, where))


def _held_up(advice: str, error: Exception, where: str) -> LedgerHeldUp:
    return LedgerHeldUp(_said(advice, error, where))


def _said(advice: str, error: Exception, where: str) -> str:
    # What is known is told in the reader's words, and by a name that can be looked up.
    state = None if advice == "postgres.other" else getattr(error, "sqlstate", None)
    why = state or str(error) or type(error).__name__
    told = sentence(advice)
    return ENGLISH("ledger.trouble", path=where, advice=told, why=why)
