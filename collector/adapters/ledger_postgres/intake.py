"""What sites tell, put into their ledgers: afterwards each answers as the site's own does.

The centre counts nothing: usages, days and statements are those of the site. What a site does not
tell (its rounds, its log and cursors, its notes) is not there.
"""

from collections.abc import Sequence
from typing import Any, Final

from collector.adapters.ledger_postgres.database import (
    Database,
    locked,
    migrate,
    set_apart,
    site_number,
)
from collector.adapters.ledger_postgres.rows import SiteRows
from collector.adapters.ledger_postgres.writer import SiteWriter
from collector.app.centre.facts import (
    Changed,
    Closed,
    Days,
    Entered,
    Fact,
    FleetTold,
    Found,
    Read,
    Recounted,
)
from collector.domain.office.fleet_facts import FleetFact
from collector.domain.sentence import Sentence, sentence
from collector.encoding.columns import encode_fact, to_seconds
from collector.errors import LedgerError, LedgerMoved
from collector.ports import PlaceState
from collector.texts import ENGLISH

_FACTS_THERE: Final = """
SELECT seq, kind, subject, facts, recorded_by, why, recorded_at FROM ledger.fleet_facts
WHERE site = $1 AND seq = ANY ($2::bigint[])
"""
_ENTRIES_THERE: Final = """
SELECT seq, id FROM ledger.entries WHERE site = $1 AND seq = ANY ($2::bigint[])
"""
_PACKED: Final = """
SELECT DISTINCT place FROM ledger.packed WHERE site = $1 AND place = ANY ($2::text[])
"""


class SiteIntake:
    """Puts what sites tell where `PostgresLedger` finds it."""

    async def migrate(self, connection: Database) -> None:
        """Make the tables; raises LedgerError for those of a later release."""
        await migrate(connection)

    async def set_apart(self, connection: Database, site: str, generation: int) -> None:
        """Let all that is there of `site` stay under that generation, and begin anew."""
        await set_apart(connection, site, generation)

    async def apply(self, connection: Database, site: str, facts: Sequence[Fact]) -> None:
        """Put `facts` into the ledger of `site`: see `apply`."""
        await apply(connection, site, facts)


async def apply(connection: Database, site: str, facts: Sequence[Fact]) -> None:
    """Put `facts` into the ledger of `site`, in order, each in the place of an earlier telling.

    All of it or nothing, as a part of the caller's transaction; `site` may be new. Told again,
    nothing changes. A state gives way to what is told later, unless that is of an older edition.
    Raises LedgerError for a fact of the fleet, an entry or a statement that contradicts what is
    there: another in the same position, or one that does not follow.
    """
    if not facts:
        return
    async with connection.transaction():
        number = await site_number(connection, site, made=True)
        seq = await locked(connection, number)
        telling = _Telling(connection, site, number, seq)
        await telling.begin(facts)
        for fact in facts:
            await telling.take(fact)
        await telling.write()


class _Telling:
    """The facts of one batch on their way into the tables of one site."""

    def __init__(self, connection: Database, name: str, site: int, seq: int) -> None:
        """Gather for the site called `name` and numbered `site`, with the log's newest number."""
        self._connection = connection
        self._name = name
        self._site = site
        self._seq = seq
        self._writer = SiteWriter(connection, site, seq)
        self._rows = SiteRows(site)
        self._editions: dict[str, int] = {}
        self._facts: dict[int, tuple[object, ...]] = {}
        self._entries: dict[int, str] = {}
        self._packed: set[str] = set()

    async def begin(self, facts: Sequence[Fact]) -> None:
        """Learn what of it is there."""
        places = {one.state.place for one in facts if isinstance(one, Read | Changed | Recounted)}
        states = await self._writer.states(places)
        self._editions = {place: row[7] for place, row in states.items()}
        told = [one.position for one in facts if isinstance(one, FleetTold)]
        rows = await self._ask(_FACTS_THERE, told)
        self._facts = {row[0]: tuple(row)[1:] for row in rows}
        told = [one.position for one in facts if isinstance(one, Entered)]
        self._entries = {row[0]: row[1] for row in await self._ask(_ENTRIES_THERE, told)}
        self._packed = {row[0] for row in await self._ask(_PACKED, list(places))}

    async def _ask(self, query: str, keys: Sequence[object]) -> Sequence[Any]:
        return await self._connection.fetch(query, self._site, keys) if keys else []

    async def take(self, fact: Fact) -> None:
        """Take one fact in."""
        match fact:
            case Read():
                await self._read(fact)
            case Days():
                await self._days(fact)
            case Found():
                self._rows.add_finding(fact.finding)
            case Changed():
                self._rows.add_change(fact.change)
                self._state(fact.state)
            case Entered():
                self._entered(fact)
            case FleetTold():
                self._fleet(fact.position, fact.fact)
            case Closed():
                await self._closed(fact)
            case Recounted():
                await self._recounted(fact)

    async def write(self) -> None:
        """Write what was gathered, and begin to gather anew."""
        rows, self._rows = self._rows, SiteRows(self._site)
        await rows.write(self._connection, self._seq)

    def _state(self, state: PlaceState) -> None:
        if state.edition >= self._editions.get(state.place, 0):
            self._editions[state.place] = state.edition
            self._rows.add_state(state)

    async def _read(self, fact: Read) -> None:
        reading = fact.reading
        if reading.place in self._packed:
            at = to_seconds(reading.at)
            await self._writer.take_apart([(reading.place, at, at)])
        self._rows.add_reading(reading)
        self._rows.add_usages(fact.usages)
        self._state(fact.state)

    async def _days(self, fact: Days) -> None:
        if not fact.rows:
            await self.write()
            await self._writer.drop_day(fact.place, fact.day)
        for row in fact.rows:
            self._rows.put_day(row)

    def _entered(self, fact: Entered) -> None:
        there = self._entries.setdefault(fact.position, fact.entry.id)
        if there != fact.entry.id:
            raise self._contradicts(sentence("told.entry", position=fact.position))
        self._rows.add_entry(fact.position, fact.entry)

    def _fleet(self, position: int, fact: FleetFact) -> None:
        row = encode_fact(fact)
        there = self._facts.get(position)
        if there is None:
            self._facts[position] = row
            self._rows.add_fact(position, fact)
        elif there != row:
            raise self._contradicts(sentence("told.fact", position=position + 1))

    async def _closed(self, fact: Closed) -> None:
        """Append a statement upon the one before, so that the chain is whole."""
        statement = fact.sealed.statement
        try:
            await self._writer.keep_statement(fact.sealed)
        except LedgerMoved as error:
            told = (statement.period.name, statement.revision)
            what = sentence("told.statement", period=told[0], revision=told[1])
            raise self._contradicts(what) from error

    async def _recounted(self, fact: Recounted) -> None:
        await self.write()  # what was told before may be what gives way
        await self._writer.give_way(fact.place, fact.since, fact.until)
        await self._writer.forget_rereadings(fact.place, fact.since, fact.until)
        self._rows.add_usages(fact.usages)
        for track in fact.checkpoints:
            self._rows.add_checkpoint(fact.place, track)
        for again in fact.rereadings:
            self._rows.add_rereading(again)
        self._state(fact.state)

    def _contradicts(self, what: Sentence) -> LedgerError:
        return LedgerError(ENGLISH("ledger.contradicted", site=self._name, what=what))
