"""`statement verify` on readings that were laid together, and changed in the file after that."""

import asyncio
import json
import sqlite3
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.adapters.ledger_sqlite.packed import PackedRow
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack
from tests.stories.months_gone import OFFICE, Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import command

pytestmark = pytest.mark.integration


def _laid_together(path: Path, until: datetime) -> None:
    async def pack() -> None:
        ledger = await SqliteLedger.open(path)
        while await ledger.pack(Pack(PlaceId("steady"), until), 50):
            pass
        await ledger.close()

    asyncio.run(pack())


def _flip(octets: bytes) -> bytes:
    return bytes((*octets[:-9], octets[-9] ^ 1, *octets[-8:]))


def _one_page_more(octets: bytes) -> bytes:
    body = json.loads(zlib.decompress(octets))
    body["counts"]["total"][1] += 1
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 9)


def _signed_anew(shell: sqlite3.Connection, number: int, body: bytes) -> None:
    """Give the segment with `body` the digest that fits it, as who knows the program would."""
    text = zlib.decompress(body).decode()
    columns = "place, first, last, readings, usages, entries, first_seq, last_seq, first_level"
    find = f"SELECT {columns}, last_level, octets, digest FROM packed WHERE id = ?"  # noqa: S608 - constants
    row = list(shell.execute(find, (number,)).fetchone())
    row[-2] = len(text.encode())
    digest = PackedRow(*row).digest_of(text)
    shell.execute(
        "UPDATE packed SET octets = ?, digest = ? WHERE id = ?", (row[-2], digest, number)
    )


@pytest.mark.parametrize("forger", [None, "careless", "careful"])
def test_a_segment_that_was_changed_is_named_with_its_place_and_month(
    tmp_path: Path, forger: str | None
) -> None:
    """By a bit, or with a digest that fits again: the sealed statement knows better."""
    config = write_office(tmp_path, [Spot("steady", 9)])
    ledger = config.with_name("ledger.sqlite3")
    past = fill(ledger, Stood("steady", "STEADY1", 30_000))
    for month in (past.older.name, past.newer.name):
        checksum = command("close", month, "--json", "--config", config).json["checksum"]
        sealing = ("--apply", checksum, "--by", "佐藤")
        assert command("close", month, *sealing, "--config", config).code == 0
    _laid_together(ledger, OFFICE.midnight(past.newer.end))
    if forger is not None:
        with closing(sqlite3.connect(ledger)) as shell:
            shell.execute("DROP TRIGGER packed_not_changed")
            begin = int(OFFICE.midnight(past.older.start).timestamp())
            find = "SELECT id, body FROM packed WHERE first > ? ORDER BY first LIMIT 1"
            number, body = shell.execute(find, (begin,)).fetchone()
            changed = _flip(body) if forger == "careless" else _one_page_more(body)
            shell.execute("UPDATE packed SET body = ? WHERE id = ?", (changed, number))
            if forger == "careful":
                _signed_anew(shell, number, changed)
            shell.commit()
    found = command("statement", "verify", "--json", "--config", config)
    if forger is None:
        assert found.code == 0, found.out + found.err
        return
    assert found.code == 1, found.err
    faults = [(one["month"], one["fault"], one["detail"]) for one in found.json["faults"]]
    assert faults[0] == (past.older.name, "readings", "steady")
    assert {one[1] for one in faults} == {"readings"}
    shown = command("statement", "verify", "--config", config)
    assert "締めたときの検針値と違います" in shown.out
