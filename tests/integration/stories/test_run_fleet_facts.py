"""The running service follows an edited fleet file from today on; what is past waits for a word."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import command, daemon, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

FIRST: Final = SimulatedMachine("ricoh", "IM C3500", "FACTS0001", Printed(7_000), uptime_s=900_000)
SECOND: Final = SimulatedMachine(
    "canon", "iR-ADV C3830", "FACTS0002", Printed(11_000), uptime_s=900_000
)


def pages(config: Path, *month: str) -> dict[str, int]:
    shown = command("month", *month, "--format", "json", "--config", config)
    return {one["department"]: one["pages"] for one in shown.json}


def reassigned(config: Path, start: str, department: str) -> None:
    """Let `department` answer from `start` on for the last place of the fleet file."""
    fleet = config.with_name("fleet.toml")
    more = f'\n[[place.department]]\nid = "{department}"\nfrom = {start}\n'
    fleet.write_text(fleet.read_text(encoding="utf-8") + more, encoding="utf-8")


def test_each_edit_under_a_running_service(tmp_path: Path) -> None:
    with copiers() as machines:
        here = Spot("1f-uketsuke", machines.add("1f", FIRST))
        there = Spot("2f-kikaku", machines.add("2f", SECOND), department="zeimu")
        config = write_office(tmp_path, [here, there])
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, here.place), "the first was read")
            until(lambda: books.readings(ledger, there.place), "both were read")
            machines.print("1f", 30)
            machines.print("2f", 50)
            until(lambda: books.printed(ledger, there.place) == 50, "counted")
            until(lambda: books.printed(ledger, here.place) == 30, "counted")
            assert pages(config) == {"soumu": 30, "zeimu": 50}

            write_fleet(config.parent, [here])
            running.hang_up()
            running.says("new configuration in force", removed=1)
            running.says("finding", code="place_vanished", place=there.place)
            assert pages(config) == {"soumu": 30, "zeimu": 50}
            asked = len(books.ask(ledger, "SELECT seq FROM fleet_facts"))

            write_fleet(config.parent, [here, there])
            running.hang_up()
            running.says("new configuration in force", added=1)
            machines.print("2f", 4)
            until(lambda: books.printed(ledger, there.place) == 54, "it came back")
            assert len(books.ask(ledger, "SELECT seq FROM fleet_facts")) == asked + 1
            assert pages(config) == {"soumu": 30, "zeimu": 54}

            text = config.read_text(encoding="utf-8")
            config.write_text(text.replace('country = ""', 'country = ""\nclosing_day = 9'))
            running.hang_up()
            until(lambda: len(running.lines("new configuration in force")) == 3, "third reload")
            assert pages(config) == {"soumu": 30, "zeimu": 54}
            assert running.terminate() == 0, running.text
        assert {one["place"] for one in status(config)["places"]} == {here.place, there.place}


def test_a_renamed_place_goes_on_under_its_new_id(tmp_path: Path) -> None:
    with copiers() as machines:
        old = Spot("2f-kikaku", machines.add("2f", SECOND), department="zeimu")
        new = Spot("2f-seisaku", old.port, department="zeimu")
        config = write_office(tmp_path, [old])
        fleet, ledger = config.with_name("fleet.toml"), config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, old.place), "the first reading")
            machines.print("2f", 50)
            until(lambda: books.printed(ledger, old.place) == 50, "counted")
            write_fleet(config.parent, [new])
            head = f'id = "{new.place}"\n'
            lines = fleet.read_text(encoding="utf-8").replace(head, f'{head}was = "{old.place}"\n')
            fleet.write_text(lines, encoding="utf-8")
            running.hang_up()
            running.says("new configuration in force", added=1, removed=1)
            until(lambda: books.readings(ledger, new.place), "read under its new id")
            machines.print("2f", 9)
            until(lambda: pages(config)["zeimu"] == 59, "both ids together")
            assert "place_vanished" not in {one[0] for one in books.findings(ledger)}
            assert running.terminate() == 0, running.text


def test_a_past_that_changes_is_told_and_the_service_counts_on(tmp_path: Path) -> None:
    with copiers() as machines:
        here = Spot("2f-kikaku", machines.add("2f", SECOND))
        config = write_office(tmp_path, [here])
        ledger = config.with_name("ledger.sqlite3")
        past = fill(ledger, Stood(here.place, "FACTS0002", 11_000))
        month, moved = past.newer.name, (past.newer.start + timedelta(days=9)).isoformat()
        with daemon(config) as running:
            assert running.terminate() == 0, running.text
        before = pages(config, month)
        assert before["zeimu"] == 0
        reassigned(config, moved, "zeimu")
        with daemon(config) as running:
            line = running.says("the fleet file would change days gone by", place=here.place)
            assert (line["from"], line["see"]) == (moved, "copier-fleet fleet apply")
            running.says("finding", code="fleet_differs", place=here.place)
            counted = books.printed(ledger, here.place)
            machines.print("2f", 6)
            until(lambda: books.printed(ledger, here.place) >= counted + 6, "counting goes on")
            assert pages(config, month) == before
            running.hang_up()
            until(lambda: len(running.lines("new configuration in force")) == 1, "reloaded")
            assert len(running.lines("finding", code="fleet_differs")) == 1, "told once"

            apply = ("fleet", "apply", "--apply", "--by", "森", "--why", "移管日の訂正")
            done = command(*apply, "--config", config)
            assert done.code == 0, done.err
            running.hang_up()
            until(lambda: len(running.lines("new configuration in force")) == 2, "reloaded again")
            assert len(running.lines("would change days gone by")) == 2, "no more"
            after = pages(config, month)
            assert 0 < after["soumu"] < before["soumu"]
            assert after["soumu"] + after["zeimu"] == before["soumu"]
            assert running.terminate() == 0, running.text
