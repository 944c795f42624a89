"""A copier is replaced, another is reset, a third falls silent and comes back: told once each."""

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

OLD = SimulatedMachine("canon", "iR-ADV C3830", "OLD1", Printed(print_mono=88_000), uptime_s=90_000)
NEW = SimulatedMachine("canon", "iR-ADV DX C3930", "NEW1", Printed(print_mono=40), uptime_s=600)


def test_each_incident_is_counted_rightly_and_logged_once(tmp_path: Path) -> None:
    with copiers() as machines:
        ports = {
            "swapped": machines.add("swapped", OLD),
            "reset": machines.add("reset", replace(OLD, serial="BOARD")),
            "shy": machines.add("shy", replace(OLD, serial="SHY-0001")),
        }
        config = write_office(tmp_path, [Spot(*one) for one in ports.items()])
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: all(books.readings(ledger, one) for one in ports), "first readings")
            machines.set("swapped", NEW)
            machines.set("reset", replace(OLD, serial="BOARD", printed=Printed(), uptime_s=5))
            machines.behave("shy", silent=True)
            running.says("finding", code="device_replaced", place="swapped")
            running.says("finding", code="meter_suspect", place="reset")
            machines.print("reset", 3)
            machines.print("swapped", 6)
            machines.print("shy", 4)
            running.says("finding", code="meter_reset", place="reset")
            running.says("place is silent", place="shy")
            machines.behave("shy", silent=False)
            running.says("place answers", place="shy")
            until(lambda: books.printed(ledger, "shy") == 4, "pages printed in silence")
            assert running.terminate() == 0, running.text

        assert books.printed(ledger, "swapped") == 6, "the new machine's life is no usage"
        assert books.printed(ledger, "reset") == 3
        assert books.readings(ledger, "swapped")[-1]["total"] == 46
        told = [(line["place"], line["code"], line["level"]) for line in running.lines("finding")]
        assert sorted(told) == [
            ("reset", "meter_reset", "warning"),
            ("reset", "meter_suspect", "warning"),
            ("swapped", "device_replaced", "warning"),
        ]
        assert {(place, code) for code, place, _ in books.findings(ledger)} == {
            one[:2] for one in told
        }
