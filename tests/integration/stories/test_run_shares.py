"""A fleet file that gives 120 % of a place away is refused, and the pages go on as before."""

from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

SHARED = """
[[place.department]]
id = "soumu"
from = 2026-10-01
share = 70

[[place.department]]
id = "zeimu"
from = 2026-10-01
share = 50
"""


def test_120_per_cent_are_refused_by_every_command_and_by_a_running_daemon(tmp_path: Path) -> None:
    with copiers() as machines:
        machine = SimulatedMachine("ricoh", "Copier", "SERIAL1", Printed(1000))
        config = write_office(tmp_path / "office", [Spot("1f", machines.add("1f", machine))])
        fleet, ledger = config.with_name("fleet.toml"), config.with_name("ledger.sqlite3")
        good = fleet.read_text(encoding="utf-8")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "1f"), "the first reading")
            fleet.write_text(good + SHARED, encoding="utf-8")
            running.hang_up()
            running.says("new configuration refused; the old one stays in force")
            machines.print("1f", 10)
            until(lambda: books.printed(ledger, "1f") == 10, "still counting")

            checked = command("check", "--config", config)
            stated = command("month", "--config", config)
            (told,) = running.lines("configuration has a problem")
            for refused in (checked, stated):
                assert (refused.code, refused.out) == (78, "")
                assert f"  {told['path']}: 割り当てが重なっています: 2026-10-01 から" in refused.err
                assert "合計は120です" in refused.err
            line = (good + SHARED).splitlines().index("share = 70") + 1
            assert told["path"] == f'fleet.toml:{line}: place[0] "1f".department[1].share'
            assert "2026-10-01 add up to 120" in told["problem"]

            fleet.write_text(good, encoding="utf-8")
            running.hang_up()
            running.says("new configuration in force")
            assert running.terminate() == 0, running.text
        months = command("month", "--format", "json", "--config", config).json
        assert {one["department"]: one["pages"] for one in months} == {"soumu": 10, "zeimu": 0}
