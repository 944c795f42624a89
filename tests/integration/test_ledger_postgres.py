"""What only a ledger in a database of many sites can meet: other sites, other writers, a cut."""

import asyncio
from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.database import Database, migrate, migrations
from collector.errors import LedgerError, LedgerHeldUp, LedgerMoved, LedgerNone
from collector.ports import Amendment, LogRef
from tests.contract.ledger_cases import HERE, MINUTE, T0, everything, full
from tests.contract.ledger_papers import entry
from tests.servers.postgres import PostgresServer, postgres

pytestmark = pytest.mark.integration


async def both(url: str, site: str) -> tuple[PostgresLedger, PostgresLedger]:
    """Return the ledger of one site twice, each with connections of its own."""
    return (
        await PostgresLedger.open(url, site, made=True),
        await PostgresLedger.open(url, site, made=True),
    )


async def test_sites_do_not_see_one_another(centre_database: str) -> None:
    one = await PostgresLedger.open(centre_database, "apart-1", made=True)
    other = await PostgresLedger.open(centre_database, "apart-2", made=True)
    await one.record([full(T0), full(T0 + MINUTE, 120)])
    nothing = await everything(other)
    await one.amend([entry()], [])
    assert await everything(other) == nothing
    await other.record([full(T0)])
    assert [len(await each.readings(HERE, T0, T0 + MINUTE)) for each in (one, other)] == [2, 1]
    for each in (one, other):
        await each.close()


async def test_what_two_writers_record_at_once_is_there_once(centre_database: str) -> None:
    """Both tell the same and something of their own; days grow by each once, no number is lost."""
    ledgers = await both(centre_database, "two-writers")
    same = [full(T0 + n * MINUTE, 100 + n) for n in range(20)]

    async def tells(ledger: PostgresLedger, number: int) -> None:
        for n, record in enumerate(same):
            await ledger.record([record])
            await ledger.touch([LogRef("x", f"{number}-{n}")])

    async with asyncio.TaskGroup() as group:
        for number, ledger in enumerate(ledgers):
            group.create_task(tells(ledger, number))
    one, other = ledgers
    assert len(await one.readings(HERE, T0, T0 + 20 * MINUTE)) == 20
    assert (await one.days(T0.date(), T0.date()))[0].pages["total"] == 20 * 4
    entries = await one.log_after(0, 999)
    assert [each.ref.kind for each in entries].count("x") == 40
    assert len({each.seq for each in entries}) == len(entries)
    assert await everything(one) == await everything(other)
    for each in ledgers:
        await each.close()


async def test_whoever_reads_the_log_misses_nothing_that_is_committed_later(
    centre_database: str,
) -> None:
    """A number that is read has all smaller ones before it, whoever wrote them."""
    ledgers = await both(centre_database, "log-in-order")
    seen: list[str] = []

    async def writes(ledger: PostgresLedger, name: str) -> None:
        for n in range(30):
            await ledger.touch([LogRef("x", f"{name}{n}"), LogRef("y", f"{name}{n}")])

    async def follows() -> None:
        seq = 0
        while len(seen) < 120:
            for one in await ledgers[0].log_after(seq, 7):
                seen.append(one.ref.kind + one.ref.key)
                seq = one.seq

    async with asyncio.TaskGroup() as group:
        group.create_task(follows())
        for ledger, name in zip(ledgers, "ab", strict=True):
            group.create_task(writes(ledger, name))
    assert len(set(seen)) == 120
    for each in ledgers:
        await each.close()


async def test_of_two_amendments_of_one_state_one_is_put_in_force(centre_database: str) -> None:
    ledgers = await both(centre_database, "two-amenders")
    await ledgers[0].record([full(T0)])
    before = await ledgers[0].state(HERE)
    came_to: list[str] = []

    async def amends(ledger: PostgresLedger, number: int) -> None:
        try:
            await ledger.amend([entry(number)], [Amendment(before, None, before.track)])
        except LedgerMoved:
            came_to.append("moved")
        else:
            came_to.append("done")

    async with asyncio.TaskGroup() as group:
        for number, ledger in enumerate(ledgers):
            group.create_task(amends(ledger, number))
    assert sorted(came_to) == ["done", "moved"]
    assert (await ledgers[1].state(HERE)).edition == 1
    assert len(await ledgers[0].entries()) == 1
    for each in ledgers:
        await each.close()


async def test_a_change_that_fails_in_its_middle_leaves_nothing(centre_database: str) -> None:
    ledger = await PostgresLedger.open(centre_database, "middle", made=True)
    await ledger.record([full(T0)])
    known = await everything(ledger)
    record = full(T0 + MINUTE, 120)
    too_much = replace(record.usages[0], last=2**70)
    with pytest.raises(LedgerError):
        await ledger.record([full(T0 + 2 * MINUTE), replace(record, usages=(too_much,))])
    assert await everything(ledger) == known
    await ledger.close()


async def test_a_row_that_cannot_be_understood_is_told_as_damage(centre_database: str) -> None:
    ledger = await PostgresLedger.open(centre_database, "damage", made=True)
    await ledger.record([full(T0)])
    connection = await asyncpg.connect(centre_database)
    mine = "site = (SELECT site FROM ledger.sites WHERE name = 'damage')"
    for table, column in (("days", "pages"), ("place_states", "track")):
        await connection.execute(f"UPDATE ledger.{table} SET {column} = '{{' WHERE {mine}")  # noqa: S608 - ours
    await connection.close()
    for asked in (ledger.days(T0.date(), T0.date()), ledger.states()):
        with pytest.raises(LedgerError, match=r"a row is damaged.*centre site accept"):
            await asked
    assert await ledger.reading(HERE, T0) is not None  # and nothing else is
    await ledger.close()


async def test_evidence_is_never_changed_by_hand(centre_database: str) -> None:
    ledger = await PostgresLedger.open(centre_database, "evidence", made=True)
    await ledger.record([full(T0)])
    await ledger.amend([entry()], [])
    connection = await asyncpg.connect(centre_database)
    for statement in (
        "UPDATE ledger.readings SET counts = '[1,2]'",
        "UPDATE ledger.findings SET message = ''",
        "DELETE FROM ledger.entries",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
            await connection.execute(statement)
    await connection.close()
    await ledger.close()


async def test_tables_are_made_once_however_many_begin(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database()
    connections: list[Database] = [await asyncpg.connect(url) for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(migrate(one)) for one in connections]
    assert sorted(task.result() for task in tasks) == [0, 0, len(migrations())]
    await connections[0].execute("INSERT INTO ledger.migrations VALUES (9999, 'later', now())")
    for opening in (migrate(connections[0]), PostgresLedger.open(url, "x")):
        with pytest.raises(LedgerError, match="newer release"):
            await opening
    await connections[0].execute("DELETE FROM ledger.migrations WHERE number <> 0")
    with pytest.raises(LedgerError, match="older release"):
        await PostgresLedger.open(url, "x")
    for each in connections:
        await each.close()  # type: ignore[attr-defined]  # asyncpg's own


async def test_what_cannot_be_opened_says_what_to_do(
    postgres_server: PostgresServer, centre_database: str
) -> None:
    with pytest.raises(LedgerNone, match="has no site nowhere"):
        await PostgresLedger.open(centre_database, "nowhere")
    with pytest.raises(LedgerError, match="no tables of a centre"):
        await PostgresLedger.open(postgres_server.new_database(), "x")
    with pytest.raises(LedgerError, match="does not let this user in"):
        await PostgresLedger.open(postgres_server.url("no_such_database"), "x")
    with pytest.raises(LedgerHeldUp, match="cannot be reached") as held_up:
        await PostgresLedger.open("postgresql://me:secret@127.0.0.1:1/centre", "x")
    assert "secret" not in str(held_up.value)


async def test_it_goes_on_after_a_power_cut_with_all_that_was_committed() -> None:
    with postgres(durable=True) as server:
        url = server.new_database()
        connection = await asyncpg.connect(url)
        await migrate(connection)
        await connection.close()
        ledger = await PostgresLedger.open(url, "town", made=True)
        await ledger.record([full(T0)])
        known = await everything(ledger)
        server.kill()
        with pytest.raises(LedgerHeldUp):
            await ledger.record([full(T0 + MINUTE, 120)])
        server.process.start()
        assert await everything(ledger) == known
        await ledger.record([full(T0 + MINUTE, 120)])
        assert len(await ledger.days(date(2026, 11, 2), date(2026, 11, 2))) == 1
        await ledger.close()
