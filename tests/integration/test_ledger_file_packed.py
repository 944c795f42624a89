"""Readings laid together in the file: over kills, full disks, damage, older files and shells."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger, schema
from collector.adapters.ledger_sqlite.copies import back_up, put_back
from collector.adapters.ledger_sqlite.examine import damages
from collector.domain.old_readings import Pack
from collector.errors import LedgerError
from collector.ports import (
    Ledger,
    LogRef,
)
from tests.integration.ledger_files import FAR_OFF, HERE, LONG_AGO, ROOT, T0, TOTAL, raw, record
from tests.patience import PATIENCE_S
from tests.servers.process import binary
from tests.surroundings import environment

pytestmark = pytest.mark.slow

POLLS = 2000


async def filled(path: Path, polls: int = POLLS) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(number) for number in range(polls)])
    await ledger.close()


async def answers(path: Path) -> list[object]:
    """Return all that is to be the same however the rows lie."""
    ledger = await SqliteLedger.open(path)
    try:
        return await answers_of(ledger)
    finally:
        await ledger.close()


async def answers_of(ledger: Ledger) -> list[object]:
    return [
        await ledger.readings(HERE, LONG_AGO, FAR_OFF),
        await ledger.usages(HERE, LONG_AGO, FAR_OFF),
        await ledger.log_after(0, 10 * POLLS),
        await ledger.heard_between(LONG_AGO, FAR_OFF),
        await ledger.days(date(2026, 1, 1), date(2027, 1, 1)),
        await ledger.state(HERE),
        await ledger.backlog("influx"),
        dict((await ledger.size()).rows),
    ]


async def packed(path: Path, limit: int = 1024) -> None:
    ledger = await SqliteLedger.open(path)
    while await ledger.pack(Pack(HERE, FAR_OFF), limit):
        pass
    await ledger.close()


async def test_what_is_laid_together_takes_little_of_the_room(ledger_path: Path) -> None:
    await filled(ledger_path)
    before = await answers(ledger_path)
    room = _room(ledger_path)
    await packed(ledger_path)
    assert await answers(ledger_path) == before
    assert _room(ledger_path) < room / 8
    assert damages(ledger_path) == ()


async def test_a_copy_gives_back_the_room_and_put_back_the_ledger_has_it(
    ledger_path: Path, tmp_path: Path
) -> None:
    await filled(ledger_path)
    await packed(ledger_path)
    before, youth = await answers(ledger_path), _told(ledger_path, "schema_version")
    assert _told(ledger_path, "freelist_count") > _told(ledger_path, "page_count") / 4
    copy = back_up(ledger_path, tmp_path / "copies", T0)
    assert _told(copy.path, "freelist_count") == 0
    assert _told(copy.path, "schema_version") == youth, "it tells a copy that was laid over it"
    assert await answers(copy.path) == before
    put_back(copy.path, ledger_path)
    assert _told(ledger_path, "freelist_count") == 0
    assert await answers(ledger_path) == before
    assert damages(ledger_path) == ()


def _told(path: Path, pragma: str) -> int:
    with raw(path) as shell:
        return int(shell.execute(f"PRAGMA {pragma}").fetchone()[0])


def _room(path: Path) -> int:
    """Return the octets that readings, usages and places in the log take."""
    kept = ("readings", "usages", "packed", "log", "sqlite_autoindex_log_1", "long_usages")
    with raw(path) as shell:
        sql = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT value FROM json_each(?))"
        return int(shell.execute(sql, (json.dumps(kept),)).fetchone()[0])


_PACK_UNTIL_STOPPED = """
import asyncio, sys
from pathlib import Path
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.ports import LogRef, Pack
from tests.integration.ledger_files import FAR_OFF, HERE, T0
from datetime import timedelta
async def main():
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    while True:
        while await ledger.pack(Pack(HERE, FAR_OFF), 20):
            print("packed", flush=True)
        for number in range(0, 2000, 20):
            at = T0 + timedelta(minutes=number)
            await ledger.touch([LogRef("reading", f"{HERE}|{int(at.timestamp())}")])
            print("apart", flush=True)
asyncio.run(main())
"""


def moving(path: Path) -> subprocess.Popen[str]:
    """Start a process that lays rows together and takes them apart until it is stopped."""
    return subprocess.Popen(
        [sys.executable, "-c", _PACK_UNTIL_STOPPED, str(path)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.integration
@pytest.mark.parametrize("after", [1, 23, 61, 140])
async def test_kill_9_in_the_midst_of_it_loses_nothing(ledger_path: Path, after: int) -> None:
    """Whether rows were being laid together, or taken apart to be changed."""
    await filled(ledger_path)
    before = await answers(ledger_path)
    process = moving(ledger_path)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    process.stdout.read()
    process.stdout.close()
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    assert all(told)
    now = await answers(ledger_path)
    # Of the log only the order may be another: some were published again.
    assert now[:2] + now[3:6] == before[:2] + before[3:6]
    refs = [{one.ref for one in log if one.ref.kind == "reading"} for log in (now[2], before[2])]  # type: ignore[attr-defined] # entries
    assert refs[0] == refs[1]
    assert damages(ledger_path) == ()
    with raw(ledger_path) as shell:
        assert shell.execute("SELECT count(*) FROM packed").fetchone()[0] > 0
        assert shell.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await packed(ledger_path)
    assert (await answers(ledger_path))[:2] == before[:2]


@pytest.mark.parametrize(
    "broken",
    ["INSERT ON packed", "DELETE ON readings", "DELETE ON usages", "DELETE ON log"],
)
async def test_one_that_fails_halfway_leaves_all_as_it_was(ledger_path: Path, broken: str) -> None:
    """As a full disk would, at whatever point."""
    await filled(ledger_path)
    before = await answers(ledger_path)
    ledger = await SqliteLedger.open(ledger_path)
    await run(ledger, fails(broken))
    with pytest.raises(LedgerError):
        await ledger.pack(Pack(HERE, FAR_OFF), 1024)
    await run(ledger, "DROP TRIGGER broken")
    assert await answers_of(ledger) == before
    assert await ledger.pack(Pack(HERE, FAR_OFF), 1024) == 1024
    assert await answers_of(ledger) == before
    await ledger.close()


@pytest.mark.parametrize(
    "broken", ["DELETE ON packed", "INSERT ON readings", "INSERT ON usages", "INSERT ON log"]
)
async def test_so_does_one_that_takes_apart(ledger_path: Path, broken: str) -> None:
    await filled(ledger_path)
    await packed(ledger_path)
    ledger = await SqliteLedger.open(ledger_path)
    before = await answers_of(ledger)
    await run(ledger, fails(broken))
    refs = [LogRef("reading", f"{HERE}|{int(T0.timestamp())}")]
    with pytest.raises(LedgerError):
        await ledger.touch(refs)
    await run(ledger, "DROP TRIGGER broken")
    assert await answers_of(ledger) == before
    await ledger.touch(refs)
    assert (await answers_of(ledger))[:2] == before[:2]
    await ledger.close()


def fails(what: str) -> str:
    """Return the statement after which every `what` is an error, for this connection alone."""
    how, table = what.split(" ON ")
    return (
        f"CREATE TEMP TRIGGER broken BEFORE {how} ON main.{table}"
        " BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )


async def run(ledger: SqliteLedger, statement: str) -> None:
    assert ledger._connection is not None
    await ledger._run(lambda: ledger._connection and ledger._connection.execute(statement))


@pytest.mark.parametrize("part", range(0, 100, 7))
async def test_a_bit_that_turned_over_is_found_and_no_figure(ledger_path: Path, part: int) -> None:
    await filled(ledger_path, 300)
    await packed(ledger_path)
    with unguarded(ledger_path) as shell:
        (body,) = shell.execute("SELECT body FROM packed").fetchone()
        octets = bytearray(body)
        octets[len(octets) * part // 100] ^= 1 << part % 8
        shell.execute("UPDATE packed SET body = ?", (bytes(octets),))
    await is_refused(ledger_path)


@pytest.mark.parametrize(
    "column", ["first", "last", "readings", "usages", "entries", "last_seq", "octets"]
)
async def test_so_is_another_number_beside_it(ledger_path: Path, column: str) -> None:
    await filled(ledger_path, 300)
    await packed(ledger_path)
    with unguarded(ledger_path) as shell:
        shell.execute(f"UPDATE packed SET {column} = {column} + 1")  # noqa: S608 - a constant
    await is_refused(ledger_path)


async def test_another_text_under_a_digest_is_refused(ledger_path: Path) -> None:
    """It fits zlib's own sum, as the body of another ledger would."""
    await filled(ledger_path, 300)
    await packed(ledger_path)
    with unguarded(ledger_path) as shell:
        (body,) = shell.execute("SELECT body FROM packed").fetchone()
        text = zlib.decompress(body).replace(b'"total":[1000,3,', b'"total":[1000,4,')
        shell.execute("UPDATE packed SET body = ?", (zlib.compress(text),))
    await is_refused(ledger_path)


@contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as a shell would, without its triggers, which are there again afterwards."""
    with raw(path) as shell:
        find = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        triggers = shell.execute(find).fetchall()
        for name, _ in triggers:
            shell.execute(f"DROP TRIGGER {name}")
        yield shell
        for _, sql in triggers:
            shell.execute(sql)


async def is_refused(path: Path) -> None:
    assert damages(path) != ()
    ledger = await SqliteLedger.open(path)
    with pytest.raises(LedgerError):
        await ledger.readings(HERE, LONG_AGO, FAR_OFF)
    known = await ledger.state(HERE)
    assert known.last is not None, "what the service goes on from is a row"
    await ledger.record([record(POLLS)])
    await ledger.close()


async def test_what_was_published_and_is_laid_together_is_no_loss(ledger_path: Path) -> None:
    """However high its place in the log: nobody put an older copy in the ledger's place."""
    await filled(ledger_path, 300)
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.touch([LogRef("reading", f"{HERE}|{int(T0.timestamp())}")])
    newest = (await ledger.log_after(0, POLLS))[-1].seq
    await ledger.acknowledge("influx", newest)
    await ledger.close()
    await packed(ledger_path)
    ledger = await SqliteLedger.open(ledger_path)
    assert ledger.restored is None
    assert (await ledger.log_after(0, POLLS))[-1].seq == newest
    await ledger.close()


async def test_a_row_that_cannot_be_understood_is_left_where_it_is(ledger_path: Path) -> None:
    await filled(ledger_path, 300)
    with unguarded(ledger_path) as shell:
        shell.execute("UPDATE readings SET counts = '[1' WHERE at = ?", (int(T0.timestamp()),))
    ledger = await SqliteLedger.open(ledger_path)
    assert await ledger.pack(Pack(HERE, FAR_OFF), 99) == 0
    await ledger.record([record(POLLS)])
    await ledger.close()
    with raw(ledger_path) as shell:
        assert shell.execute("SELECT count(*) FROM readings").fetchone() == (301,)
        assert shell.execute("SELECT count(*) FROM packed").fetchone() == (0,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE packed SET body = x''",
        "DELETE FROM packed",
        "REPLACE INTO packed SELECT * FROM packed",
    ],
)
async def test_what_is_laid_together_cannot_be_rewritten_by_sql(
    ledger_path: Path, change: str
) -> None:
    await filled(ledger_path, 300)
    await packed(ledger_path)
    with raw(ledger_path) as shell, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        shell.execute(change)


async def test_an_older_ledger_is_laid_together_with_a_copy_beside_it(ledger_path: Path) -> None:
    await filled(ledger_path)
    before = await answers(ledger_path)
    version = next(n for n, step in enumerate(schema.STEPS) if "CREATE TABLE packed" in step)
    with raw(ledger_path) as shell:
        for what in ("VIEW packed_list", "TABLE packed"):
            shell.execute(f"DROP {what}")
        shell.execute(f"PRAGMA user_version = {version}")
    await packed(ledger_path)
    assert await answers(ledger_path) == before
    kept = ledger_path.with_name(f"{ledger_path.name}.schema-{version}")
    with raw(kept) as shell:
        assert shell.execute("PRAGMA user_version").fetchone() == (version,)
        assert shell.execute("SELECT count(*) FROM reading_list").fetchone() == (POLLS,)
        assert shell.execute("SELECT count(*) FROM usage_list").fetchone() == (POLLS,)


async def test_who_reads_beside_sees_each_reading_once(ledger_path: Path) -> None:
    """However the rows are moved meanwhile, by another connection and on another thread."""
    await filled(ledger_path, 600)
    ledger = await SqliteLedger.open(ledger_path)
    beside = await ledger.reading_beside()
    before = await _seen(beside)

    async def to_and_fro() -> None:
        for number in range(60):
            while await ledger.pack(Pack(HERE, FAR_OFF), 100):
                pass
            at = T0 + timedelta(minutes=10 * number)
            await ledger.touch([LogRef("reading", f"{HERE}|{int(at.timestamp())}")])

    looks = 0
    async with asyncio.TaskGroup() as group:
        moving = group.create_task(to_and_fro())
        while not moving.done():
            assert await _seen(beside) == before
            looks += 1
    await beside.close()
    await ledger.close()
    assert looks > 5


async def _seen(ledger: Ledger) -> list[object]:
    """Return what does not say how often it was asked."""
    return [
        len(await ledger.readings(HERE, LONG_AGO, FAR_OFF)),
        len(await ledger.usages(HERE, LONG_AGO, FAR_OFF)),
        await ledger.heard_between(LONG_AGO, FAR_OFF),
        await ledger.backlog("influx"),
    ]


async def test_the_shell_reads_what_is_laid_together(ledger_path: Path) -> None:
    await filled(ledger_path, 300)
    await packed(ledger_path, 99)
    ask = "SELECT utc, meter, count FROM packed_list ORDER BY at LIMIT 3"
    with raw(ledger_path) as shell:
        shell.create_function("sqlar_uncompress", 2, lambda body, _: zlib.decompress(body).decode())
        found = shell.execute(ask).fetchall()
        counts = shell.execute("SELECT at, count FROM packed_list ORDER BY at").fetchall()
    expected = [(f"2026-11-02 00:0{n}:00", TOTAL, 1000 + 3 * n) for n in range(3)]
    assert found == expected
    start = int(T0.timestamp())
    assert counts == [(start + 60 * n, 1000 + 3 * n) for n in range(299)]
    told = by_shell(binary("sqlite3"), ledger_path, ask)
    assert told == ["|".join(map(str, one)) for one in expected]


def by_shell(program: str, path: Path, ask: str) -> list[str]:
    told = subprocess.run(
        [program, path, ask], env=environment(), capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()
