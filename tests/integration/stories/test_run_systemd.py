"""What systemd hears and says: ready, alive, reload, stop."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.manager import ServiceManager, manager
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import RunningDaemon, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

__all__ = ["manager"]

TYPO = """
[[department]]
id = "soumu"
nmae = "総務課"

[[place]]
id = "hall"
name = "2階"
address = "http://127.0.0.1/"
port = 99999
"""


@pytest.fixture
def machines() -> Iterator[Copiers]:
    with copiers() as running:
        yield running


def test_ready_alive_reloaded_stopped(
    tmp_path: Path, machines: Copiers, manager: ServiceManager
) -> None:
    hall = Spot(
        "hall", machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    )
    annex = Spot(
        "annex", machines.add("annex", SimulatedMachine("canon", "C5840", "S2", Printed(70)))
    )
    config = write_office(tmp_path / "office", [hall], language="en")
    ledger = config.with_name("ledger.sqlite3")
    watched = {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "400000"}
    with daemon(config, env=watched, ready=False) as running:
        manager.hears("READY=1")
        manager.hears("WATCHDOG=1", 3)
        until(lambda: books.readings(ledger, "hall"), "the first reading")

        _refuse_a_broken_fleet(running, manager, config)
        machines.print("hall", 8)
        until(lambda: books.printed(ledger, "hall") == 8, "still counting")

        write_fleet(config.parent, [hall, annex])
        running.hang_up()
        running.says("new configuration in force", added=1, removed=0)
        until(lambda: books.readings(ledger, "annex"), "a reading of the added place")

        write_fleet(config.parent, [annex])
        config.write_text(config.read_text() + '\n[influx]\nurl = "http://127.0.0.1:9"\n')
        running.hang_up()
        running.says("new configuration in force", added=0, removed=1)
        running.says("changed settings take effect at the next start", sections="influx")
        _hall_is_left_alone(machines, ledger)

        manager.hears("RELOADING=1", 3)
        manager.hears("READY=1", 4)
        assert running.terminate() == 0, running.text
    told = manager.told
    assert told.count("STOPPING=1") == 1
    assert "WATCHDOG=1" not in told[told.index("STOPPING=1") :]
    assert books.printed(ledger, "hall") == 8


def test_reloading_again_and_again_keeps_no_descriptor(
    tmp_path: Path, machines: Copiers, manager: ServiceManager
) -> None:
    """Places come and go, move to another port and back, and a setting is another each time."""
    ports = [
        machines.add(name, SimulatedMachine("ricoh", "IM C4500", name, Printed(900)))
        for name in ("s1", "s2", "s3")
    ]
    config = write_office(tmp_path / "office", [Spot("hall", ports[0])])
    plain, ledger = config.read_text(), config.with_name("ledger.sqlite3")
    opened: list[int] = []
    with daemon(config, env={"NOTIFY_SOCKET": str(manager.path)}) as running:
        until(lambda: books.readings(ledger, "hall"), "the first reading")
        for turn in range(1, 9):
            spots = [Spot("hall", ports[turn % 2])] + [Spot("annex", ports[2])] * (turn % 2)
            config.write_text(plain.replace("[polling]", f"[polling]\nslow_s = {turn}"))
            write_fleet(config.parent, spots)
            asked = [machines.requests(name) for name in ("s1", "s2")]
            running.hang_up()
            manager.hears("READY=1", turn + 1)
            name = f"s{turn % 2 + 1}"
            until(lambda: machines.requests(name) > asked[turn % 2], "a poll there")  # noqa: B023 # waited for at once
            opened.append(len(list(Path(f"/proc/{running.process.pid}/fd").iterdir())))
        assert running.terminate() == 0, running.text
    assert max(opened[2:]) <= max(opened[:2]), opened


def _refuse_a_broken_fleet(running: RunningDaemon, manager: ServiceManager, config: Path) -> None:
    fleet = config.with_name("fleet.toml")
    good = fleet.read_text()
    fleet.write_text(TYPO)
    # Fields of a log stay English, whatever the office speaks.
    english = {"COPIER_FLEET__OFFICE__LANGUAGE": "en"}
    checked = command("check", "--config", config, env=english)
    running.hang_up()
    running.says("new configuration refused; the old one stays in force")
    manager.hears("READY=1", 2)
    fleet.write_text(good)

    told = {line["path"]: line["problem"] for line in running.lines("configuration has a problem")}
    assert checked.code == 78
    assert len(told) >= 4
    for path, problem in told.items():
        assert f"  {path}: {problem}\n" in checked.err
    for part in ("nmae", "address", "port"):
        assert any(path.endswith(part) for path in told), told


def _hall_is_left_alone(machines: Copiers, ledger: Path) -> None:
    """Show that the removed place is not asked any more while the other one is, twice."""
    asked = machines.requests("hall")
    rounds = machines.requests("annex")
    until(lambda: machines.requests("annex") >= rounds + 1, "the next round")
    assert machines.requests("hall") == asked
    assert books.is_sound(ledger)


def test_ready_waits_for_no_copier_and_no_sink(tmp_path: Path, manager: ServiceManager) -> None:
    """Nothing answers anywhere: places in the documentation's network, sinks on closed ports."""
    more = '\n[influx]\nurl = "http://127.0.0.1:9"\n\n[mqtt]\nenabled = true\nport = 9\n'
    config = write_office(tmp_path / "office", [Spot("hall", 9), Spot("annex", 7)], more)
    with daemon(config, env={"NOTIFY_SOCKET": str(manager.path)}, ready=False) as running:
        manager.hears("READY=1")
        ready = running.lines("collector is ready")
        for sink in ("influx", "mqtt"):
            running.says("sink is away", sink=sink)
        running.says("place is silent", place="hall")
        code = running.terminate()

    assert ready, "it was ready before anything had answered"
    assert code == 0, running.text


def test_polls_go_on_while_a_configuration_cannot_be_read(
    tmp_path: Path, machines: Copiers, manager: ServiceManager
) -> None:
    port = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    config = write_office(tmp_path / "office", [Spot("hall", port)])
    ledger, fleet = config.with_name("ledger.sqlite3"), config.with_name("fleet.toml")
    watched = {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "2000000"}
    with daemon(config, env=watched) as running:
        until(lambda: books.readings(ledger, "hall"), "the first reading")
        kept = fleet.rename(tmp_path / "fleet.toml")
        os.mkfifo(fleet)  # as a file on a server that does not answer
        running.hang_up()
        manager.hears("RELOADING=1")
        machines.print("hall", 8)
        until(lambda: books.printed(ledger, "hall") == 8, "counted meanwhile")
        manager.hears("WATCHDOG=1", manager.told.count("WATCHDOG=1") + 3)
        assert not running.lines("new configuration")
        told = running.says("new configuration has a problem")
        assert "30 s" in told["problem"]
        fleet.unlink()
        kept.rename(fleet)
        running.hang_up()
        running.says("new configuration in force")
        fleet.rename(kept)
        os.mkfifo(fleet)
        running.hang_up()
        manager.hears("RELOADING=1", 3)
        assert running.terminate() == 0, running.text


def test_another_site_waits_for_a_restart(tmp_path: Path, machines: Copiers) -> None:
    """A file that is read while it is saved is empty, and its site the usual one."""
    hall = machines.add("hall", SimulatedMachine("ricoh", "IM C4500", "S1", Printed(900)))
    config = write_office(tmp_path / "office", [Spot("hall", hall)])
    with daemon(config) as running:
        stated = config.read_text("utf-8")
        config.write_text(stated.replace('site = "', 'site = "other-'), "utf-8")
        running.hang_up()
        told = running.says("new configuration has a problem")
        assert "office.site" in told["problem"] or "office.site" in told["path"]
        running.says("new configuration refused; the old one stays in force")
        config.write_text(stated, "utf-8")
        running.hang_up()
        running.says("new configuration in force")
        assert running.terminate() == 0, running.text
