"""A site tells a real centre over a real PostgreSQL, through kills of both: all is there, once."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.demo.machines import Printed, SimulatedMachine
from collector.ports import BEGINNING, END, Ledger
from tests.servers.postgres import PostgresServer, postgres
from tests.stories import books
from tests.stories.centre import Heard, StoryCentre, centre
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

PLACES = ("1f", "2f", "3f")


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    with postgres(durable=True) as server:
        yield server


def an_office(folder: Path, machines: Copiers, more: str) -> Path:
    spots = []
    for number, place in enumerate(PLACES):
        machine = SimulatedMachine("ricoh", "IM C4500", f"SERIAL{number}", Printed(100 * number))
        spots.append(Spot(place, machines.add(place, machine)))
    return write_office(folder / "office", spots, more)


def read_at_site(ledger: Path) -> set[Heard]:
    """Return every reading that lies in the site's ledger."""
    rows = books.ask(ledger, "SELECT place, at, meters, counts FROM reading_list")
    return {
        (place, at, dict(zip(json.loads(meters), json.loads(counts), strict=True))["total"])
        for place, at, meters, counts in rows
    }


def all_there(one: StoryCentre, ledger: Path) -> bool:
    return one.readings() >= read_at_site(ledger)


def counts_on(ledger: Path, readings: int) -> None:
    until(lambda: len(read_at_site(ledger)) >= readings, "it counts on")


async def told(ledger: Ledger) -> dict[str, object]:
    """Return what a site tells of its ledger, as `ledger` has it."""
    places = [one.place for one in await ledger.states()]
    first, last = date(2000, 1, 1), date(2100, 1, 1)
    return {
        "readings": [await ledger.readings(one, BEGINNING, END) for one in places],
        "usages": [await ledger.usages(one, BEGINNING, END) for one in places],
        "days": await ledger.days(first, last),
        "findings": sorted(one.id for one in await ledger.findings()),
        "facts": await ledger.facts(),
        "entries": await ledger.entries(),
        "statements": await ledger.statements(),
    }


def told_at_site(ledger: Path) -> dict[str, object]:
    async def ask() -> dict[str, object]:
        one = await SqliteLedger.open(ledger, read_only=True)
        try:
            return await told(one)
        finally:
            await one.close()

    return asyncio.run(ask())


def test_kills_of_centre_and_postgres_lose_nothing_and_tell_nothing_twice(
    tmp_path: Path, machines: Copiers, durable: PostgresServer
) -> None:
    with centre(durable, tmp_path / "centre") as one:
        config = an_office(tmp_path, machines, one.section(tmp_path / "office"))
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: len(one.readings()) >= len(PLACES), "the first readings")
            for turn in range(3):
                for place in PLACES:
                    machines.print(place, 5 + turn)
                one.kill()
                counts_on(ledger, 3 * (turn + 2))
                one.start()
                running.hang_up()
                until(lambda: all_there(one, ledger), "what was read meanwhile")
            for turn in range(2):
                for place in PLACES:
                    machines.print(place, 7)
                durable.kill()
                counts_on(ledger, 3 * (turn + 5))
                until(lambda: "データベースが応答しません" in status(config), "status says so")
                assert one.asked("/healthz")[0] == 503
                durable.process.start()
                running.hang_up()
                until(lambda: all_there(one, ledger), "what was read meanwhile")
            assert running.terminate() == 0, running.text
        until(lambda: all_there(one, ledger), "the last")
        assert one.ledger(told) == told_at_site(ledger), "all of it, and nothing else"
        assert not [code for code, _, _ in books.findings(ledger) if code.startswith("centre")]
        assert one.asked("/healthz") == (200, '{"healthy": true, "database": ""}')
        figures = one.asked("/metrics")[1]
        assert 'copier_fleet_centre_site_contradicts{site="story"} 0.0' in figures
        assert "copier_fleet_centre_facts_total" in figures
        assert one.stop() == 0, one.log
    listed = command("centre", "site", "list", "-c", one.config, "--json")
    assert (listed.code, listed.json[0]["contradictions"]) == (0, [])


def test_a_restored_site_is_told_on_both_sides_and_overwrites_nothing(
    tmp_path: Path, machines: Copiers, durable: PostgresServer
) -> None:
    with centre(durable, tmp_path / "centre") as one:
        config = an_office(tmp_path, machines, one.section(tmp_path / "office"))
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: len(one.readings()) >= len(PLACES), "the first readings")
            assert running.terminate() == 0, running.text
        with sqlite3.connect(ledger) as source, sqlite3.connect(tmp_path / "copy") as copy:
            source.backup(copy)
        with daemon(config) as running:
            machines.print("1f", 9)
            until(lambda: len(one.readings()) > len(PLACES), "more")
            assert running.terminate() == 0, running.text
        had = one.ledger(told)
        for end in ("", "-wal", "-shm", ".mark"):
            Path(f"{ledger}{end}").unlink(missing_ok=True)
        shutil.copy(tmp_path / "copy", ledger)
        with daemon(config) as running:
            machines.print("2f", 4)
            running.says("sink refuses rows until a person acts; all are kept", sink="centre")
            until(lambda: len(read_at_site(ledger)) > len(PLACES), "it counts on")
            assert one.ledger(told) == had, "nothing was overwritten"
            assert "台帳を古いバックアップに戻していないか" in status(config)
            listed = command("centre", "site", "list", "-c", one.config)
            assert (listed.code, "古い台帳" in listed.out) == (1, True)
            accepted = command("centre", "site", "accept", "story", "-c", one.config)
            assert (accepted.code, "第 2 世代" in accepted.err) == (0, True)
            running.hang_up()
            until(lambda: all_there(one, ledger), "all anew")
            assert running.terminate() == 0, running.text
        assert one.ledger(told, "story#1") == had, "what was there stays, marked"
        assert one.ledger(told) == told_at_site(ledger)
        codes = [code for code, _, _ in books.findings(ledger)]
        assert codes.count("centre_contradicts") == 1


def test_what_is_wrong_with_a_token_is_said_by_check_and_status(
    tmp_path: Path, machines: Copiers, durable: PostgresServer
) -> None:
    with centre(durable, tmp_path / "centre") as one:
        office = tmp_path / "office"
        config = an_office(tmp_path, machines, one.section(office, token="wrong"))  # noqa: S106 - nobody's
        assert "このトークンを知りません" in told_by_check(config)
        one.section(office, site="school")
        assert "別の拠点のものです" in told_by_check(config)
        one.section(office)
        assert "変更 0 まで届いています" in told_by_check(config)
        rewound = command("sinks", "rewind", "centre", "--since", "2026-01-01", "-c", config)
        assert (rewound.code, "自分で伝える" in rewound.err) == (2, True)
        revoked = command("centre", "site", "revoke", "story", "-c", one.config)
        assert "1 個取り消しました" in revoked.err
        assert "取り消されています" in told_by_check(config)
        with daemon(config) as running:
            running.says("sink refuses rows until a person acts; all are kept", sink="centre")
            until(lambda: "取り消されています" in status(config), "status says so")
            assert running.terminate() == 0, running.text
        ledger = config.with_name("ledger.sqlite3")
        assert read_at_site(ledger), "it counted all the same"
        assert one.readings() == set()


def status(config: Path) -> str:
    return command("status", "--config", config).err.replace("\n", "")


def told_by_check(config: Path) -> str:
    shown = command("check", "--config", config, env={"COLUMNS": "1000"}).out
    return shown if "centre" in shown else f"nothing of the centre: {shown}"
