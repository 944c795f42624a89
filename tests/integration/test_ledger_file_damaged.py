"""A bit that turned over in the ledger is found, and told by every command with what to do."""

import asyncio
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.adapters.ledger_sqlite.examine import damages
from collector.domain.old_readings import Pack
from collector.errors import LedgerError
from tests.integration.ledger_files import raw
from tests.stories.program import command

pytestmark = pytest.mark.integration

COPIES = 60
OCTOBER_ENDS = datetime(2026, 10, 31, 15, tzinfo=UTC)
"""The newest month's readings stay rows, as those of a running service do."""

COMMANDS = (
    "status",
    "month",
    "month 2026-09",
    "findings",
    "entries",
    "statement list",
    "statement show 2026-09",
    "statement verify",
    "forecast",
    "close",
    "replay --since 2026-09-01",
    "fleet apply",
    "check",
)


@pytest.fixture(scope="module")
def office(golden_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with configuration and a ledger of three months, two closed and laid together."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(golden_office, folder, dirs_exist_ok=True)
    asyncio.run(laid_together(folder / "ledger.sqlite3"))
    return folder


async def laid_together(path: Path) -> None:
    """Lay together what is older than October ends, and leave no room empty."""
    ledger = await SqliteLedger.open(path)
    for place in await ledger.packable(OCTOBER_ENDS):
        while await ledger.pack(Pack(place, OCTOBER_ENDS), 1024):
            pass
    await ledger.close()
    with raw(path) as shell:
        shell.execute("VACUUM")


def flipped(ledger: Path, copy: Path, number: int) -> None:
    """Leave a copy of `ledger` with one bit turned over, another one for each `number`."""
    dice = random.Random(number)
    octets = bytearray(ledger.read_bytes())
    octets[dice.randrange(len(octets))] ^= 1 << dice.randrange(8)
    copy.write_bytes(octets)


def rows(ledger: Path) -> Iterator[tuple[object, ...]]:
    """Yield what stands in every table that people's figures come of."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.text_factory = bytes
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in sorted(names):
            yield from connection.execute(f"SELECT * FROM {name.decode()}")  # noqa: S608 - a name of its own


def found(ledger: Path) -> bool:
    try:
        return bool(damages(ledger))
    except LedgerError:
        return True


def test_a_whole_ledger_is_whole(office: Path) -> None:
    assert damages(office / "ledger.sqlite3") == ()


def test_what_changes_a_row_is_found(office: Path, tmp_path: Path) -> None:
    ledger, copy = office / "ledger.sqlite3", tmp_path / "copy.sqlite3"
    whole = list(rows(ledger))
    changed = missed = 0
    for number in range(COPIES):
        flipped(ledger, copy, number)
        if found(copy):
            changed += 1
            continue
        missed += list(rows(copy)) != whole
    assert changed > COPIES // 2
    # A count of one reading and a note have nothing beside them to be held against.
    assert missed <= COPIES // 12


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE days SET pages = replace(pages, '1', '2')", "日別の合計"),
        ("UPDATE usages SET pages = pages + 1", "日別の合計"),
        ("UPDATE statements SET text = replace(text, '総務', '總務')", "検針票"),
        ("UPDATE findings SET severity = 'great'", "読み取れない行"),
        ("UPDATE findings SET at_us = at_us + 1", "番号"),
        ("UPDATE readings SET counts = '[1'", "読み取れない行"),
        ("DROP INDEX long_usages", "long_usages"),
        ("UPDATE readings SET about = 99", "矛盾"),
    ],
)
def test_check_says_what_is_wrong_and_how_to_restore(
    office: Path, tmp_path: Path, change: str, told: str
) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes((office / "ledger.sqlite3").read_bytes())
    with raw(copy) as shell:
        dropped = [
            name
            for (name,) in shell.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        ]
        kept = shell.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name in dropped:
            shell.execute(f"DROP TRIGGER {name}")
        shell.execute(change)
        for (sql,) in kept:
            shell.execute(sql)

    ended = command("check", *config(office, copy), env=where(copy))

    assert ended.code == 1
    assert told in ended.out
    assert "最新のバックアップを戻してください" in ended.out


def config(office: Path, copy: Path) -> tuple[str, ...]:
    del copy
    return ("--config", str(office / "collector.toml"))


def where(copy: Path) -> dict[str, str]:
    return {"COPIER_FLEET__LEDGER__PATH": os.fspath(copy)}


@pytest.mark.parametrize("number", range(0, COPIES, 10))
def test_no_command_ends_with_a_traceback(office: Path, tmp_path: Path, number: int) -> None:
    copy = tmp_path / "copy.sqlite3"
    for line in COMMANDS:
        flipped(office / "ledger.sqlite3", copy, number)
        ended = command(*line.split(), *config(office, copy), env=where(copy))
        assert "Traceback" not in ended.err, line
        assert ended.code in {0, 1, 70}, line
        if ended.code == 70:
            assert "バックアップ" in ended.err, line
        for beside in tmp_path.glob("copy.sqlite3-*"):
            beside.unlink()
