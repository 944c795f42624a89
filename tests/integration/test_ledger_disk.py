"""The ledger's file among real disks, processes and accidents."""

import asyncio
import contextlib
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger, file, schema
from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.domain.reading import Answer, PlaceId, Reading
from collector.domain.usage import DayUsage, Usage
from collector.errors import LedgerError
from collector.ports import Cycle, LogRef, PlaceState, Record

ROOT = Path(__file__).resolve().parents[2]
T0 = datetime(2026, 11, 2, tzinfo=UTC)
LONG_AGO, FAR_OFF = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
HERE = PlaceId("2f-general")
TOTAL = Meter("total")
RICOH = DeviceIdentity(serial="3G12345678")


def record(number: int, place: PlaceId = HERE, note: str = "m") -> Record:
    """Return the record of poll `number`: one minute and three pages after the one before."""
    at = T0 + timedelta(minutes=number)
    total = 1000 + 3 * number
    return Record(
        state=PlaceState(place, seen_at=at, stored_at=at, online=True),
        reading=Reading(place, at, Answer(RICOH, {TOTAL: total})),
        usages=(
            Usage(place, RICOH.key, TOTAL, 1, at - timedelta(minutes=1), at, total - 3, total),
        ),
        days=(DayUsage(place, at.date(), {TOTAL: 3}),),
        findings=(Finding(Code.METER_RESET, Severity.INFO, place, note, at),),
        log=(LogRef("reading", f"{place}|{int(at.timestamp())}"),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[SqliteLedger]:
    one = await SqliteLedger.open(path)
    yield one
    await one.close()


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as the sqlite3 shell would."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def contents(path: Path) -> bytes:
    return path.read_bytes()


def side_files(path: Path) -> list[str]:
    return [one.name for one in path.parent.iterdir()]


def place_file(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)


async def refusal(path: Path, *, read_only: bool = False) -> str:
    """Return the sentence with which opening is refused; the ledger can be opened by nobody."""
    with pytest.raises(LedgerError) as caught:
        await SqliteLedger.open(path, read_only=read_only)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- opening ---------------------------------------------------------------------------------


async def test_a_missing_folder_is_made_for_this_user_only(
    path: Path, ledger: SqliteLedger
) -> None:
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (await ledger.size()).bytes > 0
    assert (await ledger.size()).path == str(path)


async def test_commits_reach_the_disk(ledger: SqliteLedger) -> None:
    def pragma(name: str) -> object:
        assert ledger._connection is not None
        return ledger._connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await ledger._run(lambda: pragma("journal_mode")) == "wal"
    assert await ledger._run(lambda: pragma("synchronous")) == 2
    assert await ledger._run(lambda: pragma("foreign_keys")) == 1


async def test_a_newer_version_is_refused(path: Path) -> None:
    await (await SqliteLedger.open(path)).close()
    with raw(path) as shell:
        shell.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    assert "newer version" in await refusal(path)
    assert "newer version" in await refusal(path, read_only=True)


async def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    place_file(path, b"")
    with raw(path) as shell:
        shell.execute("CREATE TABLE songs (name TEXT)")
    before = contents(path)
    assert "another program's database" in await refusal(path)
    assert contents(path) == before


@pytest.mark.parametrize(
    "damage", [b"not a database at all. " * 500, b"SQLite format 3\0" + b"?" * 9000]
)
async def test_a_damaged_file_is_refused_and_left_alone(path: Path, damage: bytes) -> None:
    place_file(path, damage)
    assert "restore the newest backup" in await refusal(path)
    assert contents(path) == damage


async def test_damage_deep_inside_is_an_error_not_a_figure(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(number) for number in range(2000)])
    await ledger.close()
    size = len(contents(path))
    with path.open("r+b") as damaged:
        # Everything but the first pages, which hold the header and the table of contents.
        damaged.seek(30 * 4096)
        damaged.write(b"\xff" * (size - 30 * 4096))
    ledger = await SqliteLedger.open(path)
    try:
        with pytest.raises(LedgerError, match="damaged"):
            await ledger.readings(HERE, LONG_AGO, FAR_OFF)
    finally:
        await ledger.close()


async def test_a_row_that_cannot_be_understood_is_an_error(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.close()
    with raw(path) as shell:
        shell.execute("UPDATE place_states SET track = '{'")
    ledger = await SqliteLedger.open(path)
    try:
        with pytest.raises(LedgerError, match="a row is damaged"):
            await ledger.state(HERE)
    finally:
        await ledger.close()


async def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "folder cannot be written" in await refusal(tmp_path / "file" / "ledger.db")
    assert "cannot be opened" in await refusal(tmp_path)


async def test_an_empty_file_becomes_a_ledger(path: Path) -> None:
    place_file(path, b"")
    ledger = await SqliteLedger.open(path)
    assert await ledger.states() == []
    await ledger.close()


# --- one writer, many readers ----------------------------------------------------------------


async def test_a_second_daemon_is_refused_until_the_first_is_gone(
    path: Path, ledger: SqliteLedger
) -> None:
    assert "another collector" in await refusal(path)
    await ledger.close()
    second = await SqliteLedger.open(path)
    await second.close()


async def test_readers_see_what_was_committed_while_the_daemon_writes(
    path: Path, ledger: SqliteLedger
) -> None:
    await ledger.record([record(1)])
    reader = await SqliteLedger.open(path, read_only=True)
    try:
        assert await reader.state(HERE) == await ledger.state(HERE)
        await ledger.record([record(2)])
        assert await reader.reading(HERE, T0 + timedelta(minutes=2)) == record(2).reading
        with pytest.raises(LedgerError, match="cannot be written"):
            await reader.record([record(3)])
    finally:
        await reader.close()
    await ledger.record([record(3)])


@pytest.mark.integration
async def test_another_process_reads_and_is_refused_to_write(
    path: Path, ledger: SqliteLedger
) -> None:
    await ledger.record([record(number) for number in range(5)])
    script = """
import asyncio, sys
from datetime import date
from pathlib import Path
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.errors import LedgerError
async def main():
    reader = await SqliteLedger.open(Path(sys.argv[1]), read_only=True)
    days = await reader.days(date(2026, 11, 1), date(2026, 11, 30))
    print(sum(day.pages["total"] for day in days))
    await reader.close()
    try:
        await SqliteLedger.open(Path(sys.argv[1]))
    except LedgerError:
        print("refused")
asyncio.run(main())
"""
    told = await asyncio.to_thread(
        subprocess.check_output, [sys.executable, "-c", script, str(path)], cwd=ROOT, text=True
    )
    assert told.split() == ["15", "refused"]
    await ledger.record([record(6)])


async def test_reading_needs_a_ledger_of_this_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "there is none yet" in await refusal(path, read_only=True)
    assert not path.parent.exists()
    await (await SqliteLedger.open(path)).close()
    monkeypatch.setattr(file, "STEPS", (*schema.STEPS, "CREATE TABLE more (x INTEGER) STRICT;"))
    assert "older version" in await refusal(path, read_only=True)


async def test_a_reader_alone_leaves_no_trace(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.close()
    before = contents(path)
    reader = await SqliteLedger.open(path, read_only=True)
    assert len(await reader.readings(HERE, LONG_AGO, FAR_OFF)) == 1
    await reader.close()
    assert contents(path) == before


async def test_a_reader_that_may_not_write_the_folder_makes_no_side_files(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.close()
    # Told so by the system's own answer: the tests may run as root, who may write everywhere.
    monkeypatch.setattr("os.access", lambda *_: False)
    reader = await SqliteLedger.open(path, read_only=True)
    assert len(await reader.readings(HERE, LONG_AGO, FAR_OFF)) == 1
    assert sorted(side_files(path)) == ["ledger.db", "ledger.db.lock"]
    await reader.close()


async def test_waiting_for_the_disk_does_not_hold_up_the_loop(
    path: Path, ledger: SqliteLedger
) -> None:
    with raw(path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(ledger.record([record(1)]))
            for _ in range(5):
                await asyncio.sleep(0.01)
            assert not writing.done()
            shell.execute("ROLLBACK")
    assert await ledger.reading(HERE, T0 + timedelta(minutes=1)) is not None
    assert (await ledger._run(threading.current_thread)).name.startswith("ledger")


async def test_a_cancelled_call_leaves_the_ledger_usable(path: Path, ledger: SqliteLedger) -> None:
    with raw(path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await ledger.record([record(1)])
        shell.execute("ROLLBACK")
    await ledger.record([record(1), record(2)])
    assert len(await ledger.readings(HERE, LONG_AGO, FAR_OFF)) == 2
    assert (await ledger.days(T0.date(), T0.date()))[0].pages == {TOTAL: 6}


# --- append-only -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE readings SET counts = '[0]'",
        "DELETE FROM readings",
        "REPLACE INTO readings SELECT place, at, device, about, meters, '', 0, '', 0 FROM readings",
        "UPDATE usages SET pages = 0",
        "DELETE FROM usages",
        "REPLACE INTO usages SELECT place, ended, device, meter, epoch, 1, 0, 0, 0 FROM usages",
        "UPDATE findings SET message = ''",
        "DELETE FROM findings",
        "REPLACE INTO findings SELECT seq, id, code, severity, subject, '', 0, '{}' FROM findings",
        "UPDATE names SET name = name || 'x'",
        "DELETE FROM names",
        "UPDATE devices SET about = '{}'",
        "UPDATE meter_sets SET meters = '[\"scan\"]'",
        "REPLACE INTO meter_sets SELECT id, '[\"scan\"]' FROM meter_sets",
    ],
)
async def test_history_cannot_be_rewritten_by_sql(path: Path, statement: str) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.close()
    with raw(path) as shell, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        shell.execute(statement)
    with raw(path) as shell:
        assert shell.execute("SELECT counts, meters FROM reading_list").fetchall() == [
            ("[1003]", '["total"]')
        ]


async def test_the_file_can_be_read_with_the_shell(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.record_cycle(Cycle(T0, 1, 0, 0, 1.0, 0.0))
    await ledger.close()
    with raw(path) as shell:
        usages = shell.execute("SELECT * FROM usage_list").fetchall()
        keys = shell.execute('SELECT kind, "key" FROM log_list ORDER BY seq').fetchall()
    device = "serial:3G12345678"
    times = ("2026-11-02 00:00:00", "2026-11-02 00:01:00")
    assert usages == [(HERE, device, "total", 1, *times, 1000, 3, "measured")]
    seconds = int(T0.timestamp())
    assert keys == [("reading", f"{HERE}|{seconds + 60}"), ("cycle", seconds)]


# --- versions --------------------------------------------------------------------------------


async def test_a_step_brings_an_older_file_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(1)])
    await ledger.close()
    step = "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO more VALUES (7);"
    monkeypatch.setattr(file, "STEPS", (*schema.STEPS, step))
    for _ in range(2):
        ledger = await SqliteLedger.open(path)
        assert await ledger.reading(HERE, T0 + timedelta(minutes=1)) == record(1).reading
        await ledger.close()
    with raw(path) as shell:
        assert shell.execute("SELECT x FROM more").fetchall() == [(7,)]
        assert shell.execute("PRAGMA user_version").fetchone() == (2,)


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await SqliteLedger.open(path)).close()
    step = "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO nowhere VALUES (7);"
    with monkeypatch.context() as patch:
        patch.setattr(file, "STEPS", (*schema.STEPS, step))
        assert "nowhere" in await refusal(path)
    with raw(path) as shell:
        assert shell.execute("PRAGMA user_version").fetchone() == (1,)
        assert shell.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchall() == []
    await (await SqliteLedger.open(path)).close()


# --- accidents -------------------------------------------------------------------------------


async def test_a_full_disk_leaves_nothing_half_applied(ledger: SqliteLedger) -> None:
    await ledger.record([record(1)])
    before = (await ledger.states(), await ledger.log_after(0, 99), await ledger.findings())

    def limit(pages: int) -> None:
        assert ledger._connection is not None
        (now,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {now + pages}")

    await ledger._run(lambda: limit(3))
    batch = [record(n, PlaceId(f"new-{n % 7}"), "x" * 200) for n in range(2, 300)]
    with pytest.raises(LedgerError, match="the disk is full; free space"):
        await ledger.record(batch)
    after = (await ledger.states(), await ledger.log_after(0, 99), await ledger.findings())
    assert after == before
    assert len(await ledger.days(date(2026, 1, 1), date(2027, 1, 1))) == 1
    await ledger._run(lambda: limit(1_000_000))
    await ledger.record(batch)
    days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
    assert sum(day.pages[TOTAL] for day in days) == 3 * 299
    assert len(await ledger.findings()) == 299


_WRITE_UNTIL_STOPPED = """
import asyncio, resource, sys
from pathlib import Path
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.errors import LedgerError
from tests.integration.test_ledger_disk import record
async def main():
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    number = 0
    try:
        while True:
            await ledger.record([record(number), record(number + 1)])
            number += 2
            print(number, flush=True)
    except LedgerError as error:
        print(error, flush=True)
asyncio.run(main())
"""


def writer(path: Path, *largest_file: str) -> subprocess.Popen[str]:
    """Start a process that writes two records at a time and prints how many are on disk.

    It may write no file larger than `largest_file` bytes, where given.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _WRITE_UNTIL_STOPPED, str(path), *largest_file],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


async def whole(path: Path, acknowledged: int) -> None:
    """Show that every acknowledged record is there, that none is there in part, and go on."""
    ledger = await SqliteLedger.open(path)
    try:
        readings = await ledger.readings(HERE, LONG_AGO, FAR_OFF)
        usages = await ledger.usages(HERE, LONG_AGO, FAR_OFF)
        days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
        count = len(readings)
        assert count >= acknowledged
        assert count % 2 == 0
        assert [one.at for one in readings] == [T0 + timedelta(minutes=n) for n in range(count)]
        assert len(usages) == len(await ledger.findings()) == count
        assert len(await ledger.log_after(0, count + 9)) == count
        assert sum(day.pages[TOTAL] for day in days) == sum(one.pages for one in usages)
        assert (await ledger.state(HERE)).last == readings[-1]
        await ledger.record([record(number) for number in range(count + 1)])
        days = await ledger.days(date(2026, 1, 1), date(2027, 1, 1))
        assert sum(day.pages[TOTAL] for day in days) == 3 * (count + 1)
    finally:
        await ledger.close()


@pytest.mark.integration
@pytest.mark.parametrize("after", [1, 37, 120])
async def test_nothing_acknowledged_is_lost_by_kill_9(path: Path, after: int) -> None:
    process = writer(path)
    assert process.stdout is not None
    acknowledged = 0
    for _ in range(after):
        acknowledged = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    await whole(path, int(rest[-1]) if rest else acknowledged)


@pytest.mark.integration
async def test_a_disk_that_refuses_to_write_ends_in_one_sentence(path: Path) -> None:
    process = writer(path, "400000")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    *numbers, sentence = said.splitlines()
    assert "check its free space" in sentence or "the disk is full" in sentence
    assert str(path) in sentence
    await whole(path, int(numbers[-1]))
