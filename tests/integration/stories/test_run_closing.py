"""A month is closed with a guess; the daemon hears the late copier and seals the correction."""

from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.months_gone import Stood, edit_statement, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

CLOSING = "\n[closing]\nautomatic = true\ngrace_days = 0\n"
SILENT = 12
LATE = 260
"""Impressions that the silent copier printed until it is heard again."""

# They stand where their past in `fill` left them, a quarter in colour: were their first answers
# doubted, the daemon's look for months to adjust, once a day, would come before the second ones.
STEADY = SimulatedMachine(
    "canon",
    "iR-ADV C3830",
    "STEADY1",
    Printed(print_mono=22_500, print_color=7_500),
    uptime_s=900_000,
)
LATECOMER = SimulatedMachine(
    "canon",
    "iR-ADV C3830",
    "LATE1111",
    Printed(print_mono=45_000 + LATE, print_color=15_000),
    uptime_s=900_000,
)


def seals(ledger: Path) -> list[tuple[str, int, str]]:
    """Return month, revision and who closed it, of every statement."""
    sql = "SELECT period, revision, json_extract(text, '$.closed_by') FROM statements ORDER BY seq"
    return [(str(month), int(revision), str(by)) for month, revision, by in books.ask(ledger, sql)]


def test_from_the_plan_over_a_late_copier_to_an_edit_on_disk(tmp_path: Path) -> None:
    with copiers() as machines:
        spots = [
            Spot("steady", machines.add("steady", STEADY)),
            Spot("late", machines.add("late", LATECOMER), department="zeimu"),
        ]
        config = write_office(tmp_path, spots, CLOSING)
        ledger = config.with_name("ledger.sqlite3")
        past = fill(
            ledger, Stood("steady", "STEADY1", 30_000), Stood("late", "LATE1111", 60_000, SILENT)
        )
        older, newer = past.older.name, past.newer.name

        for month in (older, newer):
            shown = command("close", month, "--json", "--config", config)
            assert shown.code == 0, shown.err
            checksum = shown.json["checksum"]
            done = command("close", month, "--apply", checksum, "--by", "佐藤", "--config", config)
            assert done.code == 0, done.err
        assert seals(ledger) == [(older, 1, "佐藤"), (newer, 1, "佐藤")]
        sealed = command("statement", "show", newer, "--json", "--config", config).json
        assert sealed["completeness"]["estimated"] == ["late"]

        with daemon(config) as running:
            told = running.says("finding", code="month_adjusted", place=newer)
            assert "2 of 2 copiers read" in told["detail"]
            until(lambda: len(seals(ledger)) == 3, "the third statement")
            shown = command("close", newer, "--config", config)
            assert (shown.code, shown.out) == (0, ""), "a command beside the daemon: nothing new"
            assert running.terminate() == 0, running.text
        assert seals(ledger)[-1] == (newer, 2, "automatic")

        revised = command("statement", "show", newer, "--json", "--config", config).json
        assert revised["places"] == sealed["places"]
        by_cause: dict[str, int] = {}
        for one in revised["adjustments"]:
            pages = one["pages"].get("total", 0)
            by_cause[one["cause"]] = by_cause.get(one["cause"], 0) + pages
        guessed = sealed["places"][1]["guess"]["pages"]["total"]
        assert by_cause["guess"] == -guessed
        assert 0 < by_cause["late"] <= LATE
        assert revised["total"] == sealed["total"] - guessed + by_cause["late"]
        shown = command("statement", "show", newer, "--config", config)
        _split_over_the_closing(revised["completeness"], shown.out)
        assert command("statement", "verify", "--config", config).code == 0

        edit_statement(ledger, newer, f'"total":{guessed}', f'"total":{guessed + 1}')
        found = command("statement", "verify", "--json", "--config", config)
        assert found.code == 1
        faults = {(one["month"], one["revision"], one["fault"]) for one in found.json["faults"]}
        assert (newer, 1, "seal") in faults
        assert command("close", newer, "--config", config).code == 70


def _split_over_the_closing(known: dict[str, object], shown: str) -> None:
    """Hold that all are read, and that the late pages are known in sum, but not to the month."""
    assert "1/1" in shown
    assert "0/1" not in shown
    assert (known["places"], known["read"], known["in_question"]) == (2, 2, 0)
    assert known["estimated"] == ["late"]
    assert known["uncertainty"] == max(known["less"], known["more"])
    assert known["uncertainty"]


def test_the_daemon_closes_by_itself_what_waits(tmp_path: Path) -> None:
    with copiers() as machines:
        spots = [Spot("steady", machines.add("steady", STEADY))]
        config = write_office(tmp_path, spots, CLOSING)
        ledger = config.with_name("ledger.sqlite3")
        past = fill(ledger, Stood("steady", "STEADY1", 30_000))
        with daemon(config) as running:
            running.says("finding", code="month_closed", place=past.older.name)
            running.says("finding", code="month_closed", place=past.newer.name)
            assert running.terminate() == 0, running.text
        assert seals(ledger) == [
            (past.older.name, 1, "automatic"),
            (past.newer.name, 1, "automatic"),
        ]
        told = [code for code, _, _ in books.findings(ledger) if code == "month_closed"]
        assert len(told) == 2
