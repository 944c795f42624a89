"""The service is restarted while a copier boots: its total must not become another counter."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

KYOCERA = (1, 3, 6, 1, 4, 1, 1347)
MACHINE = SimulatedMachine(
    "kyocera", "TASKalfa 3554ci", "RH28Y00001", Printed(print_mono=60_000), uptime_s=90_000
)
"""Its engine's own count is 400 pages ahead of what is billed, and answers first after a boot."""


def test_a_total_stays_what_it_was(tmp_path: Path) -> None:
    with copiers() as machines:
        config = write_office(tmp_path, [Spot("2f", machines.add("2f", MACHINE))])
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "2f"), "the first reading")
            machines.print("2f", 5)
            until(lambda: books.printed(ledger, "2f") == 5, "its pages")
            assert running.terminate() == 0, running.text

        grown = replace(MACHINE.after(Printed(print_mono=12)), uptime_s=5)
        machines.set("2f", grown)
        machines.lose("2f", KYOCERA)
        with daemon(config) as running:
            running.says("finding", code="total_missing", place="2f")
            assert running.terminate() == 0, running.text

        machines.set("2f", replace(grown, uptime_s=400))
        with daemon(config) as running:
            until(lambda: books.printed(ledger, "2f") == 12, "pages printed meanwhile")
            assert running.terminate() == 0, running.text

    totals = [one["total"] for one in books.readings(ledger, "2f") if "total" in one]
    assert totals == [60_000, 60_005, 60_012]
    assert {code for code, _, _ in books.findings(ledger)} == {"total_missing"}
    known = dict(books.ask(ledger, "SELECT key, text FROM notes WHERE key LIKE 'learnt|%'"))
    assert known["learnt|stands|2f"] == "machine|serial:RH28Y00001"
    dossier = json.loads(known["learnt|machine|serial:RH28Y00001"])
    assert dossier["profile"] == "kyocera"
    assert dossier["meters"]["total"][0] == "service_count"
