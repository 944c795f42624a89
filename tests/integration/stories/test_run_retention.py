"""Old readings go while the daemon runs, and every command answers as before."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from collector.adapters.clock import SystemClock
from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.office.office_calendar import Office
from tests.servers.influx import influxd
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command, daemon
from tests.stories.waiting import until
from tests.unit.app.office import TOKYO

pytestmark = pytest.mark.integration

PERIODS = 16


def months() -> list[str]:
    """Return the last months that are over, oldest first."""
    office = Office("story", TOKYO)
    running = office.period_of(office.local_day(SystemClock().now()))
    return [office.before(running, back).name for back in range(PERIODS, 0, -1)]


def told_readings(folder: Path, names: list[str]) -> Path:
    """Leave readings of every hour of three days of each of these months."""
    lines, total = [], 100
    for name in names:
        for day in (1, 10, 27):
            for hour in range(24):
                total += 3 if 8 <= hour < 17 else 0
                at = f"{name}-{day:02}T{hour:02}:30:00+09:00"
                lines.append(json.dumps({"place": "hall", "at": at, "meters": {"total": total}}))
    file = folder / "readings.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return file


def answers(names: list[str], *options: str) -> list[object]:
    asked: list[Ended] = [command("statement", "verify", "--json", *options)]
    for name in names:
        asked.append(command("month", name, "--json", *options))
        asked.append(command("statement", "show", name, "--json", *options))
    return [(one.code, one.json) for one in asked]


def test_old_readings_go_in_steps_and_no_answer_changes(tmp_path: Path) -> None:
    (tmp_path / "influx").mkdir()
    with copiers() as machines, influxd(tmp_path / "influx") as server:
        port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(9000)))
        more = f'\n[influx]\nurl = "{server.url}"\n'
        config = write_office(tmp_path / "office", [Spot("hall", port)], more)
        ledger, options = config.with_name("ledger.sqlite3"), ("--config", str(config))
        names = months()
        books.begin(ledger)
        taken = command(
            "history",
            "import",
            "--readings",
            told_readings(tmp_path, names),
            "--apply",
            "--why",
            "移行",
            *options,
        )
        assert taken.code in {0, 1}, taken.err
        with daemon(config) as running:
            until(lambda: books.printed(ledger, "hall") > 1000, "counted")
            until(lambda: _all_sent(options), "all is published")
            names.pop()  # pages on its last days wait for what is read now
            for name in names:
                plan = command("close", name, "--estimate-now", "--json", *options)
                [checksum] = {one["checksum"] for one in plan.json["plans"]}
                done = command(
                    "close", name, "--estimate-now", "--apply", checksum, "--by", "鈴木", *options
                )
                assert done.code == 0, done.err
            until(lambda: _share_laid_together(ledger) > 0.9, "months that are over")
            assert running.terminate() == 0, running.text
        whole, before = len(books.readings(ledger, "hall")), answers(names, *options)
        told = command("retention", "--json", *options).json
        readings = {one["month"]: one["rows"] for one in told if one["table"] == "readings"}
        assert set(readings) <= {*names[:3]}
        assert sum(readings.values()) >= 60
        assert "何も削除しません" in command("retention", *options).err

        text = config.read_text(encoding="utf-8")
        config.write_text(
            text.replace("[ledger]\n", "[ledger]\nkeep_readings_months = 13\n"), encoding="utf-8"
        )
        with daemon(config) as running:
            left = whole - sum(readings.values())
            until(lambda: left <= len(books.readings(ledger, "hall")) <= left + 60, "they go")
            until(lambda: command("retention", "--json", *options).json == [], "all of them")
            assert running.terminate() == 0, running.text
    assert books.is_sound(ledger)
    assert answers(names, *options) == before
    refused = command("replay", "--since", f"{names[0]}-05", *options)
    assert refused.code == 2
    assert "数え直せません" in refused.err
    young = SystemClock().now() - timedelta(days=3)
    assert command("replay", "--since", f"{young:%Y-%m-%d}", *options).code == 0


def _share_laid_together(ledger: Path) -> float:
    ((readings,),) = books.ask(ledger, "SELECT coalesce(sum(readings), 0) FROM packed")
    return float(readings / len(books.readings(ledger, "hall")))


def _all_sent(options: tuple[str, ...]) -> bool:
    sinks = command("sinks", "list", "--json", *options).json["sinks"]
    return bool(sinks[0]["cursor"]) and sinks[0]["backlog"] < 5
