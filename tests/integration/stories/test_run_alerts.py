"""A copier jams, is cleared, sleeps and jams again: told once each time, in the maker's words."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine, Warned
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

READY = SimulatedMachine(
    "canon", "iR-ADV C3830", "CAN00001", Printed(print_mono=500), uptime_s=90_000
)
TONER_LOW = Warned(5, 11, 1, 1104, "トナーがまもなくなくなります。ﾄﾅｰを準備")
JAM = Warned(3, 13, 1, 8, "用紙がつまりました")
JAMMED = replace(READY, errors=b"\x04\x00", alerts=(TONER_LOW, JAM))
ASLEEP = replace(READY, asleep=True, alerts=(Warned(4, 5, -1, 23, "スリープ中"), TONER_LOW))


def _messages(ledger: Path) -> list[str]:
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT message FROM findings WHERE code = 'device_alert' ORDER BY seq")
        return [message for (message,) in rows]


def _place(config: Path) -> dict[str, object]:
    (place,) = status(config)["places"]
    return dict(place)


def test_an_alert_is_told_once_until_it_went_away(tmp_path: Path) -> None:
    with copiers() as machines:
        config = write_office(tmp_path, [Spot("hall", machines.add("hall", READY))])
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "hall"), "the first reading")
            machines.set("hall", JAMMED)
            until(lambda: len(_messages(ledger)) == 2, "both alerts")
            machines.set("hall", ASLEEP)
            until(lambda: _place(config)["status"] == "asleep", "sleep")
            machines.set("hall", JAMMED)
            until(lambda: len(_messages(ledger)) == 3, "the jam told again")
            shown = command("status", "--config", config)
            assert running.terminate() == 0, running.text
        with daemon(config) as again:
            until(lambda: len(again.lines("collector is ready")) == 1, "a restart")
            machines.print("hall", 3)
            until(lambda: books.printed(ledger, "hall") == 3, "a poll after the restart")
            assert again.terminate() == 0, again.text

    jam = "the machine reports: 用紙がつまりました; see to it at the machine"
    low = (
        "the machine reports: トナーがまもなくなくなります。ﾄﾅｰを準備 (Black Toner); "
        "see to it at the machine"
    )
    assert _messages(ledger) == [jam, low, jam]
    told = running.lines("finding", code="device_alert")
    assert [line["level"] for line in told] == ["error", "warning", "error"]
    assert not again.lines("finding", code="device_alert")
    assert _place(config)["errors"] == ["jammed"]
    assert "紙詰まり" in shown.out
    assert shown.code == 0, "a jam is no silence"
