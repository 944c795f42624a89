"""Which files open as a ledger, which are refused, and how an older one is brought up to date."""

import stat
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger, file, schema
from collector.errors import LedgerError
from collector.texts import Texts
from tests.integration.ledger_files import (
    FAR_OFF,
    HERE,
    LONG_AGO,
    RICOH,
    T0,
    TOTAL,
    contents,
    place_file,
    raw,
    record,
    refusal,
)

TOKYO = ZoneInfo("Asia/Tokyo")


async def test_a_missing_folder_is_made_for_this_user_only(
    ledger_path: Path, ledger: SqliteLedger
) -> None:
    assert stat.S_IMODE(ledger_path.parent.stat().st_mode) == 0o700
    assert (await ledger.size()).bytes > 0
    assert (await ledger.size()).path == str(ledger_path)


async def test_commits_reach_the_disk(ledger: SqliteLedger) -> None:
    def pragma(name: str) -> object:
        assert ledger._connection is not None
        return ledger._connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await ledger._run(lambda: pragma("journal_mode")) == "wal"
    assert await ledger._run(lambda: pragma("synchronous")) == 2
    assert await ledger._run(lambda: pragma("foreign_keys")) == 1


async def test_a_newer_version_is_refused(ledger_path: Path) -> None:
    await (await SqliteLedger.open(ledger_path)).close()
    with raw(ledger_path) as shell:
        shell.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    assert "newer version" in await refusal(ledger_path)
    assert "newer version" in await refusal(ledger_path, read_only=True)


async def test_another_programs_database_is_refused_and_left_alone(ledger_path: Path) -> None:
    place_file(ledger_path, b"")
    with raw(ledger_path) as shell:
        shell.execute("CREATE TABLE songs (name TEXT)")
    before = contents(ledger_path)
    assert "another program's database" in await refusal(ledger_path)
    assert contents(ledger_path) == before


@pytest.mark.parametrize(
    "damage", [b"not a database at all. " * 500, b"SQLite format 3\0" + b"?" * 9000]
)
async def test_a_damaged_file_is_refused_and_left_alone(ledger_path: Path, damage: bytes) -> None:
    place_file(ledger_path, damage)
    assert "restore the newest backup" in await refusal(ledger_path)
    assert contents(ledger_path) == damage


async def test_damage_deep_inside_is_an_error_not_a_figure(ledger_path: Path) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(number) for number in range(2000)])
    await ledger.close()
    size = len(contents(ledger_path))
    with ledger_path.open("r+b") as damaged:
        # Everything but the first pages, which hold the header and the table of contents.
        damaged.seek(45 * 4096)
        damaged.write(b"\xff" * (size - 45 * 4096))
    ledger = await SqliteLedger.open(ledger_path)
    try:
        with pytest.raises(LedgerError, match="damaged"):
            await ledger.readings(HERE, LONG_AGO, FAR_OFF)
    finally:
        await ledger.close()


async def test_a_row_that_cannot_be_understood_is_an_error(ledger_path: Path) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.close()
    with raw(ledger_path) as shell:
        shell.execute("UPDATE place_states SET track = '{'")
    ledger = await SqliteLedger.open(ledger_path)
    try:
        with pytest.raises(LedgerError, match="a row is damaged"):
            await ledger.state(HERE)
    finally:
        await ledger.close()


async def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "folder cannot be written" in await refusal(tmp_path / "file" / "ledger.db")
    assert "cannot be opened" in await refusal(tmp_path)


async def test_an_empty_file_becomes_a_ledger(ledger_path: Path) -> None:
    place_file(ledger_path, b"")
    ledger = await SqliteLedger.open(ledger_path)
    assert await ledger.states() == []
    await ledger.close()


async def test_a_step_brings_an_older_file_up_to_date(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(ledger_path)
    await ledger.record([record(1)])
    await ledger.close()
    step = "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO more VALUES (7);"
    monkeypatch.setattr(file, "STEPS", (*schema.STEPS, step))
    for _ in range(2):
        ledger = await SqliteLedger.open(ledger_path)
        assert await ledger.reading(HERE, T0 + timedelta(minutes=1)) == record(1).reading
        await ledger.close()
    with raw(ledger_path) as shell:
        assert shell.execute("SELECT x FROM more").fetchall() == [(7,)]
        assert shell.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS) + 1,)


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await SqliteLedger.open(ledger_path)).close()
    step = "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO nowhere VALUES (7);"
    with monkeypatch.context() as patch:
        patch.setattr(file, "STEPS", (*schema.STEPS, step))
        assert "nowhere" in await refusal(ledger_path)
    with raw(ledger_path) as shell:
        assert shell.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)
        assert shell.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchall() == []
    await (await SqliteLedger.open(ledger_path)).close()


async def test_an_older_ledger_knows_its_long_usages_at_once(ledger_path: Path) -> None:
    """What is open in its months follows from usages that were there already."""
    ranges = next(n for n, step in enumerate(schema.STEPS) if "long_usages" in step)
    older = "\n".join(schema.STEPS[:ranges])
    ledger_path.parent.mkdir(parents=True, exist_ok=True)
    with raw(ledger_path) as shell:
        shell.executescript(f"{older}\nPRAGMA user_version = {ranges};")
        for name in (HERE, RICOH.key, TOTAL):
            shell.execute("INSERT INTO names (name) VALUES (?)", (name,))
        at = int(T0.timestamp())
        for ended, lasted in ((at, 300), (at + 90_000, 86_400)):
            row = (1, ended, 2, 3, 1, lasted, 100, 40, 0)
            shell.execute("INSERT INTO usages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    ledger = await SqliteLedger.open(ledger_path)
    (one,) = await ledger.long_usages(LONG_AGO, FAR_OFF)
    assert (one.place, one.pages, one.low, one.high) == (HERE, 40, None, None)
    assert one.end - one.start == timedelta(days=1)
    assert len(await ledger.usages(HERE, LONG_AGO, FAR_OFF)) == 2
    await ledger.close()


def for_its_group(path: Path) -> None:
    path.chmod(0o640)


async def test_an_older_ledger_is_copied_before_it_is_brought_to_this_version(
    ledger_path: Path,
) -> None:
    before = len(schema.STEPS) - 2
    older = "\n".join(schema.STEPS[:before])
    ledger_path.parent.mkdir(parents=True, exist_ok=True)
    with raw(ledger_path) as shell:
        shell.executescript(f"{older}\nPRAGMA user_version = {before};")
        shell.execute("INSERT INTO names (name) VALUES ('hall')")
    for_its_group(ledger_path)
    kept = ledger_path.with_name(f"{ledger_path.name}.schema-{before}")
    for _ in range(2):
        await (await SqliteLedger.open(ledger_path)).close()
        with raw(kept) as shell:
            assert shell.execute("PRAGMA user_version").fetchone() == (before,)
            assert shell.execute("SELECT name FROM names").fetchall() == [("hall",)]
    assert kept.stat().st_mode & 0o777 == 0o640
    with raw(ledger_path) as shell:
        assert shell.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)
    assert sorted(one.name for one in ledger_path.parent.glob("*.schema-*")) == [kept.name]


async def test_english_of_an_older_ledger_is_read_in_the_offices_language(
    ledger_path: Path,
) -> None:
    before = next(n for n, step in enumerate(schema.STEPS) if "COLUMN said" in step)
    older = "\n".join(schema.STEPS[:before])
    stored = f"a reading of {T0.isoformat()} came after a newer one and was not counted"
    row = ("abc", "reading_out_of_order", "warning", HERE, stored, 1, "{}")
    ledger_path.parent.mkdir(parents=True, exist_ok=True)
    with raw(ledger_path) as shell:
        shell.executescript(f"{older}\nPRAGMA user_version = {before};")
        columns = "id, code, severity, subject, message, at_us, evidence"
        shell.execute(f"INSERT INTO findings ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - fixed names
    ledger = await SqliteLedger.open(ledger_path)
    (one,) = await ledger.findings()
    await ledger.close()
    assert Texts("en").say(one.message) == stored
    assert Texts("ja", TOKYO).say(one.message).endswith("数えませんでした")
